"""The CRM's token, encrypted, and the lease of the process that fetches the next one."""

from typing import NamedTuple

from sqlalchemy import or_, select, update

from bot.store.database import Repository
from bot.store.dialects import upsert, upsert_if
from bot.store.tables import UNOWNED, crm_tokens


class SealedToken(NamedTuple):
    """An encrypted token. Times are epoch seconds."""

    sealed: bytes
    renew_at: float
    expires_at: float


class CrmTokenRepository(Repository):
    """One row for each app of the CRM. Clocks that differ by more than a lease lasts only cost a second fetch."""

    async def acquire(self, app_id: str, owner: str, known: bytes | None, seconds: float) -> bool:
        """Whether ``owner`` has the lease to fetch a token, for ``seconds``.

        False while another owner has it, and if there is a token that is not ``known`` and not due for renewal.
        """
        now = self._now()
        c = crm_tokens.c
        lease = {"owner": owner, "until": now + seconds}
        is_free = or_(c.until <= now, c.owner == owner)
        is_wanted = or_(c.sealed.is_(None), c.sealed == known, c.renew_at <= now)
        row = {"app_id": app_id, "sealed": None, "renew_at": 0.0, "expires_at": 0.0, **lease}
        acquired = await self._database.write(
            lambda connection: upsert_if(connection, is_free & is_wanted, crm_tokens, row, lease, c.app_id)
        )
        return acquired is not None

    async def fresh(self, app_id: str) -> SealedToken | None:
        """The token, unless it is due for renewal."""
        c = crm_tokens.c
        is_fresh = (c.app_id == app_id, c.sealed.is_not(None), c.renew_at > self._now())
        query = select(c.sealed, c.renew_at, c.expires_at).where(*is_fresh)
        row = await self._database.read(lambda connection: connection.execute(query).first())
        return SealedToken(*row) if row else None

    async def put(self, app_id: str, token: SealedToken) -> None:
        """Replace the token, and end the lease."""
        row = {"app_id": app_id, **token._asdict(), **UNOWNED}
        await self._database.write(lambda connection: upsert(connection, crm_tokens, **row))

    async def release(self, app_id: str, owner: str) -> None:
        """Let another process acquire the lease at once."""
        is_mine = (crm_tokens.c.app_id == app_id, crm_tokens.c.owner == owner)
        released = update(crm_tokens).where(*is_mine).values(UNOWNED)
        await self._database.write(lambda connection: connection.execute(released))
