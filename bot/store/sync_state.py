"""How far the sync of each network's directory has come, and whose turn it is to go on with it."""

import secrets
from collections.abc import Callable
from typing import Any, Final, NamedTuple

from sqlalchemy import ColumnElement, Connection, and_, select, update

from bot.domain.profile import ServiceNetwork
from bot.errors import SyncInProgress
from bot.store.database import Database
from bot.store.tables import of_network, syncs
from bot.store.upsert import insert

_UNOWNED: Final = {"owner": "", "until": 0.0}


class SyncCursor(NamedTuple):
    """The page that comes next. ``source`` names one of the CRM's lists; "": none was begun."""

    source: str = ""
    page: int = 1


START: Final = SyncCursor()


class SyncStateRepository:
    """``now`` is the wall clock: processes on several machines share it well enough for a turn of a minute."""

    def __init__(self, database: Database, now: Callable[[], float]) -> None:
        self._database = database
        self._now = now

    async def acquire(self, network: ServiceNetwork, seconds: float) -> "SyncLease":
        """The turn to sync ``network``, until it is released or was not kept for ``seconds``.

        Raises SyncInProgress if it is another's, StoreUnavailable.
        """
        owner = secrets.token_hex(8)
        now = self._now()
        cursor = await self._database.write(lambda connection: _take(connection, network, owner, now, seconds))
        return SyncLease(
            self._database, self._now, and_(of_network(syncs, network), syncs.c.owner == owner), seconds, cursor
        )

    async def finished_at(self, network: ServiceNetwork) -> float | None:
        """When a sync was complete last; None: never. Raises StoreUnavailable."""
        query = select(syncs.c.finished_at).where(of_network(syncs, network))
        return await self._database.read(lambda connection: connection.scalar(query))


class SyncLease:
    """One process's turn. All methods raise StoreUnavailable; those that keep it raise SyncInProgress once it is lost.

    ``cursor`` is where the sync goes on. A turn is lost when it was not kept for ``seconds`` and another began.
    """

    def __init__(
        self,
        database: Database,
        now: Callable[[], float],
        mine: ColumnElement[bool],
        seconds: float,
        cursor: SyncCursor,
    ) -> None:
        self._database = database
        self._now = now
        self._mine = mine
        self._kept_at = now()
        self.seconds = seconds
        self.cursor = cursor

    @property
    def step_seconds(self) -> float:
        """How long one step between two calls of ``renew`` may take, so that the turn is not lost in it."""
        return self.seconds / 3

    async def renew(self) -> None:
        """Lengthen the turn. The database is asked only where a third of it has passed."""
        if not 0 <= self._now() - self._kept_at < self.step_seconds:
            await self._keep()

    async def save(self, source: str, page: int) -> None:
        """All before this place is done."""
        await self._keep(source=source, page=page)

    async def finish(self) -> None:
        """The sync is complete: the next one begins at the beginning. The turn is over."""
        await self._keep(**START._asdict(), **_UNOWNED, finished_at=self._now())

    async def release(self) -> None:
        """Whoever wants to go on may do so at once."""
        released = update(syncs).where(self._mine).values(_UNOWNED)
        await self._database.write(lambda connection: connection.execute(released))

    async def _keep(self, **news: Any) -> None:
        now = self._now()
        statement = update(syncs).where(self._mine).values({"until": now + self.seconds, **news})
        kept = await self._database.write(lambda connection: connection.execute(statement).rowcount)
        if not kept:
            raise SyncInProgress(now + self.seconds)
        self._kept_at = now


def _take(connection: Connection, network: ServiceNetwork, owner: str, now: float, seconds: float) -> SyncCursor:
    """One statement, so that no other process comes in between: what comes back was inserted or free."""
    mine = {"owner": owner, "until": now + seconds}
    statement = (
        insert(connection, syncs)
        .values(**network._asdict(), **START._asdict(), **mine)
        .on_conflict_do_update(index_elements=list(syncs.primary_key), set_=mine, where=syncs.c.until <= now)
        .returning(syncs.c.source, syncs.c.page)
    )
    row = connection.execute(statement).first()
    if row is None:
        raise SyncInProgress(connection.scalar(select(syncs.c.until).where(of_network(syncs, network))) or now)
    return SyncCursor(row.source, row.page)
