"""A list of customers to choose from: what it says, how one turns its pages, that nothing foreign acts in it."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.cards.render import result_card, result_view
from bot.cards.terminal import as_terminal_text
from bot.domain.query import ReadAs
from bot.domain.results import Failure, Found, Several
from bot.errors import Trouble
from bot.locales import Texts, texts_in
from bot.slack.message import Message
from bot.slack.view_state import ViewState, state_in
from tests.support.block_kit import (
    as_message,
    assert_nothing_foreign_acts,
    assert_slack_takes,
    assert_slack_takes_view,
    buttons_of,
    elements_of,
    foreign_texts,
    is_tidy,
    texts_of,
    units,
)
from tests.support.results import FAILURE, ID, URL, found, sample

ZH, EN = texts_in("zh"), texts_in("en")
LANGUAGES = pytest.mark.parametrize("texts", [ZH, EN], ids=["zh", "en"])
QUERY = "sealed gAAAAAB"


def several(
    count: int = 3,
    *,
    first: int = 0,
    following: int | None = None,
    total: int | None = None,
    is_cut: bool = False,
    button_value: str = QUERY,
    failure: Failure | None = None,
    read_as: ReadAs = ReadAs.PHONE,
) -> Several:
    """A page of the playground's customers."""
    customers = tuple(sample(index) for index in range(count))
    return Several(read_as, customers, first, following, total or count, is_cut, button_value, failure)


def sections(message: Message) -> list[str]:
    return [block["text"]["text"] for block in message.blocks if block["type"] == "section"]


def contexts(message: Message) -> list[str]:
    return [block["elements"][0]["text"] for block in message.blocks if block["type"] == "context"]


def pages(message: Message) -> list[tuple[str, str]]:
    return [(button["action_id"], button["value"]) for button in buttons_of(message)]


def test_list_in_the_order_of_the_picture() -> None:
    """How many and how it was read, a row a customer with its button, and what to try if none is the one."""
    message = result_card(several(2), ZH)
    assert sections(message) == [
        "按 *电话* 查找，找到 2 位客户",
        "*胡效鑫1*  CF00000179\n北京市-北京市-通州区",
        "*杭州岚峤精密机械有限公司*  CF00000201\n浙江省-杭州市-西湖区",
    ]
    assert [
        (button["text"]["text"], button["action_id"], button["value"], button["accessibility_label"])
        for button in elements_of(message.blocks)
    ] == [
        ("打开", "customer_pick", ID, "打开 胡效鑫1 CF00000179"),
        ("打开", "customer_pick", "0473f7ce-9158-4609-9b02-b92437bdff35", "打开 杭州岚峤精密机械有限公司 CF00000201"),
    ]
    assert [block["type"] for block in message.blocks] == ["section", "section", "section", "context"]
    assert contexts(message) == ["没有要找的？试试客户编号或序列号"]
    assert_slack_takes(message)


@pytest.mark.parametrize(
    ("answer", "zh", "en"),
    [
        pytest.param(
            several(3), "按 *电话* 查找，找到 3 位客户", "3 customers found, read as *phone*", id="all of them"
        ),
        pytest.param(
            several(1, read_as=ReadAs.EMAIL),
            "按 *邮箱* 查找，找到 1 位客户",
            "1 customer found, read as *e-mail*",
            id="one, where some may be missing",
        ),
        pytest.param(
            several(5, following=5, total=12, read_as=ReadAs.NAME),
            "按 *名称* 查找：第 1–5 位，共 12 位",
            "1–5 of 12 customers, read as *name*",
            id="the first page",
        ),
        pytest.param(
            several(5, first=5, following=10, total=12),
            "按 *电话* 查找：第 6–10 位，共 12 位",
            "6–10 of 12 customers, read as *phone*",
            id="a page in the middle",
        ),
        pytest.param(
            several(1, first=10, total=11),
            "按 *电话* 查找：第 11 位，共 11 位",
            "11 of 11 customers, read as *phone*",
            id="a last page of one",
        ),
        pytest.param(
            several(5, following=5, total=50, is_cut=True),
            "按 *电话* 查找：第 1–5 位，共 50+ 位",
            "1–5 of 50+ customers, read as *phone*",
            id="more than anybody pages through",
        ),
    ],
)
def test_first_line_says_how_many_and_how_it_was_read(answer: Several, zh: str, en: str) -> None:
    assert [sections(result_card(answer, texts))[0] for texts in (ZH, EN)] == [zh, en]


@LANGUAGES
@pytest.mark.parametrize("read_as", list(ReadAs))
def test_every_reading_is_named(read_as: ReadAs, texts: Texts) -> None:
    assert f"*{texts.search.query[read_as]}*" in sections(result_card(several(read_as=read_as), texts))[0]


def test_lock_screen_shows_how_many_and_no_name() -> None:
    assert result_card(several(3), ZH).text == "找到 3 位客户"
    assert result_card(several(5, following=5, total=50, is_cut=True), EN).text == "50+ customers found"


