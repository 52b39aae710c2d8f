"""When the directory is synced by itself: beside the answers to people, and never in their way."""

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
"""The start of a process belongs to the people who wait for it. A database that gives no answer gets as long."""
LONGEST_WAIT_SECONDS: Final = 600.0
SHORTEST_WAIT_SECONDS: Final = 1.0

log = structlog.get_logger(__name__)


async def keep_in_sync(
    sync: DirectorySync,
    period_hours: float,
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    progress: Callable[[SyncProgress], None] = lambda _: None,
) -> None:
    """Sync whenever ``period_hours`` have passed since the last sync was complete, until it is cancelled; 0: never.

    A sync that stopped early, and one that another process did not end, goes on at the next look. Processes that were
    started together do not look together.
    """
    if not period_hours:
        return
    period_seconds = period_hours * 3_600
    between = max(SHORTEST_WAIT_SECONDS, min(period_seconds / 10, LONGEST_WAIT_SECONDS))
    wait = FIRST_WAIT_SECONDS
    while True:
        await sleep(wait * random.uniform(0.9, 1.1))
        wait = between if await _has_looked(sync, period_seconds, progress) else FIRST_WAIT_SECONDS


async def _has_looked(sync: DirectorySync, period_seconds: float, progress: Callable[[SyncProgress], None]) -> bool:
    """Sync if it is due; False if the database could not tell. A bug is no end of the syncs."""
    try:
        if await sync.is_due(period_seconds):
            with suppress(SyncInProgress):
                await sync.run(progress)
    except StoreUnavailable:
        return False
    except Exception:
        log.exception("directory_sync_failed", code=new_code())
    return True
