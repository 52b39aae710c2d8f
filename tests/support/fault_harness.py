"""The house of the fault tests: the real process, between the playground's CRM and Slack, on lines that can break."""

import asyncio
import json
import os
import sys
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from itertools import cycle, repeat
from signal import SIGTERM
from typing import Any, Final, NamedTuple

import aiohttp
import pytest

from bot.locales import texts_in
from bot.playground.fake_crm.server import APP_ID, APP_SECRET, SampleCrm
from bot.playground.fake_slack.server import APP_TOKEN, BOT_TOKEN, CHANNEL, SIGNING_SECRET, Exchange, StandInSlack
from bot.playground.network_faults import Line
from tests.processes.test_processes import free_port, listening
from tests.support.response_auditor import EACH_ANSWERED_ONCE, Kind, ResponseAuditor
from tests.support.surfaces import TEMPLATE
from tests.support.user_scenarios import (
    PEOPLE,
    Customer,
    Errand,
    Visit,
    all_at_once,
    command_and_no_more,
    command_with_id,
    customers,
    help,
    home,
    message,
    mixed,
    people,
)

SECRETS: Final = (APP_SECRET, BOT_TOKEN, APP_TOKEN, SIGNING_SECRET, "sample-token-", "access_token=")
SETTINGS: Final = {
    "HOST": "127.0.0.1",
    "LOG_LEVEL": "DEBUG",
    "CUSTOMER_URL_TEMPLATE": TEMPLATE,
    "ESHOUHOU_TIMEOUT_SECONDS": "0.8",
    "ACK_BUDGET_SECONDS": "0.3",
    "CACHE_TTL_SECONDS": "0.01",
    "LOOKUPS_PER_MINUTE": "100000",
    "UNFURL_COOLDOWN_SECONDS": "0.01",
}
"""Short timeouts; each copy is old at once, and no customer was shown only just now."""
ENDS_SECONDS: Final = 28.0
"""What draining may take: platforms kill after thirty seconds."""
ANSWERS_SECONDS: Final = 12.0
NO_SAVED_CUSTOMERS: Final = texts_in("zh").modal.no_saved_customers
GIVEN_UP: Final = frozenset(
    {"answer_not_delivered", "view_not_opened", "view_not_filled", "home_not_published", "panel_refused"}
)
"""What the log says of an answer that Slack did not take."""
FEW: Final = 6
"""So many ask at once before anything breaks."""
FOUND_SECONDS: Final = 30.0
"""The circuit of a CRM that was unavailable may stay open for some time."""


class End(NamedTuple):
    """How a process has ended: its exit status, its log, and what stands on standard error."""

    status: int | None
    out: str
    err: str

    @property
    def lines(self) -> list[dict[str, Any]]:
        """Raises ValueError for a line that is no JSON."""
        return [json.loads(line) for line in self.out.splitlines()]

    @property
    def whole_lines(self) -> list[dict[str, Any]]:
        """Those of a process that was killed, perhaps in the middle of one."""
        return [json.loads(line) for line in self.out.splitlines(keepends=True) if line.endswith("\n")]

    def events(self) -> Counter[str]:
        return Counter(line["event"] for line in self.lines)

    def outcomes(self) -> Counter[tuple[str, str]]:
        """What came of the lookups: outcome and where from."""
        return Counter(
            (line["outcome"], line.get("cache") or "") for line in self.lines if line["event"] == "customer_lookup"
        )


@dataclass
class Bot:
    """A process that serves."""

    process: asyncio.subprocess.Process
    query: "asyncio.Task[tuple[bytes, bytes]]"

    async def stop(self) -> End:
        """SIGTERM, and however it ends then."""
        if self.process.returncode is None:
            self.process.send_signal(SIGTERM)
        return await self.end()

    async def end(self) -> End:
        """However it ends."""
        async with asyncio.timeout(ENDS_SECONDS):
            out, err = await asyncio.shield(self.query)
        return End(self.process.returncode, out.decode(), err.decode())

    async def kill(self) -> None:
        self.process.kill()
        await asyncio.shield(self.query)


class BalancedSlack(StandInSlack):
    """Slack before a load balancer: a request goes to one process after the other, to the next if one is gone.

    ``served_by`` has the address of the process that was given a request, by its response_url.
    """

    def __init__(self) -> None:
        super().__init__()
        self.addresses: list[str] = []
        self.served_by: dict[str, str] = {}
        self._delivering: ContextVar[Exchange] = ContextVar("delivering")
        self._turn = 0

    async def deliver(self, exchange: Exchange, kind: str) -> Exchange:
        """An event that is not acknowledged is delivered once more, at once."""
        self._delivering.set(exchange)
        await super().deliver(exchange, kind)
        if kind == "events_api" and exchange.status != 200:
            exchange.retry_num += 1
            await super().deliver(exchange, kind)
        return exchange

    async def post(self, body: bytes, headers: dict[str, str]) -> tuple[int, bytes]:
        """503 without a process, 502 when there was one and is no more: so say balancers."""
        self._turn += 1
        first = self._turn % len(self.addresses)
        for address in [*self.addresses[first:], *self.addresses[:first]]:
            self.bot_address = address
            self.served_by[self._delivering.get().response_url] = self.bot_address
            try:
                return await super().post(body, headers)
            except aiohttp.ClientConnectorError:
                continue
            except aiohttp.ClientError:
                return 502, b""
        return 503, b""


