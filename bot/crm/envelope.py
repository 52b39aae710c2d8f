"""Reading the CRM's answers: the envelope around every one, its rows, and those of a customer.

Documented as ``{"ResultCode": 0, "ErrorMsg": "", "ResultValue": …}``; codes and numbers come as numbers or as
text, and a value may be missing, null, empty or of another shape than its page announces.
"""

import json
import re
from collections.abc import Collection, Iterable, Iterator
from http import HTTPStatus
from typing import Final
from urllib.parse import quote

from bot.crm.transport import HttpAnswer
from bot.domain.profile import ProfileField, ShowType, profile_field
from bot.errors import CrmRejected, CrmStatusError, CrmUnauthorized, CrmUnreadable
from bot.privacy.masking import redact

MAX_CODE_LENGTH: Final = 20
MAX_ERROR_MSG_LENGTH: Final = 200
MAX_KEY_LENGTH: Final = 200
MAX_VALUE_LENGTH: Final = 10_000
MAX_PROFILE_LENGTH: Final = 40_000
MAX_FIELDS: Final = 500
"""What is kept of one value, of all values and of the rows: no card shows more, every lookup looks through all of
it, and ten thousand profiles have to fit in memory."""
_MAX_NESTING: Final = 4
_NAMES_THE_TOKEN: Final = re.compile("token|令牌", re.IGNORECASE)
_LIST_SEPARATOR: Final = "、"
"""How the CRM itself joins several values into one text (documented for tags)."""


def result_value(answer: HttpAnswer, secrets: Collection[str]) -> object:
    """The ResultValue of a successful answer; None where there is none.

    ``secrets``, among them what was typed, are taken out of the CRM's error messages, which may repeat them.
    Raises CrmUnauthorized, CrmStatusError, CrmUnreadable or CrmRejected.
    """
    if answer.status in (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN):
        raise CrmUnauthorized(f"HTTP {answer.status}")
    envelope = _object(answer)
    result_code = _code(envelope.get("ResultCode"))
    if answer.status == HTTPStatus.OK and result_code == "0":
        return envelope.get("ResultValue")
    result_code = _presentable(_without(secrets, result_code))[:MAX_CODE_LENGTH]
    error_msg = _without(secrets, text_of(envelope.get("ErrorMsg")))
    if _NAMES_THE_TOKEN.search(error_msg):
        raise CrmUnauthorized(f"ResultCode {result_code}: {_presentable(error_msg)}")
    if answer.status != HTTPStatus.OK:
        raise CrmStatusError(answer.status, answer.retry_after_seconds)
    if not result_code:
        raise CrmUnreadable("no ResultCode")
    raise CrmRejected(result_code, _presentable(error_msg))


def rows_of(value: object) -> tuple[dict[str, object], ...]:
    """The rows of a ResultValue, whether it is a list of them or one alone; none where it is empty.

    Raises CrmUnreadable if there is something, but no row in it.
    """
    if value is None or value == "" or value == [] or value == {}:
        return ()
    rows = [value] if isinstance(value, dict) else value
    if not isinstance(rows, list):
        raise CrmUnreadable(f"ResultValue is a {type(value).__name__}")
    readable = tuple(row for row in rows if isinstance(row, dict))
    if not readable:
        raise CrmUnreadable("ResultValue holds no rows")
    return readable


def customer_fields(value: object) -> tuple[ProfileField, ...]:
    """The rows of an answer of labels and values as fields, in order: of GetCustomer, where none are no customer.

    Raises CrmUnreadable if there is something, but no such row in it.
    """
    rows = rows_of(value)
    readable = [row for row in rows if "Key" in row or "Value" in row]
    if rows and not readable:
        raise CrmUnreadable("ResultValue holds no rows")
    return tuple(_fields(readable[:MAX_FIELDS]))


def text_of(value: object, nesting: int = 0) -> str:
    """Any JSON value as the text that a person reads: lists joined with 、, objects as ``key: value``."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, str):
        return _encodable(value)
    if nesting >= _MAX_NESTING and isinstance(value, list | dict):
        return "…"
    if isinstance(value, list):
        return _LIST_SEPARATOR.join(filter(None, (text_of(item, nesting + 1) for item in value)))
    if isinstance(value, dict):
        return "；".join(f"{_encodable(key)}: {text_of(item, nesting + 1)}" for key, item in value.items())
    return str(value)


def _encodable(text: str) -> str:
    """JSON may hold halves of characters (``\\ud800``), which no later step could write."""
    return text.encode("utf-8", "replace").decode() if not text.isascii() else text


def _object(answer: HttpAnswer) -> dict[str, object]:
    """The JSON object in the body. A bad status is the better reason where the body is none."""
    try:
        parsed = json.loads(answer.body)
    except (ValueError, RecursionError):
        parsed = None
    if isinstance(parsed, dict):
        return parsed
    if answer.status != HTTPStatus.OK:
        raise CrmStatusError(answer.status, answer.retry_after_seconds)
    raise CrmUnreadable("the answer is no JSON object")


def _code(value: object) -> str:
    """Documented as text, sent as a number; anything else is no code."""
    return text_of(value).strip() if isinstance(value, str | int | float) else ""


def _without(secrets: Collection[str], text: str) -> str:
    """``text`` without the secrets, as they are or as an address spells them."""
    for secret in filter(str.strip, secrets):
        for spelling in (secret, quote(secret, safe="", errors="replace")):
            text = re.sub(re.escape(spelling), "****", text, flags=re.IGNORECASE)
    return text


def _presentable(text: str) -> str:
    """``text`` on one short line, without personal data."""
    return redact(" ".join(text[: 10 * MAX_ERROR_MSG_LENGTH].split()))[:MAX_ERROR_MSG_LENGTH]


def _fields(rows: Iterable[dict[str, object]]) -> Iterator[ProfileField]:
    room = MAX_PROFILE_LENGTH
    for row in rows:
        field = _field(row, min(room, MAX_VALUE_LENGTH))
        room = max(1, room - len(field.value))
        yield field


def _field(row: dict[str, object], length: int) -> ProfileField:
    key = cut(text_of(row.get("Key")).strip(), MAX_KEY_LENGTH)
    value = cut(text_of(row.get("Value")).strip(), length)
    return profile_field(key, value, _show_type(row.get("ShowType")))


def cut(text: str, length: int) -> str:
    """``text`` in at most ``length`` characters."""
    return text if len(text) <= length else text[: length - 1] + "…"


def _show_type(value: object) -> ShowType:
    """Documented as text, sent as a number; one that is not known is shown as plain text."""
    try:
        return ShowType(int(str(value)))
    except ValueError:
        return ShowType.PLAIN
