"""What the CRM's lists have of one customer: contacts, devices and work orders, and the steps of a work order."""

import asyncio
import re
from collections.abc import Sequence
from typing import Final, TypeVar

import structlog

from bot.crm.customer_lists import PAGE_SIZE, CustomerLists, ListSource
from bot.crm.envelope import customer_fields, rows_of
from bot.crm.rows import Row, contact_in, customer_id_in, device_in, step_in, work_order_in
from bot.crm.session import CrmSession, SearchTerms
from bot.crm.warranty import day_in_china, described_warranty
from bot.domain.profile import CustomerKey
from bot.domain.records import MAX_ROWS, Contact, Device, RecordRow, RecordRows, Warranty, WorkOrder, WorkStep
from bot.errors import CrmError

MAX_DEVICES_ASKED_FOR: Final = 10
"""Of one customer: devices whose own record is read, where the list leaves their warranty out."""
ASKED_AT_ONCE: Final = 4
WARRANTY_SECONDS: Final = 3.0
"""For all of them together: a warranty that takes longer must not delay the list."""

R = TypeVar("R", bound=RecordRow)

log = structlog.get_logger(__name__)


class CrmServiceRecords:
    """Reads the first page of each list."""

    def __init__(self, session: CrmSession) -> None:
        self._session = session
        self._lists = CustomerLists(session)

    async def contacts(self, key: CustomerKey, customer_name: str) -> RecordRows[Contact]:
        """GetCustomerContacts: the main contact first. Raises CrmError.

        It has no condition for a customer's id: other customers of that name are left out here.
        """
        rows, is_full = await self._page(ListSource.CONTACTS, key, {"sys_customername": customer_name})
        return _first(sorted(map(contact_in, rows), key=lambda contact: not contact.is_main), is_full)

    async def devices(self, key: CustomerKey) -> RecordRows[Device]:
        """GetCustomerProducts, with the warranties that it holds. Raises CrmError."""
        rows, is_full = await self._page(ListSource.DEVICES, key, {"sys_customerid": key.customer_id})
        today = day_in_china(self._session.now())
        return _first([device_in(row, today) for row in rows], is_full)

    async def devices_with_warranty(self, key: CustomerKey) -> RecordRows[Device]:
        """The same, with GetCustomerProduct for the first devices whose warranty the list leaves out.

        Raises CrmError.
        """
        devices = await self.devices(key)
        unknown = [device for device in devices.rows if device.warranty is Warranty.UNKNOWN and device.device_id]
        slots = asyncio.Semaphore(ASKED_AT_ONCE)
        ends_at = asyncio.get_running_loop().time() + WARRANTY_SECONDS

        async def completed(device: Device) -> Device:
            try:
                async with asyncio.timeout_at(ends_at), slots:
                    params = {**await self._session.network_params(key.network), "productId": device.device_id}
                    fields = customer_fields(await self._session.ask("/open/v2/Customer/GetCustomerProduct", params))
            except (CrmError, TimeoutError) as error:
                log.debug("warranty_not_known", reason=str(error) or "no answer in time")
                return device
            warranty, ends = described_warranty(fields, day_in_china(self._session.now()))
            return device._replace(warranty=warranty, warranty_ends=ends or device.warranty_ends)

        first = unknown[:MAX_DEVICES_ASKED_FOR]
        known = dict(zip(first, await asyncio.gather(*map(completed, first)), strict=True))
        return devices._replace(rows=tuple(known.get(device, device) for device in devices.rows))

    async def work_orders(self, key: CustomerKey) -> RecordRows[WorkOrder]:
        """GetWorkOrders: the open ones first, each kind by date with the newest first. Raises CrmError."""
        rows, is_full = await self._page(ListSource.WORK_ORDERS, key, {"customerid": key.customer_id})
        newest_first = sorted(map(work_order_in, rows), key=lambda order: _moment(order.created), reverse=True)
        return _first(sorted(newest_first, key=lambda order: not order.is_open), is_full)

    async def steps(self, order_id: str) -> RecordRows[WorkStep]:
        """GetWorkProcess, all of it, the newest step first (the CRM documents no order). Raises CrmError."""
        value = await self._session.ask("/api/CustomerService/GetWorkProcess", {"workOrderId": order_id})
        oldest_first = sorted(map(step_in, rows_of(value)), key=lambda step: _moment(step.handed_at))
        return _first(oldest_first[::-1])

    async def _page(self, source: ListSource, key: CustomerKey, condition: dict[str, str]) -> tuple[list[Row], bool]:
        """The customer's own rows of a page, and whether there may be others on the next one.

        A CRM that ignores the condition must not show another customer's rows.
        """
        rows = await self._lists.rows(source, key.network, SearchTerms(condition))
        return [row for row in rows if customer_id_in(row) == key.customer_id], len(rows) >= PAGE_SIZE


def _first(rows: Sequence[R], has_next_page: bool = False) -> RecordRows[R]:
    return RecordRows(tuple(rows[:MAX_ROWS]), has_next_page or len(rows) > MAX_ROWS)


def _moment(text: str) -> tuple[int, ...]:
    """A time as it is compared: by its numbers, as the CRM writes 2020/4/9 as well as 2020-04-09."""
    return tuple(map(int, re.findall("[0-9]+", text)))
