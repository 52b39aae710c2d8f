"""The web process: what it refuses before anything reads it, what it makes of nonsense, and when it is ready."""

import asyncio
import hashlib
import hmac
import io
import json
import os
import queue
import signal
import socket
import threading
import time
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from functools import partial
from types import SimpleNamespace
from typing import Any
from urllib.parse import urlencode

import aiohttp
import pytest
import uvicorn
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from slack_bolt.request.async_request import AsyncBoltRequest
from starlette.types import Message, Receive, Scope, Send

from bot.playground.asgi_server import loopback
from bot.playground.fake_crm.server import FAULTS, Fault, SampleCrm
from bot.playground.fake_slack.server import (
    CHANNEL,
    OUTSIDER,
    SIGNING_SECRET,
    TEAM,
    Exchange,
    StandInSlack,
    signed_form_headers,
)
from bot.playground.settings import playground_settings
from bot.runtime.metrics import Metrics
from bot.runtime.sockets import listen
from bot.server.events_endpoint import MAX_BODY_BYTES, EventsEndpoint
from bot.server.http import WebProcess, serve
from bot.slack.identity import SlackIdentity
from bot.slack.message import Message as Card
from tests.conftest import Clock, Logs, StartBot
from tests.processes.test_processes import free_port
from tests.slack.test_verification import CLICK, COMMAND, EVENT, EVENTS, FORM, INTERACTIONS, JSON, NOT_SLACKS
from tests.support.slack_layer import eventually
from tests.support.surfaces import NO_DATABASE, TEMPLATE, idle, link

MARKER = "13800001001"
BODY = urlencode({**COMMAND, "text": MARKER}).encode()

Headers = dict[str, str]
AnyHttp = settings(
    max_examples=200,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.data_too_large],
)


def signed(body: bytes, content_type: str = FORM, secret: str = SIGNING_SECRET) -> Headers:
    """As Slack signs: slack_sdk, which signs for the stand-in, knows no bytes that are no text."""
    timestamp = str(int(time.time()))
    digest = hmac.new(secret.encode(), b"v0:" + timestamp.encode() + b":" + body, hashlib.sha256).hexdigest()
    return {
        "content-type": content_type,
        "x-slack-request-timestamp": timestamp,
        "x-slack-signature": f"v0={digest}",
    }


def has_traceback(logs: Logs, since: int = 0) -> bool:
    """``since`` is how much had been logged before."""
    text = logs.text[since:]
    return '"exception"' in text or "Traceback" in text


@pytest.fixture
async def http() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as session:
        yield session


@pytest.fixture
def short_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    """What Slack does not take or answer is tried again after hundredths of a second."""
    monkeypatch.setattr("bot.app.SlackIdentity", partial(SlackIdentity, first_wait_seconds=0.02))
    monkeypatch.setattr("bot.slack.api.RETRY_WAIT_SECONDS", 0.01)


def of_a_member(body: dict[str, Any]) -> dict[str, Any]:
    """The same request from the bot's own workspace; what answers it stays on this machine."""
    text = json.dumps(body).replace('"T111"', f'"{TEAM}"').replace("https://hooks.slack.com", "http://127.0.0.1:9")
    member: dict[str, Any] = json.loads(text)
    return member


# --- Refused unread -----------------------------------------------------------------------------------------------

UNSIGNED: dict[str, Callable[[], Headers]] = {
    "no headers": lambda: {"content-type": FORM},
    "no timestamp": lambda: {"x-slack-signature": signed(BODY)["x-slack-signature"]},
    "no signature": lambda: {"x-slack-request-timestamp": str(int(time.time()))},
    "bad signature": lambda: {**signed(BODY), "x-slack-signature": "v0=" + "0" * 64},
    "empty signature": lambda: {**signed(BODY), "x-slack-signature": ""},
    "non-ASCII signature": lambda: {**signed(BODY), "x-slack-signature": "v0=ÿé"},
    "old": lambda: signed_form_headers(BODY, time.time() - 301),
    "from the future": lambda: signed_form_headers(BODY, time.time() + 310),
    "non-numeric timestamp": lambda: {**signed(BODY), "x-slack-request-timestamp": "yesterday"},
    "infinite timestamp": lambda: {**signed(BODY), "x-slack-request-timestamp": "inf"},
    "5,000 digits": lambda: {**signed(BODY), "x-slack-request-timestamp": "9" * 5_000},
    "superscript timestamp": lambda: {**signed(BODY), "x-slack-request-timestamp": "²"},
    "another secret": lambda: signed(BODY, secret="another-secret"),
    "another body": lambda: signed(BODY.replace(b"1001", b"1002")),
    "another time": lambda: {**signed(BODY), "x-slack-request-timestamp": str(int(time.time()) - 1)},
}


