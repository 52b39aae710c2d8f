"""The metrics of a process that serves Slack."""

from collections.abc import Iterator
from contextlib import contextmanager

from bot.cli.output import fail
from bot.runtime.metrics import Metrics
from bot.runtime.sockets import listen
from bot.server.metrics_endpoint import serving_metrics
from bot.settings import ProcessSettings


@contextmanager
def exposed_metrics(settings: ProcessSettings) -> Iterator[Metrics]:
    """The metrics of this process, exposed at METRICS_PORT if it is set, until the process has drained.

    Ends the command if the port is taken.
    """
    metrics = Metrics()
    if settings.metrics_port is None:
        yield metrics
        return
    try:
        listening = listen(settings.host, settings.metrics_port)
    except OSError as error:
        fail(f"METRICS_PORT: cannot listen on {settings.host}:{settings.metrics_port}: {error.strerror}", 1)
    with serving_metrics(metrics, listening):
        yield metrics
