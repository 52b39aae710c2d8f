"""The sample CRM: what it answers is what the vendor's documentation says, and what it refuses goes beyond that."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Coroutine
from typing import Any, Final

import aiohttp
import pytest

from bot.playground.fake_crm.operations import OPERATIONS
from bot.playground.fake_crm.server import HEAD_OFFICE, SERVICE_SPACE, Fault, SampleCrm, branches
from tests.support.surfaces import CLINIC, DOCUMENTED, FACTORY

CONTACTS: Final = "/open/v2/Customer/GetCustomerContacts"
PRODUCTS: Final = "/open/v2/Customer/GetCustomerProducts"
PRODUCT: Final = "/open/v2/Customer/GetCustomerProduct"
BY_ACCOUNT: Final = "/open/v2/Client/GetCustomerByUserName"
WORK_ORDERS: Final = "/open/v2/WorkOrder/GetWorkOrders"
BY_SERIAL_NUMBER: Final = "/api/CustomerService/GetCustomerProductBySN"
WORK_ORDERS_V1: Final = "/api/CustomerService/GetWorkOrders"
STEPS: Final = "/api/CustomerService/GetWorkProcess"
CUSTOMER: Final = "/open/v2/Customer/GetCustomer"
LISTS: Final = (CONTACTS, PRODUCTS, WORK_ORDERS)

NETWORK: Final = {"serviceSpaceId": SERVICE_SPACE, "serviceNetworkId": HEAD_OFFICE, "serviceNetworkType": "1"}
HOSPITAL: Final = "f050d174-16ed-49e3-8c12-5bc7f70ef74d"
EMPTY: Final = "0f530e84-16f4-4868-a56b-e78d782984dc"
TWINS_BY_NAME: Final = ["86198930-58ef-4487-a729-cc351f87080b", "e702dfe6-c72a-4265-9e65-739993ce8316"]
TWINS_BY_PHONE: Final = ["0c9bb790-1cbd-4f63-966e-342af1a6a617", "a9bebaa2-08f5-4983-bf01-790601d4d2c3"]
REPAIR: Final = "4cda4c70-9d53-47c6-8641-c9e50d078c09"
"""A work order of the vendor's documentation."""

Result = dict[str, Any]
Get = Callable[..., Coroutine[None, None, Result]]


@pytest.fixture
async def get(crm: SampleCrm) -> AsyncIterator[Get]:
    """Asks with a token that the CRM takes, and gives its whole answer."""
    crm.tokens.add("a token")
    async with aiohttp.ClientSession(crm.address) as session:

        async def ask(path: str, **query: str) -> Result:
            async with session.get(path, params={"access_token": "a token", **query}) as answer:
                said: Result = await answer.json(content_type=None)
                return said

        yield ask


def asking(**condition: Any) -> dict[str, str]:
    """The parameters of a v2 list with a condition."""
    return {**NETWORK, "condition": json.dumps(condition)}


def rows(answer: Result) -> list[dict[str, Any]]:
    """The ResultValue of a list, whichever of its shapes it has."""
    assert str(answer["ResultCode"]) == "0", answer
    value = answer["ResultValue"]
    return value if isinstance(value, list) else [value]


def owners(answer: Result) -> list[str]:
    """Whom the rows name, each once."""
    return list(dict.fromkeys(row.get("CustomerID", "") for row in rows(answer)))


# --- Which rows ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "query"),
    [
        (CONTACTS, {**NETWORK, "searchKey": "CF00000179"}),
        (CONTACTS, asking(sys_customername="胡效鑫1")),
        (CONTACTS, asking(sys_customername="胡效")),
        (CONTACTS, asking(sys_name="胡效鑫1")),
        (CONTACTS, asking(sys_telephone="18539622352")),
        (CONTACTS, {**NETWORK, "searchKey": "903146517@qq.com"}),
        (CONTACTS, asking(sys_telephone="13900001179")),
        (PRODUCTS, asking(sys_number="CE00000154")),
        (PRODUCTS, asking(sys_serialnumber1="LPR30-20230042")),
        (PRODUCTS, asking(sys_telephone="18539622352")),
        (PRODUCTS, asking(sys_customerid=DOCUMENTED.upper())),
        (PRODUCTS, {**NETWORK, "searchKey": "20230042"}),
        (BY_SERIAL_NUMBER, {"serialNumber": "LPR30-20230042"}),
        (WORK_ORDERS, asking(contactnumber="18539622352")),
        (WORK_ORDERS, asking(customerid=DOCUMENTED, state=[4, 8])),
        (WORK_ORDERS_V1, {"condition": json.dumps({"customerid": DOCUMENTED, "pendstate": ["7"]})}),
    ],
)
async def test_documented_customer_is_found_by_every_route(get: Get, path: str, query: dict[str, str]) -> None:
    assert owners(await get(path, **query)) == [DOCUMENTED]


