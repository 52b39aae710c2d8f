"""Invalidation in every process: of forgotten customers, and of users and channels that changed in Slack.

Processes exchange both through the database: a customer is forgotten by a command line, and Slack sends the event of a
change to one process only.
"""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Final

import structlog

from bot.errors import StoreUnavailable
from bot.runtime.logging import new_code
from bot.runtime.tasks import BackgroundTasks
from bot.store.store import Store

POLL_SECONDS: Final = 1.0
"""The time between two polls. With the poll itself it stays below the two seconds that are promised."""

Drop = Callable[[str], None]
"""Drops everything that is cached under an id."""

log = structlog.get_logger(__name__)


class Invalidation:
    """Calls its subscribers for every id that was invalidated in any process."""

    def __init__(
        self, store: Store, background: BackgroundTasks, sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
    ) -> None:
        self._store = store
        self._background = background
        self._sleep = sleep
        self._customer_drops: list[Drop] = []
        self._change_drops: list[Drop] = []
        self._last_forget = self._last_change = 0
        """The places up to which the subscribers were called."""
        self._unpublished: set[str] = set()
        self._publishing = asyncio.Lock()

    def subscribe(self, *drops: Drop) -> None:
        """Call these with the id of every customer that is forgotten from now on."""
        self._customer_drops += drops

    def subscribe_to_changes(self, *drops: Drop) -> None:
        """Call these with the id of every user and every channel that changes in Slack from now on."""
        self._change_drops += drops

    def publish_change(self, slack_id: str) -> None:
        """A user or a channel changed: drop it here at once, and publish that to the other processes."""
        if slack_id:
            self._drop_changed(slack_id)
            self._unpublished.add(slack_id)
            self._background.start(self._publish())

    async def run(self, every_seconds: float) -> None:
        """Publish and poll until cancelled. A bug is logged and does not end the polling."""
        while True:
            await self._publish()
            await self._poll()
            await self._sleep(every_seconds)

    async def _publish(self) -> None:
        """Publish all changes at once. While the database is unavailable, they are kept for the next poll."""
        async with self._publishing:
            slack_ids, self._unpublished = self._unpublished, set()
            try:
                if slack_ids:
                    await self._store.invalidations.announce(slack_ids)
            except StoreUnavailable:
                self._unpublished |= slack_ids
            except Exception:
                log.exception("announcing_failed", code=new_code())

    async def _poll(self) -> None:
        try:
            news = await self._store.invalidations.after(self._last_forget, self._last_change)
            for place, slack_id in news.changes:
                self._drop_changed(slack_id)
                self._last_change = place
            for place, customer_id in news.forgets:
                self._store.saved_customers.drop_latest()
                for drop in self._customer_drops:
                    drop(customer_id)
                log.info("customer_forgotten", customer_id=customer_id)
                self._last_forget = place
        except StoreUnavailable:
            return  # the next poll reads it
        except Exception:
            log.exception("forgetting_failed", code=new_code())

    def _drop_changed(self, slack_id: str) -> None:
        for drop in self._change_drops:
            drop(slack_id)
        log.debug("change_forgotten", slack_id=slack_id)  # not info: people change their status all day long
