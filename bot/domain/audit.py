"""One entry of the access log, as values: who looked up whom, from where, with what outcome."""

from typing import NamedTuple

from bot.domain.profile import ServiceNetwork


class AuditLine(NamedTuple):
    """What the line on standard output says, in its order. "" or None where there is nothing to say.

    ``team``, ``user`` and ``channel`` are Slack's ids; ``surface``, ``read_as``, ``cache`` and ``audience`` are words
    of the enumerations of these names. ``audience`` is who sees the answer: ``channel`` where it was shared,
    ``revealed`` where masked values were shown. ``ms`` is how long it took; ``code`` stands on the card.
    """

    team: str
    user: str
    channel: str
    surface: str
    read_as: str | None
    customer_id: str | None
    outcome: str
    cache: str | None
    audience: str
    ms: float
    code: str | None


class AuditEntry(NamedTuple):
    """The line, when it was written (epoch seconds), and whose customers were meant; None where nobody got as far."""

    at: float
    network: ServiceNetwork | None
    line: AuditLine


class Placed(NamedTuple):
    """An entry and its place among those of one writer."""

    place: int
    entry: AuditEntry
