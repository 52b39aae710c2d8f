"""Socket Mode, end to end: the bot's own WebSocket to the stand-in Slack."""

import asyncio
import signal
from collections.abc import AsyncIterator
from functools import partial

import pytest
from aiohttp import ClientWebSocketResponse
from starlette.responses import JSONResponse

from bot.app import CustomerBot, build_app
from bot.playground.fake_crm.server import APP_ID, APP_SECRET, Fault, SampleCrm
from bot.playground.fake_slack.server import APP_TOKEN, BOT_TOKEN, StandInSlack
from bot.playground.settings import playground_settings
from bot.runtime.metrics import Metrics
from bot.server.socket_mode import run, serving
from bot.settings import SocketSettings, load
from bot.slack.identity import SlackIdentity
from bot.slack.socket_client import Timing
from tests.conftest import Logs
from tests.server.test_http import OURS, signals
from tests.support.prometheus import scrape
from tests.support.slack_layer import eventually
from tests.support.surfaces import TEMPLATE, link

__all__ = ["signals"]
pytestmark = pytest.mark.usefixtures("signals")

NAME = "胡效鑫1  CF00000179"
SHORT_TIMING = Timing(heartbeat=0.1, opening=0.2, first_wait=0.02, longest_wait=0.05)


@pytest.fixture
async def crm() -> AsyncIterator[SampleCrm]:
    """In real time, as the processes are."""
    async with SampleCrm().open() as crm:
        yield crm


@pytest.fixture
async def bot(slack: StandInSlack, crm: SampleCrm, database: str) -> AsyncIterator[CustomerBot]:
    settings = playground_settings(
        crm.address, slack.address, ack_budget_seconds=0.05, customer_url_template=TEMPLATE, database_url=database
    )
    async with build_app(settings) as bot:
        await bot.identity.learn()
        await eventually(lambda: not bot.store.trouble)
        yield bot


@pytest.fixture
def settings(slack: StandInSlack, crm: SampleCrm, monkeypatch: pytest.MonkeyPatch) -> SocketSettings:
    monkeypatch.setattr("bot.app.SlackIdentity", partial(SlackIdentity, first_wait_seconds=0.02))
    for name, value in {
        "SLACK_BOT_TOKEN": BOT_TOKEN,
        "SLACK_APP_TOKEN": APP_TOKEN,
        "SLACK_API_URL": f"{slack.address}/api",
        "ESHOUHOU_BASE_URL": crm.address,
        "ESHOUHOU_APP_ID": APP_ID,
        "ESHOUHOU_APP_SECRET": APP_SECRET,
        "ACK_BUDGET_SECONDS": "0.05",
    }.items():
        monkeypatch.setenv(name, value)
    return load(SocketSettings)


@pytest.fixture
async def connected(bot: CustomerBot, settings: SocketSettings, slack: StandInSlack) -> AsyncIterator[None]:
    """The bot's side of a connection that is open."""
    async with serving(bot, settings, SHORT_TIMING):
        await slack.connected.wait()
        yield


async def test_command_is_answered_in_its_acknowledgement(
    connected: None, bot: CustomerBot, slack: StandInSlack, documented: str
) -> None:
    await slack.command(documented)
    await bot.background.drain(5)
    exchange = await slack.command(documented)
    assert [message.text for message in exchange.shown] == [NAME]
    assert exchange.shown[0].blocks


async def test_slow_command_is_acknowledged_and_its_card_follows(
    connected: None, slack: StandInSlack, crm: SampleCrm, documented: str
) -> None:
    crm.fault = Fault(delay=0.1)
    exchange = await slack.command(documented)
    assert [message.text for message in exchange.shown] == [f"正在查询 {documented} · 结果随后送达"]
    shown = await exchange.answers(2)
    assert shown[1].text == NAME
    assert not exchange.overtaken


async def test_click_is_answered(connected: None, slack: StandInSlack, documented: str) -> None:
    exchange = await slack.click("customer_refresh", documented)
    assert exchange.acknowledged
    [message] = await exchange.answers(1)
    assert message.text == NAME


async def test_acknowledgements_are_counted_by_kind(
    connected: None, bot: CustomerBot, slack: StandInSlack, documented: str
) -> None:
    await slack.command(documented)
    await slack.click("customer_refresh", documented)
    await bot.background.drain(5)
    scraped = await scrape(bot.metrics)
    assert scraped.series("acknowledgement_duration_seconds_count") == {("command",): 1, ("action",): 1}


async def test_event_is_acknowledged_and_takes_effect_once(
    connected: None, bot: CustomerBot, slack: StandInSlack, documented: str
) -> None:
    said = await slack.post_message(link(documented))
    assert said.links is not None
    assert said.links.acknowledged
    [unfurl] = (await slack.until(lambda: slack.unfurls.get(said.ts))).values()
    assert "胡效鑫1" in str(unfurl.message.blocks)
    assert (await slack.redeliver(said.links)).acknowledged
    await bot.background.drain(5)
    assert len(slack.asked_for("chat.unfurl")) == 1


async def test_modal_is_opened_and_what_is_typed_is_answered_in_the_acknowledgement(
    connected: None, slack: StandInSlack, documented: str
) -> None:
    await slack.command(documented)
    await slack.global_shortcut("find_customer")
    modal = await slack.until(slack.modal)
    typed = {"query": {"query": {"type": "plain_text_input", "value": documented}}}
    assert (await slack.submit(modal.view_id, typed)).acknowledged
    assert "胡效鑫1" in str(modal.view["blocks"])


