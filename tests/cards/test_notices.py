"""The cards without a customer: what happened, what to do next, a code, and Retry where there is what to retry."""

import pytest
from hypothesis import given

from bot.cards.notices import (
    help_card,
    looking_up_card,
    outdated_card,
    pin_notice,
    store_card,
)
from bot.cards.render import result_card
from bot.domain.query import ReadAs, Unread
from bot.domain.results import Denied, Expired, Failure, Invalid, NotFound, OtherReading, Refusal, Unavailable
from bot.errors import Trouble
from bot.locales import Texts, texts_in
from bot.slack.message import Message
from tests.support.block_kit import (
    assert_nothing_foreign_acts,
    assert_slack_takes,
    buttons_of,
    foreign_texts,
    formats,
    texts_of,
)

ID = "dc540ce7-5bc5-4275-b8fa-2004eb5839e3"
CODE = "E-7F3A"
LANGUAGES = pytest.mark.parametrize("texts", [texts_in("zh"), texts_in("en")], ids=["zh", "en"])

HEADLINES = {
    ("zh", Trouble.NO_ANSWER): "易售后没有回应",
    ("zh", Trouble.BUSY): "易售后正忙，暂时排不上",
    ("zh", Trouble.UNREADABLE): "易售后的回答无法读取",
    ("zh", Trouble.REFUSED): "机器人对易售后的访问被拒绝",
    ("zh", Trouble.REJECTED): "易售后拒绝了这次查询",
    ("zh", Trouble.STORE): "客户目录暂时不可用",
    ("zh", Trouble.INTERNAL): "机器人内部出错",
    ("en", Trouble.NO_ANSWER): "易售后 is not answering",
    ("en", Trouble.BUSY): "Too much is being asked of 易售后 right now",
    ("en", Trouble.UNREADABLE): "The answer of 易售后 cannot be read",
    ("en", Trouble.REFUSED): "The bot's access to 易售后 was refused",
    ("en", Trouble.REJECTED): "易售后 rejected this lookup",
    ("en", Trouble.STORE): "The customer directory cannot be used right now",
    ("en", Trouble.INTERNAL): "Something went wrong in the bot",
}


def unavailable(trouble: Trouble, texts: Texts, button_value: str = ID, error_msg: str = "") -> Message:
    return result_card(Unavailable("+8613800001001", Failure(trouble, CODE, error_msg), button_value), texts)


def lines(message: Message) -> list[str]:
    """The card's text, line by line."""
    return "\n".join(texts_of(message)[1:]).split("\n")


def test_every_trouble_has_its_headline_here() -> None:
    assert set(HEADLINES) == {(language, trouble) for language in ("zh", "en") for trouble in Trouble}


@pytest.mark.parametrize(("key", "headline"), HEADLINES.items(), ids=[f"{lang} {why}" for lang, why in HEADLINES])
def test_trouble_says_what_happened_what_to_do_and_its_code(key: tuple[str, Trouble], headline: str) -> None:
    """The headline and the code alone are what a lock screen shows."""
    language, trouble = key
    texts = texts_in("en" if language == "en" else "zh")
    message = unavailable(trouble, texts)
    assert message.text == f"{headline} ({CODE})"
    shown = lines(message)
    assert shown[0] == f":warning: *{headline}*"
    assert shown[1].endswith(texts.trouble_advice[trouble])
    assert shown[-1] in (f"代码 `{CODE}`", f"Code `{CODE}`")
    assert_slack_takes(message)


@LANGUAGES
@pytest.mark.parametrize("trouble", list(Trouble))
def test_retry_asks_the_same_once_more(trouble: Trouble, texts: Texts) -> None:
    """By what a button may hold of it, never by what was typed."""
    [button] = buttons_of(unavailable(trouble, texts))
    assert (button["text"]["text"], button["action_id"], button["value"]) == (texts.retry, "customer_refresh", ID)


