"""易售后's operations that the bot uses, by the CRM's own names."""

import asyncio
import time
from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import Final

import stamina

from bot.crm.envelope import customer_fields, result_value, text_of
from bot.crm.token import FixedToken, RenewedToken, TokenSource
from bot.crm.transport import CrmTransport
from bot.errors import CrmFailed, CrmRefused, CrmRejected, CrmUnreachable, CrmUnreadable
from bot.profile import CustomerKey, CustomerProfile
from bot.settings import Settings

MAX_ATTEMPTS: Final = 3
RETRY_WAIT_SECONDS: Final = 0.1


class EshouhouClient:
    """One client, one pool of connections and one token for the whole process."""

    def __init__(self, transport: CrmTransport, settings: Settings, now: Callable[[], float] = time.time) -> None:
        self._transport = transport
        self._token = self._token_source(settings, now)
        self._head_office = ""
        self._head_office_lock = asyncio.Lock()

    async def get_customer(self, key: CustomerKey) -> CustomerProfile | None:
        """GetCustomer: the profile as the service network of ``key`` sees it, or None if it knows no such customer.

        Raises CrmError.
        """
        value = await self._ask(
            "/open/v2/Customer/GetCustomer",
            {
                "serviceNetworkId": key.network_id or await self._head_office_network_id(),
                "serviceNetworkType": str(key.network_type),
                "customerId": key.customer_id,
            },
        )
        fields = customer_fields(value)
        return CustomerProfile(key.customer_id, fields) if fields else None

    async def _head_office_network_id(self) -> str:
        """GetServiceSpace, once: it names the head office's service network."""
        async with self._head_office_lock:
            if not self._head_office:
                value = await self._ask("/api/CustomerService/GetServiceSpace", {})
                found = text_of(value.get("HQServiceNetworkID")).strip() if isinstance(value, dict) else ""
                if not found:
                    raise CrmUnreadable("GetServiceSpace gave no HQServiceNetworkID")
                self._head_office = found
            return self._head_office

    async def _ask(self, path: str, params: Mapping[str, str]) -> object:
        """The ResultValue at ``path``; a token that is refused is replaced, once."""
        token = await self._token.current()
        try:
            return await self._ask_patiently(path, params, {"access_token": token})
        except CrmRefused:
            token = await self._token.replace(token)
            return await self._ask_patiently(path, params, {"access_token": token})

    async def _fetch_token(self, signed: dict[str, str]) -> object:
        """TokenApi. It knows no token, so whatever it rejects is the app's id, secret or clock."""
        try:
            return await self._ask_patiently("/api/TokenApi", {}, signed)
        except CrmRejected as error:
            raise CrmRefused(f"TokenApi: {error}: {error.error_msg}") from None

    async def _ask_patiently(self, path: str, params: Mapping[str, str], secrets: Mapping[str, str]) -> object:
        """Ask, and ask again (twice at most) after no connection, no answer in time, 429 and 5xx.

        The caller's deadline bounds the whole.
        """
        async for attempt in stamina.retry_context(
            on=_may_pass,
            attempts=MAX_ATTEMPTS,
            timeout=None,
            wait_initial=RETRY_WAIT_SECONDS,
            wait_jitter=RETRY_WAIT_SECONDS,
        ):
            with attempt:
                answer = await self._transport.get(path, params, secrets)
                return result_value(answer, secrets.values())
        raise AssertionError("stamina returns or raises")  # pragma: no cover

    def _token_source(self, settings: Settings, now: Callable[[], float]) -> TokenSource:
        if settings.eshouhou_access_token is not None:
            return FixedToken(settings.eshouhou_access_token.get_secret_value())
        assert settings.eshouhou_app_id is not None
        assert settings.eshouhou_app_secret is not None
        secret = settings.eshouhou_app_secret.get_secret_value()
        return RenewedToken(settings.eshouhou_app_id, secret, self._fetch_token, now)


def _may_pass(error: Exception) -> bool:
    """Whether asking again may help."""
    if isinstance(error, CrmFailed):
        return error.status == HTTPStatus.TOO_MANY_REQUESTS or error.status >= HTTPStatus.INTERNAL_SERVER_ERROR
    return isinstance(error, CrmUnreachable)
