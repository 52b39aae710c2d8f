"""Answers on their way to the person: in the acknowledgement or after it, once, and never lost without a word."""

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import urlencode

import aiohttp
import pytest
from slack_bolt.context.ack.async_ack import AsyncAck
from starlette.responses import HTMLResponse, JSONResponse, PlainTextResponse, Response

from bot.domain.inquiry import Asker
from bot.errors import StoreUnavailable
from bot.playground.fake_crm.server import FAULTS, Fault, SampleCrm
from bot.playground.fake_slack.server import (
    ARCHIVED_CHANNEL,
    CHANNEL,
    TEAM,
    USER,
    StandInSlack,
    signed_form_headers,
)
from bot.runtime.metrics import Metrics
from bot.server.http import WebProcess
from bot.slack.message import Message
from bot.slack.replies import MAX_ATTEMPTS, Replies
from tests.conftest import Logs, StartBot
from tests.slack.test_verification import COMMAND
from tests.support import slack_layer
from tests.support.slack_layer import (
    ASKER,
    OUTGOING,
    Layer,
    ResponseUrl,
    acknowledging,
    layer,
    open_response_url,
    reply,
    section,
)

NAME = "胡效鑫1  CF00000179"
CARD = slack_layer.card("hello")
THREAD = "1700000000.000100"


@pytest.fixture
async def slow_bot(start_bot: StartBot, crm: SampleCrm) -> WebProcess:
    """A bot whose every card is too late for the acknowledgement."""
    process = await start_bot(ack_budget_seconds=0.01)
    crm.fault = Fault(delay=0.05)
    return process


@pytest.fixture
async def response_url() -> AsyncIterator[ResponseUrl]:
    async with open_response_url() as taking:
        yield taking


@pytest.fixture
async def parts(slack: StandInSlack) -> AsyncIterator[Layer]:
    async with layer(slack.address) as parts:
        yield parts


@pytest.fixture
def replies(parts: Layer) -> Replies:
    return parts.replies


async def card(after: float = 0.0, message: Message = CARD) -> Message:
    await asyncio.sleep(after)
    return message


async def failing(error: Exception, after: float = 0.0) -> Message:
    await asyncio.sleep(after)
    raise error


def waiting() -> Message:
    return Message("looking", [])


def answered(ack: AsyncAck) -> dict[str, Any]:
    assert ack.response is not None
    assert ack.response.status == 200
    answer: dict[str, Any] = json.loads(ack.response.body)
    return answer


async def done(parts: Layer) -> None:
    assert await parts.background.drain(2) == 0


# --- When and how --------------------------------------------------------------------------------------------------


async def test_card_that_is_ready_in_time_is_the_acknowledgement(
    replies: Replies, response_url: ResponseUrl, parts: Layer, slack: StandInSlack
) -> None:
    ack = acknowledging()
    await replies.respond_to_command(ack, card(), waiting, reply(response_url.address))
    assert answered(ack) == {"text": "hello", "blocks": CARD.blocks, "response_type": "ephemeral"}
    await done(parts)
    assert not response_url.posted
    assert not slack.calls


async def test_late_card_replaces_the_waiting_line(replies: Replies, response_url: ResponseUrl, parts: Layer) -> None:
    """Privately, even where the line cannot be replaced."""
    ack = acknowledging()
    await replies.respond_to_command(ack, card(0.05), waiting, reply(response_url.address))
    assert answered(ack) == {"text": "looking", "response_type": "ephemeral"}
    await done(parts)
    assert response_url.posted == [
        {"text": "hello", "blocks": CARD.blocks, "response_type": "ephemeral", "replace_original": True}
    ]


async def test_waiting_line_is_made_only_when_it_is_needed(replies: Replies, response_url: ResponseUrl) -> None:
    def never() -> Message:
        raise AssertionError("nobody waits")

    await replies.respond_to_command(acknowledging(), card(), never, reply(response_url.address))


async def test_card_that_was_clicked_is_replaced(replies: Replies, response_url: ResponseUrl, parts: Layer) -> None:
    replies.respond(card(0.02), reply(response_url.address), replace_original=True)
    await done(parts)
    assert response_url.posted == [
        {"text": "hello", "blocks": CARD.blocks, "response_type": "ephemeral", "replace_original": True}
    ]


async def test_error_is_shown_beside_what_was_clicked(
    replies: Replies, response_url: ResponseUrl, parts: Layer
) -> None:
    """Which stays: it may be everybody's."""
    replies.respond(card(0.02), reply(response_url.address))
    await done(parts)
    assert response_url.posted == [
        {"text": "hello", "blocks": CARD.blocks, "response_type": "ephemeral", "replace_original": False}
    ]


