"""Each event takes effect once: in one process, in several on one database, and in one without a database."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from bot.runtime.tasks import BackgroundTasks
from bot.slack.deduplication import EVENT_SECONDS, Claim, EventDeduplicator, claim_in_time
from bot.store.store import Store
from tests.conftest import Clock, Logs
from tests.support.slack_layer import CLOSED_STORE, written


@pytest.fixture
async def background() -> AsyncIterator[BackgroundTasks]:
    background = BackgroundTasks()
    yield background
    assert await background.drain(2) == 0


@pytest.fixture
def deduplicator(store: Store, background: BackgroundTasks, clock: Clock) -> EventDeduplicator:
    return EventDeduplicator(store, background, clock)


@pytest.fixture
async def elsewhere(database: str, background: BackgroundTasks, clock: Clock) -> AsyncIterator[EventDeduplicator]:
    """Another process's, on the same database."""
    store = Store(database, clock)
    await store.open()
    yield EventDeduplicator(store, background, clock)
    await store.close()


@pytest.fixture(params=["never opened", "closed"])
async def alone(
    request: pytest.FixtureRequest, store: Store, background: BackgroundTasks, clock: Clock
) -> AsyncIterator[EventDeduplicator]:
    """Without a database."""
    if request.param == "closed":
        await store.close()
        yield EventDeduplicator(store, background, clock)
    else:
        yield EventDeduplicator(Store(CLOSED_STORE, clock), background, clock)


# --- Claims ----------------------------------------------------------------------------------------------------------


async def test_one_of_many_gets_it(deduplicator: EventDeduplicator) -> None:
    assert sorted(await asyncio.gather(*(deduplicator.claim("it") for _ in range(20)))) == [False] * 19 + [True]


async def test_one_of_many_in_two_processes_gets_it(
    deduplicator: EventDeduplicator, elsewhere: EventDeduplicator
) -> None:
    for name in map(str, range(5)):
        claims = [process.claim(name) for _ in range(5) for process in (deduplicator, elsewhere)]
        assert sum(await asyncio.gather(*claims)) == 1


async def test_one_of_many_gets_it_without_a_database(alone: EventDeduplicator, logs: Logs) -> None:
    """And the log says that other processes know nothing of it."""
    assert sum(await asyncio.gather(*(alone.claim("it") for _ in range(20)))) == 1
    assert [line["level"] for line in logs.lines("claimed_in_memory_alone")] == ["warning"]


async def test_names_are_claimed_one_by_one(deduplicator: EventDeduplicator) -> None:
    assert all(await asyncio.gather(deduplicator.claim("it"), deduplicator.claim("that"), deduplicator.claim("")))


async def test_claim_outlives_its_process(
    deduplicator: EventDeduplicator, store: Store, background: BackgroundTasks, clock: Clock
) -> None:
    await deduplicator.claim("it")
    assert not await EventDeduplicator(store, background, clock).claim("it")


async def test_database_that_goes_away_takes_no_claim_with_it(deduplicator: EventDeduplicator, store: Store) -> None:
    await deduplicator.claim("it")
    await store.close()
    assert not await deduplicator.claim("it")
    assert await deduplicator.claim("that")


@pytest.mark.parametrize("seconds", [EVENT_SECONDS, 1, 86_400])
async def test_claim_runs_out(deduplicator: EventDeduplicator, clock: Clock, seconds: int) -> None:
    await deduplicator.claim("it", seconds)
    clock.advance(seconds - 0.5)
    assert not await deduplicator.claim("it", seconds)
    clock.advance(0.5)
    assert await deduplicator.claim("it", seconds)


async def test_claim_runs_out_without_a_database(alone: EventDeduplicator, clock: Clock) -> None:
    await alone.claim("it")
    clock.advance(EVENT_SECONDS - 0.5)
    assert not await alone.claim("it")
    clock.advance(0.5)
    assert await alone.claim("it")


