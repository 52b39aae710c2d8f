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


def several_card(answer: Several, texts: Texts) -> Message:
    """How many there are, one page of them, and how to go on. For lock screens the count alone."""
    return Message(texts.search.count(_total(answer)), several_blocks(answer, texts))


def several_blocks(answer: Several, texts: Texts) -> list[Block]:
    return [
        blocks.section(_heading(answer, texts)),
        *(customer_row(found, texts) for found in answer.customers),
        *_page_buttons(answer, texts),
        *map(blocks.context, _footnotes(answer, texts)),
    ]


def customer_row(found: Found, texts: Texts) -> Block:
    """A customer to choose: the region, or else the contact, tells those of one name apart."""
    profile = found.profile
    apart = short(profile, Role.REGION) or short(profile, Role.CONTACT)
    text = "\n".join(filter(None, (name_and_number(found), apart)))
    return pick_row(text, profile.customer_id, " ".join(filter(None, (profile.name, profile.number))), texts)


def _heading(answer: Several, texts: Texts) -> str:
    """The places are said where these are not all."""
    how = texts.search.reading[answer.read_as]
    if answer.first == 0 and answer.following is None:
        return texts.search.found(_total(answer), how)
    last = answer.first + len(answer.customers)
    places = f"{answer.first + 1}–{last}" if last > answer.first + 1 else str(last)
    return texts.search.page(places, _total(answer), how)


def _total(answer: Several) -> str:
    return f"{answer.total}+" if answer.is_cut else str(answer.total)


def _page_buttons(answer: Several, texts: Texts) -> Iterator[Block]:
    buttons = []
    if answer.query and answer.first > 0:
        value = page_value(max(0, answer.first - PAGE), answer.query)
        buttons.append(blocks.button(texts.search.back, CUSTOMER_BACK, value))
    if answer.query and answer.following is not None:
        buttons.append(blocks.button(texts.search.next, CUSTOMER_NEXT, page_value(answer.following, answer.query)))
    if buttons:
        yield blocks.actions(*buttons)


def incomplete(failure: Failure, texts: Texts) -> str:
    """Of a search: some may be missing."""
    return line(f":warning: {texts.search.incomplete}", code_line(failure.code, texts))


def _footnotes(answer: Several, texts: Texts) -> Iterator[str]:
    if answer.failure is not None:
        yield incomplete(answer.failure, texts)
    yield texts.search.is_cut(answer.total) if answer.is_cut else texts.search.other_ways
