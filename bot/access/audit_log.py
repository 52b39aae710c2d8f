"""The access log: who asked, from where, for which customer, with what outcome. No values, nothing that was typed."""

from collections.abc import Callable
from typing import Final

from bot.access.audit_writer import AuditWriter
from bot.domain.audit import AuditEntry, AuditLine
from bot.domain.inquiry import Asker, Audience, Inquiry, Surface
from bot.domain.profile import ServiceNetwork
from bot.domain.query import Query
from bot.domain.results import (
    AnyResult,
    AuditHistory,
    Denied,
    Expired,
    Found,
    Invalid,
    Limited,
    NotFound,
    RelatedRecords,
    Result,
    Several,
    Together,
    Unavailable,
)
from bot.runtime.logging import log_access
from bot.runtime.metrics import Metrics

OUTCOMES: Final[dict[type[AnyResult], str]] = {
    Found: "found",
    RelatedRecords: "found",
    AuditHistory: "found",
    Several: "several",
    Together: "several",
    NotFound: "not_found",
    Unavailable: "unavailable",
    Invalid: "invalid",
    Expired: "invalid",
    Denied: "denied",
    Limited: "limited",
}
"""The words of the access log."""


class AuditLog:
    """Writes each inquiry: a line of the log at once, a row of the database soon after, and the metric.

    ``now`` is the wall clock in epoch seconds.
    """

    def __init__(self, rows: AuditWriter, metrics: Metrics, now: Callable[[], float]) -> None:
        self._rows = rows
        self._metrics = metrics
        self._now = now

    def note(
        self,
        inquiry: Inquiry,
        query: Query | None,
        result: AnyResult,
        audience: Audience,
        seconds: float,
        network: ServiceNetwork | None = None,
    ) -> None:
        """Write one inquiry, which took ``seconds``.

        ``audience`` is who sees the result; ``network`` is the service network asked, None if the inquiry was refused
        before that.
        """
        code: str | None = None
        match result:
            case NotFound() | Denied() | Limited():
                code = result.code
            case Unavailable() | Found() | Several():
                code = result.failure.code if result.failure else None
        line = AuditLine(
            team=inquiry.asker.team,
            user=inquiry.asker.user,
            channel=inquiry.asker.channel,
            surface=inquiry.surface.value,
            read_as=query.read_as.value if query else None,
            customer_id=_customer_id(query, result),
            outcome=OUTCOMES[type(result)],
            cache=result.cache.value if isinstance(result, Found) else None,
            audience=audience.value,
            ms=round(seconds * 1000, 1),
            code=code,
        )
        listed = tuple(found.profile.customer_id for found in result.customers) if isinstance(result, Several) else ()
        log_access(line._asdict() | ({"customer_ids": listed} if listed else {}))
        self._metrics.count_lookup(line.surface, line.outcome, line.cache)
        for customer_id in listed or (line.customer_id,):
            self._rows.add(AuditEntry(self._now(), network, line._replace(customer_id=customer_id)))

    def note_refusal(self, asker: Asker, surface: Surface, denied: Denied) -> None:
        """Write that ``asker`` was refused before anything was asked."""
        self.note(Inquiry("", surface, asker), None, denied, Audience.PRIVATE, 0)

    async def history(self, query: Query, result: Result) -> AuditHistory | Result:
        """Who has looked up the customer that ``result`` found; a result without a customer as it is.

        A customer that the CRM does not show has a history all the same. Raises StoreUnavailable.
        """
        customer_id = _customer_id(query, result)
        if customer_id is None:
            return result
        total, newest = await self._rows.of(customer_id)
        if isinstance(result, Found):
            profile = result.profile
            return AuditHistory(customer_id, self._rows.days, total, newest, profile.name, profile.number)
        return AuditHistory(customer_id, self._rows.days, total, newest) if total else result


def _customer_id(query: Query | None, result: AnyResult) -> str | None:
    if isinstance(result, Found):
        return result.profile.customer_id
    if isinstance(result, RelatedRecords | AuditHistory):
        return result.customer_id
    return query.identifier if query and query.read_as.names_the_id else None
