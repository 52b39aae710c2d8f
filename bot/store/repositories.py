"""From DATABASE_URL to a database that can be used, and the parts that use it."""

from collections.abc import Callable
from typing import NamedTuple

from bot.store.audit_log import AuditTable
from bot.store.card_outcomes import CardOutcomeTable
from bot.store.claims import ClaimTable
from bot.store.crm_tokens import TokenTable
from bot.store.database import Database
from bot.store.directory import DirectoryTable
from bot.store.engine import engine_for
from bot.store.erasure import ErasureTable
from bot.store.invalidations import InvalidationTable
from bot.store.mutes import MuteTable
from bot.store.reveal_quota import RevealTable
from bot.store.saved_customers import SavedCustomersTable
from bot.store.schema import bring_up_to_date
from bot.store.sync_state import SyncTable


class Connected(NamedTuple):
    """A database whose schema is known, and what is kept there."""

    database: Database
    claims: ClaimTable
    mutes: MuteTable
    saved_customers: SavedCustomersTable
    directory: DirectoryTable
    card_outcomes: CardOutcomeTable
    sync_state: SyncTable
    reveal_quota: RevealTable
    erasures: ErasureTable
    invalidations: InvalidationTable
    audit_log: AuditTable
    crm_tokens: TokenTable


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
        ClaimTable(database, now),
        MuteTable(database, now),
        SavedCustomersTable(database, now),
        DirectoryTable(database, now),
        CardOutcomeTable(database),
        SyncTable(database, now),
        RevealTable(database, now),
        ErasureTable(database, now),
        InvalidationTable(database, now),
        AuditTable(database),
        TokenTable(database, now),
    )
