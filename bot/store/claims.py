"""Names that one caller among all processes may have for a while."""

from collections.abc import Callable
from contextlib import suppress
from typing import Final

from sqlalchemy import Connection, delete

from bot.errors import StoreUnavailable
from bot.store.database import Database
from bot.store.tables import claims
from bot.store.upsert import insert

SWEEP_SECONDS: Final = 3_600
"""How often each process deletes what has expired."""


class ClaimRepository:
    """``now`` is the wall clock: processes on several machines share it well enough for minutes."""

    def __init__(self, database: Database, now: Callable[[], float]) -> None:
        self._database = database
        self._now = now
        self._sweep_at = 0.0

    async def claim(self, name: str, seconds: float) -> bool:
        """True for one caller alone until ``seconds`` have passed. Raises StoreUnavailable."""
        now = self._now()
        mine = await self._database.write(lambda connection: _claim(connection, name, now, now + seconds))
        if now >= self._sweep_at:
            self._sweep_at = now + SWEEP_SECONDS
            with suppress(StoreUnavailable):  # who has claimed has claimed
                await self._database.write(lambda connection: _sweep(connection, now))
        return mine

    async def release(self, name: str) -> None:
        """Anybody may claim it again. Raises StoreUnavailable."""
        await self._database.write(lambda connection: connection.execute(delete(claims).where(claims.c.name == name)))


def _claim(connection: Connection, name: str, now: float, expires_at: float) -> bool:
    """One statement, so that no other process comes in between: what comes back was inserted or had expired."""
    statement = (
        insert(connection, claims)
        .values(name=name, expires_at=expires_at)
        .on_conflict_do_update(
            index_elements=[claims.c.name], set_={"expires_at": expires_at}, where=claims.c.expires_at <= now
        )
        .returning(claims.c.name)
    )
    return connection.execute(statement).first() is not None


def _sweep(connection: Connection, now: float) -> None:
    connection.execute(delete(claims).where(claims.c.expires_at <= now))
