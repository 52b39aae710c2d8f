"""Whatever the CRM answers, a person reads a whole card: never an exception, never blocks that Slack refuses, never
a character of the CRM's that Slack would take for mark-up.

Through the real client over HTTP on loopback, lookup, inquiries and card; and, faster and oftener, through the pure
functions alone.
"""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, Final

import pytest
import stamina
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from bot.app import build_inquiries
from bot.cards.action_ids import CUSTOMER_DETAILS, CUSTOMER_MENU, CUSTOMER_REFRESH, CUSTOMER_SHARE
from bot.cards.render import result_card
from bot.crm.envelope import customer_fields, result_value
from bot.crm.transport import HttpResponse
from bot.domain.inquiry import Audience, Inquiry, Surface
from bot.domain.profile import CustomerProfile
from bot.domain.results import CacheState, Failure, Found, NotFound, Result, Unavailable
from bot.errors import CrmError, CrmRejected, Trouble
from bot.inquiries.inquiries import Inquiries
from bot.locales import texts_in
from bot.playground.fake_crm.server import HEAD_OFFICE, Fault, SampleCrm
from bot.playground.settings import playground_settings
from bot.privacy.filter import visible_profile
from bot.privacy.policy import BUILT_IN
from bot.slack.message import Message
from tests.conftest import Clock, Logs
from tests.support.block_kit import (
    assert_nothing_foreign_acts,
    assert_slack_takes,
    buttons_of,
    foreign_texts,
    values_of,
)

ID: Final = "dc540ce7-5bc5-4275-b8fa-2004eb5839e3"
LANGUAGES: Final = (texts_in("zh"), texts_in("en"))
LABELS: Final = (
    "客户名称", "客户编号", "联系人", "联系电话", "固定电话", "邮箱", "详细地址", "所属区域", "统一社会信用码",
    "银行账户", "身份证号", "客户标签", "客户等级", "维护人员", "备注", "单选", " 联系电话：", "＊客户名称＊", "Phone",
    "E-MAIL", "",
)  # fmt: skip
over_http = settings(max_examples=50, suppress_health_check=list(HealthCheck))
at_once = settings(max_examples=150, suppress_health_check=list(HealthCheck))

numbers = st.integers() | st.floats() | st.integers(10**6, 10**20)
json_values = st.recursive(
    st.none() | st.booleans() | numbers | foreign_texts(50),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(foreign_texts(5), inner, max_size=4),
    max_leaves=8,
)
values = foreign_texts() | json_values
show_types = st.integers(-1, 8) | st.integers(0, 6).map(str) | json_values
rows = st.fixed_dictionaries(
    {"Key": st.sampled_from(LABELS) | foreign_texts() | json_values, "Value": values}, optional={"ShowType": show_types}
)
huge_rows = st.fixed_dictionaries({"Key": st.sampled_from(LABELS), "Value": foreign_texts(5_000)})
customers = st.builds(list.__add__, st.lists(rows, min_size=1, max_size=20), st.lists(huge_rows, max_size=2))
"""Never above the 2 MiB that an answer may have."""
result_values = customers | rows | st.lists(json_values | rows) | json_values
successes = st.fixed_dictionaries({"ResultCode": st.sampled_from([0, "0", " 0 "]), "ResultValue": result_values})
envelopes = successes | st.fixed_dictionaries(
    {"ResultCode": st.sampled_from([0, 1, "1001"]) | json_values, "ErrorMsg": json_values},
    optional={"ResultValue": result_values},
)
bodies = envelopes.map(lambda answer: json.dumps(answer).encode()) | st.one_of(
    json_values.map(lambda answer: json.dumps(answer).encode()), st.binary(max_size=200)
)
statuses = st.just(200) | st.sampled_from([201, 203, 206, 300, 302, 400, 401, 403, 404, 418, 429, 500, 502, 503, 599])


