"""A stand-in for Slack: the Web API that the bot calls, and Slack's side of all that people do there.

It signs its requests, gives each a response_url, holds answers to Slack's limits, and remembers what a person sees.
"""

import asyncio
import io
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from typing import Any, Final

import aiohttp
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route, WebSocketRoute

from bot.cards.limits import violations
from bot.playground.asgi_server import Around, alone, loopback
from bot.playground.fake_crm.faults import instead
from bot.playground.fake_slack.answers import show_answer
from bot.playground.fake_slack.channels import Ephemeral, InFlexpane, InMessage, InView, OnUnfurl, Place
from bot.playground.fake_slack.chat_api import message_of
from bot.playground.fake_slack.conversations import COMPOSER, Conversations, Said
from bot.playground.fake_slack.exchange import ANSWER_SECONDS, RESPONSE_URL_USES, Exchange
from bot.playground.fake_slack.interactions import Interactions
from bot.playground.fake_slack.signing import SIGNING_SECRET, as_answer, signed_form_headers, signed_request
from bot.playground.fake_slack.sockets import Sockets
from bot.playground.fake_slack.users import (
    APP_ID,
    ARCHIVED_CHANNEL,
    BOT_ID,
    BOT_USER,
    CHANNEL,
    DEACTIVATED,
    DIRECT_MESSAGE,
    FOREIGN_CHANNEL,
    GUEST,
    MANAGER,
    OTHER_TEAM,
    OUTSIDER,
    PENDING_CHANNEL,
    PRIVATE_CHANNEL,
    SHARED_CHANNEL,
    SINGLE_CHANNEL_GUEST,
    TEAM,
    USER,
    Channel,
    Person,
)
from bot.playground.fake_slack.views_api import answer_submission
from bot.playground.fake_slack.web_api import BOT_TOKEN, web_api
from bot.playground.fake_slack.workspace import SCOPES, Flexpane, Posted, Refused, ShownView, Unfurl
from bot.slack.message import Message

__all__ = [
    "ANSWER_SECONDS",
    "APP_ID",
    "APP_TOKEN",
    "ARCHIVED_CHANNEL",
    "BOT_ID",
    "BOT_TOKEN",
    "BOT_USER",
    "CHANNEL",
    "COMPOSER",
    "DEACTIVATED",
    "DIRECT_MESSAGE",
    "FOREIGN_CHANNEL",
    "GUEST",
    "MANAGER",
    "OTHER_TEAM",
    "OUTSIDER",
    "PENDING_CHANNEL",
    "PRIVATE_CHANNEL",
    "RESPONSE_URL_USES",
    "SCOPES",
    "SHARED_CHANNEL",
    "SIGNING_SECRET",
    "SINGLE_CHANNEL_GUEST",
    "TEAM",
    "USER",
    "Channel",
    "Ephemeral",
    "Exchange",
    "Flexpane",
    "InFlexpane",
    "InMessage",
    "InView",
    "OnUnfurl",
    "Person",
    "Place",
    "Posted",
    "Said",
    "ShownView",
    "StandInSlack",
    "Unfurl",
    "signed_form_headers",
]  # fmt: skip  # by name, whatever its case

APP_TOKEN: Final = "xapp-playground"
ACK_SECONDS: Final = 3.0
"""After which Slack shows ``operation_timeout``."""


