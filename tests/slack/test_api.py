"""Calls of Slack's Web API: what may be repeated and what not, and what every kind of trouble becomes."""

import asyncio
import random
import traceback
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
import pytest
from slack_sdk.webhook.async_client import AsyncWebhookClient
from starlette.responses import HTMLResponse, JSONResponse, PlainTextResponse, Response

from bot.errors import SlackError, SlackRefused, SlackUnreachable
from bot.playground.fake_slack.server import BOT_TOKEN, CHANNEL, USER, StandInSlack
from bot.runtime.metrics import Metrics
from bot.slack.api import MAX_ATTEMPTS, SlackApi
from bot.slack.identity import slack_session, web_client
from tests.support.raw_server import NO_RESPONSE, RESET, RawServer, Said, always, http
from tests.support.slack_layer import connected, eventually, modal


async def _allow() -> None:
    """Posts need to ask nothing here."""


Verb = Callable[[SlackApi], Coroutine[Any, Any, dict[str, Any]]]

READ: Verb = lambda api: api.read("users.info", user=USER)  # noqa: E731
SEND: Verb = lambda api: api.send("chat.postEphemeral", channel=CHANNEL, user=USER, text="hello")  # noqa: E731
POST: Verb = lambda api: api.post("chat.postMessage", _allow, {"channel": CHANNEL, "text": "hello"})  # noqa: E731
AT_ONCE: Verb = lambda api: api.call("views.open", trigger_id="1", view=modal("hello"))  # noqa: E731
VERBS = {"read": READ, "send": SEND, "post": POST, "at once": AT_ONCE}
METHOD = {READ: "users.info", SEND: "chat.postEphemeral", POST: "chat.postMessage", AT_ONCE: "views.open"}
WAITING = {name: verb for name, verb in VERBS.items() if verb is not AT_ONCE}

REDIRECTS = [301, 302, 303, 307, 308]

every_verb = pytest.mark.parametrize("verb", VERBS.values(), ids=VERBS.keys())
waiting_verbs = pytest.mark.parametrize("verb", WAITING.values(), ids=WAITING.keys())


@pytest.fixture
async def api(slack: StandInSlack) -> AsyncIterator[SlackApi]:
    async with connected(slack.address) as api:
        yield api


def rate_limited(seconds: str = "0") -> Response:
    return JSONResponse({"ok": False, "error": "ratelimited"}, 429, headers={"Retry-After": seconds})


async def error_of(calling: Awaitable[Any]) -> SlackError:
    with pytest.raises(SlackError) as raised:
        await calling
    return raised.value


# --- What is sent ----------------------------------------------------------------------------------------------------


async def test_what_slack_answers_is_given_as_it_is(api: SlackApi, slack: StandInSlack) -> None:
    answer = await api.read("users.info", user=USER, include_locale="true")
    assert (answer["user"]["id"], answer["user"]["locale"]) == (USER, "zh-CN")
    assert slack.calls == [("users.info", {"user": USER, "include_locale": "true"})]


async def test_lists_and_objects_arrive_as_they_are(api: SlackApi, slack: StandInSlack) -> None:
    blocks = modal("客户 <&>")["blocks"]
    await api.post("chat.postMessage", _allow, {"channel": CHANNEL, "text": "客户", "blocks": blocks})
    assert slack.posts[CHANNEL][0].message == ("客户", blocks)


# --- How often -------------------------------------------------------------------------------------------------------

ALL = MAX_ATTEMPTS
PASSING: dict[str, tuple[Callable[[], Response], tuple[int, int, int, int]]] = {
    "rate limited": (rate_limited, (ALL, ALL, ALL, 1)),
    "rate limited by a gateway": (lambda: HTMLResponse("", 429, {"Retry-After": "0"}), (ALL, ALL, ALL, 1)),
    "HTTP 500": (lambda: JSONResponse({"ok": False, "error": "fatal_error"}, 500), (ALL, ALL, 1, 1)),
    "HTTP 503 of a gateway": (lambda: PlainTextResponse("busy", 503), (ALL, ALL, 1, 1)),
    "HTML instead of an answer": (lambda: HTMLResponse("<html>log in"), (ALL, ALL, 1, 1)),
    "cut JSON": (lambda: Response(b'{"ok": tr', media_type="application/json"), (ALL, ALL, 1, 1)),
    "refused": (lambda: JSONResponse({"ok": False, "error": "channel_not_found"}), (1, 1, 1, 1)),
    "refused as HTTP 400": (lambda: JSONResponse({"ok": False, "error": "invalid_json"}, 400), (1, 1, 1, 1)),
}


