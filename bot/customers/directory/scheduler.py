"""The schedule of the directory's sync in a running bot."""

import asyncio
import random
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Final

import structlog

from bot.customers.directory.sync import DirectorySync, SyncProgress
from bot.errors import StoreUnavailable, SyncInProgress
from bot.runtime.logging import new_code

FIRST_WAIT_SECONDS: Final = 30.0
"""Users come first when a process starts. The same wait follows a check while the database was unavailable."""
LONGEST_WAIT_SECONDS: Final = 600.0
SHORTEST_WAIT_SECONDS: Final = 1.0

log = structlog.get_logger(__name__)


async def keep_in_sync(
    sync: DirectorySync,
    period_hours: float,
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    progress: Callable[[SyncProgress], None] = lambda _: None,
) -> None:
    """Sync whenever the last complete sync is ``period_hours`` old, until cancelled; 0: never.

    A sync that stopped early, in this process or another, is resumed at the next check. The time between checks is
    random by 10 %, so that processes that started together do not check together. A bug is logged and ends nothing.
    """
    if not period_hours:
        return
    period_seconds = period_hours * 3_600
    wait = FIRST_WAIT_SECONDS
    while True:
        await sleep(wait * random.uniform(0.9, 1.1))
        wait = max(SHORTEST_WAIT_SECONDS, min(period_seconds / 10, LONGEST_WAIT_SECONDS))
        try:
            if await sync.is_due(period_seconds):
                with suppress(SyncInProgress):
                    await sync.run(progress)
        except StoreUnavailable:
            wait = FIRST_WAIT_SECONDS
        except Exception:
            log.exception("directory_sync_failed", code=new_code())
