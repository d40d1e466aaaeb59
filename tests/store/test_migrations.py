"""The migrations lead to the tables that the code uses."""

from __future__ import annotations

from pathlib import Path

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Engine, inspect, text

from app.store.engine import open_engine
from app.store.migrate import migrate
from app.store.tables import metadata
from tests.support.stores import postgres, postgres_url  # noqa: F401 - fixtures


def _differences(engine: Engine) -> list[object]:
    with engine.connect() as connection:
        return list(compare_metadata(MigrationContext.configure(connection), metadata))


def test_a_new_sqlite_file_gets_the_tables_of_the_code_and_a_second_run_changes_nothing(tmp_path: Path) -> None:
    engine = open_engine(f"sqlite:///{tmp_path}/sub/new.sqlite")

    migrate(engine)
    migrate(engine)

    assert _differences(engine) == []
    with engine.connect() as connection:
        assert connection.execute(text("SELECT value FROM counter")).scalar_one() > 0
    engine.dispose()


def test_a_new_postgresql_database_gets_the_tables_of_the_code(postgres_url: str) -> None:  # noqa: F811
    engine = open_engine(postgres_url)
    # The fixture made them from the code; here they are to come from the migrations.
    with engine.begin() as connection:
        metadata.drop_all(connection)

    migrate(engine)

    assert _differences(engine) == []
    assert "session" in inspect(engine).get_table_names()
    engine.dispose()
