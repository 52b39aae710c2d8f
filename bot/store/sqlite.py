"""SQLite: one connection, in a thread of its own."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Event
from typing import Final, TypeVar

from sqlalchemy import URL, QueuePool, create_engine, event
from sqlalchemy.engine.interfaces import DBAPIConnection

from bot.store.engine import Work

BUSY_SECONDS: Final = 5.0
"""How long SQLite waits for another process's write."""

T = TypeVar("T")


class SqliteEngine:
    """An Engine. SQLite writes one thing at a time anyway, and in the thread's queue nobody polls for the lock.

    Python is told to begin no transaction itself: it would do so too late, and not at all before DDL.
    """

    def __init__(self, path: str) -> None:
        self._engine = create_engine(
            URL.create("sqlite", database=path),
            connect_args={"timeout": BUSY_SECONDS, "isolation_level": None},
            poolclass=QueuePool,
            pool_size=1,
            max_overflow=0,
            hide_parameters=True,
        )
        event.listen(self._engine, "connect", _prepare)
        self._thread = ThreadPoolExecutor(1, "sqlite")

    async def read(self, work: Work[T]) -> T:
        return await self._in_thread(self._read, work)

    async def write(self, work: Work[T]) -> T:
        """What the thread has not begun it does not begin once it is given up; of what is under way it has to hear."""
        given_up = Event()
        try:
            return await self._in_thread(self._write, work, given_up)
        except asyncio.CancelledError:
            given_up.set()
            raise

    async def dispose(self) -> None:
        """After the transaction that is under way, if any: it waits no longer than BUSY_SECONDS for others."""
        await self._in_thread(self._engine.dispose)
        self._thread.shutdown()

    def _in_thread(self, errand: Callable[..., T], *given: object) -> asyncio.Future[T]:
        return asyncio.get_running_loop().run_in_executor(self._thread, errand, *given)

    def _read(self, work: Work[T]) -> T:
        with self._engine.connect() as connection:
            connection.exec_driver_sql("BEGIN")
            return work(connection)

    def _write(self, work: Work[T], given_up: Event) -> T:
        """It takes the write lock first: a reader that becomes a writer would be refused without a wait."""
        with self._engine.connect() as connection:
            connection.exec_driver_sql("BEGIN IMMEDIATE")
            result = work(connection)
            if not given_up.is_set():
                connection.commit()
            return result


def _prepare(connection: DBAPIConnection, _: object) -> None:
    """In WAL mode readers and the writer do not wait for one another, and a commit needs no fsync to be consistent."""
    cursor = connection.cursor()
    cursor.execute("PRAGMA journal_mode=WAL")
    cursor.execute("PRAGMA synchronous=NORMAL")
    cursor.close()
