"""The CRM's lists page by page, as a directory sync reads them."""

from collections.abc import AsyncIterator

import pytest
from hypothesis import HealthCheck, given, settings

from bot.crm.customer_lists import PAGE_SIZE, CustomerLists, ListPage, ListSource
from bot.domain.profile import ServiceNetwork
from bot.errors import CrmError, CrmRejected, CrmUnreadable
from bot.playground.fake_crm.server import SampleCrm
from tests.conftest import Clock
from tests.support.fake_crm_session import (
    CUSTOMER,
    OTHER,
    OUTLET,
    SPACE,
    answer,
    asked,
    json_values,
    said,
    session_with,
)
from tests.support.raw_server import RawServer, always, path_of

PATHS = {
    ListSource.CONTACTS: "/open/v2/Customer/GetCustomerContacts",
    ListSource.DEVICES: "/open/v2/Customer/GetCustomerProducts",
    ListSource.WORK_ORDERS: "/open/v2/WorkOrder/GetWorkOrders",
}


@pytest.fixture
async def server() -> AsyncIterator[RawServer]:
    """A CRM whose lists are empty until a test says otherwise."""
    async with RawServer().open() as server:
        answer(server, {})
        yield server


@pytest.fixture
async def lists(server: RawServer, clock: Clock) -> AsyncIterator[CustomerLists]:
    async with session_with(server.address, clock) as session:
        yield CustomerLists(session)


@pytest.mark.parametrize("source", ListSource)
async def test_page_is_asked_for_with_what_the_documentation_requires(
    lists: CustomerLists, server: RawServer, source: ListSource
) -> None:
    """And without a condition, where there is none."""
    await lists.page(source, OUTLET, 3)
    assert [path_of(target) for target in server.targets] == [PATHS[source]]
    assert asked(server)[0].params == {
        "serviceSpaceId": SPACE,
        "serviceNetworkId": OUTLET.network_id,
        "serviceNetworkType": "2",
        "pageSize": str(PAGE_SIZE),
        "pageIndex": "3",
    }
    assert "condition" not in server.targets[0]


async def test_page_tells_every_row_and_each_customer_once(lists: CustomerLists, server: RawServer) -> None:
    rows = [
        {"ID": "r1", "CustomerID": OTHER.upper()},
        {"ID": "r2", "CustomerID": CUSTOMER},
        {"ID": 3, "CustomerID": f"{{{OTHER}}}"},
        {"ID": "r4", "CustomerID": None},
        {"ID": "r5"},
        {"CustomerID": CUSTOMER},
        {},
        None,
    ]
    answer(server, {"GetCustomerContacts": rows})
    assert await lists.page(ListSource.CONTACTS, OUTLET, 1) == ListPage(
        ("r1", "r2", "3", "r4", "r5", CUSTOMER, ""), (OTHER, CUSTOMER)
    )


async def test_single_row_may_come_without_its_list(lists: CustomerLists, server: RawServer) -> None:
    answer(server, {"GetCustomerProducts": {"ID": "r1", "CustomerID": CUSTOMER}})
    assert await lists.page(ListSource.DEVICES, OUTLET, 1) == ListPage(("r1",), (CUSTOMER,))


async def test_page_that_is_none_is_an_error(lists: CustomerLists, server: RawServer) -> None:
    answer(server, {"GetCustomerProducts": "x", "GetWorkOrders": said(code=1)})
    with pytest.raises(CrmUnreadable):
        await lists.page(ListSource.DEVICES, OUTLET, 1)
    with pytest.raises(CrmRejected):
        await lists.page(ListSource.WORK_ORDERS, OUTLET, 1)


@pytest.mark.parametrize("source", ListSource)
async def test_pages_of_the_sample_crm_end(crm: SampleCrm, clock: Clock, source: ListSource) -> None:
    async with session_with(crm.address, clock, eshouhou_access_token=None) as session:
        lists = CustomerLists(session)
        pages = [await lists.page(source, ServiceNetwork("", 1), index) for index in range(1, 10)]
    row_ids = [row_id for page in pages for row_id in page.row_ids]
    kept = {ListSource.CONTACTS: crm.contacts, ListSource.DEVICES: crm.devices, ListSource.WORK_ORDERS: crm.work_orders}
    assert sorted(row_ids) == sorted(row["ID"] for row in kept[source])
    assert pages[-1] == ListPage((), ())


@given(json_values)
@settings(max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture])
async def test_whatever_is_answered_it_is_a_page_or_an_error_of_the_crm(
    lists: CustomerLists, server: RawServer, value: object
) -> None:
    server.say = always(said(value))
    try:
        page = await lists.page(ListSource.CONTACTS, OUTLET, 1)
    except CrmError:
        return
    assert len(page.customer_ids) <= len(page.row_ids)