@dataclass
class House:
    """All that there is. ``crm_line`` and ``slack_line`` are between the bot and them; ``visits`` one person each.

    ``customers`` are all whom the CRM has more than its own.
    """

    crm: SampleCrm
    slack: BalancedSlack
    crm_line: Line
    slack_line: Line
    auditor: ResponseAuditor
    visits: list[Visit]
    customers: list[Customer]
    database: str
    stack: AsyncExitStack = field(default_factory=AsyncExitStack)

    async def serve(
        self,
        preexec_fn: Callable[[], None] | None = None,
        stdout: Any = None,
        is_ready: bool = True,
        database_opens: bool = True,
        **settings: str,
    ) -> Bot:
        """A process, once it is ready and its database is open, as far as they can be."""
        bot, address = await self.listens(preexec_fn, stdout, **settings)
        self.slack.addresses.append(address)
        self.slack.bot_address = address
        if is_ready:
            await self.slack.wait_for_bot()
        if is_ready and database_opens:
            await self.slack.wait_for_database()
        return bot

    async def listens(
        self, preexec_fn: Callable[[], None] | None = None, stdout: Any = None, **settings: str
    ) -> tuple[Bot, str]:
        """A process that is led nobody yet, and its address."""
        port = free_port()
        env = {"PORT": str(port), **self.environment(), **settings}
        bot = await self._start("serve", env, preexec_fn, stdout)
        await listening(port)
        return bot, f"http://127.0.0.1:{port}"

    async def socket(self, **settings: str) -> Bot:
        """One that is connected."""
        bot = await self._start("socket", {**self.environment(), **settings}, None, None)
        async with asyncio.timeout(ANSWERS_SECONDS):
            await self.slack.connected.wait()
        return bot

    def environment(self) -> dict[str, str]:
        return {
            **SETTINGS,
            "PATH": os.environ["PATH"],
            "PYTHONPATH": os.pathsep.join(sys.path),
            "SLACK_API_URL": f"{self.slack_line.address}/api/",
            "SLACK_BOT_TOKEN": BOT_TOKEN,
            "SLACK_APP_TOKEN": APP_TOKEN,
            "SLACK_SIGNING_SECRET": SIGNING_SECRET,
            "ESHOUHOU_BASE_URL": self.crm_line.address,
            "ESHOUHOU_APP_ID": APP_ID,
            "ESHOUHOU_APP_SECRET": APP_SECRET,
            "DATABASE_URL": self.database,
        }

    async def warm_up(self) -> None:
        """All users and the channel are known, and of every second customer there is a copy."""
        await self.look_around()
        await message(self.visits[0])
        await self.slack.until(lambda: self.slack.posts[CHANNEL])
        self.slack.posts.clear()
        self.auditor.forget()

    async def look_around(self) -> None:
        """The same, but for the channel, for which the database is needed."""
        few = asyncio.Semaphore(FEW)
        know_copy = cycle([_look_up, help])
        visits = zip(self.visits, know_copy, strict=False)
        await asyncio.gather(*(_in_turn(few, errand, visit) for visit, errand in visits))
        self.auditor.forget()

    async def mix(self) -> None:
        """Everybody does what they do, at once; until there are answers, if any come."""
        await all_at_once(self.visits, mixed())
        await self.auditor.wait(ANSWERS_SECONDS)

    async def begin(self) -> None:
        """Everybody has asked for a customer, with a small command, and has an acknowledgement and no more."""
        await all_at_once(self.visits, repeat(command_and_no_more))

    async def someone_is_acknowledged(self) -> None:
        """Until things are under way. Raises TimeoutError."""
        await self.slack.until(lambda: sum(request.is_acknowledged for request in self.auditor.requests) >= FEW)

    async def finds_again(self) -> None:
        """Until a customer of whom there was no copy is found. Raises TimeoutError if that takes FOUND_SECONDS."""
        await _look_up(self.visits[1])

    async def database_is_back(self) -> None:
        """Until what needs it works: pins and recents, here. Raises TimeoutError if that takes ANSWERS_SECONDS."""
        async with asyncio.timeout(ANSWERS_SECONDS):
            answers = [NO_SAVED_CUSTOMERS]
            while any(NO_SAVED_CUSTOMERS in answer for answer in answers):
                await asyncio.sleep(0.1)
                answers = await home(self.visits[0])

    async def _start(self, word: str, env: dict[str, str], preexec_fn: Callable[[], None] | None, stdout: Any) -> Bot:
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            *("-m", "bot", word),
            env=env,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=stdout or asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            preexec_fn=preexec_fn,
        )
        bot = Bot(process, asyncio.create_task(_read(process)))
        self.stack.push_async_callback(_kill, bot)
        return bot


