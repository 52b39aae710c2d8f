"""The tabs of a customer's details, end to end: contacts, devices, work orders, steps, and the line on the card."""

import asyncio
import json
from collections.abc import Mapping
from typing import Any

import pytest

from bot.cards.action_ids import (
    CUSTOMER_DETAILS,
    CUSTOMER_PICK,
    CUSTOMER_REFRESH,
    CUSTOMER_SHARE,
    CUSTOMER_STEPS,
    CUSTOMER_TAB_CONTACTS,
    CUSTOMER_TAB_DEVICES,
    CUSTOMER_TAB_PROFILE,
    CUSTOMER_TAB_WORK_ORDERS,
)
from bot.errors import Trouble
from bot.playground.fake_crm.server import Fault, SampleCrm
from bot.playground.fake_slack.server import CHANNEL, MANAGER, USER, Ephemeral, InView, ShownView, StandInSlack
from bot.server.http import WebProcess
from bot.slack.message import Block, Message
from tests.conftest import Clock, Logs, StartBot
from tests.support.block_kit import elements_of
from tests.support.modals import (  # noqa: F401  # a fixture among them
    CODE,
    EN,
    GONE,
    ZH,
    Do,
    FormerModal,
    element,
    everything_posted,
    hurry_fixture,
    modal_of,
    text_of,
    values_in,
)
from tests.support.surfaces import CLINIC, DOCUMENTED, FACTORY, UNKNOWN, everything_in, idle, link

NAME = "胡效鑫1"
PHONE = "185 3962 2352"
ORDER = "4cda4c70-9d53-47c6-8641-c9e50d078c09"
TABS = (CUSTOMER_TAB_CONTACTS, CUSTOMER_TAB_DEVICES, CUSTOMER_TAB_WORK_ORDERS)
ASKED = {
    CUSTOMER_TAB_PROFILE: "GetCustomer",
    CUSTOMER_TAB_CONTACTS: "GetCustomerContacts",
    CUSTOMER_TAB_DEVICES: "GetCustomerProducts",
    CUSTOMER_TAB_WORK_ORDERS: "GetWorkOrders",
}
"""What the CRM is asked for each tab."""
LINE = "2 张未完成工单  ·  1 台设备已过保"
HANGING: Mapping[str, Fault] = dict.fromkeys(ASKED.values(), Fault(hang=True))


async def details(bot: WebProcess, slack: StandInSlack, customer_id: str = DOCUMENTED, user: str = USER) -> ShownView:
    """The details of a customer, opened from a private card."""
    assert (await slack.click(CUSTOMER_DETAILS, customer_id, user=user)).status == 200
    return await modal_of(bot, slack, user)


async def turn(slack: StandInSlack, modal: ShownView, action_id: str, value: str = DOCUMENTED) -> None:
    """A user clicks on a tab, or on Retry or Steps."""
    assert (await slack.click(action_id, value, user=modal.user, at=InView(modal.view_id))).status == 200


async def turned(
    bot: WebProcess, slack: StandInSlack, modal: ShownView, action_id: str, value: str = DOCUMENTED
) -> str:
    """What the modal says then."""
    await turn(slack, modal, action_id, value)
    assert await modal_of(bot, slack, modal.user) is modal
    return text_of(modal)


def marked(modal: ShownView) -> list[str]:
    """The tabs that are shown as the present one."""
    return [button["text"]["text"] for button in elements_of(modal.view["blocks"]) if button.get("style") == "primary"]


# --- Each tab --------------------------------------------------------------------------------------------------------


