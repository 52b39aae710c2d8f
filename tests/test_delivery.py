"""Answers on their way to the person: in the acknowledgement or after it, once, and never lost without a word."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import urlencode

import aiohttp
import pytest
from slack_bolt.context.ack.async_ack import AsyncAck
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from bot.background import Background
from bot.playground.loopback import loopback
from bot.playground.sample_crm import FAULTS, Fault, SampleCrm
from bot.playground.stand_in_slack import StandInSlack, signed_form_headers
from bot.slack.delivery import MAX_ATTEMPTS, Delivery
from bot.slack.message import Message
from bot.web import WebProcess
from tests.conftest import Logs, StartBot
from tests.test_requests import COMMAND

NAME = "胡效鑫1  CF00000179"
BLOCK = {"type": "section", "text": {"type": "mrkdwn", "text": "hello"}}
CARD = Message("hello", [BLOCK])
WAITING = Message("looking", [])


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.slack.delivery.RETRY_WAIT_SECONDS", 0.01)


@pytest.fixture
async def slow_bot(start_bot: StartBot, crm: SampleCrm) -> WebProcess:
    """A bot whose every card is too late for the acknowledgement."""
    process = await start_bot(ack_budget_seconds=0.01)
    crm.fault = Fault(delay=0.05)
    return process


class ResponseUrl:
    """Takes down what is posted to it; ``answer`` is what it says."""

    def __init__(self) -> None:
        self.address = ""
        self.posted: list[dict[str, Any]] = []
        self.answer = Response(b"ok")
        self.app = Starlette(routes=[Route("/secret-path", self._post, methods=["POST"])])

    async def _post(self, request: Request) -> Response:
        self.posted.append(await request.json())
        return self.answer


@pytest.fixture
async def response_url() -> AsyncIterator[ResponseUrl]:
    taking = ResponseUrl()
    async with loopback(taking.app) as address:
        taking.address = f"{address}/secret-path"
        yield taking


@pytest.fixture
async def background() -> AsyncIterator[Background]:
    background = Background()
    yield background
    assert await background.drain(0) == 0


@pytest.fixture
async def delivery(background: Background) -> AsyncIterator[Delivery]:
    async with aiohttp.ClientSession() as session:
        yield Delivery(session, background, ack_budget_seconds=0.02)


def acknowledging() -> AsyncAck:
    return AsyncAck()  # type: ignore[no-untyped-call]  # Bolt types its call, not its making


async def card(after: float = 0.0) -> Message:
    await asyncio.sleep(after)
    return CARD


def now() -> asyncio.Event:
    """An acknowledgement that has been written."""
    acknowledged = asyncio.Event()
    acknowledged.set()
    return acknowledged


# --- When and how --------------------------------------------------------------------------------------------------


async def test_card_that_is_ready_in_time_is_the_acknowledgement(
    delivery: Delivery, response_url: ResponseUrl, background: Background
) -> None:
    ack = acknowledging()
    await delivery.answer_command(ack, card(), WAITING, response_url.address, now())
    assert ack.response is not None
    assert '"text": "hello"' in ack.response.body
    assert '"response_type": "ephemeral"' in ack.response.body
    await background.drain(1)
    assert response_url.posted == []


async def test_late_card_replaces_the_waiting_line(
    delivery: Delivery, response_url: ResponseUrl, background: Background
) -> None:
    """Privately, even where the line cannot be replaced."""
    ack = acknowledging()
    await delivery.answer_command(ack, card(0.05), WAITING, response_url.address, now())
    assert ack.response is not None
    assert '"text": "looking"' in ack.response.body
    await background.drain(1)
    assert response_url.posted == [
        {"text": "hello", "blocks": [BLOCK], "response_type": "ephemeral", "replace_original": True}
    ]


async def test_click_is_acknowledged_at_once_and_its_card_replaced(
    delivery: Delivery, response_url: ResponseUrl, background: Background
) -> None:
    ack = acknowledging()
    await delivery.answer_click(ack, card(0.02), response_url.address, now())
    assert ack.response is not None
    assert (ack.response.status, ack.response.body) == (200, "")
    assert response_url.posted == []
    await background.drain(1)
    assert [post["replace_original"] for post in response_url.posted] == [True]


@pytest.mark.parametrize("click", [False, True], ids=["command", "click"])
async def test_nothing_is_sent_before_the_acknowledgement_has_been_written(
    delivery: Delivery, response_url: ResponseUrl, background: Background, click: bool
) -> None:
    acknowledged = asyncio.Event()
    if click:
        await delivery.answer_click(acknowledging(), card(), response_url.address, acknowledged)
    else:
        await delivery.answer_command(acknowledging(), card(0.03), WAITING, response_url.address, acknowledged)
    await asyncio.sleep(0.1)
    assert response_url.posted == []
    acknowledged.set()
    await background.drain(1)
    assert len(response_url.posted) == 1


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


async def test_expired_response_url_is_an_error_in_the_log(
    slow_bot: WebProcess, slack: StandInSlack, documented: str, logs: Logs
) -> None:
    exchange = await slack.command(documented)
    exchange.uses_left = 0
    await slow_bot_is_done(slow_bot)
    assert len(exchange.shown) == 1
    assert [line["reason"] for line in logs.lines("answer_not_delivered")] == ["expired_url"]


async def test_answer_without_a_word_is_named_by_its_status(
    delivery: Delivery, response_url: ResponseUrl, background: Background, logs: Logs
) -> None:
    response_url.answer = Response(b"", 403)
    await delivery.answer_click(acknowledging(), card(), response_url.address, now())
    await background.drain(1)
    assert [line["reason"] for line in logs.lines("answer_not_delivered")] == ["HTTP 403"]


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
    body = urlencode({**COMMAND, "response_url": address}).encode()
    assert (await slack.post(body, signed_form_headers(body)))[0] == 200
    await slow_bot_is_done(slow_bot)
    assert [line["reason"] for line in logs.lines("answer_not_delivered")] == [reason]
    assert "secret-path" not in logs.text


async def test_address_that_does_not_answer_in_time_is_not_logged_either(
    background: Background, response_url: ResponseUrl, crm: SampleCrm, logs: Logs
) -> None:
    """aiohttp names it in its error: here the one connection is taken, and no second is to be had."""
    crm.fault = FAULTS["hang"]
    timeout, connector = aiohttp.ClientTimeout(connect=0.02), aiohttp.TCPConnector(limit=1)
    async with aiohttp.ClientSession(timeout=timeout, connector=connector) as session:
        taken = asyncio.create_task(session.get(f"{crm.address}/open/v2/Customer/GetCustomer"))
        await asyncio.sleep(0.01)
        delivery = Delivery(session, background, ack_budget_seconds=0.01)
        await delivery.answer_click(acknowledging(), card(), response_url.address, now())
        await background.drain(2)
        taken.cancel()
    assert [line["reason"] for line in logs.lines("answer_not_delivered")] == ["ConnectionTimeoutError"]
    assert "secret-path" not in logs.text


async def slow_bot_is_done(process: WebProcess) -> None:
    """Until nothing is under way any more."""
    assert process._bot is not None
    async with asyncio.timeout(5):
        while True:
            if not len(process._bot.background):
                return
            await asyncio.sleep(0.01)
