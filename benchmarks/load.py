"""Signed ``/customer`` requests, as many at once as there are connections, by a client that costs little itself."""

import asyncio
import time
from collections.abc import Sequence
from functools import partial
from urllib.parse import urlencode

from benchmarks.servers import Server
from bot.playground.fake_slack.signing import signed_form_headers
from bot.playground.fake_slack.users import APP_ID, CHANNEL, TEAM


def command(user: str, text: str, server: Server) -> bytes:
    """One whole request, signed now: Slack's signatures hold for five minutes."""
    form = {
        "token": "none",
        "team_id": TEAM,
        "team_domain": "playground",
        "channel_id": CHANNEL,
        "channel_name": "general",
        "user_id": user,
        "user_name": user.lower(),
        "command": "/customer",
        "text": text,
        "api_app_id": APP_ID,
        "is_enterprise_install": "false",
        "response_url": "http://127.0.0.1:9/response/none",
        "trigger_id": "13345224609.738474920.8088930838d88f008e0",
    }
    body = urlencode(form).encode()
    headers = {
        "host": f"127.0.0.1:{server.port}",
        "user-agent": "Slackbot 1.0 (+https://api.slack.com/robots)",
        "accept": "application/json,*/*",
        "accept-encoding": "gzip,deflate",
        "content-length": str(len(body)),
        **signed_form_headers(body),
    }
    lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    return f"POST /slack/events HTTP/1.1\r\n{lines}\r\n".encode() + body


class Sender(asyncio.Protocol):
    """One kept connection: sends the next of its requests when the last is answered."""

    def __init__(self, requests: Sequence[bytes]) -> None:
        self._requests = iter(requests)
        self._received = b""
        self._sent_at = 0.0
        self._transport: asyncio.Transport | None = None
        self.seconds: list[float] = []
        self.last_answer = b""
        self.done: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._send_next(transport)

    def data_received(self, data: bytes) -> None:
        self._received += data
        head, blank, body = self._received.partition(b"\r\n\r\n")
        if not blank or len(body) < _content_length(head):
            return
        self.seconds.append(time.perf_counter() - self._sent_at)
        self.last_answer, self._received = self._received, b""
        assert self._transport is not None
        if head.startswith(b"HTTP/1.1 200"):
            self._send_next(self._transport)
        else:
            self._end(self._transport, head.decode())

    def connection_lost(self, error: Exception | None) -> None:
        if not self.done.done():
            self.done.set_exception(ConnectionError(f"the server left: {error}"))

    def _send_next(self, transport: asyncio.Transport) -> None:
        request = next(self._requests, None)
        if request is None:
            self._end(transport)
            return
        self._sent_at = time.perf_counter()
        transport.write(request)

    def _end(self, transport: asyncio.Transport, refused: str = "") -> None:
        if refused:
            self.done.set_exception(ConnectionError(refused))
        else:
            self.done.set_result(None)
        transport.close()


async def send(server: Server, requests: Sequence[Sequence[bytes]]) -> list[Sender]:
    """Each list of requests over a connection of its own. Raises ConnectionError if one is not answered 200."""
    loop = asyncio.get_running_loop()
    senders = [Sender(of_one) for of_one in requests]
    for sender in senders:
        await loop.create_connection(partial(_itself, sender), "127.0.0.1", server.port)
    await asyncio.gather(*(sender.done for sender in senders))
    return senders


def _itself(sender: Sender) -> Sender:
    return sender


def _content_length(head: bytes) -> int:
    name = head.lower().find(b"content-length:")
    return int(head[name + 15 :].split(b"\r\n", 1)[0])
