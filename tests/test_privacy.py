"""What an audience sees of a customer, and what masking and redacting leave."""

import datetime
import re
import time
import unicodedata
from collections.abc import Callable
from typing import NamedTuple

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from stdnum import luhn
from stdnum.cn import uscc

from bot.crm.envelope import customer_fields
from bot.masking import mask, redact, without_contacts
from bot.playground.sample_crm import DOCUMENTED_CUSTOMER, sample_customers
from bot.privacy import Audience, private_rows, view
from bot.profile import CustomerProfile, ProfileField, Role, ShowType, profile_field
from bot.related import Contact, Device, Pending, RelatedRow, State, Warranty, WorkOrder, WorkStep

PROTECTED = {Role.TAX_ID, Role.BANK_ACCOUNT, Role.ID_CARD}
ANY_TEXT = st.text(st.characters(exclude_categories=[]))
PERSONAL = st.from_regex(r"1[3-9][0-9]{9}|0[0-9]{2}-[0-9]{8}|[1-9][0-9]{16}[0-9X]|[0-9]{16,19}", fullmatch=True)
DECOY = "6222021234567890128"
ORDINARY = "2024-05-17 12:30:45 第 1234567890 号"


def profile(*roles_and_values: tuple[Role, str]) -> CustomerProfile:
    fields = (ProfileField(role.value, value, ShowType.PLAIN, role) for role, value in roles_and_values)
    return CustomerProfile("id", tuple(fields))


def seen(role: Role, value: str = DECOY) -> str:
    return view(profile((role, value)), Audience.PRIVATE).fields[0].value


@pytest.mark.parametrize("role", sorted(PROTECTED, key=str))
def test_asker_sees_accounts_and_official_numbers_masked(role: Role) -> None:
    assert seen(role) == "622****0128"


@pytest.mark.parametrize("role", sorted(set(Role) - PROTECTED, key=str))
def test_asker_sees_everything_else_as_it_is(role: Role) -> None:
    assert seen(role, ORDINARY) == ORDINARY


@pytest.mark.parametrize("role", [Role.NUMBER, Role.PICTURE])
def test_number_of_a_customer_and_address_of_a_picture_are_no_accounts(role: Role) -> None:
    assert seen(role) == DECOY


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        pytest.param("沈女士 大理支行 6222021234567890128", "沈女士 大理支行 622****0128", id="bank card"),
        pytest.param("卡号：6222 0212 3456 7890 128，开户行", "卡号:622**** 128,开户行", id="in groups"),
        pytest.param("卡６２２２０２１２３４５６７８９０１２８。", "卡622****0128。", id="full-width"),
        pytest.param("卡4111\u200b111111111111", "卡411****1111", id="with an invisible character"),
        pytest.param("身份证 11010519491231002X，女", "身份证 110****002X,女", id="id card"),
        pytest.param("某某公司 税号9111010833971956 7A", "某某公司 税号911****6 7A", id="credit code"),
        pytest.param("ICBC4111111111111111张三", "ICBC411****1111张三", id="behind letters"),
        pytest.param("4111  1111  1111  1111", "411****1111", id="in groups far apart"),
        pytest.param("4111.1111.1111/1111", "411****1111", id="with dots and slashes"),
        pytest.param("4111111111111111、6222021234567890128", "411****1111、622****0128", id="two"),
        pytest.param("x" * 5_000 + " 4111111111111111", "x" * 5_000 + " 411****1111", id="at the end of a long text"),
        pytest.param("运单 4111111111111112", "运单 4111111111111112", id="a number with another check digit"),
        pytest.param(
            "电话 18539622352，订单 202405171230", "电话 18539622352，订单 202405171230", id="shorter numbers"
        ),
    ],
)
def test_accounts_and_official_numbers_inside_a_text_are_masked(text: str, shown: str) -> None:
    assert seen(Role.REMARK, text) == shown


