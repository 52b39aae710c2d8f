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

from bot.access.audit_log import AccessLog
from bot.access.audit_writer import AccessRows
from bot.crm.api import EshouhouClient
from bot.crm.concurrency import Gate
from bot.crm.customer_lists import CustomerLists
from bot.crm.records import CrmServiceRecords
from bot.crm.search_routes import CrmRoutes
from bot.crm.session import CrmSession
from bot.crm.token_store import shared_token
from bot.crm.transport import CrmTransport
from bot.customers.cache import ProfileCache
from bot.customers.candidates import CandidateSources
from bot.customers.directory.index import Directory
from bot.customers.directory.scheduler import keep_in_sync
from bot.customers.directory.sync import Crm, DirectorySync
from bot.customers.invalidation import LOOK_SECONDS, Forgetting
from bot.customers.lookup import CustomerLookup
from bot.customers.records import ServiceRecords
from bot.customers.search import CustomerSearch
from bot.domain.links import CustomerLinks
from bot.domain.pinyin import Pinyin
from bot.domain.profile import Network
from bot.health.context import LivingProcess, Patient
from bot.health.runner import Doctor
from bot.inquiries.answering import Answering
from bot.inquiries.auto_cards import Quiet
from bot.inquiries.finder import Finder
from bot.inquiries.inquiries import Desk
from bot.privacy.encryption import SealedQueries
from bot.privacy.keys import directory_key, sealing_key
from bot.runtime.metrics import Metrics
from bot.runtime.tasks import Background
from bot.settings import Settings, SlackSettings
from bot.slack.api import SlackApi
from bot.slack.auth import SlackIdentity
from bot.slack.facade import Slack
from bot.slack.replies import Delivery
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
from handlers.fast_path import AtOnce
from handlers.middleware import build_bolt, guard
from handlers.request_guard import Door

DRAIN_SECONDS: Final = 15.0
"""For what was acknowledged and is not yet answered, when the process is told to stop. The database has 5 s more."""
SLACK_TIMEOUT: Final = aiohttp.ClientTimeout(total=10, connect=3)

log = structlog.get_logger(__name__)


class CustomerBot(NamedTuple):
    """A running bot: what it answers at once, and Bolt's app with its listeners for all else; who it is in Slack, its
    ways there, to people and to the CRM, its database, its tasks and what it counts.
    """

    at_once: AtOnce
    bolt: AsyncApp
    identity: SlackIdentity
    slack: SlackApi
    delivery: Delivery
    crm: Gate
    store: Store
    background: Background
    metrics: Metrics


class LocalDesk(NamedTuple):
    """A desk without Slack, and its store, which is closed: only what needs it has to open it."""

    desk: Desk
    store: Store


class LocalDirectory(NamedTuple):
    """The directory of the ``network``, what fills it, and its store, which is closed."""

    directory: Directory
    network: Network
    sync: DirectorySync
    store: Store


class _Shared(NamedTuple):
    """What the desk and the directory's sync have in common, so that one knows what the other has learnt."""

    crm: CrmSession
    directory: Directory
    store: Store
    background: Background
    forgetting: Forgetting
    cache: ProfileCache


@asynccontextmanager
async def build_desk(settings: Settings, now: Callable[[], float] = time.time) -> AsyncIterator[LocalDesk]:
    """For the command line. At the end lookups are drained and connections closed."""
    background = Background()
    metrics = Metrics()
    store = Store(settings.database_url.get_secret_value(), now)
    async with _shared(settings, store, background, metrics, now) as shared:
        try:
            yield LocalDesk(_desk(settings, shared, guards_without_slack(settings, store, metrics, now), now), store)
        finally:
            await background.drain(DRAIN_SECONDS)
            await store.close()


