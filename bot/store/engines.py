"""DATABASE_URL as SQLAlchemy and the drivers want it."""

import asyncio
from functools import partial
from typing import Any, Final
from urllib.parse import parse_qsl, urlencode

from sqlalchemy import event
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.pool import AsyncAdaptedQueuePool

BUSY_SECONDS: Final = 5.0
"""How long SQLite waits for another process's write."""
CONNECT_SECONDS: Final = 10.0
POSTGRES_CONNECTIONS: Final = 5

_TAKEN_BY_ASYNCPG: Final = (
    *("host", "port", "user", "password", "dbname", "passfile", "target_session_attrs", "application_name"),
    *("sslmode", "sslcert", "sslkey", "sslrootcert", "sslcrl", "sslpassword", "sslnegotiation"),
)
"""Of libpq's options. asyncpg would send all others to the server as settings, and the server would refuse them."""


def engine_for(url: str) -> AsyncEngine:
    """Nothing is connected yet. Parameters are never shown in errors: they are people's and customers'."""
    scheme, _, rest = url.partition("://")
    if scheme.lower() == "sqlite":
        return _sqlite(rest.removeprefix("/"))
    return create_async_engine(
        "postgresql+asyncpg://",
        async_creator=partial(_connect_postgres, postgres_dsn(url)),
        pool_size=POSTGRES_CONNECTIONS,
        max_overflow=0,
        pool_pre_ping=True,
        hide_parameters=True,
    )


def postgres_dsn(url: str) -> str:
    """``url`` as asyncpg reads it: it knows ``sslmode`` and its kin, and several hosts, as libpq does."""
    address, _, query = url.partition("?")
    options = urlencode([(name, value) for name, value in parse_qsl(query) if name in _TAKEN_BY_ASYNCPG])
    return f"{address}?{options}" if options else address


async def _connect_postgres(dsn: str) -> Any:
    import asyncpg  # type: ignore[import-untyped]  # loaded where it is needed alone

    return await asyncpg.connect(dsn, timeout=CONNECT_SECONDS)


def _sqlite(path: str) -> AsyncEngine:
    """One connection: SQLite writes one thing at a time anyway, and in its queue nobody polls for the lock."""
    engine = create_async_engine(
        "sqlite+aiosqlite://",
        async_creator=partial(_connect_sqlite, path),
        poolclass=AsyncAdaptedQueuePool,
        pool_size=1,
        max_overflow=0,
        hide_parameters=True,
    )
    event.listen(engine.sync_engine, "connect", _prepare_sqlite)
    return engine


async def _connect_sqlite(path: str) -> Any:
    """A connection, or none and no thread either: one that is left behind speaks to an event loop that has ended."""
    import aiosqlite

    connecting = asyncio.ensure_future(_opened(aiosqlite.connect(path, timeout=BUSY_SECONDS, isolation_level=None)))
    try:
        return await asyncio.shield(connecting)
    except asyncio.CancelledError:
        await (await connecting).close()
        raise


async def _opened(connection: Any) -> Any:
    """``connection``, opened. aiosqlite does not wait for its thread where it cannot be."""
    connection._thread.daemon = True
    try:
        return await connection
    except BaseException:
        await asyncio.to_thread(connection._thread.join)
        raise


def _prepare_sqlite(connection: DBAPIConnection, _: object) -> None:
    """In WAL mode readers and the writer do not wait for one another, and a commit needs no fsync to be consistent."""
    cursor = connection.cursor()
    cursor.execute("PRAGMA journal_mode=WAL")
    cursor.execute("PRAGMA synchronous=NORMAL")
    cursor.close()
