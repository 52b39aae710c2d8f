"""The blocks that cards are made of, as plain dicts: the oldest and safest of Block Kit.

Texts are given finished (see foreign.py). ``verbatim`` keeps Slack from finding links and names in them.
"""

from collections.abc import Iterable

from bot.slack.message import Block


def header(text: str) -> Block:
    return {"type": "header", "text": _plain_text(text)}


def section(text: str) -> Block:
    return {"type": "section", "text": _mrkdwn(text)}


def fields(texts: Iterable[str]) -> Block:
    return {"type": "section", "fields": [_mrkdwn(text) for text in texts]}


def context(text: str) -> Block:
    return {"type": "context", "elements": [_mrkdwn(text)]}


def actions(*elements: Block) -> Block:
    return {"type": "actions", "elements": list(elements)}


def button(text: str, action_id: str, value: str) -> Block:
    return {"type": "button", "text": _plain_text(text), "action_id": action_id, "value": value}


def _plain_text(text: str) -> Block:
    return {"type": "plain_text", "text": text, "emoji": False}


def _mrkdwn(text: str) -> Block:
    return {"type": "mrkdwn", "text": text, "verbatim": True}
