"""Whether the database can be read and written, and how well the directory in it is filled."""

import time
from typing import Final

from bot.customers.directory.entries import key_id
from bot.domain.health import Fact, Finding, Moment, Part, Word, failed, note, ok
from bot.errors import StoreUnavailable
from bot.health.context import Patient
from bot.privacy.keys import directory_key

OVERDUE: Final = 2
"""So many times DIRECTORY_SYNC_HOURS after a sync the next one should be done, however long it takes."""
_HOUR_SECONDS: Final = 3_600


async def check_database(patient: Patient) -> list[Finding]:
    """A process that has just started has a moment to open it."""
    await patient.store.tried.wait()
    began = time.perf_counter()
    try:
        await patient.store.claims.release("doctor")  # nobody's: it is seen whether the database can be written
        ms = round((time.perf_counter() - began) * 1000)
        return [ok(Part.DATABASE, Word.DATABASE_FINE, kind=_kind(patient), ms=ms), await _directory(patient)]
    except StoreUnavailable as error:
        return [failed(Part.DATABASE, Word.DATABASE_TROUBLE, reason=str(error))]


def _kind(patient: Patient) -> str:
    url = patient.settings.database_url.get_secret_value().lower()
    return "SQLite" if url.startswith("sqlite:") else "PostgreSQL"


async def _directory(patient: Patient) -> Finding:
    """Raises StoreUnavailable."""
    key = directory_key(patient.settings)
    known = await patient.store.customers.stats(patient.network, key_id(key))
    finished_at = await patient.store.syncs.finished_at(patient.network)
    counts: dict[str, Fact] = {"customers": known.customers, "contacts": known.with_contacts}
    if finished_at is None:
        return note(Part.DIRECTORY, Word.NEVER_SYNCED, **counts)
    counts["at"] = Moment(finished_at)
    if _is_overdue(patient, finished_at):
        return note(Part.DIRECTORY, Word.SYNC_OVERDUE, **counts)
    if key is None:
        return note(Part.DIRECTORY, Word.NO_KEY, **counts)
    return ok(Part.DIRECTORY, Word.DIRECTORY_FINE, **counts)


def _is_overdue(patient: Patient, finished_at: float) -> bool:
    hours = patient.settings.directory_sync_hours
    return hours > 0 and patient.now() - finished_at > OVERDUE * hours * _HOUR_SECONDS