@pytest.mark.parametrize(
    ("answer", "buttons"),
    [
        pytest.param(several(3), [], id="one page"),
        pytest.param(several(5, following=6, total=12), [("customer_next", f"6 {QUERY}")], id="the first page"),
        pytest.param(
            several(5, first=6, following=11, total=12),
            [("customer_back", f"1 {QUERY}"), ("customer_next", f"11 {QUERY}")],
            id="a page in the middle",
        ),
        pytest.param(several(1, first=3, total=4), [("customer_back", f"0 {QUERY}")], id="the last page"),
        pytest.param(several(5, first=5, following=10, button_value=""), [], id="where nothing can be sealed"),
    ],
)
def test_pages_are_turned_by_the_place_and_the_sealed_question(answer: Several, buttons: list[tuple[str, str]]) -> None:
    """Before a page come as many as it has at most: some may be seen twice, none is missed."""
    message = result_card(answer, ZH)
    assert pages(message) == buttons
    assert_slack_takes(message)


def test_what_is_cut_says_how_to_narrow_it_down() -> None:
    answer = several(5, following=5, total=50, is_cut=True)
    assert contexts(result_card(answer, ZH)) == [ZH.search.is_cut(50)]
    assert "Narrow it down" in contexts(result_card(answer, EN))[0]


@LANGUAGES
def test_part_of_the_search_without_an_answer_is_said_with_its_code(texts: Texts) -> None:
    message = result_card(several(failure=FAILURE), texts)
    assert contexts(message)[0] == f":warning: {texts.search.incomplete}  ·  {texts.code('`E-7F3A`')}"
    assert_slack_takes(message)


@pytest.mark.parametrize(
    ("one", "other", "row"),
    [
        pytest.param(("客户编号", "CF00000212"), ("所属区域", "安徽省"), "*胡效鑫*  CF00000212\n安徽省", id="both"),
        pytest.param(("客户编号", "CF00000212"), ("联系人", "方经理"), "*胡效鑫*  CF00000212\n方经理", id="no region"),
        pytest.param(("所属区域", "安徽省"), ("联系人", "方经理"), "*胡效鑫*\n安徽省", id="no number"),
    ],
)
def test_customers_of_one_name_are_distinguished(one: tuple[str, str], other: tuple[str, str], row: str) -> None:
    """By the number and the region; of one without a region the contact is said."""
    answer = replace(several(), customers=(found(("客户名称", "胡效鑫"), one, other),))
    assert sections(result_card(answer, ZH))[1] == row


def test_name_is_linked_where_customers_have_pages() -> None:
    answer = replace(several(), customers=(sample(0, url=URL),))
    assert sections(result_card(answer, ZH))[1].startswith(f"*<{URL}|胡效鑫1>*  CF00000179")


@LANGUAGES
def test_list_as_a_modal_has_the_same_rows_and_the_input_below_them(texts: Texts) -> None:
    """Without the focus: on a phone the keyboard would hide the list."""
    answer = several(5, first=5, following=10, total=12)
    view = result_view(answer, texts, ViewState(channel="C012AB"))
    card = result_card(answer, texts)
    assert view["blocks"][: len(card.blocks)] == card.blocks
    assert [block["type"] for block in view["blocks"][len(card.blocks) :]] == ["divider", "input"]
    assert "focus_on_load" not in view["blocks"][-1]["element"]
    assert (view["callback_id"], state_in(view["private_metadata"]).channel) == ("find_customer", "C012AB")
    assert_slack_takes_view(view)


def test_list_in_a_terminal() -> None:
    assert as_terminal_text(result_card(several(2, following=5, total=9), EN)).split("\n") == [
        "┃ 1–2 of 9 customers, read as phone",
        "┃ 胡效鑫1  CF00000179  [Open]",
        "┃ 北京市-北京市-通州区",
        "┃ 杭州岚峤精密机械有限公司  CF00000201  [Open]",
        "┃ 浙江省-杭州市-西湖区",
        "┃ [Next page]",
        "┃ Not the one? Try a customer number or a serial number",
    ]


def twins(name: str, number: str, region: str) -> Found:
    return found(("客户名称", name), ("客户编号", number), ("所属区域", region), url=URL)


@settings(max_examples=60)
@given(
    st.lists(st.builds(twins, foreign_texts(), foreign_texts(), foreign_texts()), min_size=1, max_size=7),
    st.integers(0, 60),
    st.none() | st.integers(0, 60),
)
def test_whatever_customers_are_called_the_list_is_whole_and_nothing_acts(
    customers: list[Found], first: int, following: int | None
) -> None:
    failure = Failure(Trouble.REJECTED, "E-7F3A", "<b>")
    answer = Several(ReadAs.NAME, tuple(customers), first, following, 50, True, QUERY, failure)
    for texts in (ZH, EN):
        message, view = result_card(answer, texts), result_view(answer, texts, ViewState())
        assert len(sections(message)) == 1 + len(customers)
        assert_slack_takes(message)
        assert_slack_takes_view(view)
        for shown in (message, as_message(view)):
            assert_nothing_foreign_acts(shown)
        assert all(units(text) < 1_000 for text in texts_of(message))
        assert all(is_tidy(line) for line in as_terminal_text(message).split("\n"))
