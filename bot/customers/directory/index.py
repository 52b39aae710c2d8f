"""The directory: the ids of customers by number, phone, mail address and name, as GetCustomer takes ids only.

It learns from the customers that the bot shows, from imports and from syncs. It may be out of date: a profile confirms
or corrects it.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import TYPE_CHECKING, Final, NamedTuple

import structlog
from cachetools import LRUCache

from bot.customers.directory.entries import contact_hash, entry_of, key_id, record_of, stored_number, updated
from bot.domain.directory import DirectoryStats, Entry, Kept, Record, Suggestion, attempts, row_of
from bot.domain.profile import CustomerKey, CustomerProfile, ServiceNetwork
from bot.domain.query import Query, ReadAs
from bot.domain.results import MAX_CUSTOMERS
from bot.errors import StoreUnavailable
from bot.runtime.logging import new_code
from bot.runtime.tasks import BackgroundTasks
from bot.store.store import Store

if TYPE_CHECKING:
    from bot.store.directory import DirectoryRepository

REMEMBERED_NUMBERS: Final = 50_000
REMEMBERED_PROFILES: Final = 10_000
MAX_CANDIDATES: Final = MAX_CUSTOMERS + 1
"""For a name: one more than a search shows, so that the search knows that there are more."""
MAX_SUGGESTIONS: Final = 20
RESPELT_AT_ONCE: Final = 200
"""Customers whose search texts are made anew in one transaction, which others wait for."""
RESPELL_AGAIN_SECONDS: Final = 10.0
"""After the database was unavailable."""
LONGEST_TYPED: Final = 100
"""How many characters of a text are searched for."""
_LONGEST_READ: Final = 1_000
"""The same with the blanks and invisible characters between them."""


log = structlog.get_logger(__name__)


class _Learnt(NamedTuple):
    """What this process last saw of a customer. ``fingerprint`` is the hash of its profile; None: it is gone."""

    fingerprint: int | None
    number: str


_GONE: Final = _Learnt(None, "")


class Directory:
    """Stored in the database; numbers are cached. ``key`` hashes phones and mail addresses; None: none are stored."""

    def __init__(self, store: Store, background: BackgroundTasks, key: bytes | None) -> None:
        self._store = store
        self._background = background
        self._key = key
        self._key_id = key_id(key)
        self._has_own_hashes_alone = False
        self._ids: LRUCache[tuple[ServiceNetwork, str], tuple[str, ...]] = LRUCache(REMEMBERED_NUMBERS)
        self._learnt: LRUCache[CustomerKey, _Learnt] = LRUCache(REMEMBERED_PROFILES)
        self._learning = asyncio.Lock()
        """One customer at a time, so that queries need not wait behind all that are to be learnt."""
        self._dropped = 0

    async def candidates(self, network: ServiceNetwork, query: Query) -> tuple[str, ...]:
        """The ids of the customers that ``query`` may mean; for a name the best matches first, at most MAX_CANDIDATES.

        What looks like a serial number may be a tenant's number of a customer. () for the numbers of devices and work
        orders, which the directory does not have. Raises StoreUnavailable.
        """
        wanted = query.identifier
        match query.read_as:
            case ReadAs.NUMBER | ReadAs.SERIAL:
                wanted = stored_number(wanted)
                if not wanted:  # a phone is no number, and customers without one are not meant
                    return ()
                unseen = _Learnt(0, wanted)
                cached = self._ids.get((network, wanted), ())
                ids = (
                    each for each in cached if self._learnt.get(CustomerKey(*network, each), unseen).number == wanted
                )
                return tuple(ids) or await self._ids_by_number(network, wanted)
            case ReadAs.PHONE | ReadAs.EMAIL:
                stored = await self._stored()
                return await stored.ids_by_contact(network, contact_hash(self._key, wanted)) if self._key else ()
            case ReadAs.NAME:
                return tuple(match.customer_id for match in await self.suggest(network, wanted, MAX_CANDIDATES))
            case _:
                return ()

    async def candidates_anywhere(self, query: Query) -> tuple[str, ...]:
        """The same in all service networks, each customer once. Raises StoreUnavailable."""
        networks = await (await self._stored()).networks()
        ids = [each for network in networks for each in await self.candidates(network, query)]
        return tuple(dict.fromkeys(ids))

    async def suggest(self, network: ServiceNetwork, typed: str, most: int = MAX_SUGGESTIONS) -> tuple[Suggestion, ...]:
        """Customers whose name, contact or number contains ``typed``, also in pinyin or by its initials.

        The best matches first; () for a text without characters to search for. Raises StoreUnavailable.
        """
        stored = await self._stored()
        for words in attempts(typed[:_LONGEST_READ]):
            if found := await stored.search(network, [word[:LONGEST_TYPED] for word in words], most):
                return found
        return ()

    def learn(self, key: CustomerKey, profile: CustomerProfile) -> None:
        """Store, in the background, exactly what the profile of a customer says that the CRM has returned."""
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
        await (await self._stored()).forget(key)

    def drop(self, customer_id: str) -> None:
        """The customer was forgotten, in the database too: remove it from memory."""
        self._dropped += 1
        for key in [key for key in self._learnt if key.customer_id == customer_id]:
            self._learnt.pop(key, None)
        self._ids = LRUCache(REMEMBERED_NUMBERS)

    async def keep(self, network: ServiceNetwork, entries: Sequence[Entry]) -> Kept:
        """Add and update the customers of ``entries``, about a thousand, in one transaction.

        What an entry leaves out stays as it is. Raises StoreUnavailable.
        """
        stored = await self._stored()
        news = await asyncio.to_thread(lambda: [record_of(entry, self._key) for entry in entries])
        before = await stored.records(network, [record.customer_id for record in news])
        after = dict(before)
        added = changed = 0
        for record in news:  # two entries may be about one customer
            known = after.get(record.customer_id)
            merged = after[record.customer_id] = updated(known, record) if known else record
            added += known is None
            changed += known is not None and known != merged
        outdated = [record for record in after.values() if record != before.get(record.customer_id)]
        rows = await asyncio.to_thread(lambda: list(map(row_of, outdated)))
        if rows:
            await stored.keep(network, rows)
        for record, _ in rows:
            self._ids.pop((network, record.number), None)
            self._learnt.pop(CustomerKey(*network, record.customer_id), None)
        return Kept(added, changed, len(news) - added - changed)

    async def renew_search_texts(self, sleep: Callable[[float], Awaitable[None]] = asyncio.sleep) -> None:
        """Make the search texts that an older version has stored anew, some at a time, beside all else."""
        after: str | None = ""
        while after is not None:
            try:
                after = await (await self._stored()).respell(after, RESPELT_AT_ONCE)
            except StoreUnavailable:
                await sleep(RESPELL_AGAIN_SECONDS)
            except Exception:
                log.exception("search_texts_not_renewed", code=new_code())
                return

    async def unknown(self, network: ServiceNetwork, customer_ids: Sequence[str]) -> tuple[str, ...]:
        """Those of about a thousand customers that are not stored, or whose contacts this key does not find.

        Raises StoreUnavailable.
        """
        known = await (await self._stored()).known(network, customer_ids, self._key_id)
        return tuple(customer_id for customer_id in customer_ids if customer_id not in known)

    async def stats(self, network: ServiceNetwork) -> DirectoryStats:
        """What this key finds. Hashes of other keys are not dropped: this process may have the wrong key.

        Raises StoreUnavailable.
        """
        return await self._store.directory.stats(network, self._key_id)

    async def _stored(self) -> "DirectoryRepository":
        """The stored customers, once the hashes of other keys are dropped."""
        stored = self._store.directory
        if not self._has_own_hashes_alone:
            await stored.drop_hashes_of_other_keys(self._key_id)
            self._has_own_hashes_alone = True
        return stored

    async def _ids_by_number(self, network: ServiceNetwork, number: str) -> tuple[str, ...]:
        """The stored ids, which are cached unless a customer was dropped meanwhile."""
        dropped_before = self._dropped
        ids = await (await self._stored()).ids_by_number(network, number)
        self._ids.pop((network, number), None)
        if ids and self._dropped == dropped_before:
            self._ids[network, number] = ids
        return ids

    async def _replace(self, key: CustomerKey, record: Record, dropped_before: int) -> None:
        async with self._learning:
            if self._dropped != dropped_before:  # this customer may have been forgotten meanwhile
                self._learnt.pop(key, None)
                return
            try:
                stored = await self._stored()
                if (await stored.records(key.network, [key.customer_id])).get(key.customer_id) != record:
                    row = await asyncio.to_thread(row_of, record)
                    if not await stored.replace(key.network, row):
                        self._learnt.pop(key, None)  # it was forgotten, and may be learnt again when it is shown next
                if record.number:
                    await self._ids_by_number(key.network, record.number)
            except StoreUnavailable:
                self._learnt.pop(key, None)  # it is learnt when it is shown next
