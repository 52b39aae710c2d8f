"""The bot as a whole: bugs become answers with a code, and nothing that was acknowledged is lost at the end."""

import asyncio
import re

import pytest
from pytest_mock import MockerFixture

from bot.app import build_app, build_inquiries
from bot.cards.action_ids import CUSTOMER_REFRESH
from bot.domain.inquiry import Inquiry, Surface
from bot.domain.results import Found, NotFound, Unavailable
from bot.errors import Trouble
from bot.playground.asgi_server import loopback
from bot.playground.fake_crm.server import FAULTS, SERVICE_SPACE, Fault, SampleCrm
from bot.playground.fake_slack.server import Exchange, StandInSlack
from bot.playground.settings import playground_settings
from bot.server.http import WebProcess
from tests.conftest import Clock, Logs
from tests.support.surfaces import NO_DATABASE

NAME = "胡效鑫1  CF00000179"
BUG = RuntimeError("a bug")
CODE = re.compile("E-[0-9A-F]{4}")


def shown_code(exchange: Exchange) -> str:
    """The code on the one answer that the person got."""
    [message] = exchange.shown
    [code] = CODE.findall(message.text)
    assert message.text.startswith("机器人内部出错")
    return str(code)


def tracebacks(logs: Logs) -> list[tuple[str, str]]:
    """Event and code of each line with a traceback."""
    return [(line["event"], line["code"]) for line in logs.lines() if "a bug" in line.get("exception", "")]


BUGS = {
    "in a card": ("bot.cards.render.private_card", "{id}", "card_failed"),
    "in the lookup": ("bot.customers.lookup.CustomerLookup.find", "{id}", "inquiry_failed"),
    "in the CRM's client": ("bot.crm.api.EshouhouClient.get_customer", "{id}", "inquiry_failed"),
    "in the policy": ("bot.inquiries.result_cache.private_view", "{id}", "inquiry_failed"),
    "in reading": ("bot.inquiries.resolver.QueryReader.parse", "{id}", "inquiry_failed"),
    "in the help": ("handlers.commands.help_card", "help", "answer_failed"),
    "in the reasons": ("bot.inquiries.automatic_cards.AutomaticCards.why", "why", "answer_failed"),
    "in the language": ("bot.slack.languages.Languages.of", "{id}", "answer_failed"),
    "in a listener": ("handlers.commands.normalise", "{id}", "listener_failed"),
}


@pytest.mark.parametrize(("where", "text", "event"), BUGS.values(), ids=BUGS.keys())
async def test_bug_behind_a_command_is_answered_with_the_code_of_its_traceback(
    bot: WebProcess,
    slack: StandInSlack,
    documented: str,
    logs: Logs,
    mocker: MockerFixture,
    where: str,
    text: str,
    event: str,
) -> None:
    mocker.patch(where, side_effect=BUG)
    exchange = await slack.command(text.format(id=documented))
    assert tracebacks(logs) == [(event, shown_code(exchange))]
    mocker.stopall()
    [message] = (await slack.command(documented)).shown
    assert message.text == NAME


@pytest.mark.parametrize(
    ("where", "event"),
    [
        pytest.param("bot.cards.render.private_card", "card_failed", id="in a card"),
        pytest.param("bot.customers.lookup.CustomerLookup.refresh", "inquiry_failed", id="in the lookup"),
        pytest.param("bot.inquiries.resolver.QueryReader.parse", "inquiry_failed", id="in reading"),
    ],
)
async def test_bug_behind_a_click_is_answered_with_the_code_of_its_traceback(
    bot: WebProcess, slack: StandInSlack, documented: str, logs: Logs, mocker: MockerFixture, where: str, event: str
) -> None:
    mocker.patch(where, side_effect=BUG)
    exchange = await slack.click(CUSTOMER_REFRESH, documented)
    await exchange.answers(1)
    assert tracebacks(logs) == [(event, shown_code(exchange))]


async def test_bug_in_the_check_of_limits_is_answered_with_the_code_of_a_traceback(
    bot: WebProcess, slack: StandInSlack, documented: str, logs: Logs, mocker: MockerFixture
) -> None:
    """What apologises for it passes no check any more."""
    mocker.patch("bot.cards.limits.violations", side_effect=BUG)
    exchange = await slack.command(documented)
    assert tracebacks(logs)[-1] == ("answer_failed", shown_code(exchange))


async def test_bug_in_the_lookup_leaves_a_way_to_retry(
    bot: WebProcess, slack: StandInSlack, documented: str, mocker: MockerFixture
) -> None:
    mocker.patch("bot.customers.lookup.CustomerLookup.find", side_effect=BUG)
    [message] = (await slack.command(documented)).shown
    assert f"'value': '{documented}'" in str(message.blocks)


