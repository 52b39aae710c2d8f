"""What every process has to drop from memory: customers who were erased, and users and channels changed in Slack."""

from collections.abc import Collection
from typing import Final, NamedTuple

from sqlalchemy import Connection, Table, delete, insert, select

from bot.store.database import Repository
from bot.store.dialects import lock
from bot.store.tables import changes, forgets

FORGETS_KEPT_SECONDS: Final = 86_400.0
"""A process that cannot reach the database for so long still learns of all erasures."""
CHANGES_KEPT_SECONDS: Final = 7_200.0
"""What Slack says is cached for an hour at most; the clocks may differ by as much."""
SWEEP_SECONDS: Final = 3_600.0
CHANGES_LOCK: Final = 0x6368616E6765
"""The advisory lock in PostgreSQL: "change"."""


class InvalidatedId(NamedTuple):
    """The id of a customer, or of a user or a channel in Slack; ``place`` grows with each of its kind."""

    place: int
    id: str


class PendingInvalidations(NamedTuple):
    """Each in the order in which it was announced."""

    forgets: tuple[InvalidatedId, ...]
    changes: tuple[InvalidatedId, ...]


class InvalidationRepository(Repository):
    _sweep_at = 0.0

    async def announce(self, slack_ids: Collection[str]) -> None:
        """These users and channels have changed in Slack. (An erasure announces its customer itself.)"""
        rows = [{"slack_id": slack_id, "at": self._now()} for slack_id in slack_ids]

        def work(connection: Connection) -> None:
            # without the lock a place could become visible after a higher one, which readers have already passed
            lock(connection, CHANGES_LOCK)
            connection.execute(insert(changes), rows)

        await self._database.write(work)

    async def after(self, forget: int, change: int) -> PendingInvalidations:
        """What was announced after the places ``forget`` and ``change``."""

        def work(connection: Connection) -> PendingInvalidations:
            return PendingInvalidations(_after(connection, forgets, forget), _after(connection, changes, change))

        pending = await self._database.read(work)
        if (now := self._now()) >= self._sweep_at:
            self._sweep_at = now + SWEEP_SECONDS
            await self._database.write(lambda connection: _delete_old(connection, now))
        return pending


def _after(connection: Connection, table: Table, place: int) -> tuple[InvalidatedId, ...]:
    """The columns of both tables are the place, the id and the time."""
    place_column, id_column, _ = table.columns
    query = select(place_column, id_column).where(place_column > place).order_by(place_column)
    return tuple(InvalidatedId(*row) for row in connection.execute(query))


def _delete_old(connection: Connection, now: float) -> None:
    connection.execute(delete(forgets).where(forgets.c.at <= now - FORGETS_KEPT_SECONDS))
    connection.execute(delete(changes).where(changes.c.at <= now - CHANGES_KEPT_SECONDS))
