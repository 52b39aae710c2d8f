"""``customer-bot directory …``: what it prints, where, with which exit status, and what is in the database then."""

import asyncio
import os
import pty
import re
import resource
import signal
import sqlite3
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import closing, suppress
from pathlib import Path

import pytest
from pytest_mock import MockerFixture
from typer.testing import CliRunner, Result

from bot.cli.main import cli
from bot.customers.directory.index import Directory
from bot.domain.directory import Entry, Kept
from bot.domain.profile import ServiceNetwork
from bot.errors import StoreUnavailable
from bot.playground.fake_crm.server import APP_ID, APP_SECRET, FAULTS, Fault, SampleCrm
from tests.conftest import Logs
from tests.processes.test_processes import customer_bot, ended
from tests.processes.test_sync_processes import becomes
from tests.support.spreadsheets import FULL, HEADER, ID, OTHER, SECOND, csv_file, csv_text, xlsx_file
from tests.support.surfaces import NO_DATABASE

Run = Callable[..., Result]
TOKEN = {"ESHOUHOU_ACCESS_TOKEN": "t"}


@pytest.fixture
def run(logs: Logs, database: str) -> Run:
    """Runs ``customer-bot directory`` with the given words on this test's database."""

    def run(*words: str | Path, **env: str) -> Result:
        own = {"DATABASE_URL": database, "ESHOUHOU_APP_ID": "a", "ESHOUHOU_APP_SECRET": "b"}
        return CliRunner().invoke(cli, ["directory", *map(str, words)], env={**own, **env})

    return run


def dump(database: str) -> list[str]:
    """Everything that is in the database."""
    with closing(sqlite3.connect(database.removeprefix("sqlite:///"))) as connection:
        return sorted(connection.iterdump())


def numbers(database: str | Path) -> dict[str, str]:
    """Of the customers that the directory has, by their ids."""
    with closing(sqlite3.connect(str(database).removeprefix("sqlite:///"))) as connection:
        return dict(connection.execute("SELECT customer_id, number FROM customers"))


def numbered(count: int) -> list[tuple[str, str]]:
    return [(f"00000000-0000-4000-8000-{number:012}", f"CF{number:08}") for number in range(count)]


def test_import_adds_the_customers_of_a_file(run: Run, database: str, tmp_path: Path) -> None:
    result = run("import", csv_file(tmp_path / "customers.csv", [HEADER, FULL, SECOND], "gbk"))
    assert (result.exit_code, result.stderr) == (0, "")
    assert result.stdout == "added      2\nchanged    0\nunchanged  0\nleft out   0\n"
    assert numbers(database) == {ID: "CF00000179", OTHER: "CF00000180"}
    assert run("stats").stdout.splitlines() == [
        "customers             2",
        "with a number         2",
        "with a phone or mail  2",
        "phones and mails      4",
        "last sync             never",
    ]


