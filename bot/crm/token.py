"""The access_token that every request to the CRM carries: fetched, renewed, and shared with other processes."""

import asyncio
import base64
import hashlib
import secrets
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from enum import Enum
from typing import Final, TypeVar

import structlog

from bot.errors import CrmError, CrmUnauthorized, CrmUnreadable, StoreUnavailable
from bot.runtime.tasks import BackgroundTasks
from bot.store.store import Store

DEFAULT_LIFE_SECONDS: Final = 7_200
"""Documented default of TokenApi: two hours."""
RENEW_AT: Final = 0.8
"""Of its life, so that no request meets an expired token."""
MAX_TOKEN_LENGTH: Final = 4_000
POSTPONE_SECONDS: Final = 30
"""How long after a failed early renewal the next one begins; the old token still serves."""
MAX_WAIT_SECONDS: Final = 2.5
"""How long a process without any token waits for another process to fetch one, before it fetches one itself."""
POLL_SECONDS: Final = 0.05
LEASE_SECONDS: Final = 2.0
"""How long the others wait for a process that died while it fetched a token. TokenApi takes less, as a rule."""
DATABASE_SECONDS: Final = 0.5
"""How long a lookup without a token waits for the database."""
DATABASE_PAUSE_SECONDS: Final = 2.0
"""How long the database is not used after it timed out, so that not every lookup waits for it."""

T = TypeVar("T")

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Grant:
    """A token, when it should be renewed and when it expires, in epoch seconds."""

    token: str = field(repr=False)
    renew_at: float
    expires_at: float


class Lease(Enum):
    """Which process may fetch the next token."""

    OURS = "ours"
    THEIRS = "theirs"


class TokenSharing:
    """How processes share one token. This base class shares nothing: each process fetches a token of its own.

    No method raises or takes long.
    """

    async def acquire(self) -> Grant | Lease:
        """A shared token that is new to this process and not due for renewal, else whose lease it is to fetch one.

        ``Lease.OURS`` lasts for LEASE_SECONDS, or until ``publish`` or ``release``.
        """
        return Lease.OURS

    async def publish(self, grant: Grant) -> None:
        """Share ``grant``, and end the lease."""

    async def release(self) -> None:
        """End the lease without a token: another process may try at once."""


class DatabaseSharing(TokenSharing):
    """Shares the token in ``store``, encrypted with ``key``: 32 bytes that all processes with the app's secret have.

    While the database is unavailable, each process fetches a token of its own.
    """

    def __init__(self, store: Store, app_id: str, key: bytes, timeout_seconds: float = DATABASE_SECONDS) -> None:
        self._store = store
        self._app_id = app_id
        self._key = base64.urlsafe_b64encode(key)
        self._timeout_seconds = timeout_seconds
        self._owner = secrets.token_hex(8)
        self._seen: bytes | None = None
        """The encrypted token that was acquired or published last, or that cannot be decrypted."""
        self._paused_until = 0.0

    async def acquire(self) -> Grant | Lease:
        async def acquire() -> Grant | Lease:
            tokens = self._store.crm_tokens
            if await tokens.acquire(self._app_id, self._owner, self._seen, LEASE_SECONDS):
                return Lease.OURS
            found = await tokens.fresh(self._app_id)
            if found is None or found.sealed == self._seen:
                return Lease.THEIRS
            self._seen = found.sealed
            from cryptography.fernet import Fernet, InvalidToken  # 15 ms and 8 MB that the start does not need

            try:
                token = Fernet(self._key).decrypt(found.sealed).decode()
            except InvalidToken:  # it was encrypted with another app secret
                return Lease.THEIRS
            return Grant(token, found.renew_at, found.expires_at)

        return await self._in_time(acquire) or Lease.OURS

    async def publish(self, grant: Grant) -> None:
        async def put() -> None:
            tokens = self._store.crm_tokens  # raises while the store is not open; the next import was loaded with it
            from cryptography.fernet import Fernet

            from bot.store.crm_tokens import SealedToken

            sealed = Fernet(self._key).encrypt(grant.token.encode())
            await tokens.put(self._app_id, SealedToken(sealed, grant.renew_at, grant.expires_at))
            self._seen = sealed

        await self._in_time(put)

    async def release(self) -> None:
        await self._in_time(lambda: self._store.crm_tokens.release(self._app_id, self._owner))

    async def _in_time(self, operation: Callable[[], Awaitable[T]]) -> T | None:
        """The result of ``operation``; None if the database is unavailable or too slow."""
        loop = asyncio.get_running_loop()
        if loop.time() < self._paused_until:
            return None
        try:
            async with asyncio.timeout(self._timeout_seconds):
                return await operation()
        except StoreUnavailable as error:
            reason = str(error)
        except TimeoutError:
            self._paused_until = loop.time() + DATABASE_PAUSE_SECONDS
            reason = "the database does not answer in time"
        log.info("token_not_shared", reason=reason)
        return None


