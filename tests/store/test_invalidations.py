"""Invalidations for every process: in the database, each once and in order, and in every process that looks there."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final

import asyncpg  # type: ignore[import-untyped]
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.customers.invalidation import POLL_SECONDS, Invalidation
from bot.runtime.tasks import BackgroundTasks
from bot.store.invalidations import CHANGES_KEPT_SECONDS, CHANGES_LOCK, FORGETS_KEPT_SECONDS, PendingInvalidations
from bot.store.store import Store
from tests.conftest import Clock, Logs
from tests.support.databases import empty_database, opened, store_of_each  # noqa: F401
from tests.support.surfaces import DOCUMENTED, FACTORY

ID: Final = DOCUMENTED
OTHER: Final = FACTORY
CHANNEL: Final = "C0SALES"
USER: Final = "U0SALES"

# --- In the database -------------------------------------------------------------------------------------------------


def ids(news: PendingInvalidations) -> tuple[list[str], list[str]]:
    return [forget.id for forget in news.forgets], [change.id for change in news.changes]


async def test_processes_receive_invalidations_in_order_and_each_once(store: Store) -> None:
    """Of forgets and of changes, whichever they have received already."""
    assert ids(await store.invalidations.after(0, 0)) == ([], [])
    for customer_id, slack_id in ((ID, CHANNEL), (OTHER, USER), (ID, CHANNEL)):
        await store.erasures.erase(customer_id)
        await store.invalidations.announce([slack_id])
    published = await store.invalidations.after(0, 0)
    assert ids(published) == ([ID, OTHER, ID], [CHANNEL, USER, CHANNEL])
    [_, second_forget, last_forget], [first_change, _, last_change] = published.forgets, published.changes
    assert ids(await store.invalidations.after(second_forget.place, first_change.place)) == ([ID], [USER, CHANNEL])
    assert ids(await store.invalidations.after(last_forget.place, last_change.place)) == ([], [])


async def test_what_is_too_old_to_matter_is_deleted_and_its_place_not_given_again(store: Store, clock: Clock) -> None:
    """A process that received the last one receives the next one. Slack's ids do not stay for a day."""
    await store.erasures.erase(ID)
    await store.invalidations.announce([CHANNEL])
    published = await store.invalidations.after(0, 0)
    places = published.forgets[0].place, published.changes[0].place
    clock.advance(CHANGES_KEPT_SECONDS)
    await store.invalidations.after(*places)
    assert ids(await store.invalidations.after(0, 0)) == ([ID], [])
    clock.advance(FORGETS_KEPT_SECONDS)
    await store.invalidations.after(*places)
    assert ids(await store.invalidations.after(0, 0)) == ([], [])
    await store.erasures.erase(OTHER)
    await store.invalidations.announce([USER])
    assert ids(await store.invalidations.after(*places)) == ([OTHER], [USER])


async def test_nothing_becomes_visible_before_what_has_a_lower_place(tmp_path: Path, clock: Clock) -> None:
    """Nobody would look there any more. On SQLite there is one writer at a time anyway."""
    async with empty_database("postgresql", tmp_path) as url, opened(url, clock) as store:
        slow = await asyncpg.connect(url)
        writing = slow.transaction()
        await writing.start()
        await slow.execute("SELECT pg_advisory_xact_lock($1)", CHANGES_LOCK)
        await slow.execute("INSERT INTO changes (slack_id, at) VALUES ($1, 1)", CHANNEL)
        quick = asyncio.create_task(store.invalidations.announce([USER]))
        await asyncio.sleep(0.1)
        assert ids(await store.invalidations.after(0, 0)) == ([], [])
        await writing.commit()
        await slow.close()
        await quick
        assert ids(await store.invalidations.after(0, 0)) == ([], [CHANNEL, USER])


# --- Receiving them --------------------------------------------------------------------------------------------------


class Looking:
    """A process that polls when a test says so, and what it has forgotten by then."""

    def __init__(self, store: Store) -> None:
        self.forgotten: list[str] = []
        self.changed: list[str] = []
        self.background = BackgroundTasks()
        self._now = asyncio.Event()
        self._looked = asyncio.Event()
        self.invalidation = Invalidation(store, self.background, self._sleep)
        self.invalidation.subscribe(self.forgotten.append)
        self.invalidation.subscribe_to_changes(self.changed.append)

    async def _sleep(self, seconds: float) -> None:
        self._looked.set()
        await self._now.wait()
        self._now.clear()

    async def has_looked(self) -> None:
        await asyncio.wait_for(self._looked.wait(), 5)

    async def look(self) -> list[str]:
        """The customers that were forgotten."""
        self._looked.clear()
        self._now.set()
        await self.has_looked()
        heard, self.forgotten[:] = [*self.forgotten], []
        return heard

    async def look_for_changes(self) -> list[str]:
        """The people and channels that were, also since the last look."""
        await self.look()
        heard, self.changed[:] = [*self.changed], []
        return heard

    async def hear(self, *slack_ids: str) -> None:
        """Slack tells this process; what comes of it is done."""
        for slack_id in slack_ids:
            self.invalidation.publish_change(slack_id)
        await self.background.drain(5)


