"""From a reading to the customers whom the CRM's rows name for it: what is asked, and which rows count."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any, Final

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.crm.customer_lists import PAGE_SIZE
from bot.crm.search_routes import MAX_HITS, CrmRoutes, Hit
from bot.domain.profile import ServiceNetwork
from bot.domain.query import Query, ReadAs
from bot.errors import CrmError, CrmRejected
from bot.playground.fake_crm.server import SampleCrm
from tests.conftest import Clock, Logs
from tests.support.fake_crm_session import CUSTOMER, OTHER, OUTLET, answer, asked, json_values, said, session_with
from tests.support.raw_server import RawServer, always

HEAD: Final = ServiceNetwork("", 1)
PHONE: Final = Query(ReadAs.PHONE, "+8613800001001")
NAME: Final = Query(ReadAs.NAME, "岚峤 精密")
NUMBER: Final = Query(ReadAs.NUMBER, "CF00000179")
EMAIL: Final = Query(ReadAs.EMAIL, "zheng@example.com")
SERIAL: Final = Query(ReadAs.SERIAL, "LPR30-20230042")
DEVICE: Final = Query(ReadAs.DEVICE, "CE00000154")
CONTACTS, DEVICES, ORDERS = "GetCustomerContacts", "GetCustomerProducts", "GetWorkOrders"
ACCOUNT, BY_SERIAL_NUMBER = "GetCustomerByUserName", "GetCustomerProductBySN"


@pytest.fixture
async def server() -> AsyncIterator[RawServer]:
    """A CRM whose lists are empty until a test says otherwise."""
    async with RawServer().open() as server:
        answer(server, {})
        yield server


@pytest.fixture
async def routes(server: RawServer, clock: Clock) -> AsyncIterator[CrmRoutes]:
    async with session_with(server.address, clock) as session:
        yield CrmRoutes(session)


async def hits(routes: CrmRoutes, query: Query, network: ServiceNetwork = OUTLET) -> list[Hit]:
    """Those of all first routes, in their order."""
    found = await asyncio.gather(*routes.first(network, query))
    return [hit for hits in found for hit in hits]


async def last_hits(routes: CrmRoutes, query: Query, network: ServiceNetwork = OUTLET) -> list[Hit]:
    found = await asyncio.gather(*routes.last(network, query))
    return [hit for hits in found for hit in hits]


def questions(server: RawServer) -> set[tuple[str, str, str]]:
    """What was asked: operation, condition's key or parameter, and its value."""
    found = set()
    for operation, params, condition in asked(server):
        [(key, value)] = condition.items() or [
            (key, value) for key, value in params.items() if key in ("searchKey", "phoneNum", "serialNumber")
        ]
        found.add((operation, key, value))
    return found


FIRST: Final = [
    (PHONE, {(CONTACTS, "sys_telephone", "13800001001"), (DEVICES, "sys_telephone", "13800001001")}
        | {(ACCOUNT, "phoneNum", "13800001001")}),
    (NAME, {(CONTACTS, "sys_customername", "岚峤 精密"), (CONTACTS, "sys_name", "岚峤 精密")}
        | {(DEVICES, "sys_contact", "岚峤 精密")}),
    (NUMBER, {(CONTACTS, "searchKey", "CF00000179"), (DEVICES, "searchKey", "CF00000179")}),
    (EMAIL, {(CONTACTS, "searchKey", "zheng@example.com"), (DEVICES, "searchKey", "zheng@example.com")}),
    (SERIAL, {(BY_SERIAL_NUMBER, "serialNumber", "LPR30-20230042")}
        | {(DEVICES, "sys_serialnumber1", "LPR30-20230042")}),
    (DEVICE, {(DEVICES, "sys_number", "CE00000154")}),
]  # fmt: skip
LAST: Final = [
    (PHONE, {(ORDERS, "contactnumber", "13800001001")}),
    (NAME, {(ORDERS, "customername", "岚峤 精密")}),
    (NUMBER, {(ORDERS, "searchKey", "CF00000179")}),
    (EMAIL, {(ORDERS, "searchKey", "zheng@example.com")}),
    (SERIAL, set()),
    (DEVICE, set()),
]


@pytest.mark.parametrize(("query", "expected"), FIRST, ids=lambda value: getattr(value, "read_as", ""))
async def test_first_routes_are_the_documented_ones(
    routes: CrmRoutes, server: RawServer, query: Query, expected: set[tuple[str, str, str]]
) -> None:
    assert await hits(routes, query) == []
    assert questions(server) == expected


@pytest.mark.parametrize(("query", "expected"), LAST, ids=lambda value: getattr(value, "read_as", ""))
async def test_last_resort_is_the_work_orders(
    routes: CrmRoutes, server: RawServer, query: Query, expected: set[tuple[str, str, str]]
) -> None:
    assert await last_hits(routes, query) == []
    assert questions(server) == expected
    assert all(target.startswith("/open/v2/WorkOrder/GetWorkOrders?") for target in server.targets)


