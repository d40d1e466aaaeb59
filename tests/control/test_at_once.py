"""Two requests about the same thing at the same moment, on both stores."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from sqlalchemy import Engine, event

from app.config import Settings
from app.control.directory import Directory
from app.control.ports import RandomIds
from app.core import facts as f
from app.core.errors import LimitExceeded
from app.core.session import Party
from app.house import House, create_house
from app.store import demo, inbox, replays, sessions
from app.store.engine import open_engine
from tests.support.house import START, ManualClock, until_closed
from tests.support.scripted_provider import ScriptedProvider
from tests.support.sessions import talking

ALICE = Party("client:alice", "Alice", "a" * 24, "1001")
AT_ONCE = 8


@pytest.fixture
def engine(store_url: str) -> Iterator[Engine]:
    engine = open_engine(store_url)
    with engine.begin() as connection:
        demo.seed(connection, START)
    yield engine
    engine.dispose()


@pytest.fixture
def house(engine: Engine) -> Iterator[House]:
    settings = Settings(database_url=engine.url.render_as_string(hide_password=False), demo=True)
    with until_closed(create_house(settings, provider=ScriptedProvider(), clock=ManualClock())) as house:
        yield house


def test_a_caller_who_hangs_up_while_the_session_is_being_opened_is_not_lost(house: House) -> None:
    session = talking(1, ALICE)
    call_sid = str(session.customer.call_sid)
    control = house.services.control
    hung_up = f.CallProgressed(call_sid, "completed")
    with ThreadPoolExecutor(1) as pool:
        with house.engine.begin() as opening:
            sessions.guard_call(opening, call_sid)
            assert inbox.take(opening, call_sid) == []
            taken_in = pool.submit(control.take_in_by_call, call_sid, hung_up)
            # It has nothing to wait for but us; one that does not wait is through long before.
            with pytest.raises(TimeoutError):
                taken_in.result(timeout=0.5)
            sessions.add(opening, session)
        taken_in.result(timeout=10)
    assert not control.session(session.id).live


def spend_at_once(engine: Engine, per_minute: int, times: int = 1) -> list[int]:
    """Points left in the minute as those are told who may spend one, all of them at once and each so many times."""
    directory = Directory(engine, ManualClock(), RandomIds())
    start = threading.Barrier(AT_ONCE)

    def spend() -> list[int]:
        left = []
        start.wait(10)
        for _ in range(times):
            try:
                left.append(directory.spend_points("a key", demo.MAIN, per_minute, 10**6, 1).minute_remaining)
            except LimitExceeded:
                continue
        return left

    with ThreadPoolExecutor(AT_ONCE) as pool:
        spent = [pool.submit(spend) for _ in range(AT_ONCE)]
        return sorted(left for one in spent for left in one.result())


def test_of_a_keys_first_uses_all_are_counted(engine: Engine) -> None:
    assert spend_at_once(engine, per_minute=100) == list(range(100 - AT_ONCE, 100))


def test_a_keys_limit_holds_also_for_its_first_uses(engine: Engine) -> None:
    assert spend_at_once(engine, per_minute=2) == [0, 1]


def test_a_busy_keys_uses_are_all_counted_and_none_locks_out_another(engine: Engine) -> None:
    assert spend_at_once(engine, per_minute=1000, times=20) == list(range(1000 - AT_ONCE * 20, 1000))


def test_a_use_by_a_process_whose_clock_is_behind_is_counted_too(engine: Engine) -> None:
    clock = ManualClock()
    directory = Directory(engine, clock, RandomIds())
    directory.spend_points("a key", demo.MAIN, 10, 100, 1)
    clock.advance(-0.5)
    left = directory.spend_points("a key", demo.MAIN, 10, 100, 1)
    assert (left.minute_remaining, left.day_remaining) == (8, 98)


def test_looking_at_the_points_of_a_key_whose_limit_was_lowered_is_no_error(engine: Engine) -> None:
    directory = Directory(engine, ManualClock(), RandomIds())
    directory.spend_points("a key", demo.MAIN, 10, 100, 7)
    assert directory.spend_points("a key", demo.MAIN, 5, 100, 0).minute_remaining == 0


def test_a_key_that_is_forgotten_while_it_is_asked_about_is_new(postgres_url: str) -> None:
    """On SQLite nobody can forget it meanwhile: there is one writer at a time."""
    engine, other = open_engine(postgres_url), open_engine(postgres_url)
    with other.begin() as connection:
        assert replays.begin(connection, "alice", "a key", "digest", START) is None

    @event.listens_for(engine, "before_cursor_execute")
    def forget(_connection: Any, _cursor: Any, statement: str, *_: object) -> None:
        if statement.startswith("SELECT"):
            with other.begin() as connection:
                replays.forget(connection, "alice", "a key")

    with engine.begin() as connection:
        assert replays.begin(connection, "alice", "a key", "digest", START) is None
    with other.begin() as connection:
        assert replays.begin(connection, "alice", "a key", "digest", START) is not None
    engine.dispose()
    other.dispose()
