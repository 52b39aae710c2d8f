"""Signatures and shapes: what Slack sends passes as it is, and everything else is refused before Bolt sees it."""

import asyncio
import copy
import json
import time
from typing import Any
from urllib.parse import parse_qsl, urlencode

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from slack_bolt.request.async_request import AsyncBoltRequest
from slack_sdk.signature import SignatureVerifier

from bot.errors import MalformedRequest
from bot.playground.fake_slack.server import SIGNING_SECRET, signed_form_headers
from bot.slack.verification import MAX_FORM_FIELDS, bolt_request, form_fields, is_signed, parse_payload

FORM = "application/x-www-form-urlencoded"
JSON = "application/json"

TEAM = {"id": "T111", "domain": "example", "enterprise_id": "E111", "enterprise_name": "Org"}
PERSON = {"id": "W111", "username": "primary-owner", "name": "primary-owner", "team_id": "T111"}
LABEL = {"type": "plain_text", "text": "Refresh", "emoji": True}
VIEW = {
    "id": "V111",
    "team_id": "T111",
    "type": "modal",
    "blocks": [{"type": "input", "block_id": "b", "label": LABEL, "element": {"type": "plain_text_input"}}],
    "private_metadata": "",
    "callback_id": "customer_details",
    "state": {"values": {"b": {"a": {"type": "plain_text_input", "value": None}}}},
    "hash": "1596031111.AjBH4Czd",
    "title": LABEL,
    "previous_view_id": None,
    "root_view_id": "V111",
    "app_id": "A111",
    "external_id": "",
    "app_installed_team_id": "T111",
    "bot_id": "B111",
}
EVENT = {
    "token": "legacy",
    "team_id": "T111",
    "api_app_id": "A111",
    "type": "event_callback",
    "event_id": "Ev111",
    "event_time": 1599616881,
    "authorizations": [
        {"enterprise_id": None, "team_id": "T111", "user_id": "W222", "is_bot": True, "is_enterprise_install": False}
    ],
    "is_ext_shared_channel": False,
    "event_context": "1-message-T111-C111",
}
MESSAGE = {
    "client_msg_id": "a8744611-0210-4f85-9f15-5faf7fb225c8",
    "type": "message",
    "text": "CF00000179?",
    "user": "W111",
    "ts": "1596183880.004200",
    "team": "T111",
    "blocks": [{"type": "rich_text", "block_id": "rw5", "elements": []}],
}
INTERACTION = {"token": "legacy", "api_app_id": "A111", "trigger_id": "111.222.xxx", "team": TEAM, "user": PERSON}