@pytest.mark.parametrize("read_as", [ReadAs.ID, ReadAs.LINK])
async def test_id_needs_no_search(routes: CrmRoutes, read_as: ReadAs) -> None:
    query = Query(read_as, CUSTOMER)
    assert routes.first(OUTLET, query) == routes.last(OUTLET, query) == ()


async def test_one_page_of_the_asked_network_is_read(routes: CrmRoutes, server: RawServer) -> None:
    await hits(routes, DEVICE)
    [request] = asked(server)
    assert (request.params["pageSize"], request.params["pageIndex"]) == (str(PAGE_SIZE), "1")
    assert (request.params["serviceNetworkId"], request.params["serviceNetworkType"]) == (OUTLET.network_id, "2")


@pytest.mark.parametrize(
    ("phone", "spelled"),
    [
        ("+8613800001001", "13800001001"),
        ("+86108888888", "0108888888"),
        ("+861088888888", "01088888888"),
        ("+8657100009201", "057100009201"),
        ("+864000712899", "4000712899"),
        ("+14155550123", "+14155550123"),
    ],
)
async def test_phones_of_china_are_asked_for_as_they_are_dialled_there(
    routes: CrmRoutes, server: RawServer, phone: str, spelled: str
) -> None:
    await hits(routes, Query(ReadAs.PHONE, phone))
    assert {value for _, _, value in questions(server)} == {spelled}


HOLDING: Final[list[tuple[Query, str, dict[str, Any]]]] = [
    (PHONE, CONTACTS, {"Telephone": "+86 138-0000-1001"}),
    (PHONE, CONTACTS, {"Telephone": 13800001001}),
    (PHONE, CONTACTS, {"Telephone": "0571-00009201、13800001001"}),
    (PHONE, DEVICES, {"CustomerTelephone": "１３８００００１００１"}),
    (PHONE, ACCOUNT, {"Telephone": "", "Mobile": "13800001001"}),
    (NAME, CONTACTS, {"CustomerName": "杭州岚峤精密机械有限公司", "Name": "郑工"}),
    (NAME, CONTACTS, {"CustomerName": "甲公司", "Name": "岚峤-精密"}),
    (NAME, DEVICES, {"CustomerContact": "岚峤精密（前台）"}),
    (EMAIL, CONTACTS, {"Mail": " Zheng@Example.com"}),
    (EMAIL, DEVICES, {"CustomerMail": "a@example.com；zheng@example.com"}),
    (SERIAL, BY_SERIAL_NUMBER, {"SerialNumber": "lpr30 20230042"}),
    (SERIAL, DEVICES, {"SerialNumber1": "LPR3020230042"}),
    (DEVICE, DEVICES, {"Number": "ce00000154"}),
]


@pytest.mark.parametrize(("query", "operation", "columns"), HOLDING, ids=str)
async def test_row_that_shows_what_was_asked_for_holds_it(
    routes: CrmRoutes, server: RawServer, query: Query, operation: str, columns: dict[str, Any]
) -> None:
    """However the CRM spells it."""
    column = "ID" if operation == ACCOUNT else "CustomerID"
    answer(server, {operation: {column: CUSTOMER} | columns})
    assert set(await hits(routes, query)) == {Hit(CUSTOMER, row_matches=True)}


OTHERS: Final[list[tuple[Query, str, dict[str, Any]]]] = [
    (PHONE, CONTACTS, {"Telephone": "13800001002"}),
    (PHONE, DEVICES, {"CustomerTelephone": "138000010011"}),
    (PHONE, ACCOUNT, {"UserName": "13800001002"}),
    (NAME, CONTACTS, {"CustomerName": "甲公司", "Name": "郑工"}),
    (EMAIL, CONTACTS, {"Mail": "li@example.com"}),
    (SERIAL, BY_SERIAL_NUMBER, {"SerialNumber": "LPR30-202300420"}),
    (SERIAL, DEVICES, {"SerialNumber": "777777"}),
    (DEVICE, DEVICES, {"Number": "CE00000155"}),
]


@pytest.mark.parametrize(("query", "operation", "columns"), OTHERS, ids=str)
async def test_row_that_shows_something_else_is_no_hit(
    routes: CrmRoutes, server: RawServer, query: Query, operation: str, columns: dict[str, Any]
) -> None:
    """A CRM that does not heed a condition may answer with any rows."""
    answer(server, {operation: [{"ID": CUSTOMER, "CustomerID": CUSTOMER} | columns]})
    assert await hits(routes, query) == []


@pytest.mark.parametrize("query", [PHONE, EMAIL, NUMBER, SERIAL, DEVICE, NAME], ids=lambda query: query.read_as)
async def test_row_that_shows_nothing_of_the_kind_is_a_hit_to_be_confirmed(
    routes: CrmRoutes, server: RawServer, query: Query
) -> None:
    answer(server, {DEVICES: [{"CustomerID": CUSTOMER, "CustomerTelephone": None, "Remark": "CF00000179"}]})
    assert await hits(routes, query) == [Hit(CUSTOMER, row_matches=False)]


