"""Sessions asked for by what they have in common: the store finds them among many, on both stores."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy import Engine

from app.core.selection import Selection
from app.core.session import Party, Session, changed
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
