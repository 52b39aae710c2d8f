"""Filling the directory from the CRM's lists: each customer asked for once, whatever comes in between."""

import asyncio
from collections import Counter
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.crm.customer_lists import ListSource
from bot.customers.directory.pacing import WAIT_SECONDS
from bot.customers.directory.sync import FAILED_IN_A_ROW, MAX_PAGES, SyncProgress, SyncReport
from bot.errors import (
    CircuitOpen,
    CrmError,
    CrmRejected,
    CrmStatusError,
    CrmUnauthorized,
    CrmUnreachable,
    CrmUnreadable,
    SyncInProgress,
)
from bot.store.store import Store
from bot.store.sync_state import SyncLease
from tests.conftest import Clock, Logs
from tests.support.databases import SQLITE_AND_POSTGRES, empty_database, opened
from tests.support.fake_crm_lists import HEAD_OFFICE, CrmInMemory, Pages, customer_ids, failing, known, sync_with
from tests.support.slack_layer import CLOSED_STORE

CONTACTS, DEVICES, WORK_ORDERS = ListSource
A, B, C, D, E, F = customer_ids(6)
LISTS: Pages = {CONTACTS: [(A, B), (C,)], DEVICES: [(C, D)], WORK_ORDERS: [(E, A)]}


async def test_every_customer_of_every_list_is_learnt_and_asked_for_once(store: Store, clock: Clock) -> None:
    crm = CrmInMemory(clock, LISTS)
    report = await sync_with(crm, store, clock).run()
    assert report == SyncReport(complete=True, seen=7, new=5, missing=0)
    assert crm.shown == Counter((A, B, C, D, E))
    assert await known(store, (A, B, C, D, E, F)) == {A, B, C, D, E}


async def test_who_is_known_already_is_not_asked_for(store: Store, clock: Clock) -> None:
    crm = CrmInMemory(clock, {CONTACTS: [(A, B)]})
    await sync_with(crm, store, clock).run()
    again = CrmInMemory(clock, LISTS)
    assert (await sync_with(again, store, clock).run()).new == 3
    assert again.shown == Counter((C, D, E))


async def test_who_is_not_shown_is_counted_and_asked_for_once_a_run(store: Store, clock: Clock) -> None:
    crm = CrmInMemory(clock, {CONTACTS: [(A, B)], DEVICES: [(B,)], WORK_ORDERS: [(B, C)]})
    crm.hidden = {B}
    report = await sync_with(crm, store, clock).run()
    assert report == SyncReport(complete=True, seen=5, new=2, missing=1)
    assert crm.shown == Counter((A, B, C))


@pytest.mark.parametrize("last_index", [1, 2])
async def test_a_list_ends_where_a_page_brings_no_new_row(store: Store, clock: Clock, last_index: int) -> None:
    """A CRM that does not heed the page's index gives the first page for ever, or the last one."""
    crm = CrmInMemory(clock, {CONTACTS: [(A, B), (B, C), (D,)]})
    crm.last_index = last_index
    assert (await sync_with(crm, store, clock).run()).complete
    assert [index for source, index in crm.turned if source is CONTACTS] == list(range(1, last_index + 2))


async def test_a_list_that_never_ends_is_left(store: Store, clock: Clock) -> None:
    turn = await store.sync_state.acquire(HEAD_OFFICE, 60)
    await turn.save("contacts", MAX_PAGES)
    await turn.release()
    crm = CrmInMemory(clock, {CONTACTS: [*[()] * (MAX_PAGES - 1), (A,), (B,)]})
    assert (await sync_with(crm, store, clock).run()).complete
    assert crm.turned == [(CONTACTS, MAX_PAGES), (DEVICES, 1), (WORK_ORDERS, 1)]


async def test_progress_tells_the_page_and_the_counts(store: Store, clock: Clock) -> None:
    crm = CrmInMemory(clock, {CONTACTS: [(A, B)], DEVICES: [(A, C)]})
    crm.hidden = {B}
    reported: list[SyncProgress] = []
    await sync_with(crm, store, clock).run(reported.append)
    assert list(dict.fromkeys(reported)) == [
        SyncProgress(CONTACTS, 1, seen=0, new=0, missing=0),
        SyncProgress(CONTACTS, 1, seen=2, new=1, missing=0),
        SyncProgress(CONTACTS, 1, seen=2, new=1, missing=1),
        SyncProgress(CONTACTS, 2, seen=2, new=1, missing=1),
        SyncProgress(DEVICES, 1, seen=2, new=1, missing=1),
        SyncProgress(DEVICES, 1, seen=4, new=2, missing=1),
        SyncProgress(DEVICES, 2, seen=4, new=2, missing=1),
        SyncProgress(WORK_ORDERS, 1, seen=4, new=2, missing=1),
    ]


