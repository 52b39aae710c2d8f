"""The one place where everything is wired together."""

import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Final, NamedTuple

import aiohttp
import structlog
from slack_bolt.app.async_app import AsyncApp
from slack_sdk.web.async_client import AsyncWebClient

from bot.background import Background
from bot.bolt import build_bolt
from bot.cache import ProfileCache
from bot.crm.client import EshouhouClient
from bot.crm.transport import CrmTransport
from bot.desk import Desk
from bot.locales import texts_in
from bot.lookup import CustomerLookup
from bot.settings import Settings, SlackSettings
from bot.slack.delivery import Delivery
from bot.slack.identity import SlackIdentity
from handlers import actions, commands

DRAIN_SECONDS: Final = 20.0
"""For what was acknowledged and is not yet answered, when the process is told to stop."""
SLACK_TIMEOUT: Final = aiohttp.ClientTimeout(total=10, connect=3)

log = structlog.get_logger(__name__)


class CustomerBot(NamedTuple):
    """A running bot: Bolt's app with its listeners, who it is in Slack, and its tasks."""

    bolt: AsyncApp
    identity: SlackIdentity
    background: Background


@asynccontextmanager
async def build_desk(settings: Settings, now: Callable[[], float] = time.time) -> AsyncIterator[Desk]:
    """A desk with its CRM client. At the end its lookups are drained and its connections closed."""
    background = Background()
    async with _desk(settings, background, now) as desk:
        try:
            yield desk
        finally:
            await background.drain(DRAIN_SECONDS)


@asynccontextmanager
async def build_app(
    settings: SlackSettings, signing_secret: str | None = None, now: Callable[[], float] = time.time
) -> AsyncIterator[CustomerBot]:
    """The whole bot. ``signing_secret`` is what HTTP needs and Socket Mode does not.

    At the end what was acknowledged is answered, within DRAIN_SECONDS, before the connections are closed.
    """
    background = Background()
    texts = texts_in(settings.language)
    async with (
        _desk(settings, background, now) as desk,
        aiohttp.ClientSession(timeout=SLACK_TIMEOUT) as session,
    ):
        bot_token = settings.slack_bot_token.get_secret_value()
        identity = SlackIdentity(AsyncWebClient(bot_token, settings.slack_api_url, session=session))
        client = AsyncWebClient(base_url=settings.slack_api_url, session=session)
        bolt = build_bolt(client, bot_token, identity, signing_secret, texts)
        delivery = Delivery(session, background, settings.ack_budget_seconds)
        commands.register(bolt, desk, delivery, texts)  # first: every listener before it costs it time
        actions.register(bolt, desk, delivery, texts)
        try:
            yield CustomerBot(bolt, identity, background)
        finally:
            given_up = await background.drain(DRAIN_SECONDS)
            log.info("drained", given_up=given_up)


@asynccontextmanager
async def _desk(settings: Settings, background: Background, now: Callable[[], float]) -> AsyncIterator[Desk]:
    transport = CrmTransport(settings.eshouhou_base_url, settings.eshouhou_timeout_seconds)
    cache = ProfileCache(settings.cache_max_entries, settings.cache_ttl_seconds, settings.cache_stale_seconds, now)
    deadline_seconds = 2 * settings.eshouhou_timeout_seconds
    crm = EshouhouClient(transport, settings, now)
    lookup = CustomerLookup(crm, cache, background, deadline_seconds, now)
    network_id = settings.eshouhou_service_network_id or ""
    try:
        yield Desk(lookup, network_id, settings.eshouhou_service_network_type, now)
    finally:
        await transport.close()
