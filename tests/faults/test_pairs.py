"""Two things that go wrong at once, of those that make each other worse."""

import asyncio
import shutil
import sqlite3
from contextlib import closing

import pytest
from starlette.responses import PlainTextResponse

from bot.playground.fake_crm.faults import FAULTS, Fault
from bot.playground.network_faults import Broken
from tests.faults.test_database import file_of
from tests.faults.test_slack import METHODS
from tests.support.fault_harness import (  # noqa: F401  # a fixture
    House,
    assert_each_answered_once,
    assert_ended_well,
    assert_no_bug,
    given_up,
    house_fixture,
)
from tests.support.modals import limited
from tests.support.response_auditor import EACH_ANSWERED_ONCE
from tests.support.user_scenarios import all_at_once, mixed

pytestmark = pytest.mark.faults


async def test_crm_hangs_and_the_database_is_locked(house: House) -> None:
    """Each waits for both, and for no longer than for one: the last copy, or an error."""
    bot = await house.serve()
    await house.warm_up()
    house.crm.fault = Fault(hang=True)
    with closing(sqlite3.connect(file_of(house), isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        await house.mix()
        end = await bot.stop()
    assert end.outcomes()["found", "stale"]
    assert_each_answered_once(house, end)


async def test_crm_and_slack_both_limit_the_bot(house: House) -> None:
    """429 with Retry-After on both sides."""
    bot = await house.serve()
    await house.warm_up()
    house.crm.fault = FAULTS["busy"]
    house.slack.refusals = [PlainTextResponse("ratelimited", 429, {"Retry-After": "1"}) for _ in range(5)]
    for method in METHODS:
        house.slack.refuse[method] = [limited("1")]
    await house.mix()
    end = await bot.stop()
    assert end.outcomes()["found", "stale"]
    assert_each_answered_once(house, end)


async def test_slack_is_down_and_the_process_is_stopped(house: House) -> None:
    """While the CRM is slow: everything is still under way. The process ends in time, and logs what it gave up."""
    bot = await house.serve()
    await house.warm_up()
    house.crm.fault = Fault(delay=0.3)
    beginning = asyncio.create_task(all_at_once(house.visits, mixed()))
    await house.someone_is_acknowledged()
    await house.slack_line.cut_off()
    end = await bot.stop()
    await beginning
    assert_ended_well(end)
    verdict = house.auditor.verdict(end.lines)
    assert verdict._replace(lost=(), unacknowledged=()) == EACH_ANSWERED_ONCE
    assert len(given_up(end)) == len(verdict.lost), verdict.lost


async def test_token_is_refused_and_the_database_is_gone(house: House) -> None:
    bot = await house.serve()
    await house.warm_up()
    house.crm.fault = FAULTS["refused"]
    shutil.rmtree(file_of(house).parent)
    await house.mix()
    end = await bot.stop()
    assert end.outcomes()["found", "stale"]
    assert_each_answered_once(house, end)


async def test_crm_drips_and_one_of_two_processes_is_killed(house: House) -> None:
    """The other takes over: what had not been acknowledged Slack delivers again, or has shown as failed.

    Of the rest nothing is lost but what the killed one had acknowledged, and nothing is there twice.
    """
    one, other = await house.serve(), await house.serve()
    await house.warm_up()
    house.crm_line.broken = Broken.DRIP
    mixing = asyncio.create_task(all_at_once(house.visits, mixed()))
    await house.someone_is_acknowledged()
    killed = house.slack.addresses[0]
    await one.kill()
    await mixing
    await house.auditor.wait(3.0)
    end = await other.stop()
    assert_ended_well(end)
    dead = await one.end()
    assert_no_bug(dead)
    verdict = house.auditor.verdict([*end.lines, *dead.whole_lines])
    assert verdict._replace(lost=(), unacknowledged=()) == EACH_ANSWERED_ONCE
    lost = [request for request in house.auditor.requests if str(request) in verdict.lost]
    assert {house.slack.served_by[request.exchange.response_url] for request in lost if request.exchange} <= {killed}
