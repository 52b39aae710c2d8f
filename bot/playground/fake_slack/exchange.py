"""Waiting in the stand-in Slack: for what comes back to a person, and for anything else to come true."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final, TypeVar

from bot.slack.message import Message

ANSWER_SECONDS: Final = 15.0
"""How long a person waits for an answer before giving up."""
OVERTAKING_SECONDS: Final = 0.2
RESPONSE_URL_USES: Final = 5

T = TypeVar("T")


class Changes:
    """Wakes the tasks that wait for a condition."""

    def __init__(self) -> None:
        self._changed = asyncio.Event()

    def tell(self) -> None:
        self._changed.set()

    async def until(self, condition: Callable[[], T | None]) -> T:
        """What ``condition`` gives, once that is true. Raises TimeoutError after ANSWER_SECONDS."""
        async with asyncio.timeout(ANSWER_SECONDS):
            while not (value := condition()):
                self._changed.clear()
                await self._changed.wait()
        return value


@dataclass
class Exchange:
    """One thing that a person did, and everything that came back to them.

    ``status`` is that of the acknowledgement, 0 if none came in time. ``shown`` is what the person saw, in order.
    """

    status: int = 0
    shown: list[Message] = field(default_factory=list)
    acknowledged: bool = False
    overtaken: bool = False
    """Whether an answer came and its acknowledgement did not, for OVERTAKING_SECONDS."""
    settled: asyncio.Event = field(default_factory=asyncio.Event)
    """Set once the acknowledgement was shown, or given up."""
    uses_left: int = RESPONSE_URL_USES
    arrived: Changes = field(default_factory=Changes)
    response_url: str = ""
    request: dict[str, Any] = field(default_factory=dict)
    """The payload that was sent to the bot."""
    answer: dict[str, Any] = field(default_factory=dict)
    """What the acknowledgement said."""
    retry_num: int = 0
    """Of an event: how often it was delivered before."""

    async def answers(self, count: int) -> list[Message]:
        """The first ``count`` messages, once they have come. Raises TimeoutError when they do not."""
        await self.arrived.until(lambda: len(self.shown) >= count)
        return self.shown

    async def after_the_acknowledgement(self) -> None:
        """What the bot wrote first is shown first, whichever connection is read first."""
        try:
            async with asyncio.timeout(OVERTAKING_SECONDS):
                await self.settled.wait()
        except TimeoutError:
            self.overtaken = True
