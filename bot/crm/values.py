"""The CRM's values as people read them: without markup, without a program's words for nothing, dates as dates."""

import re
from datetime import UTC, datetime, timedelta, timezone
from html import unescape
from typing import Final

from bot.domain.normalise import whole_number

_MAX_NESTING: Final = 4
_LIST_SEPARATOR: Final = "、"
"""How the CRM itself joins several values into one text (documented for tags)."""
_LONGEST_READ: Final = 40_000
"""Characters of a text whose markup is read: more is cut anyway."""

_NOTHING: Final = frozenset(
    ("null", "none", "nil", "undefined", "nan", "n/a", "n / a", "n.a.", "na", "#n/a", "#null!", "#ref!",
     "#value!", "#name?", "#div/0!", "(null)", "[null]", "<null>", "dbnull", "system.dbnull", "[]", "{}",
     "无", "没有", "暂无", "暂无数据", "不详", "空", "空白", "(空)", "（空）", "未填写", "待补充")
)  # fmt: skip
_SIGNS_ALONE: Final = re.compile(r"[\s\u200b\ufeff_.·,，。、;；:：!！*~/\\|–—―-]*")
_NO_DATE: Final = re.compile(
    r"(?:(?:0001|1753|1900|1970)[-/.]0?1[-/.]0?1|0000[-/.]00?[-/.]00?|1900[-/.]0?1[-/.]00?|1899[-/.]12[-/.]3[01])"
    r"(?:[ T]0?[08]:00(?::00(?:\.0+)?)?(?:Z|[+-]0\d:?00)?)?(?: 上午)?"
)
"""The first days of calendars, which programs send for a date that was never set."""
_NET_DATE: Final = re.compile(r"\\?/Date\((-?[0-9]{1,15})(?:[+-][0-9]{4})?\)\\?/")
_CHINA: Final = timezone(timedelta(hours=8))
"""The CRM's dates have no zone: they are those of its clock (inferred)."""
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_TAG: Final = re.compile(
    r"</?(?:a|b|br|div|em|font|h[1-6]|i|img|li|ol|p|span|strong|table|tbody|td|th|tr|u|ul)\b[^<>]{0,500}>",
    re.IGNORECASE,
)
_BREAKS: Final = re.compile(r"<(?:br|/?(?:p|div|li|tr|h[1-6]))\b", re.IGNORECASE)
_ENTITY: Final = re.compile(r"&(?:#[0-9]{1,7}|#x[0-9a-f]{1,6}|[a-z]{2,8});", re.IGNORECASE)
"""With its semicolon: a lone & belongs to a name or an address."""


def text_of(value: object, nesting: int = 0) -> str:
    """Any JSON value as text for people: lists joined with 、, objects as ``key: value``."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, str):
        return _encodable(value)
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e17:
        return str(int(value))
    if nesting >= _MAX_NESTING and isinstance(value, list | dict):
        return "…"
    if isinstance(value, list):
        return _LIST_SEPARATOR.join(filter(None, (text_of(item, nesting + 1) for item in value)))
    if isinstance(value, dict):
        return "；".join(f"{_encodable(key)}: {text_of(item, nesting + 1)}" for key, item in value.items())
    return str(value)


def readable(value: object) -> str:
    """A value of a row as text; "" for what a program sends for nothing."""
    text = text_of(value)[:_LONGEST_READ].strip()
    if text.isalnum() and text.casefold() not in _NOTHING:  # most are, and need no further look
        return text
    if "<" in text:
        text = _TAG.sub(lambda tag: "\n" if _BREAKS.match(tag[0]) else "", text)
    if "&" in text:
        text = _encodable(_ENTITY.sub(lambda entity: unescape(entity[0]), text))
    text = "\n".join(filter(None, map(str.strip, text.split("\n")))) if "\n" in text else text.strip()
    if _SIGNS_ALONE.fullmatch(text) or text.casefold() in _NOTHING or _NO_DATE.fullmatch(text):
        return ""
    return _NET_DATE.sub(_date, whole_number(text))


def _date(found: re.Match[str]) -> str:
    """``2023-03-07``, with the time unless it is midnight; "" for a date that was never set."""
    try:
        moment = (_EPOCH + timedelta(milliseconds=int(found[1]))).astimezone(_CHINA)
    except OverflowError:
        return ""
    if moment.year < 1901:
        return ""
    return f"{moment:%Y-%m-%d}" if moment.hour == moment.minute == 0 else f"{moment:%Y-%m-%d %H:%M}"


def _encodable(text: str) -> str:
    """``text`` that can be written: JSON may hold lone surrogates (``\\ud800``)."""
    return text.encode("utf-8", "replace").decode() if not text.isascii() else text