def test_masking_changes_values_alone() -> None:
    """Labels, order, roles and the fields beside stay; so does the profile that was given."""
    whole = profile((Role.NAME, "甲"), (Role.TAX_ID, DECOY), (Role.TAX_ID, ""), (Role.PHONE, "18539622352"))
    shown = view(whole, Audience.PRIVATE)
    assert [field.value for field in shown.fields] == ["甲", "622****0128", "", "18539622352"]
    assert [field._replace(value="") for field in shown.fields] == [field._replace(value="") for field in whole.fields]
    assert shown.customer_id == whole.customer_id
    assert whole.fields[1].value == DECOY


@pytest.mark.parametrize("whole", [profile(), profile((Role.NAME, "甲"))], ids=["no field", "no rule"])
def test_profile_without_anything_to_mask_is_the_same_object(whole: CustomerProfile) -> None:
    assert view(whole, Audience.PRIVATE) is whole


@pytest.mark.parametrize(
    ("value", "masked"),
    [
        ("", ""),
        ("1", "****"),
        ("12345678901", "****"),
        ("123456789012", "123****9012"),
        ("91110108339719567A", "911****567A"),
        ("6222 0212 3456 7890 128", "622**** 128"),
    ],
)
def test_mask_keeps_the_ends_of_long_values(value: str, masked: str) -> None:
    assert mask(value) == masked


@given(ANY_TEXT)
@settings(deadline=None)
def test_mask_hides_five_characters_or_all(value: str) -> None:
    masked = mask(value)
    kept = masked.replace("****", "", 1)
    assert (masked == "") == (value == "")
    assert len(kept) <= max(0, len(value) - 5)
    assert len(masked) <= len("123****7890")


REDACTED = {
    "a mobile": ("客户13800001001不存在", "客户****不存在"),
    "a mobile in groups": ("138 0000 1001", "****"),
    "a mobile with dashes": ("138-0000-1001", "****"),
    "a mobile with +86": ("电话:+8613800001001", "电话:+****"),
    "a full-width mobile": ("１３８００００１００１", "****"),
    "a landline in brackets": ("(010)88888888", "(****"),
    "an address of mail": ("用户 zhang.san@example.com 已停用", "用户 **** 已停用"),
    "an address of mail in Chinese": ("张三@例子.中国", "****"),
    "two addresses": ("a@b.cn c@d.cn", "**** ****"),
    "an id card": ("身份证11010119900307451X重复", "身份证****重复"),
    "a credit code": ("91110108339719567A", "****"),
    "a mobile with dots": ("138.0000.1001", "****"),
    "a mobile with typographic dashes": ("138–0000‑1001", "****"),
    "a mobile with slashes and blanks": ("138 / 0000 / 1001", "****"),
    "a mobile with an invisible character": ("138\u200b0000\u200b1001", "****"),
    "an address of mail with a full-width at": ("张三＠example.com", "****"),
    "six digits": ("错误 100861", "错误 ****"),
    "five digits": ("错误 10086", "错误 10086"),
    "an amount": ("共 12 条，第 3 页", "共 12 条，第 3 页"),
    "a sentence": ("系统繁忙，请稍后再试", "系统繁忙，请稍后再试"),
    "an at sign alone": ("a @ b", "a @ b"),
    "nothing": ("", ""),
}


@pytest.mark.parametrize(("text", "left"), REDACTED.values(), ids=REDACTED.keys())
def test_redact_takes_numbers_and_addresses_out(text: str, left: str) -> None:
    assert redact(text) == left


@given(before=ANY_TEXT, personal=PERSONAL, after=ANY_TEXT)
@settings(deadline=None)
def test_no_personal_number_is_left_whatever_stands_around_it(before: str, personal: str, after: str) -> None:
    redacted = redact(before + personal + after)
    assert personal not in redacted
    assert not re.search("[0-9]{6}", redacted)


@given(before=ANY_TEXT, address=st.emails(), after=ANY_TEXT)
@settings(deadline=None)
def test_no_mail_address_is_left_whatever_stands_around_it(before: str, address: str, after: str) -> None:
    assert address not in redact(before + address + after)


# --- What everybody in a channel sees --------------------------------------------------------------------------------