@pytest.mark.parametrize("per_second", [1_000, 5, 0.01])
async def test_requests_are_as_far_apart_as_the_pace_says(store: Store, clock: Clock, per_second: float) -> None:
    """Pages and customers together. However slow that is, the turn is not lost meanwhile."""

    async def still_taken(_: int) -> None:
        with pytest.raises(SyncInProgress):
            await store.sync_state.acquire(HEAD_OFFICE, 60)

    crm = CrmInMemory(clock, LISTS)
    crm.before = still_taken
    await sync_with(crm, store, clock, per_second).run()
    gaps = [later - earlier for earlier, later in pairwise(crm.asked_at)]
    assert gaps == pytest.approx([1 / per_second] * 11, rel=0.01)


@pytest.mark.parametrize("error", [CrmUnreachable("no answer"), CrmStatusError(503), CrmUnreadable("HTML")])
@pytest.mark.parametrize("number", [1, 2], ids=["page", "customer"])
async def test_what_fails_is_tried_again_with_growing_waits(
    store: Store, clock: Clock, error: CrmError, number: int
) -> None:
    crm = CrmInMemory(clock, LISTS)
    crm.before = failing(error, *range(number, number + len(WAIT_SECONDS)))
    assert (await sync_with(crm, store, clock, per_second=1_000).run()).complete
    tries = crm.asked_at[number - 1 : number + len(WAIT_SECONDS)]
    waits = [later - earlier for earlier, later in pairwise(tries)]
    assert waits == pytest.approx(list(WAIT_SECONDS))
    assert await known(store, (A, B, C, D, E)) == {A, B, C, D, E}


@pytest.mark.parametrize("number", [1, 2], ids=["page", "customer"])
async def test_busy_crm_or_open_circuit_is_retried_and_is_no_failure(store: Store, clock: Clock, number: int) -> None:
    """People come first, and an open circuit closes again: no customer is left out of the directory for that."""
    crm = CrmInMemory(clock, LISTS)
    crm.before = failing(CircuitOpen(60), *range(number, number + 3 * len(WAIT_SECONDS)))
    report = await sync_with(crm, store, clock, per_second=1_000).run()
    assert (report.complete, report.missing) == (True, 0)
    tries = crm.asked_at[number - 1 : number + 3 * len(WAIT_SECONDS)]
    assert [later - earlier for earlier, later in pairwise(tries)] == pytest.approx([60] * 3 * len(WAIT_SECONDS))
    assert await known(store, (A, B, C, D, E)) == {A, B, C, D, E}


async def test_a_page_that_keeps_failing_stops_the_run_at_its_place(store: Store, clock: Clock) -> None:
    crm = CrmInMemory(clock, LISTS)
    crm.before = failing(CrmStatusError(503), *range(4, 99))
    report = await sync_with(crm, store, clock).run()
    assert report == SyncReport(complete=False, seen=2, new=2, missing=0, reason="the CRM failed: HTTP 503")
    assert len(crm.asked_at) == 3 + len(WAIT_SECONDS) + 1
    later = CrmInMemory(clock, LISTS)
    assert (await sync_with(later, store, clock).run()).complete
    assert later.turned[0] == (CONTACTS, 2)


async def test_a_refusal_is_not_tried_again(store: Store, clock: Clock, logs: Logs) -> None:
    """The token will not get better, and an administrator has to act: the log warns of it."""
    for number in (1, 2):
        crm = CrmInMemory(clock, LISTS)
        crm.before = failing(CrmUnauthorized("the token is not accepted"), number)
        report = await sync_with(crm, store, clock).run()
        assert report.reason == "the CRM failed: the token is not accepted"
        assert len(crm.asked_at) == number
        assert logs.lines("directory_sync_ended")[-1]["level"] == "warning"


