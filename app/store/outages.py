"""Telling that the store is away from a mistake of ours: the one place where errors of the drivers become StoreUnavailable.

Away means: no connection, a connection that broke, a server that starts, stops or is full, a SQLite file that is locked by somebody else,
gone or not to be written. None of that is a client's fault and all of it passes, so every dialect and webhook answers 503 in its own shape.
So does a transaction that another one is in the way of: nothing of it was done, and it may be tried again. That is no outage but somebody
who is stuck, or a mistake of ours, and is logged as an error.
Anything else (a missing table, a violated constraint) stays SQLAlchemy's error and is loud.
"""

import logging
import sqlite3

import psycopg
from sqlalchemy import Engine, event
from sqlalchemy.engine import ExceptionContext
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.pool import PoolProxiedConnection, QueuePool

from app.core.errors import StoreUnavailable

# Primary result codes of SQLite that speak of the file, not of the statement.
_FILE_TROUBLE = frozenset(
    {
        sqlite3.SQLITE_BUSY,
        sqlite3.SQLITE_LOCKED,
        sqlite3.SQLITE_READONLY,
        sqlite3.SQLITE_IOERR,
        sqlite3.SQLITE_FULL,
        sqlite3.SQLITE_CANTOPEN,
        sqlite3.SQLITE_PROTOCOL,
        sqlite3.SQLITE_NOTADB,
        sqlite3.SQLITE_CORRUPT,
    }
)
# All of them OperationalErrors, like a server that is not there.
_IN_THE_WAY = (
    psycopg.errors.DeadlockDetected,
    psycopg.errors.SerializationFailure,
    psycopg.errors.LockNotAvailable,
)
log = logging.getLogger(__name__)


class PatientPool(QueuePool):
    """A pool of connections that says StoreUnavailable when none has become free in time."""

    def connect(self) -> PoolProxiedConnection:
        """Return a connection. Raises StoreUnavailable when all are in use for longer than the pool's timeout."""
        try:
            return super().connect()
        except PoolTimeout as error:
            raise StoreUnavailable from error


def report_outages(engine: Engine) -> None:
    """Let everything that uses ``engine`` raise StoreUnavailable while the store is away."""

    @event.listens_for(engine, "handle_error")
    def _translate(context: ExceptionContext) -> None:
        if isinstance(context.original_exception, _IN_THE_WAY):
            log.error(
                "another transaction was in the way",
                extra={"statement": context.statement},
                exc_info=context.original_exception,
            )
        if context.is_disconnect or _is_outage(context.original_exception):
            raise StoreUnavailable from context.original_exception


def _is_outage(error: BaseException) -> bool:
    if isinstance(error, sqlite3.Error):
        # The low byte is the primary code; errors that the module raises itself have none.
        return (getattr(error, "sqlite_errorcode", 0) & 0xFF) in _FILE_TROUBLE
    # ReadOnlySqlTransaction: what was the primary a moment ago is a standby now.
    return isinstance(error, psycopg.OperationalError | psycopg.errors.ReadOnlySqlTransaction)
