"""The results of inquiries: the values that handlers, inquiries and cards exchange."""

from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final, NamedTuple, TypeVar

from bot.domain.audit import AuditEntry
from bot.domain.inquiry import Audience
from bot.domain.profile import CustomerProfile
from bot.domain.query import Query, ReadAs, Unread
from bot.domain.records import RecordRow, Section, ServiceSummary
from bot.errors import Trouble

T = TypeVar("T")


class CacheState(StrEnum):
    """Where a profile came from."""

    HIT = "hit"
    MISS = "miss"
    STALE = "stale"


@dataclass(frozen=True, slots=True)
class Failure:
    """Why the CRM or the database gave no result. ``code`` is on the card and in the log."""

    trouble: Trouble
    code: str
    error_msg: str = ""
    """The CRM's own words; "" without any."""
    reason: str = ""
    """The technical reason, as in the log."""


@dataclass(frozen=True, slots=True)
class Found:
    """One customer, as ``audience`` may see it.

    ``as_of`` is when the CRM sent the profile (epoch seconds), ``age`` how many seconds ago that was. With a
    ``failure`` the profile is stale, shown because the CRM does not answer. ``url`` is the customer's page in the CRM,
    "" without CUSTOMER_URL_TEMPLATE. ``summary`` counts devices and work orders; None if they are not known, or not
    for this audience. ``is_masked``: Reveal would show the asker more. ``memo`` holds what was computed from a result
    that is cached for many askers; None if it is not cached.
    """

    profile: CustomerProfile
    as_of: float
    age: float
    cache: CacheState
    failure: Failure | None = None
    audience: Audience = Audience.PRIVATE
    url: str = ""
    read_as: ReadAs | None = None
    summary: ServiceSummary | None = None
    is_masked: bool = False
    memo: dict[Hashable, Any] | None = field(default=None, compare=False, repr=False)

    def cached(self, key: Hashable, make: Callable[[], T]) -> T:
        """What ``make`` computes from this result alone: once, if the result is cached."""
        if self.memo is None:
            return make()
        if key not in self.memo:
            self.memo[key] = make()
        value: T = self.memo[key]
        return value


PAGE_SIZE: Final = 5
"""Customers on one page of a list."""
MAX_CUSTOMERS: Final = 50
"""Customers on all pages of a list."""


@dataclass(frozen=True, slots=True)
class Several:
    """A page of a list of customers, each as the audience may see it.

    ``first`` is the position of the page's first customer, from 0; ``following`` that of the next page's, None on the
    last page. ``total`` counts the customers on all pages; ``is_cut``: there are more than MAX_CUSTOMERS.
    ``button_value`` is the sealed query for the buttons that turn pages. With a ``failure`` a part of the search
    failed, so that customers may be missing.
    """

    read_as: ReadAs
    customers: tuple[Found, ...]
    first: int
    following: int | None
    total: int
    is_cut: bool
    button_value: str
    failure: Failure | None = None


class OtherReading(NamedTuple):
    """A less likely reading of what was typed, and the value of the button that asks for it."""

    read_as: ReadAs
    button_value: str


@dataclass(frozen=True, slots=True)
class NotFound:
    """The CRM has no such customer, or does not show it to this service network.

    ``asked`` is the normalised identifier; ``others`` are the other readings of the text. ``may_end_a_phone``: it may
    be the last digits of a phone, of which only the whole number finds a customer, as phones are kept as hashes.
    """

    asked: str
    code: str
    read_as: ReadAs = ReadAs.ID
    others: tuple[OtherReading, ...] = ()
    may_end_a_phone: bool = False


@dataclass(frozen=True, slots=True)
class Unavailable:
    """The CRM does not answer, and the cache has no profile. ``asked`` is the identifier; None if none was read.

    ``button_value`` is for the button that retries: sealed if the identifier is a phone, a mail address or a name.
    """

    asked: str | None
    failure: Failure
    button_value: str = ""


@dataclass(frozen=True, slots=True)
class Invalid:
    """The text names no customer, or several."""

    text: str
    why: Unread = Unread.NOTHING


@dataclass(frozen=True, slots=True)
class Expired:
    """The sealed query of a button cannot be opened: it is too old, or sealed with another key."""


class Refusal(StrEnum):
    """Why a user may not see customers, or a channel may not show them."""

    OUTSIDER = "outsider"
    """The user belongs to another organisation."""
    GUEST = "guest"
    DEACTIVATED = "deactivated"
    NOT_ALLOWED = "not_allowed"
    """The user is in neither ALLOWED_USERS nor ALLOWED_USERGROUPS, or is a bot."""
    NOT_HERE = "not_here"
    """The channel is not in ALLOWED_CHANNELS, or the surface has no channel."""
    UNKNOWN_PERSON = "unknown_person"
    """Slack does not say who the user is."""
    EXTERNAL_CHANNEL = "external_channel"
    """The channel is shared with another organisation."""
    UNREADABLE_CHANNEL = "unreadable_channel"
    """Slack does not say whether the channel is internal."""
    NOT_ADMIN = "not_admin"
    """Only ADMIN_USERS may do this."""
    NO_ADMINS = "no_admins"
    """Only ADMIN_USERS may do this, and there are none."""


@dataclass(frozen=True, slots=True)
class Denied:
    """Refused to this user or in this channel. ``admins`` are the Slack ids of ADMIN_USERS, who can help."""

    refusal: Refusal
    code: str
    admins: tuple[str, ...] = ()


class Limit(StrEnum):
    """Which rate limit is exceeded."""

    LOOKUPS = "lookups"
    """LOOKUPS_PER_MINUTE."""
    UNKNOWN = "unknown"
    """Many unknown customers in a row, which looks like enumerating ids."""
    REVEALS = "reveals"
    """REVEALS_PER_HOUR."""


@dataclass(frozen=True, slots=True)
class Limited:
    """Rate limited: the user may try again in ``seconds``."""

    limit: Limit
    seconds: float
    code: str


class Asked(NamedTuple):
    """One of several identifiers, as the reader understood it, and what it led to."""

    query: Query
    result: "Result"


@dataclass(frozen=True, slots=True)
class Together:
    """What several identifiers led to that were asked for at once, in the order of the text."""

    asked: tuple[Asked, ...]


Result = Found | Several | Together | NotFound | Unavailable | Invalid | Expired | Denied | Limited


@dataclass(frozen=True, slots=True)
class RelatedRecords:
    """One section of a customer's records, as the asker alone may see it.

    ``is_cut``: the CRM may have more rows. ``name`` and ``number`` are the customer's, "" if the CRM gives none.
    ``order_number`` is the work order's, if these are its steps.
    """

    customer_id: str
    section: Section
    rows: tuple[RecordRow, ...]
    is_cut: bool = False
    name: str = ""
    number: str = ""
    order_number: str = ""


RecordsResult = RelatedRecords | NotFound | Unavailable | Invalid | Expired | Denied | Limited


@dataclass(frozen=True, slots=True)
class AuditHistory:
    """Who has looked up a customer within the last ``days``.

    ``total`` counts all entries of the audit log; ``newest`` are the latest of them, newest first. ``name`` and
    ``number`` are "" if the CRM does not give them now.
    """

    customer_id: str
    days: float
    total: int
    newest: tuple[AuditEntry, ...]
    name: str = ""
    number: str = ""


AuditResult = AuditHistory | Result
AnyResult = Result | RelatedRecords | AuditHistory
"""What the audit log has an outcome for."""
