"""What the sample CRM holds: customers and what belongs to them, in rows with the oddities of real answers."""

import json
import re
from collections.abc import Iterator, Mapping
from importlib import resources
from itertools import zip_longest
from typing import Any, Final
from uuid import NAMESPACE_URL, uuid5

HEAD_OFFICE: Final = "bd7fc093-0ccf-4335-9daf-10931b4e7c7d"
SERVICE_SPACE: Final = "6a8251ba-ce64-46b7-a505-a4e560032706"
"""Both are sample values of the vendor's documentation."""
HANGZHOU: Final = "6d0a3c52-0f0e-4a35-9c53-2f6f9b1a0201"
CHENGDU: Final = "6d0a3c52-0f0e-4a35-9c53-2f6f9b1a0202"
OUTLETS: Final = {HANGZHOU: "杭州西湖服务网点", CHENGDU: "成都服务商"}
"""Service networks besides the head office, by id: as customers name them in 默认服务网点."""
_CONTACT: Final = re.compile(r"联系人\d*")
_PHONE: Final = re.compile(r"联系电话\d*")

Row = dict[str, Any]


class SampleRecords:
    """The CRM's state, for tests to change: ``customers`` by id as GetCustomer answers them, the rest row by row.

    ``steps`` are those of a work order, by its id. Two things that the documentation leaves open can be switched:
    without ``search_key_works`` the CRM takes no notice of a searchKey, with ``matches_exactly`` it compares the whole
    text that a condition names, and not a part.
    """

    def __init__(self) -> None:
        service = sample_data("sample_service.json")
        self.customers: dict[str, Any] = {}
        self.contacts: list[Row] = []
        self.devices: list[Row] = service["devices"]
        self.work_orders: list[Row] = service["work_orders"]
        self.steps: dict[str, list[Row]] = service["steps"]
        self.accounts: list[Row] = service["accounts"]
        self.search_key_works = True
        self.matches_exactly = False
        self.add_customers({entry["id"]: entry["rows"] for entry in sample_customers()})
        self.contacts += service["contacts"]

    def add_customers(self, customers: Mapping[str, list[Any]]) -> None:
        """More customers, by id; each with the contacts that its rows name."""
        self.customers |= customers
        for customer_id, rows in customers.items():
            self.contacts += _contacts(customer_id, rows)

    def number_of(self, row: Row) -> str:
        """The number of the customer to whom a row belongs; "" where it belongs to none."""
        rows = self.customers.get(text_of(row, "CustomerID").lower())
        return str(_value(_labelled(rows), "客户编号"))

    def outlet_of(self, customer_id: str) -> str:
        """The name of a customer's outlet; "" where that is none."""
        return str(_value(_labelled(self.customers.get(customer_id.lower())), "默认服务网点"))


def sample_customers() -> list[dict[str, Any]]:
    """Each with its ``id``, what it ``shows`` and its ``rows`` as GetCustomer gives them."""
    customers: list[dict[str, Any]] = sample_data("sample_customers.json")
    return customers


def sample_data(name: str) -> Any:
    """What one of the playground's JSON files holds."""
    return json.loads(resources.files("bot.playground.fake_crm").joinpath(name).read_text("utf-8"))


def branches(count: int) -> dict[str, list[Any]]:
    """The branches of an invented chain of shops, for ``add_customers``: more than anybody would page through."""
    return {f"b0000000-0000-4000-8000-{number:012d}": list(_branch(number)) for number in range(1, count + 1)}


def text_of(row: Row, column: str) -> str:
    """What a row holds there, "" for nothing."""
    held = row.get(column)
    return "" if held is None else str(held)


def _branch(number: int) -> Iterator[Row]:
    yield {"ShowType": 0, "Key": "客户编号", "Value": f"CF{1_000 + number:08d}"}
    yield {"ShowType": 0, "Key": "客户名称", "Value": f"屿麦便利店{number:03d}店"}
    yield {"ShowType": 0, "Key": "联系人", "Value": f"{number:03d}店店长"}
    yield {"ShowType": 0, "Key": "联系电话", "Value": f"1390000{5_000 + number}"}
    yield {"ShowType": 0, "Key": "邮箱", "Value": f"shop{number:03d}@example.com"}
    yield {"ShowType": 0, "Key": "所属区域", "Value": "江苏省-南京市-鼓楼区"}


def _contacts(customer_id: str, rows: list[Any]) -> Iterator[Row]:
    """The contacts whom a customer's own rows name, as GetCustomerContacts gives them; the first is the main one."""
    shown = _labelled(rows)
    names = [row.get("Value") for row in shown if _CONTACT.fullmatch(row["Key"])]
    phones = [row.get("Value") for row in shown if _PHONE.fullmatch(row["Key"])]
    for place, (name, phone) in enumerate(zip_longest(names, phones)):
        if name or phone:
            is_main = place == 0
            yield {
                "ID": str(uuid5(NAMESPACE_URL, f"{customer_id}/contacts/{place}")),
                "CustomerID": customer_id,
                "CustomerName": _value(shown, "客户名称"),
                "Name": name,
                "Gender": 0,
                "Title": "",
                "Telephone": phone,
                "Mail": _value(shown, "邮箱") if is_main else "",
                "Area": _value(shown, "所属区域"),
                "Address": _value(shown, "详细地址"),
                "IsMain": is_main,
            }


def _labelled(rows: Any) -> list[Row]:
    """The rows of a profile that have a label."""
    listed = rows if isinstance(rows, list) else []
    return [row for row in listed if isinstance(row, dict) and isinstance(row.get("Key"), str)]


def _value(rows: list[Row], key: str) -> Any:
    return next((row.get("Value") for row in rows if row["Key"] == key), "")