@LANGUAGES
@pytest.mark.parametrize("trouble", list(Trouble))
def test_where_a_button_can_hold_nothing_there_is_no_retry(trouble: Trouble, texts: Texts) -> None:
    message = unavailable(trouble, texts, button_value="")
    assert buttons_of(message) == []
    assert_slack_takes(message)


@LANGUAGES
def test_that_there_is_no_copy_is_said_where_one_could_have_helped(texts: Texts) -> None:
    saying_so = [trouble for trouble in Trouble if texts.no_copy in str(unavailable(trouble, texts))]
    assert saying_so == [Trouble.NO_ANSWER, Trouble.UNREADABLE]


@pytest.mark.parametrize(
    ("error_msg", "said"),
    [
        pytest.param("忙 & <b> *x*", "易售后的说明：忙 &amp; &lt;b&gt; ∗x∗", id="escaped, without formatting"),
        pytest.param("<!channel>", "易售后的说明：&lt;!channel&gt;", id="without mentions"),
        pytest.param("x" * 1_000, f"易售后的说明：{'x' * 299}…", id="cut"),
        pytest.param("", None, id="nothing"),
        pytest.param("\u200b", None, id="nothing that can be seen"),
    ],
)
def test_words_of_the_crm_are_reported(error_msg: str, said: str | None) -> None:
    message = unavailable(Trouble.REJECTED, texts_in("zh"), error_msg=error_msg)
    assert [line for line in lines(message) if line.startswith("易售后的说明")] == ([said] if said else [])


def test_words_of_the_crm_in_english() -> None:
    assert "易售后 says: busy" in lines(unavailable(Trouble.REJECTED, texts_in("en"), error_msg="busy"))


@pytest.mark.parametrize(
    ("language", "shown"),
    [
        (
            "zh",
            [
                ":mag: *没有这个 id 的客户*",
                f"`{ID}`",
                "请核对客户 id 是否完整、客户是否已被删除，以及它是否属于本服务网点可见的范围。",
                f"代码 `{CODE}`",
            ],
        ),
        (
            "en",
            [
                ":mag: *No customer with this id*",
                f"`{ID}`",
                "Check that the id is complete, that the customer was not deleted, "
                "and that this service network may see it.",
                f"Code `{CODE}`",
            ],
        ),
    ],
)
def test_unknown_customer_is_named_with_what_to_check(language: str, shown: list[str]) -> None:
    message = result_card(NotFound(ID, CODE), texts_in("en" if language == "en" else "zh"))
    assert lines(message) == shown
    assert message.text == f"{shown[0][7:-1]} ({CODE})"
    assert buttons_of(message) == []
    assert_slack_takes(message)


@LANGUAGES
@pytest.mark.parametrize("read_as", list(ReadAs))
def test_what_nobody_has_says_as_what_it_was_read_and_what_may_help(read_as: ReadAs, texts: Texts) -> None:
    message = result_card(NotFound("A-1", CODE, read_as), texts)
    assert lines(message) == [
        f":mag: *{texts.search.not_found[read_as]}*",
        "`A-1`",
        texts.search.not_found_advice[read_as],
        texts.code(f"`{CODE}`"),
    ]
    assert message.text == f"{texts.search.not_found[read_as]} ({CODE})"
    assert_slack_takes(message)


@pytest.mark.parametrize(
    ("language", "look_as"),
    [("zh", ["按序列号查找", "按名称查找"]), ("en", ["Look for it as a serial number", "Look for it as a name"])],
)
def test_other_readings_of_what_nobody_has_are_offered(language: str, look_as: list[str]) -> None:
    """The most likely first; the buttons hold the question sealed."""
    others = (OtherReading(ReadAs.SERIAL, "sealed a"), OtherReading(ReadAs.NAME, "sealed b"))
    message = result_card(
        NotFound("+8613800001001", CODE, ReadAs.PHONE, others), texts_in("en" if language == "en" else "zh")
    )
    assert [(button["text"]["text"], button["action_id"], button["value"]) for button in buttons_of(message)] == [
        (look_as[0], "customer_read_as", "sealed a"),
        (look_as[1], "customer_read_as", "sealed b"),
    ]
    assert_slack_takes(message)


