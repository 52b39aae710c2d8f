"""The ASGI process: /slack/events, /healthz, /readyz, starting up and draining."""

import asyncio
import socket
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Final

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
from bot.runtime.sockets import listen, waiting_at
from bot.runtime.tasks import log_end
from bot.server.events_endpoint import EventsEndpoint
from bot.settings import ServeSettings

EVENTS_PATH: Final = "/slack/events"
FINISH_REQUESTS_SECONDS: Final = 5
"""How long requests under way may take to be acknowledged when the process is told to stop."""
LET_IN_SECONDS: Final = 0.2
"""What balancers take at most to send a request over a connection that they have just opened."""

log = structlog.get_logger(__name__)


class WebProcess:
    """The bot behind HTTP. ``draining`` is set when the process was told to stop. It counts in ``metrics``."""

    def __init__(
        self, settings: ServeSettings, now: Callable[[], float] = time.time, metrics: Metrics | None = None
    ) -> None:
        self._settings = settings
        self._now = now
        self.metrics = metrics or Metrics()
        self._signing_secret = settings.slack_signing_secret.get_secret_value()
        self._receiving = EventsEndpoint(self._signing_secret, self.metrics)
        self._bot: CustomerBot | None = None
        self.draining = False

    @property
    def under_way(self) -> int:
        """How many tasks a process that ended now would give up."""
        return len(self._bot.background) if self._bot else 0

    def asgi_app(self) -> ASGIApp:
        """What Slack sends goes past Starlette, whose routing and guards are for pages."""
        starlette = self._starlette()

        async def app(scope: Scope, receive: Receive, send: Send) -> None:
            if scope["type"] != "http" or scope["path"] != EVENTS_PATH or scope["method"] != "POST":
                await starlette(scope, receive, send)
            else:
                await self._receiving(scope, receive, send)

        return app

    def _starlette(self) -> Starlette:
        routes = [
            Route(EVENTS_PATH, self._receiving, methods=["POST"]),
            Route("/healthz", self._healthz),
            Route("/readyz", self._readyz),
        ]
        return Starlette(routes=routes, lifespan=self._lifespan)

    @asynccontextmanager
    async def _lifespan(self, _: Starlette) -> AsyncIterator[None]:
        async with build_app(self._settings, self._signing_secret, self._now, self.metrics) as bot:
            self._bot = self._receiving.bot = bot
            learning = asyncio.create_task(bot.identity.learn())
            try:
                yield
            finally:
                self.draining = True
                learning.cancel()

    async def _healthz(self, _: Request) -> Response:
        return JSONResponse({"status": "ok"})

    async def _readyz(self, _: Request) -> Response:
        """Not ready until Slack has told who the bot is. Any later trouble is told, and is no reason: where nothing
        else works, cards still say so.
        """
        reasons = self._reasons_not_to_be_ready()
        state = {"ready": not reasons, "reasons": reasons, **self._parts()}
        return JSONResponse(state, 503 if reasons else 200)

    def _parts(self) -> dict[str, str]:
        """What the process uses, and how that is: "ok", or what is wrong with it."""
        if self._bot is None:
            return dict.fromkeys(("database", "slack", "crm"), "starting")
        slack = self._bot.slack.trouble if self._bot.identity.known else self._bot.identity.reason
        troubles = {"database": self._bot.store.trouble, "slack": slack, "crm": self._bot.crm.trouble}
        return {part: trouble or "ok" for part, trouble in troubles.items()}

    def _reasons_not_to_be_ready(self) -> list[str]:
        reasons = ["draining"] if self.draining else []
        if self._bot is None:
            return [*reasons, "starting"]
        return reasons if self._bot.identity.known else [*reasons, self._bot.identity.reason]


class _Server(uvicorn.Server):
    """uvicorn that says "not ready" from the moment it is told to stop, and leaves signals to the process."""

    def __init__(self, config: uvicorn.Config, process: WebProcess) -> None:
        super().__init__(config)
        self._process = process

    def _protocol(self) -> asyncio.Protocol:
        """As uvicorn makes them for its own listening sockets."""
        make: Callable[..., asyncio.Protocol] = self.config.http_protocol_class
        return make(config=self.config, server_state=self.server_state, app_state=self.lifespan.state)

    def stop(self) -> None:
        self._process.draining = True
        self.should_exit = True

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """uvicorn's own would take a second SIGTERM for the first, and raise the signal again in the end."""
        yield

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """uvicorn's own resets who was let in by the kernel and not yet by uvicorn, and closes connections of which
        nothing was read yet. Each is a request that somebody has sent: they are taken, and nobody new is.
        """
        let_in = [connection for listening in sockets or [] for connection in waiting_at(listening)]
        for server in self.servers:
            server.close()
        loop = asyncio.get_running_loop()
        for connection in let_in:
            await loop.connect_accepted_socket(self._protocol, connection)
        await asyncio.sleep(LET_IN_SECONDS)
        await super().shutdown(sockets)
        await log_end()


def serve(settings: ServeSettings, metrics: Metrics) -> None:
    """Serve until SIGTERM or SIGINT, then drain. One more ends the process at once. Raises OSError for a busy port."""
    process = WebProcess(settings, metrics=metrics)
    config = uvicorn.Config(
        process.asgi_app(),
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,  # whoever asks is told by the signature
        lifespan="on",
        timeout_graceful_shutdown=FINISH_REQUESTS_SECONDS,
    )
    listening = listen(settings.host, settings.port)
    server = _Server(config, process)
    with stop_on_signals(server.stop, lambda: process.under_way):
        log.info("serving", host=settings.host, port=settings.port)
        server.run(sockets=[listening])
