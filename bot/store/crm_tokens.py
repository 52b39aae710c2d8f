"""The CRM's token, sealed, and which process is just fetching the next one."""

from collections.abc import Callable
from typing import Final, NamedTuple

from sqlalchemy import Connection, or_, select, update

from bot.store.database import Database
from bot.store.tables import crm_tokens
from bot.store.upsert import insert, upsert

_UNOWNED: Final = {"owner": "", "until": 0.0}
_NONE_YET: Final = {"sealed": None, "renew_at": 0.0, "expires_at": 0.0}


class SealedToken(NamedTuple):
    """A token that only those with the key can read. Times are epoch seconds."""

    sealed: bytes
    renew_at: float
    expires_at: float


class CrmTokenRepository:
    """One row for each app of the CRM's. All methods raise StoreUnavailable.

    ``now`` is the wall clock. Clocks that differ by more than a turn lasts cost a second fetch, and nothing else.
    """

    def __init__(self, database: Database, now: Callable[[], float]) -> None:
        self._database = database
        self._now = now

    async def acquire(self, app_id: str, owner: str, known: bytes | None, seconds: float) -> bool:
        """True for one ``owner`` alone until ``seconds`` have passed: it fetches a token.

        For none where there is a token already that is not the ``known`` one and need not be renewed.
        """
        now = self._now()
        mine = {"owner": owner, "until": now + seconds}
        return await self._database.write(lambda connection: _begin(connection, app_id, known, mine, now))

    async def fresh(self, app_id: str) -> SealedToken | None:
        """The token, unless it should be renewed."""
        c = crm_tokens.c
        query = select(c.sealed, c.renew_at, c.expires_at).where(
            c.app_id == app_id, c.sealed.is_not(None), c.renew_at > self._now()
        )
        row = await self._database.read(lambda connection: connection.execute(query).first())
        return SealedToken(*row) if row else None

    async def put(self, app_id: str, token: SealedToken) -> None:
        """In place of the one before. Whoever was fetching one is done."""
        row = {"app_id": app_id, **token._asdict(), **_UNOWNED}
        await self._database.write(lambda connection: upsert(connection, crm_tokens, **row))

    async def release(self, app_id: str, owner: str) -> None:
        """Another may begin at once."""
        mine = (crm_tokens.c.app_id == app_id, crm_tokens.c.owner == owner)
        released = update(crm_tokens).where(*mine).values(_UNOWNED)
        await self._database.write(lambda connection: connection.execute(released))


def _begin(connection: Connection, app_id: str, known: bytes | None, mine: dict[str, object], now: float) -> bool:
    """One statement, so that no other process comes in between: what comes back was inserted or free."""
    c = crm_tokens.c
    is_free = or_(c.until <= now, c.owner == mine["owner"])
    is_wanted = or_(c.sealed.is_(None), c.sealed == known, c.renew_at <= now)
    statement = (
        insert(connection, crm_tokens)
        .values(app_id=app_id, **_NONE_YET, **mine)
        .on_conflict_do_update(index_elements=[c.app_id], set_=mine, where=is_free & is_wanted)
        .returning(c.app_id)
    )
    return connection.execute(statement).first() is not None
