"""The HTTP process: /slack/events, /healthz and /readyz, its start and its shutdown."""

import asyncio
import socket
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from functools import partial
from typing import Any, Final

import structlog
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from bot.app import CustomerBot, build_app
from bot.runtime.metrics import Metrics
from bot.runtime.shutdown import stop_on_signals
from bot.runtime.sockets import listen
from bot.runtime.tasks import log_end
from bot.server.events_endpoint import EventsEndpoint
from bot.settings import ServeSettings

EVENTS_PATH: Final = "/slack/events"
FINISH_REQUESTS_SECONDS: Final = 5
"""How long requests under way may take to be acknowledged once the process stops."""
FIRST_REQUEST_SECONDS: Final = 0.2
"""How long a load balancer takes at most to send a request over a connection that it has just opened."""

log = structlog.get_logger(__name__)


class WebProcess:
    """The bot behind HTTP. ``draining`` is true from the moment the process stops."""

    def __init__(
        self, settings: ServeSettings, now: Callable[[], float] = time.time, metrics: Metrics | None = None
    ) -> None:
        self._settings = settings
        self._now = now
        self.metrics = metrics or Metrics()
        self._signing_secret = settings.slack_signing_secret.get_secret_value()
        self._events = EventsEndpoint(self._signing_secret, self.metrics)
        self._bot: CustomerBot | None = None
        self.draining = False

    @property
    def under_way(self) -> int:
        """How many tasks the process would give up if it ended now."""
        return len(self._bot.background) if self._bot else 0

    def asgi_app(self) -> ASGIApp:
        """Slack's requests bypass Starlette, whose routing and middleware would only take time."""
        routes = [
            Route(EVENTS_PATH, self._events, methods=["POST"]),
            Route("/healthz", self._healthz),
            Route("/readyz", self._readyz),
        ]
        starlette = Starlette(routes=routes, lifespan=self._lifespan)

        async def app(scope: Scope, receive: Receive, send: Send) -> None:
            if scope["type"] == "http" and scope["path"] == EVENTS_PATH and scope["method"] == "POST":
                await self._events(scope, receive, send)
            else:
                await starlette(scope, receive, send)

        return app

    @asynccontextmanager
    async def _lifespan(self, _: Starlette) -> AsyncIterator[None]:
        async with build_app(self._settings, self._signing_secret, self._now, self.metrics) as bot:
            self._bot = self._events.bot = bot
            learning = asyncio.create_task(bot.identity.learn())
            try:
                yield
            finally:
                self.draining = True
                learning.cancel()

    async def _healthz(self, _: Request) -> Response:
        return JSONResponse({"status": "ok"})

    async def _readyz(self, _: Request) -> Response:
        """Not ready until Slack has said who the bot is.

        Later trouble is shown, and makes the process no less ready: the cards it still sends explain it.
        """
        bot = self._bot
        reasons = ["draining"] if self.draining else []
        if bot is None:
            reasons.append("starting")
            parts = dict.fromkeys(("database", "slack", "crm"), "starting")
        else:
            slack = bot.slack.trouble
            if not bot.identity.known:
                slack = bot.identity.reason
                reasons.append(slack)
            parts = {"database": bot.store.trouble or "ok", "slack": slack or "ok", "crm": bot.crm.trouble or "ok"}
        return JSONResponse({"ready": not reasons, "reasons": reasons, **parts}, 503 if reasons else 200)


class DrainingServer(uvicorn.Server):
    """A uvicorn server that is not ready once it stops, answers what was sent before, and leaves signals alone."""

    def __init__(self, config: uvicorn.Config, process: WebProcess) -> None:
        super().__init__(config)
        self._process = process

    def stop(self) -> None:
        self._process.draining = True
        self.should_exit = True

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Do nothing: uvicorn would take a second SIGTERM for the first, and raise the signal again at the end."""
        yield

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Accept the connections that clients have already opened, and no new ones.

        uvicorn alone would reset those that the kernel has accepted for it, and close those on which no request has
        arrived yet.
        """
        opened: list[socket.socket] = []
        for listening in sockets or []:
            listening.setblocking(False)
            with suppress(OSError):  # until none is left
                while True:
                    opened.append(listening.accept()[0])
        for server in self.servers:
            server.close()
        make_protocol: Callable[..., Any] = self.config.http_protocol_class
        protocol = partial(  # as uvicorn makes them for its own listening sockets
            make_protocol, config=self.config, server_state=self.server_state, app_state=self.lifespan.state
        )
        for connection in opened:
            await asyncio.get_running_loop().connect_accepted_socket(protocol, connection)
        await asyncio.sleep(FIRST_REQUEST_SECONDS)
        await super().shutdown(sockets)
        await log_end()


def serve(settings: ServeSettings, metrics: Metrics) -> None:
    """Serve until SIGTERM or SIGINT, then drain; one more ends the process at once. Raises OSError for a busy port."""
    process = WebProcess(settings, metrics=metrics)
    config = uvicorn.Config(
        process.asgi_app(),
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,  # the signature says who sends, not the address
        lifespan="on",
        timeout_graceful_shutdown=FINISH_REQUESTS_SECONDS,
    )
    listening = listen(settings.host, settings.port)
    server = DrainingServer(config, process)
    with stop_on_signals(server.stop, lambda: process.under_way):
        log.info("serving", host=settings.host, port=settings.port)
        server.run(sockets=[listening])
