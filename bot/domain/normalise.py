"""Normal forms of what is written in many ways: ids, phones, mail addresses, names and serial numbers."""

import re
import unicodedata
from decimal import Decimal
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from opencc import OpenCC

GUID = r"[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}"
_DOMAIN_LABEL = "[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_DOMAIN = rf"@{_DOMAIN_LABEL}(?:\.{_DOMAIN_LABEL})+"
MAIL = rf"[A-Za-z0-9][A-Za-z0-9._%+-]{{0,63}}+{_DOMAIN}"
"""Inside a text, where an underscore before it is a mark of formatting."""

_INVISIBLE = re.compile(
    "[\u00ad\u00ae\u034f\u115f\u1160\u180e\u3164\uffa0\u200b-\u200f\u202a-\u202e\u2060-\u2069\u2120\u2122\ufeff]"
)
"""And the signs of trade marks, which NFKC makes letters of."""
_HYPHENS = re.compile("[\u2010-\u2013\u2212]")
_DASHES = re.compile("[\u2015\u2e3a\u2e3b]")
"""Marks of punctuation: they separate, and belong to no code."""
_ACCENTED = re.compile("[\u00e0-\u00fb\u00fd-\u017f\u1e00-\u1eff]")
"""Latin letters. ü is another vowel of pinyin."""
_SIGNS = re.compile(r"[\W_]+")
_PAIRS = (
    "⺁厂⺂乛⺃乚⺄乙⺅亻⺆冂⺇几⺈刀⺉刂⺊卜⺋㔾⺌小⺍小⺎兀⺏尣⺐尢⺑尣⺒巳⺓幺⺔彑⺕彐⺖忄⺗㣺⺘扌⺙攵⺛旡⺜日⺝月⺞歺⺠民"
    "⺡氵⺢氺⺣灬⺤爫⺥爫⺦丬⺧牛⺨犭⺩王⺪疋⺫目⺬示⺭礻⺮竹⺯糹⺰纟⺱罓⺲罒⺳罒⺴罒⺵罓⺶羊⺷羊⺸羊⺹老⺺聿⺻聿⺼肉⺽臼⺾艹"
    "⺿艹⻀艹⻁虎⻂衤⻃覀⻄西⻅见⻆角⻇角⻈讠⻉贝⻊足⻋车⻌辶⻍辶⻎辶⻏邑⻐钅⻑長⻒镸⻓长⻔门⻕阜⻖阝⻗雨⻘青⻙韦⻚页⻛风⻜飞"
    "⻝食⻞食⻟飠⻠饣⻡首⻢马⻣骨⻤鬼⻥鱼⻦鸟⻧卤⻨麦⻩黄⻪黾⻫斉⻬齐⻭歯⻮齿⻯竜⻰龙⻱龟⻲亀𠮷吉髙高"
)
"""The radicals that PDFs and scans have in place of characters, each with its character (Unicode's
EquivalentUnifiedIdeograph; NFKC knows only those from U+2F00 on); then the usual characters of two rare ones."""
_RADICALS = str.maketrans(_PAIRS[::2], _PAIRS[1::2])
_RADICAL = re.compile(f"[{_PAIRS[::2]}]")

_WHOLE_GUID = re.compile(rf"\{{?({GUID})\}}?", re.IGNORECASE)
_NIL_GUID = "00000000-0000-0000-0000-000000000000"
"""The empty Guid of .NET: no id."""
_MAIL = re.compile(MAIL)
_WHOLE_MAIL = re.compile(rf"[A-Za-z0-9._%+-]{{1,64}}{_DOMAIN}")
_LONGEST_MAIL = 254
"""Characters of an address that can be sent to (RFC 5321)."""
_WHOLE_NUMBER = re.compile(r"[0-9]{5,17}\.0{1,2}|[0-9]\.[0-9]{9,16}E\+?[0-9]{1,2}", re.IGNORECASE)
_SEVERAL = re.compile(r"[、,，;；/|\\\r\n\t]|<br ?/?>")


def plain_characters(text: str) -> str:
    """``text`` with ordinary characters for full-width ones, hyphens and dashes, and without invisible ones."""
    if text.isascii():  # nothing to replace then
        return text.strip()
    plain = unicodedata.normalize("NFKC", _INVISIBLE.sub("", text))
    if _RADICAL.search(plain):
        plain = plain.translate(_RADICALS)
    return _DASHES.sub("—", _HYPHENS.sub("-", plain)).strip()


def listed(text: str) -> list[str]:
    """The parts of a field that lists several contacts, phones or mail addresses."""
    return _SEVERAL.split(text)


def folded(text: str) -> str:
    """``text`` in the form to compare names and serial numbers by: letters and digits, simplified, without case."""
    plain = _SIGNS.sub("", plain_characters(plain_characters(text).casefold()))
    if plain.isascii():
        return plain
    plain = _ACCENTED.sub(lambda letter: unicodedata.normalize("NFD", letter[0])[0], plain)
    simplified: str = _simplified().convert(plain)
    return simplified.replace("锺", "钟")


@cache
def _simplified() -> "OpenCC":
    """Turns traditional into simplified characters; loaded when first needed: 12 ms and 5 MB."""
    from opencc import OpenCC

    return OpenCC("t2s")


def canonical_id(guid: str) -> str:
    """``guid`` in lower case with dashes."""
    digits = guid.replace("-", "").lower()
    return "-".join((digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:]))


def whole_id(text: str) -> str:
    """The canonical id, if the whole ``text`` is an id, with or without braces; else ""."""
    guid = _WHOLE_GUID.fullmatch(plain_characters(text))
    spelt = canonical_id(guid[1]) if guid else ""
    return "" if spelt == _NIL_GUID else spelt


def whole_number(text: str) -> str:
    """``text`` without what programs append to a phone that they keep as a number: 13800001001.0, 1.3800001001E10."""
    return str(int(Decimal(text))) if _WHOLE_NUMBER.fullmatch(text) else text


def mails_of(field: str) -> tuple[str, ...]:
    """The mail addresses in a field, each once, in lower case."""
    found = (match[0].lower() for match in _MAIL.finditer(plain_characters(field)))
    return tuple(dict.fromkeys(address for address in found if len(address) <= _LONGEST_MAIL))


def mail_address(text: str) -> str | None:
    """The mail address in lower case, if the whole ``text`` is one."""
    plain = plain_characters(text)
    return plain.lower() if len(plain) <= _LONGEST_MAIL and _WHOLE_MAIL.fullmatch(plain) else None