async def test_twins_come_together(get: Get) -> None:
    """Two customers with one name, two with one phone, and two with devices of one serial number."""
    assert owners(await get(CONTACTS, **asking(sys_customername="峤砚口腔门诊部"))) == TWINS_BY_NAME
    assert owners(await get(CONTACTS, **asking(sys_telephone="13800001027"))) == TWINS_BY_PHONE
    assert owners(await get(PRODUCTS, **asking(sys_serialnumber1="888888"))) == TWINS_BY_NAME


async def test_conditions_hold_together(get: Get) -> None:
    both = asking(sys_customername="峤砚口腔门诊部", sys_telephone="13800001026")
    assert owners(await get(CONTACTS, **both)) == TWINS_BY_NAME[1:]
    assert rows(await get(CONTACTS, **asking(sys_name="郑工", sys_telephone="13800001026"))) == []


async def test_work_orders_are_chosen_by_day_and_state(get: Get) -> None:
    """Days are compared as days, in whichever way they are written."""
    chosen = rows(await get(WORK_ORDERS, **asking(customerid=FACTORY, startdate="2023-11-09", enddate="2023-11-10")))
    assert [row["Number"] for row in chosen] == ["GD00000903", "GD00000904"]
    chosen = rows(await get(WORK_ORDERS, **asking(customerid=FACTORY, state=["7", 1])))
    assert [row["State"] for row in chosen] == [1, 7]
    assert len(rows(await get(WORK_ORDERS, **asking(customerid=FACTORY, state=[])))) == 5


async def test_text_is_a_part_or_the_whole_as_the_crm_is_switched(get: Get, crm: SampleCrm) -> None:
    part, whole = asking(sys_customername="胡效鑫"), asking(sys_customername="胡效鑫1")
    assert owners(await get(CONTACTS, **part)) == [DOCUMENTED]
    crm.matches_exactly = True
    assert rows(await get(CONTACTS, **part)) == []
    assert owners(await get(CONTACTS, **whole)) == [DOCUMENTED]


async def test_search_key_finds_or_is_ignored_as_the_crm_is_switched(get: Get, crm: SampleCrm) -> None:
    query = {**NETWORK, "searchKey": "CF00000179", "pageSize": "1000"}
    assert owners(await get(CONTACTS, **query)) == [DOCUMENTED]
    crm.search_key_works = False
    assert len(rows(await get(CONTACTS, **query))) == len(crm.contacts)


async def test_account_names_its_customer(get: Get) -> None:
    """It may be one whom GetCustomer does not know: a member, and no customer on file."""
    member = (await get(BY_ACCOUNT, phoneNum="13888888888"))["ResultValue"]
    assert member["ID"] == "05690412-5229-4a64-bbe5-970f90753f7f"
    assert (await get(CUSTOMER, customerId=member["ID"]))["ResultValue"] is None
    assert (await get(BY_ACCOUNT, phoneNum="13900003008"))["ResultValue"]["Name"] == "温先生"


@pytest.mark.parametrize(
    ("path", "query"),
    [
        (BY_ACCOUNT, {"phoneNum": "13800001001"}),
        (BY_SERIAL_NUMBER, {"serialNumber": "777"}),
        (PRODUCT, {"productId": DOCUMENTED, "serviceNetworkId": HEAD_OFFICE, "serviceNetworkType": "1"}),
    ],
)
async def test_one_that_is_not_there_is_null(get: Get, path: str, query: dict[str, str]) -> None:
    assert (await get(path, **query))["ResultValue"] is None


async def test_customer_without_contact_device_and_work_order_is_in_no_list(get: Get, crm: SampleCrm) -> None:
    """Its id alone finds it."""
    assert EMPTY in crm.customers
    assert EMPTY not in [row.get("CustomerID") for row in (*crm.contacts, *crm.devices, *crm.work_orders)]


async def test_contact_stays_when_its_customer_is_gone(get: Get) -> None:
    [customer_id] = owners(await get(CONTACTS, **asking(sys_customername="温州旧屿仪表厂")))
    assert (await get(CUSTOMER, customerId=customer_id))["ResultValue"] is None


