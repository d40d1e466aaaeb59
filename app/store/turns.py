"""Who may write to a SQLite file next: one after the other, between threads and processes.

SQLite itself lets a writer that finds the file taken sleep and try again, longer each time; under load the unluckiest waits for seconds.
Here the threads of a process wait for each other, and one of them for the other processes: for a lock of the operating system on a file
beside it, which is given in the order of asking and which a process that dies lets go of.
"""

import fcntl
import os
import threading
import time
from pathlib import Path

from app.core.errors import StoreUnavailable

# Our own transactions take milliseconds: whoever waits longer than this waits for somebody who is stuck.
_PATIENCE_SECONDS = 8.0


class Turns:
    """The queue of writers of one SQLite file. One for each engine."""

    def __init__(self, database: Path, patience: float = _PATIENCE_SECONDS) -> None:
        self._path = Path(f"{database}-turn")
        self._patience = patience  # seconds
        self._threads = threading.Lock()
        self._processes: _Processes | None = None
        self.holder: object = None

    def take(self, holder: object) -> None:
        """Wait for the turn; ``holder`` is whatever the caller knows itself by. Raises StoreUnavailable when it does not come
        in time, whoever keeps it."""
        deadline = time.monotonic() + self._patience
        if not self._threads.acquire(timeout=self._patience):
            raise StoreUnavailable
        try:
            # A file opened before a fork would be one lock for both processes.
            if self._processes is None or self._processes.process != os.getpid():
                self._processes = _Processes(self._path)
            if not self._processes.take(deadline - time.monotonic()):
                raise StoreUnavailable
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
        if self._processes is not None:
            self._processes.give()
        self._threads.release()


class _Processes:
    """The turn of this process among the others; one thread at a time may ask for it.

    The system keeps the order only of those who wait in it, where no wait can be given up. So a thread waits there for whoever asks; who
    has no more patience leaves it there, the next one takes its place over, and if there is none it gives the turn back.
    """

    def __init__(self, path: Path) -> None:
        self.process = os.getpid()
        self._file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        self._guard = threading.Lock()
        self._waiting = False  # a thread is in the system's queue
        self._wanted = False  # by somebody who is still there
        self._ours = threading.Event()

    def take(self, seconds: float) -> bool:
        """Wait for the turn, for so long. Return whether it is ours. Raises OSError."""
        with self._guard:
            if not self._waiting:
                try:
                    fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                except BlockingIOError:
                    self._waiting = True
                    self._ours.clear()
                    threading.Thread(target=self._wait, name="turn", daemon=True).start()
                else:
                    return True
            self._wanted = True
        self._ours.wait(seconds)
        with self._guard:
            self._wanted = False
            return self._ours.is_set()  # also if it came in the last moment

    def give(self) -> None:
        """Let the next process write."""
        fcntl.flock(self._file, fcntl.LOCK_UN)

    def _wait(self) -> None:
        had = False
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX)
            had = True
        finally:  # should the system refuse, the next one asks it anew
            with self._guard:
                self._waiting = False
                if had and self._wanted:
                    self._ours.set()
                elif had:
                    self.give()
