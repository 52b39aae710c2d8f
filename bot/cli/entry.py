"""The entry point of ``customer-bot``: a signal while the rest is being loaded ends the process without a traceback."""

import os
import signal
import sys
from typing import Final

from bot.runtime import STOP_SIGNALS

SERVING: Final = frozenset({"serve", "socket", "demo"})
"""Commands that end with status 0 when they are stopped."""
PLAIN: Final = frozenset({"serve", "socket"})
"""Commands that draw nothing."""
FOR_TERMINALS: Final = ("rich", "pygments")
"""httpx, structlog and typer import these for colours if they are installed: 7 % of the CPU time of the start."""


def main() -> None:
    """Loading takes most of the start. Until it is done, Python's own handler of Ctrl-C would print a traceback.

    The commands that serve replace the handlers when they begin to serve; the other commands get the default ones.
    """
    command = sys.argv[1:2]
    is_serving = not SERVING.isdisjoint(command)
    replaced = {stop: signal.signal(stop, lambda *_: os._exit(0 if is_serving else 1)) for stop in STOP_SIGNALS}
    if not PLAIN.isdisjoint(command):
        for module in FOR_TERMINALS:  # importing it then raises ImportError, as if it were not installed
            sys.modules[module] = None  # type: ignore[assignment]  # Python's own mark for it
    from bot.cli.main import cli

    if not is_serving:
        for stop, handler in replaced.items():
            signal.signal(stop, handler)
    cli()
