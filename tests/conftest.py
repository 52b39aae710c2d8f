"""Every test runs against the playground's own servers, on loopback; no module of the bot is mocked."""

import asyncio
import io
import json
import logging
import os
import shutil
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

from bot.playground.asgi_server import loopback
from bot.playground.demo import PROXIES
from bot.playground.fake_crm.server import APP_SECRET, DOCUMENTED_CUSTOMER, SampleCrm
from bot.playground.fake_slack.server import APP_TOKEN, BOT_TOKEN, SIGNING_SECRET, StandInSlack
from bot.playground.settings import playground_settings
from bot.runtime.logging import configure_logging
from bot.server.http import WebProcess
from bot.store.store import Store
from tests.support.block_kit import hold_to_slack
from tests.support.browser import address_fixture, browser_fixture, enter_fixture  # noqa: F401  # one browser for all files
from tests.support.databases import SQLITE_AND_POSTGRES, empty_database, opened
from tests.support.postgres_server import provide_server
from tests.support.surfaces import TEMPLATE

pytest.register_assert_rewrite("tests.support.fault_harness")

SECRETS = (APP_SECRET, BOT_TOKEN, APP_TOKEN, SIGNING_SECRET, "sample-token-")
OURS = (
    "SLACK_", "ESHOUHOU_", "CACHE_", "ACK_", "DATABASE_", "CUSTOMER_URL_", "UNFURL_", "LOG_", "LANGUAGE", "HOST",
    "PORT", "SSL_CERT_FILE", "ALLOWED_", "ADMIN_", "CHANNEL_", "LOOKUPS_", "REVEALS_", "FIELD_", "CRM_", "DIRECTORY_",
    "ACCESS_", "METRICS_", *PROXIES,
)  # fmt: skip

FASTER_THAN_PEOPLE = 100_000
"""Look-ups a minute: what tests ask on end, at a clock that stands still, is more than people may."""

NAMED_ALONE = ("faults", "soak", "browser")
"""Markers of tests that run when they are named: by -m, or by their file. They take minutes, or need a browser."""
MINUTES_SECONDS = 150

TIMEOUT_SECONDS = 10.0
READY_SECONDS = 2.0
"""A modal's content: less than a trigger id lasts."""

SUMMARY_LINES = pytest.StashKey[list[str]]()

StartBot = Callable[..., Awaitable[WebProcess]]


def pytest_configure(config: pytest.Config) -> None:
    """How long an example of a property takes is no result: the machine may be busy."""
    settings.register_profile("house", deadline=None, suppress_health_check=[HealthCheck.too_slow])
    settings.load_profile("house")
    config.stash[SUMMARY_LINES] = []
    provide_server(config)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Before pytest's own last line, which counts the tests."""
    for line in config.stash[SUMMARY_LINES]:
        terminalreporter.write_line(line)


class Clock:
    """A wall clock that moves when ``advance`` is called."""

    def __init__(self) -> None:
        self.seconds = 1_700_000_000.0

    def __call__(self) -> float:
        return self.seconds

    def advance(self, seconds: float) -> None:
        self.seconds += seconds


class Logs:
    """What the process has logged, a dict a line."""

    def __init__(self, stream: io.StringIO) -> None:
        self._stream = stream

    @property
    def text(self) -> str:
        return self._stream.getvalue()

    def lines(self, event: str | None = None) -> list[dict[str, Any]]:
        """The lines, or those of one event."""
        lines = [json.loads(line) for line in self.text.split("\n") if line]  # U+2028 ends no line of the log
        return [line for line in lines if event is None or line["event"] == event]


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """What takes minutes has the time for it, and is left out of a run over everything, as is what needs a browser."""
    long = [item for item in items if any(item.get_closest_marker(marker) for marker in NAMED_ALONE)]
    for item in long:
        item.add_marker(pytest.mark.timeout(MINUTES_SECONDS))
    named = {config.invocation_params.dir / argument.partition("::")[0] for argument in config.args}
    left_out = [item for item in long if not config.option.markexpr and item.path not in named]
    if left_out:
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if item not in left_out]


