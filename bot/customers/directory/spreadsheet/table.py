"""A table of customers as a file holds one: lines of cells, below a header that says what stands in which column."""

import re
from collections.abc import Iterable, Iterator, Sequence
from enum import Enum
from itertools import islice
from typing import Final, NamedTuple, TypeVar

from bot.domain.normalise import plain_characters
from bot.errors import ImportRefused

HEADER_LINES: Final = 10
"""The header is among the first so many: titles and notes may stand above it."""
_LONGEST_HEADER: Final = 40
_TRIMMINGS: Final = re.compile(r"[\s*:_]+")


Place = TypeVar("Place")


class Column(Enum):
    """What a column holds, by the headers that say so."""

    ID = ("客户id", "customer_id")
    NUMBER = ("客户编号", "customer_number")
    NAME = ("客户名称", "name")
    CONTACT = ("联系人", "contact")
    PHONE = ("联系电话", "phone")
    MAIL = ("邮箱", "email")


REQUIRED: Final = (Column.ID, Column.NUMBER)


class Row(NamedTuple):
    """The cells of one line. ``line`` is where it begins, counted from 1."""

    line: int
    cells: Sequence[str]


class Header(NamedTuple):
    """What each column of a table holds; None for one that means nothing here. ``line`` is the header's own."""

    line: int
    columns: tuple[Column | None, ...]

    @property
    def missing(self) -> tuple[Column, ...]:
        return tuple(column for column in REQUIRED if column not in self.columns)

    @property
    def known(self) -> tuple[Column, ...]:
        return tuple(column for column in self.columns if column is not None)


class Table(NamedTuple):
    """``rows`` are those below the header, empty ones too; reading them may raise ImportRefused.

    ``lines`` is how many lines there are, as the file says; None if it does not.
    """

    header: Header
    rows: Iterator[Row]
    lines: int | None


def find_header(places: Iterable[tuple[Place, Iterable[Row]]]) -> tuple[Place, Header]:
    """The first place whose rows have a header, and that one. Raises ImportRefused.

    A place is what a file may be read as: by a delimiter, a sheet. Of the file's content only the names of known
    columns are told: where the header is missing, everything else is customers' data.
    """
    found = [(place, _header(row)) for place, rows in places for row in islice(rows, HEADER_LINES)]
    complete = (one for one in found if not one[1].missing)
    nearest = max(found, key=lambda one: len(one[1].known), default=None)
    chosen = next(complete, nearest)
    if chosen is None or not chosen[1].known:
        raise ImportRefused(f"the first {HEADER_LINES} lines have no header with {_names(REQUIRED)}")
    _refuse_unless_whole(chosen[1])
    return chosen


def _refuse_unless_whole(header: Header) -> None:
    if header.missing:
        found = ", ".join(column.value[0] for column in header.known)
        raise ImportRefused(f"there is no column {_names(header.missing)}, only {found}", header.line)
    for column in REQUIRED:
        if header.columns.count(column) > 1:
            raise ImportRefused(f"more than one column is {_names([column])}", header.line)


def _names(columns: Iterable[Column]) -> str:
    return " and ".join(f"{column.value[0]} ({column.value[1]})" for column in columns)


def _header(row: Row) -> Header:
    """``row`` as the header that it may be, without what means nothing at its end."""
    columns = tuple(map(_column, row.cells))
    last = max((index for index, column in enumerate(columns) if column is not None), default=-1)
    return Header(row.line, columns[: last + 1])


def _column(cell: str) -> Column | None:
    """Without what forms and programs add to a header: blanks, colons, asterisks, another width or case."""
    if len(cell) > _LONGEST_HEADER:
        return None
    plain = _TRIMMINGS.sub("", plain_characters(cell)).casefold()
    return next((column for column in Column if plain in map(_plain, column.value)), None)


def _plain(name: str) -> str:
    return _TRIMMINGS.sub("", name)
