"""What an audience sees of a customer, and what masking and redacting leave."""

import re
import time
import unicodedata

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from bot.crm.envelope import customer_fields
from bot.domain.field_roles import Role
from bot.domain.inquiry import Audience
from bot.domain.profile import CustomerProfile, ProfileField, ShowType, profile_field
from bot.domain.records import Contact, Device, Pending, RecordRow, State, Warranty, WorkOrder, WorkStep
from bot.playground.fake_crm.server import DOCUMENTED_CUSTOMER, sample_customers
from bot.privacy.filter import listed_fields, private_rows, visible_profile
from bot.privacy.masking import mask, redact, without_contacts
from bot.privacy.policy import BUILT_IN, FieldPolicy
from bot.privacy.policy_file import policy_in
from tests.support.secret_strategies import ACCOUNTS, LABELS_OF_ALL, MAILS, NUMBERS, Secret, leaked, texts

PROTECTED = {Role.TAX_ID, Role.BANK_ACCOUNT, Role.ID_CARD}
ANY_TEXT = st.text(st.characters(exclude_categories=[]))
PERSONAL = st.from_regex(r"1[3-9][0-9]{9}|0[0-9]{2}-[0-9]{8}|[1-9][0-9]{16}[0-9X]|[0-9]{16,19}", fullmatch=True)
DECOY = "6222021234567890128"
ORDINARY = "2024-05-17 12:30:45 第 1234567890 号"


def profile(*roles_and_values: tuple[Role, str]) -> CustomerProfile:
    fields = (ProfileField(role.value, value, ShowType.PLAIN, role) for role, value in roles_and_values)
    return CustomerProfile("id", tuple(fields))


def seen(role: Role, value: str = DECOY) -> str:
    return visible_profile(profile((role, value)), Audience.PRIVATE, BUILT_IN).fields[0].value


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
        pytest.param("旧身份证 110105491231002", "旧身份证 110****1002", id="id card of fifteen digits"),
        pytest.param("身份证110105 491231 002。", "身份证110**** 002。", id="the same in groups"),
        pytest.param("税号 110108339719567，旧", "税号 110****9567,旧", id="tax id of fifteen digits"),
        pytest.param("个体税号110105491231002 01", "个体税号110****2 01", id="trader's tax id"),
        pytest.param("个体税号11010519491231002X01", "个体税号110****2X01", id="trader's newer tax id"),
        pytest.param("B7110108339719567K 社", "B7110108339719567K 社", id="no code, with letters before it"),
        pytest.param("13010549123 1002 室", "13010549123 1002 室", id="a mobile and a room"),
        pytest.param("运单 120105491331002", "运单 120105491331002", id="fifteen digits without a date"),
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
    shown = visible_profile(whole, Audience.PRIVATE, BUILT_IN)
    assert [field.value for field in shown.fields] == ["甲", "622****0128", "", "18539622352"]
    assert [field._replace(value="") for field in shown.fields] == [field._replace(value="") for field in whole.fields]
    assert shown.customer_id == whole.customer_id
    assert whole.fields[1].value == DECOY


@pytest.mark.parametrize("whole", [profile(), profile((Role.NAME, "甲"))], ids=["no field", "no rule"])
def test_profile_without_anything_to_mask_is_the_same_object(whole: CustomerProfile) -> None:
    assert visible_profile(whole, Audience.PRIVATE, BUILT_IN) is whole


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
def test_no_personal_number_is_left_whatever_stands_around_it(before: str, personal: str, after: str) -> None:
    redacted = redact(before + personal + after)
    assert personal not in redacted
    assert not re.search("[0-9]{6}", redacted)


@given(before=ANY_TEXT, address=st.emails(), after=ANY_TEXT)
def test_no_mail_address_is_left_whatever_stands_around_it(before: str, address: str, after: str) -> None:
    assert address not in redact(before + address + after)


def test_asker_who_has_it_revealed_sees_everything_as_the_crm_gives_it() -> None:
    whole = profile(
        (Role.NAME, f"甲 {DECOY}"), (Role.TAX_ID, DECOY), (Role.REMARK, f"卡 {DECOY}"), (Role.PICTURE, "a、b")
    )
    assert visible_profile(whole, Audience.REVEALED, BUILT_IN) is whole


