"""The access log's line: who asked, from where, for whom, with what outcome. Never a value, never what was typed."""

from typing import Final

from bot.answers import (
    Answer,
    Denied,
    Expired,
    Failure,
    Found,
    Inquiry,
    Invalid,
    NotFound,
    Related,
    RelatedAnswer,
    Several,
    Unavailable,
)
from bot.identifiers import Reading
from bot.telemetry import log_access

_OUTCOMES: Final[dict[type[Answer | RelatedAnswer], str]] = {
    Found: "found",
    Related: "found",
    Several: "several",
    NotFound: "not_found",
    Unavailable: "unavailable",
    Invalid: "invalid",
    Expired: "invalid",
    Denied: "denied",
}


def log_answer(inquiry: Inquiry, reading: Reading | None, answer: Answer | RelatedAnswer, seconds: float) -> None:
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


def _customer_id(reading: Reading | None, answer: Answer | RelatedAnswer) -> str | None:
    if isinstance(answer, Found):
        return answer.profile.customer_id
    return reading.identifier if reading and reading.read_as.names_the_id else None


def _code(answer: Answer | RelatedAnswer) -> str | None:
    match answer:
        case NotFound(code=code) | Denied(code=code) | Unavailable(failure=Failure(code=code)):
            return code
        case Found(failure=Failure(code=code)) | Several(failure=Failure(code=code)):
            return code
        case _:
            return None
