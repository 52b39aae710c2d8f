"""When the directory is synced by itself: when it is due, never at once, and whatever has failed before."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from bot.crm.customer_lists import ListSource
from bot.customers.directory.sync import SyncProgress, keep_in_sync
from bot.errors import CrmUnauthorized
from bot.store.store import Store
from tests.conftest import Clock, Logs
from tests.support.fake_crm_lists import HEAD_OFFICE, CrmInMemory, customer_ids, failing, sync_with

HOUR = 3_600.0
A, B, C = customer_ids(3)


def until(clock: Clock, seconds: float) -> Callable[[float], Awaitable[None]]:
    """Waits that move the clock, and go on for so long."""
    end = clock() + seconds

    async def sleep(wait: float) -> None:
        clock.advance(min(wait, end - clock()))
        if clock() >= end:
            raise asyncio.CancelledError

    return sleep


async def scheduled(crm: CrmInMemory, store: Store, clock: Clock, hours: float, seconds: float) -> None:
    """So many seconds of a process that syncs every ``hours``."""
    schedule = keep_in_sync(sync_with(crm, store, clock), hours, until(clock, seconds))
    await asyncio.gather(asyncio.ensure_future(schedule), return_exceptions=True)


@pytest.fixture
def crm(clock: Clock) -> CrmInMemory:
    return CrmInMemory(clock, {ListSource.CONTACTS: [(A, B), (C,)]})


def begun(logs: Logs) -> int:
    return len(logs.lines("directory_sync_began"))


async def test_the_first_half_minute_belongs_to_people(crm: CrmInMemory, store: Store, clock: Clock) -> None:
    await scheduled(crm, store, clock, 24, seconds=25)
    assert crm.asked_at == []
    await scheduled(crm, store, clock, 24, seconds=60)
    assert sum(crm.shown.values()) == 3


@pytest.mark.parametrize("hours", [24, 1, 0.1])
async def test_it_is_synced_once_in_every_period(
    crm: CrmInMemory, store: Store, clock: Clock, logs: Logs, hours: float
) -> None:
    """It counts from the end of the last; a tenth of the period, at most ten minutes, passes until that is seen."""
    await scheduled(crm, store, clock, hours, seconds=10 * hours * HOUR)
    assert begun(logs) in (9, 10)


async def test_periods_are_counted_across_restarts_and_processes(
    crm: CrmInMemory, store: Store, clock: Clock, logs: Logs
) -> None:
    for _ in range(23):
        await scheduled(crm, store, clock, 24, seconds=HOUR)
    assert begun(logs) == 1
    for _ in range(2):
        await scheduled(crm, store, clock, 24, seconds=HOUR)
    assert begun(logs) == 2


async def test_zero_hours_are_never(crm: CrmInMemory, store: Store, clock: Clock) -> None:
    await scheduled(crm, store, clock, 0, seconds=100 * HOUR)
    assert crm.asked_at == []


async def test_what_stopped_early_goes_on_within_minutes(crm: CrmInMemory, store: Store, clock: Clock) -> None:
    crm.before = failing(CrmUnauthorized("the token is not accepted"), 3)
    await scheduled(crm, store, clock, 24, seconds=HOUR)
    assert sorted(crm.shown.elements()) == [A, B, C]
    assert 500 < crm.asked_at[3] - crm.asked_at[2] < 700


async def test_what_another_process_is_doing_is_left_to_it(
    crm: CrmInMemory, store: Store, clock: Clock, logs: Logs
) -> None:
    """And taken over once that process has died."""
    await store.sync_state.acquire(HEAD_OFFICE, 60)
    await scheduled(crm, store, clock, 24, seconds=50)
    assert crm.asked_at == []
    await scheduled(crm, store, clock, 24, seconds=HOUR)
    assert begun(logs) == 1
    assert not [line for line in logs.lines() if line["level"] == "error"]


async def test_it_waits_for_the_database(crm: CrmInMemory, database: str, clock: Clock, logs: Logs) -> None:
    """For half a minute at a time, not until the next look is due."""
    store, waits = Store(database, clock), list[float]()

    async def sleep(wait: float) -> None:
        waits.append(wait)
        if len(waits) == 3:
            assert (crm.asked_at, logs.lines()) == ([], [])
            await store.open()
        elif len(waits) == 4:
            raise asyncio.CancelledError

    schedule = keep_in_sync(sync_with(crm, store, clock), 24, sleep)
    await asyncio.gather(asyncio.ensure_future(schedule), return_exceptions=True)
    assert sum(crm.shown.values()) == 3
    assert max(waits[:3]) < 60 < waits[3]
    await store.close()


async def test_a_bug_is_logged_with_a_code_and_ends_nothing(
    crm: CrmInMemory, store: Store, clock: Clock, logs: Logs
) -> None:
    crm.before = failing(ZeroDivisionError(), 1, 2)
    await scheduled(crm, store, clock, 24, seconds=HOUR)
    bugs = logs.lines("directory_sync_failed")
    assert [("code" in bug, "ZeroDivisionError" in bug["exception"]) for bug in bugs] == [(True, True)] * 2
    assert sum(crm.shown.values()) == 3


async def test_progress_is_reported_to_the_callback(crm: CrmInMemory, store: Store, clock: Clock) -> None:
    reported: list[SyncProgress] = []
    schedule = keep_in_sync(sync_with(crm, store, clock), 24, until(clock, 60), reported.append)
    await asyncio.gather(asyncio.ensure_future(schedule), return_exceptions=True)
    assert (reported[-1].seen, reported[-1].new, reported[-1].missing) == (3, 3, 0)