@pytest.mark.parametrize(("answer", "times"), PASSING.values(), ids=PASSING.keys())
@every_verb
async def test_a_call_is_repeated_only_where_that_may_help_and_does_no_harm(
    api: SlackApi, slack: StandInSlack, verb: Verb, answer: Callable[[], Response], times: tuple[int, int, int, int]
) -> None:
    slack.refuse[METHOD[verb]] = [answer() for _ in range(ALL + 1)]
    await error_of(verb(api))
    assert len(slack.calls) == times[list(VERBS.values()).index(verb)]


BROKEN = {"a reset": RESET, "no answer": NO_RESPONSE, "an answer that breaks off": Said(http(b"{}").text[:-2])}


@pytest.mark.parametrize("said", BROKEN.values(), ids=BROKEN.keys())
@every_verb
async def test_what_slack_may_have_taken_is_not_posted_again(verb: Verb, said: Said) -> None:
    async with RawServer().open() as server, connected(server.address, seconds=0.1) as api:
        server.say = always(said)
        assert isinstance(await error_of(verb(api)), SlackUnreachable)
        assert len(server.targets) == 1 if verb in (POST, AT_ONCE) else len(server.targets) > 1


async def test_post_that_slack_takes_too_late_is_there_once(slack: StandInSlack) -> None:
    taken = slack.hold["chat.postMessage"] = asyncio.Event()
    async with connected(slack.address, seconds=0.05) as api:
        assert isinstance(await error_of(POST(api)), SlackUnreachable)
    taken.set()
    await slack.until(lambda: slack.posts[CHANNEL])
    assert len(slack.posts[CHANNEL]) == 1


@waiting_verbs
async def test_call_that_slack_takes_at_last_has_an_answer(api: SlackApi, slack: StandInSlack, verb: Verb) -> None:
    slack.refuse[METHOD[verb]] = [rate_limited() for _ in range(ALL - 1)]
    assert (await verb(api))["ok"] is True
    assert len(slack.calls) == ALL


async def test_post_that_was_rate_limited_is_there_once(api: SlackApi, slack: StandInSlack) -> None:
    slack.refuse["chat.postMessage"] = [rate_limited()]
    await POST(api)
    assert [posted.message.text for posted in slack.posts[CHANNEL]] == ["hello"]


@asynccontextmanager
async def refusing_at_first(port: int) -> AsyncIterator[StandInSlack]:
    """A Slack that nobody can connect to for a moment."""
    await asyncio.sleep(0.02)
    async with StandInSlack().open(port) as slack:
        yield slack


@waiting_verbs
async def test_refused_connection_is_tried_again(verb: Verb, monkeypatch: pytest.MonkeyPatch) -> None:
    """Slack has not seen the request: a post too may go out a second time."""
    monkeypatch.setattr("bot.slack.api.RETRY_WAIT_SECONDS", 0.1)
    port = random.randrange(20_000, 30_000)  # below those that servers get which ask for any
    async with connected(f"http://127.0.0.1:{port}") as api:
        calling = asyncio.create_task(verb(api))
        async with refusing_at_first(port) as slack:
            assert (await calling)["ok"] is True
            assert len(slack.calls) == 1


async def test_refused_connection_is_not_tried_again_on_a_trigger_id() -> None:
    async with connected("http://127.0.0.1:9") as api, asyncio.timeout(1):
        assert str(await error_of(AT_ONCE(api))) == "no connection"


# --- Retry-After -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("seconds", ["30", "60", "soon", "-5", ""])
@waiting_verbs
async def test_slack_says_how_long_to_wait(api: SlackApi, slack: StandInSlack, verb: Verb, seconds: str) -> None:
    """A second where it does not say that in a number."""
    slack.refuse[METHOD[verb]] = [rate_limited(seconds)]
    waiting = asyncio.create_task(verb(api))
    await eventually(lambda: slack.calls)
    await asyncio.sleep(0.05)
    assert not waiting.done()
    assert len(slack.calls) == 1
    waiting.cancel()


@pytest.mark.parametrize("seconds", ["61", "3600", "9" * 400])
@waiting_verbs
async def test_nobody_waits_for_more_than_a_minute(
    api: SlackApi, slack: StandInSlack, verb: Verb, seconds: str
) -> None:
    slack.refuse[METHOD[verb]] = [rate_limited(seconds)]
    async with asyncio.timeout(5):
        error = await error_of(verb(api))
    assert isinstance(error, SlackRefused)
    assert error.code == "ratelimited"
    assert len(slack.calls) == 1


