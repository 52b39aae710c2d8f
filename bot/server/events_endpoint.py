"""One request of Slack's over HTTP: verified, read, answered, and known to have been."""

import asyncio
import time
from collections.abc import Mapping
from typing import Final

import structlog
from slack_bolt.response import BoltResponse
from slack_sdk.signature import SignatureVerifier
from starlette.types import Receive, Scope, Send

from bot.app import CustomerBot
from bot.errors import MalformedRequest
from bot.runtime.logging import number_request
from bot.runtime.metrics import Metrics
from bot.slack.verification import Payload, bolt_context, bolt_request, is_signed, kind_of, payload

MAX_BODY_BYTES: Final = 1024 * 1024
BODY_SECONDS: Final = 3.0
"""How long a body may take to arrive: Slack itself waits no longer for the answer."""

log = structlog.get_logger(__name__)


class _RefusedRequest(Exception):
    """Nobody answers it; the text is why."""

    def __init__(self, status: int, reason: str, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(reason)
        self.status = status
        self.headers = headers or {}


class EventsEndpoint:
    """The ASGI app at /slack/events. Its ``bot`` is there before it is asked anything.

    It reads and writes ASGI itself: Starlette's requests and answers are for pages, and cost more than they do here.
    """

    def __init__(self, signing_secret: str, metrics: Metrics) -> None:
        self._verifier = SignatureVerifier(signing_secret)
        self._metrics = metrics
        self.bot: CustomerBot | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        began = time.perf_counter()
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in reversed(scope["headers"])}
        try:
            body = await _body_in_time(receive)
            parsed = self._verified(body, headers)
        except _RefusedRequest as refused:
            log.warning("request_refused", status=refused.status, reason=str(refused))
            await _write(send, BoltResponse(status=refused.status, headers={**refused.headers}))
            return
        number_request()
        acknowledged = asyncio.Event()
        try:
            answer = await self._answer(body, parsed, headers, acknowledged)
            await _write(send, answer)
            if answer.status == 200:
                self._metrics.acknowledged(kind_of(parsed), time.perf_counter() - began)
        finally:  # also where there is no answer: what waits for it would wait until the drain
            acknowledged.set()

    def _verified(self, body: bytes, headers: Mapping[str, str]) -> Payload:
        """Signature first: before it holds, nothing is parsed and nothing of the body is logged."""
        if not is_signed(self._verifier, body, headers):
            raise _RefusedRequest(401, "signature")
        try:
            return payload(body, headers.get("content-type", ""))
        except MalformedRequest as error:
            raise _RefusedRequest(400, str(error)) from None

    async def _answer(
        self, body: bytes, parsed: Payload, headers: Mapping[str, str], acknowledged: asyncio.Event
    ) -> BoltResponse:
        """What follows the answer must not overtake it, and waits until it is ``acknowledged``."""
        assert self.bot is not None
        answer = await self.bot.fast_path.answer(parsed)
        if answer is None:
            request = bolt_request(body, parsed, headers, bolt_context(acknowledged))
            answer = await self.bot.bolt.async_dispatch(request)
        if answer.status == 404:
            log.warning("request_unhandled", type=parsed.get("type"), command=parsed.get("command"))
        return answer


async def _body_in_time(receive: Receive) -> bytes:
    """Whoever sends a part of a body and no more is let go: a connection may hold MAX_BODY_BYTES, unsigned."""
    try:
        async with asyncio.timeout(BODY_SECONDS):
            return await _body(receive)
    except TimeoutError:
        raise _RefusedRequest(408, "the body did not arrive in time", {"connection": "close"}) from None


async def _body(receive: Receive) -> bytes:
    """Raises _RefusedRequest for one larger than MAX_BODY_BYTES, and if its sender leaves before its end."""
    body = bytearray()
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise _RefusedRequest(400, "the sender left in the middle")
        body += message.get("body", b"")
        if len(body) > MAX_BODY_BYTES:
            raise _RefusedRequest(413, "body too large")
        if not message.get("more_body", False):
            return bytes(body)


async def _write(send: Send, answer: BoltResponse) -> None:
    body = answer.body.encode()
    headers = [(name.encode(), value.encode("latin-1")) for name, values in answer.headers.items() for value in values]
    headers.append((b"content-length", b"%d" % len(body)))
    await send({"type": "http.response.start", "status": answer.status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
