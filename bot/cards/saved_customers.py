"""People's own customers, pinned and recent, as rows with a button each."""

from collections.abc import Sequence
from typing import Final

from bot.cards import blocks
from bot.cards.action_ids import CUSTOMER_PICK
from bot.cards.escaping import literal
from bot.domain.preferences import Remembered
from bot.locales import Texts
from bot.slack.message import Block

MAX_ROWS: Final = 25
"""Of one list: two lists and what stands around them fit a view."""
_NAME_LENGTH: Final = 150


def rows(customers: Sequence[Remembered], texts: Texts) -> list[Block]:
    return [
        pick_row(literal(customer.name, _NAME_LENGTH), customer.customer_id, customer.name, texts)
        for customer in customers[:MAX_ROWS]
    ]


def pick_row(text: str, customer_id: str, name: str, texts: Texts) -> Block:
    """A customer to choose. ``text`` is finished; ``name`` is read aloud with the button."""
    shown = text or customer_id
    read_aloud = texts.modal.open_whom(name or customer_id)
    return blocks.section(shown, blocks.named_button(texts.modal.open, CUSTOMER_PICK, customer_id, read_aloud))


def heading(text: str) -> Block:
    return blocks.context(f"*{text}*")