def customer_body(customer: object) -> bytes:
    return json.dumps({"ResultCode": "0", "ErrorMsg": "", "ResultValue": customer}).encode()


def assert_is_shown(answer: Result, customer_id: str = ID) -> None:
    """In both languages the answer has its own card, whole, with its buttons."""
    for texts in LANGUAGES:
        message = result_card(answer, texts)
        assert_slack_takes(message)
        assert_nothing_foreign_acts(message)
        assert_is_its_own_card(answer, message, customer_id)


def assert_is_its_own_card(answer: Result, message: Message, customer_id: str) -> None:
    """Neither the fallback to the text alone nor the card of a bug."""
    types = [block["type"] for block in message.blocks]
    if isinstance(answer, Found):
        assert (types[0], types[-2:]) == ("header", ["actions", "context"])
    else:
        assert (types[0], types[-1]) == ("section", "context")
    buttons = [button["action_id"] for button in buttons_of(message)]
    values = values_of(message.blocks)
    if isinstance(answer, Found):
        assert buttons == [CUSTOMER_DETAILS, CUSTOMER_SHARE, CUSTOMER_REFRESH, CUSTOMER_MENU]
        assert values == [*[customer_id] * 3, f"copy {customer_id}", f"pin {customer_id}"]
    elif isinstance(answer, NotFound):
        assert buttons == []
    else:
        assert (buttons, values) == ([CUSTOMER_REFRESH], [customer_id])


@asynccontextmanager
async def open_inquiries(crm: SampleCrm, clock: Clock) -> AsyncIterator[Inquiries]:
    """Inquiries at the sample CRM, with a client that never retries, so that no test waits."""
    with stamina.set_testing(True, attempts=1):
        async with build_inquiries(playground_settings(crm.address), clock) as (inquiries, _):
            yield inquiries


@pytest.fixture
async def inquiries(crm: SampleCrm, clock: Clock) -> AsyncIterator[Inquiries]:
    async with open_inquiries(crm, clock) as inquiries:
        yield inquiries


async def ask(inquiries: Inquiries) -> Result:
    return await inquiries.ask(Inquiry(ID, Surface.CLI, refresh=True))


def assert_nothing_unexpected(logs: Logs) -> None:
    """A bug behind a card is a bug, however well it is answered."""
    assert not logs.lines("inquiry_failed")
    assert not logs.lines("card_failed")
    assert not logs.lines("card_over_limits")


@pytest.fixture
async def network_known(inquiries: Inquiries) -> None:
    """The head office's service network is known before the CRM's answers turn strange."""
    assert isinstance(await ask(inquiries), Found)


@pytest.mark.usefixtures("network_known")
@over_http
@given(customer=customers)
async def test_any_customer_over_http_has_a_card(
    inquiries: Inquiries, crm: SampleCrm, logs: Logs, customer: Any
) -> None:
    """Then the CRM fails, and the same customer is an old copy that has a card too."""
    crm.fault = Fault(body=customer_body(customer))
    answer = await ask(inquiries)
    assert isinstance(answer, Found)
    assert answer.failure is None
    assert_is_shown(answer)
    crm.fault = Fault(status=503, body=b"")
    old = await ask(inquiries)
    assert isinstance(old, Found)
    assert old.profile == answer.profile
    assert old.failure is not None
    assert_is_shown(old)
    assert_nothing_unexpected(logs)


