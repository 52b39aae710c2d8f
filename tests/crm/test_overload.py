"""What people see when the CRM does not answer for a while, or is asked more than it takes: over signed HTTP."""

import asyncio
from typing import Final

from bot.crm.circuit_breaker import FAILURES
from bot.crm.concurrency import WAITING_EACH
from bot.playground.fake_crm.server import FAULTS, Fault, SampleCrm
from bot.playground.fake_slack.server import StandInSlack
from bot.server.http import WebProcess
from tests.conftest import Clock, Logs, StartBot
from tests.e2e.test_commands import card_text
from tests.support.slack_layer import eventually
from tests.support.surfaces import idle

NAME: Final = "胡效鑫1  CF00000179"
BUSY: Final = "易售后正忙，暂时排不上"


def customer_number(number: int) -> str:
    """The id of a customer who does not exist."""
    return f"00000000-1111-4222-8333-{number:012}"


async def open_circuit(slack: StandInSlack, crm: SampleCrm) -> None:
    crm.faults["GetCustomer"] = FAULTS["down"]
    for number in range(FAILURES):
        await slack.command(customer_number(number))


async def test_open_circuit_shows_the_last_copy_without_a_request(
    bot: WebProcess, slack: StandInSlack, crm: SampleCrm, clock: Clock, documented: str, logs: Logs
) -> None:
    await slack.command(documented)
    clock.advance(3600)
    await open_circuit(slack, crm)
    asked = crm.asked["GetCustomer"]
    [message] = (await slack.command(documented)).shown
    assert message.text == NAME
    assert "易售后没有回应；这是 1 小时前的副本" in card_text(message)
    assert crm.asked["GetCustomer"] == asked
    assert "is not asked for" in logs.lines("crm_failed")[-1]["reason"]


async def test_customer_without_a_copy_gets_the_error_card_at_once(
    bot: WebProcess, slack: StandInSlack, crm: SampleCrm, documented: str
) -> None:
    await open_circuit(slack, crm)
    asked = crm.asked["GetCustomer"]
    [message] = (await slack.command(documented)).shown
    assert message.text.startswith("易售后没有回应 (")
    assert message.blocks[1]["elements"][0]["action_id"] == "customer_refresh"
    assert crm.asked["GetCustomer"] == asked


async def test_crm_that_wants_a_pause_is_not_asked_before_its_end(
    bot: WebProcess, slack: StandInSlack, crm: SampleCrm, documented: str
) -> None:
    crm.fault = Fault(status=429, body=b"slow down", headers={"retry-after": "30"})
    for _ in range(2):
        [message] = (await slack.command(documented)).shown
        assert message.text.startswith(f"{BUSY} (")
        assert message.blocks[1]["elements"][0]["action_id"] == "customer_refresh"
    assert sum(crm.asked.values()) == 2  # TokenApi, and what it refused


async def test_requests_beyond_the_queue_get_the_busy_card_and_all_others_are_answered(
    start_bot: StartBot, slack: StandInSlack, crm: SampleCrm, documented: str, logs: Logs
) -> None:
    await start_bot(crm_concurrency=1, ack_budget_seconds=2.5)
    await slack.command(documented)
    crm.fault = Fault(delay=0.05)
    people = 1 + WAITING_EACH + 5
    exchanges = await asyncio.gather(*(slack.command(customer_number(number)) for number in range(people)))
    assert [len(exchange.shown) for exchange in exchanges] == [1] * people
    busy = [exchange for exchange in exchanges if exchange.shown[0].text.startswith(f"{BUSY} (")]
    assert len(busy) == 5
    outcomes = [line["outcome"] for line in logs.lines("customer_lookup")[1:]]
    assert (outcomes.count("not_found"), outcomes.count("unavailable")) == (people - 5, 5)


async def test_no_more_requests_are_under_way_than_the_setting_says(
    start_bot: StartBot, slack: StandInSlack, crm: SampleCrm, documented: str
) -> None:
    """A CRM that hangs has as many requests as CRM_CONCURRENCY says, however many users ask."""
    bot = await start_bot(crm_concurrency=3, ack_budget_seconds=0.1)
    await slack.command(documented)
    await idle(bot)  # on a busy machine the lookup may take longer than the budget
    crm.fault = FAULTS["hang"]
    asked = crm.asked["GetCustomer"]
    await asyncio.gather(*(slack.command(customer_number(number)) for number in range(10)))
    await eventually(lambda: crm.asked["GetCustomer"] - asked >= 3)
    assert crm.asked["GetCustomer"] - asked == 3
    crm.release()