@asynccontextmanager
async def build_directory(settings: Settings, now: Callable[[], float] = time.time) -> AsyncIterator[LocalDirectory]:
    """For the command line. At the end connections are closed."""
    store = Store(settings.database_url.get_secret_value(), now)
    async with _shared(settings, store, Background(), Metrics(), now) as shared:
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
    background = Background()
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
        access_rows = AccessRows(store, settings.access_log_days, now)
        access_log = AccessLog(access_rows, metrics, now)
        door = Door(identity, access)
        guard(bolt, door, access_log, slack)
        quiet = Quiet(store, slack.once, settings.unfurl_cooldown_seconds, now)
        async with access_rows.running(), _shared(settings, store, background, metrics, now) as shared:
            watch(metrics, shared.crm.gate, store, background, access_rows)
            desk = _desk(settings, shared, guards_of(settings, store, access, access_log, now), now)
            process = LivingProcess(shared.cache, background, access_rows, metrics, now())
            patient = Patient(settings, client, shared.crm, network_of(settings), store, now, process)
            doctor = Doctor(patient, access, access_log)
            _register(bolt, desk, quiet, doctor, CustomerLinks(settings.customer_url_template), slack)
            shared.forgetting.tell_of_changes(slack.people.forget, slack.channels.forget)
            workspace_events.register(bolt, shared.forgetting.changed)
            at_once = AtOnce(door, identity, commands.AtOnce(desk, slack).answer)
            syncing, looking = _kept_in_sync(settings, shared, now, metrics), shared.forgetting.run(LOOK_SECONDS)
            gate, delivery = shared.crm.gate, slack.delivery
            async with _drained(background), _meanwhile(syncing), _meanwhile(looking):
                yield CustomerBot(at_once, bolt, identity, api, delivery, gate, store, background, metrics)


def _register(bolt: AsyncApp, desk: Desk, quiet: Quiet, doctor: Doctor, links: CustomerLinks, slack: Slack) -> None:
    commands.register(bolt, desk, quiet, doctor, slack)  # first: every listener before it costs it time
    buttons.register(bolt, desk, slack)
    details_modal.register(bolt, desk, slack)
    reveal.register(bolt, desk, slack)
    search.register(bolt, desk, slack)
    sharing.register(bolt, desk, slack)
    overflow_menu.register(bolt, desk, quiet, slack)
    shortcuts.register(bolt, desk, slack)
    unfurls.register(bolt, desk, quiet, links, slack)
    messages.register(bolt, desk, quiet, links, slack)
    app_home.register(bolt, desk, quiet, slack)


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
    settings: Settings, store: Store, background: Background, metrics: Metrics, now: Callable[[], float]
) -> AsyncIterator[_Shared]:
    transport = CrmTransport(settings.eshouhou_base_url, settings.eshouhou_timeout_seconds, now)
    cache = ProfileCache(settings.cache_max_entries, settings.cache_ttl_seconds, settings.cache_stale_seconds, now)
    directory = Directory(store, background, directory_key(settings))
    forgetting = Forgetting(store, background)
    forgetting.tell(directory.drop)
    try:
        crm = CrmSession(transport, settings, now, metrics, shared_token(settings, store), background)
        yield _Shared(crm, directory, store, background, forgetting, cache)
    finally:
        await transport.close()


def _desk(settings: Settings, shared: _Shared, guards: Guards, now: Callable[[], float]) -> Desk:
    session, directory, store, background, forgetting, cache = shared
    sealed = SealedQueries(sealing_key(settings), now)
    deadline_seconds = 2 * settings.eshouhou_timeout_seconds
    crm = EshouhouClient(session)
    lookup = CustomerLookup(crm, cache, background, deadline_seconds, now, directory.learn)
    sources = CandidateSources(CrmRoutes(session), directory, background, now)
    records = ServiceRecords(CrmServiceRecords(session, now), background, deadline_seconds, now)
    answering = Answering(CustomerLinks(settings.customer_url_template), sealed, settings.field_policy, now)
    forgetting.tell(lookup.drop, sources.drop, records.drop, answering.drop)
    return Desk(
        Finder(
            lookup,
            CustomerSearch(sources, directory, Pinyin(), deadline_seconds),
            records,
            answering,
        ),
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
async def _drained(background: Background) -> AsyncIterator[None]:
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
