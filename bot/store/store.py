"""The store's door. Nothing here loads SQLAlchemy or Alembic before ``open`` does so in a thread."""

import asyncio
from collections.abc import Callable
from importlib import import_module
from typing import TYPE_CHECKING, Final

import structlog

from bot.errors import StoreUnavailable
from bot.runtime.logging import new_code

if TYPE_CHECKING:
    from bot.store.audit_log import AuditLogRepository
    from bot.store.card_outcomes import CardOutcomeRepository
    from bot.store.claims import ClaimRepository
    from bot.store.crm_tokens import CrmTokenRepository
    from bot.store.directory import DirectoryRepository
    from bot.store.erasures import ErasureRepository
    from bot.store.invalidations import InvalidationRepository
    from bot.store.mutes import MuteRepository
    from bot.store.repositories import Connected
    from bot.store.reveal_quota import RevealQuotaRepository
    from bot.store.saved_customers import SavedCustomersRepository
    from bot.store.sync_state import SyncStateRepository

FIRST_WAIT_SECONDS: Final = 1.0
LONGEST_WAIT_SECONDS: Final = 30.0

log = structlog.get_logger(__name__)


class Store:
    """The database and its parts. The parts, and all their methods, raise StoreUnavailable when it cannot be used.

    ``url`` is DATABASE_URL as the settings check it. ``now`` is the wall clock in epoch seconds.
    """

    def __init__(self, url: str, now: Callable[[], float], first_wait_seconds: float = FIRST_WAIT_SECONDS) -> None:
        self._url = url
        self._now = now
        self._wait_seconds = first_wait_seconds
        self._trouble = "the database is not open yet"
        self._opening: asyncio.Task[object] | None = None
        self._connected: Connected | None = None
        self.first_attempt = asyncio.Event()
        """Set when it has been opened, or could not be at the first try."""

    @property
    def trouble(self) -> str:
        """Why the database cannot be used, in one line; "" when it can, or could when it was used last."""
        return self._connected.database.trouble if self._connected else self._trouble

    async def open(self) -> None:
        """Connect and bring the schema up to date, tried with growing waits until it is done: for the background.

        It loads the libraries, which takes a fifth of a second, in a thread.
        """
        self._opening = asyncio.current_task()
        try:
            await asyncio.to_thread(import_module, "bot.store.repositories")
            await self._try_until_open()
        finally:
            self._opening = None

    async def close(self) -> None:
        """Stop opening, or close all connections. The store cannot be used any more."""
        if self._opening is not None:
            self._opening.cancel()
            await asyncio.wait({self._opening})
        connected, self._connected = self._connected, None
        self._trouble = "the database is closed"
        if connected is not None:
            await connected.database.close()

    @property
    def claims(self) -> "ClaimRepository":
        return self._parts.claims

    @property
    def mutes(self) -> "MuteRepository":
        return self._parts.mutes

    @property
    def saved_customers(self) -> "SavedCustomersRepository":
        return self._parts.saved_customers

    @property
    def directory(self) -> "DirectoryRepository":
        return self._parts.directory

    @property
    def card_outcomes(self) -> "CardOutcomeRepository":
        return self._parts.card_outcomes

    @property
    def sync_state(self) -> "SyncStateRepository":
        return self._parts.sync_state

    @property
    def reveal_quota(self) -> "RevealQuotaRepository":
        return self._parts.reveal_quota

    @property
    def erasures(self) -> "ErasureRepository":
        return self._parts.erasures

    @property
    def invalidations(self) -> "InvalidationRepository":
        return self._parts.invalidations

    @property
    def audit_log(self) -> "AuditLogRepository":
        return self._parts.audit_log

    @property
    def crm_tokens(self) -> "CrmTokenRepository":
        return self._parts.crm_tokens

    @property
    def _parts(self) -> "Connected":
        if self._connected is None:
            raise StoreUnavailable(self._trouble)
        return self._connected

    async def _try_until_open(self) -> None:
        wait = self._wait_seconds
        while not await self._try():
            await asyncio.sleep(wait)
            wait = min(2 * wait, LONGEST_WAIT_SECONDS)

    async def _try(self) -> bool:
        from bot.store.repositories import connect  # loaded by now: see above

        try:
            self._connected = await connect(self._url, self._now)
        except StoreUnavailable as error:
            self._trouble = str(error)
            log.warning("database_unavailable", reason=self._trouble)
        except Exception:
            code = new_code()
            self._trouble = f"opening the database failed: {code} in the log"
            log.exception("database_opening_failed", code=code)
        self.first_attempt.set()
        return self._connected is not None
