"""What typed and pasted text is read as: customer ids and numbers in their one spelling, or nothing."""

import re
import time
import uuid

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.identifiers import (
    MAX_TEXT_LENGTH,
    ReadAs,
    Reading,
    canonical_id,
    has_set_apart,
    links_in_text,
    normalise,
    read,
    read_all,
    read_message,
)

ID = "dc540ce7-5bc5-4275-b8fa-2004eb5839e3"
OTHER = "05690412-5229-4a64-bbe5-970f90753f7f"
CANONICAL = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
HEX = ID.replace("-", "")
TO_FULL_WIDTH = {code: code + 0xFEE0 for code in range(0x21, 0x7F)}
FULL_WIDTH = ID.translate(TO_FULL_WIDTH)
NUMBER = "CF00000179"
OTHER_NUMBER = "CF00000180"
LINK = f"https://crm.example.com/customer/{ID}"

ANY_TEXT = st.text(st.characters(exclude_categories=[]))
NEAR_IDS = [ID, ID.upper(), OTHER, HEX, FULL_WIDTH, ID[:-1], "https://crm.example.com/", "customer/", "customerId="]
NEAR_NUMBERS = [NUMBER, OTHER_NUMBER, "CF1234", "CF", "cf00000179", "00000179"]
MARKS = ["http", "<", ">", "|", " ", "/", "-", "–", "\u200b", "&", "?", "{", "a", "客户", "\ud800", "ﷺ"]
MARKUP = ["`", "```", "&gt;", "&gt;&gt;&gt;", "\n", "<https://crm.example.com|", ">", "*", "_"]
PIECES = st.lists(st.sampled_from(NEAR_IDS + NEAR_NUMBERS + MARKS), max_size=8).map("".join)
"""Texts that nearly name a customer, or do."""
MESSAGES = st.lists(st.sampled_from(NEAR_IDS + NEAR_NUMBERS + MARKS + MARKUP), max_size=12).map("".join)

