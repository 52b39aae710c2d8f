"""Being told to stop: the first SIGTERM or Ctrl-C begins the end, the second one is it."""

import os
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import count
from types import FrameType

import structlog

from bot.starting import STOPS

log = structlog.get_logger(__name__)


@contextmanager
def told_to_stop(begin: Callable[[], None], under_way: Callable[[], int]) -> Iterator[None]:
    """Within it the first of STOPS calls ``begin``, and one more ends the process: at once, with status 1.

    ``under_way`` counts what is given up then. Both are called between two instructions of the main thread, whatever
    that does.
    """
    told = count(1)

    def handle(sig: int, frame: FrameType | None) -> None:
        times = next(told)
        if times == 1:
            begin()
            return
        if times == 2:
            threading.Thread(target=_end_at_once, args=(under_way(),), daemon=True).start()
        else:  # nobody reads the log, and the second waits for it
            os._exit(1)

    before = {stop: signal.signal(stop, handle) for stop in STOPS}
    try:
        yield
    finally:
        for stop, handler in before.items():
            signal.signal(stop, handler)


def _end_at_once(given_up: int) -> None:
    """In a thread, as the main one may have been interrupted in the middle of a line, and has to end that first.

    ``os._exit`` and no exception: an exception would be caught, wait for threads, and print itself.
    """
    log.warning("ended_at_once", given_up=given_up)
    os._exit(1)
