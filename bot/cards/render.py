"""From an answer to the message that is sent: always one, always within Slack's limits."""

import structlog

from bot.answers import Answer, Failure, Found, Invalid, NotFound, Unavailable
from bot.cards.limits import violations
from bot.cards.notices import invalid_card, not_found_card, unavailable_card
from bot.cards.profile_card import private_card
from bot.errors import Trouble
from bot.locales import Texts
from bot.slack.message import Message
from bot.telemetry import new_code

log = structlog.get_logger(__name__)


def answer_card(answer: Answer, texts: Texts) -> Message:
    """The card for ``answer``. A bug in a card is logged and answered with its code."""
    try:
        return within_limits(_card(answer, texts))
    except Exception:
        code = new_code()
        log.exception("card_failed", code=code, answer=type(answer).__name__)
        return unavailable_card(Unavailable(None, Failure(Trouble.INTERNAL, code)), texts)


def within_limits(message: Message) -> Message:
    """``message``, or its text alone where Slack would refuse the blocks."""
    found = violations(message)
    if not found:
        return message
    log.error("card_over_limits", code=new_code(), violations=found)
    return Message(message.text, [])


def _card(answer: Answer, texts: Texts) -> Message:
    match answer:
        case Found():
            return private_card(answer, texts)
        case NotFound():
            return not_found_card(answer, texts)
        case Unavailable():
            return unavailable_card(answer, texts)
        case Invalid():
            return invalid_card(answer, texts)
