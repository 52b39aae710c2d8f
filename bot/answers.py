"""What can be asked, and what can come of it. Values that cross every border between handler, desk and card."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final, NamedTuple

from bot.errors import Trouble
from bot.privacy import Audience
from bot.profile import CustomerProfile


class Surface(StrEnum):
    """Where in Slack (or outside) a question came from; the words of the access log."""

    COMMAND = "command"
    MESSAGE_SHORTCUT = "message_shortcut"
    GLOBAL_SHORTCUT = "global_shortcut"
    LINK_UNFURL = "link_unfurl"
    MESSAGE = "message"
    BUTTON = "button"
    HOME = "home"
    FLEXPANE = "flexpane"
    CLI = "cli"


class CacheState(StrEnum):
    """Where a profile came from."""

    HIT = "hit"
    MISS = "miss"
    STALE = "stale"


class Asker(NamedTuple):
    """Who asks, and where: Slack ids, empty where there is none."""

    team: str = ""
    user: str = ""
    channel: str = ""


NOBODY: Final = Asker()
"""The command line."""


@dataclass(frozen=True, slots=True)
class Inquiry:
    """Somebody's question. ``refresh`` asks the CRM even when a fresh copy is at hand."""

    text: str
    surface: Surface
    asker: Asker = NOBODY
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
    """The customer, as ``audience`` may see it.

    ``as_of`` is when the CRM said so, ``age`` how long ago that was, both in seconds (epoch, and since). A
    ``failure`` means that this is an old copy, shown because the CRM does not answer. ``url`` is the customer's
    page in the CRM, "" where no CUSTOMER_URL_TEMPLATE is set.
    """

    profile: CustomerProfile
    as_of: float
    age: float
    cache: CacheState
    failure: Failure | None = None
    audience: Audience = Audience.PRIVATE
    url: str = ""


@dataclass(frozen=True, slots=True)
class NotFound:
    """The CRM knows no customer with this id (or does not show it to this service network).

    ``asked`` is the id, or the customer number, that was looked for.
    """

    asked: str
    code: str


@dataclass(frozen=True, slots=True)
class Unavailable:
    """No answer and no copy. ``asked`` is what a retry would ask for; None where nothing was read yet."""

    asked: str | None
    failure: Failure


@dataclass(frozen=True, slots=True)
class Invalid:
    """The text names no customer."""

    text: str


class Refusal(StrEnum):
    """Why something is not shown, or not shown there."""

    OUTSIDER = "outsider"
    """The person belongs to another organisation."""
    UNKNOWN_PERSON = "unknown_person"
    """Slack does not say who the person is."""
    EXTERNAL_CHANNEL = "external_channel"
    """The channel is shared with another organisation."""
    UNREADABLE_CHANNEL = "unreadable_channel"
    """Slack does not say whether the channel is internal."""


@dataclass(frozen=True, slots=True)
class Denied:
    """Not for this person, or not in this channel."""

    refusal: Refusal
    code: str


Answer = Found | NotFound | Unavailable | Invalid | Denied
