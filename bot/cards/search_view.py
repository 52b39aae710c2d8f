"""The modals in which a customer is looked for: an input, one's own customers, the customers of a message."""

from collections.abc import Iterator, Sequence
from typing import Final

from bot.cards import blocks
from bot.cards.action_ids import CUSTOMER_SEARCH, FIND_CUSTOMER
from bot.cards.components import looked_for
from bot.cards.escaping import literal
from bot.cards.modal import form, modal
from bot.cards.results_list import customer_row, incomplete, several_blocks
from bot.cards.saved_customers import heading, rows
from bot.domain.preferences import SavedCustomers
from bot.domain.query import MAX_TEXT_LENGTH
from bot.domain.results import Denied, Expired, Found, Invalid, Limited, NotFound, Result, Several, Unavailable
from bot.locales import Texts
from bot.slack.message import Block, View
from bot.slack.view_state import ViewState

QUERY: Final = "query"
"""Block id and action id of the input."""
_MAX_INPUT_LENGTH: Final = min(3_000, MAX_TEXT_LENGTH)


def search_view(
    shelf: SavedCustomers | None, texts: Texts, state: ViewState, explanation: Sequence[Block] = ()
) -> View:
    """An explanation, the box that answers while one types, the input for all else, and the person's own customers.

    A ``shelf`` of None cannot be read now.
    """
    content = [*explanation, _search(texts), _focused(_input(texts)), *_shelf(shelf, texts)]
    return form(content, texts.modal.find, FIND_CUSTOMER, texts, state)


def nothing_found_view(shelf: SavedCustomers | None, texts: Texts, state: ViewState) -> View:
    """For a message that names no customer: what was looked for, and the input."""
    explanation = blocks.section(f":mag: *{texts.modal.nothing_found}*\n{texts.modal.looked_for}")
    return search_view(shelf, texts, state, [explanation])


def several_view(result: Several, texts: Texts, state: ViewState) -> View:
    """The customers that were found, to choose from, and the input: without the focus, which would hide them."""
    content = [*several_blocks(result, texts), blocks.divider(), _input(texts)]
    return form(content, texts.modal.find, FIND_CUSTOMER, texts, state)


def pick_view(results: Sequence[Result], left_out: int, texts: Texts, state: ViewState) -> View:
    """The customers of a message, to choose from, and below them who else it names, of whom there is nothing to show.

    ``left_out`` of them were not looked up. Where there is nobody to choose, one can type.
    """
    choices = [customer_row(found, texts) for result in results for found in _choices(result)]
    notes = [blocks.context(note) for result in results for note in _notes(result, texts)]
    if left_out:
        notes.append(blocks.context(texts.modal.left_out(left_out)))
    if not choices:
        return search_view(SavedCustomers(), texts, state, [blocks.section(f":mag: *{texts.modal.nobody}*"), *notes])
    return modal([blocks.section(f"*{texts.modal.several(len(choices))}*"), *choices, *notes], texts, state)


def loading_view(texts: Texts, state: ViewState) -> View:
    """What a modal shows until its answer is there."""
    return modal([blocks.section(f":mag: {texts.modal.loading}")], texts, state)


def _search(texts: Texts) -> Block:
    return blocks.section(texts.search.which, blocks.search_box(CUSTOMER_SEARCH, texts.search.placeholder))


def _input(texts: Texts) -> Block:
    element = {"type": "plain_text_input", "action_id": QUERY, "max_length": _MAX_INPUT_LENGTH}
    return {
        "type": "input",
        "block_id": QUERY,
        "label": blocks.plain_text(texts.modal.input_label),
        "hint": blocks.plain_text(texts.modal.input_hint),
        "element": element,
    }


def _focused(block: Block) -> Block:
    return {**block, "element": {**block["element"], "focus_on_load": True}}


def _shelf(shelf: SavedCustomers | None, texts: Texts) -> Iterator[Block]:
    if shelf is None:
        yield blocks.context(texts.modal.no_shelf)
        return
    for title, customers in ((texts.modal.pinned, shelf.pinned), (texts.modal.recent, shelf.recent)):
        if customers:
            yield heading(title)
            yield from rows(customers, texts)


def _choices(result: Result) -> tuple[Found, ...]:
    match result:
        case Found():
            return (result,)
        case Several():
            return result.customers
        case _:
            return ()


def _notes(result: Result, texts: Texts) -> Iterator[str]:
    match result:
        case Found():
            return
        case Several():
            more = result.total - len(_choices(result))
            if more > 0:
                yield texts.search.more(more, texts.search.query[result.read_as])
            if result.failure is not None:
                yield incomplete(result.failure, texts)
        case _:
            yield _no_choice(result, texts)


def _no_choice(result: NotFound | Unavailable | Denied | Limited | Invalid | Expired, texts: Texts) -> str:
    match result:
        case NotFound():
            return texts.modal.gone(looked_for(result.asked))
        case Unavailable():
            why = f"{texts.trouble[result.failure.trouble]} ({result.failure.code})"
            return texts.modal.unanswered(looked_for(result.asked or "…"), why)
        case Limited():
            return f"{texts.limited[result.limit]} ({result.code})"
        case Denied():
            return f"{texts.denied[result.refusal]} ({result.code})"
        case Invalid():
            return texts.modal.gone(literal(result.text, 100) or "…")
        case Expired():
            return texts.search.expired
