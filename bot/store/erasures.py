"""Erasing a customer: the stored rows are deleted, and an invalidation for every process (``invalidations.py``) is
written with them.
"""

from typing import Final, NamedTuple

from sqlalchemy import Connection, Table, delete, insert, select, text

from bot.store.database import Repository
from bot.store.tables import contact_hashes, customers, forgets, numbers, pins, recents

ERASURE_HOLD_SECONDS: Final = 60.0
"""How long nothing is stored of the customer again: a running request of any process may have fetched it before."""
ERASE_TIMEOUT_SECONDS: Final = 30.0
"""Long, because erasing waits for all transactions that store customers."""


class ErasedRows(NamedTuple):
    """How many rows were deleted: from the directory, of hashes of phones and mail addresses, from recents and pins."""

    directory: int
    hashes: int
    recents: int
    pins: int


class ErasureRepository(Repository):
    async def erase(self, customer_id: str) -> ErasedRows:
        """Delete what is stored of a customer, in all networks, and tell every process to forget it."""
        now = self._now()

        def work(connection: Connection) -> ErasedRows:
            def deleted(table: Table) -> int:
                return connection.execute(delete(table).where(table.c.customer_id == customer_id)).rowcount

            if connection.dialect.name == "postgresql":  # SQLite has one writer at a time
                connection.execute(text("LOCK TABLE forgets IN ACCESS EXCLUSIVE MODE"))
            connection.execute(insert(forgets).values(customer_id=customer_id, at=now))
            in_directory = deleted(customers) + deleted(numbers)
            return ErasedRows(in_directory, deleted(contact_hashes), deleted(recents), deleted(pins))

        return await self._database.write(work, ERASE_TIMEOUT_SECONDS)


def erased_ids(connection: Connection, now: float) -> frozenset[str]:
    """The ids of customers of whom nothing may be stored now. Read them first in a transaction that stores any.

    Reading them blocks erasures until the transaction ends, so that an erasure misses no row.
    """
    query = select(forgets.c.customer_id).where(forgets.c.at > now - ERASURE_HOLD_SECONDS)
    return frozenset(connection.scalars(query))