async def test_what_slack_did_not_sign_is_refused_and_nothing_of_it_is_logged(
    bot: WebProcess, slack: StandInSlack, crm: SampleCrm, logs: Logs
) -> None:
    answers = {name: await slack.post(BODY, headers()) for name, headers in UNSIGNED.items()}
    assert answers == dict.fromkeys(UNSIGNED, (401, b""))
    refusals = logs.lines("request_refused")
    assert [(line["status"], line["reason"]) for line in refusals] == [(401, "signature")] * len(UNSIGNED)
    assert MARKER not in logs.text
    assert not has_traceback(logs)
    assert not crm.asked


async def test_header_sent_twice_counts_once(bot: WebProcess, slack: StandInSlack, http: aiohttp.ClientSession) -> None:
    """Here and in Bolt's own check behind it the first one counts: a second cannot smuggle anything past."""
    headers = [*signed(BODY).items(), ("x-slack-signature", "v0=0"), ("x-slack-request-timestamp", "0")]
    async with http.post(f"{slack.bot_address}/slack/events", data=BODY, headers=headers) as answer:
        assert answer.status == 200


@pytest.mark.parametrize("chunked", [False, True], ids=["content-length", "chunked"])
@pytest.mark.parametrize(("size", "status"), [(MAX_BODY_BYTES, 401), (MAX_BODY_BYTES + 1, 413)])
async def test_body_over_a_mebibyte_is_refused(
    bot: WebProcess,
    slack: StandInSlack,
    http: aiohttp.ClientSession,
    logs: Logs,
    chunked: bool,
    size: int,
    status: int,
) -> None:
    body = MARKER.encode() + b"x" * (size - len(MARKER))

    async def in_chunks() -> AsyncIterator[bytes]:
        for start in range(0, len(body), 65_536):
            yield body[start : start + 65_536]

    data = in_chunks() if chunked else io.BytesIO(body)
    async with http.post(f"{slack.bot_address}/slack/events", data=data, headers={"content-type": FORM}) as answer:
        assert answer.status == status
    assert MARKER not in logs.text
    assert not has_traceback(logs)


async def test_sender_who_leaves_in_the_middle_is_no_bug(bot: WebProcess, slack: StandInSlack, logs: Logs) -> None:
    """Anybody can do this, unsigned: it must not fill the log with tracebacks."""
    port = int(slack.bot_address.rpartition(":")[2])
    _, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(b"POST /slack/events HTTP/1.1\r\nhost: bot\r\ncontent-length: 100\r\n\r\n" + MARKER.encode())
    await writer.drain()
    await asyncio.sleep(0.05)
    writer.close()
    await writer.wait_closed()
    await asyncio.sleep(0.05)
    assert not has_traceback(logs)
    assert MARKER not in logs.text


async def test_body_that_does_not_arrive_is_not_waited_for(
    bot: WebProcess, slack: StandInSlack, logs: Logs, monkeypatch: pytest.MonkeyPatch
) -> None:
    """408, and the connection is closed with what it held."""
    monkeypatch.setattr("bot.server.events_endpoint.BODY_SECONDS", 0.05)
    port = int(slack.bot_address.rpartition(":")[2])
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(b"POST /slack/events HTTP/1.1\r\nhost: bot\r\ncontent-length: 100\r\n\r\n" + MARKER.encode())
    async with asyncio.timeout(5):
        response = await reader.read()
    writer.close()
    assert response.startswith(b"HTTP/1.1 408 ")
    assert [line["status"] for line in logs.lines("request_refused")] == [408]
    assert not has_traceback(logs)
    assert MARKER not in logs.text


