"""What is forgotten in time, and that nobody has to wait for it."""

from __future__ import annotations

from typing import Any

from sqlalchemy import event

from app.notices.desk import Desk
from app.notices.protocol import Terms
from app.store import notices
from app.store.engine import open_engine

DAY = 86_400.0


def test_a_million_old_notices_would_be_forgotten_in_small_portions(store_url: str) -> None:
    """Were they deleted at once, every change of a call would wait for it on SQLite."""
    engine = open_engine(store_url)
    with engine.begin() as connection:
        notices.append(connection, [("alice", {})] * 2500, now=0.0)
        notices.append(connection, [("alice", {})], now=DAY)
    desk = Desk(engine, lambda *_: [], Terms(("long-polling",), 1000), lambda: DAY + 1, str, lifetime=60.0)
    deleted: list[int] = []

    @event.listens_for(engine, "after_cursor_execute")
    def note(_connection: Any, cursor: Any, statement: str, *_: Any) -> None:
        if statement.startswith("DELETE FROM notice"):
            deleted.append(cursor.rowcount)

    desk.sweep()

    assert deleted == [1000, 1000, 500]
    with engine.connect() as connection:
        assert [one.n for one in notices.after(connection, "alice", 0, 10)] == [2501]
    engine.dispose()
