"""Who may write to a SQLite file next: one after the other, in the order of asking, between threads and processes.

SQLite itself lets a writer that finds the file taken sleep and try again, longer each time; under load the unluckiest waits for seconds.
A lock of the operating system on a file beside it is given in order and without sleeping, and a process that dies lets go of it.
"""

import fcntl
import os
import threading
from pathlib import Path

from app.core.errors import StoreUnavailable

# Our own transactions take milliseconds: whoever waits longer than this waits for somebody who is stuck.
_PATIENCE_SECONDS = 8.0


class Turns:
    """The queue of writers of one SQLite file. One for each engine."""

    def __init__(self, database: Path) -> None:
        self._path = Path(f"{database}-turn")
        self._threads = threading.Lock()
        self._file: int | None = None
        self._process = 0
        self.holder: object = None

    def take(self, holder: object) -> None:
        """Wait for the turn; ``holder`` is whatever the caller knows itself by. Raises StoreUnavailable when it does not come."""
        if not self._threads.acquire(timeout=_PATIENCE_SECONDS):
            raise StoreUnavailable
        try:
            # A file opened before a fork would be one lock for both processes.
            if self._file is None or self._process != os.getpid():
                self._file, self._process = (
                    os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600),
                    os.getpid(),
                )
            fcntl.flock(self._file, fcntl.LOCK_EX)
        except OSError as error:
            self._threads.release()
            raise StoreUnavailable from error
        except BaseException:
            self._threads.release()
            raise
        self.holder = holder

    def give(self) -> None:
        """Let the next one write."""
        self.holder = None
        if self._file is not None:
            fcntl.flock(self._file, fcntl.LOCK_UN)
        self._threads.release()
