"""How every operation asks 易售后: the token, asking again, and whose customers are meant."""

import asyncio
import json
import time
from collections.abc import Awaitable, Callable, Collection, Mapping
from types import MappingProxyType
from typing import Final, NamedTuple

import stamina

from bot.crm.circuit_breaker import is_no_answer
from bot.crm.concurrency import ConcurrencyLimit
from bot.crm.envelope import result_value, rows_of, text_of
from bot.crm.token import FixedToken, RenewedToken, TokenSource
from bot.crm.token_sharing import ALONE, TokenSharing
from bot.crm.transport import CrmTransport, HttpResponse
from bot.domain.profile import ServiceNetwork
from bot.errors import CrmRejected, CrmUnauthorized, CrmUnreadable
from bot.runtime.metrics import Metrics
from bot.runtime.tasks import BackgroundTasks
from bot.settings import Settings

MAX_ATTEMPTS: Final = 3
RETRY_WAIT_SECONDS: Final = 0.1
SERVICE_SPACE: Final = "/api/CustomerService/GetServiceSpace"
FORBIDDEN_SECONDS: Final = 60
"""How long no token is fetched for an operation that refused a new one: the app may have no right to it."""
SPACE_UNKNOWN_SECONDS: Final = 60
"""How long a CRM without work orders is not asked again for its service space."""
_NONE: Final[Mapping[str, str]] = MappingProxyType({})


class Wanted(NamedTuple):
    """What somebody looks for, as parameters of a query that nothing may print.

    ``condition`` is sent as the one parameter of that name: a JSON text, its keys case-sensitive (documented).
    """

    condition: Mapping[str, str] = _NONE
    params: Mapping[str, str] = _NONE

    def query(self) -> dict[str, str]:
        condition = {"condition": json.dumps(dict(self.condition))} if self.condition else {}
        return {**self.params, **condition}

    def texts(self) -> tuple[str, ...]:
        """What no error may repeat, as it is or as JSON spells it."""
        typed = (*self.params.values(), *self.condition.values())
        return (*typed, *(json.dumps(text)[1:-1] for text in typed))


NOTHING_TYPED: Final = Wanted()


