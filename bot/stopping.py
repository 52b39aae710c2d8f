"""Being told to stop: the first SIGTERM or Ctrl-C begins the end, the second one is it."""

import os
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import count
from types import FrameType
from typing import Final

import structlog

from bot.starting import STOPS

HARD_END_SECONDS: Final = 28.0
"""Draining takes 25 s at most, and platforms kill after 30: what hangs then is told of, and ended."""

log = structlog.get_logger(__name__)


@contextmanager
def told_to_stop(
    begin: Callable[[], None], under_way: Callable[[], int], hard_end_seconds: float = HARD_END_SECONDS
) -> Iterator[None]:
    """Within it the first of STOPS calls ``begin``, and one more ends the process: at once, with status 1. So does a
    process that has not ended by itself after ``hard_end_seconds``.

    ``under_way`` counts what is given up then. Both are called between two instructions of the main thread, whatever
    that does.
    """
    told = count(1)
    hard_end = threading.Timer(hard_end_seconds, lambda: _end_at_once(under_way()))
    hard_end.daemon = True

    def handle(sig: int, frame: FrameType | None) -> None:
        times = next(told)
        if times == 1:
            begin()
            hard_end.start()
        elif times == 2:
            threading.Thread(target=_end_at_once, args=(under_way(),), daemon=True).start()
        else:  # nobody reads the log, and the second waits for it
            os._exit(1)

    before = {stop: signal.signal(stop, handle) for stop in STOPS}
    try:
        yield
    finally:
        hard_end.cancel()
        for stop, handler in before.items():
            signal.signal(stop, handler)


def _end_at_once(given_up: int) -> None:
    """In a thread, as the main one may have been interrupted in the middle of a line, and has to end that first.

    ``os._exit`` and no exception: an exception would be caught, wait for threads, and print itself.
    """
    log.warning("ended_at_once", given_up=given_up)
    os._exit(1)
