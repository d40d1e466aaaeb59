"""Sessions in the store: load and lock one, save it with the rows by which others find it, list them."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Select, bindparam, exists, func, insert, or_, select, text, update
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
    """Let nobody else open a session for this call until the transaction ends. On SQLite every writing transaction does that."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(hashtext(:call_sid))"), {"call_sid": call_sid})


def take_lease(connection: Connection, name: str, now: float, seconds: float) -> bool:
    """Return whether this process may do the named work now; nobody else may for ``seconds``."""
    statement = update(t.lease).where(t.lease.c.name == name, t.lease.c.until <= now).values(until=now + seconds)
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
    agents = {leg.party.user_id for leg in after.legs if leg.party.user_id}
    for user_id in sorted(agents - ({leg.party.user_id for leg in before.legs} if before else set())):
        mine = {"user_id": user_id, "session_id": after.id, "open": after.open}
        connection.execute(upsert(t.session_agent).values(mine).on_conflict_do_nothing())
    if before is not None and before.open is not after.open:
        connection.execute(
            update(t.session_agent).where(t.session_agent.c.session_id == after.id).values(open=after.open)
        )


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
    """Return the live sessions in which a user has or had a leg, oldest first."""
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


def due_ids(connection: Connection, now: float, limit: int = 50) -> list[str]:
    """Return the ids of the sessions that have a deadline behind them."""
    statement = select(t.session.c.id).where(t.session.c.next_due <= now).order_by(t.session.c.next_due).limit(limit)
    return list(connection.execute(statement).scalars())


def page(
    connection: Connection, wanted: Selection, newest_first: bool, offset: int, limit: int
) -> tuple[list[Session], int]:
    """Return one page of sessions, ended ones too, and how many there are."""
    statement = _selected(wanted)
    total = connection.execute(select(func.count()).select_from(statement.subquery())).scalar_one()
    return _sessions(connection, _ordered(statement, newest_first).offset(offset).limit(limit)), int(total)


def first(connection: Connection, wanted: Selection, newest_first: bool, most: int) -> list[Session]:
    """Return sessions, ended ones too, at most so many, without counting how many there are."""
    return _sessions(connection, _ordered(_selected(wanted), newest_first).limit(most))


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


def _ordered(statement: Select[Any], newest_first: bool) -> Select[Any]:
    started = t.session.c.started_at
    return statement.order_by(started.desc() if newest_first else started, t.session.c.id)


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
