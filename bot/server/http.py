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
        self._settings, self._now = settings, now
        self.metrics = metrics or Metrics()
        self._events = EventsEndpoint(settings.slack_signing_secret.get_secret_value(), self.metrics)
        self.bot: CustomerBot | None = None
        self.draining = False

    def stop(self, server: uvicorn.Server) -> None:
        self.draining = server.should_exit = True

    def asgi_app(self) -> ASGIApp:
        """Slack's requests bypass Starlette, whose routing and middleware would only take time."""
        routes = [
            Route(EVENTS_PATH, self._events, methods=["POST"]),
            Route("/healthz", JSONResponse({"status": "ok"}), methods=["GET"]),
            Route("/readyz", self._readyz),
        ]
        starlette = Starlette(routes=routes, lifespan=self._lifespan)

        async def app(scope: Scope, receive: Receive, send: Send) -> None:
            is_event = scope["type"] == "http" and scope["path"] == EVENTS_PATH and scope["method"] == "POST"
            await (self._events if is_event else starlette)(scope, receive, send)

        return app

    @asynccontextmanager
    async def _lifespan(self, _: Starlette) -> AsyncIterator[None]:
        async with build_app(self._settings, self._now, self.metrics) as bot:
            self.bot = self._events.bot = bot
            learning = asyncio.create_task(bot.identity.learn())
            try:
                yield
            finally:
                self.draining = True
                learning.cancel()

    async def _readyz(self, _: Request) -> Response:
        """Not ready until Slack has said who the bot is.

        Later trouble is shown, and makes the process no less ready: the cards it still sends explain it.
        """
        bot = self.bot
        if bot is None:
            unknown = "starting"
            troubles = dict.fromkeys(("database", "slack", "crm"), "starting")
        else:
            unknown = "" if bot.identity.known else bot.identity.reason
            troubles = {"database": bot.store.trouble, "slack": unknown or bot.slack.trouble, "crm": bot.crm.trouble}
        reasons = [reason for reason in ("draining" if self.draining else "", unknown) if reason]
        parts = {part: trouble or "ok" for part, trouble in troubles.items()}
        return JSONResponse({"ready": not reasons, "reasons": reasons, **parts}, 503 if reasons else 200)


class DrainingServer(uvicorn.Server):
    """A uvicorn server that answers everything sent before it stops, and that handles no signals."""

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
        make: Callable[..., Any] = self.config.http_protocol_class  # called as uvicorn does for its own connections
        protocol = partial(make, config=self.config, server_state=self.server_state, app_state=self.lifespan.state)
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
    server = DrainingServer(config)
    with stop_on_signals(lambda: process.stop(server), lambda: len(process.bot.background) if process.bot else 0):
        log.info("serving", host=settings.host, port=settings.port)
        server.run(sockets=[listening])
