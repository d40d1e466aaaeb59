"""Twilio's identifiers and its ways of writing a time."""

from __future__ import annotations

import secrets
from datetime import UTC, datetime
from email.utils import format_datetime

API_VERSION = "2010-04-01"

Params = list[tuple[str, str]]


# More than any number here has; Python itself refuses to read thousands of digits.
_MOST_DIGITS = 18


def whole_number(text: str) -> int | None:
    """The number that ``text`` writes in at most eighteen digits; None for anything else."""
    return int(text) if text.isascii() and text.isdigit() and len(text) <= _MOST_DIGITS else None


def new_sid(prefix: str) -> str:
    """A fresh SID: the two letters of ``prefix`` and 32 hexadecimal digits."""
    return prefix + secrets.token_hex(16)


def rfc2822(seconds: float) -> str:
    """Unix ``seconds`` as REST resources and callbacks write a time: ``Tue, 31 Aug 2010 20:36:28 +0000``."""
    return format_datetime(datetime.fromtimestamp(int(seconds), UTC))


def iso(seconds: float) -> str:
    """Unix ``seconds`` as UTC ISO 8601 with milliseconds, the form used by the simulator's own routes."""
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def word(value: bool) -> str:
    """A boolean as Twilio writes it in parameters."""
    return "true" if value else "false"
