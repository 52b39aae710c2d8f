"""PostgreSQL: a few connections, through asyncpg."""

from functools import partial
from typing import Any, Final, TypeVar
from urllib.parse import parse_qsl, urlencode

from sqlalchemy.ext.asyncio import create_async_engine

from bot.store.engine import Work

CONNECT_SECONDS: Final = 10.0
CONNECTIONS: Final = 5

_TAKEN_BY_ASYNCPG: Final = (
    *("host", "port", "user", "password", "dbname", "passfile", "target_session_attrs", "application_name"),
    *("sslmode", "sslcert", "sslkey", "sslrootcert", "sslcrl", "sslpassword", "sslnegotiation"),
)
"""Of libpq's options. asyncpg would send all others to the server as settings, and the server would refuse them."""

T = TypeVar("T")


class PostgresEngine:
    """An Engine. Works run in greenlets, on the event loop."""

    def __init__(self, url: str) -> None:
        self._engine = create_async_engine(
            "postgresql+asyncpg://",
            async_creator=partial(_connect, postgres_dsn(url)),
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
    """``url`` as asyncpg reads it: it knows ``sslmode`` and its kin, and several hosts, as libpq does."""
    address, _, query = url.partition("?")
    options = urlencode([(name, value) for name, value in parse_qsl(query) if name in _TAKEN_BY_ASYNCPG])
    return f"{address}?{options}" if options else address


async def _connect(dsn: str) -> Any:
    import asyncpg  # type: ignore[import-untyped]  # loaded where it is needed alone

    return await asyncpg.connect(dsn, timeout=CONNECT_SECONDS)
