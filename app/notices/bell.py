"""The bell: tells every process that somebody's log has grown. It carries no news, only "look".

A ring may be lost, doubled or late; each process looks at the log four times a second anyway. So ringing is best
effort, after the commit, and never fails a command.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from pathlib import Path
from typing import Protocol

from sqlalchemy import Engine

from app.notices.bell_postgres import PostgresBell
from app.notices.bell_sockets import SocketBell, directory_for

Wake = Callable[[Collection[str] | None], None]
"""Called in the event loop with the users whose logs grew; None: nobody knows whose."""


class Bell(Protocol):
    """What changes ring and servers hear."""

    def ring(self, user_ids: Collection[str]) -> None:
        """Say that these users' logs have grown. From any thread, after the commit; never raises for want of a listener."""

    async def listen(self, wake: Wake) -> None:
        """Begin to call ``wake`` in the running loop, for rings of this process and of others."""

    async def close(self) -> None:
        """Stop listening and free what that took."""


def open_bell(engine: Engine) -> Bell:
    """Return the bell that fits the store: sockets between the processes of one machine for SQLite, NOTIFY for PostgreSQL."""
    if engine.dialect.name == "postgresql":
        return PostgresBell(engine)
    database = engine.url.database
    return SocketBell(directory_for(Path(database)) if database and database != ":memory:" else None)
