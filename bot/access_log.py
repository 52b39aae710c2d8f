"""The access log's line: who asked, from where, for whom, with what outcome. Never a value, never what was typed."""

from bot.answers import Answer, Denied, Found, Inquiry, Invalid, NotFound, Unavailable
from bot.identifiers import ReadAs, Reading
from bot.telemetry import log_access

_OUTCOMES: dict[type[Answer], str] = {
    Found: "found",
    NotFound: "not_found",
    Unavailable: "unavailable",
    Invalid: "invalid",
    Denied: "denied",
}


def log_answer(inquiry: Inquiry, reading: Reading | None, answer: Answer, seconds: float) -> None:
    """Write the line for one inquiry that took ``seconds``."""
    log_access(
        team=inquiry.asker.team,
        user=inquiry.asker.user,
        channel=inquiry.asker.channel,
        surface=str(inquiry.surface),
        read_as=str(reading.read_as) if reading else None,
        customer_id=_customer_id(reading, answer),
        outcome=_OUTCOMES[type(answer)],
        cache=str(answer.cache) if isinstance(answer, Found) else None,
        ms=round(seconds * 1000, 1),
        code=_code(answer),
    )


def _customer_id(reading: Reading | None, answer: Answer) -> str | None:
    if isinstance(answer, Found):
        return answer.profile.customer_id
    return reading.identifier if reading and reading.read_as is not ReadAs.NUMBER else None


def _code(answer: Answer) -> str | None:
    if isinstance(answer, NotFound | Denied):
        return answer.code
    if isinstance(answer, Unavailable):
        return answer.failure.code
    return answer.failure.code if isinstance(answer, Found) and answer.failure else None
