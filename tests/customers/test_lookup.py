"""From id to profile: the cache, one request for all who ask at once, unknown customers, and the copy in need."""

import asyncio
from collections import Counter

import pytest

from bot.crm.api import EshouhouClient
from bot.crm.session import CrmSession
from bot.crm.transport import CrmTransport
from bot.customers.cache import CacheEntry, ProfileCache
from bot.customers.lookup import UNKNOWN_SECONDS, CustomerLookup, LookupResult, Outcome
from bot.domain.field_roles import Role
from bot.domain.profile import CustomerKey, CustomerProfile, ShowType, profile_field
from bot.domain.results import CacheState, Failure
from bot.errors import (
    CrmError,
    CrmRejected,
    CrmStatusError,
    CrmUnauthorized,
    CrmUnreachable,
    CrmUnreadable,
    Trouble,
)
from bot.playground.fake_crm.server import SampleCrm
from bot.playground.settings import playground_settings
from bot.runtime.tasks import BackgroundTasks
from tests.conftest import Clock, Logs

FRESH = 300
USABLE = 86_400
ROOM = 3
KEY = CustomerKey("", 1, "dc540ce7-5bc5-4275-b8fa-2004eb5839e3")
OUTLETS = [CustomerKey("", 2, KEY.customer_id), CustomerKey("outlet", 1, KEY.customer_id)]


def named(name: str) -> CustomerProfile:
    return CustomerProfile(KEY.customer_id, (profile_field("客户名称", name, ShowType.PLAIN),))


class Crm:
    """A CRM in memory: knows ``customers``, fails with ``error``, and answers only while it is ``open``."""

    def __init__(self) -> None:
        self.customers: dict[CustomerKey, CustomerProfile] = {KEY: named("甲")}
        self.error: Exception | None = None
        self.asked: Counter[CustomerKey] = Counter()
        self.open = asyncio.Event()
        self.open.set()

    async def get_customer(self, key: CustomerKey) -> CustomerProfile | None:
        self.asked[key] += 1
        await self.open.wait()
        if self.error is not None:
            raise self.error
        return self.customers.get(key)


@pytest.fixture
def source() -> Crm:
    return Crm()


@pytest.fixture
def background() -> BackgroundTasks:
    return BackgroundTasks()


@pytest.fixture
def lookup(source: Crm, background: BackgroundTasks, clock: Clock) -> CustomerLookup:
    return CustomerLookup(source, ProfileCache(ROOM, FRESH, USABLE, clock), background, 0.1, clock, lambda *_: None)


def name_in(outcome: Outcome) -> str:
    assert isinstance(outcome, LookupResult)
    return outcome.entry.profile.name


async def started(*tasks: asyncio.Task[Outcome]) -> None:
    """Once each task waits for something."""
    for _ in range(len(tasks) + 3):
        await asyncio.sleep(0)


async def test_first_lookup_asks_the_crm_and_the_next_the_cache(
    lookup: CustomerLookup, source: Crm, clock: Clock
) -> None:
    assert await lookup.find(KEY) == LookupResult(CacheEntry(named("甲"), clock()), CacheState.MISS)
    clock.advance(FRESH - 1)
    assert await lookup.find(KEY) == LookupResult(CacheEntry(named("甲"), clock() - FRESH + 1), CacheState.HIT)
    assert source.asked[KEY] == 1


async def test_copy_that_is_no_longer_fresh_is_fetched_anew(lookup: CustomerLookup, source: Crm, clock: Clock) -> None:
    await lookup.find(KEY)
    source.customers[KEY] = named("乙")
    clock.advance(FRESH)
    assert await lookup.find(KEY) == LookupResult(CacheEntry(named("乙"), clock()), CacheState.MISS)


async def test_hundred_who_ask_at_once_cost_one_request(lookup: CustomerLookup, source: Crm) -> None:
    outcomes = await asyncio.gather(*(lookup.find(KEY) for _ in range(100)))
    assert {name_in(outcome) for outcome in outcomes} == {"甲"}
    assert source.asked[KEY] == 1