COMMAND = {
    "token": "legacy",
    "team_id": "T111",
    "team_domain": "example",
    "enterprise_id": "E111",
    "enterprise_name": "Org",
    "channel_id": "C111",
    "channel_name": "random",
    "user_id": "W111",
    "user_name": "primary-owner",
    "command": "/customer",
    "text": "dc540ce7-5bc5-4275-b8fa-2004eb5839e3",
    "api_app_id": "A111",
    "is_enterprise_install": "false",
    "response_url": "https://hooks.slack.com/commands/T111/111/xxx",
    "trigger_id": "111.222.xxx",
}
INTERACTIONS: dict[str, dict[str, Any]] = {
    "a button in a message": {
        **INTERACTION,
        "type": "block_actions",
        "container": {
            "type": "message",
            "message_ts": "1596183880.004200",
            "channel_id": "C111",
            "is_ephemeral": False,
        },
        "enterprise": None,
        "is_enterprise_install": False,
        "channel": {"id": "C111", "name": "random"},
        "message": {**MESSAGE, "bot_id": "B111", "subtype": "bot_message"},
        "state": {"values": {}},
        "response_url": "https://hooks.slack.com/actions/T111/111/xxx",
        "actions": [
            {
                "type": "button",
                "action_id": "customer_refresh",
                "block_id": "1iR0",
                "text": LABEL,
                "value": "dc540ce7-5bc5-4275-b8fa-2004eb5839e3",
                "style": "primary",
                "action_ts": "1596184018.119510",
            }
        ],
    },
    "a button in an ephemeral message, in an organisation": {
        **INTERACTION,
        "team": None,
        "enterprise": {"id": "E111", "name": "Org"},
        "is_enterprise_install": True,
        "type": "block_actions",
        "container": {"type": "message", "message_ts": "1", "channel_id": "C111", "is_ephemeral": True},
        "channel": {"id": "C111", "name": "privategroup"},
        "response_url": "https://hooks.slack.com/actions/T111/111/xxx",
        "actions": [{"type": "button", "action_id": "customer_refresh", "block_id": "b", "text": LABEL}],
    },
    "an overflow menu in an unfurl": {
        **INTERACTION,
        "type": "block_actions",
        "container": {"type": "message_attachment", "attachment_id": 1, "is_app_unfurl": True, "channel_id": "C111"},
        "app_unfurl": {"id": 1, "blocks": [], "app_unfurl_url": "https://example.com/1"},
        "response_url": "https://hooks.slack.com/actions/T111/111/xxx",
        "actions": [
            {
                "type": "overflow",
                "action_id": "customer_menu",
                "block_id": "b",
                "selected_option": {"text": LABEL, "value": "1"},
            }
        ],
    },
    "a link button in a modal, which has no response_url": {
        **INTERACTION,
        "type": "block_actions",
        "container": {"type": "view", "view_id": "V111"},
        "view": VIEW,
        "actions": [
            {
                "type": "button",
                "action_id": "customer_open",
                "block_id": "b",
                "text": LABEL,
                "url": "https://example.com",
            }
        ],
    },
    "a button on Home": {
        **INTERACTION,
        "type": "block_actions",
        "container": {"type": "view", "view_id": "V222"},
        "view": {**VIEW, "id": "V222", "type": "home", "state": {"values": {}}},
        "actions": [{"type": "button", "action_id": "customer_clear", "block_id": "b", "text": LABEL, "value": "1"}],
    },
    "a button in the panel of a Work Object": {
        **INTERACTION,
        "type": "block_actions",
        "container": {
            "type": "entity_detail",
            "entity_url": "https://example.com/1",
            "external_ref": {"id": "1"},
            "channel_id": "C111",
            "message_ts": "1596183880.004200",
        },
        "actions": [{"type": "button", "action_id": "customer_details", "block_id": "b", "text": LABEL, "value": "1"}],
    },
    "a channel that was chosen": {
        **INTERACTION,
        "type": "block_actions",
        "container": {"type": "view", "view_id": "V111"},
        "view": VIEW,
        "actions": [
            {
                "type": "conversations_select",
                "action_id": "channel",
                "block_id": "channel",
                "selected_conversation": "C111",
            }
        ],
    },
    "a box in which somebody types": {
        **{name: part for name, part in INTERACTION.items() if name != "trigger_id"},
        "type": "block_suggestion",
        "container": {"type": "view", "view_id": "V111"},
        "action_id": "customer_search",
        "block_id": "b",
        "value": "hxx",
        "enterprise": None,
        "is_enterprise_install": False,
        "view": VIEW,
    },
    "a message shortcut on a message of an app, in an organisation": {
        **INTERACTION,
        "team": None,
        "enterprise": {"id": "E111", "name": "Org"},
        "type": "message_action",
        "callback_id": "lookup_customer_in_message",
        "message_ts": "1596183880.004200",
        "channel": {"id": "C111", "name": "random"},
        "message": {
            "type": "message",
            "subtype": "bot_message",
            "text": "",
            "ts": "1596183880.004200",
            "thread_ts": "1596183880.004100",
            "username": "alerts",
            "bot_id": "B222",
            "attachments": [{"fallback": "CF00000179", "fields": [{"title": "Customer", "value": "CF00000179"}]}],
        },
        "response_url": "https://hooks.slack.com/app/T111/111/xxx",
    },
    "a message shortcut": {
        **INTERACTION,
        "type": "message_action",
        "callback_id": "lookup_customer_in_message",
        "message_ts": "1596183880.004200",
        "channel": {"id": "C111", "name": "random"},
        "message": MESSAGE,
        "response_url": "https://hooks.slack.com/app/T111/111/xxx",
    },
    "a global shortcut": {**INTERACTION, "type": "shortcut", "callback_id": "find_customer", "enterprise": None},
    "a submitted modal": {**INTERACTION, "type": "view_submission", "view": VIEW, "response_urls": []},
    "a submitted modal with several response_urls": {
        **INTERACTION,
        "type": "view_submission",
        "view": VIEW,
        "response_urls": [
            {"block_id": "b", "action_id": "a", "channel_id": channel, "response_url": "https://hooks.slack.com/app/1"}
            for channel in ("C111", "C222")
        ],
    },
    "a button of an attachment": {
        **INTERACTION,
        "type": "interactive_message",
        "callback_id": "pick",
        "attachment_id": "1",
        "actions": [{"name": "channel", "type": "select", "selected_options": [{"value": "C111"}]}],
        "original_message": MESSAGE,
        "response_url": "https://hooks.slack.com/actions/T111/111/xxx",
    },
    "a step of a workflow": {
        **INTERACTION,
        "type": "workflow_step_edit",
        "callback_id": "copy",
        "workflow_step": {"workflow_id": "1", "step_id": "2", "inputs": {}, "outputs": []},
    },
    "a closed modal": {**INTERACTION, "type": "view_closed", "view": VIEW, "is_cleared": False},
    "a select that searches": {
        **INTERACTION,
        "type": "block_suggestion",
        "container": {"type": "view", "view_id": "V111"},
        "view": VIEW,
        "action_id": "customer_search",
        "block_id": "b",
        "value": "胡",
    },
}
EVENTS: dict[str, dict[str, Any]] = {
    "a message": {**EVENT, "event": {**MESSAGE, "channel": "C111", "channel_type": "channel", "event_ts": "1.2"}},
    "a changed message": {
        **EVENT,
        "event": {
            "type": "message",
            "subtype": "message_changed",
            "message": {**MESSAGE, "edited": {"user": "W111", "ts": "1.2"}},
            "previous_message": MESSAGE,
            "channel": "C111",
        },
    },
    "a link": {
        **EVENT,
        "event": {
            "type": "link_shared",
            "user": "W111",
            "channel": "COMPOSER",
            "message_ts": "composer-1",
            "links": [{"url": "https://example.com/1", "domain": "example.com"}],
            "source": "composer",
            "unfurl_id": "C123",
        },
    },
    "a link in a channel": {
        **EVENT,
        "event": {
            "type": "link_shared",
            "user": "W111",
            "channel": "C111",
            "message_ts": "1596183880.004200",
            "thread_ts": "1596183880.004100",
            "links": [{"url": "https://example.com/1", "domain": "example.com"}],
            "source": "conversations_history",
            "unfurl_id": "C111-1596183880.004200-abc",
            "is_bot_user_member": True,
            "event_ts": "1596183881.123",
        },
    },
    "an opened Work Object": {
        **EVENT,
        "event": {
            "type": "entity_details_requested",
            "user": "W111",
            "external_ref": {"id": "1"},
            "entity_url": "https://example.com/1",
            "app_unfurl_url": "https://example.com/1",
            "link": {"url": "https://example.com/1", "domain": "example.com"},
            "trigger_id": "111.222.xxx",
            "user_locale": "en-US",
            "channel": "C111",
            "message_ts": "1596183880.004200",
        },
    },
    "a shared channel": {**EVENT, "event": {"type": "channel_shared", "connected_team_id": "T222", "channel": "C111"}},
    "a deleted message": {
        **EVENT,
        "event": {
            "type": "message",
            "subtype": "message_deleted",
            "channel": "C111",
            "deleted_ts": "1.2",
            "previous_message": MESSAGE,
        },
    },
    "an opened App Home": {
        **EVENT,
        "event": {"type": "app_home_opened", "user": "W111", "channel": "D111", "tab": "home", "view": VIEW},
    },
    "a changed person": {**EVENT, "event": {"type": "user_change", "user": {**PERSON, "profile": {}, "updated": 1}}},
    "a reaction": {
        **EVENT,
        "event": {"type": "reaction_added", "user": "W111", "item": {"type": "message", "channel": "C111", "ts": "1"}},
    },
    "a function": {
        **EVENT,
        "event": {
            "type": "function_executed",
            "function": {"id": "Fn111", "callback_id": "look_up", "type": "app", "input_parameters": []},
            "inputs": {"customer": "CF00000179"},
            "function_execution_id": "Fx111",
            "workflow_execution_id": "Wx111",
            "bot_access_token": "legacy",
        },
    },
    "an organisation's event": {**EVENT, "team_id": None, "enterprise_id": "E111", "event": MESSAGE},
    "the check of the address": {"token": "legacy", "challenge": "3eZbrw1a", "type": "url_verification"},
    "too many events": {"token": "legacy", "type": "app_rate_limited", "team_id": "T111", "minute_rate_limited": 15},
}


