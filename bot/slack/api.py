"""Calls of Slack's Web API: which are retried when Slack is slow, limits the rate or cannot be reached.

``read`` and ``send`` are idempotent for the user and retried. ``post`` is visible to others: it is retried only where
Slack cannot have processed it. ``call`` is for trigger ids, which expire after three seconds: it is never retried.
"""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from typing import Any, Final, TypeVar

import aiohttp
import stamina
import structlog
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.web.async_slack_response import AsyncSlackResponse

from bot.errors import SlackError, SlackRefused, SlackUnreachable
from bot.runtime.metrics import Metrics

MAX_ATTEMPTS: Final = 3
RETRY_WAIT_SECONDS: Final = 0.2
LONGEST_WAIT_SECONDS: Final = 60.0
"""A call with a longer Retry-After is not retried."""
UNREADABLE: Final = (aiohttp.ClientError, TimeoutError, OSError, UnicodeDecodeError)
"""No response, or one that slack_sdk cannot read, such as a proxy's page in no encoding."""
NO_JSON: Final = "something that is no JSON"

REFUSES_TOKEN: Final = frozenset(
    {"account_inactive", "invalid_auth", "not_authed", "team_access_not_granted", "token_expired", "token_revoked"}
)
"""Slack's error codes for an unusable token. https://docs.slack.dev/reference/methods/auth.test"""
_REFUSES_CONTENT: Final = frozenset(
    {
        "error_processing_metadata", "invalid_arguments", "invalid_attachments", "invalid_metadata_format",
        "view_too_large",
    }
)  # fmt: skip

Backoff = Callable[[Exception], bool | float]
"""Whether to retry after an error, or after how many seconds."""
C = TypeVar("C")
R = TypeVar("R")

log = structlog.get_logger(__name__)


class RateLimited(SlackRefused):
    """HTTP 429. ``seconds`` is the Retry-After."""

    def __init__(self, seconds: float) -> None:
        super().__init__("ratelimited")
        self.seconds = seconds


class NotConnected(SlackUnreachable):
    """No connection was established: Slack has not seen the request."""


class SlackApi:
    """``client`` has its token and no retry handlers: those of slack_sdk repeat posts that may have arrived."""

    def __init__(self, client: AsyncWebClient, metrics: Metrics) -> None:
        self._client = client
        self._metrics = metrics
        self.trouble = ""
        """Slack's error code for the token, "" while it is accepted: updated by every response."""

    async def read(self, method: str, **params: str) -> dict[str, Any]:
        """Slack's response to a GET. Raises SlackRefused and SlackUnreachable, as all these methods do."""
        return await self._retry(retry_idempotent, method, http_verb="GET", params=params)

    async def send(self, method: str, **arguments: Any) -> dict[str, Any]:
        """Something that one user sees: showing it twice does no harm."""
        return await self._retry(retry_idempotent, method, json=arguments)

    async def post(
        self, method: str, check: Callable[[], Awaitable[None]], arguments: Mapping[str, Any]
    ) -> dict[str, Any]:
        """Something that others see: at most once. ``check`` runs right before each try, and may raise SlackError."""
        response: dict[str, Any] = {}
        async for attempt in attempts(retry_unprocessed):
            with attempt:
                await check()
                response = await self._attempt(method, json=arguments)
        return response

    async def call(self, method: str, **arguments: Any) -> dict[str, Any]:
        """Something with a trigger id: one attempt."""
        return await self._attempt(method, json=arguments)

    async def _retry(self, backoff: Backoff, method: str, **request: Any) -> dict[str, Any]:
        response: dict[str, Any] = {}
        async for attempt in attempts(backoff):
            with attempt:
                response = await self._attempt(method, **request)
        return response

    async def _attempt(self, method: str, **request: Any) -> dict[str, Any]:
        response: dict[str, Any] = {}
        error: SlackError | None = SlackUnreachable(NO_JSON)
        try:
            data = (await self._client.api_call(method, **request)).data
            if isinstance(data, dict):
                response, error = data, None
        except (SlackApiError, AttributeError, *UNREADABLE) as failure:
            error = _error_in(failure)
        self._metrics.count_slack_call(method, error)
        if not isinstance(error, SlackUnreachable):  # which says nothing of the token
            trouble = str(error) if str(error) in REFUSES_TOKEN else ""
            if trouble and not self.trouble:
                log.error("slack_refuses_the_token", reason=trouble)
            self.trouble = trouble
        if error is not None:
            raise error
        return response


def attempts(backoff: Backoff, limit: int = MAX_ATTEMPTS) -> AsyncIterator[stamina.Attempt]:
    """Up to ``limit`` attempts, for ``async for``."""
    return stamina.retry_context(
        on=backoff,
        attempts=limit,
        timeout=2 * LONGEST_WAIT_SECONDS,
        wait_initial=RETRY_WAIT_SECONDS,
        wait_jitter=RETRY_WAIT_SECONDS,
    )


def retry_idempotent(error: Exception) -> bool | float:
    """The backoff of requests that do no harm when they arrive twice."""
    return isinstance(error, SlackUnreachable) or retry_unprocessed(error)


def retry_unprocessed(error: Exception) -> bool | float:
    """The backoff of requests that must not arrive twice: only where Slack cannot have processed the first."""
    if isinstance(error, RateLimited):
        return error.seconds if error.seconds <= LONGEST_WAIT_SECONDS else False
    return isinstance(error, NotConnected)


def retry_after(headers: Mapping[str, str]) -> float:
    """The Retry-After in seconds; one second without a number."""
    given = {name.lower(): value for name, value in headers.items()}.get("retry-after", "")
    return float(given) if str(given).isdecimal() else 1.0


def error_code(error: SlackApiError) -> str:
    """Slack's own error code, such as ``invalid_auth``; a proxy may respond with text or with broken JSON."""
    response = error.response
    if not isinstance(response, AsyncSlackResponse):
        return NO_JSON
    code = response.data.get("error") if isinstance(response.data, dict) else None
    return str(code or f"HTTP {response.status_code}")


def _error_in(failure: Exception) -> SlackError:
    if isinstance(failure, aiohttp.ClientConnectorError | ConnectionRefusedError):
        return NotConnected("no connection")
    if not isinstance(failure, SlackApiError):
        # AttributeError: slack_sdk reads a text/plain response as a str, and then asks it for its "ok"
        return SlackUnreachable(NO_JSON if isinstance(failure, AttributeError) else type(failure).__name__)
    response = failure.response
    if isinstance(response, AsyncSlackResponse):
        if response.status_code == 429:
            return RateLimited(retry_after(response.headers))
        has_code = isinstance(response.data, dict) and isinstance(response.data.get("error"), str)
        if response.status_code < 500 and has_code:  # without a code it is a proxy's log-in page or the like
            return SlackRefused(error_code(failure))
    return SlackUnreachable(error_code(failure))


async def first_accepted(
    contents: Iterator[C], send: Callable[[C], Awaitable[R]], log: structlog.typing.FilteringBoundLogger
) -> R:
    """Send the first of ``contents``, and the next, plainer one where Slack refuses its blocks. Raises SlackError."""
    content = next(contents)
    while True:
        try:
            return await send(content)
        except SlackRefused as refused:
            plainer = next(contents, None)
            refuses_content = "blocks" in refused.code or refused.code in _REFUSES_CONTENT
            if plainer is None or not refuses_content:
                raise
            log.error("blocks_refused", reason=refused.code)
            content = plainer
