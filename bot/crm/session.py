"""Every call of 易售后: the token, retries, and the parameters that say whose customers are meant."""

import asyncio
import json
import time
from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from types import MappingProxyType
from typing import Final, NamedTuple

import stamina

from bot.crm.circuit_breaker import is_outage
from bot.crm.concurrency import ConcurrencyLimit
from bot.crm.envelope import result_value, rows_of
from bot.crm.rows import text_in
from bot.crm.token import FixedToken, RenewedToken, TokenSharing
from bot.crm.transport import CrmTransport
from bot.domain.profile import ServiceNetwork
from bot.errors import CrmRejected, CrmUnauthorized, CrmUnreadable
from bot.runtime.metrics import Metrics
from bot.runtime.tasks import BackgroundTasks
from bot.settings import Settings

MAX_ATTEMPTS: Final = 3
RETRY_WAIT_SECONDS: Final = 0.1
TOKEN_API: Final = "/api/TokenApi"
SERVICE_SPACE: Final = "/api/CustomerService/GetServiceSpace"
FORBIDDEN_SECONDS: Final = 60
"""How long no token is fetched for an operation that refused a new one: the app may have no right to it."""
SPACE_UNKNOWN_SECONDS: Final = 60
"""How long a CRM without work orders is not asked again for its service space."""


class SearchTerms(NamedTuple):
    """What is searched for, as query parameters that must never be printed.

    ``condition`` is sent as the one parameter of that name: a JSON text, its keys case-sensitive (documented).
    """

    condition: Mapping[str, str] = MappingProxyType({})
    params: Mapping[str, str] = MappingProxyType({})

    def query(self) -> dict[str, str]:
        condition = {"condition": json.dumps(dict(self.condition))} if self.condition else {}
        return {**self.params, **condition}

    def texts(self) -> tuple[str, ...]:
        """What no error may repeat, as it is or as JSON spells it."""
        typed = (*self.params.values(), *self.condition.values())
        return (*typed, *(json.dumps(text)[1:-1] for text in typed))


NO_TERMS: Final = SearchTerms()


