"""Finding customers by whatever people have, end to end: the seven identifiers, lists and their pages, typing ahead."""

import asyncio
from collections.abc import Mapping
from typing import Any, Final

import pytest
from hypothesis import HealthCheck, given, settings

from bot.cards.action_ids import (
    CUSTOMER_BACK,
    CUSTOMER_NEXT,
    CUSTOMER_PICK,
    CUSTOMER_READ_AS,
    CUSTOMER_REFRESH,
    CUSTOMER_SEARCH,
    FIND_CUSTOMER,
    LOOKUP_IN_MESSAGE,
)
from bot.customers.directory.index import Directory
from bot.playground.fake_crm.records import branches
from bot.playground.fake_crm.server import FAULTS, SampleCrm
from bot.playground.fake_slack.server import CHANNEL, MANAGER, USER, InView, ShownView, StandInSlack
from bot.server.http import WebProcess
from bot.slack.message import Block, Message
from tests.conftest import Clock, Logs, StartBot
from tests.support.block_kit import assert_slack_takes, elements_of, foreign_texts
from tests.support.modals import (  # noqa: F401  # fixtures
    EN,
    ZH,
    Do,
    assert_values_are_ids,
    element,
    hang_fixture,
    hurry_fixture,
    modal_of,
    only_answer,
    renamed,
    sent_fixture,
    text_of,
    typed,
    values_in,
)
from tests.support.surfaces import CLINIC, DOCUMENTED, FACTORY, NO_DATABASE, digits_in, idle

NAME: Final = "胡效鑫1  CF00000179"
SHENZHEN: Final = "86198930-58ef-4487-a729-cc351f87080b"
XIANYANG: Final = "e702dfe6-c72a-4265-9e65-739993ce8316"
"""Two of one name, each with a machine of one serial number."""
GENTLEMAN: Final = "0c9bb790-1cbd-4f63-966e-342af1a6a617"
MILL: Final = "a9bebaa2-08f5-4983-bf01-790601d4d2c3"
"""Two of one phone."""
SHOPS: Final = "屿麦便利店"


def said(message: Message) -> str:
    return str(message.blocks)


def rows(message: Message) -> list[str]:
    """The customer ids of a list's rows."""
    return [one["value"] for one in elements_of(message.blocks) if one["action_id"] == CUSTOMER_PICK]


def shops(numbers: range) -> list[str]:
    """The ids of the branches of a chain."""
    return [f"b0000000-0000-4000-8000-{number:012d}" for number in numbers]


async def asked(bot: WebProcess, slack: StandInSlack, text: str) -> Message:
    """What comes of ``/customer text``."""
    exchange = await slack.command(text)
    await idle(bot)
    assert_values_are_ids(exchange.shown[-1].blocks)
    return exchange.shown[-1]


async def find(bot: WebProcess, slack: StandInSlack, user: str = USER) -> ShownView:
    """The modal in which one looks for a customer."""
    assert (await slack.global_shortcut(FIND_CUSTOMER, user=user)).status == 200
    return await modal_of(bot, slack, user)


async def listed(bot: WebProcess, slack: StandInSlack, text: str) -> ShownView:
    """The modal once ``text`` was typed and sent."""
    modal = await find(bot, slack)
    await slack.submit(modal.view_id, typed(text))
    return await modal_of(bot, slack)


async def click(bot: WebProcess, slack: StandInSlack, modal: ShownView, action_id: str) -> ShownView:
    """The modal on top once its one such button was clicked."""
    await slack.click(action_id, element(modal, action_id)["value"], at=InView(modal.view_id))
    return await modal_of(bot, slack)


