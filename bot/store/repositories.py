"""The repositories of an open database."""

from collections.abc import Callable

from bot.store.audit_log import AuditLogRepository
from bot.store.card_outcomes import CardOutcomeRepository
from bot.store.claims import ClaimRepository
from bot.store.crm_tokens import CrmTokenRepository
from bot.store.database import Database
from bot.store.directory import DirectoryRepository
from bot.store.erasures import ErasureRepository
from bot.store.invalidations import InvalidationRepository
from bot.store.mutes import MuteRepository
from bot.store.reveal_quota import RevealQuotaRepository
from bot.store.saved_customers import SavedCustomersRepository
from bot.store.sync_state import SyncStateRepository


class Repositories:
    """One repository for each kind of record. ``now`` is the wall clock in epoch seconds."""

    def __init__(self, database: Database, now: Callable[[], float]) -> None:
        self.database = database
        self.claims = ClaimRepository(database, now)
        self.mutes = MuteRepository(database, now)
        self.saved_customers = SavedCustomersRepository(database, now)
        self.directory = DirectoryRepository(database, now)
        self.card_outcomes = CardOutcomeRepository(database, now)
        self.sync_state = SyncStateRepository(database, now)
        self.reveal_quota = RevealQuotaRepository(database, now)
        self.erasures = ErasureRepository(database, now)
        self.invalidations = InvalidationRepository(database, now)
        self.audit_log = AuditLogRepository(database, now)
        self.crm_tokens = CrmTokenRepository(database, now)