async def test_event_is_remembered_for_longer_than_slack_delivers_it_again(
    deduplicator: EventDeduplicator, clock: Clock
) -> None:
    """At once, after one minute and after five."""
    await deduplicator.claim("it")
    clock.advance(600)
    assert not await deduplicator.claim("it")


async def test_claim_of_another_process_runs_out_too(
    deduplicator: EventDeduplicator, elsewhere: EventDeduplicator, clock: Clock
) -> None:
    await deduplicator.claim("it")
    assert not await elsewhere.claim("it")
    clock.advance(EVENT_SECONDS)
    assert await elsewhere.claim("it")
    assert not await deduplicator.claim("it")


async def test_released_name_is_free_for_everybody(
    deduplicator: EventDeduplicator, elsewhere: EventDeduplicator
) -> None:
    await deduplicator.claim("it")
    await deduplicator.release("it")
    assert await elsewhere.claim("it")
    assert not await deduplicator.claim("it")


async def test_released_name_is_free_without_a_database(alone: EventDeduplicator, logs: Logs) -> None:
    await alone.claim("it")
    await alone.release("it")
    assert await alone.claim("it")
    assert [line["level"] for line in logs.lines("released_in_memory_alone")] == ["warning"]


async def test_releasing_what_nobody_claimed_is_nothing(deduplicator: EventDeduplicator) -> None:
    await deduplicator.release("it")
    assert await deduplicator.claim("it")


async def test_claim_that_is_lost_late_is_lost(
    deduplicator: EventDeduplicator, elsewhere: EventDeduplicator, clock: Clock
) -> None:
    """The database says so when the claim in memory has run out already, or was released."""
    await elsewhere.claim("it", 900)
    losing = asyncio.create_task(deduplicator.claim("it", 1))
    await asyncio.sleep(0)
    clock.advance(2)
    assert not await losing


async def test_claim_that_is_released_on_its_way_is_lost(
    deduplicator: EventDeduplicator, elsewhere: EventDeduplicator
) -> None:
    await elsewhere.claim("it")
    losing = asyncio.create_task(deduplicator.claim("it"))
    await asyncio.sleep(0)
    releasing = asyncio.create_task(deduplicator.release("it"))
    assert not await losing
    await releasing


class Asking:
    """A claim whose answer comes when a test releases it."""

    def __init__(self, mine: bool) -> None:
        self.go_on = asyncio.Event()
        self._mine = mine

    async def __call__(self) -> bool:
        await self.go_on.wait()
        return self._mine


@pytest.mark.parametrize("mine", [True, False])
async def test_trigger_id_waits_for_a_claim_that_comes_in_time(mine: bool, logs: Logs) -> None:
    claim = Asking(mine)
    claim.go_on.set()
    assert await claim_in_time(claim) is mine
    assert not logs.lines("claimed_in_memory_alone")


