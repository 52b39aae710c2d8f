"""Secrets hidden in texts, as people write them: for properties of what others may see."""

import datetime
import unicodedata
from collections.abc import Callable
from typing import NamedTuple

from hypothesis import strategies as st
from stdnum import luhn
from stdnum.cn import uscc


class Secret(NamedTuple):
    """A value that nobody in a channel may see: as people write it, and its digits and letters alone."""

    written: str
    bare: str


LABELS_OF_ALL = [
    "客户名称", "客户编号", "联系人", "联系电话", "手机", "固定电话", "邮箱", "详细地址", "住所", "所属区域",
    "国家/地区", "统一社会信用码", "银行账户", "开户行", "身份证", "发票抬头", "客户标签", "客户等级", "客户来源",
    "默认服务网点", "维护人员", "最近服务日期", "创建时间", "备注", "单选", "Owner", "e-mail", "",
]  # fmt: skip
SEPARATORS = [
    "", "", "", " ", "-", "  ", ".", "·", " - ", "/", "_", "\u200b", "\u00a0", "\u3000", "—", "    ", "－", "\t",
    "\ufe0f", "\u3164",
]  # fmt: skip
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
OLD_ID_CARDS = st.builds(
    "{}{:%y%m%d}{}".format,
    st.sampled_from(["110105", "320102", "440301", "659001", "820000"]),
    st.dates(min_value=datetime.date(1910, 1, 1), max_value=datetime.date(1999, 12, 31)),
    digits(3),
)


def old_tax_id(region: str, organisation: str) -> str:
    """A region with an organisation's code, whose check digit is that of GB 11714."""
    weighted = sum(weight * int(digit) for weight, digit in zip((3, 7, 9, 10, 5, 8, 4, 2), organisation, strict=True))
    return region + organisation + "0123456789X"[-weighted % 11]


OLD_TAX_IDS = st.one_of(
    st.builds(old_tax_id, st.sampled_from(["110108", "330106", "510104"]), digits(8)),
    st.builds(str.__add__, OLD_ID_CARDS | ID_CARDS, digits(2)),
)
ACCOUNTS = st.one_of(CARDS, ID_CARDS, CREDIT_CODES, OLD_ID_CARDS, OLD_TAX_IDS)
FULL_WIDTH = {code: code + 0xFEE0 for code in range(0x21, 0x7F)}
SPELLINGS: list[Callable[[str], str]] = [str, str, str.lower, lambda text: text.translate(FULL_WIDTH)]


@st.composite
def grouped(draw: st.DrawFn, bare: str) -> Secret:
    """``bare`` in groups, or with a separator between any two of its characters."""
    size, separator = draw(st.integers(1, 6)), draw(st.sampled_from(SEPARATORS))
    groups = [bare[start : start + size] for start in range(0, len(bare), size)]
    spelling = draw(st.sampled_from(SPELLINGS))
    return Secret(spelling(separator.join(groups)), bare)


NUMBERS = st.one_of(MOBILES, MOBILES, LANDLINES, ACCOUNTS).flatmap(grouped)
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
    """Whether ``shown`` contains ``secret``: six of its characters in a row, or what stands before an @."""
    plain = unicodedata.normalize("NFKC", shown).upper()
    if "@" in secret.bare:
        name, _, domain = secret.bare.upper().rpartition("@")
        return f"{name[-1]}@{domain}" in plain.replace("***@", "") or secret.bare.upper() in plain
    pieces = ["".join(filter(str.isalnum, piece)) for piece in plain.split("*")]
    parts = {secret.bare[start : start + 6] for start in range(len(secret.bare) - 5)}
    return any(part in piece for part in parts for piece in pieces)


def shows_whole(secret: Secret, shown: str) -> bool:
    """The same of a line that shows several values: what is left of two may look like a part of a third."""
    if "@" in secret.bare:
        return leaked(secret, shown)
    plain = unicodedata.normalize("NFKC", shown).upper()
    return any(secret.bare in "".join(filter(str.isalnum, piece)) for piece in plain.split("*"))
