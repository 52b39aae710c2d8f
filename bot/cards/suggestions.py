"""What a person may choose from while typing, as Slack's options."""

from collections.abc import Sequence
from typing import Final

from bot.cards import blocks
from bot.cards.escaping import length, plain
from bot.domain.directory import Suggestion
from bot.slack.message import Block

MAX_OPTIONS: Final = 100
_TEXT_LENGTH: Final = 75
_NUMBER_LENGTH: Final = 30
_DOT: Final = " · "


def suggestion_options(suggestions: Sequence[Suggestion]) -> list[Block]:
    """Name and number. The number tells those of one name apart: it is the name that is cut."""
    return [blocks.option(_shown(each), each.customer_id) for each in suggestions[:MAX_OPTIONS]]


def _shown(suggestion: Suggestion) -> str:
    number = plain(suggestion.number, _NUMBER_LENGTH)
    if not number:
        return plain(suggestion.name, _TEXT_LENGTH) or suggestion.customer_id
    name = plain(suggestion.name, _TEXT_LENGTH - length(_DOT + number))
    return f"{name}{_DOT}{number}" if name else number
