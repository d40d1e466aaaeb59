"""Somebody keeps what a transaction needs and does not go on: nobody waits for them without end."""

from __future__ import annotations

import fcntl
import logging
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from sqlalchemy import Engine, TextClause, text

from app.core.errors import StoreUnavailable
from app.store.engine import open_engine
from app.store.migrate import migrate
from app.store.turns import Turns

LONGEST_LOCK = 3.0  # seconds, for one lock on PostgreSQL


@pytest.fixture
def engine(postgres_url: str) -> Iterator[Engine]:
    engine = open_engine(postgres_url)
    with engine.begin() as connection:
        connection.execute(text("INSERT INTO lease (name, until) VALUES ('one', 0), ('two', 0)"))
    yield engine
    engine.dispose()


def lock(name: str) -> TextClause:
    return text(f"SELECT 1 FROM lease WHERE name = '{name}' FOR UPDATE")


def test_the_turn_at_a_sqlite_file_that_another_process_keeps_does_not_come_and_is_had_once_it_lets_go(
    tmp_path: Path,
) -> None:
    turns = Turns(tmp_path / "store.sqlite", patience=0.2)
    with (tmp_path / "store.sqlite-turn").open("w") as other_process:
        fcntl.flock(other_process, fcntl.LOCK_EX)
        with ThreadPoolExecutor(2) as pool:
            began = time.monotonic()
            asked = [pool.submit(turns.take, n) for n in range(2)]
            for one in asked:
                with pytest.raises(StoreUnavailable):
                    one.result(timeout=10)
            assert 0.2 <= time.monotonic() - began < 10  # it would be for ever
    turns.take("me")
    turns.give()


def test_the_turn_at_a_sqlite_file_comes_as_soon_as_another_process_lets_go(tmp_path: Path) -> None:
    turns = Turns(tmp_path / "store.sqlite", patience=20.0)
    with ThreadPoolExecutor(1) as pool, (tmp_path / "store.sqlite-turn").open("w") as other_process:
        fcntl.flock(other_process, fcntl.LOCK_EX)
        asked = pool.submit(turns.take, "me")
        with pytest.raises(TimeoutError):
            asked.result(timeout=0.2)
        fcntl.flock(other_process, fcntl.LOCK_UN)
        asked.result(timeout=2)
        turns.give()


def test_a_row_that_somebody_keeps_locked_is_a_store_that_is_away_and_the_log_says_why(
    engine: Engine, caplog: pytest.LogCaptureFixture
) -> None:
    with engine.begin() as keeper:
        keeper.execute(lock("one"))
        began = time.monotonic()
        with pytest.raises(StoreUnavailable), engine.begin() as connection:
            connection.execute(lock("one"))
        assert time.monotonic() - began < 10 * LONGEST_LOCK  # it would be for ever
    assert [record.levelno for record in caplog.records if record.name == "app.store.outages"] == [logging.ERROR]
    with engine.begin() as connection:
        connection.execute(lock("one"))


def test_two_who_lock_each_other_out_are_told_in_the_log(engine: Engine, caplog: pytest.LogCaptureFixture) -> None:
    both = threading.Barrier(2)

    def take(first: str, second: str) -> bool:
        try:
            with engine.begin() as connection:
                connection.execute(lock(first))
                both.wait(10)
                connection.execute(lock(second))
        except StoreUnavailable:
            return False
        return True

    with ThreadPoolExecutor(2) as pool:
        taken = [pool.submit(take, "one", "two"), pool.submit(take, "two", "one")]
        assert sorted(one.result() for one in taken) == [False, True]
    assert "deadlock detected" in caplog.text


def test_a_transaction_that_stands_still_is_ended_and_lets_go_of_what_it_has_locked(engine: Engine) -> None:
    with pytest.raises(StoreUnavailable), engine.begin() as stopped:
        # The limit is the connection's own; here it is made short.
        assert stopped.execute(text("SHOW idle_in_transaction_session_timeout")).scalar_one() == "10s"
        stopped.execute(text("SET LOCAL idle_in_transaction_session_timeout = '300ms'"))
        stopped.execute(lock("one"))
        with engine.begin() as connection:
            connection.execute(lock("one"))
        stopped.execute(lock("two"))


def test_a_process_that_finds_another_one_migrating_waits_for_it_however_long_it_takes(engine: Engine) -> None:
    with ThreadPoolExecutor(1) as pool:
        with engine.begin() as connection:
            connection.execute(text("SELECT pg_advisory_xact_lock(4665661)"))
            migrating = pool.submit(migrate, engine)
            with pytest.raises(TimeoutError):
                migrating.result(timeout=LONGEST_LOCK + 0.5)
            # The fixture made the tables from the code; now they are to come from the migrations.
            connection.execute(text("DROP SCHEMA public CASCADE"))
            connection.execute(text("CREATE SCHEMA public"))
        migrating.result(timeout=60)
    with engine.connect() as connection:
        assert connection.execute(text("SELECT count(*) FROM alembic_version")).scalar_one() == 1


def test_a_turn_that_comes_when_nobody_waits_for_it_any_more_is_passed_on(tmp_path: Path) -> None:
    ours, theirs = (Turns(tmp_path / "store.sqlite", patience=patience) for patience in (0.1, 20.0))
    theirs.take("first")
    with pytest.raises(StoreUnavailable):
        ours.take("too late")
    theirs.give()
    theirs.take("again")
    theirs.give()
    ours.take("now")
    ours.give()
