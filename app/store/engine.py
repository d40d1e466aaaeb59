"""The connection to the store: which engine, and how it must be set up to keep its promises."""

import sqlite3
import time
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import make_url
from sqlalchemy.exc import InvalidatePoolError
from sqlalchemy.pool import NullPool

from app.store.outages import PatientPool, report_outages
from app.store.turns import Turns

# Errors are logged with their statement, never with its values: those hold numbers and session ids of people.
_QUIET: dict[str, Any] = {"hide_parameters": True}
# Twilio gives a webhook 15 s. Whoever waits for the store longer than this hears that it is away, while the provider still listens.
_PATIENCE_SECONDS = 5
# What PostgreSQL's own limits are while a connection is ours. A statement may take its time (a text is looked for in a whole store), but
# must not wait for others without end: for a row or a call that somebody keeps locked, and no transaction of ours, which take
# milliseconds, may keep locks while its process stands still: the server ends it, and the process finds that nothing was done.
_LIMITS = {
    # Counted anew for each step of getting one lock; a row that many want has two.
    "lock_timeout": "3s",
    "idle_in_transaction_session_timeout": "10s",
}
# What a server's machine that has gone silent is noticed by: of what was sent nothing is acknowledged (milliseconds), or, while we
# wait for an answer, nobody is there any more (seconds of silence before the first question, between questions, and how many).
_REACH = {
    "connect_timeout": _PATIENCE_SECONDS,
    "tcp_user_timeout": _PATIENCE_SECONDS * 1000,
    "keepalives": 1,
    "keepalives_idle": 2,
    "keepalives_interval": 1,
    "keepalives_count": _PATIENCE_SECONDS - 2,
}
# A connection that has not been used for so long may have been closed by the server, or by something in between.
_RESTED_SECONDS = 1.0


def normalised(url: str) -> str:
    """Return ``url`` in the form SQLAlchemy wants: Heroku's ``postgres://`` and plain ``postgresql://`` mean psycopg 3."""
    for prefix in ("postgres://", "postgresql://"):
        if url.startswith(prefix):
            return "postgresql+psycopg://" + url.removeprefix(prefix)
    return url


def open_engine(url: str, pool_size: int = 12) -> Engine:
    """Open the store at ``url`` (``sqlite:///path`` or ``postgresql://…``). Nothing is read or written yet.

    SQLite runs in WAL mode, waits 5 s for a writer that is not ours, and begins every transaction as a writing one: a transaction that
    reads first and writes later could otherwise be refused half-way. Reading transactions are short, so nothing is lost by it.
    On PostgreSQL nobody waits longer than some seconds for what somebody else has locked, and a transaction that stands still for 10 s is
    ended.
    While the store is away, everything done with the engine raises StoreUnavailable; it works again as soon as the store does.
    """
    parsed = make_url(normalised(url))
    pooled: dict[str, Any] = {
        "poolclass": PatientPool,
        "pool_size": pool_size,
        "max_overflow": 4,
        "pool_timeout": _PATIENCE_SECONDS,
        **_QUIET,
    }
    if parsed.get_backend_name() != "sqlite":
        engine = create_engine(parsed, connect_args=_REACH, **pooled)
        report_outages(engine)
        _limit(engine)
        _ping_after_rest(engine)
        return engine
    engine = (
        create_engine(parsed, connect_args={"timeout": _PATIENCE_SECONDS}, **pooled)
        if parsed.database
        else create_engine(parsed, poolclass=NullPool, **_QUIET)
    )
    report_outages(engine)

    @event.listens_for(engine, "connect")
    def _set_up(connection: sqlite3.Connection, _record: Any) -> None:
        # SQLAlchemy is to say BEGIN itself (below); sqlite3 would say it later, at the first change.
        connection.isolation_level = None
        for pragma in (
            "journal_mode=WAL",
            "synchronous=NORMAL",
            "foreign_keys=ON",
            f"busy_timeout={_PATIENCE_SECONDS * 1000}",
        ):
            connection.execute(f"PRAGMA {pragma}")

    if parsed.database:
        _take_turns(engine, Turns(Path(parsed.database)))
    return engine


def unlimited(connection: Connection) -> None:
    """Let this transaction wait for others, and stand still, as long as it takes: one that changes the tables, which others wait for."""
    if connection.dialect.name == "postgresql":
        for name in _LIMITS:
            connection.exec_driver_sql(f"SET LOCAL {name} = 0")


def _limit(engine: Engine) -> None:
    """Set each new connection its limits. By a statement: an option of the connection would be refused by some poolers in between."""

    @event.listens_for(engine, "connect")
    def _set_up(connection: Any, _record: Any) -> None:
        for name, limit in _LIMITS.items():
            connection.execute(f"SET {name} = '{limit}'")
        connection.commit()


def _ping_after_rest(engine: Engine) -> None:
    """Ask a connection that has rested whether it still stands, and have all of them opened anew if not. One that was just in use is
    not asked: that would be a round trip more for every request, a tenth of what a webhook takes."""

    @event.listens_for(engine, "checkin")
    def _rest(_connection: Any, record: Any) -> None:
        record.info["rests_since"] = time.monotonic()

    @event.listens_for(engine, "checkout")
    def _ping(connection: Any, record: Any, _proxy: Any) -> None:
        if time.monotonic() - record.info.get("rests_since", time.monotonic()) < _RESTED_SECONDS:
            return
        try:
            engine.dialect.do_ping(connection)
        except engine.dialect.loaded_dbapi.Error as error:
            raise InvalidatePoolError from error


def _take_turns(engine: Engine, turns: Turns) -> None:
    """Let write transactions wait for their turn before they begin, and give it on when their connection is back in the pool: by then
    they have ended, however they ended."""

    @event.listens_for(engine, "begin")
    def _begin(connection: Any) -> None:
        if connection.get_execution_options().get("read_only", False):
            connection.exec_driver_sql("BEGIN")
            return
        if turns.holder is not connection.info:
            turns.take(connection.info)
        connection.exec_driver_sql("BEGIN IMMEDIATE")

    @event.listens_for(engine, "checkin")
    def _checkin(_connection: Any, record: Any) -> None:
        if turns.holder is record.info:
            turns.give()
