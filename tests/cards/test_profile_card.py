"""The private card: what it shows, in which order, and that foreign values never break it."""

import json
from dataclasses import replace
from typing import Any

import pytest

from bot.cards.render import result_card
from bot.crm.envelope import customer_fields
from bot.domain.inquiry import Audience
from bot.domain.profile import CustomerProfile
from bot.domain.query import ReadAs
from bot.domain.results import CacheState, Failure, Found
from bot.errors import Trouble
from bot.locales import Texts, texts_in
from bot.playground.fake_crm.server import sample_customers
from bot.privacy.filter import visible_profile
from bot.privacy.policy import BUILT_IN
from bot.slack.message import Block, Message
from tests.support.block_kit import (
    MAIL_LINK,
    PHONE_LINK,
    assert_nothing_foreign_acts,
    assert_slack_takes,
    buttons_of,
    fields_of,
    units,
)
from tests.support.results import URL, sample

ID = "dc540ce7-5bc5-4275-b8fa-2004eb5839e3"
NAME = ("客户名称", "杭州岚峤")
NUMBER = ("客户编号", "CF00000201")
ZH, EN = texts_in("zh"), texts_in("en")
AS_OF = 1_700_000_000.0
DOT = "  ·  "
ORIGIN = (
    ":lock: 仅你可见  ·  易售后  ·  "
    "<!date^1700000000^{date_short_pretty} {time}|2023-11-14 22:13 UTC> 的数据"
)  # fmt: skip
FAMILY = "👨\u200d👩\u200d👧\u200d👦"

Row = tuple[str, Any] | tuple[str, Any, int]


def card(*rows: Row, texts: Texts = ZH, age: float = 0.0, failure: Failure | None = None) -> Message:
    """The card of a customer whose rows the CRM gives so, as its asker may see it."""
    answer = [dict(zip(("Key", "Value", "ShowType"), row, strict=False)) for row in rows]
    profile = visible_profile(CustomerProfile(ID, customer_fields(answer)), Audience.PRIVATE, BUILT_IN)
    cache = CacheState.STALE if failure else CacheState.MISS
    return result_card(Found(profile, AS_OF, age, cache, failure), texts)


def button(text: str, action_id: str) -> Block:
    label = {"type": "plain_text", "text": text, "emoji": False}
    return {"type": "button", "text": label, "action_id": action_id, "value": ID}


def option(text: str, value: str) -> Block:
    return {"text": {"type": "plain_text", "text": text, "emoji": False}, "value": value}


def header(message: Message) -> str:
    assert message.blocks[0]["type"] == "header"
    return str(message.blocks[0]["text"]["text"])


def contexts(message: Message) -> list[str]:
    return [element["text"] for block in message.blocks if block["type"] == "context" for element in block["elements"]]


def test_card_in_the_order_of_the_design() -> None:
    """Header, one line of context, the fields, the buttons, and where it is from; name and number alone as text."""
    message = card(
        NUMBER,
        NAME,
        ("联系人", "方经理"),
        ("联系电话", "13800001001"),
        ("客户标签", "VIP客户、年度合同", 6),
        ("客户等级", "A级"),
        ("所属区域", "浙江省-杭州市"),
    )
    assert message.text == "杭州岚峤  CF00000201"
    assert message.blocks == [
        {"type": "header", "text": {"type": "plain_text", "text": "杭州岚峤", "emoji": False}},
        {
            "type": "context",
            "elements": [
                {
                    "type": "mrkdwn",
                    "text": "CF00000201  ·  `VIP客户` `年度合同`  ·  等级 A级  ·  浙江省-杭州市",
                    "verbatim": True,
                }
            ],
        },
        {
            "type": "section",
            "fields": [
                {"type": "mrkdwn", "text": "*联系人*\n方经理", "verbatim": True},
                {"type": "mrkdwn", "text": "*联系电话*\n<tel:13800001001|138 0000 1001>", "verbatim": True},
            ],
        },
        {
            "type": "actions",
            "elements": [
                {**button("详情", "customer_details"), "style": "primary"},
                button("分享", "customer_share"),
                button("刷新", "customer_refresh"),
                {
                    "type": "overflow",
                    "action_id": "customer_menu",
                    "options": [option("复制为文本", f"copy {ID}"), option("收藏／取消收藏", f"pin {ID}")],
                },
            ],
        },
        {"type": "context", "elements": [{"type": "mrkdwn", "text": ORIGIN, "verbatim": True}]},
    ]


