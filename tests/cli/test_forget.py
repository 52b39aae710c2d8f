"""``customer-bot forget``: whom it takes out, what it prints, with which exit status."""

import json
import signal
import sqlite3
from collections.abc import AsyncIterator, Callable
from contextlib import closing
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner, Result

from bot.cli.forget import forget_customer
from bot.cli.main import cli
from bot.playground.fake_crm.server import Fault, SampleCrm
from bot.playground.fake_slack.server import StandInSlack
from bot.playground.settings import playground_settings
from tests.conftest import Logs
from tests.processes.test_processes import (
    card_of,
    customer_bot,
    ended,
    environment,
    free_port,
    listening,
    printed_until,
)
from tests.processes.test_sync_processes import becomes
from tests.support.spreadsheets import FULL, HEADER, ID, OTHER, SECOND, csv_file
from tests.support.surfaces import DOCUMENTED, FACTORY, NO_DATABASE, UNKNOWN, link

Run = Callable[..., Result]
HELD = ("customers", "contact_hashes", "recents", "pins")


@pytest.fixture
def run(logs: Logs, database: str, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Runs ``customer-bot`` with the given words, without Slack, on this test's database. Nobody is the CRM."""
    monkeypatch.setattr("bot.crm.session.RETRY_WAIT_SECONDS", 0.01)

    def run(*words: str | Path, **env: str) -> Result:
        own = {"DATABASE_URL": database, "ESHOUHOU_ACCESS_TOKEN": "t", "ESHOUHOU_BASE_URL": "http://127.0.0.1:9"}
        key = {"DIRECTORY_KEY": "a key of the tests"}
        return CliRunner().invoke(cli, [*map(str, words)], env={**own, **key, **env})

    return run


@pytest.fixture
def filled(run: Run, database: str, tmp_path: Path) -> None:
    """Two customers are in the directory; one of them also in an outlet's, and on people's shelves."""
    run("directory", "import", csv_file(tmp_path / "customers.csv", [HEADER, FULL, SECOND]))
    execute(
        database,
        "INSERT INTO customers SELECT customer_id, 'outlet', 2, number, name, contact, search, key_id, spelling"
        f" FROM customers WHERE customer_id = '{ID}'",
        f"INSERT INTO recents VALUES ('T1', 'U1', '{ID}', 'name', 1), ('T1', 'U2', '{ID}', 'name', 1)",
        f"INSERT INTO pins VALUES ('T1', 'U1', '{ID}', 'name', 1), ('T1', 'U1', '{OTHER}', 'name', 1)",
    )


def execute(database: str, *statements: str) -> None:
    with closing(sqlite3.connect(database.removeprefix("sqlite:///"))) as connection, connection:
        for statement in statements:
            connection.execute(statement)


def rows(database: str | Path, customer_id: str) -> int:
    """How many are kept of a customer."""
    with closing(sqlite3.connect(str(database).removeprefix("sqlite:///"))) as connection:
        counts = [
            connection.execute(f"SELECT count(*) FROM {table} WHERE customer_id = ?", (customer_id,)).fetchone()[0]
            for table in HELD
        ]
    return sum(counts)


def published(database: str) -> list[str]:
    """The customer ids whose invalidation all processes receive."""
    with closing(sqlite3.connect(database.removeprefix("sqlite:///"))) as connection:
        return [customer_id for (customer_id,) in connection.execute("SELECT customer_id FROM forgets")]


@pytest.mark.usefixtures("filled")
@pytest.mark.parametrize(
    "customer",
    [ID, ID.upper(), link(ID), FULL[1], FULL[2], FULL[4], FULL[5]],
    ids=["id", "id in capitals", "link", "number", "name", "phone", "mail"],
)
def test_forget_takes_out_whomever_it_finds_and_counts_what_went(run: Run, database: str, customer: str) -> None:
    """In every service network and in everybody's saved customers; the other customer stays as it is."""
    before = rows(database, OTHER)
    result = run("forget", customer)
    assert (result.exit_code, result.stderr) == (0, "")
    assert result.stdout.splitlines() == [
        f"customer          {ID}",
        "directory         2",
        "phones and mails  2",
        "recents           2",
        "pins              1",
    ]
    assert rows(database, ID) == 0
    assert rows(database, OTHER) == before
    assert published(database) == [ID]


@pytest.mark.usefixtures("filled")
def test_customer_that_is_forgotten_twice_is_not_known_the_second_time(run: Run, database: str) -> None:
    run("forget", ID)
    result = run("forget", ID)
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr == f"customer-bot: nothing was kept of {ID}\n"


def test_id_of_an_unknown_customer_is_published_all_the_same(run: Run, database: str) -> None:
    """One whose database was away may have it in memory."""
    result = run("forget", UNKNOWN)
    assert (result.exit_code, result.stderr) == (1, f"customer-bot: nothing was kept of {UNKNOWN}\n")
    assert published(database) == [UNKNOWN]


@pytest.mark.usefixtures("filled")
def test_forget_does_not_choose_among_several(run: Run, database: str) -> None:
    execute(database, f"UPDATE customers SET number = '{FULL[1]}' WHERE customer_id = '{OTHER}'")
    result = run("forget", FULL[1])
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr == "customer-bot: several customers are meant by this: forget each by its id\n"
    assert published(database) == []


@pytest.mark.parametrize("words", [["forget"], ["forget", ""], ["forget", "?!"], ["forget", ID, OTHER]])
def test_forget_of_nobody_is_wrong_usage(run: Run, words: list[str]) -> None:
    assert run(*words).exit_code == 2


def test_forget_without_its_settings_is_wrong_usage(run: Run) -> None:
    result = run("forget", ID, ESHOUHOU_ACCESS_TOKEN="")
    assert (result.exit_code, result.stdout, result.stderr.count("\n")) == (2, "", 1)


@pytest.mark.parametrize("customer", [ID, "CF00000179"])
def test_forget_without_a_database_fails_in_one_line(run: Run, monkeypatch: pytest.MonkeyPatch, customer: str) -> None:
    monkeypatch.setattr("bot.cli.directory.OPENING_SECONDS", 0.2)
    result = run("forget", customer, DATABASE_URL=NO_DATABASE)
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr == "customer-bot: the database cannot be used: unable to open database file\n"


def test_forget_that_neither_the_directory_nor_the_crm_can_answer_says_so(run: Run, database: str) -> None:
    result = run("forget", "13800001001")
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr.startswith("customer-bot: the directory knows nobody by this, and the CRM failed: no connec")
    assert "13800001001" not in result.stderr
    assert published(database) == []


@pytest.mark.usefixtures("filled")
def test_access_log_stays(run: Run, database: str) -> None:
    """It holds ids alone, and says who has seen which customer."""
    execute(
        database,
        "INSERT INTO accesses (writer, place, at, team, person, channel, surface, customer_id, outcome, audience, ms)"
        f" VALUES ('w', 1, 1, 'T1', 'U1', 'C1', 'command', '{ID}', 'found', 'private', 1)",
    )
    run("forget", ID)
    with closing(sqlite3.connect(database.removeprefix("sqlite:///"))) as connection:
        assert connection.execute("SELECT customer_id FROM accesses").fetchall() == [(ID,)]


# --- Whom the CRM's lists alone know ---------------------------------------------------------------------------------


@pytest.fixture(name="crm_now")
async def crm_of_now() -> AsyncIterator[SampleCrm]:
    """The command has the real time, and so has their CRM."""
    async with SampleCrm().open() as crm:
        yield crm


async def forget(crm: SampleCrm, database: str, customer: str) -> int:
    """Its exit status."""
    try:
        await forget_customer(playground_settings(crm.address, database_url=database), customer)
    except typer.Exit as ended:
        return ended.exit_code
    return 0


async def test_customer_that_the_directory_does_not_know_by_this_is_looked_for_in_the_crm(
    crm_now: SampleCrm, database: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """By the number of a device, say. Nothing is learnt of the customer on the way."""
    execute(database, f"INSERT INTO recents VALUES ('T1', 'U1', '{FACTORY}', 'name', 1)")
    assert await forget(crm_now, database, "CE00000201") == 0
    printed = capsys.readouterr().out.splitlines()
    assert printed[0] == f"customer          {FACTORY}"
    assert printed[1:] == ["directory         0", "phones and mails  0", "recents           1", "pins              0"]
    assert rows(database, FACTORY) == 0


@pytest.mark.parametrize(
    ("customer", "reason"),
    [("13800001027", "several customers are meant by this"), ("CF99999999", "nobody is known by this")],
)
async def test_crm_that_knows_several_or_nobody_is_no_help(
    crm_now: SampleCrm, database: str, capsys: pytest.CaptureFixture[str], customer: str, reason: str
) -> None:
    assert await forget(crm_now, database, customer) == 1
    assert capsys.readouterr().err.startswith(f"customer-bot: {reason}")
    assert published(database) == []


# --- The real processes ----------------------------------------------------------------------------------------------


async def test_process_that_serves_forgets_whom_the_command_line_forgets(
    crm_now: SampleCrm, slack: StandInSlack, tmp_path: Path
) -> None:
    """The customer comes from the CRM again, and not from its memory; its log tells the id and nothing else."""
    port, file = free_port(), tmp_path / "customer-bot.db"
    slack.bot_address = f"http://127.0.0.1:{port}"
    env = environment(crm_now, slack, PORT=str(port), HOST="127.0.0.1", DATABASE_URL=f"sqlite:///{file}")
    async with customer_bot("serve", env=env) as serving:
        await listening(port)
        await slack.wait_for_bot()
        await slack.wait_for_database()
        await card_of(await slack.command(DOCUMENTED))
        await becomes(lambda: rows(file, DOCUMENTED) == 5)
        offline = {name: value for name, value in env.items() if not name.startswith("SLACK_")}
        async with customer_bot("forget", "CF00000179", env=offline) as invalidation:
            status, out, err = await ended(invalidation)
        assert (status, err) == (0, "")
        assert out.startswith(f"customer          {DOCUMENTED}\ndirectory         1\n")
        assert rows(file, DOCUMENTED) == 0
        crm_now.faults = {"GetCustomer": Fault(status=404, body=b"gone")}
        log = await printed_until("customer_forgotten", serving)
        shown = await card_of(await slack.command(DOCUMENTED))
        serving.send_signal(signal.SIGTERM)
        status, out, err = await ended(serving)
    assert (status, err) == (0, "")
    assert shown.text.startswith("易售后没有回应")
    [line] = [line for line in map(json.loads, (log + out).splitlines()) if line["event"] == "customer_forgotten"]
    assert line["customer_id"] == DOCUMENTED
    assert rows(file, DOCUMENTED) == 0
