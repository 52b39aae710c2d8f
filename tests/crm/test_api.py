"""The CRM's operations end to end: token, head office, customer, and asking again, over real HTTP."""

import asyncio
import json
import logging
import socket
import time
import traceback
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AsyncExitStack, contextmanager
from typing import Any, Final

import pytest
import stamina
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.crm.api import EshouhouClient
from bot.crm.session import MAX_ATTEMPTS, CrmSession
from bot.crm.transport import CrmTransport
from bot.domain.profile import CustomerKey, CustomerProfile
from bot.errors import CrmError, CrmRejected, CrmStatusError, CrmUnauthorized, CrmUnreachable, CrmUnreadable
from bot.playground.fake_crm.server import FAULTS, HEAD_OFFICE, TOKEN_LIFE_SECONDS, Fault, SampleCrm
from bot.playground.settings import playground_settings
from tests.conftest import Clock, Logs
from tests.support.raw_server import NO_RESPONSE, RESET, RawServer, Said, always, http, path_of, query_of, script
from tests.support.slack_layer import eventually

OUTLET: Final = "0c9bb790-1cbd-4f63-966e-342af1a6a617"
UNKNOWN: Final = "00000000-1111-4222-8333-444444444444"
FIXED: Final = "sample-token-made-by-hand=="

Connect = Callable[..., EshouhouClient]


def said(value: object = None, code: object = 0, error_msg: str = "", status: int = 200) -> Said:
    """An answer in the CRM's envelope."""
    body = {"ResultCode": code, "ErrorMsg": error_msg, "ResultValue": value}
    return http(json.dumps(body).encode(), status)


CUSTOMER: Final = said([{"ShowType": 0, "Key": "客户名称", "Value": "甲"}])
TOKEN_REFUSED: Final = said(code=1001, error_msg="access_token 无效")


def at_head_office(customer_id: str) -> CustomerKey:
    return CustomerKey("", 1, customer_id)


def at_outlet(customer_id: str) -> CustomerKey:
    return CustomerKey(OUTLET, 2, customer_id)


@contextmanager
def without_waits() -> Iterator[None]:
    """Retries as they are, but at once."""
    with stamina.set_testing(True, attempts=MAX_ATTEMPTS + 2, cap=True):
        yield


@pytest.fixture
async def connect(clock: Clock) -> AsyncIterator[Connect]:
    """Makes a client of the CRM at an address; its connections are closed after the test."""
    async with AsyncExitStack() as stack:

        def connect(address: str, **others: Any) -> EshouhouClient:
            settings = playground_settings(address, **{"eshouhou_timeout_seconds": 2} | others)
            transport = CrmTransport(settings.eshouhou_base_url, settings.eshouhou_timeout_seconds)
            stack.push_async_callback(transport.close)
            return EshouhouClient(CrmSession(transport, settings, clock))

        yield connect


@pytest.fixture
def client(connect: Connect, crm: SampleCrm) -> EshouhouClient:
    """A client of the sample CRM, with the app's id and secret."""
    return connect(crm.address)


@pytest.fixture
async def server() -> AsyncIterator[RawServer]:
    """A CRM that says what the test sets."""
    async with RawServer().open() as server:
        yield server


@pytest.fixture
def bare_client(connect: Connect, server: RawServer) -> EshouhouClient:
    """A client of that CRM with a fixed token: at an outlet, every request of its is GetCustomer."""
    return connect(server.address, eshouhou_access_token=FIXED)


def asked(server: RawServer) -> list[str]:
    return [path_of(target).rpartition("/")[2] for target in server.targets]


async def name_of(client: EshouhouClient, key: CustomerKey) -> str | None:
    profile = await client.get_customer(key)
    return profile.name if profile else None


