"""Found customers as their audience may see them; the results asked for most are kept with their cards."""

from collections.abc import Callable
from dataclasses import replace
from typing import Final, NamedTuple

from cachetools import LRUCache

from bot.customers.cache import CacheEntry
from bot.customers.lookup import LookupResult
from bot.domain.inquiry import Audience
from bot.domain.links import CustomerLinks
from bot.domain.query import ReadAs
from bot.domain.records import ServiceSummary
from bot.domain.results import CacheState, Found
from bot.privacy.filter import private_view, visible_profile
from bot.privacy.policy import FieldPolicy

MAX_RESULTS: Final = 300
"""Kept results: with their cards some 10 kB each."""


class _Kept(NamedTuple):
    entry: CacheEntry
    summary: ServiceSummary | None
    found: Found


class ResultCache:
    """Filters profiles, and keeps private results: an asker sees what every other asker sees.

    A kept result holds for one cache entry of the profile and is replaced with it. ``now`` is the wall clock in epoch
    seconds.
    """

    def __init__(self, links: CustomerLinks, policy: FieldPolicy, now: Callable[[], float]) -> None:
        self._links = links
        self._policy = policy
        self._now = now
        self._kept: LRUCache[tuple[str, ReadAs], _Kept] = LRUCache(MAX_RESULTS)

    def found(
        self, result: LookupResult, audience: Audience, read_as: ReadAs, summary: ServiceSummary | None = None
    ) -> Found:
        """Only results of an id are kept: a search may have waited since it saw its entry, which may be forgotten."""
        entry = result.entry
        if audience is not Audience.PRIVATE or result.cache is not CacheState.HIT or not read_as.names_the_id:
            return self._filtered(result, audience, read_as, summary)
        key = entry.profile.customer_id, read_as
        kept = self._kept.get(key)
        if kept is None or kept.entry is not entry or kept.summary != summary:
            found = replace(self._filtered(result, audience, read_as, summary), memo={})
            kept = self._kept[key] = _Kept(entry, summary, found)
        return replace(kept.found, age=self._age(entry))

    def drop(self, customer_id: str) -> None:
        """Invalidate the results of one customer."""
        for key in [key for key in self._kept if key[0] == customer_id]:
            self._kept.pop(key, None)

    def _filtered(
        self, result: LookupResult, audience: Audience, read_as: ReadAs, summary: ServiceSummary | None
    ) -> Found:
        profile, as_of = result.entry
        if audience is Audience.PRIVATE:
            seen, is_masked = private_view(profile, self._policy)
        else:
            seen, is_masked = visible_profile(profile, audience, self._policy), False
        return Found(
            seen,
            as_of,
            age=self._age(result.entry),
            cache=result.cache,
            failure=result.failure,
            audience=audience,
            url=self._links.url(profile.customer_id),
            read_as=read_as,
            summary=None if audience is Audience.CHANNEL else summary,
            is_masked=is_masked,
        )

    def _age(self, entry: CacheEntry) -> float:
        return max(0.0, self._now() - entry.as_of)