def interaction(body: object) -> bytes:
    return urlencode({"payload": json.dumps(body)}).encode()


@pytest.mark.parametrize("body", EVENTS.values(), ids=EVENTS.keys())
def test_event_of_slack_passes_as_it_is(body: dict[str, Any]) -> None:
    assert parse_payload(json.dumps(body).encode(), JSON) == body


@pytest.mark.parametrize("body", INTERACTIONS.values(), ids=INTERACTIONS.keys())
def test_interaction_of_slack_passes_as_it_is(body: dict[str, Any]) -> None:
    assert parse_payload(interaction(body), FORM) == body


def test_command_of_slack_passes_as_it_is() -> None:
    assert parse_payload(urlencode(COMMAND).encode(), FORM) == COMMAND


@pytest.mark.parametrize("text", ["payload", "payload=1", "{}", "a&payload=[]", ""])
def test_text_of_a_command_is_never_taken_for_structure(text: str) -> None:
    """Bolt itself loses a command whose text holds the word "payload"."""
    assert parse_payload(urlencode({**COMMAND, "text": text}).encode(), FORM)["text"] == text


def test_nothing_may_stand_in_a_box() -> None:
    body = {**INTERACTIONS["a box in which somebody types"], "value": ""}
    assert parse_payload(interaction(body), FORM) == body