async def test_work_order_of_a_phone_names_its_customer(routes: CrmRoutes, server: RawServer) -> None:
    """Its own id and number are no customer's."""
    order = {
        "ID": OTHER,
        "Number": "GD00000901",
        "CustomerID": CUSTOMER,
        "ContactNumber": "",
        "CustomerPhone": 13800001001,
    }
    answer(server, {ORDERS: [order]})
    assert await last_hits(routes, PHONE) == [Hit(CUSTOMER, row_matches=True)]


async def test_each_customer_is_one_hit_and_those_who_hold_it_come_first(routes: CrmRoutes, server: RawServer) -> None:
    rows: list[Any] = [
        {"CustomerID": OTHER},
        {"CustomerID": CUSTOMER},
        {"CustomerID": CUSTOMER.upper(), "Number": "CE00000154"},
        {"CustomerID": CUSTOMER, "Number": "CE00000999"},
        {"CustomerID": "", "Number": "CE00000154"},
        {"Number": "CE00000154"},
        None,
    ]
    answer(server, {DEVICES: rows})
    assert await hits(routes, DEVICE) == [Hit(CUSTOMER, row_matches=True), Hit(OTHER, row_matches=False)]


async def test_there_are_never_more_hits_than_anybody_is_shown(routes: CrmRoutes, server: RawServer) -> None:
    rows: list[dict[str, Any]] = [{"CustomerID": f"{number:08d}-1111-4111-8111-111111111111"} for number in range(100)]
    answer(server, {CONTACTS: [*rows, {"CustomerID": CUSTOMER, "Mail": "zheng@example.com"}]})
    found = await hits(routes, EMAIL)
    assert len(found) == MAX_HITS
    assert found[0] == Hit(CUSTOMER, row_matches=True)


async def test_each_route_fails_for_itself(routes: CrmRoutes, server: RawServer) -> None:
    answer(server, {CONTACTS: said(code=7), DEVICES: "x", ACCOUNT: {"ID": CUSTOMER, "UserName": "13800001001"}})
    contacts, account, devices = await asyncio.gather(*routes.first(OUTLET, PHONE), return_exceptions=True)
    assert isinstance(contacts, CrmRejected)
    assert account == (Hit(CUSTOMER, row_matches=True),)
    assert isinstance(devices, CrmError)


@pytest.mark.parametrize("query", [PHONE, NAME, EMAIL], ids=lambda query: query.read_as)
async def test_nothing_typed_is_logged(routes: CrmRoutes, server: RawServer, logs: Logs, query: Query) -> None:
    answer(server, {CONTACTS: said(code=7, error_msg=query.identifier), DEVICES: "x"})
    await asyncio.gather(*routes.first(OUTLET, query), *routes.last(OUTLET, query), return_exceptions=True)
    assert len(server.targets) >= 3
    assert query.identifier.removeprefix("+86") not in logs.text


@pytest.fixture
async def sample(crm: SampleCrm, clock: Clock) -> AsyncIterator[CrmRoutes]:
    """Routes to the sample CRM, which takes no request that is not as documented."""
    async with session_with(crm.address, clock, eshouhou_access_token=None, eshouhou_service_space_id=None) as session:
        yield CrmRoutes(session)


@pytest.mark.parametrize(
    "query",
    [
        Query(ReadAs.PHONE, "+8618539622352"),
        Query(ReadAs.NAME, "胡效鑫"),
        Query(ReadAs.EMAIL, "zhang@example.com"),
        SERIAL,
        DEVICE,
    ],
    ids=lambda query: query.read_as,
)
async def test_documented_customer_is_found_in_the_sample_crm(sample: CrmRoutes, documented: str, query: Query) -> None:
    assert Hit(documented, row_matches=True) in await hits(sample, query, HEAD)


async def test_number_is_found_by_keyword_where_the_crm_searches_for_it(
    sample: CrmRoutes, crm: SampleCrm, documented: str
) -> None:
    """Where it does not heed keywords, its rows are no more than candidates."""
    assert set(await hits(sample, NUMBER, HEAD)) == {Hit(documented, row_matches=False)}
    crm.search_key_works = False
    assert not any(hit.row_matches for hit in await hits(sample, NUMBER, HEAD))


ANY_READING = st.builds(Query, st.sampled_from(ReadAs), st.text(st.characters(exclude_categories=[]), max_size=20))


@given(query=ANY_READING, value=json_values)
@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
async def test_whatever_is_asked_and_answered_it_is_hits_or_errors_of_the_crm(
    routes: CrmRoutes, server: RawServer, query: Query, value: object
) -> None:
    server.say = always(said(value))
    askings = routes.first(OUTLET, query) + routes.last(OUTLET, query)
    for outcome in await asyncio.gather(*askings, return_exceptions=True):
        assert isinstance(outcome, CrmError | tuple), repr(outcome)
