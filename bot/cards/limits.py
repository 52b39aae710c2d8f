"""Slack's limits on a message, checked before it leaves: slack_sdk's models miss several of them.

Sources: the Block Kit reference, and for the whole message what Slack was seen to refuse with
``msg_blocks_too_long``. Lengths are counted as in foreign.length.
"""

import json
from collections.abc import Callable, Iterator
from typing import Any, Final

from bot.cards.foreign import length
from bot.slack.message import Block, Message

MAX_BLOCKS: Final = 50
MAX_MESSAGE_LENGTH: Final = 13_200
"""Of all blocks together. How Slack counts is not known: counted here as JSON, which is the most it can be."""
MAX_TEXT_LENGTH: Final = 4_000


def violations(message: Message) -> list[str]:
    """What Slack would refuse; empty for a message that may be sent."""
    found = [*_text("text", message.text, MAX_TEXT_LENGTH)]
    if len(message.blocks) > MAX_BLOCKS:
        found.append(f"{len(message.blocks)} blocks")
    for block in message.blocks:
        check = _BLOCKS.get(block.get("type", ""))
        found.extend(check(block) if check else [f"unknown block {block.get('type')}"])
    if length(json.dumps(message.blocks, ensure_ascii=False)) > MAX_MESSAGE_LENGTH:
        found.append(f"more than {MAX_MESSAGE_LENGTH} characters in all")
    return found


def _header(block: Block) -> Iterator[str]:
    yield from _text_object("header", block.get("text"), 150, "plain_text")


def _section(block: Block) -> Iterator[str]:
    if "text" not in block and not block.get("fields"):
        yield "section without text"
    if "text" in block:
        yield from _text_object("section", block["text"], 3_000)
    fields = block.get("fields", [])
    if len(fields) > 10:
        yield f"section with {len(fields)} fields"
    for field in fields:
        yield from _text_object("field", field, 2_000)


def _context(block: Block) -> Iterator[str]:
    elements = block.get("elements", [])
    if not 1 <= len(elements) <= 10:
        yield f"context with {len(elements)} elements"
    for element in elements:
        yield from _text_object("context", element, 3_000)


def _actions(block: Block) -> Iterator[str]:
    elements = block.get("elements", [])
    if not 1 <= len(elements) <= 25:
        yield f"actions with {len(elements)} elements"
    ids = [element.get("action_id") for element in elements]
    if len(set(ids)) < len(ids):
        yield "actions with the same action_id twice"
    for element in elements:
        yield from _button(element)


def _button(element: Block) -> Iterator[str]:
    if element.get("type") != "button":
        yield f"unknown element {element.get('type')}"
        return
    yield from _text_object("button", element.get("text"), 75, "plain_text")
    yield from _text("action_id", element.get("action_id"), 255)
    yield from _text("value", element.get("value"), 2_000)


_BLOCKS: Final[dict[str, Callable[[Block], Iterator[str]]]] = {
    "header": _header,
    "section": _section,
    "context": _context,
    "actions": _actions,
}


def _text_object(where: str, value: Any, limit: int, only: str | None = None) -> Iterator[str]:
    if not isinstance(value, dict) or value.get("type") not in ("plain_text", "mrkdwn"):
        yield f"{where} without a text object"
        return
    if only and value["type"] != only:
        yield f"{where} has to be {only}"
    yield from _text(where, value.get("text"), limit)


def _text(where: str, value: Any, limit: int) -> Iterator[str]:
    if not isinstance(value, str) or not value.strip():
        yield f"{where} is empty"
    elif length(value) > limit:
        yield f"{where} of {length(value)} characters"