@pytest.fixture(autouse=True)
def _clean_environment(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> None:
    """The developer's own settings and ``.env`` have no say in tests; nor are the world's certificates loaded."""
    for name in list(os.environ):
        if name.startswith(OURS):
            monkeypatch.delenv(name)
    monkeypatch.setenv("SSL_CERT_DIR", str(tmp_path_factory.getbasetemp()))
    monkeypatch.chdir(tmp_path_factory.mktemp("cwd"))


@pytest.fixture(autouse=True)
def _generous_timeouts(monkeypatch: pytest.MonkeyPatch) -> None:
    """What the bot waits a moment for before it does without comes in time here, however busy this machine is.

    Tests of doing without set a wait of their own.
    """
    monkeypatch.setattr("bot.inquiries.resolver.SUMMARY_SECONDS", TIMEOUT_SECONDS)
    monkeypatch.setattr("bot.slack.languages.LOCALE_TIMEOUT_SECONDS", TIMEOUT_SECONDS)
    monkeypatch.setattr("bot.slack.views.READY_SECONDS", READY_SECONDS)


@pytest.fixture(autouse=True)
def _short_backoff(monkeypatch: pytest.MonkeyPatch) -> None:
    """Retries of Slack's and the CRM's requests follow at once."""
    monkeypatch.setattr("bot.slack.api.RETRY_WAIT_SECONDS", 0.001)
    monkeypatch.setattr("bot.crm.session.RETRY_WAIT_SECONDS", 0.001)


@pytest.fixture(autouse=True)
def logs() -> Iterator[Logs]:
    """Everything logged, at DEBUG, as JSON. In no test may a secret be logged, or a task fail unseen."""
    stream = io.StringIO()
    root = logging.getLogger()
    handlers, level = root.handlers, root.level
    configure_logging("DEBUG", "json", stream)
    yield Logs(stream)
    root.handlers, root.level = handlers, level
    logging.captureWarnings(False)
    written = stream.getvalue()
    assert not [secret for secret in SECRETS if secret in written]
    assert "never retrieved" not in written
    assert "Unclosed" not in written


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def summary_lines(pytestconfig: pytest.Config) -> list[str]:
    """Lines that are printed in the end, whether or not the test has failed. Not from a worker of pytest-xdist."""
    return pytestconfig.stash[SUMMARY_LINES]


@pytest.fixture(scope="session")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty database with its schema, made once: making one takes longer than most tests."""
    path = tmp_path_factory.mktemp("database") / "migrated.db"

    async def make() -> None:
        store = Store(f"sqlite:///{path}", time.time)
        await store.open()
        await store.close()

    asyncio.run(make())
    return path


@pytest.fixture
def database(migrated: Path, tmp_path: Path) -> str:
    """The DATABASE_URL of an empty database of this test's own."""
    return f"sqlite:///{shutil.copy(migrated, tmp_path / 'customer-bot.db')}"


@pytest.fixture(params=SQLITE_AND_POSTGRES)
async def url(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[str]:
    """The DATABASE_URL of an empty database without a schema, of each kind that the bot can use."""
    async with empty_database(request.param, tmp_path) as url:
        yield url


@pytest.fixture
async def store(database: str, clock: Clock) -> AsyncIterator[Store]:
    """A store that is open."""
    async with opened(database, clock) as store:
        yield store


@pytest.fixture
async def crm(clock: Clock) -> AsyncIterator[SampleCrm]:
    async with SampleCrm(clock).open() as crm:
        yield crm


@pytest.fixture
async def slack(clock: Clock) -> AsyncIterator[StandInSlack]:
    async with StandInSlack(clock).open() as slack:
        yield slack


@pytest.fixture
async def start_bot(crm: SampleCrm, slack: StandInSlack, clock: Clock, database: str) -> AsyncIterator[StartBot]:
    """Starts the bot's web process with the given settings, and ends it after the test.

    Whatever it sent to Slack, in every test, Slack would have taken.
    """
    async with AsyncExitStack() as stack:

        async def start(wait: bool = True, database_opens: bool = True, **settings: Any) -> WebProcess:
            given = {"database_url": database, "lookups_per_minute": FASTER_THAN_PEOPLE, **settings}
            process = WebProcess(playground_settings(crm.address, slack.address, **given), clock)
            slack.bot_address = await stack.enter_async_context(loopback(process.asgi_app()))
            if wait:
                await slack.wait_for_bot()
            if wait and database_opens:
                await slack.wait_for_database()
            return process

        yield start
    hold_to_slack(slack)


@pytest.fixture
async def bot(start_bot: StartBot) -> WebProcess:
    """The bot with a link to each customer and otherwise its default settings, ready."""
    return await start_bot(customer_url_template=TEMPLATE)


@pytest.fixture
def documented() -> str:
    """The id of the customer in the vendor's documentation."""
    return DOCUMENTED_CUSTOMER
