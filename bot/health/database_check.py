"""Whether the database can be read and written, and how well the directory in it is filled."""

import time
from typing import Final

from bot.customers.directory.entries import key_id
from bot.domain.health import Fact, Finding, Moment, Part, Word, failed, note, ok
from bot.errors import StoreUnavailable
from bot.health.context import HealthContext
from bot.privacy.keys import directory_key

OVERDUE: Final = 2
"""So many times DIRECTORY_SYNC_HOURS after a sync the next one should be done, however long it takes."""
_HOUR_SECONDS: Final = 3_600


async def check_database(context: HealthContext) -> list[Finding]:
    """A process that has just started has a moment to open it."""
    await context.store.first_attempt.wait()
    began = time.perf_counter()
    try:
        await context.store.claims.release("doctor")  # nobody's: it is seen whether the database can be written
        ms = round((time.perf_counter() - began) * 1000)
        return [ok(Part.DATABASE, Word.DATABASE_FINE, kind=_kind(context), ms=ms), await _directory(context)]
    except StoreUnavailable as error:
        return [failed(Part.DATABASE, Word.DATABASE_TROUBLE, reason=str(error))]


def _kind(context: HealthContext) -> str:
    url = context.settings.database_url.get_secret_value().lower()
    return "SQLite" if url.startswith("sqlite:") else "PostgreSQL"


async def _directory(context: HealthContext) -> Finding:
    """Raises StoreUnavailable."""
    key = directory_key(context.settings)
    known = await context.store.directory.stats(context.network, key_id(key))
    finished_at = await context.store.sync_state.finished_at(context.network)
    counts: dict[str, Fact] = {"customers": known.customers, "contacts": known.with_contacts}
    if finished_at is None:
        return note(Part.DIRECTORY, Word.NEVER_SYNCED, **counts)
    counts["at"] = Moment(finished_at)
    if _is_overdue(context, finished_at):
        return note(Part.DIRECTORY, Word.SYNC_OVERDUE, **counts)
    if key is None:
        return note(Part.DIRECTORY, Word.NO_KEY, **counts)
    return ok(Part.DIRECTORY, Word.DIRECTORY_FINE, **counts)


def _is_overdue(context: HealthContext, finished_at: float) -> bool:
    hours = context.settings.directory_sync_hours
    return hours > 0 and context.now() - finished_at > OVERDUE * hours * _HOUR_SECONDS
