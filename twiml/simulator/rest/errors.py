"""REST errors in Twilio's shape."""

from __future__ import annotations

from typing import Any


class RestError(Exception):
    """An error answer: HTTP ``status``, Twilio's ``code`` and a message."""

    def __init__(self, status: int, code: int, message: str) -> None:
        super().__init__(message)
        self.status, self.code, self.message = status, code, message

    def body(self) -> dict[str, Any]:
        """``code``, ``message``, ``more_info``, ``status``; never the keys that would make clients take it for an
        RFC 9457 problem."""
        return {
            "code": self.code,
            "message": self.message,
            "more_info": f"https://www.twilio.com/docs/errors/{self.code}",
            "status": self.status,
        }


def not_found(path: str) -> RestError:
    return RestError(404, 20404, f"The requested resource {path} was not found")


def bad(code: int, message: str) -> RestError:
    return RestError(400, code, message)
