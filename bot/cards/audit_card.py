"""The card of ``/customer log``: who has looked a customer up, from where, and what they were shown."""

from collections.abc import Iterator
from typing import Final

from bot.cards import blocks
from bot.cards.components import LINE_LENGTH, date, line
from bot.cards.error_cards import invalid_card
from bot.cards.escaping import channel_link, literal, person_link
from bot.cards.notices import coded_card
from bot.cards.render import result_card
from bot.cards.results_list import several_card
from bot.domain.audit import AuditEntry, AuditLine
from bot.domain.results import AuditHistory, AuditResult, Invalid, Several, Unavailable
from bot.errors import Trouble
from bot.locales import Texts
from bot.slack.message import Block, Message

MAX_ENTRIES: Final = 20
_ENTRIES_A_SECTION: Final = 10
"""A section takes 3,000 characters."""
_WORD_LENGTH: Final = 30
_FOUND: Final = "found"
_DIRECT_MESSAGE: Final = "D"


def audit_card(result: AuditResult, texts: Texts) -> Message:
    """The newest entries, or why there are none to show."""
    match result:
        case AuditHistory():
            return _history_card(result, texts)
        case Several():
            card = several_card(result, texts)
            return Message(card.text, [blocks.section(f":mag: {texts.access.several}"), *card.blocks])
        case Invalid():
            card = invalid_card(result, texts)
            return Message(card.text, [*card.blocks, blocks.context(texts.access.help)])
        case Unavailable(failure=failure) if failure.trouble is Trouble.STORE:
            return coded_card(":warning:", texts.access.store, texts.access.store_advice, failure.code, texts)
        case _:
            return result_card(result, texts)


def _history_card(history: AuditHistory, texts: Texts) -> Message:
    heading = texts.access.heading(_customer(history))
    footnote = blocks.context(line(f":lock: {texts.only_you}", texts.access.for_admins))
    content = [blocks.section(f"*{heading}*\n{_how_many(history, texts)}"), *_entries(history, texts), footnote]
    return Message(heading, content)


def _customer(history: AuditHistory) -> str:
    known = (literal(history.name, LINE_LENGTH), literal(history.number, LINE_LENGTH))
    return "  ".join(filter(None, known)) or history.customer_id


def _how_many(history: AuditHistory, texts: Texts) -> str:
    days = f"{history.days:g}"
    if not history.total:
        return texts.access.none(days)
    shown = min(len(history.newest), MAX_ENTRIES)
    if shown == history.total:
        return texts.access.all(shown, days)
    return texts.access.newest(shown, history.total, days)


def _entries(history: AuditHistory, texts: Texts) -> Iterator[Block]:
    lines = [_entry(entry, texts) for entry in history.newest[:MAX_ENTRIES]]
    for first in range(0, len(lines), _ENTRIES_A_SECTION):
        yield blocks.section("\n".join(lines[first : first + _ENTRIES_A_SECTION]))


def _entry(entry: AuditEntry, texts: Texts) -> str:
    """When, who, what with what outcome, and from where. Words of another version are shown as they are."""
    told, access = entry.line, texts.access
    did = access.did.get(told.audience, _word(told.audience))
    outcome = "" if told.outcome == _FOUND else access.outcome.get(told.outcome, _word(told.outcome))
    surface = access.surface.get(told.surface, _word(told.surface))
    who = person_link(told.user) or "…"
    return line(f"{date(entry.at)}  {who}", f"*{did}*", outcome, surface, _channel(told, texts))


def _channel(told: AuditLine, texts: Texts) -> str:
    """Slack shows no mention of a direct message."""
    is_direct = told.channel.startswith(_DIRECT_MESSAGE)
    return texts.access.direct_message if is_direct else channel_link(told.channel)


def _word(word: str) -> str:
    return literal(word, _WORD_LENGTH)
