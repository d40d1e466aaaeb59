"""Who may write to a SQLite file next: one after the other, between threads and processes.

SQLite itself lets a writer that finds the file taken sleep and try again, longer each time; under load the unluckiest waits for seconds.
Here the threads of a process wait for each other, and one of them for the other processes: for a lock of the operating system on a file
beside it, which a process that dies lets go of.
"""

import fcntl
import os
import threading
import time
from pathlib import Path

from app.core.errors import StoreUnavailable

# Our own transactions take milliseconds: whoever waits longer than this waits for somebody who is stuck.
_PATIENCE_SECONDS = 8.0
# The system knows no waiting for a lock that ends after a while, so it is asked again and again: by one thread of each process, a few
# times during one transaction of ours, which in a crowd is as quick as waiting there.
_ASK_AGAIN_SECONDS = 0.001


class Turns:
    """The queue of writers of one SQLite file. One for each engine."""

    def __init__(self, database: Path, patience: float = _PATIENCE_SECONDS) -> None:
        self._path = Path(f"{database}-turn")
        self._patience = patience  # seconds
        self._threads = threading.Lock()
        self._file: int | None = None
        self._process = 0
        self.holder: object = None

    def take(self, holder: object) -> None:
        """Wait for the turn; ``holder`` is whatever the caller knows itself by. Raises StoreUnavailable when it does not come
        in time, whoever keeps it."""
        deadline = time.monotonic() + self._patience
        if not self._threads.acquire(timeout=self._patience):
            raise StoreUnavailable
        try:
            # A file opened before a fork would be one lock for both processes.
            if self._file is None or self._process != os.getpid():
                self._file, self._process = (
                    os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600),
                    os.getpid(),
                )
            _lock(self._file, deadline)
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


def _lock(file: int, deadline: float) -> None:
    """Lock a file for this process. Raises StoreUnavailable if that cannot be had until ``deadline`` (of the monotonic clock)."""
    while True:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as taken:
            if time.monotonic() >= deadline:
                raise StoreUnavailable from taken
            time.sleep(_ASK_AGAIN_SECONDS)
        else:
            return
