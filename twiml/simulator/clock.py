"""The simulator's own time: it can run faster, and it can be moved forward at once.

Everything that happens after a while in the simulated world (a ring time-out, the end of a sentence, a media file) is
a timer here. Network time-outs are not: they bound real exchanges with a real server.
"""

from __future__ import annotations

import asyncio
import heapq
import itertools
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

# While the clock is being moved, a document that is on its way is waited for, so that it takes no simulated time. A
# server that does not answer must not stop the clock for good.
PATIENCE_WITH_FETCHES = 2.0
PATIENCE_WITH_ALL_FETCHES = 6.0
TURNS_TO_SETTLE = 12


@dataclass(order=True)
class Timer:
    """Something due at ``due`` (Unix seconds of the simulated time); ``cancel`` is safe at any moment."""

    due: float
    number: int
    callback: Callable[[], None] = field(compare=False)
    cancelled: bool = field(default=False, compare=False)

    def cancel(self) -> None:
        self.cancelled = True


class VirtualClock:
    """Simulated seconds since the epoch. Timers fire in the order of their due times, equal ones as they were set."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._timers: list[Timer] = []
        self._numbers = itertools.count()
        self._wake: asyncio.TimerHandle | None = None
        self._frozen: float | None = None
        self._moving = asyncio.Lock()
        self._fetches = 0
        self.speed = 1.0
        self._set(time.time())

    def now(self) -> float:
        if self._frozen is not None:
            return self._frozen
        return self._base + (self._loop.time() - self._base_real) * self.speed

    def call_later(self, delay: float, callback: Callable[[], None]) -> Timer:
        """Call ``callback`` once, ``delay`` simulated seconds from now, from the event loop and never at once."""
        timer = Timer(self.now() + max(delay, 0.0), next(self._numbers), callback)
        heapq.heappush(self._timers, timer)
        self._arm()
        return timer

    async def sleep(self, delay: float) -> None:
        """Wait for ``delay`` simulated seconds."""
        due: asyncio.Future[None] = self._loop.create_future()

        def wake() -> None:
            if not due.done():
                due.set_result(None)

        timer = self.call_later(delay, wake)
        try:
            await due
        finally:
            timer.cancel()

    def set_speed(self, speed: float) -> None:
        """Let simulated time run ``speed`` times as fast as real time; 0 stops it."""
        self._set(self.now())
        self.speed = speed
        self._arm()

    def reset(self) -> None:
        """Back to the wall clock at speed 1. What was still to come is forgotten with the world it belonged to."""
        self._timers.clear()
        self.speed = 1.0
        self._set(time.time())
        self._arm()

    @contextmanager
    def fetching(self) -> Iterator[None]:
        """Marks an exchange that simulated time shall wait for while it is being moved."""
        self._fetches += 1
        try:
            yield
        finally:
            self._fetches -= 1

    async def advance(self, seconds: float) -> None:
        """Move the time forward. What becomes due on the way is done in order, each at its own moment; when this
        returns, all of it has been started."""
        async with self._moving:
            target = self.now() + seconds
            self._frozen = self.now()
            no_longer = self._loop.time() + PATIENCE_WITH_ALL_FETCHES
            try:
                await self._settle(no_longer)
                while (timer := self._next_timer()) is not None and timer.due <= target:
                    heapq.heappop(self._timers)
                    self._frozen = max(self._frozen, timer.due)
                    timer.callback()
                    await self._settle(no_longer)
            finally:
                self._set(target)
                self._frozen = None
                self._arm()

    async def _settle(self, no_longer: float) -> None:
        """Let every task run that can, until each waits for a timer or for a person."""
        give_up = min(no_longer, self._loop.time() + PATIENCE_WITH_FETCHES)
        for _ in range(TURNS_TO_SETTLE):
            await asyncio.sleep(0)
        while self._fetches and self._loop.time() < give_up:
            await asyncio.sleep(0.001)
            if not self._fetches:
                for _ in range(TURNS_TO_SETTLE):
                    await asyncio.sleep(0)

    def _set(self, now: float) -> None:
        self._base = now
        self._base_real = self._loop.time()

    def _next_timer(self) -> Timer | None:
        while self._timers and self._timers[0].cancelled:
            heapq.heappop(self._timers)
        return self._timers[0] if self._timers else None

    def _arm(self) -> None:
        if self._wake is not None:
            self._wake.cancel()
            self._wake = None
        if self._frozen is not None or self.speed <= 0:
            return
        timer = self._next_timer()
        if timer is not None:
            self._wake = self._loop.call_later(max(0.0, timer.due - self.now()) / self.speed, self._fire)

    def _fire(self) -> None:
        self._wake = None
        while self._frozen is None and (timer := self._next_timer()) is not None and timer.due <= self.now() + 1e-6:
            heapq.heappop(self._timers)
            timer.callback()
        self._arm()
