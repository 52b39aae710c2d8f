"""One piece of work for all who ask for the same thing at once."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from bot.runtime.single_flight import SingleFlight
from bot.runtime.tasks import BackgroundTasks


class Work:
    """Begins when asked, ends when released."""

    def __init__(self) -> None:
        self.begun = 0
        self.released = asyncio.Event()
        self.error: Exception | None = None

    async def __call__(self) -> int:
        self.begun += 1
        await self.released.wait()
        if self.error:
            raise self.error
        return self.begun


@pytest.fixture
async def background() -> AsyncIterator[BackgroundTasks]:
    background = BackgroundTasks()
    yield background
    assert await background.drain(2) == 0


@pytest.fixture
def single_flight(background: BackgroundTasks) -> SingleFlight[str, int]:
    return SingleFlight(background)


async def test_all_who_ask_at_once_share_one(single_flight: SingleFlight[str, int]) -> None:
    work = Work()
    asking = [asyncio.create_task(single_flight.join("a", work)) for _ in range(100)]
    await asyncio.sleep(0)
    work.released.set()
    assert await asyncio.gather(*asking) == [1] * 100


async def test_who_asks_afterwards_begins_anew(single_flight: SingleFlight[str, int]) -> None:
    work = Work()
    work.released.set()
    assert [await single_flight.join("a", work), await single_flight.join("a", work)] == [1, 2]


async def test_other_things_are_other_work(single_flight: SingleFlight[str, int]) -> None:
    work = Work()
    work.released.set()
    await asyncio.gather(single_flight.join("a", work), single_flight.join("b", work))
    assert work.begun == 2


async def test_who_leaves_does_not_end_it(single_flight: SingleFlight[str, int]) -> None:
    work = Work()
    leaving = asyncio.create_task(single_flight.join("a", work))
    staying = asyncio.create_task(single_flight.join("a", work))
    await asyncio.sleep(0)
    leaving.cancel()
    work.released.set()
    assert await staying == 1
    with pytest.raises(asyncio.CancelledError):
        await leaving


async def test_failure_is_everybodys_and_is_not_kept(single_flight: SingleFlight[str, int]) -> None:
    work = Work()
    work.error = ValueError("broken")
    work.released.set()
    for outcome in await asyncio.gather(*(single_flight.join("a", work) for _ in range(3)), return_exceptions=True):
        assert outcome is work.error
    work.error = None
    assert await single_flight.join("a", work) == 2