async def test_contacts_devices_and_work_orders_stand_in_their_tabs(bot: WebProcess, slack: StandInSlack) -> None:
    """In the one modal. Nothing is posted anywhere."""
    modal = await details(bot, slack)
    contacts = await turned(bot, slack, modal, CUSTOMER_TAB_CONTACTS)
    for text in (NAME, "CF00000179", "张会计", "<tel:13900001179|139 0000 1179>", "zhang@example.com", "联系人（"):
        assert text in contacts
    assert marked(modal) == ["· 联系人 ·"]
    devices = await turned(bot, slack, modal, CUSTOMER_TAB_DEVICES)
    for text in (NAME, "LPR-30ⅡD/BP", "CE00000154", "序列号 LPR30-20230042", "已过保", "设备（1）"):
        assert text in devices
    assert marked(modal) == ["· 设备 ·"]
    orders = await turned(bot, slack, modal, CUSTOMER_TAB_WORK_ORDERS)
    for text in (NAME, "*GD00000930*  服务中  ·  待服务", "*GD00000929*  已分配  ·  待派工", "移机到二楼", "工单（4）"):
        assert text in orders
    assert marked(modal) == ["· 工单 ·"]
    profile = await turned(bot, slack, modal, CUSTOMER_TAB_PROFILE)
    assert PHONE in profile
    assert marked(modal) == ["· 资料 ·"]
    assert slack.modals[USER] == [modal]
    assert not everything_posted(slack)


async def test_open_work_orders_come_first(bot: WebProcess, slack: StandInSlack) -> None:
    orders = await turned(bot, slack, await details(bot, slack), CUSTOMER_TAB_WORK_ORDERS)
    numbers = ("GD00000930", "GD00000929", "GD00000915", "GD00000901")
    assert sorted(numbers, key=lambda number: orders.index(f"*{number}*")) == list(numbers)


async def test_steps_of_a_work_order_are_shown_in_the_same_modal_and_the_last_one_first(
    bot: WebProcess, slack: StandInSlack
) -> None:
    """With the tabs above, by which one comes back."""
    modal = await details(bot, slack)
    await turned(bot, slack, modal, CUSTOMER_TAB_WORK_ORDERS)
    assert f"{DOCUMENTED} {ORDER}" in values_in(modal, CUSTOMER_STEPS)
    steps = await turned(bot, slack, modal, CUSTOMER_STEPS, f"{DOCUMENTED} {ORDER}")
    for text in (NAME, "进度（6）", "已更换滤芯，出水正常", "2020/4/29 16:20:16  ·  ZJ"):
        assert text in steps
    assert "*预约*  ·  已超时，截止 2020/4/29 17:00:00 :warning:" in steps
    actions = ("关闭", "完工", "预约", "派工", "受理", "新建")
    assert sorted(actions, key=lambda action: steps.index(f"*{action}*")) == list(actions)
    assert marked(modal) == ["· 工单 ·"]
    assert "工单（4）" in await turned(bot, slack, modal, CUSTOMER_TAB_WORK_ORDERS)
    assert slack.modals[USER] == [modal]


async def test_tabs_are_in_the_readers_language(bot: WebProcess, slack: StandInSlack) -> None:
    modal = await details(bot, slack, user=MANAGER)
    orders = await turned(bot, slack, modal, CUSTOMER_TAB_WORK_ORDERS)
    assert "*GD00000930*  In service  ·  waiting for service" in orders
    assert marked(modal) == [f"· {EN.records.work_orders} ·"]


async def test_every_tab_of_the_sample_customers_is_what_slack_shows(
    bot: WebProcess, slack: StandInSlack, crm: SampleCrm, logs: Logs
) -> None:
    for customer_id in [*crm.customers][::3]:
        modal = await details(bot, slack, customer_id)
        for action_id in TABS:
            await turned(bot, slack, modal, action_id, customer_id)
            assert len(marked(modal)) == 1
        for value in values_in(modal, CUSTOMER_STEPS)[:1]:
            await turned(bot, slack, modal, CUSTOMER_STEPS, value)
    assert not logs.lines("view_over_limits")
    assert not logs.lines("answer_failed")
    assert not logs.lines("inquiry_failed")