def test_card_in_english_translates_labels_and_never_values() -> None:
    message = card(NAME, ("默认服务网点", "安徽服务商"), ("结算方式", "月结"), ("客户等级", "A级"), texts=EN)
    assert fields_of(message) == [("Service outlet", "安徽服务商"), ("结算方式", "月结")]
    assert contexts(message)[0] == "level A级"
    assert [element["text"]["text"] for element in buttons_of(message)[:3]] == ["Details", "Share", "Refresh"]
    assert contexts(message)[-1].startswith(":lock: Only you see this  ·  易售后  ·  as of <!date^1700000000^")


@pytest.mark.parametrize(
    ("rows", "title", "text"),
    [
        pytest.param([NAME, NUMBER], "杭州岚峤", "杭州岚峤  CF00000201", id="both"),
        pytest.param([NUMBER], "CF00000201", "CF00000201", id="no name: the number"),
        pytest.param([("客户名称", ""), NUMBER], "CF00000201", "CF00000201", id="an empty name: the number"),
        pytest.param([("客户名称", "\u200b\u202e"), NUMBER], "CF00000201", "CF00000201", id="an invisible name"),
        pytest.param([NAME], "杭州岚峤", "杭州岚峤", id="no number"),
        pytest.param([("客户名称", "\u200b"), ("客户编号", "\u2060")], ID, ID, id="both invisible: the id"),
        pytest.param([("联系人", "方经理")], ID, ID, id="neither: the id"),
        pytest.param([("客户名称", ""), ("客户名称", "第二")], "第二", "第二", id="the first name that is one"),
    ],
)
def test_title_is_the_name_or_the_number_or_the_id(rows: list[Row], title: str, text: str) -> None:
    message = card(*rows)
    assert (header(message), message.text) == (title, text)


def test_text_for_lock_screens_holds_nothing_but_name_and_number() -> None:
    message = card(*sample_rows(0), failure=Failure(Trouble.NO_ANSWER, "E-7F3A"))
    assert message.text == "胡效鑫1  CF00000179"


def test_text_for_lock_screens_holds_no_phone_either() -> None:
    """The asker reads it on the card, everybody beside the phone does not."""
    message = card(("客户名称", "张三 13800001001"), ("客户编号", "KH-13800001001"))
    assert message.text == "张三 138∗∗∗∗1001  KH1∗∗∗∗1001"
    assert header(message) == "张三 13800001001"


def test_text_sent_alone_does_not_format_either() -> None:
    """Slack reads ``text`` as mrkdwn when the blocks are missing."""
    message = card(("客户名称", "*VIP* :tada: <!here>"), ("客户编号", "`1`"))
    assert message.text == "∗VIP∗ ：tada: &lt;!here&gt;  ˋ1ˋ"
    assert header(message) == "*VIP* :tada: &lt;!here&gt;"


def test_text_is_short_whatever_name_and_number_are() -> None:
    message = card(("客户名称", "名" * 5_000), ("客户编号", "&" * 5_000))
    assert message.text == "名" * 99 + "…  " + "&amp;" * 19 + "…"


