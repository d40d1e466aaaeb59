"""Where the protocol meets the store: every step of a Bayeux request that reads or writes, each in one short transaction.

All of it blocks, so the server runs it on a small pool of threads. Nothing is kept between two calls: any process can
answer any request of any session.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from sqlalchemy import Connection, Engine

from app.notices.envelope import Message
from app.notices.protocol import (
    Answer,
    Caller,
    Delivery,
    Exchange,
    Render,
    Terms,
    acknowledged,
    client_id_of,
    deliver,
    respond,
    shake_hands,
)
from app.store import notices as store
from app.store.notices import BayeuxSession, Standing

_NOTICES_PER_REPLY = 200
# After a night's standstill there may be a million to forget: nobody's change is to wait for all of them.
_PRUNED_AT_ONCE = 1000


@dataclass(frozen=True)
class Identity:
    """Who a request's credentials belong to. ``login`` names the log-in behind them, so that a log-out can end its sessions."""

    user_id: str
    login: str = ""


@dataclass(frozen=True)
class Served:
    """A request's answers and the events that go before them.

    ``before`` is the session's cursor as it was before these events were taken: what it is put back to if they cannot
    be written. ``hold`` tells that the only answer is a connect's and that it is to wait for events.
    """

    answers: tuple[Answer, ...]
    session: BayeuxSession | None = None
    events: tuple[Message, ...] = ()
    before: int = 0
    hold: bool = False


@dataclass(frozen=True)
class Collected:
    """What a held connect finds when it looks again.

    ``superseded``: a newer connect of the session is there, this one gets nothing. ``gone``: the session was ended.
    """

    status: Literal["live", "superseded", "gone"]
    events: tuple[Message, ...] = ()
    upto: int = 0
    before: int = 0


class Desk:
    """Answers Bayeux requests from the store.

    ``lifetime`` is how many seconds a session lives after the arrival of its latest connect; it covers the time that
    a connect is held, since nothing is written when it is answered. ``keep`` is how many seconds notices are kept.
    """

    def __init__(
        self,
        engine: Engine,
        render: Render,
        terms: Terms,
        now: Callable[[], float],
        new_id: Callable[[], str],
        lifetime: float,
        keep: float = 3600.0,
    ) -> None:
        self._engine = engine
        self._render = render
        self._terms = terms
        self._now = now
        self._new_id = new_id
        self._lifetime = lifetime
        self._keep = keep

    def shake_hands(self, message: Message, identity: Identity | None, base_url: str) -> Served:
        """Answer a handshake; the new session hears of what happens from now on. That of nobody is refused."""
        if identity is None:
            return Served(shake_hands(message, self._caller(None, base_url, 0), self._terms, self._new_id).answers)
        with self._engine.begin() as connection:
            head = store.head(connection, identity.user_id)
            exchange = shake_hands(message, self._caller(identity, base_url, head), self._terms, self._new_id)
            if exchange.session is not None:
                store.open_session(connection, exchange.session)
        return Served(exchange.answers, exchange.session)

    def serve(self, messages: Sequence[Message], identity: Identity | None, base_url: str) -> Served:
        """Answer any other request. Without ack the cursor behind the returned events is committed when this returns."""
        client_id = client_id_of(messages)
        if client_id is None or identity is None:
            return Served(respond(messages, None, self._caller(identity, base_url, 0), self._terms).answers)
        with self._engine.begin() as connection:
            session = self._living(connection, client_id)
            head = store.head(connection, identity.user_id) if session is not None else 0
            exchange = respond(messages, session, self._caller(identity, base_url, head), self._terms)
            delivery = self._deliver(connection, exchange.session) if exchange.connected and exchange.session else None
            self._keep_changes(connection, session, exchange, delivery)
        if delivery is None:
            return Served(exchange.answers, exchange.session)
        answers = acknowledged(exchange.answers, delivery.session, delivery.upto)
        before = exchange.session.cursor if exchange.session else 0
        hold = exchange.hold and not delivery.events
        return Served(answers, delivery.session, delivery.events, before, hold)

    def collect(self, session_id: str, generation: int) -> Collected:
        """Take what is new for a held connect, which is the session's ``generation``-th."""
        with self._engine.begin() as connection:
            session = store.lock_session(connection, session_id)
            if session is None:
                return Collected("gone")
            if session.generation != generation:
                return Collected("superseded")
            delivery = self._deliver(connection, session)
            if delivery.session != session:
                store.save_session(connection, delivery.session)
        return Collected("live", delivery.events, delivery.upto, session.cursor)

    def put_back(self, session_id: str, given: int, before: int) -> None:
        """Give events back that could not be written, so that the client's next connect gets them."""
        with self._engine.begin() as connection:
            store.put_back_cursor(connection, session_id, given, before)

    def standings(self, session_ids: Collection[str]) -> dict[str, Standing]:
        """Return where these sessions stand against their users' logs, without taking the writer's lock."""
        with self._engine.connect().execution_options(read_only=True) as connection:
            return store.standings(connection, session_ids)

    def sweep(self) -> None:
        """Forget expired sessions and old notices."""
        now = self._now()
        with self._engine.begin() as connection:
            store.close_expired_sessions(connection, now - self._lifetime)
        forgotten = _PRUNED_AT_ONCE
        while forgotten == _PRUNED_AT_ONCE:
            with self._engine.begin() as connection:
                forgotten = store.prune(connection, now - self._keep, _PRUNED_AT_ONCE)

    def _caller(self, identity: Identity | None, base_url: str, head: int) -> Caller:
        user_id, login = (identity.user_id, identity.login) if identity is not None else (None, "")
        return Caller(user_id, login, base_url, self._now(), head)

    def _living(self, connection: Connection, client_id: str) -> BayeuxSession | None:
        session = store.lock_session(connection, client_id)
        if session is None or session.seen_at + self._lifetime < self._now():
            return None
        return session

    def _deliver(self, connection: Connection, session: BayeuxSession) -> Delivery:
        waiting = store.after(connection, session.user_id, session.cursor, _NOTICES_PER_REPLY)
        return deliver(session, waiting, self._render)

    def _keep_changes(
        self, connection: Connection, before: BayeuxSession | None, exchange: Exchange, delivery: Delivery | None
    ) -> None:
        after = delivery.session if delivery is not None else exchange.session
        if before is not None and exchange.closed:
            store.close_session(connection, before.id)
        elif after is not None and after != before:
            store.save_session(connection, after)


def as_held(served: Served, upto: int) -> Served:
    """Return the served request with its connect's answer brought up to notice ``upto``."""
    if served.session is None:
        return served
    return replace(served, answers=acknowledged(served.answers, served.session, upto))