async def test_tab_is_asked_for_when_it_is_opened_and_not_again_within_a_minute(
    bot: WebProcess, slack: StandInSlack, crm: SampleCrm, clock: Clock
) -> None:
    modal = await details(bot, slack)
    assert "GetCustomerContacts" not in crm.asked
    for _ in range(3):
        await turned(bot, slack, modal, CUSTOMER_TAB_CONTACTS)
        await turned(bot, slack, modal, CUSTOMER_TAB_PROFILE)
    assert crm.asked["GetCustomerContacts"] == 1
    clock.advance(61)
    await turned(bot, slack, modal, CUSTOMER_TAB_CONTACTS)
    assert crm.asked["GetCustomerContacts"] == 2


async def test_tabs_on_top_of_other_modals_stay_in_theirs(bot: WebProcess, slack: StandInSlack) -> None:
    """A stack is three deep: a tab that was one more would soon be one too many."""
    modal = await details(bot, slack)
    await turn(slack, modal, CUSTOMER_TAB_PROFILE)
    await slack.click(CUSTOMER_PICK, CLINIC, at=FormerModal(modal.view_id))
    above = await modal_of(bot, slack)
    for action_id in (*TABS, CUSTOMER_TAB_PROFILE, *TABS):
        await turned(bot, slack, above, action_id, CLINIC)
    assert slack.modals[USER] == [modal, above]


async def test_what_can_be_done_with_the_customer_works_after_coming_back(bot: WebProcess, slack: StandInSlack) -> None:
    """Also in the channel where the first card was."""
    await slack.click(CUSTOMER_DETAILS, DOCUMENTED, at=Ephemeral(CHANNEL))
    modal = await modal_of(bot, slack)
    await turned(bot, slack, modal, CUSTOMER_TAB_DEVICES)
    await turned(bot, slack, modal, CUSTOMER_TAB_PROFILE)
    await slack.click(CUSTOMER_SHARE, element(modal, CUSTOMER_SHARE)["value"], at=InView(modal.view_id))
    share = await modal_of(bot, slack)
    assert json.loads(share.view["private_metadata"])["channel"] == CHANNEL


async def test_account_in_a_row_is_masked(bot: WebProcess, slack: StandInSlack, crm: SampleCrm) -> None:
    [order] = [row for row in crm.work_orders if row["Number"] == "GD00000930"]
    order["Description"] = "退款到 6222021234567890128，谢谢"
    orders = await turned(bot, slack, await details(bot, slack), CUSTOMER_TAB_WORK_ORDERS)
    assert "退款到 622∗∗∗∗0128" in orders
    assert "6222021234567890128" not in orders


async def test_more_rows_than_a_page_are_said_to_be_more(bot: WebProcess, slack: StandInSlack, crm: SampleCrm) -> None:
    [device] = [row for row in crm.devices if row.get("CustomerID") == DOCUMENTED]
    crm.devices += [{**device, "ID": "", "Number": f"CE1{number:07}"} for number in range(60)]
    devices = await turned(bot, slack, await details(bot, slack), CUSTOMER_TAB_DEVICES)
    assert "设备（前 50 条）" in devices
    assert ZH.records.more in devices


async def test_access_log_says_who_saw_it_and_no_log_what_it_was(
    bot: WebProcess, slack: StandInSlack, logs: Logs
) -> None:
    modal = await details(bot, slack)
    for action_id in TABS:
        await turned(bot, slack, modal, action_id)
    await turned(bot, slack, modal, CUSTOMER_STEPS, f"{DOCUMENTED} {ORDER}")
    lines = logs.lines("customer_lookup")
    assert len(lines) == 1 + len(TABS) + 1
    for line in lines:
        assert {name: line[name] for name in ("user", "channel", "surface", "customer_id", "outcome")} == {
            "user": USER,
            "channel": CHANNEL,
            "surface": "button",
            "customer_id": DOCUMENTED,
            "outcome": "found",
        }
    for secret in (NAME, "张会计", "13900001179", "zhang@example.com", "LPR30-20230042", "移机到二楼"):
        assert secret not in logs.text


