"""What can be asked, and what can come of it. Values that cross every border between handler, desk and card."""

from dataclasses import dataclass
from enum import StrEnum

from bot.errors import Trouble
from bot.profile import CustomerProfile


class Surface(StrEnum):
    """Where in Slack (or outside) a question came from; the words of the access log."""

    COMMAND = "command"
    BUTTON = "button"
    CLI = "cli"


class CacheState(StrEnum):
    """Where a profile came from."""

    HIT = "hit"
    MISS = "miss"
    STALE = "stale"


@dataclass(frozen=True, slots=True)
class Inquiry:
    """Somebody's question: who asks, where, and what they typed.

    ``team``, ``user`` and ``channel`` are Slack ids, empty where there is none. ``refresh`` asks the CRM even
    when a fresh copy is at hand.
    """

    text: str
    surface: Surface
    team: str = ""
    user: str = ""
    channel: str = ""
    refresh: bool = False


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
    """The customer, as this asker may see it.

    ``as_of`` is when the CRM said so, ``age`` how long ago that was, both in seconds (epoch, and since). A
    ``failure`` means that this is an old copy, shown because the CRM does not answer.
    """

    profile: CustomerProfile
    as_of: float
    age: float
    cache: CacheState
    failure: Failure | None = None


@dataclass(frozen=True, slots=True)
class NotFound:
    """The CRM knows no customer with this id (or does not show it to this service network)."""

    customer_id: str
    code: str


@dataclass(frozen=True, slots=True)
class Unavailable:
    """No answer and no copy. ``customer_id`` is what a retry would ask for; None where nothing was read yet."""

    customer_id: str | None
    failure: Failure


@dataclass(frozen=True, slots=True)
class Invalid:
    """The text names no customer."""

    text: str


Answer = Found | NotFound | Unavailable | Invalid
