"""The access log's rows: who has looked up which customer."""

from collections.abc import Sequence
from typing import Any, Final

from sqlalchemy import Connection, Row, delete, func, select

from bot.domain.audit import AuditEntry, AuditLine, Placed
from bot.domain.profile import ServiceNetwork
from bot.store.database import Repository
from bot.store.dialects import insert
from bot.store.tables import accesses, storable

SWEEP_BATCH: Final = 1_000
"""Rows deleted in one transaction, so that other writers do not wait long."""


class AuditLogRepository(Repository):
    async def keep(self, writer: str, batch: Sequence[Placed]) -> None:
        """Write ``batch`` in one transaction. Writing rows of the same ``writer`` again is idempotent.

        The driver gets the rows directly: SQLAlchemy's processing would take as long per row as SQLite itself.
        """

        def work(connection: Connection) -> None:
            statement = insert(connection, accesses).on_conflict_do_nothing().compile(dialect=connection.dialect)
            connection.exec_driver_sql(str(statement), [_row(writer, placed) for placed in batch])

        await self._database.write(work)

    async def of(self, customer_id: str, since: float, most: int) -> tuple[int, tuple[AuditEntry, ...]]:
        """How many rows a customer has after ``since``, and the newest ``most`` of them, the newest first."""
        condition = (accesses.c.customer_id == customer_id) & (accesses.c.at > since)
        newest = select(accesses).where(condition).order_by(accesses.c.at.desc(), accesses.c.place.desc()).limit(most)
        counted = select(func.count()).select_from(accesses).where(condition)

        def work(connection: Connection) -> tuple[int, tuple[AuditEntry, ...]]:
            entries = tuple(_entry(row) for row in connection.execute(newest))
            return connection.scalar(counted) or 0, entries

        return await self._database.read(work)

    async def sweep(self, before: float) -> bool:
        """Delete about SWEEP_BATCH rows not newer than ``before``. False: there may be more."""
        old = accesses.c.at <= before
        last = select(accesses.c.at).where(old).order_by(accesses.c.at).offset(SWEEP_BATCH - 1).limit(1)

        def work(connection: Connection) -> bool:
            until = connection.scalar(last)
            connection.execute(delete(accesses).where(old if until is None else accesses.c.at <= until))
            return until is None

        return await self._database.write(work)


def _row(writer: str, placed: Placed) -> tuple[str | float | None, ...]:
    """In the order of the table's columns."""
    place, (at, network, line) = placed
    row = (writer, place, at, *(network or (None, None)), *line)
    return tuple(storable(value) if isinstance(value, str) else value for value in row)


def _entry(row: Row[Any]) -> AuditEntry:
    """The reverse of ``_row``."""
    _, _, at, network_id, network_type, *line = row
    network = None if network_id is None else ServiceNetwork(network_id, network_type)
    return AuditEntry(at, network, AuditLine(*line))
