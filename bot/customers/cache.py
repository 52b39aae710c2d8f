"""The cache of customer profiles: bounded, least recently used first out, with the age of every entry."""

from collections.abc import Callable
from typing import NamedTuple

from cachetools import LRUCache

from bot.domain.profile import CustomerKey, CustomerProfile


class CacheEntry(NamedTuple):
    """A profile and when the CRM returned it, in epoch seconds."""

    profile: CustomerProfile
    as_of: float


class ProfileCache:
    """At most ``max_entries`` profiles: fresh for ``ttl_seconds``, usable while the CRM fails for ``stale_seconds``."""

    def __init__(self, max_entries: int, ttl_seconds: float, stale_seconds: float, now: Callable[[], float]) -> None:
        self._entries: LRUCache[CustomerKey, CacheEntry] = LRUCache(max_entries)
        self._ttl_seconds = ttl_seconds
        self._stale_seconds = stale_seconds
        self._now = now

    def __len__(self) -> int:
        return len(self._entries)

    def fresh(self, key: CustomerKey) -> CacheEntry | None:
        """The entry that may be shown as it is. One from the future is not fresh: the clock was set back since."""
        entry = self._entries.get(key)
        return entry if entry is not None and 0 <= self._now() - entry.as_of < self._ttl_seconds else None

    def usable(self, key: CustomerKey) -> CacheEntry | None:
        """The entry that may be shown, with its age, while the CRM fails."""
        entry = self._entries.get(key)
        return entry if entry is not None and self._now() - entry.as_of < self._stale_seconds else None

    def keep(self, key: CustomerKey, profile: CustomerProfile) -> CacheEntry:
        entry = self._entries[key] = CacheEntry(profile, self._now())
        return entry

    def forget(self, key: CustomerKey) -> None:
        self._entries.pop(key, None)

    def drop(self, customer_id: str) -> None:
        """Forget a customer in every service network."""
        for key in [key for key in self._entries if key.customer_id == customer_id]:
            self.forget(key)