FOR_EVERYBODY = {
    Role.NAME, Role.NUMBER, Role.TAGS, Role.LEVEL, Role.REGION, Role.OUTLET, Role.OWNER, Role.LAST_SERVICE,
}  # fmt: skip
CONTACTS = {Role.PHONE, Role.LANDLINE, Role.EMAIL}
WHATEVER = "上海 VIP 张三"


def in_channel(role: Role, value: str) -> list[str]:
    return [field.value for field in view(profile((role, value)), Audience.CHANNEL).fields]


def in_name(text: str) -> str:
    [shown] = in_channel(Role.NAME, text)
    return shown


@pytest.mark.parametrize("role", sorted(FOR_EVERYBODY, key=str))
def test_channel_sees_who_the_customer_is(role: Role) -> None:
    assert in_channel(role, WHATEVER) == [WHATEVER]


@pytest.mark.parametrize("role", sorted(set(Role) - FOR_EVERYBODY - CONTACTS - {Role.PICTURE}, key=str))
def test_channel_sees_nothing_else(role: Role) -> None:
    """Addresses, banks, accounts, invoices, remarks, and whatever a tenant has added."""
    assert in_channel(role, WHATEVER) == []


MASKED = {
    "a mobile": (Role.PHONE, "18539622352", "185****2352"),
    "a mobile in groups": (Role.PHONE, "185 3962-2352", "185****2352"),
    "a full-width mobile": (Role.PHONE, "１８５３９６２２３５２", "185****2352"),
    "a mobile with +86": (Role.PHONE, "+86 185 3962 2352", "861****2352"),
    "a short number": (Role.PHONE, "10086", "****"),
    "a mobile and a name": (Role.PHONE, "张三 18539622352 微信同号", "185****2352"),
    "a word": (Role.PHONE, "同上", "****"),
    "a landline": (Role.LANDLINE, "010-88888888", "010****8888"),
    "a landline without an area": (Role.LANDLINE, "88888888", "****"),
    "an address of mail": (Role.EMAIL, "903146517@qq.com", "9***@qq.com"),
    "a full-width address of mail": (Role.EMAIL, "ｚｈａｎｇ＠ｑｑ．ｃｏｍ", "z***@qq.com"),
    "an address of mail in a phone's place": (Role.PHONE, "zhang@qq.com", "z***@qq.com"),
    "a phone in a mail's place": (Role.EMAIL, "18539622352", "185****2352"),
    "no address of mail": (Role.EMAIL, "@zhang", "****"),
    "nothing": (Role.PHONE, "", ""),
    "no address": (Role.EMAIL, "", ""),
}


@pytest.mark.parametrize(("role", "value", "masked"), MASKED.values(), ids=MASKED.keys())
def test_channel_sees_contacts_masked(role: Role, value: str, masked: str) -> None:
    """Enough to recognise them, not enough to use them."""
    assert in_channel(role, value) == [masked]


def test_channel_sees_how_many_pictures_there_are_and_none_of_them() -> None:
    address = "https://p.example.com/18539622352/receipt.jpg"
    for value, count in (("", 0), (address, 1), (f"{address}、{address}\n{address}", 3)):
        [field] = view(profile((Role.PICTURE, value)), Audience.CHANNEL).fields
        assert not re.search("[0-9a-z/]", field.value)
        assert len(CustomerProfile("id", (field,)).pictures) == count


def test_channel_sees_the_rest_as_it_is() -> None:
    """Labels, order and roles; and the profile that was given stays whole."""
    whole = profile((Role.NAME, "甲"), (Role.ADDRESS, "某路 1 号"), (Role.PHONE, "18539622352"), (Role.LEVEL, "VIP"))
    seen_there = view(whole, Audience.CHANNEL)
    assert [(field.key, field.value) for field in seen_there.fields] == [
        ("name", "甲"), ("phone", "185****2352"), ("level", "VIP"),
    ]  # fmt: skip
    assert seen_there.customer_id == whole.customer_id
    assert whole.fields[2].value == "18539622352"


