"""How far each network's directory sync has come, and the lease of the process that runs it."""

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

from sqlalchemy import ColumnElement, Connection, and_, select, update

from bot.domain.profile import ServiceNetwork
from bot.errors import SyncInProgress
from bot.store.database import Database, Repository
from bot.store.dialects import upsert_if
from bot.store.tables import UNOWNED, of_network, syncs


class SyncCursor(NamedTuple):
    """The page that comes next. ``source`` names one of the CRM's lists; "": none was begun."""

    source: str = ""
    page: int = 1


START: Final = SyncCursor()


class SyncStateRepository(Repository):
    async def acquire(self, network: ServiceNetwork, seconds: float) -> "SyncLease":
        """The lease to sync ``network``. It expires ``seconds`` after it was last renewed.

        Raises SyncInProgress if another process holds it.
        """
        owner = secrets.token_hex(8)
        now = self._now()
        lease = {"owner": owner, "until": now + seconds}
        new = {**network._asdict(), **START._asdict(), **lease}

        def work(connection: Connection) -> SyncCursor:
            row = upsert_if(connection, syncs.c.until <= now, syncs, new, lease, syncs.c.source, syncs.c.page)
            if row is None:
                raise SyncInProgress(connection.scalar(select(syncs.c.until).where(of_network(syncs, network))) or now)
            return SyncCursor(*row)

        cursor = await self._database.write(work)
        is_mine = and_(of_network(syncs, network), syncs.c.owner == owner)
        return SyncLease(cursor, seconds, now, self._database, self._now, is_mine)

    async def finished_at(self, network: ServiceNetwork) -> float | None:
        """When a sync was last completed, in epoch seconds; None: never."""
        query = select(syncs.c.finished_at).where(of_network(syncs, network))
        return await self._database.read(lambda connection: connection.scalar(query))


@dataclass
class SyncLease:
    """A process's right to sync a network, from ``cursor`` on. It expires ``seconds`` after it was last renewed.

    All methods raise StoreUnavailable, and those that renew it SyncInProgress once another process has acquired it.
    """

    cursor: SyncCursor
    seconds: float
    _renewed_at: float
    _database: Database
    _now: Callable[[], float]
    _is_mine: ColumnElement[bool]

    @property
    def step_seconds(self) -> float:
        """How long the holder may work between two calls of ``renew`` without losing the lease."""
        return self.seconds / 3

    async def renew(self) -> None:
        """Extend the lease. This asks the database only after a third of the lease's time."""
        if not 0 <= self._now() - self._renewed_at < self.step_seconds:
            await self._update()

    async def save(self, source: str, page: int) -> None:
        """Move the cursor, and renew the lease."""
        await self._update(source=source, page=page)

    async def finish(self) -> None:
        """The sync is complete: reset the cursor, and release the lease."""
        await self._update(**START._asdict(), **UNOWNED, finished_at=self._now())

    async def release(self) -> None:
        """Let another process acquire it at once."""
        released = update(syncs).where(self._is_mine).values(UNOWNED)
        await self._database.write(lambda connection: connection.execute(released))

    async def _update(self, **columns: Any) -> None:
        now = self._now()
        statement = update(syncs).where(self._is_mine).values({"until": now + self.seconds, **columns})
        if not await self._database.write(lambda connection: connection.execute(statement).rowcount):
            raise SyncInProgress(now + self.seconds)
        self._renewed_at = now
