"""Searching by clicks: what is suggested while one types, the pages of a list, another reading of what was typed."""

import asyncio
from typing import Any, Final

import structlog
from slack_bolt.app.async_app import AsyncApp
from slack_bolt.context.ack.async_ack import AsyncAck
from slack_bolt.context.async_context import AsyncBoltContext

from bot.cards.action_ids import CUSTOMER_BACK, CUSTOMER_NEXT, CUSTOMER_READ_AS, CUSTOMER_SEARCH, page_choice
from bot.cards.search_view import loading_view
from bot.cards.suggestions import suggestion_options
from bot.domain.inquiry import Inquiry, Surface
from bot.inquiries.inquiries import Inquiries
from bot.slack.facade import Slack
from bot.slack.message import Block
from bot.slack.payloads import Interaction, interaction
from handlers.responses import answered_card, answered_view

SUGGEST_SECONDS: Final = 2.0
"""How long suggestions may take: Slack waits for three seconds, and the person goes on typing."""

log = structlog.get_logger(__name__)


class _Search:
    def __init__(self, inquiries: Inquiries, slack: Slack) -> None:
        self._inquiries = inquiries
        self._slack = slack

    async def handle_typing(self, ack: AsyncAck, body: dict[str, Any], context: AsyncBoltContext) -> None:
        """Whom the person may mean so far; nobody where that takes too long."""
        asker = interaction(body, context).asker
        options: list[Block] = []
        try:
            async with asyncio.timeout(SUGGEST_SECONDS):
                options = suggestion_options(await self._inquiries.suggest(asker, body.get("value") or ""))
        except TimeoutError:
            log.warning("suggestions_late")
        await ack(options=options)

    async def handle_page(self, ack: AsyncAck, body: dict[str, Any], context: AsyncBoltContext) -> None:
        await ack()
        click = interaction(body, context)
        page = page_choice(click.value)
        self._replace(click, Inquiry(page.query, Surface.BUTTON, click.asker, first=page.first))

    async def handle_reading(self, ack: AsyncAck, body: dict[str, Any], context: AsyncBoltContext) -> None:
        await ack()
        click = interaction(body, context)
        self._replace(click, Inquiry(click.value, Surface.BUTTON, click.asker))

    def _replace(self, click: Interaction, inquiry: Inquiry) -> None:
        """In the card that was clicked, or in the modal, where the last of several clicks counts."""
        if click.view is None:
            self._slack.replies.replace(answered_card(inquiry, self._inquiries, self._slack), click.reply)
            return
        texts = self._slack.languages.known(click.asker.user)
        making = answered_view(inquiry, click.state, self._inquiries, self._slack)
        self._slack.views.turn(click, making, lambda: loading_view(texts, click.state))


def register(app: AsyncApp, inquiries: Inquiries, slack: Slack) -> None:
    search = _Search(inquiries, slack)
    app.options(CUSTOMER_SEARCH)(search.handle_typing)
    app.action(CUSTOMER_BACK)(search.handle_page)
    app.action(CUSTOMER_NEXT)(search.handle_page)
    app.action(CUSTOMER_READ_AS)(search.handle_reading)
