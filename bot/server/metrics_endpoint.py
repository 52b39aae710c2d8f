"""Prometheus's door, METRICS_PORT: a server in a thread of its own, that answers while the event loop is busy."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import version
from socket import socket
from typing import Final

from prometheus_client import CollectorRegistry, Info, ProcessCollector, make_asgi_app

from bot.runtime.metrics import PREFIX, Metrics

END_SECONDS: Final = 2.0


@contextmanager
def serving(metrics: Metrics, listening: socket) -> Iterator[None]:
    """Serve them at ``listening``, with the version and the process's own numbers (memory, CPU time, open files)."""
    import uvicorn  # not every process that could serve them does

    shown = CollectorRegistry()
    shown.register(metrics.registry)
    Info(f"{PREFIX}build", "The version that runs.", registry=shown).info({"version": version("customer-bot")})
    ProcessCollector(registry=shown)
    config = uvicorn.Config(
        make_asgi_app(shown),
        log_config=None,
        access_log=False,
        server_header=False,
        lifespan="off",
        ws="none",
        timeout_graceful_shutdown=1,
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, name="metrics", daemon=True)
    thread.start()
    try:
        yield
    finally:
        server.should_exit = True
        thread.join(END_SECONDS)
