"""The private answers about the customers asked for most, kept with all that has been made of them."""

from collections.abc import Callable
from typing import Final, NamedTuple

from cachetools import LRUCache

from bot.customers.cache import CacheEntry
from bot.domain.query import ReadAs
from bot.domain.records import ServiceSummary
from bot.domain.results import Found

HOTTEST: Final = 300
"""Answers: with their cards some 10 kB each."""


class _Kept(NamedTuple):
    copy: CacheEntry
    summary: ServiceSummary | None
    found: Found


class ResultCache:
    """Each is that of one copy of the profile, and is good for as long as that copy is shown: another one replaces it.

    What one asker alone may see is the same for all of them. No other audience's answers come here.
    """

    def __init__(self) -> None:
        self._kept: LRUCache[tuple[str, ReadAs], _Kept] = LRUCache(HOTTEST)

    def of(self, copy: CacheEntry, read_as: ReadAs, summary: ServiceSummary | None, make: Callable[[], Found]) -> Found:
        """The answer for ``copy``, or what ``make`` makes of it now."""
        place = copy.profile.customer_id, read_as
        kept = self._kept.get(place)
        if kept is None or kept.copy is not copy or kept.summary != summary:
            kept = self._kept[place] = _Kept(copy, summary, make())
        return kept.found

    def drop(self, customer_id: str) -> None:
        """The customer was forgotten."""
        for place in [place for place in self._kept if place[0] == customer_id]:
            self._kept.pop(place, None)