async def test_device_is_shown_label_by_label(get: Get) -> None:
    [device] = rows(await get(PRODUCTS, **asking(sys_number="CE00000154")))
    network = {"serviceNetworkId": HEAD_OFFICE, "serviceNetworkType": "1"}
    shown = rows(await get(PRODUCT, productId=device["ID"].upper(), **network))
    assert [(row["Key"], row["Value"]) for row in shown if row["Value"]] == [
        ("设备编号", "CE00000154"),
        ("产品分类", "5321123"),
        ("产品名称", "LPR-30ⅡD/BP"),
        ("产品型号", "LPR-30"),
        ("保修期限", "无保修"),
        ("所属客户", "胡效鑫1"),
        ("产品序列号", "LPR30-20230042"),
        ("所属项目", "花苑净水设备安装"),
    ]
    assert [row["ShowType"] for row in shown if row["Key"] == "购买凭证"] == [1]


async def test_steps_are_those_of_their_work_order_in_no_order(get: Get) -> None:
    steps = rows(await get(STEPS, workOrderId=REPAIR.upper()))
    assert [step["ActionName"] for step in steps] == ["派工", "新建", "受理", "预约", "完工", "关闭"]
    assert rows(await get(STEPS, workOrderId=DOCUMENTED)) == []


# --- Pages -----------------------------------------------------------------------------------------------------------


async def test_pages_begin_at_one_and_end_without_a_word(get: Get) -> None:
    """Ten rows unless more are asked for, and no total."""
    query = asking(sys_customerid=HOSPITAL)
    pages = [rows(await get(PRODUCTS, **query, pageSize="25", pageIndex=str(index))) for index in (1, 2, 3, 4)]
    assert [len(page) for page in pages] == [25, 25, 10, 0]
    assert len({row["ID"] for page in pages for row in page}) == 60
    answer = await get(PRODUCTS, **query)
    assert (len(answer["ResultValue"]), sorted(answer)) == (10, ["ErrorMsg", "ResultCode", "ResultValue"])


@pytest.mark.parametrize("page", [{"pageIndex": "0"}, {"pageSize": "-1"}, {"pageSize": "ten"}, {"pageIndex": "²"}])
async def test_page_that_is_none_is_refused(get: Get, page: dict[str, str]) -> None:
    assert await refused(get, CONTACTS, **NETWORK, **page) in ("pageIndex 错误", "pageSize 错误")


# --- What is refused -------------------------------------------------------------------------------------------------


async def refused(get: Get, path: str, **query: str) -> str:
    """The ErrorMsg."""
    answer = await get(path, **query)
    assert "ResultValue" not in answer
    words: str = answer["ErrorMsg"]
    return words


@pytest.mark.parametrize("path", LISTS)
@pytest.mark.parametrize("name", ["serviceSpaceId", "serviceNetworkId"])
async def test_new_lists_get_the_space_and_the_network(get: Get, path: str, name: str) -> None:
    assert (
        await refused(get, path, **{key: value for key, value in NETWORK.items() if key != name}) == f"缺少参数 {name}"
    )
    assert await refused(get, path, **{**NETWORK, "serviceSpaceId": HEAD_OFFICE}) == "serviceSpaceId 错误"


async def test_old_work_orders_need_neither_and_tell_the_space(get: Get) -> None:
    [row] = rows(await get(WORK_ORDERS_V1, pageSize="1"))
    assert row["ServiceSpaceID"] == SERVICE_SPACE
    assert await refused(get, WORK_ORDERS_V1, **NETWORK) == "未知的参数"


@pytest.mark.parametrize("path", [PRODUCT, BY_ACCOUNT, BY_SERIAL_NUMBER, STEPS])
async def test_one_thing_is_named(get: Get, path: str) -> None:
    assert (await refused(get, path)).startswith("缺少参数")


@pytest.mark.parametrize(
    ("path", "condition"),
    [
        (CONTACTS, "{'sys_name': '胡效鑫1'}"),
        (CONTACTS, '{"sys_name": "x'),
        (CONTACTS, "[" * 20_000),
        (CONTACTS, '["sys_name"]'),
        (CONTACTS, '{"name": "x"}'),
        (CONTACTS, '{"Sys_name": "x"}'),
        (CONTACTS, '{" sys_startdate": "2023-01-01"}'),
        (CONTACTS, '{"sys_name": 1}'),
        (CONTACTS, '{"sys_customerid": "x"}'),
        (PRODUCTS, '{"sys_serialnumber": "x"}'),
        (PRODUCTS, '{"sys_customerid": ["x"]}'),
        (WORK_ORDERS, '{"sys_customerid": "x"}'),
        (WORK_ORDERS, '{"pendstate": [1]}'),
        (WORK_ORDERS, '{"state": 1}'),
    ],
)
async def test_condition_is_json_with_the_keys_of_its_list(get: Get, path: str, condition: str) -> None:
    assert (await refused(get, path, **NETWORK, condition=condition)).startswith("condition")


