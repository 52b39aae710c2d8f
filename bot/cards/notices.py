"""The cards without a customer: what went wrong and what to do next, what can be typed, and the waiting line."""

from typing import Final

from bot.answers import Invalid, NotFound, Unavailable
from bot.cards import blocks
from bot.cards.action_ids import CUSTOMER_REFRESH
from bot.cards.foreign import literal
from bot.errors import Trouble
from bot.locales import Texts
from bot.slack.message import Message

EXAMPLE: Final = "/customer dc540ce7-5bc5-4275-b8fa-2004eb5839e3"
"""The customer of the CRM's own documentation."""


def not_found_card(answer: NotFound, texts: Texts) -> Message:
    return Message(
        f"{texts.not_found} ({answer.code})",
        [
            blocks.section(f":mag: *{texts.not_found}*\n`{answer.customer_id}`\n{texts.not_found_advice}"),
            blocks.context(texts.code(f"`{answer.code}`")),
        ],
    )


def unavailable_card(answer: Unavailable, texts: Texts) -> Message:
    """What happened, what to do next, Retry, and the code that finds it in the log."""
    failure = answer.failure
    lines = [f":warning: *{texts.trouble[failure.trouble]}*"]
    words = literal(failure.error_msg, 300)
    if words:
        lines.append(texts.crm_says(words))
    no_copy = texts.no_copy if failure.trouble in (Trouble.NO_ANSWER, Trouble.UNREADABLE) else ""
    lines.append(no_copy + texts.trouble_advice[failure.trouble])
    card = [blocks.section("\n".join(lines))]
    if answer.customer_id:
        card.append(blocks.actions(blocks.button(texts.retry, CUSTOMER_REFRESH, answer.customer_id)))
    card.append(blocks.context(texts.code(f"`{failure.code}`")))
    return Message(f"{texts.trouble[failure.trouble]} ({failure.code})", card)


def invalid_card(answer: Invalid, texts: Texts) -> Message:
    typed = literal(answer.text, 100)
    lines = [f":mag: *{texts.invalid}*", texts.you_typed(typed) if typed else "", _what_to_type(texts)]
    return Message(texts.invalid, [blocks.section("\n".join(filter(None, lines)))])


def help_card(texts: Texts) -> Message:
    return Message(texts.help, [blocks.section(f"{texts.help}\n{_what_to_type(texts)}")])


def looking_up_card(asked: str, texts: Texts) -> Message:
    """One line that stays true beside the card, as Slack may show the card as a second message."""
    line = texts.looking_up(literal(asked, 100))
    return Message(line, [blocks.context(f":mag: {line}")])


def _what_to_type(texts: Texts) -> str:
    return f"{texts.what_to_type}\n{texts.example(EXAMPLE)}\n{texts.not_yet}"
