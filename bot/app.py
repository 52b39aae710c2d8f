"""The one place where everything is wired together."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Final, NamedTuple

import aiohttp
import structlog
from slack_bolt.app.async_app import AsyncApp
from slack_sdk.web.async_client import AsyncWebClient

from bot.access import Access, NoSlack
from bot.answers import Failure, Unavailable
from bot.background import Background
from bot.bolt import build_bolt, guard
from bot.cache import ProfileCache
from bot.cards.no_customer import unavailable_card
from bot.cards.notices import store_card
from bot.cards.render import message_view
from bot.cards.sendable import safe_entity, safe_view, within_limits
from bot.crm.client import EshouhouClient
from bot.crm.transport import CrmTransport
from bot.desk import Desk, Guard, Network
from bot.directory import Directory
from bot.errors import Trouble
from bot.links import CustomerLinks
from bot.locales import Texts
from bot.lookup import CustomerLookup
from bot.quiet import Quiet
from bot.settings import Settings, SlackSettings
from bot.slack.api import SlackApi
from bot.slack.channels import Channels
from bot.slack.delivery import Delivery
from bot.slack.identity import SlackIdentity
from bot.slack.languages import Languages
from bot.slack.message import Message
from bot.slack.once import Once
from bot.slack.outgoing import Outgoing
from bot.slack.people import People
from bot.slack.posts import Posts
from bot.slack.slack import Slack
from bot.slack.views import Views
from bot.store.store import Store
from handlers import actions, changes, commands, home, menu, messages, sharing, shortcuts, unfurls

DRAIN_SECONDS: Final = 20.0
"""For what was acknowledged and is not yet answered, when the process is told to stop."""
SLACK_TIMEOUT: Final = aiohttp.ClientTimeout(total=10, connect=3)

log = structlog.get_logger(__name__)


class CustomerBot(NamedTuple):
    """A running bot: Bolt's app with its listeners, who it is in Slack, its database, and its tasks."""

    bolt: AsyncApp
    identity: SlackIdentity
    store: Store
    background: Background


class LocalDesk(NamedTuple):
    """A desk without Slack, and its store, which is closed: only what needs it has to open it."""

    desk: Desk
    store: Store


@asynccontextmanager
async def build_desk(settings: Settings, now: Callable[[], float] = time.time) -> AsyncIterator[LocalDesk]:
    """For the command line. At the end lookups are drained and connections closed."""
    background = Background()
    store = Store(settings.database_url.get_secret_value(), now)
    async with _desk(settings, store, background, NoSlack(), now) as desk:
        try:
            yield LocalDesk(desk, store)
        finally:
            await background.drain(DRAIN_SECONDS)
            await store.close()


@asynccontextmanager
async def build_app(
    settings: SlackSettings, signing_secret: str | None = None, now: Callable[[], float] = time.time
) -> AsyncIterator[CustomerBot]:
    """The whole bot. ``signing_secret`` is what HTTP needs and Socket Mode does not.

    At the end what was acknowledged is answered, within DRAIN_SECONDS, before the connections are closed.
    """
    background = Background()
    async with (
        _opened(Store(settings.database_url.get_secret_value(), now)) as store,
        aiohttp.ClientSession(timeout=SLACK_TIMEOUT) as session,
    ):
        bot_token = settings.slack_bot_token.get_secret_value()
        identity = SlackIdentity(AsyncWebClient(bot_token, settings.slack_api_url, session=session))
        api = SlackApi(AsyncWebClient(bot_token, settings.slack_api_url, session=session, retry_handlers=[]))
        slack = _slack(settings, api, session, store, background, now)
        access = Access(identity, slack.people, slack.channels)
        bolt = build_bolt(
            AsyncWebClient(base_url=settings.slack_api_url, session=session), bot_token, identity, signing_secret
        )
        guard(bolt, identity, access, slack)
        quiet = Quiet(store, slack.once, settings.unfurl_cooldown_seconds, now)
        links = CustomerLinks(settings.customer_url_template)
        async with _desk(settings, store, background, access, now) as desk:
            commands.register(bolt, desk, quiet, slack)  # first: every listener before it costs it time
            actions.register(bolt, desk, slack)
            sharing.register(bolt, desk, slack)
            menu.register(bolt, desk, quiet, slack)
            shortcuts.register(bolt, desk, slack)
            unfurls.register(bolt, desk, quiet, links, slack)
            messages.register(bolt, desk, quiet, links, slack)
            home.register(bolt, desk, quiet, slack)
            changes.register(bolt, slack)
            try:
                yield CustomerBot(bolt, identity, store, background)
            finally:
                given_up = await background.drain(DRAIN_SECONDS)
                log.info("drained", given_up=given_up)


def _slack(
    settings: SlackSettings,
    api: SlackApi,
    session: aiohttp.ClientSession,
    store: Store,
    background: Background,
    now: Callable[[], float],
) -> Slack:
    people = People(api, background, now)
    languages = Languages(settings.language, people)
    outgoing = Outgoing(
        message=within_limits,
        view=lambda view, user: safe_view(lambda: view, languages.known(user)),
        entity=lambda entity: safe_entity(lambda: entity),
        apology=lambda trouble, user, code: _apology(trouble, code, languages.known(user)),
        apology_view=lambda trouble, user, code: message_view(
            _apology(trouble, code, languages.known(user)), languages.known(user)
        ),
    )
    delivery = Delivery(session, api, background, outgoing, settings.ack_budget_seconds)
    return Slack(
        delivery=delivery,
        views=Views(api, background, delivery, outgoing),
        posts=Posts(api, outgoing),
        once=Once(store, background, now),
        languages=languages,
        people=people,
        channels=Channels(api, now),
    )


def _apology(trouble: Trouble, code: str, texts: Texts) -> Message:
    if trouble is Trouble.STORE:
        return store_card(code, texts)
    return unavailable_card(Unavailable(None, Failure(trouble, code)), texts)


@asynccontextmanager
async def _opened(store: Store) -> AsyncIterator[Store]:
    """The store, which opens in the background: nothing waits for it."""
    opening = asyncio.create_task(store.open())
    try:
        yield store
    finally:
        opening.cancel()
        await asyncio.gather(opening, return_exceptions=True)
        await store.close()


@asynccontextmanager
async def _desk(
    settings: Settings, store: Store, background: Background, access: Guard, now: Callable[[], float]
) -> AsyncIterator[Desk]:
    transport = CrmTransport(settings.eshouhou_base_url, settings.eshouhou_timeout_seconds)
    cache = ProfileCache(settings.cache_max_entries, settings.cache_ttl_seconds, settings.cache_stale_seconds, now)
    deadline_seconds = 2 * settings.eshouhou_timeout_seconds
    lookup = CustomerLookup(EshouhouClient(transport, settings, now), cache, background, deadline_seconds, now)
    network = Network(settings.eshouhou_service_network_id or "", settings.eshouhou_service_network_type)
    links = CustomerLinks(settings.customer_url_template)
    try:
        yield Desk(lookup, Directory(store, background), links, store, background, network, access, now)
    finally:
        await transport.close()
