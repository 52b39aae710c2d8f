"""The store: opens and closes the database, and gives access to its repositories.

Nothing imported here loads SQLAlchemy or Alembic: ``Store.open`` loads them in a thread.
"""

import asyncio
from collections.abc import Callable
from importlib import import_module
from typing import TYPE_CHECKING, Final, Generic, TypeVar

import structlog

from bot.errors import StoreUnavailable
from bot.runtime.logging import new_code

if TYPE_CHECKING:
    from bot.store.repositories import Repositories

FIRST_WAIT_SECONDS: Final = 1.0
LONGEST_WAIT_SECONDS: Final = 30.0

T = TypeVar("T")

log = structlog.get_logger(__name__)


class WhenOpen(Generic[T]):
    """A property of Store. It raises StoreUnavailable while the database is not open."""

    def __init__(self, get: "Callable[[Repositories], T]") -> None:
        self._get = get

    def __get__(self, store: "Store", _: object) -> T:
        if (repositories := store.repositories) is None:
            raise StoreUnavailable(store.trouble)
        return self._get(repositories)


class Store:
    """The database. Its properties and all their methods raise StoreUnavailable while it cannot be used.

    ``url`` is DATABASE_URL as the settings check it. ``now`` is the wall clock in epoch seconds.
    """

    database = WhenOpen(lambda repositories: repositories.database)
    claims = WhenOpen(lambda repositories: repositories.claims)
    mutes = WhenOpen(lambda repositories: repositories.mutes)
    saved_customers = WhenOpen(lambda repositories: repositories.saved_customers)
    directory = WhenOpen(lambda repositories: repositories.directory)
    card_outcomes = WhenOpen(lambda repositories: repositories.card_outcomes)
    sync_state = WhenOpen(lambda repositories: repositories.sync_state)
    reveal_quota = WhenOpen(lambda repositories: repositories.reveal_quota)
    erasures = WhenOpen(lambda repositories: repositories.erasures)
    invalidations = WhenOpen(lambda repositories: repositories.invalidations)
    audit_log = WhenOpen(lambda repositories: repositories.audit_log)
    crm_tokens = WhenOpen(lambda repositories: repositories.crm_tokens)

    def __init__(self, url: str, now: Callable[[], float], first_wait_seconds: float = FIRST_WAIT_SECONDS) -> None:
        self._url = url
        self._now = now
        self._first_wait_seconds = first_wait_seconds
        self._trouble = "the database is not open yet"
        self._opening: asyncio.Task[object] | None = None
        self.repositories: Repositories | None = None
        self.first_attempt = asyncio.Event()
        """Set once the first attempt to open the database has succeeded or failed."""

    @property
    def trouble(self) -> str:
        """Why the database cannot be used, in one line; "" if the last transaction succeeded."""
        return self.repositories.database.trouble if self.repositories else self._trouble

    async def open(self) -> None:
        """Connect and upgrade the schema. Retries with exponential backoff until it succeeds: run it as a task.

        Loading the libraries takes about 0.2 seconds, hence the thread.
        """
        self._opening = asyncio.current_task()
        wait = self._first_wait_seconds
        try:
            await asyncio.to_thread(import_module, "bot.store.repositories")
            while not await self._try_to_open():
                await asyncio.sleep(wait)
                wait = min(2 * wait, LONGEST_WAIT_SECONDS)
        finally:
            self._opening = None

    async def close(self) -> None:
        """Stop opening, or close all connections. Afterwards the store is unavailable, unless it is opened again."""
        if self._opening is not None:
            self._opening.cancel()
            await asyncio.wait({self._opening})
        repositories, self.repositories = self.repositories, None
        self._trouble = "the database is closed"
        if repositories is not None:
            await repositories.database.close()

    async def _try_to_open(self) -> bool:
        from bot.store.repositories import Repositories  # loaded in a thread by ``open``
        from bot.store.schema import open_database

        try:
            self.repositories = Repositories(await open_database(self._url), self._now)
        except StoreUnavailable as error:
            self._trouble = str(error)
            log.warning("database_unavailable", reason=self._trouble)
        except Exception:
            code = new_code()
            self._trouble = f"opening the database failed: {code} in the log"
            log.exception("database_opening_failed", code=code)
        self.first_attempt.set()
        return self.repositories is not None
