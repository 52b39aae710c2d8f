"""How often one person may have masked values revealed: in any hour, over all processes."""

import asyncio
import sqlite3
from contextlib import closing

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.access.reveal_quota import RevealQuota
from bot.domain.inquiry import Asker
from bot.domain.results import Limit, Limited
from bot.errors import StoreUnavailable
from bot.store.store import Store
from tests.conftest import Clock
from tests.support.databases import opened, store_of_each  # noqa: F401

PERSON = Asker("T1", "U1", "C1")
PER_HOUR = 3
HOUR = 3_600


async def test_so_many_in_an_hour_and_not_one_more(store: Store, clock: Clock) -> None:
    reveals = RevealQuota(store, PER_HOUR)
    for _ in range(PER_HOUR):
        assert await reveals.take(PERSON) is None
        clock.advance(60)
    limited = await reveals.take(PERSON)
    assert isinstance(limited, Limited)
    assert (limited.limit, limited.seconds) == (Limit.REVEALS, HOUR - PER_HOUR * 60)
    assert limited.code.startswith("E-")


async def test_after_as_long_as_was_said_there_is_one_more(store: Store, clock: Clock) -> None:
    """What was refused does not count, and what is an hour old does not any more."""
    reveals = RevealQuota(store, PER_HOUR)
    for _ in range(PER_HOUR):
        assert await reveals.take(PERSON) is None
        clock.advance(60)
    limited = await reveals.take(PERSON)
    assert limited is not None
    clock.advance(limited.seconds - 1)
    again = await reveals.take(PERSON)
    assert again is not None
    assert again.seconds == 1
    clock.advance(1)
    assert await reveals.take(PERSON) is None
    next_one = await reveals.take(PERSON)
    assert next_one is not None
    assert next_one.seconds == 60


async def test_each_person_has_their_own(store: Store) -> None:
    """Of another workspace too; and wherever they ask."""
    reveals = RevealQuota(store, 1)
    for asker in (PERSON, PERSON._replace(user="U2"), PERSON._replace(team="T2")):
        assert await reveals.take(asker) is None
        assert await reveals.take(asker._replace(channel="C2")) is not None


async def test_processes_at_once_count_together(url: str, clock: Clock) -> None:
    async with opened(url, clock) as one, opened(url, clock) as other, opened(url, clock) as third:
        takes = [RevealQuota(store, 10).take(PERSON) for _ in range(8) for store in (one, other, third)]
        taken = await asyncio.gather(*takes)
    assert taken.count(None) == 10


async def test_limit_that_was_lowered_holds_for_what_was_counted_before(store: Store, clock: Clock) -> None:
    for _ in range(5):
        assert await RevealQuota(store, 5).take(PERSON) is None
        clock.advance(60)
    limited = await RevealQuota(store, 2).take(PERSON)
    assert limited is not None
    assert limited.seconds == HOUR - 120


async def test_clock_that_was_put_back_gives_nobody_more(store: Store, clock: Clock) -> None:
    reveals = RevealQuota(store, 1)
    assert await reveals.take(PERSON) is None
    clock.advance(-600)
    limited = await reveals.take(PERSON)
    assert limited is not None
    assert limited.seconds == HOUR + 600


async def test_what_does_not_count_any_more_is_deleted_of_everybody(database: str, clock: Clock) -> None:
    async with opened(database, clock) as store:
        for user in ("U1", "U2"):
            await RevealQuota(store, 9).take(Asker("T1", user))
        clock.advance(HOUR)
        await RevealQuota(store, 9).take(Asker("T1", "U3"))
    with closing(sqlite3.connect(database.removeprefix("sqlite:///"))) as connection:
        assert connection.execute("SELECT person FROM reveals").fetchall() == [("U3",)]


async def test_without_a_database_nobody_can_count(clock: Clock) -> None:
    with pytest.raises(StoreUnavailable):
        await RevealQuota(Store("sqlite:///:memory:", clock), 30).take(PERSON)


@settings(max_examples=25)
@given(
    steps=st.lists(st.tuples(st.sampled_from(["U1", "U2"]), st.integers(0, 2_000)), max_size=40),
    per_hour=st.integers(1, 4),
)
def test_nobody_ever_has_more_than_that_in_any_hour(steps: list[tuple[str, int]], per_hour: int) -> None:
    """And who is refused has had as many."""

    async def check() -> None:
        clock = Clock()
        granted: list[tuple[str, float]] = []
        async with opened("sqlite:///:memory:", clock) as store:
            for user, seconds in steps:
                clock.advance(seconds)
                last_hour = [at for who, at in granted if who == user and at > clock() - HOUR]
                limited = await RevealQuota(store, per_hour).take(Asker("T1", user))
                assert (limited is not None) == (len(last_hour) == per_hour)
                if limited is None:
                    granted.append((user, clock()))

    asyncio.run(check())
