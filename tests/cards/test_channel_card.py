"""The channel card: little, for everybody; only of what was made for a channel."""

import pytest
from hypothesis import given, settings

from bot.cards.channel_card import MAX_LISTED, channel_card, channel_line
from bot.cards.limits import within_limits
from bot.domain.inquiry import Audience
from bot.locales import Texts, texts_in
from bot.privacy.policy_file import policy_in
from bot.slack.message import Block, Message
from tests.support.block_kit import (
    assert_nothing_foreign_acts,
    assert_slack_takes,
    elements_of,
    formats,
    texts_of,
    values_of,
)
from tests.support.results import FAILURE, ID, SAMPLES, URL, Row, foreign_rows, found, sample

ZH, EN = texts_in("zh"), texts_in("en")
LANGUAGES = pytest.mark.parametrize("texts", [ZH, EN], ids=["zh", "en"])
CHANNEL = Audience.CHANNEL
MUTES = ["mute_day", "mute_channel", "mute_me"]


def card(*rows: Row, url: str = "") -> Message:
    return channel_card([found(*rows, audience=CHANNEL, url=url)], ZH)


def text(block: Block) -> str:
    return str(block["text"]["text"])


def test_card_of_one_customer() -> None:
    """Name and number, one line, the menu beside them, and Details below."""
    message = channel_card([sample(0, CHANNEL, URL)], ZH)
    assert message.text == "胡效鑫1  CF00000179"
    section, actions = message.blocks
    assert text(section) == (
        f"*<{URL}|胡效鑫1>*  CF00000179\n"
        "`普通客户` `VIP客户` `高级客户`  ·  北京市-北京市-通州区  ·  安徽服务商  ·  最近服务 2023-03-07"
    )
    assert section["accessory"]["type"] == "overflow"
    assert [option["value"] for option in section["accessory"]["options"]] == MUTES
    assert [(button["action_id"], button["value"]) for button in actions["elements"]] == [("customer_details", ID)]
    assert_slack_takes(message)


def test_card_without_a_page_is_not_linked() -> None:
    assert text(card(("客户名称", "杭州岚峤"), ("客户编号", "CF1")).blocks[0]) == "*杭州岚峤*  CF1"


@pytest.mark.parametrize(
    ("rows", "shown"),
    [
        pytest.param([("客户编号", "CF1")], "*CF1*", id="a number alone"),
        pytest.param([("联系人", "方经理")], f"*{ID}*", id="neither name nor number"),
        pytest.param([("客户名称", "名"), ("回单", "https://p.example/1、https://p.example/2", 1)],
                     "*名*\n图片 2 张", id="pictures are counted"),
        pytest.param([("客户名称", "名"), ("联系电话", "13800001001"), ("备注", "注")], "*名*", id="no phone"),
    ],
)  # fmt: skip
def test_card_of_little(rows: list[Row], shown: str) -> None:
    assert text(card(*rows).blocks[0]) == shown


def test_what_the_operator_lists_has_a_line_of_its_own() -> None:
    """Four fields at most, and none that channels see as it is built in: for those the card has its places."""
    policy = policy_in('[channel]\naddress = "shown"\nother = "shown"\nlevel = "shown"\nphone = "masked"')
    rows = [("客户名称", "名"), ("联系电话", "13800001001"), ("详细地址", "某路 1 号"), ("结算方式", "月结*")]
    listed = channel_card([found(*rows, audience=CHANNEL, policy=policy)], ZH)
    assert text(listed.blocks[0]) == "*名*\n*详细地址* 某路 1 号  ·  *结算方式* 月结∗"
    assert listed.text == "名"
    many: list[Row] = [(f"第{number}", "x" * 100) for number in "一二三四五"]
    message = channel_card([found(*many, audience=CHANNEL, policy=policy)], ZH)
    assert text(message.blocks[0]).count("*第") == MAX_LISTED
    assert_slack_takes(message)


