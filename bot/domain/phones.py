"""Phones as people write them: grouped in any way, glued to a word, with an extension; alone or inside a text."""

import re
from collections.abc import Iterator
from typing import Final, NamedTuple

import phonenumbers

from bot.domain.normalise import plain_characters

LONGEST_WHOLE: Final = 60
"""Characters of a text that is one phone, with its separators and its extension."""
_MOST_OTHERS: Final = 20
"""Of one text: phones from abroad and the rarest landlines, which phonenumbers takes 20 µs to recognise."""

_GAP: Final = r"[ \t.()—-]{0,3}+"
"""Between the digits of a phone. Possessive, so that a text of digits and blanks is read once."""
_COUNTRY: Final = rf"(?:(?:\+|00)?86{_GAP})?"
_CHINESE_IN_TEXT: Final = (
    rf"{_COUNTRY}(?:0|\(0\) ?)?1[3-9][0-9](?:{_GAP}[0-9]){{8}}"
    rf"|(?:(?:\+|00)?86{_GAP}0?|\(?0){_GAP}(?:10|2[0-9]|[3-9][0-9]{{2}}){_GAP}[2-8](?:{_GAP}[0-9]){{6,7}}?"
    rf"|{_COUNTRY}[48]00(?:{_GAP}[0-9]){{7}}"
    r"|1[3-9][0-9](?P<sign>[_/·,])[0-9]{4}(?P=sign)[0-9]{4}"  # a sign of lists, if it stands where a phone has its gaps
)
"""A mobile, a landline with its area code or a service number. Of a landline, the shortest that ends a number: an
extension may follow it."""
_ABROAD: Final = rf"(?:\+{_GAP}|\(?0(?:0{_GAP})?)"
_WORDS: Final = (
    "(?i:telephone|tel|phone|ph|mobile|mob|cellphone|cell|call|fax|weixin|wechat|wx|vx|qq|shouji|sj|dianhua|dh|[mptv])"
)
"""For a phone, or for an account that is a phone. Any other letters make digits a part of a serial number."""
_BEGINS: Final = rf"(?=1[3-9]|\+|\(?00?{_GAP}[1-9]|86|[48]00)"
"""What every phone below begins with: most digits of a long text are passed by at once."""
_BEFORE: Final = (
    rf"(?<![0-9A-Za-z])(?:{_BEGINS}(?<![0-9][.+])(?<![0-9A-Za-z][_-])|(?=[A-Za-z])(?:{_WORDS})[.:_-]?{_BEGINS})"
)
_EXTENSION: Final = (
    r" ?(?:(?i:转接?|分机号?|ext(?:n|ension)?\.?|;ext=|x|#)[ :]{0,2}[0-9]{1,6}|(?:--?|—) ?[0-9]{1,6}"
    r"|[(\[] ?(?i:转|分机|ext\.?|x)? ?[0-9]{1,6} ?[)\]])(?![0-9A-Za-z])(?![_-][0-9A-Za-z])"
)
"""Shops give privacy numbers, which are mobiles with an extension: 18412348075-7839, 17012345678转0001."""
_AFTER: Final = (
    rf"(?:{_EXTENSION}|(?:\.00?(?![0-9]))?"  # programs append .0 to a phone that they store as a number
    rf"(?:(?:{_WORDS})(?![0-9A-Za-z])|(?![0-9A-Za-z])(?!\.[0-9])(?![_-][0-9A-Za-z])))"
)
_PHONE: Final = re.compile(
    rf"{_BEFORE}(?:(?P<chinese>{_CHINESE_IN_TEXT})|(?P<others>{_ABROAD}[1-9](?:{_GAP}[0-9]){{6,14}})){_AFTER}"
)
_CHINESE: Final = re.compile(
    r"(?:(?:\+|00)?860?|0)((?:10|2[0-9]|[3-9][0-9]{2})[2-8][0-9]{6,7})"
    r"|(?:(?:\+|00)?86)?0?(1[3-9][0-9]{9}|[48]00[0-9]{7})"
)
"""The same without anything between the digits.

phonenumbers does not know every mobile prefix, nor that the vendor's documentation has a landline of Beijing with
seven digits (0108888888).
"""
_BYTES: Final = re.compile(r"[0-9]{1,3}(?:\.[0-9]{1,3}){3}")
"""An IP address, whose digits together may look like a mobile's."""
_ENOUGH_DIGITS: Final = re.compile("[0-9](?:[^0-9]{0,3}[0-9]){6}")
"""Most texts have no such digits, and need no further look."""
_NOT_DIALLED: Final = re.compile(r"[^0-9+]")
_DIGITS_AND_GAPS: Final = re.compile(r"\+?[0-9](?:[ \t.()—-]{0,3}[0-9]){6,16}")
_CHINESE_GROUPS: Final = re.compile(
    r"\+86(?:(1[3-9][0-9]|[48]00)([0-9]{3,4})([0-9]{4})|(10|2[0-9]|[3-9][0-9]{2})([0-9]{7,8}))"
)
_E164: Final = re.compile(r"\+[0-9]{7,15}")


