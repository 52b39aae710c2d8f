"""A CRM whose answers a test sets, an operation each, and a session with it."""

import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any, Final, NamedTuple

from hypothesis import strategies as st

from bot.crm.session import CrmSession
from bot.crm.transport import CrmTransport
from bot.domain.profile import CustomerKey, ServiceNetwork
from bot.playground.settings import playground_settings
from tests.conftest import Clock
from tests.support.raw_server import RawServer, Said, http, path_of, query_of

SPACE: Final = "6a8251ba-ce64-46b7-a505-a4e560032706"
OUTLET: Final = ServiceNetwork("0c9bb790-1cbd-4f63-966e-342af1a6a617", 2)
CUSTOMER: Final = "11111111-aaaa-4aaa-8aaa-111111111111"
OTHER: Final = "22222222-bbbb-4bbb-8bbb-222222222222"
KEY: Final = CustomerKey(*OUTLET, CUSTOMER)
COLUMNS: Final = (
    "ID", "CustomerID", "CustomerName", "Name", "Telephone", "Mail", "IsMain", "Number", "SerialNumber", "Contact",
    "GuaranteedState", "WarrantyEnd", "State", "PendState", "CreateTime", "Description", "ActionName", "HandedTime",
    "IsTimeOut", "Deadline", "ContactNumber", "ServiceSpaceID", "Key", "Value",
)  # fmt: skip

_any_text = st.text(st.characters(exclude_categories=[]), max_size=30)
json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.sampled_from([CUSTOMER, "2020/4/29 16:20:16"])
    | _any_text,
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(COLUMNS) | _any_text, inner, max_size=12)
    ),
    max_leaves=20,
)
"""Any JSON value, halves of characters included, often with the CRM's own columns in it."""


class Asked(NamedTuple):
    """A request: the operation's name and its parameters, the condition read."""

    operation: str
    params: dict[str, str]
    condition: dict[str, Any]


def said(value: object = None, code: object = 0, error_msg: str = "", status: int = 200) -> Said:
    """An answer in the CRM's envelope."""
    body = {"ResultCode": code, "ErrorMsg": error_msg, "ResultValue": value}
    return http(json.dumps(body).encode(), status)


def answer(server: RawServer, answers: Mapping[str, object]) -> None:
    """Have each operation answered with its ResultValue or with what is said; others with an empty list."""

    def say(target: str) -> Said:
        found = answers.get(path_of(target).rpartition("/")[2], [])
        return found if isinstance(found, Said) else said(found)

    server.say = say


def asked(server: RawServer) -> list[Asked]:
    """What was asked, in order, without the token."""
    return [_asked(target) for target in server.targets]


def _asked(target: str) -> Asked:
    params = query_of(target)
    params.pop("access_token")
    return Asked(path_of(target).rpartition("/")[2], params, json.loads(params.pop("condition", "{}")))


@asynccontextmanager
async def session_with(address: str, clock: Clock, **others: Any) -> AsyncIterator[CrmSession]:
    """One that has a token and knows the service space, so that it asks for nothing but what a test asks for."""
    given = {"eshouhou_access_token": "made-by-hand==", "eshouhou_service_space_id": SPACE, **others}
    transport = CrmTransport(address, 2, clock)
    try:
        yield CrmSession(transport, playground_settings(address, **given), clock)
    finally:
        await transport.close()
