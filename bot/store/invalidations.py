"""What every process has to be told: which customers were forgotten, and what changed in Slack."""

from collections.abc import Callable, Collection
from typing import Final, NamedTuple

from sqlalchemy import Connection, Table, delete, insert, select, text

from bot.store.database import Database
from bot.store.tables import changes, forgets

FORGETS_KEPT_SECONDS: Final = 86_400.0
"""For so long a process that could not reach the database is told afterwards."""
CHANGES_KEPT_SECONDS: Final = 7_200.0
"""Nobody remembers for longer than an hour what Slack said; the clocks may differ by as much."""
SWEEP_SECONDS: Final = 3_600.0
CHANGES_LOCK: Final = 0x6368616E6765
"""Names the advisory lock in PostgreSQL: "change"."""


class InvalidatedId(NamedTuple):
    """The id of a customer, or of a person or a channel in Slack; ``place`` grows with each of its kind."""

    place: int
    id: str


class PendingInvalidations(NamedTuple):
    """Each in the order in which it was announced."""

    forgets: tuple[InvalidatedId, ...]
    changes: tuple[InvalidatedId, ...]


class InvalidationRepository:
    """All methods raise StoreUnavailable. ``now`` is the wall clock, which processes share well enough for hours."""

    def __init__(self, database: Database, now: Callable[[], float]) -> None:
        self._database = database
        self._now = now
        self._sweep_at = 0.0

    async def announce(self, slack_ids: Collection[str]) -> None:
        """These people and channels have changed in Slack. What was forgotten is announced with the forgetting."""
        rows = [{"slack_id": slack_id, "at": self._now()} for slack_id in slack_ids]
        await self._database.write(lambda connection: _announce(connection, rows))

    async def after(self, forget: int, change: int) -> PendingInvalidations:
        """What was announced since the ``forget`` and the ``change`` of these places."""

        def work(connection: Connection) -> PendingInvalidations:
            return PendingInvalidations(_after(connection, forgets, forget), _after(connection, changes, change))

        news = await self._database.read(work)
        await self._sweep()
        return news

    async def _sweep(self) -> None:
        now = self._now()
        if now >= self._sweep_at:
            self._sweep_at = now + SWEEP_SECONDS
            await self._database.write(lambda connection: _delete_old(connection, now))


def _announce(connection: Connection, rows: list[dict[str, object]]) -> None:
    """One process at a time, so that no place becomes visible after a higher one, where nobody would look any more."""
    if connection.dialect.name == "postgresql":  # SQLite has one writer at a time
        connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": CHANGES_LOCK})
    connection.execute(insert(changes), rows)


def _after(connection: Connection, table: Table, place: int) -> tuple[InvalidatedId, ...]:
    """A table of these is a place, an id, and when."""
    number, announced, _ = table.columns
    query = select(number, announced).where(number > place).order_by(number)
    return tuple(InvalidatedId(*row) for row in connection.execute(query))


def _delete_old(connection: Connection, now: float) -> None:
    connection.execute(delete(forgets).where(forgets.c.at <= now - FORGETS_KEPT_SECONDS))
    connection.execute(delete(changes).where(changes.c.at <= now - CHANGES_KEPT_SECONDS))
