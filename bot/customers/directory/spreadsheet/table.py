"""A table of customers: rows of cells below a header, which names the columns."""

import re
from collections.abc import Iterable, Iterator, Sequence
from enum import Enum
from itertools import islice
from typing import Final, NamedTuple, TypeVar

from bot.domain.field_roles import Role, plain_label, role_of_label
from bot.domain.normalise import plain_characters
from bot.errors import ImportRefused

HEADER_LINES: Final = 10
"""The header is among the first lines; titles and notes may precede it."""
LONGEST_HEADER: Final = 40
NOT_CALCULATED: Final = "\0formula"
"""The text of a cell whose formula has no value: the program that made the file has calculated none."""
_GUARDED: Final = re.compile(r'="(.*)"|\'(.*)', re.DOTALL)
"""What programs put around a number, so that Excel takes it for a text."""

Place = TypeVar("Place")


class Column(Enum):
    """The known columns. All but the id are known by the labels that the CRM's own fields have."""

    ID = ("客户id", "customer_id")
    NUMBER = ("客户编号", "customer_number")
    NAME = ("客户名称", "name")
    CONTACT = ("联系人", "contact")
    PHONE = ("联系电话", "phone")
    MAIL = ("邮箱", "email")


REQUIRED: Final = (Column.ID, Column.NUMBER)
_IDS: Final = frozenset(map(plain_label, ("客户id", "customer_id", "客户档案id")))
_NAMES: Final = frozenset(map(plain_label, ("名称", "name")))
"""In a table of customers these are the customers' own."""
_COLUMN_OF_ROLE: Final = {
    Role.NUMBER: Column.NUMBER,
    Role.NAME: Column.NAME,
    Role.CONTACT: Column.CONTACT,
    Role.PHONE: Column.PHONE,
    Role.LANDLINE: Column.PHONE,
    Role.EMAIL: Column.MAIL,
}


class Row(NamedTuple):
    """The cells of a row. ``line`` is the first of its lines, counted from 1."""

    line: int
    cells: Sequence[str]


class Header(NamedTuple):
    """The columns of a table; None for an unknown one. ``line`` is the header's own, ``ignored`` its unknown labels."""

    line: int
    columns: tuple[Column | None, ...]
    ignored: tuple[str, ...] = ()

    @classmethod
    def parse(cls, row: Row) -> "Header":
        """``row`` read as a header, without unknown columns at its end."""
        labels = [plain_characters(unguarded(cell)) if len(cell) <= LONGEST_HEADER else "" for cell in row.cells]
        columns = [_column_of(label) for label in labels]
        ignored = tuple(label for label, column in zip(labels, columns, strict=True) if label and column is None)
        while columns and columns[-1] is None:
            columns.pop()
        return cls(row.line, tuple(columns), ignored)

    @property
    def missing(self) -> tuple[Column, ...]:
        return tuple(column for column in REQUIRED if column not in self.columns)

    @property
    def known(self) -> tuple[Column, ...]:
        return tuple(column for column in self.columns if column is not None)


class Table(NamedTuple):
    """``rows`` are those below the header, empty ones too; iterating may raise ImportRefused.

    ``lines`` is the number of lines as the file states it; None if it does not. ``sheet`` is the sheet's name, if the
    file has several.
    """

    header: Header
    rows: Iterator[Row]
    lines: int | None
    sheet: str = ""


def unguarded(cell: str) -> str:
    """The text of a cell without the guard that keeps Excel from taking it for a number."""
    text = cell.strip()
    guarded = _GUARDED.fullmatch(text) if text[:1] in ("=", "'") else None
    return (guarded[1] or guarded[2] or "").replace('""', '"').strip() if guarded else text


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


def _column_of(label: str) -> Column | None:
    plain = plain_label(label)
    if plain in _IDS:
        return Column.ID
    return Column.NAME if plain in _NAMES else _COLUMN_OF_ROLE.get(role_of_label(label))
