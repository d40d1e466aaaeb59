"""Sessions in the store: load and lock one, save it with the rows by which others find it, list them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Select,
    bindparam,
    exists,
    func,
    insert,
    or_,
    select,
    text,
    tuple_,
    union_all,
    update,
)
from sqlalchemy.dialects.postgresql import insert as pg_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert

from app.core.deadlines import next_deadline
from app.core.selection import Selection
from app.core.session import Session
from app.store import tables as t
from app.store.codec import decode_session, encode_session

# These run on every webhook; written once, they are not built and compiled each time.
_LOAD = select(t.session.c.body, t.session.c.version).where(t.session.c.id == bindparam("id"))
_LOCK = _LOAD.with_for_update()
_BODIES = select(t.session.c.body).where(t.session.c.id.in_(bindparam("ids", expanding=True))).order_by(t.session.c.id)
_LOCK_ALL = _BODIES.with_for_update()
_LOCK_FREE = _BODIES.with_for_update(skip_locked=True)
_SAVE = (
    update(t.session)
    .where(t.session.c.id == bindparam("session"))
    .values(
        version=t.session.c.version + 1,
        ended_at=bindparam("ended_at"),
        open=bindparam("open"),
        next_due=bindparam("next_due"),
        body=bindparam("body"),
    )
)

# More accounts than these are read as if they were one: a query can only have so many parts.
_MOST_MERGED = 50


def next_number(connection: Connection, name: str = "session", count: int = 1) -> int:
    """Return the next value of a counter, or the last of the next ``count``. Never the same twice, also between processes."""
    statement = (
        update(t.counter)
        .where(t.counter.c.name == name)
        .values(value=t.counter.c.value + count)
        .returning(t.counter.c.value)
    )
    return int(connection.execute(statement).scalar_one())


def guard_call(connection: Connection, call_sid: str) -> None:
    """Let nobody else open a session for this call, or keep a fact about it for later, until the transaction ends: what has become of
    it meanwhile can be seen when this returns. On SQLite every writing transaction does that."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(hashtext(:call_sid))"), {"call_sid": call_sid})


def take_lease(connection: Connection, name: str, now: float, seconds: float) -> bool:
    """Return whether this process may do the named work now; nobody else may for ``seconds``."""
    statement = update(t.lease).where(t.lease.c.name == name, t.lease.c.until <= now).values(until=now + seconds)
    return connection.execute(statement).rowcount == 1


def seize_lease(connection: Connection, name: str, until: float) -> bool:
    """Take a lease from whoever has it. Return whether there is such a one."""
    return connection.execute(update(t.lease).where(t.lease.c.name == name).values(until=until)).rowcount == 1


def renew_lease(connection: Connection, name: str, known: float, until: float) -> bool:
    """Let a lease last until another moment. Return whether it is still the caller's, who wrote it until ``known``."""
    statement = update(t.lease).where(t.lease.c.name == name, t.lease.c.until == known).values(until=until)
    return connection.execute(statement).rowcount == 1


def lock(connection: Connection, session_id: str) -> tuple[Session, int] | None:
    """Return a session and its version for change: nobody else changes it until this transaction ends.

    PostgreSQL locks the row; on SQLite the transaction is the only writing one from its beginning (see ``app.store.engine``).
    """
    row = connection.execute(_LOCK, {"id": session_id}).one_or_none()
    return None if row is None else (decode_session(row.body), row.version)


def lock_all(connection: Connection, session_ids: Sequence[str]) -> dict[str, Session]:
    """Return those of some sessions that there are, by id, for change as ``lock`` does. Taken in the order of their ids, so that two who
    want several of the same cannot lock each other out."""
    return _by_id(connection, _LOCK_ALL, session_ids)


def lock_free(connection: Connection, session_ids: Sequence[str]) -> dict[str, Session]:
    """Do what ``lock_all`` does, but leave out those that somebody else is changing at this moment."""
    return _by_id(connection, _LOCK_FREE, session_ids)


