"""What went over the playground's wires, readable: requests between Slack, the bot and the CRM, with their answers."""

import json
import time
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import parse_qsl

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

KEPT: Final = 200
"""Requests; older ones are forgotten."""
SLACK_TO_BOT: Final = "slack → bot"
BOT_TO_SLACK: Final = "bot → slack"
BOT_TO_CRM: Final = "bot → crm"
_PROBES: Final = frozenset({"/healthz", "/readyz"})


@dataclass
class Trip:
    """A request and, once it has come, its answer. ``status`` is 0 until then."""

    id: int
    at: float
    way: str
    what: str
    sent: Any
    answer: Any = None
    status: int = 0
    changed: int = 0
    """The count of all changes up to this trip's last one."""

    def as_json(self) -> dict[str, Any]:
        names = ("id", "at", "way", "what", "sent", "answer", "status")
        return {name: getattr(self, name) for name in names}


class Traffic:
    """``tell`` is called after each change."""

    def __init__(self, tell: Callable[[], None], now: Callable[[], float] = time.time) -> None:
        self._tell = tell
        self._now = now
        self._trips: deque[Trip] = deque(maxlen=KEPT)
        self._count = 0
        self.changes = 0

    def forget(self) -> None:
        """Forget everything so far."""
        self._trips.clear()

    def since(self, changes: int) -> list[Trip]:
        """The trips that have changed since there were so many changes."""
        return [trip for trip in self._trips if trip.changed > changes]

    def seen_at(self, app: ASGIApp, way: str) -> ASGIApp:
        """``app``, with what it is asked and what it answers kept here."""

        async def answer(scope: Scope, receive: Receive, send: Send) -> None:
            if scope["type"] != "http" or scope["path"] in _PROBES:
                await app(scope, receive, send)
            else:
                await self._watched(app, way, scope, receive, send)

        return answer

    async def _watched(self, app: ASGIApp, way: str, scope: Scope, receive: Receive, send: Send) -> None:
        body = await _whole_body(receive)
        trip = self._begin(way, scope, body)
        chunks: list[bytes] = []

        async def give_body() -> Message:
            nonlocal body
            if body is None:
                return await receive()
            given, body = body, None
            return {"type": "http.request", "body": given, "more_body": False}

        async def send_on(message: Message) -> None:
            await send(message)
            if message["type"] == "http.response.start":
                trip.status = message["status"]
            elif message["type"] == "http.response.body":
                chunks.append(message.get("body", b""))
                if not message.get("more_body"):
                    trip.answer = _json_or_text(b"".join(chunks))
                    self._changed(trip)

        await app(scope, give_body, send_on)

    def _begin(self, way: str, scope: Scope, body: bytes | None) -> Trip:
        query = dict(parse_qsl(scope["query_string"].decode("latin-1")))
        sent = {**query, **_fields(Headers(scope=scope), body or b"")}
        self._count += 1
        trip = Trip(self._count, self._now(), way, _what(way, scope["path"], sent), sent)
        self._trips.append(trip)
        self._changed(trip)
        return trip

    def _changed(self, trip: Trip) -> None:
        self.changes += 1
        trip.changed = self.changes
        self._tell()


async def _whole_body(receive: Receive) -> bytes | None:
    """None: the sender left before all of it had come."""
    chunks = []
    while True:
        message = await receive()
        if message["type"] != "http.request":
            return None
        chunks.append(message.get("body", b""))
        if not message.get("more_body"):
            return b"".join(chunks)


def _fields(headers: Headers, body: bytes) -> dict[str, Any]:
    """Of JSON or a form; Slack's interactive payloads are JSON within a form."""
    if "json" in headers.get("content-type", ""):
        sent = _json_or_text(body)
        return sent if isinstance(sent, dict) else {"": sent}
    fields = {name: _json_or_text(value.encode()) for name, value in parse_qsl(body.decode("utf-8", "replace"))}
    payload = fields.get("payload")
    return payload if isinstance(payload, dict) else fields


def _json_or_text(body: bytes) -> Any:
    text = body.decode("utf-8", "replace")
    if text[:1] not in ("{", "["):
        return text
    try:
        return json.loads(text)
    except ValueError:
        return text


def _what(way: str, path: str, sent: dict[str, Any]) -> str:
    """What a person would call the request."""
    if way == SLACK_TO_BOT:
        return str(sent.get("command") or next(_types(sent), path))
    parts = path.strip("/").split("/")
    return parts[0] + "_url" if parts[0] == "response" else parts[-1]


def _types(sent: dict[str, Any]) -> Iterator[str]:
    """An event's own type, before that of its envelope."""
    for part in (sent.get("event"), sent):
        if isinstance(part, dict) and part.get("type"):
            yield str(part["type"])
