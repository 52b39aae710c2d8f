"""What can be asked, and what can come of it. Values that cross every border between handler, desk and card."""

from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final, NamedTuple, TypeVar

from bot.domain.audit import AuditEntry
from bot.domain.inquiry import Audience
from bot.domain.profile import CustomerProfile
from bot.domain.query import ReadAs, Unread
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
    """Why the CRM gave no answer, and the code under which the log tells more."""

    trouble: Trouble
    code: str
    error_msg: str = ""
    """The CRM's own words, if it gave any."""
    reason: str = ""
    """For whoever runs the bot: what the log says too."""


@dataclass(frozen=True, slots=True)
class Found:
    """The customer, as ``audience`` may see it.

    ``as_of`` is when the CRM said so, ``age`` how long ago that was, both in seconds (epoch, and since). A
    ``failure`` means that this is an old copy, shown because the CRM does not answer. ``url`` is the customer's
    page in the CRM, "" where no CUSTOMER_URL_TEMPLATE is set. ``read_as`` is how the question was read; ``summary``
    what is known of the customer's devices and work orders: None where nothing is, or this audience may not see it.
    ``is_masked`` says that Reveal would show the asker more. ``memo`` holds what has been computed from a result
    that is cached for many askers; None for one that is not cached.
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


PAGE: Final = 5
"""Customers of one page of a list."""
MAX_CUSTOMERS: Final = 50
"""Of a whole list. Beyond these nobody pages: the question is too wide."""


@dataclass(frozen=True, slots=True)
class Several:
    """More than one customer. ``customers`` is one page of them, each as its audience may see it.

    ``first`` is the place of the page's first (0 is the first of all), ``following`` that of the next page's first,
    None where this is the last page. ``total`` counts all that were found; ``is_cut`` says that there are more, which
    nobody pages through: the question is too wide. ``button_value`` is what a button holds to turn the pages: sealed,
    "" where nothing can be sealed. A ``failure`` means that a part of the search gave no answer, so that
    some may be missing.
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
    """Another way to read what was typed; ``button_value`` is what a button holds to ask so."""

    read_as: ReadAs
    button_value: str


@dataclass(frozen=True, slots=True)
class NotFound:
    """The CRM knows no such customer (or does not show it to this service network).

    ``asked`` is what was looked for, in its one spelling; ``others`` how else it can be read.
    """

    asked: str
    code: str
    read_as: ReadAs = ReadAs.ID
    others: tuple[OtherReading, ...] = ()


@dataclass(frozen=True, slots=True)
class Unavailable:
    """No answer and no copy. ``asked`` is what was looked for; None where nothing was read yet.

    ``button_value`` is what a button holds to ask once more: never a phone, an address of mail or a name as it is.
    """

    asked: str | None
    failure: Failure
    button_value: str = ""


@dataclass(frozen=True, slots=True)
class Invalid:
    """The text names no customer."""

    text: str
    why: Unread = Unread.NOTHING


@dataclass(frozen=True, slots=True)
class Expired:
    """What a button asked for cannot be opened any more: it is too old, or of a bot with another secret."""


class Refusal(StrEnum):
    """Why something is not shown, or not shown there."""

    OUTSIDER = "outsider"
    """The person belongs to another organisation."""
    GUEST = "guest"
    DEACTIVATED = "deactivated"
    NOT_ALLOWED = "not_allowed"
    """The person is in neither ALLOWED_USERS nor ALLOWED_USERGROUPS, or a bot."""
    NOT_HERE = "not_here"
    """The channel is not in ALLOWED_CHANNELS, or the surface has none."""
    UNKNOWN_PERSON = "unknown_person"
    """Slack does not say who the person is."""
    EXTERNAL_CHANNEL = "external_channel"
    """The channel is shared with another organisation."""
    UNREADABLE_CHANNEL = "unreadable_channel"
    """Slack does not say whether the channel is internal."""
    NOT_ADMIN = "not_admin"
    """It is for ADMIN_USERS alone."""
    NO_ADMINS = "no_admins"
    """It is for ADMIN_USERS alone, and there are none."""


@dataclass(frozen=True, slots=True)
class Denied:
    """Not for this person, or not in this channel. ``admins`` are whom to ask: Slack ids, none where none are set."""

    refusal: Refusal
    code: str
    admins: tuple[str, ...] = ()


class Limit(StrEnum):
    """What somebody has had enough of for now."""

    LOOKUPS = "lookups"
    """LOOKUPS_PER_MINUTE."""
    UNKNOWN = "unknown"
    """Many in a row whom the CRM does not know: that looks like walking through ids."""
    REVEALS = "reveals"
    """REVEALS_PER_HOUR."""


@dataclass(frozen=True, slots=True)
class Limited:
    """Not now: ``seconds`` is how long it takes until the person may go on."""

    limit: Limit
    seconds: float
    code: str


Result = Found | Several | NotFound | Unavailable | Invalid | Expired | Denied | Limited


@dataclass(frozen=True, slots=True)
class RelatedRecords:
    """One part of what belongs to a customer, as the asker alone may see it.

    ``is_cut`` says that the CRM may have more rows than these. ``name`` and ``number`` are the customer's, "" where the
    CRM gives none. ``order_number`` is that of the work order whose steps these are.
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
    """Who has looked a customer up within the last ``days``.

    ``total`` counts all entries of the access log, ``newest`` are the newest of them, the newest first. ``name`` and
    ``number`` are "" where the CRM does not give them now.
    """

    customer_id: str
    days: float
    total: int
    newest: tuple[AuditEntry, ...]
    name: str = ""
    number: str = ""


AuditResult = AuditHistory | Result
AnyResult = Result | RelatedRecords | AuditHistory
"""What the access log has an outcome for."""
