"""How much is asked of the CRM at once, in which order, and what becomes of those for whom there is no room."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.crm.circuit_breaker import FAILURES, FIRST_OPEN_SECONDS
from bot.crm.concurrency import LONGEST_PAUSE_SECONDS, WAITING_EACH, ConcurrencyLimit
from bot.errors import CircuitOpen, CrmStatusError, CrmThrottled, CrmUnreachable, Trouble
from tests.conftest import Clock

OPERATION: Final = "GetCustomer"
AT_ONCE: Final = 2
WAIT: Final = 5.0


class SlowCrm:
    """Answers when it is released."""

    def __init__(self) -> None:
        self.order: list[int] = []
        self.at_once = self.most_at_once = 0
        self.open = asyncio.Event()

    async def request(self, number: int) -> int:
        self.order.append(number)
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        try:
            await self.open.wait()
        finally:
            self.at_once -= 1
        return number


@pytest.fixture
def limit(clock: Clock) -> ConcurrencyLimit:
    async def sleep(seconds: float) -> None:
        clock.advance(seconds)

    return ConcurrencyLimit(AT_ONCE, WAIT, clock, sleep)


@asynccontextmanager
async def asking(limit: ConcurrencyLimit, crm: SlowCrm, count: int) -> AsyncIterator[list[asyncio.Task[int]]]:
    """``count`` requests, each as far as it gets by itself."""
    tasks = [asyncio.create_task(limit.run(lambda n=n: crm.request(n), OPERATION)) for n in range(count)]  # type: ignore[misc]
    for _ in range(5):
        await asyncio.sleep(0)
    try:
        yield tasks
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def answers(value: str = "an answer") -> str:
    return value


async def fails(error: Exception) -> str:
    raise error


async def test_so_many_are_under_way_and_the_others_come_in_their_order(limit: ConcurrencyLimit) -> None:
    crm = SlowCrm()
    async with asking(limit, crm, 7) as tasks:
        assert (limit.under_way, limit.waiting) == (AT_ONCE, 5)
        crm.open.set()
        assert await asyncio.gather(*tasks) == list(range(7))
    assert crm.order == list(range(7))
    assert crm.most_at_once == AT_ONCE
    assert (limit.under_way, limit.waiting) == (0, 0)


async def test_request_beyond_the_queue_fails_at_once_as_busy(limit: ConcurrencyLimit) -> None:
    async with asking(limit, SlowCrm(), AT_ONCE * (1 + WAITING_EACH)):
        with pytest.raises(CrmThrottled, match="requests wait already") as refused:
            await limit.run(answers, OPERATION)
    assert refused.value.trouble is Trouble.BUSY
    assert await limit.run(answers, OPERATION) == "an answer"


async def test_request_without_a_turn_in_time_fails_as_busy(clock: Clock) -> None:
    limit = ConcurrencyLimit(1, 0.05, clock)
    async with asking(limit, SlowCrm(), 1):
        with pytest.raises(CrmThrottled, match="no turn within"):
            await limit.run(answers, OPERATION)
    assert (limit.under_way, limit.waiting) == (0, 0)


async def test_one_who_stops_waiting_leaves_the_place_to_the_next(limit: ConcurrencyLimit) -> None:
    crm = SlowCrm()
    async with asking(limit, crm, 4) as tasks:
        tasks[2].cancel()
        tasks[0].cancel()
        crm.open.set()
        assert await tasks[3] == 3
        assert await tasks[1] == 1
    assert crm.order == [0, 1, 3]
    assert (limit.under_way, limit.waiting) == (0, 0)


async def test_open_circuit_sends_no_request_until_its_time_is_over(limit: ConcurrencyLimit, clock: Clock) -> None:
    for _ in range(FAILURES):
        with pytest.raises(CrmUnreachable):
            await limit.run(lambda: fails(CrmUnreachable("hangs")), OPERATION)
    assert limit.trouble == "hangs"
    with pytest.raises(CircuitOpen) as resting:
        await limit.run(answers, OPERATION)
    assert resting.value.retry_after_seconds == FIRST_OPEN_SECONDS
    clock.advance(FIRST_OPEN_SECONDS)
    assert await limit.run(answers, OPERATION) == "an answer"
    assert limit.trouble == ""


async def test_operation_that_fails_keeps_nobody_from_another(limit: ConcurrencyLimit) -> None:
    for _ in range(FAILURES):
        with pytest.raises(CrmStatusError):
            await limit.run(lambda: fails(CrmStatusError(500)), "GetCustomerContacts")
    assert await limit.run(answers, OPERATION) == "an answer"


async def test_waiting_requests_fail_at_once_when_the_circuit_opens(clock: Clock) -> None:
    """They would each have waited for the CRM until its timeout."""
    limit = ConcurrencyLimit(FAILURES, WAIT, clock)
    hangs = asyncio.Event()

    async def unanswered() -> str:
        await hangs.wait()
        raise CrmUnreachable("hangs")

    under_way = [asyncio.create_task(limit.run(unanswered, OPERATION)) for _ in range(FAILURES)]
    waiting = [asyncio.create_task(limit.run(answers, OPERATION)) for _ in range(3)]
    await asyncio.sleep(0)
    hangs.set()
    assert {type(error) for error in await asyncio.gather(*under_way, return_exceptions=True)} == {CrmUnreachable}
    assert {type(error) for error in await asyncio.gather(*waiting, return_exceptions=True)} == {CircuitOpen}


async def test_retry_after_is_waited_for_where_there_is_time(limit: ConcurrencyLimit, clock: Clock) -> None:
    began = clock()
    with pytest.raises(CrmStatusError):
        await limit.run(lambda: fails(CrmStatusError(429, retry_after_seconds=3)), OPERATION)
    assert await limit.run(answers, "GetServiceSpace") == "an answer"
    assert clock() == began + 3


async def test_retry_after_beyond_that_time_makes_all_operations_busy_until_then(
    limit: ConcurrencyLimit, clock: Clock
) -> None:
    with pytest.raises(CrmStatusError):
        await limit.run(lambda: fails(CrmStatusError(429, retry_after_seconds=30)), OPERATION)
    with pytest.raises(CrmThrottled, match="asked to wait for 30 s") as busy:
        await limit.run(answers, "GetServiceSpace")
    assert busy.value.retry_after_seconds == 30
    clock.advance(30 - WAIT)
    assert await limit.run(answers, "GetServiceSpace") == "an answer"


async def test_retry_after_of_a_day_is_not_believed(limit: ConcurrencyLimit, clock: Clock) -> None:
    with pytest.raises(CrmStatusError):
        await limit.run(lambda: fails(CrmStatusError(503, retry_after_seconds=86_400)), OPERATION)
    clock.advance(LONGEST_PAUSE_SECONDS)
    assert await limit.run(answers, OPERATION) == "an answer"


@given(st.lists(st.sampled_from(["ok", "busy", "down", "leaves"]), max_size=60), st.integers(1, 5))
async def test_whatever_happens_no_place_is_lost(steps: list[str], at_once: int) -> None:
    clock = Clock()

    async def sleep(seconds: float) -> None:
        clock.advance(seconds)

    limit = ConcurrencyLimit(at_once, WAIT, clock, sleep)

    async def request(step: str) -> str:
        await asyncio.sleep(0)
        if step == "ok":
            return step
        raise {"busy": CrmStatusError(429, 1), "down": CrmUnreachable("down"), "leaves": asyncio.CancelledError()}[step]

    await asyncio.gather(
        *(limit.run(lambda step=step: request(step), OPERATION) for step in steps),  # type: ignore[misc]
        return_exceptions=True,
    )
    assert (limit.under_way, limit.waiting) == (0, 0)
    clock.advance(LONGEST_PAUSE_SECONDS)
    async with asking(limit, SlowCrm(), at_once):
        assert limit.under_way == (at_once if limit.breakers[OPERATION].state != "half_open" else 1)
