"""One token of the CRM's for all processes that share a database: kept there sealed, and fetched by one of them."""

import asyncio
import base64
import secrets
from collections.abc import Coroutine
from typing import TYPE_CHECKING, Any, Final, TypeVar

import structlog

from bot.crm.token_sharing import Grant, Turn
from bot.errors import StoreUnavailable
from bot.privacy.keys import token_key
from bot.settings import Settings
from bot.store.store import Store

if TYPE_CHECKING:
    from cryptography.fernet import Fernet

DATABASE_SECONDS: Final = 0.5
"""How long a lookup without a token waits for the database."""
REST_SECONDS: Final = 2.0
"""How long it is not asked again after that, so that not each of many waits."""
TURN_SECONDS: Final = 2.0
"""How long the others wait for a process that was killed while it fetched a token. TokenApi takes less, as a rule."""

T = TypeVar("T")

log = structlog.get_logger(__name__)


def shared_token(settings: Settings, store: Store) -> "SharedToken":
    """That of the settings' app, in their ``store``."""
    return SharedToken(store, settings.eshouhou_app_id or "", token_key(settings))


class SharedToken:
    """A TokenShelf in the ``store``. ``key`` is 32 bytes that all processes with the app's secret have.

    While the database is away each process has a token of its own.
    """

    def __init__(self, store: Store, app_id: str, key: bytes, seconds: float = DATABASE_SECONDS) -> None:
        self._store = store
        self._app_id = app_id
        self._key = key
        self._seconds = seconds
        self._owner = secrets.token_hex(8)
        self._known: bytes | None = None
        """What was taken or put last, or cannot be opened: no news."""
        self._rests_until = 0.0

    async def take(self) -> Grant | Turn:
        found = await self._in_time(self._take())
        return Turn.MINE if found is None else found

    async def put(self, grant: Grant) -> None:
        await self._in_time(self._put(grant))

    async def give_back(self) -> None:
        await self._in_time(self._give_back())

    async def _take(self) -> Grant | Turn:
        tokens = self._store.crm_tokens
        if await tokens.acquire(self._app_id, self._owner, self._known, TURN_SECONDS):
            return Turn.MINE
        found = await tokens.fresh(self._app_id)
        if found is None or found.sealed == self._known:
            return Turn.ANOTHERS
        self._known = found.sealed
        token = self._opened(found.sealed)
        return Grant(token, found.renew_at, found.expires_at) if token else Turn.ANOTHERS

    async def _put(self, grant: Grant) -> None:
        tokens = self._store.crm_tokens  # raises while it is not open: what follows was loaded with it, in a thread
        from bot.store.crm_tokens import SealedToken

        sealed = self._fernet().encrypt(grant.token.encode())
        await tokens.put(self._app_id, SealedToken(sealed, grant.renew_at, grant.expires_at))
        self._known = sealed

    async def _give_back(self) -> None:
        await self._store.crm_tokens.release(self._app_id, self._owner)

    async def _in_time(self, operation: Coroutine[Any, Any, T]) -> T | None:
        """None if the database cannot be used, or does not answer in time."""
        loop = asyncio.get_running_loop()
        if loop.time() < self._rests_until:
            operation.close()
            return None
        try:
            async with asyncio.timeout(self._seconds):
                return await operation
        except StoreUnavailable as error:
            log.info("token_not_shared", reason=str(error))
        except TimeoutError:
            self._rests_until = loop.time() + REST_SECONDS
            log.info("token_not_shared", reason="the database does not answer in time")
        return None

    def _opened(self, sealed: bytes) -> str | None:
        """None: it was sealed with another secret."""
        from cryptography.fernet import InvalidToken

        try:
            return self._fernet().decrypt(sealed).decode()
        except InvalidToken:
            return None

    def _fernet(self) -> "Fernet":
        from cryptography.fernet import Fernet  # 15 ms and 8 MB that the start does not need

        return Fernet(base64.urlsafe_b64encode(self._key))
