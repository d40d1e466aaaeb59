"""The bell between the processes of one machine: each that listens has a UNIX datagram socket in a common directory."""

from __future__ import annotations

import asyncio
import hashlib
import logging
import os
import secrets
import socket
import tempfile
from collections.abc import Callable, Collection
from pathlib import Path

from app.notices.bell_local import LocalBell

log = logging.getLogger(__name__)

_LONGEST_PATH = 100  # the kernel's limit for a socket's address is 108 bytes with its end
_LONGEST_HINT = 2000
_SUFFIX = ".bell"


def directory_for(database: Path) -> Path:
    """Return the directory of the sockets: beside the database file, or in the temporary directory if that path is too long.

    Every process that opens the same file gets the same directory, whatever its working directory is.
    """
    database = Path(os.path.realpath(database))
    beside = database.with_name(database.name + ".bells")
    if len(os.fsencode(beside / _socket_name())) <= _LONGEST_PATH:
        return beside
    digest = hashlib.sha256(os.fsencode(database)).hexdigest()[:16]
    return Path(tempfile.gettempdir()) / f"hookflash-{os.getuid()}-{digest}.bells"


class SocketBell:
    """Rings by sending a datagram to every socket in ``directory``; without one, only within its own process."""

    def __init__(self, directory: Path | None) -> None:
        self._directory = directory
        self._local = LocalBell()
        self._out = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._out.setblocking(False)
        self._in: socket.socket | None = None
        self._own: Path | None = None

    def ring(self, user_ids: Collection[str]) -> None:
        """Wake this process at once and the others by a datagram that names the users, or nobody if they are many."""
        if not user_ids:
            return
        self._local.ring(user_ids)
        hint = ",".join(user_ids).encode()
        for path in self._sockets():
            if path != self._own:
                self._send(hint if len(hint) <= _LONGEST_HINT else b"", path)

    async def listen(self, wake: Callable[[Collection[str] | None], None]) -> None:
        """Open this process's socket and call ``wake`` in the running loop for what arrives."""
        self._local.listen(wake)
        if self._directory is None:
            return
        self._directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._own = self._directory / _socket_name()
        self._in = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._in.setblocking(False)
        self._in.bind(str(self._own))
        asyncio.get_running_loop().add_reader(self._in, self._hear, self._in, wake)

    async def close(self) -> None:
        """Take this process's socket away."""
        self._local.close()
        if self._in is not None and self._own is not None:
            asyncio.get_running_loop().remove_reader(self._in)
            self._in.close()
            self._own.unlink(missing_ok=True)
        self._in = self._own = None
        self._out.close()

    def _hear(self, incoming: socket.socket, wake: Callable[[Collection[str] | None], None]) -> None:
        while True:
            try:
                hint = incoming.recv(_LONGEST_HINT)
            except BlockingIOError:
                return
            wake(hint.decode().split(",") if hint else None)

    def _sockets(self) -> list[Path]:
        if self._directory is None:
            return []
        try:
            return [self._directory / name for name in os.listdir(self._directory) if name.endswith(_SUFFIX)]
        except FileNotFoundError:  # nobody has ever listened
            return []

    def _send(self, hint: bytes, path: Path) -> None:
        try:
            self._out.sendto(hint, str(path))
        except ConnectionRefusedError:
            path.unlink(missing_ok=True)  # its process died without taking it away
        except (BlockingIOError, FileNotFoundError):
            pass  # its queue is full, so it is about to look anyway; or it has just left
        except OSError:
            log.warning("Notices: a process could not be rung, it will look by itself", exc_info=True)


def _socket_name() -> str:
    """The same length for every process, so that all agree whether a path is too long."""
    return f"{os.getpid():07d}-{secrets.token_hex(3)}{_SUFFIX}"
