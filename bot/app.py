"""The one place where everything is wired together."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from typing import Any, Final, NamedTuple

import aiohttp
import structlog
from slack_bolt.app.async_app import AsyncApp
from slack_sdk.web.async_client import AsyncWebClient

from bot.access.audit_log import AuditLog
from bot.access.audit_writer import AuditWriter
from bot.crm.api import EshouhouClient
from bot.crm.concurrency import ConcurrencyLimit
from bot.crm.customer_lists import CustomerLists
from bot.crm.records import CrmServiceRecords
from bot.crm.search_routes import CrmRoutes
from bot.crm.session import CrmSession
from bot.crm.token_store import shared_token
from bot.crm.transport import CrmTransport
from bot.customers.cache import ProfileCache
from bot.customers.directory.index import Directory
from bot.customers.directory.scheduler import keep_in_sync
from bot.customers.directory.sync import Crm, DirectorySync
from bot.customers.invalidation import POLL_SECONDS, Invalidation
from bot.customers.lookup import CustomerLookup
from bot.customers.records import ServiceRecords
from bot.customers.search import CustomerSearch
from bot.domain.links import CustomerLinks
from bot.domain.profile import ServiceNetwork
from bot.health.context import HealthContext, LivingProcess
from bot.health.runner import HealthCheck
from bot.inquiries.answering import Answering
from bot.inquiries.automatic_cards import AutomaticCards
from bot.inquiries.inquiries import Inquiries
from bot.inquiries.resolver import Resolver
from bot.privacy.encryption import SealedQueries
from bot.privacy.keys import directory_key, sealing_key
from bot.runtime.metrics import Metrics
from bot.runtime.tasks import BackgroundTasks
from bot.settings import Settings, SlackSettings
from bot.slack.api import SlackApi
from bot.slack.facade import Slack
from bot.slack.identity import SlackIdentity
from bot.slack.replies import Replies
from bot.store.store import Store
from bot.wiring.access import Guards, access_of, guards_of, guards_without_slack, network_of
from bot.wiring.gauges import watch
from bot.wiring.slack import slack_of
from handlers import (
    app_home,
    buttons,
    commands,
    details_modal,
    messages,
    overflow_menu,
    reveal,
    search,
    sharing,
    shortcuts,
    unfurls,
    workspace_events,
)
from handlers.fast_path import FastPath
from handlers.middleware import build_bolt, guard
from handlers.request_guard import RequestGuard

DRAIN_SECONDS: Final = 15.0
"""For what was acknowledged and is not yet answered, when the process is told to stop. The database has 5 s more."""
SLACK_TIMEOUT: Final = aiohttp.ClientTimeout(total=10, connect=3)

log = structlog.get_logger(__name__)


class CustomerBot(NamedTuple):
    """A running bot: what it answers at once, and Bolt's app with its listeners for all else; who it is in Slack, its
    ways there, to people and to the CRM, its database, its tasks and what it counts.
    """

    fast_path: FastPath
    bolt: AsyncApp
    identity: SlackIdentity
    slack: SlackApi
    replies: Replies
    crm: ConcurrencyLimit
    store: Store
    background: BackgroundTasks
    metrics: Metrics


class LocalInquiries(NamedTuple):
    """A desk without Slack, and its store, which is closed: only what needs it has to open it."""

    inquiries: Inquiries
    store: Store


class LocalDirectory(NamedTuple):
    """The directory of the ``network``, what fills it, and its store, which is closed."""

    directory: Directory
    network: ServiceNetwork
    sync: DirectorySync
    store: Store


class _Shared(NamedTuple):
    """What the desk and the directory's sync have in common, so that one knows what the other has learnt."""

    crm: CrmSession
    directory: Directory
    store: Store
    background: BackgroundTasks
    invalidation: Invalidation
    cache: ProfileCache


