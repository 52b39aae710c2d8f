"""What a field of the CRM's is: by its label, and by its value where the label does not tell."""

import datetime
import re
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.crm.envelope import customer_fields
from bot.domain.field_roles import (
    PROTECTED,
    Role,
    dialable,
    kind_of_value,
    names_an_account,
    protected_role,
    role_of_label,
)
from bot.domain.profile import CustomerProfile, ShowType, pictures_in, profile_field, role_of
from bot.playground.fake_crm.server import DOCUMENTED_CUSTOMER, sample_customers

ANY_TEXT = st.text(st.characters(exclude_categories=[]), max_size=80)
CODE_LIKE = st.text(st.sampled_from("0123456789０１９ABCDEFXYxa+-() @._。–"), max_size=70)
"""Texts that look like phones, cards and codes, and are mostly none."""
LABELS = ["客户名称", "客户编号", "联系人", "联系电话", "开户行", "身份证", "客户标签", "备注", "单选", ""]


def role(key: str, value: str = "文字", show_type: ShowType = ShowType.PLAIN) -> Role:
    return role_of(show_type, key, value)


def by_value(value: str) -> Role:
    """What a value is under a label that tells nothing."""
    return role("单选", value)


def profile(*fields: tuple[str, str]) -> CustomerProfile:
    return CustomerProfile("id", tuple(profile_field(key, value, ShowType.PLAIN) for key, value in fields))


def tags_of(value: str) -> tuple[str, ...]:
    return profile(("客户标签", value)).tags


DOCUMENTED = {
    "客户编号": Role.NUMBER,
    "客户名称": Role.NAME,
    "联系人": Role.CONTACT,
    "联系电话": Role.PHONE,
    "邮箱": Role.EMAIL,
    "固定电话": Role.LANDLINE,
    "统一社会信用码": Role.TAX_ID,
    "住所": Role.REGISTERED_ADDRESS,
    "发票抬头": Role.INVOICE,
    "开户行": Role.BANK,
    "银行账户": Role.BANK_ACCOUNT,
    "备注": Role.REMARK,
    "国家/地区": Role.COUNTRY,
    "所属区域": Role.REGION,
    "详细地址": Role.ADDRESS,
    "默认服务网点": Role.OUTLET,
    "维护人员": Role.OWNER,
    "客户标签": Role.TAGS,
    "客户来源": Role.SOURCE,
    "客户等级": Role.LEVEL,
    "发票类型": Role.INVOICE,
    "单选": Role.OTHER,
    "创建时间": Role.CREATED,
    "最近服务日期": Role.LAST_SERVICE,
}


def test_every_field_of_the_documented_customer_plays_its_part() -> None:
    [customer] = [entry for entry in sample_customers() if entry["id"] == DOCUMENTED_CUSTOMER]
    assert {field.key: field.role for field in customer_fields(customer["rows"])} == DOCUMENTED


@pytest.mark.parametrize(("label", "expected"), DOCUMENTED.items())
def test_documented_label_tells_the_part_even_of_an_empty_field(label: str, expected: Role) -> None:
    assert role(label, "") is expected


@pytest.mark.parametrize(
    "label",
    [
        "联系电话：",
        "*联系电话",
        " 联系 电话 ",
        "联系电话\n:",
        "手机号",
        "Mobile",
        "ＭＯＢＩＬＥ",
        "TELEPHONE",
        "phone*：",
        "联系电话2",
        "联系电话 ２",
        "联系电话2：",
    ],
)
def test_label_is_read_without_what_forms_add_to_it(label: str) -> None:
    assert role(label) is Role.PHONE


@pytest.mark.parametrize(
    ("label", "expected"),
    [
        ("法人身份证号", Role.ID_CARD),
        ("证件号（本人）", Role.ID_CARD),
        ("开票税号", Role.TAX_ID),
        ("三证合一信用代码", Role.TAX_ID),
        ("收款账号", Role.BANK_ACCOUNT),
        ("开户行帐号", Role.BANK_ACCOUNT),
        ("老板银行卡", Role.BANK_ACCOUNT),
        ("账户", Role.BANK_ACCOUNT),
        ("微信账号", Role.OTHER),
        ("账期", Role.OTHER),
    ],
)
def test_part_of_a_label_tells_what_has_to_be_protected(label: str, expected: Role) -> None:
    """Many such numbers have no check digit: the label alone tells."""
    assert role(label, "12345") is expected


