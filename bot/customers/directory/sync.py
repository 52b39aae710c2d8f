"""Filling the directory from the CRM's lists: a customer whom they name and the directory does not know is asked for.

A sync goes through contacts, devices and work orders, page by page, and notes its place after each page: one that was
killed goes on there. Processes that share a database take turns.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, Final, NamedTuple, Protocol

import structlog

from bot.crm.customer_lists import ListPage, ListSource
from bot.customers.directory.entries import entry_of
from bot.customers.directory.index import Directory
from bot.customers.directory.pacing import PacedRequests
from bot.domain.profile import CustomerKey, CustomerProfile, ServiceNetwork
from bot.errors import CrmError, CrmUnauthorized, StoreUnavailable, SyncInProgress
from bot.store.store import Store

if TYPE_CHECKING:
    from bot.store.sync_state import SyncCursor, SyncLease

LEASE_SECONDS: Final = 60.0
"""How long the next process waits after one that was killed in the middle of its turn."""
RELEASE_SECONDS: Final = 1.0
"""How long a run that has ended waits for a database that hangs: the end of the process does too."""
MAX_PAGES: Final = 100_000
"""Of one list: no list of the CRM's says where it ends, and this one never may."""
FAILED_IN_A_ROW: Final = 5
"""A customer that cannot be read is left out. So many one after the other mean that the CRM is to blame."""

log = structlog.get_logger(__name__)


class SyncProgress(NamedTuple):
    """How far a run has come: the page that it is at, and what it counted since its beginning.

    ``seen`` customers were named by the lists (one that several pages name counts each time), ``new`` ones were learnt,
    ``missing`` ones are named by a list and not shown by GetCustomer. How many there will be, the CRM does not say.
    """

    source: ListSource
    page: int
    seen: int
    new: int
    missing: int


class SyncReport(NamedTuple):
    """What a run came to, in the counts of SyncProgress. ``reason`` says why it is not complete, without any data.

    What is not complete goes on at its place when it is run again.
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


class CustomerSource(Protocol):
    """The CRM's customers."""

    async def get_customer(self, key: CustomerKey) -> CustomerProfile | None:
        """The profile, or None if there is no such customer. Raises CrmError."""
        ...


class Crm(NamedTuple):
    """What a sync asks of the CRM, ``per_second`` times a second at most."""

    lists: CustomerPages
    customers: CustomerSource
    per_second: float


class DirectorySync:
    """Fills ``directory`` with the customers of ``network``.

    ``now`` is the wall clock in epoch seconds; ``sleep`` waits for seconds. A turn that is not kept for
    ``lease_seconds`` is another process's to take.
    """

    def __init__(
        self,
        crm: Crm,
        directory: Directory,
        store: Store,
        network: ServiceNetwork,
        now: Callable[[], float] = time.time,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        lease_seconds: float = LEASE_SECONDS,
    ) -> None:
        self._crm = crm
        self._directory = directory
        self._store = store
        self._network = network
        self._now = now
        self._sleep = sleep
        self._lease_seconds = lease_seconds

    async def is_due(self, period_seconds: float) -> bool:
        """Whether no sync, of any process, was completed in this time. Raises StoreUnavailable."""
        finished_at = await self._store.sync_state.finished_at(self._network)
        return finished_at is None or self._now() - finished_at >= period_seconds

    async def run(self, progress: Callable[[SyncProgress], None] = lambda _: None) -> SyncReport:
        """Sync from where the last run stopped, or from the beginning. ``progress`` is told of every step.

        Raises SyncInProgress if another process is at it. Whatever else is expected to go wrong stands in the report.
        Also a run that is cancelled gives its turn back.
        """
        try:
            turn = await self._store.sync_state.acquire(self._network, self._lease_seconds)
        except StoreUnavailable as error:
            return SyncReport(False, 0, 0, 0, str(error))
        log.info("directory_sync_began", source=turn.cursor.source, page=turn.cursor.page)
        patience = PacedRequests(turn, self._crm.per_second, self._now, self._sleep)
        run = _Run(self._crm, self._directory, self._network, turn, patience, progress)
        try:
            report = run.report(await run.reason_to_stop())
        finally:
            with suppress(StoreUnavailable, TimeoutError):  # then the turn ends by itself
                async with asyncio.timeout(RELEASE_SECONDS):
                    await turn.release()
        tell = log.info if report.complete else log.warning
        tell("directory_sync_ended", **report._asdict())
        return report


