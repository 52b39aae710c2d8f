"""The sync in the processes that run it: a bot that serves, and ``customer-bot directory sync``."""

import asyncio
import os
import signal
import sqlite3
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import closing
from pathlib import Path

import pytest

from bot.app import build_app
from bot.playground.fake_crm.server import APP_ID, APP_SECRET, Fault, SampleCrm, branches
from bot.playground.fake_slack.server import StandInSlack
from bot.playground.settings import playground_settings
from bot.store.store import Store
from tests.conftest import Clock, Logs, StartBot
from tests.processes.test_processes import customer_bot, ended
from tests.support.fake_crm_lists import HEAD_OFFICE

CONTACTS = "GetCustomerContacts"
TIMEOUT_SECONDS = 20.0


@pytest.fixture
def syncs_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.customers.directory.sync.FIRST_CHECK_SECONDS", 0.01)


async def becomes(true: Callable[[], object]) -> None:
    async with asyncio.timeout(TIMEOUT_SECONDS):
        while not true():  # noqa: ASYNC110  # what another process does is no event here
            await asyncio.sleep(0.005)


@pytest.mark.usefixtures("syncs_at_once")
async def test_a_bot_that_serves_syncs(start_bot: StartBot, crm: SampleCrm, logs: Logs) -> None:
    """Beside its answers. The log has how many customers, and nothing of them."""
    await start_bot(crm_requests_per_second=1_000)
    await becomes(lambda: logs.lines("directory_sync_ended"))
    [line] = logs.lines("directory_sync_ended")
    assert line["complete"]
    assert line["new"] > 25
    of_every_line = {"event", "level", "logger", "timestamp"}
    assert set(line) - of_every_line == {"complete", "seen", "new", "missing", "reason"}


@pytest.mark.usefixtures("syncs_at_once")
async def test_nobody_waits_for_a_sync_in_the_end(
    crm: SampleCrm, slack: StandInSlack, database: str, clock: Clock, logs: Logs
) -> None:
    """A bot that is stopped gives its turn back: another goes on at once."""
    crm.faults[CONTACTS] = Fault(hang=True)
    settings = playground_settings(crm.address, slack.address, database_url=database)
    async with build_app(settings, now=clock):
        await becomes(lambda: crm.asked[CONTACTS])
    assert logs.lines("drained")[0]["given_up"] == 0
    store = Store(database, clock)
    await store.open()
    await store.sync_state.acquire(HEAD_OFFICE, 60)
    await store.close()


async def test_a_bot_leaves_its_first_seconds_to_people(start_bot: StartBot, crm: SampleCrm, logs: Logs) -> None:
    await start_bot()
    assert crm.asked[CONTACTS] == 0
    assert not logs.lines("directory_sync_began")


@pytest.fixture(name="crm_now")
async def crm_of_now() -> AsyncIterator[SampleCrm]:
    """The process has the real time, and so has its CRM."""
    async with SampleCrm().open() as crm:
        crm.add_customers(branches(120))
        yield crm


def environment(crm: SampleCrm, database: Path) -> dict[str, str]:
    return {
        "PATH": os.environ["PATH"],
        "ESHOUHOU_BASE_URL": crm.address,
        "ESHOUHOU_APP_ID": APP_ID,
        "ESHOUHOU_APP_SECRET": APP_SECRET,
        "DATABASE_URL": f"sqlite:///{database}",
        "CRM_REQUESTS_PER_SECOND": "1000",
    }


def asked_for(crm: SampleCrm) -> Counter[str]:
    """How often GetCustomer was asked for each customer whom it shows."""
    counted = Counter(query["customerId"] for query in crm.asked_for("GetCustomer"))
    return Counter({customer_id: count for customer_id, count in counted.items() if customer_id in crm.customers})


def pages(crm: SampleCrm) -> list[int]:
    return [int(query["pageIndex"]) for query in crm.asked_for(CONTACTS)]


async def test_a_sync_that_was_killed_goes_on_where_it_was(crm_now: SampleCrm, tmp_path: Path) -> None:
    """Once the minute is over in which the dead one might still live. Until then, another process is refused."""
    env = environment(crm_now, tmp_path / "customer-bot.db")
    async with customer_bot("directory", "sync", env=env) as killed:
        await becomes(lambda: crm_now.asked["GetCustomer"] > 60)
        killed.kill()
        assert (await ended(killed))[0] == -9
    asked_before, pages_before = asked_for(crm_now), pages(crm_now)
    assert asked_before.total() < 140
    assert pages_before[-1] > 1

    async with customer_bot("directory", "sync", env=env) as early:
        status, _, err = await ended(early)
    assert (status, asked_for(crm_now)) == (1, asked_before)
    assert "another process is syncing the directory; if that was killed, its turn ends at 20" in err

    with closing(sqlite3.connect(tmp_path / "customer-bot.db")) as connection, connection:
        connection.execute("UPDATE syncs SET until = until - 60")
    async with customer_bot("directory", "sync", env=env) as later:
        status, _, err = await ended(later)
    assert (status, err.count("Traceback")) == (0, 0)
    assert pages(crm_now)[len(pages_before)] >= pages_before[-1]
    repeated = asked_for(crm_now).total() - len(asked_for(crm_now))
    assert repeated <= 1, "but for the one that was under way when the process was killed"
    assert len(asked_for(crm_now)) > 140


async def test_two_processes_on_one_database_do_not_sync_twice(crm_now: SampleCrm, tmp_path: Path) -> None:
    env = environment(crm_now, tmp_path / "customer-bot.db")
    crm_now.faults["GetCustomer"] = Fault(hang=True)
    async with customer_bot("directory", "sync", env=env) as one:
        await becomes(lambda: crm_now.asked["GetCustomer"])
        async with customer_bot("directory", "sync", env=env) as other:
            assert (await ended(other))[0] == 1
        crm_now.release()
        crm_now.faults.clear()
        assert (await ended(one))[0] == 0
    assert set(asked_for(crm_now).values()) == {1}


@pytest.mark.parametrize("stop", [signal.SIGTERM, signal.SIGINT], ids=["SIGTERM", "Ctrl-C"])
async def test_a_sync_that_is_stopped_lets_the_next_one_begin(
    crm_now: SampleCrm, tmp_path: Path, stop: signal.Signals
) -> None:
    env = environment(crm_now, tmp_path / "customer-bot.db")
    async with customer_bot("directory", "sync", env=env) as stopped:
        await becomes(lambda: crm_now.asked["GetCustomer"] > 60)
        stopped.send_signal(stop)
        await ended(stopped)
    async with customer_bot("directory", "sync", env=env) as later:
        assert (await ended(later))[0] == 0
    assert asked_for(crm_now).total() <= len(asked_for(crm_now)) + 1