# --- The seven identifiers -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "read_as"),
    [
        pytest.param(DOCUMENTED, "", id="id"),
        pytest.param("CF00000179", "按客户编号查到", id="customer number"),
        pytest.param("胡效鑫1", "按名称查到", id="name"),
        pytest.param("+86 185-3962 2352", "按电话查到", id="phone"),
        pytest.param("<mailto:903146517@qq.com|903146517@QQ.com>", "按邮箱查到", id="mail"),
        pytest.param("ｃｅ００００0154", "按设备编号查到", id="device number"),
        pytest.param("LPR30-20230042", "按序列号查到", id="serial number"),
    ],
)
async def test_documented_customer_is_found_by_each_of_its_identifiers(
    bot: WebProcess, slack: StandInSlack, text: str, read_as: str
) -> None:
    """By a bot that has never seen it. The card says how the text was read."""
    message = await asked(bot, slack, text)
    assert message.text == NAME
    assert read_as in said(message)
    assert ("查到" in said(message)) is bool(read_as)


@pytest.mark.parametrize(
    ("text", "customers", "how"),
    [
        pytest.param("峤砚口腔门诊部", {SHENZHEN, XIANYANG}, "名称", id="of one name"),
        pytest.param("13800001027", {GENTLEMAN, MILL}, "电话", id="of one phone"),
    ],
)
async def test_twins_are_a_list_whose_rows_open_the_details(
    bot: WebProcess, slack: StandInSlack, text: str, customers: set[str], how: str
) -> None:
    """Their numbers and regions distinguish them; for lock screens there is the count alone."""
    message = await asked(bot, slack, text)
    assert message.text == "找到 2 位客户"
    assert f"按 *{how}* 查找，找到 2 位客户" in said(message)
    assert set(rows(message)) == customers
    for customer_id in customers:
        await slack.click(CUSTOMER_PICK, customer_id)
        assert element(await modal_of(bot, slack), CUSTOMER_REFRESH)["value"] == customer_id


async def test_list_speaks_the_language_of_who_asked(bot: WebProcess, slack: StandInSlack) -> None:
    exchange = await slack.command("13800001027", user=MANAGER)
    [message] = await exchange.answers(1)
    assert message.text == EN.search.count("2")


async def test_neither_log_nor_buttons_hold_what_was_typed(
    bot: WebProcess, slack: StandInSlack, crm: SampleCrm, logs: Logs
) -> None:
    """Not of a list, not of what nobody has, not of what got no answer; the buttons hold it sealed."""
    crm.add_customers(branches(7))
    for fault in (None, FAULTS["html"]):
        crm.fault = fault
        for text in ("13800001027", "13900009999", "nobody@example.com", SHOPS, "王小明", "ZZ-9090"):
            values = [one.get("value", "") for one in elements_of((await asked(bot, slack, text)).blocks)]
            assert not [value for value in values if text in value]
    for secret in ("13800001027", "13900009999", "nobody@example.com", SHOPS, "王小明", "ZZ-9090"):
        assert secret not in logs.text


# --- Nobody, expired, no answer --------------------------------------------------------------------------------------


async def test_what_nobody_has_is_offered_in_another_reading(
    bot: WebProcess, slack: StandInSlack, sent: list[Mapping[str, Any]]
) -> None:
    """A click asks so, and the card is replaced."""
    message = await asked(bot, slack, "13900009999")
    assert message.text.startswith(ZH.search.not_found["phone"])
    other = element(message, CUSTOMER_READ_AS)
    assert other["text"]["text"] == ZH.search.look_as["serial"]
    message = await only_answer(bot, await slack.click(CUSTOMER_READ_AS, other["value"]))
    assert message.text.startswith(ZH.search.not_found["serial"])
    assert sent[-1]["replace_original"] is True


async def test_several_identifiers_are_a_list_of_who_each_led_to(bot: WebProcess, slack: StandInSlack) -> None:
    """As a card and in the modal. A phone that several share leads to their list."""
    text = f"CF99999999 {DOCUMENTED} 13800001001"
    card = await asked(bot, slack, text)
    assert_slack_takes(card)
    assert rows(card) == [DOCUMENTED, FACTORY]
    assert [ZH.search.not_found["number"] in said(card), "138 0000 1001" in said(card)] == [True, True]
    assert card.text == ZH.search.together(3)
    modal = await listed(bot, slack, text)
    assert "杭州岚峤精密机械有限公司" in text_of(modal)