def _by_id(connection: Connection, statement: Select[Any], session_ids: Sequence[str]) -> dict[str, Session]:
    found = _sessions(connection, statement, {"ids": list(dict.fromkeys(session_ids))})
    return {session.id: session for session in found}


def load(connection: Connection, session_id: str) -> tuple[Session, int] | None:
    """Return a session and its version for reading."""
    row = connection.execute(_LOAD, {"id": session_id}).one_or_none()
    return None if row is None else (decode_session(row.body), row.version)


def add(connection: Connection, session: Session) -> None:
    """Insert a new session."""
    connection.execute(
        insert(t.session).values(
            id=session.id,
            account_id=session.account_id,
            number=session.number,
            started_at=session.started_at,
            version=1,
            **_columns(session),
        )
    )
    _index(connection, None, session)


def save_all(connection: Connection, changes: Iterable[tuple[Session, Session]]) -> None:
    """Write locked sessions back, each given as it was and as it is to be. What has not changed is not written."""
    changed = [(before, after) for before, after in changes if after is not before]
    if changed:
        connection.execute(_SAVE, [{"session": after.id, **_columns(after)} for _, after in changed])
    for before, after in changed:
        _index(connection, before, after)


def _columns(session: Session) -> dict[str, object]:
    return {
        "ended_at": session.ended_at,
        "open": session.open,
        "next_due": next_deadline(session),
        "body": encode_session(session),
    }


def _index(connection: Connection, before: Session | None, after: Session) -> None:
    """Keep the narrow tables true: which session a CallSid or an agent belongs to. Touches them only for what is new."""
    known = {leg.call_sid for leg in before.legs} if before else set()
    upsert = pg_insert if connection.dialect.name == "postgresql" else sqlite_insert
    for leg in after.legs:
        if leg.call_sid is not None and leg.call_sid not in known:
            values = {"call_sid": leg.call_sid, "session_id": after.id, "leg_id": leg.id}
            connection.execute(upsert(t.leg).values(values).on_conflict_do_nothing())
    for user_id in sorted(_users(after) - (_users(before) if before else set())):
        mine = {"user_id": user_id, "session_id": after.id, "open": after.open}
        connection.execute(upsert(t.session_agent).values(mine).on_conflict_do_nothing())
    if before is not None and before.open is not after.open:
        connection.execute(
            update(t.session_agent).where(t.session_agent.c.session_id == after.id).values(open=after.open)
        )


def _users(session: Session) -> set[str]:
    """Return whose session this is: everybody who has or had a leg, and who holds the customer without being on the call."""
    holds = session.hold.by if session.hold is not None else None
    return {user_id for user_id in (*(leg.party.user_id for leg in session.legs), holds) if user_id}


def id_of_call(connection: Connection, call_sid: str) -> str | None:
    """Return the id of the session a call belongs to."""
    return connection.execute(select(t.leg.c.session_id).where(t.leg.c.call_sid == call_sid)).scalar_one_or_none()


def id_of_number(connection: Connection, number: int) -> str | None:
    """Return the id of the session with this number."""
    return connection.execute(select(t.session.c.id).where(t.session.c.number == number)).scalar_one_or_none()


def live(connection: Connection, account_ids: Sequence[str] | None) -> list[Session]:
    """Return the sessions that have not ended, oldest first."""
    statement = (
        select(t.session.c.body)
        .where(t.session.c.open, t.session.c.ended_at.is_(None))
        .order_by(t.session.c.started_at)
    )
    return _sessions(connection, _of_accounts(statement, account_ids))


def live_of_user(connection: Connection, user_id: str) -> list[Session]:
    """Return the live sessions in which a user has or had a leg, or whose customer she put on hold, oldest first."""
    mine = t.session_agent
    statement = (
        select(t.session.c.body)
        .join(mine, mine.c.session_id == t.session.c.id)
        .where(mine.c.user_id == user_id, mine.c.open, t.session.c.ended_at.is_(None))
        .order_by(t.session.c.started_at)
    )
    return _sessions(connection, statement)


