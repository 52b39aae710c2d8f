"""What is sent to Slack, as JSON."""

import json
from collections.abc import Iterator
from functools import cached_property
from typing import Any, NamedTuple

Block = dict[str, Any]
"""A Block Kit block or one of its parts."""

View = dict[str, Any]
"""A modal or an App Home."""


class Message(NamedTuple):
    """A card. ``text`` is shown on lock screens, and sent alone if Slack refuses the blocks."""

    text: str
    blocks: list[Block]


class KeptMessage(Message):
    """A message within Slack's limits that is cached and shown to many askers: it is encoded once."""

    @cached_property
    def acknowledgement(self) -> str:
        return acknowledgement(self)


def payload(message: Message) -> dict[str, Any]:
    """The arguments of Slack's methods for ``message``; without blocks the text alone."""
    return {"text": message.text, **({"blocks": message.blocks} if message.blocks else {})}


def payloads(message: Message) -> Iterator[dict[str, Any]]:
    """``payload``, and then the text alone if there are blocks that Slack may refuse."""
    yield payload(message)
    if message.blocks:
        yield {"text": message.text}


def acknowledgement(message: Message) -> str:
    """The JSON that acknowledges a command and shows ``message`` to the user who sent it."""
    return json.dumps({"response_type": "ephemeral", **payload(message)}, separators=(",", ":"))
