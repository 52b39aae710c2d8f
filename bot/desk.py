"""The one door to customer data: it orders the steps of an inquiry and decides nothing itself.

Check who asks and where, read what was typed, look the customer up, take out what this audience may not see, write
the access log.
"""

import time
from collections.abc import Awaitable, Callable
from typing import NamedTuple, Protocol

import structlog

from bot.access_log import log_answer
from bot.answers import (
    Answer,
    Asker,
    Denied,
    Failure,
    Found,
    Inquiry,
    Invalid,
    NotFound,
    Refusal,
    Surface,
    Unavailable,
)
from bot.background import Background
from bot.directory import Directory
from bot.errors import StoreUnavailable, Trouble
from bot.identifiers import ReadAs, Reading, read
from bot.links import CustomerLinks
from bot.lookup import CustomerLookup, Outcome
from bot.masking import without_contacts
from bot.preferences import Remembered, Shelf
from bot.privacy import Audience, view
from bot.profile import CustomerKey, CustomerProfile
from bot.store.store import Store
from bot.telemetry import new_code

_UNVOUCHED = frozenset({Surface.FLEXPANE})
"""Surfaces whose payloads do not say which organisation the person belongs to."""

_NAME_LENGTH = 150

log = structlog.get_logger(__name__)


_Check = Callable[[Asker], Awaitable[Refusal | None]]


class Guard(Protocol):
    """What the desk needs to know of Slack: who somebody is, and who reads a channel."""

    async def person(self, asker: Asker) -> Refusal | None: ...

    async def channel(self, asker: Asker) -> Refusal | None: ...


class Network(NamedTuple):
    """Whose customers are seen. ``network_id`` is "" for the head office."""

    network_id: str
    network_type: int


class Desk:
    """Answers inquiries."""

    def __init__(
        self,
        lookup: CustomerLookup,
        directory: Directory,
        links: CustomerLinks,
        store: Store,
        background: Background,
        network: Network,
        access: Guard,
        now: Callable[[], float],
    ) -> None:
        self._lookup = lookup
        self._directory = directory
        self._links = links
        self._store = store
        self._background = background
        self._network = network
        self._access = access
        self._now = now

    async def ask(self, inquiry: Inquiry) -> Answer:
        """What the asker alone may see, and remembered for them. Always an answer: a bug is logged and answered."""
        check = self._access.person if inquiry.surface in _UNVOUCHED else _anybody
        answer = await self._logged(inquiry, Audience.PRIVATE, check)
        if isinstance(answer, Found) and inquiry.asker.user:
            self._background.start(self._remember(inquiry.asker, answer.profile))
        return answer

    async def share(self, inquiry: Inquiry) -> Answer:
        """What everybody in the asker's channel may see; nothing unless that channel is known to be internal."""
        return await self._logged(inquiry, Audience.CHANNEL, self._access.channel)

    async def preview(self, inquiry: Inquiry) -> Answer:
        """What ``share`` would show, for the asker alone and before a channel is chosen."""
        return await self._logged(inquiry, Audience.CHANNEL, _anybody)

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

    async def _logged(self, inquiry: Inquiry, audience: Audience, check: _Check) -> Answer:
        began = time.perf_counter()
        reading: Reading | None = None
        try:
            reading = read(inquiry.text)
            refusal = await check(inquiry.asker)
            denied = Denied(refusal, new_code()) if refusal else None
            answer = denied or await self._answer(inquiry, reading, audience)
        except StoreUnavailable as error:
            answer = _store_failure(reading, error)
        except Exception:
            code = new_code()
            log.exception("inquiry_failed", code=code, surface=str(inquiry.surface))
            answer = Unavailable(reading.identifier if reading else None, Failure(Trouble.INTERNAL, code))
        log_answer(inquiry, reading, answer, time.perf_counter() - began)
        return answer

    async def _answer(self, inquiry: Inquiry, reading: Reading | None, audience: Audience) -> Answer:
        if reading is None:
            return Invalid(inquiry.text)
        customer_id = await self._customer_id(reading)
        if customer_id is None:
            return NotFound(reading.identifier, new_code())
        key = self._key(customer_id)
        outcome = await (self._lookup.refresh(key) if inquiry.refresh else self._lookup.find(key))
        if await self._is_somebody_else(reading, outcome):
            return NotFound(reading.identifier, new_code())
        return self._as_seen(reading, outcome, audience)

    async def _customer_id(self, reading: Reading) -> str | None:
        if reading.read_as is ReadAs.NUMBER:
            return await self._directory.customer_id(*self._network, reading.identifier)
        return reading.identifier

    async def _is_somebody_else(self, reading: Reading, outcome: Outcome) -> bool:
        """Whether the directory is out of date: the customer that it names has another number now, or is gone."""
        if reading.read_as is not ReadAs.NUMBER or isinstance(outcome, Failure):
            return False
        if outcome is not None and _has_number(outcome.copy.profile, reading.identifier):
            return False
        await self._directory.forget(*self._network, reading.identifier)
        return True

    def _as_seen(self, reading: Reading, outcome: Outcome, audience: Audience) -> Answer:
        if outcome is None:
            return NotFound(reading.identifier, new_code())
        if isinstance(outcome, Failure):
            return Unavailable(reading.identifier, outcome)
        profile, as_of = outcome.copy
        self._directory.learn(self._key(profile.customer_id), profile)
        return Found(
            view(profile, audience),
            as_of,
            age=max(0.0, self._now() - as_of),
            cache=outcome.cache,
            failure=outcome.failure,
            audience=audience,
            url=self._links.url(profile.customer_id),
        )

    async def _named(self, asker: Asker, customer_id: str) -> Remembered:
        outcome = await self._lookup.find(self._key(customer_id))
        if outcome is not None and not isinstance(outcome, Failure):
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


def _remembered(profile: CustomerProfile) -> Remembered:
    """The id and a name; a phone inside the name is masked."""
    return Remembered(profile.customer_id, without_contacts(profile.name or profile.number)[:_NAME_LENGTH])


def _has_number(profile: CustomerProfile, number: str) -> bool:
    reading = read(profile.number)
    return reading is not None and reading.identifier == number


def _store_failure(reading: Reading | None, error: StoreUnavailable) -> Unavailable:
    code = new_code()
    log.warning("store_failed", code=code, reason=str(error))
    return Unavailable(reading.identifier if reading else None, Failure(Trouble.STORE, code, reason=str(error)))