@pytest.mark.parametrize("way", ["command", "replace", "beside"])
async def test_nothing_is_sent_before_the_acknowledgement_has_been_written(
    replies: Replies, response_url: ResponseUrl, parts: Layer, way: str
) -> None:
    whom = reply(response_url.address)._replace(acknowledged=asyncio.Event())
    if way == "command":
        await replies.respond_to_command(acknowledging(), card(0.03), waiting, whom)
    else:
        replies.respond(card(), whom, replace_original=way == "replace")
    await asyncio.sleep(0.06)
    assert response_url.posted == []
    whom.acknowledged.set()
    await done(parts)
    assert len(response_url.posted) == 1


# --- Where there is no response_url, or none any more ----------------------------------------------------------------

GONE = {
    "expired": PlainTextResponse("expired_url", 404),
    "used up": PlainTextResponse("used_url", 404),
    "not found": Response(b"", 404),
    "gone": Response(b"", 410),
    "used up, in JSON": JSONResponse({"ok": False, "error": "used_url"}, 404),
    "in another wording": JSONResponse({"ok": False, "error": "Expired url"}, 404),
    "not found, in HTML": HTMLResponse("<html><h1>Not Found</h1> /secret-path", 404),
}


@pytest.mark.parametrize("answer", GONE.values(), ids=GONE.keys())
@pytest.mark.parametrize("thread_ts", ["", THREAD], ids=["channel", "thread"])
async def test_answer_to_an_expired_response_url_comes_as_an_ephemeral_message(
    replies: Replies,
    response_url: ResponseUrl,
    parts: Layer,
    slack: StandInSlack,
    logs: Logs,
    answer: Response,
    thread_ts: str,
) -> None:
    response_url.answers = [answer]
    replies.respond(card(), reply(response_url.address, thread_ts=thread_ts), replace_original=True)
    await done(parts)
    [shown] = slack.ephemerals[CHANNEL, USER]
    assert (shown.message, shown.thread_ts) == (CARD, thread_ts)
    assert len(response_url.posted) == 1
    assert not logs.lines("answer_not_delivered")
    assert "secret-path" not in logs.text


@pytest.mark.parametrize("way", ["replace", "beside"])
async def test_answer_without_a_response_url_comes_as_an_ephemeral_message(
    replies: Replies, parts: Layer, slack: StandInSlack, way: str
) -> None:
    replies.respond(card(), reply(thread_ts=THREAD), replace_original=way == "replace")
    await done(parts)
    assert [(shown.message, shown.thread_ts) for shown in slack.ephemerals[CHANNEL, USER]] == [(CARD, THREAD)]


async def test_text_goes_alone_where_slack_refuses_the_blocks_of_an_ephemeral_message(
    replies: Replies, parts: Layer, slack: StandInSlack, logs: Logs
) -> None:
    slack.refuse["chat.postEphemeral"] = ["invalid_blocks"]
    replies.respond(card(), reply())
    await done(parts)
    assert [shown.message for shown in slack.ephemerals[CHANNEL, USER]] == [Message("hello", [])]
    assert [line["reason"] for line in logs.lines("blocks_refused")] == ["invalid_blocks"]


async def test_ephemeral_message_is_sent_again_where_that_may_help(
    replies: Replies, parts: Layer, slack: StandInSlack
) -> None:
    slack.refuse["chat.postEphemeral"] = [JSONResponse({}, 503)]
    replies.respond(card(), reply())
    await done(parts)
    assert [shown.message for shown in slack.ephemerals[CHANNEL, USER]] == [CARD]


@pytest.mark.parametrize(
    ("asker", "reason"),
    [
        pytest.param(Asker(TEAM, USER, ""), "expired_url", id="no channel"),
        pytest.param(Asker(TEAM, USER, ARCHIVED_CHANNEL), "is_archived", id="an archived channel"),
        pytest.param(Asker(TEAM, USER, "C0NEVER"), "channel_not_found", id="an unknown channel"),
        pytest.param(Asker(TEAM, "U0NEVER", CHANNEL), "user_not_in_channel", id="somebody who is not there"),
    ],
)
async def test_answer_that_cannot_be_delivered_at_all_is_an_error_in_the_log(
    replies: Replies, parts: Layer, logs: Logs, asker: Asker, reason: str
) -> None:
    replies.respond(card(), reply(asker=asker))
    await done(parts)
    assert [(line["level"], line["reason"]) for line in logs.lines("answer_not_delivered")] == [("error", reason)]


async def test_answer_that_the_end_of_the_process_cuts_off_is_in_the_log_with_a_code(
    replies: Replies, response_url: ResponseUrl, parts: Layer, logs: Logs
) -> None:
    """A user who reads "looking" for ever can learn why."""
    await replies.respond_to_command(acknowledging(), card(600), waiting, reply(response_url.address))
    await parts.background.drain(0.05)
    [line] = logs.lines("answer_not_delivered")
    assert (line["level"], line["reason"]) == ("error", "ended")
    assert line["code"].startswith("E-")
    assert not response_url.posted