async def test_number_of_a_work_order_finds_the_customer_of_the_order(
    bot: WebProcess, slack: StandInSlack, crm: SampleCrm
) -> None:
    order = next(order for order in crm.work_orders if order["CustomerID"] == FACTORY)
    card = await asked(bot, slack, f"工单 {str(order['Number']).lower()}")
    assert card.text == "杭州岚峤精密机械有限公司  CF00000201"
    assert "按工单编号查到" in said(card)


@pytest.mark.parametrize(("typed_text", "has_hint"), [("2352", True), ("8888 1234", True), ("峤砚大厦", False)])
async def test_end_of_a_phone_is_answered_by_what_is_missing(
    bot: WebProcess, slack: StandInSlack, typed_text: str, has_hint: bool
) -> None:
    assert (ZH.search.end_of_phone in said(await asked(bot, slack, typed_text))) is has_hint


async def test_another_reading_finds_who_was_not_found(bot: WebProcess, slack: StandInSlack, crm: SampleCrm) -> None:
    """A name that looks like a serial number."""
    crm.add_customers({CLINIC: renamed(crm.customers[CLINIC], "A2-Clinic")})
    message = await asked(bot, slack, "A2-Clinic")
    assert message.text.startswith(ZH.search.not_found["serial"])
    message = await only_answer(bot, await slack.click(CUSTOMER_READ_AS, element(message, CUSTOMER_READ_AS)["value"]))
    assert message.text == "A2-Clinic  CF00000202"
    assert "按名称查到" in said(message)


async def test_name_that_begins_as_a_button_is_a_name(bot: WebProcess, slack: StandInSlack, crm: SampleCrm) -> None:
    """Buttons hold ``sealed`` and what nobody reads."""
    crm.add_customers({CLINIC: renamed(crm.customers[CLINIC], "sealed air")})
    assert (await asked(bot, slack, "sealed air")).text == "sealed air  CF00000202"


async def test_another_reading_in_a_modal_is_answered_in_it(bot: WebProcess, slack: StandInSlack) -> None:
    modal = await listed(bot, slack, "13900009999")
    assert ZH.search.not_found["phone"] in text_of(modal)
    assert await click(bot, slack, modal, CUSTOMER_READ_AS) is modal
    assert ZH.search.not_found["serial"] in text_of(modal)


async def test_search_without_an_answer_is_tried_again_by_its_button(
    bot: WebProcess, slack: StandInSlack, crm: SampleCrm
) -> None:
    crm.fault = FAULTS["html"]
    message = await asked(bot, slack, "13800001001")
    assert message.text.startswith("易售后的回答无法读取")
    crm.fault = None
    message = await only_answer(bot, await slack.click(CUSTOMER_REFRESH, element(message, CUSTOMER_REFRESH)["value"]))
    assert message.text == "杭州岚峤精密机械有限公司  CF00000201"


async def test_button_of_yesterday_says_that_it_has_expired(
    bot: WebProcess, slack: StandInSlack, crm: SampleCrm, clock: Clock
) -> None:
    crm.add_customers(branches(7))
    page = element(await asked(bot, slack, SHOPS), CUSTOMER_NEXT)["value"]
    clock.advance(2 * 86_400)
    message = await only_answer(bot, await slack.click(CUSTOMER_NEXT, page))
    assert message.text == ZH.search.expired


@pytest.mark.parametrize("action_id", [CUSTOMER_BACK, CUSTOMER_NEXT, CUSTOMER_READ_AS])
@pytest.mark.parametrize(
    "value",
    [None, "", "nonsense", "5 ", "sealed x", "5 sealed ***", "\ud800", "sealed \ud800", "x" * 2_000],
    ids=["none", "empty", "nonsense", "no query", "no seal", "a broken seal", "half a letter", "half a seal", "long"],
)
async def test_click_of_another_version_still_gets_an_answer(
    bot: WebProcess, slack: StandInSlack, action_id: str, value: str | None
) -> None:
    assert (await only_answer(bot, await slack.click(action_id, value))).blocks


# --- Pages -----------------------------------------------------------------------------------------------------------


