"""Which customer has which number, in each service network: the CRM answers ids alone."""

from sqlalchemy import ColumnElement, and_, delete, select

from bot.store.database import Database
from bot.store.tables import numbers
from bot.store.upserts import upsert


class Numbers:
    """All methods raise StoreUnavailable. ``network_type`` is 1 for the head office, 2 for an outlet."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def learn(self, network_id: str, network_type: int, number: str, customer_id: str) -> None:
        """What is known already is only read."""
        if await self.customer_id(network_id, network_type, number) == customer_id:
            return
        row = {
            "network_id": network_id,
            "network_type": network_type,
            "number": number,
            "customer_id": customer_id,
        }
        await self._database.write(lambda connection: upsert(connection, numbers, **row))

    async def customer_id(self, network_id: str, network_type: int, number: str) -> str | None:
        query = select(numbers.c.customer_id).where(_one(network_id, network_type, number))
        return await self._database.read(lambda connection: connection.scalar(query))

    async def forget(self, network_id: str, network_type: int, number: str) -> None:
        """The number belongs to nobody that is known."""
        forgotten = delete(numbers).where(_one(network_id, network_type, number))
        await self._database.write(lambda connection: connection.execute(forgotten))


def _one(network_id: str, network_type: int, number: str) -> ColumnElement[bool]:
    return and_(numbers.c.network_id == network_id, numbers.c.network_type == network_type, numbers.c.number == number)
