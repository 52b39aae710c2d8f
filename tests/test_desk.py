"""The desk: an answer to every inquiry, and one line in the access log that tells who asked for whom, and no values."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings

from bot.answers import CacheState, Failure, Found, Inquiry, Invalid, NotFound, Surface, Unavailable
from bot.background import Background
from bot.cache import ProfileCache
from bot.desk import Desk
from bot.errors import CrmRejected, CrmUnreachable, Trouble
from bot.lookup import CustomerLookup
from bot.profile import CustomerKey, CustomerProfile, ShowType, profile_field
from tests.blocks import foreign_texts
from tests.conftest import Clock, Logs

ID = "dc540ce7-5bc5-4275-b8fa-2004eb5839e3"
VALUES = {
    "客户名称": "杭州岚峤",
    "联系电话": "13800001001",
    "银行账户": "6222021234567890128",
    "结算方式": "月结30天",
}
PROFILE = CustomerProfile(ID, tuple(profile_field(key, value, ShowType.PLAIN) for key, value in VALUES.items()))
TTL_SECONDS = 300


class FakeCrm:
    """Gives what it is told to give, and keeps what it was asked for."""

    def __init__(self) -> None:
        self.answer: CustomerProfile | Exception | None = PROFILE
        self.asked: list[CustomerKey] = []

    async def get_customer(self, key: CustomerKey) -> CustomerProfile | None:
        self.asked.append(key)
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


@pytest.fixture
def source() -> FakeCrm:
    return FakeCrm()


@pytest.fixture
def desk(source: FakeCrm, clock: Clock) -> Desk:
    cache = ProfileCache(10, TTL_SECONDS, 86_400, clock)
    return Desk(CustomerLookup(source, cache, Background(), 1.0, clock), "network-1", 2, clock)


def inquiry(text: str = ID, refresh: bool = False) -> Inquiry:
    return Inquiry(text, Surface.COMMAND, "T0PLAY", "U0SALES", "C0GENERAL", refresh)


def access_line(logs: Logs) -> dict[str, Any]:
    """The access log's last line without what differs from run to run."""
    line = logs.lines("customer_lookup")[-1]
    assert line.pop("ms") >= 0
    assert line.pop("timestamp")
    assert (line.pop("level"), line.pop("logger"), line.pop("event")) == (
        "info",
        "customer_bot.access",
        "customer_lookup",
    )
    return line


def expected(**others: object) -> dict[str, object]:
    return {
        "team": "T0PLAY",
        "user": "U0SALES",
        "channel": "C0GENERAL",
        "surface": "command",
        "read_as": "id",
        "customer_id": ID,
        "cache": None,
        "code": None,
        **others,
    }


async def test_customer_from_the_crm(desk: Desk, clock: Clock, logs: Logs) -> None:
    answer = await desk.ask(inquiry())
    assert isinstance(answer, Found)
    assert (answer.as_of, answer.age, answer.cache, answer.failure) == (clock.seconds, 0.0, CacheState.MISS, None)
    assert answer.profile.name == "杭州岚峤"
    assert access_line(logs) == expected(outcome="found", cache="miss")


async def test_customer_from_the_cache(desk: Desk, clock: Clock, source: FakeCrm, logs: Logs) -> None:
    await desk.ask(inquiry())
    clock.advance(TTL_SECONDS - 1)
    answer = await desk.ask(inquiry())
    assert isinstance(answer, Found)
    assert (answer.age, answer.cache) == (TTL_SECONDS - 1, CacheState.HIT)
    assert access_line(logs) == expected(outcome="found", cache="hit")
    assert len(source.asked) == 1


async def test_refresh_goes_past_the_cache(desk: Desk, source: FakeCrm, logs: Logs) -> None:
    await desk.ask(inquiry())
    await desk.ask(inquiry(refresh=True))
    assert access_line(logs) == expected(outcome="found", cache="miss")
    assert len(source.asked) == 2


async def test_old_copy_carries_the_code_of_the_failure(desk: Desk, clock: Clock, source: FakeCrm, logs: Logs) -> None:
    await desk.ask(inquiry())
    clock.advance(7_200)
    source.answer = CrmUnreachable("no answer in time")
    answer = await desk.ask(inquiry())
    [warning] = logs.lines("crm_failed")
    assert isinstance(answer, Found)
    assert (answer.age, answer.cache) == (7_200.0, CacheState.STALE)
    assert answer.failure == Failure(Trouble.NO_ANSWER, warning["code"], reason=warning["reason"])
    assert access_line(logs) == expected(outcome="found", cache="stale", code=warning["code"])


async def test_unknown_customer_has_a_code(desk: Desk, source: FakeCrm, logs: Logs) -> None:
    source.answer = None
    answer = await desk.ask(inquiry())
    assert isinstance(answer, NotFound)
    assert answer.customer_id == ID
    assert access_line(logs) == expected(outcome="not_found", code=answer.code)


