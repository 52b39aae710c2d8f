"""What the CRM's lists have of one customer: contacts, devices and work orders, and the steps of a work order."""

import asyncio
import re
from collections.abc import Callable, Iterable, Sequence
from datetime import date
from typing import Final, NamedTuple, TypeVar

import structlog

from bot.crm.customer_lists import PAGE_SIZE, CustomerLists, ListSource
from bot.crm.envelope import customer_fields, rows_of
from bot.crm.rows import Row, contact_in, customer_id_in, device_in, step_in, work_order_in
from bot.crm.session import CrmSession, SearchTerms
from bot.crm.warranty import day_in_china, described_warranty
from bot.domain.profile import CustomerKey, ServiceNetwork
from bot.domain.records import MAX_ROWS, Contact, Device, RecordRow, RecordRows, Warranty, WorkOrder, WorkStep
from bot.errors import CrmError

MAX_DEVICES_ASKED_FOR: Final = 10
"""Of one customer: devices whose own page is read, where the list does not tell their warranty."""
ASKED_AT_ONCE: Final = 4
WARRANTY_SECONDS: Final = 3.0
"""For all of them: what is not known by then must not cost the list."""

R = TypeVar("R", bound=RecordRow)

log = structlog.get_logger(__name__)


class _Page(NamedTuple):
    """The customer's own rows of a page. ``is_full`` tells that there may be others on the next one."""

    rows: tuple[Row, ...]
    is_full: bool


class CrmServiceRecords:
    """The first page of each list. ``now`` is the wall clock in epoch seconds."""

    def __init__(self, session: CrmSession, now: Callable[[], float]) -> None:
        self._session = session
        self._lists = CustomerLists(session)
        self._now = now

    async def contacts(self, key: CustomerKey, customer_name: str) -> RecordRows[Contact]:
        """GetCustomerContacts: the main contact first. Raises CrmError.

        It knows no condition for a customer's id: others of that name are left out here.
        """
        page = await self._page(ListSource.CONTACTS, key, {"sys_customername": customer_name})
        main_first = sorted(map(contact_in, page.rows), key=lambda contact: not contact.is_main)
        return _first(main_first, page.is_full)

    async def devices(self, key: CustomerKey) -> RecordRows[Device]:
        """GetCustomerProducts, with the warranties that it tells. Raises CrmError."""
        page = await self._page(ListSource.DEVICES, key, {"sys_customerid": key.customer_id})
        today = day_in_china(self._now())
        return _first((device_in(row, today) for row in page.rows), page.is_full)

    async def devices_with_warranty(self, key: CustomerKey) -> RecordRows[Device]:
        """The same, and GetCustomerProduct for the warranty of those of which the list does not tell it.

        Raises CrmError.
        """
        devices = await self.devices(key)
        return devices._replace(rows=await self._with_warranties(key.network, devices.rows))

    async def work_orders(self, key: CustomerKey) -> RecordRows[WorkOrder]:
        """GetWorkOrders: the open ones first, and of both kinds the newest. Raises CrmError."""
        page = await self._page(ListSource.WORK_ORDERS, key, {"customerid": key.customer_id})
        newest_first = sorted(map(work_order_in, page.rows), key=lambda order: _moment(order.created), reverse=True)
        return _first(sorted(newest_first, key=lambda order: not order.is_open), page.is_full)

    async def steps(self, order_id: str) -> RecordRows[WorkStep]:
        """GetWorkProcess, which gives all of them: the newest first (the CRM documents no order). Raises CrmError."""
        value = await self._session.ask("/api/CustomerService/GetWorkProcess", {"workOrderId": order_id})
        oldest_first = sorted(map(step_in, rows_of(value)), key=lambda step: _moment(step.handed_at))
        return _first(reversed(oldest_first))

    async def _page(self, source: ListSource, key: CustomerKey, condition: dict[str, str]) -> _Page:
        """Of the customer alone: a CRM that does not heed the condition must not show somebody else's."""
        rows = await self._lists.rows(source, key.network, SearchTerms(condition))
        own = tuple(row for row in rows if customer_id_in(row) == key.customer_id)
        return _Page(own, len(rows) >= PAGE_SIZE)

    async def _with_warranties(self, network: ServiceNetwork, devices: Sequence[Device]) -> tuple[Device, ...]:
        """``devices``, with what is told of the first ones whose warranty is not known."""
        unsure = [device for device in devices if device.warranty is Warranty.UNKNOWN and device.device_id]
        today = day_in_china(self._now())
        turns = asyncio.Semaphore(ASKED_AT_ONCE)
        ends_at = asyncio.get_running_loop().time() + WARRANTY_SECONDS

        async def asked(device: Device) -> Device:
            try:
                async with asyncio.timeout_at(ends_at), turns:
                    return await self._with_warranty(network, device, today)
            except (CrmError, TimeoutError) as error:
                log.debug("warranty_not_known", reason=str(error) or "no answer in time")
                return device

        first = unsure[:MAX_DEVICES_ASKED_FOR]
        known = dict(zip(first, await asyncio.gather(*map(asked, first)), strict=True))
        return tuple(known.get(device, device) for device in devices)

    async def _with_warranty(self, network: ServiceNetwork, device: Device, today: date) -> Device:
        """GetCustomerProduct."""
        params = {**await self._session.network_params(network), "productId": device.device_id}
        fields = customer_fields(await self._session.ask("/open/v2/Customer/GetCustomerProduct", params))
        warranty, ends = described_warranty(fields, today)
        return device._replace(warranty=warranty, warranty_ends=ends or device.warranty_ends)


def _first(rows: Iterable[R], has_next_page: bool = False) -> RecordRows[R]:
    found = tuple(rows)
    return RecordRows(found[:MAX_ROWS], has_next_page or len(found) > MAX_ROWS)


def _moment(text: str) -> tuple[int, ...]:
    """How times are compared: by their numbers, as the CRM writes 2020/4/9 as well as 2020-04-09."""
    return tuple(map(int, re.findall("[0-9]+", text)))