@pytest.mark.parametrize("label", ["电话号码簿", "e", "", "客户", "名称"])
def test_part_of_a_label_tells_nothing(label: str) -> None:
    assert role(label) is Role.OTHER


@pytest.mark.parametrize(
    ("show_type", "expected"),
    [
        (ShowType.PLAIN, Role.PHONE),
        (ShowType.RECEIPT_PICTURE, Role.PICTURE),
        (ShowType.SERVICE_ITEMS, Role.PARTS),
        (ShowType.PARTS_USED, Role.PARTS),
        (ShowType.PARTS_RETURNED, Role.PARTS),
        (ShowType.SIGNATURE, Role.PICTURE),
        (ShowType.TAGS, Role.TAGS),
    ],
    ids=lambda case: case.name,
)
def test_show_type_tells_more_than_the_label(show_type: ShowType, expected: Role) -> None:
    assert role("联系电话", show_type=show_type) is expected


VALUES = {
    "a mobile": ("18539622352", Role.PHONE),
    "a mobile with +86": ("+86 185-3962-2352", Role.PHONE),
    "a mobile with +86 and no gap": ("+8618539622352", Role.PHONE),
    "a mobile with 0086": ("008618539622352", Role.PHONE),
    "a mobile in groups": ("185 3962 2352", Role.PHONE),
    "a mobile with dashes": ("185-3962-2352", Role.PHONE),
    "a full-width mobile": ("１８５３９６２２３５２", Role.PHONE),
    "a full-width mobile with +86": ("＋８６　１８５－３９６２－２３５２", Role.PHONE),
    "a mobile between blanks": ("  18539622352\n", Role.PHONE),
    "a number of another country": ("+1 650-253-0000", Role.PHONE),
    "a landline of seven digits": ("0108888888", Role.LANDLINE),
    "a landline of eight digits": ("01088888888", Role.LANDLINE),
    "a landline with a dash": ("010-88888888", Role.LANDLINE),
    "a landline with +86": ("+86 21 6888 8888", Role.LANDLINE),
    "an address of mail": ("zhang.san+1@mail.example.com", Role.EMAIL),
    "a full-width address of mail": ("ｚｈａｎｇ＠ｅｘａｍｐｌｅ．ｃｏｍ", Role.EMAIL),
    "an id card": ("110101199003071233", Role.ID_CARD),
    "an id card that ends in X": ("44200019900307123X", Role.ID_CARD),
    "an id card that ends in x": ("44200019900307123x", Role.ID_CARD),
    "an id card in groups": ("110101 19900307 1233", Role.ID_CARD),
    "a full-width id card": ("１１０１０１１９９００３０７１２３３", Role.ID_CARD),
    "an id card of one who is older than the city": ("441900198506121239", Role.ID_CARD),
    "a residence permit of Hong Kong": ("810000199003071237", Role.ID_CARD),
    "an id card of a place that was never heard of": ("460154199003071236", Role.ID_CARD),
    "an id card with a wrong check digit": ("110101199003071234", Role.OTHER),
    "a mobile with dots": ("138.0000.1001", Role.PHONE),
    "a mobile in groups with 0086": ("0086 138 0000 1001", Role.PHONE),
    "a mobile with +86 and dots": ("+86.138.0000.1001", Role.PHONE),
    "a landline in brackets": ("(0571) 8888-1234", Role.LANDLINE),
    "a landline with an extension": ("0571-88881234 转 801", Role.LANDLINE),
    "an address in a network": ("139.196.123.45", Role.OTHER),
    "a service number": ("4008001234", Role.OTHER),
    "an id card of fifteen digits": ("110105491231002", Role.ID_CARD),
    "an id card of fifteen digits in groups": ("110105 491231 002", Role.ID_CARD),
    "fifteen digits of no province": ("160105491231002", Role.OTHER),
    "fifteen digits with a thirteenth month": ("120105491331002", Role.OTHER),
    "a mobile and a room": ("13010549123 1002", Role.OTHER),
    "a tax id of fifteen digits": ("110108339719567", Role.TAX_ID),
    "a tax id of fifteen digits with an X": ("11010833971976x", Role.TAX_ID),
    "a trader's tax id": ("11010549123100201", Role.TAX_ID),
    "a trader's newer tax id": ("11010519491231002X01", Role.TAX_ID),
    "an id card of the thirtieth of February": ("110101199002301236", Role.OTHER),
    "a credit code": ("91110108339719567A", Role.TAX_ID),
    "a credit code in groups": ("91110108 3397 1956 7A", Role.TAX_ID),
    "a full-width credit code": ("９１１１０１０８３３９７１９５６７Ａ", Role.TAX_ID),
    "a bank card": ("6222021234567890128", Role.BANK_ACCOUNT),
    "a bank card in groups": ("4111 1111-1111 1111", Role.BANK_ACCOUNT),
    "a card number with a wrong check digit": ("6222021234567890129", Role.OTHER),
    "a short number": ("10086", Role.OTHER),
    "a date": ("2020-01-21", Role.OTHER),
    "a time": ("2020/4/29 16:20:16", Role.OTHER),
    "a price": ("1280.50", Role.OTHER),
    "a number that is no phone's": ("00000000000", Role.OTHER),
    "a code that no one dials": ("+999 123456789", Role.OTHER),
    "a customer number": ("CF00000179", Role.OTHER),
    "a phone in a sentence": ("请拨打18539622352", Role.OTHER),
    "no mail address": ("a@b", Role.OTHER),
    "text past sixty characters": ("18539622352" + " " * 50, Role.OTHER),
    "text of sixty characters": ("18539622352" + " " * 49, Role.PHONE),
}