def test_account_in_a_label_is_masked_too() -> None:
    field = ProfileField(f"账号 {DECOY}", "是", ShowType.PLAIN, Role.OTHER)
    [seen] = visible_profile(CustomerProfile("id", (field,)), Audience.PRIVATE, BUILT_IN).fields
    assert seen == field._replace(key="账号 622****0128")


# --- What a policy changes -------------------------------------------------------------------------------------------


def field(label: str, value: str, show_type: ShowType = ShowType.PLAIN) -> CustomerProfile:
    """A customer with one field, as the CRM gives it."""
    return CustomerProfile("id", (profile_field(label, value, show_type),))


def values(whole: CustomerProfile, audience: Audience, policy: FieldPolicy) -> list[str]:
    return [field.value for field in visible_profile(whole, audience, policy).fields]


MASKED_FORMS = {
    "a mobile": ("联系电话", "138 0000 1001", "138****1001"),
    "a landline": ("固定电话", "0571-88881234", "057****1234"),
    "a short number": ("联系电话", "10086", "****"),
    "an address of mail": ("邮箱", "zhang@qq.com", "z***@qq.com"),
    "an address of mail among words": ("邮箱", "私人 zhang@qq.com（勿扰）密码 abc", "z***@qq.com"),
    "two addresses of mail": ("邮箱", "zhang@qq.com；li@163.com", "z***@qq.com、l***@163.com"),
    "an address of mail that words touch": ("邮箱", "zhang@qq.com密码是abc", "z***@qq.com"),
    "an account": ("银行账户", "6222021234567890128", "622****0128"),
    "a full-width account": ("银行账户", "６２２２０２１２３４５６７８９０１２８", "622****0128"),
    "a short account": ("银行账户", "12345", "****"),
    "an id card": ("身份证", "11010519491231002X", "110****002X"),
    "a tax id": ("税号", "91110108339719567A", "911****567A"),
    "a remark": ("备注", "老客户，打八折，不要告诉别人", "****"),
    "a short remark": ("备注", "甲", "****"),
    "a remark with a mail address in it": ("备注", "老客户 zhang@qq.com", "****"),
    "an address": ("详细地址", "岚峤路18号3号厂房二层", "****"),
    "nothing": ("备注", "", ""),
}
ALL_MASKED = policy_in(
    "".join(
        f"[{table}]\n" + "".join(f'{role.value} = "masked"\n' for role in Role if role.value not in kept)
        for table, kept in {"private": {"name", "number", "picture"}, "channel": {"picture"}}.items()
    )
)


@pytest.mark.parametrize("audience", [Audience.PRIVATE, Audience.CHANNEL])
@pytest.mark.parametrize(("label", "value", "masked"), MASKED_FORMS.values(), ids=MASKED_FORMS.keys())
def test_masked_value_has_one_of_the_documented_forms(audience: Audience, label: str, value: str, masked: str) -> None:
    assert values(field(label, value), audience, ALL_MASKED) == [masked]


@given(text=ANY_TEXT, label=st.sampled_from(LABELS_OF_ALL))
@example(text=" ", label="统一社会信用码")
def test_mask_hides_the_length_of_the_value(text: str, label: str) -> None:
    """Twelve characters at most of an account or a phone, of blanks nothing, and of others that there is something."""
    if profile_field(label, text, ShowType.PLAIN).role is not Role.EMAIL and "@" not in unicodedata.normalize(
        "NFKC", text
    ):
        for shown in values(field(label, text), Audience.CHANNEL, ALL_MASKED):
            assert len(shown) in (0, 4, 11)
            assert "****" in shown or not shown


def test_what_a_policy_masks_for_the_asker_is_revealed_and_what_it_leaves_out_is_not() -> None:
    policy = policy_in('[private]\nphone = "masked"\nremark = "left_out"\npicture = "left_out"')
    whole = profile((Role.PHONE, "13800001001"), (Role.REMARK, "甲"), (Role.PICTURE, "https://a.example.com/1.png"))
    assert values(whole, Audience.PRIVATE, policy) == ["138****1001", "…"]
    assert values(whole, Audience.REVEALED, policy) == ["13800001001", "…"]


