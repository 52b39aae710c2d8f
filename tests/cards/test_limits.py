"""Slack's limits: what is just inside passes, what is just outside is named."""

import json
from typing import Any

import pytest

from bot.cards import blocks
from bot.cards.limits import (
    MAX_BLOCKS,
    MAX_MESSAGE_LENGTH,
    MAX_VIEW_BLOCKS,
    MAX_VIEW_BYTES,
    entity_violations,
    view_violations,
    violations,
)
from bot.slack.message import Block, Message, View
from tests.support.block_kit import assert_slack_takes, assert_slack_takes_entity, assert_slack_takes_view

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


def beside(accessory: Block) -> Message:
    return in_block(blocks.section("x", accessory))


def menus(count: int, text: str = "x", value: str = "v", action_id: str = "id") -> Message:
    options = (blocks.option(text, f"{value}{i or ''}") for i in range(count))
    return in_block(blocks.actions(blocks.menu(action_id, *options)))


def search_box(**parts: Any) -> Block:
    return {"type": "external_select", "action_id": "id", **parts}


def box(**parts: Any) -> Message:
    return in_block(blocks.actions(search_box(**parts)))


def menu_link(url: str) -> Message:
    return in_block(blocks.actions(blocks.menu("id", blocks.link_option("x", "v", url))))


def links(url: str) -> Message:
    return in_block(blocks.actions(blocks.link_button("x", "id", url)))


def read_aloud(label: str) -> Message:
    return in_block(blocks.actions({**blocks.button("x", "id", "v"), "accessibility_label": label}))


def confirmed(**parts: Any) -> Message:
    dialog = {name: blocks.plain_text("x") for name in ("title", "text", "confirm", "deny")}
    return in_block(blocks.actions({**blocks.button("x", "id", "v"), "confirm": {**dialog, **parts}}))


def pictures(url: str = "https://p.example/1", alt_text: str = "x") -> Message:
    return in_block(blocks.image(url, alt_text))


def named_blocks(*block_ids: str) -> Message:
    return Message("text", [{**blocks.divider(), "block_id": block_id} for block_id in block_ids])


def web_address(length: int) -> str:
    return "https://p.example/".ljust(length, "x")


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
    "a section's accessory": (
        beside(blocks.button("x", "id", "v")),
        beside(blocks.button("x" * 76, "id", "v")),
        "button of 76 characters",
    ),
    "an accessory of another type": (
        beside(blocks.menu("id", blocks.option("x", "v"))),
        beside({"type": "checkboxes", "action_id": "id"}),
        "unknown element checkboxes",
    ),
    "the number of options": (menus(5), menus(6), "overflow with 6 options"),
    "the options are there": (menus(1), menus(0), "overflow with 0 options"),
    "an option's text": (menus(1, text="x" * 75), menus(1, text="x" * 76), "option of 76 characters"),
    "an option's value": (menus(1, value="v" * 150), menus(1, value="v" * 151), "value of 151 characters"),
    "options differ": (
        menus(2),
        in_block(blocks.actions(blocks.menu("id", blocks.option("x", "v"), blocks.option("y", "v")))),
        "overflow with the same value twice",
    ),
    "a menu's action_id is there": (menus(1), menus(1, action_id=""), "action_id is empty"),
    "a box's action_id": (box(action_id="x" * 255), box(action_id="x" * 256), "action_id of 256 characters"),
    "a box's placeholder": (
        box(placeholder=blocks.plain_text("x" * 150)),
        box(placeholder=blocks.plain_text("x" * 151)),
        "placeholder of 151 characters",
    ),
    "a box's placeholder is plain": (
        box(placeholder=blocks.plain_text("x")),
        box(placeholder={"type": "mrkdwn", "text": "x"}),
        "placeholder has to be plain_text",
    ),
    "when a box asks": (box(min_query_length=0), box(min_query_length=-1), "min_query_length of -1"),
    "when a box asks is a number": (box(min_query_length=1), box(min_query_length="1"), "min_query_length of 1"),
    "what a box holds at first": (
        box(initial_option=blocks.option("x" * 75, "v" * 150)),
        box(initial_option=blocks.option("x" * 75, "v" * 151)),
        "value of 151 characters",
    ),
    "a box beside a text": (
        beside(search_box()),
        beside(search_box(initial_option=blocks.option("x" * 76, "v"))),
        "option of 76 characters",
    ),
    "an option's address": (menu_link(web_address(3_000)), menu_link(web_address(3_001)), "url of 3001 characters"),
    "a button's address": (links(web_address(3_000)), links(web_address(3_001)), "url of 3001 characters"),
    "an address is one of the web": (links("http://x"), links("tel:110"), "url that is no address of the web"),
    "a button's style": (
        in_block(blocks.actions(blocks.primary_button("x", "id", "v"))),
        in_block(blocks.actions({**blocks.button("x", "id", "v"), "style": "big"})),
        "unknown style big",
    ),
    "what is read aloud": (read_aloud("x" * 75), read_aloud("x" * 76), "accessibility_label of 76 characters"),
    "a question's title": (
        confirmed(title=blocks.plain_text("x" * 100)),
        confirmed(title=blocks.plain_text("x" * 101)),
        "confirm title of 101 characters",
    ),
    "a question's text": (
        confirmed(text=blocks.plain_text("x" * 300)),
        confirmed(text=blocks.plain_text("x" * 301)),
        "confirm text of 301 characters",
    ),
    "a question's answers": (
        confirmed(deny=blocks.plain_text("x" * 30)),
        confirmed(deny=blocks.plain_text("x" * 31)),
        "deny button of 31 characters",
    ),
    "a picture's address": (
        pictures(url=web_address(3_000)),
        pictures(url=web_address(3_001)),
        "url of 3001 characters",
    ),
    "a picture's words": (
        pictures(alt_text="x" * 2_000),
        pictures(alt_text="x" * 2_001),
        "alt_text of 2001 characters",
    ),
    "a picture's words are there": (pictures(), pictures(alt_text=" "), "alt_text is empty"),
    "a block_id": (named_blocks("x" * 255), named_blocks("x" * 256), "block_id of 256 characters"),
    "block_ids differ": (named_blocks("a", "b"), named_blocks("a", "a"), "the same block_id twice"),
    "an input is for views": (
        in_block(blocks.section("x")),
        in_block(
            {
                "type": "input",
                "label": blocks.plain_text("x"),
                "element": {"type": "plain_text_input", "action_id": "a"},
            }
        ),
        "input in a message",
    ),
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
    message = Message("", [blocks.header("x" * 200), {"type": "section"}, {"type": "video"}])
    assert violations(message) == [
        "text is empty",
        "header of 200 characters",
        "section without text",
        "unknown block video",
    ]


