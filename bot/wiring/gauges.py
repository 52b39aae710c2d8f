"""What the metrics read when somebody looks: lengths and states, which nothing has to count."""

from collections.abc import Mapping
from typing import Final

from bot.access.audit_writer import AuditWriter
from bot.crm.circuit_breaker import CircuitState
from bot.crm.concurrency import ConcurrencyLimit
from bot.runtime.metrics import Metrics, operation_of
from bot.runtime.tasks import BackgroundTasks
from bot.store.store import Store

_HOW_OPEN: Final[Mapping[CircuitState, float]] = {
    CircuitState.CLOSED: 0.0,
    CircuitState.HALF_OPEN: 0.5,
    CircuitState.OPEN: 1.0,
}


def watch(
    metrics: Metrics,
    concurrency: ConcurrencyLimit,
    store: Store,
    background: BackgroundTasks,
    audit_writer: AuditWriter,
) -> None:
    metrics.watch("background_tasks", "Tasks under way that outlive their request.", lambda: len(background))
    metrics.watch("database_trouble", "1 while the database cannot be used.", lambda: bool(store.trouble))
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
        lambda: _how_open(concurrency),
    )


def _how_open(concurrency: ConcurrencyLimit) -> dict[str, float]:
    """By operation; of two paths to one of a name, the worse."""
    found: dict[str, float] = {}
    for path, breaker in concurrency.breakers.copy().items():  # the event loop may add one meanwhile
        operation = operation_of(path)
        found[operation] = max(found.get(operation, 0.0), _HOW_OPEN[breaker.state])
    return found
