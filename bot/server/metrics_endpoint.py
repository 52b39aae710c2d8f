"""Prometheus's endpoint at METRICS_PORT: a server in its own thread, which responds while the event loop is busy."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import version
from socket import socket
from typing import Final

from prometheus_client import CollectorRegistry, Info, ProcessCollector, make_asgi_app

from bot.runtime.metrics import NAMESPACE, Metrics

END_SECONDS: Final = 2.0


@contextmanager
def serving_metrics(metrics: Metrics, listening: socket) -> Iterator[None]:
    """Serve ``metrics`` at ``listening``, with the bot's version and the process's memory, CPU time and open files."""
    import uvicorn  # only some of the processes that could serve metrics do

    shown = CollectorRegistry()
    shown.register(metrics.registry)
    build = Info("build", "The version that runs.", namespace=NAMESPACE, registry=shown)
    build.info({"version": version("customer-bot")})
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
