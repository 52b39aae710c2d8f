"""The card of ``/customer log``: who has looked a customer up, from where, and what they were shown."""

from collections.abc import Mapping
from typing import Final

from bot.cards import blocks
from bot.cards.components import LINE_LENGTH, chunks, date, line
from bot.cards.error_cards import invalid_card
from bot.cards.escaping import channel_link, literal, user_link
from bot.cards.notices import coded_card
from bot.cards.render import result_card
from bot.cards.results_list import list_card
from bot.domain.audit import AuditEntry
from bot.domain.results import AuditHistory, AuditResult, Invalid, Several, Unavailable
from bot.errors import Trouble
from bot.locales import Texts
from bot.slack.message import Message

MAX_ENTRIES: Final = 20
_ENTRIES_A_SECTION: Final = 10
"""A section takes 3,000 characters."""
_WORD_LENGTH: Final = 30


def audit_card(result: AuditResult, texts: Texts) -> Message:
    """The newest entries, or why there are none to show."""
    match result:
        case AuditHistory():
            return _history_card(result, texts)
        case Several():
            card = list_card(result, texts)
            return Message(card.text, [blocks.section(f":mag: {texts.audit.several}"), *card.blocks])
        case Invalid():
            card = invalid_card(result, texts)
            return Message(card.text, [*card.blocks, blocks.context(texts.audit.help)])
        case Unavailable(failure=failure) if failure.trouble is Trouble.STORE:
            return coded_card(":warning:", texts.audit.store, texts.audit.store_advice, failure.code, texts)
        case _:
            return result_card(result, texts)


def _history_card(history: AuditHistory, texts: Texts) -> Message:
    words, days = texts.audit, f"{history.days:g}"
    known = (literal(history.name, LINE_LENGTH), literal(history.number, LINE_LENGTH))
    heading = words.heading("  ".join(filter(None, known)) or history.customer_id)
    entries = [_entry(entry, texts) for entry in history.newest[:MAX_ENTRIES]]
    if not history.total:
        count = words.none(days)
    elif len(entries) == history.total:
        count = words.all(len(entries), days)
    else:
        count = words.newest(len(entries), history.total, days)
    content = [
        blocks.section(f"*{heading}*\n{count}"),
        *(blocks.section("\n".join(part)) for part in chunks(entries, _ENTRIES_A_SECTION)),
        blocks.context(line(f":lock: {texts.only_you}", words.for_admins)),
    ]
    return Message(heading, content)


def _entry(entry: AuditEntry, texts: Texts) -> str:
    """When, who, what with what outcome, and from where."""
    words, logged = texts.audit, entry.line
    is_direct_message = logged.channel.startswith("D")  # Slack shows no mention of one
    return line(
        f"{date(entry.at)}  {user_link(logged.user) or '…'}",
        f"*{_word(words.did, logged.audience)}*",
        "" if logged.outcome == "found" else _word(words.outcome, logged.outcome),
        _word(words.surface, logged.surface),
        words.direct_message if is_direct_message else channel_link(logged.channel),
    )


def _word(words: Mapping[str, str], key: str) -> str:
    """A word that another version of the bot has logged is shown as it is."""
    return words.get(key, literal(key, _WORD_LENGTH))
