"""Who may be meant by a number, a phone, an address of mail or a name: GetCustomer takes ids alone.

The directory learns from the customers that the bot sees, and from imports and syncs. What it says may be out of
date: a profile confirms it, and corrects it.
"""

import asyncio
import itertools
from collections.abc import Sequence
from typing import TYPE_CHECKING, Final, NamedTuple

from cachetools import LRUCache

from bot.customers.directory.entries import contact_hash, entry_of, key_id, record_of, updated
from bot.domain.directory import DirectoryStats, Entry, Kept, Record, Row, Suggestion, row_of, searchable
from bot.domain.profile import CustomerKey, CustomerProfile, ServiceNetwork
from bot.domain.query import Query, ReadAs
from bot.domain.results import MAX_CUSTOMERS
from bot.errors import StoreUnavailable
from bot.runtime.tasks import BackgroundTasks
from bot.store.store import Store

if TYPE_CHECKING:
    from bot.store.directory import DirectoryRepository

REMEMBERED_NUMBERS: Final = 50_000
REMEMBERED_PROFILES: Final = 10_000
MAX_CANDIDATES: Final = MAX_CUSTOMERS + 1
"""Of a name: one more than anybody pages through, so that it is known that there are more."""
MAX_SUGGESTIONS: Final = 20
LONGEST_TYPED: Final = 100
"""Characters of what was typed that are searched for."""
_LONGEST_READ: Final = 1_000
"""With the blanks and invisible characters between them."""


class _Learnt(NamedTuple):
    """What this process last saw of a customer. ``fingerprint`` tells its profile from others; None: it is gone."""

    fingerprint: int | None
    number: str


_GONE: Final = _Learnt(None, "")


