"""App Home: a user's own page. It shows no more of a customer than the name and number."""

from collections.abc import Iterator, Sequence
from typing import Final

from bot.cards import blocks
from bot.cards.action_ids import CUSTOMER_CLEAR, FIND_CUSTOMER
from bot.cards.error_cards import refusal_card
from bot.cards.notices import mute_row
from bot.cards.results_list import saved_rows
from bot.domain.preferences import Mute, SavedCustomers
from bot.domain.results import Denied
from bot.locales import Texts
from bot.slack.message import Block, View

MAX_MUTES: Final = 20


def home_view(saved: SavedCustomers | None, mutes: Sequence[Mute] | None, texts: Texts) -> View:
    """Search, pinned and recent customers, what is muted, how to use it. None: cannot be read now."""
    home = texts.home
    muted = [mute_row(mute, texts) for mute in (mutes or ())[:MAX_MUTES]]
    none = home.nothing_muted if mutes is not None else f":warning: {home.no_mutes}"
    content = [
        blocks.section(home.greeting),
        blocks.actions(blocks.primary_button(home.find, FIND_CUSTOMER, FIND_CUSTOMER)),
        *_saved_customers(saved, texts),
        blocks.header(home.muted),
        *(muted or [blocks.context(none)]),
        blocks.header(home.how),
        blocks.section("\n".join(f"• {line}" for line in home.how_lines)),
    ]
    return {"type": "home", "blocks": content}


def home_denied_view(denied: Denied, texts: Texts) -> View:
    """For users who may see no customers, or none here."""
    return {"type": "home", "blocks": refusal_card(denied, texts).blocks}


def _saved_customers(saved: SavedCustomers | None, texts: Texts) -> Iterator[Block]:
    home, modal = texts.home, texts.modal
    if saved is None:
        yield blocks.context(f":warning: {modal.no_saved_customers}")
        return
    for heading, customers, none in (
        (modal.pinned, saved.pinned, home.no_pins),
        (modal.recent, saved.recent, home.no_recents),
    ):
        yield blocks.header(heading)
        yield from saved_rows(customers, texts) or [blocks.context(none)]
    if saved.recent:
        question = {  # clearing cannot be undone
            "title": blocks.plain_text(home.clear),
            "text": blocks.plain_text(home.clear_question),
            "confirm": blocks.plain_text(home.clear_yes),
            "deny": blocks.plain_text(home.clear_no),
        }
        button = blocks.button(home.clear, CUSTOMER_CLEAR, CUSTOMER_CLEAR)
        yield blocks.actions({**button, "confirm": question})