@pytest.mark.parametrize(("value", "expected"), VALUES.values(), ids=VALUES.keys())
def test_value_tells_the_part_where_the_label_does_not(value: str, expected: Role) -> None:
    assert by_value(value) is expected


SENSITIVE = {
    "id card": ("110101199003071233", Role.ID_CARD),
    "credit code": ("91110108339719567A", Role.TAX_ID),
    "bank card": ("6222021234567890128", Role.BANK_ACCOUNT),
}


@pytest.mark.parametrize("label", ["打款信息", "备注", "联系人", "联系电话", "详细地址", "开户行", "创建时间", ""])
@pytest.mark.parametrize(("value", "expected"), SENSITIVE.values(), ids=SENSITIVE.keys())
def test_value_to_be_protected_is_recognised_under_any_label(label: str, value: str, expected: Role) -> None:
    assert role(label, value) is expected


@pytest.mark.parametrize("show_type", ShowType, ids=lambda show_type: show_type.name)
@pytest.mark.parametrize(("value", "expected"), SENSITIVE.values(), ids=SENSITIVE.keys())
def test_value_to_be_protected_is_recognised_under_any_show_type(
    show_type: ShowType, value: str, expected: Role
) -> None:
    assert role("单选", value, show_type) is expected


@pytest.mark.parametrize("label", ["统一社会信用码", "银行账户", "身份证号"])
@pytest.mark.parametrize("value", [*(value for value, _ in SENSITIVE.values()), "18539622352", "无"])
def test_label_of_what_is_protected_says_what_it_is(label: str, value: str) -> None:
    """Whatever was typed there: it is masked all the same."""
    assert role(label, value) is role(label, "")


def test_name_and_number_stay_what_they_are() -> None:
    """Whatever their value looks like."""
    values = [value for value, _ in VALUES.values()]
    assert {role("客户名称", value) for value in values} == {Role.NAME}
    assert {role("客户编号", value) for value in values} == {Role.NUMBER}


@pytest.mark.parametrize("label", ["单选", "备注", "联系人", "客户来源"])
@pytest.mark.parametrize(
    ("value", "expected"), [("18539622352", Role.PHONE), ("01088888888", Role.LANDLINE), ("a@b.cn", Role.EMAIL)]
)
def test_phone_and_mail_are_recognised_where_people_type_anything(label: str, value: str, expected: Role) -> None:
    assert role(label, value) is expected


@pytest.mark.parametrize(
    ("label", "expected"),
    [("联系电话", Role.PHONE), ("固定电话", Role.LANDLINE), ("邮箱", Role.EMAIL), ("详细地址", Role.ADDRESS)],
)
@pytest.mark.parametrize("value", ["18539622352", "01088888888", "a@b.cn"])
def test_phone_and_mail_leave_a_telling_label_its_part(label: str, expected: Role, value: str) -> None:
    assert role(label, value) is expected


def test_labels_that_recur_are_one_text_in_memory() -> None:
    first, second = (profile_field("".join(["单", "选", "框"]), "", ShowType.PLAIN) for _ in range(2))
    assert first.key is second.key


