"""A request that claims to be Slack's: its signature, then its shape. Only what passes both meets Bolt.

Bolt takes a signed body at its word: it raises on JSON that is none and on values of other types than Slack
sends, and it loses a command whose text holds the word "payload".
"""

import asyncio
import json
import logging
from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import unquote_plus

from slack_bolt.request.async_request import AsyncBoltRequest
from slack_sdk.signature import SignatureVerifier

from bot.errors import MalformedRequest

Payload = dict[str, Any]

MAX_FORM_FIELDS: Final = 100
_MAX_NESTING: Final = 8
_OBJECTS: Final = frozenset(
    {
        "event", "view", "message", "previous_message", "item", "assistant_thread",
        "function", "function_data", "inputs", "container",
    }
)  # fmt: skip
_OBJECTS_OR_TEXTS: Final = frozenset({"team", "user", "channel", "enterprise"})
_LISTS_OF_OBJECTS: Final = frozenset({"authorizations", "actions", "response_urls"})
_NO_TEXTS: Final = _OBJECTS | _LISTS_OF_OBJECTS
_TEXTS: Final = frozenset(
    {
        "type", "subtype", "id", "team_id", "user_id", "channel_id", "response_url", "command", "action_id", "event_id",
        "trigger_id", "callback_id", "enterprise_id", "ts", "thread_ts", "hash", "private_metadata", "bot_id",
        "message_ts", "app_installed_team_id",
    }
)  # fmt: skip
_NEVER_NULL: Final = frozenset({"event", "view", "function", "actions", "response_urls"})
_COMMAND: Final = ("team_id", "user_id", "channel_id", "response_url")
_NEEDED: Final[Mapping[str, tuple[str, ...]]] = {
    "block_actions": ("actions", "user"),
    "block_suggestion": ("action_id", "user", "view"),
    "message_action": ("trigger_id", "callback_id", "user", "message"),
    "shortcut": ("trigger_id", "callback_id", "user"),
    "event_callback": ("event", "event_id"),
    "interactive_message": ("actions",),
    "view_submission": ("view", "user"),
    "view_closed": ("view",),
    "workflow_step_edit": ("workflow_step",),
}
"""What a listener, or Bolt where there is none, reads of a request of each type."""

KINDS: Final[Mapping[str, str]] = {
    "block_actions": "action",
    "interactive_message": "action",
    "block_suggestion": "options",
    "message_action": "shortcut",
    "shortcut": "shortcut",
    "event_callback": "event",
    "view_submission": "view",
    "view_closed": "view",
}
"""What people call a request of each type; beside them there are commands."""


def kind_of(parsed: Payload) -> str:
    """``command``, one of KINDS, or ``other``."""
    return "command" if "command" in parsed else KINDS.get(str(parsed.get("type")), "other")


def is_signed(verifier: SignatureVerifier, body: bytes, headers: Mapping[str, str]) -> bool:
    """Whether Slack signed ``body`` within the last five minutes. Nonsense in the headers is no signature."""
    timestamp, signature = headers.get("x-slack-request-timestamp"), headers.get("x-slack-signature")
    try:
        return verifier.is_valid(body, timestamp, signature)
    except (ValueError, TypeError):
        return False


def payload(body: bytes, content_type: str) -> Payload:
    """The JSON object or form in ``body``. Raises MalformedRequest for what Slack never sends."""
    try:
        parsed = _parsed(body.decode(), content_type)
    except (ValueError, RecursionError):
        raise MalformedRequest("neither JSON nor a form") from None
    if not isinstance(parsed, dict):
        raise MalformedRequest("no object")
    _check_shape(parsed, 0)
    _check_complete(parsed)
    return parsed


def bolt_context(acknowledged: asyncio.Event) -> dict[str, Any]:
    """What comes with a request. Bolt logs a request with several ``response_urls`` before it has set its logger."""
    return {"acknowledged": acknowledged, "logger": logging.getLogger("slack_bolt")}


def bolt_request(body: bytes, parsed: Payload, headers: Mapping[str, str], context: dict[str, Any]) -> AsyncBoltRequest:
    """The request as Bolt wants it: parsed here, once, and verified by Bolt a second time."""
    request = AsyncBoltRequest(mode="socket_mode", body=parsed, headers=dict(headers), context=context)
    request.mode = "http"
    request.raw_body = body.decode()
    return request


def _parsed(text: str, content_type: str) -> Any:
    if content_type.partition(";")[0].strip().lower() == "application/json" or text.startswith("{"):
        return json.loads(text)
    form = form_fields(text)
    return json.loads(form["payload"]) if "payload" in form else form


def form_fields(text: str) -> dict[str, str]:
    """What parse_qsl reads, the last of each name; twice as fast, as most fields are escaped nowhere.

    Raises ValueError for more than MAX_FORM_FIELDS.
    """
    pairs = text.split("&")
    if len(pairs) > MAX_FORM_FIELDS:
        raise ValueError("too many fields")
    fields = {}
    for pair in pairs:
        name, _, value = pair.partition("=")
        if "%" in pair or "+" in pair:
            name, value = unquote_plus(name), unquote_plus(value)
        if pair:
            fields[name] = value
    return fields


def _check_shape(part: Payload, nesting: int) -> None:
    """Hold what Bolt will read to the types that Slack sends it in."""
    if nesting > _MAX_NESTING:
        raise MalformedRequest("nested too deep")
    for name, value in part.items():
        if value is None and name not in _NEVER_NULL:
            continue
        if isinstance(value, str) and name not in _NO_TEXTS:  # as all of a form is
            continue
        if name in _TEXTS and not isinstance(value, str):
            raise MalformedRequest(f"{name} is no text")
        for inner in _objects_in(name, value):
            _check_shape(inner, nesting + 1)


def _objects_in(name: str, value: Any) -> list[Payload]:
    if name in _LISTS_OF_OBJECTS:
        if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
            raise MalformedRequest(f"{name} is no list of objects")
        return value
    if isinstance(value, dict) and name in _OBJECTS | _OBJECTS_OR_TEXTS:
        return [value]
    if name in _OBJECTS or (name in _OBJECTS_OR_TEXTS and not isinstance(value, str)):
        raise MalformedRequest(f"{name} is no object")
    return []


def _check_complete(parsed: Payload) -> None:
    """Hold a command, a click and the like to what is read of them."""
    if "command" in parsed:
        _require(_COMMAND, parsed)
        _require_text("text", parsed)
    kind = parsed.get("type") or ""
    _require(_NEEDED.get(kind, ()), parsed)
    if kind == "block_actions":
        for action in parsed["actions"]:
            _require(("action_id",), action)
            _require_text("value", action)
    if kind == "block_suggestion":
        _require_text("value", parsed)
    if parsed.get("view"):
        _require(("type",), parsed["view"])


def _require(names: tuple[str, ...], part: Payload) -> None:
    missing = [name for name in names if not part.get(name)]
    if missing:
        raise MalformedRequest(f"{missing[0]} is missing")


def _require_text(name: str, part: Payload) -> None:
    if not isinstance(part.get(name) or "", str):
        raise MalformedRequest(f"{name} is no text")
