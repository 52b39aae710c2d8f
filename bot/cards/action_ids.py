"""The ids by which clicks on cards come back. Cards in Slack outlive releases: these names and values are an API.

A value holds a customer id and nothing else of a customer.
"""

from typing import Final, NamedTuple

CUSTOMER_DETAILS: Final = "customer_details"
"""Value: the customer id."""
CUSTOMER_SHARE: Final = "customer_share"
"""Value: the customer id."""
CUSTOMER_SHARE_CONFIRM: Final = "customer_share_confirm"
"""The callback id of the modal in which a card is shared."""
CUSTOMER_REFRESH: Final = "customer_refresh"
"""Value: the customer id, or the customer number, to ask for, past the cache."""
CUSTOMER_PIN: Final = "customer_pin"
"""Value: the customer id."""
CUSTOMER_MUTE: Final = "customer_mute"
"""Undo. Value: see ``muted_channel``."""
CUSTOMER_MENU: Final = "customer_menu"
"""Value of an option: see ``menu_choice``."""
CUSTOMER_OPEN: Final = "customer_open"
"""A link button: Slack opens the address by itself."""
CUSTOMER_PICK: Final = "customer_pick"
"""Value: the customer id."""
CUSTOMER_CLEAR: Final = "customer_clear"
"""Clear one's recent customers."""
HOME_UNMUTE: Final = "home_unmute"
"""Undo on Home. Value: see ``muted_channel``."""
FIND_CUSTOMER: Final = "find_customer"
"""The global shortcut, the button on Home, and the modal in which one types."""
LOOKUP_IN_MESSAGE: Final = "lookup_customer_in_message"
"""The message shortcut."""

MENU_DETAILS: Final = "details"
MENU_COPY: Final = "copy"
MENU_PIN: Final = "pin"
MENU_OPEN: Final = "open"
"""These four are followed by a customer id."""
MENU_MUTE_DAY: Final = "mute_day"
MENU_MUTE_CHANNEL: Final = "mute_channel"
MENU_MUTE_ME: Final = "mute_me"

_VERBS: Final = frozenset(
    {MENU_DETAILS, MENU_COPY, MENU_PIN, MENU_OPEN, MENU_MUTE_DAY, MENU_MUTE_CHANNEL, MENU_MUTE_ME}
)
_CHANNEL: Final = "channel "
_PERSON: Final = "person"


class MenuChoice(NamedTuple):
    """What was chosen from a menu. A ``verb`` of "": nothing that this version knows."""

    verb: str
    argument: str


def menu_value(verb: str, customer_id: str) -> str:
    return f"{verb} {customer_id}"


def menu_choice(value: str) -> MenuChoice:
    """What an option's value says; it may be of any version of the bot."""
    verb, _, argument = value.partition(" ")
    return MenuChoice(verb, argument.strip()) if verb in _VERBS else MenuChoice("", "")


def unmute_value(channel: str) -> str:
    """The value of Undo: of the mute of ``channel``, or, where that is "", of the person's own."""
    return f"{_CHANNEL}{channel}" if channel else _PERSON


def muted_channel(value: str) -> str | None:
    """The channel whose mute Undo ends; "": the person's own. None for a value that this version does not know."""
    if value == _PERSON:
        return ""
    return value.removeprefix(_CHANNEL).strip() or None if value.startswith(_CHANNEL) else None
