"""What a running bot consists of: start, wiring, drain."""

import asyncio
import math
import time
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from typing import Any, Final, NamedTuple

import aiohttp
import structlog
from slack_bolt.app.async_app import AsyncApp

from bot.access.audit_log import AuditLog
from bot.access.audit_writer import AuditWriter
from bot.access.permissions import Allowed, LocalPermissions, SlackPermissions
from bot.access.rate_limits import RateLimiter
from bot.access.reveal_quota import RevealQuota
from bot.cards.error_cards import unavailable_card
from bot.cards.limits import entity_within_limits, view_within_limits, within_limits
from bot.cards.modal import message_view
from bot.cards.notices import store_card
from bot.crm.api import EshouhouClient
from bot.crm.circuit_breaker import CircuitState
from bot.crm.concurrency import ConcurrencyLimit
from bot.crm.customer_lists import CustomerLists
from bot.crm.records import CrmServiceRecords
from bot.crm.search_routes import CrmRoutes
from bot.crm.session import CrmSession
from bot.crm.token import DatabaseSharing
from bot.crm.transport import CrmTransport
from bot.customers.cache import ProfileCache
from bot.customers.directory.index import Directory
from bot.customers.directory.sync import Crm, DirectorySync, keep_in_sync
from bot.customers.invalidation import POLL_SECONDS, Invalidation
from bot.customers.lookup import CustomerLookup
from bot.customers.records import ServiceRecords
from bot.customers.search import CustomerSearch
from bot.domain.links import CustomerLinks
from bot.domain.networks import ChannelNetworks
from bot.domain.profile import ServiceNetwork
from bot.domain.query import QueryReader
from bot.domain.results import Failure, Unavailable
from bot.errors import Trouble
from bot.health.context import HealthContext, ServingProcess
from bot.health.health_check import HealthCheck
from bot.inquiries.automatic_cards import AutomaticCards
from bot.inquiries.inquiries import Inquiries
from bot.inquiries.resolver import Resolver
from bot.inquiries.result_cache import ResultCache
from bot.inquiries.saved_customers import Recents
from bot.privacy.encryption import SealedQueries
from bot.privacy.keys import directory_key, sealing_key, token_key
from bot.runtime.metrics import Metrics, operation_of
from bot.runtime.tasks import BackgroundTasks
from bot.settings import Settings, SlackSettings
from bot.slack.api import SlackApi
from bot.slack.channel_posts import ChannelPosts
from bot.slack.channels import Channels
from bot.slack.deduplication import EventDeduplicator
from bot.slack.facade import Slack
from bot.slack.identity import SlackIdentity, slack_session, web_client
from bot.slack.languages import Languages
from bot.slack.message import Message
from bot.slack.outgoing import Outgoing
from bot.slack.replies import Replies
from bot.slack.usergroups import UserGroups
from bot.slack.users import Users
from bot.slack.view_state import ViewState
from bot.slack.views import Views
from bot.store.store import Store
from handlers import register_listeners
from handlers.fast_path import FastPath
from handlers.middleware import RequestGuard, build_bolt

DRAIN_SECONDS: Final = 15.0
"""For what was acknowledged and is not answered yet when the process stops. The database has 5 s more."""
_CIRCUIT_GAUGE: Final = {CircuitState.CLOSED: 0.0, CircuitState.HALF_OPEN: 0.5, CircuitState.OPEN: 1.0}

log = structlog.get_logger(__name__)

Clock = Callable[[], float]
"""The wall clock, in epoch seconds."""


class CustomerBot(NamedTuple):
    """A running bot: its two ways to answer, its connections to Slack, the CRM and the database, tasks and metrics."""

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
    """Inquiries without Slack, and the store, which is closed: a command that needs it opens it."""

    inquiries: Inquiries
    store: Store


class LocalDirectory(NamedTuple):
    """The directory of ``network``, its sync, and the store, which is closed: the command opens it."""

    directory: Directory
    network: ServiceNetwork
    sync: DirectorySync
    store: Store


class _Core(NamedTuple):
    """What inquiries and the directory's sync share, so that each invalidates what the other keeps."""

    settings: Settings
    now: Clock
    metrics: Metrics
    store: Store
    background: BackgroundTasks
    crm: CrmSession
    cache: ProfileCache
    directory: Directory
    invalidation: Invalidation

    def sync(self) -> DirectorySync:
        crm = Crm(CustomerLists(self.crm), EshouhouClient(self.crm), self.settings.crm_requests_per_second)
        return DirectorySync(crm, self.directory, self.store, self.settings.service_network, self.now)


@asynccontextmanager
async def build_inquiries(settings: Settings, now: Clock = time.time) -> AsyncIterator[LocalInquiries]:
    """For the command line, which is neither limited nor revealed to. At the end lookups are drained."""
    store = Store(settings.database_url.get_secret_value(), now)
    async with _core(settings, store, BackgroundTasks(), Metrics(), now) as core:
        inquiries = _inquiries(
            core,
            ChannelNetworks(settings.service_network, {}),
            LocalPermissions(),
            RateLimiter(math.inf, now),
            RevealQuota(store, per_hour=1),
            AuditLog(AuditWriter(store, settings.access_log_days, now), core.metrics, now),
        )
        try:
            yield LocalInquiries(inquiries, store)
        finally:
            await core.background.drain(DRAIN_SECONDS)
            await store.close()


