"""How often one person may ask, in this process."""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from cachetools import LRUCache

from bot.domain.inquiry import Inquiry, Surface
from bot.domain.results import AnyResult, Found, Limit, Limited, NotFound, RelatedRecords, Several
from bot.runtime.logging import new_code

MAX_PEOPLE: Final = 10_000
MINUTE_SECONDS: Final = 60
MISSES_IN_A_ROW: Final = 10
MISSES_SECONDS: Final = 600
"""Misses within this time count as a walk through ids."""
FIRST_PAUSE_SECONDS: Final = 60
LONGEST_PAUSE_SECONDS: Final = 900
_UNLIMITED: Final = frozenset({Surface.MESSAGE, Surface.LINK_UNFURL, Surface.CLI})
"""Surfaces where nobody asks on purpose, and the command line."""

_Person = tuple[str, str]
"""Team and user."""


@dataclass(slots=True)
class _Misses:
    """A person's lookups without a customer since the last one with a customer."""

    times: deque[float] = field(default_factory=deque)
    pauses: int = 0
    paused_until: float = 0.0


class RateLimiter:
    """Limits lookups per minute, and pauses a person who seems to walk through ids.

    Each pause is longer than the last, until the person finds a customer. Every process counts for itself. ``now`` is
    the wall clock in epoch seconds.
    """

    def __init__(self, lookups_per_minute: float, now: Callable[[], float]) -> None:
        self._lookups_per_minute = lookups_per_minute
        self._now = now
        self._lookups: LRUCache[_Person, deque[float]] = LRUCache(MAX_PEOPLE)
        self._misses: LRUCache[_Person, _Misses] = LRUCache(MAX_PEOPLE)

    def take(self, inquiry: Inquiry) -> Limited | None:
        """Count this inquiry; returns why it is one too many. A refused inquiry is not counted."""
        if inquiry.surface in _UNLIMITED:
            return None
        person, now = (inquiry.asker.team, inquiry.asker.user), self._now()
        misses = self._misses.get(person)
        if misses is not None and misses.paused_until > now:
            return Limited(Limit.UNKNOWN, misses.paused_until - now, new_code())
        lookups = self._lookups.setdefault(person, deque())
        _drop_expired(lookups, MINUTE_SECONDS, now)
        if len(lookups) >= self._lookups_per_minute:
            return Limited(Limit.LOOKUPS, lookups[0] + MINUTE_SECONDS - now, new_code())
        lookups.append(now)
        return None

    def note(self, inquiry: Inquiry, result: AnyResult) -> None:
        """Count a miss, or end the count of misses."""
        if inquiry.surface in _UNLIMITED:
            return
        person, now = (inquiry.asker.team, inquiry.asker.user), self._now()
        if isinstance(result, NotFound):
            misses = self._misses.setdefault(person, _Misses())
            _drop_expired(misses.times, MISSES_SECONDS, now)
            misses.times.append(now)
            if len(misses.times) >= MISSES_IN_A_ROW:
                misses.times.clear()
                misses.paused_until = now + min(FIRST_PAUSE_SECONDS * 2**misses.pauses, LONGEST_PAUSE_SECONDS)
                misses.pauses += 1
        elif isinstance(result, Found | Several | RelatedRecords):
            self._misses.pop(person, None)


def _drop_expired(times: deque[float], seconds: float, now: float) -> None:
    """A time in the future is dropped too: the clock was put back since."""
    while times and not now - seconds < times[0] <= now:
        times.popleft()
