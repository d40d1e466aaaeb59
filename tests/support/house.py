"""One process of the controller inside the test: a store of its own, a clock that the test moves, a provider that does as it is told."""

from __future__ import annotations

import asyncio
import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from app.config import Settings
from app.core import facts as f
from app.core.session import Session
from app.house import House, create_house
from app.media.library import add_melodies
from app.store import demo, operations
from app.store.engine import open_engine
from app.store.migrate import migrate
from tests.support.scripted_provider import ScriptedProvider, sid_of
from tests.support.waiting import until

TOKEN = "token-of-the-test"
PUBLIC_URL = "https://calls.example.test"
CALLER, CALLER_SID = "+15550100001", "CA" + "c" * 32
START = 1_800_000_000.0


class ManualClock:
    """Stands still until it is moved; whoever waits on it is served at once."""

    def __init__(self) -> None:
        self._now = START
        self.waits: list[float] = []

    def now(self) -> float:
        return self._now

    def wait(self, seconds: float, stop: threading.Event) -> bool:
        self.waits.append(seconds)
        return stop.is_set()

    def advance(self, seconds: float) -> None:
        self._now += seconds


class Site:
    """A house with its provider and clock, and what a test does with them."""

    def __init__(self, house: House, provider: ScriptedProvider, clock: ManualClock) -> None:
        self.house = house
        self.provider = provider
        self.clock = clock
        self.control = house.services.control

    def call_in(self, line: str = "+15550001001", call_sid: str = CALLER_SID) -> Session:
        """A customer calls a line, and what follows of it has been asked of the provider."""
        found = self.house.services.directory.line(line)
        assert found is not None
        queue, candidates = self.house.services.directory.candidates(found)
        session = self.control.open_inbound(
            call_sid=call_sid,
            account_id=found.account_id,
            line=line,
            caller=self.house.services.directory.caller(CALLER),
            queue=queue,
            candidates=candidates,
        )
        self.at_rest()
        return self.control.session(session.id)

    def given_talk_without_joins(self) -> Session:
        """Alice has answered, of which her call's progress has told; no event of the conference has come."""
        session = self.call_in()
        agent = session.legs[1]
        self.control.take_in(session.id, f.CallProgressed(str(agent.call_sid), "in-progress", agent.id))
        self.at_rest()
        return self.control.session(session.id)

    def given_talk(self) -> Session:
        """A customer and alice talk in the conference."""
        session = self.call_in()
        agent = session.legs[1]
        conference = sid_of(session.conference_name)
        self.provider.dialled[-1].status = "connected"
        told: list[f.Fact] = [
            f.LegJoined(CALLER_SID, session.customer.id, conference, 1),
            f.CallProgressed(str(agent.call_sid), "in-progress", agent.id),
            f.LegJoined(str(agent.call_sid), agent.id, conference, 2),
        ]
        for fact in told:
            self.control.take_in(session.id, fact)
        self.at_rest()
        return self.control.session(session.id)

    def at_rest(self) -> None:
        """Wait until nothing that was decided is still to be asked of the provider, save what waits for its turn."""
        until(lambda: self._under_way() == 0, what="every operation has been carried out")

    def _under_way(self) -> int:
        with self.house.engine.connect().execution_options(read_only=True) as connection:
            soon = operations.abandoned(connection, self.clock.now() + 1000)
            later = operations.abandoned(connection, self.clock.now() + 3)
        return len(soon) - len(later)

    def log(self, session_id: str) -> list[str]:
        """The session's log."""
        return [entry.text for entry in self.control.session(session_id).log]


@contextmanager
def until_closed(house: House) -> Iterator[House]:
    """A process's house; in the end it finishes what it has begun and lets go of every connection."""
    try:
        yield house
    finally:
        house.services.control.runner.close()
        asyncio.run(house.bell.close())
        house.engine.dispose()


@pytest.fixture(scope="session")
def demo_store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A SQLite file with all tables and the demo data; copied, never used."""
    path = tmp_path_factory.mktemp("store") / "demo.sqlite"
    engine = open_engine(f"sqlite:///{path}")
    migrate(engine)
    with engine.begin() as connection:
        add_melodies(connection)
        demo.seed(connection, START)
    engine.dispose()
    return path


@contextmanager
def a_site(demo_store: Path, directory: Path, **settings: Any) -> Iterator[Site]:
    """A house on a copy of the demo store, with further settings by their names in ``app.config``."""
    path = directory / "store.sqlite"
    shutil.copy(demo_store, path)
    plain = Settings(database_url=f"sqlite:///{path}", public_url=PUBLIC_URL, twilio_auth_token=TOKEN, demo=True)
    provider, clock = ScriptedProvider(), ManualClock()
    with until_closed(create_house(replace(plain, **settings), provider=provider, clock=clock)) as house:
        yield Site(house, provider, clock)


@pytest.fixture
def site(demo_store: Path, tmp_path: Path) -> Iterator[Site]:
    """A house on demo data."""
    with a_site(demo_store, tmp_path) as site:
        yield site
