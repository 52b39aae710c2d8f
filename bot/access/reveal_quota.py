"""How often one person may have masked values revealed, counted over all processes."""

from bot.domain.inquiry import Asker
from bot.domain.results import Limit, Limited
from bot.runtime.logging import new_code
from bot.store.store import Store


class RevealQuota:
    """``per_hour`` reveals of one person in any hour."""

    def __init__(self, store: Store, per_hour: int) -> None:
        self._store = store
        self._per_hour = per_hour

    async def take(self, asker: Asker) -> Limited | None:
        """Count one reveal; returns why it is one too many. Raises StoreUnavailable."""
        seconds = await self._store.reveal_quota.take(asker.team, asker.user, self._per_hour)
        return Limited(Limit.REVEALS, seconds, new_code()) if seconds else None
