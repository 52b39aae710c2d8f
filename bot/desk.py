"""The one door to customer data: it orders the steps of an inquiry and decides nothing itself.

Read what was typed, look the customer up, take out what this audience may not see, write the access log.
"""

import time
from collections.abc import Callable

import structlog

from bot.answers import Answer, Failure, Found, Inquiry, Invalid, NotFound, Unavailable
from bot.errors import Trouble
from bot.identifiers import Reading, read
from bot.lookup import CustomerLookup, Outcome
from bot.privacy import Audience, view
from bot.profile import CustomerKey
from bot.telemetry import log_access, new_code

log = structlog.get_logger(__name__)


class Desk:
    """Answers inquiries. ``network_id`` ("" for the head office) and ``network_type`` say whose customers are seen."""

    def __init__(self, lookup: CustomerLookup, network_id: str, network_type: int, now: Callable[[], float]) -> None:
        self._lookup = lookup
        self._network_id = network_id
        self._network_type = network_type
        self._now = now

    async def ask(self, inquiry: Inquiry) -> Answer:
        """What the asker may see. Always an answer: what is not expected is logged and answered with its code."""
        began = time.perf_counter()
        reading: Reading | None = None
        try:
            reading = read(inquiry.text)
            answer = await self._answer(inquiry, reading)
        except Exception:
            code = new_code()
            log.exception("inquiry_failed", code=code, surface=str(inquiry.surface))
            customer_id = reading.customer_id if reading else None
            answer = Unavailable(customer_id, Failure(Trouble.INTERNAL, code))
        _log(inquiry, reading, answer, time.perf_counter() - began)
        return answer

    async def _answer(self, inquiry: Inquiry, reading: Reading | None) -> Answer:
        if reading is None:
            return Invalid(inquiry.text)
        key = CustomerKey(self._network_id, self._network_type, reading.customer_id)
        outcome = await (self._lookup.refresh(key) if inquiry.refresh else self._lookup.find(key))
        return self._as_seen(reading.customer_id, outcome)

    def _as_seen(self, customer_id: str, outcome: Outcome) -> Answer:
        if outcome is None:
            return NotFound(customer_id, new_code())
        if isinstance(outcome, Failure):
            return Unavailable(customer_id, outcome)
        profile, as_of = outcome.copy
        age = max(0.0, self._now() - as_of)
        return Found(view(profile, Audience.PRIVATE), as_of, age, outcome.cache, outcome.failure)


_OUTCOMES: dict[type[Answer], str] = {
    Found: "found",
    NotFound: "not_found",
    Unavailable: "unavailable",
    Invalid: "invalid",
}


def _log(inquiry: Inquiry, reading: Reading | None, answer: Answer, seconds: float) -> None:
    """The access log's line: who, from where, for whom, with what outcome. Never a value, never what was typed."""
    log_access(
        team=inquiry.team,
        user=inquiry.user,
        channel=inquiry.channel,
        surface=str(inquiry.surface),
        read_as=str(reading.read_as) if reading else None,
        customer_id=reading.customer_id if reading else None,
        outcome=_OUTCOMES[type(answer)],
        cache=str(answer.cache) if isinstance(answer, Found) else None,
        ms=round(seconds * 1000, 1),
        code=_code(answer),
    )


def _code(answer: Answer) -> str | None:
    if isinstance(answer, NotFound):
        return answer.code
    if isinstance(answer, Unavailable):
        return answer.failure.code
    return answer.failure.code if isinstance(answer, Found) and answer.failure else None