async def test_documented_customer_is_fetched(client: EshouhouClient, crm: SampleCrm, documented: str) -> None:
    profile = await client.get_customer(at_head_office(documented))
    assert isinstance(profile, CustomerProfile)
    assert (profile.customer_id, profile.name, profile.number) == (documented, "胡效鑫1", "CF00000179")
    assert [(field.key, field.value) for field in profile.fields] == [
        (row["Key"], row["Value"]) for row in crm.customers[documented]
    ]


@pytest.mark.parametrize("value", [None, "", [], {}], ids=repr)
async def test_unknown_customer_is_none(client: EshouhouClient, crm: SampleCrm, value: object) -> None:
    crm.customers[UNKNOWN] = value
    assert await client.get_customer(at_head_office(UNKNOWN)) is None


async def test_head_office_is_asked_for_once_and_sent_along(
    client: EshouhouClient, crm: SampleCrm, documented: str
) -> None:
    """Also when many ask at once before it is known."""
    await asyncio.gather(*(client.get_customer(at_head_office(customer_id)) for customer_id in crm.customers))
    await client.get_customer(at_head_office(documented))
    assert crm.asked == {"TokenApi": 1, "GetServiceSpace": 1, "GetCustomer": len(crm.customers) + 1}
    assert {key: value for key, value in crm.queries[-1].items() if key != "access_token"} == {
        "serviceNetworkId": HEAD_OFFICE,
        "serviceNetworkType": "1",
        "customerId": documented,
    }


@pytest.mark.parametrize("network_type", [1, 2])
async def test_network_that_is_given_is_sent_along_and_none_is_asked_for(
    client: EshouhouClient, crm: SampleCrm, documented: str, network_type: int
) -> None:
    await client.get_customer(CustomerKey(OUTLET, network_type, documented))
    assert crm.asked == {"TokenApi": 1, "GetCustomer": 1}
    assert crm.queries[-1]["serviceNetworkId"] == OUTLET
    assert crm.queries[-1]["serviceNetworkType"] == str(network_type)


@pytest.mark.parametrize(
    "value", [None, [], "x", {}, {"HQServiceNetworkID": None}, {"HQServiceNetworkID": " "}], ids=repr
)
async def test_service_space_without_a_head_office_is_unreadable_and_asked_again(
    bare_client: EshouhouClient, server: RawServer, value: object
) -> None:
    server.say = script(said(value), said({"HQServiceNetworkID": f" {HEAD_OFFICE}"}), CUSTOMER)
    with pytest.raises(CrmUnreadable, match="HQServiceNetworkID"):
        await bare_client.get_customer(at_head_office(UNKNOWN))
    assert await name_of(bare_client, at_head_office(UNKNOWN)) == "甲"
    assert asked(server) == ["GetServiceSpace", "GetServiceSpace", "GetCustomer"]
    assert query_of(server.targets[-1])["serviceNetworkId"] == HEAD_OFFICE


async def test_token_is_asked_for_once_and_renewed_in_time(
    client: EshouhouClient, crm: SampleCrm, clock: Clock, documented: str
) -> None:
    """The sample CRM takes no request whose signature is wrong or late."""
    await asyncio.gather(*(client.get_customer(at_outlet(customer_id)) for customer_id in crm.customers))
    assert crm.asked["TokenApi"] == 1
    clock.advance(TOKEN_LIFE_SECONDS * 0.8)
    async with asyncio.timeout(5):
        while crm.queries[-1].get("access_token") != "sample-token-2==":
            assert await name_of(client, at_head_office(documented)) == "胡效鑫1"
    assert crm.asked["TokenApi"] == 2


async def test_fixed_token_is_sent_as_it_is(bare_client: EshouhouClient, server: RawServer) -> None:
    server.say = always(CUSTOMER)
    assert await name_of(bare_client, at_outlet(UNKNOWN)) == "甲"
    assert asked(server) == ["GetCustomer"]
    assert query_of(server.targets[0])["access_token"] == FIXED


