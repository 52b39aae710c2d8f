"""What typed and pasted text is read as: one customer id in its one spelling, or nothing."""

import re
import time
import uuid

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.identifiers import MAX_TEXT_LENGTH, ReadAs, Reading, canonical_id, normalise, read

ID = "dc540ce7-5bc5-4275-b8fa-2004eb5839e3"
OTHER = "05690412-5229-4a64-bbe5-970f90753f7f"
CANONICAL = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
HEX = ID.replace("-", "")
FULL_WIDTH = ID.translate({code: code + 0xFEE0 for code in range(0x21, 0x7F)})

ANY_TEXT = st.text(st.characters(exclude_categories=[]))
NEAR_IDS = [ID, ID.upper(), OTHER, HEX, FULL_WIDTH, ID[:-1], "https://crm.example.com/", "customer/", "customerId="]
MARKS = ["http", "<", ">", "|", " ", "/", "-", "–", "\u200b", "&", "?", "{", "a", "客户", "\ud800", "ﷺ"]
PIECES = st.lists(st.sampled_from(NEAR_IDS + MARKS), max_size=8).map("".join)
"""Texts that nearly name a customer, or do."""

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
NOTHING = {
    "nothing": "",
    "blanks": " \u3000\u200b",
    "a customer number": "CF00000179",
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
    "an id that begins too late": " " + "x" * (MAX_TEXT_LENGTH - 10) + " " + ID,
}


@pytest.mark.parametrize("text", AN_ID.values(), ids=AN_ID.keys())
def test_text_that_holds_one_id_is_that_customer(text: str) -> None:
    assert read(text) == Reading(ReadAs.ID, ID)


@pytest.mark.parametrize("text", A_LINK.values(), ids=A_LINK.keys())
def test_link_that_holds_an_id_is_that_customer(text: str) -> None:
    assert read(text) == Reading(ReadAs.LINK, ID)


@pytest.mark.parametrize("text", NOTHING.values(), ids=NOTHING.keys())
def test_text_that_names_no_customer_or_several_is_nothing(text: str) -> None:
    assert read(text) is None


def test_words_of_the_access_log() -> None:
    """They are a contract: dashboards count them."""
    assert [str(read_as) for read_as in ReadAs] == ["id", "link"]


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
    assert reading is None or CANONICAL.fullmatch(reading.customer_id)


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


@pytest.mark.parametrize("piece", ["<https://", "https://", HEX[:-1], "customer/", "-", "ﷺ", "<https://a|", ID])
def test_hostile_text_is_read_in_no_time(piece: str) -> None:
    """No expression goes back and forth over a text that nearly matches."""
    began = time.perf_counter()
    read(piece * MAX_TEXT_LENGTH)
    assert time.perf_counter() - began < 0.5
