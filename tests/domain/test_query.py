"""What typed and pasted text is read as: ids, numbers, phones, … in their one spelling, or why nothing."""

import re
import uuid

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.mrkdwn import code_and_quotes, written_openly
from bot.domain.normalise import GUID, canonical_id, plain_characters
from bot.domain.query import MAX_TEXT_LENGTH, Query, QueryReader, ReadAs, Unread, normalise

READER = QueryReader()
parse, read_all, read_mentions = READER.parse, READER.customers_in, READER.mentions


def read_message(text: str) -> tuple[Query, ...]:
    """The customers that a message of mrkdwn names openly."""
    return read_all(written_openly(text))


def has_set_apart(text: str) -> bool:
    return bool(read_all("\n".join(code_and_quotes(text))))


def read(text: str) -> Query | None:
    """What ``text`` names, if that is one."""
    return parse(text).query


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
NO_ID = {
    "half an id": ID[:23],
    "one digit too few": ID[:-1],
    "one digit too many": ID + "0",
    "a letter after it": ID + "g",
    "a letter before it": "x" + ID,
    "a code before it": "a-" + ID,
    "a code after it": ID + "-a",
    "a digit that is none": ID[:-1] + "g",
    "digits of another script": ID.replace("5", "٥"),
    "an id that begins too late": " " + "x" * (MAX_TEXT_LENGTH - 10) + " " + ID,
}
UNREAD = {
    "nothing": ("", Unread.NOTHING),
    "blanks": (" \u3000\u200b", Unread.NOTHING),
    "punctuation": ("…?! -- ()", Unread.NOTHING),
    "emoji": ("😀 👍", Unread.NOTHING),
    "half a character": ("\ud800", Unread.NOTHING),
    "a lot of punctuation": ("." * 10_000, Unread.NOTHING),
    "a link without an id": ("https://crm.example.com/customer/CF00000179", Unread.NOTHING),
    "an address without http": ("www.example.com/about", Unread.NOTHING),
    "a link with a digit too many": (f"https://crm.example.com/customer/{ID}0", Unread.NOTHING),
    "a phone in a link": ("https://example.com/13800001001", Unread.NOTHING),
    "Slack's mentions": ("<@U0SALES> <#C0GENERAL|general> <!here>", Unread.NOTHING),
    "a mention that looks like a number": ("<@U0SALES|CF00000179>", Unread.NOTHING),
    "one letter": ("a", Unread.TOO_SHORT),
    "one character": ("胡", Unread.TOO_SHORT),
    "one letter with signs": ("(a)!", Unread.TOO_SHORT),
    "one letter with a mark": ("e\u0301\u0302\u0303", Unread.TOO_SHORT),
    "a long name": ("好" * 101, Unread.TOO_LONG),
    "a very long word": ("a1" * 5_000, Unread.TOO_LONG),
    "a very long number": ("1" * 10_000, Unread.TOO_LONG),
    "a long text": ("客户的设备坏了，" * 1_250, Unread.TOO_LONG),
    "six numbers": (" ".join(f"CF0000017{digit}" for digit in range(6)), Unread.SEVERAL),
}
SEVERAL = {
    "two ids": (f"{ID} {OTHER}", [ID, OTHER]),
    "links to two": (f"https://a.cn/customer/{ID} https://a.cn/customer/{OTHER}", [ID, OTHER]),
    "Slack's links to two": (f"<https://a.cn/customer/{ID}><https://a.cn/customer/{OTHER}>", [ID, OTHER]),
    "a link and another id": (f"https://crm.example.com/customer/{ID} {OTHER}", [ID, OTHER]),
    "two numbers": (f"{NUMBER} {OTHER_NUMBER}", [NUMBER, OTHER_NUMBER]),
    "two phones": ("13800001001、13800001002", ["+8613800001001", "+8613800001002"]),
    "two addresses of mail": ("a@example.com; b@example.com", ["a@example.com", "b@example.com"]),
    "one of each kind": (
        f"{NUMBER} 13800001001 a@example.com CE00000154 GD20230101001",
        [NUMBER, "+8613800001001", "a@example.com", "CE00000154", "GD20230101001"],
    ),
}


@pytest.mark.parametrize("text", AN_ID.values(), ids=AN_ID.keys())
def test_text_that_holds_one_id_is_that_customer(text: str) -> None:
    assert read(text) == Query(ReadAs.ID, ID)


@pytest.mark.parametrize("text", A_LINK.values(), ids=A_LINK.keys())
def test_link_that_holds_an_id_is_that_customer(text: str) -> None:
    assert read(text) == Query(ReadAs.LINK, ID)


@pytest.mark.parametrize("text", A_NUMBER.values(), ids=A_NUMBER.keys())
def test_text_that_holds_one_number_is_that_customer(text: str) -> None:
    assert read(text) == Query(ReadAs.NUMBER, NUMBER)


