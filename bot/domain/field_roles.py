"""The roles of a customer's fields (name, phone, tax id, …), recognised by their labels and their values.

The CRM sends labels for people (联系电话), not codes, and every tenant adds its own.
"""

import re
from enum import StrEnum
from threading import Lock
from typing import Final

from cachetools import LRUCache, cached
from phonenumbers import PhoneNumberType, number_type, parse

from bot.domain.normalise import folded, mail_address, plain_characters
from bot.domain.official_numbers import MOBILE_AND_MORE, SHORTEST, is_bank_card, is_id_card, is_tax_id
from bot.domain.phones import e164


class Role(StrEnum):
    """What a field is; the words of the policy file."""

    NAME = "name"
    NUMBER = "number"
    CONTACT = "contact"
    PHONE = "phone"
    LANDLINE = "landline"
    EMAIL = "email"
    ADDRESS = "address"
    REGISTERED_ADDRESS = "registered_address"
    REGION = "region"
    COUNTRY = "country"
    TAX_ID = "tax_id"
    BANK_ACCOUNT = "bank_account"
    BANK = "bank"
    ID_CARD = "id_card"
    INVOICE = "invoice"
    TAGS = "tags"
    LEVEL = "level"
    SOURCE = "source"
    OUTLET = "outlet"
    OWNER = "owner"
    LAST_SERVICE = "last_service"
    CREATED = "created"
    REMARK = "remark"
    PICTURE = "picture"
    PARTS = "parts"
    OTHER = "other"


IDENTITY: Final = frozenset({Role.NAME, Role.NUMBER})
PROTECTED: Final = frozenset({Role.TAX_ID, Role.BANK_ACCOUNT, Role.ID_CARD})
"""The roles whose values are masked for everyone, until the asker reveals them."""

_LABELS = {
    Role.NAME: "客户名称 客户姓名 公司名称 customername",
    Role.NUMBER: "客户编号 客户编码 customernumber",
    Role.CONTACT: "联系人 联系人姓名 contact contactname",
    Role.PHONE: "联系电话 联系手机 手机 手机号 手机号码 电话 电话号码 联系方式 phone mobile tel telephone cellphone",
    Role.LANDLINE: "固定电话 座机 办公电话 landline",
    Role.EMAIL: "邮箱 电子邮箱 电子邮件 邮箱地址 邮件 email e-mail mail",
    Role.ADDRESS: "详细地址 地址 联系地址 收货地址 address",
    Role.REGISTERED_ADDRESS: "住所 注册地址",
    Role.REGION: "所属区域 区域 省市区 area region",
    Role.COUNTRY: "国家/地区 国家 country",
    Role.TAX_ID: "统一社会信用码 统一社会信用代码 纳税人识别号 纳税人识别码 税务登记号 税号 taxid",
    Role.BANK_ACCOUNT: "银行账户 银行账号 银行卡号 账号 账户 开户账号 对公账户 开户行及账号 bankaccount",
    Role.BANK: "开户行 开户银行 bank",
    Role.ID_CARD: "身份证 身份证号 身份证号码 证件号码 idcard",
    Role.INVOICE: "发票抬头 发票类型 invoicetitle",
    Role.TAGS: "客户标签 标签 tags",
    Role.LEVEL: "客户等级 客户级别 等级 level",
    Role.SOURCE: "客户来源 来源 source",
    Role.OUTLET: "默认服务网点 服务网点 outlet",
    Role.OWNER: "维护人员 负责人 客户经理 owner",
    Role.LAST_SERVICE: "最近服务日期 最近服务时间 lastservice",
    Role.CREATED: "创建时间 创建日期 createtime",
    Role.REMARK: "备注 remark",
}
_ROLE_OF_LABEL = {label: role for role, labels in _LABELS.items() for label in labels.split()}
_ENDS_OF_LABELS: Final = "(?:字?号码?|编号|编码|信息|no|number)*$"
_PROTECTED_LABELS: Final = (
    (
        Role.ID_CARD,
        "(?:身[份分]证|证件|护照|通行证|台胞证|回乡证|驾驶?证|驾照|社保卡?|sfz|idcard|passport)|^id(?=字?号|no|num)",
    ),
    (
        Role.TAX_ID,
        "(?:税号?|纳税人(?:识别|编)[号码]|税务登记证?|税登|信用代?码|统一(?:代码|编号)|营业执照(?:注册)?(?=号)|注册(?=号)|机构代码证?"
        "|tax(?:id|registration)?|vat|uscc)",
    ),
    (
        Role.BANK_ACCOUNT,
        "(?<!登录)(?<!登陆)(?<!系统)(?<!平台)(?<!微信)(?<!用户)(?<!会员)(?<!网站)(?<!后台)(?<!抖音)(?<!wifi)"
        "(?:[账帐][号户]|卡(?=号)|银行卡|工资卡|储蓄卡|信用卡|存折|account|^ac(?=no)|iban|支付宝)",
    ),
)
"""Words that end the labels of such numbers, whatever a tenant puts before them (法人身份证号, 公司账号, Tax No.)."""
_PROTECTED_LABEL: Final = tuple(
    (role, re.compile(f"(?:{words}){_ENDS_OF_LABELS}")) for role, words in _PROTECTED_LABELS
)
_ACCOUNT_LABEL: Final = re.compile("(?:开户|银行|打款|收款|付款|汇款|转账|开票|对公)(?:行|银行|信息|资料|方式|账户)*$")
"""Labels of texts that name an account among other things."""

