"""What comes of Reveal, in the modal in which it was clicked: everything, or why not, with the way back."""

from collections.abc import Sequence

from bot.cards import blocks
from bot.cards.action_ids import CUSTOMER_REVEAL
from bot.cards.components import code_line
from bot.cards.error_cards import refusal_card
from bot.cards.modal import modal
from bot.cards.record_tabs import tab_failed_view
from bot.cards.render import result_view
from bot.cards.tabs import Tab, tab_head
from bot.domain.results import Failure, Limited, Result, Unavailable
from bot.errors import Trouble
from bot.locales import Texts
from bot.slack.message import Block, View
from bot.slack.view_state import ViewState


def reveal_view(result: Result, tab: Tab, texts: Texts, state: ViewState) -> View:
    match result:
        case Limited():
            return _below_the_tabs(refusal_card(result, texts).blocks, tab, texts, state)
        case Unavailable(failure=Failure(trouble=Trouble.STORE, code=code)):
            return _below_the_tabs(_not_written_down(tab.customer_id, code, texts), tab, texts, state)
        case Unavailable():
            return tab_failed_view(tab, result, texts, state)
        case _:
            return result_view(result, texts, state)


def _not_written_down(customer_id: str, code: str, texts: Texts) -> list[Block]:
    words = texts.customer
    return [
        blocks.section(f":warning: *{words.not_revealed}*\n{words.not_revealed_advice}"),
        blocks.actions(blocks.button(texts.retry, CUSTOMER_REVEAL, customer_id)),
        blocks.context(code_line(code, texts)),
    ]


def _below_the_tabs(content: Sequence[Block], tab: Tab, texts: Texts, state: ViewState) -> View:
    return modal([*tab_head(tab, texts), *content], texts, state._replace(customer_id=tab.customer_id))
