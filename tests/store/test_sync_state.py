"""Whose turn it is to sync a directory, and where the sync goes on: on SQLite and on PostgreSQL alike."""

import asyncio

import pytest

from bot.domain.profile import ServiceNetwork
from bot.errors import SyncInProgress
from bot.store.store import Store
from bot.store.sync_state import START, SyncCursor, SyncLease
from tests.conftest import Clock
from tests.support.databases import opened, store_of_each  # noqa: F401

HEAD_OFFICE, OUTLET = ServiceNetwork("", 1), ServiceNetwork("outlet-7", 2)


async def test_a_turn_belongs_to_one_of_all_processes(store: Store, url: str, clock: Clock) -> None:
    """Also the first of all, when there is no row yet, and also inside one process."""
    async with opened(url, clock) as other:
        begun = await asyncio.gather(
            *(one.sync_state.acquire(HEAD_OFFICE, 60) for one in (store, other) for _ in range(10)),
            return_exceptions=True,
        )
    assert [type(one) for one in begun].count(SyncLease) == 1
    assert [one.until for one in begun if isinstance(one, SyncInProgress)] == [clock() + 60] * 19


async def test_each_network_has_its_own_turn_and_place(store: Store) -> None:
    turn = await store.sync_state.acquire(HEAD_OFFICE, 60)
    await turn.save("contacts", 7)
    assert (await store.sync_state.acquire(OUTLET, 60)).cursor == START
    assert (await store.sync_state.acquire(HEAD_OFFICE._replace(network_type=2), 60)).cursor == START


async def test_a_released_turn_is_the_next_ones_at_once(store: Store) -> None:
    turn = await store.sync_state.acquire(HEAD_OFFICE, 60)
    await turn.save("devices", 3)
    await turn.release()
    assert (await store.sync_state.acquire(HEAD_OFFICE, 60)).cursor == SyncCursor("devices", 3)


async def test_a_turn_of_a_killed_process_ends_after_its_seconds(store: Store, clock: Clock) -> None:
    await store.sync_state.acquire(HEAD_OFFICE, 60)
    clock.advance(59)
    with pytest.raises(SyncInProgress):
        await store.sync_state.acquire(HEAD_OFFICE, 60)
    clock.advance(1)
    await store.sync_state.acquire(HEAD_OFFICE, 60)


@pytest.mark.parametrize("step", [1.0, 20.0, 40.0, 59.0])
async def test_a_turn_that_is_kept_goes_on(store: Store, clock: Clock, step: float) -> None:
    """However often it is kept; after steps of a third of its length nobody has come near."""
    turn = await store.sync_state.acquire(HEAD_OFFICE, 60)
    for _ in range(10):
        clock.advance(step)
        await turn.renew()
        with pytest.raises(SyncInProgress) as elsewhere:
            await store.sync_state.acquire(HEAD_OFFICE, 60)
        assert elsewhere.value.until > clock() + turn.step_seconds


async def test_a_turn_is_kept_by_saving_a_place(store: Store, clock: Clock) -> None:
    turn = await store.sync_state.acquire(HEAD_OFFICE, 60)
    for page in range(3):
        clock.advance(59)
        await turn.save("contacts", page)
    with pytest.raises(SyncInProgress):
        await store.sync_state.acquire(HEAD_OFFICE, 60)


async def test_a_turn_is_kept_though_the_clock_was_put_back(store: Store, clock: Clock) -> None:
    turn = await store.sync_state.acquire(HEAD_OFFICE, 60)
    clock.advance(-3_600)
    await turn.renew()
    with pytest.raises(SyncInProgress) as elsewhere:
        await store.sync_state.acquire(HEAD_OFFICE, 60)
    assert elsewhere.value.until == clock() + 60


async def test_a_turn_that_nobody_took_over_is_not_lost(store: Store, clock: Clock) -> None:
    """The machine slept: better late than begun again."""
    turn = await store.sync_state.acquire(HEAD_OFFICE, 60)
    clock.advance(3_600)
    await turn.renew()
    with pytest.raises(SyncInProgress):
        await store.sync_state.acquire(HEAD_OFFICE, 60)


async def test_who_has_lost_the_turn_changes_nothing_any_more(store: Store, clock: Clock) -> None:
    late = await store.sync_state.acquire(HEAD_OFFICE, 60)
    clock.advance(60)
    turn = await store.sync_state.acquire(HEAD_OFFICE, 60)
    await turn.save("devices", 3)
    for attempt in (late.renew(), late.save("contacts", 99), late.finish()):
        with pytest.raises(SyncInProgress):
            await attempt
    await late.release()
    with pytest.raises(SyncInProgress):
        await store.sync_state.acquire(HEAD_OFFICE, 60)
    assert await store.sync_state.finished_at(HEAD_OFFICE) is None
    await turn.release()
    assert (await store.sync_state.acquire(HEAD_OFFICE, 60)).cursor == SyncCursor("devices", 3)


async def test_a_complete_sync_is_dated_and_the_next_begins_at_the_beginning(store: Store, clock: Clock) -> None:
    assert await store.sync_state.finished_at(HEAD_OFFICE) is None
    turn = await store.sync_state.acquire(HEAD_OFFICE, 60)
    await turn.save("work_orders", 12)
    clock.advance(5)
    await turn.finish()
    finished_at = clock()
    await turn.release()
    assert (await store.sync_state.acquire(HEAD_OFFICE, 60)).cursor == START
    assert await store.sync_state.finished_at(HEAD_OFFICE) == finished_at
    assert await store.sync_state.finished_at(OUTLET) is None


async def test_place_and_date_outlive_the_process(url: str, clock: Clock) -> None:
    async with opened(url, clock) as store:
        await (await store.sync_state.acquire(OUTLET, 60)).finish()
        await (await store.sync_state.acquire(HEAD_OFFICE, 60)).save("contacts", 2)
    clock.advance(60)
    async with opened(url, clock) as store:
        assert (await store.sync_state.acquire(HEAD_OFFICE, 60)).cursor == SyncCursor("contacts", 2)
        assert await store.sync_state.finished_at(OUTLET) == clock() - 60
