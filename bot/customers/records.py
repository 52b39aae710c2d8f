"""What belongs to a customer, from the CRM: each part for itself, kept for a short time, asked once for all who ask."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from typing import Final, NamedTuple, Protocol

import structlog
from cachetools import TLRUCache, TTLCache

from bot.crm.deadline import crm_deadline
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
"""How old what a card's one line counts may be."""
SUMMARY_SECONDS: Final = 0.3
"""How much longer a card waits for its one line than for its customer."""
MAX_ENTRIES: Final = 2_000

_LISTED: Final = "listed_devices"
"""A part that no tab shows: the devices with the warranties that their list tells."""

log = structlog.get_logger(__name__)

_Ask = Callable[[], Awaitable[RecordRows[RecordRow]]]


class RecordsSource(Protocol):
    """What is needed of the CRM. Each raises CrmError."""

    async def contacts(self, key: CustomerKey, customer_name: str) -> RecordRows[Contact]: ...

    async def devices(self, key: CustomerKey) -> RecordRows[Device]:
        """One request: with the warranties that the list tells."""
        ...

    async def devices_with_warranty(self, key: CustomerKey) -> RecordRows[Device]:
        """Further requests for what the list does not tell."""
        ...

    async def work_orders(self, key: CustomerKey) -> RecordRows[WorkOrder]: ...

    async def steps(self, order_id: str) -> RecordRows[WorkStep]:
        """Of any customer's work order."""
        ...


class _Part(NamedTuple):
    """A section of a customer, or what is _LISTED; the steps of a work order, by its id."""

    name: str
    of: CustomerKey | str


class _Copy(NamedTuple):
    """``as_of`` is when it was asked for: what has changed since may not be in it."""

    records: RecordRows[RecordRow]
    as_of: float


class _Summed(NamedTuple):
    """A card's one line, kept until a part of it changes or is too old: counting takes a tenth of a cached answer."""

    summary: ServiceSummary
    until: float


