"""What a database's error means, in words that name no host, user, password or value."""

import os
import socket
import sqlite3
import ssl
from typing import Final

from sqlalchemy import exc

_BUGS: Final = (exc.ProgrammingError, exc.IntegrityError, exc.DataError, exc.NotSupportedError)
_NO_BUGS: Final = ("42P01", "3F000", "42501")
"""SQLSTATEs that are programming errors by their class, and yet for the operator: no such table or schema, no right."""


def failure(error: Exception) -> str | None:
    """Why the database cannot be used. None: it can; the error is a bug of ours."""
    if isinstance(error, exc.DBAPIError):
        return _driver_failure(error)
    if isinstance(error, (TimeoutError, exc.TimeoutError)):
        return "the database gives no answer in time"
    if isinstance(error, OSError):
        return f"the database cannot be reached: {_network_failure(error)}"
    if type(error).__module__.startswith("asyncpg."):  # raised as it is while connecting
        return f"the database refuses: {type(error).__name__}"
    return None


def _driver_failure(error: exc.DBAPIError) -> str | None:
    if isinstance(error.orig, sqlite3.Error):
        return _sqlite_failure(error, error.orig)
    cause = error.orig.__cause__ if error.orig else None
    if isinstance(cause, ValueError):  # asyncpg was given a value that it cannot send
        return None
    if isinstance(error, _BUGS) and getattr(cause, "sqlstate", None) not in _NO_BUGS:
        return None
    return f"the database refuses: {type(cause or error).__name__}"


def _sqlite_failure(error: exc.DBAPIError, original: sqlite3.Error) -> str | None:
    """SQLite's own words are fixed ones, such as "database is locked" or "unable to open database file"."""
    words = str(original)
    wrong_sql = original.sqlite_errorcode == sqlite3.SQLITE_ERROR and not words.startswith("no such table")
    return None if isinstance(error, _BUGS) or wrong_sql else f"the database cannot be used: {words}"


def _network_failure(error: OSError) -> str:
    """``strerror`` is of no use: asyncio writes the address into it."""
    if isinstance(error, ssl.SSLError):
        return f"TLS failed ({error.reason})"
    if isinstance(error, socket.gaierror):
        return "its host has no address"
    return os.strerror(error.errno) if error.errno else type(error).__name__
