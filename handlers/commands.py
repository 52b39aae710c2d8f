"""The slash command ``/customer``."""

import asyncio
from typing import Any, Final

from slack_bolt.app.async_app import AsyncApp
from slack_bolt.context.ack.async_ack import AsyncAck
from slack_bolt.context.async_context import AsyncBoltContext

from bot.answers import Asker, Inquiry, Surface
from bot.cards.mutes import why_card
from bot.cards.notices import help_card, looking_up_card
from bot.cards.render import answer_card
from bot.desk import Desk
from bot.identifiers import normalise
from bot.quiet import Quiet
from bot.slack.message import Message
from bot.slack.payloads import Reply, team_of
from bot.slack.slack import Slack

COMMAND: Final = "/customer"
_ASKS_FOR_HELP: Final = frozenset({"", "help", "?", "帮助"})
_ASKS_WHY: Final = frozenset({"why", "为什么"})


def register(app: AsyncApp, desk: Desk, quiet: Quiet, slack: Slack) -> None:
    async def card(inquiry: Inquiry) -> Message:
        texts, answer = await asyncio.gather(slack.languages.of(inquiry.asker.user), desk.ask(inquiry))
        return answer_card(answer, texts)

    async def help_for(asker: Asker) -> Message:
        return help_card(await slack.languages.of(asker.user))

    async def why(asker: Asker) -> Message:
        texts, explanation = await asyncio.gather(slack.languages.of(asker.user), quiet.why(asker))
        return why_card(explanation.last, explanation.mute, texts)

    async def handle_customer_command(ack: AsyncAck, command: dict[str, Any], context: AsyncBoltContext) -> None:
        text = command.get("text") or ""
        asker = Asker(team_of(context), command["user_id"], command["channel_id"])
        word = normalise(text).lower()
        if word in _ASKS_FOR_HELP:
            answer = help_for(asker)
        elif word in _ASKS_WHY:
            answer = why(asker)
        else:
            answer = card(Inquiry(text, Surface.COMMAND, asker))
        await slack.delivery.answer_command(
            ack,
            answer,
            lambda: looking_up_card(text, slack.languages.known(asker.user)),
            Reply(asker, context["acknowledged"], command["response_url"]),
        )

    app.command(COMMAND)(handle_customer_command)
