"""Bolt's app around its listeners: as which bot it acts, which requests it stops, what it answers after a bug."""

import logging
from collections.abc import Awaitable, Callable
from enum import Enum, auto
from typing import Any, Final

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
from bot.access.permissions import SlackPermissions
from bot.cards.error_cards import refusal_card
from bot.domain.inquiry import Surface
from bot.domain.results import Denied, Refusal
from bot.runtime.logging import new_code
from bot.slack.facade import Slack
from bot.slack.identity import SlackIdentity
from bot.slack.message import Message
from bot.slack.payloads import interaction

_SENT_BY_THE_INSTALLING_TEAM: Final = frozenset({"shortcut", "message_action"})
"""Types of payloads that need not name their user's team: only the installing team has shortcuts."""

log = structlog.get_logger(__name__)


class Stop(Enum):
    """Why a request reaches no listener."""

    STARTING = auto()
    """Before Slack has said which organisation the bot belongs to, the bot cannot tell who is an outsider."""
    OUTSIDER = auto()
    """People of other organisations can click and type in shared channels."""


class RequestGuard:
    """Decides from the payload alone whether a request may reach the listeners or the fast path."""

    def __init__(self, identity: SlackIdentity, permissions: SlackPermissions) -> None:
        self._identity = identity
        self._permissions = permissions

    def stops(self, body: dict[str, Any]) -> Stop | None:
        """Why ``body`` is stopped; None if it may pass.

        An event does not name its user's organisation: its listener asks Slack.
        """
        if self._identity.known is None:
            return Stop.STARTING
        if "command" in body:
            team, enterprise = body.get("team_id"), body.get("enterprise_id")
        elif isinstance(user := body.get("user"), dict):
            sender = body.get("team") if body.get("type") in _SENT_BY_THE_INSTALLING_TEAM else None
            installed = sender.get("id") if isinstance(sender, dict) else None
            team, enterprise = user.get("team_id") or installed, _enterprise_in(body)
        else:
            return None
        return Stop.OUTSIDER if self._permissions.is_outsider(team, enterprise) else None


def _enterprise_in(body: dict[str, Any]) -> str | None:
    """The Enterprise Grid organisation that a click, a shortcut or a submission names. ``user.team_id`` is then a
    sister workspace, or the organisation. https://docs.slack.dev/reference/interaction-payloads

    It may be the installing team's, and its user a stranger: the listeners ask users.info who that is.
    """
    named = (body.get("user"), "enterprise_id"), (body.get("team"), "enterprise_id"), (body.get("enterprise"), "id")
    return next((str(part[key]) for part, key in named if isinstance(part, dict) and part.get(key)), None)


def build_bolt(
    client: AsyncWebClient,
    bot_token: str,
    identity: SlackIdentity,
    guard: RequestGuard,
    audit_log: AuditLog,
    slack: Slack,
) -> AsyncApp:
    """Bolt's app without listeners. ``client`` has no token of its own; ``bot.server`` verifies requests.

    ``process_before_response`` awaits the listener: Bolt's own way polls for the acknowledgement every 10 ms.
    """

    async def answer_bug(error: Exception, body: dict[str, Any], context: AsyncBoltContext) -> BoltResponse:
        """Answer the code of a listener's bug: listeners turn expected errors into cards themselves."""
        code = new_code()
        log.error("listener_failed", code=code, exc_info=error)
        text = slack.languages.known(context.user_id or "").failed(code)
        return _respond(Message(text, []), body, context, slack)

    app = AsyncApp(
        name="customer-bot",  # Bolt would look through the whole call stack for one, which takes some 20 ms
        client=client,
        authorize=_AuthorizedAs(identity, bot_token),
        process_before_response=True,
        request_verification_enabled=False,
        logger=logging.getLogger("slack_bolt"),
    )
    app.use(_Guarding(guard, audit_log, slack))
    app.error(answer_bug)
    return app


class _AuthorizedAs(AsyncAuthorize):
    """As the bot that auth.test named at the start: Bolt would call it during the first request."""

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

    def __init__(self, guard: RequestGuard, audit_log: AuditLog, slack: Slack) -> None:
        self._guard = guard
        self._audit_log = audit_log
        self._slack = slack

    async def async_process(
        self, *, req: AsyncBoltRequest, resp: BoltResponse, next: Callable[[], Awaitable[BoltResponse]]
    ) -> BoltResponse | None:
        body, context, texts = req.body, req.context, self._slack.languages.known(req.context.user_id or "")
        if body.get("is_ext_shared_channel") and context.channel_id:
            self._slack.channels.mark_external(context.channel_id)
        match self._guard.stops(body):
            case None:
                return await next()
            case Stop.STARTING if "event" in body:
                return BoltResponse(status=503, body="")  # Slack delivers it again
            case Stop.STARTING:
                message = Message(texts.starting, [])
            case Stop.OUTSIDER:
                denied = Denied(Refusal.OUTSIDER, new_code())
                surface = Surface.COMMAND if "command" in body else Surface.BUTTON
                self._audit_log.note_refusal(interaction(body, context).asker, surface, denied)
                message = refusal_card(denied, texts)
        return _respond(message, body, context, self._slack)


def _respond(message: Message, body: dict[str, Any], context: AsyncBoltContext, slack: Slack) -> BoltResponse:
    """Acknowledge, and show ``message`` where the kind of request has a place for it."""
    if "command" in body:
        return BoltResponse(status=200, body={"response_type": "ephemeral", "text": message.text})
    if body.get("type") == "view_submission":  # an empty acknowledgement would close the modal with what was typed
        blocks = body["view"].get("blocks") or []
        inputs = [block for block in blocks if isinstance(block, dict) and block.get("type") == "input"]
        errors = {str(block.get("block_id")): message.text for block in inputs[:1]}
        return BoltResponse(status=200, body={"response_action": "errors", "errors": errors} if errors else "")
    if body.get("type") == "block_suggestion":
        return BoltResponse(status=200, body={"options": []})  # Slack shows no text there
    if "event" not in body and body.get("response_url"):
        slack.replies.send(message, interaction(body, context).reply)
    return BoltResponse(status=200, body="")
