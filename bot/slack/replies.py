"""Getting a card to the person who asked: in the acknowledgement if it is ready in time, else after it."""

import asyncio
import json
import re
from collections.abc import Callable, Coroutine
from typing import Any, Final

import aiohttp
import structlog
from slack_bolt.context.ack.async_ack import AsyncAck
from slack_sdk.webhook.async_client import AsyncWebhookClient

from bot.errors import SlackError, SlackRefused, SlackUnreachable
from bot.runtime.logging import new_code
from bot.runtime.metrics import RESPONSE_URL, Metrics
from bot.runtime.tasks import BackgroundTasks
from bot.slack.api import UNREADABLE, RateLimited, SlackApi, attempts, retry_after, unless_refused
from bot.slack.channel_posts import refuses_content
from bot.slack.message import KeptMessage, Message, acknowledgement, payload
from bot.slack.outgoing import Outgoing, guarded
from bot.slack.payloads import Reply

GONE: Final = frozenset({"expired_url", "used_url"})
"""What Slack says of a ``response_url`` after half an hour or five uses."""
MAX_ATTEMPTS: Final = 6
"""With growing waits some six seconds: there is no other way to the person, and no answer is lost in a lull."""
_WORD: Final = re.compile(r"[a-z0-9_]{1,60}")

log = structlog.get_logger(__name__)

Card = Coroutine[Any, Any, Message]
"""A card in the making."""


class Replies:
    """Sends private answers. ``ack_budget_seconds`` is how long a command waits for its card."""

    def __init__(
        self,
        session: aiohttp.ClientSession,
        api: SlackApi,
        background: BackgroundTasks,
        outgoing: Outgoing,
        ack_budget_seconds: float,
        metrics: Metrics,
    ) -> None:
        self._session = session
        self._api = api
        self._background = background
        self._outgoing = outgoing
        self._ack_budget_seconds = ack_budget_seconds
        self._metrics = metrics

    async def at_once(self, card: Card, user: str) -> str:
        """The acknowledgement with a ``card`` that waits for nobody, and so needs no task of its own."""
        message = await guarded(self._checked(card), self._outgoing.apology, user)
        return message.acknowledgement if isinstance(message, KeptMessage) else acknowledgement(message)

    async def answer_command(self, ack: AsyncAck, card: Card, waiting: Callable[[], Message], reply: Reply) -> None:
        """Answer in the acknowledgement itself; when that takes too long, with ``waiting``, and the card follows."""
        making = self._background.start(self._made(card, reply))
        await asyncio.wait({making}, timeout=self._ack_budget_seconds)
        if making.done():
            await ack(acknowledgement(making.result()))
            return
        await ack(acknowledgement(waiting()))
        self._background.start(self._follow(making, reply, replace=True))

    def replace(self, card: Card, reply: Reply) -> None:
        """Replace the private card that was clicked. A click's acknowledgement cannot carry the answer."""
        making = self._background.start(self._made(card, reply))
        self._background.start(self._follow(making, reply, replace=True))

    def tell(self, card: Card, reply: Reply) -> None:
        """Show the person something beside what was clicked."""
        making = self._background.start(self._made(card, reply))
        self._background.start(self._follow(making, reply, replace=False))

    def say(self, message: Message, reply: Reply) -> None:
        """``tell`` what needs no making."""
        self.tell(_ready(message), reply)

    async def _made(self, card: Card, reply: Reply) -> Message:
        return await guarded(self._checked(card), self._outgoing.apology, reply.asker.user)

    async def _checked(self, card: Card) -> Message:
        return self._outgoing.message(await card)

    async def _follow(self, making: asyncio.Task[Message], reply: Reply, *, replace: bool) -> None:
        try:
            message = await making
            await reply.acknowledged.wait()
            await self._send(reply, message, replace)
        except asyncio.CancelledError:  # the process ends, and has no more time
            self._give_up("ended")
            raise
        except SlackError as error:
            # Not more than Slack's own word: a response_url is one with which anybody could answer in the bot's name.
            self._give_up(str(error))

    async def _send(self, reply: Reply, message: Message, replace: bool) -> None:
        """Send, and send again where that may help: a private answer does no harm twice.

        If Slack refuses the blocks (``invalid_blocks``, ``msg_blocks_too_long``), the text goes alone. If the
        ``response_url`` has expired, an ephemeral message is sent instead.
        """
        refused = await self._post(reply, message, replace)
        if "blocks" in refused and message.blocks:
            log.error("blocks_refused", reason=refused)
            message = Message(message.text, [])
            refused = await self._post(reply, message, replace)
        if refused in GONE and reply.asker.channel:
            await self._ephemeral(reply, message)
        elif refused:
            self._give_up(refused)

    def _give_up(self, reason: str) -> None:
        """The last resort: nobody sees the code, and an operator who is asked finds the answer's request by it."""
        log.error("answer_not_delivered", code=new_code(), reason=reason)
        self._metrics.count_undelivered()

    async def _post(self, reply: Reply, message: Message, replace: bool) -> str:
        """Slack's word for why it refused ``message``; "" if it took it. Raises SlackError for what may pass."""
        if not reply.response_url:
            return "expired_url"
        webhook = AsyncWebhookClient(reply.response_url, session=self._session, retry_handlers=[])
        async for attempt in attempts(unless_refused, MAX_ATTEMPTS):
            with attempt:
                refused = await self._counted(webhook, replace_original=replace, **payload(message))
        return refused

    async def _counted(self, webhook: AsyncWebhookClient, **message: Any) -> str:
        """Slack's word for why it refused, "" if it took it. Raises SlackError for what may pass."""
        try:
            refused = await _sent(webhook, response_type="ephemeral", **message)
        except SlackError as error:
            self._metrics.count_slack_call(RESPONSE_URL, error)
            raise
        self._metrics.count_slack_call(RESPONSE_URL, SlackRefused(refused) if refused else None)
        return refused

    async def _ephemeral(self, reply: Reply, message: Message) -> None:
        thread = {"thread_ts": reply.thread_ts} if reply.thread_ts else {}
        whom = {"channel": reply.asker.channel, "user": reply.asker.user, **thread}
        try:
            await self._api.send("chat.postEphemeral", **whom, **payload(message))
        except SlackRefused as refused:
            if not refuses_content(refused) or not message.blocks:
                raise
            log.error("blocks_refused", reason=refused.code)
            await self._api.send("chat.postEphemeral", **whom, text=message.text)


async def _ready(message: Message) -> Message:
    return message


async def _sent(webhook: AsyncWebhookClient, **message: Any) -> str:
    """Slack's word for why it refused; "" if it took it. Raises SlackUnreachable and RateLimited for what may pass."""
    try:
        answer = await webhook.send(**message)
    except UNREADABLE as error:
        raise SlackUnreachable(type(error).__name__) from None
    if answer.status_code == 429:
        raise RateLimited(retry_after(answer.headers))
    if answer.status_code >= 500:
        raise SlackUnreachable(f"HTTP {answer.status_code}")
    return _refusal(answer.status_code, answer.body)


def _refusal(status: int, body: str) -> str:
    """A word alone or in JSON. Of anything else the status: what a proxy says may hold the ``response_url``."""
    if status in (404, 410):
        return "expired_url"
    try:
        told = json.loads(body)
    except ValueError:
        told = None
    if isinstance(told, dict):
        body = "" if told.get("ok") else str(told.get("error"))
        status = status if told.get("ok") is not False else max(status, 400)
    if status == 200:
        return ""
    return body if _WORD.fullmatch(body) else f"HTTP {status}"
