"""Sync of the directory with the CRM's lists: customers that a list names and the directory lacks are fetched.

A sync goes through contacts, devices and work orders page by page and saves its cursor after each page, so that a
killed sync is resumed there. Of the processes that share a database, the one with the lease syncs.
"""

import asyncio
import random
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Final, NamedTuple, Protocol

import structlog

from bot.crm.customer_lists import ListPage, ListSource
from bot.customers.directory.entries import entry_of
from bot.customers.directory.index import Directory
from bot.customers.directory.pacing import PacedRequests
from bot.customers.lookup import CustomerSource
from bot.domain.profile import CustomerKey, ServiceNetwork
from bot.errors import CrmError, CrmUnauthorized, StoreUnavailable, SyncInProgress
from bot.runtime.logging import new_code
from bot.store.store import Store

if TYPE_CHECKING:
    from bot.store.sync_state import SyncLease

LEASE_SECONDS: Final = 60.0
"""How long another process waits after one that was killed during its sync."""
RELEASE_SECONDS: Final = 1.0
"""How long a run that has ended waits for a slow database to release the lease: the end of the process waits too."""
MAX_PAGES: Final = 100_000
"""Of one list: no list of the CRM states its end, so a bound is needed."""
FAILED_IN_A_ROW: Final = 5
"""A customer that cannot be fetched is skipped. After so many in a row, the CRM is at fault and the run stops."""
FIRST_CHECK_SECONDS: Final = 30.0
"""Users come first when a process starts. The same wait follows a check while the database was unavailable."""
LONGEST_CHECK_SECONDS: Final = 600.0
SHORTEST_CHECK_SECONDS: Final = 1.0

log = structlog.get_logger(__name__)


class SyncProgress(NamedTuple):
    """The page that a run is at, and its counts so far.

    ``seen`` customers were named by the lists (a customer counts once for each page that names it), ``new`` ones were
    learnt, ``missing`` ones are named by a list and not returned by GetCustomer. The CRM states no totals.
    """

    source: ListSource
    page: int
    seen: int
    new: int
    missing: int


class SyncReport(NamedTuple):
    """The outcome of a run, in the counts of SyncProgress. ``reason`` says why it is incomplete, without any data.

    The next run resumes an incomplete one.
    """

    complete: bool
    seen: int
    new: int
    missing: int
    reason: str = ""


class CustomerPages(Protocol):
    """The CRM's lists."""

    async def page(self, source: ListSource, network: ServiceNetwork, page_index: int) -> ListPage:
        """The first page has ``page_index`` 1. Raises CrmError."""
        ...


class Crm(NamedTuple):
    """What a sync needs of the CRM, at most ``per_second`` requests a second."""

    lists: CustomerPages
    customers: CustomerSource
    per_second: float


@dataclass(frozen=True)
class DirectorySync:
    """Fills ``directory`` with the customers of ``network``.

    ``now`` is the wall clock in epoch seconds. A lease that is not renewed for ``lease_seconds`` is free for others.
    """

    crm: Crm
    directory: Directory
    store: Store
    network: ServiceNetwork
    now: Callable[[], float] = time.time
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
    lease_seconds: float = LEASE_SECONDS

    async def is_due(self, period_seconds: float) -> bool:
        """Whether no process completed a sync within ``period_seconds``. Raises StoreUnavailable."""
        finished_at = await self.store.sync_state.finished_at(self.network)
        return finished_at is None or self.now() - finished_at >= period_seconds

    async def run(self, progress: Callable[[SyncProgress], None] = lambda _: None) -> SyncReport:
        """Sync from where the last run stopped, or from the beginning. ``progress`` is called after every step.

        Raises SyncInProgress if another process has the lease; the report covers all other expected errors. The lease
        is released in any case, also if the run is cancelled.
        """
        try:
            lease = await self.store.sync_state.acquire(self.network, self.lease_seconds)
        except StoreUnavailable as error:
            return SyncReport(False, 0, 0, 0, str(error))
        log.info("directory_sync_began", source=lease.cursor.source, page=lease.cursor.page)
        requests = PacedRequests(lease, self.crm.per_second, self.now, self.sleep)
        run = _Run(self.crm, self.directory, self.network, lease, requests, progress)
        reason = ""
        try:
            await run.sync()
        except CrmError as error:
            reason = f"the CRM failed: {error}"
        except (StoreUnavailable, SyncInProgress) as error:
            reason = str(error)
        finally:
            with suppress(StoreUnavailable, TimeoutError):  # the lease expires by itself then
                async with asyncio.timeout(RELEASE_SECONDS):
                    await lease.release()
        report = SyncReport(not reason, run.seen, run.new, len(run.missing), reason)
        write = log.info if report.complete else log.warning
        write("directory_sync_ended", **report._asdict())
        return report