async def test_hundred_who_ask_at_once_share_one_failure_and_one_log_line(
    lookup: CustomerLookup, source: Crm, logs: Logs
) -> None:
    source.error = CrmUnreachable("down")
    outcomes = await asyncio.gather(*(lookup.find(KEY) for _ in range(100)))
    [line] = logs.lines("crm_failed")
    assert set(outcomes) == {Failure(Trouble.NO_ANSWER, line["code"], reason=line["reason"])}
    assert source.asked[KEY] == 1


async def test_next_one_after_a_failure_asks_again(lookup: CustomerLookup, source: Crm) -> None:
    source.error = CrmUnreachable("down")
    await lookup.find(KEY)
    source.error = None
    assert name_in(await lookup.find(KEY)) == "甲"


@pytest.mark.parametrize("leaves", ["the first", "a later one"])
async def test_one_who_leaves_takes_nothing_from_the_others(lookup: CustomerLookup, source: Crm, leaves: str) -> None:
    source.open.clear()
    tasks = [asyncio.create_task(lookup.find(KEY)) for _ in range(3)]
    await started(*tasks)
    leaving = tasks.pop(0 if leaves == "the first" else 1)
    leaving.cancel()
    await asyncio.wait([leaving])
    source.open.set()
    assert leaving.cancelled()
    assert [name_in(outcome) for outcome in await asyncio.gather(*tasks)] == ["甲", "甲"]
    assert source.asked[KEY] == 1


async def test_answer_is_kept_though_all_have_left(
    lookup: CustomerLookup, source: Crm, background: BackgroundTasks, clock: Clock
) -> None:
    source.open.clear()
    task = asyncio.create_task(lookup.find(KEY))
    await started(task)
    task.cancel()
    await asyncio.wait([task])
    source.open.set()
    assert await background.drain(1) == 0
    assert await lookup.find(KEY) == LookupResult(CacheEntry(named("甲"), clock()), CacheState.HIT)


async def test_failure_that_nobody_waits_for_is_logged_all_the_same(
    lookup: CustomerLookup, source: Crm, background: BackgroundTasks, logs: Logs
) -> None:
    source.open.clear()
    source.error = CrmUnreachable("down")
    task = asyncio.create_task(lookup.find(KEY))
    await started(task)
    task.cancel()
    source.open.set()
    await background.drain(1)
    assert len(logs.lines("crm_failed")) == 1


async def test_bug_in_the_crm_client_reaches_everyone_and_the_next_one_asks_again(
    lookup: CustomerLookup, source: Crm
) -> None:
    """What is not a CrmError is not for the lookup to explain."""
    source.error = KeyError("bug")
    outcomes = await asyncio.gather(*(lookup.find(KEY) for _ in range(3)), return_exceptions=True)
    assert [type(outcome) for outcome in outcomes] == [KeyError] * 3
    source.error = None
    assert name_in(await lookup.find(KEY)) == "甲"


async def test_refresh_goes_past_a_fresh_copy(lookup: CustomerLookup, source: Crm, clock: Clock) -> None:
    await lookup.find(KEY)
    source.customers[KEY] = named("乙")
    assert name_in(await lookup.find(KEY)) == "甲"
    assert await lookup.refresh(KEY) == LookupResult(CacheEntry(named("乙"), clock()), CacheState.MISS)
    assert name_in(await lookup.find(KEY)) == "乙"
    assert source.asked[KEY] == 2


async def test_refresh_joins_the_request_that_is_under_way(lookup: CustomerLookup, source: Crm) -> None:
    source.open.clear()
    tasks = [asyncio.create_task(ask(KEY)) for ask in (lookup.find, lookup.refresh, lookup.refresh, lookup.find)]
    await started(*tasks)
    source.open.set()
    assert {name_in(outcome) for outcome in await asyncio.gather(*tasks)} == {"甲"}
    assert source.asked[KEY] == 1


async def test_fresh_copy_is_shown_while_a_refresh_is_under_way(lookup: CustomerLookup, source: Crm) -> None:
    await lookup.find(KEY)
    source.open.clear()
    refreshing = asyncio.create_task(lookup.refresh(KEY))
    await started(refreshing)
    assert name_in(await lookup.find(KEY)) == "甲"
    source.open.set()
    await refreshing


