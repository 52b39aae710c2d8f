"""The modals in which a customer is looked for, and an answer as a modal."""

import pytest
from hypothesis import given, settings

from bot.cards.modal import loading_view, message_view, notice_view
from bot.cards.notices import outdated_card
from bot.cards.render import result_view
from bot.cards.results_list import incomplete
from bot.cards.search_view import nothing_found_view, pick_view, search_view
from bot.domain.preferences import Remembered, SavedCustomers
from bot.domain.query import ReadAs
from bot.domain.results import (
    Denied,
    Expired,
    Failure,
    Invalid,
    NotFound,
    OtherReading,
    Refusal,
    Result,
    Several,
    Unavailable,
)
from bot.errors import Trouble
from bot.locales import Texts, texts_in
from bot.slack.message import Message, View
from bot.slack.view_state import ViewState, state_in
from tests.support.block_kit import (
    as_message,
    assert_nothing_foreign_acts,
    assert_slack_takes_view,
    elements_of,
    foreign_texts,
    texts_of_view,
    values_of,
)
from tests.support.results import FAILURE, ID, URL, found, sample

ZH, EN = texts_in("zh"), texts_in("en")
LANGUAGES = pytest.mark.parametrize("texts", [ZH, EN], ids=["zh", "en"])
STATE = ViewState(channel="C012AB")
SAVED = SavedCustomers(
    (Remembered("id-1", "杭州岚峤"),), (Remembered("id-2", "胡效鑫1"), Remembered("id-3", "成都屿禾"))
)


def types(view: View) -> list[str]:
    return [block["type"] for block in view["blocks"]]


def sections(view: View) -> list[str]:
    return [block["text"]["text"] for block in view["blocks"] if block["type"] == "section"]


@LANGUAGES
def test_one_types_what_one_looks_for(texts: Texts) -> None:
    """A part of the name into the box that suggests, anything at all into the input."""
    view = search_view(SavedCustomers(), texts, STATE)
    search, block = view["blocks"]
    box = search["accessory"]
    assert (box["type"], box["action_id"], box["min_query_length"]) == ("external_select", "customer_search", 1)
    assert box["placeholder"]["text"] == texts.search.placeholder
    assert (block["type"], block["block_id"], block["element"]["action_id"]) == ("input", "query", "query")
    assert block["element"]["focus_on_load"]
    assert (view["callback_id"], view["submit"]["text"]) == ("find_customer", texts.modal.find)
    assert state_in(view["private_metadata"]) == STATE
    assert_slack_takes_view(view)


@LANGUAGES
def test_own_customers_stand_under_the_input(texts: Texts) -> None:
    view = search_view(SAVED, texts, STATE)
    assert types(view) == ["section", "input", "context", "section", "context", "section", "section"]
    assert sections(view)[1:] == ["杭州岚峤", "胡效鑫1", "成都屿禾"]
    assert values_of(view["blocks"]) == ["id-1", "id-2", "id-3"]
    _, *buttons = elements_of(view["blocks"])
    assert {button["action_id"] for button in buttons} == {"customer_pick"}
    assert [button["accessibility_label"] for button in buttons] == [
        texts.modal.open_whom(name) for name in ("杭州岚峤", "胡效鑫1", "成都屿禾")
    ]
    assert_slack_takes_view(view)


@LANGUAGES
def test_customers_that_cannot_be_read_now_cost_one_line(texts: Texts) -> None:
    view = search_view(None, texts, STATE)
    assert types(view) == ["section", "input", "context"]
    assert texts.modal.no_saved_customers in texts_of_view(view)
    assert_slack_takes_view(view)


@LANGUAGES
def test_message_without_a_customer_says_what_was_looked_for(texts: Texts) -> None:
    view = nothing_found_view(SAVED, texts, STATE)
    assert sections(view)[0] == f":mag: *{texts.modal.nothing_found}*\n{texts.modal.looked_for}"
    assert types(view)[:3] == ["section", "section", "input"]
    assert_slack_takes_view(view)


def test_customers_of_a_message_are_rows_to_choose_from() -> None:
    """Below them is said of whom there is nothing to show."""
    answers: list[Result] = [
        sample(0, url=URL),
        NotFound("CF00000999", "E-1111"),
        NotFound("+8613899991027", "E-1112", ReadAs.PHONE),
        Unavailable("CF00000998", FAILURE),
        Denied(Refusal.UNKNOWN_PERSON, "E-2222"),
        sample(1),
    ]
    view = pick_view(answers, 2, ZH, STATE)
    assert [text for text in texts_of_view(view) if text not in ("打开", "客户查询", "关闭")] == [
        "*在这条消息里找到 2 位客户*",
        f"*<{URL}|胡效鑫1>*  CF00000179\n北京市-北京市-通州区",
        "*杭州岚峤精密机械有限公司*  CF00000201\n浙江省-杭州市-西湖区",
        "CF00000999：没有这位客户",
        "138 9999 1027：没有这位客户",
        "CF00000998：易售后没有回应 (E-7F3A)",
        "无法确认你的身份 (E-2222)",
        "另有 2 位没有查询，请单独输入。",
    ]
    assert values_of(view["blocks"]) == [ID, "0473f7ce-9158-4609-9b02-b92437bdff35"]
    assert_slack_takes_view(view)