class ServiceRecords:
    """``deadline_seconds`` is the longest that an answer may take. ``now`` is a clock in seconds."""

    def __init__(
        self, crm: RecordsSource, background: BackgroundTasks, deadline_seconds: float, now: Callable[[], float]
    ) -> None:
        self._crm = crm
        self._deadline_seconds = deadline_seconds
        self._now = now
        self._copies: TTLCache[_Part, _Copy] = TTLCache(MAX_ENTRIES, SUMMARY_AGE_SECONDS, timer=now)
        self._summaries: TLRUCache[CustomerKey | str, _Summed] = TLRUCache(
            MAX_ENTRIES, ttu=lambda key, summed, now: summed.until, timer=now
        )
        self._requests: SingleFlight[_Part, RecordRows[RecordRow] | CrmError] = SingleFlight(background)
        self._answers: SingleFlight[_Part, RecordRows[RecordRow] | Failure] = SingleFlight(background)
        self._dropped = 0

    def drop(self, customer_id: str) -> None:
        """A customer was forgotten: nothing of it stays, nor any steps, nor of what is being fetched now."""
        self._dropped += 1
        self._summaries.clear()
        for part in [*self._copies]:
            if isinstance(part.of, str) or part.of.customer_id == customer_id:
                self._copies.pop(part, None)

    async def section(
        self, key: CustomerKey, customer_name: str, section: Section, order_id: str = ""
    ) -> RecordRows[RecordRow] | Failure:
        """A section of a customer; of the steps, those of the work order ``order_id``.

        The CRM finds contacts by ``customer_name`` alone.
        """
        if section is Section.STEPS:
            return await self._steps(key, order_id)
        asking: dict[Section, _Ask] = {
            Section.CONTACTS: lambda: self._crm.contacts(key, customer_name),
            Section.DEVICES: lambda: self._crm.devices_with_warranty(key),
            Section.WORK_ORDERS: lambda: self._crm.work_orders(key),
        }
        return await self._answer(_Part(section, key), asking[section], customer_id=key.customer_id)

    def summary(self, key: CustomerKey) -> ServiceSummary | None:
        """What is known by now, without asking anybody; None: nothing. Of a part that may have more rows nothing is."""
        try:
            return self._summaries[key].summary
        except KeyError:
            pass
        orders = self._whole(_Part(Section.WORK_ORDERS, key))
        devices = self._whole(_Part(Section.DEVICES, key), _Part(_LISTED, key))
        known = [copy.as_of for copy in (orders, devices) if copy is not None]
        if not known:
            return None
        summary = _summary(orders.records.rows if orders else None, devices.records.rows if devices else None)
        self._summaries[key] = _Summed(summary, min(known) + SUMMARY_AGE_SECONDS)
        return summary

    async def fetch_summary(self, key: CustomerKey) -> ServiceSummary | None:
        """The same, after asking the CRM for both parts, each with one request.

        One that fails takes nothing from the other.
        """
        outcomes = await asyncio.gather(
            self._request(_Part(Section.WORK_ORDERS, key), lambda: self._crm.work_orders(key)),
            self._request(_Part(_LISTED, key), lambda: self._crm.devices(key)),
        )
        for error in outcomes:
            if isinstance(error, CrmError):
                log.debug("summary_incomplete", kind=type(error).__name__, reason=str(error))
        return self.summary(key)

    async def _steps(self, key: CustomerKey, order_id: str) -> RecordRows[RecordRow] | Failure:
        """Only of a work order that is listed as the customer's: the CRM would tell anybody's. Of others, nothing."""
        orders = await self.section(key, "", Section.WORK_ORDERS)
        if isinstance(orders, Failure):
            return orders
        listed = {order.order_id: order.number for order in orders.rows if isinstance(order, WorkOrder)}
        if order_id not in listed:
            return RecordRows((), is_cut=True)
        part = _Part(Section.STEPS, order_id)
        steps = await self._answer(part, lambda: self._crm.steps(order_id), order_id=order_id)
        return steps if isinstance(steps, Failure) else steps._replace(order_number=listed[order_id])

    async def _answer(self, part: _Part, ask: _Ask, **of: str) -> RecordRows[RecordRow] | Failure:
        copy = self._copies.get(part)
        if copy is not None and self._now() - copy.as_of < FRESH_SECONDS:
            return copy.records
        return await self._answers.join(part, lambda: self._reported(part, ask, of))

    async def _reported(self, part: _Part, ask: _Ask, of: dict[str, str]) -> RecordRows[RecordRow] | Failure:
        """A failure is logged once, for all who wait for this answer."""
        outcome = await self._request(part, ask)
        return report_failure(outcome, section=part.name, **of) if isinstance(outcome, CrmError) else outcome

    async def _request(self, part: _Part, ask: _Ask) -> RecordRows[RecordRow] | CrmError:
        return await self._requests.join(part, lambda: self._fetch(part, ask))

    async def _fetch(self, part: _Part, ask: _Ask) -> RecordRows[RecordRow] | CrmError:
        as_of, dropped_before = self._now(), self._dropped
        try:
            async with crm_deadline(self._deadline_seconds):
                records = await ask()
        except CrmError as error:
            return error
        if self._dropped == dropped_before:
            self._copies[part] = _Copy(records, as_of)
            self._summaries.pop(part.of, None)
        return records

    def _whole(self, *parts: _Part) -> _Copy | None:
        """The newest copy of one of ``parts``, if it has all rows."""
        copies = [copy for part in parts if (copy := self._copies.get(part)) is not None]
        newest = max(copies, key=lambda copy: copy.as_of) if copies else None
        return None if newest is None or newest.records.is_cut else newest


def _summary(orders: Iterable[RecordRow] | None, devices: tuple[RecordRow, ...] | None) -> ServiceSummary:
    return ServiceSummary(
        None if orders is None else sum(isinstance(order, WorkOrder) and order.is_open for order in orders),
        None if devices is None else len(devices),
        None if devices is None else _count(devices, Warranty.OUT),
        not _count(devices or (), Warranty.UNKNOWN),
    )


def _count(devices: Iterable[RecordRow], warranty: Warranty) -> int:
    return sum(isinstance(device, Device) and device.warranty is warranty for device in devices)
