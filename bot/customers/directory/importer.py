"""Import of customers from a table: the whole table is read before anything is stored."""

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Final, NamedTuple

from bot.customers.directory.entries import LONGEST_TEXT
from bot.customers.directory.spreadsheet.reader import open_table
from bot.customers.directory.spreadsheet.table import NOT_CALCULATED, Column, Header, Row, unguarded
from bot.domain.directory import Entry
from bot.domain.normalise import listed, mails_of, plain_characters, whole_id, whole_number
from bot.domain.phones import phones_of
from bot.errors import ImportRefused

MAX_ROWS: Final = 1_000_000
LONGEST_NUMBER: Final = 60
WATCHED_LINES: Final = 1_000
"""The number of lines between two calls of ``watch``."""

_BETWEEN: Final = "、"
"""The contacts of one customer, as the CRM lists them."""
_NO_VALUES: Final = frozenset({"", "#NULL!", "#DIV/0!", "#VALUE!", "#REF!", "#NAME?", "#NUM!", "#N/A"})
"""Empty cells, and those of failed formulas."""

Watch = Callable[[int, int | None], None]
"""Called with the number of lines read, and of all lines if the file states it."""


class LeftOut(NamedTuple):
    """A row that is not imported. ``reason`` quotes nothing of the row."""

    line: int
    reason: str


class CustomersRead(NamedTuple):
    """The customers of a file, each once. ``unreadable`` counts skipped phones and mail addresses.

    ``not_calculated`` counts cells of known columns whose formula has no value. ``ignored`` are the labels of unknown
    columns, ``sheet`` is the name of the sheet that was read, if the file has several.
    """

    entries: tuple[Entry, ...]
    left_out: tuple[LeftOut, ...]
    unreadable: int
    not_calculated: int = 0
    ignored: tuple[str, ...] = ()
    sheet: str = ""


def read_customers(path: Path, watch: Watch) -> CustomersRead:
    """All customers in ``path``, a CSV or XLSX file. Raises ImportRefused."""
    with open_table(path) as table:
        reader = _CustomerReader(table.header)
        for row in table.rows:
            reader.add(row)
            if row.line % WATCHED_LINES == 0:
                watch(row.line, table.lines)
    return CustomersRead(
        tuple(reader.entries.values()),
        tuple(reader.left_out),
        reader.unreadable,
        reader.not_calculated,
        table.header.ignored,
        table.sheet,
    )


class _CustomerReader:
    """Turns rows into entries. Several rows may be about one customer: a row for each contact."""

    def __init__(self, header: Header) -> None:
        self._header = header
        self._rows = 0
        self._lines: dict[str, int] = {}
        self._last_id = ""
        self.entries: dict[str, Entry] = {}
        self.left_out: list[LeftOut] = []
        self.unreadable = 0
        self.not_calculated = 0

    def add(self, row: Row) -> None:
        if not any(map(str.strip, row.cells)):
            return
        self._rows += 1
        if self._rows > MAX_ROWS:
            raise ImportRefused(f"there are more than {MAX_ROWS:,} rows", row.line)
        cells = self._cells(row)
        raw_id, raw_number, name, contact = (
            " ".join(next(iter(cells[column]), "").split())
            for column in (Column.ID, Column.NUMBER, Column.NAME, Column.CONTACT)
        )
        customer_id, number = whole_id(raw_id), plain_characters(raw_number)
        phones = self._readable(cells[Column.PHONE], phones_of)
        mails = self._readable(cells[Column.MAIL], mails_of)
        if not (raw_id or number or name) and (phones or mails or contact):  # merged cells: only the first has the id
            customer_id = self._last_id
            number = self.entries[customer_id].number if customer_id else ""
        entry = Entry(customer_id, number, name[:LONGEST_TEXT], contact[:LONGEST_TEXT], phones, mails)
        known = self.entries.get(customer_id)
        joined = _joined(known, entry) if known else entry
        reason = self._why_left_out(raw_id, entry, is_news=joined != known)
        self._last_id = "" if reason else customer_id
        if reason:
            self.left_out.append(LeftOut(row.line, reason))
        else:
            self._lines.setdefault(customer_id, row.line)
            self.entries[customer_id] = joined

    def _cells(self, row: Row) -> dict[Column | None, list[str]]:
        """The texts of the cells by column, without empty ones."""
        cells: dict[Column | None, list[str]] = {column: [] for column in (*Column, None)}
        for column, cell in zip(self._header.columns, row.cells, strict=False):
            if cell == NOT_CALCULATED:
                self.not_calculated += column is not None
            elif (text := unguarded(cell)) not in _NO_VALUES:
                cells[column].append(text)
        return cells

    def _why_left_out(self, raw_id: str, entry: Entry, *, is_news: bool) -> str:
        if not entry.customer_id:
            return "the customer id is not a GUID" if raw_id else "no customer id"
        if not entry.number:
            return "no customer number"
        if len(entry.number) > LONGEST_NUMBER:
            return f"the customer number has more than {LONGEST_NUMBER} characters"
        known = self.entries.get(entry.customer_id)
        if known and entry.number != known.number:
            return f"duplicate of line {self._lines[entry.customer_id]}, with another number"
        return "" if is_news else f"duplicate of line {self._lines[entry.customer_id]}"

    def _readable(self, cells: Iterable[str], parse: Callable[[str], tuple[str, ...]]) -> tuple[str, ...]:
        """The contacts in ``cells``, each once; parts in which ``parse`` finds none are counted.

        A part without letters and digits stands for none.
        """
        contacts: list[str] = []
        for part in (part for cell in cells for part in listed(whole_number(cell))):
            if any(map(str.isalnum, part)):
                found = parse(part)
                contacts += found
                self.unreadable += not found
        return tuple(dict.fromkeys(contacts))


def _joined(known: Entry, news: Entry) -> Entry:
    """A customer of several rows, with the contacts of all."""
    names = tuple(filter(None, dict.fromkeys((*known.contact.split(_BETWEEN), news.contact))))
    return known._replace(
        name=known.name or news.name,
        contact=_BETWEEN.join(names)[:LONGEST_TEXT],
        phones=tuple(dict.fromkeys((*known.phones, *news.phones))),
        mails=tuple(dict.fromkeys((*known.mails, *news.mails))),
    )
