"""The access log: who asked, from where, for whom, with what outcome. Never a value, never what was typed."""

from collections.abc import Callable
from typing import Final

from bot.access.audit_writer import AccessRows
from bot.domain.audit import AccessEntry, AccessLine
from bot.domain.inquiry import Audience
from bot.domain.profile import Network
from bot.domain.query import Reading
from bot.domain.results import (
    AccessHistory,
    Answer,
    AnyAnswer,
    Denied,
    Expired,
    Failure,
    Found,
    Inquiry,
    Invalid,
    Limited,
    NotFound,
    Related,
    Several,
    Unavailable,
)
from bot.runtime.logging import log_access
from bot.runtime.metrics import Metrics

OUTCOMES: Final[dict[type[AnyAnswer], str]] = {
    Found: "found",
    Related: "found",
    AccessHistory: "found",
    Several: "several",
    NotFound: "not_found",
    Unavailable: "unavailable",
    Invalid: "invalid",
    Expired: "invalid",
    Denied: "denied",
    Limited: "limited",
}
"""The words of the access log."""


class AccessLog:
    """A line for each inquiry at once, and soon after a row in the database; it is counted too.

    ``now`` is the wall clock.
    """

    def __init__(self, rows: AccessRows, metrics: Metrics, now: Callable[[], float]) -> None:
        self._rows = rows
        self._metrics = metrics
        self._now = now

    def note(
        self,
        inquiry: Inquiry,
        reading: Reading | None,
        answer: AnyAnswer,
        audience: Audience,
        seconds: float,
        network: Network | None = None,
    ) -> None:
        """Write down one inquiry that took ``seconds``.

        ``audience`` is who sees the answer; ``network`` whose customers were meant, where that mattered already.
        """
        line = AccessLine(
            team=inquiry.asker.team,
            user=inquiry.asker.user,
            channel=inquiry.asker.channel,
            surface=inquiry.surface.value,
            read_as=reading.read_as.value if reading else None,
            customer_id=_customer_id(reading, answer),
            outcome=OUTCOMES[type(answer)],
            cache=answer.cache.value if isinstance(answer, Found) else None,
            audience=audience.value,
            ms=round(seconds * 1000, 1),
            code=_code(answer),
        )
        log_access(line._asdict())
        self._metrics.noted(line.surface, line.outcome, line.cache)
        self._rows.add(AccessEntry(self._now(), network, line))

    async def history(self, reading: Reading, answer: Answer) -> AccessHistory | Answer:
        """Who has looked up the one whom ``answer`` found; other answers as they are.

        A customer whom the CRM does not show, or not now, has a history all the same. Raises StoreUnavailable.
        """
        customer_id = _customer_id(reading, answer)
        if customer_id is None:
            return answer
        total, newest = await self._rows.of(customer_id)
        if isinstance(answer, Found):
            profile = answer.profile
            return AccessHistory(customer_id, self._rows.days, total, newest, profile.name, profile.number)
        return AccessHistory(customer_id, self._rows.days, total, newest) if total else answer


def _customer_id(reading: Reading | None, answer: AnyAnswer) -> str | None:
    if isinstance(answer, Found):
        return answer.profile.customer_id
    if isinstance(answer, Related | AccessHistory):
        return answer.customer_id
    return reading.identifier if reading and reading.read_as.names_the_id else None


def _code(answer: AnyAnswer) -> str | None:
    match answer:
        case NotFound(code=code) | Denied(code=code) | Limited(code=code) | Unavailable(failure=Failure(code=code)):
            return code
        case Found(failure=Failure(code=code)) | Several(failure=Failure(code=code)):
            return code
        case _:
            return None
