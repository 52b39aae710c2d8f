"""Cards as a terminal shows them: what a reader in Slack would see, line by line."""

import time
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from rich.cells import cell_len

from bot.cards import blocks
from bot.cards.home_view import home_denied_view
from bot.cards.notices import help_card, looking_up_card
from bot.cards.render import result_card, result_view
from bot.cards.search_view import search_view
from bot.cards.share_view import share_view
from bot.cards.terminal import as_terminal_text, view_as_terminal_text
from bot.crm.envelope import customer_fields
from bot.domain.preferences import Remembered, SavedCustomers
from bot.domain.profile import CustomerProfile
from bot.domain.query import ReadAs, Unread
from bot.domain.results import (
    CacheState,
    Denied,
    Expired,
    Failure,
    Found,
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
from bot.playground.fake_crm.server import sample_customers
from bot.slack.message import Block, Message
from bot.slack.view_state import ViewState
from tests.support.block_kit import foreign_texts, is_tidy

ID = "dc540ce7-5bc5-4275-b8fa-2004eb5839e3"
ZH, EN = texts_in("zh"), texts_in("en")
LANGUAGES = pytest.mark.parametrize("texts", [ZH, EN], ids=["zh", "en"])
FAILURE = Failure(Trouble.REJECTED, "E-7F3A", "忙 & <b>")


@pytest.fixture(autouse=True)
def shanghai(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The terminal's time zone."""
    with monkeypatch.context() as patched:
        patched.setenv("TZ", "Asia/Shanghai")
        time.tzset()
        yield
    time.tzset()


def found(rows: Any, failure: Failure | None = None) -> Found:
    return Found(CustomerProfile(ID, customer_fields(rows)), 1_700_000_000.0, 7_200.0, CacheState.MISS, failure)


def row(key: str, value: str) -> dict[str, str]:
    return {"Key": key, "Value": value}


def test_customer_in_a_terminal() -> None:
    """Labels and values in two columns, links as what they show, the date in the terminal's own time."""
    rows = sample_customers()[0]["rows"]
    assert as_terminal_text(result_card(found(rows, FAILURE), ZH)).split("\n") == [
        "┃ 胡效鑫1",
        "┃ CF00000179  ·  普通客户 VIP客户 高级客户  ·  等级 123  ·  北京市-北京市-通州区",
        "┃ ⚠️  易售后拒绝了这次查询；这是 2 小时前的副本  ·  代码 E-7F3A",
        "┃",
        "┃ 联系人        胡效鑫1",
        "┃ 联系电话      185 3962 2352",
        "┃ 邮箱          903146517@qq.com",
        "┃ 固定电话      0108888888",
        "┃ 详细地址      东郊森林公园-华北树木园",
        "┃ 默认服务网点  安徽服务商",
        "┃ 维护人员      我是测试",
        "┃ 最近服务日期  2023-03-07",
        "┃",
        "┃ [详情] [分享] [刷新] [⋯ 复制为文本 | 收藏／取消收藏]",
        "┃ 🔒 仅你可见  ·  易售后  ·  2023-11-15 06:13 的数据  ·  另有 10 项未显示",
    ]


@LANGUAGES
def test_values_stand_in_one_column(texts: Texts) -> None:
    """Chinese characters are two cells wide."""
    rows = [row("联系人", "@a"), row("默认服务网点", "@b"), row("QQ", "@c")]
    lines = as_terminal_text(result_card(found(rows), texts)).split("\n")
    assert len({cell_len(line.partition("@")[0]) for line in lines if "@" in line}) == 1


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        pytest.param("10*20*30", "10*20*30", id="measures"),
        pytest.param("*VIP*", "∗VIP∗", id="what looks bold"),
        pytest.param("a & b <c>", "a & b <c>", id="what was escaped"),
        pytest.param("&amp;lt;", "&lt;", id="what looks escaped"),
        pytest.param("<https://x.example|y>", "<https://x.example|y>", id="what looks like a link"),
        pytest.param(":lock:", "：lock:", id="what looks like an emoji code"),
        pytest.param("a\x1b[31mb\nc", "a [31mb c", id="what would control the terminal"),
        pytest.param("13800001001", "138 0000 1001", id="a phone"),
        pytest.param("fang@example.com", "fang@example.com", id="an address"),
    ],
)
def test_value_is_shown_as_the_crm_gives_it(value: str, shown: str) -> None:
    text = as_terminal_text(result_card(found([row("自定义", value)]), ZH))
    assert f"┃ 自定义  {shown}\n" in text


def test_label_is_shown_without_its_asterisks_and_with_its_own() -> None:
    text = as_terminal_text(result_card(found([row("长*宽", "1"), row("重", "2*3*4")]), ZH))
    assert "┃ 长*宽  1\n┃ 重     2*3*4\n" in text


def test_header_and_buttons_are_plain_text() -> None:
    """Nothing is formatted in them in Slack, and so nothing is here."""
    card = [blocks.header("*VIP* `x` :lock: &lt;b&gt;"), blocks.actions(blocks.button("*OK*", "id", "v"))]
    assert as_terminal_text(Message("text", card)) == "┃ *VIP* `x` :lock: <b>\n┃ [*OK*]"


def test_message_without_blocks_is_its_text() -> None:
    assert as_terminal_text(Message("a &amp; b &lt;c&gt;", [])) == "┃ a & b <c>"


def test_message_whose_blocks_show_nothing_is_its_text() -> None:
    assert as_terminal_text(Message("a", [{"type": "divider"}])) == "┃ a"


def test_lines_of_a_section_are_lines() -> None:
    assert as_terminal_text(Message("text", [blocks.section("*a*\n`b`")])) == "┃ a\n┃ b"


