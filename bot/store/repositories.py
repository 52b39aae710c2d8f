"""From DATABASE_URL to a database that can be used, and the parts that use it."""

from collections.abc import Callable
from typing import NamedTuple

from bot.store.audit_log import Accesses
from bot.store.card_outcomes import Silences
from bot.store.claims import Claims
from bot.store.crm_tokens import CrmTokens
from bot.store.database import Database
from bot.store.directory import Customers
from bot.store.engine import engine_for
from bot.store.erasure import Forgets
from bot.store.invalidations import Announcements
from bot.store.mutes import Mutes
from bot.store.reveal_quota import RevealTimes
from bot.store.saved_customers import Shelves
from bot.store.schema import bring_up_to_date
from bot.store.sync_state import Syncs


class Connected(NamedTuple):
    """A database whose schema is known, and what is kept there."""

    database: Database
    claims: Claims
    mutes: Mutes
    shelves: Shelves
    customers: Customers
    silences: Silences
    syncs: Syncs
    reveals: RevealTimes
    forgets: Forgets
    announcements: Announcements
    accesses: Accesses
    crm_tokens: CrmTokens


async def connect(url: str, now: Callable[[], float]) -> Connected:
    """Raises StoreUnavailable."""
    database = Database(engine_for(url))
    try:
        await bring_up_to_date(database)
    except BaseException:
        await database.close()
        raise
    return Connected(
        database,
        Claims(database, now),
        Mutes(database, now),
        Shelves(database, now),
        Customers(database, now),
        Silences(database),
        Syncs(database, now),
        RevealTimes(database, now),
        Forgets(database, now),
        Announcements(database, now),
        Accesses(database),
        CrmTokens(database, now),
    )