def test_channel_sees_the_documented_customer_like_this() -> None:
    [customer] = [entry for entry in sample_customers() if entry["id"] == DOCUMENTED_CUSTOMER]
    whole = CustomerProfile(DOCUMENTED_CUSTOMER, customer_fields(customer["rows"]))
    shown = {field.key: field.value for field in view(whole, Audience.CHANNEL).fields if field.value}
    assert shown["客户名称"] == "胡效鑫1"
    assert shown["客户编号"] == "CF00000179"
    assert set(shown) == {
        "客户编号", "客户名称", "联系电话", "邮箱", "固定电话", "所属区域", "默认服务网点", "维护人员", "客户标签",
        "客户等级", "最近服务日期",
    } & {field.key for field in whole.fields if field.value}  # fmt: skip
    assert "*" in shown["联系电话"]


IN_A_TEXT = {
    "a mobile": ("张三 18539622352", "张三 185****2352"),
    "a mobile between Chinese": ("张三18539622352微信", "张三185****2352微信"),
    "a mobile with +86": ("张三(+86)185-3962-2352", "张三(861****2352"),
    "a mobile in groups": ("138 0000 1001", "138****1001"),
    "a mobile in groups far apart": ("138    0000    1001", "138****1001"),
    "a mobile in groups with long dashes": ("138 -- 0000 -- 1001", "138****1001"),
    "a mobile with dots": ("138.0000.1001", "138****1001"),
    "a full-width mobile": ("电话：１３８００００１００１", "电话:138****1001"),
    "digits of another script": ("١٣٨٠٠٠٠١٠٠١", "١٣٨****١٠٠١"),
    "a local landline": ("总机 88886666 转 8001", "总机 **** 转 8001"),
    "a landline in brackets": ("(0571)8888-1234", "(057****1234"),
    "two mobiles": ("13800001001、18539622352", "138****2352"),
    "an address of mail": ("张三 zhang.san@example.com", "张三 z***@example.com"),
    "an address of mail behind a label": ("邮箱:zhang@qq.com", "邮箱:z***@qq.com"),
    "an address of mail behind Chinese": ("邮箱zhang@qq.com", "邮***@qq.com"),
    "a mobile as an address of mail": ("13800001001@139.com", "1***@139.com"),
    "an address of mail with blanks": ("zhang @ qq.com", "z***@qq.com"),
    "an address of mail behind an at sign": ("微信@zhang@qq.com", "微***@qq.com"),
    "two addresses of mail": ("zhang@qq.com, li@163.com", "z***@qq.com, l***@163.com"),
    "an address of mail with a slash in it": ("a/b@example.com", "a***@example.com"),
    "an address of mail with a bar in it": ("a|b@example.com", "a***@example.com"),
    "an address of mail that ends with a bar": ("a|@example.com", "a***@example.com"),
    "a bank card": ("卡 6222021234567890128", "卡 622****0128"),
    "an id card": ("身份证11010519491231002X", "身份证110****002X"),
    "a customer's number": ("同 CF00000179", "同 CF00000179"),
    "a date": ("2024-05-17 12:30:45", "2024-05-17 12:30:45"),
    "another date": ("2024/5/7", "2024/5/7"),
    "a short number": ("3 号楼 1201 室", "3 号楼 1201 室"),
    "an at sign alone": ("a @", "a @"),
}


@pytest.mark.parametrize(("text", "shown"), IN_A_TEXT.values(), ids=IN_A_TEXT.keys())
def test_contacts_and_accounts_inside_a_text_are_masked(text: str, shown: str) -> None:
    assert in_name(text) == without_contacts(text) == shown


TWO_ADDRESSES = ["和", "或", "。", "·", "+", "&", "-", "_", "!", "#", "/", "|", "\\", "；", "，", "、", " ", "\n", ""]


@pytest.mark.parametrize("between", TWO_ADDRESSES)
@pytest.mark.parametrize("role", [Role.NAME, Role.EMAIL, Role.PHONE])
def test_second_address_of_mail_is_masked_whatever_stands_before_it(role: Role, between: str) -> None:
    [shown] = in_channel(role, f"zhang@qq.com{between}lisi@163.com")
    assert "lisi" not in shown
    assert "zhang" not in shown


KEPT_NUMBERS = ["CF00000179", "KH-2024-0001", "20240517", "KH20240517001", "A_1", "0001", "88886666", "VIP-7"]


