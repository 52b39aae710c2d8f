"""Slack's limits on messages, views and Work Objects: what exceeds them, and what is sent instead.

Cards keep within the limits by how they are built. What exceeds them all the same is a bug: it is logged, and less is
sent. The playground and the tests check every call by the same rules; slack_sdk's models miss several. Only the blocks
that this bot makes are known, and any other is a violation.

Sources: the Block Kit and views references and the Work Objects guide on docs.slack.dev, and for the whole message
what Slack was seen to refuse with ``msg_blocks_too_long``. Lengths are counted by ``escaping.length``.
"""

import json
import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

import structlog

from bot.cards.escaping import length
from bot.cards.modal import notice_view
from bot.locales import Texts
from bot.runtime.logging import new_code
from bot.slack.message import Block, KeptMessage, Message, View

MAX_BLOCKS: Final = 50
MAX_VIEW_BLOCKS: Final = 100
MAX_MESSAGE_LENGTH: Final = 13_200
"""Of all blocks together. How Slack counts is not known: counted here as JSON, which is the most it can be."""
MAX_VIEW_BYTES: Final = 250_000

Check = Callable[[Any], Iterable[str]]
"""Yields what Slack would refuse in a value."""

log = structlog.get_logger(__name__)


def within_limits(message: Message) -> Message:
    """``message``, or its text alone if Slack would refuse the blocks. A cached message was checked before."""
    found = [] if isinstance(message, KeptMessage) else violations(message)
    if not found:
        return message
    log.error("card_over_limits", code=new_code(), violations=found)
    return Message(message.text, [])


def view_within_limits(view: View, texts: Texts) -> View:
    """``view``, or a view that says so if Slack would refuse it."""
    found = view_violations(view)
    if not found:
        return view
    log.error("view_over_limits", code=new_code(), violations=found)
    notice = notice_view(texts.modal.too_much, texts)
    return {"type": "home", "blocks": notice["blocks"]} if view.get("type") == "home" else notice


def entity_within_limits(entity: dict[str, Any]) -> dict[str, Any] | None:
    """``entity``, or None if Slack would refuse it."""
    found = entity_violations(entity)
    if found:
        log.error("entity_over_limits", code=new_code(), violations=found)
    return None if found else entity


def violations(message: Message) -> list[str]:
    """What Slack would refuse; empty for a message that may be sent."""
    found = [*text_violations("text", message.text, 4_000)]
    if len(message.blocks) > MAX_BLOCKS:
        found.append(f"{len(message.blocks)} blocks")
    found.extend(_block_violations(message.blocks))
    found.extend("input in a message" for block in message.blocks if block.get("type") == "input")
    if length(json.dumps(message.blocks, ensure_ascii=False)) > MAX_MESSAGE_LENGTH:
        found.append(f"more than {MAX_MESSAGE_LENGTH} characters in all")
    return found


def view_violations(view: View) -> list[str]:
    """What Slack would refuse in a modal or an App Home; empty for one that may be opened or published."""
    blocks = view.get("blocks", [])
    found = [] if 1 <= len(blocks) <= MAX_VIEW_BLOCKS else [f"{len(blocks)} blocks"]
    found.extend(_block_violations(blocks))
    if view.get("type") == "modal":
        found.extend(_part_violations(_MODAL, view))
        if "submit" not in view and any(block.get("type") == "input" for block in blocks):
            found.append("input without submit")
    elif view.get("type") == "home":
        found.extend(f"home with {part}" for part in ("title", "submit", "close") if part in view)
    else:
        found.append(f"unknown view {view.get('type')}")
    if length(view.get("private_metadata", "")) > 3_000:
        found.append(f"private_metadata of {length(view['private_metadata'])} characters")
    if len(json.dumps(view).encode()) > MAX_VIEW_BYTES:
        found.append(f"more than {MAX_VIEW_BYTES} bytes")
    return found


def entity_violations(entity: dict[str, Any]) -> list[str]:
    """What Slack would refuse or drop of a Work Object."""
    payload = entity.get("entity_payload", {})
    fields = payload.get("custom_fields", [])
    keys = {field.get("key") for field in fields}
    found = [] if entity.get("entity_type") == "slack#/entities/item" else [f"unknown {entity.get('entity_type')}"]
    found.extend(_part_violations(_ENTITY, entity))
    for field in fields:
        found.extend(_part_violations(_ENTITY_FIELD, field))
    if len(keys) < len(fields):
        found.append("fields with the same key")
    if set(payload.get("display_order", [])) - keys:
        found.append("display_order names a field that is not there")
    return found


def text_violations(where: str, value: Any, limit: int) -> Iterator[str]:
    """Whether ``value`` is a text that can be seen and is at most ``limit`` long."""
    if not isinstance(value, str) or not value.strip():
        yield f"{where} is empty"
    elif length(value) > limit:
        yield f"{where} of {length(value)} characters"


def text_object_violations(where: str, value: Any, limit: int, only: str | None = None) -> Iterator[str]:
    """Whether ``value`` is a text object of at most ``limit`` characters, of the type ``only`` if one is given."""
    if not isinstance(value, dict) or value.get("type") not in ("plain_text", "mrkdwn"):
        yield f"{where} without a text object"
        return
    if only and value["type"] != only:
        yield f"{where} has to be {only}"
    yield from text_violations(where, value.get("text"), limit)


def _block_violations(blocks: Sequence[Block]) -> Iterator[str]:
    ids = [block["block_id"] for block in blocks if "block_id" in block]
    for block in blocks:
        yield from _BLOCK(block)
    for block_id in ids:
        yield from text_violations("block_id", block_id, 255)
    if len(set(ids)) < len(ids):
        yield "the same block_id twice"


