"""Home: search, one's own customers, what is muted, how to use it; less where less can be read."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.cards.home_view import home_denied_view, home_view
from bot.domain.preferences import Mute, Remembered, SavedCustomers
from bot.domain.results import Denied, Refusal
from bot.locales import Texts, texts_in
from bot.slack.message import View
from tests.support.block_kit import (
    as_message,
    assert_nothing_foreign_acts,
    assert_slack_takes_view,
    elements_of,
    foreign_texts,
    texts_of_view,
    values_of,
)
from tests.support.results import DATE

ZH, EN = texts_in("zh"), texts_in("en")
LANGUAGES = pytest.mark.parametrize("texts", [ZH, EN], ids=["zh", "en"])
SAVED = SavedCustomers(
    (Remembered("id-1", "杭州岚峤"),), (Remembered("id-2", "胡效鑫1"), Remembered("id-3", "成都屿禾"))
)
MUTES = (Mute("C1", "U1", 1_700_000_000.0), Mute("C2", "U1"), Mute("", "U1"))


def actions(view: View) -> list[tuple[str, str]]:
    return [(element["action_id"], element["value"]) for element in elements_of(view["blocks"])]


def test_home_in_its_order() -> None:
    view = home_view(SAVED, MUTES, ZH)
    assert [text for text in texts_of_view(view) if text not in ("打开", "撤销")] == [
        "查易售后的客户，结果只有你自己看得到。",
        "查询客户",
        "收藏",
        "杭州岚峤",
        "最近查过",
        "胡效鑫1",
        "成都屿禾",
        "清空最近查过的客户",
        "清空最近查过的客户",
        "清空最近查过的客户？收藏不受影响。",
        "清空",
        "取消",
        "已关闭自动卡片",
        f"<#C1>：到 {DATE}",
        "<#C2>：一直关闭",
        "你的消息：在任何频道都不带出卡片",
        "怎么用",
        "\n".join(f"• {line}" for line in ZH.home.how_lines),
    ]
    assert actions(view) == [
        ("find_customer", "find_customer"),
        ("customer_pick", "id-1"),
        ("customer_pick", "id-2"),
        ("customer_pick", "id-3"),
        ("customer_clear", "customer_clear"),
        ("home_unmute", "channel C1"),
        ("home_unmute", "channel C2"),
        ("home_unmute", "person"),
    ]
    assert_slack_takes_view(view)


@LANGUAGES
def test_clearing_asks_first(texts: Texts) -> None:
    [clear] = [part for part in elements_of(home_view(SAVED, (), texts)["blocks"]) if "confirm" in part]
    assert clear["action_id"] == "customer_clear"
    assert clear["confirm"]["text"]["text"] == texts.home.clear_question


@LANGUAGES
def test_empty_home_says_how_it_fills(texts: Texts) -> None:
    view = home_view(SavedCustomers(), (), texts)
    for text in (texts.home.no_pins, texts.home.no_recents, texts.home.nothing_muted):
        assert text in texts_of_view(view)
    assert actions(view) == [("find_customer", "find_customer")]
    assert_slack_takes_view(view)


@LANGUAGES
def test_home_without_a_database_can_still_search(texts: Texts) -> None:
    view = home_view(None, None, texts)
    for text in (texts.modal.no_saved_customers, texts.home.no_mutes):
        assert f":warning: {text}" in texts_of_view(view)
    assert actions(view) == [("find_customer", "find_customer")]
    assert_slack_takes_view(view)


@LANGUAGES
@pytest.mark.parametrize("refusal", Refusal)
def test_refused_user_sees_on_home_only_why_and_whom_to_ask(texts: Texts, refusal: Refusal) -> None:
    view = home_denied_view(Denied(refusal, "E-1", ("U0ADMIN", "U0OTHER")), texts)
    said = "\n".join(texts_of_view(view))
    for text in (texts.denied[refusal], texts.denied_advice[refusal], "E-1"):
        assert text in said
    nobody_can_help = refusal in (Refusal.OUTSIDER, Refusal.EXTERNAL_CHANNEL)
    assert ("<@U0ADMIN> <@U0OTHER>" in said) is not nobody_can_help
    assert actions(view) == []
    assert_slack_takes_view(view)


@settings(max_examples=30)
@given(foreign_texts(), st.sampled_from(["C1", "C1|x>", "<!here>", " "]))
def test_whatever_customers_are_called_home_is_whole_and_nothing_acts(name: str, channel: str) -> None:
    """However many there are."""
    many = (Remembered("id", name),) * 40
    view = home_view(SavedCustomers(many, many), (Mute(channel, "U1"),) * 40, EN)
    assert_slack_takes_view(view)
    assert_nothing_foreign_acts(as_message(view))
    assert name == "id" or name not in values_of(view["blocks"])
