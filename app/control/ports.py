"""The two things the outside world alone knows: what time it is, and which id has not been used. Everything else is given these."""

import secrets
import threading
import time
from typing import Protocol


class Clock(Protocol):
    """Time, steered by tests."""

    def now(self) -> float:
        """Return unix seconds, UTC."""

    def wait(self, seconds: float, stop: threading.Event) -> bool:
        """Wait, or until ``stop`` is set. Return whether it was."""


class Ids(Protocol):
    """Ids, steered by tests."""

    def session_id(self) -> str:
        """Return 24 lower-case hex digits."""

    def operation_id(self) -> str:
        """Return 32 lower-case hex digits."""

    def token(self) -> str:
        """Return an unguessable alphanumeric token (160 bits)."""


class SystemClock:
    """The machine's clock."""

    def now(self) -> float:
        return time.time()

    def wait(self, seconds: float, stop: threading.Event) -> bool:
        return stop.wait(seconds)


class RandomIds:
    """Ids from the system's random source."""

    def session_id(self) -> str:
        return secrets.token_hex(12)

    def operation_id(self) -> str:
        return secrets.token_hex(16)

    def token(self) -> str:
        return secrets.token_hex(20)
