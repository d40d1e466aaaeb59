"""The bell between processes that share a PostgreSQL: NOTIFY without payload."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Collection

import psycopg
from sqlalchemy import Engine, text
from sqlalchemy.exc import SQLAlchemyError

from app.core.errors import StoreUnavailable
from app.notices.bell_local import LocalBell

log = logging.getLogger(__name__)

_CHANNEL = "hookflash_notices"
_SHORTEST_PAUSE = 0.25
_LONGEST_PAUSE = 5.0


class PostgresBell:
    """Rings by NOTIFY. Listens on a connection of its own, since a pool may hand a connection on, and LISTEN with it."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._local = LocalBell()
        self._listening: asyncio.Task[None] | None = None

    def ring(self, user_ids: Collection[str]) -> None:
        """Wake this process at once and the others by NOTIFY; they find out by themselves whose log has grown."""
        if not user_ids:
            return
        self._local.ring(user_ids)
        try:
            with self._engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
                connection.execute(text(f"NOTIFY {_CHANNEL}"))
        except (SQLAlchemyError, StoreUnavailable):
            log.warning("Notices: the bell could not be rung, others will look by themselves", exc_info=True)

    async def listen(self, wake: Callable[[Collection[str] | None], None]) -> None:
        """Start to listen; the connection is opened in the background and again whenever it breaks."""
        self._local.listen(wake)
        self._listening = asyncio.create_task(self._listen_for_ever(wake))

    async def close(self) -> None:
        """Close the listening connection."""
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
                    async for _ in connection.notifies():
                        wake(None)
            except psycopg.Error:
                log.warning("Notices: listening to the bell was interrupted", exc_info=True)
            await asyncio.sleep(pause)
            pause = min(pause * 2, _LONGEST_PAUSE)

    async def _connect(self) -> psycopg.AsyncConnection[tuple[object, ...]]:
        _, arguments = self._engine.dialect.create_connect_args(self._engine.url)
        arguments["keepalives_idle"] = 10
        return await psycopg.AsyncConnection.connect(**arguments, autocommit=True)