async def test_card_over_slacks_limits_goes_as_its_text_alone(
    bot: WebProcess, slack: StandInSlack, documented: str, logs: Logs, mocker: MockerFixture
) -> None:
    """Slack would show nothing of it."""
    mocker.patch("bot.cards.profile_card.title", return_value="x" * 151)
    [message] = (await slack.command(documented)).shown
    assert message.blocks == []
    assert [line["level"] for line in logs.lines("card_over_limits")] == ["error"]


async def test_bolt_itself_logs_nothing(bot: WebProcess, slack: StandInSlack, documented: str, logs: Logs) -> None:
    """Its warnings mislead: they advise listeners for what is not the bot's, and warn of ``authorize``."""
    await slack.command(documented)
    await slack.command("x", command="/nothing")
    await slack.click("customer_teleport", documented)
    assert {line["logger"].partition(".")[0] for line in logs.lines()} <= {"bot", "customer_bot", "uvicorn"}


async def test_stopping_answers_what_was_acknowledged(
    slack: StandInSlack, crm: SampleCrm, clock: Clock, documented: str, logs: Logs
) -> None:
    process = WebProcess(playground_settings(crm.address, slack.address, ack_budget_seconds=0.01), clock)
    async with loopback(process.asgi_app()) as slack.bot_address:
        await slack.wait_for_bot()
        crm.fault = Fault(delay=0.1)
        exchange = await slack.command(documented)
        assert [message.text for message in exchange.shown] == [f"正在查询 {documented} · 结果随后送达"]
    assert exchange.shown[1].text == NAME
    assert [line["given_up"] for line in logs.lines("drained")] == [0]


async def test_stopping_gives_up_in_the_end(
    slack: StandInSlack,
    crm: SampleCrm,
    clock: Clock,
    documented: str,
    logs: Logs,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("bot.app.DRAIN_SECONDS", 0.05)
    process = WebProcess(playground_settings(crm.address, slack.address, ack_budget_seconds=0.01), clock)
    async with loopback(process.asgi_app()) as slack.bot_address:
        await slack.wait_for_bot()
        crm.fault = FAULTS["hang"]
        exchange = await slack.command(documented)
    assert len(exchange.shown) == 1
    [drained] = logs.lines("drained")
    assert drained["given_up"] > 0


async def test_lookup_needs_no_slack(crm: SampleCrm, clock: Clock, documented: str) -> None:
    async with build_inquiries(playground_settings(crm.address), clock) as (inquiries, _):
        answer = await inquiries.ask(Inquiry(documented, Surface.CLI))
    assert isinstance(answer, Found)
    assert answer.profile.name == "胡效鑫1"


async def test_lookup_by_number_needs_the_database_that_is_opened_for_it_alone(
    crm: SampleCrm, clock: Clock, database: str, documented: str
) -> None:
    """An inquiry by an id does not wait for a database."""
    number = Inquiry("CF00000179", Surface.CLI)
    settings = playground_settings(crm.address, database_url=database, eshouhou_service_space_id=SERVICE_SPACE)
    crm.contacts, crm.devices, crm.work_orders = [], [], []  # the lists may not know it
    async with build_inquiries(settings, clock) as (inquiries, store):
        closed = await inquiries.ask(number)
        await store.open()
        unseen = await inquiries.ask(number)
        await inquiries.ask(Inquiry(documented, Surface.CLI))
    async with build_inquiries(settings, clock) as (inquiries, store):
        await store.open()
        seen = await inquiries.ask(number)
    assert isinstance(closed, Unavailable)
    assert closed.failure.trouble is Trouble.STORE
    assert isinstance(unseen, NotFound)
    assert isinstance(seen, Found)


async def test_app_is_there_before_its_database(crm: SampleCrm, slack: StandInSlack) -> None:
    settings = playground_settings(crm.address, slack.address, database_url=NO_DATABASE)
    async with asyncio.timeout(1), build_app(settings) as bot:
        assert bot.store.trouble


async def test_app_without_a_signing_secret_is_built(crm: SampleCrm, slack: StandInSlack) -> None:
    """Socket Mode has none."""
    async with build_app(playground_settings(crm.address, slack.address)) as bot:
        await asyncio.wait_for(bot.identity.learn(), 1)
        assert bot.identity.known is not None


async def test_no_client_of_slacks_repeats_anything_by_itself(bot: WebProcess) -> None:
    """Bolt's can post, too. Who repeats a post has to know whether Slack may have taken it: SlackApi alone does."""
    assert bot.bot is not None
    clients = [bot.bot.bolt.client, bot.bot.slack._client, bot.bot.identity._client]
    assert [client.retry_handlers for client in clients] == [[], [], []]
