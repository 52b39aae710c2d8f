"""Reading the CRM's responses: the envelope around each of them, its rows, and those of a customer.

Documented as ``{"ResultCode": 0, "ErrorMsg": "", "ResultValue": …}``; codes and numbers come as numbers or as
text, and a value may be missing, null, empty or of another shape than its page announces.
"""

import json
import re
from collections.abc import Collection, Mapping
from contextlib import suppress
from enum import IntEnum
from http import HTTPStatus
from typing import Final, TypeVar
from urllib.parse import quote

from bot.crm.transport import HttpResponse
from bot.crm.values import readable, text_of
from bot.domain.profile import ProfileField, ShowType, profile_field
from bot.errors import CrmRejected, CrmStatusError, CrmUnauthorized, CrmUnreadable
from bot.privacy.masking import redact

MAX_CODE_LENGTH: Final = 20
MAX_ERROR_MSG_LENGTH: Final = 200
MAX_KEY_LENGTH: Final = 200
MAX_VALUE_LENGTH: Final = 10_000
MAX_PROFILE_LENGTH: Final = 40_000
MAX_FIELDS: Final = 500
"""What is kept of one value, of all values and of the rows: no card shows more, every lookup goes through all of
it, and ten thousand profiles have to fit in memory."""
_NAMES_THE_TOKEN: Final = re.compile("token|令牌", re.IGNORECASE)

_CODE: Final = re.compile(r"[0-9A-Za-z_.*-]*")

Code = TypeVar("Code", bound=IntEnum)


def result_value(response: HttpResponse, secrets: Collection[str]) -> object:
    """The ResultValue of a successful response; None where there is none.

    ``secrets``, among them the search terms, are removed from the CRM's error messages, which may repeat them.
    Raises CrmUnauthorized, CrmStatusError, CrmUnreadable or CrmRejected.
    """
    is_ok = response.status == HTTPStatus.OK
    if response.status in (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN):
        raise CrmUnauthorized(f"HTTP {response.status}")
    envelope: object = None
    with suppress(ValueError, RecursionError):
        envelope = json.loads(response.body)
    if not isinstance(envelope, dict):
        if is_ok:
            raise CrmUnreadable("the answer is no JSON object")
        envelope = {}
    code = value_in(envelope, "ResultCode")  # documented as text, sent as a number
    result_code = text_of(code).strip() if isinstance(code, str | int | float) else ""
    if is_ok and result_code == "0":
        return _parsed(value_in(envelope, "ResultValue"))
    result_code = _code(result_code, secrets)
    error_msg = _without(secrets, text_of(value_in(envelope, "ErrorMsg")))
    if _NAMES_THE_TOKEN.search(error_msg):
        raise CrmUnauthorized(f"ResultCode {result_code}", _presentable(error_msg))
    if not is_ok:
        raise CrmStatusError(response.status, response.retry_after_seconds)
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
    objects = tuple(row for row in rows if isinstance(row, dict))
    if not objects:
        raise CrmUnreadable("ResultValue holds no rows")
    return objects


def customer_fields(value: object) -> tuple[ProfileField, ...]:
    """The fields of a ResultValue of labels and values, in order. Without any, GetCustomer found no customer.

    Raises CrmUnreadable if there is something, but no such row in it.
    """
    fields = []
    room = MAX_PROFILE_LENGTH
    for row in _labelled_rows(rows_of(value))[:MAX_FIELDS]:
        key = cut(text_of(value_in(row, "Key")).strip(), MAX_KEY_LENGTH)
        text = cut(readable(value_in(row, "Value")), min(room, MAX_VALUE_LENGTH))
        fields.append(profile_field(key, text, code_of(ShowType, value_in(row, "ShowType"))))
        room = max(1, room - len(text))
    return tuple(fields)


def _labelled_rows(rows: tuple[dict[str, object], ...]) -> list[Mapping[str, object]]:
    """The rows with a label or a value. One row may hold the list of them, or be an object of labels and values."""
    found: list[Mapping[str, object]] = [row for row in rows if {"key", "value"} & set(map(str.casefold, row))]
    if found or not rows:
        return found
    if len(rows) == 1:
        lists = [value for value in rows[0].values() if isinstance(value, list)]
        if len(lists) == 1:
            return _labelled_rows(rows_of(lists[0]))
        if rows[0] and not any(map(str.isascii, rows[0])):
            return [{"Key": key, "Value": value} for key, value in rows[0].items()]
    raise CrmUnreadable("ResultValue holds no rows")


def _parsed(value: object) -> object:
    """A ResultValue that is sent as a text of JSON."""
    if isinstance(value, str) and value.lstrip()[:1] in ("[", "{"):
        with suppress(ValueError, RecursionError):
            return json.loads(value)
    return value


def value_in(row: Mapping[str, object], name: str) -> object:
    """The value of a column, in whatever capitals a version of the CRM writes its name; None if there is none."""
    if name in row:
        return row[name]
    return next((value for key, value in row.items() if key.casefold() == name.casefold()), None)


def code_of(kind: type[Code], value: object) -> Code:
    """The member of ``kind`` with this number, sent as a number or as text; member 0 if there is none."""
    try:
        return kind(int(str(value)))
    except ValueError:
        return kind(0)


def cut(text: str, length: int) -> str:
    """``text`` in at most ``length`` characters."""
    return text if len(text) <= length else text[: length - 1] + "…"


def _without(secrets: Collection[str], text: str) -> str:
    """``text`` without the secrets, as they are or URL-encoded."""
    for secret in filter(str.strip, secrets):
        for spelling in (secret, quote(secret, safe="", errors="replace")):
            text = re.sub(re.escape(spelling), "****", text, flags=re.IGNORECASE)
    return text


def _code(text: str, secrets: Collection[str]) -> str:
    """A ResultCode for the log; "?" for a sentence in its place, which may hold a name."""
    code = _presentable(_without(secrets, text))[:MAX_CODE_LENGTH]
    return code if _CODE.fullmatch(code) else "?"


def _presentable(text: str) -> str:
    """``text`` on one short line, without personal data."""
    return redact(" ".join(text[: 10 * MAX_ERROR_MSG_LENGTH].split()))[:MAX_ERROR_MSG_LENGTH]
