"""What changes in Slack and was remembered: people, and which channels are shared."""

from collections.abc import Callable
from typing import Any

from slack_bolt.app.async_app import AsyncApp

from bot.slack.payloads import changed_channel, changed_user


def register(app: AsyncApp, changed: Callable[[str], None]) -> None:
    """``changed`` takes the Slack id of whatever did. Slack tells one process alone of it."""

    async def handle_person(event: dict[str, Any]) -> None:
        changed(changed_user(event))

    async def handle_channel(event: dict[str, Any]) -> None:
        changed(changed_channel(event))

    app.event("user_change")(handle_person)
    app.event("channel_shared")(handle_channel)
    app.event("channel_unshared")(handle_channel)
