"""The Socket Mode process: Slack's requests come over a WebSocket that the bot opens itself."""

import asyncio
import signal
import time
from contextlib import suppress
from typing import Any

import structlog
from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_bolt.adapter.socket_mode.async_internals import send_async_response
from slack_bolt.request.async_request import AsyncBoltRequest
from slack_sdk.socket_mode.request import SocketModeRequest

from bot.app import DRAIN_SECONDS, CustomerBot, build_app
from bot.metrics import Metrics
from bot.settings import SocketSettings
from bot.slack.requests import bolt_context, kind_of
from bot.telemetry import request_lines

log = structlog.get_logger(__name__)


class SocketModeHandler(AsyncSocketModeHandler):
    """Bolt's handler, with the acknowledgement's moment known to the listeners and requests under way drained."""

    def __init__(self, bot: CustomerBot, app_token: str) -> None:
        super().__init__(bot.bolt, app_token)
        self._background = bot.background
        self._metrics = bot.metrics

    async def handle(self, client: Any, req: SocketModeRequest) -> None:
        await self._background.start(self._answer(client, req))

    async def _answer(self, client: Any, req: SocketModeRequest) -> None:
        acknowledged = asyncio.Event()
        began = time.perf_counter()
        request = AsyncBoltRequest(mode="socket_mode", body=req.payload, context=bolt_context(acknowledged))
        try:
            with request_lines():
                answer = await self.app.async_dispatch(request)
            await send_async_response(client, req, answer, time.time())
            if answer.status == 200:
                self._metrics.acknowledged(kind_of(req.payload), time.perf_counter() - began)
        finally:
            acknowledged.set()

    async def stop(self) -> None:
        """Take nothing new, finish what is under way while the connection can still carry it, then close."""
        self.client.socket_mode_request_listeners.clear()
        await self._background.drain(DRAIN_SECONDS)
        await self.client.close()  # type: ignore[no-untyped-call]  # slack_sdk types no connect or close


async def run(settings: SocketSettings, metrics: Metrics) -> None:
    """Serve until SIGTERM or SIGINT, then drain."""
    told_to_stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for stop in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(stop, told_to_stop.set)
    async with build_app(settings, metrics=metrics) as bot:
        serving = asyncio.create_task(_serve(bot, settings.slack_app_token.get_secret_value()))
        stopping = asyncio.create_task(told_to_stop.wait())
        await asyncio.wait({serving, stopping}, return_when=asyncio.FIRST_COMPLETED)
        stopping.cancel()
        serving.cancel()
        with suppress(asyncio.CancelledError):
            await serving


async def _serve(bot: CustomerBot, app_token: str) -> None:
    await bot.identity.learn()
    handler = SocketModeHandler(bot, app_token)
    try:
        await handler.client.connect()  # type: ignore[no-untyped-call]
        log.info("connected")
        await asyncio.Event().wait()
    finally:
        await handler.stop()
