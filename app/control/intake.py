"""Facts in, many at a time: what came while the last ones were being written is written together.

To begin and to commit a transaction costs the store more than what a fact changes. So whoever has several facts at hand
(``app.together``) brings them all, and they share one transaction. It is still each fact for itself: they are taken in in the
order of their coming, one that cannot be taken in does not harm the others, and nothing is answered before its own fact is committed.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from typing import NamedTuple, Protocol

from sqlalchemy import Connection, Engine

from app.control.ports import Clock
from app.core import facts as f
from app.core.apply import apply
from app.core.errors import StoreUnavailable
from app.core.intents import Intent
from app.core.notices import Notice
from app.core.session import Policy, Session
from app.store import sessions

log = logging.getLogger(__name__)
Lock = Callable[[Connection, Sequence[str]], dict[str, Session]]


class Begun(NamedTuple):
    """An operation that has been written down, claimed by this process until ``claimed_until`` (unix seconds)."""

    operation_id: str
    session_id: str
    claimed_until: float


class Arrival(NamedTuple):
    """A fact on its way into a session."""

    session_id: str
    fact: f.Fact


class Writer(Protocol):
    """What writes down the consequences of facts: ``app.control.control``."""

    engine: Engine
    clock: Clock
    policy: Policy

    def save(self, connection: Connection, changes: Sequence[tuple[Session, Session]]) -> None:
        """Write locked sessions back, each given as it was and as it is to be."""

    def intend(self, connection: Connection, session_id: str, kind: str, wanted: Sequence[Intent]) -> list[Begun]:
        """Write down what is to be asked of the provider, if anything is."""

    def tell(self, connection: Connection, told: Sequence[Notice]) -> None:
        """Write notices to their users' logs."""

    def after(self, told: Sequence[Notice], begun: Sequence[Begun]) -> None:
        """Do what follows the commit."""


def alone(writer: Writer, session_id: str, fact: f.Fact) -> Session | None:
    """Take one fact in; wait for whoever is changing its session. Return the session as it is then, None if there is none."""
    return _write(writer, [Arrival(session_id, fact)], sessions.lock_all)[0]


def together(writer: Writer, arrivals: Sequence[Arrival]) -> list[bool]:
    """Take facts in, and tell of each whether that is done. The others are to come ``alone``: their session is not there, is being
    changed by somebody at this moment, for whom the rest is not to wait, or they cannot be written. Raises StoreUnavailable."""
    try:
        return [session is not None for session in _write(writer, arrivals, sessions.lock_free)]
    except StoreUnavailable:
        raise
    except Exception:
        # One of them breaks something. Which one shows when each is alone, and is raised there.
        log.warning("facts could not be written together", exc_info=True)
        return [False] * len(arrivals)


def _write(writer: Writer, arrivals: Sequence[Arrival], lock: Lock) -> list[Session | None]:
    """Take facts in in one transaction and do what follows. Return the session as each left it, None where ``lock`` gave none."""
    told: list[Notice] = []
    begun: list[Begun] = []
    left: list[Session | None] = []
    with writer.engine.begin() as connection:
        before = lock(connection, [session_id for session_id, _ in arrivals])
        after, now = dict(before), writer.clock.now()
        for session_id, fact in arrivals:
            session = after.get(session_id)
            if session is not None:
                change = apply(session, fact, now, writer.policy)
                session = after[session_id] = change.session
                begun += writer.intend(connection, session_id, type(fact).__name__, change.intents)
                told += change.notices
            left.append(session)
        writer.save(connection, [(session, after[session_id]) for session_id, session in before.items()])
        writer.tell(connection, told)
    writer.after(told, begun)
    return left