@asynccontextmanager
async def build_inquiries(settings: Settings, now: Callable[[], float] = time.time) -> AsyncIterator[LocalInquiries]:
    """For the command line. At the end lookups are drained and connections closed."""
    background = BackgroundTasks()
    metrics = Metrics()
    store = Store(settings.database_url.get_secret_value(), now)
    async with _shared(settings, store, background, metrics, now) as shared:
        try:
            yield LocalInquiries(
                _inquiries(settings, shared, guards_without_slack(settings, store, metrics, now), now), store
            )
        finally:
            await background.drain(DRAIN_SECONDS)
            await store.close()


@asynccontextmanager
async def build_directory(settings: Settings, now: Callable[[], float] = time.time) -> AsyncIterator[LocalDirectory]:
    """For the command line. At the end connections are closed."""
    store = Store(settings.database_url.get_secret_value(), now)
    async with _shared(settings, store, BackgroundTasks(), Metrics(), now) as shared:
        try:
            yield LocalDirectory(shared.directory, network_of(settings), _sync(settings, shared, now), store)
        finally:
            await store.close()


@asynccontextmanager
async def build_app(
    settings: SlackSettings,
    signing_secret: str | None = None,
    now: Callable[[], float] = time.time,
    metrics: Metrics | None = None,
) -> AsyncIterator[CustomerBot]:
    """The whole bot. ``signing_secret`` is what HTTP needs and Socket Mode does not; ``metrics`` is where it counts.

    At the end what was acknowledged is answered, within DRAIN_SECONDS, before the connections are closed.
    """
    background = BackgroundTasks()
    metrics = metrics or Metrics()
    async with (
        _opened(Store(settings.database_url.get_secret_value(), now)) as store,
        aiohttp.ClientSession(timeout=SLACK_TIMEOUT) as session,
    ):
        bot_token = settings.slack_bot_token.get_secret_value()
        client = AsyncWebClient(bot_token, settings.slack_api_url, session=session, retry_handlers=[])
        identity, api = SlackIdentity(client), SlackApi(client, metrics)
        slack = slack_of(settings, api, session, store, background, metrics, now)
        access = access_of(settings, api, slack, identity, background, now)
        unnamed = AsyncWebClient(base_url=settings.slack_api_url, session=session, retry_handlers=[])
        bolt = build_bolt(unnamed, bot_token, identity, signing_secret)
        audit_writer = AuditWriter(store, settings.access_log_days, now)
        audit_log = AuditLog(audit_writer, metrics, now)
        request_guard = RequestGuard(identity, access)
        guard(bolt, request_guard, audit_log, slack)
        automatic_cards = AutomaticCards(store, slack.deduplicator, settings.unfurl_cooldown_seconds, now)
        async with audit_writer.running(), _shared(settings, store, background, metrics, now) as shared:
            watch(metrics, shared.crm.concurrency, store, background, audit_writer)
            inquiries = _inquiries(settings, shared, guards_of(settings, store, access, audit_log, now), now)
            process = LivingProcess(shared.cache, background, audit_writer, metrics, now())
            context = HealthContext(settings, client, shared.crm, network_of(settings), store, now, process)
            health_check = HealthCheck(context, access, audit_log)
            _register(
                bolt, inquiries, automatic_cards, health_check, CustomerLinks(settings.customer_url_template), slack
            )
            shared.invalidation.subscribe_to_changes(slack.users.forget, slack.channels.forget)
            workspace_events.register(bolt, shared.invalidation.publish_change)
            fast_path = FastPath(request_guard, identity, commands.AtOnce(inquiries, slack).answer)
            syncing, looking = _kept_in_sync(settings, shared, now, metrics), shared.invalidation.run(POLL_SECONDS)
            concurrency, replies = shared.crm.concurrency, slack.replies
            async with _drained(background), _meanwhile(syncing), _meanwhile(looking):
                yield CustomerBot(fast_path, bolt, identity, api, replies, concurrency, store, background, metrics)


