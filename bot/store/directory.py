"""The customers of each service network by number, name, phone and address of mail: the CRM answers ids alone."""

from collections.abc import Callable, Sequence
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, Select, Table, and_, case, delete, distinct, func, select, update

from bot.domain.directory import DirectoryStats, Record, Row, Suggestion, beginning, distance, whole_name
from bot.domain.profile import CustomerKey, ServiceNetwork
from bot.store.database import Database
from bot.store.erasures import erased_ids
from bot.store.tables import contact_hashes, customers, of_network
from bot.store.upsert import insert

BATCH_TIMEOUT_SECONDS: Final = 30.0
"""For writing many: nobody in Slack waits for it."""
MAX_IDS: Final = 100
"""Customers with one number or phone that are told: one that more have tells nobody apart."""
_MATCHES_READ: Final = 100
"""Of those that match, where more do than are wanted."""

_KEY: Final = ("customer_id", "network_id", "network_type")


class DirectoryRepository:
    """All methods raise StoreUnavailable. Of ids or rows about a thousand are given at once.

    Of a customer who was forgotten a moment ago nothing is written. ``now`` is the wall clock.
    """

    def __init__(self, database: Database, now: Callable[[], float]) -> None:
        self._database = database
        self._now = now

    async def ids_by_number(self, network: ServiceNetwork, number: str) -> tuple[str, ...]:
        """The ids of those with exactly this number."""
        return await self._ids(customers, network, customers.c.number == number)

    async def ids_by_contact(self, network: ServiceNetwork, contact_hash: bytes) -> tuple[str, ...]:
        """The ids of those with this phone or address of mail."""
        return await self._ids(contact_hashes, network, contact_hashes.c.hash == contact_hash)

    async def search(self, network: ServiceNetwork, wanted: str, most: int) -> tuple[Suggestion, ...]:
        """The best ``most`` of those in whose names, number or pinyin ``wanted`` stands, which is searchable."""
        query = _matching(network, wanted, most)
        found = await self._database.read(lambda connection: connection.execute(query).all())
        best = sorted(found, key=lambda row: (distance(row.search, wanted), row.name, row.customer_id))
        return tuple(Suggestion(row.customer_id, row.name, row.number) for row in best[:most])

    async def known(self, network: ServiceNetwork, customer_ids: Sequence[str], key_id: str) -> frozenset[str]:
        """Those whose contacts were seen, and hashed with this key."""
        query = select(customers.c.customer_id).where(_some(customers, network, customer_ids))
        seen = query.where(customers.c.key_id == key_id)
        return frozenset(await self._database.read(lambda connection: connection.scalars(seen).all()))

    async def records(self, network: ServiceNetwork, customer_ids: Sequence[str]) -> dict[str, Record]:
        """What is kept of them, by their ids."""
        return await self._database.read(lambda connection: _records(connection, network, customer_ids))

    async def keep(self, network: ServiceNetwork, rows: Sequence[Row]) -> None:
        """Write ``rows`` in one transaction; hashes are only added.

        In the order of their ids, so that no two processes wait for one another.
        """
        now = self._now()

        def work(connection: Connection) -> None:
            out = erased_ids(connection, now)
            _write(connection, network, sorted(row for row in rows if row.record.customer_id not in out))

        await self._database.write(work, BATCH_TIMEOUT_SECONDS)

    async def replace(self, network: ServiceNetwork, row: Row) -> bool:
        """Write ``row``; the customer has its hashes alone. False: it was forgotten, and nothing is written."""
        now = self._now()

        def work(connection: Connection) -> bool:
            if row.record.customer_id in erased_ids(connection, now):
                return False
            connection.execute(_deleted(contact_hashes, network, row.record.customer_id))
            _write(connection, network, [row])
            return True

        return await self._database.write(work)

    async def forget(self, key: CustomerKey) -> None:
        def work(connection: Connection) -> None:
            for table in (contact_hashes, customers):
                connection.execute(_deleted(table, key.network, key.customer_id))

        await self._database.write(work)

    async def drop_hashes_of_other_keys(self, key_id: str) -> None:
        """What another key has hashed is never found with this one. Of whom it was, the contacts count as not seen."""
        others = contact_hashes.c.key_id != key_id
        if await self._database.read(lambda connection: connection.scalar(select(1).where(others).limit(1))):
            unseen = update(customers).where(customers.c.key_id != key_id).values(key_id=None)

            def work(connection: Connection) -> None:
                connection.execute(delete(contact_hashes).where(others))
                connection.execute(unseen)

            await self._database.write(work, BATCH_TIMEOUT_SECONDS)

    async def networks(self) -> tuple[ServiceNetwork, ...]:
        """Those of which any customer is kept."""
        query = select(customers.c.network_id, customers.c.network_type).distinct()
        return tuple(ServiceNetwork(*row) for row in await self._database.read(lambda each: each.execute(query).all()))

    async def stats(self, network: ServiceNetwork, key_id: str) -> DirectoryStats:
        """Of hashes those of this key alone."""
        counted = select(func.count(), func.count(func.nullif(customers.c.number, ""))).where(
            of_network(customers, network)
        )
        hashed = select(func.count(distinct(contact_hashes.c.customer_id)), func.count()).where(
            of_network(contact_hashes, network), contact_hashes.c.key_id == key_id
        )
        return await self._database.read(
            lambda connection: DirectoryStats(*connection.execute(counted).one(), *connection.execute(hashed).one())
        )

    async def _ids(self, table: Table, network: ServiceNetwork, condition: ColumnElement[bool]) -> tuple[str, ...]:
        query = select(table.c.customer_id).where(of_network(table, network), condition).limit(MAX_IDS)
        return tuple(await self._database.read(lambda connection: connection.scalars(query).all()))


