"""How often one person may ask, in this process."""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from cachetools import LRUCache

from bot.domain.inquiry import Inquiry, Surface
from bot.domain.results import AnyResult, Found, Limit, Limited, NotFound, RelatedRecords, Several
from bot.runtime.logging import new_code

REMEMBERED_PEOPLE: Final = 10_000
MINUTE_SECONDS: Final = 60
MISSES_IN_A_ROW: Final = 10
WALK_SECONDS: Final = 600
"""Within which they have to be, to be a walk."""
FIRST_PAUSE_SECONDS: Final = 60
LONGEST_PAUSE_SECONDS: Final = 900
_UNCOUNTED: Final = frozenset({Surface.MESSAGE, Surface.LINK_UNFURL, Surface.CLI})

_Person = tuple[str, str]
"""Team and user."""


class RateLimiter:
    """Of one person in this process: what others have used up elsewhere is not known here.

    ``lookups_per_minute`` counts what somebody asks for on purpose; cards that come by themselves are nobody's doing.
    Besides, many in a row whom the CRM does not know are a walk through ids: then the person has to pause, each time
    for longer, until somebody is found. ``now`` is the wall clock in epoch seconds.
    """

    def __init__(self, lookups_per_minute: float, now: Callable[[], float]) -> None:
        self._lookups_per_minute = lookups_per_minute
        self._now = now
        self._lookups: LRUCache[_Person, deque[float]] = LRUCache(REMEMBERED_PEOPLE)
        self._walks: LRUCache[_Person, _Walk] = LRUCache(REMEMBERED_PEOPLE)

    def take(self, inquiry: Inquiry) -> Limited | None:
        """Count this inquiry; why it is one too many. One that is refused is not counted."""
        if inquiry.surface in _UNCOUNTED:
            return None
        person, now = _person(inquiry), self._now()
        walk = self._walks.get(person)
        if walk is not None and walk.paused_until > now:
            return Limited(Limit.UNKNOWN, walk.paused_until - now, new_code())
        lookups = self._lookups.setdefault(person, deque())
        _keep_between(now - MINUTE_SECONDS, now, lookups)
        if len(lookups) >= self._lookups_per_minute:
            return Limited(Limit.LOOKUPS, lookups[0] + MINUTE_SECONDS - now, new_code())
        lookups.append(now)
        return None

    def note(self, inquiry: Inquiry, result: AnyResult) -> None:
        """What came of it."""
        if inquiry.surface in _UNCOUNTED:
            return
        if isinstance(result, NotFound):
            walk = self._walks.setdefault(_person(inquiry), _Walk())
            walk.went_wrong(self._now())
        elif isinstance(result, Found | Several | RelatedRecords):
            self._walks.pop(_person(inquiry), None)


@dataclass(slots=True)
class _Walk:
    """Somebody's look-ups that found nobody, since the last one that found somebody."""

    misses: deque[float] = field(default_factory=deque)
    pauses: int = 0
    paused_until: float = 0.0

    def went_wrong(self, now: float) -> None:
        _keep_between(now - WALK_SECONDS, now, self.misses)
        self.misses.append(now)
        if len(self.misses) >= MISSES_IN_A_ROW:
            self.misses.clear()
            self.paused_until = now + min(FIRST_PAUSE_SECONDS * 2**self.pauses, LONGEST_PAUSE_SECONDS)
            self.pauses += 1


def _person(inquiry: Inquiry) -> _Person:
    return inquiry.asker.team, inquiry.asker.user


def _keep_between(time: float, now: float, times: deque[float]) -> None:
    """Those after ``time``; one of the future is from before the clock was put back."""
    while times and not time < times[0] <= now:
        times.popleft()