async def test_pages_are_turned_in_the_card_itself(
    bot: WebProcess, slack: StandInSlack, crm: SampleCrm, sent: list[Mapping[str, Any]], logs: Logs
) -> None:
    """Five a page, each customer once, there and back."""
    crm.add_customers(branches(12))
    message = await asked(bot, slack, SHOPS)
    assert "按 *名称* 查找：第 1–5 位，共 12 位" in said(message)
    seen = [rows(message)]
    for action_id in (CUSTOMER_NEXT, CUSTOMER_NEXT, CUSTOMER_BACK):
        message = await only_answer(bot, await slack.click(action_id, element(message, action_id)["value"]))
        seen.append(rows(message))
        assert sent[-1]["replace_original"] is True
    assert [len(page) for page in seen] == [5, 5, 2, 5]
    assert sorted(seen[0] + seen[1] + seen[2]) == shops(range(1, 13))
    assert seen[3] == seen[1]
    assert {line["outcome"] for line in logs.lines("customer_lookup")} == {"several"}


async def test_more_than_fifty_are_cut_and_narrowed_down(bot: WebProcess, slack: StandInSlack, crm: SampleCrm) -> None:
    """The CRM's lists alone name so many; the bot has seen none of them."""
    crm.add_customers(branches(60))
    message = await asked(bot, slack, SHOPS)
    assert message.text == "找到 50+ 位客户"
    assert ZH.search.is_cut(50) in said(message)
    assert (await asked(bot, slack, f"{SHOPS}007店")).text == f"{SHOPS}007店  CF00001007"


async def test_list_in_the_modal_has_its_pages_and_the_input(
    bot: WebProcess, slack: StandInSlack, crm: SampleCrm
) -> None:
    """What is typed below the list is answered in the same modal; who is picked, on top."""
    crm.add_customers(branches(7))
    modal = await listed(bot, slack, SHOPS)
    assert len(values_in(modal, CUSTOMER_PICK)) == 5
    assert await click(bot, slack, modal, CUSTOMER_NEXT) is modal
    last = values_in(modal, CUSTOMER_PICK)
    assert len(last) == 2
    assert await click(bot, slack, modal, CUSTOMER_BACK) is modal
    await slack.click(CUSTOMER_PICK, values_in(modal, CUSTOMER_PICK)[0], at=InView(modal.view_id))
    details = await modal_of(bot, slack)
    assert slack.modals[USER] == [modal, details]
    await slack.close(details.view_id)
    await slack.submit(modal.view_id, typed("18539622352"))
    assert "185 3962 2352" in text_of(await modal_of(bot, slack))


async def test_last_of_several_clicks_on_pages_counts(bot: WebProcess, slack: StandInSlack, crm: SampleCrm) -> None:
    crm.add_customers(branches(12))
    modal = await listed(bot, slack, SHOPS)
    at, value = InView(modal.view_id), element(modal, CUSTOMER_NEXT)["value"]
    await asyncio.gather(*(slack.click(CUSTOMER_NEXT, value, at=at) for _ in range(3)))
    assert "第 6–10 位" in text_of(await modal_of(bot, slack))


async def test_page_of_a_modal_waits_with_a_line_while_the_crm_is_slow(
    bot: WebProcess, slack: StandInSlack, crm: SampleCrm, hang: Do
) -> None:
    crm.add_customers(branches(7))
    modal = await listed(bot, slack, SHOPS)
    value = element(modal, CUSTOMER_NEXT)["value"]
    hang()
    await slack.click(CUSTOMER_NEXT, value, at=InView(modal.view_id))
    await slack.until(lambda: ZH.modal.loading in text_of(modal))
    crm.release()
    assert await modal_of(bot, slack) is modal
    assert len(values_in(modal, CUSTOMER_PICK)) == 2


# --- Typing ahead ----------------------------------------------------------------------------------------------------


async def suggested(slack: StandInSlack, modal: ShownView, text: str, user: str = USER) -> list[str]:
    """What the box shows while ``text`` stands in it."""
    options = await slack.suggest(CUSTOMER_SEARCH, text, user=user, at=InView(modal.view_id))
    return [option["text"]["text"] for option in options]