class PhoneFound(NamedTuple):
    """A phone in a text, in E.164 (+8613800001001). ``start`` and ``end`` are its place, with its extension."""

    start: int
    end: int
    e164: str


def phones_in(plain: str) -> Iterator[PhoneFound]:
    """The phones in ``plain``, a text of ordinary characters, in their order.

    A phone without a country code is Chinese. A landline needs its area code with the 0: other digits are more likely
    a serial number.
    """
    if not _ENOUGH_DIGITS.search(plain):
        return
    others_left = _MOST_OTHERS
    for match in _PHONE.finditer(plain):
        if match["chinese"]:
            number = None if _BYTES.fullmatch(match["chinese"]) else chinese_phone(match["chinese"])
        else:
            others_left -= 1
            number = _valid(_NOT_DIALLED.sub("", match["others"])) if others_left >= 0 else None
        if number:
            yield PhoneFound(match.start(), match.end(), number)


def e164(text: str) -> str | None:
    """The phone in E.164, without its extension, if the whole ``text`` is one."""
    plain = plain_characters(text) if len(text) <= 4 * LONGEST_WHOLE else ""
    if not plain or len(plain) > LONGEST_WHOLE:
        return None
    if found := next(phones_in(plain), None):
        is_whole = not any(map(str.isalnum, plain[: found.start] + plain[found.end :]))
        return found.e164 if is_whole and "+" not in plain[found.end :] else None
    return chinese_phone(plain) if _DIGITS_AND_GAPS.fullmatch(plain) and not _BYTES.fullmatch(plain) else None


def phones_of(field: str) -> tuple[str, ...]:
    """The phones in a field for phones, each once; also one that lost the 0 of its area code in a spreadsheet."""
    plain = plain_characters(field)
    found = tuple(dict.fromkeys(phone.e164 for phone in phones_in(plain)))
    return found or tuple(filter(None, (e164(f"0{plain}"),)))


def as_written(text: str) -> str:
    """A phone in E.164 as people write it: in groups, a Chinese one without its country code; else ``text``."""
    if chinese := _CHINESE_GROUPS.fullmatch(text):
        mobile, area, landline = chinese.group(1, 2, 3), chinese[4], chinese[5]
        return f"0{area} {landline}" if area else " ".join(mobile)
    if not _E164.fullmatch(text) or _valid(text) != text:
        return text
    return phonenumbers.format_number(phonenumbers.parse(text), phonenumbers.PhoneNumberFormat.INTERNATIONAL)


def chinese_phone(written: str) -> str | None:
    """The phone in E.164, if all digits of ``written`` together are a Chinese one."""
    chinese = _CHINESE.fullmatch(_NOT_DIALLED.sub("", written))
    return f"+86{chinese[1] or chinese[2]}" if chinese else None


def _valid(digits: str) -> str | None:
    """The number in E.164, if phonenumbers knows such numbers; as it is dialled in China."""
    try:
        number = phonenumbers.parse(digits, "CN")
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_valid_number(number):
        return None
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