# --- Bugs ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("after", [0.0, 0.05], ids=["in time", "late"])
async def test_bug_in_a_card_is_reported_with_the_code_of_the_log(
    replies: Replies, response_url: ResponseUrl, parts: Layer, logs: Logs, after: float
) -> None:
    ack = acknowledging()
    await replies.respond_to_command(ack, failing(RuntimeError("a bug"), after), waiting, reply(response_url.address))
    await done(parts)
    [line] = logs.lines("answer_failed")
    assert [answered(ack)["text"], *response_url.texts][-1] == f"sorry, {USER}: internal {line['code']}"
    assert len(response_url.posted) == (1 if after else 0)
    assert line["level"] == "error"
    assert "RuntimeError: a bug" in line["exception"]


@pytest.mark.parametrize("way", ["replace", "beside"])
async def test_bug_after_a_click_is_reported(
    replies: Replies, response_url: ResponseUrl, parts: Layer, logs: Logs, way: str
) -> None:
    card = failing(RuntimeError("a bug"))
    replies.respond(card, reply(response_url.address), replace_original=way == "replace")
    await done(parts)
    assert response_url.texts == [f"sorry, {USER}: internal {logs.lines('answer_failed')[0]['code']}"]


async def test_unavailable_database_is_reported_as_such(
    replies: Replies, response_url: ResponseUrl, parts: Layer, logs: Logs
) -> None:
    replies.respond(failing(StoreUnavailable("the database is not open yet")), reply(response_url.address))
    await done(parts)
    [line] = logs.lines("store_failed")
    assert response_url.texts == [f"sorry, {USER}: store {line['code']}"]
    assert (line["level"], line["reason"]) == ("warning", "the database is not open yet")


async def test_card_over_slacks_limits_goes_as_its_text(
    replies: Replies, response_url: ResponseUrl, parts: Layer, logs: Logs
) -> None:
    """In the acknowledgement too, whose refusal nobody would hear of."""
    too_long = Message("hello", [section("x" * 3_001)])
    ack = acknowledging()
    await replies.respond_to_command(ack, card(0, too_long), waiting, reply(response_url.address))
    assert answered(ack) == {"text": "hello", "response_type": "ephemeral"}
    replies.respond(card(0, too_long), reply(response_url.address))
    await done(parts)
    assert [("blocks" in posted, posted["text"]) for posted in response_url.posted] == [(False, "hello")]
    assert len(logs.lines("card_over_limits")) == 2


# --- When Slack does not take it -------------------------------------------------------------------------------------

PASSING = {
    "rate limited": [PlainTextResponse("rate_limited", 429)],
    "HTTP 500": [PlainTextResponse("oops", 500)],
    "HTTP 502 in no encoding": [Response(b"\xff\xfe", 502, media_type="text/html; charset=utf-8")],
    "twice": [PlainTextResponse("", 503), PlainTextResponse("rate_limited", 429)],
}


@pytest.mark.parametrize("refusals", PASSING.values(), ids=PASSING.keys())
async def test_card_arrives_once_when_slack_takes_it_later(
    slow_bot: WebProcess, slack: StandInSlack, documented: str, logs: Logs, refusals: list[Response]
) -> None:
    slack.refusals = list(refusals)
    exchange = await slack.command(documented)
    await exchange.answers(2)
    await slow_bot_is_done(slow_bot)
    [_, card] = exchange.shown
    assert card.text == NAME
    assert card.blocks
    assert not logs.lines("answer_not_delivered")


async def test_card_that_slack_never_takes_is_an_error_in_the_log(
    slow_bot: WebProcess, slack: StandInSlack, documented: str, logs: Logs
) -> None:
    slack.refusals = [PlainTextResponse("", 500) for _ in range(MAX_ATTEMPTS)]
    exchange = await slack.command(documented)
    await slow_bot_is_done(slow_bot)
    assert len(exchange.shown) == 1
    assert [(line["level"], line["reason"]) for line in logs.lines("answer_not_delivered")] == [("error", "HTTP 500")]


async def test_text_goes_alone_where_slack_refuses_the_blocks(
    slow_bot: WebProcess, slack: StandInSlack, documented: str, logs: Logs
) -> None:
    slack.refusals = [PlainTextResponse("invalid_blocks", 400)]
    shown = await (await slack.command(documented)).answers(2)
    assert shown[1] == Message(NAME, [])
    assert [(line["level"], line["reason"]) for line in logs.lines("blocks_refused")] == [("error", "invalid_blocks")]
    assert not logs.lines("answer_not_delivered")


