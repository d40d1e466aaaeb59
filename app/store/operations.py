"""Operations and their intents: what has been decided and is still to be asked of the provider.

An operation is claimed by a lease. Whoever carries it out holds the lease and renews it; when a process dies its lease runs out and
whoever comes next claims the rest. Both are conditional updates, of which exactly one succeeds.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, insert, or_, select, update

from app.core.intents import Intent
from app.store import tables as t
from app.store.codec import decode_intent, encode_tagged


@dataclass(frozen=True)
class OpenIntent:
    """One request still to be made. ``attempts`` counts those begun: more than none means that the outcome of one is unknown."""

    operation_id: str
    seq: int
    intent: Intent
    attempts: int


def add(
    connection: Connection,
    operation_id: str,
    session_id: str,
    kind: str,
    intents: Sequence[Intent],
    now: float,
    claimed_until: float,
) -> None:
    """Write an operation down, claimed by the caller until ``claimed_until``."""
    connection.execute(
        insert(t.operation).values(
            id=operation_id, session_id=session_id, kind=kind, created_at=now, claimed_until=claimed_until, outcome=None
        )
    )
    rows = [
        {"operation_id": operation_id, "seq": seq, "body": encode_tagged(intent), "attempts": 0, "outcome": None}
        for seq, intent in enumerate(intents)
    ]
    connection.execute(insert(t.intent), rows)


def claim(connection: Connection, operation_id: str, now: float, claimed_until: float) -> bool:
    """Take over an operation whose lease has run out. Return whether it is ours now: another process may have been first."""
    statement = (
        update(t.operation)
        .where(t.operation.c.id == operation_id, t.operation.c.outcome.is_(None))
        .where(or_(t.operation.c.claimed_until.is_(None), t.operation.c.claimed_until <= now))
        .values(claimed_until=claimed_until)
    )
    return connection.execute(statement).rowcount == 1


def renew(connection: Connection, operation_id: str, known: float, claimed_until: float) -> bool:
    """Let a claim last until another moment: later while the work goes on, sooner to leave the rest to others. Return whether it is still
    the caller's, who knows it by the moment until which it was written, ``known``: if not, nothing is changed."""
    statement = (
        update(t.operation)
        .where(t.operation.c.id == operation_id, t.operation.c.outcome.is_(None), t.operation.c.claimed_until == known)
        .values(claimed_until=claimed_until)
    )
    return connection.execute(statement).rowcount == 1


def abandoned(connection: Connection, now: float, limit: int = 20) -> list[tuple[str, str]]:
    """Return (operation id, session id) of the open operations whose lease has run out, oldest first."""
    statement = (
        select(t.operation.c.id, t.operation.c.session_id)
        .where(t.operation.c.outcome.is_(None), t.operation.c.claimed_until <= now)
        .order_by(t.operation.c.created_at)
        .limit(limit)
    )
    return [(row.id, row.session_id) for row in connection.execute(statement)]


def open_intents(connection: Connection, operation_id: str) -> list[OpenIntent]:
    """Return what is left to do of an operation, in order."""
    statement = (
        select(t.intent)
        .where(t.intent.c.operation_id == operation_id, t.intent.c.outcome.is_(None))
        .order_by(t.intent.c.seq)
    )
    return [
        OpenIntent(row.operation_id, row.seq, decode_intent(row.body), row.attempts)
        for row in connection.execute(statement).all()
    ]


def begin_attempt(connection: Connection, intent: OpenIntent) -> None:
    """Note that a request is about to be made; for whoever has renewed the claim in the same transaction."""
    connection.execute(
        update(t.intent)
        .where(t.intent.c.operation_id == intent.operation_id, t.intent.c.seq == intent.seq)
        .values(attempts=t.intent.c.attempts + 1)
    )


def finish_intent(connection: Connection, intent: OpenIntent, outcome: str) -> None:
    """Note how an intent ended: done, failed or dropped."""
    connection.execute(
        update(t.intent)
        .where(t.intent.c.operation_id == intent.operation_id, t.intent.c.seq == intent.seq)
        .values(outcome=outcome)
    )


def finish(connection: Connection, operation_id: str, outcome: str) -> None:
    """Note how an operation ended: done or failed."""
    connection.execute(
        update(t.operation).where(t.operation.c.id == operation_id).values(outcome=outcome, claimed_until=None)
    )
