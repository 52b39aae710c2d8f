"""The stand-in Slack's side of Socket Mode: the connections that bots have opened, and requests over them."""

import asyncio
import random
from collections.abc import Callable
from contextlib import suppress
from typing import Any, Final

from starlette.websockets import WebSocket, WebSocketDisconnect

from bot.playground.fake_slack.exchange import Exchange
from bot.playground.fake_slack.signing import as_envelope

MAX_CONNECTIONS: Final = 10
"""https://docs.slack.dev/apis/events-api/using-socket-mode"""


class Sockets:
    """Each request goes over one of the open connections, any of them. ``number`` gives new numbers.

    ``carried`` counts, for each connection in the order of their opening, the requests that it was given.
    """

    def __init__(self, number: Callable[[], int]) -> None:
        self._number = number
        self._tickets: set[str] = set()
        self._open: dict[int, WebSocket] = {}
        self._waiting: dict[str, asyncio.Future[dict[str, Any]]] = {}
        self.connected = asyncio.Event()
        self.carried: list[int] = []

    def __len__(self) -> int:
        return len(self._open)

    def new_ticket(self) -> str:
        """For an address that is good for one connection."""
        ticket = f"ticket-{self._number()}"
        self._tickets.add(ticket)
        return ticket

    async def serve(self, socket: WebSocket) -> None:
        """One connection: acknowledgements come back by envelope id."""
        ticket = socket.query_params.get("ticket", "")
        if ticket not in self._tickets or len(self._open) == MAX_CONNECTIONS:
            await socket.close()  # before it was accepted: HTTP 403
            return
        self._tickets.remove(ticket)
        place = len(self.carried)
        self.carried.append(0)
        await socket.accept()
        await socket.send_json({"type": "hello", "num_connections": len(self._open) + 1})
        self._open[place] = socket
        self.connected.set()
        try:
            while True:
                answer = await socket.receive_json()
                waiting = self._waiting.pop(answer["envelope_id"])
                if not waiting.done():  # else it comes too late
                    waiting.set_result(answer.get("payload") or {})
        except WebSocketDisconnect:
            self._forget(place)

    async def ask(self, exchange: Exchange, kind: str) -> dict[str, Any]:
        """What the acknowledgement says."""
        envelope_id = f"envelope-{self._number()}"
        waiting: asyncio.Future[dict[str, Any]] = asyncio.get_running_loop().create_future()
        self._waiting[envelope_id] = waiting
        await self.send(as_envelope(exchange, kind, envelope_id))
        return await waiting

    async def send(self, message: dict[str, Any]) -> None:
        """Send ``message`` over one of the connections."""
        place = random.choice(list(self._open))  # as Slack does
        self.carried[place] += 1
        await self._open[place].send_json(message)

    async def say_all(self, message: dict[str, Any]) -> None:
        """Send ``message`` over each of the connections."""
        for socket in list(self._open.values()):
            await socket.send_json(message)

    async def close(self) -> None:
        """Slack closes all connections."""
        for place, socket in list(self._open.items()):
            self._forget(place)
            with suppress(RuntimeError):  # it has just been closed from the other side
                await socket.close()

    def _forget(self, place: int) -> None:
        self._open.pop(place, None)
        if not self._open:
            self.connected.clear()
