"""The cards of answers without a customer: what happened, what to do next, and the code that finds it in the log."""

from bot.answers import Denied, Invalid, NotFound, Unavailable
from bot.cards import blocks
from bot.cards.action_ids import CUSTOMER_REFRESH
from bot.cards.foreign import literal
from bot.cards.notices import what_to_type
from bot.errors import Trouble
from bot.identifiers import ReadAs, read
from bot.locales import Texts
from bot.slack.message import Block, Message


def not_found_card(answer: NotFound, texts: Texts) -> Message:
    """A number is unknown until its customer has been seen; an id is unknown for good."""
    reading = read(answer.asked)
    by_number = reading is not None and reading.read_as is ReadAs.NUMBER
    headline = texts.number_not_found if by_number else texts.not_found
    advice = texts.number_not_found_advice if by_number else texts.not_found_advice
    asked = literal(answer.asked, 100)
    return Message(
        f"{headline} ({answer.code})",
        [blocks.section(f":mag: *{headline}*\n`{asked}`\n{advice}"), _code(answer.code, texts)],
    )


def unavailable_card(answer: Unavailable, texts: Texts) -> Message:
    """Retry asks for the same customer once more, if one was read."""
    failure = answer.failure
    lines = [f":warning: *{texts.trouble[failure.trouble]}*"]
    words = literal(failure.error_msg, 300)
    if words:
        lines.append(texts.crm_says(words))
    no_copy = texts.no_copy if failure.trouble in (Trouble.NO_ANSWER, Trouble.UNREADABLE) else ""
    lines.append(no_copy + texts.trouble_advice[failure.trouble])
    card = [blocks.section("\n".join(lines))]
    if answer.asked:
        card.append(blocks.actions(blocks.button(texts.retry, CUSTOMER_REFRESH, answer.asked)))
    card.append(_code(failure.code, texts))
    return Message(f"{texts.trouble[failure.trouble]} ({failure.code})", card)


def invalid_card(answer: Invalid, texts: Texts) -> Message:
    return Message(texts.invalid, [blocks.section(f"{_not_read(answer, texts)}\n{what_to_type(texts)}")])


def invalid_explanation(answer: Invalid, texts: Texts) -> Block:
    """The same above an input, which says itself what can be typed."""
    return blocks.section(_not_read(answer, texts))


def denied_card(answer: Denied, texts: Texts) -> Message:
    headline = texts.denied[answer.refusal]
    return Message(
        f"{headline} ({answer.code})",
        [
            blocks.section(f":no_entry: *{headline}*\n{texts.denied_advice[answer.refusal]}"),
            _code(answer.code, texts),
        ],
    )


def _not_read(answer: Invalid, texts: Texts) -> str:
    typed = literal(answer.text, 100)
    return "\n".join(filter(None, (f":mag: *{texts.invalid}*", texts.you_typed(typed) if typed else "")))


def _code(code: str, texts: Texts) -> Block:
    return blocks.context(texts.code(f"`{code}`"))
