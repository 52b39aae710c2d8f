"""The CRM's lists that name customers: contacts, devices and work orders, a page of rows at a time.

A list of the customers themselves is not documented.
"""

from enum import StrEnum
from typing import Final, NamedTuple

from bot.crm.envelope import rows_of
from bot.crm.rows import Row, customer_id_in, text_in
from bot.crm.session import NO_TERMS, CrmSession, SearchTerms
from bot.domain.profile import ServiceNetwork

PAGE_SIZE: Final = 60
"""The CRM documents no maximum. More than a list shows, so that it can say that there are more."""


class ListSource(StrEnum):
    """One of the lists."""

    CONTACTS = "contacts"
    DEVICES = "devices"
    WORK_ORDERS = "work_orders"


_PATHS: Final = {
    ListSource.CONTACTS: "/open/v2/Customer/GetCustomerContacts",
    ListSource.DEVICES: "/open/v2/Customer/GetCustomerProducts",
    ListSource.WORK_ORDERS: "/open/v2/WorkOrder/GetWorkOrders",
}


class ListPage(NamedTuple):
    """One page: a text for each row that tells it from those of other pages, and the customers that the rows name.

    Each customer stands there once, its id in canonical form.
    """

    row_ids: tuple[str, ...]
    customer_ids: tuple[str, ...]


class CustomerLists:
    """Reads the lists. No response holds a total: a list ends where a page brings no new rows."""

    def __init__(self, session: CrmSession) -> None:
        self._session = session

    async def page(self, source: ListSource, network: ServiceNetwork, page_index: int) -> ListPage:
        """A page of the whole list; the first one has index 1. Raises CrmError."""
        rows = await self.rows(source, network, page_index=page_index)
        customer_ids = dict.fromkeys(filter(None, map(customer_id_in, rows)))
        return ListPage(tuple(text_in(row, "ID", "Number", "CustomerID") for row in rows), tuple(customer_ids))

    async def rows(
        self, source: ListSource, network: ServiceNetwork, terms: SearchTerms = NO_TERMS, page_index: int = 1
    ) -> tuple[Row, ...]:
        """A page of the rows that match ``terms``: PAGE_SIZE of them, unless the CRM ignores size and condition.

        Raises CrmError.
        """
        paging = {"pageSize": str(PAGE_SIZE), "pageIndex": str(page_index)}
        params = await self._session.list_params(network)
        return rows_of(await self._session.ask(_PATHS[source], params | paging, terms))
