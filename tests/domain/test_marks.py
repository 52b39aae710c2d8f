"""Where an identifier ends: every mark on both sides of every kind of identifier, on all surfaces."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.mrkdwn import written_openly
from bot.domain.query import Query, QueryReader, ReadAs

READER = QueryReader()
ID = "dc540ce7-5bc5-4275-b8fa-2004eb5839e3"
MARKS = [
    "", " ", "*", "_", "~", "*_", "_*", "—", "——", "--", "。", "，", "、", "：", "；", "！", "？", "…", "（", "）",
    "【", "】", "《", "》",
    "「", "」", "“", "”", "(", ")", "[", "]", "{", "}", "'", '"', ",", ";", "!", "?", "|", "=", "\n", "\u3000",
    "\u200b", "🎉", "→",
    "客户", "的", "急", "王", "_回访", "-报修",
]  # fmt: skip
"""Marks of formatting, dashes of punctuation, brackets, quotation marks, emoji, Chinese: none belongs to a code."""
BEFORE = [*MARKS, "工单-", "#", ":", "call ", "urgent—"]
AFTER = [*MARKS, ".", ". ", "'s", " call", "——又报修了", "—please"]
KINDS = {
    ReadAs.ID: (ID, ID),
    ReadAs.NUMBER: ("CF00000179", "CF00000179"),
    ReadAs.DEVICE: ("CE00000154", "CE00000154"),
    ReadAs.ORDER: ("GD20230101001", "GD20230101001"),
    ReadAs.PHONE: ("13800001001", "+8613800001001"),
    ReadAs.EMAIL: ("fang@example.com", "fang@example.com"),
}
WORDS = {
    "tel", "Tel", "TEL:", "phone", "Phone: ", "mob", "M", "V", "v", "vx", "VX:", "wx", "wx_", "微信", "手机", "qq",
    "fax ",
}  # fmt: skip
GROUPS = [
    "138 0000 1001",
    "138-0000-1001",
    "138.0000.1001",
    "138 00001001",
    "1380000 1001",
    "138 000 01001",
    "138—0000—1001",
    "138/0000/1001",
    "138_0000_1001",
    "138·0000·1001",
    "138，0000，1001",
]
EXTENSIONS = [
    "-1234",
    "-8",
    "转1234",
    " 转 801",
    "转接12",
    " ext 12",
    "ext.12",
    "x12",
    "#12",
    "(1234)",
    "（转8001）",
    "[7839]",
    " - 12",
]
OPEN_PHONES = ["13800001001", "0571-88881234", "(0537)-8888 9999", "010-6666 0001", "400-800-1234", "+86 138 0000 1001"]


@pytest.mark.parametrize("kind", KINDS)
def test_marks_beside_an_identifier_are_no_part_of_it(kind: ReadAs) -> None:
    """As a command, for the message shortcut and, where the kind gets a card there, in a channel."""
    written, identifier = KINDS[kind]
    expected = Query(kind, identifier)
    for before in BEFORE:
        for after in AFTER:
            text = f"{before}{written}{after}"
            assert READER.parse(text).query == expected, text
            assert READER.mentions(text) == (expected,), text
            if kind.is_open and "\n" not in text:
                assert READER.customers_in(written_openly(text)) == (expected,), text


@given(st.sampled_from(list(KINDS)), st.sampled_from(BEFORE), st.sampled_from(AFTER), st.sampled_from(BEFORE))
def test_marks_in_a_longer_text(kind: ReadAs, before: str, after: str, then: str) -> None:
    written, identifier = KINDS[kind]
    text = f"{then}你好{before}{written}{after} 谢谢"
    assert READER.mentions(text) == (Query(kind, identifier),)


@pytest.mark.parametrize("code", ["A-{}", "{}-A", "x_{}", "{}_1", "a{}", "{}b", "1{}"])
def test_letters_and_digits_join_a_longer_code(code: str) -> None:
    for written, _ in (KINDS[ReadAs.NUMBER], KINDS[ReadAs.DEVICE]):
        assert READER.mentions(code.format(written)) == ()


@pytest.mark.parametrize("word", sorted(WORDS))
def test_phone_may_be_glued_to_a_word_for_it(word: str) -> None:
    for text in (f"{word}13800001001", f"客户{word}13800001001。"):
        assert READER.parse(text).query == Query(ReadAs.PHONE, "+8613800001001"), text


@pytest.mark.parametrize("extension", ["", *EXTENSIONS])
@pytest.mark.parametrize("phone", [*OPEN_PHONES, *GROUPS])
def test_phone_is_read_in_any_groups_with_any_extension(phone: str, extension: str) -> None:
    alone = READER.parse(phone).query
    assert alone is not None
    assert alone.read_as is ReadAs.PHONE
    assert READER.parse(phone + extension).query == alone
    assert READER.mentions(f"客户电话{phone}{extension}，请回电") == (alone,)


@pytest.mark.parametrize(
    "text",
    [
        "2023-03-07 09:12", "2023-2024", "1,234,567.89", "V2.3.1.1380", "192.168.10.100", "LPR13800001001",
        "138000010011",
        "SN-13800001001A", "1200*800*600", "30.123456,120.123456", "6222021380000100113",
        "https://example.com/13800001001",
    ],
)  # fmt: skip
def test_what_only_looks_like_a_phone_is_none(text: str) -> None:
    assert [query for query in READER.mentions(text) if query.read_as is ReadAs.PHONE] == []
