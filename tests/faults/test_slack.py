"""What Slack and the way to it may do: what can be delivered is, once; what cannot is logged, once each."""

import asyncio

import pytest
from starlette.responses import PlainTextResponse

from bot.locales import texts_in
from bot.playground.fake_crm.faults import Fault
from bot.playground.fake_slack.server import CHANNEL
from bot.playground.network_faults import Broken
from tests.support.fault_harness import (  # noqa: F401  # a fixture
    House,
    assert_each_answered_once,
    assert_each_answered_or_given_up,
    assert_each_answered_where_there_is_a_place,
    assert_ended_well,
    given_up,
    house_fixture,
    lines_of,
)
from tests.support.modals import limited
from tests.support.response_auditor import EACH_ANSWERED_ONCE
from tests.support.user_scenarios import all_at_once, command_with_id, mixed

pytestmark = pytest.mark.faults

METHODS = ("chat.postMessage", "chat.unfurl", "views.update", "views.publish", "conversations.info")
"""Those that may be called again, at least while Slack says that it did not take them."""


async def test_slack_refuses_connections_for_good(house: House) -> None:
    """A command is answered in its own request; a click cannot be, and the log says so."""
    bot = await house.serve()
    await house.warm_up()
    await house.slack_line.cut_off()
    await all_at_once(house.visits, mixed())
    end = await bot.stop()
    assert end.events()["answer_not_delivered"]
    assert_each_answered_or_given_up(house, end)


async def test_slack_answers_500_for_good(house: House) -> None:
    bot = await house.serve()
    await house.warm_up()
    house.slack.fault = Fault(status=500, body=b"oops")
    await all_at_once(house.visits, mixed())
    end = await bot.stop()
    assert end.events()["answer_not_delivered"]
    assert_each_answered_or_given_up(house, end)


async def test_slack_answers_503_now_and_then(house: House) -> None:
    """What one person sees is sent again; what a channel sees is not, as it may be there already."""
    bot = await house.serve()
    await house.warm_up()
    house.slack.refusals = [PlainTextResponse("Service Unavailable", 503) for _ in range(5)]
    for method in METHODS:
        house.slack.refuse[method] = [PlainTextResponse("Service Unavailable", 503)]
    await house.mix()
    end = await bot.stop()
    assert not house.slack.refusals
    assert_each_answered_once(house, end)


async def test_slack_limits_the_bot(house: House) -> None:
    """HTTP 429 with Retry-After is nobody's answer: everything is sent after it, and posts too."""
    bot = await house.serve()
    await house.warm_up()
    house.slack.refusals = [PlainTextResponse("ratelimited", 429, {"Retry-After": "1"}) for _ in range(5)]
    for method in METHODS:
        house.slack.refuse[method] = [limited("1")]
    await house.mix()
    end = await bot.stop()
    assert not house.slack.refusals
    assert_each_answered_once(house, end)


async def test_slack_hangs_and_comes_back(house: House) -> None:
    """What was sent meanwhile has not arrived: it is sent again, where it may be."""
    bot = await house.serve()
    await house.warm_up()
    house.slack_line.broken = Broken.DEAF
    mixing = asyncio.create_task(house.mix())
    await asyncio.sleep(1.0)
    await house.slack_line.mend()
    await mixing
    assert_each_answered_where_there_is_a_place(house, await bot.stop())


async def test_slack_takes_everything_and_its_answers_are_lost(house: House) -> None:
    """Nobody can know what has arrived: a private answer may be there twice, a channel's card never is."""
    bot = await house.serve()
    await house.warm_up()
    house.slack_line.broken = Broken.CUT
    await all_at_once(house.visits, mixed())
    end = await bot.stop()
    assert_ended_well(end)
    verdict = house.auditor.verdict(lines_of(end))
    assert verdict._replace(lost=(), doubled=()) == EACH_ANSWERED_ONCE
    assert len(verdict.lost) <= len(given_up(end))
    for request in house.auditor.requests:
        assert len(house.auditor.answers(request)) <= 1 or not request.kind.comes_by_itself
    everything = [(posted.thread_ts, posted.message.text) for posted in house.slack.posts[CHANNEL]]
    assert everything
    assert len(everything) == len(set(everything))


async def test_slack_has_no_address(house: House) -> None:
    """Users who ask meanwhile are asked to wait, and events are left to be delivered again; stopping works."""
    bot = await house.serve(is_ready=False, SLACK_API_URL="http://slack.invalid/api/")
    await all_at_once(house.visits[:3], [command_with_id] * 3)
    said = await house.slack.post_message(f"see {house.visits[0].customer.number}")
    end = await bot.stop()
    answers = [house.auditor.answers(request) for request in house.auditor.requests]
    assert answers == [[texts_in("zh").starting]] * 3
    assert said.message is not None
    assert said.message.status == 503
    assert_ended_well(end)
