"""The log of what changed for each user, and the Bayeux sessions that read it.

Each user has a log of their own, numbered 1, 2, 3 … without gaps in the order of commits: whoever reads "everything
after n" misses nothing and sees nothing twice. The number comes from the user's row in ``notice_head``, which stays
locked until the transaction of the change itself commits; a plain sequence would let a slow transaction commit behind
a reader's back.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec
from sqlalchemy import Connection, Row, bindparam, delete, func, insert, select, text, tuple_, update

from app.store.tables import bayeux_session, notice, notice_head

# One statement for everybody: it takes each user's lock, in the order of their ids, moves the heads and tells where they now are.
_ADVANCE = {
    "sqlite": text(
        "INSERT INTO notice_head (user_id, last) SELECT key, value FROM json_each(:counts) WHERE true"
        " ON CONFLICT (user_id) DO UPDATE SET last = notice_head.last + excluded.last RETURNING user_id, last"
    ),
    "postgresql": text(
        "INSERT INTO notice_head (user_id, last)"
        " SELECT key, CAST(value AS bigint) FROM json_each_text(CAST(:counts AS json)) ORDER BY key"
        " ON CONFLICT (user_id) DO UPDATE SET last = notice_head.last + excluded.last RETURNING user_id, last"
    ),
}
# Built once: these run for every change and every poll, and building them costs as much as running them.
_WRITE = insert(notice)
_AFTER = (
    select(notice.c.n, notice.c.at, notice.c.body)
    .where(notice.c.user_id == bindparam("user_id"), notice.c.n > bindparam("after"))
    .order_by(notice.c.n)
    .limit(bindparam("most"))
)
_NEWEST = select(func.max(notice.c.at))
_RECENT = (
    select(notice.c.user_id, func.max(notice.c.n).label("n"))
    .where(notice.c.at > bindparam("since"))
    .group_by(notice.c.user_id)
)
_HEAD = select(notice_head.c.last).where(notice_head.c.user_id == bindparam("user_id"))
_OPEN = insert(bayeux_session)
_LOCK = select(bayeux_session).where(bayeux_session.c.id == bindparam("session_id")).with_for_update()
_SAVE = update(bayeux_session).where(bayeux_session.c.id == bindparam("session_id"))
_STANDINGS = (
    select(bayeux_session.c.id, bayeux_session.c.generation, bayeux_session.c.cursor, notice_head.c.last)
    .select_from(bayeux_session.outerjoin(notice_head, notice_head.c.user_id == bayeux_session.c.user_id))
    .where(bayeux_session.c.id.in_(bindparam("session_ids", expanding=True)))
)
_IDS_PER_QUERY = 500  # both stores limit the number of bound values of one statement


@dataclass(frozen=True)
class StoredNotice:
    """One entry of a user's log: its number (from 1), when it was written (unix seconds) and what it says."""

    n: int
    at: float
    body: dict[str, Any]


@dataclass(frozen=True)
class BayeuxSession:
    """What the server remembers of one Bayeux client; any process may answer any of its requests.

    ``subscriptions`` maps a channel or pattern to the log's head at the moment it was subscribed: what is older was
    never asked for. ``cursor`` is the last notice that the client has (with ack: has acknowledged). ``generation``
    counts its connects: only the newest one may be given notices. ``base_url`` is scheme and host as the client
    reached us at the handshake. ``login`` names the log-in it was opened under, "" if none is known. ``seen_at`` is
    the arrival of its latest connect, unix seconds.
    """

    id: str
    user_id: str
    login: str
    subscriptions: Mapping[str, int]
    cursor: int
    ack: bool
    base_url: str
    generation: int
    seen_at: float


@dataclass(frozen=True)
class Standing:
    """Where a session stands against its user's log: what tells a held connect whether it has to move."""

    generation: int
    cursor: int
    head: int


def append(connection: Connection, notices: Sequence[tuple[str, dict[str, Any]]], now: float) -> list[int]:
    """Write ``notices``, pairs of user id and body, to their users' logs; return their numbers in the same order.

    Belongs into the transaction of the change that they tell of, as late as possible: the logs of these users stay
    locked until it ends. Users are taken in sorted order, so that two changes which notify the same people cannot
    lock each other out.
    """
    if not notices:
        return []
    counts = Counter(user_id for user_id, _ in notices)
    heads = connection.execute(_ADVANCE[connection.dialect.name], {"counts": _dumps(counts)})
    following = {user_id: last - counts[user_id] + 1 for user_id, last in heads}
    numbers: list[int] = []
    rows: list[dict[str, Any]] = []
    for user_id, body in notices:
        n = following[user_id]
        following[user_id] = n + 1
        numbers.append(n)
        rows.append({"user_id": user_id, "n": n, "body": _dumps(body), "at": now})
    connection.execute(_WRITE, rows)
    return numbers


