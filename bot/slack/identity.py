"""Who the bot is in Slack: auth.test, called at the start until Slack answers, and once for a health check."""

import asyncio
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from http import HTTPStatus
from typing import Any, Final, NamedTuple

import aiohttp
import structlog
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.web.async_slack_response import AsyncSlackResponse

from bot.errors import SlackRefused, SlackUnreachable
from bot.slack.api import UNREADABLE, error_code

FIRST_WAIT_SECONDS: Final = 1.0
LONGEST_WAIT_SECONDS: Final = 30.0

SLACK_TIMEOUT: Final = aiohttp.ClientTimeout(total=10, connect=3)
_REDIRECTS: Final = frozenset(
    {
        HTTPStatus.MOVED_PERMANENTLY, HTTPStatus.FOUND, HTTPStatus.SEE_OTHER, HTTPStatus.TEMPORARY_REDIRECT,
        HTTPStatus.PERMANENT_REDIRECT,
    }
)  # fmt: skip

log = structlog.get_logger(__name__)


WebClient = AsyncWebClient
"""The type of Slack's client, for rooms that hand it on and do not know Slack's SDK."""


@asynccontextmanager
async def slack_session() -> AsyncIterator[aiohttp.ClientSession]:
    """Connections to Slack, which has no redirects: one would lead cards, and answers, to another host."""
    async with aiohttp.ClientSession(timeout=SLACK_TIMEOUT, middlewares=[_refuse_redirects]) as session:
        yield session


async def _refuse_redirects(request: aiohttp.ClientRequest, send: aiohttp.ClientHandlerType) -> aiohttp.ClientResponse:
    response = await send(request)
    if response.status in _REDIRECTS:
        response.close()
        raise aiohttp.ClientError(f"a redirect, HTTP {response.status}")
    return response


def web_client(url: str, session: aiohttp.ClientSession, token: str | None = None) -> WebClient:
    """Slack's client without its own retry handlers: this room decides what is retried."""
    return AsyncWebClient(token, url, session=session, retry_handlers=[])


class Identity(NamedTuple):
    """What auth.test says of the bot's token: Slack ids, "" for what does not apply."""

    team_id: str
    enterprise_id: str
    bot_id: str
    bot_user_id: str


class SelfTest(NamedTuple):
    """``scopes`` is None where Slack does not send them; ``date`` is the header, "" without one."""

    identity: Identity
    scopes: frozenset[str] | None
    date: str


class SlackIdentity:
    """Calls auth.test until Slack answers. ``known`` is None before that, and ``reason`` then says why."""

    def __init__(self, client: AsyncWebClient, first_wait_seconds: float = FIRST_WAIT_SECONDS) -> None:
        self._client = client
        self._wait_seconds = first_wait_seconds
        self.known: Identity | None = None
        self.reason = "Slack has not answered yet"

    async def learn(self) -> None:
        """Retry with exponential backoff. A refused token is retried too: an operator may be replacing it."""
        wait = self._wait_seconds
        while self.known is None:
            try:
                self.known = _identity(await self._client.auth_test())
            except SlackApiError as error:
                self.reason = f"Slack answers auth.test with {error_code(error)}"
                log.error("slack_refused", reason=self.reason)
            except (aiohttp.ClientError, TimeoutError, OSError) as error:
                self.reason = f"Slack cannot be reached: {type(error).__name__}"
                log.warning("slack_unreachable", reason=f"{self.reason}: {error}" if str(error) else self.reason)
            except Exception:
                self.reason = "Slack's answer to auth.test cannot be read"
                log.exception("slack_unreadable")
            else:
                log.info("slack_identity", team=self.known.team_id, bot_user=self.known.bot_user_id)
                return
            await asyncio.sleep(wait)
            wait = min(2 * wait, LONGEST_WAIT_SECONDS)


async def self_test(client: AsyncWebClient, seconds: float) -> SelfTest:
    """Call auth.test once. Slack sends ``x-oauth-scopes`` with every answer to a bot's token.

    Raises SlackRefused with Slack's word or an HTTP status, SlackUnreachable if there is no answer within ``seconds``.
    """
    response = await call_in_time(client.auth_test(), seconds)
    headers = {name.lower(): str(value) for name, value in response.headers.items()}
    scopes = frozenset(scope.strip() for scope in headers.get("x-oauth-scopes", "").split(",")) - {""}
    return SelfTest(_identity(response), scopes or None, headers.get("date", ""))


async def call_in_time(call: Coroutine[Any, Any, AsyncSlackResponse], seconds: float) -> AsyncSlackResponse:
    """The response to a call that is not retried. Raises as ``self_test`` does."""
    try:
        async with asyncio.timeout(seconds):
            return await call
    except SlackApiError as error:
        raise SlackRefused(error_code(error)) from None
    except AttributeError:  # slack_sdk's own, of an answer in plain text
        raise SlackRefused("a text") from None
    except TimeoutError:
        raise SlackUnreachable("no answer in time") from None
    except UNREADABLE as error:
        raise SlackUnreachable(type(error).__name__) from None


def _identity(response: AsyncSlackResponse) -> Identity:
    return Identity(*(str(response.get(name) or "") for name in ("team_id", "enterprise_id", "bot_id", "user_id")))
