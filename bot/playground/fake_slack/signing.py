"""A request as Slack sends it over HTTP, and the answer to it."""

import hashlib
import hmac
import json
import time
from typing import Any, Final
from urllib.parse import urlencode

from bot.playground.fake_slack.exchange import Exchange

SIGNING_SECRET: Final = "playground-signing-secret"


def signed_form_headers(body: bytes, at: float | None = None) -> dict[str, str]:
    """The headers with which Slack sends a form; ``at`` is the time of signing in epoch seconds.

    https://docs.slack.dev/authentication/verifying-requests-from-slack
    """
    timestamp = str(int(time.time() if at is None else at))
    signed = f"v0:{timestamp}:".encode() + body
    signature = hmac.new(SIGNING_SECRET.encode(), signed, hashlib.sha256).hexdigest()
    return {
        "content-type": "application/x-www-form-urlencoded",
        "x-slack-request-timestamp": timestamp,
        "x-slack-signature": f"v0={signature}",
    }


def signed_request(exchange: Exchange, kind: str) -> tuple[bytes, dict[str, str]]:
    """Body and headers. Events are JSON, and say when they were delivered before; the rest are forms."""
    if kind != "events_api":
        form = exchange.request if kind == "slash_commands" else {"payload": json.dumps(exchange.request)}
        body = urlencode(form).encode()
        return body, signed_form_headers(body)
    body = json.dumps(exchange.request).encode()
    retry = {"x-slack-retry-num": str(exchange.retry_num), "x-slack-retry-reason": "http_timeout"}
    headers = {**signed_form_headers(body), "content-type": "application/json"}
    return body, {**headers, **(retry if exchange.retry_num else {})}


def as_envelope(exchange: Exchange, kind: str, envelope_id: str) -> dict[str, Any]:
    """The same in Socket Mode."""
    is_event = kind == "events_api"
    envelope = {"type": kind, "envelope_id": envelope_id, "payload": exchange.request}
    retry = {"retry_attempt": exchange.retry_num, "retry_reason": "timeout" if exchange.retry_num else ""}
    return {**envelope, "accepts_response_payload": not is_event, **(retry if is_event else {})}


def as_answer(body: bytes) -> dict[str, Any]:
    """An acknowledgement's body: nothing, JSON, or plain text."""
    if not body:
        return {}
    try:
        answer: dict[str, Any] = json.loads(body)
    except ValueError:
        return {"text": body.decode()}
    return answer
