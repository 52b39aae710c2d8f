"""Handling SIGTERM and SIGINT: the first one starts the shutdown, the second one ends the process."""

import logging
import os
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import count
from types import FrameType
from typing import Final

import structlog

from bot.runtime import STOP_SIGNALS

HARD_END_SECONDS: Final = 28.0
"""Draining takes 25 s at most, and platforms kill after 30: a shutdown that is stuck then is logged and ended."""

LOGGING_SECONDS: Final = 0.5
"""How long the last log line may take: standard output itself may block, as a pipe that has no reader."""

log = structlog.get_logger(__name__)


@contextmanager
def stop_on_signals(
    begin: Callable[[], object], under_way: Callable[[], int], hard_end_seconds: float = HARD_END_SECONDS
) -> Iterator[None]:
    """Call ``begin`` on the first of STOP_SIGNALS, and exit with status 1 on the second one.

    The process also exits with status 1 if its shutdown takes more than ``hard_end_seconds``. A signal after the end
    of the block, when everything is done, exits with status 0.

    ``under_way`` counts the tasks that such an exit gives up. Both functions run in the main thread, between any two
    instructions.
    """
    received = count(1)  # atomic, as one signal may interrupt the handler of another
    hard_end = threading.Timer(hard_end_seconds, lambda: _exit_now(under_way()))
    hard_end.daemon = True

    def handle(sig: int, frame: FrameType | None) -> None:
        match next(received):
            case 1:
                begin()
                hard_end.start()
            case 2:
                _exit_now(under_way())
            case _:  # the log blocks, and the second signal still waits for it
                os._exit(1)

    before = {stop: signal.signal(stop, handle) for stop in STOP_SIGNALS}
    is_stopped = False
    try:
        yield
        is_stopped = next(received) > 1
    finally:
        for stop, previous in before.items():
            signal.signal(stop, (lambda *_: os._exit(0)) if is_stopped else previous)
        hard_end.cancel()


def _exit_now(given_up: int) -> None:
    """Log the last line and exit with status 1, without waiting.

    In threads, as a signal may have interrupted the main one in the middle of a log line, which it has to end first.
    With ``os._exit``, as an exception would be caught, wait for threads, and print itself.
    """

    def log_and_exit() -> None:
        for handler in logging.getLogger().handlers:
            handler.acquire()  # never released: no thread writes a line after this one
        log.warning("ended_at_once", given_up=given_up)
        os._exit(1)

    for thread in (threading.Timer(LOGGING_SECONDS, os._exit, (1,)), threading.Thread(target=log_and_exit)):
        thread.daemon = True
        thread.start()