@pytest.mark.parametrize(
    ("rows", "about"),
    [
        pytest.param([NUMBER], ["CF00000201"], id="only a number"),
        pytest.param([("客户等级", "A级")], ["等级 A级"], id="only a level"),
        pytest.param([("所属区域", "浙江省")], ["浙江省"], id="only a region"),
        pytest.param([("客户标签", "a、b,c；d\ne", 6)], ["`a` `b` `c` `d` `e`"], id="tags however they are joined"),
        pytest.param([("客户标签", ["a", "b"], 6)], ["`a` `b`"], id="tags as a list"),
        pytest.param([("客户标签", "、 、", 6)], [], id="tags without a tag"),
        pytest.param([("标签", "a、\u200b、`b`", 6)], ["`a` `ˋbˋ`"], id="tags that are nothing or would end the chip"),
        pytest.param([("客户标签", "、".join("abcdef"), 6)], ["`a` `b` `c` `d` `e` `f`"], id="six tags"),
        pytest.param([("客户标签", "、".join("abcdefgh"), 6)], ["`a` `b` `c` `d` `e` `f` +2"], id="more are counted"),
        pytest.param([("客户标签", "x" * 50, 6)], [f"`{'x' * 39}…`"], id="a long tag is cut"),
        pytest.param([("客户等级", "\u200b"), NUMBER], ["CF00000201"], id="a level that cannot be seen"),
        pytest.param([NAME], [], id="none of these: no line"),
    ],
)
def test_line_of_context_is_number_tags_level_and_region(rows: list[Row], about: list[str]) -> None:
    assert contexts(card(NAME, *rows))[:-1] == about


@pytest.mark.parametrize("value", ["", "  ", None, [], {}])
def test_field_without_a_value_is_left_out(value: object) -> None:
    message = card(NAME, ("单选", value), ("联系人", "方经理"))
    assert fields_of(message) == [("联系人", "方经理")]
    assert contexts(message)[-1] == ORIGIN


def test_menu_opens_the_customers_page_where_there_is_one() -> None:
    """Slack opens the address by itself; the other choices are the same."""
    menus = [buttons_of(result_card(sample(0, url=url), ZH))[-1] for url in ("", URL)]
    assert [len(menu["options"]) for menu in menus] == [2, 3]
    link = {**option("在易售后中打开", f"open {ID}"), "url": URL}
    assert menus[1]["options"] == [link, *menus[0]["options"]]


def test_remark_that_has_no_room_is_left_to_the_details() -> None:
    message = result_card(sample(0), ZH)
    assert "备注" not in dict(fields_of(message))
    assert contexts(message)[-1].endswith("另有 10 项未显示")


@pytest.mark.parametrize("texts", [ZH, EN], ids=["zh", "en"])
def test_card_stays_far_below_the_length_of_a_message(texts: Texts) -> None:
    assert len(json.dumps(result_card(sample(0, url=URL), texts).blocks, ensure_ascii=False)) < 3_500


def test_card_of_a_name_alone_has_no_fields() -> None:
    message = card(NAME)
    assert [block["type"] for block in message.blocks] == ["header", "actions", "context"]
    assert_slack_takes(message)


def test_at_most_eight_fields_and_the_others_are_counted() -> None:
    rows: list[Row] = [(f"自定义{i}", f"值{i}") for i in range(11)]
    message = card(NAME, *rows)
    assert fields_of(message) == [(f"自定义{i}", f"值{i}") for i in range(8)]
    assert contexts(message)[-1] == f"{ORIGIN}{DOT}另有 3 项未显示"


def test_eight_fields_leave_nothing_out() -> None:
    rows: list[Row] = [(f"自定义{i}", f"值{i}") for i in range(8)]
    message = card(NAME, *rows)
    assert len(fields_of(message)) == 8
    assert contexts(message)[-1] == ORIGIN


def test_what_a_salesperson_needs_first_comes_first() -> None:
    """Reaching people, then where and who serves them, then the tenant's own, then papers, then what is masked."""
    message = card(
        ("身份证号", "11010119900307451X"),
        ("开户行", "银行"),
        ("自定义", "值"),
        ("最近服务日期", "2025-09-12"),
        ("维护人员", "林工"),
        ("默认服务网点", "网点"),
        ("详细地址", "路1号"),
        ("联系人", "方经理"),
    )
    labels = [label for label, _ in fields_of(message)]
    assert labels == [
        "联系人", "详细地址", "默认服务网点", "维护人员", "最近服务日期", "自定义", "开户行", "身份证号",
    ]  # fmt: skip


