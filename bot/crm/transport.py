"""One GET to 易售后: timeouts, a size limit, and no way for a secret to reach a log line.

The CRM wants its token in the query string. httpx prints whole addresses at INFO and keeps the request on its
exceptions, so secrets are handed over beside the request and added to the address below httpx's client, in the
last layer before the socket. Nothing that can be printed ever holds them.
"""

import asyncio
import time
import zlib
from collections.abc import Callable, Mapping
from typing import Final, NamedTuple

import httpx

from bot.crm.retry_after import retry_after_seconds
from bot.errors import CrmUnreachable, CrmUnreadable
from bot.runtime.clock_skew import Heard

MAX_ANSWER_BYTES: Final = 2 * 1024 * 1024
MAX_REDIRECTS: Final = 3
_GZIP_OR_ZLIB: Final = 32 + zlib.MAX_WBITS
_SECRETS: Final = "customer_bot_secrets"


class HttpAnswer(NamedTuple):
    """What came back: an HTTP status, at most MAX_ANSWER_BYTES of body, and what Retry-After said (0: nothing)."""

    status: int
    body: bytes
    retry_after_seconds: float = 0.0


class CrmTransport:
    """The one shared HTTP client towards the CRM at ``base_url``; ``timeout_seconds`` bounds one whole request.

    ``now`` is the wall clock in epoch seconds.
    """

    def __init__(self, base_url: str, timeout_seconds: float, now: Callable[[], float] = time.time) -> None:
        self._timeout_seconds = timeout_seconds
        self._now = now
        self.heard = Heard("", 0.0)
        """The time that the last answer told."""
        self._origin = _origin(httpx.URL(base_url))
        self._client = httpx.AsyncClient(
            base_url=base_url,
            transport=_SecretsAtTheWire(httpx.AsyncHTTPTransport()),
            timeout=httpx.Timeout(timeout_seconds),
            headers={"accept-encoding": "gzip"},
            event_hooks={"response": [self._guard_redirect]},
            trust_env=False,
        )

    async def close(self) -> None:
        await self._client.aclose()

    async def get(self, path: str, params: Mapping[str, str], secrets: Mapping[str, str]) -> HttpAnswer:
        """Ask once. ``secrets`` are query parameters that must never be printed.

        Raises CrmUnreachable or CrmUnreadable, never an error of httpx: those keep the request.
        """
        try:
            async with asyncio.timeout(self._timeout_seconds):
                return await self._exchange(path, params, secrets)
        except (TimeoutError, httpx.TimeoutException):
            raise CrmUnreachable("no answer in time") from None
        except (httpx.InvalidURL, UnicodeError) as error:
            raise CrmUnreadable(type(error).__name__) from None
        except httpx.ConnectError as error:
            raise CrmUnreachable(f"no connection: {error}") from None
        except httpx.HTTPError as error:
            raise CrmUnreachable(type(error).__name__) from None

    async def _exchange(self, path: str, params: Mapping[str, str], secrets: Mapping[str, str]) -> HttpAnswer:
        """The first answer that redirects no further; the bodies of those before it are not read."""
        request = self._client.build_request("GET", path, params=dict(params), extensions={_SECRETS: dict(secrets)})
        for _ in range(1 + MAX_REDIRECTS):
            response = await self._client.send(request, stream=True)
            self.heard = Heard(response.headers.get("date", ""), self._now())
            try:
                following = response.next_request
                if following is None:
                    wait = retry_after_seconds(response.headers.get("retry-after", ""), self._now())
                    return HttpAnswer(response.status_code, await _limited_body(response), wait)
            finally:
                await response.aclose()
            request = following
        raise CrmUnreadable(f"more than {MAX_REDIRECTS} redirects")

    async def _guard_redirect(self, response: httpx.Response) -> None:
        """A redirect elsewhere would carry the token there; one that repeats the token would have it printed.

        Its target is written out in full, so that httpx goes where this looked.
        """
        if not response.has_redirect_location:
            return
        target = response.request.url.join(response.headers["location"])
        if _origin(target) != self._origin:
            raise CrmUnreadable("the answer redirects to another host")
        for name in response.request.extensions[_SECRETS]:
            target = target.copy_remove_param(name)
        response.headers["location"] = str(target)


class _SecretsAtTheWire(httpx.AsyncBaseTransport):
    """Adds the secrets to the address where no one prints it any more."""

    def __init__(self, wire: httpx.AsyncBaseTransport) -> None:
        self._wire = wire

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        url = request.url.copy_merge_params(request.extensions[_SECRETS])
        return await self._wire.handle_async_request(
            httpx.Request(
                request.method, url, headers=request.headers, stream=request.stream, extensions=request.extensions
            )
        )

    async def aclose(self) -> None:
        await self._wire.aclose()


async def _limited_body(response: httpx.Response) -> bytes:
    """The body, unpacked here: httpx unpacks whole chunks, and a few bytes may become gigabytes."""
    body = bytearray()
    async for chunk in response.aiter_raw():
        body += chunk
        _check_size(body)
    encoding = response.headers.get("content-encoding", "identity").strip().lower()
    return bytes(body) if encoding == "identity" else _unpacked(bytes(body), encoding)


def _unpacked(body: bytes, encoding: str) -> bytes:
    if encoding not in ("gzip", "deflate"):
        raise CrmUnreadable("an encoding that was not asked for")
    try:
        unpacked = zlib.decompressobj(_GZIP_OR_ZLIB).decompress(body, MAX_ANSWER_BYTES + 1)
    except zlib.error:
        raise CrmUnreadable("broken compression") from None
    _check_size(unpacked)
    return unpacked


def _check_size(body: bytes | bytearray) -> None:
    if len(body) > MAX_ANSWER_BYTES:
        raise CrmUnreadable(f"the answer is larger than {MAX_ANSWER_BYTES} bytes")


def _origin(url: httpx.URL) -> tuple[str, str, int | None]:
    return url.scheme, url.host, url.port
