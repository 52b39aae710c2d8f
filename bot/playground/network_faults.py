"""A line to a server, that can be broken: what happens to requests between the bot and the servers it asks.

Faults of what a server says are its own (``Fault``). These are of the wire, and so the same for any server.
"""

import asyncio
import socket
import struct
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from enum import Enum
from typing import Final
from urllib.parse import urlsplit

CHUNK: Final = 65_536
DRIP_SECONDS: Final = 0.02
"""After each byte: an answer of a hundred takes two seconds."""
_RESET: Final = struct.pack("ii", 1, 0)
"""SO_LINGER with no time to linger: closing sends a reset, and not an orderly end."""


class Broken(Enum):
    """How a line can be broken while connections to it still come about."""

    DEAF = "nothing that is sent arrives"
    MUTE = "what is sent arrives, and no answer comes back"
    RESET = "what is sent is answered with a reset"
    CUT = "answers end in the middle"
    DRIP = "answers come byte by byte"


class Line:
    """Passes bytes on to the server at ``address``, and back. ``broken`` can be set at any time; None: all is well."""

    def __init__(self, address: str) -> None:
        parts = urlsplit(address)
        self._host, self._port = parts.hostname or "", parts.port or 0
        self._place = _bound(0)
        self.port = self._place.getsockname()[1]
        self.address = f"{parts.scheme}://127.0.0.1:{self.port}"
        self.broken: Broken | None = None
        self.broke = 0
        """How often something did not get through as it should."""
        self._server: asyncio.Server | None = None
        self._connections: dict[asyncio.Task[None], asyncio.StreamWriter] = {}

    @asynccontextmanager
    async def open(self) -> AsyncIterator["Line"]:
        await self.mend()
        try:
            yield self
        finally:
            await self.cut_off()
            self._place.close()

    async def mend(self) -> None:
        """All is well from now on. What had been swallowed stays lost, with its connection."""
        if self.broken is not None:
            await self._drop_connections()
        self.broken = None
        if self._server is None:
            self._server = await asyncio.start_server(self._accept, sock=_bound(self.port))

    async def cut_off(self) -> None:
        """Reset all connections, and refuse new ones."""
        if self._server is not None:
            self._server.close()
            self._server = None
        await self._drop_connections()

    async def _drop_connections(self) -> None:
        ending = dict(self._connections)
        self.broke += len(ending)
        for serving, writer in ending.items():
            _reset(writer)
            serving.cancel()
        await asyncio.gather(*ending, return_exceptions=True)

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        serving = asyncio.create_task(self._serve(reader, writer))
        self._connections[serving] = writer
        serving.add_done_callback(self._connections.pop)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection, until one of its ends is gone."""
        try:
            far_reader, far_writer = await asyncio.open_connection(self._host, self._port)
        except OSError:
            _reset(writer)
            return
        pumps = [
            asyncio.create_task(self._send(reader, far_writer)),
            asyncio.create_task(self._bring_back(far_reader, writer)),
        ]
        try:
            await asyncio.wait(pumps, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for pump in pumps:
                pump.cancel()
            far_writer.transport.abort()
            _reset(writer) if self.broken is Broken.RESET else writer.close()
            await asyncio.gather(*pumps, return_exceptions=True)  # here it may be cancelled itself
            for end in (far_writer, writer):
                with suppress(ConnectionError):
                    await end.wait_closed()

    async def _send(self, reader: asyncio.StreamReader, far: asyncio.StreamWriter) -> None:
        with suppress(ConnectionError):
            while data := await reader.read(CHUNK):
                self.broke += self.broken is not None
                if self.broken is Broken.RESET:
                    return
                if self.broken is not Broken.DEAF:
                    far.write(data)
                    await far.drain()

    async def _bring_back(self, far: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(ConnectionError):
            while data := await far.read(CHUNK):
                if self.broken is Broken.CUT:
                    writer.write(data[: len(data) // 2])
                    await writer.drain()
                    return
                if self.broken is not Broken.MUTE:
                    await self._write(writer, data)

    async def _write(self, writer: asyncio.StreamWriter, data: bytes) -> None:
        step = 1 if self.broken is Broken.DRIP else len(data)
        for position in range(0, len(data), step):
            writer.write(data[position : position + step])
            await writer.drain()
            if step == 1:
                await asyncio.sleep(DRIP_SECONDS)


def _bound(port: int) -> socket.socket:
    """A socket that does not listen: connections are refused, and no other process gets the port."""
    place = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    place.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    place.bind(("127.0.0.1", port))
    return place


def _reset(writer: asyncio.StreamWriter) -> None:
    wire = writer.get_extra_info("socket")
    if wire is not None:
        with suppress(OSError):
            wire.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
    writer.transport.abort()
