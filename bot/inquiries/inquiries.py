"""The one guarded way to customer data.

Each inquiry takes the same steps: check who asks, where and how often; read what was typed; have the customer found
and filtered for its audience; write the audit log.
"""

import asyncio
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
from bot.domain.profile import CustomerKey
from bot.domain.query import Parsed, Query, read_id
from bot.domain.records import Section
from bot.domain.results import (
    AnyResult,
    Asked,
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
    Several,
    Together,
    Unavailable,
)
from bot.errors import StoreUnavailable, Trouble
from bot.inquiries.resolver import Resolver, Scope
from bot.inquiries.saved_customers import Recents, remembered
from bot.runtime.logging import new_code
from bot.store.store import Store

log = structlog.get_logger(__name__)

T = TypeVar("T", bound=AnyResult)
_Stop = Denied | Limited
"""Why an inquiry goes no further."""
_Check = Callable[[Inquiry], Awaitable[_Stop | None]]


class Permissions(Protocol):
    """Who may ask, and who reads a channel."""

    async def refusal(self, asker: Asker, surface: Surface) -> Refusal | None:
        """Why ``asker`` may see nothing, or nothing there; None if they may."""
        ...

    def knows(self, user: str) -> bool:
        """Whether ``refusal`` would answer without waiting."""
        ...

    async def channel_refusal(self, channel: str) -> Refusal | None:
        """Why nothing may be shown to everybody in ``channel``; None if it is known to be internal."""
        ...

    @property
    def admins(self) -> tuple[str, ...]:
        """Slack ids of the people to ask about a refusal."""
        ...


