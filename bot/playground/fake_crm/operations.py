"""What the sample CRM answers: every operation that the bot uses, by its path, as documented.

An operation takes the records and the parameters of a request, gives the ResultValue, and raises Refusal.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

from bot.playground.fake_crm.lists import (
    PAGES,
    Listing,
    Query,
    Refusal,
    id_in,
    one_of,
    page,
    require,
    since,
    text_in,
    until,
)
from bot.playground.fake_crm.records import HEAD_OFFICE, OUTLETS, SERVICE_SPACE, Row, SampleRecords, text_of

Operation = Callable[[SampleRecords, Query], Any]

_NETWORK: Final = ("serviceSpaceId", "serviceNetworkId")
_OPTIONAL: Final = ("serviceNetworkType", "condition", "searchKey", *PAGES)

CONTACTS: Final = Listing(
    {
        "sys_customername": text_in("CustomerName"),
        "sys_name": text_in("Name"),
        "sys_telephone": text_in("Telephone"),
        "sys_title": text_in("Title"),
        "sys_startdate": since("CreateTime"),
        "sys_enddate": until("CreateTime"),
    },
    ("CustomerName", "Name", "Telephone", "Mail"),
)
DEVICES: Final = Listing(
    {
        "sys_number": text_in("Number"),
        "sys_serialnumber1": text_in("SerialNumber"),
        "sys_customerid": id_in("CustomerID"),
        "sys_projectid": id_in("ProjectID"),
        "sys_contact": text_in("CustomerContact"),
        "sys_telephone": text_in("CustomerTelephone"),
        "sys_startdate": since("CreateTime"),
        "sys_enddate": until("CreateTime"),
        "sys_startservicedate": since("WarrantyStart"),
        "sys_endservicedate": until("WarrantyStart"),
    },
    ("CustomerName", "SerialNumber", "Number"),
)
_ANY_WORK_ORDERS: Final = {
    "customerid": id_in("CustomerID"),
    "startdate": since("CreateTime"),
    "enddate": until("CreateTime"),
    "categorylist": one_of("CategoryID"),
}
WORK_ORDERS: Final = Listing(
    {
        **_ANY_WORK_ORDERS,
        "state": one_of("State"),
        "networklist": one_of("ServiceNetworkID"),
        "servicepersonlist": one_of("ServiceStaffID"),
        "customername": text_in("CustomerName"),
        "contact": text_in("Contact"),
        "contactnumber": text_in("ContactNumber"),
    },
    ("CustomerName", "Number", "Contact", "ContactNumber"),
)
WORK_ORDERS_V1: Final = Listing(
    {
        **_ANY_WORK_ORDERS,
        "servicemodelist": one_of("ServiceMode"),
        "pendstate": one_of("PendState"),
        "channel": one_of("Channel"),
        "servicenetworkid": id_in("ServiceNetworkID"),
    }
)


def service_space(records: SampleRecords, query: Query) -> Any:
    """Page 58."""
    return {"Name": "知觉测试", "HQServiceNetworkID": HEAD_OFFICE, "EditionType": 4}


def customer(records: SampleRecords, query: Query) -> Any:
    """Page 121. What it answers for an unknown customer is not documented; here it is null."""
    customer_id = query.get("customerId", "").lower()
    return records.customers.get(customer_id) if _sees(records, query, customer_id) else None


def customer_contacts(records: SampleRecords, query: Query) -> Any:
    """Page 142."""
    _require_list(query)
    return page(CONTACTS, _seen(records.contacts, records, query), records, query)


def customer_products(records: SampleRecords, query: Query) -> Any:
    """Page 135. A single row comes as itself, and not as a list of one: both are documented, on different pages."""
    _require_list(query)
    found = page(DEVICES, _seen(records.devices, records, query), records, query)
    return found[0] if len(found) == 1 else found


def customer_product(records: SampleRecords, query: Query) -> Any:
    """Page 136: rows of labels and values, as GetCustomer's."""
    require(query, ("productId", "serviceNetworkId", "serviceNetworkType"))
    devices = _seen(records.devices, records, query)
    row = next((row for row in devices if row["ID"] == query["productId"].lower()), None)
    return None if row is None else list(_as_shown(row))


