"""What Slack says of the bot's token at this moment: auth.test, asked once."""

import asyncio
from typing import NamedTuple

from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

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
    try:
        async with asyncio.timeout(seconds):
            answer = await client.auth_test()
    except SlackApiError as error:
        raise SlackRefused(error_word(error)) from None
    except AttributeError:  # slack_sdk's own, of an answer in plain text
        raise SlackRefused("a text") from None
    except TimeoutError:
        raise SlackUnreachable("no answer in time") from None
    except UNREADABLE as error:
        raise SlackUnreachable(type(error).__name__) from None
    headers = {name.lower(): str(value) for name, value in answer.headers.items()}
    scopes = frozenset(scope.strip() for scope in headers.get("x-oauth-scopes", "").split(",")) - {""}
    return SelfTest(str(answer.get("user_id")), str(answer.get("team_id")), scopes or None, headers.get("date", ""))
