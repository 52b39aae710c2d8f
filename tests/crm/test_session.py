"""What all operations share: whose customers are meant, the service space, and that nothing typed can be printed."""

import asyncio
import json
import logging
import traceback
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager
from functools import partial
from typing import Final
from urllib.parse import quote

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.crm.session import FORBIDDEN_SECONDS, SPACE_UNKNOWN_SECONDS, CrmSession, SearchTerms
from bot.domain.profile import ServiceNetwork
from bot.errors import CrmError, CrmRejected, CrmStatusError, CrmUnauthorized, CrmUnreadable
from bot.playground.fake_crm.faults import FAULTS
from bot.playground.fake_crm.server import HEAD_OFFICE, SampleCrm
from tests.conftest import Clock, Logs
from tests.support.fake_crm_session import OUTLET, SPACE, Asked, answer, asked, said, session_with
from tests.support.raw_server import RawServer, always, http, script

HEAD: Final = ServiceNetwork("", 1)
NAME: Final = "杭州岚峤精密机械"
PHONE: Final = "13800001001"

With = Callable[..., AbstractAsyncContextManager[CrmSession]]


@pytest.fixture
async def server() -> AsyncIterator[RawServer]:
    async with RawServer().open() as server:
        yield server


@pytest.fixture
def session_here(server: RawServer, clock: Clock) -> With:
    """A session with that server, with other settings if some are given."""
    return partial(session_with, server.address, clock)


@pytest.fixture
async def session(session_here: With) -> AsyncIterator[CrmSession]:
    async with session_here() as session:
        yield session


async def test_space_and_network_that_are_set_are_sent_and_not_asked_for(
    session: CrmSession, server: RawServer
) -> None:
    assert await session.list_params(OUTLET) == {
        "serviceSpaceId": SPACE,
        "serviceNetworkId": OUTLET.network_id,
        "serviceNetworkType": "2",
    }
    assert asked(server) == []


async def test_space_that_is_not_set_is_learnt_from_one_work_order_once(session_here: With, server: RawServer) -> None:
    """Also when many want it at once: version 1 of GetWorkOrders wants no space itself."""
    answer(server, {"GetWorkOrders": [{"ID": "1"}, {"ServiceSpaceID": f" {SPACE} "}]})
    async with session_here(eshouhou_service_space_id=None) as session:
        params = await asyncio.gather(*(session.list_params(OUTLET) for _ in range(5)))
    assert {param["serviceSpaceId"] for param in params} == {SPACE}
    assert asked(server) == [Asked("GetWorkOrders", {"pageSize": "1", "pageIndex": "1"}, {})]
    assert server.targets[0].startswith("/api/CustomerService/GetWorkOrders?")


async def test_clock_of_the_crm_is_that_of_its_last_answer_since_then(crm: SampleCrm, clock: Clock) -> None:
    """An earlier answer says nothing of now."""
    crm.now = lambda: clock() - 300
    async with session_with(crm.address, clock) as session:
        assert session.clock_skew(since=0) is None
        with pytest.raises(CrmError):
            await session.list_params(HEAD)
        assert session.clock_skew(since=0) == pytest.approx(300, abs=1)
        clock.advance(60)
        assert session.clock_skew(since=clock()) is None


async def test_sample_crm_tells_both_ids(crm: SampleCrm, clock: Clock) -> None:
    async with session_with(crm.address, clock, eshouhou_access_token=None, eshouhou_service_space_id=None) as session:
        assert await session.list_params(HEAD) == {
            "serviceSpaceId": SPACE,
            "serviceNetworkId": HEAD_OFFICE,
            "serviceNetworkType": "1",
        }
        await session.list_params(HEAD)
    assert crm.asked == {"TokenApi": 1, "GetWorkOrders": 1, "GetServiceSpace": 1}


@pytest.mark.parametrize("value", [None, [], {}, [{}], {"ServiceSpaceID": None}, [{"ServiceSpaceID": " "}]], ids=repr)
async def test_crm_without_a_work_order_says_what_to_set_and_is_not_asked_again_for_a_minute(
    session_here: With, server: RawServer, clock: Clock, value: object
) -> None:
    answer(server, {"GetWorkOrders": value})
    async with session_here(eshouhou_service_space_id=None) as session:
        for _ in range(3):
            with pytest.raises(CrmUnreadable, match="set ESHOUHOU_SERVICE_SPACE_ID"):
                await session.list_params(OUTLET)
        assert len(server.targets) == 1
        answer(server, {"GetWorkOrders": {"ServiceSpaceID": SPACE}})
        clock.advance(SPACE_UNKNOWN_SECONDS)
        assert (await session.list_params(OUTLET))["serviceSpaceId"] == SPACE


async def test_crm_that_fails_is_asked_again_for_the_space(session_here: With, server: RawServer) -> None:
    server.say = script(http(status=404), said([{"ServiceSpaceID": SPACE}]))
    async with session_here(eshouhou_service_space_id=None) as session:
        with pytest.raises(CrmStatusError):
            await session.list_params(OUTLET)
        assert (await session.list_params(OUTLET))["serviceSpaceId"] == SPACE


