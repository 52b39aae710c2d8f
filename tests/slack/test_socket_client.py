"""What becomes of Socket Mode connections: silent, refused, closed, replaced, and several of them at once."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from typing import ClassVar, cast

import aiohttp
import pytest
from aiohttp import web
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from starlette.responses import JSONResponse, PlainTextResponse

from bot.app import build_app
from bot.errors import SlackUnreachable
from bot.playground.fake_crm.server import Fault, SampleCrm
from bot.playground.fake_slack.server import APP_TOKEN, BOT_TOKEN, StandInSlack
from bot.playground.settings import playground_settings
from bot.server.socket_mode import serving
from bot.settings import SocketSettings
from bot.slack.api import RateLimited
from bot.slack.socket_client import Envelope, SlackConnection, Timing, parse_frame
from tests.conftest import Logs
from tests.processes.test_processes import card_of
from tests.support.slack_layer import connected, eventually
from tests.support.surfaces import TEMPLATE, link

NAME = "胡效鑫1  CF00000179"
SHORT_TIMING = Timing(heartbeat=0.1, opening=0.2, first_wait=0.02, longest_wait=0.05)


@pytest.fixture
async def crm() -> AsyncIterator[SampleCrm]:
    """In real time, as the processes are."""
    async with SampleCrm().open() as crm:
        yield crm


class Processes:
    """Starts as many processes of one app as are wanted, on one database."""

    def __init__(self, crm: SampleCrm, slack: StandInSlack, database: str, stack: AsyncExitStack) -> None:
        self._settings = playground_settings(
            crm.address, slack.address, database_url=database, customer_url_template=TEMPLATE
        )
        self._socket = SocketSettings(
            slack_bot_token=BOT_TOKEN,
            slack_app_token=APP_TOKEN,
            slack_api_url=f"{slack.address}/api/",
            eshouhou_access_token="unused",
        )
        self._slack = slack
        self._stack = stack

    async def start(self, wait: bool = True) -> None:
        bot = await self._stack.enter_async_context(build_app(self._settings))
        await eventually(lambda: not bot.store.trouble)
        before = len(self._slack.sockets)
        await self._stack.enter_async_context(serving(bot, self._socket, SHORT_TIMING))
        if wait:
            await eventually(lambda: len(self._slack.sockets) > before)


@pytest.fixture
async def processes(crm: SampleCrm, slack: StandInSlack, database: str) -> AsyncIterator[Processes]:
    async with AsyncExitStack() as stack:
        yield Processes(crm, slack, database, stack)


@asynccontextmanager
async def silent_slack() -> AsyncIterator[tuple[str, asyncio.Event]]:
    """A WebSocket that opens and says nothing from then on, pongs neither; and that it was opened."""
    opened, over = asyncio.Event(), asyncio.Event()

    async def link(request: web.Request) -> web.WebSocketResponse:
        socket = web.WebSocketResponse(autoping=False, autoclose=False)
        await socket.prepare(request)
        await socket.send_json({"type": "hello"})
        opened.set()
        await over.wait()
        return socket

    app = web.Application()
    app.router.add_get("/link", link)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    try:
        yield f"ws://127.0.0.1:{runner.addresses[0][1]}/link", opened
    finally:
        over.set()
        await runner.cleanup()


async def test_connection_that_goes_silent_is_replaced(
    processes: Processes, slack: StandInSlack, documented: str
) -> None:
    """TCP stays open, and Slack answers no ping."""
    async with silent_slack() as (address, opened):
        slack.refuse["apps.connections.open"] = [JSONResponse({"ok": True, "url": address})]
        await processes.start(wait=False)
        async with asyncio.timeout(5):
            await opened.wait()
            await slack.connected.wait()
        assert (await card_of(await slack.command(documented))).text == NAME


@asynccontextmanager
async def accepting_and_no_more() -> AsyncIterator[str]:
    """A server that takes connections and answers nothing."""

    async def hold(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        writer.close()

    server = await asyncio.start_server(hold, "127.0.0.1", 0)
    try:
        yield f"ws://127.0.0.1:{server.sockets[0].getsockname()[1]}/link"
    finally:
        server.close()


async def test_connection_that_does_not_come_about_is_given_up_and_opened_anew(
    processes: Processes, slack: StandInSlack, documented: str, logs: Logs
) -> None:
    """Each time with an address of its own, as the one before may be used up. A line for each try, no traceback."""
    async with accepting_and_no_more() as hanging:
        slack.refuse["apps.connections.open"] = [
            JSONResponse({"ok": True, "url": hanging}),
            JSONResponse({"ok": True, "url": f"{slack.address.replace('http', 'ws')}/link?ticket=used-up"}),
            JSONResponse({"ok": True, "url": "no address"}),
            JSONResponse({"ok": True}),
            "internal_error",
            PlainTextResponse("<html>", 400),
        ]
        await processes.start()
    assert (await card_of(await slack.command(documented))).text == NAME
    assert len([method for method, _ in slack.calls if method == "apps.connections.open"]) == 7
    lines = logs.lines("not_connected")
    assert [line["level"] for line in lines] == ["warning"] * 5
    assert [line for line in lines if "exception" in line or "ticket" in str(line)] == []


@pytest.mark.parametrize("how", ["closed", "told before"])
async def test_connection_that_slack_closes_is_replaced(
    processes: Processes, slack: StandInSlack, documented: str, how: str
) -> None:
    await processes.start()
    if how == "told before":
        await slack.sockets.say_all({"type": "disconnect", "reason": "warning"})
        await eventually(lambda: len(slack.sockets) == 2)
    else:
        await slack.sockets.close()
    await eventually(lambda: len(slack.sockets.carried) == 2)
    await slack.connected.wait()
    assert (await card_of(await slack.command(documented))).text == NAME


async def pauses_of(connection: SlackConnection, count: int, monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """How long nobody is connected after each of the first connections."""
    pauses: list[float] = []
    enough = asyncio.Event()
    sleep = asyncio.sleep

    async def pause(seconds: float) -> None:
        pauses.append(seconds)
        if len(pauses) == count:
            enough.set()
        await sleep(0)

    monkeypatch.setattr("bot.slack.socket_client.asyncio.sleep", pause)
    keeping = asyncio.create_task(connection.keep())
    async with asyncio.timeout(5):
        await enough.wait()
    keeping.cancel()
    await asyncio.gather(keeping, return_exceptions=True)
    await connection.close()
    return pauses[:count]


class Scripted(SlackConnection):
    """Each connection comes to what the next of ``ends`` says."""

    ends: ClassVar[list[bool | Exception]] = []

    async def _connect_once(self) -> bool:
        end = self.ends.pop(0) if self.ends else True
        if isinstance(end, Exception):
            raise end
        return end


@pytest.mark.parametrize(
    ("ends", "pauses"),
    [
        ([True, True], [0, 0]),
        ([False, False, False, True, False], [1, 2, 4, 0, 1]),
        ([SlackUnreachable("away"), ZeroDivisionError(), False], [1, 2, 4]),
        ([RateLimited(17), RateLimited(0)], [17, 2]),
    ],
    ids=["announced", "closed", "failed", "limited"],
)
async def test_only_what_fails_is_waited_after(
    monkeypatch: pytest.MonkeyPatch, logs: Logs, ends: list[bool | Exception], pauses: list[float]
) -> None:
    """For longer and longer; a bug is logged with a code, and ends nothing; Slack's Retry-After is kept."""
    monkeypatch.setattr(Scripted, "ends", list(ends))
    async with aiohttp.ClientSession() as session, connected("http://127.0.0.1:9") as api:
        connection = Scripted(api, session, lambda envelope: None)
        assert await pauses_of(connection, len(ends), monkeypatch) == pauses
    bugs = logs.lines("connection_failed")
    assert len(bugs) == sum(isinstance(end, ZeroDivisionError) for end in ends)
    assert all(line["code"].startswith("E-") for line in bugs)