async def known(bot: WebProcess, slack: StandInSlack, *customers: str) -> None:
    """The bot has seen these customers."""
    for customer_id in customers:
        await slack.command(customer_id, user=MANAGER)
    await idle(bot)


@pytest.mark.parametrize(
    "text", ["h", "hxx", "huxiaoxin", "效鑫", "胡", "CF00000179", "179", "ＨＸＸ", "“效鑫”", "效鑫。", "（效鑫"]
)
async def test_who_is_meant_is_suggested_from_the_first_character(
    bot: WebProcess, slack: StandInSlack, text: str
) -> None:
    """By a part of the name or number, by pinyin, by its initials."""
    await known(bot, slack, DOCUMENTED)
    assert await suggested(slack, await find(bot, slack), text) == ["胡效鑫1 · CF00000179"]


async def test_who_was_suggested_and_chosen_is_shown_on_top(bot: WebProcess, slack: StandInSlack, logs: Logs) -> None:
    """As one of several is. Nothing of what was typed is logged."""
    await known(bot, slack, DOCUMENTED)
    modal = await find(bot, slack)
    await suggested(slack, modal, "huxiao")
    await slack.choose(CUSTOMER_SEARCH, DOCUMENTED, at=InView(modal.view_id))
    assert "185 3962 2352" in text_of(await modal_of(bot, slack))
    assert len(slack.modals[USER]) == 2
    assert logs.lines("customer_lookup")[-1]["surface"] == "button"
    assert "huxiao" not in logs.text


async def test_suggested_twins_are_distinguished_by_their_numbers(bot: WebProcess, slack: StandInSlack) -> None:
    await known(bot, slack, SHENZHEN, XIANYANG)
    assert sorted(await suggested(slack, await find(bot, slack), "峤砚")) == [
        "峤砚口腔门诊部 · CF00000225",
        "峤砚口腔门诊部 · CF00000226",
    ]


async def test_nobody_is_an_empty_list(bot: WebProcess, slack: StandInSlack, crm: SampleCrm) -> None:
    """Nor is the CRM asked while one types."""
    await known(bot, slack, DOCUMENTED)
    crm.asked.clear()
    modal = await find(bot, slack)
    for text in ("zzz", " ", "%", "_", "' OR 1=1 --", '{"a":1}', "x" * 3_000, "\u200b", "13800001001"):
        assert await suggested(slack, modal, text) == [], text
    assert not crm.asked


async def test_no_phone_is_suggested_or_found_by_typing_it(bot: WebProcess, slack: StandInSlack) -> None:
    """A list to choose from is seen over one's shoulder."""
    await known(bot, slack, DOCUMENTED, FACTORY)
    options = await slack.suggest(CUSTOMER_SEARCH, "h", at=InView((await find(bot, slack)).view_id))
    assert "18539622352" not in digits_in(str(options))


async def test_without_a_database_nobody_is_suggested_and_the_input_works(
    start_bot: StartBot, slack: StandInSlack
) -> None:
    """It is said that some may be missing."""
    bot = await start_bot(database_url=NO_DATABASE, database_opens=False)
    modal = await find(bot, slack)
    assert await suggested(slack, modal, "hxx") == []
    await slack.submit(modal.view_id, typed("18539622352"))
    assert values_in(await modal_of(bot, slack), CUSTOMER_PICK) == [DOCUMENTED]
    assert ZH.search.incomplete in text_of(modal)