def test_channel_sees_what_the_operator_lists() -> None:
    policy = policy_in('[channel]\naddress = "shown"\n[channel.labels]\n"结算方式" = "shown"\n"开票" = "masked"')
    rows = {
        "详细地址": "某路 1 号",
        "结算方式": "月结",
        " 结算方式2：": "现结",
        "开票": "要",
        "备注": "甲",
        "单选": "乙",
    }
    whole = CustomerProfile("id", tuple(profile_field(key, value, ShowType.PLAIN) for key, value in rows.items()))
    assert values(whole, Audience.CHANNEL, policy) == ["某路 1 号", "月结", "现结", "****"]


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("月结，找 13800001001", ["月结,找 138****1001"]),
        ("138-0000-1001", ["138****1001"]),
        ("zhang@qq.com", ["z***@qq.com"]),
        ("月结 zhang@qq.com", ["月结 z***@qq.com"]),
        (DECOY, []),
        ("110105491231002", []),
        (f"打到 {DECOY}", ["打到 622****0128"]),
    ],
)
def test_what_stands_under_a_listed_label_is_recognised_by_its_value(value: str, shown: list[str]) -> None:
    """A phone there is masked as phones are, an account is left out as accounts are."""
    policy = policy_in('[channel.labels]\n"结算方式" = "shown"')
    assert values(field("结算方式", value), Audience.CHANNEL, policy) == shown


def test_account_under_a_label_that_the_asker_may_see_is_masked() -> None:
    policy = policy_in('[private.labels]\n"结算方式" = "shown"')
    assert values(field("结算方式", DECOY), Audience.PRIVATE, policy) == ["622****0128"]


@pytest.mark.parametrize("show_type", [ShowType.RECEIPT_PICTURE, ShowType.SIGNATURE])
def test_pictures_under_a_listed_label_are_counted_all_the_same(show_type: ShowType) -> None:
    policy = policy_in('[channel.labels]\n"回单" = "shown"')
    whole = field("回单", "https://a.example.com/1.png、https://a.example.com/2.png", show_type)
    assert values(whole, Audience.CHANNEL, policy) == ["…、…"]


def test_listed_fields_are_those_that_no_channel_sees_otherwise() -> None:
    rows = {"客户名称": "甲", "联系电话": "13800001001", "详细地址": "某路 1 号", "单选": "", "结算方式": "月结"}
    whole = CustomerProfile("id", tuple(profile_field(key, value, ShowType.PLAIN) for key, value in rows.items()))
    policy = policy_in('[channel]\naddress = "shown"\nother = "shown"')
    assert listed_fields(visible_profile(whole, Audience.CHANNEL, BUILT_IN)) == ()
    listed = listed_fields(visible_profile(whole, Audience.CHANNEL, policy))
    assert [field.key for field in listed] == ["详细地址", "结算方式"]


CONTACT = Contact("id", "方经理", "13800001001", "fang@example.com", "采购")


@pytest.mark.parametrize(
    ("rule", "seen"),
    [
        ('phone = "masked"', CONTACT._replace(telephone="138****1001")),
        ('phone = "left_out"', CONTACT._replace(telephone="")),
        ('email = "masked"', CONTACT._replace(mail="f***@example.com")),
        ('contact = "masked"', CONTACT._replace(name="****")),
        ('landline = "masked"', CONTACT),
    ],
)
def test_what_a_policy_says_of_contacts_holds_for_those_that_belong_to_a_customer(rule: str, seen: Contact) -> None:
    assert private_rows((CONTACT,), policy_in(f"[private]\n{rule}")) == (seen,)


def test_phone_in_another_column_is_a_phone() -> None:
    policy = policy_in('[private]\nphone = "masked"\nbank_account = "left_out"')
    row = Contact("id", "13800001001", DECOY, "", "138.0000.1001")
    assert private_rows((row,), policy) == (Contact("id", "138****1001", "", "", "138****1001"),)


# --- What everybody in a channel sees --------------------------------------------------------------------------------

FOR_EVERYBODY = {
    Role.NAME, Role.NUMBER, Role.TAGS, Role.LEVEL, Role.REGION, Role.OUTLET, Role.OWNER, Role.LAST_SERVICE,
}  # fmt: skip
CONTACTS = {Role.PHONE, Role.LANDLINE, Role.EMAIL}
WHATEVER = "上海 VIP 张三"


def in_channel(role: Role, value: str) -> list[str]:
    return [field.value for field in visible_profile(profile((role, value)), Audience.CHANNEL, BUILT_IN).fields]


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
        [field] = visible_profile(profile((Role.PICTURE, value)), Audience.CHANNEL, BUILT_IN).fields
        assert not re.search("[0-9a-z/]", field.value)
        assert len(CustomerProfile("id", (field,)).pictures) == count