@pytest.mark.parametrize("text", NO_NUMBER.values(), ids=NO_NUMBER.keys())
def test_part_of_another_word_is_no_number(text: str) -> None:
    assert read_all(text) == ()


@pytest.mark.parametrize("digits", [5, 8, 12])
def test_number_has_five_to_twelve_digits(digits: int) -> None:
    assert read("CF" + "1" * digits) == Query(ReadAs.NUMBER, "CF" + "1" * digits)


def test_all_customers_of_a_text_are_read_once_in_their_order() -> None:
    text = f"{OTHER_NUMBER}、{LINK} {NUMBER} {ID} {OTHER} {NUMBER.lower()}; {HEX}"
    assert read_all(text) == (
        Query(ReadAs.NUMBER, OTHER_NUMBER),
        Query(ReadAs.LINK, ID),
        Query(ReadAs.NUMBER, NUMBER),
        Query(ReadAs.ID, OTHER),
    )


@pytest.mark.parametrize("text", NO_ID.values(), ids=NO_ID.keys())
def test_what_is_nearly_an_id_is_none(text: str) -> None:
    assert read_all(text) == ()
    query = read(text)
    assert query is None or query.read_as in (ReadAs.SERIAL, ReadAs.NAME)


@pytest.mark.parametrize(("text", "why"), UNREAD.values(), ids=UNREAD.keys())
def test_why_a_text_is_no_question(text: str, why: Unread) -> None:
    parsed = parse(text)
    assert (parsed.query, parsed.unread, parsed.others) == (None, why, ())


@pytest.mark.parametrize(("text", "identifiers"), SEVERAL.values(), ids=SEVERAL.keys())
def test_up_to_five_identifiers_are_read_in_their_order(text: str, identifiers: list[str]) -> None:
    parsed = parse(text)
    assert parsed.query is None
    assert [query.identifier for query in parsed.queries] == identifiers
    assert parsed.unread is Unread.SEVERAL


def test_words_of_the_access_log() -> None:
    """They are a contract: dashboards count them."""
    assert [str(read_as) for read_as in ReadAs] == [
        "id", "link", "number", "phone", "email", "device", "serial", "order", "name",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        pytest.param("  a b  ", "a b", id="blanks at the ends go"),
        pytest.param("ＣＦ０１", "CF01", id="full-width characters"),
        pytest.param("a\u2010b\u2013c\u2212d\ufe63e\uff0df", "a-b-c-d-e-f", id="hyphens"),
        pytest.param("a\u2014b\u2015c\ufe58d", "a—b—c—d", id="dashes"),
        pytest.param("\ufeffa\u200bb\u200dc\u202ed\u2066e\u00adf", "abcdef", id="invisible characters"),
        pytest.param("<https://a.cn/x>", "https://a.cn/x", id="Slack's link"),
        pytest.param("<http://a.cn/x|label>", "http://a.cn/x", id="Slack's link with a label"),
        pytest.param("<https://a.cn/x|>", "https://a.cn/x", id="Slack's link with an empty label"),
        pytest.param("<tel:13800001001|138 0000 1001>", "13800001001", id="Slack's phone"),
        pytest.param("<mailto:a@b.cn|a@b.cn>", "a@b.cn", id="Slack's address of mail"),
        pytest.param("<mailto:a@b.cn?subject=x|a@b.cn>", "a@b.cn", id="an address of mail with a subject"),
        pytest.param("<@U1> why <#C1|general> <!here>", "why", id="Slack's mentions"),
        pytest.param("A&amp;B &lt;C&gt; &quot;", "A&B <C> &quot", id="what Slack escapes, and nothing else"),
        pytest.param("&amp;lt;", "lt", id="what Slack escapes, once"),
        pytest.param("“a ‘b’ 「c」”", "a ‘b’ 「c」", id="quotes around it"),
        pytest.param("🎉（a（b）～*#", "a(b)", id="signs and emoji around it"),
        pytest.param("e\u0301\u0302!", "é\u0302", id="a mark belongs to its letter"),
        pytest.param('"help".', "help", id="ordinary quotes and a full stop"),
        pytest.param("?", "", id="a question mark, which asks for help"),
        pytest.param("a \u3000\t\n b", "a b", id="more than one blank"),
        pytest.param("客户 a", "客户 a", id="Chinese"),
    ],
)
def test_normalise_takes_away_what_was_not_meant(text: str, meant: str) -> None:
    assert normalise(text) == meant


@given(ANY_TEXT | PIECES)
def test_every_customer_of_a_text_is_a_canonical_id_or_a_number(text: str) -> None:
    for query in read_all(text):
        assert query.read_as is ReadAs.NUMBER or CANONICAL.fullmatch(query.identifier)


