"""From a result to the message or the modal that shows it: always one, whatever the result is."""

import structlog

from bot.cards import blocks
from bot.cards.action_ids import CUSTOMER_REVEAL
from bot.cards.components import code_line
from bot.cards.details_view import details_view
from bot.cards.error_cards import invalid_card, invalid_text, not_found_card, refusal_card, unavailable_card
from bot.cards.limits import within_limits
from bot.cards.modal import message_view, modal
from bot.cards.notices import expired_card
from bot.cards.profile_card import private_card
from bot.cards.record_tabs import Tab, tab_failed_view, tab_view
from bot.cards.results_list import list_card, together_blocks
from bot.cards.search_view import search_view, several_view
from bot.domain.preferences import SavedCustomers
from bot.domain.results import (
    Denied,
    Expired,
    Failure,
    Found,
    Invalid,
    Limited,
    NotFound,
    Result,
    Several,
    Together,
    Unavailable,
)
from bot.errors import Trouble
from bot.locales import Texts
from bot.runtime.logging import new_code
from bot.slack.message import KeptMessage, Message, View
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


def _card(result: Result, texts: Texts) -> Message:
    match result:
        case Found():
            return result.cached(("card", id(texts)), lambda: _found_card(result, texts))
        case Several() | Together():
            return list_card(result, texts)
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


def _found_card(found: Found, texts: Texts) -> Message:
    """The card. One that is cached with its result is held to Slack's limits here, and not each time it is sent."""
    card = private_card(found, texts)
    return card if found.memo is None else KeptMessage(*within_limits(card))


def result_view(result: Result, texts: Texts, state: ViewState) -> View:
    """``result`` as a modal: the details, a list, or why there is neither and an input to try again."""
    match result:
        case Found():
            return details_view(result, texts, state)
        case Several():
            return several_view(result, texts, state)
        case Together():
            return modal(together_blocks(result, texts), texts, state)
        case Denied() | Limited():
            return message_view(refusal_card(result, texts), texts, state)
        case Invalid():
            explanation = [blocks.section(invalid_text(result, texts))]
        case _:
            explanation = _card(result, texts).blocks
    return search_view(SavedCustomers(), texts, state, explanation)


def reveal_view(result: Result, tab: Tab, texts: Texts, state: ViewState) -> View:
    """The result of Reveal, in the modal in which it was clicked: every field, or why not, with the way back."""
    match result:
        case Limited():
            return tab_view(refusal_card(result, texts).blocks, tab, texts, state)
        case Unavailable(failure=Failure(trouble=Trouble.STORE, code=code)):  # what is not recorded is not revealed
            words = texts.customer
            content = [
                blocks.section(f":warning: *{words.not_revealed}*\n{words.not_revealed_advice}"),
                blocks.actions(blocks.button(texts.retry, CUSTOMER_REVEAL, tab.customer_id)),
                blocks.context(code_line(code, texts)),
            ]
            return tab_view(content, tab, texts, state)
        case Unavailable():
            return tab_failed_view(tab, result, texts, state)
        case _:
            return result_view(result, texts, state)
