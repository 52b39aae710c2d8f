"""What handlers read of Slack's payloads: who did what where, whatever else stands in them."""

import asyncio
import json
from typing import Any

import pytest
from hypothesis import given, settings
from slack_bolt.authorization import AuthorizeResult
from slack_bolt.context.async_context import AsyncBoltContext

from bot.domain.inquiry import Asker
from bot.slack.payloads import (
    MAX_TEXTS,
    Interaction,
    OpenView,
    asker_of,
    changed_id,
    interaction,
    links_in,
    team_of,
    texts_in,
)
from bot.slack.verification import bolt_request, parse_payload
from tests.slack.test_verification import (
    ANY_JSON,
    EVENTS,
    INTERACTIONS,
    JSON,
    LABEL,
    MESSAGE,
    VIEW,
    changed,
    taken,
)

CLICK = INTERACTIONS["a button in a message"]
MODAL = INTERACTIONS["a submitted modal"]
ID = "dc540ce7-5bc5-4275-b8fa-2004eb5839e3"


def context_of(body: dict[str, Any]) -> AsyncBoltContext:
    """As it comes to a handler: through the check of its shape, and Bolt."""
    raw = json.dumps(body).encode()
    return bolt_request(parse_payload(raw, JSON), asyncio.Event()).context


def read(body: dict[str, Any]) -> Interaction:
    return interaction(body, context_of(body))


def with_action(**action: Any) -> dict[str, Any]:
    return {**CLICK, "actions": [{"action_id": "customer_details", "block_id": "b", **action}]}


# --- Who, where and how to answer ------------------------------------------------------------------------------------


def test_click_in_a_message_says_who_where_and_how_to_answer() -> None:
    click = read(CLICK)
    assert click.asker == click.reply.asker == Asker("T111", "W111", "C111")
    assert click.reply.response_url == "https://hooks.slack.com/actions/T111/111/xxx"
    assert (click.reply.thread_ts, click.trigger_id, click.value) == ("", "111.222.xxx", ID)
    assert click.view is click.modal is None


def test_reply_waits_for_the_acknowledgement_of_its_own_request() -> None:
    acknowledged = asyncio.Event()
    context = bolt_request(CLICK, acknowledged).context
    assert interaction(CLICK, context).reply.acknowledged is acknowledged


@pytest.mark.parametrize(
    "body",
    [
        pytest.param({**CLICK, "message": {**MESSAGE, "thread_ts": "1.2"}}, id="a message"),
        pytest.param(
            {
                **{name: value for name, value in CLICK.items() if name != "message"},
                "container": {**CLICK["container"], "is_ephemeral": True, "thread_ts": "1.2"},
            },
            id="an ephemeral message, which Slack does not send along",
        ),
    ],
)
def test_answer_to_a_click_in_a_thread_goes_into_the_thread(body: dict[str, Any]) -> None:
    assert read(body).reply.thread_ts == "1.2"


@pytest.mark.parametrize(
    ("body", "channel"),
    [
        (CLICK, "C111"),
        (INTERACTIONS["an overflow menu in an unfurl"], "C111"),
        (INTERACTIONS["a button in the panel of a Work Object"], "C111"),
        (INTERACTIONS["a message shortcut"], "C111"),
        (INTERACTIONS["a global shortcut"], ""),
        (INTERACTIONS["a link button in a modal, which has no response_url"], ""),
        (INTERACTIONS["a button on Home"], ""),
        (MODAL, ""),
    ],
    ids=["message", "unfurl", "flexpane", "message shortcut", "global shortcut", "modal", "home", "submission"],
)
def test_channel_is_where_it_happened(body: dict[str, Any], channel: str) -> None:
    assert read(body).asker == Asker("T111", "W111", channel)


@pytest.mark.parametrize("name", ["a global shortcut", "a button on Home", "a submitted modal"])
def test_without_a_response_url_there_is_none(name: str) -> None:
    assert read(INTERACTIONS[name]).reply.response_url == ""


def test_person_of_an_organisation_is_of_the_team_that_the_payload_names_for_them() -> None:
    """The payload's own team is null there."""
    assert read(INTERACTIONS["a button in an ephemeral message, in an organisation"]).asker.team == "T111"


# --- What was clicked, chosen and typed ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("action", "value"),
    [
        pytest.param({"type": "button", "value": ID}, ID, id="a button"),
        pytest.param({"type": "button", "url": "https://example.com"}, "", id="a link button"),
        pytest.param({"type": "overflow", "selected_option": {"text": LABEL, "value": "pin x"}}, "pin x", id="a menu"),
        pytest.param({"type": "overflow", "selected_option": None}, "", id="a menu without a choice"),
        pytest.param({"type": "static_select", "selected_option": {"text": LABEL}}, "", id="an option without a value"),
    ],
)
def test_value_is_the_buttons_or_the_chosen_options(action: dict[str, Any], value: str) -> None:
    assert read(with_action(**action)).value == value


