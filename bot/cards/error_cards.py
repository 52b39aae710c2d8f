"""The cards of results without a customer: what happened, what to do next, and the code that finds it in the log."""

from typing import Final

from bot.cards import blocks
from bot.cards.action_ids import CUSTOMER_READ_AS, CUSTOMER_REFRESH
from bot.cards.components import code_line, lines, looked_for
from bot.cards.escaping import literal
from bot.cards.notices import coded_card, what_to_type
from bot.domain.results import Denied, Failure, Invalid, Limited, NotFound, Refusal, Unavailable
from bot.errors import Trouble
from bot.locales import Texts
from bot.slack.message import Message

MAX_ADMINS: Final = 5
_ADMINS_CANNOT_HELP: Final = frozenset({Refusal.OUTSIDER, Refusal.EXTERNAL_CHANNEL})


def not_found_card(result: NotFound, texts: Texts) -> Message:
    """What was looked for and as what, what may help, and a button for each other way to read it."""
    headline, asked = texts.search.not_found[result.read_as], looked_for(result.asked)
    said = lines(
        f":mag: *{headline}*",
        f"`{asked}`" if asked else "",
        texts.search.not_found_advice[result.read_as],
        texts.search.end_of_phone if result.may_end_a_phone else "",
    )
    others = [  # a block each: action ids are unique within one
        blocks.actions(blocks.button(texts.search.look_as[other.read_as], CUSTOMER_READ_AS, other.button_value))
        for other in result.others
    ]
    content = [blocks.section(said), *others, blocks.context(code_line(result.code, texts))]
    return Message(f"{headline} ({result.code})", content)


def unavailable_card(result: Unavailable, texts: Texts) -> Message:
    """What went wrong. Retry asks the same once more, if a button can hold it."""
    failure = result.failure
    no_copy = texts.no_copy if failure.trouble in (Trouble.NO_ANSWER, Trouble.UNREADABLE) else ""
    card = [blocks.section(failure_text(failure, texts, no_copy))]
    if result.button_value:
        card.append(blocks.actions(blocks.button(texts.retry, CUSTOMER_REFRESH, result.button_value)))
    card.append(blocks.context(code_line(failure.code, texts)))
    return Message(f"{texts.trouble[failure.trouble]} ({failure.code})", card)


def failure_text(failure: Failure, texts: Texts, before_advice: str = "") -> str:
    """What went wrong, in the CRM's own words if it gave any, and what to do."""
    crm_words = literal(failure.error_msg, 300)
    return lines(
        f":warning: *{texts.trouble[failure.trouble]}*",
        texts.crm_says(crm_words) if crm_words else "",
        before_advice + texts.trouble_advice[failure.trouble],
    )


def invalid_card(result: Invalid, texts: Texts) -> Message:
    said = f"{invalid_text(result, texts)}\n{what_to_type(texts)}"
    return Message(texts.search.invalid[result.why], [blocks.section(said)])


def invalid_text(result: Invalid, texts: Texts) -> str:
    """Why it was not read. An input below it says itself what can be typed; the card does in its text."""
    typed = literal(result.text, 100)
    return lines(
        f":mag: *{texts.search.invalid[result.why]}*",
        texts.you_typed(typed) if typed else "",
        texts.search.invalid_advice[result.why],
    )


def refusal_card(result: Denied | Limited, texts: Texts) -> Message:
    """Not for this user, not here, or not now: why, and what to do."""
    if isinstance(result, Limited):
        advice = texts.limited_advice(result.seconds)
        return coded_card(":hourglass:", texts.limited[result.limit], advice, result.code, texts)
    advice = texts.denied_advice[result.refusal]
    if result.admins and result.refusal not in _ADMINS_CANNOT_HELP:  # an ephemeral mention notifies no one
        advice += f"\n{texts.admins(' '.join(f'<@{admin}>' for admin in result.admins[:MAX_ADMINS]))}"
    return coded_card(":no_entry:", texts.denied[result.refusal], advice, result.code, texts)