async def test_connection_whose_end_slack_announces_is_replaced_without_a_pause(
    slack: StandInSlack, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However short it was; one that is just closed is waited after."""
    async with aiohttp.ClientSession() as session, connected(slack.address, token=APP_TOKEN) as api:
        connection = SlackConnection(api, session, lambda envelope: None)

        async def one_reconnect() -> asyncio.Task[bool]:
            before = len(slack.sockets.carried)
            task = asyncio.create_task(connection._connect_once())
            await eventually(lambda: len(slack.sockets.carried) > before and slack.connected.is_set())
            return task

        announced = await one_reconnect()
        await slack.sockets.say_all({"type": "disconnect", "reason": "warning"})
        assert await announced is True
        await slack.sockets.close()
        closed = await one_reconnect()
        await slack.sockets.close()
        assert await closed is False
        await connection.close()


async def test_what_comes_over_a_connection_that_is_about_to_close_is_acknowledged_over_it(
    processes: Processes, slack: StandInSlack, crm: SampleCrm, documented: str
) -> None:
    await processes.start()
    crm.fault = Fault(delay=0.15)
    asking = asyncio.create_task(slack.command(documented))
    await eventually(lambda: crm.asked)
    await slack.sockets.say_all({"type": "disconnect", "reason": "refresh_requested"})
    await eventually(lambda: len(slack.sockets) == 2)
    assert (await card_of(await asking)).text == NAME


async def test_two_processes_of_one_app_share_the_requests(
    processes: Processes, slack: StandInSlack, documented: str
) -> None:
    """Slack gives each to one of them, any of them; each is answered once, whichever it is."""
    for _ in range(2):
        await processes.start()
    while min(slack.sockets.carried) < 3:
        exchange = await slack.command(documented)
        assert (await card_of(exchange)).text == NAME
        assert len([message for message in exchange.shown if message.text == NAME]) == 1


async def test_event_that_slack_gives_to_one_process_and_then_to_the_other_takes_effect_once(
    processes: Processes, slack: StandInSlack, documented: str
) -> None:
    for _ in range(2):
        await processes.start()
    said = await slack.post_message(link(documented))
    assert said.links is not None
    await slack.until(lambda: slack.unfurls.get(said.ts))
    before = list(slack.sockets.carried)
    while sum(now > then for now, then in zip(slack.sockets.carried, before, strict=True)) < 2:
        assert (await slack.redeliver(said.links)).acknowledged
    await asyncio.sleep(0.05)
    assert len(slack.asked_for("chat.unfurl")) == 1


async def test_connection_outlives_the_time_that_a_call_may_take(slack: StandInSlack) -> None:
    """aiohttp's limit for a whole request is not one for a connection that is open."""
    taken: list[Envelope] = []
    async with (
        aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=0.15)) as session,
        connected(slack.address, token=APP_TOKEN) as api,
    ):
        connection = SlackConnection(api, session, taken.append)
        keeping = asyncio.create_task(connection.keep())
        await slack.connected.wait()
        await asyncio.sleep(0.2)
        await slack.sockets.send({"envelope_id": "e1", "payload": {}})
        await eventually(lambda: taken)
        keeping.cancel()
        await connection.close()
    assert len(slack.sockets.carried) == 1


