"""How often one person may ask, in this process."""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

import structlog
from cachetools import LRUCache

from bot.domain.inquiry import Asker, Inquiry, Surface
from bot.domain.results import AnyResult, Found, Limit, Limited, NotFound, RelatedRecords, Several
from bot.runtime.logging import new_code

MAX_PEOPLE: Final = 10_000
MINUTE_SECONDS: Final = 60
MISSES_IN_A_ROW: Final = 10
MISSES_SECONDS: Final = 600
"""Misses within this time count as a walk through ids."""
FIRST_PAUSE_SECONDS: Final = 60
LONGEST_PAUSE_SECONDS: Final = 900
SUGGESTIONS_PER_MINUTE: Final = 120
"""Of one person: a fast typist's. Suggestions show names and numbers, twenty at a time."""
_UNLIMITED: Final = frozenset({Surface.LINK_UNFURL, Surface.CLI})
"""Links, which do not tell who meant to ask, and the command line."""
_NO_GUESSES: Final = _UNLIMITED | {Surface.MESSAGE}
"""Surfaces where an unknown customer is no guess."""

log = structlog.get_logger(__name__)

_Person = tuple[str, str]
"""Team and user."""


@dataclass(slots=True)
class _Misses:
    """A person's lookups without a customer. One with a customer takes one of them back."""

    times: deque[float] = field(default_factory=deque)
    pauses: int = 0
    paused_until: float = 0.0


@dataclass(slots=True)
class _Suggested:
    """What was suggested to a person since ``since``."""

    since: float
    requests: int = 0
    customers: int = 0


class RateLimiter:
    """Limits lookups per minute, and pauses a person who seems to walk through ids.

    Each pause is longer than the last; each customer found takes one back. Every process counts for itself. ``now`` is
    the wall clock in epoch seconds.
    """

    def __init__(self, lookups_per_minute: float, now: Callable[[], float]) -> None:
        self._lookups_per_minute = lookups_per_minute
        self._now = now
        self._lookups: LRUCache[_Person, deque[float]] = LRUCache(MAX_PEOPLE)
        self._misses: LRUCache[_Person, _Misses] = LRUCache(MAX_PEOPLE)
        self._suggested: dict[_Person, _Suggested] = {}

    def take(self, inquiry: Inquiry) -> Limited | None:
        """Count this inquiry; returns why it is one too many. A refused inquiry is not counted."""
        if inquiry.surface in _UNLIMITED:
            return None
        person, now = (inquiry.asker.team, inquiry.asker.user), self._now()
        misses = self._misses.get(person)
        if misses is not None and misses.paused_until > now and inquiry.surface not in _NO_GUESSES:
            return Limited(Limit.UNKNOWN, misses.paused_until - now, new_code())
        lookups = self._lookups.setdefault(person, deque())
        _drop_expired(lookups, MINUTE_SECONDS, now)
        if len(lookups) >= self._lookups_per_minute:
            return Limited(Limit.LOOKUPS, lookups[0] + MINUTE_SECONDS - now, new_code())
        lookups.append(now)
        return None

    def note(self, inquiry: Inquiry, result: AnyResult) -> None:
        """Count a miss, or take one back."""
        if inquiry.surface in _NO_GUESSES:
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
            before = self._misses.get(person)
            if before is not None:
                before.pauses = max(0, before.pauses - 1)
                if before.times:
                    before.times.pop()

    def take_suggestion(self, asker: Asker) -> bool:
        """Count a request of typing ahead; False if it is one too many in this minute."""
        self.log_suggestions(MINUTE_SECONDS)
        suggested = self._suggested.setdefault((asker.team, asker.user), _Suggested(self._now()))
        if suggested.requests >= SUGGESTIONS_PER_MINUTE:
            return False
        suggested.requests += 1
        return True

    def note_suggested(self, asker: Asker, customers: int) -> None:
        if suggested := self._suggested.get((asker.team, asker.user)):
            suggested.customers += customers

    def log_suggestions(self, older_than_seconds: float = 0) -> None:
        """One line for each person and minute, with counts alone: what was typed is no one's business."""
        now = self._now()
        for person, suggested in [*self._suggested.items()]:
            if not now - older_than_seconds < suggested.since <= now:
                team, user = person
                log.info("suggested", team=team, user=user, requests=suggested.requests, customers=suggested.customers)
                del self._suggested[person]


def _drop_expired(times: deque[float], seconds: float, now: float) -> None:
    """A time in the future is dropped too: the clock was put back since."""
    while times and not now - seconds < times[0] <= now:
        times.popleft()
