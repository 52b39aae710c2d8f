"""The one door to customer data: it orders the steps of an inquiry and decides nothing itself.

Check who asks and where, read what was typed, look the customer up, take out what this audience may not see, write
the access log.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Protocol, TypeVar

import structlog

from bot.access_log import log_answer
from bot.answering import Answering
from bot.answers import (
    Answer,
    Asker,
    CacheState,
    Denied,
    Expired,
    Failure,
    Found,
    Inquiry,
    Invalid,
    NotFound,
    Refusal,
    Related,
    RelatedAnswer,
    Surface,
    Unavailable,
)
from bot.background import Background
from bot.directory import Directory
from bot.directory_entry import Suggestion
from bot.errors import StoreUnavailable, Trouble
from bot.identifiers import ReadAs, Reading, read, unread
from bot.lookup import CustomerLookup, Sighting
from bot.masking import without_contacts
from bot.preferences import Remembered, Shelf
from bot.privacy import Audience, private_rows, view
from bot.profile import CustomerKey, CustomerProfile, Network
from bot.related import Section, ServiceSummary
from bot.sealed import SealedQueries, is_sealed
from bot.search import CustomerSearch, LookUp, Matches
from bot.service_records import SUMMARY_SECONDS, ServiceRecords
from bot.store.store import Store
from bot.telemetry import new_code

_UNVOUCHED = frozenset({Surface.FLEXPANE})
"""Surfaces whose payloads do not say which organisation the person belongs to."""

_NAME_LENGTH = 150

log = structlog.get_logger(__name__)


T = TypeVar("T", bound=Answer | RelatedAnswer)
_Check = Callable[[Asker], Awaitable[Refusal | None]]


class Guard(Protocol):
    """What the desk needs to know of Slack: who somebody is, and who reads a channel."""

    async def person(self, asker: Asker) -> Refusal | None: ...

    async def channel(self, asker: Asker) -> Refusal | None: ...


class Desk:
    """Answers inquiries."""

    def __init__(
        self,
        lookup: CustomerLookup,
        search: CustomerSearch,
        directory: Directory,
        records: ServiceRecords,
        sealed: SealedQueries,
        answering: Answering,
        store: Store,
        background: Background,
        network: Network,
        access: Guard,
    ) -> None:
        self._lookup = lookup
        self._search = search
        self._directory = directory
        self._records = records
        self._sealed = sealed
        self._answering = answering
        self._store = store
        self._background = background
        self._network = network
        self._access = access

    async def ask(self, inquiry: Inquiry) -> Answer:
        """What the asker alone may see, and remembered for them. Always an answer: a bug is logged and answered."""
        check = self._access.person if inquiry.surface in _UNVOUCHED else _anybody
        answer = await self._logged(inquiry, self._answering_to(inquiry, Audience.PRIVATE), check)
        if isinstance(answer, Found) and inquiry.asker.user:
            self._background.start(self._remember(inquiry.asker, answer.profile))
        return answer

    async def share(self, inquiry: Inquiry) -> Answer:
        """What everybody in the asker's channel may see; nothing unless that channel is known to be internal."""
        return await self._logged(inquiry, self._answering_to(inquiry, Audience.CHANNEL), self._access.channel)

    async def preview(self, inquiry: Inquiry) -> Answer:
        """What ``share`` would show, for the asker alone and before a channel is chosen."""
        return await self._logged(inquiry, self._answering_to(inquiry, Audience.CHANNEL), _anybody)

    async def suggest(self, asker: Asker, typed: str) -> tuple[Suggestion, ...]:
        """Customers of the directory whom ``asker``, who is still typing, may mean: names and numbers alone.

        None while the database does not answer. Not in the access log: a line a keystroke would tell what was typed.
        """
        try:
            return await self._directory.suggest(self._network, typed)
        except StoreUnavailable as error:
            log.info("nothing_suggested", reason=str(error))
            return ()

    async def related(self, asker: Asker, customer_id: str, section: Section, order_id: str = "") -> RelatedAnswer:
        """One part of what belongs to a customer, for ``asker`` alone; of the steps, those of the work order."""
        inquiry = Inquiry(customer_id, Surface.BUTTON, asker)
        return await self._logged(
            inquiry, lambda reading: self._belongings(inquiry, reading, section, order_id), _anybody
        )

    async def refusal(self, asker: Asker) -> Refusal | None:
        """Why ``asker`` may see nothing; None if they may."""
        return await self._access.person(asker)

    async def shelf(self, asker: Asker) -> Shelf | None:
        """The asker's pinned and recent customers; None if the database does not say."""
        try:
            return await self._store.shelves.of(asker.team, asker.user)
        except StoreUnavailable:
            return None

    async def toggle_pin(self, asker: Asker, text: str) -> tuple[Remembered, bool] | None:
        """Pin or unpin; the customer, and whether it is pinned now. None if ``text`` is no id.

        A customer that the CRM does not show now keeps its name, and can be unpinned. Raises StoreUnavailable.
        """
        reading = read(text)
        if reading is None or reading.read_as is not ReadAs.ID:
            return None
        customer = await self._named(asker, reading.identifier)
        return customer, await self._store.shelves.toggle_pin(asker.team, asker.user, customer)

    async def clear_recents(self, asker: Asker) -> None:
        """Raises StoreUnavailable."""
        await self._store.shelves.clear_recents(asker.team, asker.user)

    async def _logged(
        self, inquiry: Inquiry, answer_to: Callable[[Reading], Awaitable[T]], check: _Check
    ) -> T | Unavailable | Invalid | Expired | Denied:
        began = time.perf_counter()
        question: Reading | Invalid | Expired | None = None
        answer: T | Unavailable | Invalid | Expired | Denied
        try:
            question = self._read(inquiry.text)
            refusal = await check(inquiry.asker)
            if refusal is not None:
                answer = Denied(refusal, new_code())
            else:
                answer = await answer_to(question) if isinstance(question, Reading) else question
        except Exception:
            code = new_code()
            log.exception("inquiry_failed", code=code, surface=str(inquiry.surface))
            answer = self._failed(question, Failure(Trouble.INTERNAL, code))
        reading = question if isinstance(question, Reading) else None
        log_answer(inquiry, reading, answer, time.perf_counter() - began)
        return answer

    def _read(self, text: str) -> Reading | Invalid | Expired:
        if is_sealed(text):
            return self._sealed.open(text) or Expired()
        return read(text) or Invalid(text, unread(text))

    def _failed(self, question: object, failure: Failure) -> Unavailable:
        if isinstance(question, Reading):
            return self._answering.unavailable(question, failure)
        return Unavailable(None, failure)

    def _answering_to(self, inquiry: Inquiry, audience: Audience) -> Callable[[Reading], Awaitable[Answer]]:
        return lambda reading: self._answer(inquiry, reading, audience)

    async def _answer(self, inquiry: Inquiry, reading: Reading, audience: Audience) -> Answer:
        if reading.read_as.names_the_id:
            return await self._identified(inquiry, reading, audience)
        matches = await self._search.find(self._network, reading, self._look_up(inquiry), inquiry.first)
        if not matches.sightings:
            return self._nobody(inquiry, reading, matches.failure)
        if _is_one(matches) and not matches.first:
            return await self._found(matches.sightings[0], audience, reading)
        return self._answering.several(matches, audience, reading)

    async def _identified(self, inquiry: Inquiry, reading: Reading, audience: Audience) -> Answer:
        outcome = await self._look_up(inquiry)(self._key(reading.identifier))
        if not isinstance(outcome, Sighting):
            return self._nobody(inquiry, reading, outcome)
        return await self._found(outcome, audience, reading)

    def _look_up(self, inquiry: Inquiry) -> LookUp:
        return self._lookup.refresh if inquiry.refresh else self._lookup.find

    def _nobody(self, inquiry: Inquiry, reading: Reading, failure: Failure | None) -> NotFound | Unavailable:
        if failure is not None:
            return self._answering.unavailable(reading, failure)
        return self._answering.not_found(reading, inquiry.text)

    async def _found(self, sighting: Sighting, audience: Audience, reading: Reading) -> Found:
        summary = await self._summary(sighting) if audience is Audience.PRIVATE else None
        return self._answering.found(sighting, audience, reading.read_as, summary)

    async def _summary(self, sighting: Sighting) -> ServiceSummary | None:
        """Where the profile was in the cache, nobody is asked and nothing is waited for."""
        key = self._key(sighting.copy.profile.customer_id)
        if sighting.cache is CacheState.MISS:
            with suppress(TimeoutError):
                return await asyncio.wait_for(self._records.fetch_summary(key), SUMMARY_SECONDS)
        return self._records.summary(key)

    async def _belongings(self, inquiry: Inquiry, reading: Reading, section: Section, order_id: str) -> RelatedAnswer:
        """Only of a customer whom the CRM shows to this service network."""
        if not reading.read_as.names_the_id:
            return Invalid(inquiry.text)
        key = self._key(reading.identifier)
        outcome = await self._lookup.find(key)
        if not isinstance(outcome, Sighting):
            return self._nobody(inquiry, reading, outcome)
        records = await self._records.section(key, outcome.copy.profile.name, section, order_id)
        if isinstance(records, Failure):
            return self._nobody(inquiry, reading, records)
        profile = view(outcome.copy.profile, Audience.PRIVATE)
        rows = private_rows(records.rows)
        name, number = profile.name, profile.number
        return Related(key.customer_id, section, rows, records.is_cut, name, number, records.order_number)

    async def _named(self, asker: Asker, customer_id: str) -> Remembered:
        outcome = await self._lookup.find(self._key(customer_id))
        if isinstance(outcome, Sighting):
            return _remembered(outcome.copy.profile)
        shelf = await self._store.shelves.of(asker.team, asker.user)
        kept = (customer for customer in (*shelf.pinned, *shelf.recent) if customer.customer_id == customer_id)
        return next(kept, Remembered(customer_id, customer_id))

    def _key(self, customer_id: str) -> CustomerKey:
        return CustomerKey(*self._network, customer_id)

    async def _remember(self, asker: Asker, profile: CustomerProfile) -> None:
        try:
            await self._store.shelves.remember(asker.team, asker.user, _remembered(profile))
        except StoreUnavailable as error:
            log.info("recents_not_kept", reason=str(error))


async def _anybody(_: Asker) -> Refusal | None:
    """Slack's own payload says that the asker is one of us: a middleware has refused all others."""
    return None


def _is_one(matches: Matches) -> bool:
    """Whether nobody else can be meant. While the CRM is silent, an old copy is shown, which says so itself."""
    is_alone = len(matches.sightings) == 1 and matches.following is None
    return is_alone and (matches.failure is None or matches.sightings[0].failure is not None)


def _remembered(profile: CustomerProfile) -> Remembered:
    """The id, and the name with the number, which tells those of one name apart; phones inside them are masked."""
    known = (without_contacts(text)[:_NAME_LENGTH] for text in (profile.name, profile.number))
    return Remembered(profile.customer_id, " · ".join(filter(None, known)))
