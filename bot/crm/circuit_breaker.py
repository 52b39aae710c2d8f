"""The circuit breaker: an operation that keeps failing is not called for a while, then probed by single requests."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from enum import StrEnum
from typing import Final

import structlog

from bot.errors import CircuitOpen, CrmError, CrmStatusError, CrmUnreachable

FAILURES: Final = 5
"""In a row, and the circuit opens."""
FIRST_OPEN_SECONDS: Final = 2.0
LONGEST_OPEN_SECONDS: Final = 30.0
"""With each failed probe the circuit stays open twice as long."""
PROBE_SECONDS: Final = 1.0
"""When to retry while one request probes whether the CRM responds again."""

log = structlog.get_logger(__name__)


class CircuitState(StrEnum):
    CLOSED = "closed"
    OPEN = "open"
    HALF_OPEN = "half_open"


class CircuitBreaker:
    """The circuit breaker of one ``operation`` of the CRM. ``now`` is a clock in seconds.

    A request cancelled after at least ``slow_seconds`` counts as a failure. Failures in a row about the same subject
    count once: one customer that the CRM cannot show is no outage.
    """

    def __init__(self, operation: str, slow_seconds: float, now: Callable[[], float] = time.monotonic) -> None:
        self._operation = operation
        self._slow_seconds = slow_seconds
        self._now = now
        self._failures = 0
        self._failed_subject = ""
        self._next_open_seconds = FIRST_OPEN_SECONDS
        self._open_until = 0.0
        self.state = CircuitState.CLOSED

    @property
    def open_seconds(self) -> float:
        """How long until the next request may probe the operation."""
        return max(0.0, self._open_until - self._now())

    def check(self) -> None:
        """Raises CircuitOpen if a request would be refused now."""
        if self.state is CircuitState.OPEN and self.open_seconds > 0:
            raise CircuitOpen(self.open_seconds)
        if self.state is CircuitState.HALF_OPEN:
            raise CircuitOpen(PROBE_SECONDS)

    @contextmanager
    def attempt(self, subject: str) -> Iterator[None]:
        """Around one request. ``subject`` is the customer or the text it asks for, "" for none. Raises CircuitOpen."""
        self.check()
        if self.state is CircuitState.OPEN:
            self.state = CircuitState.HALF_OPEN
        began = self._now()
        try:
            yield
        except CrmError as error:
            if is_outage(error):
                self._fail(subject)
            else:
                self._close()
            raise
        except BaseException:
            if self._now() - began >= self._slow_seconds:
                self._fail(subject)
            elif self.state is CircuitState.HALF_OPEN:
                self.state = CircuitState.OPEN  # a probe cancelled early shows nothing: the next request probes again
            raise
        self._close()

    def _close(self) -> None:
        if self.state is not CircuitState.CLOSED:
            log.info("crm_back", operation=self._operation)
        self.state = CircuitState.CLOSED
        self._failures, self._failed_subject = 0, ""
        self._next_open_seconds = FIRST_OPEN_SECONDS

    def _fail(self, subject: str) -> None:
        if not subject or subject != self._failed_subject:
            self._failures += 1
        self._failed_subject = subject
        if self.state is CircuitState.OPEN or (self.state is CircuitState.CLOSED and self._failures < FAILURES):
            return  # requests still under way when the circuit opened change nothing
        log.warning("crm_rests", operation=self._operation, seconds=self._next_open_seconds)
        self.state = CircuitState.OPEN
        self._open_until = self._now() + self._next_open_seconds
        self._next_open_seconds = min(2 * self._next_open_seconds, LONGEST_OPEN_SECONDS)


def is_outage(error: Exception) -> bool:
    """Whether the CRM failed to respond, so that the same request may succeed later. Anything else is its response."""
    return isinstance(error, CrmUnreachable) or (isinstance(error, CrmStatusError) and error.is_retryable)