@given(ANY_TEXT | PIECES)
def test_normalised_text_holds_nothing_invisible_and_no_odd_dash(text: str) -> None:
    assert not re.search("[\u00ad\u200b-\u200f\u2010-\u2013\u2015\u202a-\u202e\u2060-\u2064\ufeff]", normalise(text))


@given(
    guid=st.uuids(), before=st.sampled_from(["", "客户 ", "id=", "“"]), after=st.sampled_from(["", " 谢谢", "”", "。"])
)
def test_every_guid_is_read_in_every_spelling(guid: uuid.UUID, before: str, after: str) -> None:
    for spelling in (str(guid), str(guid).upper(), guid.hex, f"{{{guid}}}"):
        assert read(f"{before}{spelling}{after}") == Query(ReadAs.ID, str(guid))


# --- The box --------------------------------------------------------------------------------------------------------

A_PHONE = {
    "a mobile": ("13800001001", "+8613800001001"),
    "a mobile of a prefix that phonenumbers does not know": ("14600001001", "+8614600001001"),
    "another": ("149 0000 1001", "+8614900001001"),
    "one more": ("+86 194-0000-1001", "+8619400001001"),
    "blanks": ("138 0000 1001", "+8613800001001"),
    "dashes": ("138-0000-1001", "+8613800001001"),
    "en dashes": ("138–0000–1001", "+8613800001001"),
    "dots": ("138.0000.1001", "+8613800001001"),
    "full-width": ("１３８０００　０１００１", "+8613800001001"),
    "invisible characters": ("\u202d138\u200b00001001\u202c", "+8613800001001"),
    "+86": ("+8613800001001", "+8613800001001"),
    "0086": ("0086 13800001001", "+8613800001001"),
    "86": ("86-13800001001", "+8613800001001"),
    "(+86)": ("(+86) 138 0000 1001", "+8613800001001"),
    "a 0 before it": ("013800001001", "+8613800001001"),
    "a landline": ("057188881234", "+8657188881234"),
    "a landline with a dash": ("0571-88881234", "+8657188881234"),
    "a landline with parentheses": ("（0571）8888 1234", "+8657188881234"),
    "a landline with +86 and a 0": ("+86 (0)571 88881234", "+8657188881234"),
    "a landline with +86": ("+86-571-88881234", "+8657188881234"),
    "a landline of seven digits": ("0108888888", "+86108888888"),
    "a landline of Beijing": ("010-88888888", "+861088888888"),
    "a service number": ("400-800-1234", "+864008001234"),
    "an extension": ("0571-88881234 转 801", "+8657188881234"),
    "an extension without blanks": ("0571-88881234转801", "+8657188881234"),
    "an extension in Chinese": ("0571-88881234 分机：801", "+8657188881234"),
    "an extension in English": ("0571-88881234 ext. 801", "+8657188881234"),
    "an extension behind a dash": ("0571-88881234-801", "+8657188881234"),
    "a phone abroad": ("+1 (415) 555-2671", "+14155552671"),
    "a phone abroad with a 0": ("+44 (0)20 7946 0958", "+442079460958"),
    "a phone abroad, dialled from here": ("00852 2345 6789", "+85223456789"),
    "Slack's link": ("<tel:+8613800001001|138 0000 1001>", "+8613800001001"),
    "Slack's link to what is shown": ("<tel:13800001001|13800001001>", "+8613800001001"),
    "an address": ("tel:+8613800001001", "+8613800001001"),
    "quotes": ("“13800001001”", "+8613800001001"),
    "a full stop": ("13800001001。", "+8613800001001"),
    "a label": ("电话：138 0000 1001", "+8613800001001"),
    "a name before it": ("张三13800001001", "+8613800001001"),
    "other words": ("请问 0571-88881234 转 801 是谁的电话？", "+8657188881234"),
    "twice": ("13800001001 / 138 0000 1001", "+8613800001001"),
}
A_MAIL = {
    "an address": "zhang.san+1@example.com",
    "capitals": "Zhang.San+1@EXAMPLE.com",
    "full-width": "ｚｈａｎｇ．ｓａｎ＋１＠ｅｘａｍｐｌｅ．ｃｏｍ",
    "invisible characters": "zhang.san+1@\u200bexample.com\ufeff",
    "Slack's link": "<mailto:zhang.san+1@example.com|zhang.san+1@example.com>",
    "a link": "mailto:zhang.san+1@example.com",
    "angle brackets": "张三 <zhang.san+1@example.com>",
    "quotes": "‘zhang.san+1@example.com’",
    "a full stop": "zhang.san+1@example.com.",
    "a label": "邮箱：zhang.san+1@example.com",
}
A_DEVICE = [
    "CE00000154",
    "ce00000154",
    "ＣＥ０００００１５４",
    "“CE00000154”",
    "设备CE00000154坏了",
    "CE0000\u200b0154",
]
A_SERIAL = ["SN-2023-0001", "LPR30-0042", "2023011501", "a1b2", "Q/N.12_3", "1" * 60, "2023-03-0012"]
A_SHORT_NUMBER = {
    "without its zeros": ("CF179", NUMBER),
    "small letters and a dash": ("cf-179", NUMBER),
    "a number sign": ("CF#00000179", NUMBER),
    "an underscore": ("cf_00000179", NUMBER),
    "a blank": ("CF 0179", NUMBER),
    "a label before it": ("客户 CF179", NUMBER),
    "a label and a colon": ("编号：cf179", NUMBER),
    "the digits alone": ("00000179", NUMBER),
    "the digits without zeros": ("179", NUMBER),
    "full-width": ("ＣＦ１７９", NUMBER),
    "the digits and 号": ("179号", NUMBER),
    "a numero sign": ("CF№179", NUMBER),
    "a name behind a dash": ("CF179-王", NUMBER),
    "inside a sentence": ("请查 CF0179 的电话", NUMBER),
    "of a device": ("CE154", "CE00000154"),
    "of a device, with a label": ("设备CE154", "CE00000154"),
}
A_LABELLED_SERIAL = [
    "SN：{}", "SN# {}", "S/N {}", "sn:{}", "设备序列号 {}", "机身号：{}", "编号 {}", "Serial No. {}", "序列号是{}",
    "S.N. {}", "SN号{}", "机号：{}",
]  # fmt: skip
A_NAME = {
    "a Chinese name": ("胡效鑫", "胡效鑫"),
    "a short name": ("胡鑫", "胡鑫"),
    "a name with a digit": ("胡效鑫1", "胡效鑫1"),
    "a company": ("杭州（知觉）科技有限公司", "杭州(知觉)科技有限公司"),
    "a name of letters": ("  Zhang   San ", "Zhang San"),
    "another script": ("Ольга", "Ольга"),
    "a letter and a digit": ("3M", "3M"),
    "quotes": ("“胡效鑫”", "胡效鑫"),
    "a full stop": ("胡效鑫。", "胡效鑫"),
    "an ampersand that Slack has escaped": ("A&amp;B 公司", "A&B 公司"),
    "a mention beside it": ("<@U0SALES> 胡效鑫", "胡效鑫"),
    "a link beside it": ("胡效鑫 https://example.com/13800001001", "胡效鑫"),
    "a word without digits": ("Haier", "Haier"),
    "a serial number in two words": ("Q 2023", "Q 2023"),
    "three characters of a serial number": ("a12", "a12"),
    "too long for a serial number": ("1" * 61, "1" * 61),
    "SQL": ("'; DROP TABLE customers; --", "DROP TABLE customers"),
    "SQL that is always true": ("x' OR '1'='1", "x' OR '1'='1"),
    "JSON": ('{"sys_name": {"$ne": null}}', 'sys_name": {"$ne": null'),
    "a place of a list before it": ("1. 胡效鑫", "胡效鑫"),
    "italics": ("_胡效鑫_", "胡效鑫"),
    "brackets": ("（胡效鑫）", "胡效鑫"),
    "a hundred characters": ("好" * 100, "好" * 100),
}