def test_contacts_stay_with_their_phones() -> None:
    """The CRM's order is kept among contacts, phones and addresses of mail, and duplicate labels with it."""
    message = card(
        ("备注", "注"),
        ("联系人", "方经理"),
        ("联系电话", "13800001001"),
        ("详细地址", "路1号"),
        ("联系人", "林会计"),
        ("联系电话", "13800001002"),
        ("邮箱", "lin@example.com"),
    )
    assert fields_of(message)[:5] == [
        ("联系人", "方经理"),
        ("联系电话", "<tel:13800001001|138 0000 1001>"),
        ("联系人", "林会计"),
        ("联系电话", "<tel:13800001002|138 0000 1002>"),
        ("邮箱", "<mailto:lin@example.com|lin@example.com>"),
    ]


def test_name_in_the_header_is_no_field_again() -> None:
    """Not even where an empty one stands before it."""
    message = card(("客户名称", ""), ("客户名称", "第二"), ("客户编号", ""), ("客户编号", "2"))
    assert fields_of(message) == []


def test_second_name_number_level_region_and_tags_are_not_lost() -> None:
    """The first of each stands above the fields; the others are fields."""
    doubled: list[Row] = [
        ("客户名称", "一"), ("客户编号", "1"), ("客户等级", "A"), ("所属区域", "东"), ("客户标签", "甲", 6),
        ("客户名称", "二"), ("客户编号", "2"), ("客户等级", "B"), ("所属区域", "西"), ("客户标签", "乙", 6),
    ]  # fmt: skip
    message = card(*doubled)
    assert header(message) == "一"
    assert contexts(message)[0] == "1  ·  `甲`  ·  等级 A  ·  东"
    assert fields_of(message) == [
        ("客户名称", "二"),
        ("客户编号", "2"),
        ("客户等级", "B"),
        ("所属区域", "西"),
        ("客户标签", "乙"),
    ]


@pytest.mark.parametrize(
    ("key", "value", "shown"),
    [
        pytest.param("统一社会信用码", "91330106MA00020178", "913∗∗∗∗0178", id="a tax id"),
        pytest.param("银行账户", "6222021234567890128", "622∗∗∗∗0128", id="a bank account"),
        pytest.param("身份证号", "11010119900307451X", "110∗∗∗∗451X", id="an id card"),
        pytest.param("税号", "12345678", "∗∗∗∗", id="a short one"),
        pytest.param("打款信息", "4111 1111 1111 1111", "411∗∗∗∗1111", id="an account under another label"),
    ],
)
def test_what_has_to_be_protected_is_masked(key: str, value: str, shown: str) -> None:
    message = card(NAME, (key, value))
    assert fields_of(message) == [(key, shown)]
    assert value not in json.dumps(message)


def test_no_protected_value_of_the_sample_is_shown_in_full() -> None:
    """Each row in a card of its own, so that it is not left out for want of room."""
    labels = {"统一社会信用码", "银行账户", "身份证号"}
    rows = [row for index in range(len(sample_customers())) for row in sample_rows(index)]
    protected = [row for row in rows if row[0] in labels and row[1]]
    assert len(protected) > 20
    for row in protected:
        [(_, shown)] = fields_of(card(NAME, row))
        assert "∗∗∗∗" in shown
        assert row[1] not in shown


@pytest.mark.parametrize(
    ("rows", "counted"),
    [
        pytest.param([("回单图片", "https://p.example.com/1.jpg", 1)], "图片 1 张", id="a receipt"),
        pytest.param([("回单", "https://p.example/1", 1), ("签名", "https://p.example/2", 5)], "图片 2 张", id="two"),
        pytest.param([("回单图片", "", 1)], None, id="an empty one"),
    ],
)
def test_pictures_are_counted_and_not_shown(rows: list[Row], counted: str | None) -> None:
    message = card(NAME, *rows)
    assert contexts(message)[-1] == (f"{ORIGIN}{DOT}{counted}" if counted else ORIGIN)
    assert "https" not in str(message)


def test_pictures_in_english_are_counted_in_singular_and_plural() -> None:
    one, two = (card(NAME, *[("p", "https://p.example", 1)] * count, texts=EN) for count in (1, 2))
    assert contexts(one)[-1].endswith("  ·  1 picture")
    assert contexts(two)[-1].endswith("  ·  2 pictures")


