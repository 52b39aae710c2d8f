"""Changes in Slack of what the bot remembers: users, and which channels are shared."""

from collections.abc import Callable
from typing import Any

from slack_bolt.app.async_app import AsyncApp

from bot.slack.payloads import changed_channel, changed_user


def register(app: AsyncApp, changed: Callable[[str], None]) -> None:
    """``changed`` takes the Slack id of the user or channel. Slack sends each event to one process alone."""

    async def handle_user_change(event: dict[str, Any]) -> None:
        changed(changed_user(event))

    async def handle_channel_change(event: dict[str, Any]) -> None:
        changed(changed_channel(event))

    app.event("user_change")(handle_user_change)
    app.event("channel_shared")(handle_channel_change)
    app.event("channel_unshared")(handle_channel_change)
