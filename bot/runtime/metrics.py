"""What one process counts, for Prometheus. No label ever holds an id, a name, an address or what somebody typed."""

import re
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cache
from typing import Final

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, disable_created_metrics
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from bot.errors import CrmError, SlackError, SlackRefused

PREFIX: Final = "customer_bot_"
ACKNOWLEDGEMENT_BUCKETS: Final = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 1.5, 2, 2.5, 3)
"""In seconds. Slack gives up after three."""
CRM_BUCKETS: Final = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)
"""In seconds. ESHOUHOU_TIMEOUT_SECONDS is 7 at most."""
RESPONSE_URL: Final = "response_url"
"""Stands for the method where a ``response_url`` is posted to."""
OK: Final = "ok"
OTHER: Final = "other"
CACHE_RESULTS: Final = ("hit", "miss", "stale")
SLACK_ERROR_CODES: Final = frozenset(
    {
        "access_denied", "account_inactive", "cannot_find_message", "cannot_unfurl_url", "channel_not_found",
        "error_processing_metadata", "exchanged_trigger_id", "expired_trigger_id", "expired_url", "fatal_error",
        "hash_conflict", "internal_error", "invalid_arguments", "invalid_attachments", "invalid_auth", "invalid_blocks",
        "invalid_blocks_format", "invalid_metadata_format", "invalid_trigger_id", "is_archived",
        "messages_tab_disabled", "missing_scope", "msg_blocks_too_long", "msg_too_long", "no_permission",
        "no_such_subteam", "no_text", "not_allowed_token_type", "not_authed", "not_found", "not_in_channel",
        "push_limit_reached", "ratelimited", "request_timeout", "restricted_action", "service_unavailable",
        "team_access_not_granted", "token_expired", "token_revoked", "used_url", "user_not_found",
        "user_not_in_channel", "user_not_visible", "view_too_large",
    }
)  # fmt: skip
"""Slack's words that have a series of their own: what stands between Slack and the bot may say anything."""
UNREACHABLE: Final = "unreachable"
INTERRUPTED: Final = "interrupted"
"""The lookup's time was over before the CRM's, or the process ended."""

_Family = CounterMetricFamily | GaugeMetricFamily
_Reading = Callable[[], Mapping[tuple[str, ...], float]]
_NAME: Final = re.compile("[A-Za-z][A-Za-z_.]{0,59}")


