"""From a reading to what it comes to in one service network, as an audience may see it."""

import asyncio
from contextlib import suppress

from bot.customers.lookup import CustomerLookup, Sighting
from bot.customers.records import SUMMARY_SECONDS, ServiceRecords
from bot.customers.search import CustomerSearch, LookUp, Matches
from bot.domain.inquiry import Audience
from bot.domain.profile import CustomerKey, CustomerProfile, Network
from bot.domain.query import Reading
from bot.domain.records import Section, ServiceSummary
from bot.domain.results import (
    Answer,
    CacheState,
    Failure,
    Found,
    Inquiry,
    Invalid,
    NotFound,
    RelatedAnswer,
    Unavailable,
)
from bot.inquiries.answering import Answering


class Finder:
    def __init__(
        self, lookup: CustomerLookup, search: CustomerSearch, records: ServiceRecords, answering: Answering
    ) -> None:
        self._lookup = lookup
        self._search = search
        self._records = records
        self._answering = answering

    async def answer(self, inquiry: Inquiry, reading: Reading, network: Network, audience: Audience) -> Answer:
        """Whom ``reading`` means."""
        if reading.read_as.names_the_id:
            return await self._identified(inquiry, reading, network, audience)
        matches = await self._search.find(network, reading, self._look_up(inquiry), inquiry.first)
        if not matches.sightings:
            return self._nobody(inquiry, reading, matches.failure)
        if _is_one(matches) and not matches.first:
            return await self._found(matches.sightings[0], network, audience, reading)
        return self._answering.several(matches, audience, reading)

    def has_at_hand(self, reading: Reading, network: Network) -> bool:
        """Whether ``answer`` would find the customer in the cache, and wait for nobody."""
        return reading.read_as.names_the_id and self._lookup.is_fresh(CustomerKey(*network, reading.identifier))

    async def related(
        self, inquiry: Inquiry, reading: Reading, network: Network, section: Section, order_id: str
    ) -> RelatedAnswer:
        """Only of a customer whom the CRM shows to this service network."""
        if not reading.read_as.names_the_id:
            return Invalid(inquiry.text)
        key = CustomerKey(*network, reading.identifier)
        outcome = await self._lookup.find(key)
        if not isinstance(outcome, Sighting):
            return self._nobody(inquiry, reading, outcome)
        profile = outcome.copy.profile
        records = await self._records.section(key, profile.name, section, order_id)
        if isinstance(records, Failure):
            return self._nobody(inquiry, reading, records)
        return self._answering.related(profile, section, records)

    async def profile(self, key: CustomerKey) -> CustomerProfile | None:
        """What is known of a customer now, for whoever keeps the name; None: nothing."""
        outcome = await self._lookup.find(key)
        return outcome.copy.profile if isinstance(outcome, Sighting) else None

    def failed(self, reading: Reading, failure: Failure) -> Unavailable:
        return self._answering.unavailable(reading, failure)

    async def _identified(self, inquiry: Inquiry, reading: Reading, network: Network, audience: Audience) -> Answer:
        outcome = await self._look_up(inquiry)(CustomerKey(*network, reading.identifier))
        if not isinstance(outcome, Sighting):
            return self._nobody(inquiry, reading, outcome)
        return await self._found(outcome, network, audience, reading)

    def _look_up(self, inquiry: Inquiry) -> LookUp:
        return self._lookup.refresh if inquiry.refresh else self._lookup.find

    def _nobody(self, inquiry: Inquiry, reading: Reading, failure: Failure | None) -> NotFound | Unavailable:
        if failure is not None:
            return self._answering.unavailable(reading, failure)
        return self._answering.not_found(reading, inquiry.text)

    async def _found(self, sighting: Sighting, network: Network, audience: Audience, reading: Reading) -> Found:
        summary = None if audience is Audience.CHANNEL else await self._summary(sighting, network)
        return self._answering.found(sighting, audience, reading.read_as, summary)

    async def _summary(self, sighting: Sighting, network: Network) -> ServiceSummary | None:
        """Where the profile was in the cache, nobody is asked and nothing is waited for."""
        key = CustomerKey(*network, sighting.copy.profile.customer_id)
        if sighting.cache is CacheState.MISS:
            with suppress(TimeoutError):
                return await asyncio.wait_for(self._records.fetch_summary(key), SUMMARY_SECONDS)
        return self._records.summary(key)


def _is_one(matches: Matches) -> bool:
    """Whether nobody else can be meant. While the CRM is silent, an old copy is shown, which says so itself."""
    is_alone = len(matches.sightings) == 1 and matches.following is None
    return is_alone and (matches.failure is None or matches.sightings[0].failure is not None)
