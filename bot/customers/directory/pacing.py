"""Rate-limited requests for hours: retried after failures, and with the lease of the sync renewed in between."""

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Final, TypeVar

from bot.crm.concurrency import crm_deadline
from bot.errors import CrmError, CrmRetryLater, CrmUnauthorized

if TYPE_CHECKING:
    from bot.store.sync_state import SyncLease

WAIT_SECONDS: Final = (1.0, 2.0, 4.0, 8.0)
"""The wait before each retry."""

T = TypeVar("T")


class PacedRequests:
    """Sends one request at a time, at most ``per_second`` of them and evenly spaced.

    Retries of the CRM client itself do not count. ``now`` is a clock in seconds.
    """

    def __init__(
        self, lease: "SyncLease", per_second: float, now: Callable[[], float], sleep: Callable[[float], Awaitable[None]]
    ) -> None:
        self._lease = lease
        self._interval_seconds = 1 / per_second
        self._now = now
        self._sleep = sleep
        self._sent_at = now() - self._interval_seconds

    async def send(self, request: Callable[[], Awaitable[T]]) -> T:
        """The response of ``request``, which is retried after failures that may pass.

        Raises CrmError; StoreUnavailable and SyncInProgress if the lease cannot be renewed.
        """
        waits = iter(WAIT_SECONDS)
        while True:
            passed = max(0.0, self._now() - self._sent_at)  # a clock that was set back must not lengthen the wait
            await self._wait(self._interval_seconds - passed)
            self._sent_at = self._now()
            try:
                async with crm_deadline(self._lease.step_seconds):
                    return await request()
            except CrmRetryLater as error:  # not a try: the users' requests come first
                await self._wait(error.retry_after_seconds)
            except CrmError as error:
                wait = next(waits, None)
                if wait is None or isinstance(error, CrmUnauthorized):
                    raise
                await self._wait(wait)

    async def _wait(self, seconds: float) -> None:
        """Sleep in steps, between which the lease is renewed."""
        await self._lease.renew()
        while seconds > 0:
            step = min(seconds, self._lease.step_seconds)
            await self._sleep(step)
            await self._lease.renew()
            seconds -= step
