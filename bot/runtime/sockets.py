"""The sockets at which a process listens."""

import socket
from collections.abc import Iterator


def listen(host: str, port: int) -> socket.socket:
    """A listening socket. Raises OSError.

    asyncio sends at once only on sockets that say they are TCP; on others an answer waits some 40 ms in Nagle's
    algorithm, and ``socket.create_server`` makes such others.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listening = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((host, port))
    except OSError:
        listening.close()
        raise
    listening.listen(1024)
    return listening


def waiting_at(listening: socket.socket) -> Iterator[socket.socket]:
    """The connections that wait there to be accepted, until none does."""
    listening.setblocking(False)
    while True:
        try:
            connection, _ = listening.accept()
        except OSError:
            return
        yield connection
