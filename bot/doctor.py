"""``customer-bot doctor``: what is in order, and what to do about the rest."""

import asyncio
import time
from collections.abc import AsyncIterator
from enum import StrEnum
from typing import Final, NamedTuple

import aiohttp
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.settings import SlackSettings
from bot.slack.api import UNREADABLE, error_word
from bot.store.store import Store

PATIENCE: Final = aiohttp.ClientTimeout(total=10)
OPENING_SECONDS: Final = 10.0

REQUIRED_SCOPES: Final = {
    "commands": "/customer and the shortcuts",
    "chat:write": "sharing a card, cards in threads",
    "links:read": "hearing of links to customers",
    "links:write": "cards under links to customers",
    "users:read": "each person's language, App Home, the panel of a link",
    "channels:read": "sharing, links and cards in public channels: whether they are internal cannot be read",
    "groups:read": "the same in private channels",
}
OPTIONAL_SCOPES: Final = {
    "channels:history": "customer numbers in public channels get no card",
    "groups:history": "customer numbers in private channels get no card",
}
"""They may be declined at the installation; the rest works without them."""


class Verdict(StrEnum):
    OK = "ok"
    NOTE = "note"
    FAILED = "FAILED"


class Finding(NamedTuple):
    """One line of the report, in words that say what to do."""

    verdict: Verdict
    text: str


async def examine(settings: SlackSettings) -> AsyncIterator[Finding]:
    """Findings, as they come: Slack, its scopes, the database."""
    async for finding in _slack(settings):
        yield finding
    yield await _database(settings)


async def _slack(settings: SlackSettings) -> AsyncIterator[Finding]:
    async with aiohttp.ClientSession(timeout=PATIENCE) as session:
        token = settings.slack_bot_token.get_secret_value()
        client = AsyncWebClient(token, settings.slack_api_url, session=session)
        try:
            answer = await client.auth_test()
        except SlackApiError as error:
            yield Finding(Verdict.FAILED, f"Slack answers auth.test with {error_word(error)}: check SLACK_BOT_TOKEN")
            return
        except UNREADABLE as error:
            yield Finding(Verdict.FAILED, f"Slack cannot be reached ({type(error).__name__}): check SLACK_API_URL")
            return
    yield Finding(Verdict.OK, f"Slack knows the bot as {answer.get('user_id')} in {answer.get('team_id')}")
    headers = {name.lower(): value for name, value in answer.headers.items()}
    for finding in _scopes(str(headers.get("x-oauth-scopes") or "")):
        yield finding


def _scopes(header: str) -> list[Finding]:
    """What Slack's ``x-oauth-scopes`` lacks; Slack sends it with every answer to a bot's token."""
    granted = {scope.strip() for scope in header.split(",")}
    findings = [
        Finding(
            Verdict.FAILED, f"scope {scope} is missing; it is needed for {use}. Reinstall the app from manifest.yml"
        )
        for scope, use in REQUIRED_SCOPES.items()
        if scope not in granted
    ]
    findings += [
        Finding(Verdict.NOTE, f"optional scope {scope} was declined: {effect}")
        for scope, effect in OPTIONAL_SCOPES.items()
        if scope not in granted
    ]
    return findings or [Finding(Verdict.OK, "all scopes are granted")]


async def _database(settings: SlackSettings) -> Finding:
    store = Store(settings.database_url.get_secret_value(), time.time)
    try:
        async with asyncio.timeout(OPENING_SECONDS):
            await store.open()
    except TimeoutError:
        return Finding(Verdict.FAILED, f"the database cannot be used: {store.trouble}. Check DATABASE_URL")
    finally:
        await store.close()
    return Finding(Verdict.OK, "the database can be used")
