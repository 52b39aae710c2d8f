"""A server that says exactly the bytes that a test gives it: HTTP as no well-behaved server sends it."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from typing import Final, NamedTuple
from urllib.parse import parse_qsl, urlsplit


class Said(NamedTuple):
    """One answer. ``drip`` is the pause after each byte; ``hold`` leaves the connection open until the client goes."""

    text: bytes = b""
    drip: float = 0.0
    hold: bool = False
    reset: bool = False


Say = Callable[[str], Said]

RESET: Final = Said(reset=True)
NO_RESPONSE: Final = Said(hold=True)


def http(body: bytes = b"", status: int = 200, **headers: str) -> Said:
    """HTTP after which the connection ends. ``Content_Length`` is right unless it is given; "" leaves a header out."""
    fields = {"Connection": "close", "Content-Length": str(len(body))}
    fields |= {name.replace("_", "-"): value for name, value in headers.items()}
    lines = [f"HTTP/1.1 {status} Reason", *(f"{name}: {value}" for name, value in fields.items() if value)]
    return Said("\r\n".join([*lines, "", ""]).encode() + body)


def always(said: Said) -> Say:
    return lambda target: said


def script(*steps: Said) -> Say:
    """One step after the other, and the last one for ever."""
    left = list(steps)
    return lambda target: left.pop(0) if len(left) > 1 else left[0]


def path_of(target: str) -> str:
    return urlsplit(target).path


def query_of(target: str) -> dict[str, str]:
    return dict(parse_qsl(urlsplit(target).query))


class RawServer:
    """Answers a request for a target with what ``say`` gives for it, and remembers the heads and their targets."""

    def __init__(self) -> None:
        self.say = always(http())
        self.address = ""
        self.port = 0
        self.heads: list[bytes] = []
        self.targets: list[str] = []
        self._connections: dict[asyncio.Task[None], asyncio.StreamWriter] = {}

    @asynccontextmanager
    async def open(self) -> AsyncIterator["RawServer"]:
        async with await asyncio.start_server(self._accept, "127.0.0.1", 0) as server:
            self.port = server.sockets[0].getsockname()[1]
            self.address = f"http://127.0.0.1:{self.port}"
            yield self
            for writer in self._connections.values():
                writer.transport.abort()
            await asyncio.gather(*self._connections)

    @property
    def open_connections(self) -> int:
        return len(self._connections)

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        serving = asyncio.create_task(self._serve(reader, writer))
        self._connections[serving] = writer
        serving.add_done_callback(self._connections.pop)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """A client that goes away in the middle is no error."""
        with suppress(ConnectionError, asyncio.IncompleteReadError):
            head = await reader.readuntil(b"\r\n\r\n")
            target = head.split()[1].decode()
            self.heads.append(head)
            self.targets.append(target)
            said = self.say(target)
            await _write(writer, said)
            if said.hold:
                await reader.read()
            if said.reset:
                writer.transport.abort()
        writer.close()
        with suppress(ConnectionError):
            await writer.wait_closed()


async def _write(writer: asyncio.StreamWriter, said: Said) -> None:
    step = 1 if said.drip else max(1, len(said.text))
    for position in range(0, len(said.text), step):
        writer.write(said.text[position : position + step])
        await writer.drain()
        await asyncio.sleep(said.drip)
