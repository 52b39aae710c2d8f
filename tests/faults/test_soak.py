"""Fifty people over two thousand customers, two processes on one PostgreSQL, and bad times that come and go.

``make soak`` runs it for ten minutes, CI for one. SOAK_SECONDS is how long, SOAK_SEED whatever is left to chance.
"""

import asyncio
import os
import random
import sys
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

import aiohttp
import pytest

from bot.playground.network_faults import Line
from tests.support.databases import empty_database
from tests.support.fault_harness import Bot, End, House, assert_ended_well, given_up, lines_of, open_house
from tests.support.load_users import CUSTOMERS, MEMBERS, crowd, live
from tests.support.outages import MENDED_SECONDS, Spell, is_well, spells, weather
from tests.support.response_auditor import EACH_ANSWERED_ONCE
from tests.support.soak_report import Memory, Soaked, acknowledged_in, percentile, report, resident_mb

SECONDS: Final = min(float(os.environ.get("SOAK_SECONDS", "60")), 600.0)
SEED: Final = int(os.environ.get("SOAK_SEED") or random.SystemRandom().randrange(1_000_000))
SETTINGS: Final = {
    "ESHOUHOU_TIMEOUT_SECONDS": "1.5",
    "ACK_BUDGET_SECONDS": "0.4",
    "CACHE_TTL_SECONDS": "10",
}
"""What an operator may set who wants acknowledgements soon: by default a command waits 1.5 s for its card."""
P99_SECONDS: Final = 1.0
TIMEOUT_SECONDS: Final = 14.0
"""Twice the CRM's time, the six seconds in which a private answer is tried, and something for a busy machine."""
WARM_SECONDS: Final = 6.0
"""After so long a process has loaded what it loads late."""
GROWTH: Final = 1.5
FOUND: Final = 0.6
"""So many of the lookups of those who may lead to a customer, if to an old copy: bad times are not all the time."""

pytestmark = pytest.mark.soak


class Processes:
    """Two that serve, one of which is now and then replaced, and how much memory they have."""

    def __init__(self, house: House) -> None:
        self._house = house
        self.running: dict[str, Bot] = {}
        """By address, the oldest first."""
        self.ends: list[End] = []
        self._memory: dict[str, list[tuple[float, float]]] = {}
        """By address: times, and MB."""

    async def start(self) -> None:
        """One more, to which people are led once it is ready, as by any load balancer."""
        bot, address = await self._house.listens(None, None, **SETTINGS)
        async with asyncio.timeout(MENDED_SECONDS), aiohttp.ClientSession() as session:
            while not await is_well(session, address):  # noqa: ASYNC110  # another process comes true
                await asyncio.sleep(0.05)
        self.running[address] = bot
        self._memory[address] = []
        self._house.slack.addresses.append(address)

    async def replace_oldest(self) -> None:
        """It is stopped while people are still led to it."""
        address = next(iter(self.running))
        self.ends.append(await self.running.pop(address).stop())
        self._house.slack.addresses.remove(address)
        await self.start()

    async def stop(self) -> None:
        self.ends += await asyncio.gather(*(bot.stop() for bot in self.running.values()))

    async def watch_memory(self) -> None:
        """For ever, once a second."""
        while True:
            for address, bot in self.running.items():
                self._memory[address].append((time.monotonic(), resident_mb(bot.process.pid)))
            await asyncio.sleep(1.0)

    def memories(self) -> list[Memory]:
        """Of those that were there for longer than they need to warm up."""
        found = []
        for number, samples in enumerate(self._memory.values(), 1):
            warm = [megabytes for at, megabytes in samples if at - samples[0][0] >= WARM_SECONDS and megabytes]
            if warm:
                found.append(Memory(f"process {number}", warm[0], max(warm), warm[-1]))
        return found

    def as_spell(self) -> Spell:
        async def end() -> None:
            pass

        return Spell("process replaced", self.replace_oldest, end, lambda: len(self.ends))


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[tuple[House, Line]]:
    """A house whose database is PostgreSQL, behind a line."""
    async with empty_database("postgresql", tmp_path) as url, Line(url).open() as line:
        who, _, _ = urlsplit(url).netloc.rpartition("@")
        behind = urlsplit(url)._replace(netloc=f"{who}@127.0.0.1:{line.port}").geturl()
        async with open_house(behind, MEMBERS, CUSTOMERS) as house:
            house.auditor.timeout_seconds = TIMEOUT_SECONDS
            yield house, line


@pytest.mark.timeout(SECONDS + 240)
async def test_nothing_is_lost_and_nothing_doubled(house: tuple[House, Line], summary_lines: list[str]) -> None:
    sys.stdout.write(f"SOAK_SEED={SEED}\n")
    soaked = await soak(*house)
    summary_lines += report(soaked)
    assert_ended_well(*soaked.ends)
    assert soaked.verdict == EACH_ANSWERED_ONCE
    assert given_up(*soaked.ends) == set()
    assert percentile(acknowledged_in(soaked.auditor.requests), 99) < P99_SECONDS
    assert [one for one in soaked.passed if not one.felt] == []
    assert [memory for memory in soaked.memories if memory.end > GROWTH * memory.warm] == []
    assert soaked.count("found") > FOUND * (soaked.outcomes.total() - soaked.count("denied"))


async def soak(house: House, database: Line) -> Soaked:
    processes = Processes(house)
    for _ in range(2):
        await processes.start()
    await house.warm_up()
    people, over, began = crowd(house), asyncio.Event(), time.monotonic()
    troubles = [*spells(house, database), processes.as_spell()]
    async with asyncio.TaskGroup() as tasks:
        watching = tasks.create_task(processes.watch_memory())
        for user in people:
            tasks.create_task(live(user, SEED, over))
        passed = await weather(house, troubles, began + SECONDS, random.Random(SEED))
        over.set()
        watching.cancel()
    await processes.stop()
    return Soaked(
        time.monotonic() - began,
        SEED,
        len(people),
        house.auditor,
        house.auditor.verdict(lines_of(*processes.ends)),
        passed,
        processes.memories(),
        house.crm.asked,
        processes.ends,
    )
