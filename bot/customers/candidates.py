"""Who may be meant: customers that the directory remembers, and those that the CRM's lists name now."""

import asyncio
from collections.abc import Callable, Collection, Coroutine, Iterable
from typing import Any, Final, NamedTuple, Protocol

from cachetools import TLRUCache, TTLCache

from bot.crm.deadline import LATE, crm_deadline
from bot.crm.search_routes import Hit
from bot.customers.directory.index import Directory
from bot.domain.profile import ServiceNetwork
from bot.domain.query import Query
from bot.errors import CrmError, CrmRejected, StoreUnavailable
from bot.runtime.single_flight import SingleFlight
from bot.runtime.tasks import BackgroundTasks

FOUND_SECONDS: Final = 300
"""How long the CRM is not asked again who has a phone or a name that it knows."""
NOBODY_SECONDS: Final = 30
REMEMBERED_SEARCHES: Final = 2_000
LIST_SECONDS: Final = 900
"""How long the pages of a list are turned in one order. What is learnt meanwhile would shift it."""

Asking = Coroutine[Any, Any, tuple[Hit, ...]]


class Routes(Protocol):
    """What a search needs of the CRM: for one reading, ways to ask that each give candidates or raise CrmError."""

    def first(self, network: ServiceNetwork, query: Query) -> tuple[Asking, ...]:
        """Those that are asked side by side."""
        ...

    def last(self, network: ServiceNetwork, query: Query) -> tuple[Asking, ...]:
        """Those that are asked if the first ones find nobody."""
        ...


class Candidates(NamedTuple):
    """The hits, each customer once, and what became of the sources: how many answered, what the others said."""

    hits: tuple[Hit, ...] = ()
    remembered: frozenset[str] = frozenset()
    """The ids that the directory gave: what it says may be out of date."""
    answered: int = 0
    errors: tuple[CrmError | StoreUnavailable, ...] = ()

    def joined(self, other: "Candidates") -> "Candidates":
        """Both, in this order. A customer whom either holds for certain is held for certain."""
        merged: dict[str, Hit] = {}
        for hit in (*self.hits, *other.hits):
            before = merged.get(hit.customer_id)
            merged[hit.customer_id] = hit if before is None or hit.holds_it else before
        return Candidates(
            tuple(merged.values()),
            self.remembered | other.remembered,
            self.answered + other.answered,
            self.errors + other.errors,
        )

    def without(self, others: Collection[Hit]) -> "Candidates":
        return self._replace(hits=tuple(hit for hit in self.hits if hit not in others))


class CandidateSources:
    """Asks both kinds of source. What the CRM answered in full is remembered for a while, and asked once for all."""

    def __init__(
        self, routes: Routes, directory: Directory, background: BackgroundTasks, now: Callable[[], float]
    ) -> None:
        self._routes = routes
        self._directory = directory
        self._flights: SingleFlight[tuple[object, ...], Candidates] = SingleFlight(background)
        self._answers: TLRUCache[tuple[object, ...], Candidates] = TLRUCache(
            REMEMBERED_SEARCHES, _remembered_until, timer=now
        )
        self._lists: TTLCache[tuple[ServiceNetwork, Query], Candidates] = TTLCache(
            REMEMBERED_SEARCHES, LIST_SECONDS, timer=now
        )
        self._dropped = 0

    def drop(self, customer_id: str) -> None:
        """A customer was forgotten: no search is remembered that names it, and none that is under way now."""
        self._dropped += 1
        for known in (self._answers, self._lists):
            for key in [*known]:
                if any(hit.customer_id == customer_id for hit in known.get(key, Candidates()).hits):
                    known.pop(key, None)

    def keep_list(self, network: ServiceNetwork, query: Query, candidates: Candidates) -> None:
        """Remember of whom a list was made that has several pages."""
        self._lists[network, query] = candidates

    def is_listed(self, network: ServiceNetwork, query: Query) -> bool:
        return (network, query) in self._lists

    async def list_of(self, network: ServiceNetwork, query: Query) -> Candidates:
        """Those of ``keep_list``, in the same order."""
        return self._lists.get((network, query), Candidates())

    async def remembered(self, network: ServiceNetwork, query: Query, seconds: float) -> Candidates:
        """What the directory says within ``seconds``."""
        try:
            async with asyncio.timeout(seconds):
                ids = await self._directory.candidates(network, query)
        except TimeoutError:
            return Candidates(errors=(StoreUnavailable(LATE),))
        except StoreUnavailable as error:
            return Candidates(errors=(error,))
        return Candidates(tuple(Hit(customer_id, holds_it=False) for customer_id in ids), frozenset(ids))

    async def listed(self, network: ServiceNetwork, query: Query, seconds: float) -> Candidates:
        """What the CRM's first routes say within ``seconds``."""
        return await self._asked(("first", network, query), self._routes.first, network, query, seconds)

    async def last_resort(self, network: ServiceNetwork, query: Query, seconds: float) -> Candidates:
        return await self._asked(("last", network, query), self._routes.last, network, query, seconds)

    async def _asked(
        self,
        key: tuple[object, ...],
        routes: Callable[[ServiceNetwork, Query], tuple[Asking, ...]],
        network: ServiceNetwork,
        query: Query,
        seconds: float,
    ) -> Candidates:
        known = self._answers.get(key)
        if known is not None:
            return known
        dropped_before = self._dropped
        candidates = await self._flights.join(key, lambda: _gathered(routes(network, query), seconds))
        answered = all(isinstance(error, CrmRejected) for error in candidates.errors)
        if answered and self._dropped == dropped_before:
            self._answers[key] = candidates
        return candidates


async def _gathered(askings: Iterable[Asking], seconds: float) -> Candidates:
    candidates = Candidates()
    for result in await asyncio.gather(*(_within(asking, seconds) for asking in askings)):
        candidates = candidates.joined(result)
    return candidates


async def _within(asking: Asking, seconds: float) -> Candidates:
    try:
        async with crm_deadline(seconds):
            return Candidates(await asking, answered=1)
    except CrmError as error:
        return Candidates(errors=(error,))


def _remembered_until(_: tuple[object, ...], candidates: Candidates, now: float) -> float:
    return now + (FOUND_SECONDS if candidates.hits else NOBODY_SECONDS)
