"""What may happen to the process itself: its log cannot be written any more, its host has no time for it."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from tests.support.fault_harness import Bot, House, assert_each_answered_once, house_fixture  # noqa: F401  # a fixture
from tests.support.response_auditor import EACH_ANSWERED_ONCE, Kind

pytestmark = pytest.mark.faults


def assert_all_requests_were_answered(house: House) -> None:
    """Without a log nobody can tell a card that was left out from one that was lost."""
    verdict = house.auditor.verdict([])
    assert verdict._replace(lost=()) == EACH_ANSWERED_ONCE
    assert [
        request for request in verdict.lost if Kind.MESSAGE.name not in request and Kind.LINK.name not in request
    ] == []


async def test_log_cannot_be_written(house: House) -> None:
    """The disk is full on which it is kept: people are answered all the same, and operators get one log line."""
    full = os.open("/dev/full", os.O_WRONLY)
    bot = await house.serve(stdout=full)
    os.close(full)
    await house.warm_up()
    await house.mix()
    end = await bot.stop()
    assert (end.status, end.err) == (0, "customer-bot: the log cannot be written: No space left on device\n")
    assert_all_requests_were_answered(house)


async def test_nobody_reads_the_log_any_more(house: House) -> None:
    """What was at the other end of standard output has ended."""
    query, writing = os.pipe()
    bot = await house.serve(stdout=writing)
    os.close(writing)
    os.close(query)
    await house.warm_up()
    await house.mix()
    end = await bot.stop()
    assert (end.status, end.err) == (0, "customer-bot: the log cannot be written: Broken pipe\n")
    assert_all_requests_were_answered(house)


@asynccontextmanager
async def _standing_still_now_and_then(bot: Bot) -> AsyncIterator[None]:
    """Half a second, and again, with as long between: less than what Slack waits for."""

    async def stand_still() -> None:
        try:
            while True:
                bot.process.send_signal(signal.SIGSTOP)
                await asyncio.sleep(0.5)
                bot.process.send_signal(signal.SIGCONT)
                await asyncio.sleep(0.5)
        finally:
            bot.process.send_signal(signal.SIGCONT)

    standing_still = asyncio.create_task(stand_still())
    try:
        yield
    finally:
        standing_still.cancel()
        await asyncio.wait({standing_still})


async def test_host_has_no_time_for_the_process_now_and_then(house: House) -> None:
    """Whatever takes longer than it was given then, waits for the database among it, costs nobody an answer."""
    bot = await house.serve()
    await house.warm_up()
    async with _standing_still_now_and_then(bot):
        await house.mix()
    assert_each_answered_once(house, await bot.stop())