def test_channel_sees_the_rest_as_it_is() -> None:
    """Labels, order and roles; and the profile that was given stays whole."""
    whole = profile((Role.NAME, "甲"), (Role.ADDRESS, "某路 1 号"), (Role.PHONE, "18539622352"), (Role.LEVEL, "VIP"))
    seen_there = visible_profile(whole, Audience.CHANNEL, BUILT_IN)
    assert [(field.key, field.value) for field in seen_there.fields] == [
        ("name", "甲"), ("phone", "185****2352"), ("level", "VIP"),
    ]  # fmt: skip
    assert seen_there.customer_id == whole.customer_id
    assert whole.fields[2].value == "18539622352"


def test_channel_sees_the_documented_customer_like_this() -> None:
    [customer] = [entry for entry in sample_customers() if entry["id"] == DOCUMENTED_CUSTOMER]
    whole = CustomerProfile(DOCUMENTED_CUSTOMER, customer_fields(customer["rows"]))
    shown = {
        field.key: field.value for field in visible_profile(whole, Audience.CHANNEL, BUILT_IN).fields if field.value
    }
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
    "a landline in brackets": ("(0571)8888-1234", "057****1234"),
    "two mobiles": ("13800001001、18539622352", "138****2352"),
    "an address of mail": ("张三 zhang.san@example.com", "张三 z***@example.com"),
    "an address of mail behind a label": ("邮箱:zhang@qq.com", "邮箱:z***@qq.com"),
    "an address of mail behind Chinese": ("邮箱zhang@qq.com", "邮箱z***@qq.com"),
    "a mobile as an address of mail": ("13800001001@139.com", "1***@139.com"),
    "an address of mail with blanks": ("zhang @ qq.com", "z***@qq.com"),
    "an address of mail behind an at sign": ("微信@zhang@qq.com", "微信@z***@qq.com"),
    "two addresses of mail": ("zhang@qq.com, li@163.com", "z***@qq.com, l***@163.com"),
    "an address of mail with a slash in it": ("a/b@example.com", "a***@example.com"),
    "an address of mail with a bar in it": ("a|b@example.com", "a***@example.com"),
    "an address of mail that ends with a bar": ("a|@example.com", "a***@example.com"),
    "a bank card": ("卡 6222021234567890128", "卡 622****0128"),
    "an id card": ("身份证11010519491231002X", "身份证110****002X"),
    "a mobile in an account of WeChat": ("微信 wx13800001001", "微信 138****1001"),
    "a mobile that is an account of WeChat": ("微信同号：138_0000_1001", "微信同号:138****1001"),
    "a mobile with +86 and dots": ("+86.138.0000.1001", "861****1001"),
    "a mobile with 0086": ("0086 138 0000 1001", "008****1001"),
    "a mobile with characters that are not seen": ("138\u31640000\u31641001", "138****1001"),
    "a mobile in circles": ("①③⑧⓪⓪⓪⓪①⓪⓪①", "138****1001"),
    "an id card of fifteen digits": ("证 110105491231002", "证 110****1002"),
    "an old tax id": ("税 11010833971976X", "税 110****976X"),
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


TWO_THAT_LOOK_LIKE_A_CARD = "13000000000 0 1 0 6 0 0 0 0 0 0 0"
"""The middle of it has a card's check digit: both ends must not be left over when the middle is masked."""
FIELDS = st.tuples(st.sampled_from(LABELS_OF_ALL) | st.text(max_size=5), texts(), st.sampled_from(ShowType))
"""Six characters of a secret count as leaked: a made-up label of six, such as 000000, would by itself."""


@given(st.lists(FIELDS, min_size=1, max_size=4))
@settings(max_examples=80)
@example([("客户编号", ("13800001001A", [Secret("13800001001A", "13800001001")]), ShowType.PLAIN)])
@example([("客户名称", ("a@b.cn和x@d.cn", [Secret("x@d.cn", "x@d.cn")]), ShowType.PLAIN)])
@example([("客户名称", (TWO_THAT_LOOK_LIKE_A_CARD, [Secret("", "01060000000")]), ShowType.PLAIN)])
def test_no_contact_and_no_account_reaches_a_channel_whatever_the_field_is_called(
    fields: list[tuple[str, tuple[str, list[Secret]], ShowType]],
) -> None:
    whole = CustomerProfile("id", tuple(profile_field(key, text, kind) for key, (text, _), kind in fields))
    shown = [
        text for field in visible_profile(whole, Audience.CHANNEL, BUILT_IN).fields for text in (field.key, field.value)
    ]
    secrets = [secret for _, (_, secrets), _ in fields for secret in secrets]
    assert not [(secret, value) for secret in secrets for value in shown if leaked(secret, value)]