async def test_unknown_customer_is_remembered_for_thirty_seconds(
    lookup: CustomerLookup, source: Crm, clock: Clock
) -> None:
    del source.customers[KEY]
    assert await lookup.find(KEY) is None
    clock.advance(UNKNOWN_SECONDS - 1)
    assert await lookup.find(KEY) is None
    assert source.asked[KEY] == 1
    source.customers[KEY] = named("甲")
    clock.advance(1)
    assert name_in(await lookup.find(KEY)) == "甲"
    assert UNKNOWN_SECONDS == 30


async def test_unknown_customer_is_forgotten_when_a_refresh_finds_it(lookup: CustomerLookup, source: Crm) -> None:
    """Also once its copy had to make room for others: the CRM is asked then."""
    found = source.customers.pop(KEY)
    await lookup.find(KEY)
    source.customers[KEY] = found
    assert name_in(await lookup.refresh(KEY)) == "甲"
    for number in range(ROOM):
        source.customers[CustomerKey("", 1, str(number))] = named("乙")
        await lookup.find(CustomerKey("", 1, str(number)))
    assert name_in(await lookup.find(KEY)) == "甲"


async def test_unknown_customer_is_remembered_though_refreshed_in_vain(lookup: CustomerLookup, source: Crm) -> None:
    del source.customers[KEY]
    assert (await lookup.find(KEY), await lookup.refresh(KEY), await lookup.find(KEY)) == (None, None, None)
    assert source.asked[KEY] == 2


async def test_customer_that_is_deleted_in_the_crm_leaves_the_cache(
    lookup: CustomerLookup, source: Crm, clock: Clock
) -> None:
    """No copy of it is shown any more, not even in need."""
    await lookup.find(KEY)
    del source.customers[KEY]
    assert await lookup.refresh(KEY) is None
    assert await lookup.find(KEY) is None
    clock.advance(UNKNOWN_SECONDS)
    source.error = CrmUnreachable("down")
    assert isinstance(await lookup.find(KEY), Failure)


FAILURES = {
    "unreachable": (CrmUnreachable("ConnectError"), Trouble.NO_ANSWER, "ConnectError"),
    "a bad status": (CrmStatusError(503), Trouble.NO_ANSWER, "HTTP 503"),
    "unreadable": (CrmUnreadable("no ResultCode"), Trouble.UNREADABLE, "no ResultCode"),
    "refused": (CrmUnauthorized("HTTP 401"), Trouble.REFUSED, "HTTP 401"),
    "rejected": (CrmRejected("7", "系统忙"), Trouble.REJECTED, "ResultCode 7"),
}


@pytest.mark.parametrize(("error", "trouble", "reason"), FAILURES.values(), ids=FAILURES.keys())
async def test_failure_without_a_copy_has_its_trouble_and_the_code_of_its_log_line(
    lookup: CustomerLookup, source: Crm, logs: Logs, error: CrmError, trouble: Trouble, reason: str
) -> None:
    """What the administrator has to mend is an error in the log, everything else a warning."""
    source.error = error
    outcome = await lookup.find(KEY)
    [line] = logs.lines("crm_failed")
    assert outcome == Failure(trouble, line["code"], "系统忙" if trouble is Trouble.REJECTED else "", line["reason"])
    assert (line["trouble"], line["kind"], line["reason"]) == (str(trouble), type(error).__name__, reason)
    assert line["customer_id"] == KEY.customer_id
    assert line["level"] == ("error" if trouble is Trouble.REFUSED else "warning")


@pytest.mark.parametrize(("error", "trouble", "reason"), FAILURES.values(), ids=FAILURES.keys())
@pytest.mark.parametrize("age", [FRESH, USABLE - 1])
async def test_failure_with_a_copy_shows_the_copy_and_the_failure(
    lookup: CustomerLookup,
    source: Crm,
    clock: Clock,
    logs: Logs,
    error: CrmError,
    trouble: Trouble,
    reason: str,
    age: float,
) -> None:
    await lookup.find(KEY)
    clock.advance(age)
    source.error = error
    outcome = await lookup.find(KEY)
    [line] = logs.lines("crm_failed")
    assert isinstance(outcome, LookupResult)
    assert outcome.failure
    assert outcome[:2] == (CacheEntry(named("甲"), clock() - age), CacheState.STALE)
    assert (outcome.failure.trouble, outcome.failure.code) == (trouble, line["code"])


