"""Rows of the CRM's lists as values, read by the column names of the documented pages.

The pages list the fields of version 2 incompletely, so the names of sister pages are tried as well. Any field may be
missing, null, or of another type than announced.
"""

from collections.abc import Mapping
from datetime import date
from typing import Final

from bot.crm.envelope import code_of, cut, value_in
from bot.crm.values import readable
from bot.crm.warranty import stated_warranty
from bot.domain.normalise import whole_id
from bot.domain.records import Contact, Device, Pending, State, WorkOrder, WorkStep

MAX_TEXT_LENGTH: Final = 200
MAX_DESCRIPTION_LENGTH: Final = 500
_YES: Final = frozenset({"是", "true", "1"})

Row = Mapping[str, object]


def text_in(row: Row, *names: str, length: int = MAX_TEXT_LENGTH) -> str:
    """The first text under one of ``names`` that is not empty, cut to ``length``; "" if there is none."""
    texts = (readable(value_in(row, name)) for name in names)
    return cut(next(filter(None, texts), ""), length)


def customer_id_in(row: Row, name: str = "CustomerID") -> str:
    """The id of the customer that a row names, in canonical form; "" where it names none."""
    return whole_id(text_in(row, name))


def contact_in(row: Row) -> Contact:
    """A row of GetCustomerContacts (page 142)."""
    return Contact(
        customer_id=customer_id_in(row),
        name=text_in(row, "Name"),
        telephone=text_in(row, "Telephone"),
        mail=text_in(row, "Mail"),
        title=text_in(row, "Title"),
        is_main=_is_yes(value_in(row, "IsMain")),
    )


def device_in(row: Row, today: date) -> Device:
    """A row of GetCustomerProducts (page 135; the names of its number, serial number and warranty: pages 21 and 22)."""
    warranty_ends = text_in(row, "WarrantyEnd")
    return Device(
        device_id=text_in(row, "ID"),
        customer_id=customer_id_in(row),
        number=text_in(row, "Number"),
        serial_number=text_in(row, "SerialNumber", "SerialNumber1"),
        product_name=text_in(row, "ProductName"),
        product_type=text_in(row, "ProductType"),
        brand=text_in(row, "ProductBrand"),
        warranty=stated_warranty(text_in(row, "GuaranteedState"), warranty_ends, today),
        warranty_ends=warranty_ends,
    )


def work_order_in(row: Row) -> WorkOrder:
    """A row of GetWorkOrders (pages 146 and 24: what the first one labels 客户id is the work order's own id)."""
    return WorkOrder(
        order_id=text_in(row, "ID"),
        customer_id=customer_id_in(row),
        number=text_in(row, "Number"),
        description=text_in(row, "Description", length=MAX_DESCRIPTION_LENGTH),
        created=text_in(row, "CreateTime"),
        state=code_of(State, value_in(row, "State")),
        pending=code_of(Pending, value_in(row, "PendState")),
        product_name=text_in(row, "ProductName"),
    )


def step_in(row: Row) -> WorkStep:
    """A row of GetWorkProcess (page 27)."""
    return WorkStep(
        action=text_in(row, "ActionName"),
        description=text_in(row, "Description", length=MAX_DESCRIPTION_LENGTH),
        handed_at=text_in(row, "HandedTime"),
        is_late=_is_yes(value_in(row, "IsTimeOut")),
        deadline=text_in(row, "Deadline"),
        outlet=text_in(row, "ServiceNetworkName"),
    )


def _is_yes(value: object) -> bool:
    return readable(value).casefold() in _YES
