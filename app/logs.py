"""Logs as data: one JSON object a line, with ids to search by; telephone numbers, tokens and passwords are masked in this one place."""

import json
import logging
import re
from collections.abc import Mapping
from typing import Any

_PLAIN = set(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}
# Digits inside an id (CallSids, session ids) are hexadecimal ones among letters; an encoded + is the one letter before a number.
_NUMBER = re.compile(r"(?:(?<![0-9A-Za-z])\+?|%2B)\d{7,15}(?![0-9A-Za-z])")
_NAMES = "token|password|secret|authorization|signature"
_SECRET_NAME = re.compile(_NAMES, re.IGNORECASE)
# Named and then given, as in token=…, "token": "…" or Authorization: Basic …; a text that only speaks of tokens is left alone.
_SECRET = re.compile(rf"({_NAMES})([\"']?\s*[=:]\s*[\"']?)(?:(?:Basic|Bearer)\s+)?[^\s\"',}}]+", re.IGNORECASE)
_IN_ADDRESS = re.compile(r"(://[^\s/:@]*:)[^\s/@]+@")


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
        entry |= _safe({name: value for name, value in vars(record).items() if name not in _PLAIN})
        if record.exc_info:
            entry["exception"] = masked(self.formatException(record.exc_info))
        return json.dumps(entry)


def masked(text: str) -> str:
    """Return a text without telephone numbers and secrets."""
    return _IN_ADDRESS.sub(r"\1***@", _SECRET.sub(r"\1\2***", _NUMBER.sub("<number>", text)))


def _safe(value: Any) -> Any:
    """Return a value as JSON can say it, masked to its last string; what a secret's name stands before is not shown at all."""
    if isinstance(value, Mapping):
        return {str(name): "***" if _SECRET_NAME.search(str(name)) else _safe(inner) for name, inner in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_safe(inner) for inner in value]
    return value if value is None or isinstance(value, bool | int | float) else masked(str(value))


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
    # SQLAlchemy names its pool's log after our class; at INFO it says only that connections were closed.
    logging.getLogger("app.store.outages").setLevel(logging.WARNING)