@pytest.mark.parametrize("error", [asyncio.CancelledError(), ZeroDivisionError()], ids=["cancelled", "a bug"])
async def test_what_waits_for_an_acknowledgement_that_never_comes_is_let_go(error: BaseException) -> None:
    """It would hold its event until the drain."""
    waiting: list[asyncio.Event] = []

    async def dispatch(request: AsyncBoltRequest) -> None:
        waiting.append(request.context["acknowledged"])
        raise error

    async def no_answer(parsed: dict[str, Any]) -> None:
        return None

    async def receive() -> Message:
        return {"type": "http.request", "body": BODY}

    async def send(message: Message) -> None: ...

    receiving = EventsEndpoint(SIGNING_SECRET, Metrics())
    receiving.bot = SimpleNamespace(  # type: ignore[assignment]
        fast_path=SimpleNamespace(answer=no_answer), bolt=SimpleNamespace(async_dispatch=dispatch)
    )
    headers = [(name.encode(), value.encode()) for name, value in signed(BODY).items()]
    with pytest.raises(type(error)):
        await receiving({"type": "http", "headers": headers}, receive, send)
    assert [event.is_set() for event in waiting] == [True]


async def test_other_methods_are_refused(
    bot: WebProcess, slack: StandInSlack, http: aiohttp.ClientSession, logs: Logs
) -> None:
    for method in ("GET", "PUT", "DELETE", "PATCH", "OPTIONS", "HEAD"):
        async with http.request(method, f"{slack.bot_address}/slack/events", headers=signed(b"")) as answer:
            assert answer.status == 405, method
    assert not has_traceback(logs)


async def test_other_paths_are_not_there(bot: WebProcess, slack: StandInSlack, http: aiohttp.ClientSession) -> None:
    for path in ("/", "/slack", "/slack/events/x", "/slack/%2e%2e/events", "//"):
        async with http.post(f"{slack.bot_address}{path}", data=BODY, headers=signed(BODY)) as answer:
            assert answer.status == 404, path


# --- Signed, and yet nonsense --------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["JSON", "form"])
async def test_signed_nonsense_is_refused_without_a_traceback(
    bot: WebProcess, slack: StandInSlack, crm: SampleCrm, logs: Logs, kind: str
) -> None:
    """What is no text cannot be what Slack signed: it fails as a bad signature does."""
    statuses = {}
    for name, body in NOT_SLACKS.items():
        data = body if kind == "JSON" else b"payload=" + urlencode({"": body}).encode()[1:]
        statuses[name], _ = await slack.post(data, signed(data, JSON if kind == "JSON" else FORM))
    assert statuses == {**dict.fromkeys(NOT_SLACKS, 400), "not UTF-8": 401 if kind == "JSON" else 404}
    assert not has_traceback(logs)
    assert not crm.asked


OURS = {name: of_a_member(body) for name, body in {**INTERACTIONS, **EVENTS}.items()}
OUR_CLICK = of_a_member(CLICK)
NOBODYS = (
    "a submitted modal", "a submitted modal with several response_urls", "a closed modal", "a button of an attachment",
    "a step of a workflow", "a channel that was chosen", "a reaction", "a function",
    "too many events",
)  # fmt: skip
UNHANDLED: dict[str, dict[str, Any]] = {
    **{name: OURS[name] for name in NOBODYS},
    "an unknown button": {**OUR_CLICK, "actions": [{**OUR_CLICK["actions"][0], "action_id": "customer_teleport"}]},
    "an unknown shortcut": {**OURS["a global shortcut"], "callback_id": "customer_teleport"},
    "a message shortcut as a global one": {**OURS["a message shortcut"], "callback_id": "find_customer"},
    "an unknown event": {**EVENT, "event": {"type": "moon_rose"}},
    "an unknown type": {"type": "moon_rose"},
    "a type of one surrogate": {"type": "\ud800"},
    "no type": {},
    "a command as JSON": of_a_member({**COMMAND, "command": "/nothing"}),
    "a deep list where nobody looks": {"type": "moon_rose", "blocks": json.loads("[" * 300 + "]" * 300)},
    "a very deep list where nobody looks": {"type": "moon_rose", "blocks": json.loads("[" * 900 + "]" * 900)},
}


async def statuses_of(requests: Mapping[str, dict[str, Any]], slack: StandInSlack, content_type: str) -> dict[str, int]:
    """How the bot answers each of them, as JSON or in a form."""
    statuses = {}
    for name, body in requests.items():
        text = json.dumps(body)
        data = (text if content_type == JSON else urlencode({"payload": text})).encode()
        statuses[name], _ = await slack.post(data, signed(data, content_type))
    return statuses


