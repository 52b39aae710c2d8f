"""Opens a file that should be a table of customers."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from bot.customers.directory.spreadsheet.csv_file import open_csv
from bot.customers.directory.spreadsheet.table import Table
from bot.customers.directory.spreadsheet.xlsx_file import open_workbook
from bot.errors import ImportRefused

MAX_BYTES: Final = 200_000_000

_ZIPS: Final = (b"PK\x03\x04", b"PK\x05\x06")
_NO_TABLES: Final = (
    (b"\xd0\xcf\x11\xe0", "it is an old .xls, or has a password: save it as .xlsx or .csv without one"),
    (b"%PDF", "it is a PDF: save the table as .xlsx or .csv"),
    (b"\x89PNG", "it is a picture: the table is needed as .xlsx or .csv"),
    (b"<", "it is a web page: save the table as .xlsx or .csv"),
)
"""The most frequent files that are no tables, by how they begin. Of all others, the missing header is reported."""


@contextmanager
def open_table(path: Path) -> Iterator[Table]:
    """The table in ``path``, readable while it is open. The type of the file is detected by its content, not its name.

    Raises ImportRefused.
    """
    try:
        if path.exists() and not path.is_file():
            raise ImportRefused("it is no file")
        with path.open("rb") as file:
            beginning = file.read(1_000).lstrip(b"\xef\xbb\xbf \t\r\n")
        if not beginning:
            raise ImportRefused("the file is empty")
        if path.stat().st_size > MAX_BYTES:
            raise ImportRefused(f"the file is larger than {MAX_BYTES // 1_000_000} MB")
        for magic, reason in _NO_TABLES:
            if beginning.startswith(magic):
                raise ImportRefused(reason)
        with open_workbook(path) if beginning.startswith(_ZIPS) else open_csv(path) as table:
            yield table
    except OSError as error:
        raise ImportRefused(f"the file cannot be read: {error.strerror}") from None
