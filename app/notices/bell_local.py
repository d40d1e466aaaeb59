"""The part of every bell that rings within its own process."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Collection


class LocalBell:
    """Passes a ring from any thread to the event loop that listens in this process, if one does."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._listener: tuple[asyncio.AbstractEventLoop, Callable[[Collection[str] | None], None]] | None = None

    def listen(self, wake: Callable[[Collection[str] | None], None]) -> None:
        """Call ``wake`` in the running loop from now on."""
        with self._lock:
            self._listener = (asyncio.get_running_loop(), wake)

    def ring(self, user_ids: Collection[str] | None) -> None:
        """Wake the listener; nothing happens if there is none or its loop has ended."""
        with self._lock:
            if self._listener is not None and not self._listener[0].is_closed():
                loop, wake = self._listener
                loop.call_soon_threadsafe(wake, user_ids)

    def close(self) -> None:
        """Wake nobody any more."""
        with self._lock:
            self._listener = None
