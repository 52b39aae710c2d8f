"""One world of the playground: a sample CRM, a stand-in Slack and the bot, connected by real HTTP on loopback."""

import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Final, NamedTuple

from bot.app import build_directory
from bot.playground.asgi_server import loopback
from bot.playground.fake_crm.server import DOCUMENTED_CUSTOMER, SampleCrm
from bot.playground.fake_slack.server import CHANNEL, MANAGER, USER, Posted, StandInSlack
from bot.playground.settings import left_nowhere, playground_settings
from bot.playground.traffic import BOT_TO_CRM, BOT_TO_SLACK, SLACK_TO_BOT, Traffic
from bot.server.http import WebProcess
from bot.settings import Settings

SYNC_PACE: Final = 1_000
"""Requests a second: no other client uses this CRM."""
LOOKUPS_PER_MINUTE: Final = 120
"""Users who try a bot out ask more often than those who work with it."""
FIRST_MESSAGE: Final = "请给 138 0000 1001 回电，还有 CE00000154 的客户也在等。"
"""Names two customers, so that the message's menu has something to find."""


class Panel(NamedTuple):
    """A flexpane that a user has open. ``shown_before`` is how many they had seen when they opened it."""

    channel: str
    ts: str
    url: str
    external_ref: dict[str, Any]
    shown_before: int


@dataclass
class World:
    """``number`` tells worlds apart. ``panels`` are the open flexpanes, by user; ``customers`` counts the directory.

    ``first_card`` is what the salesperson finds in the channel at the start.
    """

    number: int
    crm: SampleCrm
    slack: StandInSlack
    traffic: Traffic
    customers: int
    first_card: Posted
    panels: dict[str, Panel] = field(default_factory=dict)


@asynccontextmanager
async def opened_world(number: int, now: Callable[[], float] = time.time) -> AsyncIterator[World]:
    """A new world, with a first message and a first card in it. ``now`` is the clock of all servers."""
    slack, crm = StandInSlack(now), SampleCrm(now)
    traffic = Traffic(slack.changes.tell, now)
    with left_nowhere() as own:
        async with (
            crm.open(around=partial(traffic.seen_at, way=BOT_TO_CRM)),
            slack.open(around=partial(traffic.seen_at, way=BOT_TO_SLACK)),
        ):
            paces = {"crm_requests_per_second": SYNC_PACE, "lookups_per_minute": LOOKUPS_PER_MINUTE}
            # Each person's language is theirs to choose on the page, whatever the desktop speaks.
            settings = playground_settings(crm.address, slack.address, language="auto", **paces, **own)
            customers = await _filled_directory(settings, now)
            traffic.forget()  # some forty requests that do not come from the page
            bot = traffic.seen_at(WebProcess(settings, now).asgi_app(), SLACK_TO_BOT)
            async with loopback(bot, now=now) as slack.bot_address:
                yield World(number, crm, slack, traffic, customers, await _first_card(slack))
                crm.release()


async def _filled_directory(settings: Settings, now: Callable[[], float]) -> int:
    """What ``customer-bot directory sync`` does, so that every customer is suggested at once. How many there are."""
    async with build_directory(settings, now) as local:
        await local.store.open()
        return (await local.sync.run()).new


async def _first_card(slack: StandInSlack) -> Posted:
    """The first message, and after it the first card, once that has come."""
    await slack.wait_for_bot()
    await slack.wait_for_database()  # so that the first customer is among the recent ones
    await slack.post_message(FIRST_MESSAGE, user=MANAGER)
    await slack.command(DOCUMENTED_CUSTOMER)
    return await slack.until(lambda: next(filter(_is_card, slack.answers[CHANNEL, USER]), None))


def _is_card(posted: Posted) -> bool:
    """A machine that is busy shows a waiting line first."""
    return any(block["type"] == "actions" for block in posted.message.blocks)