@pytest.mark.parametrize("number", KEPT_NUMBERS)
def test_channel_sees_the_customers_number(number: str) -> None:
    assert in_channel(Role.NUMBER, number) == [number]


@pytest.mark.parametrize(
    "number",
    [
        "13800001001", "CF13800001001", "KH-13800001001", "KH_13800001001", "KH--13800001001", "13800001001-1",
        "13800001001A", "13800001001_", "2024-13800001001", "138_0000_1001", "138-0000-1001", "A1B13800001001",
        "1-13800001001-2", "8613800001001", "86-13800001001", "+8613800001001", "客户13800001001", "0571-88886666",
        "KH057188886666", "１３８００００１００１",
    ],
)  # fmt: skip
def test_customers_number_that_is_a_phone_is_masked(number: str) -> None:
    """Tenants number their customers by their phones."""
    [shown] = in_channel(Role.NUMBER, number)
    assert "****" in shown
    assert not re.search("[0-9]{5}", re.sub("[^0-9*]", "", unicodedata.normalize("NFKC", shown)))


@pytest.mark.parametrize(
    "number", ["4111111111111111", "4111111111111111A", "KH4111111111111111", "1-110101199003071233"]
)
def test_customers_number_that_is_an_account_is_masked(number: str) -> None:
    [shown] = in_channel(Role.NUMBER, number)
    assert "****" in shown


# --- Whatever a customer's fields hold -------------------------------------------------------------------------------


class Secret(NamedTuple):
    """Something that nobody in a channel may learn: as people write it, and its digits and letters alone."""

    written: str
    bare: str


LABELS_OF_ALL = [
    "客户名称", "客户编号", "联系人", "联系电话", "手机", "固定电话", "邮箱", "详细地址", "住所", "所属区域",
    "国家/地区", "统一社会信用码", "银行账户", "开户行", "身份证", "发票抬头", "客户标签", "客户等级", "客户来源",
    "默认服务网点", "维护人员", "最近服务日期", "创建时间", "备注", "单选", "Owner", "e-mail", "",
]  # fmt: skip
SEPARATORS = [
    "",
    "",
    "",
    " ",
    "-",
    "  ",
    ".",
    "·",
    " - ",
    "/",
    "_",
    "\u200b",
    "\u00a0",
    "\u3000",
    "—",
    "    ",
    "－",
    "\t",
]
AROUND = [
    "", "客户", "：", "（", "tel:", "QQ", "\n", "1. ", "2、", "3号楼 ", "。", "／", " 转 12", "、", "和", "#", "*", "~",
    " ", "  ", "卡号 ", "()", "“", "VIP", " ICBC ", "-", "_", "、VIP1、",
]  # fmt: skip
DIGITS = st.sampled_from("0123456789")


def digits(count: int) -> st.SearchStrategy[str]:
    return st.text(DIGITS, min_size=count, max_size=count)


def card_number(body: str) -> str:
    return body + luhn.calc_check_digit(body)


def id_number(place: int, born: datetime.date, order: int) -> str:
    body = f"{place}{born:%Y%m%d}{order:03}"
    weighted = sum(int(digit) * 2 ** (17 - position) for position, digit in enumerate(body))
    return body + "10X98765432"[weighted % 11]


def credit_code(region: str, organisation: str) -> str:
    body = f"91{region}{organisation}"
    return body + uscc.calc_check_digit(body)


MOBILES = st.builds("1{}{}".format, st.sampled_from("3456789"), digits(9))
LANDLINES = st.builds("0{}{}{}".format, st.sampled_from(["10", "21", "571", "755"]), st.just("6"), digits(7))
CARDS = st.builds(
    card_number, st.integers(15, 18).flatmap(lambda count: digits(count - 1).map(lambda rest: "6" + rest))
)
ID_CARDS = st.builds(
    id_number,
    st.integers(110_000, 659_999),
    st.dates(min_value=datetime.date(1940, 1, 1), max_value=datetime.date(2020, 12, 31)),
    st.integers(0, 999),
)
CREDIT_CODES = st.builds(
    credit_code, digits(6), st.text(st.sampled_from("0123456789ABCDEFGHJKLMNPQRTUWXY"), min_size=9, max_size=9)
)
FULL_WIDTH = {code: code + 0xFEE0 for code in range(0x21, 0x7F)}
SPELLINGS: list[Callable[[str], str]] = [str, str, str.lower, lambda text: text.translate(FULL_WIDTH)]


