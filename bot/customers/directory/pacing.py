"""Asking the CRM for hours without being a burden to it, and without losing the turn to do so."""

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Final, TypeVar

from bot.crm.concurrency import crm_deadline
from bot.errors import CrmError, CrmRetryLater, CrmUnauthorized

if TYPE_CHECKING:
    from bot.store.sync_state import SyncLease

WAIT_SECONDS: Final = (1.0, 2.0, 4.0, 8.0)
"""Before each further try at what has failed."""

T = TypeVar("T")


class PacedRequests:
    """One request at a time, at most ``per_second`` of them, as far apart as that makes them.

    What the client repeats by itself is not counted. ``now`` is in seconds, and ``sleep`` waits for some.
    """

    def __init__(
        self, turn: "SyncLease", per_second: float, now: Callable[[], float], sleep: Callable[[float], Awaitable[None]]
    ) -> None:
        self._turn = turn
        self._apart_seconds = 1 / per_second
        self._now = now
        self._sleep = sleep
        self._asked_at = now() - self._apart_seconds

    async def ask(self, request: Callable[[], Awaitable[T]]) -> T:
        """What ``request`` answers, tried again after failures that may pass.

        Raises CrmError; StoreUnavailable and SyncInProgress if the turn cannot be kept.
        """
        for wait in WAIT_SECONDS:
            try:
                return await self._ask_once(request)
            except CrmUnauthorized:
                raise
            except CrmError:
                await self._wait(wait)
        return await self._ask_once(request)

    async def _ask_once(self, request: Callable[[], Awaitable[T]]) -> T:
        """People come first: while the gate lets nothing more through this waits, and has not tried."""
        while True:
            try:
                return await self._ask_in_time(request)
            except CrmRetryLater as error:
                await self._wait(error.retry_after_seconds)

    async def _ask_in_time(self, request: Callable[[], Awaitable[T]]) -> T:
        passed = self._now() - self._asked_at
        await self._wait(self._apart_seconds - max(0.0, passed))  # a clock that was put back makes nobody wait longer
        self._asked_at = self._now()
        async with crm_deadline(self._turn.step_seconds):
            return await request()

    async def _wait(self, seconds: float) -> None:
        """In steps between which the turn is kept."""
        await self._turn.renew()
        while seconds > 0:
            step = min(seconds, self._turn.step_seconds)
            await self._sleep(step)
            await self._turn.renew()
            seconds -= step
