"""Links to customers in messages: a card under the link, and the panel that opens from it."""

import asyncio
from collections.abc import Mapping
from typing import Any, Final

import structlog
from slack_bolt.app.async_app import AsyncApp
from slack_bolt.context.async_context import AsyncBoltContext

from bot.cards.channel_card import channel_card, channel_line
from bot.cards.work_objects import flexpane_entity, flexpane_error, unfurl_entity
from bot.domain.inquiry import Asker, Inquiry, Surface
from bot.domain.links import CustomerLinks
from bot.domain.preferences import CardOutcome
from bot.domain.results import Found
from bot.errors import SlackError, Trouble
from bot.inquiries.automatic_cards import AutomaticCards, outcome_of
from bot.inquiries.inquiries import Inquiries
from bot.slack.deduplication import Claim, claim_in_time
from bot.slack.facade import Slack
from bot.slack.outgoing import or_apology
from bot.slack.payloads import asker_of, links_in, referenced_id
from bot.slack.users import SLACKBOT

MAX_LINKS: Final = 2
"""Of one message: one link gets the whole card, two get a line each, more get none."""
PANEL_SECONDS: Final = 2.0
"""How long the panel waits: its trigger id expires after three seconds."""
COMPOSER: Final = "COMPOSER"

log = structlog.get_logger(__name__)


class _Unfurls:
    def __init__(
        self, inquiries: Inquiries, automatic_cards: AutomaticCards, links: CustomerLinks, slack: Slack
    ) -> None:
        self._inquiries = inquiries
        self._automatic_cards = automatic_cards
        self._links = links
        self._slack = slack

    async def handle_link_shared(self, body: dict[str, Any], event: dict[str, Any], context: AsyncBoltContext) -> None:
        """A link in a message. A link in the composer has no channel: who will read it is unknown."""
        if COMPOSER in (event.get("channel"), event.get("channel_id")) or event.get("source") == "composer":
            return
        asker = asker_of(event, context)
        ts = str(event.get("message_ts") or "")
        is_once = ts and not event.get("is_unfurl_refresh")  # one message may have several events
        name = f"links {asker.channel} {ts}" if is_once else body["event_id"]
        self._slack.deduplicator.start(name, context["acknowledged"], lambda claim: self._unfurl(asker, event, claim))

    async def handle_details_requested(
        self, body: dict[str, Any], event: dict[str, Any], context: AsyncBoltContext
    ) -> None:
        asker = asker_of(event, context)
        self._slack.deduplicator.start(
            body["event_id"], context["acknowledged"], lambda claim: self._present(asker, event, claim)
        )

    async def _unfurl(self, asker: Asker, event: dict[str, Any], claim: Claim) -> None:
        customers = self._linked_customers(event)
        if not customers or asker.user == SLACKBOT:
            return
        if len(customers) > MAX_LINKS:
            outcome: CardOutcome | None = CardOutcome.TOO_MANY_LINKS
        else:
            outcome = await self._automatic_cards.obstacle(asker) or await self._answer(asker, event, customers, claim)
        if outcome:
            await self._automatic_cards.record(asker, outcome, str(event.get("message_ts") or ""))

    def _linked_customers(self, event: dict[str, Any]) -> dict[str, str]:
        """The customer ids behind an event's links, by link; a customer that is linked twice counts once."""
        customers: dict[str, str] = {}
        for url in links_in(event):
            customer_id = self._links.customer_id(url)
            if customer_id and customer_id not in customers.values():
                customers[url] = customer_id
        return customers

    async def _answer(
        self, asker: Asker, event: dict[str, Any], customers: Mapping[str, str], claim: Claim
    ) -> CardOutcome | None:
        """What became of the links; None if another process answers this event."""
        refresh = bool(event.get("is_unfurl_refresh"))
        results = await asyncio.gather(
            *(
                self._inquiries.share(Inquiry(customer_id, Surface.LINK_UNFURL, asker, refresh), asker.channel)
                for customer_id in customers.values()
            )
        )
        found = {url: result for url, result in zip(customers, results, strict=True) if isinstance(result, Found)}
        if not found:
            return outcome_of(results[0])
        return await self._post(event, found, len(customers)) if await claim() else None

    async def _post(self, event: dict[str, Any], found: Mapping[str, Found], linked: int) -> CardOutcome:
        """Enterprise organisations' events have no ``unfurl_id``: there the message is named."""
        texts = self._slack.languages.channel
        cards = {
            url: channel_card([customer], texts) if linked == 1 else channel_line(customer, texts)
            for url, customer in found.items()
        }
        entities = [unfurl_entity(customer, url, texts) for url, customer in found.items()]
        if event.get("unfurl_id") and event.get("source"):
            target = {"unfurl_id": event["unfurl_id"], "source": event["source"]}
        else:
            target = {"channel": event["channel"], "ts": event["message_ts"]}
        try:
            await self._slack.posts.unfurl(str(event.get("channel") or ""), target, cards, entities)
        except SlackError as error:
            log.error("unfurl_refused", reason=str(error))
            return CardOutcome.SLACK_REFUSED
        return CardOutcome.POSTED

    async def _present(self, asker: Asker, event: dict[str, Any], claim: Claim) -> None:
        """Present the details, or why there are none, before the trigger id expires.

        The claim is made meanwhile: no other process could present anything later.
        """
        claiming = asyncio.ensure_future(claim_in_time(claim))
        asking = asyncio.ensure_future(or_apology(self._details(asker, event), _internal_error, asker.user))
        await asyncio.wait({asking}, timeout=PANEL_SECONDS)
        details = asking.result() if asking.done() else {"error": {"status": "timeout"}}
        if await claiming:
            try:
                await self._slack.posts.present(str(event.get("trigger_id") or ""), details)
            except SlackError as error:
                log.error("panel_refused", reason=str(error))
        await asking  # to its end, however late: each inquiry has its line in the access log

    async def _details(self, asker: Asker, event: dict[str, Any]) -> dict[str, Any]:
        url = str(event.get("entity_url") or "")
        inquiry = Inquiry(self._links.customer_id(url) or referenced_id(event), Surface.FLEXPANE, asker)
        locale = str(event.get("user_locale") or "")
        texts, result = await asyncio.gather(self._slack.languages.of(asker.user, locale), self._inquiries.ask(inquiry))
        if isinstance(result, Found):
            return {"metadata": flexpane_entity(result, url, texts)}
        return {"error": flexpane_error(result, texts)}


def register(
    app: AsyncApp, inquiries: Inquiries, automatic_cards: AutomaticCards, links: CustomerLinks, slack: Slack
) -> None:
    unfurls = _Unfurls(inquiries, automatic_cards, links, slack)
    app.event("link_shared")(unfurls.handle_link_shared)
    app.event("entity_details_requested")(unfurls.handle_details_requested)


def _internal_error(trouble: Trouble, user: str, code: str) -> dict[str, Any]:
    return {"error": {"status": "internal_error"}}
