"""Copy as text: one plain block with the values as the CRM gives them, and nothing of money or papers."""

import pytest
from hypothesis import given, settings

from bot.cards.copy_card import copy_card
from bot.locales import texts_in
from bot.slack.message import Message
from tests.support.block_kit import assert_slack_takes, unescaped
from tests.support.results import ID, Row, foreign_rows, found, oversized, sample

ZH, EN = texts_in("zh"), texts_in("en")


def text(message: Message) -> str:
    [block] = message.blocks
    assert (block["type"], block["text"]["type"]) == ("section", "plain_text")
    return str(block["text"]["text"])


def test_copy_of_the_documented_customer() -> None:
    message = copy_card(sample(0), ZH)
    assert text(message).split("\n") == [
        "客户名称: 胡效鑫1",
        "客户编号: CF00000179",
        "联系人: 胡效鑫1",
        "联系电话: 18539622352",
        "邮箱: 903146517@qq.com",
        "固定电话: 0108888888",
        "详细地址: 东郊森林公园-华北树木园",
        "默认服务网点: 安徽服务商",
        "维护人员: 我是测试",
        "最近服务日期: 2023-03-07",
    ]
    assert message.text == "胡效鑫1  CF00000179"
    assert_slack_takes(message)


def test_labels_are_in_the_readers_language() -> None:
    assert text(copy_card(sample(0), EN)).split("\n")[3] == "Phone: 18539622352"


def test_values_are_as_the_crm_gives_them() -> None:
    """Nothing formats in plain text, so no character is replaced by one that looks like it."""
    message = copy_card(found(("客户名称", "*A* & <c> :tada: `x`"), ("联系电话", "185-3962-2352")), ZH)
    assert unescaped(text(message)) == "客户名称: *A* & <c> :tada: `x`\n联系电话: 185-3962-2352"


@pytest.mark.parametrize("label", ["统一社会信用码", "银行账户", "身份证号", "发票抬头", "开户行", "备注", "客户等级"])
def test_money_and_papers_are_not_copied(label: str) -> None:
    assert text(copy_card(found(("客户名称", "名"), (label, "6222021234567890128")), ZH)) == "客户名称: 名"


def test_customer_with_nothing_to_copy_is_the_id() -> None:
    assert text(copy_card(found(("备注", "x")), ZH)) == ID


def test_lines_are_whole_however_many_there_are() -> None:
    shown = text(copy_card(oversized(*[("联系人", f"第{i}位", 0) for i in range(1_000)]), ZH)).split("\n")
    assert shown[-1] == "…"
    assert shown[:-1] == [f"联系人: 第{i}位" for i in range(len(shown) - 1)]


@settings(max_examples=60)
@given(foreign_rows())
def test_whatever_the_crm_sends_it_can_be_copied(rows: list[Row]) -> None:
    message = copy_card(found(*rows), EN)
    assert text(message)
    assert_slack_takes(message)
