"""The modals in which a customer is looked for: an input, one's own customers, the customers of a message."""

from collections.abc import Iterator, Sequence
from typing import Final

from bot.answers import Answer, Denied, Found, Invalid, NotFound, Unavailable
from bot.cards import blocks
from bot.cards.action_ids import FIND_CUSTOMER
from bot.cards.foreign import literal
from bot.cards.modal import form, modal
from bot.cards.parts import name_and_number, short, spoken
from bot.cards.shelf import heading, pick_row, rows
from bot.cards.view_state import ViewState
from bot.identifiers import MAX_TEXT_LENGTH
from bot.locales import Texts
from bot.preferences import Shelf
from bot.profile import Role
from bot.slack.message import Block, View

QUERY: Final = "query"
"""Block id and action id of the input."""
_MAX_INPUT_LENGTH: Final = min(3_000, MAX_TEXT_LENGTH)


def find_view(shelf: Shelf | None, texts: Texts, state: ViewState, explanation: Sequence[Block] = ()) -> View:
    """An explanation, the input, and the person's own customers. A ``shelf`` of None cannot be read now."""
    content = [*explanation, _input(texts), *_shelf(shelf, texts)]
    return form(content, texts.modal.find, FIND_CUSTOMER, texts, state)


def nothing_found_view(shelf: Shelf | None, texts: Texts, state: ViewState) -> View:
    """For a message that names no customer: what was looked for, and the input."""
    explanation = blocks.section(f":mag: *{texts.modal.nothing_found}*\n{texts.modal.looked_for}")
    return find_view(shelf, texts, state, [explanation])


def pick_view(answers: Sequence[Answer], left_out: int, texts: Texts, state: ViewState) -> View:
    """The customers of a message, to choose from. ``left_out`` of them were not looked up."""
    content = [blocks.section(f"*{texts.modal.several(len(answers) + left_out)}*")]
    content.extend(_choice(answer, texts) for answer in answers)
    if left_out:
        content.append(blocks.context(texts.modal.left_out(left_out)))
    return modal(content, texts, state)


def loading_view(texts: Texts, state: ViewState) -> View:
    """What a modal shows until its answer is there."""
    return modal([blocks.section(f":mag: {texts.modal.loading}")], texts, state)


def _input(texts: Texts) -> Block:
    element = {
        "type": "plain_text_input",
        "action_id": QUERY,
        "focus_on_load": True,
        "max_length": _MAX_INPUT_LENGTH,
    }
    return {
        "type": "input",
        "block_id": QUERY,
        "label": blocks.plain_text(texts.modal.input_label),
        "hint": blocks.plain_text(texts.modal.input_hint),
        "element": element,
    }


def _shelf(shelf: Shelf | None, texts: Texts) -> Iterator[Block]:
    if shelf is None:
        yield blocks.context(texts.modal.no_shelf)
        return
    for title, customers in ((texts.modal.pinned, shelf.pinned), (texts.modal.recent, shelf.recent)):
        if customers:
            yield heading(title)
            yield from rows(customers, texts)


def _choice(answer: Answer, texts: Texts) -> Block:
    match answer:
        case Found(profile=profile):
            region = short(profile, Role.REGION)
            text = "\n".join(filter(None, (name_and_number(answer), region)))
            return pick_row(text, profile.customer_id, spoken(profile), texts)
        case NotFound():
            return blocks.context(texts.modal.gone(literal(answer.asked, 100)))
        case Unavailable():
            why = f"{texts.trouble[answer.failure.trouble]} ({answer.failure.code})"
            return blocks.context(texts.modal.unanswered(literal(answer.asked or "…", 100), why))
        case Denied():
            return blocks.context(f"{texts.denied[answer.refusal]} ({answer.code})")
        case Invalid():
            return blocks.context(texts.modal.gone(literal(answer.text, 100) or "…"))
