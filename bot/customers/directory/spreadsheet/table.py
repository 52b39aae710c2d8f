"""A table of customers: rows of cells below a header, which names the columns."""

import re
from collections.abc import Iterable, Iterator, Sequence
from enum import Enum
from itertools import islice
from typing import Final, NamedTuple, TypeVar

from bot.domain.normalise import plain_characters
from bot.errors import ImportRefused

HEADER_LINES: Final = 10
"""The header is among the first lines; titles and notes may precede it."""
_LONGEST_HEADER: Final = 40
_TRIMMINGS: Final = re.compile(r"[\s*:_]+")
"""What forms and programs add to the headers of columns."""

Place = TypeVar("Place")


class Column(Enum):
    """The known columns, each with its headers."""

    ID = ("客户id", "customer_id")
    NUMBER = ("客户编号", "customer_number")
    NAME = ("客户名称", "name")
    CONTACT = ("联系人", "contact")
    PHONE = ("联系电话", "phone")
    MAIL = ("邮箱", "email")


REQUIRED: Final = (Column.ID, Column.NUMBER)
_COLUMNS: Final = {_TRIMMINGS.sub("", name): column for column in Column for name in column.value}


class Row(NamedTuple):
    """The cells of a row. ``line`` is the first of its lines, counted from 1."""

    line: int
    cells: Sequence[str]


class Header(NamedTuple):
    """The columns of a table; None for an unknown one. ``line`` is the header's own."""

    line: int
    columns: tuple[Column | None, ...]

    @classmethod
    def parse(cls, row: Row) -> "Header":
        """``row`` read as a header, without unknown columns at its end."""
        plain = (plain_characters(cell) if len(cell) <= _LONGEST_HEADER else "" for cell in row.cells)
        columns = [_COLUMNS.get(_TRIMMINGS.sub("", text).casefold()) for text in plain]
        while columns and columns[-1] is None:
            columns.pop()
        return cls(row.line, tuple(columns))

    @property
    def missing(self) -> tuple[Column, ...]:
        return tuple(column for column in REQUIRED if column not in self.columns)

    @property
    def known(self) -> tuple[Column, ...]:
        return tuple(column for column in self.columns if column is not None)


class Table(NamedTuple):
    """``rows`` are those below the header, empty ones too; iterating may raise ImportRefused.

    ``lines`` is the number of lines as the file states it; None if it does not.
    """

    header: Header
    rows: Iterator[Row]
    lines: int | None


def find_header(places: Iterable[tuple[Place, Iterable[Row]]]) -> tuple[Place, Header]:
    """The first place whose rows have a header, and that header. Raises ImportRefused.

    A place is one way to read a file: a delimiter, a sheet. Errors name known columns only: where the header is
    missing, everything else is customer data.
    """
    found = [(place, Header.parse(row)) for place, rows in places for row in islice(rows, HEADER_LINES)]
    nearest = max(found, key=lambda one: len(one[1].known), default=None)
    chosen = next((one for one in found if not one[1].missing), nearest)
    if chosen is None or not chosen[1].known:
        raise ImportRefused(f"the first {HEADER_LINES} lines have no header with {_names(REQUIRED)}")
    place, header = chosen
    if header.missing:
        known = ", ".join(column.value[0] for column in header.known)
        raise ImportRefused(f"there is no column {_names(header.missing)}, only {known}", header.line)
    for column in REQUIRED:
        if header.columns.count(column) > 1:
            raise ImportRefused(f"more than one column is {_names([column])}", header.line)
    return place, header


def _names(columns: Iterable[Column]) -> str:
    return " and ".join(f"{column.value[0]} ({column.value[1]})" for column in columns)
