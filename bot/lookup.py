"""From a customer id to a profile: the cache, one request for all who ask at once, and the last copy in need."""

import asyncio
from collections.abc import Callable
from typing import Final, NamedTuple, Protocol

import structlog
from cachetools import TTLCache

from bot.answers import CacheState, Failure
from bot.background import Background
from bot.cache import Copy, ProfileCache
from bot.errors import CrmError, CrmRejected, CrmUnreachable, Trouble
from bot.profile import CustomerKey, CustomerProfile
from bot.telemetry import new_code

UNKNOWN_SECONDS: Final = 30
"""How long the CRM is not asked again for a customer that it does not know."""
UNKNOWN_ENTRIES: Final = 10_000

log = structlog.get_logger(__name__)


class CustomerSource(Protocol):
    """What a lookup needs of the CRM."""

    async def get_customer(self, key: CustomerKey) -> CustomerProfile | None:
        """The profile, or None if there is no such customer. Raises CrmError."""
        ...


class Sighting(NamedTuple):
    """A copy of the profile, where it came from, and why it is an old one if it is."""

    copy: Copy
    cache: CacheState
    failure: Failure | None = None


Outcome = Sighting | Failure | None
"""What a lookup comes to; None: no such customer."""


class CustomerLookup:
    """Cache, single flight and the memory of unknown customers share one key, so that they never disagree."""

    def __init__(
        self,
        crm: CustomerSource,
        cache: ProfileCache,
        background: Background,
        deadline_seconds: float,
        now: Callable[[], float],
    ) -> None:
        self._crm = crm
        self._cache = cache
        self._background = background
        self._deadline_seconds = deadline_seconds
        self._unknown: TTLCache[CustomerKey, None] = TTLCache(UNKNOWN_ENTRIES, UNKNOWN_SECONDS, timer=now)
        self._flights: dict[CustomerKey, asyncio.Task[Outcome]] = {}

    async def find(self, key: CustomerKey) -> Outcome:
        """The customer from the cache while fresh, else from the CRM."""
        copy = self._cache.fresh(key)
        if copy is not None:
            return Sighting(copy, CacheState.HIT)
        if key in self._unknown:
            return None
        return await self.refresh(key)

    async def refresh(self, key: CustomerKey) -> Outcome:
        """The customer from the CRM, past the cache. All who ask meanwhile share one request.

        Who stops waiting does not end it: others wait for it too, and its answer is kept.
        """
        flight = self._flights.get(key)
        if flight is None:
            flight = self._flights[key] = self._background.start(self._fetch(key))
            flight.add_done_callback(lambda _: self._flights.pop(key))
        return await asyncio.shield(flight)

    async def _fetch(self, key: CustomerKey) -> Outcome:
        try:
            async with asyncio.timeout(self._deadline_seconds):
                profile = await self._crm.get_customer(key)
        except TimeoutError:
            return self._copy_in_need(key, CrmUnreachable("no answer before the deadline"))
        except CrmError as error:
            return self._copy_in_need(key, error)
        if profile is None:
            self._cache.forget(key)
            self._unknown[key] = None
            return None
        self._unknown.pop(key, None)
        return Sighting(self._cache.keep(key, profile), CacheState.MISS)

    def _copy_in_need(self, key: CustomerKey, error: CrmError) -> Sighting | Failure:
        failure = _reported(key, error)
        copy = self._cache.usable(key)
        return Sighting(copy, CacheState.STALE, failure) if copy is not None else failure


def _reported(key: CustomerKey, error: CrmError) -> Failure:
    """One log line an incident, under the code that the cards will show. A refusal is the administrator's to mend."""
    code = new_code()
    write = log.error if error.trouble is Trouble.REFUSED else log.warning
    write(
        "crm_failed",
        code=code,
        trouble=str(error.trouble),
        kind=type(error).__name__,
        reason=str(error),
        customer_id=key.customer_id,
    )
    error_msg = error.error_msg if isinstance(error, CrmRejected) else ""
    return Failure(error.trouble, code, error_msg, str(error))