# --- While it is loaded ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("action_id", TABS)
async def test_tab_that_takes_long_stands_under_the_head_until_it_is_there(
    bot: WebProcess, slack: StandInSlack, crm: SampleCrm, hurry: Do, action_id: str, clock: Clock
) -> None:
    modal = await details(bot, slack)
    clock.advance(120)
    crm.faults = {ASKED[action_id]: Fault(hang=True)}
    hurry()
    await turn(slack, modal, action_id)
    await slack.until(lambda: ZH.modal.loading in text_of(modal))
    assert text_of(modal).startswith(NAME)
    tabs = elements_of(modal.view["blocks"])
    assert len(tabs) == 4
    assert len(marked(modal)) == 1
    crm.release()
    await modal_of(bot, slack)
    assert ZH.modal.loading not in text_of(modal)
    assert NAME in text_of(modal)


async def test_of_two_tabs_the_one_clicked_last_is_shown(
    bot: WebProcess, slack: StandInSlack, crm: SampleCrm, hurry: Do
) -> None:
    """However long the first one takes."""
    modal = await details(bot, slack)
    crm.faults = {"GetCustomerContacts": Fault(hang=True)}
    hurry()
    await turn(slack, modal, CUSTOMER_TAB_CONTACTS)
    await slack.until(lambda: ZH.modal.loading in text_of(modal))
    await turn(slack, modal, CUSTOMER_TAB_WORK_ORDERS)
    await slack.until(lambda: "工单（4）" in text_of(modal))
    crm.release()
    await idle(bot)
    assert "工单（4）" in text_of(modal)
    assert not [view for view in modal.history if "张会计" in text_of(view)]


async def test_of_two_rapid_clicks_the_last_one_counts(bot: WebProcess, slack: StandInSlack) -> None:
    """Both are on one state of the modal."""
    modal = await details(bot, slack)
    first = slack.click(CUSTOMER_TAB_CONTACTS, DOCUMENTED, at=InView(modal.view_id))
    last = slack.click(CUSTOMER_TAB_WORK_ORDERS, DOCUMENTED, at=InView(modal.view_id))
    clicks = [asyncio.create_task(first)]
    await asyncio.sleep(0)
    clicks.append(asyncio.create_task(last))
    await asyncio.gather(*clicks)
    await modal_of(bot, slack)
    assert marked(modal) == ["· 工单 ·"]


async def test_modal_that_was_closed_while_a_tab_was_loaded_stays_closed(
    bot: WebProcess, slack: StandInSlack, crm: SampleCrm, logs: Logs, hurry: Do
) -> None:
    modal = await details(bot, slack)
    crm.faults = {"GetCustomerContacts": Fault(hang=True)}
    hurry()
    await turn(slack, modal, CUSTOMER_TAB_CONTACTS)
    await slack.until(lambda: ZH.modal.loading in text_of(modal))
    await slack.close(modal.view_id)
    crm.release()
    await idle(bot)
    assert slack.modal() is None
    assert {line["level"] for line in logs.lines("view_not_filled")} == {"info"}


# --- Where it does not come ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("action_id", TABS)
async def test_tab_that_fails_says_why_and_the_others_work(
    bot: WebProcess, slack: StandInSlack, crm: SampleCrm, logs: Logs, clock: Clock, action_id: str
) -> None:
    """With the code of the log, and Retry in its place."""
    modal = await details(bot, slack)
    clock.advance(120)
    crm.faults = {ASKED[action_id]: GONE}
    failed = await turned(bot, slack, modal, action_id)
    assert failed.startswith(NAME)
    assert ZH.trouble[Trouble.NO_ANSWER] in failed
    [code] = CODE.findall(failed)
    assert [line["code"] for line in logs.lines("crm_failed")] == [code]
    assert logs.lines("customer_lookup")[-1]["code"] == code
    for other in set(TABS) - {action_id}:
        assert ZH.trouble[Trouble.NO_ANSWER] not in await turned(bot, slack, modal, other)
    await turned(bot, slack, modal, action_id)
    crm.faults = {}
    retry: Block = next(one for one in elements_of(modal.view["blocks"]) if one["text"]["text"] == ZH.retry)
    assert ZH.trouble[Trouble.NO_ANSWER] not in await turned(bot, slack, modal, retry["action_id"], retry["value"])


