"""What the CRM's lists have of one customer: that one's alone, in the order that people want, with warranties."""

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any, Final

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.crm import records as service_records
from bot.crm.customer_lists import PAGE_SIZE
from bot.crm.records import ASKED_AT_ONCE, MAX_DEVICES_ASKED_FOR, CrmServiceRecords
from bot.domain.profile import CustomerKey
from bot.domain.records import MAX_ROWS, RecordRow, RecordRows, Section, State, Warranty
from bot.errors import CrmError, CrmRejected
from bot.playground.fake_crm.server import SampleCrm
from tests.conftest import Clock, Logs
from tests.support.fake_crm_session import CUSTOMER, KEY, OTHER, OUTLET, answer, asked, json_values, said, session_with
from tests.support.raw_server import NO_RESPONSE, RawServer, Said, always

NO_WARRANTY: Final = [{"ShowType": 0, "Key": "保修期限", "Value": "无保修"}]


@pytest.fixture
async def server() -> AsyncIterator[RawServer]:
    async with RawServer().open() as server:
        yield server


@pytest.fixture
async def records(server: RawServer, clock: Clock) -> AsyncIterator[CrmServiceRecords]:
    async with session_with(server.address, clock) as session:
        yield CrmServiceRecords(session)


def row(row_id: str, customer_id: object = CUSTOMER, **columns: Any) -> dict[str, Any]:
    return {"ID": row_id, "CustomerID": customer_id, **columns}


MIXED: Final = [row("1"), row("2", OTHER), row("3", CUSTOMER.upper()), row("4", ""), row("5", None), {"ID": "6"}, None]
"""Rows of a CRM that does not heed the condition."""


async def test_contacts_are_asked_for_by_name_and_others_of_that_name_left_out(
    records: CrmServiceRecords, server: RawServer
) -> None:
    """The CRM documents no condition for the customer's id."""
    answer(server, {"GetCustomerContacts": [row("1", Name="王工"), row("2", OTHER, Name="李工"), {"Name": "散客"}]})
    assert [contact.name for contact in (await records.contacts(KEY, "甲公司")).rows] == ["王工"]
    [request] = asked(server)
    assert request.condition == {"sys_customername": "甲公司"}
    assert request.params["serviceNetworkId"] == OUTLET.network_id


async def test_devices_and_work_orders_of_others_are_never_shown(records: CrmServiceRecords, server: RawServer) -> None:
    answer(server, {"GetCustomerProducts": MIXED, "GetWorkOrders": MIXED})
    assert [device.device_id for device in (await records.devices(KEY)).rows] == ["1", "3"]
    assert [order.order_id for order in (await records.work_orders(KEY)).rows] == ["1", "3"]
    conditions = {request.operation: request.condition for request in asked(server)}
    assert conditions["GetCustomerProducts"] == {"sys_customerid": CUSTOMER}
    assert conditions["GetWorkOrders"] == {"customerid": CUSTOMER}


def asking_for(records: CrmServiceRecords) -> dict[Section, Callable[[], Awaitable[RecordRows[RecordRow]]]]:
    return {
        Section.CONTACTS: lambda: records.contacts(KEY, "甲公司"),
        Section.DEVICES: lambda: records.devices_with_warranty(KEY),
        Section.WORK_ORDERS: lambda: records.work_orders(KEY),
        Section.STEPS: lambda: records.steps("w1"),
    }


@pytest.mark.parametrize("section", Section)
@pytest.mark.parametrize(("count", "is_cut"), [(MAX_ROWS, False), (MAX_ROWS + 1, True), (3 * PAGE_SIZE, True)])
async def test_no_list_is_longer_than_is_shown_and_one_that_is_cut_says_so(
    records: CrmServiceRecords, server: RawServer, section: Section, count: int, is_cut: bool
) -> None:
    server.say = always(said([row(str(number), GuaranteedState=1) for number in range(count)]))
    found = await asking_for(records)[section]()
    assert (len(found.rows), found.is_cut) == (MAX_ROWS, is_cut)


@pytest.mark.parametrize("section", [Section.CONTACTS, Section.DEVICES, Section.WORK_ORDERS])
@pytest.mark.parametrize(("count", "is_cut"), [(PAGE_SIZE - 2, False), (PAGE_SIZE - 1, True)])
async def test_page_full_of_others_does_not_say_that_there_is_nothing(
    records: CrmServiceRecords, server: RawServer, section: Section, count: int, is_cut: bool
) -> None:
    """Of a CRM that does not heed the condition, or that has many of one name."""
    others = [row(str(number), OTHER) for number in range(count)]
    server.say = always(said([*others, row("own", GuaranteedState=1)]))
    found = await asking_for(records)[section]()
    assert (len(found.rows), found.is_cut) == (1, is_cut)


