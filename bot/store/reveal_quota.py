"""When each user revealed masked values during the last hour."""

from typing import Final

from sqlalchemy import Connection, delete, insert, select

from bot.store.database import Repository
from bot.store.dialects import lock
from bot.store.tables import reveals

HOUR_SECONDS: Final = 3_600.0
REVEALS_LOCK: Final = 0x72657665616C
"""The advisory lock in PostgreSQL: "reveal"."""


class RevealQuotaRepository(Repository):
    async def take(self, team: str, user: str, per_hour: int) -> float:
        """Count one reveal. Returns 0.0, or in how many seconds the next one is allowed if the quota is used up."""
        now = self._now()

        def work(connection: Connection) -> float:
            lock(connection, REVEALS_LOCK)
            connection.execute(delete(reveals).where(reveals.c.at <= now - HOUR_SECONDS))
            of_user = select(reveals.c.at).where(reveals.c.team == team, reveals.c.person == user)
            last = connection.scalars(of_user.order_by(reveals.c.at.desc()).limit(per_hour)).all()
            if len(last) == per_hour:
                return max(1.0, float(last[-1]) + HOUR_SECONDS - now)
            connection.execute(insert(reveals).values(team=team, person=user, at=now))
            return 0.0

        return await self._database.write(work)
