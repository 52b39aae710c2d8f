"""The one door to customer data: it orders the steps of an inquiry and decides nothing itself.

Check who asks, where and how often, read what was typed, have the customer found as this audience may see it, write
the access log.
"""

import time
from collections.abc import Awaitable, Callable
from dataclasses import replace
from functools import partial
from typing import Protocol, TypeVar

import structlog

from bot.access.audit_log import AuditLog
from bot.access.permissions import not_admin
from bot.access.rate_limits import RateLimiter
from bot.access.reveal_quota import RevealQuota
from bot.customers.directory.index import Directory
from bot.customers.failures import report_failure
from bot.domain.directory import Suggestion
from bot.domain.inquiry import Asker, Audience, Inquiry, Surface
from bot.domain.networks import ChannelNetworks
from bot.domain.preferences import Remembered, SavedCustomers
from bot.domain.profile import CustomerKey, ServiceNetwork
from bot.domain.query import Query, ReadAs, read, unread
from bot.domain.records import Section
from bot.domain.results import (
    AnyResult,
    AuditResult,
    Denied,
    Expired,
    Failure,
    Found,
    Invalid,
    Limited,
    RecordsResult,
    Refusal,
    Result,
    Unavailable,
)
from bot.errors import StoreUnavailable, Trouble
from bot.inquiries.resolver import Resolver
from bot.inquiries.saved_customers import Recents, remembered
from bot.privacy.encryption import SealedQueries, is_sealed
from bot.runtime.logging import new_code
from bot.runtime.tasks import BackgroundTasks
from bot.store.store import Store

log = structlog.get_logger(__name__)

T = TypeVar("T", bound=AnyResult)
_Stop = Denied | Limited
"""Why an inquiry goes no further."""
_Check = Callable[[Inquiry], Awaitable[_Stop | None]]
_Question = Query | Invalid | Expired


class Permissions(Protocol):
    """What the desk needs to know of Slack: who may ask, and who reads a channel."""

    async def person(self, asker: Asker, surface: Surface) -> Refusal | None:
        """Why ``asker`` may see nothing, or nothing here; None if they may."""
        ...

    def knows(self, user: str) -> bool:
        """Whether ``person`` would wait for nobody."""
        ...

    async def channel(self, channel: str) -> Refusal | None:
        """Why nothing may be shown to everybody in ``channel``; None if that is known to be internal."""
        ...

    @property
    def admins(self) -> tuple[str, ...]:
        """Whom to ask about a refusal: Slack ids."""
        ...


