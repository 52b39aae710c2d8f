"""What is sent to Slack."""

import json
from functools import cached_property
from typing import Any, NamedTuple

Block = dict[str, Any]
"""A Block Kit block or one of its parts, as JSON."""

View = dict[str, Any]
"""A modal or an App Home as JSON."""


class Message(NamedTuple):
    """A card. ``text`` is what a lock screen shows, and what is sent alone if Slack refuses the blocks."""

    text: str
    blocks: list[Block]


class KeptMessage(Message):
    """One that has been held to Slack's limits and is kept for many askers: it is encoded once."""

    @cached_property
    def acknowledgement(self) -> str:
        return acknowledgement(self)


def payload(message: Message) -> dict[str, Any]:
    """What Slack's methods call the parts of ``message``; without blocks the text alone."""
    return {"text": message.text, **({"blocks": message.blocks} if message.blocks else {})}


def acknowledgement(message: Message) -> str:
    """The JSON with which a command is acknowledged, to show ``message`` to the one who gave it."""
    whole = {"response_type": "ephemeral", **payload(message)}
    return json.dumps(whole, separators=(",", ":"))
