"""The connects that one process holds, and what tells them to look at the log again.

A ring of the bell only says "look"; the truth is read from the store, for all held connects at once. Besides rings
there is a look at everything every quarter of a second: it makes lost rings harmless, and it is how a process learns
that a newer connect of a session arrived at another process or that the session was ended there.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Collection, Iterable, Iterator
from contextlib import contextmanager

from sqlalchemy.exc import SQLAlchemyError

from app.core.errors import StoreUnavailable
from app.store.notices import Standing

log = logging.getLogger(__name__)

Look = Callable[[Collection[str]], Awaitable[dict[str, Standing]]]


class Waiter:
    """One held connect. ``moved`` is set when it has a reason to look: news, a newer connect, a closed line, a stopping server."""

    def __init__(self, session_id: str, generation: int) -> None:
        self.session_id = session_id
        self.generation = generation
        self.moved = asyncio.Event()

    async def wait(self, seconds: float) -> bool:
        """Wait for a reason to look; tell whether there was one within ``seconds``."""
        try:
            async with asyncio.timeout(seconds):
                await self.moved.wait()
        except TimeoutError:
            return False
        self.moved.clear()
        return True

    def concerns(self, standing: Standing | None) -> bool:
        """Tell whether the session, standing so (None: it is gone), has something for this connect."""
        return standing is None or standing.generation != self.generation or standing.head > standing.cursor


class Watch:
    """Wakes the waiters of one process. All methods belong to the event loop's thread."""

    def __init__(self, look: Look, every: float = 0.25) -> None:
        self._look = look
        self._every = every
        self._waiters: dict[str, set[Waiter]] = {}  # by user: a ring concerns a few of thousands
        self._rung = asyncio.Event()
        self._users: set[str] = set()
        self._everything = False

    @contextmanager
    def hold(self, session_id: str, user_id: str, generation: int) -> Iterator[Waiter]:
        """Register a held connect. What happened between its last look and now is looked for at once."""
        waiter = Waiter(session_id, generation)
        self._waiters.setdefault(user_id, set()).add(waiter)
        self.wake([user_id])
        try:
            yield waiter
        finally:
            self._waiters[user_id].discard(waiter)
            if not self._waiters[user_id]:
                del self._waiters[user_id]

    def wake(self, user_ids: Iterable[str] | None) -> None:
        """Have the connects of these users looked after soon; None means those of everybody."""
        if user_ids is None:
            self._everything = True
        else:
            self._users.update(user_ids)
        self._rung.set()

    def release_all(self) -> None:
        """Make every held connect look now, whatever there is."""
        for waiter in self._held_by(list(self._waiters)):
            waiter.moved.set()

    async def run(self) -> None:
        """Look whenever rung, and at everything every ``every`` seconds, until cancelled."""
        loop = asyncio.get_running_loop()
        next_full = loop.time() + self._every
        while True:
            try:
                async with asyncio.timeout_at(next_full):
                    await self._rung.wait()
            except TimeoutError:
                self._everything = True
            if self._everything:
                next_full = loop.time() + self._every
            await self._look_once()

    def _held_by(self, users: Iterable[str]) -> list[Waiter]:
        return [waiter for user in users for waiter in self._waiters.get(user, ())]

    async def _look_once(self) -> None:
        users, everything = self._users, self._everything
        self._users, self._everything = set(), False
        self._rung.clear()
        held = self._held_by(list(self._waiters) if everything else users)
        if not held:
            return
        try:
            standings = await self._look({waiter.session_id for waiter in held})
        except (SQLAlchemyError, StoreUnavailable):
            # The next look comes by itself; connects that outlast the trouble are answered when their time is up.
            log.warning("Notices: the store could not be read", exc_info=True)
            return
        for waiter in held:
            if waiter.concerns(standings.get(waiter.session_id)):
                waiter.moved.set()