_CONTACT_LABELS = re.compile("电话|手机|座机|联系|热线|传真|微信|邮箱|邮件|phone|mobile|tel|fax|wechat|mail|contact")

_UNDIALLED = re.compile(r"[^0-9+]")
_PHONE_SHAPE = re.compile(r"\+?[0-9][0-9 ()-]{5,20}[0-9]")
_PHONE_TYPES = {
    PhoneNumberType.MOBILE: Role.PHONE,
    PhoneNumberType.FIXED_LINE_OR_MOBILE: Role.PHONE,
    PhoneNumberType.FIXED_LINE: Role.LANDLINE,
}
_CHINESE_PHONE = re.compile(r"\+86(?:(1[3-9])|(?![48]00))[0-9]+")
_CODE_SEPARATORS = re.compile(r"[\W_]")
_LABEL_TRIMMINGS = re.compile(r"[\s:*_]|[(\[【][^()\[\]【】]*[)\]】]|[0-9]+(?=[\s:*_]*$)")
_MOST_LABELS: Final = 4_096
"""Labels whose role is kept: all customers of a tenant have the same few dozens."""
_LONGEST_VALUE: Final = 60
"""Characters of a contact or a code."""


@cached(LRUCache(_MOST_LABELS), lock=Lock())
def role_of_label(key: str) -> Role:
    """The role of a field with this label, unless its value says otherwise."""
    if by_list := _ROLE_OF_LABEL.get(plain_label(key)):
        return by_list
    label = folded(plain_label(key))
    return next((role for role, words in _PROTECTED_LABEL if words.search(label)), Role.OTHER)


@cached(LRUCache(_MOST_LABELS), lock=Lock())
def names_an_account(key: str) -> bool:
    """Whether a label is that of a text with an account in it, such as 收款信息: every long number there is one."""
    return _ACCOUNT_LABEL.search(folded(plain_label(key))) is not None


def is_contact_label(key: str) -> bool:
    """Whether a tenant's own label is that of phones or mail addresses, such as 备用电话."""
    return _CONTACT_LABELS.search(plain_label(key)) is not None


def plain_label(key: str) -> str:
    """A label without case and what forms add to it: blanks, colons, asterisks, （必填）, the 2 of a second 联系人2."""
    return _LABEL_TRIMMINGS.sub("", plain_characters(key)).casefold()


def dialable(value: str) -> str | None:
    """The digits to dial (with a leading + if it has one), if the whole ``value`` is a phone number."""
    plain = plain_characters(value) if len(value) <= 100 else ""
    return _UNDIALLED.sub("", plain) if _PHONE_SHAPE.fullmatch(plain) else None


def kind_of_value(value: str) -> Role | None:
    """The role that a value has whatever its label says (a phone, an id card, …); None for ordinary text."""
    if len(value) > _LONGEST_VALUE:
        return None
    plain = plain_characters(value)
    return protected_role(plain) or (Role.EMAIL if mail_address(plain) else _kind_of_phone(plain))


def protected_role(text: str) -> Role | None:
    """What the whole ``text`` identifies, with any separators: an id card, a company, a bank card or nothing."""
    code = _CODE_SEPARATORS.sub("", text)
    if len(code) < SHORTEST:
        return None
    if len(code) == 18 or not MOBILE_AND_MORE.match(text):
        if is_id_card(code):
            return Role.ID_CARD
        if is_tax_id(code):
            return Role.TAX_ID
    return Role.BANK_ACCOUNT if is_bank_card(code) else None


def _kind_of_phone(plain: str) -> Role | None:
    """PHONE for mobiles, LANDLINE for fixed lines, as numbers are dialled in China or with their country code.

    Digits without either are a customer's number (2023-03-0012) as likely as a landline.
    """
    number = e164(plain)
    if number is None:
        return None
    if chinese := _CHINESE_PHONE.fullmatch(number):
        return Role.PHONE if chinese[1] else Role.LANDLINE
    return _PHONE_TYPES.get(number_type(parse(number)))