async def test_many_whose_token_is_refused_at_once_cost_one_new_token(client: EshouhouClient, crm: SampleCrm) -> None:
    """Every one of them still gets its customer."""
    await client.get_customer(at_head_office(UNKNOWN))
    crm.tokens = {"another app's"}
    customer_ids = [customer_id for customer_id in crm.customers if crm.customers[customer_id]]
    profiles = await asyncio.gather(*(client.get_customer(at_head_office(customer_id)) for customer_id in customer_ids))
    assert [profile.customer_id for profile in profiles if profile] == customer_ids
    assert crm.asked["TokenApi"] == 2


REFUSALS = {
    "an ErrorMsg that names the token": Fault(body='{"ResultCode": 1001, "ErrorMsg": "access_token 无效"}'.encode()),
    "an ErrorMsg in Chinese": Fault(body='{"ResultCode": "1001", "ErrorMsg": "令牌已过期"}'.encode()),
    "an ErrorMsg with HTTP 500": Fault(status=500, body=b'{"ResultCode": 500, "ErrorMsg": "Invalid Token"}'),
    "HTTP 401": Fault(status=401, body=b""),
    "HTTP 403": Fault(status=403, body=b"<html>"),
}


@pytest.mark.parametrize("fault", REFUSALS.values(), ids=REFUSALS.keys())
async def test_token_that_stays_refused_is_replaced_once_and_then_that_is_the_answer(
    client: EshouhouClient, crm: SampleCrm, fault: Fault
) -> None:
    crm.fault = fault
    with pytest.raises(CrmUnauthorized):
        await client.get_customer(at_outlet(UNKNOWN))
    assert crm.asked == {"TokenApi": 2, "GetCustomer": 2}


@pytest.mark.parametrize("refused", [TOKEN_REFUSED, http(status=401), http(status=403)], ids=["ErrorMsg", "401", "403"])
async def test_fixed_token_that_is_refused_is_a_refusal_at_once(
    bare_client: EshouhouClient, server: RawServer, refused: Said
) -> None:
    server.say = always(refused)
    with pytest.raises(CrmUnauthorized, match="fixed token"):
        await bare_client.get_customer(at_outlet(UNKNOWN))
    assert asked(server) == ["GetCustomer"]


async def test_app_that_token_api_does_not_know_is_a_refusal(connect: Connect, crm: SampleCrm) -> None:
    """Whatever it says: the id, the secret or the clock is wrong, and an administrator has to act."""
    client = connect(crm.address, eshouhou_app_secret="wrong")
    with pytest.raises(CrmUnauthorized, match=r"^TokenApi: ResultCode 1002$") as caught:
        await client.get_customer(at_outlet(UNKNOWN))
    assert caught.value.error_msg == "sign 错误"
    assert crm.asked == {"TokenApi": 1}


TOKENLESS: dict[str, tuple[Said, type[CrmError]]] = {
    "a grant without a token": (said({"expires_in": 7200}), CrmUnreadable),
    "no grant": (said(None), CrmUnreadable),
    "HTML": (http(b"<html>"), CrmUnreadable),
    "HTTP 404": (http(status=404), CrmStatusError),
    "HTTP 500": (http(status=500), CrmStatusError),
    "HTTP 403": (http(status=403), CrmUnauthorized),
    "a reset": (RESET, CrmUnreachable),
}


@pytest.mark.parametrize(("step", "kind"), TOKENLESS.values(), ids=TOKENLESS.keys())
async def test_token_api_without_a_token_is_an_error_and_costs_no_other_request(
    connect: Connect, server: RawServer, step: Said, kind: type[CrmError]
) -> None:
    server.say = always(step)
    with without_waits(), pytest.raises(CrmError) as caught:
        await connect(server.address).get_customer(at_outlet(UNKNOWN))
    assert type(caught.value) is kind
    assert set(asked(server)) == {"TokenApi"}


