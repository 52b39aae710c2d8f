"""One GET to 易售后: timeouts, a size limit, and no way for a secret to reach a log line or another host.

The CRM wants its token in the query string. httpx logs whole URLs at INFO and keeps the request on its exceptions, so
secrets travel beside the request and are added to the URL below httpx's client, in the last layer before the socket.
Nothing that can be printed ever holds them.
"""

import asyncio
import math
import time
from collections.abc import Callable, Mapping
from email.utils import parsedate_to_datetime
from typing import Final, NamedTuple

import httpx

from bot.errors import CrmUnreachable, CrmUnreadable
from bot.runtime.clock_skew import ServerDate

MAX_RESPONSE_BYTES: Final = 2 * 1024 * 1024
_SECRETS: Final = "customer_bot_secrets"


class HttpResponse(NamedTuple):
    """The HTTP status, at most MAX_RESPONSE_BYTES of body, and the seconds of Retry-After (0 without one)."""

    status: int
    body: bytes
    retry_after_seconds: float = 0.0


class CrmTransport:
    """The one shared HTTP client for the CRM at ``base_url``; ``timeout_seconds`` bounds a whole request.

    ``now`` is the wall clock in epoch seconds.
    """

    def __init__(self, base_url: str, timeout_seconds: float, now: Callable[[], float] = time.time) -> None:
        self._timeout_seconds = timeout_seconds
        self._now = now
        self.last_date = ServerDate("", 0.0)
        """The Date header of the last response."""
        self._client = httpx.AsyncClient(
            base_url=base_url,
            transport=_SecretsAtTheWire(),
            timeout=httpx.Timeout(timeout_seconds),
            headers={"accept-encoding": "identity"},
            trust_env=False,
        )

    async def close(self) -> None:
        await self._client.aclose()

    async def get(self, path: str, params: Mapping[str, str], secrets: Mapping[str, str]) -> HttpResponse:
        """Send one request. ``secrets`` are query parameters that must never be printed.

        Raises CrmUnreachable or CrmUnreadable, never an error of httpx: those keep the request.
        """
        try:
            async with (
                asyncio.timeout(self._timeout_seconds),
                self._client.stream("GET", path, params=dict(params), extensions={_SECRETS: dict(secrets)}) as response,
            ):
                self.last_date = ServerDate(response.headers.get("date", ""), self._now())
                wait = retry_after_seconds(response.headers.get("retry-after", ""), self._now())
                return HttpResponse(response.status_code, await _limited_body(response), wait)
        except (TimeoutError, httpx.TimeoutException):
            raise CrmUnreachable("no answer in time") from None
        except (httpx.InvalidURL, UnicodeError) as error:
            raise CrmUnreadable(type(error).__name__) from None
        except httpx.ConnectError as error:
            raise CrmUnreachable(f"no connection: {error}") from None
        except httpx.HTTPError as error:
            raise CrmUnreachable(type(error).__name__) from None


class _SecretsAtTheWire(httpx.AsyncHTTPTransport):
    """Adds the secrets to the URL where nothing logs it any more."""

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        url = request.url.copy_merge_params(request.extensions[_SECRETS])
        response = await super().handle_async_request(
            httpx.Request(
                request.method, url, headers=request.headers, stream=request.stream, extensions=request.extensions
            )
        )
        # A JSON API redirects nowhere, and a redirect could carry the token to another host. httpx does not follow
        # redirects by default, yet it parses where they lead: without the header a 3xx is a response like any other.
        response.headers.pop("location", None)
        return response


async def _limited_body(response: httpx.Response) -> bytes:
    """The body as it was sent. httpx would decompress whole chunks, and a few bytes may become gigabytes."""
    encoding = response.headers.get("content-encoding", "identity")
    if response.is_success and encoding.strip().lower() != "identity":
        raise CrmUnreadable("the answer is compressed, which was not asked for")
    body = bytearray()
    async for chunk in response.aiter_raw():
        body += chunk
        if len(body) > MAX_RESPONSE_BYTES:
            raise CrmUnreadable(f"the answer is larger than {MAX_RESPONSE_BYTES} bytes")
    return bytes(body)


def retry_after_seconds(header: str, now: float) -> float:
    """The seconds to wait from ``now`` (epoch seconds) on; 0 without a header that can be read.

    The header holds seconds or a date (RFC 9110, section 10.2.3).
    """
    try:
        seconds = float(header)
    except ValueError:
        try:
            seconds = parsedate_to_datetime(header).timestamp() - now
        except (ValueError, OverflowError, IndexError, TypeError):
            return 0.0
    return max(0.0, seconds) if math.isfinite(seconds) else 0.0
