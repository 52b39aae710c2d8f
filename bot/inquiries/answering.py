"""From what a look-up came to, to the answer as its audience may see it, with what its buttons hold."""

from collections.abc import Callable
from dataclasses import replace

from bot.customers.cache import CacheEntry
from bot.customers.lookup import LookupResult
from bot.customers.search import Matches
from bot.domain.inquiry import Audience
from bot.domain.links import CustomerLinks
from bot.domain.profile import CustomerProfile
from bot.domain.query import Query, ReadAs, other_readings, read
from bot.domain.records import RecordRow, RecordRows, Section, ServiceSummary
from bot.domain.results import CacheState, Failure, Found, NotFound, OtherReading, RelatedRecords, Several, Unavailable
from bot.inquiries.result_cache import ResultCache
from bot.privacy.encryption import SealedQueries
from bot.privacy.filter import private_rows, visible_profile
from bot.privacy.policy import FieldPolicy
from bot.runtime.logging import new_code


class Answering:
    """Makes answers. ``now`` is the wall clock in epoch seconds."""

    def __init__(
        self, links: CustomerLinks, sealed: SealedQueries, policy: FieldPolicy, now: Callable[[], float]
    ) -> None:
        self._links = links
        self._sealed = sealed
        self._policy = policy
        self._now = now
        self._kept = ResultCache()

    def drop(self, customer_id: str) -> None:
        """The customer was forgotten."""
        self._kept.drop(customer_id)

    def found(
        self, sighting: LookupResult, audience: Audience, read_as: ReadAs, summary: ServiceSummary | None = None
    ) -> Found:
        if not _may_be_kept(sighting, audience, read_as):
            return self._found(sighting, audience, read_as, summary)

        def make() -> Found:
            return replace(self._found(sighting, audience, read_as, summary), made={})

        found = self._kept.of(sighting.entry, read_as, summary, make)
        return replace(found, age=self._age(sighting.entry))

    def _found(
        self, sighting: LookupResult, audience: Audience, read_as: ReadAs, summary: ServiceSummary | None
    ) -> Found:
        profile, as_of = sighting.entry
        seen = visible_profile(profile, audience, self._policy)
        return Found(
            seen,
            as_of,
            age=self._age(sighting.entry),
            cache=sighting.cache,
            failure=sighting.failure,
            audience=audience,
            url=self._links.url(profile.customer_id),
            read_as=read_as,
            summary=None if audience is Audience.CHANNEL else summary,
            is_masked=audience is Audience.PRIVATE and self._hides(profile, seen),
        )

    def _age(self, copy: CacheEntry) -> float:
        return max(0.0, self._now() - copy.as_of)

    def _hides(self, profile: CustomerProfile, seen: CustomerProfile) -> bool:
        """Whether Reveal would show more of ``profile`` than is ``seen``."""
        return seen is not profile and seen != visible_profile(profile, Audience.REVEALED, self._policy)

    def several(self, matches: Matches, audience: Audience, query: Query) -> Several:
        return Several(
            query.read_as,
            tuple(self.found(sighting, audience, query.read_as) for sighting in matches.results),
            matches.first,
            matches.following,
            matches.total,
            matches.is_cut,
            self._sealed.seal(query),
            matches.failure,
        )

    def related(self, profile: CustomerProfile, section: Section, records: RecordRows[RecordRow]) -> RelatedRecords:
        """For the asker alone."""
        seen = visible_profile(profile, Audience.PRIVATE, self._policy)
        rows = private_rows(records.rows, self._policy)
        name, number = seen.name, seen.number
        return RelatedRecords(profile.customer_id, section, rows, records.is_cut, name, number, records.order_number)

    def not_found(self, query: Query, text: str) -> NotFound:
        """``text`` is what was typed: where that was read so, it may be read otherwise."""
        readings = other_readings(text) if read(text) == query else ()
        others = tuple(OtherReading(other.read_as, self._query(other)) for other in readings)
        return NotFound(query.identifier, new_code(), query.read_as, others)

    def unavailable(self, query: Query, failure: Failure) -> Unavailable:
        return Unavailable(query.identifier, failure, self._query(query))

    def _query(self, query: Query) -> str:
        return query.identifier if query.read_as.is_open else self._sealed.seal(query)


def _may_be_kept(sighting: LookupResult, audience: Audience, read_as: ReadAs) -> bool:
    """A search may have waited since it saw its copy, which may have been forgotten meanwhile; an id's is of now."""
    return audience is Audience.PRIVATE and sighting.cache is CacheState.HIT and read_as.names_the_id
