"""Names that one caller among all processes can claim for a while."""

from contextlib import suppress
from typing import Final

from sqlalchemy import Connection, delete

from bot.errors import StoreUnavailable
from bot.store.database import Repository
from bot.store.dialects import insert
from bot.store.tables import claims

SWEEP_SECONDS: Final = 3_600
"""How often each process deletes expired claims."""


class ClaimRepository(Repository):
    _sweep_at = 0.0

    async def claim(self, name: str, seconds: float) -> bool:
        """True for one caller alone until ``seconds`` have passed or the claim is released."""
        now = self._now()
        expires_at = now + seconds

        def insert_or_renew(connection: Connection) -> bool:
            """In one statement, hence atomic: it returns the row that it inserted or that had expired."""
            statement = (
                insert(connection, claims)
                .values(name=name, expires_at=expires_at)
                .on_conflict_do_update(
                    index_elements=[claims.c.name], set_={"expires_at": expires_at}, where=claims.c.expires_at <= now
                )
                .returning(claims.c.name)
            )
            return connection.execute(statement).first() is not None

        is_claimed = await self._database.write(insert_or_renew)
        if now >= self._sweep_at:
            self._sweep_at = now + SWEEP_SECONDS
            expired = delete(claims).where(claims.c.expires_at <= now)
            with suppress(StoreUnavailable):  # the claim itself is written
                await self._database.write(lambda connection: connection.execute(expired))
        return is_claimed

    async def release(self, name: str) -> None:
        """Let others claim ``name`` again."""
        await self._database.write(lambda connection: connection.execute(delete(claims).where(claims.c.name == name)))
