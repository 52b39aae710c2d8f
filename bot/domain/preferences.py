"""What the bot stores about users and channels: pins and recents, mutes, why a message got no card."""

from enum import StrEnum
from typing import NamedTuple


class Remembered(NamedTuple):
    """A customer in a user's pins or recents. ``name`` includes the number; nothing else is stored."""

    customer_id: str
    name: str


class SavedCustomers(NamedTuple):
    """A user's pins and recents, the latest first."""

    pinned: tuple[Remembered, ...] = ()
    recent: tuple[Remembered, ...] = ()


class Mute(NamedTuple):
    """No automatic cards: for all messages in ``channel`` or, if that is "", for one user's messages anywhere.

    ``by`` is the user who muted (a Slack id). ``until`` is in epoch seconds; None: until it is undone.
    """

    channel: str
    by: str
    until: float | None = None


class CardOutcome(StrEnum):
    """Whether a channel's last message got an automatic card, or why it did not."""

    POSTED = "posted"
    NO_CUSTOMER = "no_customer"
    """It names no customer."""
    IN_CODE_OR_QUOTE = "in_code_or_quote"
    FORWARDED = "forwarded"
    """The customer is named in a file, a mail or a forwarded message."""
    BOT = "bot"
    """Its author is a bot."""
    UNKNOWN_CUSTOMER = "unknown_customer"
    COOLDOWN = "cooldown"
    """The customer's last card in this channel is too recent."""
    CHANNEL_MUTED = "channel_muted"
    PERSON_MUTED = "person_muted"
    """Its author has muted automatic cards."""
    EXTERNAL_CHANNEL = "external_channel"
    UNREADABLE_CHANNEL = "unreadable_channel"
    """Slack does not say whether the channel is internal."""
    AUTHOR_REFUSED = "author_refused"
    """Its author may not see customers."""
    AUTHOR_LIMITED = "author_limited"
    """Its author has looked up as many customers as a minute allows."""
    AUTHOR_UNKNOWN = "author_unknown"
    """Slack does not say who its author is."""
    NOT_HERE = "not_here"
    """The channel is not in ALLOWED_CHANNELS."""
    TOO_MANY_LINKS = "too_many_links"
    CRM_SILENT = "crm_silent"
    """The CRM did not answer, or refused the request."""
    STORE_SILENT = "store_silent"
    """The database did not answer, so that mutes are not known."""
    SLACK_REFUSED = "slack_refused"


class LastMessage(NamedTuple):
    """The outcome of a channel's last message. ``at`` is in epoch seconds."""

    outcome: CardOutcome
    at: float
