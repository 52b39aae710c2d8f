"""What an audience sees of a customer, and what masking and redacting leave."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.privacy import Audience, mask, redact, view
from bot.profile import CustomerProfile, ProfileField, Role, ShowType

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
