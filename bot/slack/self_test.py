"""What Slack says of a token at this moment, asked once; of the bot's, by auth.test."""

import asyncio
from collections.abc import Coroutine
from typing import Any, NamedTuple

from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.web.async_slack_response import AsyncSlackResponse

from bot.errors import SlackRefused, SlackUnreachable
from bot.slack.api import UNREADABLE, error_word


class SelfTest(NamedTuple):
    """Slack ids; ``scopes`` is None where Slack does not tell them; ``date`` is the header, "" without one."""

    bot_user: str
    team: str
    scopes: frozenset[str] | None
    date: str


async def self_test(client: AsyncWebClient, seconds: float) -> SelfTest:
    """Slack sends ``x-oauth-scopes`` with every answer to a bot's token.

    Raises SlackRefused with Slack's word or an HTTP status, SlackUnreachable if there is no answer within ``seconds``.
    """
    answer = await answered(client.auth_test(), seconds)
    headers = {name.lower(): str(value) for name, value in answer.headers.items()}
    scopes = frozenset(scope.strip() for scope in headers.get("x-oauth-scopes", "").split(",")) - {""}
    return SelfTest(str(answer.get("user_id")), str(answer.get("team_id")), scopes or None, headers.get("date", ""))


async def answered(asking: Coroutine[Any, Any, AsyncSlackResponse], seconds: float) -> AsyncSlackResponse:
    """What Slack says to one call, which is not repeated. Raises as ``self_test`` does."""
    try:
        async with asyncio.timeout(seconds):
            return await asking
    except SlackApiError as error:
        raise SlackRefused(error_word(error)) from None
    except AttributeError:  # slack_sdk's own, of an answer in plain text
        raise SlackRefused("a text") from None
    except TimeoutError:
        raise SlackUnreachable("no answer in time") from None
    except UNREADABLE as error:
        raise SlackUnreachable(type(error).__name__) from None