async def test_card_comes_as_an_ephemeral_message_when_the_response_url_has_expired(
    slow_bot: WebProcess, slack: StandInSlack, documented: str, logs: Logs
) -> None:
    exchange = await slack.command(documented)
    exchange.uses_left = 0
    await slow_bot_is_done(slow_bot)
    assert len(exchange.shown) == 1
    assert [shown.message.text for shown in slack.ephemerals[CHANNEL, USER]] == [NAME]
    assert not logs.lines("answer_not_delivered")


async def test_text_that_is_refused_too_is_an_error_in_the_log(
    replies: Replies, response_url: ResponseUrl, parts: Layer, logs: Logs
) -> None:
    response_url.answers = [PlainTextResponse("invalid_blocks", 400), PlainTextResponse("no_text", 400)]
    replies.respond(card(), reply(response_url.address))
    await done(parts)
    assert [line["reason"] for line in logs.lines("answer_not_delivered")] == ["no_text"]


async def test_refusal_in_json_is_a_refusal_whatever_its_status(
    replies: Replies, response_url: ResponseUrl, parts: Layer, logs: Logs
) -> None:
    response_url.answers = [JSONResponse({"ok": False, "error": "invalid_blocks"}), JSONResponse({"ok": True})]
    replies.respond(card(), reply(response_url.address))
    await done(parts)
    assert ["blocks" in posted for posted in response_url.posted] == [True, False]
    assert [line["reason"] for line in logs.lines("blocks_refused")] == ["invalid_blocks"]
    assert not logs.lines("answer_not_delivered")


UNNAMED = {
    "nothing": Response(b"", 403),
    "HTML": HTMLResponse("<html>Forbidden: /secret-path", 403),
    "a sentence": PlainTextResponse("You may not POST to /secret-path", 403),
    "a sentence about blocks": PlainTextResponse("no blocks for /secret-path", 403),
}


@pytest.mark.parametrize("answer", UNNAMED.values(), ids=UNNAMED.keys())
async def test_answer_without_a_word_of_slacks_is_named_by_its_status(
    replies: Replies, response_url: ResponseUrl, parts: Layer, logs: Logs, answer: Response
) -> None:
    """What a proxy says instead may hold the address, with which anybody could answer in the bot's name."""
    response_url.answers = [answer]
    replies.respond(card(), reply(response_url.address))
    await done(parts)
    assert [line["reason"] for line in logs.lines("answer_not_delivered")] == ["HTTP 403"]
    assert "secret-path" not in logs.text


@pytest.mark.parametrize(
    ("address", "reason"),
    [
        pytest.param("http://127.0.0.1:9/secret-path", "ClientConnectorError", id="nobody listens"),
        pytest.param("secret-path", "InvalidUrlClientError", id="no address"),
        pytest.param("http://[secret-path", "InvalidUrlClientError", id="no address at all"),
        pytest.param("ftp://secret-path", "NonHttpUrlClientError", id="another protocol"),
    ],
)
async def test_address_that_cannot_be_reached_is_an_error_in_the_log_and_no_crash(
    slow_bot: WebProcess, slack: StandInSlack, logs: Logs, address: str, reason: str
) -> None:
    """The address itself is not logged: with it anybody could answer in the bot's name."""
    body = urlencode({**COMMAND, "team_id": TEAM, "user_id": USER, "response_url": address}).encode()
    assert (await slack.post(body, signed_form_headers(body)))[0] == 200
    await slow_bot_is_done(slow_bot)
    assert [line["reason"] for line in logs.lines("answer_not_delivered")] == [reason]
    assert "secret-path" not in logs.text


async def test_address_that_does_not_answer_in_time_is_not_logged_either(
    parts: Layer, response_url: ResponseUrl, crm: SampleCrm, logs: Logs
) -> None:
    """aiohttp names it in its error: here the one connection is taken, and no second is to be had."""
    crm.fault = FAULTS["hang"]
    timeout, connector = aiohttp.ClientTimeout(connect=0.02), aiohttp.TCPConnector(limit=1)
    async with aiohttp.ClientSession(timeout=timeout, connector=connector) as session:
        taken = asyncio.create_task(session.get(f"{crm.address}/open/v2/Customer/GetCustomer"))
        await asyncio.sleep(0.01)
        replies = Replies(session, parts.api, parts.background, OUTGOING, 0.01, Metrics())
        replies.respond(card(), reply(response_url.address, ASKER._replace(channel="")))
        await done(parts)
        taken.cancel()
    assert [line["reason"] for line in logs.lines("answer_not_delivered")] == ["ConnectionTimeoutError"]
    assert "secret-path" not in logs.text


async def slow_bot_is_done(process: WebProcess) -> None:
    """Until nothing is under way any more."""
    assert process.bot is not None
    async with asyncio.timeout(5):
        while True:
            if not len(process.bot.background):
                return
            await asyncio.sleep(0.01)
