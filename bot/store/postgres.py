"""PostgreSQL: a few connections, through asyncpg."""

from functools import partial
from typing import Final, TypeVar
from urllib.parse import parse_qsl, urlencode

import asyncpg  # type: ignore[import-untyped]
from sqlalchemy.ext.asyncio import create_async_engine

from bot.store.engine import Work

CONNECT_SECONDS: Final = 10.0
CONNECTIONS: Final = 5

_KNOWN_TO_ASYNCPG: Final = (
    *("host", "port", "user", "password", "dbname", "passfile", "target_session_attrs", "application_name"),
    *("sslmode", "sslcert", "sslkey", "sslrootcert", "sslcrl", "sslpassword", "sslnegotiation"),
)
"""Of libpq's options. asyncpg would send all others to the server as settings, and the server would refuse them."""

T = TypeVar("T")


class PostgresEngine:
    """An Engine. SQLAlchemy runs the statements in greenlets, on the event loop."""

    def __init__(self, url: str) -> None:
        self._engine = create_async_engine(
            "postgresql+asyncpg://",
            async_creator=partial(asyncpg.connect, postgres_dsn(url), timeout=CONNECT_SECONDS),
            pool_size=CONNECTIONS,
            max_overflow=0,
            pool_pre_ping=True,
            hide_parameters=True,
        )

    async def read(self, work: Work[T]) -> T:
        async with self._engine.connect() as connection:
            return await connection.run_sync(work)

    async def write(self, work: Work[T]) -> T:
        async with self._engine.begin() as connection:
            return await connection.run_sync(work)

    async def dispose(self) -> None:
        await self._engine.dispose()


def postgres_dsn(url: str) -> str:
    """``url`` without the options that asyncpg does not know. Like libpq it knows ``sslmode``, and several hosts."""
    address, _, query = url.partition("?")
    options = urlencode([(name, value) for name, value in parse_qsl(query) if name in _KNOWN_TO_ASYNCPG])
    return f"{address}?{options}" if options else address
