"""Accounts, users, lines, ring queues and keys in the store."""

import json
from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import Connection, Row, delete, insert, select, update

from app.core.people import Account, ApiKey, Line, User
from app.store import tables as t


def _user(row: Row[Any]) -> User:
    return User(
        id=row.id,
        account_id=row.account_id,
        name=row.name,
        display_name=row.display_name,
        roles=tuple(json.loads(row.roles)),
        device_id=row.device_id,
        person_id=row.person_id,
        dn=row.dn,
        softphone=row.softphone,
        employee_id=row.employee_id,
        ready_since=row.ready_since,
    )


def user_where(connection: Connection, **columns: object) -> User | None:
    """Return the one user with these column values."""
    statement = select(t.user).where(*(t.user.c[name] == value for name, value in columns.items()))
    row = connection.execute(statement).one_or_none()
    return None if row is None else _user(row)


def password_hash(connection: Connection, name: str) -> str | None:
    """Return the hash of a user's password."""
    return connection.execute(select(t.user.c.password_hash).where(t.user.c.name == name)).scalar_one_or_none()


def users(connection: Connection, account_ids: Sequence[str] | None) -> list[User]:
    """Return the users of some accounts (None = all), by name."""
    statement = select(t.user).order_by(t.user.c.name)
    if account_ids is not None:
        statement = statement.where(t.user.c.account_id.in_(account_ids))
    return [_user(row) for row in connection.execute(statement)]


def accounts(connection: Connection) -> list[Account]:
    """Return all accounts, by name."""
    return [Account(row.id, row.name) for row in connection.execute(select(t.account).order_by(t.account.c.name))]


def account(connection: Connection, account_id: str) -> Account | None:
    """Return one account."""
    row = connection.execute(select(t.account).where(t.account.c.id == account_id)).one_or_none()
    return None if row is None else Account(row.id, row.name)


def lines(connection: Connection, account_ids: Sequence[str] | None) -> list[Line]:
    """Return the lines of some accounts (None = all), by number."""
    statement = select(t.line).order_by(t.line.c.number)
    if account_ids is not None:
        statement = statement.where(t.line.c.account_id.in_(account_ids))
    return [Line(**row._mapping) for row in connection.execute(statement)]


def line(connection: Connection, number: str) -> Line | None:
    """Return the line with this number (E.164)."""
    row = connection.execute(select(t.line).where(t.line.c.number == number)).one_or_none()
    return None if row is None else Line(**row._mapping)


def ring_queue(connection: Connection, queue_id: str, now: float) -> tuple[str, list[User]] | None:
    """Return a ring queue's name and the agents of it who are ready at ``now``, longest ready first."""
    name = connection.execute(select(t.ring_queue.c.name).where(t.ring_queue.c.id == queue_id)).scalar_one_or_none()
    if name is None:
        return None
    member = t.ring_queue_member
    statement = (
        select(t.user)
        .join(member, member.c.user_id == t.user.c.id)
        .where(member.c.queue_id == queue_id, t.user.c.ready_since <= now, t.user.c.softphone.isnot(None))
        .order_by(t.user.c.ready_since, t.user.c.name)
    )
    return name, [_user(row) for row in connection.execute(statement)]


def ready_from(connection: Connection, user_ids: Iterable[str], moment: float) -> None:
    """Have agents who are ready be so from a later moment on; who is not ready stays so. Their rows are locked in the order of ids: no
    two transactions that do this can wait for each other."""
    for user_id in sorted(user_ids):
        connection.execute(
            update(t.user).where(t.user.c.id == user_id, t.user.c.ready_since < moment).values(ready_since=moment)
        )


def open_login(connection: Connection, realm: str, digest: str, user_id: str, now: float, expires_at: float) -> None:
    """Keep a log-in by the digest of its token."""
    connection.execute(
        insert(t.login).values(digest=digest, realm=realm, user_id=user_id, created_at=now, expires_at=expires_at)
    )


def login(connection: Connection, realm: str, digest: str, now: float) -> User | None:
    """Return whose log-in this is, unless it has expired."""
    statement = (
        select(t.user)
        .join(t.login, t.login.c.user_id == t.user.c.id)
        .where(t.login.c.digest == digest, t.login.c.realm == realm, t.login.c.expires_at > now)
    )
    row = connection.execute(statement).one_or_none()
    return None if row is None else _user(row)


def close_login(connection: Connection, realm: str, digest: str) -> None:
    """Forget a log-in."""
    connection.execute(delete(t.login).where(t.login.c.digest == digest, t.login.c.realm == realm))


def expire_logins(connection: Connection, now: float) -> None:
    """Forget log-ins that have expired."""
    connection.execute(delete(t.login).where(t.login.c.expires_at <= now))


def api_key(connection: Connection, digest: str) -> ApiKey | None:
    """Return the key with this digest, in whatever condition."""
    row = connection.execute(select(t.api_key).where(t.api_key.c.digest == digest)).one_or_none()
    if row is None:
        return None
    return ApiKey(row.digest, row.account_id, row.state, tuple(json.loads(row.components)), row.points_per_minute)