@asynccontextmanager
async def build_directory(settings: Settings, now: Clock = time.time) -> AsyncIterator[LocalDirectory]:
    """For the command line. At the end connections are closed."""
    store = Store(settings.database_url.get_secret_value(), now)
    async with _core(settings, store, BackgroundTasks(), Metrics(), now) as core:
        try:
            yield LocalDirectory(core.directory, settings.service_network, core.sync(), store)
        finally:
            await store.close()


@asynccontextmanager
async def build_app(
    settings: SlackSettings, now: Clock = time.time, metrics: Metrics | None = None
) -> AsyncIterator[CustomerBot]:
    """The whole bot, to which only verified requests may be passed.

    At the end what was acknowledged is answered, within DRAIN_SECONDS, before connections are closed.
    """
    background, metrics = BackgroundTasks(), metrics or Metrics()
    async with (
        _opened(Store(settings.database_url.get_secret_value(), now)) as store,
        slack_session() as session,
    ):
        token = settings.slack_bot_token.get_secret_value()
        client = web_client(settings.slack_api_url, session, token)
        identity, api = SlackIdentity(client), SlackApi(client, metrics)
        slack = _slack(settings, api, session, store, background, metrics, now)
        permissions = _permissions(settings, identity, api, slack, background, now)
        audit_writer = AuditWriter(store, settings.access_log_days, now)
        audit_log = AuditLog(audit_writer, metrics, now)
        guard = RequestGuard(identity, permissions)
        without_token = web_client(settings.slack_api_url, session)
        bolt = build_bolt(without_token, token, identity, guard, audit_log, slack)
        async with audit_writer.running(), _core(settings, store, background, metrics, now) as core:
            _register_gauges(core, audit_writer)
            rate_limiter = RateLimiter(settings.lookups_per_minute, now)
            inquiries = _inquiries(
                core,
                ChannelNetworks(settings.service_network, settings.channel_networks),
                permissions,
                rate_limiter,
                RevealQuota(store, settings.reveals_per_hour),
                audit_log,
            )
            process = ServingProcess(core.cache, background, audit_writer, metrics, now())
            health = HealthContext(settings, client, core.crm, store, now, process)
            cooldown_seconds = settings.thread_card_cooldown_seconds or settings.unfurl_cooldown_seconds
            register_listeners(
                bolt,
                slack,
                inquiries,
                AutomaticCards(store, slack.deduplicator, cooldown_seconds, now),
                HealthCheck(health, permissions, audit_log),
                CustomerLinks(settings.customer_url_template),
                QueryReader(settings.customer_number_pattern),
                core.invalidation.publish_change,
            )
            core.invalidation.subscribe_to_changes(slack.users.forget, slack.channels.forget)
            syncing = keep_in_sync(
                core.sync(),
                settings.directory_sync_hours,
                progress=lambda at: metrics.set_sync_progress(at.seen, at.new, at.missing),
            )
            fast_path = FastPath(guard, identity, inquiries, slack)
            async with (
                _drained(background),
                _running(syncing),
                _running(core.directory.renew_search_texts()),
                _running(core.invalidation.run(POLL_SECONDS)),
            ):
                yield CustomerBot(
                    fast_path, bolt, identity, api, slack.replies, core.crm.concurrency, store, background, metrics
                )
            rate_limiter.log_suggestions()


def open_circuits(concurrency: ConcurrencyLimit) -> dict[str, float]:
    """How open the circuit of each operation is; of two paths to one operation, the worse."""
    found: dict[str, float] = {}
    for path, breaker in concurrency.breakers.copy().items():  # the event loop may add one meanwhile
        operation = operation_of(path)
        found[operation] = max(found.get(operation, 0.0), _CIRCUIT_GAUGE[breaker.state])
    return found


@asynccontextmanager
async def _core(
    settings: Settings, store: Store, background: BackgroundTasks, metrics: Metrics, now: Clock
) -> AsyncIterator[_Core]:
    transport = CrmTransport(settings.eshouhou_base_url, settings.eshouhou_timeout_seconds, now)
    cache = ProfileCache(settings.cache_max_entries, settings.cache_ttl_seconds, settings.cache_stale_seconds, now)
    directory = Directory(store, background, directory_key(settings))
    invalidation = Invalidation(store, background)
    invalidation.subscribe(directory.drop)
    try:
        sharing = DatabaseSharing(store, settings.eshouhou_app_id or "", token_key(settings))
        crm = CrmSession(transport, settings, now, metrics, sharing, background)
        yield _Core(settings, now, metrics, store, background, crm, cache, directory, invalidation)
    finally:
        await transport.close()