@pytest.mark.parametrize("cached", [True, False], ids=["at once", "through Bolt"])
async def test_command_whose_acknowledgement_cannot_be_written_is_answered_over_its_response_url(
    connected: None,
    bot: CustomerBot,
    slack: StandInSlack,
    documented: str,
    cached: bool,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """TCP breaks: Slack does not ask again. What was not written is not counted."""
    if cached:
        await slack.command(documented)
        await bot.background.drain(5)
    before = len(slack.exchanges)

    async def broken(socket: ClientWebSocketResponse, *_: object) -> None:
        raise ConnectionResetError

    monkeypatch.setattr(ClientWebSocketResponse, "send_json", broken)
    asking = asyncio.create_task(slack.command(documented if cached else "help"))
    exchange = await slack.until(
        lambda: next((each for each in list(slack.exchanges.values())[before:] if each.shown), None)
    )
    asking.cancel()
    assert (exchange.shown[0].text == NAME) is cached
    assert exchange.shown[0].blocks
    counted = (await scrape(bot.metrics)).series("acknowledgement_duration_seconds_count")
    assert counted == ({("command",): 1} if cached else {})


async def test_stopping_finishes_what_is_under_way(
    bot: CustomerBot, settings: SocketSettings, slack: StandInSlack, crm: SampleCrm, documented: str
) -> None:
    """Also what has not been acknowledged yet: the connection carries that first."""
    async with serving(bot, settings):
        await slack.connected.wait()
        crm.fault = Fault(delay=0.15)
        asking = asyncio.create_task(slack.command(documented))
        await asyncio.sleep(0.02)
    exchange = await asking
    await exchange.answers(2)
    assert [message.text for message in exchange.shown] == [f"正在查询 {documented} · 结果随后送达", NAME]


async def test_what_the_bot_has_no_listener_for_is_left_to_slack(
    connected: None, slack: StandInSlack, logs: Logs, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No acknowledgement, and no word of Bolt's: its advice would be misleading."""
    monkeypatch.setattr("bot.playground.fake_slack.server.ACK_SECONDS", 0.05)
    exchange = await slack.command("x", command="/nothing")
    assert [message.text for message in exchange.shown] == ["operation_timeout"]
    envelope = {"type": "interactive", "envelope_id": "e1", "accepts_response_payload": True}
    await slack.sockets.send({**envelope, "payload": OURS["a submitted modal with several response_urls"]})
    await asyncio.sleep(0.05)
    assert {line["logger"].partition(".")[0] for line in logs.lines()} <= {"bot", "uvicorn"}


# --- The process ---------------------------------------------------------------------------------------------------


async def test_process_serves_until_it_is_stopped_and_then_drains(
    settings: SocketSettings, slack: StandInSlack, crm: SampleCrm, documented: str, logs: Logs
) -> None:
    """What was only just asked, too."""
    running = asyncio.create_task(run(settings, Metrics()))
    await asyncio.wait_for(slack.connected.wait(), 5)
    crm.fault = Fault(delay=0.15)
    asking = asyncio.create_task(slack.command(documented))
    await asyncio.sleep(0.02)
    signal.raise_signal(signal.SIGINT)
    await asyncio.wait_for(running, 5)
    assert [message.text for message in (await asking).shown] == [f"正在查询 {documented} · 结果随后送达", NAME]
    assert [line["given_up"] for line in logs.lines("drained")] == [0]


async def test_process_waits_for_slack_to_know_it(settings: SocketSettings, slack: StandInSlack, logs: Logs) -> None:
    slack.auth_answers = [JSONResponse({"ok": False, "error": "invalid_auth"}) for _ in range(2)]
    running = asyncio.create_task(run(settings, Metrics()))
    await asyncio.wait_for(slack.connected.wait(), 5)
    assert slack.asked == ["auth.test"] * 3
    assert len(logs.lines("slack_refused")) == 2
    signal.raise_signal(signal.SIGTERM)
    await asyncio.wait_for(running, 5)


async def test_process_waits_for_slack_to_be_there(
    settings: SocketSettings, slack: StandInSlack, logs: Logs, documented: str
) -> None:
    async with StandInSlack().open() as away:
        port = int(away.address.rpartition(":")[2])
    running = asyncio.create_task(run(settings.model_copy(update={"slack_api_url": f"{away.address}/api/"}), Metrics()))
    await eventually(lambda: logs.lines("slack_unreachable"))
    async with StandInSlack().open(port) as back:
        await asyncio.wait_for(back.connected.wait(), 5)
        assert (await (await back.command(documented)).answers(1))[0].text
        signal.raise_signal(signal.SIGTERM)
        await asyncio.wait_for(running, 5)


async def test_process_can_be_stopped_while_slack_does_not_know_it(
    settings: SocketSettings, slack: StandInSlack, logs: Logs
) -> None:
    slack.auth_answers = [JSONResponse({"ok": False, "error": "invalid_auth"}) for _ in range(100)]
    running = asyncio.create_task(run(settings, Metrics()))
    async with asyncio.timeout(5):
        while not slack.asked:  # noqa: ASYNC110  # the stand-in has no event for it
            await asyncio.sleep(0.01)
    signal.raise_signal(signal.SIGTERM)
    await asyncio.wait_for(running, 5)
    assert not slack.connected.is_set()


async def test_process_whose_app_token_is_refused_says_so_and_can_be_stopped(
    settings: SocketSettings, slack: StandInSlack, logs: Logs, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SLACK_APP_TOKEN", "xapp-another")
    running = asyncio.create_task(run(load(SocketSettings), Metrics()))
    async with asyncio.timeout(5):
        while "invalid_auth" not in logs.text:  # noqa: ASYNC110  # nor for this
            await asyncio.sleep(0.01)
    assert not running.done()
    assert not slack.connected.is_set()
    signal.raise_signal(signal.SIGTERM)
    await asyncio.wait_for(running, 5)
    assert "xapp-another" not in logs.text