def test_several_customers_have_a_line_and_a_button_each_and_one_menu() -> None:
    message = channel_card([sample(index, CHANNEL) for index in (0, 1, 2)], ZH)
    assert message.text == "胡效鑫1  CF00000179 / 杭州岚峤精密机械有限公司  CF00000201 / 成都屿禾康复诊所  CF00000202"
    assert [block["type"] for block in message.blocks] == ["section"] * 3 + ["actions"]
    assert values_of(message.blocks) == [*(SAMPLES[index]["id"] for index in (0, 1, 2)), *MUTES]
    assert_slack_takes(message)


def test_buttons_of_one_label_are_distinguished_when_read_aloud() -> None:
    message = channel_card([sample(index, CHANNEL) for index in (0, 1)], EN)
    labels = [element.get("accessibility_label") for element in elements_of(message.blocks)[:2]]
    assert labels == ["View details 胡效鑫1", "View details 杭州岚峤精密机械有限公司"]


@pytest.mark.parametrize(("texts", "note"), [(ZH, "<@U012AB> 分享"), (EN, "shared by <@U012AB>")])
def test_shared_card_says_who_shared_it(texts: Texts, note: str) -> None:
    message = channel_card([sample(0, CHANNEL)], texts, shared_by="U012AB")
    assert message.blocks[-1]["elements"][0]["text"] == note
    assert_slack_takes(message)


def test_old_copy_says_so_once() -> None:
    old = [sample(index, CHANNEL, failure=FAILURE) for index in (0, 1)]
    notes = [block for block in channel_card(old, ZH).blocks if block["type"] == "context"]
    assert [note["elements"][0]["text"] for note in notes] == [
        ":warning: 易售后没有回应；这是 2 小时前的副本  ·  代码 E-7F3A"
    ]


@LANGUAGES
def test_line_is_one_line_with_details_and_mutes_in_its_menu(texts: Texts) -> None:
    message = channel_line(sample(0, CHANNEL, URL), texts)
    [section] = message.blocks
    assert text(section) == f"*<{URL}|胡效鑫1>*  CF00000179  ·  北京市-北京市-通州区"
    values = [option["value"] for option in section["accessory"]["options"]]
    assert values == [f"details {ID}", "mute_day", "mute_channel", "mute_me"]
    assert_slack_takes(message)


def test_private_answer_becomes_no_channel_card() -> None:
    with pytest.raises(ValueError, match="private"):
        channel_card([sample(0, CHANNEL), sample(1)], ZH)
    with pytest.raises(ValueError, match="private"):
        channel_line(sample(0), ZH)


@LANGUAGES
@pytest.mark.parametrize("index", range(len(SAMPLES)), ids=lambda index: SAMPLES[index]["shows"])
def test_sample_customer_has_a_small_card(index: int, texts: Texts) -> None:
    """Nothing to scroll: two lines, and nothing that a channel may not see."""
    one = sample(index, CHANNEL, URL)
    for message in (channel_card([one], texts), channel_line(one, texts)):
        assert_slack_takes(message)
        assert_nothing_foreign_acts(message)
        assert text(message.blocks[0]).count("\n") <= 1
        assert "mailto:" not in str(message)
        assert "<tel:" not in str(message)


def test_name_that_would_end_its_link_does_not() -> None:
    name = card(("客户名称", "a|b>c<d"), url=URL)
    assert text(name.blocks[0]) == f"*<{URL}|a｜b&gt;c&lt;d>*"


def test_address_of_a_page_cannot_end_its_link() -> None:
    assert text(card(("客户名称", "名"), url="https://x.example/?a=1&b=|>").blocks[0]) == (
        "*<https://x.example/?a=1&amp;b=%7C&gt;|名>*"
    )


@settings(max_examples=60)
@given(foreign_rows())
def test_whatever_the_crm_sends_the_card_is_whole_and_nothing_in_it_acts(rows: list[Row]) -> None:
    """Three such customers at once, too."""
    one = found(*rows, audience=CHANNEL, url=URL, failure=FAILURE)
    for texts in (ZH, EN):
        for message in (
            channel_card([one], texts, "U012AB"),
            channel_card([one, one, one], texts),
            channel_line(one, texts),
        ):
            assert within_limits(message) is message
            assert_slack_takes(message)
            assert_nothing_foreign_acts(message)
            assert not formats(message.text)
    assert set(values_of(channel_card([one], ZH).blocks)) == {ID, *MUTES}
    assert texts_of(channel_card([one], ZH))
