"""Short messages: what can be typed, the waiting line, what a click did and how to undo it, and what prevents it."""

from typing import Final

from bot.cards import blocks
from bot.cards.action_ids import CUSTOMER_MUTE, HOME_UNMUTE, unmute_value
from bot.cards.components import code_line, date
from bot.cards.escaping import channel_link, literal
from bot.domain.preferences import LastMessage, Mute
from bot.locales import Texts
from bot.privacy.masking import without_contacts
from bot.slack.message import Block, Message

EXAMPLES: Final = ("/customer CF00000179", "/customer 胡效鑫", "/customer 138 0000 1001")
"""The customer of the CRM's own documentation, and a phone that the demo knows."""


def help_card(texts: Texts) -> Message:
    said = f"{texts.help}\n{what_to_type(texts)}\n{texts.help_why}\n{texts.audit.help}\n{texts.health.help}"
    return Message(texts.help, [blocks.section(said)])


def what_to_type(texts: Texts) -> str:
    return "\n".join([texts.what_to_type, *(f"`{example}`" for example in EXAMPLES)])


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


def muted_notice(mute: Mute, texts: Texts) -> Message:
    """Which cards no longer come, until when, and Undo."""
    words = texts.automatic_cards
    said = words.muted_channel(_channel(mute, texts), _until(mute)) if mute.channel else words.muted_person
    return _with_undo(f":no_bell: {said}", mute, texts)


def unmuted_notice(mute: Mute, texts: Texts) -> Message:
    words = texts.automatic_cards
    return _notice(f":bell: {words.unmuted_channel(_channel(mute, texts)) if mute.channel else words.unmuted_person}")


def why_card(last: LastMessage | None, mute: Mute | None, texts: Texts) -> Message:
    """Why the last message in this channel got no card, and the mute that applies there now with its Undo."""
    words = texts.automatic_cards
    why = words.last_message(date(last.at), words.why[last.outcome]) if last is not None else ""
    if mute is None:
        return _notice(why or words.nothing_seen)
    muted = words.why_muted_channel if mute.channel else words.why_muted_person
    return _with_undo(f"{why}\n{muted}" if why else muted, mute, texts)


def mute_row(mute: Mute, texts: Texts) -> Block:
    """On Home: where the mute applies and until when, with an Undo beside it that updates the page."""
    words = texts.automatic_cards
    if not mute.channel:
        said = words.person
    elif until := _until(mute):
        said = words.channel_until(_channel(mute, texts), until)
    else:
        said = words.channel_for_good(_channel(mute, texts))
    return blocks.section(said, blocks.button(words.undo, HOME_UNMUTE, unmute_value(mute.channel)))


def store_card(code: str, texts: Texts) -> Message:
    """The database cannot be used. ``code`` finds the reason in the log."""
    return coded_card(":warning:", texts.store, texts.store_advice, code, texts)


def coded_card(emoji: str, headline: str, advice: str, code: str, texts: Texts) -> Message:
    """What prevents it, what to do, and the code that finds it in the log."""
    content = [blocks.section(f"{emoji} *{headline}*\n{advice}"), blocks.context(code_line(code, texts))]
    return Message(f"{headline} ({code})", content)


def outdated_card(texts: Texts) -> Message:
    """For a click that this version does not know."""
    return _notice(texts.outdated)


def expired_card(texts: Texts) -> Message:
    """For a button whose query can no longer be unsealed."""
    return _notice(texts.search.expired)


def _notice(text: str) -> Message:
    return Message(text, [blocks.section(text)])


def _with_undo(text: str, mute: Mute, texts: Texts) -> Message:
    undo = blocks.button(texts.automatic_cards.undo, CUSTOMER_MUTE, unmute_value(mute.channel))
    return Message(text, [blocks.section(text), blocks.actions(undo)])


def _channel(mute: Mute, texts: Texts) -> str:
    return channel_link(mute.channel) or texts.automatic_cards.this_channel


def _until(mute: Mute) -> str:
    return "" if mute.until is None else date(mute.until)
