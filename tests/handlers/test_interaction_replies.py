"""Buttons on messages, end to end: Refresh and Retry."""

import asyncio

import pytest

from bot.cards.action_ids import CUSTOMER_REFRESH
from bot.playground.fake_crm.server import FAULTS, Fault, SampleCrm
from bot.playground.fake_slack.server import Exchange, StandInSlack
from bot.server.http import WebProcess
from bot.slack.message import Message
from tests.conftest import Clock, Logs
from tests.support.block_kit import buttons_of
from tests.support.modals import says_no_customer

NAME = "胡效鑫1  CF00000179"


def button(message: Message) -> tuple[str, str]:
    """The card's one button that asks again: its action_id and value."""
    [found] = [element for element in buttons_of(message) if element["action_id"] == CUSTOMER_REFRESH]
    return found["action_id"], found["value"]


async def answer(exchange: Exchange) -> Message:
    """What came of a click: exactly one card, after an empty acknowledgement."""
    assert (exchange.status, exchange.acknowledged) == (200, True)
    [message] = await exchange.answers(1)
    return message


async def test_refresh_asks_the_crm_past_the_cache(
    bot: WebProcess, slack: StandInSlack, crm: SampleCrm, documented: str, logs: Logs
) -> None:
    [first] = (await slack.command(documented)).shown
    rows = [dict(row, Value="新名字") if row["Key"] == "客户名称" else row for row in crm.customers[documented]]
    crm.customers[documented] = rows
    assert (await answer(await slack.click(*button(first)))).text == "新名字  CF00000179"
    [again] = (await slack.command(documented)).shown
    assert again.text == "新名字  CF00000179"
    assert crm.asked["GetCustomer"] == 2
    assert [(line["surface"], line["cache"]) for line in logs.lines("customer_lookup")] == [
        ("command", "miss"),
        ("button", "miss"),
        ("command", "hit"),
    ]


async def test_buttons_of_a_card_name_nothing_but_the_customer(
    bot: WebProcess, slack: StandInSlack, documented: str
) -> None:
    """Their ids and values are an API: cards in Slack outlive releases."""
    [card] = (await slack.command(documented)).shown
    *buttons, menu = buttons_of(card)
    assert [(button["action_id"], button["value"]) for button in buttons] == [
        ("customer_details", documented),
        ("customer_share", documented),
        ("customer_refresh", documented),
    ]
    assert menu["action_id"] == "customer_menu"
    assert [option["value"] for option in menu["options"]] == [
        f"open {documented}",
        f"copy {documented}",
        f"pin {documented}",
    ]


async def test_retry_after_an_error_brings_the_card(
    bot: WebProcess, slack: StandInSlack, crm: SampleCrm, documented: str
) -> None:
    crm.fault = FAULTS["html"]
    [error] = (await slack.command(documented)).shown
    assert error.text.startswith("易售后的回答无法读取")
    crm.fault = None
    assert (await answer(await slack.click(*button(error)))).text == NAME


async def test_retry_of_a_crm_that_still_fails_gives_an_error_with_a_new_code_and_retry(
    bot: WebProcess, slack: StandInSlack, crm: SampleCrm, documented: str
) -> None:
    crm.fault = FAULTS["html"]
    [error] = (await slack.command(documented)).shown
    second = await answer(await slack.click(*button(error)))
    assert second.text.startswith("易售后的回答无法读取 (E-")
    assert button(second) == button(error)
    assert second.text != error.text


async def test_refresh_with_the_crm_down_gives_the_last_copy_with_its_age(
    bot: WebProcess, slack: StandInSlack, crm: SampleCrm, clock: Clock, documented: str
) -> None:
    """Also of a copy that is still fresh: the person asked for the CRM's word."""
    [card] = (await slack.command(documented)).shown
    clock.advance(120)
    crm.fault = Fault(status=404, body=b"gone")
    stale = await answer(await slack.click(*button(card)))
    assert stale.text == NAME
    assert "易售后没有回应；这是 2 分钟前的副本" in str(stale.blocks)


async def test_refresh_of_a_customer_that_was_deleted_says_so_and_forgets_the_copy(
    bot: WebProcess, slack: StandInSlack, crm: SampleCrm, documented: str
) -> None:
    [card] = (await slack.command(documented)).shown
    del crm.customers[documented]
    assert (await answer(await slack.click(*button(card)))).text.startswith("没有这个 id 的客户")
    [again] = (await slack.command(documented)).shown
    assert again.text.startswith("没有这个 id 的客户")


async def test_refresh_finds_a_customer_that_was_unknown_a_moment_ago(
    bot: WebProcess, slack: StandInSlack, crm: SampleCrm, documented: str
) -> None:
    rows = crm.customers.pop(documented)
    await slack.command(documented)
    crm.customers[documented] = rows
    assert (await answer(await slack.click(CUSTOMER_REFRESH, documented))).text == NAME


@pytest.mark.parametrize(
    "value",
    [None, "", "nonsense", "\ud800", "x" * 2_000],
    ids=["none", "empty", "nonsense", "half a character", "long"],
)
async def test_click_on_an_old_button_still_gets_an_answer(
    bot: WebProcess, slack: StandInSlack, crm: SampleCrm, value: str | None
) -> None:
    assert says_no_customer((await answer(await slack.click(CUSTOMER_REFRESH, value))).text)
    assert not crm.asked["GetCustomer"]


async def test_two_clicks_get_two_answers_and_cost_one_crm_request(
    bot: WebProcess, slack: StandInSlack, crm: SampleCrm, documented: str
) -> None:
    await slack.command(documented)
    crm.fault = Fault(delay=0.1)
    exchanges = await asyncio.gather(*(slack.click(CUSTOMER_REFRESH, documented) for _ in range(2)))
    assert [(await answer(exchange)).text for exchange in exchanges] == [NAME, NAME]
    assert crm.asked["GetCustomer"] == 2


async def test_click_says_in_the_access_log_who_clicked_and_where(
    bot: WebProcess, slack: StandInSlack, documented: str, logs: Logs
) -> None:
    await answer(await slack.click(CUSTOMER_REFRESH, documented))
    [line] = logs.lines("customer_lookup")
    assert {name: line[name] for name in ("team", "user", "channel", "surface", "customer_id", "outcome")} == {
        "team": "T0PLAY",
        "user": "U0SALES",
        "channel": "C0GENERAL",
        "surface": "button",
        "customer_id": documented,
        "outcome": "found",
    }
