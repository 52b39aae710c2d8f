"""The bot and bare Bolt as processes of their own, beside the playground's CRM and Slack, and what they use."""

import asyncio
import os
import random
import socket
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final, NamedTuple

from bot.playground.fake_crm.server import APP_ID, APP_SECRET, SampleCrm
from bot.playground.fake_slack.server import BOT_TOKEN, SIGNING_SECRET, StandInSlack
from bot.playground.fake_slack.users import TEAM, Person

BARE_BOLT: Final = ("benchmarks.bare_bolt",)
BOT: Final = ("bot", "serve")
PEOPLE: Final = tuple(f"U0PERSON{number:02}" for number in range(32))
_TICKS: Final = os.sysconf("SC_CLK_TCK")
_TIMEOUT_SECONDS: Final = 30.0
_POLL_SECONDS: Final = 0.002


class World(NamedTuple):
    """What a server speaks to."""

    crm: SampleCrm
    slack: StandInSlack
    directory: Path


@dataclass(frozen=True)
class Server:
    """A process that answers at ``port``; ``started`` is when it was, by time.perf_counter."""

    pid: int
    port: int
    started: float

    def cpu_seconds(self) -> float:
        """What it has used so far, in all its threads, in user and kernel mode; in steps of a hundredth."""
        fields = Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / _TICKS

    def resident_mb(self) -> float:
        status = Path(f"/proc/{self.pid}/status").read_text().splitlines()
        return next(int(line.split()[1]) / 1024 for line in status if line.startswith("VmRSS:"))


@asynccontextmanager
async def world() -> AsyncIterator[World]:
    """The sample CRM and a stand-in Slack, in which PEOPLE are."""
    with TemporaryDirectory(prefix="customer-bot-bench-") as directory:
        async with SampleCrm().open() as crm, StandInSlack().open() as slack:
            slack.people |= {user: Person(user, user.lower()) for user in PEOPLE}
            yield World(crm, slack, Path(directory))


@asynccontextmanager
async def server(module: tuple[str, ...], world: World) -> AsyncIterator[Server]:
    """One that has begun to start; it is ended with the block. What it logs goes to a file, as in production."""
    port = _free_port()
    started = time.perf_counter()
    with (world.directory / f"{port}.log").open("wb") as log:
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", *module, env=_environment(world, port), stdout=log, stderr=log
        )
        try:
            yield Server(process.pid, port, started)
        finally:
            with suppress(ProcessLookupError):
                process.terminate()
            await process.wait()


async def listening(server: Server) -> None:
    """Until it takes connections. Raises TimeoutError."""
    async with asyncio.timeout(_TIMEOUT_SECONDS):
        while True:
            try:
                _, writer = await asyncio.open_connection("127.0.0.1", server.port)
            except ConnectionRefusedError:
                await asyncio.sleep(_POLL_SECONDS)
            else:
                writer.close()
                return


def _free_port() -> int:
    """Below those that the kernel gives to clients: else one that waits for the server may meet itself there."""
    while True:
        port = random.randint(15_000, 32_000)
        with suppress(OSError), socket.create_server(("127.0.0.1", port)):
            return port


def _environment(world: World, port: int) -> dict[str, str]:
    """What people set, and more look-ups a minute than they have; nothing of this shell's own but its paths."""
    return {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": os.pathsep.join(filter(None, sys.path)),
        "SLACK_API_URL": f"{world.slack.address}/api/",
        "SLACK_BOT_TOKEN": BOT_TOKEN,
        "SLACK_SIGNING_SECRET": SIGNING_SECRET,
        "ESHOUHOU_BASE_URL": world.crm.address,
        "ESHOUHOU_APP_ID": APP_ID,
        "ESHOUHOU_APP_SECRET": APP_SECRET,
        "CUSTOMER_URL_TEMPLATE": "https://crm.example.com/customer/{customer_id}",
        "DATABASE_URL": f"sqlite:///{world.directory / f'{port}.db'}",
        "DIRECTORY_SYNC_HOURS": "0",
        "LOOKUPS_PER_MINUTE": "1000000",
        "CACHE_TTL_SECONDS": "86400",
        "HOST": "127.0.0.1",
        "PORT": str(port),
    }


__all__ = ["BARE_BOLT", "BOT", "PEOPLE", "TEAM", "Server", "World", "listening", "server", "world"]
