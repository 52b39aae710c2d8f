"""From the settings to what stands before the desk: whose customers, for whom, how often, and what is written down."""

import math
from collections.abc import Callable
from typing import NamedTuple

from bot.access.audit_log import AuditLog
from bot.access.audit_writer import AuditWriter
from bot.access.permissions import Allowed, LocalPermissions, SlackPermissions
from bot.access.rate_limits import RateLimiter
from bot.access.reveal_quota import RevealQuota
from bot.domain.networks import ChannelNetworks
from bot.domain.profile import ServiceNetwork
from bot.inquiries.inquiries import Permissions
from bot.runtime.metrics import Metrics
from bot.runtime.tasks import BackgroundTasks
from bot.settings import Settings, SlackSettings
from bot.slack.api import SlackApi
from bot.slack.facade import Slack
from bot.slack.identity import SlackIdentity
from bot.slack.usergroups import UserGroups
from bot.store.store import Store


class Guards(NamedTuple):
    """Whose customers are seen where, who may ask, how often, and what is written down of it."""

    networks: ChannelNetworks
    access: Permissions
    rate_limiter: RateLimiter
    reveals: RevealQuota
    audit_log: AuditLog


def access_of(
    settings: SlackSettings,
    api: SlackApi,
    slack: Slack,
    identity: SlackIdentity,
    background: BackgroundTasks,
    now: Callable[[], float],
) -> SlackPermissions:
    groups = settings.allowed_usergroups
    allowed = Allowed(settings.allowed_users, settings.allowed_channels, tuple(sorted(settings.admin_users)))
    usergroups = UserGroups(api, background, groups, now) if groups else None
    return SlackPermissions(identity, slack.users, slack.channels, usergroups, allowed)


def guards_of(
    settings: SlackSettings, store: Store, access: SlackPermissions, audit_log: AuditLog, now: Callable[[], float]
) -> Guards:
    return Guards(
        ChannelNetworks(
            network_of(settings), {at: ServiceNetwork(*network) for at, network in settings.channel_networks.items()}
        ),
        access,
        RateLimiter(settings.lookups_per_minute, now),
        RevealQuota(store, settings.reveals_per_hour),
        audit_log,
    )


def guards_without_slack(settings: Settings, store: Store, metrics: Metrics, now: Callable[[], float]) -> Guards:
    """The command line asks as often as it likes, and reveals nothing; nobody writes its access log's rows."""
    networks = ChannelNetworks(network_of(settings), {})
    audit_log = AuditLog(AuditWriter(store, settings.access_log_days, now), metrics, now)
    return Guards(networks, LocalPermissions(), RateLimiter(math.inf, now), RevealQuota(store, per_hour=1), audit_log)


def network_of(settings: Settings) -> ServiceNetwork:
    """Whose customers the bot sees."""
    return ServiceNetwork(settings.eshouhou_service_network_id or "", settings.eshouhou_service_network_type)