AN_ID = {
    "the id": ID,
    "upper case": ID.upper(),
    "without dashes": HEX,
    "blanks around it": f" \t{ID}\n",
    "braces": f"{{{ID}}}",
    "quotation marks": f"“{ID}”",
    "full-width characters": FULL_WIDTH,
    "en dashes": ID.replace("-", "–"),
    "minus signs": ID.replace("-", "−"),
    "non-breaking hyphens": ID.replace("-", "\u2011"),
    "invisible characters": "\u200b".join(ID) + "\ufeff",
    "soft hyphens": ID.replace("-", "-\u00ad"),
    "writing direction marks": f"\u202a{ID}\u202c",
    "a sentence": f"请查客户{ID}，谢谢",
    "a name before it": f"id:{ID}",
    "an underscore before it": f"id_{ID}",
    "twice": f"{ID} {HEX.upper()}",
    "beside a link without an id": f"https://crm.example.com {ID}",
    "before a link without an id": f"{ID} <https://crm.example.com|crm>",
}
A_LINK = {
    "a path": f"https://crm.example.com/customer/{ID}",
    "a path that goes on": f"https://crm.example.com/customer/{ID}/orders#top",
    "a parameter": f"https://crm.example.com/detail?customerId={ID}&tab=1",
    "a parameter of another spelling": f"https://crm.example.com/detail?customer_id={ID.upper()}",
    "a fragment": f"https://crm.example.com/#/detail?id={ID}",
    "another id before it": f"https://crm.example.com/{OTHER}/customer/{ID}",
    "another id after it": f"https://crm.example.com/customer/{ID}/order/{OTHER}",
    "another id before it, neither named": f"https://crm.example.com/{OTHER}/{ID}",
    "without dashes": f"http://crm.example.com/customer/{HEX}",
    "upper case": f"HTTPS://CRM.EXAMPLE.COM/CUSTOMER/{ID.upper()}",
    "Slack's spelling": f"<https://crm.example.com/customer/{ID}>",
    "Slack's spelling with a label": f"<https://crm.example.com/customer/{ID}|crm.example.com/customer/…>",
    "Slack's spelling inside a word": f"见<https://crm.example.com/customer/{ID}>now",
    "a label that names another": f"<https://crm.example.com/customer/{ID}|{OTHER}>",
    "a sentence": f"see https://crm.example.com/customer/{ID} please",
    "the same id beside it": f"https://crm.example.com/customer/{ID} {ID}",
    "two links to one": f"https://a.example.com/customer/{ID} https://b.example.com/customer/{HEX}",
    "a link without an id beside it": f"https://www.example.com https://crm.example.com/customer/{ID}",
}
A_NUMBER = {
    "as the CRM has it": NUMBER,
    "lower case": "cf00000179",
    "mixed case": "Cf00000179",
    "full-width characters": NUMBER.translate(TO_FULL_WIDTH),
    "invisible characters": "CF0000\u200b0179",
    "blanks around it": f"\t{NUMBER}\n",
    "Chinese around it": f"客户{NUMBER}的电话",
    "full-width signs around it": f"（{NUMBER}）",
    "quotation marks": f"“{NUMBER}”",
    "signs around it": f"#{NUMBER}:",
    "an end of a sentence": f"see {NUMBER}.",
    "a possessive": f"{NUMBER}'s phone",
    "bold": f"*{NUMBER}*",
    "twice": f"{NUMBER}, {NUMBER.lower()}",
    "beside a link without an id": f"{NUMBER} https://crm.example.com",
}
NO_NUMBER = {
    "four digits": "CF0179",
    "thirteen digits": "CF0000000000179",
    "no digits": "CF",
    "digits alone": "00000179",
    "a blank inside": "CF 00000179",
    "a dash inside": "CF-00000179",
    "a letter before it": "ACF00000179",
    "a digit before it": "1CF00000179",
    "a dash before it": "A-CF00000179",
    "an underscore before it": "id_CF00000179",
    "a letter after it": "CF00000179a",
    "a dash after it": "CF00000179-1",
    "an underscore after it": "CF00000179_1",
    "another letter": "CG00000179",
    "digits of another script": "CF٠٠٠٠٠١٧٩",
    "in a link": f"https://crm.example.com/{NUMBER}",
    "in Slack's link": f"<https://crm.example.com/{NUMBER}|{NUMBER}>",
}
NOTHING = {
    "nothing": "",
    "blanks": " \u3000\u200b",
    "a phone": "13800001001",
    "half an id": ID[:23],
    "one digit too few": ID[:-1],
    "one digit too many": ID + "0",
    "a letter after it": ID + "g",
    "a dash after it": ID + "-",
    "a letter before it": "x" + ID,
    "a dash before it": "-" + ID,
    "a digit that is none": ID[:-1] + "g",
    "digits of another script": ID.replace("5", "٥"),
    "two ids": f"{ID} {OTHER}",
    "a link without an id": "https://crm.example.com/customer/CF00000179",
    "a link with a digit too many": f"https://crm.example.com/customer/{ID}0",
    "links to two": f"https://crm.example.com/customer/{ID} https://crm.example.com/customer/{OTHER}",
    "Slack's links to two": f"<https://crm.example.com/customer/{ID}><https://crm.example.com/customer/{OTHER}>",
    "a link and another id": f"https://crm.example.com/customer/{ID} {OTHER}",
    "another id and a link": f"{OTHER} https://crm.example.com/customer/{ID}",
    "two numbers": f"{NUMBER} {OTHER_NUMBER}",
    "a number and an id": f"{NUMBER} {ID}",
    "an id that begins too late": " " + "x" * (MAX_TEXT_LENGTH - 10) + " " + ID,
}


@pytest.mark.parametrize("text", AN_ID.values(), ids=AN_ID.keys())
def test_text_that_holds_one_id_is_that_customer(text: str) -> None:
    assert read(text) == Reading(ReadAs.ID, ID)


@pytest.mark.parametrize("text", A_LINK.values(), ids=A_LINK.keys())
def test_link_that_holds_an_id_is_that_customer(text: str) -> None:
    assert read(text) == Reading(ReadAs.LINK, ID)


