"""Who the bot is in Slack, learnt once at the start: no request waits for it."""

import asyncio
from typing import Final, NamedTuple

import aiohttp
import structlog
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.web.async_slack_response import AsyncSlackResponse

from bot.slack.api import error_word

FIRST_WAIT_SECONDS: Final = 1.0
LONGEST_WAIT_SECONDS: Final = 30.0

log = structlog.get_logger(__name__)


class Identity(NamedTuple):
    """What auth.test says of the bot's token: Slack ids, "" for what does not apply."""

    team_id: str
    enterprise_id: str
    bot_id: str
    bot_user_id: str


class SlackIdentity:
    """Asks auth.test until Slack answers. ``known`` is None before that, and ``reason`` then says why."""

    def __init__(self, client: AsyncWebClient, first_wait_seconds: float = FIRST_WAIT_SECONDS) -> None:
        self._client = client
        self._wait_seconds = first_wait_seconds
        self.known: Identity | None = None
        self.reason = "Slack has not answered yet"

    async def learn(self) -> None:
        """Ask until there is an answer. A refused token is asked again too: an operator may be mending it."""
        wait = self._wait_seconds
        while not await self._try():
            await asyncio.sleep(wait)
            wait = min(2 * wait, LONGEST_WAIT_SECONDS)

    async def _try(self) -> bool:
        try:
            self.known = _identity(await self._client.auth_test())
        except SlackApiError as error:
            self.reason = f"Slack answers auth.test with {error_word(error)}"
            log.error("slack_refused", reason=self.reason)
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            self.reason = f"Slack cannot be reached: {str(error) or type(error).__name__}"
            log.warning("slack_unreachable", reason=self.reason)
        except Exception:
            self.reason = "Slack's answer to auth.test cannot be read"
            log.exception("slack_unreadable")
        else:
            log.info("slack_identity", team=self.known.team_id, bot_user=self.known.bot_user_id)
        return self.known is not None


def _identity(answer: AsyncSlackResponse) -> Identity:
    names = ("team_id", "enterprise_id", "bot_id", "user_id")
    return Identity(*(str(answer.get(name) or "") for name in names))
