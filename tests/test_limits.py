"""Slack's limits: what is just inside passes, what is just outside is named."""

import json

import pytest

from bot.cards import blocks
from bot.cards.limits import MAX_BLOCKS, MAX_MESSAGE_LENGTH, violations
from bot.slack.message import Block, Message
from tests.blocks import assert_slack_takes

ASTRAL = "𠮷"


def in_block(block: Block) -> Message:
    return Message("text", [block])


def fields(*texts: str) -> Message:
    return in_block(blocks.fields(texts))


def contexts(count: int, text: str = "x") -> Message:
    return in_block({"type": "context", "elements": blocks.context(text)["elements"] * count})


def buttons(count: int, text: str = "x", action_id: str = "id", value: str = "v") -> Message:
    return in_block(blocks.actions(*(blocks.button(text, f"{action_id}{i or ''}", value) for i in range(count))))


def of_length(total: int) -> Message:
    """A message whose blocks are ``total`` long as JSON."""
    card = [blocks.section("x" * 2_900) for _ in range(4)]
    rest = total - len(json.dumps([*card, blocks.section("")]))
    return Message("text", [*card, blocks.section("x" * rest)])


LIMITS = {
    "text": (Message("x" * 4_000, []), Message("x" * 4_001, []), "text of 4001 characters"),
    "text, counted at worst": (Message(ASTRAL * 2_000, []), Message(ASTRAL * 2_001, []), "text of 4002 characters"),
    "text is there": (Message("x", []), Message("", []), "text is empty"),
    "text is more than blanks": (Message(" x", []), Message(" \n", []), "text is empty"),
    "blocks": (
        Message("text", [blocks.section("x")] * MAX_BLOCKS),
        Message("text", [blocks.section("x")] * (MAX_BLOCKS + 1)),
        "51 blocks",
    ),
    "the message": (
        of_length(MAX_MESSAGE_LENGTH),
        of_length(MAX_MESSAGE_LENGTH + 1),
        "more than 13200 characters in all",
    ),
    "a header": (
        in_block(blocks.header("x" * 150)),
        in_block(blocks.header("x" * 151)),
        "header of 151 characters",
    ),
    "a header, counted at worst": (
        in_block(blocks.header(ASTRAL * 75)),
        in_block(blocks.header(ASTRAL * 75 + "x")),
        "header of 151 characters",
    ),
    "a header is there": (in_block(blocks.header("x")), in_block(blocks.header("")), "header is empty"),
    "a header is plain text": (
        in_block(blocks.header("x")),
        in_block({"type": "header", "text": {"type": "mrkdwn", "text": "x"}}),
        "header has to be plain_text",
    ),
    "a header's text is an object": (
        in_block(blocks.header("x")),
        in_block({"type": "header", "text": "x"}),
        "header without a text object",
    ),
    "a text object's type is known": (
        in_block(blocks.section("x")),
        in_block({"type": "section", "text": {"type": "markdown", "text": "x"}}),
        "section without a text object",
    ),
    "a text is a string": (
        in_block(blocks.section("x")),
        in_block({"type": "section", "text": {"type": "mrkdwn", "text": 1}}),
        "section is empty",
    ),
    "a section": (
        in_block(blocks.section("x" * 3_000)),
        in_block(blocks.section("x" * 3_001)),
        "section of 3001 characters",
    ),
    "a section holds something": (in_block(blocks.section("x")), in_block({"type": "section"}), "section without text"),
    "a section's fields are there": (fields("x"), fields(), "section without text"),
    "a section's number of fields": (fields(*"x" * 10), fields(*"x" * 11), "section with 11 fields"),
    "a field": (fields("x" * 2_000), fields("x" * 2_001), "field of 2001 characters"),
    "a field is there": (fields("x", "y"), fields("x", ""), "field is empty"),
    "a context": (contexts(1, "x" * 3_000), contexts(1, "x" * 3_001), "context of 3001 characters"),
    "a context's number of elements": (contexts(10), contexts(11), "context with 11 elements"),
    "a context's elements are there": (contexts(1), contexts(0), "context with 0 elements"),
    "a context's text is there": (contexts(1), contexts(1, ""), "context is empty"),
    "the number of buttons": (buttons(25), buttons(26), "actions with 26 elements"),
    "the buttons are there": (buttons(1), buttons(0), "actions with 0 elements"),
    "a button's text": (buttons(1, "x" * 75), buttons(1, "x" * 76), "button of 76 characters"),
    "a button's text is plain": (
        buttons(1),
        in_block(blocks.actions({**blocks.button("x", "id", "v"), "text": {"type": "mrkdwn", "text": "x"}})),
        "button has to be plain_text",
    ),
    "an action_id": (
        buttons(1, action_id="x" * 255),
        buttons(1, action_id="x" * 256),
        "action_id of 256 characters",
    ),
    "an action_id is there": (
        buttons(1),
        in_block(blocks.actions({"type": "button", "text": {"type": "plain_text", "text": "x"}, "value": "v"})),
        "action_id is empty",
    ),
    "action_ids differ": (
        buttons(2),
        in_block(blocks.actions(blocks.button("x", "id", "v"), blocks.button("y", "id", "w"))),
        "actions with the same action_id twice",
    ),
    "a value": (buttons(1, value="x" * 2_000), buttons(1, value="x" * 2_001), "value of 2001 characters"),
    "a value is there": (buttons(1), buttons(1, value=""), "value is empty"),
    "an element that is no button": (
        buttons(1),
        in_block(blocks.actions({"type": "datepicker", "action_id": "id"})),
        "unknown element datepicker",
    ),
    "a block of another type": (
        in_block(blocks.section("x")),
        in_block({"type": "rich_text", "elements": []}),
        "unknown block rich_text",
    ),
    "a block without a type": (in_block(blocks.section("x")), in_block({"text": "x"}), "unknown block None"),
}


@pytest.mark.parametrize(("inside", "outside", "complaint"), LIMITS.values(), ids=LIMITS.keys())
def test_limit(inside: Message, outside: Message, complaint: str) -> None:
    """The message just inside passes (slack_sdk's models too), the one just outside has this one complaint."""
    assert_slack_takes(inside)
    assert violations(outside) == [complaint]


def test_all_violations_are_named() -> None:
    message = Message("", [blocks.header("x" * 200), {"type": "section"}, {"type": "image"}])
    assert violations(message) == [
        "text is empty",
        "header of 200 characters",
        "section without text",
        "unknown block image",
    ]


def test_message_is_counted_with_its_emoji_twice() -> None:
    """The same number of characters is inside or outside by what they are."""
    card = [blocks.section("x" * 2_000) for _ in range(5)]
    assert violations(Message("text", card)) == []
    card = [blocks.section(ASTRAL * 1_400) for _ in range(5)]
    assert violations(Message("text", card)) == ["more than 13200 characters in all"]