@pytest.mark.parametrize(
    ("texts", "warning"),
    [
        pytest.param(ZH, ":warning: 易售后没有回应；这是 3 小时前的副本  ·  代码 E-7F3A", id="zh"),
        pytest.param(
            EN, ":warning: 易售后 is not answering; this is the copy from 3 hours ago  ·  Code E-7F3A", id="en"
        ),
    ],
)
def test_old_copy_says_why_how_old_and_under_which_code(texts: Texts, warning: str) -> None:
    message = card(NAME, NUMBER, texts=texts, age=3 * 3_600 + 59, failure=Failure(Trouble.NO_ANSWER, "E-7F3A"))
    assert contexts(message)[:2] == ["CF00000201", warning]
    assert_slack_takes(message)


@pytest.mark.parametrize("texts", [ZH, EN], ids=["zh", "en"])
@pytest.mark.parametrize("read_as", [*ReadAs, None])
def test_how_a_question_was_read_is_said_unless_it_names_the_id(read_as: ReadAs | None, texts: Texts) -> None:
    last = contexts(result_card(replace(sample(0), read_as=read_as), texts))[-1]
    said = [words for each, words in texts.search.query.items() if texts.search.read_as(words) in last.split(DOT)]
    assert said == ([] if read_as in (ReadAs.ID, ReadAs.LINK, None) else [texts.search.query[read_as]])


def test_how_a_question_was_read_stands_in_the_last_line() -> None:
    message = result_card(replace(sample(0), read_as=ReadAs.PHONE), ZH)
    assert contexts(message)[-1].endswith(" 的数据  ·  按电话查到  ·  另有 10 项未显示")
    assert_slack_takes(message)


def test_cached_copy_that_is_fresh_carries_no_warning() -> None:
    assert contexts(card(NAME, age=299.0)) == [ORIGIN]


@pytest.mark.parametrize(
    ("key", "label"),
    [
        pytest.param("", "（无标签）", id="none"),
        pytest.param("\u200b\u202e", "（无标签）", id="one that cannot be seen"),
        pytest.param("*重点*", "∗重点∗", id="one that would format"),
        pytest.param("标签" * 90, "标签" * 29 + "标…", id="a long one"),
        pytest.param("<!here>", "&lt;!here&gt;", id="one that would mention"),
    ],
)
def test_label(key: str, label: str) -> None:
    assert fields_of(card(NAME, (key, "值"))) == [(label, "值")]


@pytest.mark.parametrize(
    ("key", "value", "shown"),
    [
        pytest.param("联系电话", "找前台转", "找前台转", id="a phone that is none"),
        pytest.param("固定电话", "0571 8888-1234", "<tel:057188881234|0571 8888-1234>", id="a landline"),
        pytest.param("邮箱", "没有邮箱", "没有邮箱", id="an address that is none"),
        pytest.param("微信", "13800001063", "<tel:13800001063|138 0000 1063>", id="a phone under another label"),
        pytest.param("单选", "\u202e", "…", id="one that cannot be seen"),
        pytest.param("单选", "值" * 50_000, "值" * 199 + "…", id="a long one"),
        pytest.param("单选", {"a": [1, None, True]}, "a: 1、是", id="an object"),
        pytest.param("单选", 0, "0", id="a number"),
    ],
)
def test_value(key: str, value: object, shown: str) -> None:
    assert fields_of(card(NAME, (key, value))) == [(key, shown)]


