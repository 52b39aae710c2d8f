"""When the bot posts cards of its own accord, and why it does not."""

import asyncio
import re
from collections.abc import Callable
from contextlib import suppress
from typing import Final, NamedTuple

import structlog

from bot.domain.preferences import LastMessage, Mute, Silence
from bot.domain.results import Answer, Asker, Denied, Refusal, Unavailable
from bot.errors import StoreUnavailable, Trouble
from bot.slack.deduplication import Once
from bot.store.store import Store

DAY_SECONDS: Final = 86_400
OPENING_SECONDS: Final = 5.0
"""How long the first cards of a process wait for its database to be opened."""
_OF_REFUSALS: Final = {
    Refusal.EXTERNAL_CHANNEL: Silence.EXTERNAL_CHANNEL,
    Refusal.UNREADABLE_CHANNEL: Silence.UNREADABLE_CHANNEL,
    Refusal.NOT_HERE: Silence.NOT_HERE,
    Refusal.UNKNOWN_PERSON: Silence.AUTHOR_UNKNOWN,
}
"""All others are the author's."""
_TIMESTAMP: Final = re.compile(r"[0-9]{1,12}(?:\.[0-9]{1,9})?")

log = structlog.get_logger(__name__)


class Explanation(NamedTuple):
    """What became of the last message in a channel, and the mute that holds there now."""

    last: LastMessage | None
    mute: Mute | None


class Quiet:
    """``cooldown_seconds``: how long a customer gets no second thread card in a channel."""

    def __init__(self, store: Store, once: Once, cooldown_seconds: float, now: Callable[[], float]) -> None:
        self._store = store
        self._once = once
        self._cooldown_seconds = cooldown_seconds
        self._now = now

    async def silence(self, author: Asker) -> Silence | None:
        """Why no card may follow a message of ``author``; None if one may. Without a database nobody can tell.

        A process takes requests before its database is open, first of all those that a process before it lost: they
        wait for it.
        """
        with suppress(TimeoutError):
            async with asyncio.timeout(OPENING_SECONDS):
                await self._store.tried.wait()
        try:
            mute = await self._store.mutes.silencing(*_whose(author))
        except StoreUnavailable:
            return Silence.STORE_SILENT
        if mute is None:
            return None
        return Silence.CHANNEL_MUTED if mute.channel else Silence.PERSON_MUTED

    async def may_post(self, channel: str, customer_id: str) -> bool:
        """Claim the one thread card of a customer in a channel, for as long as the cooldown lasts."""
        return await self._once.claim(_card(channel, customer_id), self._cooldown_seconds)

    async def not_posted(self, channel: str, customer_id: str) -> None:
        """The card that was claimed did not come about."""
        await self._once.release(_card(channel, customer_id))

    async def note(self, author: Asker, silence: Silence, ts: str) -> None:
        """Keep what became of the message ``ts``, for whoever wonders. A message's ts is when it was written."""
        log.debug("message_noted", outcome=str(silence), channel=author.channel, ts=ts)
        try:
            await self._store.silences.note(author.team, author.channel, silence, self._time_of(ts))
        except StoreUnavailable as error:
            log.warning("silence_not_noted", reason=str(error))

    async def why(self, asker: Asker) -> Explanation:
        """Raises StoreUnavailable."""
        last = await self._store.silences.last(asker.team, asker.channel)
        return Explanation(last, await self._store.mutes.silencing(*_whose(asker)))

    async def mute_channel_for_a_day(self, asker: Asker) -> Mute:
        """Raises StoreUnavailable, as do all that follow."""
        return await self._mute_channel(asker, self._now() + DAY_SECONDS)

    async def mute_channel(self, asker: Asker) -> Mute:
        return await self._mute_channel(asker, None)

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
        """What ``asker`` has muted; None if the database does not say."""
        try:
            return await self._store.mutes.of(asker.team, asker.user)
        except StoreUnavailable:
            return None

    def _time_of(self, ts: str) -> float:
        return float(ts) if _TIMESTAMP.fullmatch(ts) else self._now()

    async def _mute_channel(self, asker: Asker, until: float | None) -> Mute:
        await self._store.mutes.mute_channel(asker.team, asker.channel, asker.user, until)
        return Mute(asker.channel, asker.user, until)


def silence_of(answer: Answer) -> Silence:
    """Why ``answer``, which is no customer, leads to no card."""
    match answer:
        case Denied(refusal=refusal):
            return _OF_REFUSALS.get(refusal, Silence.AUTHOR_REFUSED)
        case Unavailable(failure=failure):
            return Silence.STORE_SILENT if failure.trouble is Trouble.STORE else Silence.CRM_SILENT
        case _:
            return Silence.UNKNOWN_CUSTOMER


def _whose(author: Asker) -> tuple[str, str, str]:
    return author.team, author.channel, author.user


def _card(channel: str, customer_id: str) -> str:
    return f"card {channel} {customer_id}"
