"""Forgetting customers in this process too: which ones were forgotten stands in the database."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Final

import structlog

from bot.errors import StoreUnavailable
from bot.store.store import Store
from bot.telemetry import new_code

LOOK_SECONDS: Final = 1.0
"""How often a process looks: together with the look itself less than the two seconds that are promised."""

Drop = Callable[[str], None]
"""Forgets a customer, by its id, wherever somebody keeps it in memory."""

log = structlog.get_logger(__name__)


class Forgetting:
    """Tells those that keep customers in memory whom to forget. ``sleep`` waits for seconds."""

    def __init__(self, store: Store, sleep: Callable[[float], Awaitable[None]] = asyncio.sleep) -> None:
        self._store = store
        self._sleep = sleep
        self._drops: list[Drop] = []
        self._place = 0

    def tell(self, *drops: Drop) -> None:
        """Have these called for every customer that is forgotten from now on."""
        self._drops += drops

    async def run(self, every_seconds: float) -> None:
        """Look again and again, until it is cancelled."""
        while True:
            await self._look()
            await self._sleep(every_seconds)

    async def _look(self) -> None:
        """What cannot be read now is read at the next look. A bug is no end of the looks."""
        try:
            for place, customer_id in await self._store.forgets.after(self._place):
                self._forget(customer_id)
                self._place = place
        except StoreUnavailable:
            return
        except Exception:
            log.exception("forgetting_failed", code=new_code())

    def _forget(self, customer_id: str) -> None:
        self._store.shelves.drop_latest()
        for drop in self._drops:
            drop(customer_id)
        log.info("customer_forgotten", customer_id=customer_id)