async def test_the_reason_tells_nothing_that_the_crm_wrote(store: Store, clock: Clock, logs: Logs) -> None:
    crm = CrmInMemory(clock, LISTS)
    crm.before = failing(CrmRejected("9", "13800001001 不存在"), *range(1, 99))
    assert (await sync_with(crm, store, clock).run()).reason == "the CRM failed: ResultCode 9"
    assert "13800001001" not in logs.text


async def test_a_customer_that_cannot_be_read_is_left_out(store: Store, clock: Clock, logs: Logs) -> None:
    """Else one odd customer would stop every sync at its page, for ever."""
    crm = CrmInMemory(clock, {CONTACTS: [(A, B)], DEVICES: [(C, B)]})
    crm.before = failing(CrmUnreadable("wrong shapes"), *range(3, 3 + len(WAIT_SECONDS) + 1))
    report = await sync_with(crm, store, clock).run()
    assert report == SyncReport(complete=True, seen=4, new=2, missing=1)
    assert await known(store, (A, B, C)) == {A, C}
    assert [line["customer_id"] for line in logs.lines("directory_sync_left_out")] == [B]


async def test_many_customers_that_fail_one_after_the_other_are_the_crms_failure(store: Store, clock: Clock) -> None:
    """None of them is left out for it: the page is not done."""
    customers = customer_ids(FAILED_IN_A_ROW + 1)
    crm = CrmInMemory(clock, {CONTACTS: [customers]})
    crm.before = failing(CrmStatusError(500), *range(3, 99))
    report = await sync_with(crm, store, clock).run()
    assert (report.complete, report.new, report.reason) == (False, 1, "the CRM failed: HTTP 500")
    later = CrmInMemory(clock, {CONTACTS: [customers]})
    assert (await sync_with(later, store, clock).run()).complete
    assert later.shown == Counter(customers[1:])


async def test_a_database_that_cannot_be_used_stops_the_run(clock: Clock, database: str) -> None:
    crm = CrmInMemory(clock, LISTS)
    closed = Store(CLOSED_STORE, clock)
    assert await sync_with(crm, closed, clock).run() == SyncReport(False, 0, 0, 0, "the database is not open yet")
    assert crm.asked_at == []


async def test_a_database_that_is_lost_stops_the_run_at_its_place(clock: Clock, database: str) -> None:
    store = Store(database, clock)
    await store.open()
    crm = CrmInMemory(clock, LISTS)

    async def close(number: int) -> None:
        if number == 5:
            await store.close()

    crm.before = close
    report = await sync_with(crm, store, clock).run()
    assert report == SyncReport(False, seen=3, new=2, missing=0, reason="the database is closed")
    clock.advance(60)
    async with opened(database, clock) as store:
        later = CrmInMemory(clock, LISTS)
        assert (await sync_with(later, store, clock).run()).complete
        assert later.turned[0] == (CONTACTS, 2)


async def test_a_list_that_only_a_newer_version_knows_is_begun_anew(store: Store, clock: Clock) -> None:
    turn = await store.sync_state.acquire(HEAD_OFFICE, 60)
    await turn.save("invoices", 12)
    await turn.release()
    crm = CrmInMemory(clock, LISTS)
    await sync_with(crm, store, clock).run()
    assert crm.turned[0] == (CONTACTS, 1)


@pytest.mark.parametrize("kind", SQLITE_AND_POSTGRES)
async def test_two_syncs_on_one_database_ask_for_each_customer_once(kind: str, clock: Clock, tmp_path: Path) -> None:
    """The second learns until when the first one's turn lasts should that one die."""
    crm = CrmInMemory(clock, LISTS)
    async with empty_database(kind, tmp_path) as url, opened(url, clock) as one, opened(url, clock) as other:
        runs = [sync_with(crm, store, clock).run() for store in (one, other)]
        done = await asyncio.gather(*runs, return_exceptions=True)
        [elsewhere] = [result for result in done if isinstance(result, SyncInProgress)]
        [report] = [result for result in done if isinstance(result, SyncReport)]
        assert report.complete
        assert elsewhere.until == 1_700_000_060
        assert crm.shown == Counter((A, B, C, D, E))


async def test_who_has_lost_the_turn_stops(store: Store, clock: Clock) -> None:
    """The process slept, and another has taken over."""
    crm, other = CrmInMemory(clock, LISTS), CrmInMemory(clock, LISTS)

    async def sleep_long(number: int) -> None:
        if number == 3:
            clock.advance(60)
            assert (await sync_with(other, store, clock).run()).complete

    crm.before = sleep_long
    report = await sync_with(crm, store, clock).run()
    assert (report.complete, report.reason) == (False, "another process is syncing the directory")
    assert len(crm.asked_at) == 3


