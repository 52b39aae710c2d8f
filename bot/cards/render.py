"""From an answer to the message or the modal that shows it: always one, whatever the answer is."""

import structlog

from bot.cards import blocks
from bot.cards.details_view import details_view
from bot.cards.error_cards import (
    invalid_card,
    invalid_explanation,
    not_found_card,
    refusal_card,
    unavailable_card,
)
from bot.cards.limits import within_limits
from bot.cards.modal import modal
from bot.cards.notices import expired_card
from bot.cards.profile_card import private_card
from bot.cards.results_list import several_card
from bot.cards.search_view import search_view, several_view
from bot.domain.preferences import SavedCustomers
from bot.domain.results import Denied, Expired, Failure, Found, Invalid, Limited, NotFound, Result, Several, Unavailable
from bot.errors import Trouble
from bot.locales import Texts
from bot.runtime.logging import new_code
from bot.slack.message import Block, KeptMessage, Message, View
from bot.slack.view_state import ViewState

log = structlog.get_logger(__name__)


def result_card(result: Result, texts: Texts) -> Message:
    """The private card for ``result``. A bug in a card is logged and answered with its code."""
    try:
        return _card(result, texts)
    except Exception:
        code = new_code()
        log.exception("card_failed", code=code, answer=type(result).__name__)
        return unavailable_card(Unavailable(None, Failure(Trouble.INTERNAL, code)), texts)


def result_view(result: Result, texts: Texts, state: ViewState) -> View:
    """``result`` as a modal: the details, a list, or why there is neither and an input to try again."""
    match result:
        case Found():
            return details_view(result, texts, state)
        case Several():
            return several_view(result, texts, state)
        case Denied() | Limited():
            return message_view(refusal_card(result, texts), texts, state)
        case Invalid():
            return _try_again([invalid_explanation(result, texts)], texts, state)
        case NotFound():
            return _try_again(not_found_card(result, texts).blocks, texts, state)
        case Expired():
            return _try_again(expired_card(texts).blocks, texts, state)
        case Unavailable():
            return _try_again(unavailable_card(result, texts).blocks, texts, state)


def message_view(message: Message, texts: Texts, state: ViewState) -> View:
    """A message as a modal, for whoever clicked in one."""
    return modal(message.blocks or [blocks.section(message.text)], texts, state)


def _card(result: Result, texts: Texts) -> Message:
    match result:
        case Found():
            return result.once(("card", id(texts)), lambda: _kept(private_card(result, texts), result))
        case Several():
            return several_card(result, texts)
        case NotFound():
            return not_found_card(result, texts)
        case Unavailable():
            return unavailable_card(result, texts)
        case Invalid():
            return invalid_card(result, texts)
        case Expired():
            return expired_card(texts)
        case Denied() | Limited():
            return refusal_card(result, texts)


def _kept(card: Message, found: Found) -> Message:
    """``card``, held to the limits here where it is kept with its answer: once, and not each time it is sent."""
    return card if found.made is None else KeptMessage(*within_limits(card))


def _try_again(explanation: list[Block], texts: Texts, state: ViewState) -> View:
    return search_view(SavedCustomers(), texts, state, explanation)
