"""The customers of each service network by number, name, phone and mail address: the CRM itself only answers ids."""

from collections.abc import Sequence
from typing import Any, Final

from sqlalchemy import (
    ColumnElement,
    Connection,
    Delete,
    Table,
    and_,
    bindparam,
    case,
    delete,
    distinct,
    func,
    or_,
    select,
    update,
)

from bot.domain.directory import (
    SEARCH_SPELLING,
    DirectoryStats,
    Record,
    Row,
    Suggestion,
    beginning,
    distance,
    row_of,
    whole_name,
)
from bot.domain.profile import CustomerKey, ServiceNetwork
from bot.store.database import Repository
from bot.store.dialects import insert
from bot.store.erasures import erased_ids
from bot.store.tables import contact_hashes, customers, of_network

BATCH_TIMEOUT_SECONDS: Final = 30.0
"""For writing many rows: no Slack user waits for it."""
MAX_IDS: Final = 100
"""Customers returned for one number or phone: one that more share identifies none of them."""
_MATCHES_READ: Final = 100
"""At least so many matches of a name are read and ranked, however few are wanted."""

_KEY: Final = ("customer_id", "network_id", "network_type")


class DirectoryRepository(Repository):
    """Methods that take many ids or rows expect about a thousand at once.

    Customers who were erased a moment ago are not written.
    """

    async def ids_by_number(self, network: ServiceNetwork, number: str) -> tuple[str, ...]:
        """The ids of customers with exactly this number."""
        return await self._ids(customers, network, customers.c.number == number)

    async def ids_by_contact(self, network: ServiceNetwork, contact_hash: bytes) -> tuple[str, ...]:
        """The ids of customers with this phone or mail address."""
        return await self._ids(contact_hashes, network, contact_hashes.c.hash == contact_hash)

    async def search(self, network: ServiceNetwork, words: Sequence[str], most: int) -> tuple[Suggestion, ...]:
        """The best ``most`` customers whose names, number or pinyin contain each of ``words``, which are searchable.

        One scan of the table, however many match.
        """
        text, wanted = customers.c.search, words[0]
        rank = case(
            (text.startswith(whole_name(wanted), autoescape=True), 0),
            (text.startswith(beginning(wanted), autoescape=True), 1),
            (text.contains(beginning(wanted), autoescape=True), 2),
            else_=3,
        )
        has_words = (text.contains(word, autoescape=True) for word in words)
        is_match = and_(of_network(customers, network), *has_words)
        query = select(customers.c.customer_id, customers.c.name, customers.c.number, text).where(is_match)
        likeliest = query.order_by(rank).limit(max(most, _MATCHES_READ))
        rows = await self._database.read(lambda connection: connection.execute(likeliest).all())
        best = sorted(rows, key=lambda row: (distance(row.search, wanted), row.name, row.customer_id))
        return tuple(Suggestion(row.customer_id, row.name, row.number) for row in best[:most])

    async def known(self, network: ServiceNetwork, customer_ids: Sequence[str], key_id: str) -> frozenset[str]:
        """Those whose contacts are hashed with this key."""
        is_hashed = customers.c.key_id == key_id
        hashed = select(customers.c.customer_id).where(_any_of(customers, network, customer_ids), is_hashed)
        return frozenset(await self._database.read(lambda connection: connection.scalars(hashed).all()))

    async def records(self, network: ServiceNetwork, customer_ids: Sequence[str]) -> dict[str, Record]:
        """The stored records by customer id."""
        columns = (customers.c[name] for name in ("customer_id", "number", "name", "contact", "key_id"))
        stored = select(*columns).where(_any_of(customers, network, customer_ids))
        query = select(contact_hashes.c.customer_id, contact_hashes.c.hash)
        hashed = query.where(_any_of(contact_hashes, network, customer_ids))

        def work(connection: Connection) -> dict[str, Record]:
            hashes: dict[str, set[bytes]] = {}
            for customer_id, contact_hash in connection.execute(hashed):
                hashes.setdefault(customer_id, set()).add(bytes(contact_hash))
            return {
                customer_id: Record(customer_id, number, name, contact, frozenset(hashes.get(customer_id, ())), key_id)
                for customer_id, number, name, contact, key_id in connection.execute(stored)
            }

        return await self._database.read(work)

    async def keep(self, network: ServiceNetwork, rows: Sequence[Row]) -> None:
        """Write ``rows`` in one transaction; hashes are only added.

        They are sorted by id, so that two processes do not deadlock.
        """
        now = self._now()

        def work(connection: Connection) -> None:
            erased = erased_ids(connection, now)
            _write(connection, network, sorted(row for row in rows if row.record.customer_id not in erased))

        await self._database.write(work, BATCH_TIMEOUT_SECONDS)

    async def replace(self, network: ServiceNetwork, row: Row) -> bool:
        """Write ``row`` and its hashes in place of all before. False: the customer was erased, nothing is written."""
        now = self._now()

        def work(connection: Connection) -> bool:
            if row.record.customer_id in erased_ids(connection, now):
                return False
            connection.execute(_delete(contact_hashes, network, row.record.customer_id))
            _write(connection, network, [row])
            return True

        return await self._database.write(work)

    async def respell(self, after: str, most: int) -> str | None:
        """Make the search texts of an older version anew, for ``most`` customers whose ids are not before ``after``.

        Returns where to go on, None after the last.
        """
        is_older = or_(customers.c.spelling.is_(None), customers.c.spelling < SEARCH_SPELLING)
        columns = [customers.c[name] for name in (*_KEY, "number", "name", "contact")]
        older = select(*columns).where(customers.c.customer_id >= after, is_older).order_by(*columns[:3]).limit(most)
        is_row = and_(*(customers.c[name] == bindparam(f"the_{name}") for name in _KEY))
        statement = update(customers).where(is_row).values(search=bindparam("new"), spelling=SEARCH_SPELLING)

        def work(connection: Connection) -> str | None:
            rows = connection.execute(older).all()
            renewed = []
            for customer_id, network_id, network_type, number, name, contact in rows:
                record = Record(customer_id, number, name, contact, frozenset(), None)
                key = {"the_customer_id": customer_id, "the_network_id": network_id, "the_network_type": network_type}
                renewed.append({**key, "new": row_of(record).search})
            if renewed:
                connection.execute(statement, renewed)
            return rows[-1].customer_id if len(rows) == most else None

        return await self._database.write(work, BATCH_TIMEOUT_SECONDS)

    async def forget(self, key: CustomerKey) -> None:
        """Delete the customer and its hashes in this network."""

        def work(connection: Connection) -> None:
            for table in (contact_hashes, customers):
                connection.execute(_delete(table, key.network, key.customer_id))

        await self._database.write(work)

    async def drop_hashes_of_other_keys(self, key_id: str) -> None:
        """Hashes of another key never match. Their customers count as not hashed from now on."""
        others = contact_hashes.c.key_id != key_id
        if await self._database.read(lambda connection: connection.scalar(select(1).where(others).limit(1))):
            not_hashed = update(customers).where(customers.c.key_id != key_id).values(key_id=None)

            def work(connection: Connection) -> None:
                connection.execute(delete(contact_hashes).where(others))
                connection.execute(not_hashed)

            await self._database.write(work, BATCH_TIMEOUT_SECONDS)

    async def networks(self) -> tuple[ServiceNetwork, ...]:
        """Those with any customer in the directory."""
        query = select(customers.c.network_id, customers.c.network_type).distinct()
        rows = await self._database.read(lambda connection: connection.execute(query).all())
        return tuple(ServiceNetwork(*row) for row in rows)

    async def stats(self, network: ServiceNetwork, key_id: str) -> DirectoryStats:
        """Only hashes of this key are counted."""
        with_number = func.count(func.nullif(customers.c.number, ""))
        counted = select(func.count(), with_number).where(of_network(customers, network))
        is_hashed = and_(of_network(contact_hashes, network), contact_hashes.c.key_id == key_id)
        hashed = select(func.count(distinct(contact_hashes.c.customer_id)), func.count()).where(is_hashed)
        return await self._database.read(
            lambda connection: DirectoryStats(*connection.execute(counted).one(), *connection.execute(hashed).one())
        )

    async def _ids(self, table: Table, network: ServiceNetwork, condition: ColumnElement[bool]) -> tuple[str, ...]:
        query = select(table.c.customer_id).where(of_network(table, network), condition).limit(MAX_IDS)
        return tuple(await self._database.read(lambda connection: connection.scalars(query).all()))