async def test_main_contact_comes_first_however_many_there_are(records: CrmServiceRecords, server: RawServer) -> None:
    others = [row(str(number), Name="李工") for number in range(MAX_ROWS)]
    answer(server, {"GetCustomerContacts": [*others, row("main", Name="王工", IsMain="True")]})
    names = [contact.name for contact in (await records.contacts(KEY, "甲公司")).rows]
    assert names == ["王工", *["李工"] * (MAX_ROWS - 1)]


async def test_open_work_orders_come_first_and_of_each_kind_the_newest(
    records: CrmServiceRecords, server: RawServer
) -> None:
    """Times are not compared as texts: the CRM writes 2020/4/9, too."""
    orders = [
        row("closed, old", State=14, CreateTime="2020/4/9 16:20:16"),
        row("open, old", State="8", CreateTime="2020/9/30 8:00:00"),
        row("closed, new", State=15, CreateTime="2020-11-01 10:00:00"),
        row("open, new", State=5, CreateTime="2020/10/1 8:00:00"),
        row("unknown", State="?", CreateTime=None),
    ]
    answer(server, {"GetWorkOrders": orders})
    found = await records.work_orders(KEY)
    assert [order.order_id for order in found.rows] == [
        "open, new",
        "open, old",
        "closed, new",
        "closed, old",
        "unknown",
    ]


async def test_newest_step_comes_first(records: CrmServiceRecords, server: RawServer) -> None:
    steps = [
        {"ActionName": "预约", "HandedTime": "2020/10/2 9:00:00", "IsTimeOut": False, "Deadline": None},
        {"ActionName": "派工", "HandedTime": "2020/4/29 16:20:16", "IsTimeOut": True, "ServiceNetworkName": "ZJ"},
    ]
    answer(server, {"GetWorkProcess": steps})
    found = await records.steps("W1")
    assert [(step.action, step.is_late) for step in found.rows] == [("预约", False), ("派工", True)]
    assert [(request.operation, request.params) for request in asked(server)] == [
        ("GetWorkProcess", {"workOrderId": "W1"})
    ]


async def test_of_steps_at_one_time_the_last_one_comes_first(records: CrmServiceRecords, server: RawServer) -> None:
    """A CRM that gives no times, or whole minutes, lists what was done in its order."""
    answer(server, {"GetWorkProcess": [{"ActionName": action} for action in ("受理", "派工", "预约")]})
    assert [step.action for step in (await records.steps("W1")).rows] == ["预约", "派工", "受理"]


async def test_oldest_steps_of_a_long_work_order_are_left_out(records: CrmServiceRecords, server: RawServer) -> None:
    steps = [{"ActionName": str(day), "HandedTime": f"2020/1/1 0:{day}:00"} for day in range(MAX_ROWS + 5)]
    answer(server, {"GetWorkProcess": steps})
    assert [step.action for step in (await records.steps("W1")).rows] == [*map(str, range(MAX_ROWS + 4, 4, -1))]


async def test_list_of_devices_alone_is_one_request(records: CrmServiceRecords, server: RawServer) -> None:
    answer(server, {"GetCustomerProducts": [row("1"), row("2", GuaranteedState=1)], "GetCustomerProduct": NO_WARRANTY})
    assert [device.warranty for device in (await records.devices(KEY)).rows] == [Warranty.UNKNOWN, Warranty.IN]
    assert len(server.targets) == 1


async def test_warranty_that_the_list_tells_is_not_asked_for(records: CrmServiceRecords, server: RawServer) -> None:
    """The clock says 2023-11-15 in China."""
    devices = [
        row("1", GuaranteedState="In"), row("2", GuaranteedState=2), row("3", WarrantyEnd="2023-11-14"),
        row("4", WarrantyEnd="2023/11/15 0:00:00"),
    ]  # fmt: skip
    answer(server, {"GetCustomerProducts": devices})
    warranties = [device.warranty for device in (await records.devices_with_warranty(KEY)).rows]
    assert warranties == [Warranty.IN, Warranty.OUT, Warranty.OUT, Warranty.IN]
    assert len(server.targets) == 1


