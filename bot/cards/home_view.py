"""App Home: a person's own page. Nothing of a customer but the name and number is on it."""

from collections.abc import Iterator, Sequence
from typing import Final

from bot.cards import blocks
from bot.cards.action_ids import CUSTOMER_CLEAR, FIND_CUSTOMER
from bot.cards.error_cards import refusal_card
from bot.cards.mute_cards import mute_row
from bot.cards.saved_customers import rows
from bot.domain.preferences import Mute, Remembered, SavedCustomers
from bot.domain.results import Denied
from bot.locales import Texts
from bot.slack.message import Block, View

MAX_MUTES: Final = 20


def home_view(shelf: SavedCustomers | None, mutes: Sequence[Mute] | None, texts: Texts) -> View:
    """Search, pinned and recent customers, what is muted, how to use it. None: cannot be read now."""
    home = texts.home
    return _home(
        [
            blocks.section(home.greeting),
            blocks.actions(blocks.primary_button(home.find, FIND_CUSTOMER, FIND_CUSTOMER)),
            *_shelf(shelf, texts),
            blocks.header(home.muted),
            *_mutes(mutes, texts),
            blocks.header(home.how),
            blocks.section("\n".join(f"• {line}" for line in home.how_lines)),
        ]
    )


def home_denied_view(denied: Denied, texts: Texts) -> View:
    """For people who may see nothing, or nothing here."""
    return _home(refusal_card(denied, texts).blocks)


def _home(content: list[Block]) -> View:
    return {"type": "home", "blocks": content}


def _shelf(shelf: SavedCustomers | None, texts: Texts) -> Iterator[Block]:
    if shelf is None:
        yield blocks.context(f":warning: {texts.modal.no_shelf}")
        return
    yield from _list(texts.modal.pinned, shelf.pinned, texts.home.no_pins, texts)
    yield from _list(texts.modal.recent, shelf.recent, texts.home.no_recents, texts)
    if shelf.recent:
        yield blocks.actions(_clear(texts))


def _list(heading: str, customers: Sequence[Remembered], none: str, texts: Texts) -> Iterator[Block]:
    yield blocks.header(heading)
    yield from rows(customers, texts) or [blocks.context(none)]


def _clear(texts: Texts) -> Block:
    """Cannot be undone, so it asks."""
    home = texts.home
    question = {
        "title": blocks.plain_text(home.clear),
        "text": blocks.plain_text(home.clear_question),
        "confirm": blocks.plain_text(home.clear_yes),
        "deny": blocks.plain_text(home.clear_no),
    }
    return {**blocks.button(home.clear, CUSTOMER_CLEAR, CUSTOMER_CLEAR), "confirm": question}


def _mutes(mutes: Sequence[Mute] | None, texts: Texts) -> list[Block]:
    if mutes is None:
        return [blocks.context(f":warning: {texts.home.no_mutes}")]
    return [mute_row(mute, texts) for mute in mutes[:MAX_MUTES]] or [blocks.context(texts.home.nothing_muted)]
