"""Running an ASGI app on this machine's loopback address, inside the running event loop."""

import asyncio
import contextlib
import socket
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from email.utils import formatdate
from typing import Final

import uvicorn
from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from bot.runtime.sockets import listen

FINISH_SECONDS: Final = 5.0
"""For requests under way when a server stops."""


Around = Callable[[ASGIApp], ASGIApp]
"""Puts something between a server and its app."""


def alone(app: ASGIApp) -> ASGIApp:
    """Nothing is around the app."""
    return app


@asynccontextmanager
async def loopback(app: ASGIApp, port: int = 0, now: Callable[[], float] = time.time) -> AsyncIterator[str]:
    """Serve ``app`` and give its address, ``http://127.0.0.1:…``. A port that is 0 or busy becomes a free one.

    ``now`` is the server's clock, in epoch seconds: every answer tells its time.
    """
    listening = _listen(port)
    dated = _dated(app, now)
    server = _Server(uvicorn.Config(dated, log_config=None, access_log=False, lifespan="auto", date_header=False))
    serving = asyncio.create_task(server.serve(sockets=[listening]))
    await asyncio.wait({serving, asyncio.create_task(server.listening.wait())}, return_when="FIRST_COMPLETED")
    if serving.done():
        await serving
    try:
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
    finally:
        server.stopping.set()
        await serving


def _dated(app: ASGIApp, now: Callable[[], float]) -> ASGIApp:
    async def answer(scope: Scope, receive: Receive, send: Send) -> None:
        async def send_dated(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers.setdefault("date", formatdate(now(), usegmt=True))
            await send(message)

        await app(scope, receive, send_dated)

    return answer


class _Server(uvicorn.Server):
    """uvicorn as a part of a process: signals are the process's own, and it starts and stops at once."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.listening = asyncio.Event()
        self.stopping = asyncio.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.listening.set()

    async def main_loop(self) -> None:
        await self.stopping.wait()
        self.should_exit = True

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """As uvicorn's own, without its pause of a tenth of a second; what does not end by itself is cancelled."""
        for server in self.servers:
            server.close()
        for connection in list(self.server_state.connections):
            connection.shutdown()
        if self.server_state.tasks:
            await asyncio.wait(self.server_state.tasks, timeout=FINISH_SECONDS)
        for task in self.server_state.tasks:
            task.cancel()
        await self.lifespan.shutdown()

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


def _listen(port: int) -> socket.socket:
    try:
        return listen("127.0.0.1", port)
    except OSError:
        return listen("127.0.0.1", 0)