async def test_failing_crm_has_the_code_of_its_log_line(desk: Desk, source: FakeCrm, logs: Logs) -> None:
    source.answer = CrmRejected("7", "忙")
    answer = await desk.ask(inquiry())
    [warning] = logs.lines("crm_failed")
    assert answer == Unavailable(ID, Failure(Trouble.REJECTED, warning["code"], "忙", warning["reason"]))
    assert access_line(logs) == expected(outcome="unavailable", code=warning["code"])


async def test_text_that_names_no_customer(desk: Desk, source: FakeCrm, logs: Logs) -> None:
    """What was typed goes back to its asker; the log does not keep it, and the CRM is not asked."""
    answer = await desk.ask(inquiry("杭州岚峤 13800001001"))
    assert answer == Invalid("杭州岚峤 13800001001")
    assert access_line(logs) == expected(outcome="invalid", read_as=None, customer_id=None)
    assert "13800001001" not in logs.text
    assert source.asked == []


async def test_link_is_logged_as_one(desk: Desk, logs: Logs) -> None:
    """With the id that was in it, and nothing else of the link."""
    await desk.ask(inquiry(f"https://crm.example.com/customer/{ID.upper()}?session=secret"))
    assert access_line(logs) == expected(outcome="found", cache="miss", read_as="link")
    assert "session" not in logs.text


async def test_surfaces_and_missing_ids_are_logged_as_they_are(desk: Desk, logs: Logs) -> None:
    await desk.ask(Inquiry(ID, Surface.CLI))
    assert access_line(logs) == expected(outcome="found", cache="miss", surface="cli", team="", user="", channel="")


async def test_customer_is_asked_for_as_the_service_network_sees_it(desk: Desk, source: FakeCrm) -> None:
    await desk.ask(inquiry(ID.upper()))
    assert source.asked == [CustomerKey("network-1", 2, ID)]


async def test_protected_values_are_masked_for_whoever_asks(desk: Desk) -> None:
    """On every way to the customer: from the CRM, from the cache, refreshed."""
    for refresh in (False, False, True):
        answer = await desk.ask(inquiry(refresh=refresh))
        assert isinstance(answer, Found)
        assert [field.value for field in answer.profile.fields] == [
            "杭州岚峤",
            "13800001001",
            "622****0128",
            "月结30天",
        ]


async def test_clock_that_was_set_back_makes_no_copy_younger_than_now(desk: Desk, clock: Clock) -> None:
    await desk.ask(inquiry())
    clock.advance(-60)
    answer = await desk.ask(inquiry())
    assert isinstance(answer, Found)
    assert answer.age == 0.0


async def test_bug_in_the_lookup_is_answered_with_the_code_of_its_traceback(
    desk: Desk, source: FakeCrm, logs: Logs
) -> None:
    source.answer = ZeroDivisionError("a bug")
    answer = await desk.ask(inquiry())
    [line] = logs.lines("inquiry_failed")
    assert answer == Unavailable(ID, Failure(Trouble.INTERNAL, line["code"]))
    assert (line["level"], line["surface"]) == ("error", "command")
    assert "ZeroDivisionError: a bug" in line["exception"]
    assert access_line(logs) == expected(outcome="unavailable", code=line["code"])


async def test_bug_before_the_id_is_read_is_answered_too(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(text: str) -> None:
        raise ZeroDivisionError("a bug")

    monkeypatch.setattr("bot.desk.read", broken)
    answer = await desk.ask(inquiry())
    assert isinstance(answer, Unavailable)
    assert (answer.customer_id, answer.failure.trouble) == (None, Trouble.INTERNAL)


OUTCOMES: dict[str, Callable[[], CustomerProfile | Exception | None]] = {
    "found": lambda: PROFILE,
    "not found": lambda: None,
    "rejected": lambda: CrmRejected("7", "忙"),
    "a bug": lambda: ZeroDivisionError("a bug"),
}


@pytest.mark.parametrize("outcome", OUTCOMES.values(), ids=OUTCOMES.keys())
async def test_log_never_holds_a_value(
    desk: Desk, source: FakeCrm, logs: Logs, outcome: Callable[[], CustomerProfile | Exception | None]
) -> None:
    """Whatever comes of it, twice, and refreshed; and every inquiry has one line."""
    await desk.ask(inquiry())
    source.answer = outcome()
    for refresh in (False, True):
        await desk.ask(inquiry(refresh=refresh))
    assert len(logs.lines("customer_lookup")) == 3
    assert not [text for pair in VALUES.items() for text in pair if text in logs.text]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(text=foreign_texts())
async def test_whatever_is_typed_has_an_answer_and_one_line(desk: Desk, logs: Logs, text: str) -> None:
    before = len(logs.lines("customer_lookup"))
    assert await desk.ask(inquiry(text)) == Invalid(text)
    assert len(logs.lines("customer_lookup")) == before + 1
    assert json.loads(logs.text.splitlines()[-1])["outcome"] == "invalid"
