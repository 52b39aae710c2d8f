"""Deduplication: each event takes effect once, however often Slack delivers it, and to however many processes."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any, Final

import structlog
from cachetools import TLRUCache

from bot.errors import StoreUnavailable
from bot.runtime.logging import new_code
from bot.runtime.tasks import BackgroundTasks
from bot.store.store import Store

EVENT_SECONDS: Final = 900
"""How long an event is remembered: Slack retries at once, after one and after five minutes."""
CLAIM_TIMEOUT_SECONDS: Final = 0.5
MAX_CLAIMS: Final = 50_000

log = structlog.get_logger(__name__)

Claim = Callable[[], Awaitable[bool]]
"""Called immediately before an effect is sent; False if another process sends it."""
Work = Callable[[Claim], Coroutine[Any, Any, None]]
"""Handles an event."""


class EventDeduplicator:
    """Claims names in memory, and in the database where it is available."""

    def __init__(self, store: Store, background: BackgroundTasks, now: Callable[[], float]) -> None:
        self._store = store
        self._background = background
        self._taken: TLRUCache[str, float] = TLRUCache(
            MAX_CLAIMS, ttu=lambda name, seconds, began: began + seconds, timer=now
        )
        self._under_way: set[str] = set()

    def start(self, name: str, acknowledged: asyncio.Event, work: Work) -> asyncio.Task[None] | None:
        """Run ``work`` in the background, unless what has this name is being processed already: an event, a message.

        Nothing is claimed before the event is ``acknowledged``: Slack delivers an unacknowledged event again, and the
        process that gets it must find it unclaimed, even if this one was killed.
        """
        if name in self._under_way:
            return None
        self._under_way.add(name)

        async def claim() -> bool:
            await acknowledged.wait()
            return await self.claim(f"event {name}")

        async def run() -> None:
            try:
                await work(claim)
            except Exception:
                log.exception("event_failed", code=new_code(), event_id=name)
            finally:
                self._under_way.discard(name)

        return self._background.start(run())

    async def claim(self, name: str, seconds: float = EVENT_SECONDS) -> bool:
        """True for one caller only until ``seconds`` have passed; without a database, only within this process."""
        if name in self._taken:
            return False
        self._taken[name] = seconds
        try:
            mine = await self._store.claims.claim(name, seconds)
        except StoreUnavailable as error:
            log.warning("claimed_in_memory_alone", reason=str(error))
            return True
        if not mine:
            self._taken.pop(name, None)  # only the database knows when that claim expires
        return mine

    async def release(self, name: str) -> None:
        """Undo a claim whose effect was not sent."""
        self._taken.pop(name, None)
        try:
            await self._store.claims.release(name)
        except StoreUnavailable as error:
            log.warning("released_in_memory_alone", reason=str(error))


async def claim_in_time(claim: Claim) -> bool:
    """Claim for an effect with a trigger id, which expires soon: a slow database is not waited for."""
    try:
        async with asyncio.timeout(CLAIM_TIMEOUT_SECONDS):
            return await claim()
    except TimeoutError:
        log.warning("claimed_in_memory_alone", reason="the database does not answer in time")
        return True
