"""Bolt's app before its listeners: as whom it acts, and what is answered when no listener can."""

import logging
from collections.abc import Awaitable, Callable
from typing import Any

import structlog
from slack_bolt.app.async_app import AsyncApp
from slack_bolt.authorization import AuthorizeResult
from slack_bolt.context.async_context import AsyncBoltContext
from slack_bolt.response import BoltResponse
from slack_sdk.web.async_client import AsyncWebClient

from bot.locales import Texts
from bot.slack.identity import SlackIdentity
from bot.telemetry import new_code

log = structlog.get_logger(__name__)


def build_bolt(
    client: AsyncWebClient, bot_token: str, identity: SlackIdentity, signing_secret: str | None, texts: Texts
) -> AsyncApp:
    """Bolt's app without listeners. ``client`` has no token of its own; without a secret nothing is verified.

    ``process_before_response`` awaits the listener: Bolt's own way polls for the acknowledgement every 10 ms.
    """
    app = AsyncApp(
        client=client,
        signing_secret=signing_secret,
        authorize=_authorized_as(identity, bot_token),
        process_before_response=True,
        request_verification_enabled=signing_secret is not None,
        logger=logging.getLogger("slack_bolt"),
    )
    app.use(_asking_to_wait(identity, texts))
    app.error(_answering_bugs(texts))
    return app


def _authorized_as(identity: SlackIdentity, bot_token: str) -> Callable[..., Awaitable[AuthorizeResult]]:
    """From what was learnt at the start: Bolt would ask auth.test in the first request."""

    async def authorize(context: AsyncBoltContext) -> AuthorizeResult:
        known = identity.known
        if known is None:
            return AuthorizeResult(enterprise_id=None, team_id=None)
        return AuthorizeResult(
            enterprise_id=known.enterprise_id or None,
            team_id=known.team_id,
            bot_id=known.bot_id,
            bot_user_id=known.bot_user_id,
            bot_token=bot_token,
        )

    return authorize


def _asking_to_wait(identity: SlackIdentity, texts: Texts) -> Callable[..., Awaitable[BoltResponse | None]]:
    async def ask_to_wait(body: dict[str, Any], next: Callable[[], Awaitable[None]]) -> BoltResponse | None:
        """A command that comes before Slack has told the bot who it is."""
        if identity.known is None and "command" in body:
            return _ephemeral(texts.starting)
        await next()
        return None

    return ask_to_wait


def _answering_bugs(texts: Texts) -> Callable[..., Awaitable[BoltResponse]]:
    async def answer_bug(error: Exception) -> BoltResponse:
        """No listener is meant to raise: whatever does is a bug, and the person gets its code."""
        code = new_code()
        log.error("listener_failed", code=code, exc_info=error)
        return _ephemeral(texts.failed(code))

    return answer_bug


def _ephemeral(text: str) -> BoltResponse:
    return BoltResponse(status=200, body={"response_type": "ephemeral", "text": text})
