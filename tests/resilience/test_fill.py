"""A store filled with ended sessions: whole, told apart from real ones by nothing, on both stores."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine, func, select

from app.core.selection import Selection
from app.media.library import add_melodies
from app.store import demo, notices, sessions
from app.store import tables as t
from app.store.engine import open_engine
from app.store.fill import NothingToFill, fill
from app.store.migrate import migrate
from tests.support.processes import PROJECT_ROOT
from tests.support.stores import new_database

NOW = 1_800_000_000.0
MANY = 5_100  # more than one batch


@pytest.fixture(params=["sqlite", "postgresql"])
def engine(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    """A store with all tables and the demo data."""
    sqlite = f"sqlite:///{tmp_path / 'store.sqlite'}"
    url = sqlite if request.param == "sqlite" else new_database(request.getfixturevalue("postgres"))
    engine = open_engine(url)
    migrate(engine)
    yield engine
    engine.dispose()


def seeded(engine: Engine) -> Engine:
    with engine.begin() as connection:
        add_melodies(connection)
        demo.seed(connection, NOW)
    return engine


def count(engine: Engine, table: object) -> int:
    with engine.connect().execution_options(read_only=True) as connection:
        return int(connection.execute(select(func.count()).select_from(table)).scalar_one())  # type: ignore[arg-type]


def test_filling_adds_whole_ended_sessions_each_with_ids_of_its_own(engine: Engine) -> None:
    fill(seeded(engine), MANY, NOW)

    with engine.connect().execution_options(read_only=True) as connection:
        found, total = sessions.page(connection, Selection(), newest_first=True, offset=0, limit=MANY)
        assert total == MANY == len({one.id for one in found}) == len({one.number for one in found})
        for one in found[::97]:
            assert not one.open and one.ended_at is not None and NOW - 91 * 86400 < one.started_at < one.ended_at < NOW
            assert one.log[0].text.startswith("Call from +1555") and one.log[-1].text == "Ended"
            for leg in one.legs:
                assert leg.id == f"{one.id}-{leg.n}" and not leg.live
                assert sessions.id_of_call(connection, str(leg.call_sid)) == one.id
            assert sessions.id_of_number(connection, one.number) == one.id
        assert sessions.open_ids(connection) == sessions.due_ids(connection, NOW + 10**6) == []
        assert any("Transferred to" in entry.text for one in found for entry in one.log)
        assert any(one.missed for one in found) and any(one.answered_by for one in found)


def test_filling_leaves_nothing_to_be_done_and_numbers_go_on_behind_it(engine: Engine) -> None:
    fill(seeded(engine), 200, NOW)
    fill(engine, 50, NOW + 5)

    assert count(engine, t.session) == 250
    assert count(engine, t.intent) >= count(engine, t.operation) > 250
    assert count(engine, t.leg) > 2 * 200
    with engine.begin() as connection:
        unfinished = connection.execute(select(t.operation.c.id).where(t.operation.c.outcome.is_(None))).all()
        assert unfinished == []
        highest = connection.execute(select(func.max(t.session.c.number))).scalar_one()
        assert sessions.next_number(connection) > highest
        alice = demo.id_of("user alice")
        told = notices.after(connection, alice, 0, 1000)
        assert [one.n for one in told] == list(range(1, notices.head(connection, alice) + 1)) != []
        assert sessions.live_of_user(connection, alice) == []


def test_a_store_without_people_is_not_filled(engine: Engine) -> None:
    with pytest.raises(NothingToFill):
        fill(engine, 10, NOW)
    assert count(engine, t.session) == 0


def test_the_command_fills_the_store_and_says_so(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'store.sqlite'}"
    engine = open_engine(url)
    migrate(engine)
    command = [sys.executable, "-m", "flask", "--app", "app.cli", "db", "fill", "--sessions", "30"]
    environment = {**os.environ, "DATABASE_URL": url}

    empty = subprocess.run(command, env=environment, cwd=PROJECT_ROOT, capture_output=True, text=True, check=False)
    assert empty.returncode == 1 and "no line" in empty.stderr
    seeded(engine)
    filled = subprocess.run(command, env=environment, cwd=PROJECT_ROOT, capture_output=True, text=True, check=False)

    assert (filled.returncode, filled.stdout) == (0, "30 of 30 sessions\n")
    assert count(engine, t.session) == 30
    engine.dispose()