CLICK = INTERACTIONS["a button in a message"]
BUTTON = CLICK["actions"][0]
SHORTCUT = INTERACTIONS["a message shortcut"]
GLOBAL_SHORTCUT = INTERACTIONS["a global shortcut"]
SUBMISSION = INTERACTIONS["a submitted modal"]
SUGGESTION = INTERACTIONS["a box in which somebody types"]
SAID = EVENTS["a message"]


def without(name: str, body: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in body.items() if key != name}


NOT_SLACKS = {
    "no JSON": b"{",
    "a list": b"[]",
    "a number": b"1",
    "a string": b'"text"',
    "null": b"null",
    "nothing": b"",
    "a number of 5,000 digits": b'{"type":' + b"1" * 5_000 + b"}",
    "nested 20,000 deep": b'{"event":' * 20_000 + b"1" + b"}" * 20_000,
    "nested ten deep where Bolt reads": b'{"event":' * 10 + b"{}" + b"}" * 10,
    "lists nested 20,000 deep": b'{"a":' + b"[" * 20_000 + b"]" * 20_000 + b"}",
    "cut": json.dumps(EVENTS["a message"]).encode()[:-1],
    "not UTF-8": b'{"type": "\xff"}',
    **{
        what: json.dumps(body).encode()
        for what, body in {
            "type as a number": {"type": 1},
            "team as a number": {**CLICK, "team": 5},
            "user as a list": {**CLICK, "user": ["W111"]},
            "user without a value": {**CLICK, "user": None},
            "channel as true": {**CLICK, "channel": True},
            "channel's id as an object": {**CLICK, "channel": {"id": {}}},
            "enterprise as a list": {**CLICK, "enterprise": []},
            "message as text": {**CLICK, "message": "hello"},
            "container as a list": {**CLICK, "container": []},
            "view as a number": {**CLICK, "view": 7},
            "view null": {**INTERACTIONS["a submitted modal"], "view": None},
            "view null where there is none": {**INTERACTIONS["a global shortcut"], "view": None},
            "no view": {"type": "view_closed"},
            "a view without type": {**INTERACTIONS["a submitted modal"], "view": {"callback_id": "customer_details"}},
            "a button of an attachment without actions": {"type": "interactive_message", "callback_id": "pick"},
            "a step without the step": {"type": "workflow_step_edit", "callback_id": "copy"},
            "a function as text": {**EVENT, "event": {"type": "function_executed", "function": "look_up"}},
            "a function null": {**EVENT, "event": {"type": "function_executed", "function": None}},
            "response_url as a number": {**CLICK, "response_url": 1},
            "no actions": without("actions", CLICK),
            "a click by nobody": without("user", CLICK),
            "trigger_id as a number": {**CLICK, "trigger_id": 1},
            "a thread_ts as a number": {**CLICK, "message": {**MESSAGE, "thread_ts": 1.2}},
            "a message shortcut without trigger_id": without("trigger_id", SHORTCUT),
            "a message shortcut without callback_id": without("callback_id", SHORTCUT),
            "a message shortcut by nobody": without("user", SHORTCUT),
            "a message shortcut without a message": without("message", SHORTCUT),
            "a message shortcut on null": {**SHORTCUT, "message": None},
            "a message shortcut on text": {**SHORTCUT, "message": "CF00000179"},
            "a message shortcut whose callback_id is a list": {**SHORTCUT, "callback_id": ["find_customer"]},
            "a global shortcut without trigger_id": without("trigger_id", GLOBAL_SHORTCUT),
            "a global shortcut without callback_id": {**GLOBAL_SHORTCUT, "callback_id": ""},
            "a global shortcut by nobody": {**GLOBAL_SHORTCUT, "user": {}},
            "a submission by nobody": without("user", SUBMISSION),
            "a submission without a view": without("view", SUBMISSION),
            "a view whose hash is a number": {**SUBMISSION, "view": {**VIEW, "hash": 1}},
            "a view whose private_metadata is an object": {**SUBMISSION, "view": {**VIEW, "private_metadata": {}}},
            "a suggestion by nobody": without("user", SUGGESTION),
            "a suggestion without action_id": without("action_id", SUGGESTION),
            "a suggestion whose action_id is a number": {**SUGGESTION, "action_id": 1},
            "a suggestion without a view": without("view", SUGGESTION),
            "a suggestion whose view is text": {**SUGGESTION, "view": "V111"},
            "a suggestion whose value is a list": {**SUGGESTION, "value": ["hxx"]},
            "a suggestion whose container is a list": {**SUGGESTION, "container": ["view"]},
            "no event": without("event", SAID),
            "an event without event_id": without("event_id", SAID),
            "an event whose event_id is a number": {**SAID, "event_id": 1},
            "an event whose event_id is empty": {**SAID, "event_id": ""},
            "an event whose type is a list": {**EVENT, "event": {**MESSAGE, "type": ["message"]}},
            "an event whose subtype is an object": {**EVENT, "event": {**MESSAGE, "subtype": {}}},
            "an event whose ts is a number": {**EVENT, "event": {**MESSAGE, "ts": 1.2}},
            "actions empty": {**CLICK, "actions": []},
            "actions null": {**CLICK, "actions": None},
            "actions as an object": {**CLICK, "actions": {"0": {}}},
            "actions of texts": {**CLICK, "actions": ["customer_refresh"]},
            "an action without id": {**CLICK, "actions": [{"type": "button"}]},
            "an action whose id is a list": {**CLICK, "actions": [{**BUTTON, "action_id": ["customer_refresh"]}]},
            "an action whose value is an object": {**CLICK, "actions": [{**BUTTON, "value": {"id": 1}}]},
            "event null": {**EVENT, "event": None},
            "event as text": {**EVENT, "event": "message"},
            "event's message as a list": {**EVENT, "event": {**MESSAGE, "message": [1]}},
            "authorizations as text": {**EVENT, "authorizations": "T111"},
            "authorizations of numbers": {**EVENT, "authorizations": [1]},
            "response_urls null": {**INTERACTIONS["a submitted modal"], "response_urls": None},
            "a command with a text that is a list": {**COMMAND, "text": ["a"]},
            "a command without user_id": {**COMMAND, "user_id": ""},
            "a command without response_url": {**COMMAND, "response_url": None},
        }.items()
    },
}
REFUSED_IN_A_FORM = {name: body for name, body in NOT_SLACKS.items() if name not in ("nothing", "not UTF-8")}