async def _look_up(visit: Visit) -> None:
    """Until the customer is found: a busy machine may exceed the CRM's timeout, and then the circuit opens."""
    async with asyncio.timeout(FOUND_SECONDS):
        answers: list[str] = []
        while not any(visit.customer.name in answer for answer in answers):
            answers = await command_with_id(visit)
            await asyncio.sleep(0.1)


async def _in_turn(few: asyncio.Semaphore, errand: Errand, visit: Visit) -> None:
    async with few:
        await errand(visit)


async def _read(process: asyncio.subprocess.Process) -> tuple[bytes, bytes]:
    out, err = await process.communicate()
    return out or b"", err


async def _kill(bot: Bot) -> None:
    if bot.process.returncode is None:
        bot.process.kill()
    await bot.query


@asynccontextmanager
async def open_house(database: str, people_count: int = PEOPLE, customer_count: int = PEOPLE) -> AsyncIterator[House]:
    """With so many people, each with a customer in mind, and at least as many customers."""
    async with (
        SampleCrm().open() as crm,
        BalancedSlack().open() as slack,
        Line(crm.address).open() as crm_line,
        Line(slack.address).open() as slack_line,
        AsyncExitStack() as stack,
    ):
        assert isinstance(slack, BalancedSlack)
        slack.address = slack_line.address
        auditor = ResponseAuditor(slack)
        known = customers(crm, customer_count)
        visits = [
            Visit(slack, auditor, user, customer)
            for user, customer in zip(people(slack, people_count), known, strict=False)
        ]
        yield House(crm, slack, crm_line, slack_line, auditor, visits, known, database, stack)


@pytest.fixture(name="house")
async def house_fixture(database: str) -> AsyncIterator[House]:
    async with open_house(database) as house:
        yield house


def assert_ended_well(*ends: End) -> None:
    """It was stopped and ended: nothing was given up, no task is left, and nothing was said that is no log line."""
    for end in ends:
        sys.stdout.write(end.out)  # to show why it failed
        given_up = [line["given_up"] for line in end.lines if line["event"] == "drained"]
        left = [line["tasks_left"] for line in end.lines if line["event"] == "ended"]
        assert (end.status, end.err, given_up, left) == (0, "", [0], [[]])
        assert_no_bug(end)


def assert_no_bug(end: End) -> None:
    """No traceback and no secret."""
    assert [line for line in end.lines if "exception" in line] == []
    assert [secret for secret in SECRETS if secret in end.out + end.err] == []


def assert_each_answered_once(house: House, *ends: End) -> None:
    """The promise: each request has one final answer, and the bot has ended well."""
    assert_ended_well(*ends)
    verdict = house.auditor.verdict(lines_of(*ends))
    assert verdict == EACH_ANSWERED_ONCE


def assert_each_answered_or_given_up(house: House, *ends: End) -> None:
    """Slack stays away: for each request without an answer there is one that the log says was given up."""
    assert_ended_well(*ends)
    verdict = house.auditor.verdict(lines_of(*ends))
    assert verdict._replace(lost=()) == EACH_ANSWERED_ONCE
    assert len(given_up(*ends)) == len(verdict.lost), verdict.lost


def assert_each_answered_where_there_is_a_place(house: House, *ends: End) -> None:
    """Slack was away for a while. What has a trigger id alone, and no channel to say it in, is in the log then."""
    assert_ended_well(*ends)
    verdict = house.auditor.verdict(lines_of(*ends))
    assert verdict._replace(lost=()) == EACH_ANSWERED_ONCE
    no_place = (Kind.NOTICE.name, Kind.PANEL.name)
    assert [request for request in verdict.lost if request.split()[1] not in no_place] == []
    assert len(verdict.lost) <= len(given_up(*ends))


def given_up(*ends: End) -> set[str]:
    """The requests whose answer was given up, by the log's name for them. None is given up twice."""
    lines = [line for line in lines_of(*ends) if line["event"] in GIVEN_UP]
    not_delivered = Counter(line["request"] for line in lines if line["event"] == "answer_not_delivered")
    assert set(not_delivered.values()) <= {1}
    return {line["request"] for line in lines}


def lines_of(*ends: End) -> Iterator[dict[str, Any]]:
    for end in ends:
        yield from end.lines