def test_import_that_is_stopped_while_it_reads_says_that_nothing_was_imported(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def pressed(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("bot.customers.directory.importer.read_customers", pressed)
    result = run("import", csv_file(tmp_path / "customers.csv", [HEADER, FULL]))
    assert (result.exit_code, result.stderr) == (1, "customer-bot: stopped: nothing was imported\n")


def test_import_run_again_changes_nothing(run: Run, database: str, tmp_path: Path) -> None:
    """Whatever the file is."""
    run("import", csv_file(tmp_path / "customers.csv", [HEADER, FULL, SECOND]))
    before = dump(database)
    result = run("import", xlsx_file(tmp_path / "customers.xlsx", [HEADER, SECOND, FULL]))
    assert result.stdout == "added      0\nchanged    0\nunchanged  2\nleft out   0\n"
    assert dump(database) == before


def test_import_changes_what_is_new_and_leaves_what_a_file_does_not_say(
    run: Run, database: str, tmp_path: Path
) -> None:
    run("import", csv_file(tmp_path / "all.csv", [HEADER, FULL, SECOND]))
    result = run("import", csv_file(tmp_path / "numbers.csv", [HEADER[:2], (ID, "CF00000999"), SECOND[:2]]))
    assert result.stdout == "added      0\nchanged    1\nunchanged  1\nleft out   0\n"
    assert numbers(database) == {ID: "CF00000999", OTHER: "CF00000180"}
    assert "phones and mails      4" in run("stats").stdout


def test_import_tells_the_rows_that_it_leaves_out(run: Run, database: str, tmp_path: Path) -> None:
    """By line and reason, and nothing of what stands there."""
    wrong = [("13800001002", "杭州", "王五", "赵六", "13800001003", "x@example.com")] * 22
    result = run("import", csv_file(tmp_path / "file.csv", [HEADER, FULL, (*SECOND[:4], "无", "@"), *wrong]))
    lines = result.stdout.splitlines()
    assert (result.exit_code, result.stderr) == (0, "")
    assert lines[:5] == [
        "added      2",
        "changed    0",
        "unchanged  0",
        "left out   22",
        "  line 4: the customer id is not a GUID",
    ]
    assert lines[23:] == [
        "  line 23: the customer id is not a GUID",
        "  … and 2 more",
        "1 phones and addresses of mail cannot be read",
    ]
    assert not [cell for cell in (*FULL[2:], *SECOND[2:], *wrong[0]) if cell in result.output]
    assert set(numbers(database)) == {ID, OTHER}


def test_import_of_nobody_is_done(run: Run, tmp_path: Path) -> None:
    result = run("import", csv_file(tmp_path / "file.csv", [HEADER]))
    assert (result.exit_code, result.stdout.splitlines()[0]) == (0, "added      0")


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "the file is empty"),
        (b"%PDF-1.7", "it is a PDF: save the table as .xlsx or .csv"),
        (b"PK\x03\x04", "it cannot be read as an XLSX workbook (BadZipFile)"),
        (
            csv_text([HEADER[1:], FULL[1:]]).encode(),
            "line 1: there is no column 客户id (customer_id), only 客户编号, 客户名称, 联系人, 联系电话, 邮箱",
        ),
        (
            csv_text([HEADER, SECOND, *numbered(3_000)]).encode() + b'"',
            "line 3003: a quote is never closed, stands where none can, or holds far too much",
        ),
        (csv_text([HEADER, SECOND]).encode() + b"\xff", "line 3: it is no text in UTF-8, UTF-16 or GB18030"),
    ],
    ids=["empty", "PDF", "cut zip", "a column missing", "wrong at its end", "damaged at its end"],
)
def test_import_of_a_file_that_is_refused_leaves_the_directory_as_it_was(
    run: Run, database: str, tmp_path: Path, content: bytes, reason: str
) -> None:
    run("import", csv_file(tmp_path / "before.csv", [HEADER, FULL]))
    before = dump(database)
    path = tmp_path / "file.csv"
    path.write_bytes(content)
    result = run("import", path)
    assert (result.exit_code, result.stdout, result.stderr) == (1, "", f"customer-bot: {reason}\n")
    assert dump(database) == before


def test_import_of_no_file_is_refused(run: Run, tmp_path: Path) -> None:
    result = run("import", tmp_path / "none.csv")
    reason = "customer-bot: the file cannot be read: No such file or directory\n"
    assert (result.exit_code, result.stdout, result.stderr) == (1, "", reason)


def test_import_goes_on_where_the_database_was_lost(
    run: Run, database: str, tmp_path: Path, mocker: MockerFixture
) -> None:
    """No fake loses a database between two batches."""
    keep = Directory.keep
    rows: list[Entry] = []

    async def losing(self: Directory, network: ServiceNetwork, entries: Sequence[Entry]) -> Kept:
        rows.extend(entries)
        if len(rows) > 2_000:
            raise StoreUnavailable("the database is full")
        return await keep(self, network, entries)

    mocker.patch.object(Directory, "keep", losing)
    path = csv_file(tmp_path / "file.csv", [HEADER[:2], *numbered(2_500)])
    result = run("import", path)
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr == "customer-bot: the database is full: 2000 rows were imported; run it again\n"
    assert len(numbers(database)) == 2_000
    mocker.stopall()
    assert run("import", path).stdout == "added      500\nchanged    0\nunchanged  2000\nleft out   0\n"