class _Run:
    """One turn's work, and what it counts."""

    def __init__(
        self,
        crm: Crm,
        directory: Directory,
        network: ServiceNetwork,
        turn: "SyncLease",
        patience: PacedRequests,
        progress: Callable[[SyncProgress], None],
    ) -> None:
        self._crm = crm
        self._directory = directory
        self._network = network
        self._turn = turn
        self._patience = patience
        self._progress = progress
        self._seen = self._new = self._failed_in_a_row = 0
        self._missing: set[str] = set()

    def report(self, reason: str) -> SyncReport:
        return SyncReport(not reason, self._seen, self._new, len(self._missing), reason)

    async def reason_to_stop(self) -> str:
        """Sync to the end, and "", or as far as it goes, and why."""
        try:
            for source, first_page in _still_to_do(self._turn.cursor):
                await self._turn.save(source, first_page)
                await self._go_through(source, first_page)
            await self._turn.finish()
        except CrmError as error:
            return f"the CRM failed: {error}"
        except (StoreUnavailable, SyncInProgress) as error:
            return str(error)
        return ""

    async def _go_through(self, source: ListSource, first_page: int) -> None:
        """Until a page brings nothing that the one before had not: a CRM may know no page but its first or last."""
        before: frozenset[str] = frozenset()
        for index in range(first_page, MAX_PAGES + 1):
            self._tell(source, index)
            page = await self._patience.ask(partial(self._crm.lists.page, source, self._network, index))
            rows = frozenset(page.row_ids)
            if rows <= before:
                return
            self._seen += len(page.customer_ids)
            for customer_id in await self._directory.unknown(self._network, page.customer_ids):
                if customer_id not in self._missing:
                    await self._learn(customer_id)
                    self._tell(source, index)
            await self._turn.save(source, index + 1)
            before = rows

    async def _learn(self, customer_id: str) -> None:
        """Each by itself: no customer that was asked for is asked for again after the end of the process."""
        profile = await self._shown(customer_id)
        if profile is None:
            self._missing.add(customer_id)
            return
        await self._directory.keep(self._network, [entry_of(profile)])
        self._new += 1

    async def _shown(self, customer_id: str) -> CustomerProfile | None:
        """None too for a customer that the CRM fails to show: a single one must not stop every sync at its page."""
        key = CustomerKey(*self._network, customer_id)
        try:
            profile = await self._patience.ask(partial(self._crm.customers.get_customer, key))
        except CrmUnauthorized:
            raise
        except CrmError as error:
            self._failed_in_a_row += 1
            if self._failed_in_a_row == FAILED_IN_A_ROW:
                raise
            log.warning("directory_sync_left_out", customer_id=customer_id, reason=str(error))
            return None
        self._failed_in_a_row = 0
        return profile

    def _tell(self, source: ListSource, page: int) -> None:
        self._progress(SyncProgress(source, page, self._seen, self._new, len(self._missing)))


def _still_to_do(place: "SyncCursor") -> list[tuple[ListSource, int]]:
    """The lists from ``place`` on, each with the page to begin at. Of a list that is not known, all are to do."""
    lists = list(ListSource)
    if place.source not in lists:
        return [(source, 1) for source in lists]
    begun, *others = lists[lists.index(ListSource(place.source)) :]
    return [(begun, place.page), *((source, 1) for source in others)]
