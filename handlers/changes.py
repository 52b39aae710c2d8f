"""What changes in Slack and was remembered: people, and which channels are shared."""

from typing import Any

from slack_bolt.app.async_app import AsyncApp

from bot.slack.payloads import changed_user
from bot.slack.slack import Slack


def register(app: AsyncApp, slack: Slack) -> None:
    async def handle_person(event: dict[str, Any]) -> None:
        slack.people.forget(changed_user(event))

    async def handle_channel(event: dict[str, Any]) -> None:
        slack.channels.forget(str(event.get("channel") or ""))

    app.event("user_change")(handle_person)
    app.event("channel_shared")(handle_channel)
    app.event("channel_unshared")(handle_channel)