async def test_trigger_id_does_not_wait_for_a_database_that_hangs(logs: Logs, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.slack.deduplication.CLAIM_TIMEOUT_SECONDS", 0.02)
    assert await claim_in_time(Asking(False))
    assert [line["level"] for line in logs.lines("claimed_in_memory_alone")] == ["warning"]


async def test_claim_that_nobody_waits_for_any_more_holds_in_this_process(deduplicator: EventDeduplicator) -> None:
    """Slack delivers again while the database hangs."""
    leaving = asyncio.create_task(deduplicator.claim("it"))
    await asyncio.sleep(0)
    leaving.cancel()
    await asyncio.wait({leaving})
    assert not await deduplicator.claim("it")


# --- Events ----------------------------------------------------------------------------------------------------------


class Work:
    """Claims its event and does its one thing, when it may."""

    def __init__(self, claims: bool = True, fails: bool = False) -> None:
        self.begun = 0
        self.done = 0
        self.go_on = asyncio.Event()
        self._claims = claims
        self._fails = fails

    async def __call__(self, claim: Claim) -> None:
        self.begun += 1
        await self.go_on.wait()
        if self._claims and not await claim():
            return
        if self._fails:
            raise RuntimeError("a bug")
        self.done += 1


async def test_event_that_is_under_way_is_not_begun_again(
    deduplicator: EventDeduplicator, background: BackgroundTasks
) -> None:
    work = Work()
    first, second = deduplicator.start("Ev1", written(), work), deduplicator.start("Ev1", written(), work)
    await asyncio.sleep(0)
    third = deduplicator.start("Ev1", written(), work)
    assert first is not None
    assert (second, third) == (None, None)
    work.go_on.set()
    await background.drain(2)
    assert (work.begun, work.done) == (1, 1)


async def test_event_that_is_delivered_again_later_takes_no_second_effect(
    deduplicator: EventDeduplicator, background: BackgroundTasks
) -> None:
    work = Work()
    work.go_on.set()
    for _ in range(3):
        assert deduplicator.start("Ev1", written(), work) is not None
        await background.drain(2)
    assert (work.begun, work.done) == (3, 1)


async def test_event_that_two_processes_get_takes_effect_once(
    deduplicator: EventDeduplicator, elsewhere: EventDeduplicator, background: BackgroundTasks
) -> None:
    work = Work()
    for process in (deduplicator, elsewhere):
        process.start("Ev1", written(), work)
    work.go_on.set()
    await background.drain(2)
    assert (work.begun, work.done) == (2, 1)


async def test_events_are_distinguished(deduplicator: EventDeduplicator, background: BackgroundTasks) -> None:
    work = Work()
    work.go_on.set()
    for event in ("Ev1", "Ev2", "Ev3"):
        deduplicator.start(event, written(), work)
    await background.drain(2)
    assert work.done == 3


async def test_event_without_a_database_takes_effect_once(
    alone: EventDeduplicator, background: BackgroundTasks
) -> None:
    work = Work()
    work.go_on.set()
    for _ in range(2):
        alone.start("Ev1", written(), work)
        await background.drain(2)
    assert work.done == 1


async def test_bug_before_the_claim_leaves_the_event_free(
    deduplicator: EventDeduplicator, background: BackgroundTasks, logs: Logs
) -> None:
    """Slack's next attempt may do better. The bug is logged under a code."""
    failing, better = Work(claims=False, fails=True), Work()
    for work in (failing, better):
        work.go_on.set()
        deduplicator.start("Ev1", written(), work)
        await background.drain(2)
    assert better.done == 1
    [line] = logs.lines("event_failed")
    assert (line["level"], line["event_id"]) == ("error", "Ev1")
    assert line["code"].startswith("E-")
    assert "RuntimeError: a bug" in line["exception"]


async def test_bug_after_the_claim_takes_no_second_effect(
    deduplicator: EventDeduplicator, background: BackgroundTasks, logs: Logs
) -> None:
    """What was sent before the bug may have arrived."""
    failing, again = Work(fails=True), Work()
    for work in (failing, again):
        work.go_on.set()
        deduplicator.start("Ev1", written(), work)
        await background.drain(2)
    assert (again.begun, again.done) == (1, 0)
    assert len(logs.lines("event_failed")) == 1


async def test_event_is_free_for_others_until_it_is_acknowledged(
    deduplicator: EventDeduplicator, elsewhere: EventDeduplicator, background: BackgroundTasks
) -> None:
    """A process that is killed before that leaves it to whom Slack delivers it next."""
    killed, next_one = Work(), Work()
    killed.go_on.set()
    next_one.go_on.set()
    lost = deduplicator.start("Ev1", asyncio.Event(), killed)
    assert lost is not None
    await asyncio.sleep(0.02)
    lost.cancel()
    done = elsewhere.start("Ev1", written(), next_one)
    assert done is not None
    await done
    await background.drain(2)
    assert (killed.begun, killed.done, next_one.done) == (1, 0, 1)