def _part_violations(checks: Mapping[str, Check], whole: Mapping[str, Any]) -> Iterator[str]:
    """Check each part of ``whole`` that ``checks`` names; a part whose name there ends with "?" may be missing."""
    for name, check in checks.items():
        key = name.removesuffix("?")
        if key == name or key in whole:
            yield from check(whole.get(key))


def _string(where: str, limit: int) -> Check:
    return lambda value: text_violations(where, value, limit)


def _mrkdwn(where: str, limit: int) -> Check:
    return lambda value: text_object_violations(where, value, limit)


def _plain(where: str, limit: int) -> Check:
    return lambda value: text_object_violations(where, value, limit, "plain_text")


def _number(where: str, least: int, most: float) -> Check:
    return lambda value: [] if isinstance(value, int) and least <= value <= most else [f"{where} of {value}"]


def _object(parts: Mapping[str, Check]) -> Check:
    return lambda value: _part_violations(parts, value or {})


def _many(where: str, noun: str, check: Check, least: int, most: int, distinct: str = "") -> Check:
    """A list of ``least`` to ``most`` parts that differ by ``distinct``, if given."""

    def check_list(value: Any) -> Iterator[str]:
        parts = value or []
        if not least <= len(parts) <= most:
            yield f"{where} with {len(parts)} {noun}"
        if distinct and len({part.get(distinct) for part in parts}) < len(parts):
            yield f"{where} with the same {distinct} twice"
        for part in parts:
            yield from check(part)

    return check_list


def _one_of(complaint: str, *types: str) -> Check:
    """A block or an element of one of ``types``, by the rules of its type."""

    def check_part(part: Block | None) -> Iterator[str]:
        part = part or {}
        kind = part.get("type")
        if kind not in types:
            yield f"{complaint} {kind}"
            return
        if kind == "section" and "text" not in part and not part.get("fields"):
            yield "section without text"
        if kind == "button" and "value" not in part and "url" not in part:
            yield "value is empty"
        yield from _part_violations(_PARTS[kind], part)

    return check_part


def _url(value: Any) -> Iterator[str]:
    yield from text_violations("url", value, 3_000)
    if isinstance(value, str) and not value.startswith(("https://", "http://")):
        yield "url that is no address of the web"


_BLOCK: Final = _one_of("unknown block", "header", "section", "context", "actions", "divider", "image", "input")
_ELEMENT: Final = _one_of("unknown element", "button", "overflow", "external_select")
_INPUT: Final = _one_of("input with the element", "plain_text_input", "conversations_select", "external_select")
_ACTION_ID: Final = _string("action_id", 255)
_INPUT_PARTS: Final = {"action_id": _ACTION_ID, "placeholder?": _plain("placeholder", 150)}
option_violations: Final = _object({"text": _plain("option", 75), "value": _string("value", 150), "url?": _url})
_CONFIRM: Final = _object(
    {
        "title": _plain("confirm title", 100),
        "text": _mrkdwn("confirm text", 300),
        "confirm": _plain("confirm button", 30),
        "deny": _plain("deny button", 30),
    }
)
_PARTS: Final[Mapping[str, Mapping[str, Check]]] = {
    "header": {"text": _plain("header", 150)},
    "section": {
        "text?": _mrkdwn("section", 3_000),
        "fields?": _many("section", "fields", _mrkdwn("field", 2_000), 0, 10),
        "accessory?": _ELEMENT,
    },
    "context": {"elements": _many("context", "elements", _mrkdwn("context", 3_000), 1, 10)},
    "actions": {"elements": _many("actions", "elements", _ELEMENT, 1, 25, "action_id")},
    "divider": {},
    "image": {"image_url": _url, "alt_text": _string("alt_text", 2_000), "title?": _plain("title", 2_000)},
    "input": {"label": _plain("label", 2_000), "hint?": _plain("hint", 2_000), "element": _INPUT},
    "button": {
        "text": _plain("button", 75),
        "action_id": _ACTION_ID,
        "value?": _string("value", 2_000),
        "url?": _url,
        "accessibility_label?": _string("accessibility_label", 75),
        "style?": lambda style: [] if style in ("primary", "danger") else [f"unknown style {style}"],
        "confirm?": _CONFIRM,
    },
    "overflow": {"action_id": _ACTION_ID, "options": _many("overflow", "options", option_violations, 1, 5, "value")},
    "external_select": {  # not for unfurls: there Slack refuses it
        **_INPUT_PARTS,
        "min_query_length?": _number("min_query_length", 0, math.inf),
        "initial_option?": option_violations,
        "confirm?": _CONFIRM,
    },
    "plain_text_input": {**_INPUT_PARTS, "max_length?": _number("max_length", 1, 3_000)},
    "conversations_select": _INPUT_PARTS,
}
_MODAL: Final[Mapping[str, Check]] = {
    "title": _plain("title", 24),
    "submit?": _plain("submit", 24),
    "close?": _plain("close", 24),
    "callback_id?": _string("callback_id", 255),
}
_ENTITY: Final[Mapping[str, Check]] = {
    "url": _string("url", 3_000),
    "app_unfurl_url?": _string("app_unfurl_url", 3_000),
    "external_ref": _object({"id": _string("external_ref", 255)}),
    "entity_payload": _object({"attributes": _object({"title": _object({"text": _string("title", 255)})})}),
}
_ENTITY_FIELD: Final[Mapping[str, Check]] = {
    "key": _string("field's key", 255),
    "label": _string("field's label", 255),
    "value": _string("field's value", 3_000),
}
