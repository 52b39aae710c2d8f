"""Transactions, and the one place where what a database throws becomes StoreUnavailable."""

import asyncio
import math
from collections.abc import Coroutine
from typing import Any, Final, TypeVar

import structlog

from bot.errors import StoreUnavailable
from bot.runtime.tasks import BackgroundTasks
from bot.store.engine import Engine, Work
from bot.store.error_messages import failure

TIMEOUT_SECONDS: Final = 3.0
"""How long anybody waits for the database: a trigger id lasts as long."""
BACKOFF_SECONDS: Final = 2.0
"""How long nobody asks again after that, so that not each of many waits."""
CLOSING_SECONDS: Final = 3.0
"""For what is under way when the process ends: no operation takes longer."""

T = TypeVar("T")

log = structlog.get_logger(__name__)


class Database:
    """Runs transactions on ``engine``. ``trouble`` says in one line why the last one failed; "" if it did not."""

    def __init__(
        self, engine: Engine, timeout_seconds: float = TIMEOUT_SECONDS, backoff_seconds: float = BACKOFF_SECONDS
    ) -> None:
        self._engine = engine
        self._seconds = timeout_seconds
        self._rest_seconds = backoff_seconds
        self._tasks = BackgroundTasks()
        self._rests_until = 0.0
        self.trouble = ""

    async def read(self, work: Work[T]) -> T:
        """Nothing that ``work`` writes is kept. Raises StoreUnavailable."""
        return await self._run(self._engine.read(work), self._seconds)

    async def write(self, work: Work[T], within_seconds: float | None = None) -> T:
        """All of ``work`` or nothing. Raises StoreUnavailable."""
        return await self._run(self._engine.write(work), within_seconds or self._seconds)

    async def close(self) -> None:
        """For good: an engine that was disposed would connect again for whoever still asks."""
        await self._tasks.drain(CLOSING_SECONDS)
        self.trouble, self._rests_until = "the database is closed", math.inf
        await self._engine.dispose()

    async def _run(self, operation: Coroutine[Any, Any, T], seconds: float) -> T:
        loop = asyncio.get_running_loop()
        if loop.time() < self._rests_until:
            operation.close()
            raise StoreUnavailable(self.trouble)
        try:
            result = await self._within(seconds, self._tasks.start(operation))
        except Exception as error:
            reason = failure(error)
            if reason is None:
                raise
            if isinstance(error, TimeoutError):
                self._rests_until = loop.time() + self._rest_seconds
            self._note(reason)
            raise StoreUnavailable(reason) from None  # the cause may show SQL, an address or a value
        self._note("")
        return result

    async def _within(self, seconds: float, task: asyncio.Task[T]) -> T:
        """Raises TimeoutError. A task is left behind then: a connection that hangs takes its time to be given up."""
        try:
            if (await asyncio.wait({task}, timeout=seconds))[0]:
                return task.result()
            raise TimeoutError
        finally:
            task.cancel()
            task.add_done_callback(_look_at)

    def _note(self, trouble: str) -> None:
        if trouble and not self.trouble:
            log.warning("database_lost", reason=trouble)
        elif self.trouble and not trouble:
            log.info("database_back")
        self.trouble = trouble


def _look_at(task: asyncio.Task[Any]) -> None:
    """Nobody waits for it any more; asyncio complains about exceptions that nobody has seen."""
    if not task.cancelled():
        task.exception()
