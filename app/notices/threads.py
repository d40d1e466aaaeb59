"""A small pool of threads for what blocks, so that the event loop never waits for the store."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar, TypeVarTuple

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
