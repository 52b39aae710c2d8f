"""Sharing: what the others would see and where it goes, and what came of it."""

from typing import Final

from bot.cards import blocks
from bot.cards.action_ids import CUSTOMER_SHARE_CONFIRM
from bot.cards.escaping import channel_link, literal
from bot.cards.modal import form, notice_view
from bot.locales import Texts
from bot.slack.message import Block, Message, View
from bot.slack.view_state import ViewState

NO_ANSWER: Final = "no_answer"
"""Slack may have posted the card, or not."""
CHANNEL: Final = "channel"
"""Block id and action id of the input."""


def share_view(preview: Message, texts: Texts, state: ViewState) -> View:
    """``preview`` is the card as it would be posted; the channel of ``state`` is chosen already."""
    content = [
        blocks.context(texts.modal.share_preview),
        *_inert(preview),
        blocks.context(texts.modal.share_buttons),
        blocks.divider(),
        _destination(state.channel, texts),
    ]
    return form(content, texts.modal.post, CUSTOMER_SHARE_CONFIRM, texts, state)


def posting_view(channel: str, texts: Texts) -> View:
    return notice_view(texts.modal.posting(_link(channel, texts)), texts)


def shared_view(channel: str, texts: Texts) -> View:
    return notice_view(texts.modal.posted(_link(channel, texts)), texts)


def not_shared_view(reason: str, channel: str, texts: Texts) -> View:
    """``reason`` is Slack's error word, or NO_ANSWER."""
    known = reason in texts.modal.not_posted_advice
    headline = texts.modal.perhaps_posted if reason == NO_ANSWER else texts.modal.not_posted
    lines = [
        f":warning: *{headline}*  {_link(channel, texts)}",
        texts.modal.not_posted_advice[reason if known else ""],
    ]
    if not known:
        lines.append(texts.code(literal(reason, 100)))
    return notice_view("\n".join(lines), texts)


def _inert(preview: Message) -> list[Block]:
    """The card without what can be clicked: a click in the preview would open the next modal on top of it."""
    kept = [block for block in preview.blocks if block["type"] != "actions"] or [blocks.section(preview.text)]
    return [{key: value for key, value in block.items() if key != "accessory"} for block in kept]


def _destination(channel: str, texts: Texts) -> Block:
    element: Block = {
        "type": "conversations_select",
        "action_id": CHANNEL,
        "filter": {
            "include": ["public", "private"],
            "exclude_external_shared_channels": True,
            "exclude_bot_users": True,
        },
    }
    if channel.startswith(("C", "G")):
        element["initial_conversation"] = channel
    return {
        "type": "input",
        "block_id": CHANNEL,
        "label": blocks.plain_text(texts.modal.share_where),
        "hint": blocks.plain_text(texts.modal.share_hint),
        "element": element,
    }


def _link(channel: str, texts: Texts) -> str:
    return channel_link(channel) or texts.modal.the_channel