async def test_token_that_no_address_can_hold_is_unreadable(connect: Connect, server: RawServer) -> None:
    """Half a character, as JSON may hold it: an error of the CRM's, and no bug of the bot's."""
    server.say = always(said({"access_token": "\ud800"}))
    with pytest.raises(CrmUnreadable):
        await connect(server.address).get_customer(at_outlet(UNKNOWN))


async def test_signature_is_shown_by_no_error(connect: Connect, server: RawServer) -> None:
    """TokenApi may repeat what it was sent."""
    server.say = lambda target: said(code=1, error_msg=f"sign {query_of(target)['sign']} 错误")
    with pytest.raises(CrmUnauthorized, match=r"^TokenApi: ResultCode 1$") as caught:
        await connect(server.address).get_customer(at_outlet(UNKNOWN))
    assert caught.value.error_msg == "sign **** 错误"


PASSING = {
    "a reset": RESET,
    "a cut answer": http(b"{", Content_Length="2"),
    "HTTP 429": http(status=429),
    "HTTP 500": http(b"oops", 500),
    "HTTP 503": http(b"<html>", 503),
    "HTTP 500 with an envelope": said(code=500, error_msg="系统忙", status=500),
}


@pytest.mark.parametrize("step", PASSING.values(), ids=PASSING.keys())
async def test_trouble_that_may_pass_is_met_with_a_third_attempt(
    bare_client: EshouhouClient, server: RawServer, step: Said
) -> None:
    server.say = script(step, step, CUSTOMER)
    with without_waits():
        assert await name_of(bare_client, at_outlet(UNKNOWN)) == "甲"
    assert len(server.targets) == MAX_ATTEMPTS == 3


@pytest.mark.parametrize("step", PASSING.values(), ids=PASSING.keys())
async def test_after_the_third_attempt_the_trouble_is_the_answer(
    bare_client: EshouhouClient, server: RawServer, step: Said
) -> None:
    server.say = script(step, step, step, CUSTOMER)
    with without_waits(), pytest.raises((CrmUnreachable, CrmStatusError)):
        await bare_client.get_customer(at_outlet(UNKNOWN))
    assert len(server.targets) == 3


async def test_timeout_is_retried_once(connect: Connect, server: RawServer) -> None:
    server.say = script(NO_RESPONSE, CUSTOMER)
    client = connect(server.address, eshouhou_access_token=FIXED, eshouhou_timeout_seconds=0.2)
    with without_waits():
        assert await name_of(client, at_outlet(UNKNOWN)) == "甲"


async def test_third_timeout_is_raised(connect: Connect, server: RawServer) -> None:
    server.say = always(NO_RESPONSE)
    client = connect(server.address, eshouhou_access_token=FIXED, eshouhou_timeout_seconds=0.15)
    with without_waits(), pytest.raises(CrmUnreachable, match="no answer in time"):
        await client.get_customer(at_outlet(UNKNOWN))
    assert len(server.targets) == 3


