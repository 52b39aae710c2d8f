"""What the surfaces share: a click acknowledged and read, and the customer asked for, as a card or in a modal."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from slack_bolt.context.ack.async_ack import AsyncAck
from slack_bolt.context.async_context import AsyncBoltContext

from bot.cards.modal import loading_view
from bot.cards.render import result_card, result_view
from bot.domain.inquiry import Inquiry
from bot.inquiries.inquiries import Inquiries
from bot.slack.facade import Slack
from bot.slack.message import Message, View
from bot.slack.payloads import Interaction, interaction
from bot.slack.views import PendingView


def on_click(handle: Callable[[Interaction], None]) -> Callable[..., Awaitable[None]]:
    """A listener that acknowledges a click or shortcut and hands it to ``handle``, which starts the work."""

    async def listener(ack: AsyncAck, body: dict[str, Any], context: AsyncBoltContext) -> None:
        await ack()
        handle(interaction(body, context))

    return listener


def show_modal(slack: Slack, click: Interaction, making: PendingView) -> None:
    """Open a modal, which says that it loads until ``making`` is done."""
    texts = slack.languages.known(click.asker.user)
    slack.views.open(click, making, lambda: loading_view(texts, click.state))


async def customer_card(inquiry: Inquiry, inquiries: Inquiries, slack: Slack) -> Message:
    texts, result = await asyncio.gather(slack.languages.of(inquiry.asker.user), inquiries.ask(inquiry))
    return result_card(result, texts)


async def customer_view(inquiry: Inquiry, click: Interaction, inquiries: Inquiries, slack: Slack) -> View:
    """For the modal that comes of ``click``."""
    texts, result = await asyncio.gather(slack.languages.of(inquiry.asker.user), inquiries.ask(inquiry))
    return result_view(result, texts, click.state)