def _some(table: Table, network: ServiceNetwork, customer_ids: Sequence[str]) -> ColumnElement[bool]:
    return and_(of_network(table, network), table.c.customer_id.in_(customer_ids))


def _deleted(table: Table, network: ServiceNetwork, customer_id: str) -> Any:
    return delete(table).where(of_network(table, network), table.c.customer_id == customer_id)


def _matching(network: ServiceNetwork, wanted: str, most: int) -> Select[Any]:
    """All of the table is read, once, however many match."""
    search = customers.c.search
    nearest_first = case(
        (search.startswith(whole_name(wanted), autoescape=True), 0),
        (search.startswith(beginning(wanted), autoescape=True), 1),
        (search.contains(beginning(wanted), autoescape=True), 2),
        else_=3,
    )
    matching = and_(of_network(customers, network), search.contains(wanted, autoescape=True))
    columns = (customers.c.customer_id, customers.c.name, customers.c.number, search)
    return select(*columns).where(matching).order_by(nearest_first).limit(max(most, _MATCHES_READ))


def _records(connection: Connection, network: ServiceNetwork, customer_ids: Sequence[str]) -> dict[str, Record]:
    hashes: dict[str, set[bytes]] = {}
    hashed = select(contact_hashes.c.customer_id, contact_hashes.c.hash)
    for customer_id, contact_hash in connection.execute(hashed.where(_some(contact_hashes, network, customer_ids))):
        hashes.setdefault(customer_id, set()).add(bytes(contact_hash))
    kept = select(*(customers.c[name] for name in ("customer_id", "number", "name", "contact", "key_id")))
    return {
        row.customer_id: Record(
            row.customer_id, row.number, row.name, row.contact, frozenset(hashes.get(row.customer_id, ())), row.key_id
        )
        for row in connection.execute(kept.where(_some(customers, network, customer_ids)))
    }


def _write(connection: Connection, network: ServiceNetwork, rows: Sequence[Row]) -> None:
    """One statement a table, however many rows."""
    if not rows:
        return
    of = network._asdict()
    statement = insert(connection, customers)
    texts = {column.name: statement.excluded[column.name] for column in customers.c if column.name not in _KEY}
    connection.execute(
        statement.on_conflict_do_update(index_elements=_KEY, set_=texts),
        [{**of, **_texts(record), "search": search} for record, search in rows],
    )
    hashes = [
        {**of, "hash": contact_hash, "customer_id": record.customer_id, "key_id": record.key_id}
        for record, _ in rows
        for contact_hash in record.hashes
    ]
    if hashes:
        connection.execute(insert(connection, contact_hashes).on_conflict_do_nothing(), hashes)


def _texts(record: Record) -> dict[str, Any]:
    return {name: value for name, value in record._asdict().items() if name != "hashes"}
