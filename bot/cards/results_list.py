"""Lists of customers to choose from: those that a query may mean, five a page, and a user's pinned and recent ones."""

from collections.abc import Sequence
from typing import Final

from bot.cards import blocks
from bot.cards.action_ids import CUSTOMER_BACK, CUSTOMER_NEXT, CUSTOMER_PICK, CUSTOMER_READ_AS, page_value
from bot.cards.components import code_line, line, lines, looked_for, name_and_number, short
from bot.cards.escaping import literal
from bot.domain.field_roles import Role
from bot.domain.preferences import Remembered
from bot.domain.results import PAGE_SIZE, Asked, Failure, Found, Several, Together, Unavailable
from bot.locales import Texts
from bot.slack.message import Block, Message

MAX_SAVED: Final = 25
"""Of one list: two lists and what stands around them fit a view."""
_NAME_LENGTH: Final = 150


def list_card(result: Several | Together, texts: Texts) -> Message:
    """One page of the customers found, or which identifier led to whom. For lock screens the count alone."""
    if isinstance(result, Together):
        return Message(texts.search.together(len(result.asked)), together_blocks(result, texts))
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


def together_blocks(result: Together, texts: Texts) -> list[Block]:
    """Which identifier led to whom, one a row."""
    heading = blocks.section(f"*{texts.search.together(len(result.asked))}*")
    return [heading, *(_asked_row(asked, texts) for asked in result.asked)]


def _asked_row(asked: Asked, texts: Texts) -> Block:
    identifier = f"`{looked_for(asked.query.identifier)}`"
    match asked.result:
        case Found() as found:
            profile = found.profile
            return _row(f"{identifier} → {name_and_number(found)}", profile.customer_id, profile.name, texts)
        case Several() as several:
            button = blocks.button(texts.modal.open, CUSTOMER_READ_AS, several.button_value)
            return blocks.section(f"{identifier} → {texts.search.count(_total(several))}", button)
        case Unavailable() as unavailable:
            why = f"{texts.trouble[unavailable.failure.trouble]} ({unavailable.failure.code})"
            return blocks.section(f"{identifier} → :warning: {why}")
        case _:
            return blocks.section(f"{identifier} → :mag: {texts.search.not_found[asked.query.read_as]}")


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