async def test_nothing_is_taken_once_the_process_was_stopped(slack: StandInSlack) -> None:
    """Slack gives it to another process, or again later."""
    taken: list[Envelope] = []
    async with aiohttp.ClientSession() as session, connected(slack.address, token=APP_TOKEN) as api:
        connection = SlackConnection(api, session, taken.append)
        keeping = asyncio.create_task(connection.keep())
        await slack.connected.wait()
        keeping.cancel()
        await asyncio.gather(keeping, return_exceptions=True)
        await slack.sockets.send({"envelope_id": "e1", "payload": {}})
        await asyncio.sleep(0.05)
        await connection.close()
    assert taken == []


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda parts: st.lists(parts) | st.dictionaries(st.sampled_from(["type", "envelope_id", "payload", "x"]), parts),
    max_leaves=10,
)


class Frames:
    """A WebSocket that receives ``frame`` and is closed."""

    close_code = 1000

    def __init__(self, frame: aiohttp.WSMessage) -> None:
        self._frames = [frame]

    async def __aenter__(self) -> None:
        pass

    async def __aexit__(self, *_: object) -> None:
        pass

    def __aiter__(self) -> "Frames":
        return self

    async def __anext__(self) -> aiohttp.WSMessage:
        if not self._frames:
            raise StopAsyncIteration
        return self._frames.pop()


@given(_JSON.map(json.dumps) | st.text() | st.binary())
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_comes_is_an_envelope_or_nothing(data: str | bytes) -> None:
    kind = aiohttp.WSMsgType.TEXT if isinstance(data, str) else aiohttp.WSMsgType.BINARY
    taken: list[Envelope] = []

    async def read() -> None:
        async with aiohttp.ClientSession() as session, connected("http://127.0.0.1:9") as api:
            connection = SlackConnection(api, session, taken.append)
            socket = cast("aiohttp.ClientWebSocketResponse", Frames(aiohttp.WSMessage(kind, data, None)))
            await connection._read(socket, asyncio.get_running_loop().create_future())

    asyncio.run(read())
    assert all(type(envelope.envelope_id) is str and type(envelope.payload) is dict for envelope in taken)


def test_text_nested_too_deep_is_nothing() -> None:
    assert parse_frame(aiohttp.WSMessage(aiohttp.WSMsgType.TEXT, "[" * 100_000, None)) == {}
