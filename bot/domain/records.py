"""A customer's records besides the profile: contacts, devices, work orders and their steps.

A text that the CRM does not give is "".
"""

from enum import Enum, IntEnum, StrEnum
from typing import Final, Generic, NamedTuple, TypeVar

MAX_ROWS: Final = 50
"""Rows of one section."""


class Section(StrEnum):
    """A kind of records, loaded by itself."""

    CONTACTS = "contacts"
    DEVICES = "devices"
    WORK_ORDERS = "work_orders"
    STEPS = "steps"
    """The steps of one work order."""


class Contact(NamedTuple):
    """A row of GetCustomerContacts. ``customer_id`` is in canonical form, or "" if the row names none."""

    customer_id: str
    name: str
    telephone: str
    mail: str = ""
    title: str = ""
    is_main: bool = False


class Warranty(Enum):
    UNKNOWN = "unknown"
    IN = "in"
    OUT = "out"


class Device(NamedTuple):
    """A row of GetCustomerProducts, or the response of GetCustomerProductBySN.

    ``number`` is the CE number. ``warranty_ends`` is the CRM's own date, "" if it gives none.
    """

    device_id: str
    customer_id: str
    number: str = ""
    serial_number: str = ""
    product_name: str = ""
    product_type: str = ""
    brand: str = ""
    warranty: Warranty = Warranty.UNKNOWN
    warranty_ends: str = ""


class State(IntEnum):
    """The CRM's State of a work order (pages 24 and 146 of the vendor's documentation)."""

    DEFAULT = 0
    NEW = 1
    ACCEPTED = 2
    GOODS_RECEIVED = 3
    ASSIGNED = 4
    DISPATCHED = 5
    TAKEN = 6
    BOOKED = 7
    IN_SERVICE = 8
    DONE = 9
    INSPECTED = 10
    GOODS_SENT = 11
    SETTLED = 12
    FOLLOWED_UP = 13
    CLOSED = 14
    CANCELLED = 15
    ABNORMAL = 16


class Pending(IntEnum):
    """What a work order waits for: the CRM's PendState (same pages)."""

    DEFAULT = 0
    ACCEPTANCE = 1
    RECEIPT_OF_GOODS = 2
    ASSIGNMENT = 3
    DISPATCH = 4
    TAKING = 5
    BOOKING = 6
    SERVICE = 7
    REPORT = 8
    INSPECTION = 9
    SENDING_OF_GOODS = 10
    SETTLEMENT = 11
    FOLLOW_UP = 12
    CLOSING = 13
    CLOSED = 14
    CANCELLED = 15
    ABNORMAL = 16


_WORK_IS_AHEAD: Final = frozenset({*range(State.NEW, State.DONE), State.ABNORMAL})


class WorkOrder(NamedTuple):
    """A row of GetWorkOrders. ``created`` is the CRM's own text."""

    order_id: str
    customer_id: str
    number: str = ""
    description: str = ""
    created: str = ""
    state: State = State.DEFAULT
    pending: Pending = Pending.DEFAULT
    product_name: str = ""

    @property
    def is_open(self) -> bool:
        """Whether the work is neither done nor cancelled."""
        return self.state in _WORK_IS_AHEAD


class WorkStep(NamedTuple):
    """A row of GetWorkProcess. ``handed_at`` and ``deadline`` are the CRM's own texts."""

    action: str
    description: str = ""
    handed_at: str = ""
    is_late: bool = False
    deadline: str = ""
    outlet: str = ""


RecordRow = Contact | Device | WorkOrder | WorkStep
R = TypeVar("R", bound=RecordRow, covariant=True)


class RecordRows(NamedTuple, Generic[R]):
    """The first MAX_ROWS of one section, in the order of display.

    ``is_cut``: there may be more rows, even if there are none here. ``order_number`` is the work order's, if these are
    its steps.
    """

    rows: tuple[R, ...]
    is_cut: bool
    order_number: str = ""


class ServiceSummary(NamedTuple):
    """The counts that a card shows in one line; None: not known.

    ``are_warranties_clear``: for every device it is known whether it is in warranty.
    """

    open_work_orders: int | None
    devices: int | None
    devices_out_of_warranty: int | None
    are_warranties_clear: bool = True
