"""A database that does not answer, fails and comes back; and which errors are the operator's, which are bugs."""

import asyncio
import random
import sqlite3
import time
from contextlib import suppress
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from bot.errors import StoreUnavailable
from bot.store.database import Database
from bot.store.postgres import postgres_dsn
from tests.conftest import Clock, Logs
from tests.support.databases import empty_database, on_server, opened

ROWS = 20_000
SLOW = text(f"WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n WHERE x < {ROWS}) SELECT count(*) FROM n")
"""Some milliseconds."""


async def test_a_server_that_never_answers_is_given_up_in_time() -> None:
    """And the next calls fail at once, until the backoff is over."""

    async def never_answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        writer.close()

    silent = await asyncio.start_server(never_answer, "127.0.0.1", 0)
    port = silent.sockets[0].getsockname()[1]
    database = Database(f"postgresql://u:p@127.0.0.1:{port}/name?sslmode=disable", timeout_seconds=0.1)
    for longest in (1.0, 0.05):
        began = time.perf_counter()
        with pytest.raises(StoreUnavailable, match="the database gives no answer in time"):
            await database.read(lambda connection: connection.execute(text("SELECT 1")))
        assert time.perf_counter() - began < longest
    await database.close()
    silent.close()


async def test_a_lock_that_is_not_given_back_ends_the_wait_and_no_more(tmp_path: Path, logs: Logs) -> None:
    """What was not done in time is not done later either, and the database is used again by itself."""
    database = Database(f"sqlite:///{tmp_path}/store.db", timeout_seconds=0.5, backoff_seconds=0)
    await database.write(lambda connection: connection.execute(text("CREATE TABLE t (n INTEGER)")))
    other = sqlite3.connect(tmp_path / "store.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(StoreUnavailable):
        await database.write(lambda connection: connection.execute(text("INSERT INTO t VALUES (1)")))
    assert database.trouble == "the database gives no answer in time"
    other.execute("ROLLBACK")
    async with asyncio.timeout(10):
        while database.trouble:
            try:
                rows = await database.read(lambda connection: connection.execute(text("SELECT n FROM t")).all())
            except StoreUnavailable:
                continue
    assert rows == []
    assert [line["event"] for line in logs.lines() if line["event"].startswith("database")] == [
        "database_lost",
        "database_back",
    ]
    other.close()
    await database.close()


async def test_a_query_that_hangs_is_given_up_in_time(tmp_path: Path) -> None:
    async with empty_database("postgresql", tmp_path) as url:
        database = Database(url, timeout_seconds=0.5, backoff_seconds=0)
        await database.read(lambda connection: connection.execute(text("SELECT 1")))
        began = time.perf_counter()
        with pytest.raises(StoreUnavailable, match="the database gives no answer in time"):
            await database.read(lambda connection: connection.execute(text("SELECT pg_sleep(30)")))
        assert time.perf_counter() - began < 2
        assert await database.read(lambda connection: connection.scalar(text("SELECT 1"))) == 1
        await database.close()


async def test_a_server_that_was_away_is_used_again(tmp_path: Path, clock: Clock) -> None:
    """Connections that died meanwhile cost nobody an error."""
    away = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1"
    async with empty_database("postgresql", tmp_path) as url, opened(url, clock) as store:
        name = url.rpartition("/")[2]
        await on_server(away, name)
        assert await store.claims.claim("event Ev1", 900)
        await on_server(f"ALTER DATABASE {name} ALLOW_CONNECTIONS false")
        await on_server(away, name)
        with pytest.raises(StoreUnavailable):
            await store.claims.claim("event Ev2", 900)
        assert store.trouble == "the database refuses: ObjectNotInPrerequisiteStateError"
        await on_server(f"ALTER DATABASE {name} ALLOW_CONNECTIONS true")
        assert await store.claims.claim("event Ev2", 900)
        assert store.trouble == ""


@pytest.mark.parametrize("wrong", ["SELEKT 1", "SELECT nothing FROM claims", "INSERT INTO pins (team) VALUES ('T1')"])
async def test_wrong_sql_is_a_bug_and_shown_without_values(url: str, clock: Clock, wrong: str) -> None:
    async with opened(url, clock) as store:
        with pytest.raises(DBAPIError):
            await store.database.write(lambda connection: connection.execute(text(wrong)))
        assert store.trouble == ""


async def test_a_bug_in_a_transaction_undoes_it(url: str, clock: Clock) -> None:
    async with opened(url, clock) as store:
        database = store.database

        def work(connection: object) -> None:
            raise ZeroDivisionError

        with pytest.raises(ZeroDivisionError):
            await database.write(work)
        assert await store.claims.claim("event Ev1", 900)


async def test_tables_that_are_gone_are_the_operators(url: str, clock: Clock) -> None:
    async with opened(url, clock) as store:
        await store.database.write(lambda connection: connection.execute(text("DROP TABLE claims")))
        with pytest.raises(StoreUnavailable):
            await store.claims.claim("event Ev1", 900)


async def test_an_operation_that_nobody_waits_for_any_more_is_dropped(url: str, clock: Clock) -> None:
    async with opened(url, clock) as store:
        claim = asyncio.create_task(store.claims.claim("event Ev1", 900))
        await asyncio.sleep(0)
        claim.cancel()
        with pytest.raises(asyncio.CancelledError):
            await claim
        assert await store.claims.claim("event Ev2", 900)


@pytest.mark.parametrize("seed", range(20))
async def test_cancelled_request_leaves_the_queue(tmp_path: Path, seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """In whatever instant that is: who asks next is answered, and in the end no task is left, which might keep the
    process from ending. With aiosqlite one was.
    """
    monkeypatch.setattr("bot.store.database.CLOSING_SECONDS", 0.005)
    chance = random.Random(seed)
    database = Database(f"sqlite:///{tmp_path}/store.db", timeout_seconds=20)

    async def ask_in_a_hurry() -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(chance.choice((0.0, 0.001, 0.005, 0.02))):
                await chance.choice((database.read, database.write))(lambda connection: connection.execute(SLOW))

    async with asyncio.timeout(10):
        await asyncio.gather(*(ask_in_a_hurry() for _ in range(10)))
        assert await database.read(lambda connection: connection.scalar(SLOW)) == ROWS
    asking = [asyncio.create_task(ask_in_a_hurry()) for _ in range(10)]
    await asyncio.sleep(chance.choice((0.0, 0.001, 0.005)))
    await database.close()
    await asyncio.gather(*asking, return_exceptions=True)
    assert not asyncio.all_tasks() - {asyncio.current_task()}


async def test_a_database_that_was_closed_is_not_connected_again(url: str, clock: Clock) -> None:
    """Nor through a repository that was kept: nothing would close that connection any more."""
    async with opened(url, clock) as store:
        claims = store.claims
    with pytest.raises(StoreUnavailable, match="the database is closed"):
        await claims.claim("event Ev1", 900)


@pytest.mark.parametrize(
    ("url", "dsn"),
    [
        ("postgres://u:p@h/n", "postgres://u:p@h/n"),
        ("postgresql://h/n?sslmode=require&channel_binding=require", "postgresql://h/n?sslmode=require"),
        ("postgresql:///n?host=/run/pg&gssencmode=disable", "postgresql:///n?host=%2Frun%2Fpg"),
        ("postgresql://u:p%40w@h1:1,h2:2/n?pool_timeout=3", "postgresql://u:p%40w@h1:1,h2:2/n"),
    ],
)
def test_options_that_the_driver_does_not_know_are_left_out(url: str, dsn: str) -> None:
    """Hosted databases hand out URLs for libpq."""
    assert postgres_dsn(url) == dsn


async def test_a_hosted_databases_url_connects(tmp_path: Path, clock: Clock) -> None:
    async with empty_database("postgresql", tmp_path) as url:
        hosted = url.replace("postgresql://", "postgres://") + "?sslmode=prefer&channel_binding=prefer&x=y"
        async with opened(hosted, clock) as store:
            assert await store.claims.claim("event Ev1", 900)
