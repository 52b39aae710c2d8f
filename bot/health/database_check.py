"""Whether the database can be read and written, and how well the directory in it is filled."""

import time
from typing import Final

from bot.customers.directory.entries import key_id
from bot.domain.health import CheckResult, Fact, Part, TextKey, Timestamp, failed, note, ok
from bot.errors import StoreUnavailable
from bot.health.context import HealthContext
from bot.privacy.keys import directory_key

OVERDUE: Final = 2
"""The next sync is overdue after this many times DIRECTORY_SYNC_HOURS, however long it takes."""
_HOUR_SECONDS: Final = 3_600


async def check_database(context: HealthContext) -> list[CheckResult]:
    await context.store.first_attempt.wait()  # a process that has just started may still be opening it
    began = time.perf_counter()
    try:
        await context.store.claims.release("doctor")  # a write that changes nothing: there is no such claim
        ms = round((time.perf_counter() - began) * 1000)
        directory = await check_directory(context)
    except StoreUnavailable as error:
        return [failed(Part.DATABASE, TextKey.DATABASE_TROUBLE, reason=str(error))]
    url = context.settings.database_url.get_secret_value().lower()
    kind = "SQLite" if url.startswith("sqlite:") else "PostgreSQL"
    return [ok(Part.DATABASE, TextKey.DATABASE_FINE, kind=kind, ms=ms), directory]


async def check_directory(context: HealthContext) -> CheckResult:
    """Raises StoreUnavailable."""
    key, network = directory_key(context.settings), context.settings.service_network
    known = await context.store.directory.stats(network, key_id(key))
    finished_at = await context.store.sync_state.finished_at(network)
    counts: dict[str, Fact] = {"customers": known.customers, "contacts": known.with_contacts}
    if finished_at is None:
        return note(Part.DIRECTORY, TextKey.NEVER_SYNCED, **counts)
    counts["at"] = Timestamp(finished_at)
    period_seconds = context.settings.directory_sync_hours * _HOUR_SECONDS
    if 0 < OVERDUE * period_seconds < context.now() - finished_at:
        return note(Part.DIRECTORY, TextKey.SYNC_OVERDUE, **counts)
    if key is None:
        return note(Part.DIRECTORY, TextKey.NO_KEY, **counts)
    return ok(Part.DIRECTORY, TextKey.DIRECTORY_FINE, **counts)
