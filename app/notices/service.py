"""Answering Bayeux requests over whatever carries them: HTTP requests and WebSockets share this."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace

from app.notices.desk import Desk, Identity, Served, as_held
from app.notices.envelope import Message
from app.notices.protocol import ended
from app.notices.threads import Threads
from app.notices.timesync import with_timesync
from app.notices.watch import Waiter, Watch

# While the server stops, connects still arrive for a moment. Answered at once, their clients would come back in a
# tight loop.
_HOLD_WHILE_STOPPING = 0.25

Push = Callable[[Sequence[Message]], Awaitable[bool]]
"""Writes events to a client; tells whether they could be written."""


class Line:
    """The way back to a client; whoever reads from it says when it is closed, and then a waiting connect moves."""

    def __init__(self) -> None:
        self.gone = False
        self._waiters: set[Waiter] = set()

    def close(self) -> None:
        """Note that the client closed it."""
        self.gone = True
        for waiter in self._waiters:
            waiter.moved.set()

    def carries(self, waiter: Waiter) -> None:
        """Have this waiter moved when the line closes."""
        self._waiters.add(waiter)
        if self.gone:
            waiter.moved.set()

    def drops(self, waiter: Waiter) -> None:
        """The waiter's connect is answered."""
        self._waiters.discard(waiter)


class Service:
    """Answers requests; holds connects until there is news, their time is up, or a reason to let go.

    Guarantees: without ack an event is given at most once, and not at all to a line known to be closed; with ack at
    least once until the client acknowledged it, in the order of the log.
    """

    def __init__(
        self, desk: Desk, watch: Watch, threads: Threads, now: Callable[[], float], hold_seconds: float
    ) -> None:
        self._desk = desk
        self._watch = watch
        self._threads = threads
        self._now = now
        self._hold_seconds = hold_seconds
        self.stopped = asyncio.Event()

    @property
    def stopping(self) -> bool:
        """True once :meth:`stop` was called."""
        return self.stopped.is_set()

    def stop(self) -> None:
        """Let go of every held connect with a normal reply; later ones are held for a moment only."""
        self.stopped.set()
        self._watch.release_all()

    async def shake_hands(self, message: Message, identity: Identity | None, base_url: str) -> list[Message]:
        """Answer a handshake; that of nobody is refused."""
        arrived = self._now()
        return self._written(await self._threads.run(self._desk.shake_hands, message, identity, base_url), arrived)

    async def answer(
        self,
        messages: Sequence[Message],
        identity: Identity | None,
        base_url: str,
        line: Line,
        push: Push | None = None,
    ) -> list[Message] | None:
        """Return the messages to write, never an empty list; None if the line was closed meanwhile.

        ``push`` writes events to a client whose connect stays held, for lines that can carry them at any moment.
        """
        arrived = self._now()
        served = await self._threads.run(self._desk.serve, messages, identity, base_url)
        if served.hold:
            served = await self._held(served, line, push)
        elif served.session is None and identity is not None:
            # The session may just have been disconnected; its held connect shall know at once.
            self._watch.wake([identity.user_id])
        if line.gone:
            await self._give_back(served)
            return None
        return self._written(served, arrived)

    async def _held(self, served: Served, line: Line, push: Push | None) -> Served:
        session = served.session
        if session is None:
            return served
        if session.ack:
            push = None  # events then only travel with a connect's reply, which says how far they go
        with self._watch.hold(session.id, session.user_id, session.generation) as waiter:
            line.carries(waiter)
            try:
                return await self._wait(served, waiter, line, push)
            finally:
                line.drops(waiter)

    async def _wait(self, served: Served, waiter: Waiter, line: Line, push: Push | None) -> Served:
        clock = asyncio.get_running_loop().time
        came_late = self.stopping
        deadline = clock() + (min(self._hold_seconds, _HOLD_WHILE_STOPPING) if came_late else self._hold_seconds)
        while await waiter.wait(deadline - clock()) and not line.gone:
            found = await self._threads.run(self._desk.collect, waiter.session_id, waiter.generation)
            if found.status == "gone":
                return replace(served, answers=tuple(ended(answer) for answer in served.answers))
            if found.status == "superseded":
                break
            served = _with_news(as_held(served, found.upto), found.events, found.before, found.upto)
            if served.events and push is None:
                break
            if served.events and push is not None:
                if line.gone or not await push(served.events):
                    break
                served = replace(served, events=())
            if self.stopping and not came_late:
                break
        return served

    async def _give_back(self, served: Served) -> None:
        """Without ack, taking events moved the cursor; nobody got them, so the client's next connect shall."""
        session = served.session
        if served.events and session is not None and not session.ack:
            await self._threads.run(self._desk.put_back, session.id, session.cursor, served.before)

    def _written(self, served: Served, arrived: float) -> list[Message]:
        """Queued events come before the replies."""
        return [*served.events, *(with_timesync(answer, arrived, self._now()) for answer in served.answers)]


def _with_news(served: Served, events: tuple[Message, ...], before: int, upto: int) -> Served:
    session = replace(served.session, cursor=upto) if served.session is not None else None
    return replace(served, events=events, before=before, session=session)
