"""What gunicorn's ``asgi`` worker needs to be told; for use in ``gunicorn.conf.py``."""

from __future__ import annotations

from functools import partial
from typing import Any


def post_worker_init(worker: Any) -> None:
    """Let the listening sockets keep the configured backlog.

    The worker hands its sockets to asyncio, which listens again with a backlog of 100: a burst of connects then waits
    a second for TCP to try again. Asyncio takes the length as an argument of ``create_server``; the worker does not
    give it, so we do.
    """
    worker.loop.create_server = partial(worker.loop.create_server, backlog=worker.cfg.backlog)
