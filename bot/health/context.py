"""What a check-up looks at."""

from collections.abc import Callable
from typing import Final, NamedTuple

from slack_sdk.web.async_client import AsyncWebClient

from bot.access.audit_writer import AuditWriter
from bot.crm.session import CrmSession
from bot.customers.cache import ProfileCache
from bot.domain.profile import ServiceNetwork
from bot.runtime.metrics import Metrics
from bot.runtime.tasks import BackgroundTasks
from bot.settings import SlackSettings
from bot.store.store import Store

PATIENCE_SECONDS: Final = 9.0
"""For one check, all of which go on side by side."""
INNER: Final = 0.9
"""Of it, for what a check itself waits for: it can then say who did not answer."""


class LivingProcess(NamedTuple):
    """What only a process that serves has. ``started_at`` is in epoch seconds."""

    cache: ProfileCache
    background: BackgroundTasks
    audit_writer: AuditWriter
    metrics: Metrics
    started_at: float


class Entrances(NamedTuple):
    """The ways in which Slack may reach the bot. ``socket`` has the app-level token and no retry handlers."""

    is_signed: bool
    socket: AsyncWebClient | None


class HealthContext(NamedTuple):
    """``slack`` has its token and no retry handlers. ``process`` is None for the command line, which looks afresh.

    ``now`` is the wall clock: the one whose skew is measured. ``entrances`` is None for a process that serves.
    """

    settings: SlackSettings
    slack: AsyncWebClient
    crm: CrmSession
    network: ServiceNetwork
    store: Store
    now: Callable[[], float]
    process: LivingProcess | None = None
    patience_seconds: float = PATIENCE_SECONDS
    entrances: Entrances | None = None