@pytest.mark.parametrize(("text", "number"), A_PHONE.values(), ids=A_PHONE.keys())
def test_phone_is_read_in_every_spelling(text: str, number: str) -> None:
    assert read(text) == Query(ReadAs.PHONE, number)


@pytest.mark.parametrize("text", A_MAIL.values(), ids=A_MAIL.keys())
def test_address_of_mail_is_read_in_every_spelling(text: str) -> None:
    assert read(text) == Query(ReadAs.EMAIL, "zhang.san+1@example.com")


@pytest.mark.parametrize("text", A_DEVICE)
def test_device_number_is_read_in_every_spelling(text: str) -> None:
    assert read(text) == Query(ReadAs.DEVICE, "CE00000154")


@pytest.mark.parametrize("text", A_SERIAL)
def test_one_word_with_digits_is_a_serial_number(text: str) -> None:
    for spelling in (text, f"“{text}”", f" {text}。", text.translate(TO_FULL_WIDTH), "\u200b".join(text)):
        assert read(spelling) == Query(ReadAs.SERIAL, text)


@pytest.mark.parametrize(("text", "name"), A_NAME.values(), ids=A_NAME.keys())
def test_everything_else_is_a_name(text: str, name: str) -> None:
    assert read(text) == Query(ReadAs.NAME, name)


@pytest.mark.parametrize(("text", "number"), A_SHORT_NUMBER.values(), ids=A_SHORT_NUMBER.keys())
def test_number_is_read_without_its_zeros(text: str, number: str) -> None:
    assert read(text) == Query(ReadAs.DEVICE if number.startswith("CE") else ReadAs.NUMBER, number)


