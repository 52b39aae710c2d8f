"""What belongs to a customer, from the CRM: each part for itself, kept for a short time, asked once for all who ask."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Final, NamedTuple, Protocol

import structlog
from cachetools import TTLCache

from bot.answers import Failure
from bot.background import Background
from bot.errors import CrmError, CrmUnreachable
from bot.failures import reported
from bot.flights import Flights
from bot.profile import CustomerKey
from bot.related import MAX_ROWS, Contact, Device, Rows, Section, ServiceSummary, Warranty, WorkOrder, WorkStep

FRESH_SECONDS: Final = 60
SUMMARY_AGE_SECONDS: Final = 300
"""How old what a card's one line counts may be."""
SUMMARY_SECONDS: Final = 0.3
"""How much longer a card waits for its one line than for its customer."""
MAX_ENTRIES: Final = 2_000

log = structlog.get_logger(__name__)


class RecordsSource(Protocol):
    """What is needed of the CRM. Each gives the first rows, more than MAX_ROWS if there are more. Raises CrmError."""

    async def contacts(self, key: CustomerKey, customer_name: str) -> tuple[Contact, ...]: ...

    async def devices(self, key: CustomerKey) -> tuple[Device, ...]: ...

    async def work_orders(self, key: CustomerKey) -> tuple[WorkOrder, ...]:
        """The open ones first."""
        ...

    async def steps(self, order_id: str) -> tuple[WorkStep, ...]:
        """In the order of their times."""
        ...


class Records(NamedTuple):
    """``is_cut`` says that there may be more. ``order_number`` is that of the work order whose steps these are."""

    rows: Rows
    is_cut: bool
    order_number: str = ""


class _Part(NamedTuple):
    """A section of a customer; the steps of a work order, by its id."""

    section: Section
    of: CustomerKey | str


class _Copy(NamedTuple):
    records: Records
    as_of: float


class ServiceRecords:
    """``deadline_seconds`` is the longest that an answer may take. ``now`` is a clock in seconds."""

    def __init__(
        self, crm: RecordsSource, background: Background, deadline_seconds: float, now: Callable[[], float]
    ) -> None:
        self._crm = crm
        self._deadline_seconds = deadline_seconds
        self._now = now
        self._copies: TTLCache[_Part, _Copy] = TTLCache(MAX_ENTRIES, SUMMARY_AGE_SECONDS, timer=now)
        self._requests: Flights[_Part, Records | CrmError] = Flights(background)
        self._answers: Flights[_Part, Records | Failure] = Flights(background)

    async def section(self, key: CustomerKey, customer_name: str, section: Section) -> Records | Failure:
        """The contacts, devices or work orders of a customer. The CRM finds contacts by ``customer_name`` alone."""
        asking: dict[Section, Callable[[], Awaitable[Rows]]] = {
            Section.CONTACTS: lambda: self._crm.contacts(key, customer_name),
            Section.DEVICES: lambda: self._crm.devices(key),
            Section.WORK_ORDERS: lambda: self._crm.work_orders(key),
        }
        return await self._answer(_Part(section, key), asking[section], customer_id=key.customer_id)

    async def steps(self, order_id: str) -> Records | Failure:
        """The steps of one work order."""
        return await self._answer(_Part(Section.STEPS, order_id), lambda: self._crm.steps(order_id), order_id=order_id)

    def summary(self, key: CustomerKey) -> ServiceSummary | None:
        """What is known by now, without asking anybody; None: nothing. Of a part that may have more rows nothing is."""
        orders, devices = (self._whole(_Part(section, key)) for section in (Section.WORK_ORDERS, Section.DEVICES))
        if orders is None and devices is None:
            return None
        return ServiceSummary(
            None if orders is None else sum(isinstance(order, WorkOrder) and order.is_open for order in orders),
            None if devices is None else len(devices),
            None if devices is None else _count(devices, Warranty.OUT),
            _count(devices or (), Warranty.UNKNOWN),
        )

    async def fetch_summary(self, key: CustomerKey) -> ServiceSummary | None:
        """The same, after asking the CRM for both parts. One that fails takes nothing from the other."""
        outcomes = await asyncio.gather(
            self._request(_Part(Section.WORK_ORDERS, key), lambda: self._crm.work_orders(key)),
            self._request(_Part(Section.DEVICES, key), lambda: self._crm.devices(key)),
        )
        for error in outcomes:
            if isinstance(error, CrmError):
                log.debug("summary_incomplete", kind=type(error).__name__, reason=str(error))
        return self.summary(key)

    async def _answer(self, part: _Part, ask: Callable[[], Awaitable[Rows]], **of: str) -> Records | Failure:
        copy = self._copies.get(part)
        if copy is not None and self._now() - copy.as_of < FRESH_SECONDS:
            return copy.records
        return await self._answers.join(part, lambda: self._reported(part, ask, of))

    async def _reported(self, part: _Part, ask: Callable[[], Awaitable[Rows]], of: dict[str, str]) -> Records | Failure:
        """A failure is logged once, for all who wait for this answer."""
        outcome = await self._request(part, ask)
        return reported(outcome, section=part.section, **of) if isinstance(outcome, CrmError) else outcome

    async def _request(self, part: _Part, ask: Callable[[], Awaitable[Rows]]) -> Records | CrmError:
        return await self._requests.join(part, lambda: self._fetch(part, ask))

    async def _fetch(self, part: _Part, ask: Callable[[], Awaitable[Rows]]) -> Records | CrmError:
        try:
            async with asyncio.timeout(self._deadline_seconds):
                rows = await ask()
        except TimeoutError:
            return CrmUnreachable("no answer before the deadline")
        except CrmError as error:
            return error
        records = Records(rows[:MAX_ROWS], len(rows) > MAX_ROWS)
        self._copies[part] = _Copy(records, self._now())
        return records

    def _whole(self, part: _Part) -> Rows | None:
        copy = self._copies.get(part)
        return None if copy is None or copy.records.is_cut else copy.records.rows


def _count(devices: Rows, warranty: Warranty) -> int:
    return sum(isinstance(device, Device) and device.warranty is warranty for device in devices)
