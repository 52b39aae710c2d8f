"""Forgetting in every process what one has heard of: customers who are forgotten, people and channels that changed.

The database has it all. A command line forgets a customer, and Slack tells one process alone of a change.
"""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Final

import structlog

from bot.errors import StoreUnavailable
from bot.runtime.logging import new_code
from bot.runtime.tasks import BackgroundTasks
from bot.store.store import Store

LOOK_SECONDS: Final = 1.0
"""How often a process looks: together with the look itself less than the two seconds that are promised."""

Drop = Callable[[str], None]
"""Forgets something, by its id, wherever somebody keeps it in memory."""

log = structlog.get_logger(__name__)


class Invalidation:
    """Tells those that keep things in memory what to forget. ``sleep`` waits for seconds."""

    def __init__(
        self, store: Store, background: BackgroundTasks, sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
    ) -> None:
        self._store = store
        self._background = background
        self._sleep = sleep
        self._of_customers: list[Drop] = []
        self._of_changes: list[Drop] = []
        self._forget = self._change = 0
        """The places of the last that were told."""
        self._unannounced: set[str] = set()
        self._announcing = asyncio.Lock()

    def tell(self, *drops: Drop) -> None:
        """Have these called for every customer that is forgotten from now on."""
        self._of_customers += drops

    def tell_of_changes(self, *drops: Drop) -> None:
        """Have these called for every person and every channel that changes in Slack from now on, whichever it is."""
        self._of_changes += drops

    def changed(self, slack_id: str) -> None:
        """Slack says, to this process alone, that a person or a channel changed: forgotten here at once, then told."""
        if slack_id:
            self._drop_changed(slack_id)
            self._unannounced.add(slack_id)
            self._background.start(self._announce())

    async def run(self, every_seconds: float) -> None:
        """Look again and again, until it is cancelled. A bug is no end of the looks."""
        while True:
            await self._announce()
            await self._look()
            await self._sleep(every_seconds)

    async def _announce(self) -> None:
        """All that is left, in one go. What the database does not take now it is given at the next look."""
        async with self._announcing:
            slack_ids, self._unannounced = self._unannounced, set()
            try:
                if slack_ids:
                    await self._store.invalidations.announce(slack_ids)
            except StoreUnavailable:
                self._unannounced |= slack_ids
            except Exception:
                log.exception("announcing_failed", code=new_code())

    async def _look(self) -> None:
        """What cannot be read now is read at the next look."""
        try:
            news = await self._store.invalidations.after(self._forget, self._change)
            for place, slack_id in news.changes:
                self._drop_changed(slack_id)
                self._change = place
            for place, customer_id in news.forgets:
                self._drop_customer(customer_id)
                self._forget = place
        except StoreUnavailable:
            return
        except Exception:
            log.exception("forgetting_failed", code=new_code())

    def _drop_changed(self, slack_id: str) -> None:
        for drop in self._of_changes:
            drop(slack_id)
        log.debug("change_forgotten", slack_id=slack_id)  # people change their status all day long

    def _drop_customer(self, customer_id: str) -> None:
        self._store.saved_customers.drop_latest()
        for drop in self._of_customers:
            drop(customer_id)
        log.info("customer_forgotten", customer_id=customer_id)