def test_shortcuts_and_submissions_have_no_value() -> None:
    for name in ("a message shortcut", "a global shortcut", "a submitted modal"):
        assert read(INTERACTIONS[name]).value == ""


def with_values(values: Any, kind: str = "modal") -> dict[str, Any]:
    return {**MODAL, "view": {**VIEW, "type": kind, "private_metadata": "state", "state": {"values": values}}}


@pytest.mark.parametrize(
    ("element", "typed"),
    [
        pytest.param({"type": "plain_text_input", "value": "CF00000179"}, "CF00000179", id="typed"),
        pytest.param({"type": "plain_text_input", "value": None}, "", id="nothing typed"),
        pytest.param({"type": "conversations_select", "selected_conversation": "C222"}, "C222", id="a channel"),
        pytest.param({"type": "conversations_select", "selected_conversation": None}, "", id="no channel"),
        pytest.param({}, "", id="nothing at all"),
        pytest.param(None, "", id="null"),
        pytest.param("CF00000179", "", id="a text"),
    ],
)
def test_view_holds_what_was_typed_and_chosen(element: Any, typed: str) -> None:
    view = read(with_values({"query": {"query": element}})).view
    assert view == OpenView("V111", "1596031111.AjBH4Czd", "modal", "state", {"query": typed})


def test_inputs_are_distinguished_by_their_blocks() -> None:
    typed = {"query": {"a": {"value": "x"}}, "channel": {"b": {"selected_conversation": "C222"}}, "empty": {}}
    view = read(with_values(typed)).view
    assert view is not None
    assert view.typed == {"query": "x", "channel": "C222", "empty": ""}


HEADER = {"type": "header", "text": {"type": "plain_text", "text": "甲 &amp; 乙"}}


@pytest.mark.parametrize(
    ("blocks", "heading"),
    [
        pytest.param(
            [{"type": "divider"}, HEADER, {**HEADER, "text": {"text": "联系人"}}], "甲 &amp; 乙", id="the first"
        ),
        pytest.param([{"type": "section", "text": {"text": "x"}}], "", id="no header"),
        pytest.param([{"type": "header"}, {"type": "header", "text": "x"}], "", id="headers without a text"),
        pytest.param([None, 1, "header", [HEADER]], "", id="no blocks"),
        pytest.param({"type": "header"}, "", id="no list"),
        pytest.param(None, "", id="nothing"),
    ],
)
def test_heading_of_a_view_is_its_first_header(blocks: Any, heading: str) -> None:
    view = read({**MODAL, "view": {**VIEW, "blocks": blocks}}).view
    assert view is not None
    assert view.heading == heading


def test_modal_is_a_view_that_is_not_home() -> None:
    in_modal, on_home = read(with_values({})), read(with_values({}, "home"))
    assert in_modal.modal == in_modal.view != None  # noqa: E711
    assert on_home.view is not None
    assert on_home.modal is None


# --- Events ----------------------------------------------------------------------------------------------------------


def test_author_of_a_message_is_who_wrote_it() -> None:
    body = EVENTS["a message"]
    assert asker_of(body["event"], context_of(body)) == Asker("T111", "W111", "C111")


@pytest.mark.parametrize(
    "event", [{}, {"user": None, "channel": None}, {"user": {"id": "W111"}, "channel": ["C111"]}, {"user": 1}]
)
def test_event_without_a_user_has_no_author(event: dict[str, Any]) -> None:
    body = {"type": "event_callback", "event_id": "Ev1", "event": {"type": "message"}}
    assert asker_of(event, context_of(body)) == Asker("", "", "")


def test_team_is_the_one_that_the_bot_is_in() -> None:
    """Payloads of an organisation name others, or none: then all that is kept would be kept elsewhere."""
    for body in (EVENTS["an organisation's event"], EVENTS["a message"], CLICK):
        context = context_of(body)
        context["authorize_result"] = AuthorizeResult(enterprise_id=None, team_id="T0PLAY")
        assert team_of(context) == asker_of({}, context).team == interaction(body, context).asker.team == "T0PLAY"


def test_links_of_an_event_are_its_addresses() -> None:
    assert links_in(EVENTS["a link in a channel"]["event"]) == ("https://example.com/1",)
    assert links_in({"links": [{"url": "a"}, {"url": None}, "b", {}, {"url": "c"}]}) == ("a", "", "", "c")
    without: list[dict[str, Any]] = [{}, {"links": None}, {"links": "a"}, {"links": {"url": "a"}}]
    assert {links_in(event) for event in without} == {()}


