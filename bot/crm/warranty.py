"""Whether a device is under warranty: by what the CRM states, or else by the date on which the warranty ends.

The CRM writes dates in several formats and without a time zone: they are days in China.
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
"""Labels and a value of GetCustomerProduct (page 136)."""


def day_in_china(seconds: float) -> date:
    """The date in China at ``seconds`` after the epoch."""
    return datetime.fromtimestamp(seconds, _CHINA).date()


def stated_warranty(state: str, ends: str, today: date) -> Warranty:
    """By the texts of GuaranteedState and WarrantyEnd."""
    return _STATED.get(state.casefold()) or _until(ends, today)


def described_warranty(fields: Iterable[ProfileField], today: date) -> tuple[Warranty, str]:
    """By the rows of GetCustomerProduct, with the date that they give, "" for none."""
    values = {field.key: field.value for field in fields}
    ends = values.get(_ENDS, "")
    return (Warranty.OUT if values.get(_PERIOD) == _NO_WARRANTY else _until(ends, today)), ends


def _until(ends: str, today: date) -> Warranty:
    """By the date at the start of ``ends``, the last day under warranty. Year 1 is .NET's way of saying none."""
    found = _DATE.match(ends)
    try:
        last_day = date(*map(int, found.groups())) if found else date.min
    except ValueError:
        last_day = date.min
    if last_day.year == 1:
        return Warranty.UNKNOWN
    return Warranty.IN if today <= last_day else Warranty.OUT
