"""Normal forms of what is written in many ways: ids, phones, mail addresses, names and serial numbers."""

import re
import unicodedata

import phonenumbers

GUID = r"[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}"
MAIL = r"[A-Za-z0-9._%+-]{1,64}@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+"

_INVISIBLE = re.compile("[\u00ad\u034f\u115f\u1160\u180e\u3164\uffa0\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]")
_DASHES = re.compile("[\u2010-\u2015\u2212\ufe58\ufe63\uff0d]")
_BLANKS_AND_DASHES = re.compile(r"[\s-]")

_WHOLE_GUID = re.compile(rf"\{{?({GUID})\}}?", re.IGNORECASE)
_NIL_GUID = "00000000-0000-0000-0000-000000000000"
"""The empty Guid of .NET: no id."""
_MAIL = re.compile(MAIL)
_LONGEST_MAIL = 254
"""Characters of an address that can be sent to (RFC 5321)."""
_LONGEST_PHONE = 60
"""Characters, with separators and extension."""
_EXTENSION = re.compile(
    r"\s*(?:转接?|分机号?|ext(?:n|ension)?\.?|;ext=|x|#)[\s:]*[0-9]{1,6}$"
    r"|(?:(?<=[\s)-][0-9]{7})|(?<=[\s)-][0-9]{8}))-[0-9]{1,6}$",
    re.IGNORECASE,
)
_SEVERAL = re.compile(r"[、,，;；/|\n]")
_PHONE_SEPARATORS = re.compile(r"[\s().-]")
_DIGITS = re.compile(r"\+?[0-9]{7,17}")
_E164 = re.compile(r"\+[0-9]{7,15}")
_CHINESE_GROUPS = re.compile(
    r"\+86(?:(1[3-9][0-9]|[48]00)([0-9]{3,4})([0-9]{4})|(10|2[0-9]|[3-9][0-9]{2})([0-9]{7,8}))"
)
_CHINESE_PHONE = re.compile(
    r"(?:(?:\+|00)?860?|0)((?:10|2[0-9]|[3-9][0-9]{2})[2-8][0-9]{6,7})"
    r"|(?:(?:\+|00)?86)?0?(1[3-9][0-9]{9}|[48]00[0-9]{7})"
)
"""A landline with its area code, or a mobile or service number, as they are dialled in China or from abroad.

phonenumbers does not know every mobile prefix, nor that the vendor's documentation has a landline of Beijing with
seven digits (0108888888).
"""


def plain_characters(text: str) -> str:
    """``text`` with ordinary characters for full-width ones and for all dashes, and without invisible ones."""
    if text.isascii():  # nothing to replace then
        return text.strip()
    return _DASHES.sub("-", unicodedata.normalize("NFKC", _INVISIBLE.sub("", text))).strip()


def listed(text: str) -> list[str]:
    """The parts of a field that lists several contacts, phones or mail addresses."""
    return _SEVERAL.split(text)


def folded(text: str) -> str:
    """``text`` in the form to compare names and serial numbers by: no case, blanks, dashes or invisible characters."""
    return plain_characters(_BLANKS_AND_DASHES.sub("", plain_characters(text)).casefold())


def canonical_id(guid: str) -> str:
    """``guid`` in lower case with dashes."""
    digits = guid.replace("-", "").lower()
    return "-".join((digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:]))


def whole_id(text: str) -> str:
    """The canonical id, if the whole ``text`` is an id, with or without braces; else ""."""
    guid = _WHOLE_GUID.fullmatch(plain_characters(text))
    spelt = canonical_id(guid[1]) if guid else ""
    return "" if spelt == _NIL_GUID else spelt


def mail_address(text: str) -> str | None:
    """The mail address in lower case, if the whole ``text`` is one."""
    plain = plain_characters(text)
    return plain.lower() if len(plain) <= _LONGEST_MAIL and _MAIL.fullmatch(plain) else None


def e164(text: str) -> str | None:
    """The phone in E.164 (+8613800001001), without its extension, if the whole ``text`` is one.

    A phone without a country code is Chinese. A landline needs its area code with the 0: other digits are more likely
    a serial number.
    """
    plain = plain_characters(text)
    if len(plain) > _LONGEST_PHONE:
        return None
    digits = _PHONE_SEPARATORS.sub("", _EXTENSION.sub("", plain))
    if not _DIGITS.fullmatch(digits):
        return None
    if chinese := _CHINESE_PHONE.fullmatch(digits):
        return f"+86{chinese[1] or chinese[2]}"
    return _valid(digits) if digits.startswith(("+", "0")) else None


def as_written(text: str) -> str:
    """A phone in E.164 as people write it: in groups, a Chinese one without its country code; else ``text``."""
    if chinese := _CHINESE_GROUPS.fullmatch(text):
        mobile, area, landline = chinese.group(1, 2, 3), chinese[4], chinese[5]
        return f"0{area} {landline}" if area else " ".join(mobile)
    if not _E164.fullmatch(text) or _valid(text) != text:
        return text
    return phonenumbers.format_number(phonenumbers.parse(text), phonenumbers.PhoneNumberFormat.INTERNATIONAL)


def phone_number(text: str) -> phonenumbers.PhoneNumber | None:
    """``text`` as phonenumbers understands it, as a number dialled in China."""
    try:
        return phonenumbers.parse(text, "CN")
    except phonenumbers.NumberParseException:
        return None


def _valid(digits: str) -> str | None:
    number = phone_number(digits)
    if number is None or not phonenumbers.is_valid_number(number):
        return None
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
