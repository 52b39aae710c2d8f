"""What everything passes on its way to Slack: the check of Slack's limits, and an apology where the bot fails."""

from collections.abc import Awaitable, Callable
from typing import Any, NamedTuple, TypeVar

import structlog

from bot.errors import StoreUnavailable, Trouble
from bot.runtime.logging import new_code
from bot.slack.message import Message, View

T = TypeVar("T")
Apology = Callable[[Trouble, str, str], T]
"""What to say: for what went wrong, to whom (a Slack id), with which code."""

log = structlog.get_logger(__name__)


class Outgoing(NamedTuple):
    """Made of cards, which this layer does not know."""

    message: Callable[[Message], Message]
    """The message, or as much of it as Slack takes."""
    view: Callable[[View, str], View]
    """The same for a view; the text is its reader's Slack id."""
    entity: Callable[[dict[str, Any]], dict[str, Any] | None]
    """The same for a Work Object; None: it is better left out."""
    apology: Apology[Message]
    apology_view: Apology[View]


async def guarded(making: Awaitable[T], apologise: Apology[T], user: str) -> T:
    """What ``making`` makes; else an apology, with the code of the log line: everything that is done gets an answer."""
    try:
        return await making
    except StoreUnavailable as error:
        code = new_code()
        log.warning("store_failed", code=code, reason=str(error))
        return apologise(Trouble.STORE, user, code)
    except Exception:
        code = new_code()
        log.exception("answer_failed", code=code)
        return apologise(Trouble.INTERNAL, user, code)
