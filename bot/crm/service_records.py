"""What the CRM's lists have of one customer: contacts, devices and work orders, and the steps of a work order."""

import asyncio
import re
from collections.abc import Callable, Sequence
from datetime import date
from typing import Final

import structlog

from bot.crm.customer_lists import CustomerLists, ListSource
from bot.crm.envelope import customer_fields, rows_of
from bot.crm.rows import Row, contact_in, customer_id_in, device_in, step_in, work_order_in
from bot.crm.session import CrmSession, Wanted
from bot.crm.warranty import day_in_china, described_warranty
from bot.errors import CrmError
from bot.profile import CustomerKey, Network
from bot.related import MAX_ROWS, Contact, Device, Warranty, WorkOrder, WorkStep

MAX_DEVICES_ASKED_FOR: Final = 10
"""Of one customer: devices whose own page is read, where the list does not tell their warranty."""
ASKED_AT_ONCE: Final = 4
MAX_READ: Final = MAX_ROWS + 1
WARRANTY_SECONDS: Final = 3.0
"""For all of them: what is not known by then must not cost the list."""

log = structlog.get_logger(__name__)


class CrmServiceRecords:
    """The first of each list: as many as are shown, and one that tells that there are more.

    ``now`` is the wall clock in epoch seconds.
    """

    def __init__(self, session: CrmSession, now: Callable[[], float]) -> None:
        self._session = session
        self._lists = CustomerLists(session)
        self._now = now

    async def contacts(self, key: CustomerKey, customer_name: str) -> tuple[Contact, ...]:
        """GetCustomerContacts. It knows no condition for a customer's id: others of that name are left out here.

        Raises CrmError.
        """
        rows = await self._rows(ListSource.CONTACTS, key, {"sys_customername": customer_name})
        return tuple(map(contact_in, rows))[:MAX_READ]

    async def devices(self, key: CustomerKey) -> tuple[Device, ...]:
        """GetCustomerProducts, and GetCustomerProduct for the warranty of those of which the list does not tell it.

        Raises CrmError.
        """
        rows = await self._rows(ListSource.DEVICES, key, {"sys_customerid": key.customer_id})
        today = day_in_china(self._now())
        return await self._with_warranties(key.network, [device_in(row, today) for row in rows[:MAX_READ]], today)

    async def work_orders(self, key: CustomerKey) -> tuple[WorkOrder, ...]:
        """GetWorkOrders: the open ones first, and of both kinds the newest. Raises CrmError."""
        orders = map(work_order_in, await self._rows(ListSource.WORK_ORDERS, key, {"customerid": key.customer_id}))
        newest_first = sorted(orders, key=lambda order: _moment(order.created), reverse=True)
        return tuple(sorted(newest_first, key=lambda order: not order.is_open))[:MAX_READ]

    async def steps(self, order_id: str) -> tuple[WorkStep, ...]:
        """GetWorkProcess: what has been done, in the order of its times (the CRM documents none). Raises CrmError."""
        value = await self._session.ask("/api/CustomerService/GetWorkProcess", {"workOrderId": order_id})
        return tuple(sorted(map(step_in, rows_of(value)), key=lambda step: _moment(step.handed_at)))[-MAX_READ:]

    async def _rows(self, source: ListSource, key: CustomerKey, condition: dict[str, str]) -> tuple[Row, ...]:
        """Those of the customer alone: a CRM that does not heed the condition must not show somebody else's."""
        rows = await self._lists.rows(source, key.network, Wanted(condition))
        return tuple(row for row in rows if customer_id_in(row) == key.customer_id)

    async def _with_warranties(self, network: Network, devices: Sequence[Device], today: date) -> tuple[Device, ...]:
        """``devices``, with what is told of the first ones whose warranty is not known."""
        unsure = [device for device in devices if device.warranty is Warranty.UNKNOWN and device.device_id]
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

    async def _with_warranty(self, network: Network, device: Device, today: date) -> Device:
        """GetCustomerProduct."""
        params = {**await self._session.network_params(network), "productId": device.device_id}
        fields = customer_fields(await self._session.ask("/open/v2/Customer/GetCustomerProduct", params))
        warranty, ends = described_warranty(fields, today)
        return device._replace(warranty=warranty, warranty_ends=ends or device.warranty_ends)


def _moment(text: str) -> tuple[int, ...]:
    """How times are compared: by their numbers, as the CRM writes 2020/4/9 as well as 2020-04-09."""
    return tuple(map(int, re.findall("[0-9]+", text)))