class FixedToken:
    """A token made by hand: it cannot be replaced, and the bot does not know when it expires."""

    def __init__(self, token: str) -> None:
        self._token = token

    async def current(self) -> str:
        return self._token

    async def replace(self, refused: str) -> str:
        raise CrmUnauthorized("the fixed token is not accepted")


class RenewedToken:
    """A token fetched with the app's id and secret, renewed at 80 % of its life, by one task of one process at a time.

    ``fetch`` sends TokenApi the given secret parameters and returns its ResultValue. ``now`` is the wall clock in epoch
    seconds: TokenApi wants it in the signature, in milliseconds.

    Whether a new token voids the old one is not documented. If it does, the other processes meet a refusal, and find
    the new token by ``sharing``. While the token is valid it is renewed in the ``background``, and no request waits.
    """

    def __init__(
        self,
        app_id: str,
        app_secret: str,
        fetch: Callable[[dict[str, str]], Awaitable[object]],
        now: Callable[[], float],
        sharing: TokenSharing | None = None,
        max_wait_seconds: float = MAX_WAIT_SECONDS,
        background: BackgroundTasks | None = None,
    ) -> None:
        self._app_id = app_id
        self._app_secret = app_secret
        self._fetch = fetch
        self._now = now
        self._sharing = sharing or TokenSharing()
        self._max_wait_seconds = max_wait_seconds
        self._background = BackgroundTasks() if background is None else background
        self._renewal = asyncio.Lock()
        self._grant = Grant("", 0.0, 0.0)
        self.renews_at = 0.0
        """When the next token is fetched, in epoch seconds."""

    @property
    def expires_at(self) -> float:
        """When the token in use expires, in epoch seconds; 0 before there is one."""
        return self._grant.expires_at

    async def current(self) -> str:
        """A token that should be valid. Raises CrmError if there is none to be had."""
        if self._now() < self._grant.expires_at:
            if self._now() >= self.renews_at:
                self.renews_at = min(self._now() + POSTPONE_SECONDS, self._grant.expires_at)
                self._background.start(self._renew_early(self._grant))
            return self._grant.token
        async with self._renewal:
            if self._now() >= self._grant.expires_at:
                await self._renew()
            return self._grant.token

    async def replace(self, refused: str) -> str:
        """Another token than ``refused``, which the CRM did not accept. Raises CrmError."""
        async with self._renewal:
            if self._grant.token == refused:
                await self._renew(refused)
            return self._grant.token

    async def _renew_early(self, old: Grant) -> None:
        """A failure does no harm while the old token is valid, nor a lease that another process holds."""
        async with self._renewal:
            if self._grant is old:
                try:
                    await self._use(await self._sharing.acquire())
                except CrmError as error:
                    log.warning("token_renewal_postponed", reason=str(error))

    async def _renew(self, refused: str = "") -> None:
        """Use what another process has fetched, or fetch a token; in the end without the lease."""
        try:
            async with asyncio.timeout(self._max_wait_seconds):
                while True:
                    found = await self._sharing.acquire()
                    # after an outage the database may hold a token that is older than this process's own
                    if found is Lease.OURS or (
                        isinstance(found, Grant) and found.token != refused and found.renew_at >= self._grant.renew_at
                    ):
                        break
                    await asyncio.sleep(POLL_SECONDS)
        except TimeoutError:
            found = Lease.OURS
        await self._use(found)

    async def _use(self, found: Grant | Lease) -> None:
        if found is Lease.THEIRS:
            return
        self._grant = found if isinstance(found, Grant) else await self._fetch_grant()
        self.renews_at = self._grant.renew_at
        if found is Lease.OURS:
            await self._sharing.publish(self._grant)

    async def _fetch_grant(self) -> Grant:
        """The signature is md5(appid + appSecret + timestamp) in upper case (documented, page 4)."""
        began = self._now()
        timestamp = str(round(began * 1000))
        signed = hashlib.md5(f"{self._app_id}{self._app_secret}{timestamp}".encode(), usedforsecurity=False)
        params = {"appid": self._app_id, "timestamp": timestamp, "sign": signed.hexdigest().upper()}
        try:
            value = await self._fetch(params)
            granted = value if isinstance(value, dict) else {}
            token = granted.get("access_token")
            if not isinstance(token, str) or not token.strip() or len(token) > MAX_TOKEN_LENGTH:
                raise CrmUnreadable("TokenApi gave no access_token")
        except CrmError:
            await self._sharing.release()
            raise
        life = _life_seconds(granted.get("expires_in"))
        return Grant(token.strip(), began + life * RENEW_AT, began + life)


def _life_seconds(expires_in: object) -> float:
    """Documented as text, sent as a number of seconds; anything else counts as the documented default."""
    try:
        life = float(str(expires_in))
    except ValueError:
        return DEFAULT_LIFE_SECONDS
    return life if 0 < life < 10 * 86_400 else DEFAULT_LIFE_SECONDS
