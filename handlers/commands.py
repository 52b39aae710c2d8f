"""The slash command ``/customer``."""

from typing import Any, Final

from slack_bolt.app.async_app import AsyncApp
from slack_bolt.context.ack.async_ack import AsyncAck
from slack_bolt.context.async_context import AsyncBoltContext

from bot.answers import Inquiry, Surface
from bot.cards.notices import help_card, looking_up_card
from bot.cards.render import answer_card
from bot.desk import Desk
from bot.identifiers import normalise
from bot.locales import Texts
from bot.slack.delivery import Delivery
from bot.slack.message import Message

COMMAND: Final = "/customer"
_ASKS_FOR_HELP: Final = frozenset({"", "help", "?", "帮助"})


def register(app: AsyncApp, desk: Desk, delivery: Delivery, texts: Texts) -> None:
    async def card(inquiry: Inquiry) -> Message:
        return answer_card(await desk.ask(inquiry), texts)

    async def handle_customer_command(ack: AsyncAck, command: dict[str, Any], context: AsyncBoltContext) -> None:
        text = command.get("text") or ""
        if normalise(text).lower() in _ASKS_FOR_HELP:
            message = help_card(texts)
            await ack(response_type="ephemeral", text=message.text, blocks=message.blocks)
            return
        await delivery.answer_command(
            ack,
            card(_inquiry(text, command)),
            looking_up_card(text, texts),
            command["response_url"],
            context["acknowledged"],
        )

    app.command(COMMAND)(handle_customer_command)


def _inquiry(text: str, command: dict[str, Any]) -> Inquiry:
    return Inquiry(
        text,
        Surface.COMMAND,
        team=command["team_id"],
        user=command["user_id"],
        channel=command["channel_id"],
    )
