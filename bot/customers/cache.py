"""The profiles in memory: the least recently used go first, and every copy has an age."""

from collections.abc import Callable
from typing import NamedTuple

from cachetools import LRUCache

from bot.domain.profile import CustomerKey, CustomerProfile


class CacheEntry(NamedTuple):
    """A profile and when the CRM gave it, in epoch seconds."""

    profile: CustomerProfile
    as_of: float


class ProfileCache:
    """At most ``max_entries`` profiles, fresh for ``ttl_seconds`` and usable in need for ``stale_seconds``."""

    def __init__(self, max_entries: int, ttl_seconds: float, stale_seconds: float, now: Callable[[], float]) -> None:
        self._copies: LRUCache[CustomerKey, CacheEntry] = LRUCache(max_entries)
        self._ttl_seconds = ttl_seconds
        self._stale_seconds = stale_seconds
        self._now = now

    def __len__(self) -> int:
        return len(self._copies)

    def fresh(self, key: CustomerKey) -> CacheEntry | None:
        """The copy that may be shown as it is. One of the future is none: the clock was put back since."""
        copy = self._younger_than(self._ttl_seconds, key)
        return copy if copy is not None and copy.as_of <= self._now() else None

    def usable(self, key: CustomerKey) -> CacheEntry | None:
        """The copy that may be shown, with its age, when the CRM does not answer."""
        return self._younger_than(self._stale_seconds, key)

    def keep(self, key: CustomerKey, profile: CustomerProfile) -> CacheEntry:
        copy = self._copies[key] = CacheEntry(profile, self._now())
        return copy

    def forget(self, key: CustomerKey) -> None:
        self._copies.pop(key, None)

    def drop(self, customer_id: str) -> None:
        """Forget a customer in every service network."""
        for key in [key for key in self._copies if key.customer_id == customer_id]:
            self.forget(key)

    def _younger_than(self, seconds: float, key: CustomerKey) -> CacheEntry | None:
        copy = self._copies.get(key)
        return copy if copy is not None and self._now() - copy.as_of < seconds else None
