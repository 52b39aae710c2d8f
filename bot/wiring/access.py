"""From the settings to what stands before the desk: whose customers, for whom, how often, and what is written down."""

import math
from collections.abc import Callable
from typing import NamedTuple

from bot.access.audit_log import AccessLog
from bot.access.audit_writer import AccessRows
from bot.access.permissions import Access, Allowed, NoSlack
from bot.access.rate_limits import Allowances
from bot.access.reveal_quota import Reveals
from bot.domain.networks import Networks
from bot.domain.profile import Network
from bot.inquiries.inquiries import Guard
from bot.runtime.metrics import Metrics
from bot.runtime.tasks import Background
from bot.settings import Settings, SlackSettings
from bot.slack.api import SlackApi
from bot.slack.auth import SlackIdentity
from bot.slack.facade import Slack
from bot.slack.usergroups import UserGroups
from bot.store.store import Store


class Guards(NamedTuple):
    """Whose customers are seen where, who may ask, how often, and what is written down of it."""

    networks: Networks
    access: Guard
    allowances: Allowances
    reveals: Reveals
    access_log: AccessLog


def access_of(
    settings: SlackSettings,
    api: SlackApi,
    slack: Slack,
    identity: SlackIdentity,
    background: Background,
    now: Callable[[], float],
) -> Access:
    groups = settings.allowed_usergroups
    allowed = Allowed(settings.allowed_users, settings.allowed_channels, tuple(sorted(settings.admin_users)))
    usergroups = UserGroups(api, background, groups, now) if groups else None
    return Access(identity, slack.people, slack.channels, usergroups, allowed)


def guards_of(
    settings: SlackSettings, store: Store, access: Access, access_log: AccessLog, now: Callable[[], float]
) -> Guards:
    return Guards(
        Networks(network_of(settings), {at: Network(*network) for at, network in settings.channel_networks.items()}),
        access,
        Allowances(settings.lookups_per_minute, now),
        Reveals(store, settings.reveals_per_hour),
        access_log,
    )


def guards_without_slack(settings: Settings, store: Store, metrics: Metrics, now: Callable[[], float]) -> Guards:
    """The command line asks as often as it likes, and reveals nothing; nobody writes its access log's rows."""
    networks = Networks(network_of(settings), {})
    access_log = AccessLog(AccessRows(store, settings.access_log_days, now), metrics, now)
    return Guards(networks, NoSlack(), Allowances(math.inf, now), Reveals(store, per_hour=1), access_log)


def network_of(settings: Settings) -> Network:
    """Whose customers the bot sees."""
    return Network(settings.eshouhou_service_network_id or "", settings.eshouhou_service_network_type)
