"""Customer numbers and ids that people write in a channel: the card goes into the message's thread."""

import asyncio
from typing import Any, Final

import structlog
from slack_bolt.app.async_app import AsyncApp
from slack_bolt.context.async_context import AsyncBoltContext

from bot.cards.channel_card import channel_card
from bot.domain.links import CustomerLinks
from bot.domain.mrkdwn import links_in_text
from bot.domain.preferences import Silence
from bot.domain.query import Reading, has_set_apart, read_message
from bot.domain.results import Asker, Found, Inquiry, Surface
from bot.errors import SlackError, SlackRefused
from bot.inquiries.auto_cards import Quiet, silence_of
from bot.inquiries.inquiries import Desk
from bot.slack.api import NotConnected
from bot.slack.deduplication import Claim
from bot.slack.facade import Slack
from bot.slack.payloads import author_of

MAX_CARDS: Final = 3
"""Of one message."""
_SPOKEN: Final = frozenset({None, "file_share", "thread_broadcast", "me_message", "bot_message"})
"""Subtypes of what was said just now; others tell of edits, joins and the like."""

log = structlog.get_logger(__name__)


class _Messages:
    def __init__(self, desk: Desk, quiet: Quiet, links: CustomerLinks, slack: Slack) -> None:
        self._desk = desk
        self._quiet = quiet
        self._links = links
        self._slack = slack

    async def handle_message(self, body: dict[str, Any], event: dict[str, Any], context: AsyncBoltContext) -> None:
        """Every subtype arrives here: what no listener takes would be answered 404, and sent again."""
        if event.get("subtype") in _SPOKEN:
            author = author_of(event, context)
            self._slack.once.start(
                body["event_id"], context["acknowledged"], lambda claim: self._read(author, event, claim)
            )

    async def _read(self, author: Asker, event: dict[str, Any], claim: Claim) -> None:
        silence = await self._outcome(author, event, claim)
        if silence:
            await self._quiet.note(author, silence, str(event.get("ts") or ""))

    async def _outcome(self, author: Asker, event: dict[str, Any], claim: Claim) -> Silence | None:
        """What became of the message; None if that is somebody else's to say."""
        text = str(event.get("text") or "")
        if event.get("bot_id") or event.get("subtype") == "bot_message":
            return Silence.BOT
        readings = read_message(text)
        if readings:
            return await self._quiet.silence(author) or await self._answer(author, event, readings, claim)
        if any(self._links.customer_id(url) for url in links_in_text(text)):
            return None  # it is noted where links are answered
        return Silence.IN_CODE_OR_QUOTE if has_set_apart(text) else Silence.NO_CUSTOMER

    async def _answer(
        self, author: Asker, event: dict[str, Any], readings: tuple[Reading, ...], claim: Claim
    ) -> Silence | None:
        """What became of it; None if somebody else answers this event."""
        answers = await asyncio.gather(
            *(
                self._desk.share(Inquiry(reading.identifier, Surface.MESSAGE, author), author.channel)
                for reading in readings[:MAX_CARDS]
            )
        )
        found = [answer for answer in answers if isinstance(answer, Found)]
        if not found:
            return silence_of(answers[0])
        if not await claim():
            return None
        due = [one for one in found if await self._quiet.may_post(author.channel, one.profile.customer_id)]
        return await self._post(author, event, due) if due else Silence.COOLDOWN

    async def _post(self, author: Asker, event: dict[str, Any], due: list[Found]) -> Silence:
        card = channel_card(due, self._slack.languages.channel)
        try:
            await self._slack.posts.post(author.channel, card, str(event.get("thread_ts") or event.get("ts") or ""))
        except SlackError as error:
            log.error("thread_card_refused", reason=str(error))
            if isinstance(error, SlackRefused | NotConnected):  # else the card may be there
                for customer in due:
                    await self._quiet.not_posted(author.channel, customer.profile.customer_id)
            return Silence.SLACK_REFUSED
        return Silence.POSTED


def register(app: AsyncApp, desk: Desk, quiet: Quiet, links: CustomerLinks, slack: Slack) -> None:
    app.event("message")(_Messages(desk, quiet, links, slack).handle_message)