AS_REPORTED = {
    ReadAs.NUMBER: {
        NUMBER: [
            "CF00000179-王", "【CF00000179_回访】", "工单-CF00000179", "CF00000179-峤砚口腔", "_CF00000179_",
            "*_CF00000179_*", "CF00000179——又报修了", "CF00000179—please call", "urgent—CF00000179", "CF00000179-报修",
            "cf-00000179", "cf_00000179", "CF#00000179", "CF179", "客户 CF179", "00000179", "CF00000179'",
        ],
    },
    ReadAs.ID: {ID: [f"{ID}——急", f"_{ID}_", f"{ID}-峤砚"]},
    ReadAs.DEVICE: {"CE00000154": ["CE00000154——坏", "CE154", "_CE00000154_"]},
    ReadAs.PHONE: {
        "+8613800001001": [
            "13800001001-1234", "TEL13800001001", "V13800001001", "phone13800001001", "Tel13800001001", "vx13800001001",
            "13800001001wx", "13800001001——急", "13800001001—call", "张三13800001001", "13800001001（张三）",
        ],
        "+8617012345678": ["17012345678-0001"],
        "+8618412348075": ["18412348075-7839"],
        "+861066660001": ["010-6666 0001-8"],
        "+8653788889999": ["(0537)-8888 9999-1234"],
        "+8657188881234": ["0571-8888 1234-801"],
    },
    ReadAs.EMAIL: {"fang@example.com": ["方小姐<fang@example.com>", "_fang@example.com_", "fang@example.com——急"]},
    ReadAs.SERIAL: {
        "SN-7788-ABC9": ["SN：SN-7788-ABC9", "设备序列号 SN-7788-ABC9"],
        "LPR30-20230042": ["SN# LPR30-20230042"],
        "284-0847-923": ["284-0847-923"],
        "482154-9458": ["482154-9458"],
    },
    ReadAs.NAME: {"Acme": ["*Acme*", "_Acme_", "~Acme~", "Acme！", "Acme？", "（Acme）", "[Acme]", "@Acme"]},
}  # fmt: skip
"""What people and keyboards made of identifiers, in public reports."""


@pytest.mark.parametrize(
    ("text", "query"),
    [
        pytest.param(text, Query(read_as, identifier), id=text)
        for read_as, identifiers in AS_REPORTED.items()
        for identifier, texts in identifiers.items()
        for text in texts
    ],
)
def test_text_is_read_as_its_author_meant(text: str, query: Query) -> None:
    assert read(text) == query


@pytest.mark.parametrize("text", A_LABELLED_SERIAL)
@pytest.mark.parametrize("serial", ["SN-7788-ABC9", "LPR30-20230042"])
def test_label_says_what_a_serial_number_is(text: str, serial: str) -> None:
    assert read(text.format(serial)) == Query(ReadAs.SERIAL, serial)


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("GD20230101001", "GD20230101001"),
        ("gd00000903", "GD00000903"),
        ("WO-2023010100", "WO-2023010100"),
        ("WO 2023010100", "WO2023010100"),
        ("工单 GD00000903 完成了吗", "GD00000903"),
        ("GD903", "GD00000903"),
        ("工单号：903", "GD00000903"),
        ("工单20230101001", "GD20230101001"),
    ],
)
def test_number_of_a_work_order_is_read(text: str, number: str) -> None:
    assert read(text) == Query(ReadAs.ORDER, number)


FALLBACKS = {
    "no zeros, or five digits": ("CF00179", [Query(ReadAs.NUMBER, "CF00000179")]),
    "digits of a serial number": ("777777", [Query(ReadAs.SERIAL, "777777")]),
    "a name of digits": ("360", [Query(ReadAs.NAME, "360")]),
    "a number in a name": ("CF 100 俱乐部", [Query(ReadAs.NAME, "CF 100 俱乐部")]),
    "a dash in a work order": ("GD-20230101001", [Query(ReadAs.ORDER, "GD20230101001")]),
    "a work order of digits": ("工单903", [Query(ReadAs.ORDER, "903")]),
    "a title": ("胡效鑫先生", [Query(ReadAs.NAME, "胡效鑫")]),
    "a short title": ("胡总", [Query(ReadAs.NAME, "胡")]),
    "a title in brackets": ("胡效鑫(经理)", [Query(ReadAs.NAME, "胡效鑫")]),
    "the form of a company": ("峤砚口腔有限公司", [Query(ReadAs.NAME, "峤砚口腔")]),
    "another form": ("峤砚集团", [Query(ReadAs.NAME, "峤砚")]),
    "who asks": ("帮我查一下峤砚口腔", [Query(ReadAs.NAME, "峤砚口腔")]),
    "who asks, and a form": (
        "麻烦查询客户峤砚口腔公司", [Query(ReadAs.NAME, "峤砚口腔公司"), Query(ReadAs.NAME, "峤砚口腔")],
    ),
    "nothing else": ("峤砚口腔", []),
}  # fmt: skip