def test_phone_that_nobody_has_is_shown_as_people_write_it() -> None:
    card = result_card(NotFound("+8613899991027", CODE, ReadAs.PHONE), texts_in("zh"))
    assert card.blocks[0]["text"]["text"].split("\n")[:2] == [":mag: *没有这个电话的客户*", "`138 9999 1027`"]


def test_what_nobody_has_is_not_on_the_lock_screen() -> None:
    assert result_card(NotFound("胡效鑫", CODE, ReadAs.NAME), texts_in("zh")).text == f"没有这个名称的客户 ({CODE})"


@LANGUAGES
def test_button_that_cannot_be_opened_any_more_says_how_to_go_on(texts: Texts) -> None:
    message = result_card(Expired(), texts)
    assert lines(message) == [message.text] == [texts.search.expired]
    assert_slack_takes(message)


@LANGUAGES
@pytest.mark.parametrize("refusal", list(Refusal))
def test_refusal_says_why_what_to_do_and_its_code(refusal: Refusal, texts: Texts) -> None:
    message = result_card(Denied(refusal, CODE), texts)
    assert lines(message) == [
        f":no_entry: *{texts.denied[refusal]}*",
        texts.denied_advice[refusal],
        texts.code(f"`{CODE}`"),
    ]
    assert message.text == f"{texts.denied[refusal]} ({CODE})"
    assert buttons_of(message) == []
    assert_slack_takes(message)


@LANGUAGES
def test_unusable_database_is_reported_with_its_code(texts: Texts) -> None:
    message = store_card(CODE, texts)
    assert lines(message) == [f":warning: *{texts.store}*", texts.store_advice, texts.code(f"`{CODE}`")]
    assert message.text == f"{texts.store} ({CODE})"
    assert_slack_takes(message)


@LANGUAGES
def test_click_of_an_older_version_says_how_to_go_on(texts: Texts) -> None:
    message = outdated_card(texts)
    assert lines(message) == [message.text] == [texts.outdated]
    assert "/customer" in message.text
    assert_slack_takes(message)


@pytest.mark.parametrize(
    ("texts", "pinned", "line"),
    [
        (texts_in("zh"), True, ":pushpin: 已收藏 *杭州岚峤*，在机器人的主页可以找到。"),
        (texts_in("zh"), False, "已取消收藏 *杭州岚峤*。"),
        (texts_in("en"), True, ":pushpin: Pinned *杭州岚峤*: you find it on the bot's Home."),
        (texts_in("en"), False, "Unpinned *杭州岚峤*."),
    ],
)
def test_pin_is_a_toggle_that_says_what_it_did(texts: Texts, pinned: bool, line: str) -> None:
    message = pin_notice("杭州岚峤", pinned, texts)
    assert lines(message) == [line]
    assert message.text == line
    assert_slack_takes(message)


@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        pytest.param("CF0001", "你输入的是：CF0001", id="as it is"),
        pytest.param("<@U1> & *x*", "你输入的是：&lt;@U1&gt; &amp; ∗x∗", id="escaped, without formatting"),
        pytest.param("x" * 4_000, f"你输入的是：{'x' * 99}…", id="cut"),
        pytest.param("&" * 4_000, f"你输入的是：{'&amp;' * 19}…", id="cut as long as it is when escaped"),
        pytest.param("", None, id="nothing"),
        pytest.param("\u200b\x00 ", None, id="nothing that can be seen"),
    ],
)
def test_text_that_names_no_customer_is_repeated(typed: str, shown: str | None) -> None:
    """So that people see what their phone made of it; what can be typed follows."""
    message = result_card(Invalid(typed), texts_in("zh"))
    assert lines(message) == [
        ":mag: *没有读到要查的客户*",
        *([shown] if shown else []),
        "请输入一位客户的编号、名称或电话。",
        "可以输入客户编号、名称、拼音、电话、邮箱、设备编号、序列号、客户 id 或链接，例如：",
        "`/customer CF00000179`",
        "`/customer 胡效鑫`",
        "`/customer 138 0000 1001`",
    ]
    assert message.text == "没有读到要查的客户"