def test_message_is_counted_with_its_emoji_twice() -> None:
    """The same number of characters is inside or outside by what they are."""
    card = [blocks.section("x" * 2_000) for _ in range(5)]
    assert violations(Message("text", card)) == []
    card = [blocks.section(ASTRAL * 1_400) for _ in range(5)]
    assert violations(Message("text", card)) == ["more than 13200 characters in all"]


def modal(*content: Block, **parts: Any) -> View:
    frame = {"type": "modal", "title": blocks.plain_text("x"), "close": blocks.plain_text("x")}
    return {**frame, "blocks": list(content or [blocks.section("x")]), **parts}


def home(**parts: Any) -> View:
    return {"type": "home", "blocks": [blocks.section("x")], **parts}


def form(**parts: Any) -> View:
    element = {"type": "plain_text_input", "action_id": "a", **parts.pop("element", {})}
    block = {"type": "input", "block_id": "b", "label": blocks.plain_text("x"), "element": element, **parts}
    return modal(block, submit=blocks.plain_text("x"))


def of_bytes(total: int) -> View:
    """A modal that is ``total`` bytes long as JSON."""
    full = [blocks.section("x" * 2_900) for _ in range(83)]
    rest = total - len(json.dumps(modal(*full, blocks.section(""))))
    return modal(*full, blocks.section("x" * rest))