class Inquiries:
    """Answers inquiries: always with a result; a bug is logged with its traceback and answered with its code."""

    def __init__(
        self,
        resolver: Resolver,
        directory: Directory,
        store: Store,
        recents: Recents,
        networks: ChannelNetworks,
        permissions: Permissions,
        rate_limiter: RateLimiter,
        reveal_quota: RevealQuota,
        audit_log: AuditLog,
    ) -> None:
        self._resolver = resolver
        self._directory = directory
        self._store = store
        self._recents = recents
        self._networks = networks
        self._permissions = permissions
        self._rate_limiter = rate_limiter
        self._reveal_quota = reveal_quota
        self._audit_log = audit_log

    async def ask(self, inquiry: Inquiry) -> Result:
        """What the asker alone may see; a customer found is added to their recents.

        Several identifiers are as many inquiries: each is checked, counted and written to the audit log.
        """
        try:
            parsed = self._resolver.read(inquiry.text)
        except Exception:  # noqa: BLE001  # ``_run`` reads the text again, and answers the bug with its code
            parsed = None
        if isinstance(parsed, Parsed) and len(parsed.queries) > 1:
            return await self._ask_together(inquiry, parsed.queries)
        return await self._ask_one(inquiry, parsed)

    def is_cached(self, inquiry: Inquiry) -> bool:
        """Whether ``ask`` would answer without waiting."""
        if inquiry.refresh or not self._permissions.knows(inquiry.asker.user):
            return False
        return self._resolver.is_cached(inquiry.text, self._networks.of(inquiry.asker.channel))

    async def reveal(self, inquiry: Inquiry) -> Result:
        """The customer unmasked, for the asker alone; counted, and marked in the audit log.

        While the database is unavailable, nothing can be revealed: nothing can be counted.
        """

        async def check(_: Inquiry) -> _Stop | None:
            return await self._check_asker(inquiry) or await self._reveal_quota.take(inquiry.asker)

        return await self._resolve(inquiry, Audience.REVEALED, check)

    async def share(self, inquiry: Inquiry, channel: str) -> Result:
        """What everybody in ``channel`` may see; nothing unless the channel is known to be internal.

        The customers are those of the asker's own channel; the audit log names the channel where they are shown.
        """
        shown = replace(inquiry, asker=inquiry.asker._replace(channel=channel))
        scope = Scope(self._networks.of(inquiry.asker.channel), Audience.CHANNEL)

        async def check(_: Inquiry) -> _Stop | None:
            return await self._check_asker(inquiry) or await self._check_channel(channel)

        async def resolve(parsed: Parsed) -> Result:
            result = await self._resolver.resolve(shown, scope, parsed)
            return await self._check_channel(channel) or result  # it may have been shared while the CRM was asked

        return await self._run(shown, scope, resolve, check)

    async def preview(self, inquiry: Inquiry) -> Result:
        """What ``share`` would show, for the asker alone, before a channel is chosen."""
        network = self._networks.of(inquiry.asker.channel)
        resolve = partial(self._resolver.resolve, inquiry, Scope(network, Audience.CHANNEL))
        return await self._run(inquiry, Scope(network, Audience.PRIVATE), resolve, self._check_asker)

    async def related(self, asker: Asker, customer_id: str, section: Section, order_id: str = "") -> RecordsResult:
        """A section of what belongs to a customer, for ``asker`` alone; steps are those of the work order."""
        inquiry = Inquiry(customer_id, Surface.BUTTON, asker)
        scope = Scope(self._networks.of(asker.channel), Audience.PRIVATE)

        async def records(parsed: Parsed) -> RecordsResult:
            return await self._resolver.records(inquiry, scope.network, parsed, section, order_id)

        return await self._run(inquiry, scope, records, self._check_asker)

    async def audit_history(self, asker: Asker, text: str) -> AuditResult:
        """Who has looked up the customer that ``text`` means, for admins alone; itself in the audit log."""
        inquiry = Inquiry(text, Surface.COMMAND, asker)
        scope = Scope(self._networks.of(asker.channel), Audience.PRIVATE)

        async def check(_: Inquiry) -> _Stop | None:
            stop = await self._check_asker(inquiry)
            refusal = not_admin(asker.user, self._permissions.admins)
            return self._denied(refusal) if stop is None and refusal else stop

        async def history(parsed: Parsed) -> AuditResult:
            result = await self._resolver.resolve(inquiry, scope, parsed)
            return await self._audit_log.history(parsed.queries[0], result)

        return await self._run(inquiry, scope, history, check)

    async def suggest(self, asker: Asker, typed: str) -> tuple[Suggestion, ...]:
        """Customers of the directory that ``asker``, still typing, may mean: names and numbers alone.

        None for people who may not ask or ask too often, and while the database is unavailable. The log has one line
        a minute with counts: a line for each keystroke would record what was typed.
        """
        if await self._permissions.refusal(asker, Surface.GLOBAL_SHORTCUT):
            return ()
        if not self._rate_limiter.take_suggestion(asker):
            return ()
        try:
            suggestions = await self._directory.suggest(self._networks.of(asker.channel), typed)
            self._rate_limiter.note_suggested(asker, len(suggestions))
            return suggestions
        except StoreUnavailable as error:
            log.info("nothing_suggested", reason=str(error))
            return ()

    async def refusal(self, asker: Asker, surface: Surface) -> Denied | None:
        """Why ``asker`` may do nothing there, noted in the audit log; None if they may."""
        refusal = await self._permissions.refusal(asker, surface)
        if refusal is None:
            return None
        denied = self._denied(refusal)
        self._audit_log.note_refusal(asker, surface, denied)
        return denied

    async def saved_customers(self, asker: Asker, surface: Surface) -> SavedCustomers | Denied | None:
        """The asker's pinned and recent customers; None while the database is unavailable."""
        denied = await self.refusal(asker, surface)
        if denied is not None:
            return denied
        try:
            return await self._store.saved_customers.of(asker.team, asker.user)
        except StoreUnavailable:
            return None

    async def toggle_pin(self, asker: Asker, text: str) -> tuple[Remembered, bool] | Denied | None:
        """Pin or unpin; returns the customer, and whether it is pinned now. None if ``text`` is no id.

        A customer that the CRM does not show now keeps its saved name and can be unpinned. Raises StoreUnavailable.
        """
        denied = await self.refusal(asker, Surface.BUTTON)
        if denied is not None:
            return denied
        customer_id, saved_customers = read_id(text), self._store.saved_customers
        if customer_id is None:
            return None
        profile = await self._resolver.profile(CustomerKey(*self._networks.of(asker.channel), customer_id))
        if profile is not None:
            customer = remembered(profile)
        else:
            saved = await saved_customers.of(asker.team, asker.user)
            known = (one for one in (*saved.pinned, *saved.recent) if one.customer_id == customer_id)
            customer = next(known, Remembered(customer_id, customer_id))
        return customer, await saved_customers.toggle_pin(asker.team, asker.user, customer)

    async def clear_recents(self, asker: Asker) -> Denied | None:
        """Raises StoreUnavailable."""
        denied = await self.refusal(asker, Surface.HOME)
        if denied is None:
            await self._store.saved_customers.clear_recents(asker.team, asker.user)
        return denied

    async def _ask_together(self, inquiry: Inquiry, queries: tuple[Query, ...]) -> Result:
        """The one customer that all of ``queries`` mean; else which led to whom."""
        results = await asyncio.gather(
            *(self._ask_one(replace(inquiry, text=query.identifier), Parsed((query,))) for query in queries)
        )
        refused = next((result for result in results if isinstance(result, Denied | Limited)), None)
        found = {result.profile.customer_id: result for result in results if isinstance(result, Found)}
        if refused is not None:
            return refused
        if len(found) == 1 and all(isinstance(result, Found) for result in results):
            return results[0]
        return Together(tuple(map(Asked, queries, results)))

    async def _ask_one(self, inquiry: Inquiry, parsed: Parsed | Expired | None) -> Result:
        result = await self._resolve(inquiry, Audience.PRIVATE, self._check_asker, parsed)
        if isinstance(result, Found) and inquiry.asker.user:
            self._recents.note(inquiry.asker, result)
        return result

    async def _resolve(
        self, inquiry: Inquiry, audience: Audience, check: _Check, parsed: Parsed | Expired | None = None
    ) -> Result:
        scope = Scope(self._networks.of(inquiry.asker.channel), audience)
        return await self._run(inquiry, scope, partial(self._resolver.resolve, inquiry, scope), check, parsed)

    async def _run(
        self,
        inquiry: Inquiry,
        scope: Scope,
        resolve: Callable[[Parsed], Awaitable[T]],
        check: _Check,
        parsed: Parsed | Expired | None = None,
    ) -> T | Unavailable | Invalid | Expired | _Stop:
        """The steps of every inquiry, in their order. ``parsed`` is its text, if that has been read already."""
        began = time.perf_counter()
        query: Query | None = None
        result: T | Unavailable | Invalid | Expired | _Stop
        try:
            parsed = parsed or self._resolver.read(inquiry.text)
            query = parsed.query if isinstance(parsed, Parsed) else None
            stop = await check(inquiry)
            if stop is not None:
                result = stop
            elif isinstance(parsed, Expired):
                result = parsed
            elif query is not None:
                result = await resolve(parsed)
                query = _answered(parsed, result)
            else:
                result = Invalid(inquiry.text, parsed.unread)
        except StoreUnavailable as error:
            result = self._unavailable(query, report_failure(error, surface=str(inquiry.surface)))
        except Exception:
            code = new_code()
            log.exception("inquiry_failed", code=code, surface=str(inquiry.surface))
            result = self._unavailable(query, Failure(Trouble.INTERNAL, code))
        self._rate_limiter.note(inquiry, result)
        seconds = time.perf_counter() - began
        self._audit_log.note(inquiry, query, result, scope.audience, seconds, scope.network)
        return result

    async def _check_asker(self, inquiry: Inquiry) -> _Stop | None:
        refusal = await self._permissions.refusal(inquiry.asker, inquiry.surface)
        return self._denied(refusal) if refusal else self._rate_limiter.take(inquiry)

    async def _check_channel(self, channel: str) -> Denied | None:
        refusal = await self._permissions.channel_refusal(channel)
        return self._denied(refusal) if refusal else None

    def _denied(self, refusal: Refusal) -> Denied:
        return Denied(refusal, new_code(), self._permissions.admins)

    def _unavailable(self, query: Query | None, failure: Failure) -> Unavailable:
        return self._resolver.unavailable(query, failure) if query else Unavailable(None, failure)


def _answered(parsed: Parsed, result: AnyResult) -> Query:
    """The reading that ``result`` is about, for the audit log."""
    tried = (*parsed.queries, *parsed.fallbacks)
    read_as = result.read_as if isinstance(result, Found | Several) else None
    return next((query for query in tried if query.read_as is read_as), tried[0])
