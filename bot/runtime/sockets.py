"""Listening sockets."""

import socket


def listen(host: str, port: int) -> socket.socket:
    """A listening TCP socket. Raises OSError.

    Made with IPPROTO_TCP, unlike those of ``socket.create_server``: asyncio turns off Nagle's algorithm only on such
    sockets, and on others a response waits some 40 ms.
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
