"""How much is asked of the CRM at once, who waits, and who is told that it is too much."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Final, TypeVar

from bot.crm.circuit_breaker import CircuitBreaker
from bot.errors import CrmError, CrmRejected, CrmStatusError, CrmThrottled

WAITING_EACH: Final = 12
"""For each request that may be under way so many may wait: about as many as are served in the time that they wait."""
LONGEST_PAUSE_SECONDS: Final = 300.0
"""A Retry-After beyond this is not believed."""

T = TypeVar("T")


class ConcurrencyLimit:
    """Every request to the CRM passes here, in the order in which they came.

    At most ``at_once`` are under way. The others wait for at most ``wait_seconds``: what is left of a lookup's time
    then is for the request itself. ``now`` is a clock in seconds, and ``sleep`` waits for some.
    """

    def __init__(
        self,
        at_once: int,
        wait_seconds: float,
        now: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._places = asyncio.Semaphore(at_once)
        self.max_waiting = WAITING_EACH * at_once
        self._wait_seconds = wait_seconds
        self._now = now
        self._sleep = sleep
        self._paused_until = 0.0
        self.breakers: dict[str, CircuitBreaker] = {}
        """One an operation: a list that fails keeps nobody from GetCustomer."""
        self.waiting = 0
        self.under_way = 0
        self.trouble = ""
        """Why the last request had no answer that can be used, in one line; "" if it had one."""

    async def ask(self, request: Callable[[], Awaitable[T]], operation: str, about: str = "") -> T:
        """What ``request``, one of the CRM's ``operation``, gives. ``about`` says of which customer; "": of none.

        Raises CircuitOpen or CrmThrottled where it is not even asked, and what ``request`` raises.
        """
        breaker = self._breaker(operation)
        breaker.check()  # before the queue: nobody waits in vain
        async with self._place():
            with breaker.attempt(about):
                return await self._noted(request)

    def _breaker(self, operation: str) -> CircuitBreaker:
        if operation not in self.breakers:
            self.breakers[operation] = CircuitBreaker(operation, self._wait_seconds / 2, self._now)
        return self.breakers[operation]

    async def _noted(self, request: Callable[[], Awaitable[T]]) -> T:
        try:
            answer = await request()
        except CrmError as error:
            self.trouble = "" if isinstance(error, CrmRejected) else str(error)
            if isinstance(error, CrmStatusError):
                self._pause(error.retry_after_seconds)
            raise
        self.trouble = ""
        return answer

    def _pause(self, seconds: float) -> None:
        self._paused_until = max(self._paused_until, self._now() + min(seconds, LONGEST_PAUSE_SECONDS))

    @asynccontextmanager
    async def _place(self) -> AsyncIterator[None]:
        """Raises CrmThrottled."""
        if self._places.locked() and self.waiting >= self.max_waiting:
            raise CrmThrottled(f"{self.waiting} requests wait already", self._wait_seconds)
        self.waiting += 1
        try:
            async with asyncio.timeout(self._wait_seconds):
                await self._places.acquire()
        except TimeoutError:
            raise CrmThrottled(f"no turn within {self._wait_seconds:g} s", self._wait_seconds) from None
        finally:
            self.waiting -= 1
        self.under_way += 1
        try:
            await self._sit_out_the_pause()
            yield
        finally:
            self.under_way -= 1
            self._places.release()

    async def _sit_out_the_pause(self) -> None:
        """The CRM has said when it wants to be asked again (Retry-After). Raises CrmThrottled if that is too late."""
        while (seconds := self._paused_until - self._now()) > 0:
            if seconds > self._wait_seconds:
                raise CrmThrottled(f"asked to wait for {seconds:.0f} s", seconds)
            await self._sleep(seconds)
