"""The WebSockets over which Slack's requests come in Socket Mode, each watched with pings.

https://docs.slack.dev/apis/events-api/using-socket-mode: apps.connections.open returns an address for one connection;
``disconnect`` comes some seconds before Slack closes it; an app has up to ten at a time, and Slack sends each request
over one of them.
"""

import asyncio
import json
from collections.abc import Callable
from contextlib import suppress
from typing import Any, Final, NamedTuple

import aiohttp
import structlog

from bot.errors import SlackError, SlackUnreachable
from bot.runtime.logging import new_code
from bot.runtime.tasks import BackgroundTasks
from bot.slack.api import RateLimited, SlackApi

LEAVING_SECONDS: Final = 15.0
"""How long a connection that Slack is about to close is still read."""
CLOSING_SECONDS: Final = 1.0
"""Slack may leave the TCP connection open after the close handshake (node-slack-sdk#2752)."""
STEADY_SECONDS: Final = 30.0
"""A connection that was open for so long is replaced at once, as is one whose end Slack has announced."""

log = structlog.get_logger(__name__)


class Timing(NamedTuple):
    """Seconds."""

    heartbeat: float = 10.0
    """Between pings; a connection without a pong for half as long is closed."""
    opening: float = 10.0
    """The timeout for opening a connection."""
    first_wait: float = 1.0
    """The backoff after a failure doubles from this ..."""
    longest_wait: float = 30.0
    """... up to this."""


DEFAULT_TIMING: Final = Timing()


class Envelope(NamedTuple):
    """A request of Slack's, and the connection over which it is acknowledged."""

    envelope_id: str
    payload: dict[str, Any]
    socket: aiohttp.ClientWebSocketResponse

    async def acknowledge(self, answer: dict[str, Any] | None) -> bool:
        """Whether it was written. If the connection is lost, Slack notices too, and delivers events again."""
        message = {"envelope_id": self.envelope_id}
        try:
            await self.socket.send_json(message if answer is None else {**message, "payload": answer})
        except (aiohttp.ClientError, OSError) as error:
            log.warning("acknowledgement_lost", reason=type(error).__name__)
            return False
        return True


class SlackConnection:
    """``api`` has the app-level token. ``take`` starts handling a request, and does not wait for it."""

    def __init__(
        self,
        api: SlackApi,
        session: aiohttp.ClientSession,
        take: Callable[[Envelope], None],
        proxy: str | None = None,
        timing: Timing = DEFAULT_TIMING,
    ) -> None:
        self._api = api
        self._session = session
        self._take = take
        self._proxy = proxy
        self._timing = timing
        self._readers = BackgroundTasks()

    async def keep(self) -> None:
        """Stay connected until cancelled; after that, no request is taken."""
        wait = self._timing.first_wait
        try:
            while True:
                pause = wait
                try:
                    if await self._connect_once():
                        pause = 0.0
                except SlackError as error:
                    log.warning("not_connected", reason=str(error))
                    if isinstance(error, RateLimited):
                        pause = max(wait, error.seconds)
                except Exception:
                    log.exception("connection_failed", code=new_code())
                await asyncio.sleep(pause)
                wait = min(2 * wait, self._timing.longest_wait) if pause else self._timing.first_wait
        finally:
            self._take = lambda envelope: None  # unacknowledged: Slack sends it to another process, or later

    async def close(self) -> None:
        """Close the open connections, once what was taken is acknowledged."""
        await self._readers.drain(0)

    async def _connect_once(self) -> bool:
        """Returns when the connection has ended or is about to: True if it may be replaced at once.

        Raises SlackError.
        """
        socket = await self._open()
        loop = asyncio.get_running_loop()
        since = loop.time()
        announced: asyncio.Future[None] = loop.create_future()
        reader = self._readers.start(self._read(socket, announced))
        await asyncio.wait({reader, announced}, return_when=asyncio.FIRST_COMPLETED)
        return announced.done() or loop.time() - since > STEADY_SECONDS

    async def _open(self) -> aiohttp.ClientWebSocketResponse:
        """Raises SlackError, without the address: that contains a ticket."""
        address = (await self._api.send("apps.connections.open")).get("url")
        if not isinstance(address, str):
            raise SlackUnreachable("apps.connections.open without a url")
        try:
            async with asyncio.timeout(self._timing.opening):
                return await self._session.ws_connect(
                    address,
                    heartbeat=self._timing.heartbeat,
                    proxy=self._proxy,
                    timeout=aiohttp.ClientWSTimeout(ws_close=CLOSING_SECONDS),
                )
        except (aiohttp.ClientError, ValueError, TimeoutError, OSError) as error:
            raise SlackUnreachable(type(error).__name__) from None

    async def _read(self, socket: aiohttp.ClientWebSocketResponse, announced: asyncio.Future[None]) -> None:
        """aiohttp answers Slack's pings and sends its own; a connection without a pong ends like any other."""
        loop = asyncio.get_running_loop()
        with suppress(TimeoutError):
            async with socket, asyncio.timeout(None) as leaving:
                async for frame in socket:
                    message = parse_frame(frame)
                    envelope_id, payload = message.get("envelope_id"), message.get("payload")
                    if message.get("type") == "disconnect":
                        log.info("disconnecting", reason=str(message.get("reason")))
                        leaving.reschedule(loop.time() + LEAVING_SECONDS)
                        if not announced.done():
                            announced.set_result(None)
                    elif message.get("type") == "hello":
                        log.info("connected")
                    elif isinstance(envelope_id, str) and isinstance(payload, dict):
                        self._take(Envelope(envelope_id, payload, socket))
        log.info("disconnected", code=socket.close_code)


def parse_frame(frame: aiohttp.WSMessage) -> dict[str, Any]:
    """The JSON object in a frame; {} for anything that Slack never sends."""
    try:
        message = json.loads(frame.data) if frame.type is aiohttp.WSMsgType.TEXT else None
    except (ValueError, RecursionError):
        return {}
    return message if isinstance(message, dict) else {}