@dataclass
class _Run:
    """One run under one lease, and its counts."""

    crm: Crm
    directory: Directory
    network: ServiceNetwork
    lease: "SyncLease"
    requests: PacedRequests
    progress: Callable[[SyncProgress], None]
    seen: int = 0
    new: int = 0
    missing: set[str] = field(default_factory=set)
    failed_in_a_row: int = 0

    async def sync(self) -> None:
        """All lists from the cursor on. Raises CrmError, StoreUnavailable and SyncInProgress."""
        cursor, lists = self.lease.cursor, list(ListSource)
        begin = lists.index(ListSource(cursor.source)) if cursor.source in lists else 0
        for source in lists[begin:]:
            first_page = cursor.page if source == cursor.source else 1
            await self.lease.save(source, first_page)
            await self.sync_list(source, first_page)
        await self.lease.finish()

    async def sync_list(self, source: ListSource, first_page: int) -> None:
        """Until a page has no row that the one before had not: the CRM may return its first or last page forever."""
        previous: frozenset[str] = frozenset()
        for index in range(first_page, MAX_PAGES + 1):
            self.report(source, index)
            page = await self.requests.send(partial(self.crm.lists.page, source, self.network, index))
            rows = frozenset(page.row_ids)
            if rows <= previous:
                return
            self.seen += len(page.customer_ids)
            for customer_id in await self.directory.unknown(self.network, page.customer_ids):
                if customer_id not in self.missing:
                    await self.learn(customer_id)
                    self.report(source, index)
            await self.lease.save(source, index + 1)
            previous = rows

    async def learn(self, customer_id: str) -> None:
        """Fetch one customer and store it at once, so that no run fetches it again.

        One that the CRM fails to return is skipped: it must not stop every sync at its page.
        """
        try:
            key = CustomerKey(*self.network, customer_id)
            profile = await self.requests.send(partial(self.crm.customers.get_customer, key))
            self.failed_in_a_row = 0
        except CrmError as error:
            self.failed_in_a_row += 1
            if isinstance(error, CrmUnauthorized) or self.failed_in_a_row == FAILED_IN_A_ROW:
                raise
            log.warning("directory_sync_left_out", customer_id=customer_id, reason=str(error))
            profile = None
        if profile is None:
            self.missing.add(customer_id)
        else:
            await self.directory.keep(self.network, [entry_of(profile)])
            self.new += 1

    def report(self, source: ListSource, page: int) -> None:
        self.progress(SyncProgress(source, page, self.seen, self.new, len(self.missing)))


async def keep_in_sync(
    sync: DirectorySync,
    period_hours: float,
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    progress: Callable[[SyncProgress], None] = lambda _: None,
) -> None:
    """Sync whenever the last complete sync is ``period_hours`` old, until cancelled; 0: never.

    A sync that stopped early, in this process or another, is resumed at the next check. The time between checks is
    random by 10 %, so that processes that started together do not check together. A bug is logged and ends nothing.
    """
    if not period_hours:
        return
    period_seconds = period_hours * 3_600
    wait = FIRST_CHECK_SECONDS
    while True:
        await sleep(wait * random.uniform(0.9, 1.1))
        wait = max(SHORTEST_CHECK_SECONDS, min(period_seconds / 10, LONGEST_CHECK_SECONDS))
        try:
            if await sync.is_due(period_seconds):
                with suppress(SyncInProgress):
                    await sync.run(progress)
        except StoreUnavailable:
            wait = FIRST_CHECK_SECONDS
        except Exception:
            log.exception("directory_sync_failed", code=new_code())
