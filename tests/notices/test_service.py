"""What happens to events when the line breaks at the worst moment; on a real store, without a network."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Sequence
from contextlib import asynccontextmanager
from typing import Any

import pytest
from sqlalchemy import Engine

from app.notices.desk import Desk, Identity
from app.notices.protocol import Terms
from app.notices.service import Line, Service
from app.notices.threads import Threads
from app.notices.watch import Watch
from app.store import notices as store
from app.store.engine import open_engine
from app.store.notices import StoredNotice

ALICE = Identity("alice")
URL = "http://desk.test"


class Site:
    """The service on a store, and alice's session."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.ids = (f"client{number}" for number in itertools.count(1))
        self.when_rendering: Callable[[], None] = lambda: None
        self.threads = Threads()
        terms = Terms(("long-polling",), 5000)
        self.desk = Desk(engine, self.render, terms, lambda: 1000.0, lambda: next(self.ids), lifetime=60)
        self.watch = Watch(lambda ids: self.threads.run(self.desk.standings, ids))
        self.service = Service(self.desk, self.watch, self.threads, lambda: 1000.0, hold_seconds=5.0)
        self.client_id = ""

    def render(self, notice: StoredNotice, _base_url: str) -> Iterable[tuple[str, dict[str, Any]]]:
        self.when_rendering()
        yield "/calls", {"n": notice.n}

    async def open_session(self, ack: bool) -> None:
        wish = {"ext": {"ack": True}} if ack else {}
        (reply,) = await self.service.shake_hands({"channel": "/meta/handshake", **wish}, ALICE, URL)
        self.client_id = reply["clientId"]
        await self.poll(Line())
        await self.send({"channel": "/meta/subscribe", "subscription": "/**"})

    async def send(self, message: dict[str, Any], line: Line | None = None) -> list[dict[str, Any]] | None:
        return await self.service.answer([{"clientId": self.client_id} | message], ALICE, URL, line or Line())

    async def poll(self, line: Line) -> list[int] | None:
        """The numbers of the events that a poll brings; None if there was nobody to write them to."""
        replies = await self.send({"channel": "/meta/connect", "ext": {"ack": 0}}, line)
        return None if replies is None else [reply["data"]["n"] for reply in replies if "data" in reply]

    async def until_held(self) -> None:
        """Wait until the session's second connect, the first that is held, has been taken in."""
        while (await self.threads.run(self.desk.standings, [self.client_id]))[self.client_id].generation < 2:
            await asyncio.sleep(0.005)

    def happen(self, times: int = 1) -> None:
        with self.engine.begin() as connection:
            store.append(connection, [("alice", {})] * times, 1000.0)
        self.watch.wake(["alice"])


@asynccontextmanager
async def open_site(url: str) -> AsyncIterator[Site]:
    engine = open_engine(url)
    site = Site(engine)
    watching = asyncio.create_task(site.watch.run())
    try:
        yield site
    finally:
        watching.cancel()
        site.threads.close()
        engine.dispose()


def run(url: str, story: Callable[[Site], Awaitable[None]]) -> None:
    async def play() -> None:
        async with asyncio.timeout(20), open_site(url) as site:
            await story(site)

    asyncio.run(play())


@pytest.mark.parametrize("ack", [False, True])
@pytest.mark.parametrize("held", [False, True])
def test_events_taken_for_a_line_that_closes_just_then_come_with_the_next_poll(
    store_url: str, ack: bool, held: bool
) -> None:
    async def story(site: Site) -> None:
        await site.open_session(ack)
        line = Line()
        site.when_rendering = line.close  # while the transaction that takes the events is open
        if held:
            polling = asyncio.create_task(site.poll(line))
            await site.until_held()
            site.happen(3)
            assert await polling is None
        else:
            site.happen(3)
            assert await site.poll(line) is None
        site.when_rendering = lambda: None
        site.happen()
        assert await site.poll(Line()) == [1, 2, 3, 4]

    run(store_url, story)


def test_a_line_that_closes_lets_go_of_its_connect(sqlite_url: str) -> None:
    async def story(site: Site) -> None:
        await site.open_session(ack=False)
        line = Line()
        polling = asyncio.create_task(site.poll(line))
        await site.until_held()
        began = asyncio.get_running_loop().time()
        line.close()
        assert await polling is None
        assert asyncio.get_running_loop().time() - began < 3.0

    run(sqlite_url, story)


@pytest.mark.parametrize("written", [True, False])
def test_a_push_that_could_not_be_written_is_repeated_by_the_next_poll_and_no_other(
    sqlite_url: str, written: bool
) -> None:
    async def story(site: Site) -> None:
        await site.open_session(ack=False)
        line = Line()

        async def push(events: Sequence[dict[str, Any]]) -> bool:
            line.close()
            return written

        connect = {"channel": "/meta/connect", "clientId": site.client_id}
        polling = asyncio.create_task(site.service.answer([connect], ALICE, URL, line, push))
        await site.until_held()
        site.happen(2)
        assert await polling is None
        site.happen()
        assert await site.poll(Line()) == ([3] if written else [1, 2, 3])

    run(sqlite_url, story)


def test_a_stopping_service_holds_late_connects_only_for_a_moment(sqlite_url: str) -> None:
    async def story(site: Site) -> None:
        await site.open_session(ack=False)
        site.service.stop()
        clock = asyncio.get_running_loop().time
        began = clock()
        assert await site.poll(Line()) == []
        assert 0.2 < clock() - began < 3.0

    run(sqlite_url, story)
