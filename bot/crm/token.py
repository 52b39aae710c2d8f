"""The access_token that every call to the CRM carries."""

import asyncio
import hashlib
import math
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Final, Protocol

import structlog

from bot.crm.token_sharing import ALONE, NO_GRANT, Grant, TokenSharing, Turn
from bot.errors import CrmError, CrmUnauthorized, CrmUnreadable
from bot.runtime.tasks import BackgroundTasks

DEFAULT_LIFE_SECONDS: Final = 7_200
"""Documented default of TokenApi: two hours."""
RENEW_AT: Final = 0.8
"""Of its life, so that no request meets an expired token."""
MAX_TOKEN_LENGTH: Final = 4_000
POSTPONE_SECONDS: Final = 30
"""How long after an early renewal that did not succeed the next one begins; the old token still serves."""
PATIENCE_SECONDS: Final = 2.5
"""How long, without any token, one waits for what another process fetches, before one fetches it all the same."""
LOOK_AGAIN_SECONDS: Final = 0.05

log = structlog.get_logger(__name__)


class TokenSource(Protocol):
    """Where the token comes from."""

    @property
    def expires_at(self) -> float | None:
        """When the token ends that is in use, in epoch seconds; 0 before there is one, None if nobody here knows."""
        ...

    @property
    def renews_at(self) -> float:
        """When the next one is fetched."""
        ...

    async def current(self) -> str:
        """A token that should be valid. Raises CrmError if none can be had."""
        ...

    async def replace(self, refused: str) -> str:
        """Another token than ``refused``, which the CRM did not accept. Raises CrmError."""
        ...


class FixedToken:
    """A token made by hand: nothing can be done when it is refused, and nobody here knows when it ends."""

    expires_at = None
    renews_at = math.inf

    def __init__(self, token: str) -> None:
        self._token = token

    async def current(self) -> str:
        return self._token

    async def replace(self, refused: str) -> str:
        raise CrmUnauthorized("the fixed token is not accepted")


class RenewedToken:
    """A token fetched with the app's id and secret, renewed at 80 % of its life, by one task of one process at a time.

    ``fetch`` asks TokenApi with the given secret parameters and returns its ResultValue. ``now`` is the wall
    clock in epoch seconds: TokenApi wants it in the signature, in milliseconds.

    Whether a new token ends the old one is not documented. If it does, the other processes meet a refusal, and find the
    new one on the ``shelf``. Nobody waits for a renewal while the token is valid: it runs in the ``background``.
    """

    def __init__(
        self,
        app_id: str,
        app_secret: str,
        fetch: Callable[[dict[str, str]], Awaitable[object]],
        now: Callable[[], float],
        shelf: TokenSharing = ALONE,
        patience_seconds: float = PATIENCE_SECONDS,
        background: BackgroundTasks | None = None,
    ) -> None:
        self._app_id = app_id
        self._app_secret = app_secret
        self._fetch = fetch
        self._now = now
        self._background = background or BackgroundTasks()
        self._shelf = shelf
        self._patience_seconds = patience_seconds
        self._renewal = asyncio.Lock()
        self._grant = NO_GRANT
        self._renew_at = 0.0

    @property
    def expires_at(self) -> float:
        return self._grant.expires_at

    @property
    def renews_at(self) -> float:
        return self._renew_at

    async def current(self) -> str:
        if self._now() < self._grant.expires_at:
            self._renew_in_time()
            return self._grant.token
        async with self._renewal:
            if self._now() >= self._grant.expires_at:
                await self._renew()
            return self._grant.token

    async def replace(self, refused: str) -> str:
        async with self._renewal:
            if self._grant.token == refused:
                await self._renew(refused)
            return self._grant.token

    def _renew_in_time(self) -> None:
        if self._now() >= self._renew_at:
            self._renew_at = min(self._now() + POSTPONE_SECONDS, self._grant.expires_at)
            self._background.start(self._renew_early(self._grant))

    async def _renew_early(self, old: Grant) -> None:
        """Where it fails, takes long, or is another process's to do, no harm is done while the old token is valid."""
        async with self._renewal:
            if self._grant is not old:
                return
            try:
                await self._use(await self._shelf.take())
            except CrmError as error:
                log.warning("token_renewal_postponed", reason=str(error))

    async def _renew(self, refused: str = "") -> None:
        await self._use(await self._waited_for(refused))

    async def _waited_for(self, refused: str) -> Grant | Turn:
        """What another process has got, or the turn, which comes by itself in the end."""
        with suppress(TimeoutError):
            async with asyncio.timeout(self._patience_seconds):
                return await self._found(refused)
        return Turn.MINE

    async def _found(self, refused: str) -> Grant | Turn:
        while True:
            found = await self._shelf.take()
            if found is Turn.MINE or (isinstance(found, Grant) and self._is_news(found, refused)):
                return found
            await asyncio.sleep(LOOK_AGAIN_SECONDS)

    def _is_news(self, found: Grant, refused: str) -> bool:
        """One that is older than what this process had is on the shelf if the database was away meanwhile."""
        return found.token != refused and found.renew_at >= self._grant.renew_at

    async def _use(self, found: Grant | Turn) -> None:
        if isinstance(found, Grant):
            self._keep(found)
        elif found is Turn.MINE:
            await self._fetch_and_share()

    async def _fetch_and_share(self) -> None:
        try:
            grant = await self._granted()
        except CrmError:
            await self._shelf.give_back()
            raise
        self._keep(grant)
        await self._shelf.put(grant)

    def _keep(self, grant: Grant) -> None:
        self._grant = grant
        self._renew_at = grant.renew_at

    async def _granted(self) -> Grant:
        began = self._now()
        value = await self._fetch(self._signed(round(began * 1000)))
        answer = value if isinstance(value, dict) else {}
        token = answer.get("access_token")
        if not isinstance(token, str) or not token.strip() or len(token) > MAX_TOKEN_LENGTH:
            raise CrmUnreadable("TokenApi gave no access_token")
        life = _life_seconds(answer.get("expires_in"))
        return Grant(token.strip(), began + life * RENEW_AT, began + life)

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
