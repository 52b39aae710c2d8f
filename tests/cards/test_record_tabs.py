"""Contacts, devices, work orders and steps in the modal of the details: what each row says, and how much is shown."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.cards.channel_card import channel_card
from bot.cards.components import service_line
from bot.cards.details_view import details_view
from bot.cards.profile_card import private_card
from bot.cards.record_tabs import COLUMNS, Tab, records_view, tab_failed_view, tab_loading_view
from bot.cards.terminal import view_as_terminal_text
from bot.cards.work_objects import unfurl_entity
from bot.domain.inquiry import Audience
from bot.domain.records import (
    MAX_ROWS,
    Contact,
    Device,
    Pending,
    RecordRow,
    Section,
    ServiceSummary,
    State,
    Warranty,
    WorkOrder,
    WorkStep,
)
from bot.domain.results import CacheState, Failure, RelatedRecords, Unavailable
from bot.errors import Trouble
from bot.locales import Texts, texts_in
from bot.slack.message import Block, View
from bot.slack.view_state import ViewState, state_in
from tests.support.block_kit import (
    assert_slack_takes,
    assert_slack_takes_view,
    elements_of,
    foreign_texts,
    formats,
    is_tidy,
    texts_of_view,
)
from tests.support.results import FAILURE, ID, sample

ZH, EN = texts_in("zh"), texts_in("en")
LANGUAGES = pytest.mark.parametrize("texts", [ZH, EN], ids=["zh", "en"])
NAME, NUMBER = "胡效鑫1", "CF00000179"
ORDER = "4cda4c70-9d53-47c6-8641-c9e50d078c09"
STATE = ViewState(channel="C1")
ORDERS, STEPS = Section.WORK_ORDERS, Section.STEPS


def shown(
    section: Section,
    *rows: Any,
    is_cut: bool = False,
    texts: Texts = ZH,
    name: str = NAME,
    number: str = NUMBER,
    order_number: str = "",
) -> View:
    related = RelatedRecords(ID, section, rows, is_cut, name, number, order_number)
    return records_view(related, texts, STATE)


def rows_of(view: View) -> list[str]:
    """The texts of the rows, without what stands above and below them."""
    blocks = [block for block in view["blocks"] if block["type"] == "section"]
    return [part["text"] for block in blocks for part in block.get("fields", [block.get("text")])]


def headings(view: View) -> list[str]:
    return [block["text"]["text"] for block in view["blocks"] if block["type"] == "header"]


def tabs_of(view: View) -> list[Block]:
    return [button for button in elements_of(view["blocks"]) if button["action_id"].startswith("customer_tab_")][:4]


# --- The frame -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("section", "marked"),
    [
        (Section.CONTACTS, "· 联系人 ·"),
        (Section.DEVICES, "· 设备 ·"),
        (Section.WORK_ORDERS, "· 工单 ·"),
        (Section.STEPS, "· 工单 ·"),
    ],
)
def test_tab_that_is_shown_is_marked_by_more_than_its_colour(section: Section, marked: str) -> None:
    tabs = tabs_of(shown(section))
    [at] = [tab for tab in tabs if "style" in tab]
    assert (at["style"], at["text"]["text"]) == ("primary", marked)
    assert at["accessibility_label"].endswith("当前显示")
    assert [tab["action_id"] for tab in tabs] == [
        "customer_tab_profile",
        "customer_tab_contacts",
        "customer_tab_devices",
        "customer_tab_work_orders",
    ]
    assert {tab["value"] for tab in tabs} == {ID}


@LANGUAGES
def test_profile_is_the_first_tab(texts: Texts) -> None:
    tabs = tabs_of(details_view(sample(0), texts, STATE))
    assert [tab["text"]["text"] for tab in tabs if "style" in tab] == [f"· {texts.records.profile} ·"]
    assert len(tabs) == 4


@pytest.mark.parametrize(
    ("name", "number", "title"),
    [
        pytest.param(NAME, NUMBER, [NAME, NUMBER], id="name and number"),
        pytest.param(NAME, "", [NAME], id="no number"),
        pytest.param("", NUMBER, [NUMBER], id="no name"),
        pytest.param("\u200b", "", [ID], id="neither"),
    ],
)
def test_head_says_whose_they_are(name: str, number: str, title: list[str]) -> None:
    view = shown(Section.CONTACTS, name=name, number=number)
    tabs = next(i for i, block in enumerate(view["blocks"]) if block["type"] == "actions")
    assert texts_of_view({"blocks": view["blocks"][:tabs]}) == title


def test_nothing_of_the_customer_but_the_id_is_kept_in_the_modal() -> None:
    assert state_in(shown(Section.CONTACTS)["private_metadata"]) == ViewState(ID, "C1")


@LANGUAGES
def test_only_the_asker_sees_it_and_the_card_says_so(texts: Texts) -> None:
    assert texts_of_view(shown(Section.CONTACTS, texts=texts))[-3] == f":lock: {texts.only_you}  ·  {texts.crm}"


@pytest.mark.parametrize(
    ("section", "nothing"),
    [
        (Section.CONTACTS, "没有联系人"),
        (Section.DEVICES, "没有设备"),
        (Section.WORK_ORDERS, "没有工单"),
        (Section.STEPS, "还没有处理记录"),
    ],
)
def test_that_there_is_nothing_is_said(section: Section, nothing: str) -> None:
    view = shown(section)
    assert rows_of(view) == [nothing]
    assert headings(view) == [NAME]
    assert_slack_takes_view(view)


@pytest.mark.parametrize(
    ("section", "row", "heading", "first"),
    [
        (Section.CONTACTS, Contact(ID, "方经理", ""), "联系人（50）", "联系人（前 50 条）"),
        (Section.DEVICES, Device("", ID), "设备（50）", "设备（前 50 条）"),
        (Section.WORK_ORDERS, WorkOrder(ORDER, ID), "工单（50）", "工单（前 50 条）"),
        (Section.STEPS, WorkStep("派工"), "进度（50）", "进度（前 50 条）"),
    ],
)
def test_rows_are_counted_and_that_there_are_more_is_said(section: Section, row: Any, heading: str, first: str) -> None:
    whole, cut = (shown(section, *[row] * MAX_ROWS, is_cut=is_cut) for is_cut in (False, True))
    assert (headings(whole)[1], len(rows_of(whole))) == (heading, MAX_ROWS)
    assert ZH.records.more not in texts_of_view(whole)
    assert (headings(cut)[1], len(rows_of(cut))) == (first, MAX_ROWS)
    assert ZH.records.more in texts_of_view(cut)


@pytest.mark.parametrize("section", Section)
@LANGUAGES
def test_where_none_came_and_there_may_be_some_nothing_is_denied(texts: Texts, section: Section) -> None:
    view = shown(section, is_cut=True, texts=texts)
    assert rows_of(view) == [texts.records.not_known]
    assert headings(view) == [NAME]
    assert_slack_takes_view(view)


# --- Contacts --------------------------------------------------------------------------------------------------------


def test_contact_can_be_called_and_written_to_and_the_main_one_is_marked() -> None:
    view = shown(
        Section.CONTACTS,
        Contact(ID, "方经理", "13800001001", "fang@example.com", "采购经理", is_main=True),
        Contact(ID, "张会计", "010-88888888", "zhang@example.com", "会计"),
        Contact(ID, "前台", "内线 12", "无"),
        Contact(ID, "", ""),
    )
    assert rows_of(view) == [
        "*方经理*\n采购经理  ·  主联系人\n<tel:13800001001|138 0000 1001>\n<mailto:fang@example.com|fang@example.com>",
        "*张会计*\n会计\n<tel:01088888888|010-88888888>\n<mailto:zhang@example.com|zhang@example.com>",
        "*前台*\n内线 12\n无",
        "*…*",
    ]


def test_contacts_and_devices_stand_two_in_a_row() -> None:
    view = shown(Section.CONTACTS, *[Contact(ID, "方经理", "")] * 3)
    assert [len(block["fields"]) for block in view["blocks"] if "fields" in block] == [COLUMNS, 1]


# --- Devices ---------------------------------------------------------------------------------------------------------


def test_device_has_its_numbers_and_its_warranty() -> None:
    device = Device("", ID, "CE00000154", "SN-777", "净水器", "LPR-30ⅡD/BP", "海尔", Warranty.IN, "2026-05-01")
    bare = Device("", ID, product_name="软水机")
    assert rows_of(shown(Section.DEVICES, device, bare)) == [
        "*净水器*\n海尔  ·  LPR-30ⅡD/BP\nCE00000154\n序列号 SN-777\n在保，至 2026-05-01 :white_check_mark:",
        "*软水机*\n保修情况不明",
    ]


@pytest.mark.parametrize(
    ("warranty", "ends", "zh", "en"),
    [
        (Warranty.IN, "2026-05-01", "在保，至 2026-05-01 :white_check_mark:", "In warranty until 2026-05-01"),
        (Warranty.IN, "", "在保 :white_check_mark:", "In warranty"),
        (Warranty.OUT, "2023-05-01", "已过保，2023-05-01 到期 :warning:", "Out of warranty since 2023-05-01"),
        (Warranty.OUT, "", "已过保 :warning:", "Out of warranty"),
        (Warranty.UNKNOWN, "", "保修情况不明", "Warranty not known"),
        (Warranty.UNKNOWN, "2026-05-01", "保修情况不明，截止日期 2026-05-01", "Warranty not known, ends 2026-05-01"),
    ],
)
def test_warranty_is_in_words(warranty: Warranty, ends: str, zh: str, en: str) -> None:
    device = Device("", ID, warranty=warranty, warranty_ends=ends)
    [row] = rows_of(shown(Section.DEVICES, device))
    [english] = rows_of(shown(Section.DEVICES, device, texts=EN))
    assert row.split("\n")[-1] == zh
    assert english.split("\n")[-1].partition(" :")[0] == en


# --- Work orders -----------------------------------------------------------------------------------------------------


def test_work_order_says_where_it_stands_and_has_its_steps() -> None:
    order = WorkOrder(
        ORDER, ID, "WO20230308001", "厨房漏水", "2023/3/8 9:00:00", State.ASSIGNED, Pending.DISPATCH, "净水器"
    )
    view = shown(ORDERS, order)
    assert rows_of(view) == ["*WO20230308001*  已分配  ·  待派工\n2023/3/8 9:00:00  ·  净水器\n厨房漏水"]
    [steps] = [button for button in elements_of(view["blocks"]) if button["action_id"] == "customer_steps"]
    assert (steps["text"]["text"], steps["value"]) == ("进度", f"{ID} {ORDER}")
    assert steps["accessibility_label"] == "工单 WO20230308001 的进度"


@pytest.mark.parametrize(
    ("state", "pending", "zh", "en"),
    [
        (State.IN_SERVICE, Pending.REPORT, "服务中  ·  待回单", "In service  ·  waiting for the report"),
        (State.ASSIGNED, Pending.DISPATCH, "已分配  ·  待派工", "Assigned  ·  to be dispatched"),
        (State.CLOSED, Pending.CLOSED, "已关闭", "Closed"),
        (State.DONE, Pending.DEFAULT, "已完工", "Done"),
        (State.DEFAULT, Pending.ACCEPTANCE, "状态不明  ·  待受理", "State not known  ·  to be accepted"),
        (State.DEFAULT, Pending.DEFAULT, "状态不明", "State not known"),
    ],
)
def test_state_is_in_words(state: State, pending: Pending, zh: str, en: str) -> None:
    order = WorkOrder(ORDER, ID, "1", state=state, pending=pending)
    assert rows_of(shown(ORDERS, order)) == [f"*1*  {zh}"]
    assert rows_of(shown(ORDERS, order, texts=EN)) == [f"*1*  {en}"]


def test_work_orders_keep_their_order_and_long_descriptions_are_cut() -> None:
    orders = [WorkOrder(ORDER, ID, str(number), "长" * 500) for number in (3, 1, 2)]
    rows = rows_of(shown(ORDERS, *orders))
    assert [row.split("*")[1] for row in rows] == ["3", "1", "2"]
    assert {row.split("\n")[-1] for row in rows} == {"长" * 119 + "…"}


@pytest.mark.parametrize("order_id", ["", "17", "x" * 3_000, "../../TokenApi?a=b", f"{ORDER} {ORDER}"])
def test_work_order_whose_id_is_none_has_no_steps(order_id: str) -> None:
    view = shown(ORDERS, WorkOrder(order_id, ID, "1"))
    assert "customer_steps" not in [button["action_id"] for button in elements_of(view["blocks"])]
    assert_slack_takes_view(view)


# --- Steps -----------------------------------------------------------------------------------------------------------


def test_steps_keep_their_order_and_what_is_late_is_marked() -> None:
    view = shown(
        STEPS,
        WorkStep("", is_late=True),
        WorkStep("派工", "派给李工", "2020/4/29 16:20:16", True, "2020/4/29 12:00:00", "ZJ"),
        WorkStep("受理", "客服受理", "2020/4/29 9:20:16"),
    )
    assert rows_of(view) == [
        "*…*  ·  已超时 :warning:",
        "*派工*  ·  已超时，截止 2020/4/29 12:00:00 :warning:\n2020/4/29 16:20:16  ·  ZJ\n派给李工",
        "*受理*\n2020/4/29 9:20:16\n客服受理",
    ]


@pytest.mark.parametrize(
    ("texts", "heading", "bare", "back"),
    [
        (ZH, "工单 GD00000930 的进度（1）", "工单 GD00000930 的进度", "返回工单列表"),
        (EN, "Steps of GD00000930 (1)", "Steps of GD00000930", "Back to all work orders"),
    ],
)
def test_steps_say_of_which_work_order_and_lead_back_to_the_others(
    texts: Texts, heading: str, bare: str, back: str
) -> None:
    """Also where there are none yet."""
    some = shown(STEPS, WorkStep("派工"), texts=texts, order_number="GD00000930")
    none = shown(STEPS, texts=texts, order_number="GD00000930")
    assert (headings(some), headings(none)) == ([NAME, heading], [NAME, bare])
    for view in (some, none):
        button = elements_of(view["blocks"])[-1]
        assert (button["text"]["text"], button["action_id"], button["value"]) == (back, "customer_tab_work_orders", ID)
        assert_slack_takes_view(view)


# --- While it is loaded, and where it does not come ------------------------------------------------------------------


@pytest.mark.parametrize("section", [None, *Section])
@LANGUAGES
def test_tab_that_is_loaded_stands_under_the_head(texts: Texts, section: Section | None) -> None:
    view = tab_loading_view(Tab(ID, section, ORDER, NAME), texts, STATE)
    assert headings(view) == [NAME]
    assert rows_of(view) == [f":mag: {texts.modal.loading}"]
    assert len(tabs_of(view)) == 4
    assert state_in(view["private_metadata"]) == ViewState(ID, "C1")
    assert_slack_takes_view(view)


@pytest.mark.parametrize("heading", ["", "x" * 151, "💎" * 76])
def test_head_that_nobody_can_show_is_left_out(heading: str) -> None:
    view = tab_loading_view(Tab(ID, None, heading=heading), ZH, STATE)
    assert headings(view) == []
    assert_slack_takes_view(view)


@pytest.mark.parametrize(
    ("section", "again"),
    [
        (None, ("customer_tab_profile", ID)),
        (Section.CONTACTS, ("customer_tab_contacts", ID)),
        (Section.DEVICES, ("customer_tab_devices", ID)),
        (Section.WORK_ORDERS, ("customer_tab_work_orders", ID)),
        (Section.STEPS, ("customer_steps", f"{ID} {ORDER}")),
    ],
)
@LANGUAGES
def test_tab_that_does_not_come_says_why_and_what_to_do(
    texts: Texts, section: Section | None, again: tuple[str, str]
) -> None:
    """The other tabs stay; Retry asks for this one."""
    view = tab_failed_view(Tab(ID, section, ORDER, NAME), Unavailable(ID, FAILURE), texts, STATE)
    assert headings(view) == [NAME]
    [text] = rows_of(view)
    assert texts.trouble[Trouble.NO_ANSWER] in text
    assert texts.trouble_advice[Trouble.NO_ANSWER] in text
    assert texts.code("`E-7F3A`") in texts_of_view(view)
    assert len(tabs_of(view)) == 4
    retry = elements_of(view["blocks"])[-1]
    assert (retry["action_id"], retry["value"]) == again
    assert_slack_takes_view(view)


def test_what_the_crm_itself_says_is_shown_and_does_not_format() -> None:
    failure = Failure(Trouble.REJECTED, "E-1", "忙 <!channel> *b*")
    view = tab_failed_view(Tab(ID, Section.DEVICES), Unavailable(ID, failure), ZH, STATE)
    assert "易售后的说明：忙 &lt;!channel&gt; ∗b∗" in rows_of(view)[0]


@pytest.mark.parametrize("trouble", list(Trouble))
@LANGUAGES
def test_every_trouble_has_its_view(texts: Texts, trouble: Trouble) -> None:
    unavailable = Unavailable(ID, Failure(trouble, "E-1"))
    assert_slack_takes_view(tab_failed_view(Tab(ID, Section.CONTACTS), unavailable, texts, STATE))


# --- The one line ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("summary", "zh", "en"),
    [
        (None, "", ""),
        (ServiceSummary(None, None, None), "", ""),
        (
            ServiceSummary(2, 3, 1),
            "2 张未完成工单  ·  1/3 台设备已过保",
            "2 open work orders  ·  1 of 3 devices out of warranty",
        ),
        (
            ServiceSummary(1, 1, 1),
            "1 张未完成工单  ·  1 台设备已过保",
            "1 open work order  ·  1 device, out of warranty",
        ),
        (ServiceSummary(None, 3, 3), "3 台设备都已过保", "all 3 devices out of warranty"),
        (
            ServiceSummary(0, 3, 0),
            "没有未完成工单  ·  3 台设备都在保",
            "No open work orders  ·  all 3 devices in warranty",
        ),
        (ServiceSummary(0, 1, 0), "没有未完成工单  ·  1 台设备在保", "No open work orders  ·  1 device, in warranty"),
        (ServiceSummary(0, 0, 0), "没有未完成工单  ·  没有设备", "No open work orders  ·  no devices"),
        (ServiceSummary(None, 3, 1), "1/3 台设备已过保", "1 of 3 devices out of warranty"),
        (ServiceSummary(2, None, None), "2 张未完成工单", "2 open work orders"),
        (
            ServiceSummary(None, 3, 0, are_warranties_clear=False),
            "3 台设备，没有查到过保的",
            "3 devices, none known to be out of warranty",
        ),
        (
            ServiceSummary(None, 3, 1, are_warranties_clear=False),
            "3 台设备，查到 1 台已过保",
            "3 devices, 1 known to be out of warranty",
        ),
    ],
)
def test_line_of_devices_and_work_orders(summary: ServiceSummary | None, zh: str, en: str) -> None:
    assert (service_line(summary, ZH), service_line(summary, EN)) == (zh, en)


@LANGUAGES
def test_line_stands_on_the_private_card_after_the_fields_and_in_the_head_of_the_details(texts: Texts) -> None:
    found = replace(sample(0), summary=ServiceSummary(2, 3, 1))
    line = {
        "type": "context",
        "elements": [{"type": "mrkdwn", "text": service_line(found.summary, texts), "verbatim": True}],
    }
    card = private_card(found, texts).blocks
    assert [block["type"] for block in card] == ["header", "context", "section", "context", "actions", "context"]
    assert card[3] == line
    view = details_view(found, texts, STATE)
    assert view["blocks"][2] == line
    assert view["blocks"][3]["type"] == "actions"


def test_card_of_which_nothing_is_known_has_no_such_line() -> None:
    known, unknown = (replace(sample(0), summary=summary) for summary in (ServiceSummary(None, None, None), None))
    assert private_card(known, ZH) == private_card(unknown, ZH)
    assert details_view(known, ZH, STATE) == details_view(unknown, ZH, STATE)


@LANGUAGES
def test_line_is_not_for_channels(texts: Texts) -> None:
    """Neither on cards nor in unfurls: not even if an inquiry returned it."""
    seen = sample(0, Audience.CHANNEL)
    given = replace(seen, summary=ServiceSummary(2, 3, 1))
    assert channel_card([given], texts) == channel_card([seen], texts)
    assert unfurl_entity(given, "https://x.example", texts) == unfurl_entity(seen, "https://x.example", texts)


# --- Foreign texts ---------------------------------------------------------------------------------------------------

TEXTS = foreign_texts(60)
CONTACTS = st.builds(Contact, st.just(ID), TEXTS, TEXTS, TEXTS, TEXTS, st.booleans())
DEVICES = st.builds(Device, TEXTS, st.just(ID), TEXTS, TEXTS, TEXTS, TEXTS, TEXTS, st.sampled_from(Warranty), TEXTS)
WORK_ORDERS = st.builds(
    WorkOrder,
    st.just(ORDER) | TEXTS, st.just(ID), TEXTS, TEXTS, TEXTS, st.sampled_from(State), st.sampled_from(Pending), TEXTS,
)  # fmt: skip
WORK_STEPS = st.builds(WorkStep, TEXTS, TEXTS, TEXTS, st.booleans(), TEXTS, TEXTS)
OF_SECTION = {
    Section.CONTACTS: CONTACTS,
    Section.DEVICES: DEVICES,
    Section.WORK_ORDERS: WORK_ORDERS,
    Section.STEPS: WORK_STEPS,
}


@st.composite
def anything(draw: st.DrawFn) -> RelatedRecords:
    section = draw(st.sampled_from(Section))
    few: list[Any] = draw(st.lists(OF_SECTION[section], max_size=3))
    rows: tuple[RecordRow, ...] = tuple(few * draw(st.sampled_from([1, MAX_ROWS // 3])))
    return RelatedRecords(ID, section, rows, draw(st.booleans()), draw(TEXTS), draw(TEXTS), draw(TEXTS))


@settings(max_examples=80)
@given(anything())
def test_whatever_the_crm_sends_the_view_is_whole_and_nothing_in_it_acts(related: RelatedRecords) -> None:
    for texts in (ZH, EN):
        view = records_view(related, texts, STATE)
        assert_slack_takes_view(view)
        for text in texts_of_view(view):
            assert all(is_tidy(line) for line in text.split("\n")), text
        for text in rows_of(view):
            assert_acts_by_our_own_will_alone(text)
        assert view_as_terminal_text(view)
        assert all(button["value"].split()[0] == ID for button in elements_of(view["blocks"]))


def assert_acts_by_our_own_will_alone(row: str) -> None:
    """The name is bold, phones and addresses are links, an emoji follows words; nothing else is more than text."""
    for line in row.split("\n"):
        bold, *others = line.split("*") if line.startswith("*") else ("", "", line)
        parts = [bold, *others]
        for part in parts:
            bare = part.removesuffix(":warning:").removesuffix(":white_check_mark:")
            for link in ("<tel:", "<mailto:"):
                if bare.startswith(link):
                    assert bare.endswith(">")
                    bare = bare.partition("|")[2][:-1]
            assert not {"<", ">"} & set(bare), row
            assert not formats(bare), row


def test_largest_view_that_can_be_fits() -> None:
    """Characters that are twelve bytes in JSON, in each text of each row."""
    big = "💎" * 500
    for section, one in (
        (Section.CONTACTS, Contact(ID, big, big, big, big, True)),
        (Section.DEVICES, Device("", ID, big, big, big, big, big, Warranty.IN, big)),
        (Section.WORK_ORDERS, WorkOrder(ORDER, ID, big, big, big, product_name=big)),
        (Section.STEPS, WorkStep(big, big, big, True, big, big)),
    ):
        assert_slack_takes_view(shown(section, *[one] * MAX_ROWS, is_cut=True, name="💎" * 99))


def test_old_copy_still_has_its_tabs() -> None:
    found = replace(sample(0, failure=FAILURE), cache=CacheState.STALE)
    assert len(tabs_of(details_view(found, ZH, STATE))) == 4


@LANGUAGES
def test_private_card_with_its_line_is_what_slack_takes(texts: Texts) -> None:
    assert_slack_takes(private_card(replace(sample(0), summary=ServiceSummary(50, 50, 50)), texts))