async def test_steps_that_fail_say_why_and_retry_brings_them(
    bot: WebProcess, slack: StandInSlack, crm: SampleCrm
) -> None:
    modal = await details(bot, slack)
    await turned(bot, slack, modal, CUSTOMER_TAB_WORK_ORDERS)
    crm.faults = {"GetWorkProcess": GONE}
    failed = await turned(bot, slack, modal, CUSTOMER_STEPS, f"{DOCUMENTED} {ORDER}")
    assert ZH.trouble[Trouble.NO_ANSWER] in failed
    crm.faults = {}
    retry = element(modal, CUSTOMER_STEPS)
    assert "的进度（6）" in await turned(bot, slack, modal, CUSTOMER_STEPS, retry["value"])


async def test_profile_that_fails_leaves_the_tabs(
    bot: WebProcess, slack: StandInSlack, crm: SampleCrm, clock: Clock
) -> None:
    modal = await details(bot, slack)
    await turned(bot, slack, modal, CUSTOMER_TAB_DEVICES)
    clock.advance(100_000)
    crm.faults = {"GetCustomer": GONE}
    failed = await turned(bot, slack, modal, CUSTOMER_TAB_PROFILE)
    assert ZH.trouble[Trouble.NO_ANSWER] in failed
    assert marked(modal) == ["· 资料 ·"]
    crm.faults = {}
    assert PHONE in await turned(bot, slack, modal, CUSTOMER_TAB_PROFILE)


@pytest.mark.parametrize("action_id", [CUSTOMER_TAB_PROFILE, *TABS])
async def test_customer_that_is_gone_is_said_to_be_gone(
    bot: WebProcess, slack: StandInSlack, crm: SampleCrm, clock: Clock, action_id: str
) -> None:
    modal = await details(bot, slack)
    clock.advance(301)
    del crm.customers[DOCUMENTED]
    gone = await turned(bot, slack, modal, action_id)
    assert ZH.search.not_found["id"] in gone
    assert NAME not in gone


async def test_steps_of_another_customers_work_order_are_not_shown(
    bot: WebProcess, slack: StandInSlack, crm: SampleCrm
) -> None:
    modal = await details(bot, slack, FACTORY)
    await slack.click(CUSTOMER_STEPS, f"{FACTORY} {ORDER}", at=FormerModal(modal.view_id))
    steps = text_of(await modal_of(bot, slack))
    assert ZH.records.not_known in steps
    assert "派给王工" not in steps
    assert "GetWorkProcess" not in crm.asked


FORMER = (None, "", "nonsense", UNKNOWN, f"{DOCUMENTED} {CLINIC}", "\ud800", "x" * 2_000)
"""Values such as no button of this version has."""


@pytest.mark.parametrize("action_id", [CUSTOMER_TAB_PROFILE, *TABS, CUSTOMER_STEPS])
async def test_click_on_a_button_of_another_version_gets_an_answer(
    bot: WebProcess, slack: StandInSlack, logs: Logs, action_id: str
) -> None:
    """Wherever it is: in a modal, or in a message that no version has."""
    modal = await details(bot, slack, CLINIC)
    for value in FORMER:
        assert (await slack.click(action_id, value, at=FormerModal(modal.view_id))).status == 200
        await modal_of(bot, slack)
    assert (await slack.click(action_id, DOCUMENTED)).status == 200
    assert await modal_of(bot, slack) is not modal
    assert not logs.lines("answer_failed")
    assert not logs.lines("inquiry_failed")


# --- The line on the card --------------------------------------------------------------------------------------------


def lines_of(message: Message) -> list[str]:
    """The context lines of a card."""
    return [block["elements"][0]["text"] for block in message.blocks if block["type"] == "context"]