async def test_token_is_the_crms(get: Get, crm: SampleCrm) -> None:
    crm.tokens.clear()
    for path in OPERATIONS:
        assert "access_token" in (await refused(get, path))


# --- Oddities --------------------------------------------------------------------------------------------------------


async def test_result_code_is_a_text_in_the_new_operations_and_a_number_in_the_old(get: Get) -> None:
    assert (await get(CONTACTS, **NETWORK))["ResultCode"] == "0"
    assert (await get(WORK_ORDERS_V1))["ResultCode"] == 0


async def test_single_device_comes_as_itself(get: Get) -> None:
    assert isinstance((await get(PRODUCTS, **asking(sys_number="CE00000154")))["ResultValue"], dict)
    assert isinstance((await get(CONTACTS, **asking(sys_name="郑工")))["ResultValue"], list)


async def test_warranty_is_a_number_in_one_place_and_a_word_in_another(get: Get) -> None:
    [listed] = rows(await get(PRODUCTS, **asking(sys_serialnumber1="777777")))
    [named] = rows(await get(BY_SERIAL_NUMBER, serialNumber="777777"))
    assert (listed["GuaranteedState"], named["GuaranteedState"]) == (1, "In")
    [text] = rows(await get(PRODUCTS, **asking(sys_number="CE00000202")))
    assert text["GuaranteedState"] == "2"


async def test_rows_may_name_nobody_and_ids_may_be_in_capitals(get: Get) -> None:
    [unnamed] = rows(await get(CONTACTS, **asking(sys_telephone="13900001990")))
    [missing] = rows(await get(CONTACTS, **asking(sys_telephone="13900001991")))
    [capitals] = rows(await get(CONTACTS, **asking(sys_telephone="13900001202")))
    assert (unnamed["CustomerID"], "CustomerID" in missing, capitals["CustomerID"]) == (
        "",
        False,
        CLINIC.upper(),
    )


async def test_numbers_may_be_texts_and_codes_unknown(crm: SampleCrm) -> None:
    states = [row["State"] for row in crm.work_orders]
    assert set(states) >= {*range(17), "8", 99}
    assert {type(row["Telephone"]) for row in crm.contacts} == {str, int}


# --- For tests -------------------------------------------------------------------------------------------------------


async def test_customers_that_are_added_have_their_contacts(get: Get, crm: SampleCrm) -> None:
    """Sixty with a part of their name in common, and none of them in any other test."""
    crm.add_customers(branches(60))
    found = owners(await get(CONTACTS, **asking(sys_customername="屿麦便利店"), pageSize="100"))
    assert found == list(branches(60))
    assert owners(await get(CONTACTS, **NETWORK, searchKey="CF00001060")) == found[-1:]
    assert rows(await get(CUSTOMER, customerId=found[-1]))[1]["Value"] == "屿麦便利店060店"
    assert not branches(60).keys() & SampleCrm().customers.keys()


async def test_one_operation_fails_alone(get: Get, crm: SampleCrm) -> None:
    crm.faults["GetCustomerContacts"] = Fault(body=b'{"ResultCode": 9, "ErrorMsg": "busy"}')
    assert await refused(get, CONTACTS, **NETWORK) == "busy"
    assert len(rows(await get(WORK_ORDERS, **NETWORK))) == 10


async def test_fault_of_the_crm_is_every_operations(get: Get, crm: SampleCrm) -> None:
    crm.fault = Fault(body=b'{"ResultCode": 9, "ErrorMsg": "busy"}')
    assert [await refused(get, path) for path in OPERATIONS] == ["busy"] * len(OPERATIONS)


async def test_operation_that_hangs_holds_up_nobody_else(get: Get, crm: SampleCrm) -> None:
    crm.faults["GetCustomerProducts"] = Fault(hang=True)
    waiting = asyncio.create_task(get(PRODUCTS, **NETWORK))
    assert len(rows(await get(CONTACTS, **NETWORK))) == 10
    assert not waiting.done()
    crm.release()
    assert len(rows(await waiting)) == 10


async def test_requests_are_counted_by_operation(get: Get, crm: SampleCrm) -> None:
    await get(BY_SERIAL_NUMBER, serialNumber="777777")
    await get(STEPS, workOrderId=REPAIR)
    assert crm.asked == {"GetCustomerProductBySN": 1, "GetWorkProcess": 1}
    assert [query["serialNumber"] for query in crm.asked_for("GetCustomerProductBySN")] == ["777777"]
    assert crm.queries[-1] == {"access_token": "a token", "workOrderId": REPAIR}
