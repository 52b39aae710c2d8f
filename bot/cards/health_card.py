"""The card of ``/customer doctor``: what has failed first, then what somebody may want to know, then what is well."""

from collections.abc import Iterable, Iterator
from typing import Final

from bot.cards import blocks
from bot.cards.components import date, line
from bot.cards.error_cards import refusal_card
from bot.cards.escaping import length, literal
from bot.domain.health import CheckResult, Report, Verdict, describe
from bot.domain.results import Denied
from bot.locales import Texts
from bot.slack.message import Block, Message

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
    counted = (len(report.with_verdict(Verdict.FAILED)), len(report.with_verdict(Verdict.NOTE)))
    headline = texts.doctor.headline(*counted)
    said = [blocks.section("\n".join(lines)) for verdict in Verdict for lines in _sections(report, verdict, texts)]
    return Message(headline, [blocks.section(f"*{headline}*"), *said, _footnote(report, texts)])


def health_pending_card(texts: Texts) -> Message:
    """While it is made: one line that stays true beside the report."""
    return Message(texts.doctor.examining, [blocks.context(f":mag: {texts.doctor.examining}")])


def _sections(report: Report, verdict: Verdict, texts: Texts) -> Iterator[list[str]]:
    """Lines of one verdict, as many together as fit."""
    lines: list[str] = []
    for said in _within(REPORT_LENGTH // len(Verdict), _lines(report.with_verdict(verdict), texts), texts):
        if lines and length("\n".join([*lines, said])) > SECTION_LENGTH:
            yield lines
            lines = []
        lines.append(said)
    if lines:
        yield lines


def _lines(results: Iterable[CheckResult], texts: Texts) -> list[str]:
    return [f"{MARKS[each.verdict]} *{texts.doctor.part[each.part]}*  {_words(each, texts)}" for each in results]


def _words(result: CheckResult, texts: Texts) -> str:
    return describe(result, texts.doctor, lambda fact: literal(fact, _FACT_LENGTH), date)


def _within(most: int, lines: list[str], texts: Texts) -> list[str]:
    """As many as have ``most`` characters, and how many there are besides."""
    kept, used = 0, 0
    while kept < len(lines) and (used := used + length(lines[kept]) + 1) <= most:
        kept += 1
    return [*lines[:kept], texts.doctor.left_out(len(lines) - kept)] if kept < len(lines) else lines


def _footnote(report: Report, texts: Texts) -> Block:
    took = texts.doctor.took(f"{report.seconds:.1f}")
    return blocks.context(line(f":lock: {texts.only_you}", texts.doctor.for_admins, date(report.at), took))
