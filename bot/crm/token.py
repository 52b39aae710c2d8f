"""The access_token that every call to the CRM carries."""

import asyncio
import hashlib
from collections.abc import Awaitable, Callable
from typing import Final, Protocol

import structlog

from bot.errors import CrmError, CrmRefused, CrmUnreadable

DEFAULT_LIFE_SECONDS: Final = 7_200
"""Documented default of TokenApi: two hours."""
RENEW_AT: Final = 0.8
"""Of its life, so that no request meets an expired token."""
MAX_TOKEN_LENGTH: Final = 4_000
POSTPONE_SECONDS: Final = 30
"""How long after an early renewal that did not succeed the next one begins; the old token still serves."""

log = structlog.get_logger(__name__)


class TokenSource(Protocol):
    """Where the token comes from."""

    async def current(self) -> str:
        """A token that should be valid. Raises CrmError if none can be had."""
        ...

    async def replace(self, refused: str) -> str:
        """Another token than ``refused``, which the CRM did not accept. Raises CrmError."""
        ...


class FixedToken:
    """A token made by hand: nothing can be done when it is refused."""

    def __init__(self, token: str) -> None:
        self._token = token

    async def current(self) -> str:
        return self._token

    async def replace(self, refused: str) -> str:
        raise CrmRefused("the fixed token is not accepted")


class RenewedToken:
    """A token fetched with the app's id and secret, renewed at 80 % of its life, by one task at a time.

    ``fetch`` asks TokenApi with the given secret parameters and returns its ResultValue. ``now`` is the wall
    clock in epoch seconds: TokenApi wants it in the signature, in milliseconds.
    """

    def __init__(
        self,
        app_id: str,
        app_secret: str,
        fetch: Callable[[dict[str, str]], Awaitable[object]],
        now: Callable[[], float],
    ) -> None:
        self._app_id = app_id
        self._app_secret = app_secret
        self._fetch = fetch
        self._now = now
        self._renewal = asyncio.Lock()
        self._token = ""
        self._renew_at = 0.0
        self._expires_at = 0.0

    async def current(self) -> str:
        if self._now() < self._renew_at:
            return self._token
        async with self._renewal:
            if self._now() >= self._renew_at:
                await self._renew_or_keep()
            return self._token

    async def replace(self, refused: str) -> str:
        async with self._renewal:
            if self._token == refused:
                await self._renew()
            return self._token

    async def _renew_or_keep(self) -> None:
        """An early renewal that fails, or takes long, does no harm while the old token is still valid."""
        self._renew_at = min(self._now() + POSTPONE_SECONDS, self._expires_at)
        try:
            await self._renew()
        except CrmError as error:
            if self._now() >= self._expires_at:
                raise
            log.warning("token_renewal_postponed", reason=str(error))

    async def _renew(self) -> None:
        began = self._now()
        value = await self._fetch(self._signed(round(began * 1000)))
        grant = value if isinstance(value, dict) else {}
        token = grant.get("access_token")
        if not isinstance(token, str) or not token.strip() or len(token) > MAX_TOKEN_LENGTH:
            raise CrmUnreadable("TokenApi gave no access_token")
        life = _life_seconds(grant.get("expires_in"))
        self._token = token.strip()
        self._renew_at = began + life * RENEW_AT
        self._expires_at = began + life

    def _signed(self, timestamp: int) -> dict[str, str]:
        """The parameters of TokenApi: md5(appid + appSecret + timestamp), in upper case (documented, page 4)."""
        text = f"{self._app_id}{self._app_secret}{timestamp}"
        sign = hashlib.md5(text.encode(), usedforsecurity=False).hexdigest().upper()
        return {"appid": self._app_id, "timestamp": str(timestamp), "sign": sign}


def _life_seconds(expires_in: object) -> float:
    """Documented as text, sent as a number of seconds; nonsense counts as the documented default."""
    try:
        life = float(str(expires_in))
    except ValueError:
        return DEFAULT_LIFE_SECONDS
    return life if 0 < life < 10 * 86_400 else DEFAULT_LIFE_SECONDS