def _register(
    bolt: AsyncApp,
    inquiries: Inquiries,
    automatic_cards: AutomaticCards,
    health_check: HealthCheck,
    links: CustomerLinks,
    slack: Slack,
) -> None:
    commands.register(
        bolt, inquiries, automatic_cards, health_check, slack
    )  # first: every listener before it costs it time
    buttons.register(bolt, inquiries, slack)
    details_modal.register(bolt, inquiries, slack)
    reveal.register(bolt, inquiries, slack)
    search.register(bolt, inquiries, slack)
    sharing.register(bolt, inquiries, slack)
    overflow_menu.register(bolt, inquiries, automatic_cards, slack)
    shortcuts.register(bolt, inquiries, slack)
    unfurls.register(bolt, inquiries, automatic_cards, links, slack)
    messages.register(bolt, inquiries, automatic_cards, links, slack)
    app_home.register(bolt, inquiries, automatic_cards, slack)


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
async def _shared(
    settings: Settings, store: Store, background: BackgroundTasks, metrics: Metrics, now: Callable[[], float]
) -> AsyncIterator[_Shared]:
    transport = CrmTransport(settings.eshouhou_base_url, settings.eshouhou_timeout_seconds, now)
    cache = ProfileCache(settings.cache_max_entries, settings.cache_ttl_seconds, settings.cache_stale_seconds, now)
    directory = Directory(store, background, directory_key(settings))
    invalidation = Invalidation(store, background)
    invalidation.subscribe(directory.drop)
    try:
        crm = CrmSession(transport, settings, now, metrics, shared_token(settings, store), background)
        yield _Shared(crm, directory, store, background, invalidation, cache)
    finally:
        await transport.close()


def _inquiries(settings: Settings, shared: _Shared, guards: Guards, now: Callable[[], float]) -> Inquiries:
    session, directory, store, background, invalidation, cache = shared
    sealed = SealedQueries(sealing_key(settings), now)
    deadline_seconds = 2 * settings.eshouhou_timeout_seconds
    crm = EshouhouClient(session)
    lookup = CustomerLookup(crm, cache, background, deadline_seconds, now, directory.learn)
    search = CustomerSearch(CrmRoutes(session), directory, background, deadline_seconds, now)
    records = ServiceRecords(CrmServiceRecords(session, now), background, deadline_seconds, now)
    answering = Answering(CustomerLinks(settings.customer_url_template), sealed, settings.field_policy, now)
    invalidation.subscribe(lookup.drop, search.drop, records.drop, answering.drop)
    return Inquiries(
        Resolver(lookup, search, records, answering),
        directory,
        sealed,
        store,
        background,
        *guards,
    )


def _sync(settings: Settings, shared: _Shared, now: Callable[[], float]) -> DirectorySync:
    crm = Crm(CustomerLists(shared.crm), EshouhouClient(shared.crm), settings.crm_requests_per_second)
    return DirectorySync(crm, shared.directory, shared.store, network_of(settings), now)


def _kept_in_sync(
    settings: SlackSettings, shared: _Shared, now: Callable[[], float], metrics: Metrics
) -> Coroutine[Any, Any, None]:
    return keep_in_sync(
        _sync(settings, shared, now),
        settings.directory_sync_hours,
        progress=lambda at: metrics.synced(at.seen, at.new, at.missing),
    )


@asynccontextmanager
async def _drained(background: BackgroundTasks) -> AsyncIterator[None]:
    """At the end what was acknowledged is answered."""
    try:
        yield
    finally:
        given_up = await background.drain(DRAIN_SECONDS)
        log.info("drained", given_up=given_up)


@asynccontextmanager
async def _meanwhile(work: Coroutine[Any, Any, None]) -> AsyncIterator[None]:
    """``work`` goes on meanwhile. Nobody waits for its end: it goes on in the next process."""
    task = asyncio.create_task(work)
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
