"""The blocks that cards are made of, as plain dicts: the oldest and safest of Block Kit.

Every text is finished: cut and escaped (see escaping.py). ``verbatim`` keeps Slack from finding links and names in it.
"""

from collections.abc import Iterable

from bot.cards.escaping import plain
from bot.slack.message import Block


def header(text: str) -> Block:
    return {"type": "header", "text": plain_text(text)}


def section(text: str, accessory: Block | None = None) -> Block:
    block: Block = {"type": "section", "text": _mrkdwn(text)}
    return {**block, "accessory": accessory} if accessory else block


def plain_section(text: str) -> Block:
    """A section without formatting."""
    return {"type": "section", "text": plain_text(text)}


def fields(texts: Iterable[str]) -> Block:
    return {"type": "section", "fields": [_mrkdwn(text) for text in texts]}


def context(text: str) -> Block:
    return {"type": "context", "elements": [_mrkdwn(text)]}


def actions(*elements: Block) -> Block:
    return {"type": "actions", "elements": list(elements)}


def divider() -> Block:
    return {"type": "divider"}


def image(url: str, alt_text: str) -> Block:
    return {"type": "image", "image_url": url, "alt_text": alt_text}


def button(text: str, action_id: str, value: str) -> Block:
    return {"type": "button", "text": plain_text(text), "action_id": action_id, "value": value}


def primary_button(text: str, action_id: str, value: str) -> Block:
    return {**button(text, action_id, value), "style": "primary"}


def named_button(text: str, action_id: str, value: str, read_aloud: str) -> Block:
    """One of several buttons with the same text: screen readers read ``read_aloud`` instead."""
    return {**button(text, action_id, value), "accessibility_label": plain(read_aloud, 75)}


def link_button(text: str, action_id: str, url: str) -> Block:
    return {"type": "button", "text": plain_text(text), "action_id": action_id, "url": url}


def menu(action_id: str, *options: Block) -> Block:
    """The overflow menu (three dots)."""
    return {"type": "overflow", "action_id": action_id, "options": list(options)}


def search_box(action_id: str, placeholder: str) -> Block:
    """A select menu whose options the bot suggests while the user types, from the first character on."""
    return {
        "type": "external_select",
        "action_id": action_id,
        "placeholder": plain_text(placeholder),
        "min_query_length": 1,
    }


def input_block(block_id: str, label: str, hint: str, element: Block) -> Block:
    return {
        "type": "input",
        "block_id": block_id,
        "label": plain_text(label),
        "hint": plain_text(hint),
        "element": element,
    }


def option(text: str, value: str) -> Block:
    return {"text": plain_text(text), "value": value}


def link_option(text: str, value: str, url: str) -> Block:
    return {**option(text, value), "url": url}


def plain_text(text: str) -> Block:
    return {"type": "plain_text", "text": text, "emoji": False}


def _mrkdwn(text: str) -> Block:
    return {"type": "mrkdwn", "text": text, "verbatim": True}
