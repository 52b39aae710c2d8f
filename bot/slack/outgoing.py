"""What every message and view passes on its way to Slack: Slack's limits, and an apology where building it fails."""

from collections.abc import Awaitable, Callable
from typing import Any, NamedTuple, TypeVar

import structlog

from bot.errors import StoreUnavailable, Trouble
from bot.runtime.logging import new_code
from bot.slack.message import Message, View

T = TypeVar("T")
Apology = Callable[[Trouble, str, str], T]
"""Builds an apology from what went wrong, the user's Slack id and the code of the log line."""

log = structlog.get_logger(__name__)


class Outgoing(NamedTuple):
    """Functions of ``bot.cards``, which this package does not import."""

    limit_message: Callable[[Message], Message]
    """The message, or as much of it as Slack accepts."""
    limit_view: Callable[[View, str], View]
    """The same for a view; the text is its reader's Slack id."""
    limit_entity: Callable[[dict[str, Any]], dict[str, Any] | None]
    """The same for a Work Object; None if it is better left out."""
    apology: Apology[Message]
    apology_view: Apology[View]

    async def message(self, building: Awaitable[Message], user: str) -> Message:
        """The message within Slack's limits, or an apology. Raises nothing."""
        return await or_apology(building, self.apology, user, self.limit_message)

    async def view(self, building: Awaitable[View], user: str) -> View:
        """The view within Slack's limits, or an apology. Raises nothing."""
        return await or_apology(building, self.apology_view, user, lambda view: self.limit_view(view, user))


async def or_apology(
    building: Awaitable[T], apologise: Apology[T], user: str, limit: Callable[[T], T] = lambda built: built
) -> T:
    """What ``building`` returns, within the ``limit``; if that raises, an apology with the code of the log line."""
    try:
        return limit(await building)
    except StoreUnavailable as error:
        code = new_code()
        log.warning("store_failed", code=code, reason=str(error))
        return apologise(Trouble.STORE, user, code)
    except Exception:
        code = new_code()
        log.exception("answer_failed", code=code)
        return apologise(Trouble.INTERNAL, user, code)
