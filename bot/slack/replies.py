"""Private messages to the user who asked: in the acknowledgement if the card is ready in time, else after it."""

import asyncio
import json
import re
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any, Final

import aiohttp
import structlog
from slack_bolt.context.ack.async_ack import AsyncAck
from slack_sdk.webhook.async_client import AsyncWebhookClient

from bot.errors import SlackError, SlackRefused, SlackUnreachable
from bot.runtime.logging import new_code
from bot.runtime.metrics import RESPONSE_URL, Metrics
from bot.runtime.tasks import BackgroundTasks
from bot.slack.api import UNREADABLE, RateLimited, SlackApi, attempts, first_accepted, retry_after, retry_idempotent
from bot.slack.message import KeptMessage, Message, acknowledgement, payloads
from bot.slack.outgoing import Outgoing
from bot.slack.payloads import Reply

EXPIRED: Final = frozenset({"expired_url", "used_url"})
"""Slack's error codes for a ``response_url`` after half an hour or five uses."""
MAX_ATTEMPTS: Final = 6
"""Some six seconds with the growing waits: there is no other way to the user."""
_ERROR_CODE: Final = re.compile(r"[a-z0-9_]{1,60}")

log = structlog.get_logger(__name__)

PendingMessage = Coroutine[Any, Any, Message]


class Replies:
    """Sends private messages. ``ack_budget_seconds`` is how long a command's acknowledgement waits for its card."""

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

    async def acknowledgement(self, card: PendingMessage, user: str) -> str:
        """The JSON of an acknowledgement with a ``card`` that waits for nothing, and so needs no task of its own."""
        message = await self._outgoing.message(card, user)
        return message.acknowledgement if isinstance(message, KeptMessage) else acknowledgement(message)

    async def respond_to_command(
        self, ack: AsyncAck, card: PendingMessage, waiting: Callable[[], Message], reply: Reply
    ) -> None:
        """Acknowledge with the card; if it is not ready in time, with ``waiting``, and the card follows."""
        building = self._background.start(self._outgoing.message(card, reply.asker.user))
        await asyncio.wait({building}, timeout=self._ack_budget_seconds)
        if building.done():
            await ack(acknowledgement(building.result()))
            return
        await ack(acknowledgement(waiting()))
        self._background.start(self._follow_up(building, reply, replace_original=True))

    def respond(self, card: PendingMessage, reply: Reply, *, replace_original: bool = False) -> None:
        """Send a card beside or in place of the message that was clicked, whose acknowledgement cannot contain it."""
        building = self._outgoing.message(card, reply.asker.user)
        self._background.start(self._follow_up(building, reply, replace_original=replace_original))

    def send(self, message: Message, reply: Reply) -> None:
        """``respond`` with a message that is ready."""

        async def ready() -> Message:
            return message

        self.respond(ready(), reply)

    async def _follow_up(self, building: Awaitable[Message], reply: Reply, *, replace_original: bool) -> None:
        """Never before the acknowledgement has been written."""
        try:
            message = await building
            await reply.acknowledged.wait()
            try:
                await self._post(reply, message, replace_original)
            except SlackRefused as refused:
                if refused.code not in EXPIRED or not reply.asker.channel:
                    raise
                await self._post_ephemeral(reply, message)
        except asyncio.CancelledError:  # the drain has timed out
            self._give_up("ended")
            raise
        except SlackError as error:
            # Not more than Slack's error code: with a response_url anybody could answer in the bot's name.
            self._give_up(str(error))

    def _give_up(self, reason: str) -> None:
        """Log a code, although the user never sees it: an operator finds the request by it."""
        log.error("answer_not_delivered", code=new_code(), reason=reason)
        self._metrics.count_undelivered()

    async def _post(self, reply: Reply, message: Message, replace_original: bool) -> None:
        """Post to the ``response_url``; the text alone where Slack refuses the blocks. Raises SlackError."""
        if not reply.response_url:
            raise SlackRefused("expired_url")
        webhook = AsyncWebhookClient(reply.response_url, session=self._session, retry_handlers=[])
        options: dict[str, Any] = {"response_type": "ephemeral", "replace_original": replace_original}

        async def post(content: dict[str, Any]) -> None:
            async for attempt in attempts(retry_idempotent, MAX_ATTEMPTS):
                with attempt:
                    error = await _error_of(webhook, **options, **content)
                    self._metrics.count_slack_call(RESPONSE_URL, error)
                    if error is not None:
                        raise error

        await first_accepted(payloads(message), post, log)

    async def _post_ephemeral(self, reply: Reply, message: Message) -> None:
        target = {"channel": reply.asker.channel, "user": reply.asker.user}
        if reply.thread_ts:
            target["thread_ts"] = reply.thread_ts
        await first_accepted(
            payloads(message), lambda content: self._api.send("chat.postEphemeral", **target, **content), log
        )


async def _error_of(webhook: AsyncWebhookClient, **message: Any) -> SlackError | None:
    try:
        response = await webhook.send(**message)
    except UNREADABLE as error:
        return SlackUnreachable(type(error).__name__)
    if response.status_code == 429:
        return RateLimited(retry_after(response.headers))
    if response.status_code >= 500:
        return SlackUnreachable(f"HTTP {response.status_code}")
    code = _error_code(response.status_code, response.body)
    return SlackRefused(code) if code else None


def _error_code(status: int, body: str) -> str:
    """Slack's error code, alone or in JSON; else the status, as a proxy's page may contain the ``response_url``."""
    if status in (404, 410):
        return "expired_url"
    try:
        answer = json.loads(body)
    except ValueError:
        answer = None
    if isinstance(answer, dict):
        body = "" if answer.get("ok") else str(answer.get("error"))
        status = status if answer.get("ok") is not False else max(status, 400)
    if status == 200:
        return ""
    return body if _ERROR_CODE.fullmatch(body) else f"HTTP {status}"