async def test_suggestions_that_take_too_long_are_none(
    bot: WebProcess, slack: StandInSlack, logs: Logs, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Slack would show an error after three seconds."""

    async def hanging(*_: object) -> tuple[()]:
        await asyncio.Event().wait()
        return ()

    monkeypatch.setattr(Directory, "suggest", hanging)
    monkeypatch.setattr("handlers.search.SUGGEST_SECONDS", 0.01)
    assert await suggested(slack, await find(bot, slack), "hxx") == []
    assert len(logs.lines("suggestions_late")) == 1


async def test_bug_in_suggestions_is_an_empty_list_and_a_code_in_the_log(
    bot: WebProcess, slack: StandInSlack, logs: Logs, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("handlers.search.suggestion_options", lambda _: 1 // 0)
    assert await suggested(slack, await find(bot, slack), "hxx") == []
    [line] = logs.lines("listener_failed")
    assert line["code"]
    assert "hxx" not in logs.text


async def test_bot_that_is_starting_suggests_nobody(start_bot: StartBot, slack: StandInSlack) -> None:
    """The modal is one of the process before."""
    bot = await start_bot()
    modal = await find(bot, slack)
    slack.auth_answers = ["internal_error"] * 1_000
    await start_bot(wait=False)
    assert await suggested(slack, modal, "hxx") == []


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=foreign_texts(50).filter(lambda text: text != ""))
async def test_whatever_is_typed_gets_an_answer(bot: WebProcess, slack: StandInSlack, text: str) -> None:
    modal = slack.modal() or await find(bot, slack)
    await suggested(slack, modal, text)


async def test_customer_with_a_name_that_would_ping_is_suggested_harmlessly(
    bot: WebProcess, slack: StandInSlack, crm: SampleCrm
) -> None:
    crm.add_customers({CLINIC: renamed(crm.customers[CLINIC], "<!channel> & *x*")})
    await known(bot, slack, CLINIC)
    assert await suggested(slack, await find(bot, slack), "channel") == ["&lt;!channel&gt; &amp; *x* · CF00000202"]


# --- Messages --------------------------------------------------------------------------------------------------------


def message(text: str, **others: Any) -> dict[str, Any]:
    return {"type": "message", "user": MANAGER, "text": text, "ts": "1700000000.000100", **others}


async def looked_up(bot: WebProcess, slack: StandInSlack, content: dict[str, Any]) -> ShownView:
    """The modal that comes of the message shortcut."""
    await slack.message_shortcut(LOOKUP_IN_MESSAGE, content, channel=CHANNEL)
    return await modal_of(bot, slack)


def rich_link(url: str) -> list[Block]:
    section = {"type": "rich_text_section", "elements": [{"type": "link", "url": url}]}
    return [{"type": "rich_text", "elements": [section]}]


@pytest.mark.parametrize(
    "content",
    [
        message("请回电 18539622352，谢谢"),
        message("请回电 <tel:+8618539622352|185 3962 2352>"),
        message("写到 <mailto:903146517@qq.com|903146517@qq.com> 了"),
        message("机器 CE00000154 漏水"),
        message("", blocks=rich_link("tel:18539622352")),
        message("胡效鑫1 CF00000179，电话 18539622352，机器 CE00000154"),
    ],
    ids=["phone", "Slack's phone", "mail", "device", "a link", "one customer by three"],
)
async def test_customer_of_a_message_is_found_by_what_it_says_of_them(
    bot: WebProcess, slack: StandInSlack, content: dict[str, Any]
) -> None:
    """A customer that is named in several ways is one, whose details open."""
    modal = await looked_up(bot, slack, content)
    assert element(modal, CUSTOMER_REFRESH)["value"] == DOCUMENTED


async def test_phone_of_two_in_a_message_contributes_both(bot: WebProcess, slack: StandInSlack) -> None:
    """Each customer once."""
    modal = await looked_up(bot, slack, message("CF00000227 的电话 13800001027，另见 CF00000179"))
    assert sorted(values_in(modal, CUSTOMER_PICK)) == sorted([GENTLEMAN, MILL, DOCUMENTED])
    assert ZH.modal.several(3) in text_of(modal)


async def test_phone_of_two_alone_in_a_message_is_their_list(bot: WebProcess, slack: StandInSlack) -> None:
    modal = await looked_up(bot, slack, message("13800001027 又来电"))
    assert set(values_in(modal, CUSTOMER_PICK)) == {GENTLEMAN, MILL}
    assert "按 *电话* 查找，找到 2 位客户" in text_of(modal)
