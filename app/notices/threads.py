"""Work beside the event loop's requests: a small pool of threads for what blocks, and tasks that never end."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar, TypeVarTuple

log = logging.getLogger(__name__)
T = TypeVar("T")
Ts = TypeVarTuple("Ts")


class Threads:
    """Runs blocking functions for coroutines, at most ``size`` at a time."""

    def __init__(self, size: int = 4) -> None:
        self._pool = ThreadPoolExecutor(size, thread_name_prefix="notices")

    async def run(self, function: Callable[[*Ts], T], *args: *Ts) -> T:
        """Return what ``function(*args)`` returns, or raise what it raises."""
        return await asyncio.get_running_loop().run_in_executor(self._pool, function, *args)

    def close(self) -> None:
        """Take no more work and let what runs end by itself."""
        self._pool.shutdown(wait=False, cancel_futures=True)


def for_ever(work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
    """Begin work in the running loop that only ends by being cancelled; any other end leaves the process deaf, and is told loudly."""
    task = asyncio.get_running_loop().create_task(work)
    task.add_done_callback(_report_end)
    return task


def _report_end(task: asyncio.Task[None]) -> None:
    if not task.cancelled() and task.exception() is not None:
        log.critical("Notices: a background task has ended", exc_info=task.exception())