@pytest.mark.parametrize("command", ["import", "sync", "stats"])
def test_without_a_database_there_is_one_line(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, command: str
) -> None:
    monkeypatch.setattr("bot.cli.directory.OPENING_SECONDS", 0.5)
    words = [command, csv_file(tmp_path / "file.csv", [HEADER])] if command == "import" else [command]
    result = run(*words, DATABASE_URL=NO_DATABASE)
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr == "customer-bot: the database cannot be used: unable to open database file\n"


@pytest.mark.parametrize("words", [["import", "x.csv"], ["sync"], ["stats"]])
def test_missing_setting_is_wrong_usage(run: Run, words: list[str]) -> None:
    result = run(*words, ESHOUHOU_APP_ID="", ESHOUHOU_APP_SECRET="")
    assert (result.exit_code, result.stdout) == (2, "")
    assert re.fullmatch(r"customer-bot: set ESHOUHOU_APP_ID .+\n", result.stderr)


@pytest.mark.parametrize("words", [[], ["import"], ["fly"], ["import", "a", "b"]])
def test_wrong_usage_is_status_two(run: Run, words: list[str]) -> None:
    assert run(*words).exit_code == 2


def test_import_keeps_no_phones_without_a_key(run: Run, tmp_path: Path) -> None:
    env = {**TOKEN, "ESHOUHOU_APP_ID": "", "ESHOUHOU_APP_SECRET": ""}
    assert run("import", csv_file(tmp_path / "file.csv", [HEADER, FULL]), **env).exit_code == 0
    assert "phones and mails      0" in run("stats", **env).stdout


@pytest.fixture
async def crm() -> AsyncIterator[SampleCrm]:
    """The process has the real time, and so has its CRM."""
    async with SampleCrm().open() as crm:
        yield crm


@pytest.fixture
def env(crm: SampleCrm, database: str) -> dict[str, str]:
    return {
        "PATH": os.environ["PATH"],
        "ESHOUHOU_BASE_URL": crm.address,
        "ESHOUHOU_APP_ID": APP_ID,
        "ESHOUHOU_APP_SECRET": APP_SECRET,
        "CRM_REQUESTS_PER_SECOND": "1000",
        "DATABASE_URL": database,
    }


async def test_sync_tells_what_it_does_and_what_it_came_to(env: dict[str, str], database: str) -> None:
    async with customer_bot("directory", "sync", env=env) as process:
        status, out, err = await ended(process)
    assert status == 0
    assert re.fullmatch(r"seen     \d+\nnew      \d+\nmissing  \d+\n", out)
    states = [line.split(", ")[0] for line in err.splitlines()]
    assert states == ["contacts", "devices", "work orders"]
    assert err.startswith("contacts, page 1: 0 customers seen, 0 new\n")
    known = len(numbers(database))
    assert f"new      {known}\n" in out
    async with customer_bot("directory", "stats", env=env) as process:
        _, out, _ = await ended(process)
    assert f"customers             {known}\n" in out
    assert re.search(r"last sync             \d{4}-\d\d-\d\d \d\d:\d\d:\d\d\+00:00\n", out)


