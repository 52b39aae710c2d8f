"""From DATABASE_URL to a database that can be used, and the parts that use it."""

from collections.abc import Callable
from typing import NamedTuple

from bot.store.audit_log import AuditLogRepository
from bot.store.card_outcomes import CardOutcomeRepository
from bot.store.claims import ClaimRepository
from bot.store.crm_tokens import CrmTokenRepository
from bot.store.database import Database
from bot.store.directory import DirectoryRepository
from bot.store.engine import engine_for
from bot.store.erasures import ErasureRepository
from bot.store.invalidations import InvalidationRepository
from bot.store.mutes import MuteRepository
from bot.store.reveal_quota import RevealQuotaRepository
from bot.store.saved_customers import SavedCustomersRepository
from bot.store.schema import bring_up_to_date
from bot.store.sync_state import SyncStateRepository


class Connected(NamedTuple):
    """A database whose schema is known, and what is kept there."""

    database: Database
    claims: ClaimRepository
    mutes: MuteRepository
    saved_customers: SavedCustomersRepository
    directory: DirectoryRepository
    card_outcomes: CardOutcomeRepository
    sync_state: SyncStateRepository
    reveal_quota: RevealQuotaRepository
    erasures: ErasureRepository
    invalidations: InvalidationRepository
    audit_log: AuditLogRepository
    crm_tokens: CrmTokenRepository


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
        ClaimRepository(database, now),
        MuteRepository(database, now),
        SavedCustomersRepository(database, now),
        DirectoryRepository(database, now),
        CardOutcomeRepository(database),
        SyncStateRepository(database, now),
        RevealQuotaRepository(database, now),
        ErasureRepository(database, now),
        InvalidationRepository(database, now),
        AuditLogRepository(database),
        CrmTokenRepository(database, now),
    )
