"""The stand-in Slack: as strict as the real one where the bot could get it wrong."""

import asyncio
from typing import Any

import aiohttp
import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient
from starlette.responses import JSONResponse, PlainTextResponse, Response

from bot.playground.fake_slack.server import (
    ANSWER_SECONDS,
    APP_TOKEN,
    BOT_TOKEN,
    CHANNEL,
    RESPONSE_URL_USES,
    USER,
    StandInSlack,
)
from bot.slack.message import Message
from bot.slack.verification import Payload
from tests.slack.test_verification import CLICK, COMMAND
from tests.support.fake_bot import SomeBot, always, some_bot_fixture  # noqa: F401  # a fixture

TOO_LONG = {"text": "hello", "blocks": [{"type": "section", "text": {"type": "mrkdwn", "text": "x" * 3_001}}]}


async def post(address: str, answer: dict[str, Any]) -> tuple[int, str]:
    """Use a response_url."""
    async with aiohttp.ClientSession() as session, session.post(address, json=answer) as response:
        return response.status, await response.text()


async def test_requests_are_signed_and_look_like_slacks(some_bot: SomeBot, slack: StandInSlack) -> None:
    await slack.command("some text")
    await slack.click("customer_refresh", "a value")
    command, click = some_bot.sent
    assert some_bot.signed == [True, True]
    assert command.keys() <= COMMAND.keys()
    assert (command["command"], command["text"]) == ("/customer", "some text")
    assert click.keys() <= CLICK.keys()
    assert click["actions"][0].keys() <= CLICK["actions"][0].keys()
    assert command["response_url"] != click["response_url"]


@pytest.mark.parametrize(
    ("response", "shown"),
    [
        pytest.param(Response(), [], id="nothing"),
        pytest.param(PlainTextResponse("hello"), [Message("hello", [])], id="plain text"),
        pytest.param(JSONResponse({"text": "hello"}), [Message("hello", [])], id="JSON"),
        pytest.param(PlainTextResponse("hello", 500), [], id="an error"),
    ],
)
async def test_person_sees_what_the_acknowledgement_holds(
    some_bot: SomeBot, slack: StandInSlack, response: Response, shown: list[Message]
) -> None:
    some_bot.answer = always(response)
    exchange = await slack.command("x")
    assert exchange.status == response.status_code
    assert exchange.shown == shown


