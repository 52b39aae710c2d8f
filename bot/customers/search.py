"""Customer search: candidates from the directory and the CRM's lists, each confirmed by its profile.

GetCustomer takes ids only. A candidate is a result once its profile, or the CRM's own row of this moment, holds what
was searched for.
"""

import asyncio
from collections.abc import Callable, Coroutine, Iterable
from contextlib import suppress
from enum import Enum, auto
from typing import Any, Final, NamedTuple, Protocol

from cachetools import TLRUCache

from bot.crm.concurrency import LATE, crm_deadline
from bot.crm.search_routes import Hit, HitSearch
from bot.customers.directory.entries import entry_of, stored_number
from bot.customers.directory.index import Directory
from bot.customers.failures import report_failure
from bot.customers.lookup import LookupResult, Outcome
from bot.domain.directory import attempts, searchable
from bot.domain.field_roles import Role
from bot.domain.pinyin import spellings
from bot.domain.profile import CustomerKey, CustomerProfile, ServiceNetwork
from bot.domain.query import Query, ReadAs
from bot.domain.results import MAX_CUSTOMERS, PAGE_SIZE, CacheState, Failure
from bot.errors import CrmError, CrmRejected, CrmUnreachable, StoreUnavailable
from bot.runtime.single_flight import SingleFlight
from bot.runtime.tasks import BackgroundTasks

FOUND_SECONDS: Final = 300
"""How long the candidates of a CRM search are cached."""
NOT_FOUND_SECONDS: Final = 30
"""The same for a search without candidates."""
LIST_SECONDS: Final = 900
"""How long the pages of a list keep their order. Customers that the directory learns meanwhile would shift it."""
MAX_SEARCHES: Final = 4_000
"""Cached searches and lists."""


class Source(Enum):
    """Where candidates come from."""

    PAGED_LIST = auto()
    """A list with several pages, as it was when its first page was made."""
    DIRECTORY = auto()
    CRM_LISTS = auto()
    """The CRM's first routes, side by side."""
    LAST_RESORT = auto()
    """The CRM's last routes: a work order may name a customer that no other list has."""


_STAGES: Final = ((Source.DIRECTORY, Source.CRM_LISTS), (Source.LAST_RESORT,))
"""The sources of one stage are queried together; the next stage only if this one found no customer."""
_STAGES_OF_A_NUMBER: Final = ((Source.DIRECTORY,), (Source.CRM_LISTS,), (Source.LAST_RESORT,))
"""A number belongs to one customer, so a known number costs no CRM request. A phone or a name may be shared."""
_SHARES: Final = {
    Source.DIRECTORY: 0.35,  # with a short deadline, a slow database must leave time for the CRM
    Source.CRM_LISTS: 0.5,
    Source.LAST_RESORT: 0.25,  # not less: the circuit breaker ignores requests given up before half their timeout
}
"""How much of a search's deadline each source may take. The rest is for confirming the candidates."""


class Matches(NamedTuple):
    """One page of results. ``first`` is the position of its first candidate, ``following`` that of the next page's.

    ``total`` counts the candidates that were not disproved; ``is_cut``: there are more than MAX_CUSTOMERS.
    ``failure``: a part of the search failed, so customers may be missing.
    """

    results: tuple[LookupResult, ...] = ()
    first: int = 0
    following: int | None = None
    """None after the last page."""
    total: int = 0
    is_cut: bool = False
    failure: Failure | None = None


class Candidates(NamedTuple):
    """Hits, each customer once, how many routes of the CRM answered, and the errors of the sources that did not."""

    hits: tuple[Hit, ...] = ()
    remembered: frozenset[str] = frozenset()
    """The ids that came from the directory, which may be out of date."""
    answered: int = 0
    errors: tuple[CrmError | StoreUnavailable, ...] = ()


class Routes(Protocol):
    """The CRM's searches for a query: each gives hits or raises CrmError."""

    def first(self, network: ServiceNetwork, query: Query) -> tuple[HitSearch, ...]: ...

    def last(self, network: ServiceNetwork, query: Query) -> tuple[HitSearch, ...]: ...


LookUp = Callable[[CustomerKey], Coroutine[Any, Any, Outcome]]
_CacheKey = tuple[Source, ServiceNetwork, Query]


class _Search(NamedTuple):
    """``ends_at`` is the deadline by the event loop's clock."""

    network: ServiceNetwork
    query: Query
    look_up: LookUp
    ends_at: float


