"""The notification server: an ASGI application that speaks Bayeux 1.0 to CometD, Faye and other clients.

Mount it where the dialect has its notifications; it answers every path it is given. It keeps no state of its own:
sessions and what they have received are in the store, so any number of processes may serve the same clients, and any
of them may die.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable

from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from app.core.errors import StoreUnavailable
from app.notices.bell import Bell
from app.notices.desk import Desk, Identity
from app.notices.http import Authenticate, LongPolling
from app.notices.protocol import Render, Terms
from app.notices.requests import Receive, Scope, Send
from app.notices.service import Service
from app.notices.stopping import on_terminate
from app.notices.threads import Threads, for_ever
from app.notices.watch import Watch
from app.notices.websocket import WebSocket

__all__ = ["Identity", "NoticeServer"]

log = logging.getLogger(__name__)


class NoticeServer:
    """Serves the logs of the users to their Bayeux clients.

    ``authenticate`` maps a request's headers (lower-case names) to whom they belong, or None; it may block.
    ``render`` gives a notice the dialect's words. ``now`` returns unix seconds, ``new_id`` a new id of 22 or more
    letters and digits with at least 128 random bits. A connect is held for ``hold_seconds``; a session lives
    ``max_interval`` seconds more without one. ``X-Forwarded-*`` are believed only with ``trusted_proxy``; pages of
    other origins than our own are served only if listed in ``allowed_origins``.
    """

    def __init__(
        self,
        *,
        engine: Engine,
        bell: Bell,
        authenticate: Authenticate,
        render: Render,
        now: Callable[[], float],
        new_id: Callable[[], str],
        hold_seconds: float = 25.0,
        max_interval: float = 60.0,
        keep_seconds: float = 3600.0,
        sweep_seconds: float = 15.0,
        threads: int = 4,
        trusted_proxy: bool = False,
        allowed_origins: frozenset[str] = frozenset(),
        websocket: bool = True,
    ) -> None:
        transports = ("websocket", "long-polling") if websocket else ("long-polling",)
        terms = Terms(transports, round(hold_seconds * 1000))
        self._threads = Threads(threads)
        self._desk = Desk(engine, render, terms, now, new_id, lifetime=hold_seconds + max_interval, keep=keep_seconds)
        self._watch = Watch(lambda ids: self._threads.run(self._desk.standings, ids))
        self._service = Service(self._desk, self._watch, self._threads, now, hold_seconds)
        self._http = LongPolling(self._service, self._threads, authenticate, new_id, trusted_proxy, allowed_origins)
        self._socket = (
            WebSocket(self._service, self._threads, authenticate, trusted_proxy, allowed_origins) if websocket else None
        )
        self._bell = bell
        self._sweep_seconds = sweep_seconds
        self._tasks: list[asyncio.Task[None]] = []
        self._undo: Callable[[], None] = lambda: None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one HTTP request or one WebSocket."""
        if scope["type"] == "websocket":
            await (self._socket or _no_socket)(scope, receive, send)
        else:
            await self._http(scope, receive, send)

    async def startup(self) -> None:
        """Begin to hear the bell and to sweep. From now on a SIGTERM also releases the held connects."""
        loop = asyncio.get_running_loop()
        self._tasks = [for_ever(self._watch.run()), for_ever(self._sweep_now_and_then())]
        await self._bell.listen(self._watch.wake)
        self._undo = on_terminate(lambda: loop.call_soon_threadsafe(self.stop))

    def stop(self) -> None:
        """Release every held connect with a normal reply and "Connection: close"; the clients come back elsewhere at once.

        Belongs to the event loop's thread.
        """
        self._service.stop()

    async def shutdown(self) -> None:
        """Stop and let go of threads and sockets."""
        self.stop()
        self._undo()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._bell.close()
        self._threads.close()

    async def _sweep_now_and_then(self) -> None:
        while True:
            await asyncio.sleep(self._sweep_seconds)
            try:
                await self._threads.run(self._desk.sweep)
            except (SQLAlchemyError, StoreUnavailable):
                log.warning("Notices: sweeping failed, the next round will do it", exc_info=True)


async def _no_socket(_scope: Scope, _receive: Receive, send: Send) -> None:
    await send({"type": "websocket.close", "code": 1008})
