"""Slack's limits on single blocks and elements. Source: the Block Kit reference on docs.slack.dev.

Lengths are counted as in foreign.length. Only the blocks that this bot makes are known: another one is a mistake.
"""

from collections.abc import Callable, Iterator
from typing import Any, Final

from bot.cards.escaping import length
from bot.slack.message import Block

_INPUTS: Final = ("plain_text_input", "conversations_select", "external_select")


def block_violations(block: Block) -> Iterator[str]:
    """What Slack would refuse in ``block``."""
    check = _BLOCKS.get(block.get("type", ""))
    yield from check(block) if check else [f"unknown block {block.get('type')}"]
    if "block_id" in block:
        yield from text_violations("block_id", block["block_id"], 255)


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


def option_violations(option: Block) -> Iterator[str]:
    """What Slack would refuse in an option of a menu."""
    yield from text_object_violations("option", option.get("text"), 75, "plain_text")
    yield from text_violations("value", option.get("value"), 150)


def _header(block: Block) -> Iterator[str]:
    yield from text_object_violations("header", block.get("text"), 150, "plain_text")


def _section(block: Block) -> Iterator[str]:
    if "text" not in block and not block.get("fields"):
        yield "section without text"
    if "text" in block:
        yield from text_object_violations("section", block["text"], 3_000)
    fields = block.get("fields", [])
    if len(fields) > 10:
        yield f"section with {len(fields)} fields"
    for field in fields:
        yield from text_object_violations("field", field, 2_000)
    if "accessory" in block:
        yield from _element(block["accessory"])


def _context(block: Block) -> Iterator[str]:
    elements = block.get("elements", [])
    if not 1 <= len(elements) <= 10:
        yield f"context with {len(elements)} elements"
    for element in elements:
        yield from text_object_violations("context", element, 3_000)


def _actions(block: Block) -> Iterator[str]:
    elements = block.get("elements", [])
    if not 1 <= len(elements) <= 25:
        yield f"actions with {len(elements)} elements"
    ids = [element.get("action_id") for element in elements]
    if len(set(ids)) < len(ids):
        yield "actions with the same action_id twice"
    for element in elements:
        yield from _element(element)


def _divider(_: Block) -> Iterator[str]:
    yield from ()


def _image(block: Block) -> Iterator[str]:
    yield from _url(block.get("image_url"))
    yield from text_violations("alt_text", block.get("alt_text"), 2_000)
    if "title" in block:
        yield from text_object_violations("title", block["title"], 2_000, "plain_text")


def _input(block: Block) -> Iterator[str]:
    yield from text_object_violations("label", block.get("label"), 2_000, "plain_text")
    if "hint" in block:
        yield from text_object_violations("hint", block["hint"], 2_000, "plain_text")
    element = block.get("element", {})
    if element.get("type") not in _INPUTS:
        yield f"input with the element {element.get('type')}"
        return
    if element["type"] == "external_select":
        yield from _external_select(element)
        return
    yield from text_violations("action_id", element.get("action_id"), 255)
    if "placeholder" in element:
        yield from text_object_violations("placeholder", element["placeholder"], 150, "plain_text")
    if "max_length" in element and not 1 <= element["max_length"] <= 3_000:
        yield f"max_length of {element['max_length']}"


_BLOCKS: Final[dict[str, Callable[[Block], Iterator[str]]]] = {
    "header": _header,
    "section": _section,
    "context": _context,
    "actions": _actions,
    "divider": _divider,
    "image": _image,
    "input": _input,
}


def _element(element: Block) -> Iterator[str]:
    match element.get("type"):
        case "button":
            yield from _button(element)
        case "overflow":
            yield from _overflow(element)
        case "external_select":
            yield from _external_select(element)
        case unknown:
            yield f"unknown element {unknown}"


def _button(element: Block) -> Iterator[str]:
    yield from text_object_violations("button", element.get("text"), 75, "plain_text")
    yield from text_violations("action_id", element.get("action_id"), 255)
    if "value" in element or "url" not in element:
        yield from text_violations("value", element.get("value"), 2_000)
    if "url" in element:
        yield from _url(element["url"])
    if "accessibility_label" in element:
        yield from text_violations("accessibility_label", element["accessibility_label"], 75)
    if element.get("style", "primary") not in ("primary", "danger"):
        yield f"unknown style {element['style']}"
    if "confirm" in element:
        yield from _confirm(element["confirm"])


def _overflow(element: Block) -> Iterator[str]:
    yield from text_violations("action_id", element.get("action_id"), 255)
    options = element.get("options", [])
    if not 1 <= len(options) <= 5:
        yield f"overflow with {len(options)} options"
    values = [option.get("value") for option in options]
    if len(set(values)) < len(values):
        yield "overflow with the same value twice"
    for option in options:
        yield from option_violations(option)
        if "url" in option:
            yield from _url(option["url"])


def _external_select(element: Block) -> Iterator[str]:
    """Not for unfurls: there Slack refuses it."""
    yield from text_violations("action_id", element.get("action_id"), 255)
    if "placeholder" in element:
        yield from text_object_violations("placeholder", element["placeholder"], 150, "plain_text")
    least = element.get("min_query_length", 0)
    if not isinstance(least, int) or least < 0:
        yield f"min_query_length of {least}"
    if "initial_option" in element:
        yield from option_violations(element["initial_option"])
    if "confirm" in element:
        yield from _confirm(element["confirm"])


def _confirm(dialog: Block) -> Iterator[str]:
    yield from text_object_violations("confirm title", dialog.get("title"), 100, "plain_text")
    yield from text_object_violations("confirm text", dialog.get("text"), 300)
    yield from text_object_violations("confirm button", dialog.get("confirm"), 30, "plain_text")
    yield from text_object_violations("deny button", dialog.get("deny"), 30, "plain_text")


def _url(value: Any) -> Iterator[str]:
    yield from text_violations("url", value, 3_000)
    if isinstance(value, str) and not value.startswith(("https://", "http://")):
        yield "url that is no address of the web"
