"""The modals in which a user looks for a customer: an input, saved customers, the customers of a message."""

from collections.abc import Iterator, Sequence
from typing import Final

from bot.cards import blocks
from bot.cards.action_ids import CUSTOMER_SEARCH, FIND_CUSTOMER
from bot.cards.components import looked_for
from bot.cards.error_cards import refusal_card, unavailable_card
from bot.cards.escaping import length, literal, plain
from bot.cards.modal import form, modal
from bot.cards.results_list import customer_row, incomplete, saved_rows, several_blocks, together_blocks
from bot.domain.directory import Suggestion
from bot.domain.preferences import SavedCustomers
from bot.domain.query import MAX_TEXT_LENGTH
from bot.domain.results import (
    Denied,
    Expired,
    Found,
    Invalid,
    Limited,
    NotFound,
    Result,
    Several,
    Together,
    Unavailable,
)
from bot.locales import Texts
from bot.slack.message import Block, View
from bot.slack.view_state import ViewState

QUERY: Final = "query"
"""Block id and action id of the input."""
MAX_OPTIONS: Final = 100
_OPTION_LENGTH: Final = 75
_NUMBER_LENGTH: Final = 30


def search_view(
    saved: SavedCustomers | None, texts: Texts, state: ViewState, explanation: Sequence[Block] = ()
) -> View:
    """An explanation, the box that suggests while the user types, the input for all else, and the saved customers.

    ``saved`` is None if they cannot be read now.
    """
    box = blocks.search_box(CUSTOMER_SEARCH, texts.search.placeholder)
    content = [*explanation, blocks.section(texts.search.which, box), _input(texts, focus_on_load=True)]
    if saved is None:
        content.append(blocks.context(texts.modal.no_saved_customers))
    else:
        for title, customers in ((texts.modal.pinned, saved.pinned), (texts.modal.recent, saved.recent)):
            if customers:
                content += [blocks.context(f"*{title}*"), *saved_rows(customers, texts)]
    return form(content, texts.modal.find, FIND_CUSTOMER, texts, state)


def nothing_found_view(saved: SavedCustomers | None, texts: Texts, state: ViewState) -> View:
    """For a message that names no customer: what was looked for, and the input."""
    explanation = blocks.section(f":mag: *{texts.modal.nothing_found}*\n{texts.modal.looked_for}")
    return search_view(saved, texts, state, [explanation])


def several_view(result: Several, texts: Texts, state: ViewState) -> View:
    """The customers that were found, to choose from, and the input: without the focus, which would hide them."""
    content = [*several_blocks(result, texts), blocks.divider(), _input(texts)]
    return form(content, texts.modal.find, FIND_CUSTOMER, texts, state)


def pick_view(results: Sequence[Result], left_out: int, texts: Texts, state: ViewState) -> View:
    """The customers of a message, to choose from, and a note on each that the message names and that cannot be shown.

    ``left_out`` of them were not looked up. If there is none to choose from, the user can type.
    """
    choices: list[Block] = []
    notes: list[str] = []
    for result in results:
        if isinstance(result, Found):
            choices.append(customer_row(result, texts))
        elif isinstance(result, Several):
            choices += [customer_row(found, texts) for found in result.customers]
            notes += _missing(result, texts)
        elif isinstance(result, Together):
            choices += together_blocks(result, texts)[1:]
        else:
            notes.append(_no_choice(result, texts))
    if left_out:
        notes.append(texts.modal.left_out(left_out))
    below = [*map(blocks.context, notes)]
    if not choices:
        return search_view(SavedCustomers(), texts, state, [blocks.section(f":mag: *{texts.modal.no_match}*"), *below])
    return modal([blocks.section(f"*{texts.modal.several(len(choices))}*"), *choices, *below], texts, state)


def suggestion_options(suggestions: Sequence[Suggestion]) -> list[Block]:
    """What the box suggests: name and number. The number distinguishes customers of one name, so the name is cut."""
    options = []
    for suggestion in suggestions[:MAX_OPTIONS]:
        number = plain(suggestion.number, _NUMBER_LENGTH)
        after = f" · {number}" if number else ""
        name = plain(suggestion.name, _OPTION_LENGTH - length(after))
        shown = name + after if name else number or suggestion.customer_id
        options.append(blocks.option(shown, suggestion.customer_id))
    return options


def _input(texts: Texts, **more: bool) -> Block:
    element = {"type": "plain_text_input", "action_id": QUERY, "max_length": min(3_000, MAX_TEXT_LENGTH), **more}
    return blocks.input_block(QUERY, texts.modal.input_label, texts.modal.input_hint, element)


def _missing(result: Several, texts: Texts) -> Iterator[str]:
    more = result.total - len(result.customers)
    if more > 0:
        yield texts.search.more(more, texts.search.query[result.read_as])
    if result.failure is not None:
        yield incomplete(result.failure, texts)


def _no_choice(result: NotFound | Unavailable | Denied | Limited | Invalid | Expired, texts: Texts) -> str:
    match result:
        case NotFound():
            return texts.modal.not_found(looked_for(result.asked))
        case Unavailable():
            return texts.modal.failed(looked_for(result.asked or "…"), unavailable_card(result, texts).text)
        case Denied() | Limited():
            return refusal_card(result, texts).text
        case Invalid():
            return texts.modal.not_found(literal(result.text, 100) or "…")
        case Expired():
            return texts.search.expired
