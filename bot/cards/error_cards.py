"""The cards of answers without a customer: what happened, what to do next, and the code that finds it in the log."""

from typing import Final

from bot.cards import blocks
from bot.cards.action_ids import CUSTOMER_READ_AS, CUSTOMER_REFRESH
from bot.cards.components import code_line, looked_for
from bot.cards.escaping import literal
from bot.cards.notices import coded_card, what_to_type
from bot.domain.results import Denied, Invalid, Limited, NotFound, OtherReading, Refusal, Unavailable
from bot.errors import Trouble
from bot.locales import Texts
from bot.slack.message import Block, Message

MAX_ADMINS: Final = 5
_NOBODY_CAN_HELP: Final = frozenset({Refusal.OUTSIDER, Refusal.EXTERNAL_CHANNEL})


def not_found_card(result: NotFound, texts: Texts) -> Message:
    """What was looked for and as what, what may help, and a button for each other way to read it."""
    headline = texts.search.not_found[result.read_as]
    asked = looked_for(result.asked)
    lines = [f":mag: *{headline}*", f"`{asked}`" if asked else "", texts.search.not_found_advice[result.read_as]]
    others = [blocks.actions(_look_as(other, texts)) for other in result.others]  # ids are unique within a block
    return Message(
        f"{headline} ({result.code})",
        [blocks.section("\n".join(filter(None, lines))), *others, blocks.context(code_line(result.code, texts))],
    )


def unavailable_card(result: Unavailable, texts: Texts) -> Message:
    """Retry asks the same once more, where a button may hold it."""
    failure = result.failure
    lines = [f":warning: *{texts.trouble[failure.trouble]}*"]
    words = literal(failure.error_msg, 300)
    if words:
        lines.append(texts.crm_says(words))
    no_copy = texts.no_copy if failure.trouble in (Trouble.NO_ANSWER, Trouble.UNREADABLE) else ""
    lines.append(no_copy + texts.trouble_advice[failure.trouble])
    card = [blocks.section("\n".join(lines))]
    if result.button_value:
        card.append(blocks.actions(blocks.button(texts.retry, CUSTOMER_REFRESH, result.button_value)))
    card.append(blocks.context(code_line(failure.code, texts)))
    return Message(f"{texts.trouble[failure.trouble]} ({failure.code})", card)


def invalid_card(result: Invalid, texts: Texts) -> Message:
    return Message(
        texts.search.invalid[result.why], [blocks.section(f"{_not_read(result, texts)}\n{what_to_type(texts)}")]
    )


def invalid_explanation(result: Invalid, texts: Texts) -> Block:
    """The same above an input, which says itself what can be typed."""
    return blocks.section(_not_read(result, texts))


def refusal_card(result: Denied | Limited, texts: Texts) -> Message:
    """Not for this person, not here, or not now: why, and what to do."""
    if isinstance(result, Denied):
        advice = _with_admins(texts.denied_advice[result.refusal], result, texts)
        return coded_card(":no_entry:", texts.denied[result.refusal], advice, result.code, texts)
    advice = texts.limited_advice(result.seconds)
    return coded_card(":hourglass:", texts.limited[result.limit], advice, result.code, texts)


def _look_as(other: OtherReading, texts: Texts) -> Block:
    return blocks.button(texts.search.look_as[other.read_as], CUSTOMER_READ_AS, other.button_value)


def _with_admins(advice: str, result: Denied, texts: Texts) -> str:
    """Mentioned where they can do something about it; in what one person alone sees, a mention rings nowhere."""
    if result.refusal in _NOBODY_CAN_HELP or not result.admins:
        return advice
    return f"{advice}\n{texts.admins(' '.join(f'<@{admin}>' for admin in result.admins[:MAX_ADMINS]))}"


def _not_read(result: Invalid, texts: Texts) -> str:
    typed = literal(result.text, 100)
    lines = (
        f":mag: *{texts.search.invalid[result.why]}*",
        texts.you_typed(typed) if typed else "",
        texts.search.invalid_advice[result.why],
    )
    return "\n".join(filter(None, lines))
