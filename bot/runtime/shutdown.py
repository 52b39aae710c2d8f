"""Being told to stop: the first SIGTERM or Ctrl-C begins the end, the second one is it."""

import logging
import os
import signal
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from itertools import count
from types import FrameType
from typing import Any, Final

import structlog

from bot.runtime.stop_signals import STOPS

Handler = Callable[[int, FrameType | None], Any] | int | None
HARD_END_SECONDS: Final = 28.0
"""Draining takes 25 s at most, and platforms kill after 30: what hangs then is told of, and ended."""

TELLING_SECONDS: Final = 0.5
"""Standard output may be what hangs: a pipe that nobody reads."""

log = structlog.get_logger(__name__)


@contextmanager
def stop_on_signals(
    begin: Callable[[], None], under_way: Callable[[], int], hard_end_seconds: float = HARD_END_SECONDS
) -> Iterator[None]:
    """Within it the first of STOPS calls ``begin``, and one more ends the process: at once, with status 1. So does a
    process that has not ended by itself after ``hard_end_seconds``. Afterwards, when all is
    done, one more ends it with status 0.

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
    except BaseException:
        _put_back(before)
        raise
    else:
        _put_back(dict.fromkeys(STOPS, _end_well) if next(told) > 1 else before)
    finally:
        hard_end.cancel()


def _put_back(handlers: Mapping[signal.Signals, Handler]) -> None:
    for stop, handler in handlers.items():
        signal.signal(stop, handler)


def _end_well(sig: int, frame: FrameType | None) -> None:
    """Told again when all is done, and only Python itself has still to end."""
    os._exit(0)


def _end_at_once(given_up: int) -> None:
    """In a thread, as the main one may have been interrupted in the middle of a line, and has to end that first.

    ``os._exit`` and no exception: an exception would be caught, wait for threads, and print itself.
    """
    telling = threading.Thread(target=_tell_and_end, args=(given_up,), daemon=True)
    telling.start()
    telling.join(TELLING_SECONDS)
    os._exit(1)


def _tell_and_end(given_up: int) -> None:
    """In the last line: who has one more waits for the handlers, until there is nobody any more."""
    for handler in logging.getLogger().handlers:
        handler.acquire()
    log.warning("ended_at_once", given_up=given_up)
    os._exit(1)
