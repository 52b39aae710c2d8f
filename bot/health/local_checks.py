"""The checks that send no request: the settings, the cache and the queues."""

from collections.abc import Iterator, Set
from importlib.metadata import version
from ipaddress import ip_address
from urllib.parse import urlsplit

from bot.access.audit_writer import BATCH, MAX_WAITING
from bot.domain.health import CheckResult, Duration, Fact, Part, TextKey, Verdict, failed, note, ok
from bot.health.context import HealthContext
from bot.settings import DoctorSettings, SlackSettings


async def check_settings(context: HealthContext) -> list[CheckResult]:
    """Settings that contradict one another, are missing or are risky. No value of a secret is reported."""
    settings = context.settings
    notes = [*check_access_settings(settings), *check_service_settings(settings)]
    results = notes or [ok(Part.SETTINGS, TextKey.SETTINGS_FINE)]
    if settings.customer_url_template is None:
        results.append(note(Part.SETTINGS, TextKey.NO_LINKS))
    else:
        results.append(ok(Part.SETTINGS, TextKey.LINKS, host=urlsplit(settings.customer_url_template).hostname or ""))
    return [*results, *check_ways_in(settings)]


def check_access_settings(settings: SlackSettings) -> Iterator[CheckResult]:
    """Admins and channels that the settings name in one place and exclude in another."""
    if not settings.admin_users:
        yield note(Part.SETTINGS, TextKey.NO_ADMINS)
    if settings.allowed_users and not settings.allowed_usergroups:  # only Slack knows who is in a user group
        yield from _not_allowed(TextKey.ADMINS_NOT_ALLOWED, settings.admin_users - settings.allowed_users)
    if settings.allowed_channels:
        excluded = settings.channel_networks.keys() - settings.allowed_channels
        yield from _not_allowed(TextKey.CHANNELS_NOT_ALLOWED, excluded)


def _not_allowed(key: TextKey, ids: Set[str]) -> Iterator[CheckResult]:
    if ids:
        yield note(Part.SETTINGS, key, ids=", ".join(sorted(ids)))


def check_service_settings(settings: SlackSettings) -> Iterator[CheckResult]:
    """The CRM's credentials, the database, the sync, and tokens that leave the machine unencrypted."""
    if settings.eshouhou_access_token is not None and settings.eshouhou_app_id and settings.eshouhou_app_secret:
        yield note(Part.SETTINGS, TextKey.TWO_CREDENTIALS)
    if settings.database_url.get_secret_value().lower() == "sqlite:///:memory:":
        yield note(Part.SETTINGS, TextKey.IN_MEMORY)
    if settings.directory_sync_hours == 0:
        yield note(Part.SETTINGS, TextKey.NO_SYNCS)
    for name in ("eshouhou_base_url", "slack_api_url"):
        address = urlsplit(getattr(settings, name))
        if address.scheme == "http" and not _is_loopback(address.hostname or ""):
            yield note(Part.SETTINGS, TextKey.PLAIN_HTTP, variable=name.upper())


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def check_ways_in(settings: SlackSettings) -> list[CheckResult]:
    """Whether requests can arrive over HTTP or over Socket Mode. In a process that serves they do."""
    if not isinstance(settings, DoctorSettings):
        return []
    match settings.slack_signing_secret, settings.slack_app_token:
        case None, None:
            return [failed(Part.SETTINGS, TextKey.NO_WAY_IN)]
        case _, None:
            return [ok(Part.SETTINGS, TextKey.OVER_HTTP)]
        case None, _:
            return [ok(Part.SETTINGS, TextKey.OVER_SOCKET_MODE)]
    return [note(Part.SETTINGS, TextKey.HTTP_AND_SOCKET_MODE)]


async def check_process(context: HealthContext) -> list[CheckResult]:
    """The version; of a process that serves also its uptime, cache and queues."""
    release, process = version("customer-bot"), context.process
    if process is None:
        return [ok(Part.PROCESS, TextKey.VERSION, version=release)]
    entries, most = len(process.cache), context.settings.cache_max_entries
    shown = process.metrics.cache_results()
    return [
        ok(Part.CACHE, TextKey.CACHE, entries=entries, most=most, hits=shown["hit"], shown=sum(shown.values())),
        check_crm_queue(context),
        ok(Part.QUEUE, TextKey.TASKS, tasks=len(process.background)),
        check_audit_queue(process.audit_writer.waiting),
        ok(Part.PROCESS, TextKey.UP, version=release, up=Duration(context.now() - process.started_at)),
    ]


def check_crm_queue(context: HealthContext) -> CheckResult:
    limit, at_once = context.crm.concurrency, context.settings.crm_concurrency
    if limit.waiting >= limit.max_waiting:
        verdict, key = Verdict.FAILED, TextKey.CRM_QUEUE_FULL
    elif limit.waiting:
        verdict, key = Verdict.NOTE, TextKey.CRM_QUEUE_WAITS
    else:
        verdict, key = Verdict.OK, TextKey.CRM_QUEUE
    waiting: dict[str, Fact] = {"waiting": limit.waiting, "most": limit.max_waiting}
    return CheckResult(verdict, Part.QUEUE, key, {"under_way": limit.under_way, "at_once": at_once, **waiting})


def check_audit_queue(waiting: int) -> CheckResult:
    """More than a batch waits only while the database does not accept rows."""
    if waiting >= MAX_WAITING:
        return failed(Part.QUEUE, TextKey.ROWS_DROPPED, rows=waiting)
    if waiting > BATCH:
        return note(Part.QUEUE, TextKey.ROWS_WAIT, rows=waiting, most=MAX_WAITING)
    return ok(Part.QUEUE, TextKey.ROWS, rows=waiting)
