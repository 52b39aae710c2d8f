"""Forgetting a customer: what is kept goes at once, and all processes are told (see ``invalidations.py``)."""

from collections.abc import Callable
from typing import Final, NamedTuple

from sqlalchemy import Connection, Table, delete, insert, select, text

from bot.store.database import Database
from bot.store.tables import contact_hashes, customers, forgets, numbers, pins, recents

ERASURE_HOLD_SECONDS: Final = 60.0
"""For so long nothing is kept of the customer again: what is under way anywhere may have been fetched before."""
ERASE_TIMEOUT_SECONDS: Final = 30.0
"""For forgetting: it waits for those who are writing."""


class ErasedRows(NamedTuple):
    """How many rows there were: in the directory, of hashes of phones and addresses of mail, on people's shelves."""

    directory: int
    hashes: int
    recents: int
    pins: int


class ErasureRepository:
    """``now`` is the wall clock, which processes share well enough for seconds."""

    def __init__(self, database: Database, now: Callable[[], float]) -> None:
        self._database = database
        self._now = now

    async def erase(self, customer_id: str) -> ErasedRows:
        """Delete what is kept of a customer, in all networks, and have every process told. Raises StoreUnavailable."""
        now = self._now()
        return await self._database.write(
            lambda connection: _forget(connection, customer_id, now), within_seconds=ERASE_TIMEOUT_SECONDS
        )


def erased_ids(connection: Connection, now: float) -> frozenset[str]:
    """The ids of customers of whom nothing may be kept now. To be asked first in a transaction that would.

    Asking holds off, until the transaction's end, whoever wants to forget a customer: nobody's rows are overlooked.
    """
    query = select(forgets.c.customer_id).where(forgets.c.at > now - ERASURE_HOLD_SECONDS)
    return frozenset(connection.scalars(query))


def _forget(connection: Connection, customer_id: str, now: float) -> ErasedRows:
    if connection.dialect.name == "postgresql":  # SQLite has one writer at a time
        connection.execute(text("LOCK TABLE forgets IN ACCESS EXCLUSIVE MODE"))
    connection.execute(insert(forgets).values(customer_id=customer_id, at=now))

    def deleted(table: Table) -> int:
        return connection.execute(delete(table).where(table.c.customer_id == customer_id)).rowcount

    return ErasedRows(deleted(customers) + deleted(numbers), deleted(contact_hashes), deleted(recents), deleted(pins))
