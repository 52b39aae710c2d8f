"""Opening the database: in the background, until it works, and with nothing heavy loaded before."""

import asyncio
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text

from bot.domain.preferences import Remembered
from bot.errors import StoreUnavailable
from bot.store import tables
from bot.store.schema import MIGRATIONS, REVISIONS
from bot.store.store import Store
from tests.conftest import Clock, Logs
from tests.support.databases import empty_database, opened

ROOT = Path(__file__).parents[2]


async def until(condition: Callable[[], object]) -> None:
    async with asyncio.timeout(10):
        while not condition():  # noqa: ASYNC110
            await asyncio.sleep(0.01)


async def trouble_of(url: str, clock: Clock) -> str:
    """What is said after the first try, and by the parts too."""
    store = Store(url, clock, first_wait_seconds=0.01)
    opening = asyncio.create_task(store.open())
    try:
        await until(lambda: "not open yet" not in store.trouble)
        with pytest.raises(StoreUnavailable) as caught:
            await store.claims.claim("event Ev1", 900)
        assert str(caught.value) == store.trouble
        return store.trouble
    finally:
        await store.close()
        assert opening.done()


@pytest.mark.parametrize("is_new", [True, False], ids=["new", "of an older version"])
async def test_sqlite_files_are_for_their_owner_alone(tmp_path: Path, clock: Clock, is_new: bool) -> None:
    path = tmp_path / "customer-bot.db"
    if not is_new:
        path.touch(0o644)
    async with opened(f"sqlite:///{path}", clock) as store:
        await store.claims.claim("event Ev1", 900)
        files = {file.name: oct(file.stat().st_mode & 0o777) for file in tmp_path.iterdir()}  # noqa: ASYNC240
    assert files == dict.fromkeys(("customer-bot.db", "customer-bot.db-wal", "customer-bot.db-shm"), "0o600")


async def test_before_it_is_open_every_part_is_unavailable(clock: Clock) -> None:
    store = Store("sqlite:///:memory:", clock)
    parts: list[Callable[[], object]] = [
        lambda: store.claims,
        lambda: store.mutes,
        lambda: store.saved_customers,
        lambda: store.directory,
        lambda: store.card_outcomes,
        lambda: store.sync_state,
        lambda: store.reveal_quota,
        lambda: store.erasures,
        lambda: store.invalidations,
        lambda: store.audit_log,
        lambda: store.crm_tokens,
        lambda: store.database,
    ]
    for part in parts:
        with pytest.raises(StoreUnavailable, match="the database is not open yet"):
            part()
    await store.close()


async def test_a_closed_store_is_unavailable(clock: Clock) -> None:
    async with opened("sqlite:///:memory:", clock) as store:
        assert store.trouble == ""
    assert store.trouble == "the database is closed"
    with pytest.raises(StoreUnavailable):
        await store.claims.claim("event Ev1", 900)


async def test_several_processes_open_an_empty_database_at_once(url: str, clock: Clock) -> None:
    stores = [Store(url, clock, first_wait_seconds=0.01) for _ in range(4)]
    await asyncio.gather(*(store.open() for store in stores))
    assert [store.trouble for store in stores] == [""] * 4
    assert sum([await store.claims.claim("event Ev1", 900) for store in stores]) == 1
    await asyncio.gather(*(store.close() for store in stores))


async def test_opening_goes_on_until_the_database_is_there(tmp_path: Path, clock: Clock, logs: Logs) -> None:
    """Each try that fails is one warning."""
    store = Store(f"sqlite:///{tmp_path}/later/store.db", clock, first_wait_seconds=0.01)
    opening = asyncio.create_task(store.open())
    await until(lambda: len(logs.lines("database_unavailable")) >= 2)
    with pytest.raises(StoreUnavailable):
        await store.claims.claim("event Ev1", 900)
    (tmp_path / "later").mkdir()
    await opening
    assert store.trouble == ""
    assert await store.claims.claim("event Ev1", 900)
    await store.close()
    assert {line["level"] for line in logs.lines("database_unavailable")} == {"warning"}


async def test_what_keeps_a_file_from_being_used_is_said(tmp_path: Path, clock: Clock) -> None:
    (tmp_path / "corrupt.db").write_bytes(b"no database at all, but long enough to be read as one" * 100)
    (tmp_path / "directory.db").mkdir()
    assert await trouble_of(f"sqlite:///{tmp_path}/corrupt.db", clock) == (
        "the database cannot be used: file is not a database"
    )
    for name in ("missing/store.db", "directory.db", "corrupt.db/store.db"):
        assert await trouble_of(f"sqlite:///{tmp_path}/{name}", clock) == (
            "the database cannot be used: unable to open database file"
        )


