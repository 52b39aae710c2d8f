"""The access log's rows: written to the database in batches, beside the requests, and read from there."""

import asyncio
import secrets
from collections import deque
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from itertools import count, islice
from typing import Final

import structlog

from bot.domain.audit import AuditEntry, Placed
from bot.errors import StoreUnavailable
from bot.runtime.logging import new_code
from bot.store.store import Store

BATCH: Final = 500
"""Rows of one transaction; a full batch is written at once. In batches of hundreds each row costs twice the CPU."""
WAIT_SECONDS: Final = 1.0
"""How long a row waits for others, and how soon a failed write is retried."""
MAX_WAITING: Final = 10_000
"""Rows that wait while the database is unavailable: some 7 MB."""
LAST_SECONDS: Final = 2.0
"""How long the end of the process waits for the last rows."""
DAY_SECONDS: Final = 86_400.0
NEWEST: Final = 20

log = structlog.get_logger(__name__)


class AuditWriter:
    """Writes the rows of this process in one task, and deletes rows older than ``days`` at its start and daily.

    ``now`` is the wall clock in epoch seconds.
    """

    def __init__(self, store: Store, days: float, now: Callable[[], float]) -> None:
        self._store = store
        self.days = days
        self._now = now
        self._name = secrets.token_hex(8)
        self._places = count(1)
        self._waiting: deque[Placed] = deque(maxlen=MAX_WAITING)
        self._dropped = 0
        self.lost = 0
        """How many rows were dropped."""
        self._is_full = asyncio.Event()
        self._writing = asyncio.Lock()
        self._sweep_at = 0.0

    @property
    def waiting(self) -> int:
        return len(self._waiting)

    def add(self, entry: AuditEntry) -> None:
        """Write ``entry`` soon. If MAX_WAITING rows wait already, the oldest is dropped."""
        if len(self._waiting) == MAX_WAITING:
            self._dropped += 1
            self.lost += 1
        self._waiting.append(Placed(next(self._places), entry))
        if len(self._waiting) == BATCH:
            self._is_full.set()

    async def of(self, customer_id: str) -> tuple[int, tuple[AuditEntry, ...]]:
        """How many rows a customer has within ``days``, and the NEWEST of them, the newest first.

        Rows that still wait in this process are included. Raises StoreUnavailable.
        """
        await self.flush()
        return await self._store.audit_log.of(customer_id, self._oldest(), NEWEST)

    async def flush(self) -> None:
        """Write the rows that wait now. Raises StoreUnavailable: the rest goes on waiting."""
        async with self._writing:
            last = self._waiting[-1].place if self._waiting else 0
            while self._waiting and self._waiting[0].place <= last:
                await self._write(list(islice(self._waiting, BATCH)))
        if self._dropped:
            log.warning("access_rows_dropped", rows=self._dropped)
            self._dropped = 0

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Write rows until the end, and then the last ones."""
        writing = asyncio.create_task(self._run())
        try:
            yield
        finally:
            writing.cancel()
            await asyncio.gather(writing, return_exceptions=True)
            with suppress(StoreUnavailable, TimeoutError):
                async with asyncio.timeout(LAST_SECONDS):
                    if self._waiting:
                        await self._store.first_attempt.wait()
                        await self.flush()
            if lost := len(self._waiting) + self._dropped:
                log.warning("access_rows_lost", rows=lost)

    async def _run(self) -> None:
        while True:
            with suppress(TimeoutError):
                async with asyncio.timeout(WAIT_SECONDS):
                    await self._is_full.wait()
            self._is_full.clear()
            try:
                await self.flush()
                if self._now() >= self._sweep_at and await self._store.audit_log.sweep(self._oldest()):
                    self._sweep_at = self._now() + DAY_SECONDS
            except StoreUnavailable:
                continue  # what cannot be done now is done in the next round
            except Exception:
                log.exception("access_log_failed", code=new_code())

    async def _write(self, batch: list[Placed]) -> None:
        """A bug costs the batch: it would block all rows that follow. Raises StoreUnavailable."""
        try:
            await self._store.audit_log.keep(self._name, batch)
        except StoreUnavailable:
            raise
        except Exception:
            self.lost += len(batch)
            log.exception("access_rows_lost", rows=len(batch), code=new_code())
        while self._waiting and self._waiting[0].place <= batch[-1].place:  # some may have been dropped meanwhile
            self._waiting.popleft()

    def _oldest(self) -> float:
        """Rows that are not newer than this are deleted, some of them in each round."""
        return self._now() - self.days * DAY_SECONDS