@pytest.mark.parametrize("content_type", [JSON, FORM], ids=["JSON", "form"])
async def test_what_the_bot_has_no_listener_for_is_answered_and_logged(
    bot: WebProcess, slack: StandInSlack, logs: Logs, content_type: str
) -> None:
    assert await statuses_of(UNHANDLED, slack, content_type) == dict.fromkeys(UNHANDLED, 404)
    assert len(logs.lines("request_unhandled")) == len(UNHANDLED)
    assert not has_traceback(logs)


@pytest.mark.parametrize("content_type", [JSON, FORM], ids=["JSON", "form"])
async def test_what_slack_sends_of_its_own_accord_is_acknowledged(
    short_waits: None, bot: WebProcess, slack: StandInSlack, logs: Logs, content_type: str
) -> None:
    """Every subtype of a message, too: what is not acknowledged Slack sends again."""
    expected = {name: body for name, body in OURS.items() if name not in NOBODYS}
    assert await statuses_of(expected, slack, content_type) == dict.fromkeys(expected, 200)
    await idle(bot)
    assert not has_traceback(logs)


@pytest.mark.parametrize("content_type", [JSON, FORM], ids=["JSON", "form"])
async def test_whatever_another_organisation_does_is_acknowledged_and_asks_nothing_of_the_crm(
    short_waits: None, bot: WebProcess, slack: StandInSlack, crm: SampleCrm, logs: Logs, content_type: str
) -> None:
    """Known buttons and unknown ones: Slack has nothing to warn them of."""
    foreign = {
        name: json.loads(json.dumps(body).replace(f'"{TEAM}"', '"T111"'))
        for name, body in {**OURS, **UNHANDLED}.items()
        if isinstance(body.get("user"), dict) and "event" not in body
    }
    assert len(foreign) > 10
    assert await statuses_of(foreign, slack, content_type) == dict.fromkeys(foreign, 200)
    await idle(bot)
    assert {line["outcome"] for line in logs.lines("customer_lookup")} == {"denied"}
    assert not crm.asked
    assert not has_traceback(logs)


async def test_unknown_command_is_answered_and_logged(bot: WebProcess, slack: StandInSlack, logs: Logs) -> None:
    exchange = await slack.command("x", command="/nothing")
    assert exchange.status == 404
    assert [line["command"] for line in logs.lines("request_unhandled")] == ["/nothing"]
    assert not has_traceback(logs)


async def test_command_that_could_not_be_answered_is_refused(bot: WebProcess, slack: StandInSlack, logs: Logs) -> None:
    needed = ["team_id", "user_id", "channel_id", "response_url"]
    for missing in needed:
        body = urlencode({name: value for name, value in COMMAND.items() if name != missing}).encode()
        assert await slack.post(body, signed(body)) == (400, b"")
    assert [line["reason"] for line in logs.lines("request_refused")] == [f"{name} is missing" for name in needed]


async def test_content_type_changes_nothing_for_json(bot: WebProcess, slack: StandInSlack) -> None:
    body = json.dumps(EVENTS["the check of the address"]).encode()
    for content_type in ("application/json; charset=utf-16", "text/plain", "multipart/form-data", "", "x" * 500, "ÿ"):
        status, answer = await slack.post(body, signed(body, content_type))
        assert (status, json.loads(answer)) == (200, {"challenge": "3eZbrw1a"}), content_type


async def test_text_of_a_command_is_never_taken_for_structure(bot: WebProcess, slack: StandInSlack) -> None:
    for text in ("payload", "payload=1&payload", "我的 payload", "ssl_check"):
        [message] = (await slack.command(text)).shown
        assert message.text.startswith("没有这个名称的客户"), text


async def test_check_of_the_certificate_is_answered(bot: WebProcess, slack: StandInSlack) -> None:
    body = b"ssl_check=1&token=legacy"
    assert await slack.post(body, signed(body)) == (200, b"")


# --- Signed, and anything --------------------------------------------------------------------------------------------

