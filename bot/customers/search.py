"""From what people type to customers: candidates of the directory and of the CRM's lists, confirmed by their profile.

GetCustomer takes ids alone. Each candidate is shown only once its profile, or the CRM's own row of this moment, holds
what was asked for.
"""

import asyncio
from collections.abc import Callable, Coroutine
from contextlib import suppress
from typing import Any, Final, NamedTuple

from bot.crm.deadline import LATE
from bot.crm.search_routes import Hit
from bot.customers.candidates import Candidates, CandidateSources
from bot.customers.directory.index import Directory
from bot.customers.failures import report_failure
from bot.customers.lookup import LookupResult, Outcome
from bot.customers.matching import matches
from bot.domain.pinyin import Pinyin
from bot.domain.profile import CustomerKey, CustomerProfile, ServiceNetwork
from bot.domain.query import Query, ReadAs
from bot.domain.results import MAX_CUSTOMERS, PAGE, CacheState, Failure
from bot.errors import CrmRejected, CrmUnreachable, StoreUnavailable

LISTS_SHARE: Final = 0.5
"""Of the deadline, for the CRM's lists that are asked side by side: the rest is for what comes after them."""
LAST_RESORT_SHARE: Final = 0.25
"""Not less: what is given up after less than half of a request's time tells the breaker nothing."""
DIRECTORY_SHARE: Final = 0.35
"""With a short deadline, a database that hangs must leave time for the lists."""


class Matches(NamedTuple):
    """One page of those who match. ``first`` is the place of its first, ``following`` that of the next page's first.

    ``total`` counts the candidates, but for those who turned out to be somebody else; ``is_cut``: there are more than
    MAX_CUSTOMERS. A ``failure``: a part of the search gave no answer.
    """

    results: tuple[LookupResult, ...] = ()
    first: int = 0
    following: int | None = None
    """None after the last page."""
    total: int = 0
    is_cut: bool = False
    failure: Failure | None = None


LookUp = Callable[[CustomerKey], Coroutine[Any, Any, Outcome]]
Stage = Callable[[ServiceNetwork, Query], Coroutine[Any, Any, Candidates]]


class _Search(NamedTuple):
    """What is looked for, and how long; ``ends_at`` is the event loop's time."""

    network: ServiceNetwork
    query: Query
    look_up: LookUp
    first: int
    ends_at: float


