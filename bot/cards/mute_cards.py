"""What is said of mutes, each with its Undo, and why a message got no card."""

from bot.cards import blocks
from bot.cards.action_ids import CUSTOMER_MUTE, HOME_UNMUTE, unmute_value
from bot.cards.components import date
from bot.cards.escaping import channel_link
from bot.domain.preferences import LastMessage, Mute
from bot.locales import Texts
from bot.slack.message import Block, Message


def muted_notice(mute: Mute, texts: Texts) -> Message:
    """Whose cards stay away, until when, and Undo."""
    automatic_cards = texts.automatic_cards
    said = (
        automatic_cards.muted_channel(_channel(mute, texts), _until(mute))
        if mute.channel
        else automatic_cards.muted_person
    )
    return _with_undo(f":no_bell: {said}", mute, texts)


def unmuted_notice(mute: Mute, texts: Texts) -> Message:
    automatic_cards = texts.automatic_cards
    said = automatic_cards.unmuted_channel(_channel(mute, texts)) if mute.channel else automatic_cards.unmuted_person
    return _one_line(f":bell: {said}")


def why_card(last: LastMessage | None, mute: Mute | None, texts: Texts) -> Message:
    """Why the last message in this channel got no card, and the mute that holds there now with its Undo."""
    automatic_cards = texts.automatic_cards
    lines = []
    if last is not None:
        lines.append(automatic_cards.last_message(date(last.at), automatic_cards.why[last.silence]))
    if mute is None:
        return _one_line(lines[0] if lines else automatic_cards.nothing_seen)
    lines.append(automatic_cards.why_muted_channel if mute.channel else automatic_cards.why_muted_person)
    return _with_undo("\n".join(lines), mute, texts)


def mute_row(mute: Mute, texts: Texts) -> Block:
    """On Home: where it holds and until when, with an Undo beside it that brings the page up to date."""
    automatic_cards = texts.automatic_cards
    if not mute.channel:
        said = automatic_cards.person
    elif until := _until(mute):
        said = automatic_cards.channel_until(_channel(mute, texts), until)
    else:
        said = automatic_cards.channel_for_good(_channel(mute, texts))
    return blocks.section(said, blocks.button(automatic_cards.undo, HOME_UNMUTE, unmute_value(mute.channel)))


def _one_line(text: str) -> Message:
    return Message(text, [blocks.section(text)])


def _with_undo(text: str, mute: Mute, texts: Texts) -> Message:
    return Message(text, [blocks.section(text), blocks.actions(_undo(mute, texts))])


def _undo(mute: Mute, texts: Texts) -> Block:
    return blocks.button(texts.automatic_cards.undo, CUSTOMER_MUTE, unmute_value(mute.channel))


def _channel(mute: Mute, texts: Texts) -> str:
    return channel_link(mute.channel) or texts.automatic_cards.this_channel


def _until(mute: Mute) -> str:
    return "" if mute.until is None else date(mute.until)