@st.composite
def grouped(draw: st.DrawFn, bare: str) -> Secret:
    """``bare`` in groups, or with a separator between any two of its characters."""
    size, separator = draw(st.integers(1, 6)), draw(st.sampled_from(SEPARATORS))
    groups = [bare[start : start + size] for start in range(0, len(bare), size)]
    spelling = draw(st.sampled_from(SPELLINGS))
    return Secret(spelling(separator.join(groups)), bare)


NUMBERS = st.one_of(MOBILES, MOBILES, LANDLINES, CARDS, ID_CARDS, CREDIT_CODES).flatmap(grouped)
ADDRESSES = st.emails().filter(lambda mail: "*" not in mail)
MAILS = st.builds(lambda mail, spell: Secret(spell(mail), mail), ADDRESSES, st.sampled_from(SPELLINGS))


@st.composite
def texts(draw: st.DrawFn) -> tuple[str, list[Secret]]:
    """A text that holds one to three secrets, and what stands around them."""
    secrets = draw(st.lists(st.one_of(NUMBERS, NUMBERS, MAILS), min_size=1, max_size=3))
    text = draw(st.sampled_from(AROUND))
    for secret in secrets:
        # Letters that touch a code, or an address of mail, are a part of it: then it is another one.
        between = draw(st.sampled_from(AROUND))
        apart = "" if secret.bare.isdecimal() and not text[-1:].isdecimal() else " "
        text += f"{apart}{secret.written}{' ' if not secret.bare.isdecimal() else ''}{between}"
    return text, secrets


def leaked(secret: Secret, shown: str) -> bool:
    """Whether ``shown`` tells ``secret``: six of its characters in a row, or what stands before an @."""
    plain = unicodedata.normalize("NFKC", shown).upper()
    if "@" in secret.bare:
        name, _, domain = secret.bare.upper().rpartition("@")
        return f"{name[-1]}@{domain}" in plain.replace("***@", "") or secret.bare.upper() in plain
    pieces = ["".join(filter(str.isalnum, piece)) for piece in plain.split("*")]
    parts = {secret.bare[start : start + 6] for start in range(len(secret.bare) - 5)}
    return any(part in piece for part in parts for piece in pieces)


TWO_THAT_LOOK_LIKE_A_CARD = "13000000000 0 1 0 6 0 0 0 0 0 0 0"
"""The middle of it has a card's check digit: both ends must not be left over when the middle is masked."""
FIELDS = st.tuples(st.sampled_from(LABELS_OF_ALL) | st.text(max_size=6), texts(), st.sampled_from(ShowType))


@given(st.lists(FIELDS, min_size=1, max_size=4))
@settings(deadline=None, max_examples=80)
@example([("客户编号", ("13800001001A", [Secret("13800001001A", "13800001001")]), ShowType.PLAIN)])
@example([("客户名称", ("a@b.cn和x@d.cn", [Secret("x@d.cn", "x@d.cn")]), ShowType.PLAIN)])
@example([("客户名称", (TWO_THAT_LOOK_LIKE_A_CARD, [Secret("", "01060000000")]), ShowType.PLAIN)])
def test_no_contact_and_no_account_reaches_a_channel_whatever_the_field_is_called(
    fields: list[tuple[str, tuple[str, list[Secret]], ShowType]],
) -> None:
    whole = CustomerProfile("id", tuple(profile_field(key, text, kind) for key, (text, _), kind in fields))
    shown = [field.value for field in view(whole, Audience.CHANNEL).fields]
    secrets = [secret for _, (_, secrets), _ in fields for secret in secrets]
    assert not [(secret, value) for secret in secrets for value in shown if leaked(secret, value)]


