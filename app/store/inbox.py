"""Facts about calls nobody here knows yet: kept for a short while, taken in when the call turns up."""

from sqlalchemy import Connection, delete, insert

from app.core.facts import Fact
from app.store import tables as t
from app.store.codec import decode_fact, encode_tagged


def keep(connection: Connection, call_sid: str, fact: Fact, expires_at: float) -> None:
    """Keep a fact until ``expires_at``. The caller holds ``sessions.guard_call``, as does who takes it: else it may come just too late."""
    connection.execute(insert(t.inbox).values(call_sid=call_sid, body=encode_tagged(fact), expires_at=expires_at))


def take(connection: Connection, call_sid: str) -> list[Fact]:
    """Return the facts kept for a call, oldest first, and forget them. The caller holds ``sessions.guard_call``."""
    statement = delete(t.inbox).where(t.inbox.c.call_sid == call_sid).returning(t.inbox.c.id, t.inbox.c.body)
    return [decode_fact(row.body) for row in sorted(connection.execute(statement), key=lambda row: row.id)]


def expire(connection: Connection, now: float) -> None:
    """Forget what is too old."""
    connection.execute(delete(t.inbox).where(t.inbox.c.expires_at <= now))