KEYS = [
    "type", "subtype", "id", "team", "team_id", "user", "user_id", "user_team", "channel", "channel_id",
    "channel_type", "enterprise", "enterprise_id", "event", "event_id", "view", "message", "previous_message", "item",
    "assistant_thread", "function_data", "inputs", "container", "actions", "action", "authorizations",
    "response_urls", "response_url", "trigger_id", "challenge", "callback_id", "action_id", "block_id", "value",
    "command", "text", "function_execution_id", "execution_id", "bot_access_token", "bot_id", "app_id", "bot_profile",
    "thread_ts", "ts", "is_ext_shared_channel", "is_enterprise_install", "app_installed_team_id", "context_team_id",
    "context_enterprise_id", "state", "blocks", "payload", "token", "api_app_id", "name", "ssl_check", "error",
    "hidden", "workflow_step", "edited",
]  # fmt: skip
WORDS = [
    "block_actions", "event_callback", "view_submission", "view_closed", "shortcut", "message_action",
    "block_suggestion", "interactive_message", "dialog_submission", "dialog_suggestion", "url_verification",
    "workflow_step_edit", "function_executed", "message", "app_mention", "app_home_opened", "member_joined_channel",
    "link_shared", "message_changed", "bot_message", "assistant_thread", "app_uninstalled", "tokens_revoked",
    "customer_refresh", "/customer", "button", "U0BOT", "B0BOT", "T0PLAY", "1",
]  # fmt: skip

scalars = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.sampled_from([*WORDS, "http://127.0.0.1:9/"])
    | st.text(max_size=5)
)
values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(KEYS), inner, max_size=5),
    max_leaves=8,
)
objects = st.dictionaries(st.sampled_from(KEYS), values, max_size=8)
SLACKS_OWN = [*OURS.values(), *INTERACTIONS.values(), of_a_member(COMMAND), COMMAND]


def paths(part: Any) -> list[tuple[Any, ...]]:
    """Where in ``part`` something stands, at any depth."""
    inner = part.items() if isinstance(part, dict) else enumerate(part) if isinstance(part, list) else ()
    return [path for key, value in inner for path in ((key,), *((key, *rest) for rest in paths(value)))]


@st.composite
def distorted(draw: st.DrawFn) -> dict[str, Any]:
    """A request of Slack's in which one or two things are others than Slack sends, or are missing."""
    request: dict[str, Any] = json.loads(json.dumps(draw(st.sampled_from(SLACKS_OWN))))
    for _ in range(draw(st.integers(1, 2))):
        *parents, last = draw(st.sampled_from(paths(request) or [("type",)]))
        part: Any = request
        for key in parents:
            part = part[key]
        if isinstance(part, dict) and draw(st.booleans()):
            part.pop(last)
        else:
            part[last] = draw(values)
    if "response_url" in request:  # keep the test on this machine
        request["response_url"] = draw(st.sampled_from(["http://127.0.0.1:9/", "nowhere", "http://[", "\ud800"]))
    return request


HOME_WITHOUT_A_VIEW = {name: value for name, value in OURS["a button on Home"].items() if name != "view"}


@AnyHttp
@given(body=objects | distorted(), in_a_form=st.booleans())
@example(body=HOME_WITHOUT_A_VIEW, in_a_form=True)
async def test_any_signed_object_is_answered_without_a_traceback(
    short_waits: None, bot: WebProcess, slack: StandInSlack, logs: Logs, body: dict[str, Any], in_a_form: bool
) -> None:
    logged = len(logs.text)
    text = json.dumps(body)
    data = (urlencode({"payload": text}) if in_a_form else text).encode()
    status, _ = await slack.post(data, signed(data, FORM if in_a_form else JSON))
    assert status < 500
    await idle(bot)
    assert not has_traceback(logs, logged)


@AnyHttp
@given(
    fields=st.dictionaries(st.sampled_from(KEYS) | st.text(max_size=5), st.sampled_from(WORDS) | st.text(max_size=9))
)
async def test_any_signed_form_is_answered_without_a_traceback(
    bot: WebProcess, slack: StandInSlack, logs: Logs, fields: dict[str, str]
) -> None:
    logged = len(logs.text)
    data = urlencode(fields, errors="replace").encode()
    status, _ = await slack.post(data, signed(data))
    assert status < 500
    assert not has_traceback(logs, logged)


@AnyHttp
@given(body=st.binary(max_size=200), content_type=st.sampled_from([FORM, JSON, "", "text/plain; charset=utf-7"]))
async def test_any_signed_bytes_are_answered_without_a_traceback(
    bot: WebProcess, slack: StandInSlack, logs: Logs, body: bytes, content_type: str
) -> None:
    logged = len(logs.text)
    status, _ = await slack.post(body, signed(body, content_type))
    assert status < 500
    assert not has_traceback(logs, logged)


# --- Health and readiness ------------------------------------------------------------------------------------------


