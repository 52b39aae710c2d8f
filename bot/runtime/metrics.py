"""The Prometheus metrics of one process. No label ever holds an id, a name, an address or text that a user typed."""

import re
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import cache, partial
from typing import Final

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, disable_created_metrics
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from bot.errors import CrmError, SlackError, SlackRefused

NAMESPACE: Final = "customer_bot"
ACKNOWLEDGEMENT_BUCKETS: Final = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 1.5, 2, 2.5, 3)
"""In seconds. Slack gives up after three."""
CRM_BUCKETS: Final = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)
"""In seconds. ESHOUHOU_TIMEOUT_SECONDS is 7 at most."""
RESPONSE_URL: Final = "response_url"
"""The ``method`` label of posts to a ``response_url``."""
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
"""Slack's error codes that have a series of their own. Others count as OTHER: a proxy may respond with anything."""
UNREACHABLE: Final = "unreachable"
INTERRUPTED: Final = "interrupted"
"""The request was cancelled, by the lookup's timeout or the end of the process, or met a bug."""

_NAME: Final = re.compile("[A-Za-z][A-Za-z_.]{0,59}")


class Metrics:
    """The counters of one process, in a registry of their own."""

    def __init__(self) -> None:
        disable_created_metrics()  # type: ignore[no-untyped-call]  # a second series for each counter, of no use here
        self.registry = CollectorRegistry()
        counter = partial(Counter, namespace=NAMESPACE, registry=self.registry)
        histogram = partial(Histogram, namespace=NAMESPACE, registry=self.registry)
        self._gauge = partial(Gauge, namespace=NAMESPACE, registry=self.registry)
        lookups = counter(
            "lookups", "Inquiries, by the access log's words for where they came from and what came of them.",
            ("surface", "outcome"),
        )  # fmt: skip
        self._lookups = cache(lookups.labels)  # labels() checks and copies its arguments on every call
        cached = counter("cache_results", "Customers shown, by whether a fresh copy was at hand.", ("result",))
        self._cached = {result: cached.labels(result) for result in CACHE_RESULTS}
        self._crm_requests = histogram(
            "crm_request_duration_seconds", "One HTTP request to the CRM, by operation and what came of it.",
            ("operation", "result"), buckets=CRM_BUCKETS,
        )  # fmt: skip
        self._slack_calls = counter("slack_calls", "Calls of Slack, by method and its answer.", ("method", "result"))
        self._undelivered = counter("answers_not_delivered", "Private answers that Slack did not take.")
        acknowledgements = histogram(
            "acknowledgement_duration_seconds", "From a request of Slack's until its acknowledgement was written.",
            ("kind",), buckets=ACKNOWLEDGEMENT_BUCKETS,
        )  # fmt: skip
        self._acknowledgements = cache(acknowledgements.labels)
        self._synced = self._gauge("directory_sync_customers", "Of the directory's sync, now or last, here.", ["state"])

    def count_lookup(self, surface: str, outcome: str, cache: str | None) -> None:
        """One inquiry, in the access log's words."""
        self._lookups(surface, outcome).inc()
        if cache is not None:
            self._cached[cache].inc()

    def cache_results(self) -> dict[str, int]:
        """How many customers were shown, by CACHE_RESULTS."""
        name = f"{NAMESPACE}_cache_results_total"
        return {result: int(self.registry.get_sample_value(name, {"result": result}) or 0) for result in CACHE_RESULTS}

    @contextmanager
    def crm_request(self, path: str) -> Iterator[None]:
        """Time one request to the CRM, until its response has been read. Exceptions are counted and pass through."""
        began = time.perf_counter()
        result = INTERRUPTED
        try:
            yield
            result = OK
        except CrmError as error:
            result = str(error.trouble)
            raise
        finally:
            self._crm_requests.labels(operation_of(path), result).observe(time.perf_counter() - began)

    def count_slack_call(self, method: str, error: SlackError | None = None) -> None:
        """One call of ``method``, or of RESPONSE_URL, and the error it ended with."""
        if isinstance(error, SlackRefused):
            result = error.code if error.code in SLACK_ERROR_CODES else OTHER
        else:
            result = UNREACHABLE if error else OK
        self._slack_calls.labels(name_or_other(method), result).inc()

    def count_undelivered(self) -> None:
        """A private answer was given up."""
        self._undelivered.inc()

    def observe_acknowledgement(self, kind: str, seconds: float) -> None:
        """A request of Slack's, of a kind that ``bot.slack.verification`` names."""
        self._acknowledgements(kind).observe(seconds)

    def set_sync_progress(self, seen: int, new: int, missing: int) -> None:
        """How far the directory's sync has come."""
        for state, customers in (("seen", seen), ("new", new), ("missing", missing)):
            self._synced.labels(state).set(customers)

    def watch(self, name: str, meaning: str, read: Callable[[], float]) -> None:
        """Add a gauge that calls ``read`` at every scrape, in another thread: ``read`` must not block or change state.

        ``name`` is without the namespace, and ends with its unit where it has one.
        """
        self._gauge(name, meaning).set_function(read)

    def watch_total(self, name: str, meaning: str, read: Callable[[], float]) -> None:
        """``watch`` for a counter; ``_total`` is added to its name."""
        self.registry.register(_OnScrape(lambda: CounterMetricFamily(f"{NAMESPACE}_{name}", meaning, value=read())))

    def watch_each(self, name: str, meaning: str, label: str, read: Callable[[], Mapping[str, float]]) -> None:
        """``watch`` for a gauge with several series, by the value of their one ``label``."""

        def collect() -> GaugeMetricFamily:
            family = GaugeMetricFamily(f"{NAMESPACE}_{name}", meaning, labels=[label])
            for label_value, value in read().items():
                family.add_metric([label_value], value)
            return family

        self.registry.register(_OnScrape(collect))


class _OnScrape(Collector):
    """A metric made at every scrape; the library's ``set_function`` knows gauges of one series only."""

    def __init__(self, metric: Callable[[], Metric]) -> None:
        self._metric = metric

    def collect(self) -> Iterator[Metric]:
        yield self._metric()


def operation_of(path: str) -> str:
    """The CRM operation at ``path``: its last part."""
    return name_or_other(path.rpartition("/")[2])


def name_or_other(name: str) -> str:
    """``name`` if it can be that of an operation or method; those have neither digits nor slashes, which ids have."""
    return name if _NAME.fullmatch(name) else OTHER
