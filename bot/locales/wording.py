"""Counts and durations in words."""

from typing import Final

CHINESE_UNITS: Final = ("天", "小时", "分钟", "秒")
ENGLISH_UNITS: Final = ("day", "hour", "minute", "second")


def largest_unit(seconds: float, names: tuple[str, str, str, str], least: int = 1) -> tuple[int, str]:
    """How many of the largest unit ``seconds`` are, and its name. A unit counts if there are ``least`` of it."""
    for unit_seconds, name in zip((86_400, 3_600, 60), names[:3], strict=True):
        if seconds >= least * unit_seconds:
            return int(seconds // unit_seconds), name
    return round(seconds), names[3]


def plural(count: int | str, noun: str) -> str:
    """``noun`` with its count: "1 customer", "2 customers", "50+ customers"."""
    return f"{count} {noun}{'' if str(count) == '1' else 's'}"
