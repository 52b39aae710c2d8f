"""From a reading to what it comes to in one service network, as an audience may see it."""

import asyncio
from contextlib import suppress

from bot.customers.lookup import CustomerLookup, LookupResult
from bot.customers.records import SUMMARY_SECONDS, ServiceRecords
from bot.customers.search import CustomerSearch, LookUp, Matches
from bot.domain.inquiry import Audience, Inquiry
from bot.domain.profile import CustomerKey, CustomerProfile, ServiceNetwork
from bot.domain.query import Query
from bot.domain.records import Section, ServiceSummary
from bot.domain.results import CacheState, Failure, Found, Invalid, NotFound, RecordsResult, Result, Unavailable
from bot.inquiries.answering import Answering


class Resolver:
    def __init__(
        self, lookup: CustomerLookup, search: CustomerSearch, records: ServiceRecords, answering: Answering
    ) -> None:
        self._lookup = lookup
        self._search = search
        self._records = records
        self._answering = answering

    async def resolve(self, inquiry: Inquiry, query: Query, network: ServiceNetwork, audience: Audience) -> Result:
        """Whom ``query`` means."""
        if query.read_as.names_the_id:
            return await self._identified(inquiry, query, network, audience)
        matches = await self._search.find(network, query, self._look_up(inquiry), inquiry.first)
        if not matches.results:
            return self._nobody(inquiry, query, matches.failure)
        if _is_one(matches) and not matches.first:
            return await self._found(matches.results[0], network, audience, query)
        return self._answering.several(matches, audience, query)

    def is_cached(self, query: Query, network: ServiceNetwork) -> bool:
        """Whether ``result`` would find the customer in the cache, and wait for nobody."""
        return query.read_as.names_the_id and self._lookup.is_fresh(CustomerKey(*network, query.identifier))

    async def related(
        self, inquiry: Inquiry, query: Query, network: ServiceNetwork, section: Section, order_id: str
    ) -> RecordsResult:
        """Only of a customer whom the CRM shows to this service network."""
        if not query.read_as.names_the_id:
            return Invalid(inquiry.text)
        key = CustomerKey(*network, query.identifier)
        outcome = await self._lookup.find(key)
        if not isinstance(outcome, LookupResult):
            return self._nobody(inquiry, query, outcome)
        profile = outcome.entry.profile
        records = await self._records.section(key, profile.name, section, order_id)
        if isinstance(records, Failure):
            return self._nobody(inquiry, query, records)
        return self._answering.related(profile, section, records)

    async def profile(self, key: CustomerKey) -> CustomerProfile | None:
        """What is known of a customer now, for whoever keeps the name; None: nothing."""
        outcome = await self._lookup.find(key)
        return outcome.entry.profile if isinstance(outcome, LookupResult) else None

    def failed(self, query: Query, failure: Failure) -> Unavailable:
        return self._answering.unavailable(query, failure)

    async def _identified(self, inquiry: Inquiry, query: Query, network: ServiceNetwork, audience: Audience) -> Result:
        outcome = await self._look_up(inquiry)(CustomerKey(*network, query.identifier))
        if not isinstance(outcome, LookupResult):
            return self._nobody(inquiry, query, outcome)
        return await self._found(outcome, network, audience, query)

    def _look_up(self, inquiry: Inquiry) -> LookUp:
        return self._lookup.refresh if inquiry.refresh else self._lookup.find

    def _nobody(self, inquiry: Inquiry, query: Query, failure: Failure | None) -> NotFound | Unavailable:
        if failure is not None:
            return self._answering.unavailable(query, failure)
        return self._answering.not_found(query, inquiry.text)

    async def _found(self, sighting: LookupResult, network: ServiceNetwork, audience: Audience, query: Query) -> Found:
        summary = None if audience is Audience.CHANNEL else await self._summary(sighting, network)
        return self._answering.found(sighting, audience, query.read_as, summary)

    async def _summary(self, sighting: LookupResult, network: ServiceNetwork) -> ServiceSummary | None:
        """Where the profile was in the cache, nobody is asked and nothing is waited for."""
        key = CustomerKey(*network, sighting.entry.profile.customer_id)
        if sighting.cache is CacheState.MISS:
            with suppress(TimeoutError):
                return await asyncio.wait_for(self._records.fetch_summary(key), SUMMARY_SECONDS)
        return self._records.summary(key)


def _is_one(matches: Matches) -> bool:
    """Whether nobody else can be meant. While the CRM is silent, an old copy is shown, which says so itself."""
    is_alone = len(matches.results) == 1 and matches.following is None
    return is_alone and (matches.failure is None or matches.results[0].failure is not None)