@pytest.mark.parametrize("body", NOT_SLACKS.values(), ids=NOT_SLACKS.keys())
def test_json_that_slack_never_sends_is_refused(body: bytes) -> None:
    with pytest.raises(MalformedRequest):
        parse_payload(body, JSON)


@pytest.mark.parametrize("body", REFUSED_IN_A_FORM.values(), ids=REFUSED_IN_A_FORM.keys())
def test_interaction_that_slack_never_sends_is_refused(body: bytes) -> None:
    with pytest.raises(MalformedRequest):
        parse_payload(b"payload=" + urlencode({"": body}).encode()[1:], FORM)


@given(st.text(alphabet="ab=&+%2Fe4b8ad\u4e2d;#\x00 ", max_size=60) | st.text(max_size=40))
def test_form_is_read_as_the_standard_library_reads_it(text: str) -> None:
    """Whatever is escaped or not, twice there, empty or broken."""
    assert form_fields(text) == dict(parse_qsl(text, keep_blank_values=True))


def test_form_with_too_many_fields_is_refused() -> None:
    fits = urlencode([(f"f{number}", "1") for number in range(MAX_FORM_FIELDS)])
    assert len(parse_payload(fits.encode(), FORM)) == MAX_FORM_FIELDS
    with pytest.raises(MalformedRequest):
        parse_payload(f"{fits}&more=1".encode(), FORM)


