"""From what a look-up came to, to the answer as its audience may see it, with what its buttons hold."""

from collections.abc import Callable

from bot.answers import Failure, Found, NotFound, OtherReading, Several, Unavailable
from bot.identifiers import ReadAs, Reading, other_readings, read
from bot.links import CustomerLinks
from bot.lookup import Sighting
from bot.privacy import Audience, view
from bot.related import ServiceSummary
from bot.sealed import SealedQueries
from bot.search import Matches
from bot.telemetry import new_code


class Answering:
    """Makes answers. ``now`` is the wall clock in epoch seconds."""

    def __init__(self, links: CustomerLinks, sealed: SealedQueries, now: Callable[[], float]) -> None:
        self._links = links
        self._sealed = sealed
        self._now = now

    def found(
        self, sighting: Sighting, audience: Audience, read_as: ReadAs, summary: ServiceSummary | None = None
    ) -> Found:
        profile, as_of = sighting.copy
        return Found(
            view(profile, audience),
            as_of,
            age=max(0.0, self._now() - as_of),
            cache=sighting.cache,
            failure=sighting.failure,
            audience=audience,
            url=self._links.url(profile.customer_id),
            read_as=read_as,
            summary=summary if audience is Audience.PRIVATE else None,
        )

    def several(self, matches: Matches, audience: Audience, reading: Reading) -> Several:
        return Several(
            reading.read_as,
            tuple(self.found(sighting, audience, reading.read_as) for sighting in matches.sightings),
            matches.first,
            matches.following,
            matches.total,
            matches.is_cut,
            self._sealed.seal(reading),
            matches.failure,
        )

    def not_found(self, reading: Reading, text: str) -> NotFound:
        """``text`` is what was typed: where that was read so, it may be read otherwise."""
        readings = other_readings(text) if read(text) == reading else ()
        others = tuple(OtherReading(other.read_as, self._query(other)) for other in readings)
        return NotFound(reading.identifier, new_code(), reading.read_as, others)

    def unavailable(self, reading: Reading, failure: Failure) -> Unavailable:
        return Unavailable(reading.identifier, failure, self._query(reading))

    def _query(self, reading: Reading) -> str:
        return reading.identifier if reading.read_as.is_open else self._sealed.seal(reading)