def open_ids(connection: Connection) -> list[str]:
    """Return the ids of the sessions of which the provider may still have a leg."""
    return list(connection.execute(select(t.session.c.id).where(t.session.c.open)).scalars())


def due_ids(
    connection: Connection, now: float, after: tuple[float, str] | None = None, limit: int = 50
) -> list[tuple[float, str]]:
    """Return (deadline, id) of the sessions that have a deadline behind them, in that order, from the one that follows ``after``."""
    key = t.session.c.next_due, t.session.c.id
    statement = select(*key).where(t.session.c.next_due <= now).order_by(*key).limit(limit)
    if after is not None:
        statement = statement.where(tuple_(*key) > after)
    return [(row.next_due, row.id) for row in connection.execute(statement)]


def page(
    connection: Connection, wanted: Selection, newest_first: bool, offset: int, limit: int
) -> tuple[list[Session], int]:
    """Return one page of sessions, ended ones too, and how many there are."""
    statement = _selected(wanted)
    total = connection.execute(select(func.count()).select_from(statement.subquery())).scalar_one()
    return _sessions(connection, _ordered(wanted, newest_first, offset, limit)), int(total)


def first(connection: Connection, wanted: Selection, newest_first: bool, most: int) -> list[Session]:
    """Return sessions, ended ones too, at most so many, without counting how many there are."""
    return _sessions(connection, _ordered(wanted, newest_first, 0, most))


def _selected(wanted: Selection) -> Select[Any]:
    statement = _of_accounts(select(t.session.c.body), wanted.account_ids)
    if wanted.started_from is not None:
        statement = statement.where(t.session.c.started_at >= wanted.started_from)
    if wanted.started_to is not None:
        statement = statement.where(t.session.c.started_at < wanted.started_to)
    if wanted.ids is not None:
        statement = statement.where(t.session.c.id.in_(wanted.ids))
    for group in wanted.mentioning:
        statement = statement.where(or_(*(t.session.c.body.icontains(part, autoescape=True) for part in group)))
    return statement


def _ordered(wanted: Selection, newest_first: bool, offset: int, limit: int) -> Select[Any]:
    """Return the query for some of those wanted. The index knows the order within an account only: of several accounts, each gives as
    many as could be needed, and these are put in order; else all their sessions would have to be. For a text all are read in any case."""

    def ordered(statement: Select[Any], started: ColumnElement[Any], session_id: ColumnElement[Any]) -> Select[Any]:
        return statement.order_by(started.desc() if newest_first else started, session_id)

    session = t.session.c
    accounts = list(dict.fromkeys(wanted.account_ids or ()))
    if wanted.mentioning or not 1 < len(accounts) <= _MOST_MERGED:
        return ordered(_selected(wanted), session.started_at, session.id).offset(offset).limit(limit)
    each = [
        ordered(_selected(replace(wanted, account_ids=[one])), session.started_at, session.id)
        .with_only_columns(session.id, session.started_at)
        .limit(offset + limit)
        .subquery()
        for one in accounts
    ]
    merged = union_all(*(select(one) for one in each)).subquery()
    found = ordered(select(merged), merged.c.started_at, merged.c.id).offset(offset).limit(limit).subquery()
    bodies = select(session.body).join(found, found.c.id == session.id)
    return ordered(bodies, found.c.started_at, found.c.id)


def _of_accounts(statement: Select[Any], account_ids: Sequence[str] | None) -> Select[Any]:
    return statement if account_ids is None else statement.where(t.session.c.account_id.in_(account_ids))


def _sessions(
    connection: Connection, statement: Select[Any], values: Mapping[str, object] | None = None
) -> list[Session]:
    # All of them before the first is decoded: were one not to be read, SQLite would keep a half-read statement on the connection, and
    # whoever had that connection next would be refused.
    return [decode_session(body) for body in connection.execute(statement, values).scalars().all()]


def known(connection: Connection, session_id: str) -> bool:
    """Return whether there is such a session."""
    return bool(connection.execute(select(exists().where(t.session.c.id == session_id))).scalar())
