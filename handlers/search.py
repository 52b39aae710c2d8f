"""Search by clicks: suggestions while typing, the pages of a list, another reading of what was typed."""

import asyncio
from typing import Any, Final

import structlog
from slack_bolt.app.async_app import AsyncApp
from slack_bolt.context.ack.async_ack import AsyncAck
from slack_bolt.context.async_context import AsyncBoltContext

from bot.cards import action_ids
from bot.cards.modal import loading_view
from bot.cards.search_view import suggestion_options
from bot.domain.inquiry import Inquiry, Surface
from bot.inquiries.inquiries import Inquiries
from bot.slack.facade import Slack
from bot.slack.message import Block
from bot.slack.payloads import Interaction, interaction
from handlers.responses import customer_card, customer_view, on_click

SUGGEST_SECONDS: Final = 2.0
"""How long suggestions may take: Slack waits for three seconds, and the person goes on typing."""

log = structlog.get_logger(__name__)


def register(app: AsyncApp, inquiries: Inquiries, slack: Slack) -> None:
    async def handle_typing(ack: AsyncAck, body: dict[str, Any], context: AsyncBoltContext) -> None:
        """The customers that the person may mean so far; none where that takes too long."""
        asker = interaction(body, context).asker
        options: list[Block] = []
        try:
            async with asyncio.timeout(SUGGEST_SECONDS):
                options = suggestion_options(await inquiries.suggest(asker, body.get("value") or ""))
        except TimeoutError:
            log.warning("suggestions_late")
        await ack(options=options)

    def handle_page(click: Interaction) -> None:
        first, query = action_ids.page_choice(click.value)
        replace(click, Inquiry(query, Surface.BUTTON, click.asker, first=first))

    def handle_other_reading(click: Interaction) -> None:
        replace(click, Inquiry(click.value, Surface.BUTTON, click.asker))

    def replace(click: Interaction, inquiry: Inquiry) -> None:
        """Replace the card that was clicked, or update its modal, where the last of several clicks counts."""
        if click.view is None:
            slack.replies.respond(customer_card(inquiry, inquiries, slack), click.reply, replace_original=True)
            return
        texts = slack.languages.known(click.asker.user)
        making = customer_view(inquiry, click, inquiries, slack)
        slack.views.switch(click, making, lambda: loading_view(texts, click.state))

    app.options(action_ids.CUSTOMER_SEARCH)(handle_typing)
    app.action(action_ids.CUSTOMER_BACK)(on_click(handle_page))
    app.action(action_ids.CUSTOMER_NEXT)(on_click(handle_page))
    app.action(action_ids.CUSTOMER_READ_AS)(on_click(handle_other_reading))