class CustomerSearch:
    """``deadline_seconds`` bounds a whole search."""

    def __init__(
        self,
        sources: CandidateSources,
        directory: Directory,
        pinyin: Pinyin,
        deadline_seconds: float,
    ) -> None:
        self._sources = sources
        self._directory = directory
        self._pinyin = pinyin
        self._deadline_seconds = deadline_seconds

    async def find(self, network: ServiceNetwork, query: Query, look_up: LookUp, first: int = 0) -> Matches:
        """Those whom ``query`` means, from the candidate ``first`` on, each confirmed by ``look_up``.

        Whom a source does not know is looked for in the next one. The pages of one list are turned in its own order.
        """
        ends_at = asyncio.get_running_loop().time() + self._deadline_seconds
        search = _Search(network, query, look_up, first, ends_at)
        tried = Candidates()
        for stage in self._stages(search):
            candidates = await _in_time(stage(network, query), ends_at)
            tried = tried.joined(candidates)
            page = await self._last_page_at_most(search, candidates)
            if page.failure or (page.results and _is_unique(query)):
                return page
            if page.results:
                return page._replace(failure=_gap(tried, query))
        return Matches(failure=_silence(tried, query))

    def _stages(self, search: _Search) -> tuple[Stage, ...]:
        if search.first and self._sources.is_listed(search.network, search.query):
            return (self._sources.list_of,)
        if _is_unique(search.query):
            return (self._remembered, self._listed, self._last_resort)
        return (self._everywhere, self._last_resort)

    async def _everywhere(self, network: ServiceNetwork, query: Query) -> Candidates:
        remembered, listed = await asyncio.gather(self._remembered(network, query), self._listed(network, query))
        return remembered.joined(listed)

    async def _remembered(self, network: ServiceNetwork, query: Query) -> Candidates:
        return await self._sources.remembered(network, query, DIRECTORY_SHARE * self._deadline_seconds)

    async def _listed(self, network: ServiceNetwork, query: Query) -> Candidates:
        return await self._sources.listed(network, query, LISTS_SHARE * self._deadline_seconds)

    async def _last_resort(self, network: ServiceNetwork, query: Query) -> Candidates:
        return await self._sources.last_resort(network, query, LAST_RESORT_SHARE * self._deadline_seconds)

    async def _last_page_at_most(self, search: _Search, candidates: Candidates) -> Matches:
        """The page that is asked for. Where it has nobody any more, it is the last one that has."""
        page, candidates = await self._page(search, candidates)
        while search.first and page.total and not page.results and not page.failure:
            page, candidates = await self._page(search._replace(first=(page.total - 1) // PAGE * PAGE), candidates)
        if page.first or page.following is not None:
            self._sources.keep_list(search.network, search.query, candidates)
        return page

    async def _page(self, search: _Search, candidates: Candidates) -> tuple[Matches, Candidates]:
        """Confirm candidates until the page is full, all were looked at, or the CRM is silent.

        And the candidates without those who turned out to be somebody else.
        """
        hits = candidates.hits[:MAX_CUSTOMERS]
        results: list[LookupResult] = []
        failures: list[Failure] = []
        others: list[Hit] = []
        at = search.first
        while at < len(hits) and len(results) < PAGE and not failures:
            batch = hits[at : at + PAGE - len(results)]
            outcomes = await self._confirmed(search, batch, candidates.remembered)
            results += [outcome for outcome in outcomes if isinstance(outcome, LookupResult)]
            failures += [outcome for outcome in outcomes if isinstance(outcome, Failure)]
            others += [hit for hit, outcome in zip(batch, outcomes, strict=True) if outcome is None]
            at += len(batch)
        left = candidates.without(others)
        total, following = len(left.hits[:MAX_CUSTOMERS]), at - len(others)
        page = Matches(
            tuple(results),
            search.first,
            following=following if following < total else None,
            total=total,
            is_cut=len(left.hits) > MAX_CUSTOMERS,
            failure=failures[0] if failures else None,
        )
        return page, left

    async def _confirmed(
        self, search: _Search, hits: tuple[Hit, ...], remembered: frozenset[str]
    ) -> list[LookupResult | Failure | None]:
        """What each of ``hits`` comes to; None: somebody else, or nobody."""
        tasks = [asyncio.ensure_future(self._outcome(search, hit, hit.customer_id in remembered)) for hit in hits]
        await asyncio.wait(tasks, timeout=max(0.0, search.ends_at - asyncio.get_running_loop().time()))
        late = [task for task in tasks if not task.done()]
        for task in late:
            task.cancel()
        error = CrmUnreachable(LATE)
        silent = report_failure(error, read_as=search.query.read_as) if late else None
        return [silent if task in late else task.result() for task in tasks]

    async def _outcome(self, search: _Search, hit: Hit, is_remembered: bool) -> LookupResult | Failure | None:
        key = CustomerKey(*search.network, hit.customer_id)
        outcome = await search.look_up(key)
        if isinstance(outcome, Failure):
            return outcome
        if outcome is not None and (hit.holds_it or matches(outcome.entry.profile, search.query, self._pinyin)):
            return outcome
        if outcome is not None and outcome.failure is not None:
            return outcome.failure  # an old copy disproves nothing
        if is_remembered and (outcome is None or outcome.cache is CacheState.MISS):
            await self._correct(key, outcome.entry.profile if outcome else None)
        return None

    async def _correct(self, key: CustomerKey, profile: CustomerProfile | None) -> None:
        """The directory is out of date: the customer is another one now, or gone."""
        with suppress(StoreUnavailable):  # it is confirmed, and corrected, whenever it is asked
            await self._directory.forget(key)
        if profile is not None:
            self._directory.learn(key, profile)


async def _in_time(asking: Coroutine[Any, Any, Candidates], ends_at: float) -> Candidates:
    try:
        async with asyncio.timeout_at(ends_at):
            return await asking
    except TimeoutError:
        return Candidates(errors=(CrmUnreachable(LATE),))


def _is_unique(query: Query) -> bool:
    """Whether whoever is found is all there is: a number is one customer's, a phone or a name may be others' too."""
    return query.read_as is ReadAs.NUMBER


def _gap(tried: Candidates, query: Query) -> Failure | None:
    """What may be missing from what was found.

    A source that rejects a question has answered it: how the CRM says "nobody" is not documented for all of them.
    """
    serious = [error for error in tried.errors if not isinstance(error, CrmRejected)]
    return report_failure(serious[0], read_as=query.read_as) if serious else None


def _silence(tried: Candidates, query: Query) -> Failure | None:
    """Why nobody was found; None: there is nobody."""
    if tried.answered or not tried.errors:
        return _gap(tried, query)
    return report_failure(tried.errors[0], read_as=query.read_as)
