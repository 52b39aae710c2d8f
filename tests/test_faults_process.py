"""What may happen to the process itself: its log cannot be written any more."""

import os

import pytest

from tests.accountant import EACH_ANSWERED_ONCE, Kind
from tests.faults import House, house_fixture  # noqa: F401  # a fixture

pytestmark = pytest.mark.faults


def assert_whoever_asked_was_answered(house: House) -> None:
    """Without a log nobody can tell a card that was left out from one that was lost."""
    verdict = house.accountant.verdict([])
    assert verdict._replace(lost=()) == EACH_ANSWERED_ONCE
    assert [
        request for request in verdict.lost if Kind.MESSAGE.name not in request and Kind.LINK.name not in request
    ] == []


async def test_log_cannot_be_written(house: House) -> None:
    """The disk is full on which it is kept: people are answered all the same, and operators are told once."""
    full = os.open("/dev/full", os.O_WRONLY)
    bot = await house.serve(stdout=full)
    os.close(full)
    await house.warm_up()
    await house.mix()
    end = await bot.stop()
    assert (end.status, end.err) == (0, "customer-bot: the log cannot be written: No space left on device\n")
    assert_whoever_asked_was_answered(house)


async def test_nobody_reads_the_log_any_more(house: House) -> None:
    """What was at the other end of standard output has ended."""
    reading, writing = os.pipe()
    bot = await house.serve(stdout=writing)
    os.close(writing)
    os.close(reading)
    await house.warm_up()
    await house.mix()
    end = await bot.stop()
    assert (end.status, end.err) == (0, "customer-bot: the log cannot be written: Broken pipe\n")
    assert_whoever_asked_was_answered(house)
