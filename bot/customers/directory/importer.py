"""Reading the customers out of a table: all of it before anything is kept, and each row by itself."""

import re
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Final, NamedTuple

from bot.customers.directory.entries import LONGEST_TEXT
from bot.customers.directory.spreadsheet.reader import open_table
from bot.customers.directory.spreadsheet.table import Column, Header, Row
from bot.domain.directory import Entry
from bot.domain.normalise import e164, mail_address, plain_characters, whole_id
from bot.errors import ImportRefused

MAX_ROWS: Final = 1_000_000
LONGEST_NUMBER: Final = 60
WATCHED_LINES: Final = 1_000
"""So many lines are read between two calls of ``watch``."""

_BETWEEN_VALUES: Final = re.compile(r"[、,;/|\r\n\t]+")
_POINT_ZERO: Final = re.compile(r"(?<=[0-9])\.0$")
"""What programs add to a phone that they take for a number."""
_NO_VALUES: Final = frozenset({"", "#NULL!", "#DIV/0!", "#VALUE!", "#REF!", "#NAME?", "#NUM!", "#N/A"})
"""What stands where a formula failed."""

Watch = Callable[[int, int | None], None]
"""Told how many lines are read, and of how many if the file says that."""


class LeftOut(NamedTuple):
    """A row that is not imported. ``reason`` shows nothing of what stands in it."""

    line: int
    reason: str


class CustomersRead(NamedTuple):
    """The customers of a file, each once. ``unreadable`` counts phones and addresses of mail that are left out."""

    entries: tuple[Entry, ...]
    left_out: tuple[LeftOut, ...]
    unreadable: int


def read_customers(path: Path, watch: Watch) -> CustomersRead:
    """Every customer in ``path``, a CSV or XLSX file. Raises ImportRefused."""
    with open_table(path) as table:
        customers = _Customers(table.header)
        for row in table.rows:
            customers.add(row)
            if row.line % WATCHED_LINES == 0:
                watch(row.line, table.lines)
    return customers.read()


class _Customers:
    """What the rows so far have given."""

    def __init__(self, header: Header) -> None:
        self._header = header
        self._rows = 0
        self._entries: dict[str, Entry] = {}
        self._line_of: dict[str, int] = {}
        self._left_out: list[LeftOut] = []
        self._unreadable = 0

    def read(self) -> CustomersRead:
        return CustomersRead(tuple(self._entries.values()), tuple(self._left_out), self._unreadable)

    def add(self, row: Row) -> None:
        if not any(map(str.strip, row.cells)):
            return
        self._rows += 1
        if self._rows > MAX_ROWS:
            raise ImportRefused(f"there are more than {MAX_ROWS:,} rows", row.line)
        values = _Values(self._header, row)
        customer_id = whole_id(values.first(Column.ID))
        number = plain_characters(values.first(Column.NUMBER))
        reason = _why_wrong(values, customer_id, number) or self._why_twice(customer_id, number)
        if reason:
            self._left_out.append(LeftOut(row.line, reason))
        else:
            self._line_of[customer_id] = row.line
            self._entries[customer_id] = self._entry(values, customer_id, number)

    def _why_twice(self, customer_id: str, number: str) -> str:
        if customer_id not in self._entries:
            return ""
        other = "" if number == self._entries[customer_id].number else ", with another number"
        return f"the customer stands in line {self._line_of[customer_id]} already{other}"

    def _entry(self, values: "_Values", customer_id: str, number: str) -> Entry:
        name, contact = (values.first(column)[:LONGEST_TEXT] for column in (Column.NAME, Column.CONTACT))
        phones = self._readable(map(e164, _phones(values.all(Column.PHONE))))
        mails = self._readable(map(mail_address, _mails(values.all(Column.MAIL))))
        return Entry(customer_id, number, name, contact, phones, mails)

    def _readable(self, values: Iterable[str | None]) -> tuple[str, ...]:
        """Those that are not None, each once; the others are counted."""
        all_values = list(values)
        self._unreadable += all_values.count(None)
        return tuple(dict.fromkeys(value for value in all_values if value is not None))


class _Values:
    """What stands in a row. Several columns may hold the same, and cells of which a formula failed hold nothing."""

    def __init__(self, header: Header, row: Row) -> None:
        self._cells = [
            (column, cell.strip())
            for column, cell in zip(header.columns, row.cells, strict=False)
            if cell.strip() not in _NO_VALUES
        ]

    def all(self, column: Column) -> Iterator[str]:
        return (cell for holds, cell in self._cells if holds is column)

    def first(self, column: Column) -> str:
        """In one line; "" if there is none."""
        return " ".join(next(self.all(column), "").split())


def _why_wrong(values: _Values, customer_id: str, number: str) -> str:
    if not values.first(Column.ID):
        return "no customer id"
    if not customer_id:
        return "the customer id is no GUID"
    if not number:
        return "no customer number"
    return f"the customer number has more than {LONGEST_NUMBER} characters" if len(number) > LONGEST_NUMBER else ""


def _phones(cells: Iterable[str]) -> Iterator[str]:
    """What may be phones. One may hold blanks (138 0000 1001); between two that are whole, they separate."""
    for part in _parts(cells):
        phone = _POINT_ZERO.sub("", part)
        yield from [phone] if e164(phone) else part.split()


def _mails(cells: Iterable[str]) -> Iterator[str]:
    for part in _parts(cells):
        yield from part.split()


def _parts(cells: Iterable[str]) -> Iterator[str]:
    """The values that are listed in ``cells``; those without any letter or digit mean that there is none."""
    for cell in cells:
        parts = _BETWEEN_VALUES.split(plain_characters(cell))
        yield from (part.strip() for part in parts if any(map(str.isalnum, part)))
