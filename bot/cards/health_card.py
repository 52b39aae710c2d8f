"""The card of ``/customer doctor``: what has failed first, then the notes, then what is well."""

from collections.abc import Iterator, Sequence
from typing import Final

from bot.cards import blocks
from bot.cards.components import date, line
from bot.cards.error_cards import refusal_card
from bot.cards.escaping import length, literal
from bot.domain.health import CheckResult, Report, Verdict, describe
from bot.domain.results import Denied
from bot.locales import Texts
from bot.slack.message import Message

MARKS: Final = {Verdict.FAILED: ":x:", Verdict.NOTE: ":warning:", Verdict.OK: ":white_check_mark:"}
SECTION_LENGTH: Final = 2_900
"""A section takes 3,000 characters."""
REPORT_LENGTH: Final = 10_000
"""Of all lines together: a message takes 13,200 with what is around them."""
_FACT_LENGTH: Final = 300


def health_card(report: Report | Denied, texts: Texts) -> Message:
    """The report, or why its reader may not have it."""
    if isinstance(report, Denied):
        return refusal_card(report, texts)
    words = texts.health
    headline = words.headline(len(report.with_verdict(Verdict.FAILED)), len(report.with_verdict(Verdict.NOTE)))
    took = words.took(f"{report.seconds:.1f}")
    content = [
        blocks.section(f"*{headline}*"),
        *(blocks.section(text) for verdict in Verdict for text in _sections(report.with_verdict(verdict), texts)),
        blocks.context(line(f":lock: {texts.only_you}", words.for_admins, date(report.at), took)),
    ]
    return Message(headline, content)


def health_pending_card(texts: Texts) -> Message:
    """While the check runs: one line that stays true beside the report."""
    return Message(texts.health.examining, [blocks.context(f":mag: {texts.health.examining}")])


def _sections(results: Sequence[CheckResult], texts: Texts) -> Iterator[str]:
    """A line for each result of one verdict, in sections, and how many results are left out."""
    words, room, section = texts.health, REPORT_LENGTH // len(Verdict), ""
    for i, result in enumerate(results):
        said = describe(result, words, lambda fact: literal(fact, _FACT_LENGTH), date)
        text = f"{MARKS[result.verdict]} *{words.part[result.part]}*  {said}"
        room -= length(text) + 1
        if room < 0:
            text = words.left_out(len(results) - i)
        if section and length(f"{section}\n{text}") > SECTION_LENGTH:
            yield section
            section = ""
        section = f"{section}\n{text}" if section else text
        if room < 0:
            break
    if section:
        yield section
