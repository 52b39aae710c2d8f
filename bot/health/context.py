"""What all checks share: the objects they look at, their timeouts, and the comparison of clocks."""

from collections.abc import Callable
from typing import Final, NamedTuple

from bot.access.audit_writer import AuditWriter
from bot.crm.session import CrmSession
from bot.customers.cache import ProfileCache
from bot.domain.health import CheckResult, Duration, Fact, Part, Phrase, TextKey, failed, note, ok
from bot.runtime.metrics import Metrics
from bot.runtime.tasks import BackgroundTasks
from bot.settings import SlackSettings
from bot.slack.identity import WebClient
from bot.store.store import Store

CHECK_TIMEOUT_SECONDS: Final = 9.0
"""For one check. All checks run at the same time."""
REQUEST_SHARE: Final = 0.9
"""The share of a check's timeout that its requests have: the check can still report which service did not respond."""
NOTABLE_SKEW_SECONDS: Final = 30.0
"""Longer than a request takes, shorter than any service rejects."""


class ServingProcess(NamedTuple):
    """What exists only in a process that serves Slack. ``started_at`` is in epoch seconds."""

    cache: ProfileCache
    background: BackgroundTasks
    audit_writer: AuditWriter
    metrics: Metrics
    started_at: float


class HealthContext(NamedTuple):
    """``slack`` has its token and no retry handlers. ``process`` is None on the command line.

    ``now`` is the wall clock whose skew is measured.
    """

    settings: SlackSettings
    slack: WebClient
    crm: CrmSession
    store: Store
    now: Callable[[], float]
    process: ServingProcess | None = None
    timeout_seconds: float = CHECK_TIMEOUT_SECONDS

    @property
    def request_timeout_seconds(self) -> float:
        return self.timeout_seconds * REQUEST_SHARE


def compare_clocks(
    part: Part, skew_seconds: float | None, limit_seconds: float, keys: tuple[TextKey, TextKey, TextKey]
) -> list[CheckResult]:
    """How far this machine's clock is ahead of the one of ``part``; no result if that is not known.

    ``keys`` name the texts for clocks that agree, for clocks that differ, and for clocks that differ by
    ``limit_seconds`` or more, which is a failure.
    """
    if skew_seconds is None:
        return []
    agree, differ, fail = keys
    skew = abs(skew_seconds)
    if skew < NOTABLE_SKEW_SECONDS:
        return [ok(part, agree)]
    facts: dict[str, Fact] = {"span": Duration(skew), "way": Phrase("ahead" if skew_seconds > 0 else "behind")}
    return [failed(part, fail, **facts) if skew >= limit_seconds else note(part, differ, **facts)]
