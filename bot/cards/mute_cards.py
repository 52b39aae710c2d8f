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
    quiet = texts.quiet
    said = quiet.muted_channel(_channel(mute, texts), _until(mute)) if mute.channel else quiet.muted_person
    return _with_undo(f":no_bell: {said}", mute, texts)


def unmuted_notice(mute: Mute, texts: Texts) -> Message:
    quiet = texts.quiet
    said = quiet.unmuted_channel(_channel(mute, texts)) if mute.channel else quiet.unmuted_person
    return _one_line(f":bell: {said}")


def why_card(last: LastMessage | None, mute: Mute | None, texts: Texts) -> Message:
    """Why the last message in this channel got no card, and the mute that holds there now with its Undo."""
    quiet = texts.quiet
    lines = []
    if last is not None:
        lines.append(quiet.last_message(date(last.at), quiet.why[last.silence]))
    if mute is None:
        return _one_line(lines[0] if lines else quiet.nothing_seen)
    lines.append(quiet.why_muted_channel if mute.channel else quiet.why_muted_person)
    return _with_undo("\n".join(lines), mute, texts)


def mute_row(mute: Mute, texts: Texts) -> Block:
    """On Home: where it holds and until when, with an Undo beside it that brings the page up to date."""
    quiet = texts.quiet
    if not mute.channel:
        said = quiet.person
    elif until := _until(mute):
        said = quiet.channel_until(_channel(mute, texts), until)
    else:
        said = quiet.channel_for_good(_channel(mute, texts))
    return blocks.section(said, blocks.button(quiet.undo, HOME_UNMUTE, unmute_value(mute.channel)))


def _one_line(text: str) -> Message:
    return Message(text, [blocks.section(text)])


def _with_undo(text: str, mute: Mute, texts: Texts) -> Message:
    return Message(text, [blocks.section(text), blocks.actions(_undo(mute, texts))])


def _undo(mute: Mute, texts: Texts) -> Block:
    return blocks.button(texts.quiet.undo, CUSTOMER_MUTE, unmute_value(mute.channel))


def _channel(mute: Mute, texts: Texts) -> str:
    return channel_link(mute.channel) or texts.quiet.this_channel


def _until(mute: Mute) -> str:
    return "" if mute.until is None else date(mute.until)