@LANGUAGES
@pytest.mark.parametrize("why", list(Unread))
def test_text_that_is_no_question_says_why(why: Unread, texts: Texts) -> None:
    message = result_card(Invalid("x", why), texts)
    assert lines(message)[:3] == [
        f":mag: *{texts.search.invalid[why]}*",
        texts.you_typed("x"),
        texts.search.invalid_advice[why],
    ]
    assert message.text == texts.search.invalid[why]
    assert_slack_takes(message)


@LANGUAGES
def test_what_was_typed_is_not_on_the_lock_screen(texts: Texts) -> None:
    assert result_card(Invalid("胡效鑫 13800001001"), texts).text == texts.search.invalid["nothing"]


@LANGUAGES
def test_help_says_what_can_be_typed(texts: Texts) -> None:
    message = help_card(texts)
    assert lines(message) == [
        texts.help, texts.what_to_type, "`/customer CF00000179`", "`/customer 胡效鑫`", "`/customer 138 0000 1001`",
        texts.help_why, texts.audit.help, texts.health.help,
    ]  # fmt: skip
    assert message.text == texts.help
    assert_slack_takes(message)


@pytest.mark.parametrize(
    ("asked", "language", "line"),
    [
        pytest.param(ID, "zh", f"正在查询 {ID} · 结果随后送达", id="zh"),
        pytest.param(ID, "en", f"Looking up {ID} · the card follows", id="en"),
        pytest.param("<!here> *x*", "en", "Looking up &lt;!here&gt; ∗x∗ · the card follows", id="escaped"),
        pytest.param("y" * 4_000, "en", f"Looking up {'y' * 99}… · the card follows", id="cut"),
    ],
)
def test_waiting_line_is_the_same_with_and_without_blocks(asked: str, language: str, line: str) -> None:
    message = looking_up_card(asked, texts_in("en" if language == "en" else "zh"))
    assert message.text == line
    assert lines(message) == [f":mag: {line}"]
    assert_slack_takes(message)


@pytest.mark.parametrize(
    ("asked", "on_lock_screen"),
    [
        ("138 0000 1001", "138∗∗∗∗1001"),
        ("fang@example.com", "f∗∗∗@example.com"),
        ("方经理 13800001001", "方经理 138∗∗∗∗1001"),
    ],
)
def test_waiting_line_shows_no_contact_on_a_lock_screen(asked: str, on_lock_screen: str) -> None:
    """The user who typed it reads it on the card."""
    message = looking_up_card(asked, texts_in("en"))
    assert message.text == f"Looking up {on_lock_screen} · the card follows"
    assert lines(message) == [f":mag: Looking up {asked} · the card follows"]


@LANGUAGES
@given(foreign=foreign_texts())
def test_whatever_is_typed_or_said_the_notice_is_whole_and_nothing_in_it_acts(texts: Texts, foreign: str) -> None:
    for message in (
        result_card(Invalid(foreign), texts),
        looking_up_card(foreign, texts),
        unavailable(Trouble.REJECTED, texts, error_msg=foreign),
        result_card(NotFound(foreign, CODE, ReadAs.NAME), texts),
        pin_notice(foreign, True, texts),
    ):
        assert message.blocks
        assert_slack_takes(message)
        assert_nothing_foreign_acts(message)
    waiting = looking_up_card(foreign, texts).text
    assert formats(waiting) == []