@asynccontextmanager
async def looking(store: Store) -> AsyncIterator[Looking]:
    process = Looking(store)
    task = asyncio.create_task(process.invalidation.run(1.0))
    try:
        await process.has_looked()
        yield process
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def test_process_forgets_each_customer_once(store: Store, url: str, clock: Clock) -> None:
    async with looking(store) as process, opened(url, clock) as elsewhere:
        assert await process.look() == []
        await elsewhere.erasures.erase(ID)
        await elsewhere.erasures.erase(OTHER)
        assert await process.look() == [ID, OTHER]
        assert await process.look() == []
        await elsewhere.erasures.erase(ID)
        assert await process.look() == [ID]


async def test_what_slack_tells_one_process_the_others_forget_once(store: Store, url: str, clock: Clock) -> None:
    async with opened(url, clock) as elsewhere, looking(store) as one, looking(elsewhere) as other:
        assert await other.look_for_changes() == []
        await one.hear(CHANNEL, USER)
        assert sorted(await other.look_for_changes()) == [CHANNEL, USER]
        assert await other.look_for_changes() == []
        await one.hear(CHANNEL)
        assert await other.look_for_changes() == [CHANNEL]


async def test_process_that_slack_tells_forgets_before_it_does_anything_else(clock: Clock) -> None:
    """With a database that is not there, too."""
    async with looking(Store("sqlite:////nowhere/at/all.db", clock)) as one:
        one.invalidation.publish_change(CHANNEL)
        assert one.changed == [CHANNEL]
        await one.background.drain(5)


async def test_what_cannot_be_announced_now_is_announced_later(url: str, clock: Clock) -> None:
    """Each once, however often it was heard meanwhile; what is no id is not announced at all."""
    store = Store(url, clock)
    async with opened(url, clock) as elsewhere, looking(store) as one, looking(elsewhere) as other:
        await one.hear(CHANNEL, USER, CHANNEL, "")
        await one.look()
        assert await other.look_for_changes() == []
        await store.open()
        await one.look()
        assert sorted(await other.look_for_changes()) == [CHANNEL, USER]
        await store.close()
        await one.hear(USER)
        await store.open()
        await one.look()
        await one.look()
        assert await other.look_for_changes() == [USER]
        await store.close()


async def test_what_cannot_be_read_now_is_read_later(url: str, clock: Clock) -> None:
    """The database is opened after the process has begun, and is unavailable for a while."""
    async with opened(url, clock) as elsewhere:
        store = Store(url, clock)
        async with looking(store) as process:
            await elsewhere.erasures.erase(ID)
            assert await process.look() == []
            await store.open()
            assert await process.look() == [ID]
            await store.close()
            await elsewhere.erasures.erase(OTHER)
            await elsewhere.invalidations.announce([CHANNEL])
            assert await process.look_for_changes() == []
            await store.open()
            assert await process.look() == [OTHER]
            assert process.changed == [CHANNEL]
        await store.close()


async def test_bug_is_logged_and_no_end_of_the_looks(store: Store, logs: Logs) -> None:
    """Nobody is left out for it."""
    async with looking(store) as process:
        bugs = [RuntimeError("a bug")]

        def broken(_: str) -> None:
            if bugs:
                raise bugs.pop()

        process.invalidation.subscribe(broken)
        await store.erasures.erase(ID)
        assert await process.look() == [ID]
        assert await process.look() == [ID]
        assert await process.look() == []
    [line] = logs.lines("forgetting_failed")
    assert line["code"].startswith("E-")


async def test_bug_in_announcing_is_logged_and_no_end_of_the_looks(
    store: Store, logs: Logs, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with looking(store) as process:
        with monkeypatch.context() as broken:
            broken.setattr("bot.store.invalidations.InvalidationRepository.announce", None)
            await process.hear(CHANNEL)
        await process.hear(USER)
        assert await process.look_for_changes() == [CHANNEL, USER, USER]
    [line] = logs.lines("announcing_failed")
    assert line["code"].startswith("E-")


def test_processes_look_often_enough_for_the_two_seconds_that_are_promised() -> None:
    assert POLL_SECONDS <= 1


WORDS: Final = st.text(max_size=8)
STEPS: Final = st.lists(st.tuples(st.integers(0, 1), st.one_of(st.lists(WORDS, max_size=3), st.none())), max_size=12)


@settings(max_examples=25)
@given(STEPS)
def test_in_any_order_of_changes_and_polls_every_process_forgets_in_the_end(
    steps: list[tuple[int, list[str] | None]],
) -> None:
    """A step is one of two processes that hears of changes, or that looks. The other never forgets anything else."""

    async def run() -> None:
        async with opened("sqlite:///:memory:", Clock()) as store, looking(store) as one, looking(store) as other:
            heard: set[str] = set()
            for which, words in steps:
                process = (one, other)[which]
                await (process.look() if words is None else process.hear(*words))
                heard |= {*(words or ())} - {""}
            for process in (one, other):
                await process.look()
                assert {_kept(word) for word in process.changed} == {_kept(word) for word in heard}

    asyncio.run(run())


def _kept(word: str) -> str:
    """As a database can hold it."""
    return word.replace("\0", "\N{REPLACEMENT CHARACTER}").encode("utf-8", "replace").decode()