async def test_warranty_that_the_list_does_not_tell_is_read_from_the_devices_own_page(
    records: CrmServiceRecords, server: RawServer
) -> None:
    ends = [{"Key": "保修期限", "Value": "全保"}, {"Key": "保修截止日期", "Value": "2030-01-01"}]
    pages = {"1": NO_WARRANTY, "3": ends, "4": [{"Key": "保修期限", "Value": "全保"}]}

    def say(target: str) -> Said:
        product = next((of for of in pages if f"productId={of}&" in f"{target}&"), "")
        return said(pages[product] if product else [row("1"), row("2", GuaranteedState="1"), row("3"), row("4")])

    server.say = say
    devices = (await records.devices_with_warranty(KEY)).rows
    assert [(device.device_id, device.warranty, device.warranty_ends) for device in devices] == [
        ("1", Warranty.OUT, ""), ("2", Warranty.IN, ""), ("3", Warranty.IN, "2030-01-01"), ("4", Warranty.UNKNOWN, ""),
    ]  # fmt: skip
    details = [request for request in asked(server) if request.operation == "GetCustomerProduct"]
    assert sorted(request.params["productId"] for request in details) == ["1", "3", "4"]
    assert details[0].params == {
        "serviceNetworkId": OUTLET.network_id, "serviceNetworkType": "2", "productId": details[0].params["productId"],
    }  # fmt: skip


async def test_no_more_than_the_first_devices_are_asked_for(records: CrmServiceRecords, server: RawServer) -> None:
    rows = [row(str(number)) for number in range(3 * MAX_DEVICES_ASKED_FOR)]
    answer(server, {"GetCustomerProducts": rows, "GetCustomerProduct": NO_WARRANTY})
    warranties = [device.warranty for device in (await records.devices_with_warranty(KEY)).rows]
    asked_about = MAX_DEVICES_ASKED_FOR
    assert warranties == [Warranty.OUT] * asked_about + [Warranty.UNKNOWN] * 2 * asked_about
    assert len(server.targets) == 1 + asked_about


async def test_device_whose_page_fails_leaves_its_warranty_unknown(
    records: CrmServiceRecords, server: RawServer, logs: Logs
) -> None:
    answer(server, {"GetCustomerProducts": [row("1"), row("2", GuaranteedState=1)], "GetCustomerProduct": said(code=7)})
    warranties = [device.warranty for device in (await records.devices_with_warranty(KEY)).rows]
    assert warranties == [Warranty.UNKNOWN, Warranty.IN]
    [line] = logs.lines("warranty_not_known")
    assert (line["level"], line["reason"]) == ("debug", "ResultCode 7")


async def test_pages_that_do_not_come_do_not_cost_the_list(
    records: CrmServiceRecords, server: RawServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Few are asked for at once, so that the others never were."""
    monkeypatch.setattr(service_records, "WARRANTY_SECONDS", 0.1)
    answer(
        server, {"GetCustomerProducts": [row(str(number)) for number in range(9)], "GetCustomerProduct": NO_RESPONSE}
    )
    devices = (await records.devices_with_warranty(KEY)).rows
    assert {device.warranty for device in devices} == {Warranty.UNKNOWN}
    assert len(server.targets) <= 1 + ASKED_AT_ONCE


async def test_device_without_an_id_has_no_page(records: CrmServiceRecords, server: RawServer) -> None:
    answer(server, {"GetCustomerProducts": {"CustomerID": CUSTOMER, "Number": "CE00000154"}})
    [device] = (await records.devices_with_warranty(KEY)).rows
    assert (device.number, device.warranty) == ("CE00000154", Warranty.UNKNOWN)
    assert len(server.targets) == 1


async def test_list_that_is_rejected_is_an_error(records: CrmServiceRecords, server: RawServer) -> None:
    server.say = always(said(code=7))
    for ask in asking_for(records).values():
        with pytest.raises(CrmRejected):
            await ask()


async def test_sample_crm_has_all_of_it(crm: SampleCrm, clock: Clock, documented: str) -> None:
    key = CustomerKey("", 1, documented)
    async with session_with(crm.address, clock, eshouhou_access_token=None, eshouhou_service_space_id=None) as session:
        records = CrmServiceRecords(session)
        contacts = (await records.contacts(key, "胡效鑫1")).rows
        devices = (await records.devices_with_warranty(key)).rows
        orders = (await records.work_orders(key)).rows
        steps = (await records.steps(orders[-1].order_id)).rows
    assert "张会计" in [contact.name for contact in contacts]
    assert ("CE00000154", Warranty.OUT) in [(device.number, device.warranty) for device in devices]
    assert State.CLOSED in [order.state for order in orders]
    assert steps
    assert {row.customer_id for rows in (contacts, devices, orders) for row in rows} == {documented}


@given(section=st.sampled_from(Section), value=json_values)
@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
async def test_whatever_is_answered_it_is_values_or_an_error_of_the_crm(
    records: CrmServiceRecords, server: RawServer, section: Section, value: object
) -> None:
    server.say = always(said(value))
    try:
        found = await asking_for(records)[section]()
    except CrmError:
        return
    assert len(found.rows) <= MAX_ROWS
