"""The list of those whom a question may mean, each with a button, five a page."""

from collections.abc import Iterator

from bot.cards import blocks
from bot.cards.action_ids import CUSTOMER_BACK, CUSTOMER_NEXT, page_value
from bot.cards.components import code_line, line, name_and_number, short
from bot.cards.saved_customers import pick_row
from bot.domain.field_roles import Role
from bot.domain.results import PAGE, Failure, Found, Several
from bot.locales import Texts
from bot.slack.message import Block, Message


def several_card(result: Several, texts: Texts) -> Message:
    """How many there are, one page of them, and how to go on. For lock screens the count alone."""
    return Message(texts.search.count(_total(result)), several_blocks(result, texts))


def several_blocks(result: Several, texts: Texts) -> list[Block]:
    return [
        blocks.section(_heading(result, texts)),
        *(customer_row(found, texts) for found in result.customers),
        *_page_buttons(result, texts),
        *map(blocks.context, _footnotes(result, texts)),
    ]


def customer_row(found: Found, texts: Texts) -> Block:
    """A customer to choose: the region, or else the contact, tells those of one name apart."""
    profile = found.profile
    apart = short(profile, Role.REGION) or short(profile, Role.CONTACT)
    text = "\n".join(filter(None, (name_and_number(found), apart)))
    return pick_row(text, profile.customer_id, " ".join(filter(None, (profile.name, profile.number))), texts)


def _heading(result: Several, texts: Texts) -> str:
    """The places are said where these are not all."""
    how = texts.search.query[result.read_as]
    if result.first == 0 and result.following is None:
        return texts.search.found(_total(result), how)
    last = result.first + len(result.customers)
    places = f"{result.first + 1}–{last}" if last > result.first + 1 else str(last)
    return texts.search.page(places, _total(result), how)


def _total(result: Several) -> str:
    return f"{result.total}+" if result.is_cut else str(result.total)


def _page_buttons(result: Several, texts: Texts) -> Iterator[Block]:
    buttons = []
    if result.button_value and result.first > 0:
        value = page_value(max(0, result.first - PAGE), result.button_value)
        buttons.append(blocks.button(texts.search.back, CUSTOMER_BACK, value))
    if result.button_value and result.following is not None:
        buttons.append(
            blocks.button(texts.search.next, CUSTOMER_NEXT, page_value(result.following, result.button_value))
        )
    if buttons:
        yield blocks.actions(*buttons)


def incomplete(failure: Failure, texts: Texts) -> str:
    """Of a search: some may be missing."""
    return line(f":warning: {texts.search.incomplete}", code_line(failure.code, texts))


def _footnotes(result: Several, texts: Texts) -> Iterator[str]:
    if result.failure is not None:
        yield incomplete(result.failure, texts)
    yield texts.search.is_cut(result.total) if result.is_cut else texts.search.other_ways
