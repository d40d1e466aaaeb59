"""Logs as data: one JSON object a line, with ids to search by; telephone numbers, tokens and passwords are masked in this one place."""

import json
import logging
import re
from typing import Any

_PLAIN = set(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}
_NUMBER = re.compile(r"\+?\d{7,15}(?=\D|$)(?<![0-9a-f]{16})")
_SECRET = re.compile(r"(?i)(token|password|secret|authorization|signature)([\"'=: ]+)[^\s\"',}]+")


class JsonFormatter(logging.Formatter):
    """Renders a record as one line of JSON: time, level, logger, constant text, and the fields given as ``extra``."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line."""
        entry: dict[str, Any] = {
            "at": self.formatTime(record),
            "level": record.levelname,
            "logger": record.name,
            "message": masked(record.getMessage()),
        }
        entry |= {
            name: masked(value) if isinstance(value, str) else value
            for name, value in vars(record).items()
            if name not in _PLAIN
        }
        if record.exc_info:
            entry["exception"] = masked(self.formatException(record.exc_info))
        return json.dumps(entry, default=str)


def masked(text: str) -> str:
    """Return a text without telephone numbers and secrets."""
    return _SECRET.sub(r"\1\2***", _NUMBER.sub("<number>", text))


def set_up_logging(level: str) -> None:
    """Send every log to standard error as JSON lines."""
    handler = logging.StreamHandler()
    handler.setFormatter(JsonFormatter())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level.upper())
    # What the provider's package logs at INFO are whole requests, telephone numbers and all.
    logging.getLogger("twilio").setLevel(logging.WARNING)
    logging.getLogger("twilio.http_client").setLevel(logging.WARNING)
