"""How many points a key has used in the running minute and day."""

from sqlalchemy import Connection, bindparam, select, update
from sqlalchemy.dialects.postgresql import insert as pg_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert

from app.store import tables as t

SECONDS = {"minute": 60.0, "day": 86400.0}
# In one order always, so that two who lock both rows cannot lock each other out.
_MINE = select(t.points).where(t.points.c.owner == bindparam("owner")).order_by(t.points.c.period)
_LOCK_MINE = _MINE.with_for_update()
_PERIODS = sorted(SECONDS)

Standing = dict[str, tuple[int, float]]
"""Per period, the points used and the seconds until it begins anew."""


def used(connection: Connection, owner: str, now: float) -> Standing:
    """Return what has been used, to look at: it may be out of date at once."""
    return _standing(connection, owner, now, change=False)


def lock(connection: Connection, owner: str, now: float) -> Standing:
    """Return what has been used, for a change that follows: nobody else changes it until the transaction ends."""
    upsert = pg_insert if connection.dialect.name == "postgresql" else sqlite_insert
    # A row that is not there cannot be locked. Who writes the same one at this moment is waited for.
    fresh = [{"owner": owner, "period": period, "began_at": now, "used": 0} for period in _PERIODS]
    connection.execute(upsert(t.points).values(fresh).on_conflict_do_nothing())
    return _standing(connection, owner, now, change=True)


def spend(connection: Connection, owner: str, before: Standing, cost: int, now: float) -> None:
    """Add ``cost`` points to both periods, as ``lock`` returned them in this transaction, beginning those anew that have run out."""
    for period, (points, left) in before.items():
        connection.execute(
            update(t.points)
            .where(t.points.c.owner == owner, t.points.c.period == period)
            .values(began_at=now + left - SECONDS[period], used=points + cost)
        )


def _standing(connection: Connection, owner: str, now: float, *, change: bool) -> Standing:
    # A period may have begun a little after ``now``: by somebody whose turn came before ours, or whose clock is ahead.
    found = {
        row.period: row
        for row in connection.execute(_LOCK_MINE if change else _MINE, {"owner": owner})
        if abs(now - row.began_at) < SECONDS[row.period]
    }
    return {
        period: (found[period].used, found[period].began_at + seconds - now) if period in found else (0, seconds)
        for period, seconds in SECONDS.items()
    }
