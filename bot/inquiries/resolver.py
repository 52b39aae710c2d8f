"""From what was typed to its result in one service network, as one audience may see it."""

import asyncio
from contextlib import suppress
from typing import NamedTuple

from bot.customers.lookup import CustomerLookup, LookupResult
from bot.customers.records import SUMMARY_SECONDS, ServiceRecords
from bot.customers.search import CustomerSearch
from bot.domain.inquiry import Audience, Inquiry
from bot.domain.profile import CustomerKey, CustomerProfile, ServiceNetwork
from bot.domain.query import Parsed, Query, QueryReader
from bot.domain.records import Section, ServiceSummary
from bot.domain.results import (
    CacheState,
    Expired,
    Failure,
    Found,
    Invalid,
    NotFound,
    OtherReading,
    RecordsResult,
    RelatedRecords,
    Result,
    Several,
    Unavailable,
)
from bot.inquiries.result_cache import ResultCache
from bot.privacy.encryption import SealedQueries, is_sealed
from bot.privacy.filter import private_rows, visible_profile
from bot.privacy.policy import FieldPolicy
from bot.runtime.logging import new_code


class Scope(NamedTuple):
    """Which service network's customers an inquiry sees, and who will read its result."""

    network: ServiceNetwork
    audience: Audience


class Resolver:
    """Reads what was typed, has the customer looked up or searched for, and filters what is found."""

    def __init__(
        self,
        lookup: CustomerLookup,
        search: CustomerSearch,
        records: ServiceRecords,
        results: ResultCache,
        sealed: SealedQueries,
        policy: FieldPolicy,
        reader: QueryReader,
    ) -> None:
        self._lookup = lookup
        self._search = search
        self._records = records
        self._results = results
        self._sealed = sealed
        self._policy = policy
        self._reader = reader

    def read(self, text: str) -> Parsed | Expired:
        """What ``text`` asks for: what a person typed, or what a button holds."""
        if not is_sealed(text):
            return self._reader.parse(text)
        query = self._sealed.open(text)
        return Parsed((query,)) if query else Expired()

    def is_cached(self, text: str, network: ServiceNetwork) -> bool:
        """Whether ``resolve`` would find the customer in the cache, without waiting."""
        query = self._reader.parse(text).query
        return (
            query is not None
            and query.read_as.names_the_id
            and self._lookup.is_fresh(CustomerKey(*network, query.identifier))
        )

    async def resolve(self, inquiry: Inquiry, scope: Scope, parsed: Parsed) -> Result:
        """The customer or customers that the one query of ``parsed`` means, else the first fallback that finds any."""
        [query] = parsed.queries
        look_up = self._lookup.refresh if inquiry.refresh else self._lookup.find
        if query.read_as.names_the_id:
            outcome = await look_up(CustomerKey(*scope.network, query.identifier))
            if not isinstance(outcome, LookupResult):
                return self._no_customer(parsed, query, outcome)
            return await self._found(outcome, scope, query)
        query, matches = await self._search.find(scope.network, query, look_up, inquiry.first, parsed.fallbacks)
        if not matches.results:
            return self._no_customer(parsed, query, matches.failure)
        only = matches.results[0] if len(matches.results) == 1 and matches.following is None else None
        if only and not matches.first and (matches.failure is None or only.failure is not None):
            return await self._found(only, scope, query)  # of a stale entry the card itself says why
        return Several(
            query.read_as,
            tuple(self._results.found(result, scope.audience, query.read_as) for result in matches.results),
            matches.first,
            matches.following,
            matches.total,
            matches.is_cut,
            self._sealed.seal(query),
            matches.failure,
        )

    async def records(
        self, inquiry: Inquiry, network: ServiceNetwork, parsed: Parsed, section: Section, order_id: str
    ) -> RecordsResult:
        """A section of what belongs to a customer, for the asker alone.

        The customer is looked up first: the CRM would list records of customers of other service networks.
        """
        [query] = parsed.queries
        if not query.read_as.names_the_id:
            return Invalid(inquiry.text)
        key = CustomerKey(*network, query.identifier)
        outcome = await self._lookup.find(key)
        if not isinstance(outcome, LookupResult):
            return self._no_customer(parsed, query, outcome)
        profile = outcome.entry.profile
        records = await self._records.section(key, profile.name, section, order_id)
        if isinstance(records, Failure):
            return self.unavailable(query, records)
        seen = visible_profile(profile, Audience.PRIVATE, self._policy)
        rows = private_rows(records.rows, self._policy)
        return RelatedRecords(
            profile.customer_id, section, rows, records.is_cut, seen.name, seen.number, records.order_number
        )

    async def profile(self, key: CustomerKey) -> CustomerProfile | None:
        """The unfiltered profile; None if the CRM and the cache have none now."""
        outcome = await self._lookup.find(key)
        return outcome.entry.profile if isinstance(outcome, LookupResult) else None

    def unavailable(self, query: Query, failure: Failure) -> Unavailable:
        return Unavailable(query.identifier, failure, self._button_value(query))

    def _no_customer(self, parsed: Parsed, query: Query, failure: Failure | None) -> NotFound | Unavailable:
        if failure is not None:
            return self.unavailable(query, failure)
        others = tuple(OtherReading(other.read_as, self._button_value(other)) for other in parsed.others)
        return NotFound(query.identifier, new_code(), query.read_as, others, parsed.may_end_a_phone)

    def _button_value(self, query: Query) -> str:
        """Phones, mail addresses and names are sealed: a button holds no customer data."""
        return query.identifier if query.read_as.is_open else self._sealed.seal(query)

    async def _found(self, result: LookupResult, scope: Scope, query: Query) -> Found:
        summary: ServiceSummary | None = None
        if scope.audience is not Audience.CHANNEL:
            key = CustomerKey(*scope.network, result.entry.profile.customer_id)
            if result.cache is CacheState.MISS:
                with suppress(TimeoutError):
                    await asyncio.wait_for(self._records.fetch_summary(key), SUMMARY_SECONDS)
            summary = self._records.summary(key)
        return self._results.found(result, scope.audience, query.read_as, summary)