def test_changed_id_is_that_of_the_user_or_channel() -> None:
    assert changed_id(EVENTS["a changed person"]["event"]) == "W111"
    of_nobody: list[dict[str, Any]] = [{}, {"user": None}, {"user": "W111"}, {"user": {}}]
    assert {changed_id(event) for event in of_nobody} == {""}


# --- Texts -----------------------------------------------------------------------------------------------------------

RICH_TEXT = {
    "type": "rich_text",
    "elements": [
        {"type": "rich_text_section", "elements": [{"type": "text", "text": "one"}, {"type": "emoji", "name": "ok"}]},
        {
            "type": "rich_text_list",
            "elements": [
                {"type": "rich_text_section", "elements": [{"type": "link", "url": "https://two", "text": "three"}]}
            ],
        },
    ],
}
SECTION = {
    "type": "section",
    "text": {"type": "mrkdwn", "text": "four"},
    "fields": [{"type": "plain_text", "text": "five"}],
    "accessory": {"type": "button", "text": {"type": "plain_text", "text": "six"}, "url": "https://seven"},
}
ATTACHMENT = {
    "id": 1,
    "fallback": "eight",
    "pretext": "nine",
    "title": "ten",
    "title_link": "https://eleven",
    "fields": [{"title": "twelve", "value": "thirteen", "short": True}],
    "footer": "fourteen",
    "blocks": [{"type": "context", "elements": [{"type": "image", "alt_text": "fifteen"}]}],
}


def test_every_text_of_a_message_is_found() -> None:
    message = {**MESSAGE, "text": "zero", "blocks": [RICH_TEXT, SECTION], "attachments": [ATTACHMENT]}
    assert texts_in(message) == (
        "zero", "one", "https://two", "three", "four", "five", "six", "https://seven", "eight", "nine", "ten",
        "https://eleven", "twelve", "thirteen", "fourteen", "fifteen",
    )  # fmt: skip


@pytest.mark.parametrize("message", [{}, {"text": None, "blocks": None}, {"text": ["a"]}, [], None, "text", 1])
def test_message_without_texts_has_none(message: Any) -> None:
    assert texts_in(message) == ()


def test_as_many_texts_are_read_as_a_message_may_need() -> None:
    texts = texts_in({"text": "first", "blocks": [{"text": str(number)} for number in range(2 * MAX_TEXTS)]})
    assert len(texts) == MAX_TEXTS
    assert texts[:3] == ("first", "0", "1")


@pytest.mark.parametrize("opening", ["[", '{"elements":'])
def test_texts_are_found_as_deep_as_json_goes(opening: str) -> None:
    depth = 850
    closing = {"[": "]", '{"elements":': "}"}[opening]
    raw = f'{{"type": "message_action", "deep": {opening * depth}{{"text": "deep"}}{closing * depth}}}'
    assert texts_in(json.loads(raw)) == ("deep",)


# --- Whatever else may come ------------------------------------------------------------------------------------------

CLICKS = list(INTERACTIONS.values())
ALL_EVENTS = [body for body in EVENTS.values() if "event" in body]


def assert_texts(*values: object) -> None:
    assert all(isinstance(value, str) for value in values), values


@given(changed(CLICKS))
@settings(max_examples=100)
def test_whatever_passes_the_check_can_be_read(body: dict[str, Any]) -> None:
    """And all that is read of it are texts."""
    found = taken(body)
    if found is None:
        return
    parsed, request = found
    done = interaction(parsed, request.context)
    assert_texts(*done.asker, done.reply.response_url, done.reply.thread_ts, done.trigger_id, done.value)
    if done.view is not None:
        assert_texts(done.view.view_id, done.view.hash, done.view.type, done.view.metadata, *done.view.typed.values())
        assert_texts(done.view.heading)


@given(values=ANY_JSON, selected=ANY_JSON, container=ANY_JSON)
def test_what_nobody_checks_may_be_anything(values: Any, selected: Any, container: Any) -> None:
    body = with_action(type="overflow", selected_option=selected)
    body["view"] = with_values(values)["view"]
    body["container"] = {"thread_ts": "1.2", "type": "message", "view_id": container}
    done = read(body)
    assert done.view is not None
    assert_texts(done.value, done.asker.channel, *done.view.typed.values())


@given(changed(ALL_EVENTS))
@settings(max_examples=100)
def test_whatever_event_passes_the_check_has_an_author_or_none(body: dict[str, Any]) -> None:
    found = taken(body)
    if found is None or not isinstance(found[0].get("event"), dict):
        return
    event = found[0]["event"]
    assert_texts(*asker_of(event, found[1].context), changed_id(event), *links_in(event))


@given(ANY_JSON)
def test_texts_of_anything_are_texts(part: Any) -> None:
    assert_texts(*texts_in(part), *texts_in({"blocks": part, "text": part}))