@pytest.mark.parametrize("text", A_NUMBER.values(), ids=A_NUMBER.keys())
def test_text_that_holds_one_number_is_that_customer(text: str) -> None:
    assert read(text) == Reading(ReadAs.NUMBER, NUMBER)


@pytest.mark.parametrize("text", NO_NUMBER.values(), ids=NO_NUMBER.keys())
def test_part_of_another_word_is_no_number(text: str) -> None:
    assert read_all(text) == ()


@pytest.mark.parametrize("digits", [5, 8, 12])
def test_number_has_five_to_twelve_digits(digits: int) -> None:
    assert read("CF" + "1" * digits) == Reading(ReadAs.NUMBER, "CF" + "1" * digits)


def test_all_customers_of_a_text_are_read_once_in_their_order() -> None:
    text = f"{OTHER_NUMBER}、{LINK} {NUMBER} {ID} {OTHER} {NUMBER.lower()}; {HEX}"
    assert read_all(text) == (
        Reading(ReadAs.NUMBER, OTHER_NUMBER),
        Reading(ReadAs.LINK, ID),
        Reading(ReadAs.NUMBER, NUMBER),
        Reading(ReadAs.ID, OTHER),
    )


@pytest.mark.parametrize("text", NOTHING.values(), ids=NOTHING.keys())
def test_text_that_names_no_customer_or_several_is_nothing(text: str) -> None:
    assert read(text) is None


def test_words_of_the_access_log() -> None:
    """They are a contract: dashboards count them."""
    assert [str(read_as) for read_as in ReadAs] == ["id", "link", "number"]


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        pytest.param("  a b  ", "a b", id="blanks at the ends go"),
        pytest.param("ＣＦ０１", "CF01", id="full-width characters"),
        pytest.param("a\u2010b\u2013c\u2014d\u2212e\ufe63f\uff0dg", "a-b-c-d-e-f-g", id="dashes"),
        pytest.param("\ufeffa\u200bb\u200dc\u202ed\u2066e\u00adf", "abcdef", id="invisible characters"),
        pytest.param("<https://a.cn/x>", "https://a.cn/x", id="Slack's link"),
        pytest.param("<http://a.cn/x|label>", "http://a.cn/x", id="Slack's link with a label"),
        pytest.param("<https://a.cn/x|>", "https://a.cn/x", id="Slack's link with an empty label"),
        pytest.param("<https://a.cn/x", "<https://a.cn/x", id="no link of Slack's"),
        pytest.param("<@U1> <#C1|general>", "<@U1> <#C1|general>", id="Slack's mentions"),
        pytest.param("客户 a", "客户 a", id="Chinese"),
    ],
)
def test_normalise_takes_away_what_was_not_meant(text: str, meant: str) -> None:
    assert normalise(text) == meant


@pytest.mark.parametrize("spelling", [ID, ID.upper(), HEX, HEX.upper()])
def test_one_customer_has_one_spelling(spelling: str) -> None:
    assert canonical_id(spelling) == ID


@given(ANY_TEXT | PIECES)
@settings(deadline=None)
def test_whatever_is_typed_is_a_canonical_id_or_nothing(text: str) -> None:
    reading = read(text)
    assert reading is None or reading.read_as is ReadAs.NUMBER or CANONICAL.fullmatch(reading.identifier)


@given(ANY_TEXT | PIECES)
@settings(deadline=None)
def test_normalised_text_holds_nothing_invisible_and_no_odd_dash(text: str) -> None:
    assert not re.search("[\u00ad\u200b-\u200f\u2010-\u2015\u202a-\u202e\u2060-\u2064\ufeff]", normalise(text))


@given(
    guid=st.uuids(), before=st.sampled_from(["", "客户 ", "id=", "“"]), after=st.sampled_from(["", " 谢谢", "”", "。"])
)
@settings(deadline=None)
def test_every_guid_is_read_in_every_spelling(guid: uuid.UUID, before: str, after: str) -> None:
    for spelling in (str(guid), str(guid).upper(), guid.hex, f"{{{guid}}}"):
        assert read(f"{before}{spelling}{after}") == Reading(ReadAs.ID, str(guid))