@given(secret=NUMBERS | MAILS)
@settings(max_examples=80)
def test_no_label_tells_a_channel_a_contact_or_an_account(secret: Secret) -> None:
    for role in Role:
        whole = CustomerProfile("id", (ProfileField(secret.written, "甲", ShowType.PLAIN, role),))
        shown = [field.key for field in visible_profile(whole, Audience.CHANNEL, BUILT_IN).fields]
        assert not [key for key in shown if leaked(secret, key)]


@given(secret=NUMBERS | MAILS)
@settings(max_examples=80)
def test_value_that_is_a_contact_or_an_account_is_masked_in_every_role(secret: Secret) -> None:
    for role in Role:
        assert not [value for value in in_channel(role, secret.written) if leaked(secret, value)]


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=60))
def test_channel_sees_a_text_without_numbers_and_addresses_as_it_is(text: str) -> None:
    if "@" not in unicodedata.normalize("NFKC", text) and sum(character.isalnum() for character in text) < 7:
        assert in_name(text) == text


@given(text=ANY_TEXT, role=st.sampled_from(Role))
def test_any_value_can_be_shown(text: str, role: Role) -> None:
    for audience in Audience:
        visible_profile(profile((role, text)), audience, BUILT_IN)


@given(
    account=ACCOUNTS,
    before=st.sampled_from(["", "卡 ", "1. ", "2、", "(", "No. 7: ", "ICBC ", "2024-05-17 "]),
    after=st.sampled_from(["", " 户", " 3 楼", " ICBC", ", 12", ")", " OK", "；18539622352"]),
)
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
        visible_profile(whole, audience, BUILT_IN)
    assert time.process_time() - began < 2


# --- What belongs to a customer --------------------------------------------------------------------------------------

RELATED: tuple[RecordRow, ...] = (
    Contact("id", DECOY, DECOY, DECOY, DECOY, True),
    Device("id", "id", DECOY, DECOY, DECOY, DECOY, DECOY, Warranty.IN, DECOY),
    WorkOrder("id", "id", DECOY, DECOY, DECOY, State.NEW, Pending.BOOKING, DECOY),
    WorkStep(DECOY, DECOY, DECOY, True, DECOY, DECOY),
)
NAMED_BY_THE_CRM = {"customer_id", "device_id", "order_id", "number"}


@pytest.mark.parametrize("row", RELATED, ids=lambda row: type(row).__name__)
def test_asker_sees_no_account_in_any_text_of_what_belongs_to_a_customer(row: RecordRow) -> None:
    """But for what the CRM itself calls things by: that may look like an account's number, and is none."""
    [seen] = private_rows((row,), BUILT_IN)
    assert type(seen) is type(row)
    for name, value in row._asdict().items():
        masked = value == DECOY and name not in NAMED_BY_THE_CRM
        assert getattr(seen, name) == ("622****0128" if masked else value), name


def test_asker_sees_phones_and_everything_else_that_belongs_to_a_customer() -> None:
    rows = (Contact("id", "方经理", "13800001001", "fang@example.com", "采购"),)
    assert private_rows(rows, BUILT_IN) == rows
    assert private_rows((), BUILT_IN) == ()


@given(ANY_TEXT, ANY_TEXT, PERSONAL)
def test_whatever_stands_around_it_a_code_is_masked_in_a_row(before: str, after: str, code: str) -> None:
    """As it is in the profile."""
    [seen] = private_rows((WorkStep(f"{before} {code} {after}", code),), BUILT_IN)
    assert isinstance(seen, WorkStep)
    field = ProfileField("备注", f"{before} {code} {after}", ShowType.PLAIN, Role.OTHER)
    assert seen.action == visible_profile(CustomerProfile("id", (field,)), Audience.PRIVATE, BUILT_IN).fields[0].value
