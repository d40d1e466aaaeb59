"""Many ended sessions with all their rows, in bulk: what a store looks like after years, for measuring and for trying out operations.

A few calls are played through the core once (``app.store.fill_calls``); every session is a copy of one of them with ids, numbers and
moments of its own. Ids ascend, so that the indexes grow at their end, which makes it quick.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

from sqlalchemy import Connection, Engine, Table

from app.core.people import Line
from app.core.session import Party
from app.store import notices, people, sessions
from app.store import tables as t
from app.store.codec import encode_session, encode_tagged, told
from app.store.fill_calls import Names, Played, play

_BATCH = 5000  # sessions of one transaction: others get their turn to write in between
_OVER_SECONDS = 90 * 24 * 3600.0  # the calls are spread over so long
_ENDED_BEFORE_SECONDS = 3600.0  # the newest began so long ago
# Notices are kept for an hour: only the newest calls have any.
_WITH_NOTICES = 20
_KINDS = ("talk",) * 7 + ("transfer",) * 2 + ("missed",)
# What is replaced in the calls that are copied. None of it occurs otherwise.
_BEGAN = 9_000_000_000.0
_PATTERN = Names("5e55104e" * 3, 7_777_777_777_777, "ca11" * 7, "+15557654321", _BEGAN)
_PLACES = re.compile(
    rf"(?P<id>{_PATTERN.session_id})|(?P<sids>{_PATTERN.sids})|(?P<number>{_PATTERN.number})"
    rf"|(?P<caller>\{_PATTERN.caller})|(?P<at>90000\d{{5}}\.\d+)"
)
_COLUMNS: dict[Table, tuple[str, ...]] = {
    t.session: ("id", "account_id", "number", "started_at", "ended_at", "open", "next_due", "version", "body"),
    t.leg: ("call_sid", "session_id", "leg_id"),
    t.session_agent: ("user_id", "session_id", "open"),
    t.operation: ("id", "session_id", "kind", "created_at", "claimed_until", "outcome"),
    t.intent: ("operation_id", "seq", "body", "attempts", "outcome"),
}
_Rows = dict[Table, list[tuple[Any, ...]]]


class NothingToFill(Exception):
    """The store has no line that rings an agent: calls need somebody to take them."""


@dataclass(frozen=True)
class _Copied:
    """A played call as texts with places to fill in."""

    line: Line
    agents: tuple[Party, ...]
    kind: str
    body: str
    lasted: float
    legs: tuple[int, ...]
    users: tuple[str, ...]
    operations: tuple[tuple[str, float, tuple[str, ...]], ...]


def fill(engine: Engine, count: int, now: float, report: Callable[[int], None] = lambda _done: None) -> None:
    """Add ``count`` ended sessions, the newest begun an hour before ``now`` (unix seconds). ``report`` hears how many there are so far.

    Raises NothingToFill. Breaks off after whole batches only: every session that is there has all its rows.
    """
    with engine.begin() as connection:
        calls = _calls(connection, now)
        highest = sessions.next_number(connection, count=count)
    # The moment makes the ids those of this fill alone.
    names = _names(count, highest - count, now)
    picked = ((calls[n % len(calls)], one) for n, one in enumerate(names))
    done = 0
    while batch := list(islice(picked, _BATCH)):
        rows: _Rows = {table: [] for table in _COLUMNS}
        for call, one in batch:
            _copy(call, one, rows)
        done += len(batch)
        newest = batch[-_WITH_NOTICES:] if done == count else []
        with engine.begin() as connection:
            for table, values in rows.items():
                _write(connection, table, values)
            _tell(connection, newest, now)
        report(done)


def _calls(connection: Connection, now: float) -> list[_Copied]:
    """Return what is copied, in the order in which it is: every kind of call to every line."""
    found = [(line, _agents(connection, line, now)) for line in people.lines(connection, None)]
    able = [(line, agents) for line, agents in found if agents]
    if not able:
        raise NothingToFill
    return [
        _prepared(kind if len(agents) > 1 else kind.replace("transfer", "talk"), line, agents)
        for kind in _KINDS
        for line, agents in able
    ]


def _agents(connection: Connection, line: Line, now: float) -> tuple[Party, ...]:
    """Return who may take a line's calls: whom it rings first, then colleagues."""
    everybody = [user for user in people.users(connection, [line.account_id]) if user.softphone is not None]
    first = [user for user in everybody if user.id == line.route_target]
    if line.route_kind == "queue":
        queue = people.ring_queue(connection, line.route_target, now)
        first = queue[1] if queue is not None else []
    rest = [user for user in everybody if user not in first]
    return tuple(user.party() for user in (*first, *rest))


