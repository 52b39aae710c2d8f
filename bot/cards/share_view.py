"""Sharing: what the channel would see and where the card goes, and the outcome."""

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
    """``preview`` is the card as it would be posted; the channel of ``state`` is preselected.

    What can be clicked is left out of the preview: a click would open the next modal on top of it.
    """
    words = texts.modal
    kept = [block for block in preview.blocks if block["type"] != "actions"] or [blocks.section(preview.text)]
    element: Block = {
        "type": "conversations_select",
        "action_id": CHANNEL,
        "filter": {
            "include": ["public", "private"],
            "exclude_external_shared_channels": True,
            "exclude_bot_users": True,
        },
    }
    if state.channel.startswith(("C", "G")):
        element["initial_conversation"] = state.channel
    content = [
        blocks.context(words.share_preview),
        *({key: value for key, value in block.items() if key != "accessory"} for block in kept),
        blocks.context(words.share_buttons),
        blocks.divider(),
        blocks.input_block(CHANNEL, words.share_where, words.share_hint, element),
    ]
    return form(content, words.post, CUSTOMER_SHARE_CONFIRM, texts, state)


def posting_view(channel: str, texts: Texts) -> View:
    return notice_view(texts.modal.posting(_link(channel, texts)), texts)


def shared_view(channel: str, texts: Texts) -> View:
    return notice_view(texts.modal.posted(_link(channel, texts)), texts)


def not_shared_view(reason: str, channel: str, texts: Texts) -> View:
    """``reason`` is Slack's error code, or NO_ANSWER."""
    advice = texts.modal.not_posted_advice
    headline = texts.modal.perhaps_posted if reason == NO_ANSWER else texts.modal.not_posted
    said = f":warning: *{headline}*  {_link(channel, texts)}\n"
    said += advice[reason] if reason in advice else f"{advice['']}\n{texts.code(literal(reason, 100))}"
    return notice_view(said, texts)


def _link(channel: str, texts: Texts) -> str:
    return channel_link(channel) or texts.modal.the_channel
