"""Holding what is sent to Slack's limits. What is over them is a bug: it is logged, and less is sent."""

from collections.abc import Callable
from typing import Any

import structlog

from bot.cards import blocks
from bot.cards.limits import entity_violations, view_violations, violations
from bot.cards.modal import notice_view
from bot.locales import Texts
from bot.runtime.logging import new_code
from bot.slack.message import KeptMessage, Message, View

log = structlog.get_logger(__name__)


def within_limits(message: Message) -> Message:
    """``message``, or its text alone where Slack would refuse the blocks. One that is kept was checked before."""
    found = [] if isinstance(message, KeptMessage) else violations(message)
    if not found:
        return message
    log.error("card_over_limits", code=new_code(), violations=found)
    return Message(message.text, [])


def safe_view(make: Callable[[], View], texts: Texts) -> View:
    """The modal or Home that ``make`` makes; where it has a bug or Slack would refuse it, one that says so."""
    try:
        view = make()
    except Exception:
        code = new_code()
        log.exception("view_failed", code=code)
        return notice_view(texts.failed(code), texts)
    found = view_violations(view)
    if not found:
        return view
    log.error("view_over_limits", code=new_code(), violations=found)
    if view.get("type") == "home":
        return {"type": "home", "blocks": [blocks.section(texts.modal.too_much)]}
    return notice_view(texts.modal.too_much, texts)


def safe_entity(make: Callable[[], dict[str, Any]]) -> dict[str, Any] | None:
    """The Work Object that ``make`` makes; None, and a line in the log, where it has a bug or is over the limits."""
    try:
        entity = make()
    except Exception:
        log.exception("entity_failed", code=new_code())
        return None
    found = entity_violations(entity)
    if found:
        log.error("entity_over_limits", code=new_code(), violations=found)
    return None if found else entity