def _prepared(kind: str, line: Line, agents: tuple[Party, ...]) -> _Copied:
    played = play(kind, line, agents, _PATTERN)
    session = played.session
    return _Copied(
        line=line,
        agents=agents,
        kind=kind,
        body=_with_places(encode_session(session)),
        lasted=(session.ended_at or _BEGAN) - _BEGAN,
        legs=tuple(leg.n for leg in session.legs),
        users=tuple(sorted({leg.party.user_id for leg in session.legs if leg.party.user_id})),
        operations=tuple(
            (name, at - _BEGAN, tuple(_with_places(encode_tagged(intent)) for intent in intents))
            for name, at, intents in played.operations
        ),
    )


def _with_places(text: str) -> str:
    """Return JSON text as a format string (%) whose places are named id, sids, number, caller, and +<seconds> for moments."""

    def place(match: re.Match[str]) -> str:
        if match.lastgroup == "at":
            return f"%(+{float(match.group()) - _BEGAN})s"
        return f"%({match.lastgroup})s"

    return _PLACES.sub(place, text.replace("%", "%%"))


def _names(count: int, before: int, now: float) -> Iterator[Names]:
    prefix, first = int(now) & 0xFFFFFFFF, now - _ENDED_BEFORE_SECONDS - _OVER_SECONDS
    for n in range(1, count + 1):
        number = before + n
        yield Names(
            session_id=f"{prefix:08x}{number:016x}",
            number=number,
            sids=f"{prefix:012x}{number:016x}",
            caller=f"+1555{number % 10_000_000:07d}",
            started_at=round(first + n * _OVER_SECONDS / count, 3),
        )


class _Values(dict[str, Any]):
    """What is filled in: a moment is worked out when it is asked for."""

    def __init__(self, names: Names) -> None:
        super().__init__(id=names.session_id, sids=names.sids, number=names.number, caller=names.caller)
        self._started_at = names.started_at

    def __missing__(self, key: str) -> float:
        at = round(self._started_at + float(key), 3)
        self[key] = at
        return at


def _copy(call: _Copied, names: Names, rows: _Rows) -> None:
    """Add the rows of one session."""
    values, session_id, began = _Values(names), names.session_id, names.started_at
    ended, version = round(began + call.lasted, 3), len(call.operations) * 2 + 1
    head = (session_id, call.line.account_id, names.number, began, ended, False, None, version, call.body % values)
    rows[t.session].append(head)
    rows[t.leg] += [(f"CA{names.sids}{n:04x}", session_id, f"{session_id}-{n}") for n in call.legs]
    rows[t.session_agent] += [(user_id, session_id, False) for user_id in call.users]
    for k, (kind, later, intents) in enumerate(call.operations):
        operation_id = f"{session_id}{k:08x}"
        rows[t.operation].append((operation_id, session_id, kind, round(began + later, 3), None, "done"))
        rows[t.intent] += [(operation_id, seq, intent % values, 1, "done") for seq, intent in enumerate(intents)]


def _write(connection: Connection, table: Table, rows: Sequence[tuple[Any, ...]]) -> None:
    """Write rows the quickest way each store has."""
    names = ", ".join(_COLUMNS[table])
    driver: Any = connection.connection.driver_connection
    if connection.dialect.name == "postgresql":
        with driver.cursor() as cursor, cursor.copy(f"COPY {table.name} ({names}) FROM STDIN") as copy:
            for row in rows:
                copy.write_row(row)
        return
    places = ", ".join("?" * len(_COLUMNS[table]))
    driver.executemany(f"INSERT INTO {table.name} ({names}) VALUES ({places})", rows)


def _tell(connection: Connection, newest: Iterable[tuple[_Copied, Names]], now: float) -> None:
    """Write the notices of the newest calls, played once more under their own names: what agents see is derived from the ids."""
    played: list[Played] = [play(call.kind, call.line, call.agents, names) for call, names in newest]
    notices.append(connection, [told(notice) for one in played for notice in one.notices], now)
