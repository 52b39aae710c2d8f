"""Transactions with a timeout, and the one place where a database error becomes StoreUnavailable."""

import asyncio
import math
from collections.abc import Callable, Coroutine
from typing import Any, Final, TypeVar

import structlog

from bot.errors import StoreUnavailable
from bot.runtime.tasks import BackgroundTasks
from bot.store.engine import Engine, Work
from bot.store.error_messages import failure

TIMEOUT_SECONDS: Final = 3.0
"""For one transaction: Slack's trigger ids expire after three seconds."""
BACKOFF_SECONDS: Final = 2.0
"""How long transactions fail at once after one has timed out, so that not every caller waits for the timeout."""
CLOSING_SECONDS: Final = 3.0
"""How long closing waits for running transactions: as long as the longest of them."""

T = TypeVar("T")

log = structlog.get_logger(__name__)


class Database:
    """Runs transactions on the database at ``url``, and connects for the first of them.

    ``trouble`` says in one line why the last transaction failed; "" if it succeeded.
    """

    def __init__(
        self, url: str, timeout_seconds: float = TIMEOUT_SECONDS, backoff_seconds: float = BACKOFF_SECONDS
    ) -> None:
        self._engine = _engine_for(url)
        self._timeout_seconds = timeout_seconds
        self._backoff_seconds = backoff_seconds
        self._tasks = BackgroundTasks()
        self._retry_at = 0.0
        self.trouble = ""

    async def read(self, work: Work[T]) -> T:
        """Run ``work`` and roll back. Raises StoreUnavailable."""
        return await self._run(self._engine.read(work), self._timeout_seconds)

    async def write(self, work: Work[T], timeout_seconds: float | None = None) -> T:
        """Run ``work`` and commit. Raises StoreUnavailable."""
        return await self._run(self._engine.write(work), timeout_seconds or self._timeout_seconds)

    async def close(self) -> None:
        """Close for good: a later transaction fails, since a disposed engine would connect again."""
        await self._tasks.drain(CLOSING_SECONDS)
        self.trouble, self._retry_at = "the database is closed", math.inf
        await self._engine.dispose()

    async def _run(self, operation: Coroutine[Any, Any, T], timeout_seconds: float) -> T:
        loop = asyncio.get_running_loop()
        if loop.time() < self._retry_at:
            operation.close()
            raise StoreUnavailable(self.trouble)
        task = self._tasks.start(operation)
        try:
            # asyncio.timeout would wait for the cancelled task, which may take long to give up a dead connection
            if not (await asyncio.wait({task}, timeout=timeout_seconds))[0]:
                raise TimeoutError
            result = task.result()
        except Exception as error:
            reason = failure(error)
            if reason is None:
                raise
            if isinstance(error, TimeoutError):
                self._retry_at = loop.time() + self._backoff_seconds
            self._set_trouble(reason)
            raise StoreUnavailable(reason) from None  # the cause may show SQL, an address or a value
        finally:
            task.cancel()
            # retrieves the exception, else asyncio logs that it never was
            task.add_done_callback(lambda done: done.cancelled() or done.exception())
        self._set_trouble("")
        return result

    def _set_trouble(self, trouble: str) -> None:
        if trouble and not self.trouble:
            log.warning("database_lost", reason=trouble)
        elif self.trouble and not trouble:
            log.info("database_back")
        self.trouble = trouble


class Repository:
    """Base class of the repositories. All methods of a repository that wait raise StoreUnavailable.

    ``now`` is the wall clock in epoch seconds. Processes on several machines share the database: what is compared
    with it assumes that their clocks agree within seconds.
    """

    def __init__(self, database: Database, now: Callable[[], float]) -> None:
        self._database = database
        self._now = now


def _engine_for(url: str) -> Engine:
    """Loads the one driver that ``url`` needs."""
    scheme, _, path = url.partition("://")
    if scheme.lower() == "sqlite":
        from bot.store.sqlite import SqliteEngine

        return SqliteEngine(path.removeprefix("/"))
    from bot.store.postgres import PostgresEngine

    return PostgresEngine(url)