@given(secret=NUMBERS | MAILS)
@settings(deadline=None, max_examples=80)
def test_value_that_is_a_contact_or_an_account_is_masked_in_every_role(secret: Secret) -> None:
    for role in Role:
        assert not [value for value in in_channel(role, secret.written) if leaked(secret, value)]


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=60))
@settings(deadline=None)
def test_channel_sees_a_text_without_numbers_and_addresses_as_it_is(text: str) -> None:
    if "@" not in unicodedata.normalize("NFKC", text) and sum(character.isalnum() for character in text) < 7:
        assert in_name(text) == text


@given(text=ANY_TEXT, role=st.sampled_from(Role))
@settings(deadline=None)
def test_any_value_can_be_shown(text: str, role: Role) -> None:
    for audience in Audience:
        view(profile((role, text)), audience)


ACCOUNTS = st.one_of(CARDS, ID_CARDS, CREDIT_CODES)


@given(
    account=ACCOUNTS,
    before=st.sampled_from(["", "卡 ", "1. ", "2、", "(", "No. 7: ", "ICBC ", "2024-05-17 "]),
    after=st.sampled_from(["", " 户", " 3 楼", " ICBC", ", 12", ")", " OK", "；18539622352"]),
)
@settings(deadline=None)
def test_asker_sees_no_account_whatever_stands_beside_it(account: str, before: str, after: str) -> None:
    assert account not in seen(Role.REMARK, f"{before}{account}{after}")


HOSTILE = ["1", "1 ", "1   ", "1a", "1@", "a@", "6222 ", "CF", "1-", "a" * 64 + " ", "*1", "ﷺ"]


@pytest.mark.parametrize("piece", HOSTILE)
@pytest.mark.parametrize("role", [Role.NAME, Role.NUMBER, Role.EMAIL, Role.REMARK])
def test_hostile_text_is_masked_in_no_time(role: Role, piece: str) -> None:
    """No expression goes back and forth over a text that nearly matches."""
    whole = profile((role, piece * (2_000 // len(piece))))
    began = time.process_time()
    for audience in Audience:
        view(whole, audience)
    assert time.process_time() - began < 2


# --- What belongs to a customer --------------------------------------------------------------------------------------

RELATED: tuple[RelatedRow, ...] = (
    Contact("id", DECOY, DECOY, DECOY, DECOY, True),
    Device("id", "id", DECOY, DECOY, DECOY, DECOY, DECOY, Warranty.IN, DECOY),
    WorkOrder("id", "id", DECOY, DECOY, DECOY, State.NEW, Pending.BOOKING, DECOY),
    WorkStep(DECOY, DECOY, DECOY, True, DECOY, DECOY),
)
NAMED_BY_THE_CRM = {"customer_id", "device_id", "order_id", "number"}


@pytest.mark.parametrize("row", RELATED, ids=lambda row: type(row).__name__)
def test_asker_sees_no_account_in_any_text_of_what_belongs_to_a_customer(row: RelatedRow) -> None:
    """But for what the CRM itself calls things by: that may look like an account's number, and is none."""
    [seen] = private_rows((row,))
    assert type(seen) is type(row)
    for name, value in row._asdict().items():
        masked = value == DECOY and name not in NAMED_BY_THE_CRM
        assert getattr(seen, name) == ("622****0128" if masked else value), name


def test_asker_sees_phones_and_everything_else_that_belongs_to_a_customer() -> None:
    rows = (Contact("id", "方经理", "13800001001", "fang@example.com", "采购"),)
    assert private_rows(rows) == rows
    assert private_rows(()) == ()


@given(ANY_TEXT, ANY_TEXT, PERSONAL)
def test_whatever_stands_around_it_a_code_is_masked_in_a_row(before: str, after: str, code: str) -> None:
    """As it is in the profile."""
    [seen] = private_rows((WorkStep(f"{before} {code} {after}", code),))
    assert isinstance(seen, WorkStep)
    field = ProfileField("备注", f"{before} {code} {after}", ShowType.PLAIN, Role.OTHER)
    assert seen.action == view(CustomerProfile("id", (field,)), Audience.PRIVATE).fields[0].value
