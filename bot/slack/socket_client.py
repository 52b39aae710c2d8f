"""The WebSocket over which Slack's requests come in Socket Mode: one after another, each watched for silence.

https://docs.slack.dev/apis/events-api/using-socket-mode: an address from apps.connections.open for each, which is good
for one connection; ``disconnect`` some seconds before Slack closes it; up to ten at once, among which Slack shares the
requests out.
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

HEARTBEAT_SECONDS: Final = 10.0
"""How often Slack is pinged; a connection that stays silent for half as long after it is given up."""
OPENING_SECONDS: Final = 10.0
LEAVING_SECONDS: Final = 15.0
"""How long a connection that Slack is about to close is still read."""
CLOSING_SECONDS: Final = 1.0
"""Slack may leave the TCP connection open after the close handshake (node-slack-sdk#2752)."""
FIRST_WAIT_SECONDS: Final = 1.0
LONGEST_WAIT_SECONDS: Final = 30.0
STEADY_SECONDS: Final = 30.0
"""A connection that was open for so long is replaced at once, as is one whose end Slack has announced."""

log = structlog.get_logger(__name__)


class Envelope(NamedTuple):
    """A request of Slack's, and by which id it is acknowledged."""

    envelope_id: str
    payload: dict[str, Any]


class Waits(NamedTuple):
    """Seconds. A test is more impatient than Slack likes."""

    heartbeat: float = HEARTBEAT_SECONDS
    opening: float = OPENING_SECONDS
    first: float = FIRST_WAIT_SECONDS
    longest: float = LONGEST_WAIT_SECONDS


PATIENT: Final = Waits()


class Acknowledgements:
    """Answers envelopes over the connection by which they came."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self._socket = socket

    async def send(self, envelope_id: str, payload: dict[str, Any] | None) -> bool:
        """Whether it was written. Where the connection is gone, Slack has noticed too: it delivers events again."""
        told = {"envelope_id": envelope_id} if payload is None else {"envelope_id": envelope_id, "payload": payload}
        try:
            await self._socket.send_json(told)
        except (aiohttp.ClientError, OSError) as error:
            log.warning("acknowledgement_lost", reason=type(error).__name__)
            return False
        return True


Take = Callable[[Envelope, Acknowledgements], None]


class SlackConnection:
    """``api`` has the app-level token. ``take`` hands a request on and does not wait for it."""

    def __init__(
        self,
        api: SlackApi,
        session: aiohttp.ClientSession,
        take: Take,
        proxy: str | None = None,
        waits: Waits = PATIENT,
    ) -> None:
        self._api = api
        self._session = session
        self._take = take
        self._proxy = proxy
        self._waits = waits
        self._query = BackgroundTasks()

    async def keep(self) -> None:
        """Be connected, until cancelled: whatever ends a connection, the next one follows. Then nothing is taken."""
        wait = self._waits.first
        try:
            while True:
                pause = await self._pause_after_one(wait)
                await asyncio.sleep(pause)
                wait = min(2 * wait, self._waits.longest) if pause else self._waits.first
        finally:
            self._take = _leave_to_slack

    async def close(self) -> None:
        """Close what is open, once what was taken is acknowledged."""
        await self._query.drain(0)

    async def _pause_after_one(self, wait: float) -> float:
        """Be connected once, and for how many seconds not to be after it: 0, or ``wait`` if it failed; a bug does."""
        try:
            return 0 if await self._connected_once() else wait
        except RateLimited as error:
            log.warning("not_connected", reason=str(error))
            return max(wait, error.seconds)
        except SlackError as error:
            log.warning("not_connected", reason=str(error))
        except Exception:
            log.exception("connection_failed", code=new_code())
        return wait

    async def _connected_once(self) -> bool:
        """Until the connection has ended or is about to; whether that is how connections end. Raises SlackError."""
        socket = await self._open()
        loop = asyncio.get_running_loop()
        since, over, announced = loop.time(), asyncio.Event(), asyncio.Event()
        query = self._query.start(self._read(socket, over, announced))
        query.add_done_callback(lambda _: over.set())
        await over.wait()
        return announced.is_set() or loop.time() - since > STEADY_SECONDS

    async def _open(self) -> aiohttp.ClientWebSocketResponse:
        """Raises SlackError. The address has a ticket in it: it stands in no error."""
        address = (await self._api.send("apps.connections.open")).get("url")
        if not isinstance(address, str):
            raise SlackUnreachable("apps.connections.open without a url")
        try:
            async with asyncio.timeout(self._waits.opening):
                return await self._session.ws_connect(
                    address,
                    heartbeat=self._waits.heartbeat,
                    proxy=self._proxy,
                    timeout=aiohttp.ClientWSTimeout(ws_close=CLOSING_SECONDS),
                )
        except (aiohttp.ClientError, ValueError, TimeoutError, OSError) as error:
            raise SlackUnreachable(type(error).__name__) from None

    async def _read(
        self, socket: aiohttp.ClientWebSocketResponse, over: asyncio.Event, announced: asyncio.Event
    ) -> None:
        """aiohttp answers Slack's pings and sends its own; a connection that answers none ends here like any other."""
        acknowledgements = Acknowledgements(socket)
        loop = asyncio.get_running_loop()
        with suppress(TimeoutError):
            async with socket, asyncio.timeout(None) as leaving:
                async for message in socket:
                    told = _object(message)
                    if told.get("type") == "disconnect":
                        log.info("disconnecting", reason=str(told.get("reason")))
                        leaving.reschedule(loop.time() + LEAVING_SECONDS)
                        announced.set()
                        over.set()
                    elif told.get("type") == "hello":
                        log.info("connected")
                    elif (envelope := _envelope(told)) is not None:
                        self._take(envelope, acknowledgements)
        log.info("disconnected", code=socket.close_code)


def _leave_to_slack(envelope: Envelope, acknowledgements: Acknowledgements) -> None:
    """What is not acknowledged goes to another process, or comes again later."""


def _object(message: aiohttp.WSMessage) -> dict[str, Any]:
    """{} for what Slack never sends."""
    if message.type is not aiohttp.WSMsgType.TEXT:
        return {}
    try:
        told = json.loads(message.data)
    except (ValueError, RecursionError):
        return {}
    return told if isinstance(told, dict) else {}


def _envelope(told: dict[str, Any]) -> Envelope | None:
    envelope_id, payload = told.get("envelope_id"), told.get("payload")
    if isinstance(envelope_id, str) and isinstance(payload, dict):
        return Envelope(envelope_id, payload)
    return None
