"""A stand-in for Slack: the Web API that the bot calls, and Slack's side of commands and clicks.

It signs its requests, gives each a response_url, holds answers to Slack's limits, and remembers what a person sees.
"""

import asyncio
import itertools
import json
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import urlencode

import aiohttp
from slack_sdk.signature import SignatureVerifier
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route, WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect

from bot.cards.limits import violations
from bot.playground.loopback import loopback
from bot.slack.message import Message

SIGNING_SECRET: Final = "playground-signing-secret"
BOT_TOKEN: Final = "xoxb-playground"
APP_TOKEN: Final = "xapp-playground"
TEAM: Final = "T0PLAY"
USER: Final = "U0SALES"
CHANNEL: Final = "C0GENERAL"
ACK_SECONDS: Final = 3.0
"""After which Slack shows ``operation_timeout``."""
OVERTAKING_SECONDS: Final = 0.2
RESPONSE_URL_USES: Final = 5
ANSWER_SECONDS: Final = 15.0
"""How long a person waits for an answer before giving up."""


@dataclass
class Exchange:
    """One thing that a person did, and everything that came back to them.

    ``status`` is that of the acknowledgement, 0 if none came in time. ``shown`` is what the person saw, in order.
    """

    status: int = 0
    shown: list[Message] = field(default_factory=list)
    acknowledged: bool = False
    overtaken: bool = False
    """Whether an answer came and its acknowledgement did not, for OVERTAKING_SECONDS."""
    settled: asyncio.Event = field(default_factory=asyncio.Event)
    """Set once the acknowledgement was shown, or given up."""
    uses_left: int = RESPONSE_URL_USES
    arrived: asyncio.Event = field(default_factory=asyncio.Event)

    async def answers(self, count: int) -> list[Message]:
        """The first ``count`` messages, once they have come. Raises TimeoutError when they do not."""
        async with asyncio.timeout(ANSWER_SECONDS):
            while len(self.shown) < count:
                self.arrived.clear()
                await self.arrived.wait()
        return self.shown


