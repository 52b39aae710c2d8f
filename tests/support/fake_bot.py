"""Both sides of the stand-in Slack in its own tests: a bot that does as the test sets, and slack_sdk's client."""

from collections.abc import AsyncIterator, Awaitable, Callable

import pytest
from slack_sdk.signature import SignatureVerifier
from slack_sdk.web.async_client import AsyncWebClient
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from bot.playground.asgi_server import loopback
from bot.playground.fake_slack.server import BOT_TOKEN, SIGNING_SECRET, StandInSlack
from bot.slack.verification import Payload, is_signed, parse_payload

Answering = Callable[[Payload], Awaitable[Response]]


class SomeBot:
    """Takes down what it is sent, which has to be what the real bot takes: anything else is answered with a 500."""

    def __init__(self) -> None:
        self.sent: list[Payload] = []
        self.headers: list[dict[str, str]] = []
        self.signed: list[bool] = []
        self.answer: Answering = self._nothing
        self.app = Starlette(
            routes=[
                Route("/slack/events", self._slack_events, methods=["POST"]),
                Route("/readyz", lambda _: Response(status_code=503)),
            ]
        )

    async def _nothing(self, request: Payload) -> Response:
        return Response()

    async def _slack_events(self, request: Request) -> Response:
        body = await request.body()
        self.signed.append(is_signed(SignatureVerifier(SIGNING_SECRET), body, request.headers))
        self.headers.append(dict(request.headers))
        self.sent.append(parse_payload(body, request.headers["content-type"]))
        return await self.answer(self.sent[-1])


def always(response: Response) -> Answering:
    async def answer(request: Payload) -> Response:
        return response

    return answer


@pytest.fixture(name="some_bot")
async def some_bot_fixture(slack: StandInSlack) -> AsyncIterator[SomeBot]:
    bot = SomeBot()
    async with loopback(bot.app) as slack.bot_address:
        yield bot


@pytest.fixture(name="client")
def client_fixture(slack: StandInSlack) -> AsyncWebClient:
    return AsyncWebClient(token=BOT_TOKEN, base_url=f"{slack.address}/api/")
