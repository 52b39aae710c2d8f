"""Import of customers from a table: the whole table is read before anything is stored."""

import re
from collections.abc import Callable, Iterable
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
"""The number of lines between two calls of ``watch``."""

_BETWEEN_VALUES: Final = re.compile(r"[、,;/|\r\n\t]+")
_POINT_ZERO: Final = re.compile(r"(?<=[0-9])\.0$")
"""What programs append to a phone that they store as a number."""
_NO_VALUES: Final = frozenset({"", "#NULL!", "#DIV/0!", "#VALUE!", "#REF!", "#NAME?", "#NUM!", "#N/A"})
"""Empty cells, and those of failed formulas."""

Watch = Callable[[int, int | None], None]
"""Called with the number of lines read, and of all lines if the file states it."""


class LeftOut(NamedTuple):
    """A row that is not imported. ``reason`` quotes nothing of the row."""

    line: int
    reason: str


class CustomersRead(NamedTuple):
    """The customers of a file, each once. ``unreadable`` counts skipped phones and mail addresses."""

    entries: tuple[Entry, ...]
    left_out: tuple[LeftOut, ...]
    unreadable: int


def read_customers(path: Path, watch: Watch) -> CustomersRead:
    """All customers in ``path``, a CSV or XLSX file. Raises ImportRefused."""
    with open_table(path) as table:
        reader = _CustomerReader(table.header)
        for row in table.rows:
            reader.add(row)
            if row.line % WATCHED_LINES == 0:
                watch(row.line, table.lines)
    return CustomersRead(tuple(reader.entries.values()), tuple(reader.left_out), reader.unreadable)


class _CustomerReader:
    """Turns rows into entries."""

    def __init__(self, header: Header) -> None:
        self._header = header
        self._rows = 0
        self._lines: dict[str, int] = {}
        self.entries: dict[str, Entry] = {}
        self.left_out: list[LeftOut] = []
        self.unreadable = 0

    def add(self, row: Row) -> None:
        if not any(map(str.strip, row.cells)):
            return
        self._rows += 1
        if self._rows > MAX_ROWS:
            raise ImportRefused(f"there are more than {MAX_ROWS:,} rows", row.line)
        cells: dict[Column | None, list[str]] = {column: [] for column in (*Column, None)}
        for column, cell in zip(self._header.columns, row.cells, strict=False):
            if cell.strip() not in _NO_VALUES:
                cells[column].append(cell.strip())
        raw_id, raw_number, name, contact = (
            " ".join(next(iter(cells[column]), "").split())
            for column in (Column.ID, Column.NUMBER, Column.NAME, Column.CONTACT)
        )
        customer_id, number = whole_id(raw_id), plain_characters(raw_number)
        reason = self._why_left_out(raw_id, customer_id, number)
        if reason:
            self.left_out.append(LeftOut(row.line, reason))
            return
        phones = self._readable(cells[Column.PHONE], lambda text: e164(_POINT_ZERO.sub("", text)))
        mails = self._readable(cells[Column.MAIL], mail_address)
        self._lines[customer_id] = row.line
        self.entries[customer_id] = Entry(
            customer_id, number, name[:LONGEST_TEXT], contact[:LONGEST_TEXT], phones, mails
        )

    def _why_left_out(self, raw_id: str, customer_id: str, number: str) -> str:
        if not customer_id:
            return "the customer id is no GUID" if raw_id else "no customer id"
        if not number:
            return "no customer number"
        if len(number) > LONGEST_NUMBER:
            return f"the customer number has more than {LONGEST_NUMBER} characters"
        if customer_id not in self.entries:
            return ""
        other = "" if number == self.entries[customer_id].number else ", with another number"
        return f"the customer stands in line {self._lines[customer_id]} already{other}"

    def _readable(self, cells: Iterable[str], parse: Callable[[str], str | None]) -> tuple[str, ...]:
        """The contacts in ``cells``, each once; those that ``parse`` cannot read are counted.

        A value without letters and digits stands for none. Blanks may be a part of a contact (138 0000 1001), else they
        separate two.
        """
        contacts: list[str | None] = []
        for part in (part for cell in cells for part in _BETWEEN_VALUES.split(plain_characters(cell))):
            if any(map(str.isalnum, part)):
                whole = parse(part.strip())
                contacts += [whole] if whole else map(parse, part.split())
        self.unreadable += contacts.count(None)
        return tuple(dict.fromkeys(filter(None, contacts)))
