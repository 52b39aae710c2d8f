"""Reading metrics as Prometheus does: over HTTP, from the server that the process has for it."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NamedTuple
from urllib.request import urlopen

from prometheus_client.parser import text_string_to_metric_families

from bot.runtime.metrics import Metrics
from bot.runtime.sockets import listen
from bot.server.metrics_endpoint import serving_metrics


class Scrape(NamedTuple):
    """What a scrape has given."""

    text: str

    def series(self, name: str) -> dict[tuple[str, ...], float]:
        """The values of ``customer_bot_<name>`` that are not 0, by those of its labels, by the labels' names."""
        return {labels: value for labels, value in self._of(f"customer_bot_{name}") if value}

    def value(self, name: str) -> float:
        """Of what has no labels."""
        [(_, value)] = self._of(f"customer_bot_{name}")
        return value

    def labels(self) -> set[tuple[str, str]]:
        """Every label with its value, of everything."""
        families = text_string_to_metric_families(self.text)
        return {label for family in families for sample in family.samples for label in sample.labels.items()}

    def _of(self, name: str) -> Iterator[tuple[tuple[str, ...], float]]:
        for family in text_string_to_metric_families(self.text):
            for sample in family.samples:
                if sample.name == name:
                    yield tuple(sample.labels[label] for label in sorted(sample.labels)), sample.value


@contextmanager
def served(metrics: Metrics) -> Iterator[str]:
    """The address at which they are."""
    listening = listen("127.0.0.1", 0)
    with serving_metrics(metrics, listening):
        yield f"http://127.0.0.1:{listening.getsockname()[1]}/metrics"


def read(address: str) -> Scrape:
    """Without the event loop of this thread."""
    with urlopen(address, timeout=10) as answer:
        return Scrape(answer.read().decode())


async def scrape(metrics: Metrics) -> Scrape:
    with served(metrics) as address:
        return await asyncio.to_thread(read, address)