def after(connection: Connection, user_id: str, n: int, limit: int) -> list[StoredNotice]:
    """Return at most ``limit`` notices of the user that follow number ``n``, oldest first."""
    rows = connection.execute(_AFTER, {"user_id": user_id, "after": n, "most": limit}).all()
    return [StoredNotice(row.n, row.at, msgspec.json.decode(row.body)) for row in rows]


def recently_told(connection: Connection, seconds: float) -> dict[str, int]:
    """Return, for each user who was told of something in the last ``seconds``, the number of the latest notice.

    The seconds are counted back from the newest notice of all, and the moments are those of the writers' clocks: good for a hint only.
    """
    newest = connection.execute(_NEWEST).scalar_one()
    rows = connection.execute(_RECENT, {"since": (newest or 0.0) - seconds}).all()
    return {row.user_id: row.n for row in rows}


def head(connection: Connection, user_id: str) -> int:
    """Return the number of the user's latest notice, pruned or not; 0 if there never was one."""
    return connection.execute(_HEAD, {"user_id": user_id}).scalar_one_or_none() or 0


def prune(connection: Connection, before: float, most: int) -> int:
    """Forget up to ``most`` notices written before the moment ``before`` (unix seconds), and return how many; numbering goes on as if they
    were there."""
    old = select(notice.c.user_id, notice.c.n).where(notice.c.at < before).limit(most)
    return connection.execute(delete(notice).where(tuple_(notice.c.user_id, notice.c.n).in_(old))).rowcount


def open_session(connection: Connection, session: BayeuxSession) -> None:
    """Store a new session. Its id must be new: ids carry 128 random bits, so a clash is an error and raises IntegrityError."""
    connection.execute(_OPEN, {"id": session.id, "user_id": session.user_id, **_changing(session)})


def lock_session(connection: Connection, session_id: str) -> BayeuxSession | None:
    """Return the session, or None if there is none, and keep others from changing it until this transaction ends."""
    row = connection.execute(_LOCK, {"session_id": session_id}).one_or_none()
    return _session(row) if row is not None else None


def save_session(connection: Connection, session: BayeuxSession) -> None:
    """Write back a session that this transaction holds by :func:`lock_session`."""
    connection.execute(_SAVE, {"session_id": session.id, **_changing(session)})


def put_back_cursor(connection: Connection, session_id: str, given: int, back_to: int) -> bool:
    """Undo a delivery whose reply could not be written: move the cursor from ``given`` back, unless it has moved on since."""
    mine = (bayeux_session.c.id == session_id) & (bayeux_session.c.cursor == given)
    return connection.execute(update(bayeux_session).where(mine).values(cursor=back_to)).rowcount == 1


def close_session(connection: Connection, session_id: str) -> None:
    """Forget the session; forgetting it twice is harmless."""
    connection.execute(delete(bayeux_session).where(bayeux_session.c.id == session_id))


def close_sessions_of_login(connection: Connection, login: str) -> int:
    """Forget every session opened under that log-in, for a log-out: held connects end within a quarter of a second."""
    return connection.execute(delete(bayeux_session).where(bayeux_session.c.login == login)).rowcount


def close_expired_sessions(connection: Connection, seen_before: float) -> int:
    """Forget every session whose latest connect arrived before the moment ``seen_before`` (unix seconds)."""
    return connection.execute(delete(bayeux_session).where(bayeux_session.c.seen_at < seen_before)).rowcount


def standings(connection: Connection, session_ids: Collection[str]) -> dict[str, Standing]:
    """Return where each of these sessions stands, in one query per 500 of them; those that are gone are missing."""
    found: dict[str, Standing] = {}
    for ids in _portions(list(session_ids)):
        for row in connection.execute(_STANDINGS, {"session_ids": ids}):
            found[row.id] = Standing(row.generation, row.cursor, row.last or 0)
    return found


def _portions(ids: list[str]) -> Iterator[list[str]]:
    for start in range(0, len(ids), _IDS_PER_QUERY):
        yield ids[start : start + _IDS_PER_QUERY]


def _dumps(value: Any) -> str:
    return msgspec.json.encode(value).decode()


def _changing(session: BayeuxSession) -> dict[str, Any]:
    return {
        "login": session.login or None,
        "subscriptions": _dumps(dict(session.subscriptions)),
        "cursor": session.cursor,
        "ack": session.ack,
        "base_url": session.base_url,
        "generation": session.generation,
        "seen_at": session.seen_at,
    }


def _session(row: Row[Any]) -> BayeuxSession:
    return BayeuxSession(
        id=row.id,
        user_id=row.user_id,
        login=row.login or "",
        subscriptions=msgspec.json.decode(row.subscriptions),
        cursor=row.cursor,
        ack=row.ack,
        base_url=row.base_url,
        generation=row.generation,
        seen_at=row.seen_at,
    )