async def test_refused_connection_is_met_with_a_third_attempt(
    connect: Connect, logs: Logs, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No one listens: httpcore's own log tells how often it was tried."""
    monkeypatch.setattr(logging.getLogger("httpcore.connection"), "level", logging.DEBUG)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        client = connect(f"http://127.0.0.1:{free.getsockname()[1]}")
        with without_waits(), pytest.raises(CrmUnreachable):
            await client.get_customer(at_outlet(UNKNOWN))
    assert logs.text.count("connect_tcp.started") == 3


LASTING: dict[str, tuple[Said, type[CrmError]]] = {
    "HTTP 404": (http(status=404), CrmStatusError),
    "HTTP 400": (http(status=400), CrmStatusError),
    "HTML": (http(b"<html>"), CrmUnreadable),
    "cut JSON": (http(b'{"ResultCode": 0, "Resu'), CrmUnreadable),
    "a wrong shape": (said([1, 2]), CrmUnreadable),
    "gzip that was not asked for": (http(b"{}", Content_Encoding="gzip"), CrmUnreadable),
    "a rejection": (said(code=7, error_msg="忙"), CrmRejected),
    "a redirect elsewhere": (http(status=302, Location="http://127.0.0.1:9/"), CrmStatusError),
}


@pytest.mark.parametrize(("step", "kind"), LASTING.values(), ids=LASTING.keys())
async def test_trouble_that_will_not_pass_is_the_answer_at_once(
    bare_client: EshouhouClient, server: RawServer, step: Said, kind: type[CrmError]
) -> None:
    server.say = script(step, CUSTOMER)
    with pytest.raises(CrmError) as caught:
        await bare_client.get_customer(at_outlet(UNKNOWN))
    assert (type(caught.value), len(server.targets)) == (kind, 1)


async def test_attempts_are_a_moment_apart(
    bare_client: EshouhouClient, server: RawServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A CRM that says 429 is not asked again in the same millisecond."""
    monkeypatch.setattr("bot.crm.session.RETRY_WAIT_SECONDS", 0.1)
    server.say = script(http(status=429), CUSTOMER)
    began = time.perf_counter()
    assert await name_of(bare_client, at_outlet(UNKNOWN)) == "甲"
    assert time.perf_counter() - began >= 0.1


async def test_caller_that_leaves_ends_the_attempts(connect: Connect, server: RawServer) -> None:
    server.say = always(NO_RESPONSE)
    client = connect(server.address, eshouhou_access_token=FIXED, eshouhou_timeout_seconds=0.3)
    with without_waits():
        asking = asyncio.create_task(client.get_customer(at_outlet(UNKNOWN)))
        await eventually(lambda: server.targets)
        asking.cancel()
        await asyncio.wait({asking})
    assert asking.cancelled()
    await asyncio.sleep(0.45)
    assert len(server.targets) == 1


@pytest.mark.parametrize(
    "fault",
    [FAULTS[name] for name in ("down", "hang", "html", "cut", "refused")]
    + [Fault(body=b"{}", drip=0.1), Fault(status=302, body=b"", headers={"location": "http://x/"})],
    ids=["down", "hang", "html", "cut", "refused", "drip", "redirect"],
)
async def test_no_failure_shows_the_token(connect: Connect, crm: SampleCrm, fault: Fault) -> None:
    """Not in the error's text, not in its traceback, not in what it came from (and ``logs`` looks into the log)."""
    crm.fault = fault
    client = connect(crm.address, eshouhou_timeout_seconds=0.05)
    with without_waits(), pytest.raises(CrmError) as caught:
        await client.get_customer(at_outlet(UNKNOWN))
    error: BaseException | None = caught.value
    printed = "".join(traceback.format_exception(error))
    while error is not None:
        printed += f"{error!r}{vars(error)!r}"
        error = error.__cause__ or error.__context__
    assert "sample-token-" in crm.queries[-1]["access_token"]
    assert "sample-token-" not in printed


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters(exclude_categories=[])),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["Key", "Value", "ShowType"]), inner),
    max_leaves=10,
)


@given(
    status=st.sampled_from([200, 200, 200, 404]),
    body=st.one_of(
        st.binary(max_size=100),
        JSON.map(lambda value: json.dumps(value).encode()),
        st.fixed_dictionaries({"ResultCode": st.sampled_from([0, "0", 1])}, optional={"ResultValue": JSON}).map(
            lambda value: json.dumps(value).encode()
        ),
    ),
)
@settings(max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture])
async def test_whatever_is_answered_it_is_a_profile_or_none_or_an_error_of_the_crm(
    bare_client: EshouhouClient, server: RawServer, status: int, body: bytes
) -> None:
    server.say = always(http(body, status))
    try:
        profile = await bare_client.get_customer(at_outlet(UNKNOWN))
    except CrmError:
        return
    assert profile is None or (profile.customer_id == UNKNOWN and profile.fields)
