"""DATABASE_URL as an engine: what runs transactions, whichever database it is."""

from collections.abc import Callable
from typing import Protocol, TypeVar

from sqlalchemy import Connection

T = TypeVar("T")
Work = Callable[[Connection], T]
"""What is done in a transaction: ordinary SQLAlchemy Core. It is rolled back if this raises."""


class Engine(Protocol):
    """A transaction is rolled back if nobody waits for it any more. Raises what SQLAlchemy and the drivers raise."""

    async def read(self, work: Work[T]) -> T:
        """Nothing that ``work`` writes is kept."""
        ...

    async def write(self, work: Work[T]) -> T:
        """All of ``work`` or nothing."""
        ...

    async def dispose(self) -> None:
        """Close all connections, for good."""
        ...


def engine_for(url: str) -> Engine:
    """Nothing is connected yet, and of the two kinds only what this one needs is loaded.

    Parameters are never shown in errors: they are people's and customers'.
    """
    scheme, _, rest = url.partition("://")
    if scheme.lower() == "sqlite":
        from bot.store.sqlite import SqliteEngine

        return SqliteEngine(rest.removeprefix("/"))
    from bot.store.postgres import PostgresEngine

    return PostgresEngine(url)
