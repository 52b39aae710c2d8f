"""Customer lookup by id: from the cache, else from the CRM, else a stale entry of the cache."""

from collections.abc import Callable
from typing import Final, NamedTuple, Protocol

from cachetools import TTLCache

from bot.crm.concurrency import crm_deadline
from bot.customers.cache import CacheEntry, ProfileCache
from bot.customers.failures import report_failure
from bot.domain.profile import CustomerKey, CustomerProfile
from bot.domain.results import CacheState, Failure
from bot.errors import CrmError
from bot.runtime.single_flight import SingleFlight
from bot.runtime.tasks import BackgroundTasks

UNKNOWN_SECONDS: Final = 30
"""How long it is remembered that the CRM does not know a customer."""
UNKNOWN_ENTRIES: Final = 10_000


class CustomerSource(Protocol):
    """What a lookup needs of the CRM."""

    async def get_customer(self, key: CustomerKey) -> CustomerProfile | None:
        """The profile, or None if there is no such customer. Raises CrmError."""
        ...


class LookupResult(NamedTuple):
    """A profile, where it came from, and why it is stale if it is."""

    entry: CacheEntry
    cache: CacheState
    failure: Failure | None = None


Outcome = LookupResult | Failure | None
"""The outcome of a lookup; None: no such customer."""


class CustomerLookup:
    """Looks customers up. Concurrent lookups of one customer share one CRM request.

    ``learn`` is called with every profile that the CRM returns.
    """

    def __init__(
        self,
        crm: CustomerSource,
        cache: ProfileCache,
        background: BackgroundTasks,
        deadline_seconds: float,
        now: Callable[[], float],
        learn: Callable[[CustomerKey, CustomerProfile], None],
    ) -> None:
        self._crm = crm
        self._cache = cache
        self._deadline_seconds = deadline_seconds
        self._now = now
        self._learn = learn
        self._unknown: TTLCache[CustomerKey, None] = TTLCache(UNKNOWN_ENTRIES, UNKNOWN_SECONDS, timer=now)
        self._requests: SingleFlight[CustomerKey, Outcome] = SingleFlight(background)
        self._dropped = 0

    def is_fresh(self, key: CustomerKey) -> bool:
        """Whether ``find`` would return at once."""
        return self._cache.fresh(key) is not None

    async def find(self, key: CustomerKey) -> Outcome:
        """The customer from the cache while fresh, else from the CRM."""
        entry = self._cache.fresh(key)
        if entry is not None:
            return LookupResult(entry, CacheState.HIT)
        if key in self._unknown:
            return None
        return await self.refresh(key)

    async def refresh(self, key: CustomerKey) -> Outcome:
        """The customer from the CRM, past the cache."""
        return await self._requests.join(key, lambda: self._fetch(key))

    def drop(self, customer_id: str) -> None:
        """The customer was forgotten: remove it from the cache, and cache nothing that is being fetched now."""
        self._dropped += 1
        self._cache.drop(customer_id)
        for key in [key for key in self._unknown if key.customer_id == customer_id]:
            self._unknown.pop(key, None)

    async def _fetch(self, key: CustomerKey) -> Outcome:
        dropped_before = self._dropped
        try:
            async with crm_deadline(self._deadline_seconds):
                profile = await self._crm.get_customer(key)
        except CrmError as error:
            failure = report_failure(error, customer_id=key.customer_id)
            entry = self._cache.usable(key)
            return LookupResult(entry, CacheState.STALE, failure) if entry is not None else failure
        if self._dropped != dropped_before:  # this customer may have been forgotten meanwhile
            return LookupResult(CacheEntry(profile, self._now()), CacheState.MISS) if profile else None
        if profile is None:
            self._cache.forget(key)
            self._unknown[key] = None
            return None
        self._unknown.pop(key, None)
        self._learn(key, profile)
        return LookupResult(self._cache.keep(key, profile), CacheState.MISS)