async def test_copy_that_is_too_old_is_not_shown_in_need(lookup: CustomerLookup, source: Crm, clock: Clock) -> None:
    await lookup.find(KEY)
    clock.advance(USABLE)
    source.error = CrmUnreachable("down")
    assert isinstance(await lookup.find(KEY), Failure)


async def test_refresh_that_fails_shows_the_copy_even_a_fresh_one(lookup: CustomerLookup, source: Crm) -> None:
    """With the failure, so that nobody takes it for the answer; the copy stays what it was."""
    await lookup.find(KEY)
    source.error = CrmUnreachable("down")
    outcome = await lookup.refresh(KEY)
    assert isinstance(outcome, LookupResult)
    assert (outcome.cache, outcome.failure is None) == (CacheState.STALE, False)
    again = await lookup.find(KEY)
    assert isinstance(again, LookupResult)
    assert (again.cache, again.failure) == (CacheState.HIT, None)


async def test_every_incident_has_its_own_line_and_code(lookup: CustomerLookup, source: Crm, logs: Logs) -> None:
    source.error = CrmUnreachable("down")
    failures = [await lookup.find(KEY), await lookup.find(KEY), await lookup.refresh(KEY)]
    codes = [line["code"] for line in logs.lines("crm_failed")]
    assert codes == [failure.code for failure in failures if isinstance(failure, Failure)]
    assert len(codes) == 3


async def test_lookup_ends_at_its_deadline_however_long_the_crm_takes(
    lookup: CustomerLookup, source: Crm, logs: Logs
) -> None:
    source.open.clear()
    async with asyncio.timeout(1):
        outcome = await lookup.find(KEY)
    [line] = logs.lines("crm_failed")
    assert outcome == Failure(Trouble.NO_ANSWER, line["code"], reason=line["reason"])
    assert line["reason"] == "no answer before the deadline"


async def test_deadline_shows_the_copy_that_is_there(lookup: CustomerLookup, source: Crm, clock: Clock) -> None:
    await lookup.find(KEY)
    clock.advance(FRESH)
    source.open.clear()
    outcome = await lookup.find(KEY)
    assert isinstance(outcome, LookupResult)
    assert outcome.cache is CacheState.STALE


@pytest.mark.parametrize("other", OUTLETS, ids=["another type", "another network"])
async def test_networks_share_no_copy_no_request_and_no_memory(
    lookup: CustomerLookup, source: Crm, other: CustomerKey
) -> None:
    """What the head office sees, an outlet may not; and what an outlet does not see, the head office may."""
    unseen, seen = await asyncio.gather(lookup.find(other), lookup.find(KEY))
    assert (unseen, name_in(seen)) == (None, "甲")
    assert await lookup.find(other) is None
    assert (source.asked[KEY], source.asked[other]) == (1, 1)
    source.error = CrmUnreachable("down")
    assert isinstance(await lookup.refresh(other), Failure)
    assert name_in(await lookup.refresh(KEY)) == "甲"


async def test_least_recently_used_customer_is_asked_for_again(lookup: CustomerLookup, source: Crm) -> None:
    keys = [CustomerKey("", 1, str(number)) for number in range(ROOM + 1)]
    source.customers = {key: named("甲") for key in keys}
    for key in [*keys[:ROOM], keys[0], keys[ROOM]]:
        await lookup.find(key)
    for key in (keys[0], keys[2], keys[3], keys[1]):
        await lookup.find(key)
    assert [source.asked[key] for key in keys] == [1, 2, 1, 1]


async def test_lookup_on_the_real_client_finds_whom_the_crm_knows(
    crm: SampleCrm, background: BackgroundTasks, clock: Clock, documented: str
) -> None:
    """The client is the source that the lookup asks for."""
    settings = playground_settings(crm.address)
    transport = CrmTransport(crm.address, 2)
    cache = ProfileCache(ROOM, FRESH, USABLE, clock)
    client = EshouhouClient(CrmSession(transport, settings, clock))
    lookup = CustomerLookup(client, cache, background, 2, clock, lambda *_: None)
    found = await lookup.find(CustomerKey("", 1, documented))
    unknown = await lookup.find(CustomerKey("", 1, "00000000-1111-4222-8333-444444444444"))
    await transport.close()
    assert isinstance(found, LookupResult)
    assert found.entry.profile.first(Role.NUMBER) == "CF00000179"
    assert unknown is None
