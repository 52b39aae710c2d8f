"""Names that one caller among all processes can claim for a while."""

from contextlib import suppress
from typing import Final

from sqlalchemy import delete

from bot.errors import StoreUnavailable
from bot.store.database import Repository
from bot.store.dialects import upsert_if
from bot.store.tables import claims

SWEEP_SECONDS: Final = 3_600
"""How often each process deletes expired claims."""


class ClaimRepository(Repository):
    _sweep_at = 0.0

    async def claim(self, name: str, seconds: float) -> bool:
        """True for one caller alone until ``seconds`` have passed or the claim is released."""
        now = self._now()
        is_expired = claims.c.expires_at <= now
        renewal = {"expires_at": now + seconds}
        row = {"name": name, **renewal}
        claimed = await self._database.write(
            lambda connection: upsert_if(connection, is_expired, claims, row, renewal, claims.c.name)
        )
        if now >= self._sweep_at:
            self._sweep_at = now + SWEEP_SECONDS
            with suppress(StoreUnavailable):  # the claim itself is written
                await self._database.write(lambda connection: connection.execute(delete(claims).where(is_expired)))
        return claimed is not None

    async def release(self, name: str) -> None:
        """Let others claim ``name`` again."""
        await self._database.write(lambda connection: connection.execute(delete(claims).where(claims.c.name == name)))
