"""CSV files, in the encodings and with the delimiters that spreadsheets of Chinese offices write."""

import codecs
import csv
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from itertools import islice
from pathlib import Path
from typing import Final, NamedTuple, TextIO

from bot.customers.directory.spreadsheet.table import HEADER_LINES, Row, Table, find_header
from bot.errors import ImportRefused

_DELIMITERS: Final = ",;\t"
_BY_MARK: Final = {codecs.BOM_UTF8: "utf-8-sig", codecs.BOM_UTF16_LE: "utf-16", codecs.BOM_UTF16_BE: "utf-16"}
_SAMPLE_BYTES: Final = 1 << 16
_CHUNK_BYTES: Final = 1 << 20
_LONGEST_LINE: Final = 1_000_000
"""Characters: a file without line breaks is no table, and is not read into memory."""


class _Text(NamedTuple):
    path: Path
    encoding: str
    lines: int


@contextmanager
def open_csv(path: Path) -> Iterator[Table]:
    """The table in ``path``, a file of text. Raises ImportRefused."""
    text = _decoded(path)
    delimiter, header = find_header((delimiter, _first_rows(text, delimiter)) for delimiter in _DELIMITERS)
    with _query(text) as stream:
        rows = (row for row in _rows(stream, delimiter) if row.line > header.line)
        yield Table(header, rows, text.lines)


def _decoded(path: Path) -> _Text:
    """How the file is to be read: the whole of it has been, once."""
    *others, last = _encodings(path)
    for encoding in others:
        with suppress(ImportRefused):
            return _Text(path, encoding, _line_breaks(path, encoding))
    return _Text(path, last, _line_breaks(path, last))


def _encodings(path: Path) -> tuple[str, ...]:
    """Those that the file may be in, the likelier first.

    UTF-8 that is damaged in one place is not read as GB18030, which would make other characters of all.
    """
    with path.open("rb") as file:
        start = file.read(_SAMPLE_BYTES)
    for mark, encoding in _BY_MARK.items():
        if start.startswith(mark):
            return (encoding,)
    text = start.decode("utf-8", "replace")
    wrong = text.count("\ufffd")
    right = sum(not character.isascii() for character in text) - wrong
    return ("utf-8",) if right > wrong else ("utf-8", "gb18030")


def _line_breaks(path: Path, encoding: str) -> int:
    """How many there are. Raises ImportRefused where the bytes are no text in this encoding."""
    decoder = codecs.getincrementaldecoder(encoding)()
    count = 0
    with path.open("rb") as file:
        chunk = b"x"
        while chunk:
            chunk = file.read(_CHUNK_BYTES)
            try:
                text = decoder.decode(chunk, final=not chunk)
            except UnicodeDecodeError as error:
                line = count + error.object[: error.start].count(b"\n") + 1
                raise ImportRefused("it is no text in UTF-8, UTF-16 or GB18030", line) from None
            if "\0" in text:
                raise ImportRefused("it is no text", count + text[: text.index("\0")].count("\n") + 1)
            count += text.count("\n")
    return count


def _first_rows(text: _Text, delimiter: str) -> list[Row]:
    """Those before the first that cannot be read: with a wrong delimiter, quotes seem to be wrong."""
    rows: list[Row] = []
    with _query(text) as stream, suppress(ImportRefused):
        rows.extend(islice(_rows(stream, delimiter), HEADER_LINES))
    return rows


def _query(text: _Text) -> TextIO:
    """csv wants the line breaks as they are: those in quotes belong to their cell."""
    return text.path.open(encoding=text.encoding, newline="")


def _rows(stream: TextIO, delimiter: str) -> Iterator[Row]:
    """Strict: what is left of a line after a wrong quote could belong anywhere."""
    reader = csv.reader(_lines(stream), delimiter=delimiter, strict=True)
    begins = 1
    try:
        for cells in reader:
            yield Row(begins, cells)
            begins = reader.line_num + 1
    except csv.Error:
        raise ImportRefused("a quote is never closed, stands where none can, or holds far too much", begins) from None


def _lines(stream: TextIO) -> Iterator[str]:
    line_number = 0
    while line := stream.readline(_LONGEST_LINE):
        line_number += 1
        if len(line) == _LONGEST_LINE:
            raise ImportRefused("the line is too long", line_number)
        yield line
