"""Short messages: what can be typed, the waiting line, what a click did, and what stands in its way."""

from typing import Final

from bot.cards import blocks
from bot.cards.components import code_line
from bot.cards.escaping import literal
from bot.locales import Texts
from bot.privacy.masking import without_contacts
from bot.slack.message import Message

EXAMPLES: Final = ("/customer CF00000179", "/customer 胡效鑫", "/customer 138 0000 1001")
"""The customer of the CRM's own documentation, and a phone that the demo knows."""


def help_card(texts: Texts) -> Message:
    lines = f"{texts.help}\n{what_to_type(texts)}\n{texts.help_why}\n{texts.access.help}\n{texts.doctor.help}"
    return Message(texts.help, [blocks.section(lines)])


def looking_up_card(asked: str, texts: Texts) -> Message:
    """One line that stays true beside the card, as Slack may show the card as a second message.

    For lock screens without the phone or the address that was typed.
    """
    line = texts.looking_up(literal(asked, 100))
    return Message(texts.looking_up(literal(without_contacts(asked), 100)), [blocks.context(f":mag: {line}")])


def pin_notice(name: str, pinned: bool, texts: Texts) -> Message:
    """What the toggle did."""
    shown = f"*{literal(name, 100) or '…'}*"
    return _notice((texts.pinned if pinned else texts.unpinned)(shown))


def store_card(code: str, texts: Texts) -> Message:
    """The database cannot be used. ``code`` finds the reason in the log."""
    return coded_card(":warning:", texts.store, texts.store_advice, code, texts)


def coded_card(emoji: str, headline: str, advice: str, code: str, texts: Texts) -> Message:
    """What stands in the way, what to do, and the code that finds it in the log."""
    content = [blocks.section(f"{emoji} *{headline}*\n{advice}"), blocks.context(code_line(code, texts))]
    return Message(f"{headline} ({code})", content)


def outdated_card(texts: Texts) -> Message:
    """For a click that this version knows nothing of."""
    return _notice(texts.outdated)


def expired_card(texts: Texts) -> Message:
    """For a button whose query cannot be opened any more."""
    return _notice(texts.search.expired)


def what_to_type(texts: Texts) -> str:
    return "\n".join([texts.what_to_type, *map(texts.example, EXAMPLES)])


def _notice(text: str) -> Message:
    return Message(text, [blocks.section(text)])
