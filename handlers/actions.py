"""Buttons on cards."""

from typing import Any

from slack_bolt.app.async_app import AsyncApp
from slack_bolt.context.ack.async_ack import AsyncAck
from slack_bolt.context.async_context import AsyncBoltContext

from bot.answers import Inquiry, Surface
from bot.cards.action_ids import CUSTOMER_REFRESH
from bot.cards.render import answer_card
from bot.desk import Desk
from bot.locales import Texts
from bot.slack.delivery import Delivery
from bot.slack.message import Message


def register(app: AsyncApp, desk: Desk, delivery: Delivery, texts: Texts) -> None:
    async def card(inquiry: Inquiry) -> Message:
        return answer_card(await desk.ask(inquiry), texts)

    async def handle_refresh(
        ack: AsyncAck, action: dict[str, Any], body: dict[str, Any], context: AsyncBoltContext
    ) -> None:
        """Refresh and Retry: ask the CRM, past the cache, and replace the card."""
        await delivery.answer_click(ack, card(_inquiry(action, context)), body["response_url"], context["acknowledged"])

    app.action(CUSTOMER_REFRESH)(handle_refresh)


def _inquiry(action: dict[str, Any], context: AsyncBoltContext) -> Inquiry:
    return Inquiry(
        action.get("value") or "",
        Surface.BUTTON,
        team=context.team_id or "",
        user=context.user_id or "",
        channel=context.channel_id or "",
        refresh=True,
    )
