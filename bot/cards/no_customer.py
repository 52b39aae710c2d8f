"""The cards of answers without a customer: what happened, what to do next, and the code that finds it in the log."""

from bot.answers import Denied, Invalid, NotFound, OtherReading, Unavailable
from bot.cards import blocks
from bot.cards.action_ids import CUSTOMER_READ_AS, CUSTOMER_REFRESH
from bot.cards.foreign import literal
from bot.cards.notices import what_to_type
from bot.cards.parts import looked_for
from bot.errors import Trouble
from bot.locales import Texts
from bot.slack.message import Block, Message


def not_found_card(answer: NotFound, texts: Texts) -> Message:
    """What was looked for and as what, what may help, and a button for each other way to read it."""
    headline = texts.search.not_found[answer.read_as]
    asked = looked_for(answer.asked)
    lines = [f":mag: *{headline}*", f"`{asked}`" if asked else "", texts.search.not_found_advice[answer.read_as]]
    others = [blocks.actions(_look_as(other, texts)) for other in answer.others]  # ids are unique within a block
    return Message(
        f"{headline} ({answer.code})",
        [blocks.section("\n".join(filter(None, lines))), *others, _code(answer.code, texts)],
    )


def unavailable_card(answer: Unavailable, texts: Texts) -> Message:
    """Retry asks the same once more, where a button may hold it."""
    failure = answer.failure
    lines = [f":warning: *{texts.trouble[failure.trouble]}*"]
    words = literal(failure.error_msg, 300)
    if words:
        lines.append(texts.crm_says(words))
    no_copy = texts.no_copy if failure.trouble in (Trouble.NO_ANSWER, Trouble.UNREADABLE) else ""
    lines.append(no_copy + texts.trouble_advice[failure.trouble])
    card = [blocks.section("\n".join(lines))]
    if answer.query:
        card.append(blocks.actions(blocks.button(texts.retry, CUSTOMER_REFRESH, answer.query)))
    card.append(_code(failure.code, texts))
    return Message(f"{texts.trouble[failure.trouble]} ({failure.code})", card)


def invalid_card(answer: Invalid, texts: Texts) -> Message:
    return Message(
        texts.search.invalid[answer.why], [blocks.section(f"{_not_read(answer, texts)}\n{what_to_type(texts)}")]
    )


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


def _look_as(other: OtherReading, texts: Texts) -> Block:
    return blocks.button(texts.search.look_as[other.read_as], CUSTOMER_READ_AS, other.query)


def _not_read(answer: Invalid, texts: Texts) -> str:
    typed = literal(answer.text, 100)
    lines = (
        f":mag: *{texts.search.invalid[answer.why]}*",
        texts.you_typed(typed) if typed else "",
        texts.search.invalid_advice[answer.why],
    )
    return "\n".join(filter(None, lines))


def _code(code: str, texts: Texts) -> Block:
    return blocks.context(texts.code(f"`{code}`"))
