"""Changes in Slack of what the bot remembers: users, and which channels are shared."""

from collections.abc import Callable
from typing import Any

from slack_bolt.app.async_app import AsyncApp

from bot.slack.payloads import changed_id


def register(app: AsyncApp, changed: Callable[[str], None]) -> None:
    """``changed`` takes the Slack id of the user or channel. Slack sends each event to one process alone."""

    async def handle_change(event: dict[str, Any]) -> None:
        changed(changed_id(event))

    for event_type in ("user_change", "channel_shared", "channel_unshared"):
        app.event(event_type)(handle_change)
