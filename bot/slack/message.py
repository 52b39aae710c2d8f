"""What is sent to Slack."""

from typing import Any, NamedTuple

Block = dict[str, Any]
"""A Block Kit block or one of its parts, as JSON."""

View = dict[str, Any]
"""A modal or an App Home as JSON."""


class Message(NamedTuple):
    """A card. ``text`` is what a lock screen shows, and what is sent alone if Slack refuses the blocks."""

    text: str
    blocks: list[Block]
