"""How many points a key has used in the running minute and day."""

from sqlalchemy import Connection, select
from sqlalchemy.dialects.postgresql import insert as pg_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert

from app.store import tables as t

SECONDS = {"minute": 60.0, "day": 86400.0}


def used(connection: Connection, owner: str, now: float) -> dict[str, tuple[int, float]]:
    """Return, per period, the points used and the seconds until it begins anew. Locks the rows for a change that follows."""
    found = {
        row.period: row
        for row in connection.execute(select(t.points).where(t.points.c.owner == owner).with_for_update())
        if row.began_at <= now < row.began_at + SECONDS[row.period]
    }
    return {
        period: (found[period].used, found[period].began_at + seconds - now) if period in found else (0, seconds)
        for period, seconds in SECONDS.items()
    }


def spend(connection: Connection, owner: str, cost: int, now: float) -> None:
    """Add ``cost`` points to both periods, beginning those anew that have run out."""
    upsert = pg_insert if connection.dialect.name == "postgresql" else sqlite_insert
    for period, (before, left) in used(connection, owner, now).items():
        values = {"owner": owner, "period": period, "began_at": now + left - SECONDS[period], "used": before + cost}
        statement = upsert(t.points).values(values)
        connection.execute(
            statement.on_conflict_do_update(
                index_elements=[t.points.c.owner, t.points.c.period],
                set_={"began_at": statement.excluded.began_at, "used": statement.excluded.used},
            )
        )
