"""A customer's contacts, devices and work orders: each section is fetched by itself and cached for a short time."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable
from typing import Final, NamedTuple, Protocol

import structlog
from cachetools import TLRUCache, TTLCache

from bot.crm.concurrency import crm_deadline
from bot.customers.failures import report_failure
from bot.domain.profile import CustomerKey
from bot.domain.records import (
    Contact,
    Device,
    RecordRow,
    RecordRows,
    Section,
    ServiceSummary,
    Warranty,
    WorkOrder,
    WorkStep,
)
from bot.domain.results import Failure
from bot.errors import CrmError
from bot.runtime.single_flight import SingleFlight
from bot.runtime.tasks import BackgroundTasks

FRESH_SECONDS: Final = 60
SUMMARY_AGE_SECONDS: Final = 300
"""How old the records may be that a card's summary counts."""
SUMMARY_SECONDS: Final = 0.3
"""How much longer a card waits for its summary than for its customer."""
MAX_ENTRIES: Final = 2_000

_LISTED: Final = "listed_devices"
"""A part that no tab shows: the devices with the warranties that their list states."""

log = structlog.get_logger(__name__)

_Request = Callable[[], Awaitable[RecordRows[RecordRow]]]


class RecordsSource(Protocol):
    """What is needed of the CRM. Each method raises CrmError."""

    async def contacts(self, key: CustomerKey, customer_name: str) -> RecordRows[Contact]: ...

    async def devices(self, key: CustomerKey) -> RecordRows[Device]:
        """One request: with the warranties that the list states."""
        ...

    async def devices_with_warranty(self, key: CustomerKey) -> RecordRows[Device]:
        """Further requests for the warranties that the list does not state."""
        ...

    async def work_orders(self, key: CustomerKey) -> RecordRows[WorkOrder]: ...

    async def steps(self, order_id: str) -> RecordRows[WorkStep]:
        """Of any customer's work order."""
        ...


class _Part(NamedTuple):
    """A section of a customer, or its _LISTED devices; the steps of a work order, by its id."""

    name: str
    owner: CustomerKey | str


class _Entry(NamedTuple):
    """``as_of`` is when the request was sent: later changes may be missing."""

    records: RecordRows[RecordRow]
    as_of: float