def _any_of(table: Table, network: ServiceNetwork, customer_ids: Sequence[str]) -> ColumnElement[bool]:
    return and_(of_network(table, network), table.c.customer_id.in_(customer_ids))


def _delete(table: Table, network: ServiceNetwork, customer_id: str) -> Delete:
    return delete(table).where(of_network(table, network), table.c.customer_id == customer_id)


def _write(connection: Connection, network: ServiceNetwork, rows: Sequence[Row]) -> None:
    """One statement a table, however many rows."""
    if not rows:
        return
    statement = insert(connection, customers)
    new = {column.name: statement.excluded[column.name] for column in customers.c if column.name not in _KEY}
    values: list[dict[str, Any]] = []
    hashes: list[dict[str, Any]] = []
    for record, search in rows:
        columns = {**network._asdict(), **record._asdict(), "search": search, "spelling": SEARCH_SPELLING}
        key = {name: columns[name] for name in (*_KEY, "key_id")}
        hashes += [{**key, "hash": contact_hash} for contact_hash in columns.pop("hashes")]
        values.append(columns)
    connection.execute(statement.on_conflict_do_update(index_elements=_KEY, set_=new), values)
    if hashes:
        connection.execute(insert(connection, contact_hashes).on_conflict_do_nothing(), hashes)