ANSWERS: dict[str, Result] = {
    **{f"sample {entry['shows']}": found(entry["rows"]) for entry in sample_customers()},
    "old copy": found([row("客户名称", "x")], FAILURE),
    "not found": NotFound(ID, "E-7F3A"),
    **{
        f"not found by {read_as}": NotFound("A-1", "E-7F3A", read_as, (OtherReading(ReadAs.NAME, "sealed q"),))
        for read_as in ReadAs
    },
    "several": Several(
        ReadAs.NAME,
        tuple(found(entry["rows"]) for entry in sample_customers()[:5]),
        first=5,
        following=10,
        total=50,
        is_cut=True,
        button_value="sealed q",
        failure=FAILURE,
    ),
    "expired": Expired(),
    **{f"unavailable, {trouble}": Unavailable(ID, Failure(trouble, "E-7F3A", "忙 <b>")) for trouble in Trouble},
    "unavailable, nothing read": Unavailable(None, FAILURE),
    **{f"invalid, {why}": Invalid("CF0001 <x>", why) for why in Unread},
}


def assert_readable(text: str) -> None:
    """A bar before every line; no mark-up, no control characters, no entities but the CRM's own."""
    lines = text.split("\n")
    assert all(line.startswith("┃") and is_tidy(line) and line == line.rstrip() for line in lines)
    assert not [mark for mark in ("<tel:", "<!date^", ":warning:", ":mag:", "**", "`") if mark in text]


@LANGUAGES
@pytest.mark.parametrize("answer", ANSWERS.values(), ids=ANSWERS.keys())
def test_every_card_reads_well(answer: Result, texts: Texts) -> None:
    assert_readable(as_terminal_text(result_card(answer, texts)))


@LANGUAGES
def test_help_and_the_waiting_line_read_well(texts: Texts) -> None:
    assert_readable(as_terminal_text(help_card(texts)))
    assert as_terminal_text(looking_up_card(ID, EN)) == f"┃ 🔍 Looking up {ID} · the card follows"


@given(foreign_texts(), foreign_texts())
def test_whatever_the_crm_sends_the_terminal_is_not_controlled(key: str, value: str) -> None:
    rows = [row("客户名称", value), row(key, value), row("联系人", key)]
    for answer in (found(rows), Invalid(value)):
        text = as_terminal_text(result_card(answer, ZH))
        assert all(line.startswith("┃") and is_tidy(line) for line in text.split("\n"))
        text.encode("utf-8")


MENU = blocks.menu("id", blocks.option("复制", "copy"), blocks.link_option("打开", "open", "https://x.example"))


@pytest.mark.parametrize(
    ("block", "shown"),
    [
        pytest.param(blocks.actions(blocks.button("OK", "id", "v"), MENU), "┃ [OK] [⋯ 复制 | 打开]", id="a menu"),
        pytest.param(
            blocks.section("*a*\nb", blocks.button("OK", "id", "v")), "┃ a  [OK]\n┃ b", id="a button beside a text"
        ),
        pytest.param(
            blocks.section("谁？", blocks.search_box("id", "名称")), "┃ 谁？  [名称 ▾]", id="a box that suggests"
        ),
        pytest.param(blocks.image("https://x.example/1", "回单"), "┃ [回单] https://x.example/1", id="a picture"),
        pytest.param(blocks.section("<#C1> <@U1>"), "┃ #C1 @U1", id="mentions"),
        pytest.param(blocks.section("<https://x.example|名>"), "┃ 名", id="a link"),
        pytest.param(blocks.plain_section("*a* `b` &lt;"), "┃ *a* `b` <", id="plain text"),
        pytest.param(
            blocks.fields(["*a*\n• 1\n• 2", "*bb*\n3"]), "┃\n┃ a   • 1\n┃     • 2\n┃ bb  3\n┃", id="lists side by side"
        ),
    ],
)
def test_block_in_a_terminal(block: Block, shown: str) -> None:
    assert as_terminal_text(Message("text", [block])) == shown


def test_modal_in_a_terminal() -> None:
    """Its title, what one types, and its buttons."""
    view = search_view(SavedCustomers((Remembered("id-1", "杭州岚峤"),)), EN, ViewState())
    assert view_as_terminal_text(view).split("\n") == [
        "┃ ── Customer look-up ──",
        "┃ Which customer?  [Name, number or pinyin initials ▾]",
        "┃ Or type a phone, e-mail, device or serial number… [____]",
        "┃ A customer number, a name, a customer id or a link works too",
        "┃ Pinned",
        "┃ 杭州岚峤  [Open]",
        "┃ [Find] [Close]",
    ]


def test_destination_in_a_terminal() -> None:
    view = share_view(Message("杭州岚峤", []), EN, ViewState(channel="C1"))
    assert "┃ Post in which channel? [#C1]" in view_as_terminal_text(view).split("\n")


def test_home_in_a_terminal_has_no_frame() -> None:
    lines = view_as_terminal_text(home_denied_view(Denied(Refusal.OUTSIDER, "E-1"), EN)).split("\n")
    assert lines == [
        "┃ ⛔ You belong to another organisation and cannot see customers here",
        "┃ Customers are for members of this organisation only.",
        "┃ Code E-1",
    ]


WITHOUT_MARK_UP = {name: answer for name, answer in ANSWERS.items() if "<!date^" not in str(answer)}
"""One sample customer's own values look like mark-up, and are shown."""


@LANGUAGES
@pytest.mark.parametrize("answer", WITHOUT_MARK_UP.values(), ids=WITHOUT_MARK_UP.keys())
def test_every_answer_reads_well_as_a_modal(answer: Result, texts: Texts) -> None:
    assert_readable(view_as_terminal_text(result_view(answer, texts, ViewState())))