class Directory:
    """In the database; numbers also in memory. ``key`` hashes phones and addresses of mail; None: none are kept."""

    def __init__(self, store: Store, background: BackgroundTasks, key: bytes | None) -> None:
        self._store = store
        self._background = background
        self._key = key
        self._key_id = key_id(key)
        self._has_own_hashes_alone = False
        self._ids: LRUCache[tuple[ServiceNetwork, str], tuple[str, ...]] = LRUCache(REMEMBERED_NUMBERS)
        self._learnt: LRUCache[CustomerKey, _Learnt] = LRUCache(REMEMBERED_PROFILES)
        self._learning = asyncio.Lock()
        """One customer at a time: nobody who asks the database waits behind all that are to be learnt."""
        self._dropped = 0

    async def candidates(self, network: ServiceNetwork, query: Query) -> tuple[str, ...]:
        """The ids of those who may be meant; of a name the likeliest first, MAX_CANDIDATES at most.

        () too for what the directory does not know customers by. Raises StoreUnavailable.
        """
        match query.read_as:
            case ReadAs.NUMBER:
                return await self._numbered(network, query.identifier)
            case ReadAs.PHONE | ReadAs.EMAIL:
                return await self._reached_by(network, query.identifier)
            case ReadAs.NAME:
                matches = await self.suggest(network, query.identifier, MAX_CANDIDATES)
                return tuple(match.customer_id for match in matches)
            case _:
                return ()

    async def candidates_anywhere(self, query: Query) -> tuple[str, ...]:
        """The same of all service networks, each customer once. Raises StoreUnavailable."""
        networks = await (await self._customers()).networks()
        ids = [await self.candidates(network, query) for network in networks]
        return tuple(dict.fromkeys(itertools.chain.from_iterable(ids)))

    async def suggest(self, network: ServiceNetwork, typed: str, most: int = MAX_SUGGESTIONS) -> tuple[Suggestion, ...]:
        """Those whose name, contact or number holds ``typed``, or is spelt so in pinyin or by its initials.

        The likeliest first; () where nothing was typed. Raises StoreUnavailable.
        """
        wanted = searchable(typed[:_LONGEST_READ])[:LONGEST_TYPED]
        return await (await self._customers()).search(network, wanted, most) if wanted else ()

    def learn(self, key: CustomerKey, profile: CustomerProfile) -> None:
        """Remember, in the background, a customer that the CRM has shown: exactly what its profile says."""
        fingerprint = hash(profile)
        if self._learnt.get(key, _GONE).fingerprint == fingerprint:
            return
        record = record_of(entry_of(profile), self._key)
        self._learnt[key] = _Learnt(fingerprint, record.number)
        if record.number:
            others = self._ids.get((key.network, record.number), ())
            self._ids[key.network, record.number] = tuple(dict.fromkeys((key.customer_id, *others)))
        self._background.start(self._replace(key, record, self._dropped))

    async def forget(self, key: CustomerKey) -> None:
        """The CRM has no such customer. Raises StoreUnavailable."""
        self._learnt[key] = _GONE
        await (await self._customers()).forget(key)

    def drop(self, customer_id: str) -> None:
        """A customer was forgotten, in the database too: nothing of it stays in memory."""
        self._dropped += 1
        for key in [key for key in self._learnt if key.customer_id == customer_id]:
            self._learnt.pop(key, None)
        self._ids = LRUCache(REMEMBERED_NUMBERS)

    async def keep(self, network: ServiceNetwork, entries: Sequence[Entry]) -> Kept:
        """Add and change what ``entries``, about a thousand at once, say in all or nothing; what they leave out stays.

        Raises StoreUnavailable.
        """
        customers = await self._customers()
        news = await asyncio.to_thread(lambda: [record_of(entry, self._key) for entry in entries])
        before = await customers.records(network, [record.customer_id for record in news])
        records, kept = _after(before, news)
        rows = await asyncio.to_thread(self._rows, [each for each in records if each != before.get(each.customer_id)])
        if rows:
            await customers.keep(network, rows)
        for record, _ in rows:
            self._ids.pop((network, record.number), None)
            self._learnt.pop(CustomerKey(*network, record.customer_id), None)
        return kept

    async def unknown(self, network: ServiceNetwork, customer_ids: Sequence[str]) -> tuple[str, ...]:
        """Those, of about a thousand, of whom nothing is kept, or no phones and addresses that are found with this key.

        Raises StoreUnavailable.
        """
        known = await (await self._customers()).known(network, customer_ids, self._key_id)
        return tuple(customer_id for customer_id in customer_ids if customer_id not in known)

    async def stats(self, network: ServiceNetwork) -> DirectoryStats:
        """What is found with this key. What others have hashed stays: somebody may be counting with a wrong key.

        Raises StoreUnavailable.
        """
        return await self._store.directory.stats(network, self._key_id)

    async def _customers(self) -> "DirectoryRepository":
        """What is stored, without hashes of another key: they are dropped before anybody is looked for or kept."""
        customers = self._store.directory
        if not self._has_own_hashes_alone:
            await customers.drop_hashes_of_other_keys(self._key_id)
            self._has_own_hashes_alone = True
        return customers

    async def _numbered(self, network: ServiceNetwork, number: str) -> tuple[str, ...]:
        remembered = self._ids.get((network, number), ())
        ids = tuple(each for each in remembered if not self._has_another(CustomerKey(*network, each), number))
        return ids or await self._recalled(network, number)

    async def _recalled(self, network: ServiceNetwork, number: str) -> tuple[str, ...]:
        """The ids as they are stored, which are remembered unless a customer was dropped meanwhile."""
        dropped_before = self._dropped
        ids = await (await self._customers()).ids_by_number(network, number)
        self._ids.pop((network, number), None)
        if ids and self._dropped == dropped_before:
            self._ids[network, number] = ids
        return ids

    def _has_another(self, key: CustomerKey, number: str) -> bool:
        """Whether the customer was seen with another number since; a customer that is gone has none."""
        learnt = self._learnt.get(key)
        return learnt is not None and learnt.number != number

    async def _reached_by(self, network: ServiceNetwork, contact: str) -> tuple[str, ...]:
        customers = await self._customers()
        return await customers.ids_by_contact(network, contact_hash(self._key, contact)) if self._key else ()

    async def _replace(self, key: CustomerKey, record: Record, dropped_before: int) -> None:
        async with self._learning:
            if self._dropped != dropped_before:  # it may be this customer who was forgotten meanwhile
                self._learnt.pop(key, None)
                return
            try:
                customers = await self._customers()
                if (await customers.records(key.network, [key.customer_id])).get(key.customer_id) != record:
                    [row] = await asyncio.to_thread(self._rows, [record])
                    if not await customers.replace(key.network, row):
                        self._learnt.pop(key, None)  # it was forgotten: whoever sees it later may learn it again
                if record.number:
                    await self._recalled(key.network, record.number)
            except StoreUnavailable:
                self._learnt.pop(key, None)  # to be learnt again when the customer is seen next

    def _rows(self, records: Sequence[Record]) -> list[Row]:
        return [row_of(record) for record in records]


def _after(before: dict[str, Record], news: Sequence[Record]) -> tuple[list[Record], Kept]:
    """What is known once all ``news`` are, each customer once, and how many of them said something."""
    after = dict(before)
    added = changed = 0
    for record in news:
        known = after.get(record.customer_id)
        now = after[record.customer_id] = updated(known, record) if known else record
        added += known is None
        changed += known is not None and known != now
    return list(after.values()), Kept(added, changed, len(news) - added - changed)
