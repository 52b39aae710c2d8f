"""Opening a file that somebody says is a table of customers."""

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
"""What people take for a table most often, by how it begins; the rest is found to have no header."""


@contextmanager
def open_table(path: Path) -> Iterator[Table]:
    """The table in ``path``, read while it is open. What the file is, its content says: its name may be wrong.

    Raises ImportRefused.
    """
    try:
        begins = _beginning(path)
        with open_workbook(path) if begins.startswith(_ZIPS) else open_csv(path) as table:
            yield table
    except OSError as error:
        raise ImportRefused(f"the file cannot be read: {error.strerror}") from None


def _beginning(path: Path) -> bytes:
    if path.exists() and not path.is_file():
        raise ImportRefused("it is no file")
    with path.open("rb") as file:
        begins = file.read(1_000).lstrip(b"\xef\xbb\xbf \t\r\n")
    if not begins:
        raise ImportRefused("the file is empty")
    if path.stat().st_size > MAX_BYTES:
        raise ImportRefused(f"the file is larger than {MAX_BYTES // 1_000_000} MB")
    for beginning, reason in _NO_TABLES:
        if begins.startswith(beginning):
            raise ImportRefused(reason)
    return begins