class CustomerSearch:
    """Finds customers by what was typed. ``deadline_seconds`` is for a whole search, ``now`` is a clock in seconds.

    Concurrent searches for the same share their CRM requests.
    """

    def __init__(
        self,
        routes: Routes,
        directory: Directory,
        background: BackgroundTasks,
        deadline_seconds: float,
        now: Callable[[], float],
    ) -> None:
        self._routes = routes
        self._directory = directory
        self._deadline_seconds = deadline_seconds
        self._requests: SingleFlight[_CacheKey, Candidates] = SingleFlight(background)
        self._cache: TLRUCache[_CacheKey, Candidates] = TLRUCache(MAX_SEARCHES, _expires_at, timer=now)
        self._dropped = 0

    def drop(self, customer_id: str) -> None:
        """The customer was forgotten: drop every cached search that names it, and cache none that is running now."""
        self._dropped += 1
        for key in [*self._cache]:
            if any(hit.customer_id == customer_id for hit in self._cache.get(key, Candidates()).hits):
                self._cache.pop(key, None)

    async def find(
        self,
        network: ServiceNetwork,
        query: Query,
        look_up: LookUp,
        first: int = 0,
        fallbacks: tuple[Query, ...] = (),
    ) -> tuple[Query, Matches]:
        """The page of customers from the candidate ``first`` on, each confirmed by ``look_up``, and what found them.

        All pages of a list come from the candidates of its first page. ``fallbacks`` are searched for in their order
        while no customer is found. A failure ends that: a fallback may find the wrong customer where the CRM did not
        answer for the right one.
        """
        ends_at = asyncio.get_running_loop().time() + self._deadline_seconds
        matches = Matches()
        for reading in (query, *fallbacks):
            matches = await self._find(_Search(network, reading, look_up, ends_at), first)
            if matches.results or matches.failure:
                return reading, matches
        return query, matches

    async def _find(self, search: _Search, first: int) -> Matches:
        network, query = search.network, search.query
        is_unique = query.read_as is ReadAs.NUMBER
        stages: tuple[tuple[Source, ...], ...] = _STAGES_OF_A_NUMBER if is_unique else _STAGES
        if first and (Source.PAGED_LIST, network, query) in self._cache:
            stages = ((Source.PAGED_LIST,),)
        tried = Candidates()
        for sources in stages:
            try:
                async with asyncio.timeout_at(search.ends_at):
                    candidates = _merged(await asyncio.gather(*(self._query(search, source) for source in sources)))
            except TimeoutError:
                candidates = Candidates(errors=(CrmUnreachable(LATE),))
            tried = _merged((tried, candidates))
            page = await self._page(search, candidates, first)
            if page.failure or (page.results and is_unique):
                return page
            if page.results:
                return page._replace(failure=_failure(tried, query, was_found=True))
        return Matches(failure=_failure(tried, query, was_found=False))

    async def _query(self, search: _Search, source: Source) -> Candidates:
        """The candidates of one source; a failure is among their errors."""
        if source is not Source.DIRECTORY:
            key = (source, search.network, search.query)
            cached = self._cache.get(key)
            if cached is not None or source is Source.PAGED_LIST:
                return cached or Candidates()  # the list may have been dropped since ``find`` saw it
            return await self._requests.join(key, lambda: self._query_crm(key))
        try:
            async with asyncio.timeout(_SHARES[source] * self._deadline_seconds):
                ids = await self._directory.candidates(search.network, search.query)
        except TimeoutError:
            return Candidates(errors=(StoreUnavailable(LATE),))
        except StoreUnavailable as error:
            return Candidates(errors=(error,))
        return Candidates(tuple(Hit(customer_id, row_matches=False) for customer_id in ids), frozenset(ids))

    async def _query_crm(self, key: _CacheKey) -> Candidates:
        source, network, query = key
        dropped_before = self._dropped

        async def hits_of(route: HitSearch) -> Candidates:
            try:
                async with crm_deadline(_SHARES[source] * self._deadline_seconds):
                    return Candidates(await route, answered=1)
            except CrmError as error:
                return Candidates(errors=(error,))

        routes = self._routes.first if source is Source.CRM_LISTS else self._routes.last
        candidates = _merged(await asyncio.gather(*map(hits_of, routes(network, query))))
        if self._dropped == dropped_before and all(isinstance(error, CrmRejected) for error in candidates.errors):
            self._cache[key] = candidates
        return candidates

    async def _page(self, search: _Search, candidates: Candidates, first: int) -> Matches:
        """The page at ``first``, or the last page that has results. Caches a list that has several pages."""
        page, candidates = await self._confirmed_page(search, candidates, first)
        while first and page.total and not page.results and not page.failure:
            page, candidates = await self._confirmed_page(search, candidates, (page.total - 1) // PAGE_SIZE * PAGE_SIZE)
        if page.first or page.following is not None:
            self._cache[Source.PAGED_LIST, search.network, search.query] = candidates
        return page

    async def _confirmed_page(self, search: _Search, candidates: Candidates, first: int) -> tuple[Matches, Candidates]:
        """Confirm candidates until the page is full, all are tried, or the CRM fails.

        Returns the page and the candidates without those that were disproved.
        """
        hits = candidates.hits[:MAX_CUSTOMERS]
        results: list[LookupResult] = []
        failures: list[Failure] = []
        disproved: set[Hit] = set()
        at = first
        while at < len(hits) and len(results) < PAGE_SIZE and not failures:
            batch = hits[at : at + PAGE_SIZE - len(results)]
            for hit, outcome in zip(batch, await self._confirm_all(search, batch, candidates), strict=True):
                if isinstance(outcome, LookupResult):
                    results.append(outcome)
                elif outcome is None:
                    disproved.add(hit)
                else:
                    failures.append(outcome)
            at += len(batch)
        left = tuple(hit for hit in candidates.hits if hit not in disproved)
        total, following = len(left[:MAX_CUSTOMERS]), at - len(disproved)
        page = Matches(
            tuple(results),
            first,
            following=following if following < total else None,
            total=total,
            is_cut=len(left) > MAX_CUSTOMERS,
            failure=failures[0] if failures else None,
        )
        return page, candidates._replace(hits=left)

    async def _confirm_all(self, search: _Search, hits: Iterable[Hit], candidates: Candidates) -> list[Outcome]:
        """The outcome of each hit; those that are late share one failure."""
        tasks = [asyncio.ensure_future(self._confirm(search, hit, candidates.remembered)) for hit in hits]
        await asyncio.wait(tasks, timeout=max(0.0, search.ends_at - asyncio.get_running_loop().time()))
        late = [task for task in tasks if not task.done()]
        for task in late:
            task.cancel()
        failure = report_failure(CrmUnreachable(LATE), read_as=search.query.read_as) if late else None
        return [failure if task in late else task.result() for task in tasks]

    async def _confirm(self, search: _Search, hit: Hit, remembered: frozenset[str]) -> Outcome:
        """The customer of ``hit``; None if it is gone or does not match. A directory that was wrong is corrected."""
        key = CustomerKey(*search.network, hit.customer_id)
        outcome = await search.look_up(key)
        if isinstance(outcome, Failure):
            return outcome
        profile = outcome.entry.profile if outcome else None
        if profile is not None and (hit.row_matches or matches(profile, search.query)):
            return outcome
        if outcome is not None and outcome.failure is not None:
            return outcome.failure  # a stale profile disproves nothing
        if hit.customer_id in remembered and (outcome is None or outcome.cache is CacheState.MISS):
            with suppress(StoreUnavailable):  # the next search that finds it corrects it
                await self._directory.forget(key)
            if profile is not None:
                self._directory.learn(key, profile)
        return None


def _merged(parts: Iterable[Candidates]) -> Candidates:
    """All of them in this order; of two hits of one customer, the one whose row matches."""
    parts = tuple(parts)
    hits: dict[str, Hit] = {}
    for hit in (hit for part in parts for hit in part.hits):
        if hit.row_matches or hit.customer_id not in hits:
            hits[hit.customer_id] = hit
    return Candidates(
        tuple(hits.values()),
        frozenset().union(*(part.remembered for part in parts)),
        sum(part.answered for part in parts),
        tuple(error for part in parts for error in part.errors),
    )


def _expires_at(key: _CacheKey, candidates: Candidates, now: float) -> float:
    if key[0] is Source.PAGED_LIST:
        return now + LIST_SECONDS
    return now + (FOUND_SECONDS if candidates.hits else NOT_FOUND_SECONDS)


def _failure(tried: Candidates, query: Query, was_found: bool) -> Failure | None:
    """Why customers may be missing; None: none are.

    A rejected search counts as one without results, as the CRM does not document for each operation how it says
    "none": it is a failure only if no route answered.
    """
    errors = tried.errors
    if was_found or tried.answered:
        errors = tuple(error for error in errors if not isinstance(error, CrmRejected))
    return report_failure(errors[0], read_as=query.read_as) if errors else None


def matches(profile: CustomerProfile, query: Query) -> bool:
    """Whether the profile holds what was searched for. No profile holds the numbers of devices and work orders.

    A name matches by a part of the customer's name, number or a contact, or by their pinyin.
    """
    match query.read_as:
        case ReadAs.NUMBER | ReadAs.SERIAL:
            return stored_number(profile.number) == stored_number(query.identifier) != ""
        case ReadAs.PHONE:
            return query.identifier in entry_of(profile).phones
        case ReadAs.EMAIL:
            return query.identifier in entry_of(profile).mails
        case ReadAs.NAME:
            roles = (Role.NAME, Role.NUMBER, Role.CONTACT)
            names = [searchable(field.value) for field in profile.fields if field.role in roles]
            text = "\n".join((*names, *(searchable(spelling) for name in names for spelling in spellings(name))))
            return any(all(word in text for word in words) for words in attempts(query.identifier))
        case _:
            return False