# --- Messages in channels --------------------------------------------------------------------------------------------

OPENLY = {
    "alone": NUMBER,
    "in a sentence": f"客户{NUMBER}打电话来了",
    "bold": f"*{NUMBER}*",
    "struck through": f"~{NUMBER}~",
    "in brackets": f"[{NUMBER}]",
    "beside code": f"`x`{NUMBER}`y`",
    "between two pieces of code": f"`a` {NUMBER} `b`",
    "after a block of code": f"```a\nb```\n{NUMBER}",
    "after a quote": f"&gt; a\n{NUMBER}",
    "before a quote of the rest": f"{NUMBER}\n&gt;&gt;&gt; a\nb",
    "behind a sign that is no quote": f"a &gt; {NUMBER}",
    "behind a backtick alone": f"` {NUMBER}",
    "between backticks in two lines": f"`a\n{NUMBER}`",
    "behind backticks that nobody closed": f"``` {NUMBER}",
    "beside a link": f"<https://example.com|CF00000999> {NUMBER}",
    "right behind a link": f"<https://example.com>{NUMBER}",
    "beside a mention": f"<@U0SALES> {NUMBER} <#C0GENERAL|cf00000999> <!here>",
    "with an escape": f"A&amp;B {NUMBER} &lt;ok&gt;",
}
NOT_OPENLY = {
    "nothing": "",
    "in code": f"`{NUMBER}`",
    "in code with more": f"see `x {NUMBER} y`",
    "in code between two backticks": f"``{NUMBER}``",
    "in a block of code": f"```{NUMBER}```",
    "in a block of code of several lines": f"a\n```\nx\n{NUMBER}\n```\nb",
    "in a quote": f"&gt; {NUMBER}",
    "in a quote without a blank": f"&gt;{NUMBER}",
    "in a quote between lines": f"a\n&gt; b {NUMBER}\nc",
    "in a quote of the rest": f"a\n&gt;&gt;&gt; b\nc {NUMBER}\n\nd",
    "in a link": f"<https://example.com/{NUMBER}>",
    "in a link's label": f"<https://example.com|{NUMBER}>",
    "in the label of a customer's link": f"<{LINK}|{NUMBER}>",
    "in a bare link": f"https://example.com/{NUMBER}",
    "in a mention": f"<@U0SALES|{NUMBER}> <#C0GENERAL|{NUMBER}>",
    "in a link to mail": f"<mailto:{NUMBER}@example.com|{NUMBER}@example.com>",
}


@pytest.mark.parametrize("text", OPENLY.values(), ids=OPENLY.keys())
def test_number_that_is_written_openly_is_read(text: str) -> None:
    assert read_message(text) == (Reading(ReadAs.NUMBER, NUMBER),)


@pytest.mark.parametrize("text", NOT_OPENLY.values(), ids=NOT_OPENLY.keys())
def test_number_in_code_in_a_quote_or_in_a_link_is_not_read(text: str) -> None:
    assert read_message(text) == ()


@pytest.mark.parametrize("text", [LINK, f"<{LINK}>", f"<{LINK}|the customer>", f"see <{LINK}?tab=1|{ID}>"])
def test_id_in_a_link_belongs_to_the_unfurl(text: str) -> None:
    assert read_message(text) == ()


def test_id_that_is_written_openly_is_read() -> None:
    assert read_message(f"客户{ID.upper()}，{HEX} `{OTHER}`") == (Reading(ReadAs.ID, ID),)


def test_customers_of_a_message_are_read_once_in_their_order() -> None:
    text = f"{OTHER_NUMBER} `{NUMBER}` {ID} {OTHER_NUMBER.lower()} {NUMBER} {HEX}"
    assert [reading.identifier for reading in read_message(text)] == [OTHER_NUMBER, ID, NUMBER]


@pytest.mark.parametrize("name", NOT_OPENLY.keys())
def test_why_a_number_was_not_read_is_told(name: str) -> None:
    text = NOT_OPENLY[name]
    assert has_set_apart(text) is ("code" in name or "quote" in name)