class StandInSlack(Interactions, Conversations):
    """``bot_address`` is where requests go, unless the bot has opened a Socket Mode connection.

    ``refusals`` are the answers to the next posts to a response_url. What can be set and read stands in Workspace.
    """

    def __init__(self, now: Callable[[], float] = time.time) -> None:
        super().__init__(now)
        self.bot_address = ""
        self.refusals: list[Response] = []
        self.watch: Callable[[Message], None] = lambda message: None
        self.sockets = Sockets(self.number)

    @property
    def auth_answers(self) -> list[Response | str]:
        """The answers to the next auth.test."""
        return self.refuse["auth.test"]

    @auth_answers.setter
    def auth_answers(self, answers: Sequence[Response | str]) -> None:
        self.refuse["auth.test"] = list(answers)

    @property
    def asked(self) -> list[str]:
        """Every auth.test."""
        return [method for method, _ in self.calls if method == "auth.test"]

    @asynccontextmanager
    async def open(self, port: int = 0, around: Around = alone) -> AsyncIterator["StandInSlack"]:
        """Serve it, with ``around`` its app."""
        async with loopback(around(self._asgi_app()), port, lambda: self.now()) as self.address:
            yield self
            self.released.set()
            for held in self.hold.values():
                held.set()
            await self.sockets.close()

    async def wait_for_bot(self) -> None:
        """Until the bot says that it is ready. Raises TimeoutError if it does not."""
        async with asyncio.timeout(ANSWER_SECONDS), aiohttp.ClientSession() as session:
            while True:
                async with session.get(f"{self.bot_address}/readyz") as answer:
                    if answer.status == 200:
                        return
                await asyncio.sleep(0.02)

    async def wait_for_database(self) -> None:
        """Until the bot's database is open, for which the bot itself never waits. Raises TimeoutError if it is not."""
        async with asyncio.timeout(ANSWER_SECONDS), aiohttp.ClientSession() as session:
            while True:
                async with session.get(f"{self.bot_address}/readyz") as answer:
                    if (await answer.json())["database"] == "ok":
                        return
                await asyncio.sleep(0.005)

    async def post(self, body: bytes, headers: dict[str, str]) -> tuple[int, bytes]:
        """A request to the bot exactly as given: its status and body. Raises TimeoutError after three seconds."""
        async with (
            asyncio.timeout(ACK_SECONDS),
            aiohttp.ClientSession() as session,
            session.post(f"{self.bot_address}/slack/events", data=io.BytesIO(body), headers=headers) as answer,
        ):
            return answer.status, await answer.read()

    async def deliver(self, exchange: Exchange, kind: str) -> Exchange:
        try:
            answer = await self._acknowledgement(exchange, kind)
            exchange.acknowledged = True
            self._take(exchange, answer)
        except TimeoutError:
            if kind != "events_api":
                self._show(exchange, {"text": "operation_timeout"})
        finally:
            exchange.settled.set()
            self.changes.tell()
        return exchange

    def _take(self, exchange: Exchange, answer: dict[str, Any]) -> None:
        """Do what an acknowledgement says: a submission's changes its modal, others show a message.

        Suggestions are shown by the caller.
        """
        exchange.answer = answer
        kind = exchange.request.get("type")
        if kind == "view_submission":
            if exchange.status == 200:
                answer_submission(self, exchange, answer)
        elif answer and kind != "block_suggestion":
            _hold_to_limits(answer)
            self._show(exchange, answer)

    async def _acknowledgement(self, exchange: Exchange, kind: str) -> dict[str, Any]:
        """What the bot answers in the request itself. Raises TimeoutError if that is nothing in time."""
        if self.sockets.connected.is_set():
            async with asyncio.timeout(ACK_SECONDS):
                answer = await self.sockets.ask(exchange, kind)
            exchange.status = 200
            return answer
        exchange.status, body = await self.post(*signed_request(exchange, kind))
        return as_answer(body) if exchange.status == 200 and kind != "events_api" else {}

    def _asgi_app(self) -> Starlette:
        return Starlette(
            routes=[
                Route("/api/apps.connections.open", self._open_connection, methods=["POST"]),
                Route("/api/{method}", web_api(self), methods=["GET", "POST"]),
                Route("/response/{key}", self._response_url, methods=["POST"]),
                WebSocketRoute("/link", self.sockets.serve),
            ]
        )

    @property
    def connected(self) -> asyncio.Event:
        """Set while the bot has a Socket Mode connection."""
        return self.sockets.connected

    async def _open_connection(self, request: Request) -> Response:
        self.calls.append(("apps.connections.open", {}))
        self.changes.tell()
        if refusals := self.refuse["apps.connections.open"]:
            given = refusals.pop(0)
            return JSONResponse(Refused(given).answer) if isinstance(given, str) else given
        if request.headers.get("authorization") != f"Bearer {APP_TOKEN}":
            return JSONResponse({"ok": False, "error": "invalid_auth"})
        ticket = self.sockets.new_ticket()
        return JSONResponse({"ok": True, "url": f"{self.address.replace('http', 'ws', 1)}/link?ticket={ticket}"})

    async def _response_url(self, request: Request) -> Response:
        """At most five uses, and only what Slack would show."""
        faulty = await instead(self.fault, self.released)
        if faulty is not None:
            return faulty
        if self.refusals:
            return self.refusals.pop(0)
        exchange = self.exchanges.get(request.path_params["key"])
        if exchange is None or exchange.uses_left == 0:
            return PlainTextResponse("expired_url", 404)
        exchange.uses_left -= 1
        answer = await request.json()
        if violations(message_of(answer)):
            return PlainTextResponse("invalid_blocks", 400)
        await exchange.after_the_acknowledgement()
        self._show(exchange, answer)
        return PlainTextResponse("ok")

    def _show(self, exchange: Exchange, answer: dict[str, Any]) -> None:
        message = message_of(answer)
        exchange.shown.append(message)
        show_answer(self, exchange.request, answer)
        exchange.arrived.tell()
        self.changes.tell()
        self.watch(message)


def _hold_to_limits(answer: dict[str, Any]) -> None:
    found = violations(message_of(answer))
    if found:
        raise AssertionError(f"Slack would show nothing of this answer: {found}")
