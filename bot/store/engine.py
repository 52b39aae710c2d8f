"""What Database needs of an engine, whichever database DATABASE_URL names."""

from collections.abc import Callable
from typing import Protocol, TypeVar

from sqlalchemy import Connection

T = TypeVar("T")
Work = Callable[[Connection], T]
"""The statements of one transaction, in SQLAlchemy Core. The transaction is rolled back if it raises."""


class Engine(Protocol):
    """Runs transactions. Cancelling the caller rolls its transaction back.

    Raises the errors of SQLAlchemy and of the driver. Parameters are hidden in them: they are personal data.
    """

    async def read(self, work: Work[T]) -> T:
        """Run ``work`` and roll back."""

    async def write(self, work: Work[T]) -> T:
        """Run ``work`` and commit."""

    async def dispose(self) -> None:
        """Close all connections."""
