"""Foreign text in a card: escaped, cut, on one line, and without effect."""

import re
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.cards.escaping import (
    bare,
    channel_link,
    clean,
    length,
    literal,
    mail_link,
    phone_link,
    plain,
    user_link,
    web_address,
    web_link,
)
from tests.support.block_kit import MAIL_LINK, PHONE_LINK, escaped, foreign_texts, formats, is_tidy, unescaped, units

FAMILY = "👨\u200d👩\u200d👧\u200d👦"
LIMITS = st.integers(1, 300)
LOOKALIKES = {"∗": "*", "＿": "_", "∼": "~", "ˋ": "`", "：": ":", "›": ">"}


@given(foreign_texts(), LIMITS)
def test_plain_is_at_most_as_long_as_its_limit_in_the_worst_counting(text: str, limit: int) -> None:
    assert units(plain(text, limit)) <= limit


@given(foreign_texts(), LIMITS)
def test_literal_is_at_most_as_long_as_its_limit_in_the_worst_counting(text: str, limit: int) -> None:
    assert units(literal(text, limit)) <= limit


@given(foreign_texts(), LIMITS)
def test_plain_is_the_whole_text_escaped_or_its_beginning_and_an_ellipsis(text: str, limit: int) -> None:
    """Something is cut exactly when the whole would be too long."""
    whole, shown = clean(text), plain(text, limit)
    if units(escaped(whole)) <= limit:
        assert shown == escaped(whole)
    else:
        assert shown[-1] == "…"
        assert whole.startswith(unescaped(shown[:-1]))
        assert shown == escaped(unescaped(shown))


@given(foreign_texts(), LIMITS)
def test_literal_differs_from_plain_in_lookalikes_alone(text: str, limit: int) -> None:
    tame, ordinary = unescaped(literal(text, 10_000_000)), clean(text)
    assert len(tame) == len(ordinary)
    assert all(new == old or LOOKALIKES.get(new) == old for new, old in zip(tame, ordinary, strict=True))
    shown = literal(text, limit)
    assert unescaped(shown) == tame or (shown[-1] == "…" and tame.startswith(unescaped(shown[:-1])))


@given(foreign_texts(), LIMITS)
def test_neither_holds_raw_markup_or_control_characters(text: str, limit: int) -> None:
    for shown in (plain(text, limit), literal(text, limit)):
        assert not set("<>&") & set(re.sub("&(?:amp|lt|gt);", "", shown))
        assert is_tidy(shown)
        shown.encode("utf-8")


@given(foreign_texts(), LIMITS)
def test_literal_never_formats(text: str, limit: int) -> None:
    """Neither as it is sent, nor as Slack reads it, nor with the end of a word cut off."""
    shown = literal(text, limit)
    assert formats(shown) == []
    assert formats(unescaped(shown)) == []


@given(foreign_texts(), LIMITS)
def test_literal_in_asterisks_is_bold_as_a_whole(text: str, limit: int) -> None:
    """A label stands between the card's own asterisks; one that remained at its edge would end them early."""
    shown = literal(text, limit)
    assert shown[:1] not in set("*_~")
    assert not re.search(r"[*_~](?:…)?$", shown)


