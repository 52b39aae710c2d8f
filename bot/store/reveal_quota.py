"""When each person had masked values revealed, for as long as that counts."""

from collections.abc import Callable
from typing import Any, Final

from sqlalchemy import Connection, delete, insert, select, text

from bot.store.database import Database
from bot.store.tables import reveals

HOUR_SECONDS: Final = 3_600.0
REVEALS_LOCK: Final = 0x72657665616C
"""Names the advisory lock in PostgreSQL: "reveal"."""


class RevealQuotaRepository:
    """``now`` is the wall clock: processes on several machines share it well enough for an hour."""

    def __init__(self, database: Database, now: Callable[[], float]) -> None:
        self._database = database
        self._now = now

    async def take(self, team: str, person: str, per_hour: int) -> float:
        """Count one reveal; 0.0, or in how many seconds there may be the next one. Raises StoreUnavailable."""
        now = self._now()
        row = {"team": team, "person": person, "at": now}
        return await self._database.write(lambda connection: _take(connection, row, per_hour, now))


def _take(connection: Connection, row: dict[str, Any], per_hour: int, now: float) -> float:
    """One process at a time: SQLite's write transaction is such a lock, PostgreSQL has one that ends with ours."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": REVEALS_LOCK})
    connection.execute(delete(reveals).where(reveals.c.at <= now - HOUR_SECONDS))
    whose = select(reveals.c.at).where(reveals.c.team == row["team"], reveals.c.person == row["person"])
    last = connection.scalars(whose.order_by(reveals.c.at.desc()).limit(per_hour)).all()
    if len(last) == per_hour:
        return max(1.0, float(last[-1]) + HOUR_SECONDS - now)
    connection.execute(insert(reveals).values(row))
    return 0.0
