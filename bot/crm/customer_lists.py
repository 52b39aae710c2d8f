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
"""The CRM documents no maximum. More than anybody is shown, so that it is known that there are more."""


class ListSource(StrEnum):
    """A list."""

    CONTACTS = "contacts"
    DEVICES = "devices"
    WORK_ORDERS = "work_orders"


_PATHS: Final = {
    ListSource.CONTACTS: "/open/v2/Customer/GetCustomerContacts",
    ListSource.DEVICES: "/open/v2/Customer/GetCustomerProducts",
    ListSource.WORK_ORDERS: "/open/v2/WorkOrder/GetWorkOrders",
}


class ListPage(NamedTuple):
    """One page: what tells its rows from those of another page, a text a row, and the customers that they name.

    Each customer once, its id in canonical form.
    """

    row_ids: tuple[str, ...]
    customer_ids: tuple[str, ...]


class CustomerLists:
    """Reads them. No answer tells how many rows there are: a list ends where a page brings no new ones."""

    def __init__(self, session: CrmSession) -> None:
        self._session = session

    async def page(self, source: ListSource, network: ServiceNetwork, page_index: int) -> ListPage:
        """A page of the whole list; the first one has the index 1. Raises CrmError."""
        rows = await self.rows(source, network, page_index=page_index)
        customer_ids = dict.fromkeys(filter(None, map(customer_id_in, rows)))
        return ListPage(tuple(text_in(row, "ID", "Number", "CustomerID") for row in rows), tuple(customer_ids))

    async def rows(
        self, source: ListSource, network: ServiceNetwork, wanted: SearchTerms = NO_TERMS, page_index: int = 1
    ) -> tuple[Row, ...]:
        """A page of what is ``wanted``: PAGE_SIZE rows, unless the CRM heeds neither size nor condition.

        Raises CrmError.
        """
        paging = {"pageSize": str(PAGE_SIZE), "pageIndex": str(page_index)}
        params = await self._session.list_params(network)
        return rows_of(await self._session.ask(_PATHS[source], params | paging, wanted))
