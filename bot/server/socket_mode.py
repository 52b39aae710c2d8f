"""The Socket Mode process: Slack's requests arrive over a WebSocket that the bot opens."""

import asyncio
import json
import logging
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, Final

from slack_sdk.proxy_env_variable_loader import load_http_proxy_from_env

from bot.app import CustomerBot, build_app
from bot.domain.inquiry import Asker
from bot.runtime.logging import number_request
from bot.runtime.metrics import Metrics
from bot.runtime.shutdown import stop_on_signals
from bot.runtime.tasks import BackgroundTasks, log_end
from bot.settings import SocketSettings
from bot.slack.api import SlackApi
from bot.slack.identity import slack_session, web_client
from bot.slack.message import Message
from bot.slack.payloads import Reply
from bot.slack.socket_client import DEFAULT_TIMING, Envelope, SlackConnection, Timing
from bot.slack.verification import bolt_request, kind_of

FINISH_REQUESTS_SECONDS: Final = 5.0
"""How long requests under way may take to be acknowledged once the process stops."""


async def _answer(bot: CustomerBot, envelope: Envelope) -> None:
    """Without a response of status 200 nothing is acknowledged, and Slack delivers an event again, as over HTTP."""
    request = envelope.payload
    began = time.perf_counter()
    number_request()
    acknowledged = asyncio.Event()
    try:
        response = await bot.fast_path.answer(request)
        if response is None:
            response = await bot.bolt.async_dispatch(bolt_request(request, acknowledged))
        if response.status != 200:
            return
        answer: dict[str, Any] | None = None  # a message, or what becomes of a modal; a text is bare
        if response.body:
            is_json = response.headers.get("content-type", [""])[0].startswith("application/json")
            answer = json.loads(response.body) if is_json else {"text": response.body}
        if await envelope.acknowledge(answer):
            bot.metrics.observe_acknowledgement(kind_of(request), time.perf_counter() - began)
        elif answer and "command" in request:  # Slack does not deliver a command again, but takes a late answer
            asker = Asker(request["team_id"], request["user_id"], request["channel_id"])
            message = Message(answer["text"], answer.get("blocks") or [])
            bot.replies.send(message, Reply(asker, acknowledged, request["response_url"]))
    finally:
        acknowledged.set()


@asynccontextmanager
async def serving(bot: CustomerBot, settings: SocketSettings, timing: Timing = DEFAULT_TIMING) -> AsyncIterator[None]:
    """Connect once Slack knows the bot, and stay connected. At the end, acknowledge what has arrived."""
    requests = BackgroundTasks()
    proxy = load_http_proxy_from_env(logging.getLogger("slack_sdk"))
    async with slack_session() as session:
        token = settings.slack_app_token.get_secret_value()
        api = SlackApi(web_client(settings.slack_api_url, session, token), bot.metrics)

        def take(envelope: Envelope) -> None:
            requests.start(_answer(bot, envelope))

        connection = SlackConnection(api, session, take, proxy, timing)

        async def stay_connected() -> None:
            await bot.identity.learn()
            await connection.keep()

        connecting = asyncio.create_task(stay_connected())
        try:
            yield
        finally:
            connecting.cancel()
            await asyncio.gather(connecting, return_exceptions=True)
            await requests.drain(FINISH_REQUESTS_SECONDS)
            await connection.close()


async def run(settings: SocketSettings, metrics: Metrics) -> None:
    """Serve until SIGTERM or SIGINT, then drain; one more ends the process at once."""
    stopping = asyncio.Event()
    loop = asyncio.get_running_loop()
    background = BackgroundTasks()

    # call_soon_threadsafe wakes the loop, which may be asleep when the signal handler runs
    with stop_on_signals(lambda: loop.call_soon_threadsafe(stopping.set), lambda: len(background)):
        async with build_app(settings, metrics=metrics) as bot:
            background = bot.background
            async with serving(bot, settings):
                await stopping.wait()
        await log_end()
