"""The frame of every modal. All have one title, so that nothing flickers when one is filled or replaced."""

from collections.abc import Sequence

from bot.cards import blocks
from bot.locales import Texts
from bot.slack.message import Block, Message, View
from bot.slack.view_state import ViewState


def modal(content: Sequence[Block], texts: Texts, state: ViewState) -> View:
    """A modal without inputs."""
    return {
        "type": "modal",
        "title": blocks.plain_text(texts.modal.title),
        "close": blocks.plain_text(texts.modal.close),
        "private_metadata": state.dump(),
        "blocks": list(content),
    }


def form(content: Sequence[Block], submit: str, callback_id: str, texts: Texts, state: ViewState) -> View:
    """A modal with inputs, and the button that submits them."""
    return {**modal(content, texts, state), "submit": blocks.plain_text(submit), "callback_id": callback_id}


def notice_view(text: str, texts: Texts) -> View:
    """A modal with one text, which is finished."""
    return modal([blocks.section(text)], texts, ViewState())


def message_view(message: Message, texts: Texts, state: ViewState) -> View:
    """A message as a modal, for a user who clicked in one."""
    return modal(message.blocks or [blocks.section(message.text)], texts, state)


def loading_view(texts: Texts, state: ViewState) -> View:
    """What a modal shows until its content is ready."""
    return modal([blocks.section(f":mag: {texts.modal.loading}")], texts, state)
