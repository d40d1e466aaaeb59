"""The debugger: warnings and errors that Twilio would show to the account's owner."""

from __future__ import annotations

from dataclasses import dataclass, field

from .identifiers import new_sid

_WARNINGS = frozenset({12200, 13420, 13521, 15003, 16011, 20001})


@dataclass
class Notification:
    """One debugger entry, readable as a Notification resource; ``log`` is 0 for an error and 1 for a warning."""

    code: int
    text: str
    call_sid: str | None
    url: str
    created: float
    sid: str = field(default_factory=lambda: new_sid("NO"))

    @property
    def log(self) -> str:
        return "1" if self.code in _WARNINGS else "0"


class Debugger:
    def __init__(self) -> None:
        self.notifications: list[Notification] = []

    def tell(self, now: float, code: int, text: str, call_sid: str | None = None, url: str = "") -> None:
        self.notifications.append(Notification(code, text, call_sid, url, now))

    def clear(self) -> None:
        self.notifications = []
