"""The ASGI app at /slack/events: reads, verifies and answers Slack's requests over HTTP."""

import asyncio
import time
from collections.abc import Mapping
from typing import Final

import structlog
from slack_bolt.response import BoltResponse
from slack_sdk.signature import SignatureVerifier
from starlette.exceptions import HTTPException
from starlette.types import Receive, Scope, Send

from bot.app import CustomerBot
from bot.errors import MalformedRequest
from bot.runtime.logging import number_request
from bot.runtime.metrics import Metrics
from bot.slack.verification import Payload, bolt_request, is_signed, kind_of, parse_payload

MAX_BODY_BYTES: Final = 1024 * 1024
BODY_SECONDS: Final = 3.0
"""How long a body may take to arrive; Slack itself waits no longer for the response."""

log = structlog.get_logger(__name__)


class EventsEndpoint:
    """``bot`` has to be set before the first request.

    Reads and writes ASGI itself: Starlette's requests and responses would take more time than all of this.
    """

    def __init__(self, signing_secret: str, metrics: Metrics) -> None:
        self._verifier = SignatureVerifier(signing_secret)
        self._metrics = metrics
        self.bot: CustomerBot | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        began = time.perf_counter()
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in reversed(scope["headers"])}
        try:
            parsed = await self._read(receive, headers)
        except HTTPException as refused:
            log.warning("request_refused", status=refused.status_code, reason=refused.detail)
            await _write(send, BoltResponse(status=refused.status_code, headers={**(refused.headers or {})}))
            return
        number_request()
        acknowledged = asyncio.Event()  # follow-up messages wait for it, so that none overtakes the response
        assert self.bot is not None
        try:
            response = await self.bot.fast_path.answer(parsed)
            if response is None:
                response = await self.bot.bolt.async_dispatch(bolt_request(parsed, acknowledged))
            if response.status == 404:
                log.warning("request_unhandled", type=parsed.get("type"), command=parsed.get("command"))
            await _write(send, response)
            if response.status == 200:
                self._metrics.observe_acknowledgement(kind_of(parsed), time.perf_counter() - began)
        finally:  # also without a response: what waits for it would wait until the drain
            acknowledged.set()

    async def _read(self, receive: Receive, headers: Mapping[str, str]) -> Payload:
        """The parsed body. Raises HTTPException for a request that is refused."""
        received = bytearray()
        is_complete = False
        try:
            async with asyncio.timeout(BODY_SECONDS):
                while not is_complete:
                    message = await receive()
                    if message["type"] == "http.disconnect":
                        raise HTTPException(400, "the sender left in the middle")
                    received += message.get("body", b"")
                    if len(received) > MAX_BODY_BYTES:
                        raise HTTPException(413, "body too large")
                    is_complete = not message.get("more_body", False)
            body = bytes(received)
            if not is_signed(self._verifier, body, headers):  # before this holds nothing is parsed or logged
                raise HTTPException(401, "signature")
            return parse_payload(body, headers.get("content-type", ""))
        except TimeoutError:
            raise HTTPException(408, "the body did not arrive in time", {"connection": "close"}) from None
        except MalformedRequest as error:
            raise HTTPException(400, str(error)) from None


async def _write(send: Send, response: BoltResponse) -> None:
    body = response.body.encode()
    headers = [
        (name.encode(), value.encode("latin-1")) for name, values in response.headers.items() for value in values
    ]
    headers.append((b"content-length", b"%d" % len(body)))
    await send({"type": "http.response.start", "status": response.status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
