"""Whether a device is under warranty: what the CRM states, or else the date on which it ends.

The CRM writes dates in several ways and without a zone: they are days in China.
"""

import re
from collections.abc import Iterable
from datetime import date, datetime, timedelta, timezone
from typing import Final

from bot.domain.profile import ProfileField
from bot.domain.records import Warranty

_CHINA: Final = timezone(timedelta(hours=8))
_STATED: Final = {"1": Warranty.IN, "in": Warranty.IN, "2": Warranty.OUT, "out": Warranty.OUT}
"""GuaranteedState: a number on the pages, a word in their example (page 22)."""
_DATE: Final = re.compile(r"([0-9]{4})[-/.年]([0-9]{1,2})[-/.月]([0-9]{1,2})(?![0-9])")
_PERIOD, _NO_WARRANTY, _ENDS = "保修期限", "无保修", "保修截止日期"
"""Of GetCustomerProduct (page 136)."""


def day_in_china(seconds: float) -> date:
    """The date there at ``seconds`` after the epoch."""
    return datetime.fromtimestamp(seconds, _CHINA).date()


def stated_warranty(state: str, ends: str, today: date) -> Warranty:
    """By the texts of GuaranteedState and WarrantyEnd. The last day of a warranty belongs to it."""
    stated = _STATED.get(state.casefold())
    return stated or _until(ends, today)


def described_warranty(fields: Iterable[ProfileField], today: date) -> tuple[Warranty, str]:
    """By the rows of GetCustomerProduct, and the date that they give, "" for none."""
    values = {field.key: field.value for field in fields}
    ends = values.get(_ENDS, "")
    return (Warranty.OUT if values.get(_PERIOD) == _NO_WARRANTY else _until(ends, today)), ends


def _until(ends: str, today: date) -> Warranty:
    last_day = _date(ends)
    if last_day is None:
        return Warranty.UNKNOWN
    return Warranty.IN if today <= last_day else Warranty.OUT


def _date(text: str) -> date | None:
    """The date with which ``text`` begins; None for none, as for year 1, with which .NET says so."""
    found = _DATE.match(text)
    try:
        read = date(*map(int, found.groups())) if found else date.min
    except ValueError:
        return None
    return read if read.year > 1 else None