def test_first_is_the_first_value_of_a_role_that_is_not_empty() -> None:
    customer = profile(("联系电话", ""), ("手机", "13800001001"), ("联系电话", "13800001002"), ("客户名称", "甲"))
    assert customer.first(Role.PHONE) == "13800001001"
    assert customer.first(Role.EMAIL) == ""


def test_name_and_number_of_a_customer() -> None:
    customer = profile(("单选", "x"), ("客户编号", "CF00000179"), ("客户名称", ""), ("公司名称", "甲"))
    assert (customer.name, customer.number) == ("甲", "CF00000179")
    assert (profile().name, profile().number) == ("", "")


@pytest.mark.parametrize(
    ("value", "tags"),
    [
        pytest.param("普通客户、VIP客户、高级客户", ("普通客户", "VIP客户", "高级客户"), id="as documented"),
        pytest.param("a,b，c;d；e\nf", ("a", "b", "c", "d", "e", "f"), id="other separators"),
        pytest.param(" a 、、 b、", ("a", "b"), id="blanks and empty ones"),
        pytest.param("a b", ("a b",), id="a blank inside"),
        pytest.param("、", (), id="separators alone"),
        pytest.param("", (), id="empty"),
    ],
)
def test_tags_are_split_at_the_separators(value: str, tags: tuple[str, ...]) -> None:
    assert tags_of(value) == tags
    assert profile().tags == ()


@pytest.mark.parametrize(
    ("value", "digits"),
    [
        ("18539622352", "18539622352"),
        (" 185 3962-2352 ", "18539622352"),
        ("+86 (185) 3962 2352", "+8618539622352"),
        ("１８５３９６２２３５２", "18539622352"),
        ("010-8888888", "0108888888"),
        ("0108888888", "0108888888"),
        ("400-071-2899", "4000712899"),
        ("1008611", "1008611"),
        ("100861", None),
        ("18539622352 转 801", None),
        ("18539622352、13800001001", None),
        ("1" * 23, None),
        ("18539622352" + " " * 100 + "转 801", None),
        ("+", None),
        ("电话", None),
        ("", None),
    ],
)
def test_digits_to_dial_are_given_for_a_phone_number_alone(value: str, digits: str | None) -> None:
    assert dialable(value) == digits


@given(show_type=st.sampled_from(ShowType), key=st.sampled_from(LABELS) | ANY_TEXT, value=ANY_TEXT | CODE_LIKE)
def test_any_field_has_a_role(show_type: ShowType, key: str, value: str) -> None:
    """An empty value changes nothing, and a value changes no name and no number."""
    found = role_of(show_type, key, value)
    by_label = role_of(show_type, key, "")
    if by_label in (Role.NAME, Role.NUMBER):
        assert found is by_label
    assert found in {by_label, Role.ID_CARD, Role.TAX_ID, Role.BANK_ACCOUNT, Role.PHONE, Role.LANDLINE, Role.EMAIL}


@given(
    place=st.integers(100_000, 999_999),
    born=st.dates(min_value=datetime.date(1900, 1, 1), max_value=datetime.date(2099, 12, 31)),
    order=st.integers(0, 999),
)
def test_every_id_card_is_recognised_wherever_it_was_issued(place: int, born: datetime.date, order: int) -> None:
    """The check digit is that of GB 11643: weights are the powers of two modulo eleven."""
    digits = f"{place}{born:%Y%m%d}{order:03}"
    weighted = sum(int(digit) * 2 ** (17 - position) for position, digit in enumerate(digits))
    assert by_value(digits + "10X98765432"[weighted % 11]) is Role.ID_CARD


@given(ANY_TEXT | CODE_LIKE)
def test_what_can_be_dialled_is_digits_of_the_value(value: str) -> None:
    digits = dialable(value)
    if digits is not None:
        assert re.fullmatch(r"\+?[0-9]{2,23}", digits)
        assert digits in re.sub("[^0-9+]", "", unicodedata.normalize("NFKC", value))


@given(ANY_TEXT)
def test_tags_are_never_empty_and_all_in_the_value(value: str) -> None:
    assert all(tag and tag == tag.strip() and tag in value for tag in tags_of(value))


