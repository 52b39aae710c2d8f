"""The access log's rows: on their way to the database, in batches for which nobody waits, and read from there."""

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
"""Rows that are written at once; so many are not kept waiting. In hundreds each costs twice the CPU."""
WAIT_SECONDS: Final = 1.0
"""How long a row waits for others, and how soon the database is tried again."""
MAX_WAITING: Final = 10_000
"""Rows that wait while the database cannot be used: some 7 MB."""
LAST_SECONDS: Final = 2.0
"""For the last rows, when the process ends."""
DAY_SECONDS: Final = 86_400.0
NEWEST: Final = 20

log = structlog.get_logger(__name__)


class AuditWriter:
    """Those of this process are written by one task; those older than ``days`` are deleted, at its start and daily.

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
        """How many rows will never be in the database."""
        self._is_full = asyncio.Event()
        self._writing = asyncio.Lock()
        self._sweep_at = 0.0

    @property
    def waiting(self) -> int:
        return len(self._waiting)

    def add(self, entry: AuditEntry) -> None:
        """Have it written soon. Where MAX_WAITING wait already, the oldest is dropped."""
        if len(self._waiting) == MAX_WAITING:
            self._dropped += 1
            self.lost += 1
        self._waiting.append(Placed(next(self._places), entry))
        if len(self._waiting) == BATCH:
            self._is_full.set()

    async def of(self, customer_id: str) -> tuple[int, tuple[AuditEntry, ...]]:
        """How many there are of a customer within ``days``, and the NEWEST of them, the newest first.

        Those that this process has not written yet are among them. Raises StoreUnavailable.
        """
        await self.flush()
        return await self._store.audit_log.of(customer_id, self._too_old(), NEWEST)

    async def flush(self) -> None:
        """Write what waits now. Raises StoreUnavailable: what was not written waits on."""
        async with self._writing:
            last = self._waiting[-1].place if self._waiting else 0
            while self._waiting and self._waiting[0].place <= last:
                await self._write(list(islice(self._waiting, BATCH)))
        if self._dropped:
            log.warning("access_rows_dropped", rows=self._dropped)
            self._dropped = 0

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """The rows are written meanwhile, and in the end the last of them."""
        writing = asyncio.create_task(self._run())
        try:
            yield
        finally:
            writing.cancel()
            await asyncio.gather(writing, return_exceptions=True)
            await self._write_the_last()

    async def _run(self) -> None:
        while True:
            with suppress(TimeoutError):
                async with asyncio.timeout(WAIT_SECONDS):
                    await self._is_full.wait()
            self._is_full.clear()
            await self._write_and_sweep()

    async def _write_and_sweep(self) -> None:
        """What cannot be done now is done the next time. A bug is no end of the rows."""
        try:
            await self.flush()
            await self._sweep()
        except StoreUnavailable:
            return
        except Exception:
            log.exception("access_log_failed", code=new_code())

    async def _write(self, batch: list[Placed]) -> None:
        """A bug costs the rows, which would else be in the way of all that follow. Raises StoreUnavailable."""
        try:
            await self._store.audit_log.keep(self._name, batch)
        except StoreUnavailable:
            raise
        except Exception:
            self.lost += len(batch)
            log.exception("access_rows_lost", rows=len(batch), code=new_code())
        while self._waiting and self._waiting[0].place <= batch[-1].place:  # some may have been dropped meanwhile
            self._waiting.popleft()

    async def _sweep(self) -> None:
        """A part each time, until nothing is left that is too old; then on the next day. Raises StoreUnavailable."""
        if self._now() >= self._sweep_at and await self._store.audit_log.sweep(self._too_old()):
            self._sweep_at = self._now() + DAY_SECONDS

    def _too_old(self) -> float:
        """What is not newer than this is not kept."""
        return self._now() - self.days * DAY_SECONDS

    async def _write_the_last(self) -> None:
        if not self._waiting:
            return
        with suppress(StoreUnavailable, TimeoutError):
            async with asyncio.timeout(LAST_SECONDS):
                await self._store.first_attempt.wait()
                await self.flush()
        if lost := len(self._waiting) + self._dropped:
            log.warning("access_rows_lost", rows=lost)