class ServiceRecords:
    """``deadline_seconds`` bounds the requests for one section. ``now`` is a clock in seconds."""

    def __init__(
        self, crm: RecordsSource, background: BackgroundTasks, deadline_seconds: float, now: Callable[[], float]
    ) -> None:
        self._crm = crm
        self._deadline_seconds = deadline_seconds
        self._now = now
        self._entries: TTLCache[_Part, _Entry] = TTLCache(MAX_ENTRIES, SUMMARY_AGE_SECONDS, timer=now)
        self._summaries: TLRUCache[CustomerKey | str, tuple[ServiceSummary, float]] = TLRUCache(
            MAX_ENTRIES, ttu=lambda _, entry, now: entry[1], timer=now
        )
        """Each with when it expires, as counting takes a tenth of the time of a cached result."""
        self._requests: SingleFlight[_Part, RecordRows[RecordRow] | CrmError] = SingleFlight(background)
        self._sections: SingleFlight[_Part, RecordRows[RecordRow] | Failure] = SingleFlight(background)
        self._dropped = 0

    def drop(self, customer_id: str) -> None:
        """The customer was forgotten: drop its records and all steps, and cache nothing that is being fetched now."""
        self._dropped += 1
        self._summaries.clear()
        for part in [*self._entries]:
            if isinstance(part.owner, str) or part.owner.customer_id == customer_id:
                self._entries.pop(part, None)

    async def section(
        self, key: CustomerKey, customer_name: str, section: Section, order_id: str = ""
    ) -> RecordRows[RecordRow] | Failure:
        """A section of a customer; of the steps, those of the work order ``order_id``.

        The CRM finds contacts by ``customer_name`` only.
        """
        if section is Section.STEPS:
            return await self._steps(key, order_id)
        requests: dict[Section, _Request] = {
            Section.CONTACTS: lambda: self._crm.contacts(key, customer_name),
            Section.DEVICES: lambda: self._crm.devices_with_warranty(key),
            Section.WORK_ORDERS: lambda: self._crm.work_orders(key),
        }
        return await self._fresh(_Part(section, key), requests[section], customer_id=key.customer_id)

    def summary(self, key: CustomerKey) -> ServiceSummary | None:
        """Counts of the cached records, without a request; None if there are none.

        A section that may have more rows is not counted.
        """
        try:
            return self._summaries[key][0]
        except KeyError:
            pass
        orders = self._complete(_Part(Section.WORK_ORDERS, key))
        devices = self._complete(_Part(Section.DEVICES, key), _Part(_LISTED, key))
        as_of = [entry.as_of for entry in (orders, devices) if entry is not None]
        if not as_of:
            return None
        order_rows, device_rows = (entry.records.rows if entry else () for entry in (orders, devices))
        warranties = Counter(device.warranty for device in device_rows if isinstance(device, Device))
        summary = ServiceSummary(
            sum(isinstance(order, WorkOrder) and order.is_open for order in order_rows) if orders else None,
            len(device_rows) if devices else None,
            warranties[Warranty.OUT] if devices else None,
            not warranties[Warranty.UNKNOWN],
        )
        self._summaries[key] = summary, min(as_of) + SUMMARY_AGE_SECONDS
        return summary

    async def fetch_summary(self, key: CustomerKey) -> ServiceSummary | None:
        """The same, after one request each for work orders and devices. If one fails, the other is counted."""
        outcomes = await asyncio.gather(
            self._fetch(_Part(Section.WORK_ORDERS, key), lambda: self._crm.work_orders(key)),
            self._fetch(_Part(_LISTED, key), lambda: self._crm.devices(key)),
        )
        for error in outcomes:
            if isinstance(error, CrmError):
                log.debug("summary_incomplete", kind=type(error).__name__, reason=str(error))
        return self.summary(key)

    async def _steps(self, key: CustomerKey, order_id: str) -> RecordRows[RecordRow] | Failure:
        """No rows for a work order that is not listed as the customer's: the CRM would return any customer's."""
        orders = await self.section(key, "", Section.WORK_ORDERS)
        if isinstance(orders, Failure):
            return orders
        listed = {order.order_id: order.number for order in orders.rows if isinstance(order, WorkOrder)}
        if order_id not in listed:
            return RecordRows((), is_cut=True)
        part = _Part(Section.STEPS, order_id)
        steps = await self._fresh(part, lambda: self._crm.steps(order_id), order_id=order_id)
        return steps if isinstance(steps, Failure) else steps._replace(order_number=listed[order_id])

    async def _fresh(self, part: _Part, request: _Request, **context: str) -> RecordRows[RecordRow] | Failure:
        """From the cache while fresh, else from the CRM. All who wait for a request share its failure and its code."""
        entry = self._entries.get(part)
        if entry is not None and self._now() - entry.as_of < FRESH_SECONDS:
            return entry.records

        async def fetch_and_report() -> RecordRows[RecordRow] | Failure:
            outcome = await self._fetch(part, request)
            return report_failure(outcome, section=part.name, **context) if isinstance(outcome, CrmError) else outcome

        return await self._sections.join(part, fetch_and_report)

    async def _fetch(self, part: _Part, request: _Request) -> RecordRows[RecordRow] | CrmError:
        async def fetch() -> RecordRows[RecordRow] | CrmError:
            as_of, dropped_before = self._now(), self._dropped
            try:
                async with crm_deadline(self._deadline_seconds):
                    records = await request()
            except CrmError as error:
                return error
            if self._dropped == dropped_before:
                self._entries[part] = _Entry(records, as_of)
                self._summaries.pop(part.owner, None)
            return records

        return await self._requests.join(part, fetch)

    def _complete(self, *parts: _Part) -> _Entry | None:
        """The newest entry of ``parts``, if it has all rows."""
        entries = [entry for part in parts if (entry := self._entries.get(part)) is not None]
        newest = max(entries, key=lambda entry: entry.as_of, default=None)
        return None if newest is None or newest.records.is_cut else newest