async def health(slack: StandInSlack, path: str = "/readyz") -> tuple[int, Any]:
    async with aiohttp.ClientSession() as session, session.get(f"{slack.bot_address}{path}") as answer:
        return answer.status, await answer.json()


async def until_ready_says(slack: StandInSlack, status: int, expected: dict[str, Any]) -> None:
    """Whatever it says besides. Raises TimeoutError if it does not."""
    async with asyncio.timeout(5):
        while True:
            given, said = await health(slack)
            if given == status and {**said, **expected} == said:
                return
            await asyncio.sleep(0.01)


def not_ready(*reasons: str) -> dict[str, Any]:
    return {"ready": False, "reasons": list(reasons)}


async def test_ready_once_slack_has_said_who_the_bot_is(bot: WebProcess, slack: StandInSlack) -> None:
    parts = dict.fromkeys(("database", "slack", "crm"), "ok")
    assert await health(slack) == (200, {"ready": True, "reasons": [], **parts})
    assert await health(slack, "/healthz") == (200, {"status": "ok"})


async def test_trouble_with_the_database_is_reported_and_is_no_reason_not_to_be_ready(
    start_bot: StartBot, slack: StandInSlack
) -> None:
    await start_bot(database_opens=False, database_url=NO_DATABASE)
    reason = "the database cannot be used: unable to open database file"
    await until_ready_says(slack, 200, {"ready": True, "reasons": [], "database": reason})


async def test_crm_that_is_down_is_reported_and_is_no_reason_not_to_be_ready(
    bot: WebProcess, slack: StandInSlack, crm: SampleCrm, documented: str
) -> None:
    """Old copies and cards that say so are answers, too."""
    crm.fault = FAULTS["down"]
    await slack.command(documented)
    await until_ready_says(slack, 200, {"ready": True, "reasons": [], "crm": "HTTP 503"})
    crm.fault = None
    await slack.command(documented)
    await until_ready_says(slack, 200, {"crm": "ok"})


@pytest.mark.parametrize("word", ["token_revoked", "invalid_auth", "account_inactive"])
async def test_token_that_slack_takes_no_more_is_reported_and_is_no_reason_not_to_be_ready(
    bot: WebProcess, slack: StandInSlack, logs: Logs, word: str
) -> None:
    """It is learnt from any of Slack's answers, logged in one line, and well again with the next answer."""
    slack.refuse["users.info"] = [word]
    await (await slack.command("anybody")).answers(1)
    await until_ready_says(slack, 200, {"ready": True, "reasons": [], "slack": word})
    assert [line["reason"] for line in logs.lines("slack_refuses_the_token")] == [word]
    await (await slack.command("anybody")).answers(1)
    await until_ready_says(slack, 200, {"slack": "ok"})


async def test_not_ready_while_slack_refuses_the_token_and_then_ready_by_itself(
    start_bot: StartBot, slack: StandInSlack, short_waits: None
) -> None:
    slack.auth_answers = ["invalid_auth"] * 100
    await start_bot(wait=False)
    await until_ready_says(slack, 503, not_ready("Slack answers auth.test with invalid_auth"))
    assert await health(slack, "/healthz") == (200, {"status": "ok"})
    slack.auth_answers.clear()
    await slack.wait_for_bot()


async def test_not_ready_while_slack_is_unreachable_and_then_ready_by_itself(
    start_bot: StartBot, slack: StandInSlack, logs: Logs, short_waits: None
) -> None:
    async with StandInSlack().open() as away:
        port = int(away.address.rpartition(":")[2])
    await start_bot(wait=False, slack_api_url=f"http://127.0.0.1:{port}/api")
    await until_ready_says(slack, 503, not_ready("Slack cannot be reached: ClientConnectorError"))
    assert await health(slack, "/healthz") == (200, {"status": "ok"})
    assert {line["level"] for line in logs.lines("slack_unreachable")} == {"warning"}
    async with StandInSlack().open(port) as back:
        assert back.address.endswith(str(port))
        await slack.wait_for_bot()


async def test_not_ready_from_the_moment_the_process_is_stopped(bot: WebProcess, slack: StandInSlack) -> None:
    server = uvicorn.Server(uvicorn.Config(bot.asgi_app(), log_config=None))
    bot.stop(server)
    assert server.should_exit
    await until_ready_says(slack, 503, not_ready("draining"))