async def test_trigger_id_never_waits(api: SlackApi, slack: StandInSlack) -> None:
    slack.refuse["views.open"] = [rate_limited("30")]
    async with asyncio.timeout(5):
        error = await error_of(AT_ONCE(api))
    assert str(error) == "ratelimited"


# --- What trouble becomes --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("word", ["channel_not_found", "is_archived", "invalid_blocks", "ratelimited", "missing_scope"])
@every_verb
async def test_refusal_is_slacks_own_word(api: SlackApi, slack: StandInSlack, verb: Verb, word: str) -> None:
    slack.refuse[METHOD[verb]] = [word]
    error = await error_of(verb(api))
    assert isinstance(error, SlackRefused)
    assert (error.code, str(error)) == (word, word)


def json_of(body: bytes) -> Response:
    return Response(body, media_type="application/json")


UNREADABLE: dict[str, Callable[[], Response]] = {
    "HTML": lambda: HTMLResponse(f"<html>{BOT_TOKEN}"),
    "HTML and 500": lambda: HTMLResponse(f"<html>{BOT_TOKEN}", 500),
    "text": lambda: PlainTextResponse(BOT_TOKEN),
    "text and 502": lambda: PlainTextResponse(BOT_TOKEN, 502),
    "nothing": lambda: Response(b""),
    "nothing as JSON": lambda: json_of(b""),
    "cut JSON": lambda: json_of(f'{{"token": "{BOT_TOKEN}", '.encode()),
    "a list": lambda: json_of(f'["{BOT_TOKEN}"]'.encode()),
    "a number": lambda: json_of(b"1"),
    "a text": lambda: json_of(f'"{BOT_TOKEN}"'.encode()),
    "null": lambda: json_of(b"null"),
    "not UTF-8": lambda: json_of(b'{"ok": "\xff"}'),
    "another encoding than it says": lambda: Response(
        b"{}", headers={"content-type": "application/json", "content-encoding": "gzip"}
    ),
    "neither ok nor a reason": lambda: json_of(b"{}"),
    "not ok without a reason": lambda: json_of(b'{"ok": false}'),
    "another archive": lambda: Response(b"PK", media_type="application/gzip"),
}


@pytest.mark.parametrize("answer", UNREADABLE.values(), ids=UNREADABLE.keys())
@pytest.mark.parametrize("verb", [READ, POST], ids=["read", "post"])
async def test_answer_that_is_none_of_slacks_is_no_answer(
    api: SlackApi, slack: StandInSlack, verb: Verb, answer: Callable[[], Response]
) -> None:
    """And what it says, which may be what it was sent, is not repeated."""
    slack.refuse[METHOD[verb]] = [answer() for _ in range(ALL)]
    error = await error_of(verb(api))
    assert isinstance(error, SlackUnreachable)
    assert BOT_TOKEN not in "".join(traceback.format_exception(error))


@every_verb
async def test_no_address_and_no_token_stand_in_an_error(slack: StandInSlack, verb: Verb) -> None:
    """They would reach the log."""
    unreachable = "http://127.0.0.1:9"
    for address in (unreachable, slack.address):
        slack.refuse[METHOD[verb]] = [JSONResponse({"ok": False, "error": "fatal_error"}, 500) for _ in range(ALL)]
        async with connected(address) as api:
            error = await error_of(verb(api))
        shown = str(error) + repr(error)
        assert BOT_TOKEN not in shown
        assert "127.0.0.1" not in shown


@pytest.mark.parametrize("status", REDIRECTS)
async def test_redirect_leads_nowhere(status: int) -> None:
    """Neither a card nor the token reaches another host, whatever stands between."""
    async with RawServer().open() as other, RawServer().open() as server, slack_session() as session:
        server.say = always(http(status=status, Location=f"{other.address}/api/chat.postMessage"))
        api = SlackApi(web_client(f"{server.address}/api/", session, BOT_TOKEN), Metrics())
        with pytest.raises(SlackUnreachable):
            await POST(api)
        webhook = AsyncWebhookClient(server.address, session=session, retry_handlers=[])
        with pytest.raises(aiohttp.ClientError):
            await webhook.send(text="a card")
    assert not other.targets
