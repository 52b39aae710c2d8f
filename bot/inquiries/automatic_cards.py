"""Cards that the bot posts by itself: whether one may follow a message, and why a message got none."""

import asyncio
import re
from collections.abc import Callable
from contextlib import suppress
from typing import Final, NamedTuple

import structlog

from bot.domain.inquiry import Asker
from bot.domain.preferences import CardOutcome, LastMessage, Mute
from bot.domain.results import Denied, Limited, Refusal, Result, Unavailable
from bot.errors import StoreUnavailable, Trouble
from bot.slack.deduplication import EventDeduplicator
from bot.store.store import Store

DAY_SECONDS: Final = 86_400
OPENING_SECONDS: Final = 5.0
"""How long the first cards of a process wait for its database to be opened."""
_OF_REFUSALS: Final = {
    Refusal.EXTERNAL_CHANNEL: CardOutcome.EXTERNAL_CHANNEL,
    Refusal.UNREADABLE_CHANNEL: CardOutcome.UNREADABLE_CHANNEL,
    Refusal.NOT_HERE: CardOutcome.NOT_HERE,
    Refusal.UNKNOWN_PERSON: CardOutcome.AUTHOR_UNKNOWN,
}
"""Every other refusal is of the message's author: AUTHOR_REFUSED."""
_TIMESTAMP: Final = re.compile(r"[0-9]{1,12}(?:\.[0-9]{1,9})?")

log = structlog.get_logger(__name__)


class Explanation(NamedTuple):
    """What became of the last message in a channel, and the mute that holds there now."""

    last: LastMessage | None
    mute: Mute | None


class AutomaticCards:
    """``cooldown_seconds`` is how long a customer gets no second thread card in a channel."""

    def __init__(
        self, store: Store, deduplicator: EventDeduplicator, cooldown_seconds: float, now: Callable[[], float]
    ) -> None:
        self._store = store
        self._deduplicator = deduplicator
        self._cooldown_seconds = cooldown_seconds
        self._now = now

    async def obstacle(self, asker: Asker) -> CardOutcome | None:
        """Why no card may follow a message of ``asker``; None if one may. Without a database none may.

        A process takes requests before its database is open, among them those that a stopped process did not answer:
        they wait for the database.
        """
        with suppress(TimeoutError):
            async with asyncio.timeout(OPENING_SECONDS):
                await self._store.first_attempt.wait()
        try:
            mute = await self._store.mutes.effective(asker.team, asker.channel, asker.user)
        except StoreUnavailable:
            return CardOutcome.STORE_SILENT
        if mute is None:
            return None
        return CardOutcome.CHANNEL_MUTED if mute.channel else CardOutcome.PERSON_MUTED

    async def may_post(self, channel: str, customer_id: str) -> bool:
        """Claim the one thread card of a customer in a channel, for as long as the cooldown lasts."""
        return await self._deduplicator.claim(f"card {channel} {customer_id}", self._cooldown_seconds)

    async def not_posted(self, channel: str, customer_id: str) -> None:
        """Release the claim: the card was not posted."""
        await self._deduplicator.release(f"card {channel} {customer_id}")

    async def record(self, asker: Asker, outcome: CardOutcome, ts: str) -> None:
        """Keep what became of the message ``ts``, for ``/customer why``. A message's ts is when it was posted."""
        log.debug("message_noted", outcome=str(outcome), channel=asker.channel, ts=ts)
        at = float(ts) if _TIMESTAMP.fullmatch(ts) else self._now()
        try:
            await self._store.card_outcomes.record(asker.team, asker.channel, outcome, at)
        except StoreUnavailable as error:
            log.warning("silence_not_noted", reason=str(error))

    async def why(self, asker: Asker) -> Explanation:
        """Raises StoreUnavailable, as do the mutes that follow."""
        last = await self._store.card_outcomes.last(asker.team, asker.channel)
        return Explanation(last, await self._store.mutes.effective(asker.team, asker.channel, asker.user))

    async def mute_channel_for_a_day(self, asker: Asker) -> Mute:
        return await self.mute_channel(asker, self._now() + DAY_SECONDS)

    async def mute_channel(self, asker: Asker, until: float | None = None) -> Mute:
        await self._store.mutes.mute_channel(asker.team, asker.channel, asker.user, until)
        return Mute(asker.channel, asker.user, until)

    async def mute_person(self, asker: Asker) -> Mute:
        await self._store.mutes.mute_person(asker.team, asker.user)
        return Mute("", asker.user)

    async def unmute(self, asker: Asker, channel: str) -> Mute:
        """Undo a channel's mute; where ``channel`` is "", the person's own."""
        if channel:
            await self._store.mutes.unmute_channel(asker.team, channel)
        else:
            await self._store.mutes.unmute_person(asker.team, asker.user)
        return Mute(channel, asker.user)

    async def mutes(self, asker: Asker) -> tuple[Mute, ...] | None:
        """The mutes that ``asker`` set; None while the database is unavailable."""
        try:
            return await self._store.mutes.of(asker.team, asker.user)
        except StoreUnavailable:
            return None


def outcome_of(result: Result) -> CardOutcome:
    """Why ``result``, which found no customer, leads to no card."""
    match result:
        case Denied(refusal=refusal):
            return _OF_REFUSALS.get(refusal, CardOutcome.AUTHOR_REFUSED)
        case Limited():
            return CardOutcome.AUTHOR_LIMITED
        case Unavailable(failure=failure):
            return CardOutcome.STORE_SILENT if failure.trouble is Trouble.STORE else CardOutcome.CRM_SILENT
        case _:
            return CardOutcome.UNKNOWN_CUSTOMER