async def test_not_ready_before_it_has_started() -> None:
    app = WebProcess(playground_settings("http://127.0.0.1:9", "http://127.0.0.1:9")).asgi_app()
    sent: list[Message] = []

    async def receive() -> Message:
        return {"type": "http.request"}

    async def send(message: Message) -> None:
        sent.append(message)

    await app({"type": "http", "method": "GET", "path": "/readyz", "headers": []}, receive, send)
    assert (sent[0]["status"], json.loads(sent[1]["body"])["reasons"]) == (503, ["starting"])


async def test_command_before_slack_is_known_is_asked_to_come_back(
    start_bot: StartBot, slack: StandInSlack, crm: SampleCrm, documented: str, short_waits: None
) -> None:
    slack.auth_answers = ["invalid_auth"] * 100
    await start_bot(wait=False)
    [message] = (await slack.command(documented)).shown
    assert message.text == "客户查询机器人正在启动，请几秒后再试。"
    assert not crm.asked
    slack.auth_answers.clear()
    await slack.wait_for_bot()
    [message] = (await slack.command(documented)).shown
    assert message.text == "胡效鑫1  CF00000179"


async def test_check_of_the_address_is_answered_before_slack_is_known(
    start_bot: StartBot, slack: StandInSlack, short_waits: None
) -> None:
    slack.auth_answers = ["invalid_auth"] * 100
    await start_bot(wait=False)
    body = json.dumps(EVENTS["the check of the address"]).encode()
    assert (await slack.post(body, signed(body, JSON)))[0] == 200


async def test_click_before_slack_is_known_is_asked_to_come_back(
    start_bot: StartBot, slack: StandInSlack, crm: SampleCrm, documented: str, short_waits: None
) -> None:
    """Nobody can tell yet who is of another organisation. In a modal there is nothing to tell it with."""
    slack.auth_answers = ["invalid_auth"] * 100
    await start_bot(wait=False)
    message = {"text": documented, "ts": "1700000000.000100"}
    for exchange in (
        await slack.click("customer_refresh", documented),
        await slack.choose("customer_menu", f"copy {documented}", user=OUTSIDER),
        await slack.message_shortcut("lookup_customer_in_message", message),
    ):
        [response] = await exchange.answers(1)
        assert response.text == "客户查询机器人正在启动，请几秒后再试。"
    assert (await slack.global_shortcut("find_customer")).status == 200
    assert [method for method, _ in slack.calls if method != "auth.test"] == []
    assert not crm.asked


async def test_event_before_slack_is_known_is_to_be_delivered_again(
    start_bot: StartBot, slack: StandInSlack, documented: str, short_waits: None
) -> None:
    slack.auth_answers = ["invalid_auth"] * 100
    await start_bot(wait=False, customer_url_template=TEMPLATE)
    said = await slack.post_message(link(documented))
    assert said.message is not None
    assert said.links is not None
    assert (said.message.status, said.links.status) == (503, 503)
    slack.auth_answers.clear()
    await slack.wait_for_bot()
    assert (await slack.redeliver(said.links)).status == 200
    [unfurl] = (await slack.until(lambda: slack.unfurls.get(said.ts))).values()
    assert "胡效鑫1" in str(unfurl.message.blocks)


async def test_requests_do_not_ask_slack_who_the_bot_is(bot: WebProcess, slack: StandInSlack, documented: str) -> None:
    for _ in range(3):
        await slack.command(documented)
        await (await slack.click("customer_refresh", documented)).answers(1)
    assert slack.asked == ["auth.test"]


async def test_process_that_is_stopped_asks_slack_no_more(
    crm: SampleCrm, slack: StandInSlack, short_waits: None
) -> None:
    slack.auth_answers = ["invalid_auth"] * 100
    process = WebProcess(playground_settings(crm.address, slack.address))
    async with loopback(process.asgi_app()) as slack.bot_address:
        await until_ready_says(slack, 503, not_ready("Slack answers auth.test with invalid_auth"))
    asked = len(slack.asked)
    await asyncio.sleep(0.15)
    assert len(slack.asked) == asked


# --- The acknowledgement's moment ------------------------------------------------------------------------------------


