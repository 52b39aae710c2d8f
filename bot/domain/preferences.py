"""What the bot remembers of people and channels: pins and recents, mutes, why a message got no card."""

from enum import StrEnum
from typing import NamedTuple


class Remembered(NamedTuple):
    """A customer in somebody's pins or recents: the id, and the name with the number; nothing else is kept."""

    customer_id: str
    name: str


class SavedCustomers(NamedTuple):
    """One person's customers, the latest first."""

    pinned: tuple[Remembered, ...] = ()
    recent: tuple[Remembered, ...] = ()


class Mute(NamedTuple):
    """No cards by themselves: of everybody's messages in ``channel``, or, where that is "", of one person's anywhere.

    ``by`` is who said so (a Slack id). ``until`` is in epoch seconds; None: until it is undone.
    """

    channel: str
    by: str
    until: float | None = None


class CardOutcome(StrEnum):
    """What became of the last message in a channel."""

    POSTED = "posted"
    """It got its card."""
    NO_CUSTOMER = "no_customer"
    """Nothing in it was read as a customer."""
    IN_CODE_OR_QUOTE = "in_code_or_quote"
    BOT = "bot"
    """It was a bot's."""
    UNKNOWN_CUSTOMER = "unknown_customer"
    COOLDOWN = "cooldown"
    """The customer's last card in this channel is not old enough."""
    CHANNEL_MUTED = "channel_muted"
    PERSON_MUTED = "person_muted"
    """Its author wants no cards."""
    EXTERNAL_CHANNEL = "external_channel"
    UNREADABLE_CHANNEL = "unreadable_channel"
    """Slack does not say whether the channel is internal."""
    AUTHOR_REFUSED = "author_refused"
    """Its author may see no customers."""
    AUTHOR_UNKNOWN = "author_unknown"
    """Slack does not say who its author is."""
    NOT_HERE = "not_here"
    """The channel is not in ALLOWED_CHANNELS."""
    TOO_MANY_LINKS = "too_many_links"
    CRM_SILENT = "crm_silent"
    """The CRM did not answer, or refused."""
    STORE_SILENT = "store_silent"
    """The database did not answer: whether cards are wanted here is not known."""
    SLACK_REFUSED = "slack_refused"


class LastMessage(NamedTuple):
    """``at`` is when that was noted, in epoch seconds."""

    outcome: CardOutcome
    at: float