async def card(slack: StandInSlack, text: str = DOCUMENTED) -> Message:
    [message] = await (await slack.command(text)).answers(1)
    return message


async def test_card_says_what_is_open_and_what_is_out_of_warranty(
    bot: WebProcess, slack: StandInSlack, crm: SampleCrm
) -> None:
    """Also when it comes from the cache, which costs the CRM nothing."""
    assert LINE in lines_of(await card(slack))
    asked = crm.asked.total()
    assert LINE in lines_of(await card(slack))
    assert LINE in text_of(await details(bot, slack))
    assert crm.asked.total() == asked


async def test_line_asks_for_no_page_of_a_device(bot: WebProcess, slack: StandInSlack, crm: SampleCrm) -> None:
    """Which the tab does, so that the next card knows more."""
    [device] = [row for row in crm.devices if row.get("CustomerID") == DOCUMENTED]
    device["GuaranteedState"] = 0
    assert "2 张未完成工单  ·  1 台设备，没有查到过保的" in lines_of(await card(slack))
    assert "GetCustomerProduct" not in crm.asked
    await turned(bot, slack, await details(bot, slack), CUSTOMER_TAB_DEVICES)
    assert crm.asked["GetCustomerProduct"] == 1
    assert LINE in lines_of(await card(slack))


@pytest.mark.parametrize(
    ("failing", "line"),
    [
        pytest.param(["GetCustomerProducts"], "2 张未完成工单", id="devices"),
        pytest.param(["GetWorkOrders"], "1 台设备已过保", id="work orders"),
        pytest.param(["GetWorkOrders", "GetCustomerProducts"], None, id="both"),
    ],
)
async def test_what_is_not_known_is_left_out_and_nobody_is_alarmed(
    start_bot: StartBot, slack: StandInSlack, crm: SampleCrm, logs: Logs, failing: list[str], line: str | None
) -> None:
    await start_bot(eshouhou_service_space_id="6a8251ba-ce64-46b7-a505-a4e560032706")
    crm.faults = dict.fromkeys(failing, GONE)
    lines = lines_of(await card(slack))
    assert [text for text in lines if "工单" in text or "过保" in text] == ([line] if line else [])
    assert not logs.lines("crm_failed")


async def test_card_does_not_wait_long_for_its_line(
    bot: WebProcess, slack: StandInSlack, crm: SampleCrm, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The next one to ask has it."""
    monkeypatch.setattr("bot.inquiries.resolver.SUMMARY_SECONDS", 0.01)
    crm.faults = {"GetWorkOrders": Fault(hang=True), "GetCustomerProducts": Fault(hang=True)}
    assert not [text for text in lines_of(await card(slack)) if "工单" in text]
    crm.release()
    await idle(bot)
    assert LINE in lines_of(await card(slack))


async def test_nobody_in_a_channel_sees_what_belongs_to_a_customer(bot: WebProcess, slack: StandInSlack) -> None:
    """Neither the line nor a row: not in threads, not under links, not in the panel's own card, not when shared."""
    await card(slack)
    modal = await details(bot, slack)
    for action_id in TABS:
        await turned(bot, slack, modal, action_id)
    slack.calls.clear()
    await slack.post_message(DOCUMENTED)
    await slack.post_message(link(DOCUMENTED))
    await idle(bot)
    posted: Any = everything_in(everything_posted(slack))
    assert NAME in posted
    for text in ("工单", "过保", "张会计", "13900001179", "LPR30-20230042", "GD00000930"):
        assert text not in posted


async def test_refresh_counts_anew(bot: WebProcess, slack: StandInSlack, crm: SampleCrm) -> None:
    await card(slack)
    crm.work_orders = [row for row in crm.work_orders if row.get("CustomerID") != DOCUMENTED]
    [again] = await (await slack.click(CUSTOMER_REFRESH, DOCUMENTED)).answers(1)
    assert "没有未完成工单  ·  1 台设备已过保" in lines_of(again)
