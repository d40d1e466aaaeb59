"""The bell between processes that share a PostgreSQL: NOTIFY without payload."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Collection
from typing import Any

import psycopg
from sqlalchemy import Engine

from app.notices.bell_local import LocalBell
from app.notices.ringer import Ringer

log = logging.getLogger(__name__)

_CHANNEL = "hookflash_notices"
_SHORTEST_PAUSE = 0.25
_LONGEST_PAUSE = 5.0


class PostgresBell:
    """Rings by NOTIFY. Listens on a connection of its own, since a pool may hand a connection on, and LISTEN with it."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._local = LocalBell()
        self._ringer = Ringer(self._connect_ringer, f"NOTIFY {_CHANNEL}")
        self._listening: asyncio.Task[None] | None = None

    def ring(self, user_ids: Collection[str]) -> None:
        """Wake this process at once and the others by NOTIFY; they find out by themselves whose log has grown."""
        if not user_ids:
            return
        self._local.ring(user_ids)
        self._ringer.ring()

    async def listen(self, wake: Callable[[Collection[str] | None], None]) -> None:
        """Start to listen; the connection is opened in the background and again whenever it breaks."""
        self._local.listen(wake)
        self._listening = asyncio.create_task(self._listen_for_ever(wake))

    async def close(self) -> None:
        """Close the connections."""
        await asyncio.to_thread(self._ringer.close)
        self._local.close()
        if self._listening is not None:
            self._listening.cancel()
            await asyncio.gather(self._listening, return_exceptions=True)
            self._listening = None

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
                            wake(None)
            except psycopg.Error:
                log.warning("Notices: listening to the bell was interrupted", exc_info=True)
            await asyncio.sleep(pause)
            pause = min(pause * 2, _LONGEST_PAUSE)

    async def _connect(self) -> psycopg.AsyncConnection[tuple[object, ...]]:
        return await psycopg.AsyncConnection.connect(**self._address(), autocommit=True)

    def _connect_ringer(self) -> psycopg.Connection[tuple[object, ...]]:
        return psycopg.Connection.connect(**self._address(), autocommit=True)

    def _address(self) -> dict[str, Any]:
        _, arguments = self._engine.dialect.create_connect_args(self._engine.url)
        return {**arguments, "keepalives_idle": 10, "connect_timeout": 5}