@pytest.mark.parametrize(("text", "fallbacks"), FALLBACKS.values(), ids=FALLBACKS.keys())
def test_what_to_try_when_no_customer_is_found(text: str, fallbacks: list[Query]) -> None:
    assert list(parse(text).fallbacks) == fallbacks


@pytest.mark.parametrize(
    ("text", "may"),
    [
        ("2352", True), ("88881234", True), ("8888 1234", True), ("尾号2352", True), ("手机后四位是2352", True),
        ("185****2352", True), ("1001结尾", True), ("last 4 digits 2352", True),
        ("235", False), ("CF2352", False), ("后勤处2352室", False), ("3****a", False),
    ],
)  # fmt: skip
def test_few_digits_may_be_the_end_of_a_phone(text: str, may: bool) -> None:
    assert parse(text).may_end_a_phone is may


def test_numbers_of_another_tenant_are_read_by_their_pattern() -> None:
    reader = QueryReader("KH[0-9]{4}|[0-9]{4}-[0-9]{2}-[0-9]{4}")
    text = "客户 2023-03-0012、kh0042 和 CF00000179，x-KH0043 KH0044-1 KH00451"
    assert [query.identifier for query in reader.customers_in(text)] == ["2023-03-0012", "KH0042"]
    assert reader.parse("2023-03-0012").queries == (Query(ReadAs.NUMBER, "2023-03-0012"),)
    assert reader.parse("179").query == Query(ReadAs.NAME, "179")
    assert parse("2023-03-0012").query == Query(ReadAs.SERIAL, "2023-03-0012")


@pytest.mark.parametrize(
    ("text", "best"),
    [
        ("CF00000179@example.com", Query(ReadAs.EMAIL, "cf00000179@example.com")),
        ("13800001001@example.com", Query(ReadAs.EMAIL, "13800001001@example.com")),
        (f"{ID}@example.com", Query(ReadAs.EMAIL, f"{ID}@example.com")),
        ("CE00000154 胡效鑫", Query(ReadAs.DEVICE, "CE00000154")),
    ],
)
def test_what_names_a_customer_counts_most(text: str, best: Query) -> None:
    assert read(text) == best


OTHERWISE = {
    NUMBER: [Query(ReadAs.SERIAL, NUMBER)],
    "13800001001": [Query(ReadAs.SERIAL, "13800001001")],
    "CE00000154": [Query(ReadAs.SERIAL, "CE00000154")],
    "777777": [Query(ReadAs.NAME, "777777")],
    "“Haier2020”": [Query(ReadAs.NAME, "Haier2020")],
    "Shop@Example.com": [Query(ReadAs.NAME, "Shop@Example.com")],
    "138 0000 1001": [Query(ReadAs.SERIAL, "13800001001")],
    "电话：13800001001": [],
    "客户电话：13800001001": [],
    "设备科 13800001001": [Query(ReadAs.NAME, "设备科")],
    "张三 13800001001": [Query(ReadAs.NAME, "张三")],
    "张三 a@example.com": [Query(ReadAs.NAME, "张三")],
    f"{NUMBER} 胡效鑫": [Query(ReadAs.NAME, "胡效鑫")],
    f"胡效鑫{NUMBER}寻客": [Query(ReadAs.NAME, "胡效鑫 寻客")],
    "设备 LPR30-20230042 坏了": [Query(ReadAs.SERIAL, "LPR30-20230042")],
    "胡效鑫": [],
    ID: [],
}


@pytest.mark.parametrize(("text", "others"), OTHERWISE.items(), ids=OTHERWISE.keys())
def test_less_likely_readings_are_offered(text: str, others: list[Query]) -> None:
    assert list(parse(text).others) == others


BOX_PIECES = [
    "13800001001", "0571-88881234", "转801", "+86", "138", "0000", "1001", "a", "@example.com", "CE00000154", "777777",
    "SN-", "“", "”", ".", " ", "<tel:", "<mailto:", "|", ">", "<@U1>", "&amp;", "'", "\u3000",
]  # fmt: skip
TYPED = ANY_TEXT | PIECES | st.lists(st.sampled_from(BOX_PIECES), max_size=8).map("".join)
_MARKUP = re.compile("[<&]|https?:|www[.]", re.IGNORECASE)


@given(TYPED)
def test_every_text_is_read_or_it_is_said_why_not(text: str) -> None:
    parsed = parse(text)
    assert parsed.query == read(text)
    if parsed.query is None:
        assert (parsed.unread is Unread.TOO_LONG) <= (len(normalise(text)) > 100 or len(parsed.queries) > 1)
    assert parsed.query not in parsed.others
    assert all(other.read_as in (ReadAs.SERIAL, ReadAs.NAME) for other in parsed.others)


