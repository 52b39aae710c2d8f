"""Bolt's app before its listeners: as whom it acts, whom it refuses, what is answered when no listener can."""

import logging
from collections.abc import Awaitable, Callable
from typing import Any

import structlog
from slack_bolt.app.async_app import AsyncApp
from slack_bolt.authorization import AuthorizeResult
from slack_bolt.authorization.async_authorize import AsyncAuthorize
from slack_bolt.context.async_context import AsyncBoltContext
from slack_bolt.middleware.async_middleware import AsyncMiddleware
from slack_bolt.request.async_request import AsyncBoltRequest
from slack_bolt.response import BoltResponse
from slack_sdk.web.async_client import AsyncWebClient

from bot.access.audit_log import AuditLog
from bot.cards.error_cards import refusal_card
from bot.domain.inquiry import Audience, Inquiry, Surface
from bot.domain.results import Denied, Refusal
from bot.runtime.logging import new_code
from bot.slack.facade import Slack
from bot.slack.identity import SlackIdentity
from bot.slack.message import Message
from bot.slack.payloads import interaction
from handlers.request_guard import RequestGuard, Stop

log = structlog.get_logger(__name__)


def build_bolt(client: AsyncWebClient, bot_token: str, identity: SlackIdentity, signing_secret: str | None) -> AsyncApp:
    """Bolt's app without listeners. ``client`` has no token of its own; without a secret nothing is verified.

    ``process_before_response`` awaits the listener: Bolt's own way polls for the acknowledgement every 10 ms.
    """
    return AsyncApp(
        name="customer-bot",  # Bolt would look through the whole call stack for one, which takes some 20 ms
        client=client,
        signing_secret=signing_secret,
        authorize=_AuthorizedAs(identity, bot_token),
        process_before_response=True,
        request_verification_enabled=signing_secret is not None,
        logger=logging.getLogger("slack_bolt"),
    )


def guard(app: AsyncApp, request_guard: RequestGuard, audit_log: AuditLog, slack: Slack) -> None:
    """What holds before and after every listener."""
    app.use(_Guarding(request_guard, audit_log, slack))
    app.error(_answering_bugs(slack))


class _AuthorizedAs(AsyncAuthorize):
    """From what was learnt at the start: Bolt would ask auth.test in the first request."""

    def __init__(self, identity: SlackIdentity, bot_token: str) -> None:
        self._identity = identity
        self._bot_token = bot_token

    async def __call__(self, **_: Any) -> AuthorizeResult:
        known = self._identity.known
        if known is None:
            return AuthorizeResult(enterprise_id=None, team_id=None)
        return AuthorizeResult(
            enterprise_id=known.enterprise_id or None,
            team_id=known.team_id,
            bot_id=known.bot_id,
            bot_user_id=known.bot_user_id,
            bot_token=self._bot_token,
        )


class _Guarding(AsyncMiddleware):
    """Bolt hands a class the request itself; for a function it would look up forty arguments, which takes 15 µs."""

    def __init__(self, request_guard: RequestGuard, audit_log: AuditLog, slack: Slack) -> None:
        self._request_guard = request_guard
        self._audit_log = audit_log
        self._slack = slack

    async def async_process(
        self, *, req: AsyncBoltRequest, resp: BoltResponse, next: Callable[[], Awaitable[BoltResponse]]
    ) -> BoltResponse | None:
        stop = self._request_guard.stops(req.body)
        if stop is Stop.STARTING:
            return _ask_to_wait(req.body, req.context, self._slack)
        if stop is Stop.OUTSIDER:
            return _refuse_outsider(req.body, req.context, self._audit_log, self._slack)
        return await next()


def _ask_to_wait(body: dict[str, Any], context: AsyncBoltContext, slack: Slack) -> BoltResponse:
    """An event is answered 503, so that Slack delivers it again."""
    if "event" in body:
        return BoltResponse(status=503, body="")
    text = slack.languages.known(context.user_id or "").starting
    return _answer(Message(text, []), body, context, slack)


def _refuse_outsider(
    body: dict[str, Any], context: AsyncBoltContext, audit_log: AuditLog, slack: Slack
) -> BoltResponse:
    asker = interaction(body, context).asker
    denied = Denied(Refusal.OUTSIDER, new_code())
    surface = Surface.COMMAND if "command" in body else Surface.BUTTON
    audit_log.note(Inquiry("", surface, asker), None, denied, Audience.PRIVATE, 0)
    return _answer(refusal_card(denied, slack.languages.known(asker.user)), body, context, slack)


def _answer(message: Message, body: dict[str, Any], context: AsyncBoltContext, slack: Slack) -> BoltResponse:
    """Acknowledge, and show ``message`` in the way that there is: Slack takes texts of commands' answers alone."""
    if "command" in body:
        return _ephemeral(message.text)
    if body.get("type") == "view_submission":
        return _keep_modal(message.text, body["view"])
    if body.get("type") == "block_suggestion":
        return BoltResponse(status=200, body={"options": []})  # there is no place for a text
    if "event" not in body and body.get("response_url"):
        slack.replies.say(message, interaction(body, context).reply)
    return BoltResponse(status=200, body="")


def _keep_modal(text: str, view: dict[str, Any]) -> BoltResponse:
    """``text`` beside the first input. An empty acknowledgement would close the modal, with what was typed in it."""
    inputs = [block for block in view.get("blocks") or [] if isinstance(block, dict) and block.get("type") == "input"]
    errors = {str(block.get("block_id")): text for block in inputs[:1]}
    return BoltResponse(status=200, body={"response_action": "errors", "errors": errors} if errors else "")


def _answering_bugs(slack: Slack) -> Callable[..., Awaitable[BoltResponse]]:
    async def answer_bug(error: Exception, body: dict[str, Any], context: AsyncBoltContext) -> BoltResponse:
        """No listener is meant to raise: whatever does is a bug, and the person gets its code."""
        code = new_code()
        log.error("listener_failed", code=code, exc_info=error)
        text = slack.languages.known(context.user_id or "").failed(code)
        return _answer(Message(text, []), body, context, slack)

    return answer_bug


def _ephemeral(text: str) -> BoltResponse:
    return BoltResponse(status=200, body={"response_type": "ephemeral", "text": text})