def test_pictures_of_receipts_and_signatures_are_counted_one_by_one() -> None:
    """Several addresses come as one text, joined as the CRM joins lists."""
    rows = (
        profile_field(
            "回单图片", "https://p.example.com/1.jpg、https://p.example.com/2,3.jpg", ShowType.RECEIPT_PICTURE
        ),
        profile_field("客户签名", "https://p.example.com/4.png", ShowType.SIGNATURE),
        profile_field("回单图片", "", ShowType.RECEIPT_PICTURE),
    )
    assert [address[-5:] for address in CustomerProfile("id", rows).pictures] == ["1.jpg", "3.jpg", "4.png"]


def test_pictures_are_those_of_fields_that_are_pictures() -> None:
    """An address in another field is a text."""
    address = "https://p.example.com/1.jpg"
    picture = profile_field("客户签名", f"{address}、\n{address}、", ShowType.SIGNATURE)
    assert pictures_in(picture) == (address, address)
    assert pictures_in(profile_field("备注", address, ShowType.PLAIN)) == ()
    assert pictures_in(picture._replace(value="")) == ()


@pytest.mark.parametrize(("value", "expected"), VALUES.values(), ids=VALUES.keys())
def test_kind_of_a_value_needs_no_label(value: str, expected: Role) -> None:
    assert kind_of_value(value) is (None if expected is Role.OTHER else expected)


@pytest.mark.parametrize("value", [value for value, _ in SENSITIVE.values()])
@pytest.mark.parametrize("separator", [" ", "-", ".", "/", "_", " - ", "\u00a0"])
def test_protected_code_is_one_whatever_stands_between_its_digits(value: str, separator: str) -> None:
    groups = [value[start : start + 4] for start in range(0, len(value), 4)]
    assert protected_role(separator.join(groups))
    assert protected_role(separator.join([*groups, "1"])) is None


@pytest.mark.parametrize("value", ["", "18539622352", "CF00000179", "zhang@qq.com", "2024-05-17 12:30:45", "客户"])
def test_contact_is_no_protected_code(value: str) -> None:
    assert protected_role(value) is None


OFFICIAL_NUMBERS = {
    Role.TAX_ID: (
        "纳税人编号、税登号、统一代码、营业执照号、营业执照注册号、注册号、工商注册号、组织机构代码、机构代码、"
        "統一社會信用代碼、統一編號、稅號、Tax No.、VAT No.、Tax Registration Number、USCC、税务登记证号、"
        "社会信用代码、纳税人识别码"
    ),
    Role.ID_CARD: (
        "身分证、身份證、身份證號碼、身分證字號、证件编号、证件、法人证件、ID号、ID Card No.、ID Number、"
        "Passport No.、护照号码、港澳通行证、台胞证、驾驶证号、驾照、社保号、SFZ、法人身份证"
    ),
    Role.BANK_ACCOUNT: (
        "账号信息、账户号码、公司账号、公司账户、基本户账号、开户行/账号、账号、开户银行及账号、开户行和账号、"
        "汇款账号、转账账号、退款卡号、卡号、工资卡、銀行帳號、帳號、銀行卡號、Bank Account No.、Account No、"
        "Account Number、A/C No.、IBAN、支付宝、支付宝账号、银行 账号（必填）、银行帐户2"
    ),
}
NO_SUCH_NUMBERS = (
    "账户名称、开户名、证件类型、身份证地址、登录账号、系统账号、税率、注册地址、注册时间、注册资金、设备编号、"
    "合同编号、型号、序列号、会员卡号、房号、银行名称、Tax Rate"
)


@pytest.mark.parametrize(
    ("label", "role"), [(label, role) for role, labels in OFFICIAL_NUMBERS.items() for label in labels.split("、")]
)
def test_label_of_an_official_number_is_known_by_its_end(label: str, role: Role) -> None:
    assert role_of_label(label) is role


@pytest.mark.parametrize("label", NO_SUCH_NUMBERS.split("、"))
def test_label_of_something_else_is_none_of_those(label: str) -> None:
    assert role_of_label(label) not in PROTECTED
    assert not names_an_account(label)


@pytest.mark.parametrize(
    "label",
    [
        "开户行",
        "开户信息",
        "银行信息",
        "打款信息",
        "收款信息",
        "付款信息",
        "开票资料",
        "开票信息",
        "開戶銀行",
        "收款方式",
    ],
)
def test_label_of_a_text_that_names_an_account(label: str) -> None:
    assert names_an_account(label)