async def test_a_database_without_the_right_to_write_says_so(tmp_path: Path, clock: Clock) -> None:
    """As root no file is read-only; a database that says so of itself is."""
    connection = sqlite3.connect(tmp_path / "store.db")
    connection.execute("CREATE TABLE alembic_version (version_num TEXT)")
    connection.close()
    content = bytearray((tmp_path / "store.db").read_bytes())
    content[18] = 3  # the version of the format needed to write: one that does not exist, so it is only read
    (tmp_path / "store.db").write_bytes(content)
    said = await trouble_of(f"sqlite:///{tmp_path}/store.db", clock)
    assert said == "the database cannot be used: attempt to write a readonly database"


@pytest.mark.parametrize(
    ("host", "said"),
    [
        ("127.0.0.1:1", "the database cannot be reached: Connection refused"),
        ("%2Fnowhere", "the database cannot be reached: No such file or directory"),
    ],
)
async def test_a_server_that_cannot_be_reached(host: str, said: str, clock: Clock, logs: Logs) -> None:
    """Neither the host nor the user nor the password is named."""
    assert await trouble_of(f"postgresql://u53r:s3cr3t@{host}/name", clock) == said
    assert not [word for word in ("u53r", "s3cr3t", "127.0.0.1", "nowhere") if word in logs.text]


async def test_a_wrong_password_or_database_is_reported_by_its_kind(tmp_path: Path, clock: Clock, logs: Logs) -> None:
    async with empty_database("postgresql", tmp_path) as url:
        scheme, _, rest = url.partition("://")
        wrong = f"{scheme}://u53r:s3cr3t@{rest.partition('@')[2]}"
        assert await trouble_of(wrong, clock) == "the database refuses: InvalidPasswordError"
        assert await trouble_of(f"{url}_missing", clock) == "the database refuses: InvalidCatalogNameError"
    assert not [word for word in ("u53r", "s3cr3t", "_missing") if word in logs.text]


async def test_the_revisions_are_alembics(url: str, clock: Clock) -> None:
    """They are kept by hand, so that Alembic need not be imported to know them."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    script = ScriptDirectory.from_config(config)
    assert script.get_current_head() == REVISIONS[-1]
    assert [revision.revision for revision in script.walk_revisions()][::-1] == list(REVISIONS)


async def test_the_migrations_make_the_tables(url: str, clock: Clock) -> None:
    def differences(connection: Connection) -> object:
        return compare_metadata(MigrationContext.configure(connection), tables.metadata)

    async with opened(url, clock) as store:
        assert await store.database.read(differences) == []


async def test_a_database_of_a_newer_version_is_used_as_it_is(url: str, clock: Clock) -> None:
    """An older process goes on while a newer one is rolled out: changes are additive."""

    def upgrade(connection: Connection) -> None:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
        connection.execute(text("ALTER TABLE recents ADD COLUMN colour TEXT"))

    async with opened(url, clock) as store:
        await store.database.write(upgrade)
    async with opened(url, clock) as store:
        await store.saved_customers.remember("T1", "U1", Remembered("id-a", "Acme"))
        assert (await store.saved_customers.of("T1", "U1")).recent == (Remembered("id-a", "Acme"),)


async def test_sqlite_writes_ahead(tmp_path: Path, clock: Clock) -> None:
    async with opened(f"sqlite:///{tmp_path}/store.db", clock):
        connection = sqlite3.connect(tmp_path / "store.db")
        assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
        connection.close()


def loaded(code: str) -> list[str]:
    """Which of the heavy libraries a process has loaded that ran ``code``, somewhere else than here."""
    heavy = "print(*(name for name in ('sqlalchemy', 'alembic', 'asyncpg') if name in sys.modules))"
    command = [sys.executable, "-c", f"import sys\nsys.path.insert(0, {str(ROOT)!r})\n{code}\n{heavy}"]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=30)
    return done.stdout.splitlines()[-1].split()


def test_nothing_heavy_is_loaded_before_the_first_answer() -> None:
    assert loaded("import bot.store.store, bot.app") == []


async def test_alembic_is_loaded_for_an_upgrade_alone(tmp_path: Path) -> None:
    """And its scripts are found from any working directory."""
    url = f"sqlite:///{tmp_path}/store.db"
    code = "import asyncio, time\nfrom bot.store.store import Store\n"
    code += f"async def run():\n store = Store({url!r}, time.time)\n await store.open()\n await store.close()\n"
    code += "asyncio.run(run())"
    assert await asyncio.to_thread(loaded, code) == ["sqlalchemy", "alembic"]
    assert await asyncio.to_thread(loaded, code) == ["sqlalchemy"]
