"""``/customer`` answered from the cache, against bare Bolt: throughput and CPU with 32 at once, p50 one at a time.

``python -m benchmarks.cached_command``. Both run as processes of their own on the same server (uvicorn, uvloop,
httptools) and are asked in turns, so that whatever else the machine does meets both; of the rounds the median counts.
The bot is the one that ``customer-bot serve`` runs, with its access log, its limits and its database. Each of 32
people asks for their own customer again and again.
"""

import asyncio
import statistics
import sys
import time
from typing import Final, NamedTuple

from benchmarks.budgets import Result, report
from benchmarks.load import command, send
from benchmarks.servers import BARE_BOLT, BOT, PEOPLE, Server, World, listening, server, world
from bot.playground.fake_crm.server import branches

ROUNDS: Final = 15
REQUESTS_OF_ONE: Final = 60
ALONE: Final = 400
"""Requests one at a time, of each round."""
MICROSECONDS: Final = 1_000_000


class Round(NamedTuple):
    """Requests a second, CPU seconds of one request, and the p50 of one at a time in seconds."""

    throughput: float
    cpu: float
    p50: float


async def main() -> list[Result]:
    async with world() as around, server(BARE_BOLT, around) as bare, server(BOT, around) as bot:
        customers = _customers(around)
        for each in (bare, bot):
            await listening(each)
        around.slack.bot_address = f"http://127.0.0.1:{bot.port}"
        await around.slack.wait_for_bot()
        await around.slack.wait_for_database()
        for each in (bare, bot):
            await _warm(each, customers)
        rounds = [(await _round(bare, customers), await _round(bot, customers)) for _ in range(ROUNDS)]
    return _results(rounds)


def _customers(around: World) -> list[str]:
    """One of each person's own."""
    added = branches(len(PEOPLE))
    around.crm.add_customers(added)
    return list(added)


async def _warm(server: Server, customers: list[str]) -> None:
    """Everybody known, every customer in the cache; and no answer is one of another kind."""
    for _ in range(5):
        senders = await send(server, _requests(server, customers, 10))
    answers = {b"ok" in sender.last_answer or b"customer_details" in sender.last_answer for sender in senders}
    assert answers == {True}, senders[0].last_answer.decode()


async def _round(server: Server, customers: list[str]) -> Round:
    requests = _requests(server, customers, REQUESTS_OF_ONE)
    cpu, began = server.cpu_seconds(), time.perf_counter()
    await send(server, requests)
    seconds, cpu = time.perf_counter() - began, server.cpu_seconds() - cpu
    count = len(requests) * REQUESTS_OF_ONE
    alone = await send(server, [[command(PEOPLE[0], customers[0], server)] * ALONE])
    return Round(count / seconds, cpu / count, statistics.median(alone[0].seconds))


def _requests(server: Server, customers: list[str], each: int) -> list[list[bytes]]:
    return [[command(user, customer, server)] * each for user, customer in zip(PEOPLE, customers, strict=True)]


def _results(rounds: list[tuple[Round, Round]]) -> list[Result]:
    throughput = statistics.median(bot.throughput / bare.throughput for bare, bot in rounds)
    bare_cpu, bot_cpu = (statistics.mean(of_both[place].cpu for of_both in rounds) for place in (0, 1))
    bare_p50, bot_p50 = (statistics.median(of_both[place].p50 for of_both in rounds) for place in (0, 1))
    bare_rate, bot_rate = (statistics.median(of_both[place].throughput for of_both in rounds) for place in (0, 1))
    return [
        Result(
            "/customer from the cache, 32 at once: throughput",
            throughput,
            "× bare Bolt",
            0.8,
            is_least=True,
            detail=f"{bot_rate:.0f} and {bare_rate:.0f} requests a second",
        ),
        Result(
            "the same: CPU of one request",
            bot_cpu / bare_cpu,
            "× bare Bolt",
            1.3,
            detail=f"{bot_cpu * MICROSECONDS:.0f} and {bare_cpu * MICROSECONDS:.0f} µs",
        ),
        Result(
            "the same, one at a time: p50",
            1_000 * bot_p50,
            "ms",
            1,
            detail=f"bare Bolt: {1_000 * bare_p50:.2f} ms",
        ),
    ]


if __name__ == "__main__":
    sys.exit(report(asyncio.run(main())))