def test_everybody_whom_a_phone_in_a_message_may_mean_is_a_row() -> None:
    """Of more than there is room for it is said how many."""
    several = Several(ReadAs.PHONE, tuple(sample(index) for index in range(1, 6)), 0, 5, 12, False, "sealed q")
    view = pick_view([sample(0), several, Expired()], 0, ZH, STATE)
    assert sections(view)[0] == "*在这条消息里找到 6 位客户*"
    assert len(values_of(view["blocks"])) == 6
    assert texts_of_view(view)[-4:-2] == [ZH.search.more(7, "电话"), ZH.search.expired]
    assert_slack_takes_view(view)


def test_part_of_a_search_without_an_answer_is_said_below_the_customers_of_a_message() -> None:
    several = Several(ReadAs.PHONE, (sample(1),), 0, None, 1, False, "sealed q", FAILURE)
    assert incomplete(FAILURE, EN) in texts_of_view(pick_view([sample(0), several], 0, EN, STATE))


@LANGUAGES
def test_message_whose_customers_are_all_unknown_says_so_and_one_can_type(texts: Texts) -> None:
    answers: list[Result] = [NotFound("CF00000998", "E-1"), Unavailable("CF00000999", FAILURE)]
    view = pick_view(answers, 1, texts, STATE)
    assert types(view) == ["section", "context", "context", "context", "section", "input"]
    assert sections(view)[0] == f":mag: *{texts.modal.no_match}*"
    assert (view["callback_id"], state_in(view["private_metadata"])) == ("find_customer", STATE)
    assert_slack_takes_view(view)


def test_all_that_were_looked_up_are_not_called_left_out() -> None:
    assert "context" not in types(pick_view([sample(0), sample(1)], 0, EN, STATE))


@LANGUAGES
def test_modals_have_one_title_and_one_way_out(texts: Texts) -> None:
    """So that nothing flickers when one is filled or replaced."""
    views = [
        loading_view(texts, STATE),
        search_view(SAVED, texts, STATE),
        pick_view([sample(0)], 0, texts, STATE),
        result_view(sample(0), texts, STATE),
        notice_view("x", texts),
        message_view(outdated_card(texts), texts, STATE),
    ]
    for view in views:
        assert (view["title"]["text"], view["close"]["text"]) == (texts.modal.title, texts.modal.close)
        assert_slack_takes_view(view)


def test_message_without_blocks_is_a_modal_of_its_text() -> None:
    assert sections(message_view(Message("a &amp; b", []), ZH, STATE)) == ["a &amp; b"]


@LANGUAGES
@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        pytest.param(NotFound(ID, "E-1"), ["section", "context", "section", "input"], id="not found"),
        pytest.param(
            NotFound("A-1", "E-1", ReadAs.SERIAL, (OtherReading(ReadAs.NAME, "sealed q"),)),
            ["section", "actions", "context", "section", "input"],
            id="not found so",
        ),
        pytest.param(
            Unavailable(ID, FAILURE, ID), ["section", "actions", "context", "section", "input"], id="unavailable"
        ),
        pytest.param(
            Unavailable(None, Failure(Trouble.INTERNAL, "E-1")),
            ["section", "context", "section", "input"],
            id="nothing to retry",
        ),
        pytest.param(Invalid("hello"), ["section", "section", "input"], id="invalid"),
        pytest.param(Expired(), ["section", "section", "input"], id="expired"),
        pytest.param(Denied(Refusal.OUTSIDER, "E-1"), ["section", "context"], id="denied: nothing to type"),
    ],
)
def test_answer_without_a_customer_explains_itself_above_the_input(
    answer: Result, expected: list[str], texts: Texts
) -> None:
    view = result_view(answer, texts, STATE)
    assert types(view) == expected
    if "input" in expected:
        assert state_in(view["private_metadata"]) == STATE
    assert_slack_takes_view(view)


def test_retry_asks_for_what_was_asked() -> None:
    view = result_view(Unavailable("+8613800001001", FAILURE, "sealed q"), ZH, STATE)
    assert values_of(view["blocks"]) == ["sealed q"]


@settings(max_examples=40)
@given(foreign_texts(), foreign_texts())
def test_whatever_customers_are_called_the_modals_are_whole_and_nothing_acts(one: str, other: str) -> None:
    saved_customers = SavedCustomers((Remembered("id-1", one),) * 40, (Remembered("id-2", other),) * 40)
    answers: list[Result] = [
        found(("客户名称", one), ("客户编号", other), ("所属区域", one), url=URL),
        NotFound(one, "E-1", ReadAs.NAME, (OtherReading(ReadAs.SERIAL, "sealed q"),)),
        Unavailable(ID, Failure(Trouble.REJECTED, "E-1", other)),
        Invalid(one),
    ]
    for view in (
        search_view(saved_customers, ZH, STATE),
        pick_view(answers, 1, EN, STATE),
        *(result_view(answer, EN, STATE) for answer in answers),
    ):
        assert_slack_takes_view(view)
        assert_nothing_foreign_acts(as_message(view))
