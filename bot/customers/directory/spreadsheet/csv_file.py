"""CSV files, in the encodings and with the delimiters of Chinese spreadsheets."""

import codecs
import csv
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final, TextIO

from bot.customers.directory.spreadsheet.table import Row, Table, find_header
from bot.errors import ImportRefused

_DELIMITERS: Final = ",;\t"
_BY_MARK: Final = {codecs.BOM_UTF8: "utf-8-sig", codecs.BOM_UTF16_LE: "utf-16", codecs.BOM_UTF16_BE: "utf-16"}
_SAMPLE_BYTES: Final = 1 << 16
_CHUNK_BYTES: Final = 1 << 20
_LONGEST_LINE: Final = 1_000_000
"""Characters. A file without line breaks is no table, and must not be read into memory as one line."""


@contextmanager
def open_csv(path: Path) -> Iterator[Table]:
    """The table in ``path``, a text file. Raises ImportRefused."""
    encoding, lines = _encoding_and_lines(path)
    with path.open(encoding=encoding, newline="") as stream:  # line breaks in quotes are part of their cell

        def readable_rows(delimiter: str) -> Iterator[Row]:
            with suppress(ImportRefused):  # with a wrong delimiter, quotes seem to be wrong
                yield from _rows(stream, delimiter)

        delimiter, header = find_header((delimiter, readable_rows(delimiter)) for delimiter in _DELIMITERS)
        yield Table(header, (row for row in _rows(stream, delimiter) if row.line > header.line), lines)


def _encoding_and_lines(path: Path) -> tuple[str, int]:
    """The encoding of the file, all of which can be decoded, and the number of its line breaks.

    UTF-8 that is damaged in one place is not read as GB18030, which would garble every other character.
    """
    with path.open("rb") as file:
        start = file.read(_SAMPLE_BYTES)
    encoding = next((encoding for mark, encoding in _BY_MARK.items() if start.startswith(mark)), "utf-8")
    text = start.decode("utf-8", "replace")
    wrong = text.count("\ufffd")
    right = sum(not character.isascii() for character in text) - wrong
    if encoding == "utf-8" and right <= wrong:
        with suppress(ImportRefused):
            return encoding, _line_breaks(path, encoding)
        encoding = "gb18030"
    return encoding, _line_breaks(path, encoding)


def _line_breaks(path: Path, encoding: str) -> int:
    """The number of line breaks. Raises ImportRefused if the bytes are no text in this encoding."""
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


def _rows(stream: TextIO, delimiter: str) -> Iterator[Row]:
    """All rows. Strict: after a wrong quote it is unknown where the cells of a line end."""

    def lines() -> Iterator[str]:
        for number, line in enumerate(iter(lambda: stream.readline(_LONGEST_LINE), ""), 1):
            if len(line) == _LONGEST_LINE:
                raise ImportRefused("the line is too long", number)
            yield line

    stream.seek(0)
    reader = csv.reader(lines(), delimiter=delimiter, strict=True)
    begins = 1
    try:
        for cells in reader:
            yield Row(begins, cells)
            begins = reader.line_num + 1
    except csv.Error:
        raise ImportRefused("a quote is never closed, stands where none can, or holds far too much", begins) from None