HOSTILE: dict[str, list[Row]] = {
    "a value of 50,000 characters": [("客户名称", "名" * 50_000), ("备注", "x" * 50_000), ("地址", "& " * 25_000)],
    "300 fields": [(f"字段{i}", "值" * 300) for i in range(300)],
    "300 fields with long labels": [("标" * 300 + str(i), "\\" * 10_000) for i in range(300)],
    "a name of 1,000 ampersands": [("客户名称", "&" * 1_000), ("客户编号", "<" * 1_000), ("客户等级", ">" * 1_000)],
    "only emoji": [(key, "💎" * 5_000) for key in ("客户名称", "客户编号", "客户等级", "所属区域", "备注", "💎" * 150)],
    "emoji tags": [("客户名称", "💎"), ("客户标签", "、".join(["👍🏿" * 50] * 50), 6)],
    "families": [(key, FAMILY * 999) for key in ("客户名称", "客户编号", "备注", "地址")],
    "right to left": [("客户名称", "\u202eשלום"), ("客户编号", "\u2067مرحبا"), ("\u200f备注", "\u202e" * 500 + "x")],
    "control characters": [(f"{chr(i)}键", f"a{chr(i)}b") for i in (*range(32), *range(127, 160))],
    "only control characters": [("客户名称", "\x00\x1b"), ("客户编号", "\x07"), ("备注", "\x00")],
    "mentions": [(key, "<!channel> <@U012ABCDEF> <#C01> <!subteam^S01>") for key in ("客户名称", "客户标签", "备注")],
    "links": [
        ("邮箱", "<mailto:a@b.cn|a@b.cn>"),
        ("联系电话", "<tel:110|x>"),
        ("客户名称", "<https://evil.example|here>"),
    ],
    "halves of characters": [("客户名称", "\ud800"), ("\udfff", "a\ud83d"), ("客户编号", "1\udc00")],
    "every tag formats": [("客户标签", "`a`、*b*、_c_、~d~、:e:、>f、&、<", 6)],
}


@pytest.mark.parametrize("texts", [ZH, EN], ids=["zh", "en"])
@pytest.mark.parametrize("rows", HOSTILE.values(), ids=HOSTILE.keys())
def test_hostile_customer_has_a_whole_card(rows: list[Row], texts: Texts) -> None:
    """All its parts are there (no fallback to the text alone), Slack takes it, nothing foreign acts."""
    message = card(*rows, texts=texts, age=99.0, failure=Failure(Trouble.REJECTED, "E-7F3A", "<b>"))
    types = [block["type"] for block in message.blocks if block["type"] != "section"]
    assert types in (["header", *["context"] * n, "actions", "context"] for n in (1, 2))
    assert_slack_takes(message)
    assert_nothing_foreign_acts(message)


def test_long_values_end_in_an_ellipsis() -> None:
    message = card(*HOSTILE["a value of 50,000 characters"])
    assert header(message) == "名" * 149 + "…"
    assert {value[-1] for _, value in fields_of(message)} == {"…"}


def test_families_in_a_card_are_whole() -> None:
    message = card(*HOSTILE["families"])
    shown = [header(message), *(value for _, value in fields_of(message))]
    assert {text.removesuffix("…").replace(FAMILY, "") for text in shown} == {""}
    assert all(units(text) > 100 for text in shown)


@pytest.mark.parametrize("texts", [ZH, EN], ids=["zh", "en"])
@pytest.mark.parametrize("entry", sample_customers(), ids=lambda entry: entry["shows"])
def test_sample_customer_has_a_whole_card(entry: dict[str, Any], texts: Texts) -> None:
    profile = visible_profile(CustomerProfile(entry["id"], customer_fields(entry["rows"])), Audience.PRIVATE, BUILT_IN)
    message = result_card(Found(profile, AS_OF, 0.0, CacheState.MISS), texts)
    assert message.blocks[0]["type"] == "header"
    assert buttons_of(message)[0]["value"] == entry["id"]
    assert_slack_takes(message)
    assert_nothing_foreign_acts(message)


def test_links_are_the_only_ones_of_the_sample() -> None:
    """What is tapped dials or writes to what is shown."""
    values = [value for index in range(len(sample_customers())) for _, value in fields_of(card(*sample_rows(index)))]
    links = [value for value in values if value.startswith("<")]
    assert len(links) > 50
    assert all(PHONE_LINK.fullmatch(link) or MAIL_LINK.fullmatch(link) for link in links)


def sample_rows(index: int) -> list[Row]:
    rows = sample_customers()[index]["rows"]
    return [(row.get("Key", ""), row.get("Value"), row.get("ShowType", 0)) for row in rows if isinstance(row, dict)]
