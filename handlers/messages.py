"""Customer numbers and ids that people write in a channel: the card goes into the message's thread."""

import asyncio
from typing import Any, Final

import structlog
from slack_bolt.app.async_app import AsyncApp
from slack_bolt.context.async_context import AsyncBoltContext

from bot.cards.channel_card import channel_card
from bot.domain.inquiry import Asker, Inquiry, Surface
from bot.domain.links import CustomerLinks
from bot.domain.mrkdwn import links_in_text
from bot.domain.preferences import CardOutcome
from bot.domain.query import Query, QueryReader
from bot.domain.results import Found
from bot.errors import SlackError, SlackRefused
from bot.inquiries.automatic_cards import AutomaticCards, outcome_of
from bot.inquiries.inquiries import Inquiries
from bot.slack.api import NotConnected
from bot.slack.deduplication import Claim
from bot.slack.facade import Slack
from bot.slack.payloads import asker_of, written_in
from bot.slack.users import SLACKBOT

MAX_CARDS: Final = 3
"""Of one message."""
_NEW_MESSAGES: Final = frozenset({None, "file_share", "thread_broadcast", "me_message", "bot_message"})
"""Subtypes of newly posted messages; others are about edits, joins and the like."""

log = structlog.get_logger(__name__)


class _Messages:
    def __init__(
        self,
        inquiries: Inquiries,
        automatic_cards: AutomaticCards,
        links: CustomerLinks,
        reader: QueryReader,
        slack: Slack,
    ) -> None:
        self._inquiries = inquiries
        self._automatic_cards = automatic_cards
        self._links = links
        self._reader = reader
        self._slack = slack

    async def handle_message(self, body: dict[str, Any], event: dict[str, Any], context: AsyncBoltContext) -> None:
        """Takes every subtype: an event without a listener is answered 404, and Slack sends it again."""
        if event.get("subtype") in _NEW_MESSAGES:
            asker = asker_of(event, context)

            async def handle(claim: Claim) -> None:
                outcome = await self._outcome(asker, event, claim)
                if outcome:
                    await self._automatic_cards.record(asker, outcome, str(event.get("ts") or ""))

            ts = str(event.get("ts") or "")
            name = f"message {asker.channel} {ts}" if ts else body["event_id"]  # one message may have several events
            self._slack.deduplicator.start(name, context["acknowledged"], handle)

    async def _outcome(self, asker: Asker, event: dict[str, Any], claim: Claim) -> CardOutcome | None:
        """What became of the message; None if another listener or process notes that."""
        if event.get("bot_id") or event.get("subtype") == "bot_message" or asker.user == SLACKBOT:
            return CardOutcome.BOT
        written = written_in(event)
        queries = self._reader.customers_in(written.openly)
        if queries:
            return await self._automatic_cards.obstacle(asker) or await self._answer(asker, event, queries, claim)
        if any(self._links.customer_id(url) for url in links_in_text(str(event.get("text") or ""))):
            return None  # noted by the listener of links
        if self._reader.customers_in(written.set_apart):
            return CardOutcome.IN_CODE_OR_QUOTE
        return CardOutcome.FORWARDED if self._reader.customers_in(written.elsewhere) else CardOutcome.NO_CUSTOMER

    async def _answer(
        self, asker: Asker, event: dict[str, Any], queries: tuple[Query, ...], claim: Claim
    ) -> CardOutcome | None:
        """What became of the message; None if another process answers this event."""
        results = await asyncio.gather(
            *(
                self._inquiries.share(Inquiry(query.identifier, Surface.MESSAGE, asker), asker.channel)
                for query in queries[:MAX_CARDS]
            )
        )
        found = [result for result in results if isinstance(result, Found)]
        if not found:
            return outcome_of(results[0])
        if not await claim():
            return None
        due = [one for one in found if await self._automatic_cards.may_post(asker.channel, one.profile.customer_id)]
        return await self._post(asker, event, due) if due else CardOutcome.COOLDOWN

    async def _post(self, asker: Asker, event: dict[str, Any], due: list[Found]) -> CardOutcome:
        card = channel_card(due, self._slack.languages.channel)
        try:
            await self._slack.posts.post(asker.channel, card, str(event.get("thread_ts") or event.get("ts") or ""))
        except SlackError as error:
            log.error("thread_card_refused", reason=str(error))
            if isinstance(error, SlackRefused | NotConnected):  # after a timeout the card may be there
                for customer in due:
                    await self._automatic_cards.not_posted(asker.channel, customer.profile.customer_id)
            return CardOutcome.SLACK_REFUSED
        return CardOutcome.POSTED


def register(
    app: AsyncApp,
    inquiries: Inquiries,
    automatic_cards: AutomaticCards,
    links: CustomerLinks,
    reader: QueryReader,
    slack: Slack,
) -> None:
    app.event("message")(_Messages(inquiries, automatic_cards, links, reader, slack).handle_message)
