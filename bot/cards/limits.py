"""Slack's limits on a message, a view and a Work Object, checked before each leaves: slack_sdk's models miss several.

Sources: the Block Kit and views references and the Work Objects guide on docs.slack.dev, and for the whole message
what Slack was seen to refuse with ``msg_blocks_too_long``. Lengths are counted as in foreign.length.
"""

import json
from collections.abc import Iterator, Sequence
from typing import Any, Final

from bot.cards.block_limits import block_violations, text_object_violations, text_violations
from bot.cards.escaping import length
from bot.slack.message import Block, Message, View

MAX_BLOCKS: Final = 50
MAX_VIEW_BLOCKS: Final = 100
MAX_MESSAGE_LENGTH: Final = 13_200
"""Of all blocks together. How Slack counts is not known: counted here as JSON, which is the most it can be."""
MAX_VIEW_BYTES: Final = 250_000
MAX_TEXT_LENGTH: Final = 4_000
MAX_METADATA_LENGTH: Final = 3_000
MAX_TITLE_LENGTH: Final = 24


def violations(message: Message) -> list[str]:
    """What Slack would refuse; empty for a message that may be sent."""
    found = [*text_violations("text", message.text, MAX_TEXT_LENGTH)]
    if len(message.blocks) > MAX_BLOCKS:
        found.append(f"{len(message.blocks)} blocks")
    found.extend(_block_list(message.blocks))
    found.extend("input in a message" for block in message.blocks if block.get("type") == "input")
    if length(json.dumps(message.blocks, ensure_ascii=False)) > MAX_MESSAGE_LENGTH:
        found.append(f"more than {MAX_MESSAGE_LENGTH} characters in all")
    return found


def view_violations(view: View) -> list[str]:
    """What Slack would refuse in a modal or an App Home; empty for one that may be opened or published."""
    found = [f"unknown view {view.get('type')}"] if view.get("type") not in ("modal", "home") else []
    blocks = view.get("blocks", [])
    if not 1 <= len(blocks) <= MAX_VIEW_BLOCKS:
        found.append(f"{len(blocks)} blocks")
    found.extend(_block_list(blocks))
    found.extend(_frame(view))
    if "callback_id" in view:
        found.extend(text_violations("callback_id", view["callback_id"], 255))
    if length(view.get("private_metadata", "")) > MAX_METADATA_LENGTH:
        found.append(f"private_metadata of {length(view['private_metadata'])} characters")
    if len(json.dumps(view).encode()) > MAX_VIEW_BYTES:
        found.append(f"more than {MAX_VIEW_BYTES} bytes")
    return found


def entity_violations(entity: dict[str, Any]) -> list[str]:
    """What Slack would refuse or drop of a Work Object."""
    found = [] if entity.get("entity_type") == "slack#/entities/item" else [f"unknown {entity.get('entity_type')}"]
    found.extend(text_violations("url", entity.get("url"), 3_000))
    if "app_unfurl_url" in entity:
        found.extend(text_violations("app_unfurl_url", entity["app_unfurl_url"], 3_000))
    found.extend(text_violations("external_ref", entity.get("external_ref", {}).get("id"), 255))
    payload = entity.get("entity_payload", {})
    attributes = payload.get("attributes", {})
    found.extend(text_violations("title", attributes.get("title", {}).get("text"), 255))
    fields = payload.get("custom_fields", [])
    for field in fields:
        found.extend(text_violations("field's key", field.get("key"), 255))
        found.extend(text_violations("field's label", field.get("label"), 255))
        found.extend(text_violations("field's value", field.get("value"), 3_000))
    keys = [field.get("key") for field in fields]
    if len(set(keys)) < len(keys):
        found.append("fields with the same key")
    if set(payload.get("display_order", [])) - set(keys):
        found.append("display_order names a field that is not there")
    return found


def _frame(view: View) -> Iterator[str]:
    """Title and buttons: a modal has them, a Home has none."""
    if view.get("type") == "home":
        yield from (f"home with {part}" for part in ("title", "submit", "close") if part in view)
        return
    yield from text_object_violations("title", view.get("title"), MAX_TITLE_LENGTH, "plain_text")
    for part in ("submit", "close"):
        if part in view:
            yield from text_object_violations(part, view[part], MAX_TITLE_LENGTH, "plain_text")
    if "submit" not in view and any(block.get("type") == "input" for block in view.get("blocks", [])):
        yield "input without submit"


def _block_list(blocks: Sequence[Block]) -> Iterator[str]:
    for block in blocks:
        yield from block_violations(block)
    ids = [block["block_id"] for block in blocks if "block_id" in block]
    if len(set(ids)) < len(ids):
        yield "the same block_id twice"
