"""Answers to requests that carried an idempotency key, kept so that a repeated request gets the same one."""

from dataclasses import dataclass

from sqlalchemy import Connection, delete, select, update
from sqlalchemy.dialects.postgresql import insert as pg_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert

from app.store import tables as t


@dataclass(frozen=True)
class Kept:
    """What is known of a key. ``status`` None = the first request has not been answered."""

    digest: str
    expires_at: float
    status: int | None
    headers: str
    body: bytes


def begin(connection: Connection, owner: str, key: str, digest: str, expires_at: float) -> Kept | None:
    """Note that a request with this key has begun. Return what is known when it is not the first: exactly one caller gets None."""
    upsert = pg_insert if connection.dialect.name == "postgresql" else sqlite_insert
    values = {"owner": owner, "key": key, "digest": digest, "expires_at": expires_at}
    written = upsert(t.replay).values(values).on_conflict_do_nothing().returning(t.replay.c.key)
    known = select(t.replay).where(t.replay.c.owner == owner, t.replay.c.key == key)
    while connection.execute(written).first() is None:
        row = connection.execute(known).one_or_none()
        if row is not None:
            return Kept(row.digest, row.expires_at, row.status, row.headers or "", bytes(row.body or b""))
        # The request that was first has been forgotten since: we may be the first now.
    return None


def keep(connection: Connection, owner: str, key: str, status: int, headers: str, body: bytes) -> None:
    """Keep the answer."""
    mine = (t.replay.c.owner == owner, t.replay.c.key == key)
    connection.execute(update(t.replay).where(*mine).values(status=status, headers=headers, body=body))


def forget(connection: Connection, owner: str, key: str) -> None:
    """Forget a key whose request did not take effect, so that it can be tried again."""
    connection.execute(delete(t.replay).where(t.replay.c.owner == owner, t.replay.c.key == key))


def expire(connection: Connection, now: float) -> None:
    """Forget what is too old."""
    connection.execute(delete(t.replay).where(t.replay.c.expires_at <= now))