def _inquiries(
    core: _Core,
    networks: ChannelNetworks,
    permissions: LocalPermissions | SlackPermissions,
    rate_limiter: RateLimiter,
    reveal_quota: RevealQuota,
    audit_log: AuditLog,
) -> Inquiries:
    settings, now, store, background, directory = core.settings, core.now, core.store, core.background, core.directory
    deadline_seconds = 2 * settings.eshouhou_timeout_seconds
    lookup = CustomerLookup(EshouhouClient(core.crm), core.cache, background, deadline_seconds, now, directory.learn)
    search = CustomerSearch(CrmRoutes(core.crm), directory, background, deadline_seconds, now)
    records = ServiceRecords(CrmServiceRecords(core.crm), background, deadline_seconds, now)
    results = ResultCache(CustomerLinks(settings.customer_url_template), settings.field_policy, now)
    core.invalidation.subscribe(lookup.drop, search.drop, records.drop, results.drop)
    sealed = SealedQueries(sealing_key(settings), now)
    reader = QueryReader(settings.customer_number_pattern)
    resolver = Resolver(lookup, search, records, results, sealed, settings.field_policy, reader)
    recents = Recents(store, background)
    return Inquiries(resolver, directory, store, recents, networks, permissions, rate_limiter, reveal_quota, audit_log)


def _permissions(
    settings: SlackSettings,
    identity: SlackIdentity,
    api: SlackApi,
    slack: Slack,
    background: BackgroundTasks,
    now: Clock,
) -> SlackPermissions:
    groups = settings.allowed_usergroups
    usergroups = UserGroups(api, background, groups, now) if groups else None
    allowed = Allowed(settings.allowed_users, settings.allowed_channels, tuple(sorted(settings.admin_users)))
    return SlackPermissions(identity, slack.users, slack.channels, usergroups, allowed)


def _slack(
    settings: SlackSettings,
    api: SlackApi,
    session: aiohttp.ClientSession,
    store: Store,
    background: BackgroundTasks,
    metrics: Metrics,
    now: Clock,
) -> Slack:
    users = Users(api, background, now)
    languages = Languages(settings.language, users)

    def apology(trouble: Trouble, user: str, code: str) -> Message:
        texts = languages.known(user)
        if trouble is Trouble.STORE:
            return store_card(code, texts)
        return unavailable_card(Unavailable(None, Failure(trouble, code)), texts)

    outgoing = Outgoing(
        limit_message=within_limits,
        limit_view=lambda view, user: view_within_limits(view, languages.known(user)),
        limit_entity=entity_within_limits,
        apology=apology,
        apology_view=lambda trouble, user, code: message_view(
            apology(trouble, user, code), languages.known(user), ViewState()
        ),
    )
    channels = Channels(api, background, now)
    replies = Replies(session, api, background, outgoing, settings.ack_budget_seconds, metrics)
    return Slack(
        replies=replies,
        views=Views(api, background, replies, outgoing),
        posts=ChannelPosts(api, channels, outgoing),
        deduplicator=EventDeduplicator(store, background, now),
        languages=languages,
        users=users,
        channels=channels,
    )


def _register_gauges(core: _Core, audit_writer: AuditWriter) -> None:
    """Lengths and states that Prometheus reads when it scrapes: nothing counts them."""
    metrics, concurrency = core.metrics, core.crm.concurrency
    metrics.watch("background_tasks", "Tasks under way that outlive their request.", lambda: len(core.background))
    metrics.watch("database_trouble", "1 while the database cannot be used.", lambda: bool(core.store.trouble))
    metrics.watch("access_log_rows_waiting", "Rows that wait for the database.", lambda: audit_writer.waiting)
    metrics.watch_total("access_log_rows_lost", "Rows that no database will have.", lambda: audit_writer.lost)
    metrics.watch("crm_requests_waiting", "Requests to the CRM that wait for their turn.", lambda: concurrency.waiting)
    metrics.watch(
        "crm_requests_under_way", "Requests that the CRM has not answered yet.", lambda: concurrency.under_way
    )
    metrics.watch_each(
        "crm_breaker_open",
        "1 while the CRM is not asked as it did not answer, 0.5 while one request tries it, else 0.",
        "operation",
        lambda: open_circuits(concurrency),
    )


@asynccontextmanager
async def _opened(store: Store) -> AsyncIterator[Store]:
    """Open the store in the background: requests are answered without it."""
    try:
        async with _running(store.open()):
            yield store
    finally:
        await store.close()


@asynccontextmanager
async def _drained(background: BackgroundTasks) -> AsyncIterator[None]:
    """At the end, finish what was acknowledged."""
    try:
        yield
    finally:
        given_up = await background.drain(DRAIN_SECONDS)
        log.info("drained", given_up=given_up)


@asynccontextmanager
async def _running(work: Coroutine[Any, Any, None]) -> AsyncIterator[None]:
    """Run ``work`` beside the requests; it is cancelled at the end and goes on in the next process."""
    task = asyncio.create_task(work)
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
