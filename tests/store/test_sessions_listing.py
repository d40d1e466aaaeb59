"""Sessions asked for by what they have in common: the store finds them among many, on both stores."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import Engine, event

from app.core.selection import Selection
from app.core.session import Hold, Party, Session, changed
from app.store import demo, sessions
from app.store.engine import open_engine
from tests.support.sessions import talking

ALICE, BOB = Party("client:alice", "Alice", "a" * 24, "1001"), Party("client:bob", "Bob", "b" * 24, "1002")


def three() -> list[Session]:
    one, two, three = talking(1, ALICE), talking(2, BOB), talking(3, ALICE)
    return [
        changed(one, started_at=100.0, outcome="Sold 50% off_now"),
        changed(two, started_at=200.0, outcome="sold 500 offers now"),
        changed(three, started_at=300.0, outcome="asked for Zoë"),
    ]


@pytest.fixture
def engine(store_url: str) -> Iterator[Engine]:
    engine = open_engine(store_url)
    with engine.begin() as connection:
        demo.seed(connection, 0.0)
        for session in three():
            sessions.add(connection, session)
    yield engine
    engine.dispose()


def found(engine: Engine, wanted: Selection, *, newest_first: bool = False, most: int = 10) -> list[int]:
    with engine.connect().execution_options(read_only=True) as connection:
        return [one.number for one in sessions.first(connection, wanted, newest_first, most)]


@pytest.mark.parametrize(
    ("mentioning", "numbers"),
    [
        ((("Bob",),), [2]),
        ((("bob",),), [2]),
        ((("SOLD",),), [1, 2]),
        ((("sold",), ("alice",)), [1]),
        ((("bob", "asked for"),), [2, 3]),
        ((("50% off_now",),), [1]),
        ((("Zoë",),), [3]),
        ((("nobody",),), []),
    ],
)
def test_those_that_mention_a_text_are_found_and_signs_of_patterns_mean_themselves(
    engine: Engine, mentioning: tuple[tuple[str, ...], ...], numbers: list[int]
) -> None:
    assert found(engine, Selection(mentioning=mentioning)) == numbers


def test_days_accounts_and_ids_are_found_in_either_order_and_no_more_than_asked(engine: Engine) -> None:
    assert found(engine, Selection()) == [1, 2, 3]
    assert found(engine, Selection(), newest_first=True, most=2) == [3, 2]
    assert found(engine, Selection(started_from=200.0, started_to=300.0)) == [2]
    assert found(engine, Selection(account_ids=[demo.MAIN], ids=[f"{3:024x}"])) == [3]
    assert found(engine, Selection(account_ids=[demo.OTHER])) == []


def test_a_page_says_how_many_there_are(engine: Engine) -> None:
    with engine.connect().execution_options(read_only=True) as connection:
        page, total = sessions.page(connection, Selection(mentioning=(("sold",),)), False, 1, 1)
    assert ([one.number for one in page], total) == ([2], 2)


def test_who_put_a_customer_on_hold_without_being_on_the_call_has_the_session_too(engine: Engine) -> None:
    before = three()[0]
    after = changed(before, hold=Hold(by=BOB.user_id))
    with engine.begin() as connection:
        sessions.save_all(connection, [(before, after)])
        assert BOB.user_id is not None
        assert [one.number for one in sessions.live_of_user(connection, BOB.user_id)] == [1, 2]


@pytest.mark.parametrize("newest_first", [True, False])
def test_sessions_of_several_accounts_are_in_one_order_page_for_page(engine: Engine, newest_first: bool) -> None:
    with engine.begin() as connection:
        for number, started_at in ((4, 50.0), (5, 200.0), (6, 250.0)):
            other = changed(talking(number, BOB), started_at=started_at, account_id=demo.OTHER)
            sessions.add(connection, other)
    # Named twice, an account is still listed once.
    wanted = Selection(account_ids=[demo.MAIN, demo.OTHER, demo.MAIN], started_from=50.0, started_to=300.0)
    pages = []
    for offset in (0, 2, 4):
        with engine.connect().execution_options(read_only=True) as connection:
            page, total = sessions.page(connection, wanted, newest_first, offset, 2)
        assert total == 5
        pages.append([one.number for one in page])
    # Those that began at the same moment are in the order of their ids.
    assert pages == ([[6, 2], [5, 1], [4]] if newest_first else [[4, 1], [2, 5], [6]])
    assert found(engine, wanted, newest_first=newest_first, most=3) == [number for page in pages for number in page][:3]


def test_for_a_page_of_several_accounts_no_account_is_sorted_as_a_whole(sqlite_url: str) -> None:
    engine = open_engine(sqlite_url)
    asked: list[tuple[str, Any]] = []

    @event.listens_for(engine, "before_cursor_execute")
    def note(_connection: Any, _cursor: Any, statement: str, values: Any, *_: object) -> None:
        asked.append((statement, values))

    with engine.connect().execution_options(read_only=True) as connection:
        sessions.page(connection, Selection(account_ids=[demo.MAIN, demo.OTHER]), True, 0, 25)
        statement, values = asked[-1]
        plan = [row.detail for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values)]
    reads = [n for n, step in enumerate(plan) if "session_started" in step]
    # What is sorted are those that began at the same moment.
    assert [plan[n + 1] for n in reads] == ["USE TEMP B-TREE FOR RIGHT PART OF ORDER BY"] * 2
    assert not any(step.startswith("SCAN session") for step in plan)
    engine.dispose()