def test_reason_holds_nothing_of_the_body() -> None:
    """It is logged."""
    with pytest.raises(MalformedRequest) as refusal:
        parse_payload(json.dumps({"type": ["13800001001"], "13800001001": {}}).encode(), JSON)
    assert "13800001001" not in str(refusal.value)


@given(st.binary(max_size=300), st.sampled_from([JSON, FORM, "", "text/plain; charset=utf-16", "application/JSON;x"]))
def test_any_bytes_are_an_object_or_refused(body: bytes, content_type: str) -> None:
    try:
        parsed: object = parse_payload(body, content_type)
    except MalformedRequest:
        parsed = {}
    assert isinstance(parsed, dict)


# --- Whatever else may come ------------------------------------------------------------------------------------------

ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)
ALL = [*INTERACTIONS.values(), *EVENTS.values(), COMMAND]
"""One of each kind of payload."""


def places(part: Any) -> list[tuple[Any, Any]]:
    """Every place in a payload: the list or object, and the index or name."""
    if not isinstance(part, dict | list):
        return []
    names: list[Any] = list(part) if isinstance(part, dict) else list(range(len(part)))
    return [(part, name) for name in names] + [place for name in names for place in places(part[name])]


@st.composite
def changed(draw: st.DrawFn, payloads: list[dict[str, Any]]) -> dict[str, Any]:
    """A payload of Slack's with anything at all in up to three of its places."""
    body: dict[str, Any] = copy.deepcopy(draw(st.sampled_from(payloads)))
    for _ in range(draw(st.integers(1, 3))):
        part, name = draw(st.sampled_from(places(body)))
        part[name] = draw(ANY_JSON)
    return body


def taken(body: dict[str, Any]) -> tuple[dict[str, Any], AsyncBoltRequest] | None:
    """The payload and the request made of it, if that is taken for Slack's."""
    raw = json.dumps(body).encode()
    try:
        parsed = parse_payload(raw, JSON)
    except MalformedRequest:
        return None
    return parsed, bolt_request(parsed, asyncio.Event())


@given(changed(ALL))
@settings(max_examples=100)
def test_changed_payload_is_refused_or_can_be_read_by_bolt(body: dict[str, Any]) -> None:
    """Bolt reads who did what where, before any listener runs."""
    found = taken(body)
    if found is not None:
        context = found[1].context
        ids = (context.team_id, context.user_id, context.channel_id, context.enterprise_id)
        assert all(part is None or isinstance(part, str) for part in ids)


SIGNED_BODY = b"command=%2Fcustomer&text=1"


def signed(secret: str = SIGNING_SECRET, at: float | None = None) -> dict[str, str]:
    timestamp = str(int(time.time() if at is None else at))
    signature = SignatureVerifier(secret).generate_signature(timestamp=timestamp, body=SIGNED_BODY)
    return {"x-slack-request-timestamp": timestamp, "x-slack-signature": signature or ""}


def test_what_slack_signed_is_signed() -> None:
    assert is_signed(SignatureVerifier(SIGNING_SECRET), SIGNED_BODY, signed())
    assert is_signed(SignatureVerifier(SIGNING_SECRET), SIGNED_BODY, signed_form_headers(SIGNED_BODY))


@given(position=st.integers(0, len(SIGNED_BODY) - 1), byte=st.integers(0, 255))
def test_body_with_one_byte_changed_is_not_signed(position: int, byte: int) -> None:
    changed = SIGNED_BODY[:position] + bytes([byte]) + SIGNED_BODY[position + 1 :]
    assert is_signed(SignatureVerifier(SIGNING_SECRET), changed, signed()) is (changed == SIGNED_BODY)


@pytest.mark.parametrize(("seconds", "taken"), [(-310, False), (-290, True), (290, True), (310, False)])
def test_signature_holds_for_five_minutes(seconds: int, taken: bool) -> None:
    assert is_signed(SignatureVerifier(SIGNING_SECRET), SIGNED_BODY, signed(at=time.time() + seconds)) is taken


@given(
    st.dictionaries(
        st.sampled_from(["x-slack-request-timestamp", "x-slack-signature"]),
        st.text(max_size=50) | st.sampled_from(["9" * 5_000, "1_0", "-1", "nan", "٣", "v0=", "v0=ü"]),
    )
)
def test_nonsense_in_the_headers_is_no_signature(headers: dict[str, str]) -> None:
    assert not is_signed(SignatureVerifier(SIGNING_SECRET), SIGNED_BODY, headers)
    assert not is_signed(SignatureVerifier(SIGNING_SECRET), SIGNED_BODY, {**signed(), **headers}) or not headers
