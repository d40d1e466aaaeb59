"""The bell between processes that share a PostgreSQL: NOTIFY without payload.

A NOTIFY says that somebody's log has grown. Whose, the log itself says: with a thousand agents at the door, to look after all of them for
each change of another process would take longer than there is between two changes.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Collection
from typing import Any

import psycopg
from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from app.core.errors import StoreUnavailable
from app.notices.bell_local import LocalBell
from app.notices.ringer import Ringer
from app.notices.threads import for_ever
from app.store.notices import recently_told

log = logging.getLogger(__name__)

_CHANNEL = "hookflash_notices"
# How far back a ring makes us look in the log: longer than a transaction takes from its moment to its commit.
_RECENT_SECONDS = 0.5
_SHORTEST_PAUSE = 0.25
_LONGEST_PAUSE = 5.0


class PostgresBell:
    """Rings by NOTIFY. Listens on a connection of its own, since a pool may hand a connection on, and LISTEN with it."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._local = LocalBell()
        self._ringer = Ringer(self._connect_ringer, f"NOTIFY {_CHANNEL}")
        self._rung = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []

    def ring(self, user_ids: Collection[str]) -> None:
        """Wake this process at once and the others by NOTIFY; they find out by themselves whose log has grown."""
        if not user_ids:
            return
        self._local.ring(user_ids)
        self._ringer.ring()

    async def listen(self, wake: Callable[[Collection[str] | None], None]) -> None:
        """Start to listen; the connection is opened in the background and again whenever it breaks."""
        self._local.listen(wake)
        self._tasks = [for_ever(work(wake)) for work in (self._listen_for_ever, self._find_out_for_ever)]

    async def close(self) -> None:
        """Close the connections."""
        await asyncio.to_thread(self._ringer.close)
        self._local.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._tasks = []

    async def _listen_for_ever(self, wake: Callable[[Collection[str] | None], None]) -> None:
        pause = _SHORTEST_PAUSE
        while True:
            try:
                async with await self._connect() as connection:
                    await connection.execute(f"LISTEN {_CHANNEL}")
                    pause = _SHORTEST_PAUSE
                    wake(None)  # for what was rung while nobody listened
                    async for notice in connection.notifies():
                        if notice.pid != self._ringer.backend_pid:  # of our own rings we know whom they concern
                            self._rung.set()
            except psycopg.Error:
                log.warning("Notices: listening to the bell was interrupted", exc_info=True)
            await asyncio.sleep(pause)
            pause = min(pause * 2, _LONGEST_PAUSE)

    async def _find_out_for_ever(self, wake: Callable[[Collection[str] | None], None]) -> None:
        """Wake those whose logs have grown since the last ring. Rings that come meanwhile become one."""
        known: dict[str, int] = {}
        while True:
            await self._rung.wait()
            self._rung.clear()
            try:
                found = await asyncio.to_thread(self._recent)
            except (SQLAlchemyError, StoreUnavailable):
                log.warning("Notices: whom a ring concerns could not be read", exc_info=True)
                wake(None)
                continue
            fresh = [user_id for user_id, n in found.items() if known.get(user_id) != n]
            known = found
            if fresh:
                wake(fresh)

    def _recent(self) -> dict[str, int]:
        with self._engine.connect().execution_options(read_only=True) as connection:
            return recently_told(connection, _RECENT_SECONDS)

    async def _connect(self) -> psycopg.AsyncConnection[tuple[object, ...]]:
        return await psycopg.AsyncConnection.connect(**self._address(), autocommit=True)

    def _connect_ringer(self) -> psycopg.Connection[tuple[object, ...]]:
        return psycopg.Connection.connect(**self._address(), autocommit=True)

    def _address(self) -> dict[str, Any]:
        _, arguments = self._engine.dialect.create_connect_args(self._engine.url)
        return {**arguments, "keepalives_idle": 10, "connect_timeout": 5}
