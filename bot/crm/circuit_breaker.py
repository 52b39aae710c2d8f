"""Whether the CRM is asked at all: what does not answer is left alone, and tried again by one request at a time."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from enum import StrEnum
from typing import Final

import structlog

from bot.errors import CircuitOpen, CrmError, CrmStatusError, CrmUnreachable

FAILURES: Final = 5
"""In a row. So many, and the CRM rests."""
FIRST_REST_SECONDS: Final = 2.0
LONGEST_REST_SECONDS: Final = 30.0
"""Each rest is twice as long as the one before."""
PROBE_SECONDS: Final = 1.0
"""How soon to come again while one request finds out whether the CRM is back."""

log = structlog.get_logger(__name__)


class CircuitState(StrEnum):
    CLOSED = "closed"
    OPEN = "open"
    HALF_OPEN = "half_open"


class CircuitBreaker:
    """Of one ``operation`` of the CRM. ``now`` is a clock in seconds.

    A request that was given up after ``patience_seconds`` counts as not answered. The same customer asked for again and
    again counts once: one whom the CRM cannot show is no outage.
    """

    def __init__(self, operation: str, patience_seconds: float, now: Callable[[], float] = time.monotonic) -> None:
        self._operation = operation
        self._patience_seconds = patience_seconds
        self._now = now
        self._failures = 0
        self._failed_about = ""
        self._rest_seconds = FIRST_REST_SECONDS
        self._rests_until = 0.0
        self.state = CircuitState.CLOSED

    @property
    def rest_seconds(self) -> float:
        """How long it is still left alone; then one request tries it."""
        return max(0.0, self._rests_until - self._now())

    def check(self) -> None:
        """Raises CircuitOpen if a request would not be let through now."""
        if self.state is CircuitState.OPEN and self._now() < self._rests_until:
            raise CircuitOpen(self._rests_until - self._now())
        if self.state is CircuitState.HALF_OPEN:
            raise CircuitOpen(PROBE_SECONDS)

    @contextmanager
    def attempt(self, about: str) -> Iterator[None]:
        """Around one request. ``about`` says of which customer; "": of none. Raises CircuitOpen."""
        self.check()
        if self.state is CircuitState.OPEN:
            self.state = CircuitState.HALF_OPEN
        began = self._now()
        try:
            yield
        except CrmError as error:
            if is_no_answer(error):
                self._fail(about)
            else:
                self._close()
            raise
        except BaseException:
            self._give_up(about, self._now() - began)
            raise
        self._close()

    def _close(self) -> None:
        if self.state is not CircuitState.CLOSED:
            log.info("crm_back", operation=self._operation)
        self.state = CircuitState.CLOSED
        self._failures, self._failed_about = 0, ""
        self._rest_seconds = FIRST_REST_SECONDS

    def _give_up(self, about: str, seconds: float) -> None:
        """Soon, it says nothing of the CRM: a probe is then repeated by whoever comes next."""
        if seconds >= self._patience_seconds:
            self._fail(about)
        elif self.state is CircuitState.HALF_OPEN:
            self.state = CircuitState.OPEN

    def _fail(self, about: str) -> None:
        if not about or about != self._failed_about:
            self._failures += 1
        self._failed_about = about
        if self.state is CircuitState.HALF_OPEN or (
            self.state is CircuitState.CLOSED and self._failures >= FAILURES
        ):  # those still under way when it opened change nothing
            self._open()

    def _open(self) -> None:
        log.warning("crm_rests", operation=self._operation, seconds=self._rest_seconds)
        self.state = CircuitState.OPEN
        self._rests_until = self._now() + self._rest_seconds
        self._rest_seconds = min(2 * self._rest_seconds, LONGEST_REST_SECONDS)


def is_no_answer(error: Exception) -> bool:
    """Whether the CRM could not answer, so that asking again later may help. All else it says is an answer."""
    return isinstance(error, CrmUnreachable) or (isinstance(error, CrmStatusError) and error.is_retryable)
