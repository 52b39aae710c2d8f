"""Getting a card to the person who asked: in the acknowledgement if it is ready in time, else after it."""

import asyncio
from collections.abc import Coroutine
from typing import Any, Final

import aiohttp
import stamina
import structlog
from slack_bolt.context.ack.async_ack import AsyncAck
from slack_sdk.webhook.async_client import AsyncWebhookClient

from bot.background import Background
from bot.slack.message import Message

MAX_ATTEMPTS: Final = 3
RETRY_WAIT_SECONDS: Final = 0.2

_UNSENT: Final = (aiohttp.ClientError, TimeoutError, UnicodeDecodeError)
"""No answer of Slack's, or one that slack_sdk cannot read: a proxy's page in no encoding, say."""

log = structlog.get_logger(__name__)

Card = Coroutine[Any, Any, Message]
"""A card in the making. It never raises: whoever makes it turns failures into cards."""


class _MayPass(Exception):
    """Slack did not take an answer for a reason that may pass."""


class Delivery:
    """Sends private answers. ``ack_budget_seconds`` is how long a command waits for its card."""

    def __init__(self, session: aiohttp.ClientSession, background: Background, ack_budget_seconds: float) -> None:
        self._session = session
        self._background = background
        self._ack_budget_seconds = ack_budget_seconds

    async def answer_command(
        self, ack: AsyncAck, card: Card, waiting: Message, response_url: str, acknowledged: asyncio.Event
    ) -> None:
        """Answer in the acknowledgement itself; when that takes too long, with ``waiting``, and the card follows.

        ``acknowledged`` is set once the acknowledgement has been written to the socket.
        """
        making = self._background.start(card)
        await asyncio.wait({making}, timeout=self._ack_budget_seconds)
        if making.done():
            await ack(response_type="ephemeral", **_payload(making.result()))
            return
        await ack(response_type="ephemeral", **_payload(waiting))
        self._background.start(self._follow(making, response_url, acknowledged))

    async def answer_click(self, ack: AsyncAck, card: Card, response_url: str, acknowledged: asyncio.Event) -> None:
        """Replace the card that was clicked. A click's acknowledgement cannot carry the answer."""
        await ack()
        making = self._background.start(card)
        self._background.start(self._follow(making, response_url, acknowledged))

    async def _follow(self, making: asyncio.Task[Message], response_url: str, acknowledged: asyncio.Event) -> None:
        message = await making
        await acknowledged.wait()
        try:
            await self._send(response_url, message)
        except _MayPass as error:
            log.error("answer_not_delivered", reason=str(error))
        except _UNSENT as error:
            # Its text may hold the response_url, with which anybody could answer in the bot's name.
            log.error("answer_not_delivered", reason=type(error).__name__)

    async def _send(self, response_url: str, message: Message) -> None:
        """Send, and send again where that may help: a private answer does no harm twice.

        If Slack refuses the blocks (``invalid_blocks``, ``msg_blocks_too_long``), the text goes alone.
        """
        refused = await self._post(response_url, message)
        if "blocks" in refused and message.blocks:
            log.error("blocks_refused", reason=refused)
            refused = await self._post(response_url, Message(message.text, []))
        if refused:
            log.error("answer_not_delivered", reason=refused)

    async def _post(self, response_url: str, message: Message) -> str:
        """Slack's word for why it refused ``message``; "" if it took it."""
        webhook = AsyncWebhookClient(response_url, session=self._session, retry_handlers=[])
        async for attempt in stamina.retry_context(
            on=(_MayPass, *_UNSENT),
            attempts=MAX_ATTEMPTS,
            wait_initial=RETRY_WAIT_SECONDS,
            wait_jitter=RETRY_WAIT_SECONDS,
        ):
            with attempt:
                answer = await webhook.send(response_type="ephemeral", replace_original=True, **_payload(message))
                if answer.status_code == 429 or answer.status_code >= 500:
                    raise _MayPass(f"HTTP {answer.status_code}")
        return "" if answer.status_code == 200 else answer.body[:100] or f"HTTP {answer.status_code}"


def _payload(message: Message) -> dict[str, Any]:
    return {"text": message.text, "blocks": message.blocks} if message.blocks else {"text": message.text}