TEXT = blocks.plain_text
VIEW_LIMITS = {
    "the type": (modal(), modal(type="tab"), "unknown view tab"),
    "blocks": (
        modal(*[blocks.divider()] * MAX_VIEW_BLOCKS),
        modal(*[blocks.divider()] * (MAX_VIEW_BLOCKS + 1)),
        "101 blocks",
    ),
    "blocks are there": (modal(), modal(blocks=[]), "0 blocks"),
    "a block": (modal(blocks.header("x")), modal(blocks.header("")), "header is empty"),
    "the title": (modal(title=TEXT("x" * 24)), modal(title=TEXT("x" * 25)), "title of 25 characters"),
    "the title is there": (modal(), modal(title=None), "title without a text object"),
    "the submit button": (modal(submit=TEXT("x" * 24)), modal(submit=TEXT("x" * 25)), "submit of 25 characters"),
    "the close button": (modal(close=TEXT("x" * 24)), modal(close=TEXT("x" * 25)), "close of 25 characters"),
    "a Home has no buttons of its own": (home(), home(close=TEXT("x")), "home with close"),
    "what is typed can be sent": (
        form(),
        {key: value for key, value in form().items() if key != "submit"},
        "input without submit",
    ),
    "an input's label": (form(label=TEXT("x" * 2_000)), form(label=TEXT("x" * 2_001)), "label of 2001 characters"),
    "an input's hint": (form(hint=TEXT("x" * 2_000)), form(hint=TEXT("x" * 2_001)), "hint of 2001 characters"),
    "an input's element": (
        form(element={"type": "conversations_select"}),
        form(element={"type": "button"}),
        "input with the element button",
    ),
    "a box in an input": (
        form(element={"type": "external_select", "placeholder": TEXT("x" * 150), "min_query_length": 0}),
        form(element={"type": "external_select", "placeholder": TEXT("x" * 151), "min_query_length": 0}),
        "placeholder of 151 characters",
    ),
    "an input's action_id": (
        form(element={"action_id": "x" * 255}),
        form(element={"action_id": "x" * 256}),
        "action_id of 256 characters",
    ),
    "an input's placeholder": (
        form(element={"placeholder": TEXT("x" * 150)}),
        form(element={"placeholder": TEXT("x" * 151)}),
        "placeholder of 151 characters",
    ),
    "what can be typed": (
        form(element={"max_length": 3_000}),
        form(element={"max_length": 3_001}),
        "max_length of 3001",
    ),
    "the callback_id": (
        modal(callback_id="x" * 255),
        modal(callback_id="x" * 256),
        "callback_id of 256 characters",
    ),
    "what the modal keeps": (
        modal(private_metadata="x" * 3_000),
        modal(private_metadata="x" * 3_001),
        "private_metadata of 3001 characters",
    ),
    "the whole": (
        of_bytes(MAX_VIEW_BYTES),
        of_bytes(MAX_VIEW_BYTES + 1),
        "more than 250000 bytes",
    ),
}


@pytest.mark.parametrize(("inside", "outside", "complaint"), VIEW_LIMITS.values(), ids=VIEW_LIMITS.keys())
def test_limit_of_views(inside: View, outside: View, complaint: str) -> None:
    """As for messages."""
    assert_slack_takes_view(inside)
    assert view_violations(outside) == [complaint]


def entity(**parts: Any) -> dict[str, Any]:
    payload = {"attributes": {"title": {"text": "x"}}, "custom_fields": [entity_field()], "display_order": ["k"]}
    return {
        "entity_type": "slack#/entities/item",
        "url": "https://x.example/1",
        "external_ref": {"id": "1"},
        "entity_payload": {**payload, **parts.pop("payload", {})},
        **parts,
    }


def entity_field(**parts: str) -> dict[str, str]:
    return {"key": "k", "label": "x", "type": "string", "value": "x", **parts}


def titled(text: str) -> dict[str, Any]:
    return entity(payload={"attributes": {"title": {"text": text}}})


def filled(*fields: dict[str, str]) -> dict[str, Any]:
    return entity(payload={"custom_fields": list(fields)})


ENTITY_LIMITS = {
    "the type": (entity(), entity(entity_type="slack#/entities/customer"), "unknown slack#/entities/customer"),
    "the address is there": (entity(), entity(url=""), "url is empty"),
    "the address of the message": (
        entity(app_unfurl_url="https://x.example/1"),
        entity(app_unfurl_url=""),
        "app_unfurl_url is empty",
    ),
    "the reference is there": (entity(), entity(external_ref={}), "external_ref is empty"),
    "the title": (titled("x" * 255), titled("x" * 256), "title of 256 characters"),
    "the title is there": (titled("x"), titled(""), "title is empty"),
    "a label": (filled(entity_field(label="x" * 255)), filled(entity_field(label="")), "field's label is empty"),
    "a value": (
        filled(entity_field(value="x" * 3_000)),
        filled(entity_field(value="x" * 3_001)),
        "field's value of 3001 characters",
    ),
    "keys differ": (
        filled(entity_field(), entity_field(key="l")),
        filled(entity_field(), entity_field()),
        "fields with the same key",
    ),
    "the order": (
        entity(payload={"display_order": []}),
        entity(payload={"display_order": ["k", "l"]}),
        "display_order names a field that is not there",
    ),
}


@pytest.mark.parametrize(("inside", "outside", "complaint"), ENTITY_LIMITS.values(), ids=ENTITY_LIMITS.keys())
def test_limit_of_work_objects(inside: dict[str, Any], outside: dict[str, Any], complaint: str) -> None:
    """As for messages."""
    assert_slack_takes_entity(inside)
    assert entity_violations(outside) == [complaint]
