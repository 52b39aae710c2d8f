"""Who the bot is in Slack: asked at the start until there is an answer, and then never again."""

import asyncio
from collections.abc import AsyncIterator, Callable

import aiohttp
import pytest
from slack_sdk.web.async_client import AsyncWebClient
from starlette.responses import HTMLResponse, JSONResponse, Response, StreamingResponse

from bot.playground.fake_slack.server import BOT_TOKEN, TEAM, StandInSlack
from bot.slack.identity import Identity, SlackIdentity
from tests.conftest import Logs

CONNECT = aiohttp.ClientTimeout(total=0.1)
REFUSED = JSONResponse({"ok": False, "error": "invalid_auth"})


@pytest.fixture
async def session() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession(timeout=CONNECT) as session:
        yield session


def identity(session: aiohttp.ClientSession, address: str, token: str = BOT_TOKEN) -> SlackIdentity:
    client = AsyncWebClient(token=token, base_url=f"{address}/api/", session=session, retry_handlers=[])
    return SlackIdentity(client, first_wait_seconds=0.01)


async def reason_of(asking: SlackIdentity) -> str:
    """Why Slack's answer did not do, once there has been one."""
    unasked = asking.reason
    learning = asyncio.create_task(asking.learn())
    async with asyncio.timeout(5):
        while True:
            if asking.reason != unasked:
                learning.cancel()
                return asking.reason
            await asyncio.sleep(0.005)


async def test_identity_is_what_slack_says(session: aiohttp.ClientSession, slack: StandInSlack, logs: Logs) -> None:
    asking = identity(session, slack.address)
    await asking.learn()
    assert asking.known == Identity(team_id=TEAM, enterprise_id="", bot_id="B0BOT", bot_user_id="U0BOT")
    assert slack.asked == ["auth.test"]
    assert [(line["team"], line["bot_user"]) for line in logs.lines("slack_identity")] == [(TEAM, "U0BOT")]


UNUSABLE: dict[str, tuple[Callable[[], Response], str, str]] = {
    "refused": (
        lambda: JSONResponse({"ok": False, "error": "account_inactive"}),
        "Slack answers auth.test with account_inactive",
        "slack_refused",
    ),
    "rate limited": (
        lambda: JSONResponse({"ok": False, "error": "ratelimited"}, 429),
        "Slack answers auth.test with ratelimited",
        "slack_refused",
    ),
    "no reason": (lambda: JSONResponse({"ok": False}), "Slack answers auth.test with HTTP 200", "slack_refused"),
    "HTML": (lambda: HTMLResponse("<html>oops", 500), "Slack answers auth.test with HTTP 500", "slack_refused"),
    "text from a gateway": (
        lambda: Response(b"no", 503, media_type="text/plain"),
        "Slack answers auth.test with HTTP 503",
        "slack_refused",
    ),
    "cut JSON": (
        lambda: Response(b'{"ok": tr', media_type="application/json"),
        "Slack answers auth.test with something that is no JSON",
        "slack_refused",
    ),
    "a list": (lambda: JSONResponse([1, 2]), "Slack's answer to auth.test cannot be read", "slack_unreadable"),
    "text": (
        lambda: Response(b"no", media_type="text/plain"),
        "Slack's answer to auth.test cannot be read",
        "slack_unreadable",
    ),
    "not UTF-8": (
        lambda: Response(b'{"ok": "\xff"}', media_type="application/json"),
        "Slack's answer to auth.test cannot be read",
        "slack_unreadable",
    ),
}


@pytest.mark.parametrize(("answer", "reason", "event"), UNUSABLE.values(), ids=UNUSABLE.keys())
async def test_unusable_answer_is_a_reason_and_is_asked_for_again(
    session: aiohttp.ClientSession,
    slack: StandInSlack,
    logs: Logs,
    answer: Callable[[], Response],
    reason: str,
    event: str,
) -> None:
    slack.auth_answers = [answer()]
    asking = identity(session, slack.address)
    assert await reason_of(asking) == reason
    assert asking.known is None
    assert [line["level"] for line in logs.lines(event)] == ["error"]
    await asking.learn()
    assert asking.known is not None


async def test_wrong_token_is_a_reason(session: aiohttp.ClientSession, slack: StandInSlack) -> None:
    assert await reason_of(identity(session, slack.address, "xoxb-old")) == "Slack answers auth.test with invalid_auth"


async def test_unreachable_slack_is_a_reason_and_a_warning(session: aiohttp.ClientSession, logs: Logs) -> None:
    asking = identity(session, "http://127.0.0.1:9")
    reason = await reason_of(asking)
    assert reason == "Slack cannot be reached: ClientConnectorError", "/readyz is open to all, and names no host"
    assert {line["level"] for line in logs.lines("slack_unreachable")} == {"warning"}
    assert "127.0.0.1:9" in logs.lines("slack_unreachable")[0]["reason"]


async def test_slack_that_does_not_answer_in_time_is_a_reason(
    session: aiohttp.ClientSession, slack: StandInSlack
) -> None:
    async def late() -> AsyncIterator[bytes]:
        await asyncio.sleep(0.15)
        yield b"{}"

    slack.auth_answers = [StreamingResponse(late(), media_type="application/json")]
    assert await reason_of(identity(session, slack.address)) == "Slack cannot be reached: TimeoutError"


async def test_slack_is_asked_less_and_less_often(session: aiohttp.ClientSession, slack: StandInSlack) -> None:
    """After 0.01, 0.02, 0.04, 0.08 s …"""
    slack.auth_answers = [REFUSED] * 100
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(identity(session, slack.address).learn(), 0.15)
    assert 2 <= len(slack.asked) <= 5
