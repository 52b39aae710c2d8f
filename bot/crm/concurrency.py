"""The limits of requests to the CRM: how many at once, how many wait, for how long, and how long a call may take."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Final, TypeVar

from bot.crm.circuit_breaker import CircuitBreaker
from bot.errors import CrmError, CrmRejected, CrmStatusError, CrmThrottled, CrmUnreachable

WAITING_EACH: Final = 12
"""So many may wait for each request that may be under way: about as many as are served in the time that they wait."""
LONGEST_PAUSE_SECONDS: Final = 300.0
"""A longer Retry-After is cut to this."""
LATE: Final = "no answer before the deadline"

T = TypeVar("T")


class ConcurrencyLimit:
    """Runs all requests to the CRM, first come, first served, and ``limit`` of them at once.

    The others wait for at most ``wait_seconds``: what is left of a lookup's time then is for the request itself.
    ``now`` is a clock in seconds, and ``sleep`` waits for some.
    """

    def __init__(
        self,
        limit: int,
        wait_seconds: float,
        now: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._slots = asyncio.Semaphore(limit)
        self.max_waiting = WAITING_EACH * limit
        self._wait_seconds = wait_seconds
        self._now = now
        self._sleep = sleep
        self._paused_until = 0.0
        self.breakers: dict[str, CircuitBreaker] = {}
        """By operation: a list that fails does not stop GetCustomer."""
        self.waiting = 0
        self.under_way = 0
        self.trouble = ""
        """Why the last request had no usable response, in one line; "" if it had one."""

    async def run(self, request: Callable[[], Awaitable[T]], operation: str, subject: str = "") -> T:
        """The result of ``request``, a call of ``operation``. ``subject`` is what it asks for, "" for none.

        Raises CircuitOpen or CrmThrottled if it was not sent, and what ``request`` raises.
        """
        if operation not in self.breakers:
            self.breakers[operation] = CircuitBreaker(operation, self._wait_seconds / 2, self._now)
        breaker = self.breakers[operation]
        breaker.check()  # before the queue: nothing waits in vain
        async with self._slot():
            with breaker.attempt(subject):
                try:
                    result = await request()
                except CrmError as error:
                    self.trouble = "" if isinstance(error, CrmRejected) else str(error)
                    if isinstance(error, CrmStatusError):
                        pause_seconds = min(error.retry_after_seconds, LONGEST_PAUSE_SECONDS)
                        self._paused_until = max(self._paused_until, self._now() + pause_seconds)
                    raise
        self.trouble = ""
        return result

    @asynccontextmanager
    async def _slot(self) -> AsyncIterator[None]:
        """Wait for one of the slots, and for the end of the CRM's Retry-After. Raises CrmThrottled."""
        if self._slots.locked() and self.waiting >= self.max_waiting:
            raise CrmThrottled(f"{self.waiting} requests wait already", self._wait_seconds)
        self.waiting += 1
        try:
            async with asyncio.timeout(self._wait_seconds):
                await self._slots.acquire()
        except TimeoutError:
            raise CrmThrottled(f"no turn within {self._wait_seconds:g} s", self._wait_seconds) from None
        finally:
            self.waiting -= 1
        self.under_way += 1
        try:
            while (seconds := self._paused_until - self._now()) > 0:
                if seconds > self._wait_seconds:
                    raise CrmThrottled(f"asked to wait for {seconds:.0f} s", seconds)
                await self._sleep(seconds)
            yield
        finally:
            self.under_way -= 1
            self._slots.release()


@asynccontextmanager
async def crm_deadline(seconds: float) -> AsyncIterator[None]:
    """Cancels what takes longer than ``seconds``, retries and waiting included. Raises CrmUnreachable then."""
    try:
        async with asyncio.timeout(seconds):
            yield
    except TimeoutError:
        raise CrmUnreachable(LATE) from None
