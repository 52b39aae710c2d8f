"""XLSX files. openpyxl reads them, and this module protects it from hostile and broken ones."""

import re
import warnings
from collections.abc import Iterator
from contextlib import closing, contextmanager
from itertools import count
from pathlib import Path
from typing import IO, TYPE_CHECKING, BinaryIO, Final, Protocol, cast
from xml.parsers import expat
from zipfile import ZipFile, ZipInfo

from bot.customers.directory.spreadsheet.table import NOT_CALCULATED, Row, Table, find_header
from bot.errors import ImportRefused

if TYPE_CHECKING:
    from openpyxl import Workbook

MAX_UNPACKED_BYTES: Final = 1_000_000_000
MAX_RATIO: Final = 300
"""Sheets shrink to a tenth, a single row that is repeated to a fiftieth; deflate can reach a thousandth."""
_SMALL_BYTES: Final = 1_000_000
"""Parts that are smaller unpacked may have any ratio."""
_MAX_COLUMNS: Final = 200
"""A cell may claim any column, and openpyxl fills the row up to it."""
LAST_LINE: Final = 1_048_576
"""Excel's own limit. A row may claim any line, and openpyxl fills the sheet up to it."""
_CHUNK_BYTES: Final = 1 << 16
_STRICT: Final = b"http://purl.oclc.org/ooxml/"
"""The namespace of a variant of the format that openpyxl does not read."""
_XML: Final = re.compile(rb"(?:\xef\xbb\xbf|\xff\xfe|\xfe\xff)?[\s\x00]*<")
_ESCAPED: Final = re.compile("_x([0-9A-Fa-f]{4})_")
"""How the format writes a character that XML cannot hold, such as _x000D_ for a line break."""


class _Sheet(Protocol):
    """openpyxl's ReadOnlyWorksheet."""

    title: str
    sheet_state: str

    @property
    def max_row(self) -> int | None: ...
    def reset_dimensions(self) -> None: ...
    def iter_rows(self, *, min_row: int, max_col: int, values_only: bool) -> Iterator[tuple[object, ...]]: ...


@contextmanager
def open_workbook(path: Path) -> Iterator[Table]:
    """The first sheet of ``path``, a zip, that has the header: a visible one, if there is one. Raises ImportRefused.

    Formulas have their last values. Of merged cells, only the first has the value.
    """
    with path.open("rb") as file, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # openpyxl's warnings quote cells
        with _readable():
            has_formulas = _checked(file)
            values = _workbook(file, data_only=True)
            formulas = _workbook(file, data_only=False) if has_formulas else values
        with closing(values), closing(formulas):
            sheets = sorted(cast("list[_Sheet]", values.worksheets), key=lambda sheet: sheet.sheet_state != "visible")
            lines = {sheet: sheet.max_row for sheet in sheets}
            for sheet in sheets:
                sheet.reset_dimensions()  # the size that a sheet states is often wrong, and openpyxl would stop there
            sheet, header = find_header((sheet, _rows(sheet, 1, _MAX_COLUMNS)) for sheet in sheets)
            rows = _rows(sheet, header.line + 1, len(header.columns))
            if has_formulas:
                written = cast("_Sheet", formulas[sheet.title])
                written.reset_dimensions()
                rows = _with_formulas(rows, _rows(written, header.line + 1, len(header.columns)))
            yield Table(header, rows, lines[sheet], sheet.title if len(sheets) > 1 else "")


def _workbook(file: BinaryIO, data_only: bool) -> "Workbook":
    """The sheets alone. Programs often write styles, themes and names that openpyxl refuses, with the whole file."""
    from openpyxl.reader.excel import ExcelReader

    reader = ExcelReader(file, read_only=True, data_only=data_only, keep_links=False)
    reader.read_manifest()
    reader.read_strings()
    reader.read_workbook()
    reader.read_worksheets()
    return reader.wb


@contextmanager
def _readable(line: int | None = None) -> Iterator[None]:
    """openpyxl and zipfile check little: on a broken file they raise almost any exception."""
    try:
        yield
    except ImportRefused:
        raise
    except Exception as error:  # noqa: BLE001  # its text may quote a cell
        raise ImportRefused(f"it cannot be read as an XLSX workbook ({type(error).__name__})", line) from None


def _checked(file: BinaryIO) -> bool:
    """Whether a sheet has formulas. Raises ImportRefused for a workbook that should not or cannot be read.

    A zip may unpack to far more than its size. zipfile unpacks no more than it states.

    An XML document type is refused too. It can define entities that expand to gigabytes, and expat (2.4) stops only at
    the hundredfold.
    """

    with ZipFile(file) as archive:
        parts = archive.infolist()
        if sum(part.file_size for part in parts) > MAX_UNPACKED_BYTES:
            raise ImportRefused("unpacked it would be larger than 1 GB")
        if any(part.file_size > max(_SMALL_BYTES, MAX_RATIO * part.compress_size) for part in parts):
            raise ImportRefused("it is packed too tightly to be a workbook")
        for part in parts:
            with archive.open(part) as xml:
                _check_beginning(xml)
        return any(_has_formulas(archive, part) for part in parts if part.filename.startswith("xl/worksheets/"))


def _check_beginning(xml: IO[bytes]) -> None:
    """Up to the first element of a part, whatever its name is. Raises ImportRefused."""

    def refuse(*_: object) -> None:
        raise ImportRefused("it holds an XML document type, which no workbook has")

    chunk = xml.read(_CHUNK_BYTES)
    if not _XML.match(chunk):
        return
    if _STRICT in chunk:
        raise ImportRefused("it is a Strict Open XML workbook: save it as an ordinary .xlsx")
    begun: list[str] = []
    parser = expat.ParserCreate()
    parser.StartDoctypeDeclHandler = refuse
    parser.StartElementHandler = lambda tag, _: begun.append(tag)
    while chunk and not begun:
        parser.Parse(chunk)
        chunk = xml.read(_CHUNK_BYTES)
    if not begun:
        parser.Parse(b"", True)  # from 2.6 on, Expat may keep what it has not seen the end of


def _has_formulas(archive: ZipFile, part: ZipInfo) -> bool:
    with archive.open(part) as xml:
        return any(b"<f" in chunk for chunk in iter(lambda: xml.read(_CHUNK_BYTES), b""))


def _with_formulas(values: Iterator[Row], written: Iterator[Row]) -> Iterator[Row]:
    """``values``, where a cell that is written as a formula and has no value says so."""
    for row, formulas in zip(values, written, strict=False):
        pairs = zip(row.cells, formulas.cells, strict=False)
        yield Row(row.line, [NOT_CALCULATED if not value and text[:1] == "=" else value for value, text in pairs])


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
    """A whole number is written without its ``.0``: phones are often stored as numbers."""
    if value is None:
        return ""
    if isinstance(value, str):
        return _ESCAPED.sub(lambda escaped: chr(int(escaped[1], 16)), value) if "_x" in value else value
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)
