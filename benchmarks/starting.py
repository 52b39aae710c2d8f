"""Memory when idle, and the time from the start of the process to its first answer, against bare Bolt with httpx.

``python -m benchmarks.starting``: each is started several times, in turns. The bot's first answer is a customer's card
that has come from the CRM, not a word that it is starting; its memory is read when the database is open, too.
"""

import asyncio
import statistics
import sys
import time
from typing import Final, NamedTuple

from benchmarks.budgets import Result, report
from benchmarks.load import command, send
from benchmarks.servers import BARE_BOLT, BOT, PEOPLE, Server, World, listening, server, world
from bot.playground.fake_crm.server import DOCUMENTED_CUSTOMER

ROUNDS: Final = 5
IDLE_SECONDS: Final = 2.0
"""Until all is loaded that is loaded after the first answer."""
_POLL_SECONDS: Final = 0.005


class Start(NamedTuple):
    seconds: float
    idle_mb: float


async def main() -> list[Result]:
    async with world() as around:
        bare, bot = [], []
        for _ in range(ROUNDS):
            bare.append(await _start(BARE_BOLT, b"ok", around))
            bot.append(await _start(BOT, b"customer_details", around))
    memory, bare_memory = (statistics.median(start.idle_mb for start in starts) for starts in (bot, bare))
    seconds, bare_seconds = (statistics.median(start.seconds for start in starts) for starts in (bot, bare))
    return [
        Result(
            "memory when idle", memory / bare_memory, "× bare Bolt", 2, detail=f"{memory:.0f} and {bare_memory:.0f} MB"
        ),
        Result(
            "from the start to the first answer",
            seconds / bare_seconds,
            "× bare Bolt",
            2,
            detail=f"{seconds:.2f} and {bare_seconds:.2f} s, median of {ROUNDS}",
        ),
    ]


async def _start(module: tuple[str, ...], answer: bytes, around: World) -> Start:
    async with server(module, around) as started:
        await listening(started)
        while answer not in await _answer(started):  # noqa: ASYNC110  # there is no event to wait for
            await asyncio.sleep(_POLL_SECONDS)
        seconds = time.perf_counter() - started.started
        if module == BOT:
            around.slack.bot_address = f"http://127.0.0.1:{started.port}"
            await around.slack.wait_for_database()
        await asyncio.sleep(IDLE_SECONDS)
        return Start(seconds, started.resident_mb())


async def _answer(to: Server) -> bytes:
    (sender,) = await send(to, [[command(PEOPLE[0], DOCUMENTED_CUSTOMER, to)]])
    return sender.last_answer


if __name__ == "__main__":
    sys.exit(report(asyncio.run(main())))