@pytest.mark.parametrize("what", ["command", "click"])
async def test_follow_up_waits_until_the_acknowledgement_has_been_written(
    slack: StandInSlack, crm: SampleCrm, clock: Clock, documented: str, what: str
) -> None:
    """However long the connection takes it: here a tenth of a second, in which the card has long been ready."""
    process = WebProcess(playground_settings(crm.address, slack.address, ack_budget_seconds=0.01), clock)
    crm.fault = Fault(delay=0.02)
    seen: list[Card] = []
    seen_before: list[int] = []
    slack.watch = seen.append

    async def slow_connection(scope: Scope, receive: Receive, send: Send) -> None:
        async def slowly(message: Message) -> None:
            if message["type"] == "http.response.body" and scope["path"] == "/slack/events":
                await asyncio.sleep(0.1)
                seen_before.append(len(seen))
            await send(message)

        await app(scope, receive, slowly)

    app = process.asgi_app()
    async with loopback(slow_connection) as slack.bot_address:
        await slack.wait_for_bot()
        exchange = await (
            slack.command(documented) if what == "command" else slack.click("customer_refresh", documented)
        )
        await exchange.answers(2 if what == "command" else 1)
    assert seen_before == [0]


async def test_event_is_not_claimed_before_its_acknowledgement_has_been_written(
    crm: SampleCrm, slack: StandInSlack, clock: Clock, database: str, documented: str
) -> None:
    """If the process were killed before that, Slack would deliver the event again, and it must be free then."""
    process = WebProcess(playground_settings(crm.address, slack.address, database_url=database), clock)
    reaches_slack = asyncio.Event()

    async def held_connection(scope: Scope, receive: Receive, send: Send) -> None:
        async def once_released(message: Message) -> None:
            if message["type"] == "http.response.start" and scope["path"] == "/slack/events":
                await reaches_slack.wait()
            await send(message)

        await app(scope, receive, once_released)

    app = process.asgi_app()
    async with loopback(held_connection) as slack.bot_address:
        await slack.wait_for_bot()
        await slack.wait_for_database()
        saying = asyncio.create_task(slack.post_message(documented))
        await eventually(lambda: crm.asked["GetCustomer"])
        await asyncio.sleep(0.1)
        assert not slack.posts[CHANNEL]
        reaches_slack.set()
        await saying
        await slack.until(lambda: slack.posts[CHANNEL])


# --- The process -----------------------------------------------------------------------------------------------------


@pytest.fixture
def signals() -> Iterator[None]:
    """What SIGTERM and SIGINT do in the tests' own process, put back."""
    before = {stop: signal.getsignal(stop) for stop in (signal.SIGTERM, signal.SIGINT)}
    yield
    for stop, handler in before.items():
        signal.signal(stop, handler)


def test_serving_drains_and_returns(signals: None, logs: Logs, documented: str) -> None:
    """Slack and the CRM live in a thread; the bot has the main one, as in its own process."""
    port = free_port()
    addresses: queue.Queue[tuple[str, str]] = queue.Queue()
    exchanges: list[Exchange] = []

    async def people() -> None:
        async with SampleCrm().open() as crm, StandInSlack().open() as slack:
            slack.bot_address = f"http://127.0.0.1:{port}"
            addresses.put((crm.address, slack.address))
            async with asyncio.timeout(10):
                while port not in [line.get("port") for line in logs.lines("serving")]:  # noqa: ASYNC110  # a thread's
                    await asyncio.sleep(0.01)
            await slack.wait_for_bot()
            crm.fault = Fault(delay=0.15)
            exchanges.append(await slack.command(documented))
            os.kill(os.getpid(), signal.SIGINT)
            await exchanges[0].answers(2)

    thread = threading.Thread(target=asyncio.run, args=(people(),))
    thread.start()
    settings = playground_settings(*addresses.get(timeout=10), host="127.0.0.1", port=port, ack_budget_seconds=0.05)
    serve(settings, Metrics())
    thread.join(10)
    assert [message.text for message in exchanges[0].shown] == [
        f"正在查询 {documented} · 结果随后送达",
        "胡效鑫1  CF00000179",
    ]
    assert [line["given_up"] for line in logs.lines("drained")] == [0]


def test_busy_port_is_not_served(signals: None) -> None:
    with listen("127.0.0.1", 0) as busy:
        port = busy.getsockname()[1]
        with pytest.raises(OSError, match="in use"):
            serve(playground_settings("http://127.0.0.1:9", host="127.0.0.1", port=port), Metrics())


def test_address_of_ipv6_can_be_listened_at() -> None:
    try:
        listening = listen("::1", 0)
    except OSError as error:
        pytest.skip(f"no IPv6 on this machine: {error}")
    with listening:
        assert listening.family == socket.AF_INET6
