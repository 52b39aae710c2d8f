"""The first that runs of ``customer-bot``: told to stop while the rest is being loaded, it ends without a traceback."""

import os
import signal
import sys
from types import FrameType
from typing import Final

from bot.runtime import STOP_SIGNALS

SERVING: Final = frozenset({"serve", "socket", "demo"})
"""Commands for which being stopped is their end, and not a failure."""
PLAIN: Final = frozenset({"serve", "socket"})
"""Commands that draw nothing."""
FOR_TERMINALS: Final = ("rich", "pygments")
"""httpx, structlog and typer load these wherever they find them, for colours: 7 % of the CPU of the start."""


def main() -> None:
    """Loading takes most of the start, and until it is done Python's own answer to Ctrl-C would be a traceback.

    What serves says itself, when it is about to, what a signal means from then on; the other commands are ended as
    any command is.
    """
    serving = not SERVING.isdisjoint(sys.argv[1:2])
    before = {stop: signal.signal(stop, _end_well if serving else _end) for stop in STOP_SIGNALS}
    if not PLAIN.isdisjoint(sys.argv[1:2]):
        _leave_out(*FOR_TERMINALS)
    from bot.cli.main import cli

    if not serving:
        for stop, handler in before.items():
            signal.signal(stop, handler)
    cli()


def _leave_out(*modules: str) -> None:
    """Have Python say that there are none, as it does where they are not installed."""
    for module in modules:
        sys.modules[module] = None  # type: ignore[assignment]  # Python's own mark for it


def _end_well(sig: int, frame: FrameType | None) -> None:
    os._exit(0)


def _end(sig: int, frame: FrameType | None) -> None:
    os._exit(1)
