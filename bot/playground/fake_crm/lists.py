"""How the sample CRM chooses rows: the conditions, searchKey and pages of its lists, held to what is documented."""

import json
import re
from collections.abc import Callable, Mapping
from typing import Any, Final, NamedTuple

from bot.playground.fake_crm.records import Row, SampleRecords, text_of

DEFAULT_PAGE_SIZE: Final = "10"
PAGES: Final = ("pageSize", "pageIndex")

Query = Mapping[str, str]
"""The parameters of a request."""


class Refusal(Exception):
    """The request is not as documented; its words are the CRM's ErrorMsg."""


class Asked(NamedTuple):
    """What a condition's key asks for."""

    value: Any
    exactly: bool


Test = Callable[[Row, Asked], bool]
"""Whether a row is what is asked for. Raises Refusal for a value of another type than documented."""


class Listing(NamedTuple):
    """A list's endpoint: a test for each key of ``condition``, and the columns that searchKey looks into.

    It looks for the customer's number, too.
    """

    conditions: Mapping[str, Test]
    searched: tuple[str, ...] = ()


def text_in(column: str) -> Test:
    """The column holds the text, or with ``exactly`` is the text."""

    def test(row: Row, asked: Asked) -> bool:
        held, wanted = text_of(row, column), _typed(asked, str)
        return bool(wanted == held if asked.exactly else wanted in held)

    return test


def id_in(column: str) -> Test:
    return lambda row, asked: text_of(row, column).lower() == _typed(asked, str).lower()


def one_of(column: str) -> Test:
    """One of a list of codes; an empty list asks for nothing."""

    def test(row: Row, asked: Asked) -> bool:
        codes = [str(code) for code in _typed(asked, list)]
        return not codes or text_of(row, column) in codes

    return test


def since(column: str) -> Test:
    return lambda row, asked: _day(text_of(row, column)) >= _day(_typed(asked, str))


def until(column: str) -> Test:
    return lambda row, asked: () < _day(text_of(row, column)) <= _day(_typed(asked, str))


def require(query: Query, needed: tuple[str, ...], optional: tuple[str, ...] = ()) -> None:
    """Raises Refusal without what is needed, and for what is documented nowhere: there it does nothing."""
    for name in needed:
        if not query.get(name):
            raise Refusal(f"缺少参数 {name}")
    if query.keys() - {*needed, *optional, "access_token"}:
        raise Refusal("未知的参数")


def page(listing: Listing, rows: list[Row], records: SampleRecords, query: Query) -> list[Row]:
    """One page of the rows that the query asks for, in the order of the rows. Raises Refusal."""
    condition = _condition(listing, query.get("condition", ""))
    chosen = [
        row
        for row in rows
        if all(listing.conditions[key](row, Asked(value, records.matches_exactly)) for key, value in condition.items())
    ]
    searched = query.get("searchKey", "") if records.search_key_works else ""
    if searched:
        chosen = [row for row in chosen if any(searched in text for text in _texts(listing, row, records))]
    size, index = _counted(query, "pageSize", DEFAULT_PAGE_SIZE), _counted(query, "pageIndex", "1")
    return chosen[(index - 1) * size : index * size]


def _condition(listing: Listing, text: str) -> dict[str, Any]:
    """The keys are case-sensitive, and written without the blanks that the vendor's pages print."""
    if not text:
        return {}
    try:
        condition = json.loads(text)
    except (ValueError, RecursionError):
        raise Refusal("condition 不是 JSON") from None
    if not isinstance(condition, dict) or condition.keys() - listing.conditions.keys():
        raise Refusal("condition 中有未知的条件")
    return condition


def _texts(listing: Listing, row: Row, records: SampleRecords) -> list[str]:
    """What searchKey looks into."""
    return [records.number_of(row), *(text_of(row, column) for column in listing.searched)]


def _counted(query: Query, name: str, default: str) -> int:
    number = query.get(name) or default
    if not number.isascii() or not number.isdecimal() or int(number) < 1:
        raise Refusal(f"{name} 错误")
    return int(number)


def _typed(asked: Asked, kind: type) -> Any:
    if not isinstance(asked.value, kind):
        raise Refusal("condition 中的值类型错误")
    return asked.value


def _day(date: str) -> tuple[int, ...]:
    """Year, month and day of "2020-01-21" as of "2020/4/29 16:20:16"."""
    return tuple(int(digits) for digits in re.findall(r"\d+", date)[:3])