@pytest.mark.parametrize(
    ("text", "kinds"),
    [
        pytest.param("a *b* c", ["bold"], id="bold"),
        pytest.param("(_b c_)", ["italic"], id="italic"),
        pytest.param("~b~", ["strike"], id="strike"),
        pytest.param("__x__", ["italic"], id="italic inside underscores"),
        pytest.param("_*x*_", ["bold", "italic"], id="bold in italic"),
        pytest.param("`b`", ["code"], id="code"),
        pytest.param("&gt; b", ["quote"], id="a quote"),
        pytest.param("b:+1:", ["emoji code"], id="an emoji"),
        pytest.param("10*20*30 snake_case_name 12:30:45 a > b * c", [], id="none"),
    ],
)
def test_checker_knows_what_formats(text: str, kinds: list[str]) -> None:
    """The checker that the properties rest on."""
    assert formats(text) == kinds


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        pytest.param("*bold* _it_ ~no~ `code`", "∗bold∗ ＿it＿ ∼no∼ ˋcodeˋ", id="every mark"),
        pytest.param("__x__", "＿＿x＿＿", id="marks beside marks"),
        pytest.param("_*x*_", "＿∗x∗＿", id="marks inside marks"),
        pytest.param("10*20*30", "10*20*30", id="measures keep their asterisks"),
        pytest.param("snake_case_name", "snake_case_name", id="names keep their underscores"),
        pytest.param("客户*重点*客户", "客户*重点*客户", id="inside Chinese words nothing formats"),
        pytest.param(":tada: :+1: :100:", "：tada: ：+1: ：100:", id="emoji codes"),
        pytest.param(":谢谢:", "：谢谢:", id="emoji codes of one's own, in Chinese"),
        pytest.param("12:30:45", "12:30:45", id="a time is no emoji code"),
        pytest.param("时间:8点", "时间:8点", id="a single colon"),
        pytest.param("> quoted", "› quoted", id="a quote"),
        pytest.param("  >> quoted", "›&gt; quoted", id="a quote after blanks"),
        pytest.param("a > b", "a &gt; b", id="a sign inside"),
        pytest.param("<!channel> & <@U1>", "&lt;!channel&gt; &amp; &lt;@U1&gt;", id="mentions"),
        pytest.param("&amp;", "&amp;amp;", id="an entity is shown as it is"),
        pytest.param("a\n\nb\tc\x00d", "a b c d", id="one line"),
        pytest.param("\u202eevil\u2066 \u200bx", "evil x", id="what reorders or hides goes"),
        pytest.param(FAMILY, FAMILY, id="joiners stay"),
        pytest.param("\ud800x", "x", id="half a character"),
        pytest.param("\u200b \x01\u202e", "", id="nothing that can be seen"),
    ],
)
def test_literal(text: str, shown: str) -> None:
    assert literal(text, 200) == shown


def test_plain_keeps_what_could_format() -> None:
    """In a place without formatting a lookalike would only be wrong."""
    assert plain("*b* _i_ :tada: `c` > <x>", 200) == "*b* _i_ :tada: `c` &gt; &lt;x&gt;"


@pytest.mark.parametrize(
    ("text", "limit", "shown"),
    [
        pytest.param("x" * 10, 10, "x" * 10, id="just fits"),
        pytest.param("x" * 11, 10, "x" * 9 + "…", id="one too long"),
        pytest.param("x" * 50_000, 10, "x" * 9 + "…", id="very long"),
        pytest.param("&" * 1000, 150, "&amp;" * 29 + "…", id="entities are never cut in the middle"),
        pytest.param("𠮷" * 6, 11, "𠮷" * 5 + "…", id="characters beyond 16 bits count twice"),
        pytest.param("ab*cde", 4, "ab…", id="no mark before the ellipsis: there it could format"),
        pytest.param("ab " * 9, 10, "ab ab ab…", id="no blank before the ellipsis"),
        pytest.param("x" * 7 + FAMILY, 15, "x" * 7 + "…", id="a family is shown whole or not at all"),
        pytest.param("x" * 7 + FAMILY, 18, "x" * 7 + FAMILY, id="a family that just fits"),
        pytest.param("xx👍🏿x", 5, "xx…", id="a hand does not lose its colour"),
        pytest.param("xxe\u0301x", 4, "xx…", id="a letter does not lose its accent"),
        pytest.param("xxe\u0301xx", 5, "xxe\u0301…", id="a letter with its accent that just fits"),
        pytest.param("e" + "\u0301" * 99, 50, "…", id="a letter of a hundred accents"),
    ],
)
def test_cut(text: str, limit: int, shown: str) -> None:
    assert plain(text, limit) == shown


@given(st.integers(1, 200))
def test_families_are_never_torn(limit: int) -> None:
    shown = literal((FAMILY + " ") * 20, limit).removesuffix("…")
    assert set(shown.split()) <= {FAMILY}


@given(foreign_texts())
def test_cleaning_twice_changes_nothing_more(text: str) -> None:
    assert clean(clean(text)) == clean(text)


@given(st.text())
def test_length_counts_what_lies_beyond_16_bits_twice(text: str) -> None:
    assert length(text) == units(text)


@pytest.mark.parametrize(
    ("value", "link"),
    [
        pytest.param("13800001001", "<tel:13800001001|138 0000 1001>", id="a mobile in groups"),
        pytest.param("138-0000-1001", "<tel:13800001001|138 0000 1001>", id="a mobile with dashes"),
        pytest.param("１３８００００１００１", "<tel:13800001001|138 0000 1001>", id="full-width digits"),
        pytest.param("+86 138-0000-1001", "<tel:+8613800001001|+86 138-0000-1001>", id="with a country code"),
        pytest.param("0571 8888-1234", "<tel:057188881234|0571 8888-1234>", id="a landline as it is written"),
        pytest.param("0571 8888 1234 转 801", None, id="an extension cannot be dialled"),
        pytest.param("12345", None, id="too short"),
        pytest.param("13800001001 or 13800001002", None, id="two numbers"),
        pytest.param("", None, id="nothing"),
    ],
)
def test_phone_link(value: str, link: str | None) -> None:
    assert phone_link(value) == link