@pytest.mark.parametrize("text", OPENLY.values(), ids=OPENLY.keys())
def test_nothing_is_told_of_what_was_read(text: str) -> None:
    assert not has_set_apart(text)


@pytest.mark.parametrize(
    ("text", "links"),
    [
        ("", ()),
        (LINK, ()),
        (f"<{LINK}>", (LINK,)),
        (f"see <{LINK}|the customer> and <http://a.example?b=1&amp;c=2>", (LINK, "http://a.example?b=1&amp;c=2")),
        (f"<{LINK}> <{LINK}>", (LINK, LINK)),
        (f"`<{LINK}>` ```<{LINK}>```", ()),
        ("<@U0SALES> <#C0GENERAL|general> <!here> <mailto:a@b.cn|a@b.cn>", ()),
        ("<https://|x> <https:>", ()),
    ],
)
def test_links_of_a_message_are_those_that_slack_has_made(text: str, links: tuple[str, ...]) -> None:
    assert links_in_text(text) == links


@pytest.mark.parametrize("text", [f"`{LINK}`", f"&gt; <{LINK}>", f"```<{LINK}|x>```"])
def test_link_in_code_or_in_a_quote_is_none(text: str) -> None:
    assert has_set_apart(text)
    assert read_message(text) == ()


@given(MESSAGES | ANY_TEXT)
@settings(deadline=None)
def test_customers_of_a_message_are_among_those_of_the_text(text: str) -> None:
    """Each once, in its one spelling."""
    found = [reading.identifier for reading in read_message(text)]
    assert len(set(found)) == len(found)
    assert set(found) <= {canonical for piece in NEAR_IDS[:5] for canonical in [canonical_id(normalise(piece))]} | {
        word.upper() for word in re.findall("CF[0-9]{5,12}", normalise(text), re.IGNORECASE)
    }


@given(inner=MESSAGES, before=st.sampled_from(["", "a ", f"{OTHER_NUMBER}\n"]))
@settings(deadline=None)
def test_nothing_that_is_set_apart_is_read(inner: str, before: str) -> None:
    """Slack escapes the signs of a label that are those of its own markup."""
    outside = read_message(before)
    code, line = inner.replace("`", ""), inner.replace("\n", " ")
    label = line.replace(">", "&gt;").replace("<", "&lt;").replace("`", "")
    assert read_message(f"{before}```{code}```") == outside or not code
    assert read_message(f"{before}<https://example.com|{label}>") == outside
    assert read_message(f"a\n&gt; {line.replace('`', '')}") == ()
    assert read_message(f"a\n&gt;&gt;&gt; {code}") == ()


@given(
    digits=st.text("0123456789", min_size=5, max_size=12),
    before=st.sampled_from(["", "客户", "（", "*", "a ", "\n", "，", "`x`"]),
    after=st.sampled_from(["", "的", "）", "*", " a", "\n", "。", "`x`"]),
)
def test_every_number_is_read_whatever_chinese_touches_it(digits: str, before: str, after: str) -> None:
    expected = (Reading(ReadAs.NUMBER, f"CF{digits}"),)
    assert read_message(f"{before}CF{digits}{after}") == expected
    assert read_message(f"{before}cf{digits}{after}") == expected


HOSTILE = [
    "<https://", "https://", HEX[:-1], "customer/", "-", "ﷺ", "<https://a|", ID, "CF", "CF1234", "CF00000179", "`",
    "``", "```", "```a", "`a", "&gt;", "&gt;&gt;&gt;", "\n&gt;", "\n&gt;&gt;&gt;", "`\n", "<", "<a|", "\n",
]  # fmt: skip


@pytest.mark.parametrize("piece", HOSTILE)
def test_hostile_text_is_read_in_no_time(piece: str) -> None:
    """No expression goes back and forth over a text that nearly matches."""
    began = time.process_time()
    for reading in (read_all, read_message, has_set_apart, links_in_text):
        reading(piece * MAX_TEXT_LENGTH)
    assert time.process_time() - began < 0.5
