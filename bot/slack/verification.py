"""Requests that claim to come from Slack: their signature, then their shape. Only valid ones reach Bolt.

Bolt does not check a signed body: it raises on invalid JSON and on values of other types than Slack sends, and it loses
a command whose text contains the word "payload".
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
_SHAPES: Final[Mapping[str, tuple[str, tuple[type, ...]]]] = {
    **dict.fromkeys(
        (
            "type", "subtype", "id", "team_id", "user_id", "channel_id", "response_url", "command", "action_id",
            "event_id", "trigger_id", "callback_id", "enterprise_id", "ts", "thread_ts", "hash", "private_metadata",
            "bot_id", "message_ts", "app_installed_team_id",
        ),
        ("text", (str,)),
    ),
    **dict.fromkeys(
        (
            "event", "view", "message", "previous_message", "item", "assistant_thread",
            "function", "function_data", "inputs", "container",
        ),
        ("object", (dict,)),
    ),
    **dict.fromkeys(("team", "user", "channel", "enterprise"), ("object", (dict, str))),
    **dict.fromkeys(("authorizations", "actions", "response_urls"), ("list of objects", (list,))),
}  # fmt: skip
"""What Bolt reads at any depth: what it is and its Python types."""
_NEVER_NULL: Final = frozenset({"event", "view", "function", "actions", "response_urls"})
_COMMAND: Final = ("team_id", "user_id", "channel_id", "response_url")
REQUEST_TYPES: Final[Mapping[str, tuple[str, tuple[str, ...]]]] = {
    "block_actions": ("action", ("actions", "user")),
    "block_suggestion": ("options", ("action_id", "user", "view")),
    "event_callback": ("event", ("event", "event_id")),
    "interactive_message": ("action", ("actions",)),
    "message_action": ("shortcut", ("trigger_id", "callback_id", "user", "message")),
    "shortcut": ("shortcut", ("trigger_id", "callback_id", "user")),
    "view_closed": ("view", ("view",)),
    "view_submission": ("view", ("view", "user")),
    "workflow_step_edit": ("other", ("workflow_step",)),
}
"""For each type of request its kind, as metrics call it, and what a listener, or Bolt where there is none, reads."""
_OTHER: Final[tuple[str, tuple[str, ...]]] = ("other", ())


def kind_of(parsed: Payload) -> str:
    """``command``, or a kind of REQUEST_TYPES."""
    return "command" if "command" in parsed else REQUEST_TYPES.get(str(parsed.get("type")), _OTHER)[0]


def is_signed(verifier: SignatureVerifier, body: bytes, headers: Mapping[str, str]) -> bool:
    """Whether Slack signed ``body`` within the last five minutes. A malformed header is no signature."""
    timestamp, signature = headers.get("x-slack-request-timestamp"), headers.get("x-slack-signature")
    try:
        return verifier.is_valid(body, timestamp, signature)
    except (ValueError, TypeError):
        return False


def parse_payload(body: bytes, content_type: str) -> Payload:
    """The JSON object or form in ``body``. Raises MalformedRequest for anything that Slack never sends."""
    try:
        text = body.decode()
        if content_type.partition(";")[0].strip().lower() == "application/json" or text.startswith("{"):
            parsed = json.loads(text)
        else:
            form = form_fields(text)
            parsed = json.loads(form["payload"]) if "payload" in form else form
    except (ValueError, RecursionError):
        raise MalformedRequest("neither JSON nor a form") from None
    if not isinstance(parsed, dict):
        raise MalformedRequest("no object")
    _check_shape(parsed, 0)
    _check_complete(parsed)
    return parsed


def bolt_request(parsed: Payload, acknowledged: asyncio.Event) -> AsyncBoltRequest:
    """The request for Bolt, parsed and, over HTTP, verified already: in this mode Bolt does neither again."""
    # Bolt logs a request with several ``response_urls`` before it has set its logger
    context = {"acknowledged": acknowledged, "logger": logging.getLogger("slack_bolt")}
    return AsyncBoltRequest(mode="socket_mode", body=parsed, context=context)


def form_fields(text: str) -> dict[str, str]:
    """Like ``dict(parse_qsl(text, keep_blank_values=True))``, but twice as fast: few fields contain an escape.

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
    """Check the types of everything that Bolt reads."""
    if nesting > _MAX_NESTING:
        raise MalformedRequest("nested too deep")
    for name, value in part.items():
        shape = _SHAPES.get(name)
        if shape is None or (value is None and name not in _NEVER_NULL):
            continue
        meaning, types = shape
        parts = value if isinstance(value, list) else [value]
        if not isinstance(value, types) or (value is parts and not all(isinstance(item, dict) for item in parts)):
            raise MalformedRequest(f"{name} is no {meaning}")
        for inner in parts:
            if isinstance(inner, dict):
                _check_shape(inner, nesting + 1)


def _check_complete(parsed: Payload) -> None:
    """Check that everything a listener reads is there, and that its optional texts are texts."""
    _, needed = REQUEST_TYPES.get(parsed.get("type") or "", _OTHER)
    checks = [(parsed, needed, "value")]
    if "command" in parsed:
        checks.append((parsed, _COMMAND, "text"))
    if parsed.get("type") == "block_actions":
        checks += [(action, ("action_id",), "value") for action in parsed.get("actions") or ()]
    if parsed.get("view"):
        checks.append((parsed["view"], ("type",), "type"))
    for part, names, text in checks:
        missing = [name for name in names if not part.get(name)]
        if missing:
            raise MalformedRequest(f"{missing[0]} is missing")
        if not isinstance(part.get(text) or "", str):
            raise MalformedRequest(f"{text} is no text")
