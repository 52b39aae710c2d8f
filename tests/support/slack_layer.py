"""The parts of the bot's Slack layer before the stand-in Slack, wired as the bot wires them."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any, NamedTuple

import aiohttp
from slack_bolt.context.ack.async_ack import AsyncAck
from slack_sdk.web.async_client import AsyncWebClient
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from bot.cards.limits import entity_violations, view_violations, within_limits
from bot.domain.inquiry import Asker
from bot.errors import Trouble
from bot.playground.asgi_server import loopback
from bot.playground.fake_slack.server import BOT_TOKEN, CHANNEL, TEAM, USER
from bot.runtime.metrics import Metrics
from bot.runtime.tasks import BackgroundTasks
from bot.slack.api import SlackApi
from bot.slack.message import Message, View
from bot.slack.outgoing import Outgoing
from bot.slack.payloads import Reply
from bot.slack.replies import Replies

ASKER = Asker(TEAM, USER, CHANNEL)
CLOSED_STORE = "sqlite:////nowhere/at/all.db"
"""A DATABASE_URL for a store that is never opened."""


def section(text: str) -> dict[str, Any]:
    return {"type": "section", "text": {"type": "mrkdwn", "text": text}}


def card(text: str) -> Message:
    """A message of one block."""
    return Message(text, [section(text)])


def modal(*texts: str, **others: Any) -> View:
    """A modal with a section for each text."""
    title = {"type": "plain_text", "text": "Customer", "emoji": False}
    return {"type": "modal", "title": title, "blocks": [section(text) for text in texts], **others}


def _apology(trouble: Trouble, user: str, code: str) -> str:
    return f"sorry, {user}: {trouble} {code}"


OUTGOING = Outgoing(
    limit_message=within_limits,
    limit_view=lambda view, user: modal(f"too much for {user}") if view_violations(view) else view,
    limit_entity=lambda entity: None if entity_violations(entity) else entity,
    apology=lambda trouble, user, code: card(_apology(trouble, user, code)),
    apology_view=lambda trouble, user, code: modal(_apology(trouble, user, code)),
)


@asynccontextmanager
async def connected(address: str, seconds: float = 5.0, token: str = BOT_TOKEN) -> AsyncIterator[SlackApi]:
    """Slack's Web API at ``address``, each call of which ends after ``seconds``."""
    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=seconds)) as session:
        yield SlackApi(AsyncWebClient(token, f"{address}/api", session=session, retry_handlers=[]), Metrics())


class Layer(NamedTuple):
    """What shares one session and one set of tasks."""

    api: SlackApi
    background: BackgroundTasks
    replies: Replies
    metrics: Metrics


@asynccontextmanager
async def layer(address: str, ack_budget_seconds: float = 0.02) -> AsyncIterator[Layer]:
    """Ends when nothing is under way any more."""
    background, metrics = BackgroundTasks(), Metrics()
    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=5.0)) as session:
        api = SlackApi(AsyncWebClient(BOT_TOKEN, f"{address}/api", session=session, retry_handlers=[]), metrics)
        yield Layer(api, background, Replies(session, api, background, OUTGOING, ack_budget_seconds, metrics), metrics)
        assert await background.drain(2) == 0


class ResponseUrl:
    """Takes down what is posted to it; ``answers`` are what it says next, and then that all is well."""

    def __init__(self) -> None:
        self.address = ""
        self.posted: list[dict[str, Any]] = []
        self.answers: list[Response] = []
        self.app = Starlette(routes=[Route("/secret-path", self._post, methods=["POST"])])

    async def _post(self, request: Request) -> Response:
        self.posted.append(await request.json())
        return self.answers.pop(0) if self.answers else Response(b"ok")

    @property
    def texts(self) -> list[str]:
        return [posted["text"] for posted in self.posted]


@asynccontextmanager
async def open_response_url() -> AsyncIterator[ResponseUrl]:
    taking = ResponseUrl()
    async with loopback(taking.app) as address:
        taking.address = f"{address}/secret-path"
        yield taking


def acknowledging() -> AsyncAck:
    return AsyncAck()  # type: ignore[no-untyped-call]  # Bolt types its call, not its making


def written() -> asyncio.Event:
    """An acknowledgement that has been written."""
    acknowledged = asyncio.Event()
    acknowledged.set()
    return acknowledged


def reply(response_url: str = "", asker: Asker = ASKER, thread_ts: str = "") -> Reply:
    return Reply(asker, written(), response_url, thread_ts)


async def eventually(condition: Callable[[], Any]) -> None:
    """Until ``condition`` holds. Raises TimeoutError if it does not."""
    async with asyncio.timeout(10):
        while True:
            if condition():
                return
            await asyncio.sleep(0.002)
