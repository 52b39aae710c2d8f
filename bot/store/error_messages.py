"""Why a database error happened, in one line without any host, user, password or value."""

import os
import socket
import sqlite3
import ssl
from typing import Final

from sqlalchemy import exc

_BUGS: Final = (exc.ProgrammingError, exc.IntegrityError, exc.DataError, exc.NotSupportedError)
_OPERATORS: Final = ("42P01", "3F000", "42501")
"""SQLSTATEs of programming errors that the operator has to fix: a table or schema is missing, or a privilege."""


def failure(error: Exception) -> str | None:
    """Why the database cannot be used. None: it can be used, and the error is a bug in this program."""
    if isinstance(error, exc.DBAPIError):
        return _driver_failure(error)
    if isinstance(error, (TimeoutError, exc.TimeoutError)):
        return "the database gives no answer in time"
    if isinstance(error, ssl.SSLError):
        return f"the database cannot be reached: TLS failed ({error.reason})"
    if isinstance(error, socket.gaierror):
        return "the database cannot be reached: its host has no address"
    if isinstance(error, OSError):  # not ``strerror``: asyncio writes the address into it
        reason = os.strerror(error.errno) if error.errno else type(error).__name__
        return f"the database cannot be reached: {reason}"
    if type(error).__module__.startswith("asyncpg."):  # SQLAlchemy does not wrap errors of connecting
        return f"the database refuses: {type(error).__name__}"
    return None


def _driver_failure(error: exc.DBAPIError) -> str | None:
    is_bug = isinstance(error, _BUGS)
    original = error.orig
    if isinstance(original, sqlite3.Error):
        message = str(original)  # SQLite's own are fixed texts, such as "database is locked"
        is_wrong_sql = original.sqlite_errorcode == sqlite3.SQLITE_ERROR and not message.startswith("no such table")
        return None if is_bug or is_wrong_sql else f"the database cannot be used: {message}"
    cause = original.__cause__ if original else None
    is_unencodable = isinstance(cause, ValueError)  # raised by asyncpg for a value of the wrong type
    if is_unencodable or (is_bug and getattr(cause, "sqlstate", None) not in _OPERATORS):
        return None
    return f"the database refuses: {type(cause or error).__name__}"