class CrmSession:
    """One connection pool, one concurrency limit and one token for the whole process.

    ``now`` is the wall clock in epoch seconds. Requests are counted in ``metrics``. The token is shared with other
    processes by ``sharing``, and renewed in the ``background``.
    """

    def __init__(
        self,
        transport: CrmTransport,
        settings: Settings,
        now: Callable[[], float] = time.time,
        metrics: Metrics | None = None,
        sharing: TokenSharing | None = None,
        background: BackgroundTasks | None = None,
    ) -> None:
        self.concurrency = ConcurrencyLimit(settings.crm_concurrency, settings.eshouhou_timeout_seconds)
        self.token: FixedToken | RenewedToken
        if settings.eshouhou_access_token is not None:
            self.token = FixedToken(settings.eshouhou_access_token.get_secret_value())
        else:
            assert settings.eshouhou_app_id is not None
            assert settings.eshouhou_app_secret is not None
            secret = settings.eshouhou_app_secret.get_secret_value()
            fetch = partial(self._request, TOKEN_API, {})
            self.token = RenewedToken(settings.eshouhou_app_id, secret, fetch, now, sharing, background=background)
        self._transport = transport
        self._metrics = metrics or Metrics()
        self.now = now
        self._forbidden_until: dict[str, float] = {}
        self._head_office = _LearnedId(self._learn_head_office)
        self._service_space = _LearnedId(self._learn_service_space, settings.eshouhou_service_space_id or "")
        self._no_space_until = 0.0

    async def ask(self, path: str, params: Mapping[str, str], terms: SearchTerms = NO_TERMS) -> object:
        """The ResultValue at ``path``. A token that the CRM refuses is replaced, once. Raises CrmError.

        If the operation refuses the new token too, no token is fetched on its account for FORBIDDEN_SECONDS.
        """
        token = await self.token.current()
        try:
            return await self._request(path, params, {"access_token": token}, terms)
        except CrmUnauthorized:
            if self.now() < self._forbidden_until.get(path, 0.0):
                raise
        token = await self.token.replace(token)
        try:
            return await self._request(path, params, {"access_token": token}, terms)
        except CrmUnauthorized:
            self._forbidden_until[path] = self.now() + FORBIDDEN_SECONDS
            raise

    def clock_skew(self, since: float) -> float | None:
        """By how many seconds this machine is ahead of the CRM; None without a Date in any response since then."""
        last = self._transport.last_date
        return last.skew_seconds if last.received_at >= since else None

    async def network_params(self, network: ServiceNetwork) -> dict[str, str]:
        """The parameters of ``network`` for the operations of version 2. Raises CrmError."""
        return {
            "serviceNetworkId": network.network_id or await self._head_office.value(),
            "serviceNetworkType": str(network.network_type),
        }

    async def list_params(self, network: ServiceNetwork) -> dict[str, str]:
        """The parameters of ``network`` for the lists, which need the service space as well. Raises CrmError."""
        return {"serviceSpaceId": await self._service_space.value(), **await self.network_params(network)}

    async def _learn_head_office(self) -> str:
        """From GetServiceSpace, which holds the id of the head office's service network."""
        value = await self.ask(SERVICE_SPACE, {})
        found = text_in(value, "HQServiceNetworkID") if isinstance(value, dict) else ""
        if not found:
            raise CrmUnreadable("GetServiceSpace gave no HQServiceNetworkID")
        return found

    async def _learn_service_space(self) -> str:
        """From a work order. GetServiceSpace leaves its own id out, and only this list (version 1) does without it."""
        if self.now() >= self._no_space_until:
            value = await self.ask("/api/CustomerService/GetWorkOrders", {"pageSize": "1", "pageIndex": "1"})
            found = next(filter(None, (text_in(row, "ServiceSpaceID") for row in rows_of(value))), "")
            if found:
                return found
            self._no_space_until = self.now() + SPACE_UNKNOWN_SECONDS
        raise CrmUnreadable("no work order tells the service space: set ESHOUHOU_SERVICE_SPACE_ID")

    async def _request(
        self, path: str, params: Mapping[str, str], credentials: Mapping[str, str], terms: SearchTerms = NO_TERMS
    ) -> object:
        """Send a request, and retry it (twice at most) after no connection, a timeout, 429 and 5xx.

        The caller's deadline bounds all attempts together.
        """
        secrets = {**credentials, **terms.query()}
        subject = " ".join((params.get("customerId", ""), *terms.texts())).strip()

        async def send() -> object:
            with self._metrics.crm_request(path):
                response = await self._transport.get(path, params, secrets)
                try:
                    return result_value(response, (*secrets.values(), *terms.texts()))
                except CrmRejected as error:
                    if path != TOKEN_API:
                        raise
                    # TokenApi takes no token: what it rejects is the app's id, secret or clock
                    raise CrmUnauthorized(f"TokenApi: {error}", error.error_msg) from None

        async for attempt in stamina.retry_context(
            on=is_outage,
            attempts=MAX_ATTEMPTS,
            timeout=None,
            wait_initial=RETRY_WAIT_SECONDS,
            wait_jitter=RETRY_WAIT_SECONDS,
        ):
            with attempt:
                return await self.concurrency.run(send, path, subject)
        raise AssertionError("stamina returns or raises")  # pragma: no cover


class _LearnedId:
    """An id that does not change while the process lives: fetched once, by one task at a time."""

    def __init__(self, learn: Callable[[], Awaitable[str]], known: str = "") -> None:
        self._learn = learn
        self._value = known
        self._lock = asyncio.Lock()

    async def value(self) -> str:
        async with self._lock:
            if not self._value:
                self._value = await self._learn()
            return self._value
