"""Calls of Slack's Web API: what each may do when Slack is slow, limits the bot or refuses.

Three kinds of call. ``read`` and ``send`` may be repeated: reading does no harm, nor does showing one person the same
once more. ``post`` is seen by others: it is repeated only where Slack cannot have taken it. ``at_once`` has a trigger
id, which lives for three seconds: it never waits.
"""

from collections.abc import AsyncIterator, Callable, Mapping
from typing import Any, Final

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
"""A Retry-After beyond this is not waited for."""
UNREADABLE: Final = (aiohttp.ClientError, TimeoutError, OSError, UnicodeDecodeError)
"""No answer of Slack's, or one that slack_sdk cannot read: a proxy's page in no encoding, say."""

REFUSES_TOKEN: Final = frozenset(
    {"account_inactive", "invalid_auth", "not_authed", "team_access_not_granted", "token_expired", "token_revoked"}
)
"""Slack's words for a token that is good for nothing. https://docs.slack.dev/reference/methods/auth.test"""

Again = bool | float
"""Whether to call again, or after how many seconds."""

log = structlog.get_logger(__name__)


class RateLimited(SlackRefused):
    """HTTP 429. ``seconds`` is the Retry-After."""

    def __init__(self, seconds: float) -> None:
        super().__init__("ratelimited")
        self.seconds = seconds


class NotConnected(SlackUnreachable):
    """No connection came about: Slack has not seen the request."""


class SlackApi:
    """``client`` has its token and no retry handlers of its own: slack_sdk's repeat posts that may have arrived."""

    def __init__(self, client: AsyncWebClient, metrics: Metrics) -> None:
        self._client = client
        self._metrics = metrics
        self.trouble = ""
        """Slack's word for a token that it takes no more, "" while it takes it: learnt from every answer."""

    async def read(self, method: str, **params: str) -> dict[str, Any]:
        """What Slack answers to a GET. Raises SlackRefused and SlackUnreachable, as all these do."""
        return await self._repeated(unless_refused, method, http_verb="GET", params=params)

    async def send(self, method: str, **arguments: Any) -> dict[str, Any]:
        """Something that one person sees."""
        return await self._repeated(unless_refused, method, json=arguments)

    async def post(self, method: str, **arguments: Any) -> dict[str, Any]:
        """Something that others see: at most once."""
        return await self._repeated(_if_not_taken, method, json=arguments)

    async def at_once(self, method: str, **arguments: Any) -> dict[str, Any]:
        """Something with a trigger id."""
        return await self._call(method, json=arguments)

    async def _repeated(self, again: Callable[[Exception], Again], method: str, **request: Any) -> dict[str, Any]:
        answer: dict[str, Any] = {}
        async for attempt in attempts(again):
            with attempt:
                answer = await self._call(method, **request)
        return answer

    async def _call(self, method: str, **request: Any) -> dict[str, Any]:
        try:
            answer = await self._answer(method, **request)
        except SlackError as error:
            self._metrics.count_slack_call(method, error)
            self._learn(error)
            raise
        self._metrics.count_slack_call(method)
        self._learn(None)
        return answer

    def _learn(self, error: SlackError | None) -> None:
        if isinstance(error, SlackUnreachable):
            return  # it says nothing of the token
        trouble = str(error) if str(error) in REFUSES_TOKEN else ""
        if trouble and not self.trouble:
            log.error("slack_refuses_the_token", reason=trouble)
        self.trouble = trouble

    async def _answer(self, method: str, **request: Any) -> dict[str, Any]:
        try:
            answer = await self._client.api_call(method, **request)
        except SlackApiError as error:
            raise _refusal(error) from None
        except (aiohttp.ClientConnectorError, ConnectionRefusedError):
            raise NotConnected("no connection") from None
        except UNREADABLE as error:
            raise SlackUnreachable(type(error).__name__) from None
        except AttributeError:  # slack_sdk reads a text/plain answer as a str, and then asks it for its "ok"
            raise SlackUnreachable("something that is no JSON") from None
        if not isinstance(answer.data, dict):
            raise SlackUnreachable("something that is no JSON")
        return answer.data


def attempts(again: Callable[[Exception], Again], most: int = MAX_ATTEMPTS) -> AsyncIterator[stamina.Attempt]:
    """``most`` tries, of which each but the first follows what ``again`` allows. For ``async for``."""
    return stamina.retry_context(
        on=again,
        attempts=most,
        timeout=2 * LONGEST_WAIT_SECONDS,
        wait_initial=RETRY_WAIT_SECONDS,
        wait_jitter=RETRY_WAIT_SECONDS,
    )


def retry_after(headers: Mapping[str, str]) -> float:
    """How long Slack wants nothing, in seconds."""
    given = {name.lower(): value for name, value in headers.items()}.get("retry-after", "")
    return float(given) if str(given).isdecimal() else 1.0


def error_word(error: SlackApiError) -> str:
    """Slack's own word, such as ``invalid_auth``; what stands between may answer with text, or with broken JSON."""
    response = error.response
    if not isinstance(response, AsyncSlackResponse):
        return "something that is no JSON"
    word = response.data.get("error") if isinstance(response.data, dict) else None
    return str(word or f"HTTP {response.status_code}")


def _refusal(error: SlackApiError) -> SlackError:
    response = error.response
    if not isinstance(response, AsyncSlackResponse):
        return SlackUnreachable(error_word(error))
    if response.status_code == 429:
        return RateLimited(retry_after(response.headers))
    has_word = isinstance(response.data, dict) and isinstance(response.data.get("error"), str)
    if response.status_code >= 500 or not has_word:  # without a word it is no answer of Slack's: a proxy's log-in page
        return SlackUnreachable(error_word(error))
    return SlackRefused(error_word(error))


def _if_not_taken(error: Exception) -> Again:
    if isinstance(error, RateLimited):
        return error.seconds if error.seconds <= LONGEST_WAIT_SECONDS else False
    return isinstance(error, NotConnected)


def unless_refused(error: Exception) -> Again:
    """For what does no harm twice."""
    return True if isinstance(error, SlackUnreachable) else _if_not_taken(error)