@pytest.mark.usefixtures("network_known")
@over_http
@given(status=statuses, body=bodies)
@example(status=200, body=b"")
@example(status=200, body=b"\xff\xfe{\x00")
@example(status=200, body=b'{"ResultCode": 0, "ResultValue": [NaN, Infinity, {"Value": 1e999}]}')
@example(status=200, body=b'{"ResultCode": ' + b"9" * 5_000 + b"}")
@example(status=200, body=b'{"ResultCode": 0, "ResultValue": ' + b'[{"Value":' * 20_000)
async def test_any_answer_over_http_has_a_card(
    inquiries: Inquiries, crm: SampleCrm, logs: Logs, status: int, body: bytes
) -> None:
    """Any status with any bytes; of a customer without a copy as well as of one with."""
    crm.fault = Fault(status=status, body=body)
    assert_is_shown(await ask(inquiries))
    stranger = "00000000-1111-4222-8333-444444444444"
    assert_is_shown(await inquiries.ask(Inquiry(stranger, Surface.CLI, refresh=True)), stranger)
    assert_nothing_unexpected(logs)


@settings(over_http, max_examples=20)
@given(network=foreign_texts(20) | json_values, envelope=envelopes)
async def test_any_answer_about_the_service_network_has_a_card(
    crm: SampleCrm, clock: Clock, logs: Logs, network: object, envelope: dict[str, object]
) -> None:
    """GetServiceSpace, asked before the first customer, may answer anything too."""
    async with open_inquiries(crm, clock) as inquiries:
        crm.fault = Fault(body=json.dumps(envelope).encode())
        assert_is_shown(await ask(inquiries))
        crm.fault = Fault(body=customer_body({"HQServiceNetworkID": network}))
        assert_is_shown(await ask(inquiries))
        crm.fault = None
        assert_is_shown(await ask(inquiries))
    assert_nothing_unexpected(logs)


async def test_every_sample_customer_over_http_has_a_card(inquiries: Inquiries, crm: SampleCrm, logs: Logs) -> None:
    for customer_id in crm.customers:
        answer = await inquiries.ask(Inquiry(customer_id, Surface.CLI))
        assert isinstance(answer, Found)
        assert_is_shown(answer, customer_id)
    assert crm.queries[-1]["serviceNetworkId"] == HEAD_OFFICE
    assert_nothing_unexpected(logs)


@at_once
@given(customer=customers, failure=st.none() | foreign_texts().map(lambda said: Failure(Trouble.REJECTED, "E-1", said)))
def test_any_rows_are_a_profile_with_a_card(customer: list[object], failure: Failure | None, logs: Logs) -> None:
    fields = customer_fields(customer)
    profile = CustomerProfile(ID, fields)
    assert len(fields) == len(customer)
    for seen in (profile, visible_profile(profile, Audience.PRIVATE, BUILT_IN)):
        assert_is_shown(Found(seen, 1_700_000_000.0, 61.0, CacheState.MISS, failure))
    assert_nothing_unexpected(logs)


@at_once
@given(status=statuses, body=bodies)
@example(status=200, body=b'{"ResultCode": 0, "ResultValue": 5}')
@example(status=200, body=b'{"ResultCode": 0, "ResultValue": true}')
@example(status=200, body=b'{"ResultCode": 0, "ResultValue": "text"}')
@example(status=200, body=b'{"ResultCode": 0, "ResultValue": [[[]], 5, null, {}]}')
@example(status=200, body=b'{"ResultCode": 0, "ResultValue": [{"Key": null}]}')
@example(status=200, body=b'{"ResultCode": 7, "ErrorMsg": {"a": ["<!here>", "\\ud800"]}}')
def test_any_answer_is_fields_or_an_error_with_a_card(status: int, body: bytes, logs: Logs) -> None:
    """Reading an answer gives its rows, nothing, or one of the errors that are expected: no other."""
    answer: Result
    try:
        fields = customer_fields(result_value(HttpResponse(status, body), ["a secret"]))
    except CrmError as error:
        said = error.error_msg if isinstance(error, CrmRejected) else ""
        answer = Unavailable(ID, Failure(error.trouble, "E-1", said), button_value=ID)
    else:
        answer = Found(CustomerProfile(ID, fields), 0.0, 0.0, CacheState.MISS) if fields else NotFound(ID, "E-1")
    assert_is_shown(answer)
    assert_nothing_unexpected(logs)