@given(TYPED)
def test_what_was_read_is_read_the_same_again(text: str) -> None:
    """A link becomes the id that it leads to. What looks like Slack's markup, or a link, is taken away once more."""
    query = read(text)
    if query is None or _MARKUP.search(plain_characters(text)):
        return
    read_as = ReadAs.ID if query.read_as is ReadAs.LINK else query.read_as
    assert read(query.identifier) == Query(read_as, query.identifier)


def _spellings(text: str) -> st.SearchStrategy[str]:
    """``text`` as phones, web pages and Slack write it."""
    return st.sampled_from(
        [text, text.translate(TO_FULL_WIDTH), "\u200b".join(text), f"“{text}”", f"'{text}'", f" \ufeff{text}\u3000。"]
    )


@given(st.data(), st.from_regex("1[3-9][0-9]{9}", fullmatch=True, alphabet=st.characters(codec="ascii")))
def test_every_mobile_is_read_in_every_spelling(data: st.DataObject, digits: str) -> None:
    separator = data.draw(st.sampled_from(["", " ", "-", "–", ".", "\u00a0"]))
    prefix = data.draw(st.sampled_from(["", "+86", "86", "0086", "+86 ", "(+86)", "86-"]))
    number = prefix + separator.join((digits[:3], digits[3:7], digits[7:]))
    slack = f"<tel:+86{digits}|{number}>"
    text = data.draw(_spellings(number) | st.just(slack))
    assert read(text) == Query(ReadAs.PHONE, f"+86{digits}")
    assert read_mentions(f"电话 {slack}，{digits}") == (Query(ReadAs.PHONE, f"+86{digits}"),)


@given(
    st.data(),
    st.from_regex("C[EF][0-9]{5,12}", fullmatch=True),
    st.from_regex("[a-z0-9][a-z0-9.]{0,9}@[a-z]{1,9}[.]cn", fullmatch=True),
)
def test_every_number_and_address_is_read_in_every_spelling(data: st.DataObject, number: str, mail: str) -> None:
    read_as = ReadAs.DEVICE if number[1] == "E" else ReadAs.NUMBER
    assert read(data.draw(_spellings(number) | _spellings(number.lower()))) == Query(read_as, number)
    typed = data.draw(_spellings(mail) | _spellings(mail.upper()) | st.just(f"<mailto:{mail}|{mail}>"))
    assert read(typed) == Query(ReadAs.EMAIL, mail)


# --- What a longer text mentions -------------------------------------------------------------------------------------

MENTIONED = {
    "a mobile": ("客户电话13800001001，请联系", "+8613800001001"),
    "with a country code": ("call +86 138 0000 1001 now", "+8613800001001"),
    "a prefix that phonenumbers does not know": ("新号 19400001001。", "+8619400001001"),
    "a landline": ("座机(0571) 8888-1234", "+8657188881234"),
    "an extension": ("座机 0571-88881234-801, 找张三", "+8657188881234"),
    "a phone abroad": ("or +1 (415) 555-2671!", "+14155552671"),
    "a service number": ("拨打400-800-1234咨询", "+864008001234"),
    "bold": ("*13800001001*", "+8613800001001"),
    "in italics": ("_13800001001_", "+8613800001001"),
    "in code": ("`13800001001`", "+8613800001001"),
    "Slack's link": ("<tel:13800001001|(138) 0000-1001>", "+8613800001001"),
    "behind a date": ("2023-01-15 13800001001", "+8613800001001"),
    "an address of mail": ("写信给 <mailto:A@Example.com|A@Example.com>", "a@example.com"),
    "an address of mail in a sentence": ("a@example.com.", "a@example.com"),
    "a device": ("设备 ce00000154 坏了", "CE00000154"),
}
NOT_MENTIONED = {
    "a longer number": "订单 138000010012",
    "the end of a longer number": "913800001001",
    "a part of a code": "AB-13800001001 13800001001-a A13800001001 13800001001B _x_13800001001",
    "decimals": "0.13800001001 13800001001.5",
    "an id": "13800001-0011-4000-8000-138000010010",
    "a link": "https://example.com/13800001001 <https://example.com/?a=13800001001|13800001001>",
    "a date": "2023-01-15 2023/01/15 2023.01.15 20230115 2023-01-15 13:45:00",
    "a time stamp": "1700000000000",
    "an account": "6222021380000100113",
    "a phone that cannot be": "+86 110 +1 23 0000-1234567",
    "a serial number": "777777 SN-2023-0001 2023011501",
    "a name": "胡效鑫",
    "a longer device number": "CE00000154-1 ACE00000154 CE1234",
    "mail without a domain": "a@b @example.com a@",
    "a mention": "<@U13800001001|13800001001> <#C1|13800001001>",
}