@pytest.mark.parametrize("end", ["complete", "cancelled", "failed", "a bug"])
async def test_turn_is_given_back_at_every_end(store: Store, clock: Clock, end: str) -> None:
    crm = CrmInMemory(clock, LISTS)
    errors = {"cancelled": asyncio.CancelledError(), "failed": CrmUnauthorized("no"), "a bug": ZeroDivisionError()}
    if end in errors:
        crm.before = failing(errors[end], 5)
    await asyncio.gather(asyncio.ensure_future(sync_with(crm, store, clock).run()), return_exceptions=True)
    assert (await store.sync_state.acquire(HEAD_OFFICE, 60)).cursor.page == (1 if end == "complete" else 2)


async def test_turn_that_a_hanging_database_does_not_take_back_holds_up_no_end(
    store: Store, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It ends by itself."""

    async def hang(turn: SyncLease) -> None:
        await asyncio.Event().wait()

    monkeypatch.setattr("bot.customers.directory.sync.RELEASE_SECONDS", 0.01)
    monkeypatch.setattr(SyncLease, "release", hang)
    async with asyncio.timeout(5):
        assert (await sync_with(CrmInMemory(clock, LISTS), store, clock).run()).complete


async def test_a_request_that_hangs_is_given_up_before_the_turn_is_lost(store: Store, clock: Clock) -> None:
    async def hang(number: int) -> None:
        if number in (1, 2):
            await asyncio.Event().wait()

    crm = CrmInMemory(clock, LISTS)
    crm.before = hang
    assert (await sync_with(crm, store, clock, lease_seconds=0.15).run()).complete
    assert crm.turned[0] == (CONTACTS, 1)


ENDS = st.sampled_from(["killed", "cancelled", "refused"])


@settings(max_examples=15)
@given(
    st.lists(st.lists(st.integers(0, 30), max_size=6), max_size=6),
    st.lists(st.integers(0, 30), max_size=6),
    st.lists(st.tuples(ENDS, st.integers(1, 12)), max_size=6),
)
def test_however_often_it_is_interrupted_it_learns_the_same(
    contacts: list[list[int]], orders: list[int], ends: list[tuple[str, int]]
) -> None:
    """And asks for each customer once. Each interruption costs one page that is turned again, at most."""

    async def run() -> None:
        clock, customers = Clock(), customer_ids(31)
        pages: Pages = {CONTACTS: [tuple(customers[one] for one in page) for page in contacts if page]}
        pages[WORK_ORDERS] = [tuple(customers[one] for one in orders)] if orders else []
        crm, undisturbed = CrmInMemory(clock, pages), CrmInMemory(clock, pages)
        async with opened("sqlite:///:memory:", clock) as store, opened("sqlite:///:memory:", clock) as other:
            completed = [await _run_until(crm, store, clock, end, after) for end, after in ends]
            crm.before = failing(AssertionError())
            assert (await sync_with(crm, store, clock).run()).complete
            assert (await sync_with(undisturbed, other, clock).run()).complete
            assert crm.shown == undisturbed.shown
            assert await known(store, customers) == await known(other, customers) == set(crm.shown)
        assert max(crm.shown.values(), default=1) == 1
        assert len(crm.turned) <= len(undisturbed.turned) * (1 + sum(completed)) + len(ends)

    asyncio.run(run())


async def _run_until(crm: CrmInMemory, store: Store, clock: Clock, end: str, after: int) -> bool:
    """A run that ends with its request number ``after``, or is complete (True) before. Who is killed says no more."""
    asked, reached = len(crm.asked_at), asyncio.Event()

    async def before(number: int) -> None:
        if number == asked + after:
            reached.set()
            if end == "refused":
                raise CrmUnauthorized("the token is not accepted")
            await asyncio.Event().wait()

    crm.before = before
    run = asyncio.create_task(sync_with(crm, store, clock).run())
    stopping = asyncio.create_task(reached.wait())
    await asyncio.wait({run, stopping}, return_when=asyncio.FIRST_COMPLETED)
    stopping.cancel()
    if end == "killed" and reached.is_set():
        clock.advance(60)
        return False
    if end == "cancelled":
        run.cancel()
    await asyncio.wait({run})
    return not reached.is_set()
