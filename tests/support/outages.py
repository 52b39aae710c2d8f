"""Bad times for a house of two processes: what breaks, for how long, one thing after the other, and that it mends."""

import asyncio
import random
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import suppress
from typing import Final, NamedTuple

import aiohttp
from starlette.responses import PlainTextResponse, Response

from bot.playground.fake_crm.faults import FAULTS, Fault
from bot.playground.fake_slack.server import StandInSlack
from bot.playground.network_faults import Broken, Line
from tests.faults.test_slack import METHODS
from tests.support.fault_harness import BalancedSlack, House
from tests.support.modals import limited

SHORTEST_SECONDS: Final = 1.5
LONGEST_SECONDS: Final = 6.0
MENDED_SECONDS: Final = 20.0
"""The circuit of a CRM that was unavailable for some seconds may stay open for as long again."""
REFUSALS: Final = 10
"""Of what follows by response_url: so few that each gets through while it is still tried."""
CRM_SAYS: Final = {
    "CRM down": FAULTS["down"],
    "CRM slow": Fault(delay=0.8),
    "CRM hangs": FAULTS["hang"],
    "CRM answers HTML": FAULTS["html"],
    "CRM busy (429)": FAULTS["busy"],
    "CRM truncates": FAULTS["cut"],
}
CRM_LINE: Final = {
    "CRM resets": Broken.RESET,
    "CRM cut": Broken.CUT,
    "CRM drips": Broken.DRIP,
}


class Spell(NamedTuple):
    """Something that goes wrong from ``begin`` to ``end``. ``felt`` counts, for ever, how often anything met it."""

    name: str
    begin: Callable[[], Awaitable[None]]
    end: Callable[[], Awaitable[None]]
    felt: Callable[[], int]


class Passed(NamedTuple):
    """A spell that is over: how long it was, how often it was met, and after how long all was well again."""

    name: str
    seconds: float
    felt: int
    mended_seconds: float


async def weather(house: House, spells: list[Spell], until: float, chance: random.Random) -> list[Passed]:
    """Every spell once, in any order, with pauses between them; and again and again, until ``until``.

    Raises TimeoutError if a process does not say, in MENDED_SECONDS after a spell, that all is well.
    """
    passed: list[Passed] = []
    seconds = (until - time.monotonic()) / len(spells)
    lasts = min(max(seconds * 0.45, SHORTEST_SECONDS), LONGEST_SECONDS)
    for spell in _in_any_order(spells, chance):
        passed.append(await _pass(house, spell, lasts))
        await asyncio.sleep(lasts - min(lasts, passed[-1].mended_seconds))
        if time.monotonic() >= until and len(passed) >= len(spells):
            break
    return passed


def _in_any_order(spells: list[Spell], chance: random.Random) -> Iterator[Spell]:
    """For ever: all of them before any of them again."""
    while True:
        yield from chance.sample(spells, len(spells))


async def _pass(house: House, spell: Spell, seconds: float) -> Passed:
    before, began = spell.felt(), time.monotonic()
    await spell.begin()
    await asyncio.sleep(seconds)
    await spell.end()
    ended = time.monotonic()
    await mended(house.slack)
    return Passed(spell.name, ended - began, spell.felt() - before, time.monotonic() - ended)


async def mended(slack: BalancedSlack) -> None:
    """Until each process says that all is well. Raises TimeoutError."""
    async with asyncio.timeout(MENDED_SECONDS), aiohttp.ClientSession() as session:
        while not all([await is_well(session, address) for address in slack.addresses]):  # noqa: ASYNC110
            await asyncio.sleep(0.1)


async def is_well(session: aiohttp.ClientSession, address: str) -> bool:
    """Whether the process is ready, and everything that it uses is as it should be."""
    with suppress(aiohttp.ClientError):
        async with session.get(f"{address}/readyz") as answer:
            state = await answer.json()
            return bool(state["ready"]) and all(state[part] == "ok" for part in ("crm", "slack", "database"))
    return False


def spells(house: House, database: Line) -> Iterator[Spell]:
    """All but what becomes of the processes themselves."""
    yield from (_crm_says(house, name, fault) for name, fault in CRM_SAYS.items())
    yield from (_line_breaks(house.crm_line, name, broken) for name, broken in CRM_LINE.items())
    yield _token_is_revoked(house)
    yield _lull(house.slack, "Slack limits (429)", lambda: limited("1"))
    yield _lull(house.slack, "Slack answers 503", lambda: PlainTextResponse("Service Unavailable", 503))
    yield Spell("database refuses", database.cut_off, database.mend, lambda: database.broke)
    yield _line_breaks(database, "database hangs", Broken.DEAF)


def _crm_says(house: House, name: str, fault: Fault) -> Spell:
    async def begin() -> None:
        house.crm.fault = fault

    async def end() -> None:
        house.crm.fault = None

    return Spell(name, begin, end, house.crm.asked.total)


def _line_breaks(line: Line, name: str, broken: Broken) -> Spell:
    async def begin() -> None:
        line.broken = broken

    return Spell(name, begin, line.mend, lambda: line.broke)


def _lull(slack: StandInSlack, name: str, refusal: Callable[[], Response]) -> Spell:
    """Short enough that everything gets through in the end."""
    refused = 0

    async def begin() -> None:
        slack.refusals = [refusal() for _ in range(REFUSALS)]
        for method in METHODS:
            slack.refuse[method] = [refusal()]

    async def end() -> None:
        nonlocal refused
        refused += REFUSALS - len(slack.refusals) + sum(not slack.refuse[method] for method in METHODS)
        slack.refusals = []
        for method in METHODS:
            slack.refuse[method] = []

    return Spell(name, begin, end, lambda: refused)


def _token_is_revoked(house: House) -> Spell:
    async def begin() -> None:
        house.crm.tokens.clear()

    async def end() -> None:
        """There is a new one by then."""

    return Spell("CRM revokes the token", begin, end, lambda: house.crm.asked["TokenApi"])