def product_by_serial_number(records: SampleRecords, query: Query) -> Any:
    """Page 22: the first device with this serial number. Whether it is in warranty comes as a word."""
    require(query, ("serialNumber",))
    row = next((row for row in records.devices if row["SerialNumber"] == query["serialNumber"]), None)
    if row is None:
        return None
    same = ("ID", "CustomerID", "CustomerName", "ProductID", "ProductName", "ProductType", "SerialNumber")
    place = {name: row.get(f"Customer{name}") for name in ("Contact", "Telephone", "Area", "Address")}
    state = {"1": "In", "2": "Out"}.get(text_of(row, "GuaranteedState"), "Default")
    return {**{name: row[name] for name in same if name in row}, **place, "GuaranteedState": state}


def work_orders(records: SampleRecords, query: Query) -> Any:
    """Page 146."""
    _require_list(query)
    return page(WORK_ORDERS, _seen(records.work_orders, records, query), records, query)


def work_orders_v1(records: SampleRecords, query: Query) -> Any:
    """Page 24: it needs no service space, and returns one."""
    require(query, (), ("condition", *PAGES))
    return page(WORK_ORDERS_V1, records.work_orders, records, query)


def work_process(records: SampleRecords, query: Query) -> Any:
    """Page 27."""
    require(query, ("workOrderId",))
    return records.steps.get(query["workOrderId"].lower(), [])


def customer_by_user_name(records: SampleRecords, query: Query) -> Any:
    """The customer with this account, which is a phone number."""
    require(query, ("phoneNum",))
    return next((row for row in records.accounts if row["UserName"] == query["phoneNum"]), None)


OPERATIONS: Final[Mapping[str, Operation]] = {
    "/api/CustomerService/GetServiceSpace": service_space,
    "/open/v2/Customer/GetCustomer": customer,
    "/open/v2/Customer/GetCustomerContacts": customer_contacts,
    "/open/v2/Customer/GetCustomerProducts": customer_products,
    "/open/v2/Customer/GetCustomerProduct": customer_product,
    "/open/v2/Client/GetCustomerByUserName": customer_by_user_name,
    "/open/v2/WorkOrder/GetWorkOrders": work_orders,
    "/api/CustomerService/GetCustomerProductBySN": product_by_serial_number,
    "/api/CustomerService/GetWorkOrders": work_orders_v1,
    "/api/CustomerService/GetWorkProcess": work_process,
}


def _require_list(query: Query) -> None:
    require(query, _NETWORK, _OPTIONAL)
    if query["serviceSpaceId"].lower() != SERVICE_SPACE:
        raise Refusal("serviceSpaceId 错误")


def _seen(rows: list[Row], records: SampleRecords, query: Query) -> list[Row]:
    return [row for row in rows if _sees(records, query, text_of(row, "CustomerID"))]


def _sees(records: SampleRecords, query: Query, customer_id: str) -> bool:
    """The head office (1) sees all customers, an outlet (2) its own: https://www.eshouhou.cn/support/helps/392."""
    if query.get("serviceNetworkType") != "2":
        return True
    return records.outlet_of(customer_id) == OUTLETS.get(query.get("serviceNetworkId", "").lower())


def _as_shown(row: Row) -> Iterator[Row]:
    """The device as GetCustomer would show it, label by label."""
    values = {
        "设备编号": text_of(row, "Number"),
        "购买凭证": "",
        "产品分类": text_of(row, "CategoryID"),
        "产品名称": text_of(row, "ProductName"),
        "产品型号": text_of(row, "ProductType"),
        "保修期限": "全保" if text_of(row, "GuaranteedState") == "1" else "无保修",
        "保修开始日期": text_of(row, "WarrantyStart"),
        "保修截止日期": text_of(row, "WarrantyEnd"),
        "所属客户": text_of(row, "CustomerName"),
        "产品序列号": text_of(row, "SerialNumber"),
        "所属项目": text_of(row, "ProjectName"),
        "默认服务网点": "",
    }
    for label, value in values.items():
        yield {"ShowType": int(label == "购买凭证"), "Key": label, "Value": value}
