"""What gunicorn's ``asgi`` worker needs to be told; for use in ``gunicorn.conf.py``."""

from __future__ import annotations

import signal
import weakref
from collections.abc import Callable
from typing import Any

from app.notices.stopping import on_terminate, tell

_LOOK_AGAIN_SECONDS = 0.05
# So long a worker that is to stop still takes connections, at least: time to be asked whether it is ready, and to say no.
_RED_SECONDS = 0.5
# So long the first request of a new connection may be on its way.
_FIRST_REQUEST_SECONDS = 1.0


def post_worker_init(worker: Any) -> None:
    """Let the listening sockets keep the configured backlog, and let idle connections go when the worker is to stop.

    The worker hands its sockets to asyncio, which listens again with a backlog of 100: a burst of connects then waits
    a second for TCP to try again. Asyncio takes the length as an argument of ``create_server``; the worker does not
    give it, so we do. And on SIGTERM the worker waits for every connection to end, also for one on which nothing is
    going on: a client that keeps its connection open would hold up the stop for the whole graceful time-out. It would
    also stop to listen at any moment within the next second; it is to be seen as not ready before it cannot be seen.
    A signal that came while the application was still loading is known to the event loop alone: everybody is told then.
    """
    connections: weakref.WeakKeyDictionary[Any, float] = weakref.WeakKeyDictionary()  # with when they began
    create_server = worker.loop.create_server

    async def create(protocol: Callable[[], Any], *arguments: Any, **options: Any) -> Any:
        def tracked() -> Any:
            connection = protocol()
            connections[connection] = worker.loop.time()
            return connection

        return await create_server(tracked, *arguments, **{"backlog": worker.cfg.backlog, **options})

    def let_go() -> None:
        for connection, began in list(connections.items()):
            # Waiting for the first byte of a next request: nothing is lost by closing it. One on which nothing has been asked yet
            # is new, and its first request is about to arrive: it is waited for, also when no new ones are taken any more.
            new = connection.req_count < 2 and (worker.alive or worker.loop.time() < began + _FIRST_REQUEST_SECONDS)
            if connection._awaiting_request and not new and connection.transport is not None:
                connection.transport.close()
        worker.loop.call_later(_LOOK_AGAIN_SECONDS, let_go)

    def terminate() -> None:
        tell()
        worker.loop.call_later(_RED_SECONDS, worker.handle_exit_signal)

    worker.loop.create_server = create
    worker.loop.add_signal_handler(signal.SIGTERM, terminate)
    on_terminate(lambda: worker.loop.call_soon_threadsafe(let_go))