class StandInSlack:
    """Slack's state. ``bot_address`` is where requests go, unless the bot has opened a Socket Mode connection.

    ``refusals`` are the answers to the next posts to a response_url, ``auth_answers`` those to the next auth.test.
    """

    def __init__(self) -> None:
        self.address = ""
        self.bot_address = ""
        self.refusals: list[Response] = []
        self.auth_answers: list[Response] = []
        self.asked: list[str] = []
        self.watch: Callable[[Message], None] = lambda message: None
        self.connected = asyncio.Event()
        self._socket: WebSocket | None = None
        self._waiting: dict[str, asyncio.Future[dict[str, Any]]] = {}
        self._exchanges: dict[str, Exchange] = {}
        self._numbers = itertools.count(1)

    @asynccontextmanager
    async def open(self, port: int = 0) -> AsyncIterator["StandInSlack"]:
        async with loopback(self._asgi_app(), port) as self.address:
            yield self
            if self._socket is not None:
                await self._socket.close()

    async def wait_for_bot(self) -> None:
        """Until the bot says that it is ready. Raises TimeoutError if it does not."""
        async with asyncio.timeout(ANSWER_SECONDS), aiohttp.ClientSession() as session:
            while True:
                async with session.get(f"{self.bot_address}/readyz") as answer:
                    if answer.status == 200:
                        return
                await asyncio.sleep(0.02)

    async def command(self, text: str, command: str = "/customer") -> Exchange:
        """A person types ``/customer text`` and presses Enter."""
        key, exchange = self._new_exchange()
        fields = {
            "command": command,
            "text": text,
            "team_id": TEAM,
            "user_id": USER,
            "channel_id": CHANNEL,
            "response_url": self._response_url_of(key),
            "trigger_id": f"trigger-{key}",
        }
        return await self._deliver(exchange, "slash_commands", fields, urlencode(fields))

    async def click(self, action_id: str, value: str | None) -> Exchange:
        """A person clicks a button on a card."""
        key, exchange = self._new_exchange()
        label = {"type": "plain_text", "text": "Button", "emoji": False}
        action = {"type": "button", "block_id": "b1", "action_id": action_id, "text": label, "value": value}
        click = {
            "type": "block_actions",
            "team": {"id": TEAM},
            "user": {"id": USER, "team_id": TEAM},
            "channel": {"id": CHANNEL},
            "enterprise": None,
            "is_enterprise_install": False,
            "container": {"type": "message", "message_ts": "1700000000.000100", "is_ephemeral": True},
            "response_url": self._response_url_of(key),
            "trigger_id": f"trigger-{key}",
            "actions": [{name: part for name, part in action.items() if part is not None}],
        }
        return await self._deliver(exchange, "interactive", click, urlencode({"payload": json.dumps(click)}))

    async def post(self, body: bytes, headers: dict[str, str]) -> tuple[int, bytes]:
        """A request to the bot exactly as given: its status and body. Raises TimeoutError after three seconds."""
        async with (
            asyncio.timeout(ACK_SECONDS),
            aiohttp.ClientSession() as session,
            session.post(f"{self.bot_address}/slack/events", data=body, headers=headers) as answer,
        ):
            return answer.status, await answer.read()

    def _new_exchange(self) -> tuple[str, Exchange]:
        key = str(next(self._numbers))
        exchange = self._exchanges[key] = Exchange()
        return key, exchange

    def _response_url_of(self, key: str) -> str:
        return f"{self.address}/response/{key}"

    async def _deliver(self, exchange: Exchange, kind: str, payload: dict[str, Any], form: str) -> Exchange:
        try:
            answer = await self._acknowledgement(exchange, kind, payload, form)
            exchange.acknowledged = True
            if answer:
                _hold_to_limits(answer)
                self._show(exchange, answer)
        except TimeoutError:
            self._show(exchange, {"text": "operation_timeout"})
        finally:
            exchange.settled.set()
        return exchange

    async def _acknowledgement(
        self, exchange: Exchange, kind: str, payload: dict[str, Any], form: str
    ) -> dict[str, Any]:
        """What the bot answers in the request itself. Raises TimeoutError if that is nothing in time."""
        if self._socket is not None:
            answer = await self._over_socket(self._socket, kind, payload)
            exchange.status = 200
            return answer
        exchange.status, body = await self.post(form.encode(), signed_form_headers(form.encode()))
        return _as_answer(body) if exchange.status == 200 else {}

    async def _over_socket(self, socket: WebSocket, kind: str, payload: dict[str, Any]) -> dict[str, Any]:
        envelope_id = f"envelope-{next(self._numbers)}"
        waiting: asyncio.Future[dict[str, Any]] = asyncio.get_running_loop().create_future()
        self._waiting[envelope_id] = waiting
        await socket.send_json(
            {"type": kind, "envelope_id": envelope_id, "accepts_response_payload": True, "payload": payload}
        )
        async with asyncio.timeout(ACK_SECONDS):
            return await waiting

    def _asgi_app(self) -> Starlette:
        return Starlette(
            routes=[
                Route("/api/auth.test", self._auth_test, methods=["POST"]),
                Route("/api/apps.connections.open", self._open_connection, methods=["POST"]),
                Route("/response/{key}", self._response_url, methods=["POST"]),
                WebSocketRoute("/link", self._link),
            ]
        )

    async def _auth_test(self, request: Request) -> Response:
        self.asked.append("auth.test")
        if self.auth_answers:
            return self.auth_answers.pop(0)
        if request.headers.get("authorization") != f"Bearer {BOT_TOKEN}":
            return JSONResponse({"ok": False, "error": "invalid_auth"})
        return JSONResponse({"ok": True, "team_id": TEAM, "user_id": "U0BOT", "bot_id": "B0BOT"})

    async def _open_connection(self, request: Request) -> Response:
        if request.headers.get("authorization") != f"Bearer {APP_TOKEN}":
            return JSONResponse({"ok": False, "error": "invalid_auth"})
        return JSONResponse({"ok": True, "url": f"{self.address.replace('http', 'ws', 1)}/link"})

    async def _link(self, socket: WebSocket) -> None:
        """The bot's Socket Mode connection: acknowledgements come back by envelope id."""
        await socket.accept()
        await socket.send_json({"type": "hello", "num_connections": 1})
        self._socket = socket
        self.connected.set()
        try:
            while True:
                answer = await socket.receive_json()
                self._waiting.pop(answer["envelope_id"]).set_result(answer.get("payload") or {})
        except WebSocketDisconnect:
            self._socket = None

    async def _response_url(self, request: Request) -> Response:
        """At most five uses, and only what Slack would show."""
        if self.refusals:
            return self.refusals.pop(0)
        exchange = self._exchanges.get(request.path_params["key"])
        if exchange is None or exchange.uses_left == 0:
            return PlainTextResponse("expired_url", 404)
        exchange.uses_left -= 1
        answer = await request.json()
        if violations(_message(answer)):
            return PlainTextResponse("invalid_blocks", 400)
        await self._after_the_acknowledgement(exchange)
        self._show(exchange, answer)
        return PlainTextResponse("ok")

    async def _after_the_acknowledgement(self, exchange: Exchange) -> None:
        """What the bot wrote first is shown first, whichever connection is read first."""
        try:
            async with asyncio.timeout(OVERTAKING_SECONDS):
                await exchange.settled.wait()
        except TimeoutError:
            exchange.overtaken = True

    def _show(self, exchange: Exchange, answer: dict[str, Any]) -> None:
        message = _message(answer)
        exchange.shown.append(message)
        exchange.arrived.set()
        self.watch(message)


def signed_form_headers(body: bytes, at: float | None = None) -> dict[str, str]:
    """The headers with which Slack sends a form; ``at`` is the time of signing in epoch seconds."""
    timestamp = str(int(time.time() if at is None else at))
    signature = SignatureVerifier(SIGNING_SECRET).generate_signature(timestamp=timestamp, body=body)
    return {
        "content-type": "application/x-www-form-urlencoded",
        "x-slack-request-timestamp": timestamp,
        "x-slack-signature": signature or "",
    }


def _as_answer(body: bytes) -> dict[str, Any]:
    """An acknowledgement's body: nothing, JSON, or plain text."""
    if not body:
        return {}
    try:
        answer: dict[str, Any] = json.loads(body)
    except ValueError:
        return {"text": body.decode()}
    return answer


def _message(answer: dict[str, Any]) -> Message:
    return Message(answer.get("text", ""), answer.get("blocks") or [])


def _hold_to_limits(answer: dict[str, Any]) -> None:
    found = violations(_message(answer))
    if found:
        raise AssertionError(f"Slack would show nothing of this answer: {found}")