async def test_operation_that_the_app_has_no_right_to_costs_one_new_token_a_minute(
    crm: SampleCrm, clock: Clock
) -> None:
    """A new token may end those of others: it is not fetched for what refuses every one."""
    crm.faults["GetCustomerContacts"] = FAULTS["refused"]
    async with session_with(crm.address, clock, eshouhou_access_token=None) as session:
        for _ in range(5):
            with pytest.raises(CrmUnauthorized):
                await session.ask("/open/v2/Customer/GetCustomerContacts", {})
        assert crm.asked["TokenApi"] == 2
        crm.tokens.clear()
        assert (await session.network_params(HEAD))["serviceNetworkId"] == HEAD_OFFICE
        assert crm.asked["TokenApi"] == 3
        clock.advance(FORBIDDEN_SECONDS)
        with pytest.raises(CrmUnauthorized):
            await session.ask("/open/v2/Customer/GetCustomerContacts", {})
        assert crm.asked["TokenApi"] == 4


async def test_app_that_is_refused_is_trouble_with_the_crm(crm: SampleCrm, clock: Clock) -> None:
    """TokenApi answers, and rejects: the operator has to hear of it."""
    async with session_with(crm.address, clock, eshouhou_access_token=None, eshouhou_app_secret="wrong") as session:
        with pytest.raises(CrmUnauthorized):
            await session.network_params(HEAD)
        assert session.concurrency.trouble.startswith("TokenApi: ")


async def test_nothing_typed_reaches_a_log_even_if_the_libraries_log_all(
    session: CrmSession, server: RawServer, logs: Logs, monkeypatch: pytest.MonkeyPatch
) -> None:
    """httpx prints addresses at INFO: what is typed is not in those that it knows."""
    monkeypatch.setattr(logging.getLogger("httpx"), "level", logging.DEBUG)
    server.say = always(said([]))
    await session.ask("/open/x", {"pageSize": "50"}, SearchTerms({"sys_name": NAME}, {"phoneNum": PHONE}))
    assert asked(server) == [Asked("x", {"pageSize": "50", "phoneNum": PHONE}, {"sys_name": NAME})]
    assert "/open/x?pageSize=50" in logs.text
    assert "sys_name" not in logs.text
    assert PHONE not in logs.text


REPEATING: Final = {
    "a rejection": said(code=7, error_msg=f"没有 {NAME} {PHONE}"),
    "a code": said(code=f"7 {NAME}"),
    "a refusal": said(code=7, error_msg=f"token 不能查询 {NAME} {PHONE}"),
    "an address": said(code=7, error_msg=f"?sys_name={quote(NAME)}"),
    "its JSON": said(code=7, error_msg=json.dumps({"sys_name": NAME})),
    "other JSON": said(code=7, error_msg="Unexpected token: " + json.dumps([NAME, PHONE])),
    "HTML": http(NAME.encode()),
    "a status": http(NAME.encode(), 404),
    "a redirect": http(status=302, Location=f"http://127.0.0.1:9/{PHONE}"),
    "a redirect here": http(status=302, Location=f"/{PHONE}?condition=%7B%22sys_name%22%3A%20%22{PHONE}%22%7D"),
}  # fmt: skip


@pytest.mark.parametrize("step", REPEATING.values(), ids=REPEATING.keys())
async def test_no_error_repeats_what_was_typed(session: CrmSession, server: RawServer, step: object) -> None:
    answer(server, {"x": step, PHONE: step})
    with pytest.raises(CrmError) as caught:
        await session.ask("/open/x", {}, SearchTerms({"sys_name": NAME}, {"phoneNum": PHONE}))
    error: BaseException | None = caught.value
    printed = "".join(traceback.format_exception(error))
    while error is not None:
        printed += f"{error!r}{vars(error)!r}"
        error = error.__cause__ or error.__context__
    for spelling in (NAME, PHONE, "%E6%9D%AD", "\\u676d"):
        assert spelling not in printed


@pytest.mark.parametrize("text", ["", " ", "\ud800", "token", "a" * 5_000], ids=ascii)
async def test_rejection_of_any_text_is_a_rejection(session: CrmSession, server: RawServer, text: str) -> None:
    """Nothing typed can turn it into another error, such as that of a token which the CRM refuses."""
    server.say = always(said(code=7, error_msg=f"没有客户 {text.encode('utf-8', 'replace').decode()}"))
    with pytest.raises(CrmRejected) as caught:
        await session.ask("/open/x", {}, SearchTerms({"sys_name": text}))
    assert caught.value.error_msg in ("没有客户", "没有客户 ****", "没有客户 ?")


async def test_refused_token_is_distinguished_from_refused_input(session: CrmSession, server: RawServer) -> None:
    server.say = always(said(code=1001, error_msg="access_token 无效"))
    with pytest.raises(CrmUnauthorized):
        await session.ask("/open/x", {}, SearchTerms({"sys_name": NAME}))


TYPED = st.text(st.characters(exclude_categories=[]), max_size=50) | st.sampled_from(
    ['"}', '","sys_customerid":"', "'; DROP TABLE customers--", '{"$ne": null}', "\\", "\\u0022", "&searchKey=x", "%22"]
)


@given(condition=st.dictionaries(st.sampled_from(["sys_name", "sys_telephone", "customername"]), TYPED, min_size=1))
@settings(max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture])
async def test_whatever_is_typed_the_condition_holds_it_and_nothing_else(
    session: CrmSession, server: RawServer, condition: dict[str, str]
) -> None:
    server.say = always(said([]))
    await session.ask("/open/x", {"pageSize": "50"}, SearchTerms(condition))
    assert asked(server)[-1] == Asked("x", {"pageSize": "50"}, condition)
