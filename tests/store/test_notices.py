"""The log of notices: gapless numbers in commit order, and the sessions that read it; on both stores."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
from sqlalchemy import Engine

from app.store import notices as store
from app.store.engine import open_engine
from app.store.notices import BayeuxSession, Standing, StoredNotice


@pytest.fixture
def engine(store_url: str) -> Iterator[Engine]:
    engine = open_engine(store_url)
    yield engine
    engine.dispose()


def session(id: str = "client1", **changes: object) -> BayeuxSession:
    fresh = BayeuxSession(
        id=id,
        user_id="alice",
        login="",
        subscriptions={},
        cursor=0,
        ack=False,
        base_url="http://127.0.0.1:8000",
        generation=0,
        seen_at=100.0,
    )
    return replace(fresh, **changes)  # type: ignore[arg-type]


def append(engine: Engine, *notices: tuple[str, dict[str, object]], now: float = 100.0) -> list[int]:
    with engine.begin() as connection:
        return store.append(connection, notices, now)


def log_of(engine: Engine, user: str) -> list[int]:
    with engine.begin() as connection:
        return [notice.n for notice in store.after(connection, user, 0, 10_000)]


def test_each_user_has_a_log_numbered_from_one(engine: Engine) -> None:
    assert append(engine, ("alice", {"a": 1}), ("bob", {"b": 1}), ("alice", {"a": 2})) == [1, 1, 2]
    assert append(engine, ("alice", {"a": 3})) == [3]
    assert log_of(engine, "alice") == [1, 2, 3]
    assert log_of(engine, "bob") == [1]


def test_reading_after_a_number_gives_what_follows_oldest_first(engine: Engine) -> None:
    append(engine, ("alice", {"say": "ä"}), ("alice", {"say": 2}), ("alice", {"say": 3}), now=7.5)
    with engine.begin() as connection:
        assert store.after(connection, "alice", 0, 2) == [
            StoredNotice(1, 7.5, {"say": "ä"}),
            StoredNotice(2, 7.5, {"say": 2}),
        ]
        assert [notice.n for notice in store.after(connection, "alice", 2, 2)] == [3]
        assert store.after(connection, "nobody", 0, 2) == []
        assert (store.head(connection, "alice"), store.head(connection, "nobody")) == (3, 0)


def test_a_change_that_is_rolled_back_leaves_no_gap(engine: Engine) -> None:
    append(engine, ("alice", {}))
    with engine.connect() as connection, connection.begin() as transaction:
        store.append(connection, [("alice", {}), ("bob", {})], 100.0)
        transaction.rollback()
    append(engine, ("alice", {}))
    assert log_of(engine, "alice") == [1, 2]
    assert log_of(engine, "bob") == []


def test_nothing_to_say_is_nothing_written(engine: Engine) -> None:
    assert append(engine) == []


def test_changes_that_notify_the_same_people_at_once_neither_lock_up_nor_leave_gaps(engine: Engine) -> None:
    orders = [("alice", "bob", "carol"), ("carol", "bob", "alice"), ("bob", "carol", "alice")]

    def write(round_: int) -> None:
        append(engine, *((user, {"round": round_}) for user in orders[round_ % 3]))

    with ThreadPoolExecutor(6) as pool:
        list(pool.map(write, range(60)))
    for user in ("alice", "bob", "carol"):
        assert log_of(engine, user) == list(range(1, 61))


def test_a_reader_never_sees_a_later_number_before_an_earlier_one(engine: Engine) -> None:
    written = threading.Event()

    def write() -> None:
        for _ in range(40):
            append(engine, ("alice", {}))
        written.set()

    seen: list[int] = []
    with ThreadPoolExecutor(3) as pool:
        writers = [pool.submit(write) for _ in range(3)]
        while len(seen) < 120:
            with engine.connect().execution_options(read_only=True) as connection:
                seen += [notice.n for notice in store.after(connection, "alice", seen[-1] if seen else 0, 500)]
        for writer in writers:
            writer.result()
    assert seen == list(range(1, 121))


def test_pruned_notices_are_gone_and_numbering_goes_on(engine: Engine) -> None:
    append(engine, ("alice", {}), now=10.0)
    append(engine, ("alice", {}), now=20.0)
    with engine.begin() as connection:
        assert store.prune(connection, 20.0, most=5) == 1
        assert store.head(connection, "alice") == 2
    assert log_of(engine, "alice") == [2]
    assert append(engine, ("alice", {})) == [3]


def test_no_more_notices_are_pruned_at_once_than_asked(engine: Engine) -> None:
    append(engine, *[("alice", {})] * 5, now=10.0)
    with engine.begin() as connection:
        assert [store.prune(connection, 20.0, most=2) for _ in range(4)] == [2, 2, 1, 0]


def test_a_session_is_read_back_as_it_was_written(engine: Engine) -> None:
    opened = session(login="L1", subscriptions={"/v2/me/*": 4, "/**": 0}, cursor=4, ack=True)
    changed = replace(opened, cursor=2**40, generation=3, subscriptions={}, seen_at=123.25)
    with engine.begin() as connection:
        store.open_session(connection, opened)
        assert store.lock_session(connection, opened.id) == opened
        store.save_session(connection, changed)
    with engine.begin() as connection:
        assert store.lock_session(connection, opened.id) == changed
        assert store.lock_session(connection, "another") is None


def test_a_cursor_is_put_back_only_while_nobody_moved_it_on(engine: Engine) -> None:
    with engine.begin() as connection:
        store.open_session(connection, session(cursor=5))
        assert not store.put_back_cursor(connection, "client1", given=4, back_to=1)
        assert store.put_back_cursor(connection, "client1", given=5, back_to=3)
        found = store.lock_session(connection, "client1")
    assert found is not None
    assert found.cursor == 3


def test_sessions_end_by_disconnect_log_out_and_expiry(engine: Engine) -> None:
    with engine.begin() as connection:
        store.open_session(connection, session("one", login="L1", seen_at=50.0))
        store.open_session(connection, session("two", login="L2", seen_at=60.0))
        store.open_session(connection, session("three", seen_at=40.0))
        store.open_session(connection, session("four", login="L2", seen_at=70.0))
        store.close_session(connection, "one")
        store.close_session(connection, "one")
        assert store.close_expired_sessions(connection, 50.0) == 1
        assert store.close_sessions_of_login(connection, "L2") == 2
        assert store.standings(connection, ["one", "two", "three", "four"]) == {}


def test_standings_tell_generation_cursor_and_head_of_many_sessions(engine: Engine) -> None:
    append(engine, ("alice", {}), ("alice", {}))
    with engine.begin() as connection:
        for number in range(1001):
            store.open_session(connection, session(f"client{number}", cursor=1, generation=number))
        store.open_session(connection, session("silent", user_id="bob"))
    with engine.connect().execution_options(read_only=True) as connection:
        found = store.standings(connection, {f"client{number}" for number in range(1001)} | {"silent", "gone"})
    assert len(found) == 1002
    assert found["client7"] == Standing(generation=7, cursor=1, head=2)
    assert found["silent"] == Standing(generation=0, cursor=0, head=0)