class Inquiries:
    """Answers inquiries."""

    def __init__(
        self,
        resolver: Resolver,
        directory: Directory,
        sealed: SealedQueries,
        store: Store,
        background: BackgroundTasks,
        networks: ChannelNetworks,
        access: Permissions,
        rate_limiter: RateLimiter,
        reveals: RevealQuota,
        audit_log: AuditLog,
    ) -> None:
        self._resolver = resolver
        self._directory = directory
        self._sealed = sealed
        self._store = store
        self._recents = Recents(store, background)
        self._networks = networks
        self._access = access
        self._rate_limiter = rate_limiter
        self._reveals = reveals
        self._audit_log = audit_log

    async def ask(self, inquiry: Inquiry) -> Result:
        """What the asker alone may see, and remembered for them. Always an answer: a bug is logged and answered."""
        result = await self._answered(inquiry, self._network(inquiry), Audience.PRIVATE, self._may_ask)
        if isinstance(result, Found) and inquiry.asker.user:
            self._recents.note(inquiry.asker, result)
        return result

    def is_cached(self, inquiry: Inquiry) -> bool:
        """Whether ``ask`` would answer without waiting for anybody."""
        query = read(inquiry.text)
        if query is None or inquiry.refresh or not self._access.knows(inquiry.asker.user):
            return False
        return self._resolver.is_cached(query, self._network(inquiry))

    async def reveal(self, inquiry: Inquiry) -> Result:
        """What is masked otherwise, for the asker alone: counted, and written down as such."""
        return await self._answered(inquiry, self._network(inquiry), Audience.REVEALED, self._may_reveal)

    async def share(self, inquiry: Inquiry, channel: str) -> Result:
        """What everybody in ``channel`` may see; nothing unless that is known to be internal.

        The customers are those of the asker's own channel, wherever they are shown; the access log has where that is.
        """
        shown = replace(inquiry, asker=inquiry.asker._replace(channel=channel))
        network = self._networks.of(inquiry.asker.channel)

        async def may_show(_: Inquiry) -> _Stop | None:
            return await self._may_ask(inquiry) or await self._denied_in(channel)

        async def answer_to(query: Query) -> Result:
            result = await self._resolver.resolve(shown, query, network, Audience.CHANNEL)
            return await self._denied_in(channel) or result  # it may have been shared while the CRM was asked

        return await self._logged(shown, network, Audience.CHANNEL, answer_to, may_show)

    async def preview(self, inquiry: Inquiry) -> Result:
        """What ``share`` would show, for the asker alone, as the access log says, and before a channel is chosen."""
        network = self._network(inquiry)
        answer_to = partial(self._resolver.resolve, inquiry, network=network, audience=Audience.CHANNEL)
        return await self._logged(inquiry, network, Audience.PRIVATE, answer_to, self._may_ask)

    async def related(self, asker: Asker, customer_id: str, section: Section, order_id: str = "") -> RecordsResult:
        """One part of what belongs to a customer, for ``asker`` alone; of the steps, those of the work order."""
        inquiry = Inquiry(customer_id, Surface.BUTTON, asker)
        network = self._network(inquiry)

        async def answer_to(query: Query) -> RecordsResult:
            return await self._resolver.related(inquiry, query, network, section, order_id)

        return await self._logged(inquiry, network, Audience.PRIVATE, answer_to, self._may_ask)

    async def accesses(self, asker: Asker, text: str) -> AuditResult:
        """Who has looked up the customer whom ``text`` means, for an admin alone; itself in the access log too."""
        inquiry = Inquiry(text, Surface.COMMAND, asker)
        network = self._network(inquiry)

        async def answer_to(query: Query) -> AuditResult:
            result = await self._resolver.resolve(inquiry, query, network, Audience.PRIVATE)
            return await self._audit_log.history(query, result)

        return await self._logged(inquiry, network, Audience.PRIVATE, answer_to, self._may_see_accesses)

    async def suggest(self, asker: Asker, typed: str) -> tuple[Suggestion, ...]:
        """Customers of the directory whom ``asker``, who is still typing, may mean: names and numbers alone.

        Nobody for whom may not ask, and while the database does not answer. Not in the access log: a line a keystroke
        would tell what was typed.
        """
        if await self._access.person(asker, Surface.GLOBAL_SHORTCUT):
            return ()
        try:
            return await self._directory.suggest(self._networks.of(asker.channel), typed)
        except StoreUnavailable as error:
            log.info("nothing_suggested", reason=str(error))
            return ()

    async def refusal(self, asker: Asker, surface: Surface) -> Denied | None:
        """Why ``asker`` may do nothing there, which is in the access log then; None if they may."""
        refusal = await self._access.person(asker, surface)
        if refusal is None:
            return None
        denied = self._denied(refusal)
        self._audit_log.note(Inquiry("", surface, asker), None, denied, Audience.PRIVATE, 0)
        return denied

    async def shelf(self, asker: Asker, surface: Surface) -> SavedCustomers | Denied | None:
        """The asker's pinned and recent customers; None if the database does not say."""
        denied = await self.refusal(asker, surface)
        if denied is not None:
            return denied
        try:
            return await self._store.saved_customers.of(asker.team, asker.user)
        except StoreUnavailable:
            return None

    async def toggle_pin(self, asker: Asker, text: str) -> tuple[Remembered, bool] | Denied | None:
        """Pin or unpin; the customer, and whether it is pinned now. None if ``text`` is no id.

        A customer that the CRM does not show now keeps its name, and can be unpinned. Raises StoreUnavailable.
        """
        denied = await self.refusal(asker, Surface.BUTTON)
        if denied is not None:
            return denied
        query = read(text)
        if query is None or query.read_as is not ReadAs.ID:
            return None
        customer = await self._named(asker, query.identifier)
        return customer, await self._store.saved_customers.toggle_pin(asker.team, asker.user, customer)

    async def clear_recents(self, asker: Asker) -> Denied | None:
        """Raises StoreUnavailable."""
        denied = await self.refusal(asker, Surface.HOME)
        if denied is None:
            await self._store.saved_customers.clear_recents(asker.team, asker.user)
        return denied

    def _network(self, inquiry: Inquiry) -> ServiceNetwork:
        return self._networks.of(inquiry.asker.channel)

    async def _answered(self, inquiry: Inquiry, network: ServiceNetwork, audience: Audience, check: _Check) -> Result:
        answer_to = partial(self._resolver.resolve, inquiry, network=network, audience=audience)
        return await self._logged(inquiry, network, audience, answer_to, check)

    async def _logged(
        self,
        inquiry: Inquiry,
        network: ServiceNetwork,
        audience: Audience,
        answer_to: Callable[[Query], Awaitable[T]],
        check: _Check,
    ) -> T | Unavailable | Invalid | Expired | _Stop:
        began = time.perf_counter()
        question: _Question | None = None
        result: T | Unavailable | Invalid | Expired | _Stop
        try:
            question = self._read(inquiry.text)
            stop = await check(inquiry)
            if stop is not None:
                result = stop
            else:
                result = await answer_to(question) if isinstance(question, Query) else question
        except StoreUnavailable as error:
            result = self._failed(question, report_failure(error, surface=str(inquiry.surface)))
        except Exception:
            code = new_code()
            log.exception("inquiry_failed", code=code, surface=str(inquiry.surface))
            result = self._failed(question, Failure(Trouble.INTERNAL, code))
        query = question if isinstance(question, Query) else None
        self._rate_limiter.note(inquiry, result)
        self._audit_log.note(inquiry, query, result, audience, time.perf_counter() - began, network)
        return result

    async def _may_ask(self, inquiry: Inquiry) -> _Stop | None:
        refusal = await self._access.person(inquiry.asker, inquiry.surface)
        return self._denied(refusal) if refusal else self._rate_limiter.take(inquiry)

    async def _may_see_accesses(self, inquiry: Inquiry) -> _Stop | None:
        stop = await self._may_ask(inquiry)
        refusal = not_admin(inquiry.asker.user, self._access.admins)
        return self._denied(refusal) if stop is None and refusal else stop

    async def _denied_in(self, channel: str) -> Denied | None:
        refusal = await self._access.channel(channel)
        return self._denied(refusal) if refusal else None

    def _denied(self, refusal: Refusal) -> Denied:
        return Denied(refusal, new_code(), self._access.admins)

    async def _may_reveal(self, inquiry: Inquiry) -> _Stop | None:
        """Raises StoreUnavailable: what cannot be counted is not revealed."""
        return await self._may_ask(inquiry) or await self._reveals.take(inquiry.asker)

    def _read(self, text: str) -> _Question:
        if is_sealed(text):
            return self._sealed.open(text) or Expired()
        return read(text) or Invalid(text, unread(text))

    def _failed(self, question: _Question | None, failure: Failure) -> Unavailable:
        if isinstance(question, Query):
            return self._resolver.failed(question, failure)
        return Unavailable(None, failure)

    async def _named(self, asker: Asker, customer_id: str) -> Remembered:
        profile = await self._resolver.profile(CustomerKey(*self._networks.of(asker.channel), customer_id))
        if profile is not None:
            return remembered(profile)
        shelf = await self._store.saved_customers.of(asker.team, asker.user)
        kept = (customer for customer in (*shelf.pinned, *shelf.recent) if customer.customer_id == customer_id)
        return next(kept, Remembered(customer_id, customer_id))
