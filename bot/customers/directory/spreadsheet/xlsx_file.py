"""XLSX files. openpyxl reads them; what it would believe of a hostile or broken one is checked here."""

import warnings
from collections.abc import Iterator
from contextlib import closing, contextmanager
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, Final, Protocol, cast
from xml.parsers import expat
from zipfile import ZipFile

from bot.customers.directory.spreadsheet.table import Row, Table, find_header
from bot.errors import ImportRefused

if TYPE_CHECKING:
    from openpyxl.workbook import Workbook

MAX_UNPACKED_BYTES: Final = 1_000_000_000
MAX_RATIO: Final = 300
"""Sheets shrink to a tenth, one row that is repeated for ever to a fiftieth; deflate can pack a thousand into one."""
_SMALL_BYTES: Final = 1_000_000
"""What is smaller unpacked may shrink as it likes."""
_MAX_COLUMNS: Final = 200
"""A cell may claim to stand in any column, and openpyxl fills the row up to it."""
LAST_LINE: Final = 1_048_576
"""Excel's own limit. A row may claim to be any, and openpyxl fills the sheet up to it."""
_CHUNK_BYTES: Final = 1 << 16


class _Sheet(Protocol):
    """What openpyxl calls a ReadOnlyWorksheet."""

    @property
    def max_row(self) -> int | None: ...
    def reset_dimensions(self) -> None: ...
    def iter_rows(self, *, min_row: int, max_col: int, values_only: bool) -> Iterator[tuple[object, ...]]: ...


@contextmanager
def open_workbook(path: Path) -> Iterator[Table]:
    """The first sheet of ``path``, a zip, that has the header. Raises ImportRefused.

    Formulas have their last values. Of merged cells the first alone has the value.
    """
    with path.open("rb") as file, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # openpyxl's show what stands in cells
        with closing(_workbook(file)) as workbook:
            yield _table(workbook)


@contextmanager
def _readable(line: int | None = None) -> Iterator[None]:
    """openpyxl and zipfile check little, and raise whatever their code meets in a file that is broken."""
    try:
        yield
    except ImportRefused:
        raise
    except Exception as error:  # noqa: BLE001  # its text may hold what stands in a cell
        raise ImportRefused(f"it cannot be read as an XLSX workbook ({type(error).__name__})", line) from None


def _workbook(file: BinaryIO) -> "Workbook":
    from openpyxl import load_workbook

    with _readable():
        with ZipFile(file) as archive:
            _refuse_bombs(archive)
        return load_workbook(file, read_only=True, data_only=True, keep_links=False)


def _refuse_bombs(archive: ZipFile) -> None:
    """Sizes in a zip may lie, but zipfile unpacks no more than they say."""
    parts = archive.infolist()
    if sum(part.file_size for part in parts) > MAX_UNPACKED_BYTES:
        raise ImportRefused("unpacked it would be larger than 1 GB")
    if any(part.file_size > max(_SMALL_BYTES, MAX_RATIO * part.compress_size) for part in parts):
        raise ImportRefused("it is packed too tightly to be a workbook")
    for part in parts:
        if part.filename.endswith((".xml", ".rels")):
            _refuse_document_type(archive, part.filename)


def _refuse_document_type(archive: ZipFile, name: str) -> None:
    """It can define entities that unfold to gigabytes: expat stops at the hundredfold (2.4), which is much."""
    begun: list[str] = []
    parser = expat.ParserCreate()
    parser.StartDoctypeDeclHandler = _refuse
    parser.StartElementHandler = lambda tag, _: begun.append(tag)
    with archive.open(name) as part:
        while not begun and (chunk := part.read(_CHUNK_BYTES)):
            parser.Parse(chunk)


def _refuse(*_: object) -> None:
    raise ImportRefused("it holds an XML document type, which no workbook has")


def _table(workbook: "Workbook") -> Table:
    lines = {sheet: sheet.max_row for sheet in cast("list[_Sheet]", workbook.worksheets)}
    for sheet in lines:
        sheet.reset_dimensions()  # what a sheet says of its size is often wrong, and openpyxl would stop there
    sheet, header = find_header((sheet, _rows(sheet, 1, _MAX_COLUMNS)) for sheet in lines)
    return Table(header, _rows(sheet, header.line + 1, len(header.columns)), lines[sheet])


def _rows(sheet: _Sheet, first_line: int, columns: int) -> Iterator[Row]:
    rows = sheet.iter_rows(min_row=first_line, max_col=columns, values_only=True)
    for line in count(first_line):
        with _readable(line):
            cells = next(rows, None)
        if cells is None:
            return
        if line > LAST_LINE:
            raise ImportRefused("no sheet has so many lines", line)
        yield Row(line, [_text(cell) for cell in cells])


def _text(value: object) -> str:
    """A number without the ``.0`` that it may have: phones are often kept as numbers."""
    if value is None:
        return ""
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)
