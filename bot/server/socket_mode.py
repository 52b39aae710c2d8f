"""The Socket Mode process: Slack's requests come over a WebSocket that the bot opens itself."""

import asyncio
import json
import logging
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, Final

import aiohttp
from slack_bolt.request.async_request import AsyncBoltRequest
from slack_bolt.response import BoltResponse
from slack_sdk.proxy_env_variable_loader import load_http_proxy_from_env
from slack_sdk.web.async_client import AsyncWebClient

from bot.app import SLACK_TIMEOUT, CustomerBot, build_app
from bot.domain.inquiry import Asker
from bot.runtime.logging import number_request
from bot.runtime.metrics import Metrics
from bot.runtime.shutdown import stop_on_signals
from bot.runtime.tasks import BackgroundTasks, log_end
from bot.settings import SocketSettings
from bot.slack.api import SlackApi
from bot.slack.message import Message
from bot.slack.payloads import Reply
from bot.slack.socket_client import PATIENT, Acknowledgements, Envelope, SlackConnection, Waits
from bot.slack.verification import bolt_context, kind_of

FINISH_REQUESTS_SECONDS: Final = 5.0
"""How long what was taken may need until it is acknowledged, when the process is told to stop."""


class SocketProcess:
    """Answers what comes over the connection. ``requests`` are those that are not acknowledged yet."""

    def __init__(self, bot: CustomerBot) -> None:
        self._bot = bot
        self.requests = BackgroundTasks()

    def take(self, envelope: Envelope, acknowledgements: Acknowledgements) -> None:
        self.requests.start(self._answer(envelope, acknowledgements))

    async def _answer(self, envelope: Envelope, acknowledgements: Acknowledgements) -> None:
        """What Bolt does not answer with 200 is left to Slack, as over HTTP: events come again."""
        acknowledged = asyncio.Event()
        began = time.perf_counter()
        number_request()
        try:
            answer = await self._bot.fast_path.answer(envelope.payload)
            if answer is None:
                context = bolt_context(acknowledged)
                request = AsyncBoltRequest(mode="socket_mode", body=envelope.payload, context=context)
                answer = await self._bot.bolt.async_dispatch(request)
            if answer.status == 200:
                told = _payload(answer)
                if await acknowledgements.send(envelope.envelope_id, told):
                    self._bot.metrics.acknowledged(kind_of(envelope.payload), time.perf_counter() - began)
                elif told and "command" in envelope.payload:
                    self._say_after_all(envelope.payload, told, acknowledged)
        finally:
            acknowledged.set()

    def _say_after_all(self, command: dict[str, Any], told: dict[str, Any], acknowledged: asyncio.Event) -> None:
        """Slack gives no command a second time, and takes the answer at its ``response_url`` too."""
        asker = Asker(command["team_id"], command["user_id"], command["channel_id"])
        message = Message(told["text"], told.get("blocks") or [])
        self._bot.replies.say(message, Reply(asker, acknowledged, command["response_url"]))


@asynccontextmanager
async def serving(bot: CustomerBot, settings: SocketSettings, waits: Waits = PATIENT) -> AsyncIterator[SocketProcess]:
    """Connected to Slack as soon as that knows the bot. At the end what was taken is acknowledged."""
    process = SocketProcess(bot)
    proxy = load_http_proxy_from_env(logging.getLogger("slack_sdk"))
    async with aiohttp.ClientSession(timeout=SLACK_TIMEOUT) as session:
        token = settings.slack_app_token.get_secret_value()
        api = SlackApi(AsyncWebClient(token, settings.slack_api_url, session=session, retry_handlers=[]), bot.metrics)
        connection = SlackConnection(api, session, process.take, proxy, waits)
        keeping = asyncio.create_task(_keep(bot, connection))
        try:
            yield process
        finally:
            keeping.cancel()
            await asyncio.gather(keeping, return_exceptions=True)
            await process.requests.drain(FINISH_REQUESTS_SECONDS)
            await connection.close()


async def _keep(bot: CustomerBot, connection: SlackConnection) -> None:
    await bot.identity.learn()
    await connection.keep()


async def run(settings: SocketSettings, metrics: Metrics) -> None:
    """Serve until SIGTERM or SIGINT, then drain. One more ends the process at once."""
    stopping = asyncio.Event()
    loop = asyncio.get_running_loop()
    built: list[CustomerBot] = []
    with stop_on_signals(
        begin=lambda: _wake(loop, stopping), under_way=lambda: sum(len(bot.background) for bot in built)
    ):
        async with build_app(settings, metrics=metrics) as bot:
            built.append(bot)
            async with serving(bot, settings):
                await stopping.wait()
        await log_end()


def _wake(loop: asyncio.AbstractEventLoop, event: asyncio.Event) -> None:
    """Set ``event`` from a signal handler, which runs while the loop sleeps."""
    loop.call_soon_threadsafe(event.set)


def _payload(answer: BoltResponse) -> dict[str, Any] | None:
    """What the acknowledgement says: a message, or what becomes of a modal. Bolt gives a text as such."""
    if not answer.body:
        return None
    if answer.headers.get("content-type", [""])[0].startswith("application/json"):
        told: dict[str, Any] = json.loads(answer.body)
        return told
    return {"text": answer.body}