class CrmSession:
    """One pool of connections, one gate and one token for the whole process.

    ``now`` is the wall clock in epoch seconds. Its requests are counted in ``metrics``; ``shelf`` is where the token is
    shared with other processes.
    """

    def __init__(
        self,
        transport: CrmTransport,
        settings: Settings,
        now: Callable[[], float] = time.time,
        metrics: Metrics | None = None,
        shelf: TokenSharing = ALONE,
        background: BackgroundTasks | None = None,
    ) -> None:
        self.concurrency = ConcurrencyLimit(settings.crm_concurrency, settings.eshouhou_timeout_seconds)
        self._transport = transport
        self._metrics = metrics or Metrics()
        self._now = now
        self.token = self._token_source(settings, now, shelf, background or BackgroundTasks())
        self._forbidden_until: dict[str, float] = {}
        self._head_office = _Learnt(self._learn_head_office)
        self._service_space = _Learnt(self._learn_service_space, settings.eshouhou_service_space_id or "")
        self._no_space_until = 0.0

    async def ask(self, path: str, params: Mapping[str, str], wanted: Wanted = NOTHING_TYPED) -> object:
        """The ResultValue at ``path``; a token that is refused is replaced, once. Raises CrmError.

        An operation that refuses the new one too is refused to the app: for a while no token is fetched for its sake.
        """
        token = await self.token.current()
        try:
            return await self._ask_with(token, path, params, wanted)
        except CrmUnauthorized:
            if self._now() < self._forbidden_until.get(path, 0.0):
                raise
        token = await self.token.replace(token)
        try:
            return await self._ask_with(token, path, params, wanted)
        except CrmUnauthorized:
            self._forbidden_until[path] = self._now() + FORBIDDEN_SECONDS
            raise

    def clock_skew(self, since: float) -> float | None:
        """By how many seconds this machine is ahead of the CRM; None if no answer since then has told the time."""
        last = self._transport.last_date
        return last.skew_seconds if last.received_at >= since else None

    async def network_params(self, network: ServiceNetwork) -> dict[str, str]:
        """The parameters of ``network``, as the operations of version 2 want them. Raises CrmError."""
        return {
            "serviceNetworkId": network.network_id or await self._head_office.value(),
            "serviceNetworkType": str(network.network_type),
        }

    async def list_params(self, network: ServiceNetwork) -> dict[str, str]:
        """Those of its lists, which want the service space besides. Raises CrmError."""
        return {"serviceSpaceId": await self._service_space.value(), **await self.network_params(network)}

    async def _learn_head_office(self) -> str:
        """GetServiceSpace names the head office's service network."""
        value = await self.ask(SERVICE_SPACE, {})
        found = text_of(value.get("HQServiceNetworkID")).strip() if isinstance(value, dict) else ""
        if not found:
            raise CrmUnreadable("GetServiceSpace gave no HQServiceNetworkID")
        return found

    async def _learn_service_space(self) -> str:
        """From a work order. GetServiceSpace does not tell its own id, and this list (version 1) alone wants none."""
        if self._now() >= self._no_space_until:
            value = await self.ask("/api/CustomerService/GetWorkOrders", {"pageSize": "1", "pageIndex": "1"})
            found = next(filter(None, (text_of(row.get("ServiceSpaceID")).strip() for row in rows_of(value))), "")
            if found:
                return found
            self._no_space_until = self._now() + SPACE_UNKNOWN_SECONDS
        raise CrmUnreadable("no work order tells the service space: set ESHOUHOU_SERVICE_SPACE_ID")

    async def _ask_with(self, token: str, path: str, params: Mapping[str, str], wanted: Wanted) -> object:
        secrets = {"access_token": token, **wanted.query()}
        return await self._ask_patiently(path, params, secrets, wanted.texts())

    async def _fetch_token(self, signed: dict[str, str]) -> object:
        return await self._ask_patiently("/api/TokenApi", {}, signed, read=_granted)

    async def _ask_patiently(
        self,
        path: str,
        params: Mapping[str, str],
        secrets: Mapping[str, str],
        typed: Collection[str] = (),
        read: Callable[[HttpResponse, Collection[str]], object] = result_value,
    ) -> object:
        """Ask, and ask again (twice at most) after no connection, no answer in time, 429 and 5xx.

        The caller's deadline bounds the whole.
        """

        async def exchange() -> object:
            with self._metrics.crm_request(path):
                response = await self._transport.get(path, params, secrets)
                return read(response, (*secrets.values(), *typed))

        about = " ".join((params.get("customerId", ""), *typed)).strip()
        async for attempt in stamina.retry_context(
            on=is_no_answer,
            attempts=MAX_ATTEMPTS,
            timeout=None,
            wait_initial=RETRY_WAIT_SECONDS,
            wait_jitter=RETRY_WAIT_SECONDS,
        ):
            with attempt:
                return await self.concurrency.ask(exchange, path, about)
        raise AssertionError("stamina returns or raises")  # pragma: no cover

    def _token_source(
        self, settings: Settings, now: Callable[[], float], shelf: TokenSharing, background: BackgroundTasks
    ) -> TokenSource:
        if settings.eshouhou_access_token is not None:
            return FixedToken(settings.eshouhou_access_token.get_secret_value())
        assert settings.eshouhou_app_id is not None
        assert settings.eshouhou_app_secret is not None
        secret = settings.eshouhou_app_secret.get_secret_value()
        return RenewedToken(settings.eshouhou_app_id, secret, self._fetch_token, now, shelf, background=background)


class _Learnt:
    """An id that is not changed while the process lives: asked for once, by one task at a time."""

    def __init__(self, learn: Callable[[], Awaitable[str]], known: str = "") -> None:
        self._learn = learn
        self._value = known
        self._lock = asyncio.Lock()

    async def value(self) -> str:
        async with self._lock:
            if not self._value:
                self._value = await self._learn()
            return self._value


def _granted(response: HttpResponse, secrets: Collection[str]) -> object:
    """TokenApi's ResultValue. It knows no token, so whatever it rejects is the app's id, secret or clock."""
    try:
        return result_value(response, secrets)
    except CrmRejected as error:
        raise CrmUnauthorized(f"TokenApi: {error}: {error.error_msg}") from None
