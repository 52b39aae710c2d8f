"""Entries of the audit log: who looked up which customer, from where, with what outcome."""

from typing import NamedTuple

from bot.domain.profile import ServiceNetwork


class AuditLine(NamedTuple):
    """The fields of the line on standard output, in its order; "" or None if there is no value.

    ``team``, ``user`` and ``channel`` are Slack ids. ``surface``, ``read_as``, ``cache`` and ``audience`` are values of
    the enumerations of these names; ``audience`` is ``channel`` if the result was shared, ``revealed`` if masked values
    were shown. ``ms`` is the duration in milliseconds; ``code`` is on the card.
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
    """A line, when it was written (epoch seconds), and the service network; None if the inquiry got no further."""

    at: float
    network: ServiceNetwork | None
    line: AuditLine


class Placed(NamedTuple):
    """An entry and its position among those of one writer, which makes writing it idempotent."""

    place: int
    entry: AuditEntry
