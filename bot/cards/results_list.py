"""Lists of customers to choose from: those that a query may mean, five a page, and a user's pinned and recent ones."""

from collections.abc import Sequence
from typing import Final

from bot.cards import blocks
from bot.cards.action_ids import CUSTOMER_BACK, CUSTOMER_NEXT, CUSTOMER_PICK, page_value
from bot.cards.components import code_line, line, lines, name_and_number, short
from bot.cards.escaping import literal
from bot.domain.field_roles import Role
from bot.domain.preferences import Remembered
from bot.domain.results import PAGE_SIZE, Failure, Found, Several
from bot.locales import Texts
from bot.slack.message import Block, Message

MAX_SAVED: Final = 25
"""Of one list: two lists and what stands around them fit a view."""
_NAME_LENGTH: Final = 150


def several_card(result: Several, texts: Texts) -> Message:
    """How many there are, one page of them, and how to go on. For lock screens the count alone."""
    return Message(texts.search.count(_total(result)), several_blocks(result, texts))


def several_blocks(result: Several, texts: Texts) -> list[Block]:
    """One page of the list. The heading says which page, if there are more."""
    search, query, last = texts.search, texts.search.query[result.read_as], result.first + len(result.customers)
    if result.first == 0 and result.following is None:
        heading = search.found(_total(result), query)
    else:
        places = f"{result.first + 1}–{last}" if last > result.first + 1 else str(last)
        heading = search.page(places, _total(result), query)
    buttons = []
    if result.button_value and result.first > 0:
        value = page_value(max(0, result.first - PAGE_SIZE), result.button_value)
        buttons.append(blocks.button(search.back, CUSTOMER_BACK, value))
    if result.button_value and result.following is not None:
        buttons.append(blocks.button(search.next, CUSTOMER_NEXT, page_value(result.following, result.button_value)))
    return [
        blocks.section(heading),
        *(customer_row(found, texts) for found in result.customers),
        *([blocks.actions(*buttons)] if buttons else []),
        *([blocks.context(incomplete(result.failure, texts))] if result.failure else []),
        blocks.context(search.is_cut(result.total) if result.is_cut else search.other_ways),
    ]


def customer_row(found: Found, texts: Texts) -> Block:
    """A customer to choose: the region, or else the contact, distinguishes customers of one name."""
    profile = found.profile
    apart = short(profile, Role.REGION) or short(profile, Role.CONTACT)
    read_aloud = " ".join(filter(None, (profile.name, profile.number)))
    return _row(lines(name_and_number(found), apart), profile.customer_id, read_aloud, texts)


def saved_rows(customers: Sequence[Remembered], texts: Texts) -> list[Block]:
    """The first of a user's pinned or recent customers."""
    return [
        _row(literal(customer.name, _NAME_LENGTH), customer.customer_id, customer.name, texts)
        for customer in customers[:MAX_SAVED]
    ]


def incomplete(failure: Failure, texts: Texts) -> str:
    """Part of the search failed, so that some customers may be missing."""
    return line(f":warning: {texts.search.incomplete}", code_line(failure.code, texts))


def _total(result: Several) -> str:
    return f"{result.total}+" if result.is_cut else str(result.total)


def _row(text: str, customer_id: str, name: str, texts: Texts) -> Block:
    """``text`` is finished; ``name`` is read aloud with the button."""
    read_aloud = texts.modal.open_whom(name or customer_id)
    button = blocks.named_button(texts.modal.open, CUSTOMER_PICK, customer_id, read_aloud)
    return blocks.section(text or customer_id, button)