@pytest.mark.parametrize(("text", "identifier"), MENTIONED.values(), ids=MENTIONED.keys())
def test_what_leads_to_a_customer_is_found_in_a_longer_text(text: str, identifier: str) -> None:
    assert [query.identifier for query in read_mentions(text)] == [identifier]
    assert read_all(text) == ()


@pytest.mark.parametrize("text", NOT_MENTIONED.values(), ids=NOT_MENTIONED.keys())
def test_what_only_looks_like_a_phone_is_not_found(text: str) -> None:
    """Nor are serial numbers and names: too many words look like one."""
    assert [query for query in read_mentions(text) if query.read_as is not ReadAs.ID] == []


def test_all_that_a_text_mentions_is_read_once_in_its_order() -> None:
    text = (
        f"13800001001 {NUMBER} a@example.com <tel:+8613800001001|x> {LINK} CE00000154 A@EXAMPLE.COM 0571-88881234 {ID}"
    )
    assert read_mentions(text) == (
        Query(ReadAs.PHONE, "+8613800001001"),
        Query(ReadAs.NUMBER, NUMBER),
        Query(ReadAs.EMAIL, "a@example.com"),
        Query(ReadAs.LINK, ID),
        Query(ReadAs.DEVICE, "CE00000154"),
        Query(ReadAs.PHONE, "+8657188881234"),
    )


@given(TYPED | MESSAGES)
def test_every_mention_is_read_as_what_it_is(text: str) -> None:
    """Each once, and those that name a customer are the same as ever."""
    mentions = read_mentions(text)
    assert len({query.identifier for query in mentions}) == len(mentions)
    for query in mentions:
        assert read(query.identifier) == query or query.read_as in (ReadAs.LINK, ReadAs.SERIAL)
    assert read_all(text) == tuple(query for query in mentions if query.read_as in ("id", "link", "number"))


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
    assert read_message(text) == (Query(ReadAs.NUMBER, NUMBER),)


@pytest.mark.parametrize("text", NOT_OPENLY.values(), ids=NOT_OPENLY.keys())
def test_number_in_code_in_a_quote_or_in_a_link_is_not_read(text: str) -> None:
    assert read_message(text) == ()


@pytest.mark.parametrize("text", [LINK, f"<{LINK}>", f"<{LINK}|the customer>", f"see <{LINK}?tab=1|{ID}>"])
def test_id_in_a_link_belongs_to_the_unfurl(text: str) -> None:
    assert read_message(text) == ()


def test_id_that_is_written_openly_is_read() -> None:
    assert read_message(f"客户{ID.upper()}，{HEX} `{OTHER}`") == (Query(ReadAs.ID, ID),)


def test_customers_of_a_message_are_read_once_in_their_order() -> None:
    text = f"{OTHER_NUMBER} `{NUMBER}` {ID} {OTHER_NUMBER.lower()} {NUMBER} {HEX}"
    assert [query.identifier for query in read_message(text)] == [OTHER_NUMBER, ID, NUMBER]


@pytest.mark.parametrize("name", NOT_OPENLY.keys())
def test_why_a_number_was_not_read_is_reported(name: str) -> None:
    text = NOT_OPENLY[name]
    assert has_set_apart(text) is ("code" in name or "quote" in name)


@pytest.mark.parametrize("text", OPENLY.values(), ids=OPENLY.keys())
def test_text_that_was_read_is_not_set_apart(text: str) -> None:
    assert not has_set_apart(text)


@pytest.mark.parametrize("text", [f"`{LINK}`", f"&gt; <{LINK}>", f"```<{LINK}|x>```"])
def test_link_in_code_or_in_a_quote_is_none(text: str) -> None:
    assert has_set_apart(text)
    assert read_message(text) == ()


@given(MESSAGES | ANY_TEXT)
def test_customers_of_a_message_are_among_those_of_the_text(text: str) -> None:
    """Each once, in its one spelling."""
    found = [query.identifier for query in read_message(text)]
    assert len(set(found)) == len(found)
    plain = plain_characters(text)
    ids = {canonical_id(guid) for guid in re.findall(f"(?=({GUID}))", plain, re.IGNORECASE)}
    assert set(found) <= ids | {word.upper() for word in re.findall("CF[0-9]{5,12}", plain, re.IGNORECASE)}


@given(inner=MESSAGES, before=st.sampled_from(["", "a ", f"{OTHER_NUMBER}\n"]))
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
    expected = (Query(ReadAs.NUMBER, f"CF{digits}"),)
    assert read_message(f"{before}CF{digits}{after}") == expected
    assert read_message(f"{before}cf{digits}{after}") == expected


def test_characters_that_stand_for_many_make_no_text_longer_than_is_read() -> None:
    assert len(normalise("\ufdfa" * MAX_TEXT_LENGTH)) <= MAX_TEXT_LENGTH