@pytest.mark.parametrize(
    ("value", "link"),
    [
        pytest.param("fang@example.com", "<mailto:fang@example.com|fang@example.com>", id="an address"),
        pytest.param("_fang@example.com", "<mailto:_fang@example.com|＿fang@example.com>", id="one that could format"),
        pytest.param("fang@example", None, id="no domain"),
        pytest.param("fang@example.com?bcc=x@y.cn", None, id="one that sends to others too"),
        pytest.param("<fang@example.com>", None, id="mark-up"),
        pytest.param("", None, id="nothing"),
    ],
)
def test_mail_link(value: str, link: str | None) -> None:
    assert mail_link(value) == link


@pytest.mark.parametrize(
    ("value", "address"),
    [
        ("903146517@qq.com", "903146517@qq.com"),
        (" Zhang.San+1@Mail.Example.COM\n", "Zhang.San+1@Mail.Example.COM"),
        ("ａ＠ｂ．ｃｎ", "a@b.cn"),
        ("a@b", None),
        ("@b.cn", None),
        ("a@b.cn, c@d.cn", None),
        ("a@b.cn>", None),
        ("a b@c.cn", None),
        ("x" * 65 + "@b.cn", None),
        ("a@b" + ".long" * 30, None),
        ("a@b.cn" + " " * 100 + "或者 c@d.cn", None),
        ("", None),
    ],
)
def test_mail_link_is_for_an_address_alone(value: str, address: str | None) -> None:
    assert mail_link(value) == (f"<mailto:{address}|{address}>" if address else None)


@given(st.text("0123456789 -()+０１２３＋‑\t|<>&*_x", max_size=60) | foreign_texts())
def test_phone_link_dials_the_digits_of_the_value_or_is_none(value: str) -> None:
    link = phone_link(value)
    if link is not None:
        assert PHONE_LINK.fullmatch(link)
        digits = "".join(str(unicodedata.decimal(character)) for character in value if character.isdecimal())
        assert re.sub(r"\D", "", link.partition("|")[0]) == digits


@given(st.from_regex(r"[\w.%+*~`:-]{1,20}@[\w.*-]{1,20}\.[\w|>]{1,10}") | foreign_texts())
def test_mail_link_is_an_address_that_does_not_format_or_none(value: str) -> None:
    link = mail_link(value)
    if link is not None:
        assert MAIL_LINK.fullmatch(link)
        assert formats(link.partition("|")[2]) == []


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a <b> & *c*", "a ‹b› & *c*"),
        ("<!channel>", "‹!channel›"),
        ("a\nb\x00", "a b"),
        ("x" * 11, "x" * 9 + "…"),
        ("💎" * 6, "💎" * 4 + "…"),
        ("x" * 10, "x" * 10),
    ],
)
def test_text_without_mark_up(text: str, shown: str) -> None:
    assert bare(text, 10 if len(text) > 5 and text[0] in "x💎" else 100) == shown


@given(foreign_texts(), st.integers(2, 100))
def test_whatever_the_text_it_has_no_brackets_and_fits(text: str, limit: int) -> None:
    shown = bare(text, limit)
    assert not set("<>") & set(shown)
    assert is_tidy(shown)
    assert length(shown) <= limit


@given(foreign_texts())
def test_whatever_the_address_it_is_one_or_none(text: str) -> None:
    for value in (text, f"https://p.example/{text}"):
        address = web_address(value)
        assert address is None or re.fullmatch(r"https://[!#-;=?-\[\]_a-z~]{1,2992}", address)


def test_link_is_not_ended_by_what_it_holds() -> None:
    assert web_link("https://x.example/?a&b|c>", "a|b") == "<https://x.example/?a&amp;b%7Cc&gt;|a｜b>"


@pytest.mark.parametrize("identifier", ["", "C1|x", "c1", "C1>", "!channel", "C", "C" * 40])
def test_what_is_no_id_of_slacks_is_not_mentioned(identifier: str) -> None:
    assert (channel_link(identifier), user_link(identifier)) == ("", "")


def test_channels_and_people_are_mentioned_by_their_ids() -> None:
    assert (channel_link("C012AB"), user_link("U012AB")) == ("<#C012AB>", "<@U012AB>")