@pytest.mark.parametrize("stop", [signal.SIGTERM, signal.SIGINT], ids=["SIGTERM", "Ctrl-C"])
async def test_sync_that_is_stopped_goes_on_there_at_once(
    env: dict[str, str], crm: SampleCrm, stop: signal.Signals
) -> None:
    crm.faults["GetCustomerProducts"] = Fault(hang=True)
    async with customer_bot("directory", "sync", env=env) as process:
        await becomes(lambda: crm.asked["GetCustomerProducts"])
        process.send_signal(stop)
        status, out, err = await ended(process)
    assert (status, out) == (0, "stopped; the next sync goes on where this one stopped\n")
    assert "Traceback" not in err
    crm.faults.clear()
    contacts = crm.asked["GetCustomerContacts"]
    async with customer_bot("directory", "sync", env=env) as process:
        status, _, err = await ended(process)
    assert status == 0
    assert err.startswith("devices, page 1: ")
    assert crm.asked["GetCustomerContacts"] == contacts


async def test_sync_that_the_crm_ends_says_why(env: dict[str, str], crm: SampleCrm) -> None:
    crm.fault = FAULTS["refused"]
    async with customer_bot("directory", "sync", env=env) as process:
        status, out, err = await ended(process)
    assert (status, out) == (1, "seen     0\nnew      0\nmissing  0\n")
    reported = err.splitlines()[-1]
    assert re.fullmatch("customer-bot: the CRM failed: .*ResultCode 1001.*", reported)
    assert reported.endswith("; the next sync goes on where this one stopped")


async def test_import_that_is_stopped_keeps_what_it_has(env: dict[str, str], database: str, tmp_path: Path) -> None:
    path = csv_file(tmp_path / "file.csv", [HEADER[:2], *numbered(8_000)])
    async with customer_bot("directory", "import", str(path), env=env) as process:
        await becomes(lambda: numbers(database))
        process.terminate()
        status, out, err = await ended(process)
    assert (status, out) == (1, "")
    reported = re.fullmatch(r"customer-bot: stopped: (\d+) rows were imported; run it again\n", err)
    assert reported is not None
    assert len(numbers(database)) - int(reported[1]) in (0, 1_000), "the batch that was being written may be there"
    async with customer_bot("directory", "import", str(path), env=env) as process:
        assert (await ended(process))[0] == 0
    assert numbers(database) == dict(numbered(8_000))


def everything_in(terminal: int) -> str:
    """Nobody writes to it any more, which Linux tells by an error."""
    drawn = b""
    with open(terminal, "rb", buffering=0) as reader, suppress(OSError):
        while more := reader.read(65_536):
            drawn += more
    return drawn.decode()


@pytest.mark.parametrize(
    ("words", "shown"),
    [(("import", "file.csv"), ("reading", "writing")), (("sync",), ("work orders, page ", "customers seen"))],
    ids=["import", "sync"],
)
async def test_progress_is_drawn_in_a_terminal(
    env: dict[str, str], tmp_path: Path, words: tuple[str, ...], shown: tuple[str, ...]
) -> None:
    """On standard error: standard output has the report alone."""
    path = csv_file(tmp_path / "file.csv", [HEADER[:2], *numbered(1_500)])
    given = [str(path) if word == "file.csv" else word for word in words]
    ours, theirs = pty.openpty()
    try:
        in_terminal = customer_bot("directory", *given, env={**env, "TERM": "xterm"}, stderr=theirs)
        async with in_terminal as process, asyncio.timeout(20):
            out, _ = await process.communicate()
    finally:
        os.close(theirs)
    drawn = everything_in(ours)
    assert process.returncode == 0
    assert all(words in drawn for words in shown)
    assert not any(words.encode() in out for words in shown)


@pytest.mark.timeout(300)
async def test_200_000_rows_are_imported_in_little_memory(env: dict[str, str], database: str, tmp_path: Path) -> None:
    path = csv_file(tmp_path / "file.csv", [HEADER[:2], *numbered(200_000)])
    async with customer_bot("directory", "import", str(path), env=env) as process, asyncio.timeout(280):
        out, err = await process.communicate()
    assert (process.returncode, err) == (0, b"")
    assert out == b"added      200000\nchanged    0\nunchanged  0\nleft out   0\n"
    assert len(numbers(database)) == 200_000
    assert resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss < 500_000