class Metrics:
    """The counters of one process, in a registry of their own."""

    def __init__(self) -> None:
        disable_created_metrics()  # type: ignore[no-untyped-call]  # a second series each, which tells nobody anything
        self.registry = CollectorRegistry()
        lookups = self._counter(
            "lookups", "Inquiries, by the access log's words for where they came from and what came of them.",
            "surface", "outcome",
        )  # fmt: skip
        self._lookup = cache(lookups.labels)  # which checks and copies its labels each time
        cached = self._counter("cache_results", "Customers shown, by whether a fresh copy was at hand.", "result")
        self._cached = {result: cached.labels(result) for result in CACHE_RESULTS}
        self._crm = self._histogram(
            "crm_request_duration_seconds", "One HTTP request to the CRM, by operation and what came of it.",
            CRM_BUCKETS, "operation", "result",
        )  # fmt: skip
        self._slack = self._counter("slack_calls", "Calls of Slack, by method and its answer.", "method", "result")
        self._undelivered = self._counter("answers_not_delivered", "Private answers that Slack did not take.")
        acknowledged = self._histogram(
            "acknowledgement_duration_seconds", "From a request of Slack's until its acknowledgement was written.",
            ACKNOWLEDGEMENT_BUCKETS, "kind",
        )  # fmt: skip
        self._acknowledged = cache(acknowledged.labels)
        self._synced = self._gauge("directory_sync_customers", "Of the directory's sync, now or last, here.", "state")

    def noted(self, surface: str, outcome: str, cache: str | None) -> None:
        """An inquiry, in the access log's words."""
        self._lookup(surface, outcome).inc()
        if cache is not None:
            self._cached[cache].inc()

    def shown(self) -> dict[str, int]:
        """How many customers were shown, by CACHE_RESULTS."""
        name = f"{PREFIX}cache_results_total"
        return {word: int(self.registry.get_sample_value(name, {"result": word}) or 0) for word in CACHE_RESULTS}

    @contextmanager
    def crm_request(self, path: str) -> Iterator[None]:
        """One request to the CRM, until its answer has been read. CrmErrors go through it, as anything does."""
        began = time.perf_counter()
        result = INTERRUPTED
        try:
            yield
            result = OK
        except CrmError as error:
            result = str(error.trouble)
            raise
        finally:
            self._crm.labels(operation_of(path), result).observe(time.perf_counter() - began)

    def slack_called(self, method: str, error: SlackError | None = None) -> None:
        """One call of ``method``, or of RESPONSE_URL, and why Slack did not do it."""
        self._slack.labels(name_or_other(method), _slack_result(error)).inc()

    def not_delivered(self) -> None:
        """A private answer was given up."""
        self._undelivered.inc()

    def acknowledged(self, kind: str, seconds: float) -> None:
        """A request of Slack's, of one of ``KINDS`` in ``bot.slack.verification``."""
        self._acknowledged(kind).observe(seconds)

    def synced(self, seen: int, new: int, missing: int) -> None:
        """How far the directory's sync has come."""
        for state, customers in (("seen", seen), ("new", new), ("missing", missing)):
            self._synced.labels(state).set(customers)

    def watch(self, name: str, meaning: str, read: Callable[[], float]) -> None:
        """A gauge that is ``read`` whenever somebody looks: from another thread, so it must not wait or change things.

        ``name`` is without the prefix, and ends with its unit where it has one.
        """
        self._gauge(name, meaning).set_function(read)

    def watch_total(self, name: str, meaning: str, read: Callable[[], float]) -> None:
        """``watch`` for what only grows; ``_total`` is added to its name."""
        self.registry.register(_Read(CounterMetricFamily, PREFIX + name, meaning, (), lambda: {(): read()}))

    def watch_each(self, name: str, meaning: str, label: str, read: Callable[[], Mapping[str, float]]) -> None:
        """``watch`` for a gauge of several series, by the value of their one ``label``."""
        self.registry.register(
            _Read(GaugeMetricFamily, PREFIX + name, meaning, (label,), lambda: {(at,): n for at, n in read().items()})
        )

    def _counter(self, name: str, meaning: str, *labels: str) -> Counter:
        return Counter(PREFIX + name, meaning, labels, registry=self.registry)

    def _gauge(self, name: str, meaning: str, *labels: str) -> Gauge:
        return Gauge(PREFIX + name, meaning, labels, registry=self.registry)

    def _histogram(self, name: str, meaning: str, buckets: Iterable[float], *labels: str) -> Histogram:
        return Histogram(PREFIX + name, meaning, labels, registry=self.registry, buckets=tuple(buckets))


class _Read(Collector):
    """What somebody else counts: the library has functions for single gauges alone. ``read`` gives it by its labels."""

    def __init__(self, kind: type[_Family], name: str, meaning: str, labels: Sequence[str], read: _Reading) -> None:
        self._kind = kind
        self._named = (name, meaning)
        self._labels = labels
        self._read = read

    def collect(self) -> Iterable[Metric]:
        family = self._kind(*self._named, labels=self._labels)
        for labels, value in self._read().items():
            family.add_metric(labels, value)
        yield family


def operation_of(path: str) -> str:
    """The CRM's operation at ``path``: its last part."""
    return name_or_other(path.rpartition("/")[2])


def name_or_other(name: str) -> str:
    """``name`` where it is one of an operation or a method: those have neither digits nor slashes, which ids have."""
    return name if _NAME.fullmatch(name) else OTHER


def _slack_result(error: SlackError | None) -> str:
    if error is None:
        return OK
    if not isinstance(error, SlackRefused):
        return UNREACHABLE
    return error.code if error.code in SLACK_ERROR_CODES else OTHER