async def test_person_sees_a_timeout_when_no_acknowledgement_comes(
    some_bot: SomeBot, slack: StandInSlack, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def late(request: Payload) -> Response:
        await asyncio.sleep(0.1)
        return Response()

    monkeypatch.setattr("bot.playground.fake_slack.server.ACK_SECONDS", 0.02)
    some_bot.answer = late
    exchange = await slack.command("x")
    assert (exchange.status, exchange.acknowledged) == (0, False)
    assert exchange.shown == [Message("operation_timeout", [])]


async def test_acknowledgement_over_slacks_limits_fails_the_test(some_bot: SomeBot, slack: StandInSlack) -> None:
    some_bot.answer = always(JSONResponse(TOO_LONG))
    with pytest.raises(AssertionError, match="section of 3001 characters"):
        await slack.command("x")


async def test_response_url_can_be_used_five_times(some_bot: SomeBot, slack: StandInSlack) -> None:
    exchange = await slack.command("x")
    address = some_bot.sent[0]["response_url"]
    answers = [await post(address, {"text": str(number)}) for number in range(RESPONSE_URL_USES + 1)]
    assert answers == [(200, "ok")] * RESPONSE_URL_USES + [(404, "expired_url")]
    assert [message.text for message in exchange.shown] == ["0", "1", "2", "3", "4"]
    assert not exchange.overtaken


async def test_response_url_refuses_what_slack_would_not_show(some_bot: SomeBot, slack: StandInSlack) -> None:
    exchange = await slack.command("x")
    assert await post(some_bot.sent[0]["response_url"], TOO_LONG) == (400, "invalid_blocks")
    assert exchange.shown == []


async def test_response_url_that_slack_never_gave_is_expired(slack: StandInSlack) -> None:
    assert await post(f"{slack.address}/response/99", {"text": "x"}) == (404, "expired_url")


async def test_refusals_come_first_and_one_by_one(some_bot: SomeBot, slack: StandInSlack) -> None:
    exchange = await slack.command("x")
    slack.refusals = [PlainTextResponse("rate_limited", 429), PlainTextResponse("oops", 500)]
    answers = [await post(some_bot.sent[0]["response_url"], {"text": "x"}) for _ in range(3)]
    assert answers == [(429, "rate_limited"), (500, "oops"), (200, "ok")]
    assert len(exchange.shown) == 1


async def test_answer_before_the_acknowledgement_has_overtaken_it(some_bot: SomeBot, slack: StandInSlack) -> None:
    async def hasty(request: Payload) -> Response:
        assert await post(request["response_url"], {"text": "the card"}) == (200, "ok")
        return JSONResponse({"text": "looking"})

    some_bot.answer = hasty
    exchange = await slack.command("x")
    assert exchange.overtaken
    assert [message.text for message in exchange.shown] == ["the card", "looking"]


async def test_waiting_for_an_answer_or_for_the_bot_ends(
    some_bot: SomeBot, slack: StandInSlack, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No test and no demo hangs."""
    assert ANSWER_SECONDS < 60
    monkeypatch.setattr("bot.playground.fake_slack.server.ANSWER_SECONDS", 0.05)
    monkeypatch.setattr("bot.playground.fake_slack.exchange.ANSWER_SECONDS", 0.05)
    with pytest.raises(TimeoutError):
        await (await slack.command("x")).answers(1)
    with pytest.raises(TimeoutError):
        await slack.until(lambda: slack.posts[CHANNEL])
    with pytest.raises(TimeoutError):
        await slack.wait_for_bot()


@pytest.mark.parametrize(("token", "known"), [(BOT_TOKEN, True), ("xoxb-another", False)])
async def test_slack_knows_the_bots_token_alone(slack: StandInSlack, token: str, known: bool) -> None:
    client = AsyncWebClient(token=token, base_url=f"{slack.address}/api/")
    try:
        answer = (await client.auth_test())["user_id"]
    except SlackApiError as error:
        answer = error.response["error"]
    assert answer == ("U0BOT" if known else "invalid_auth")


async def test_connection_is_opened_for_the_apps_token_alone(slack: StandInSlack) -> None:
    client = AsyncWebClient(base_url=f"{slack.address}/api/")
    opened = await client.apps_connections_open(app_token=APP_TOKEN)
    assert opened["url"].startswith("ws://127.0.0.1:")
    with pytest.raises(SlackApiError, match="invalid_auth"):
        await client.apps_connections_open(app_token="xapp-another")


async def test_event_comes_over_socket_mode_and_says_that_it_comes_again(slack: StandInSlack) -> None:
    """An acknowledgement that comes too late is none, and does no harm."""
    client = AsyncWebClient(base_url=f"{slack.address}/api/")
    opened = await client.apps_connections_open(app_token=APP_TOKEN)
    async with aiohttp.ClientSession() as session, session.ws_connect(opened["url"]) as socket:
        assert (await socket.receive_json())["type"] == "hello"
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr("bot.playground.fake_slack.server.ACK_SECONDS", 0.02)
            exchange = await slack.event({"type": "app_home_opened", "user": USER})
        first = await socket.receive_json()
        await socket.send_json({"envelope_id": first["envelope_id"]})
        again = asyncio.create_task(slack.redeliver(exchange))
        second = await socket.receive_json()
        await socket.send_json({"envelope_id": second["envelope_id"]})
        assert ((await again).status, exchange.status) == (200, 0)
    assert (first["type"], first["payload"]) == (second["type"], second["payload"]) == ("events_api", exchange.request)
    assert [envelope["retry_attempt"] for envelope in (first, second)] == [0, 1]


async def test_closing_lets_held_calls_go(slack: StandInSlack) -> None:
    async with StandInSlack().open() as another:
        another.hold["auth.test"] = asyncio.Event()
        client = AsyncWebClient(token=BOT_TOKEN, base_url=f"{another.address}/api/")
        asking = asyncio.create_task(client.auth_test())
        await another.until(lambda: another.asked)
    assert (await asking)["ok"]
