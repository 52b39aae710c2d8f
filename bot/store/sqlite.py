"""SQLite: one connection, in a thread of its own."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from threading import Event
from typing import Final, TypeVar

from sqlalchemy import URL, QueuePool, create_engine, event
from sqlalchemy.engine.interfaces import DBAPIConnection

from bot.store.engine import Work

BUSY_SECONDS: Final = 5.0
"""How long SQLite waits for another process's write."""

_OWNER_ALONE: Final = 0o600
_EVERYBODY_ELSE: Final = 0o077

T = TypeVar("T")


class SqliteEngine:
    """An Engine. SQLite has one writer at a time anyway; with one thread, transactions queue instead of polling.

    ``isolation_level=None`` keeps Python's driver from beginning transactions: it begins them too late, and not at
    all before DDL.
    """

    def __init__(self, path: str) -> None:
        self._path = Path(path)
        self._engine = create_engine(
            URL.create("sqlite", database=path),
            connect_args={"timeout": BUSY_SECONDS, "isolation_level": None},
            poolclass=QueuePool,
            pool_size=1,
            max_overflow=0,
            hide_parameters=True,
        )
        event.listen(self._engine, "do_connect", lambda *_: self._make_private())
        event.listen(self._engine, "connect", _set_pragmas)
        self._thread = ThreadPoolExecutor(1, "sqlite")

    async def read(self, work: Work[T]) -> T:
        def run() -> T:
            with self._engine.connect() as connection:
                connection.exec_driver_sql("BEGIN")
                return work(connection)

        return await self._in_thread(run)

    async def write(self, work: Work[T]) -> T:
        """Cancelling drops a queued transaction; one that already runs in the thread is rolled back by the flag."""
        cancelled = Event()

        def run() -> T:
            with self._engine.connect() as connection:
                # takes the write lock first: SQLite refuses at once to turn a reader into a second writer
                connection.exec_driver_sql("BEGIN IMMEDIATE")
                result = work(connection)
                if not cancelled.is_set():
                    connection.commit()
                return result

        try:
            return await self._in_thread(run)
        except asyncio.CancelledError:
            cancelled.set()
            raise

    async def dispose(self) -> None:
        """Close the connection after the running transaction, which waits BUSY_SECONDS at most for other processes."""
        await self._in_thread(self._engine.dispose)
        self._thread.shutdown()

    def _make_private(self) -> None:
        """For its owner alone. SQLite gives the mode of the database to the files beside it."""
        if str(self._path) == ":memory:":
            return
        with suppress(OSError):  # SQLite says what is wrong
            self._path.touch(_OWNER_ALONE)
            if self._path.stat().st_mode & _EVERYBODY_ELSE:
                self._path.chmod(_OWNER_ALONE)

    def _in_thread(self, function: Callable[[], T]) -> asyncio.Future[T]:
        return asyncio.get_running_loop().run_in_executor(self._thread, function)


def _set_pragmas(connection: DBAPIConnection, _: object) -> None:
    """In WAL mode readers do not block the writer, nor it them, and a commit is consistent without an fsync."""
    cursor = connection.cursor()
    cursor.execute("PRAGMA journal_mode=WAL")
    cursor.execute("PRAGMA synchronous=NORMAL")
    cursor.close()
