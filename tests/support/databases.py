"""Databases for the tests of the store: a SQLite file each, and a database each on the tests' own PostgreSQL server."""

import uuid
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import asyncpg  # type: ignore[import-untyped]
import pytest

from bot.store.store import Store
from tests.support.postgres_server import server

SQLITE_AND_POSTGRES = ("sqlite", "postgresql")


@asynccontextmanager
async def empty_database(kind: str, directory: Path) -> AsyncIterator[str]:
    """The URL of one that nobody else uses. Skips the test where there is no PostgreSQL."""
    if kind == "sqlite":
        yield f"sqlite:///{directory / 'store.db'}"
        return
    name = f"test_{uuid.uuid4().hex}"
    await on_server(f"CREATE DATABASE {name}")
    try:
        yield urlsplit(server())._replace(path=f"/{name}").geturl()
    finally:
        await on_server(f"DROP DATABASE {name} WITH (FORCE)")


async def on_server(statement: str, *values: Any) -> None:
    """Run one statement beside all databases."""
    connection = await asyncpg.connect(server())
    try:
        await connection.execute(statement, *values)
    finally:
        await connection.close()


@asynccontextmanager
async def opened(url: str, now: Callable[[], float]) -> AsyncIterator[Store]:
    store = Store(url, now, first_wait_seconds=0.01)
    await store.open()
    try:
        yield store
    finally:
        await store.close()


@pytest.fixture(name="store")
async def store_of_each(url: str, clock: Callable[[], float]) -> AsyncIterator[Store]:
    """For modules that import it: the store that is open is on each kind of database."""
    async with opened(url, clock) as store:
        yield store
