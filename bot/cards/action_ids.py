"""The action ids of cards, and the values that clicks bring back. Cards outlive releases: both are an API.

A value holds a customer id and nothing else of a customer; what was typed is sealed. Clicks may come from any version.
"""

import re
from typing import Final

CUSTOMER_DETAILS: Final = "customer_details"
"""Value: the customer id."""
CUSTOMER_SHARE: Final = "customer_share"
"""Value: the customer id."""
CUSTOMER_SHARE_CONFIRM: Final = "customer_share_confirm"
"""The callback id of the modal in which a card is shared."""
CUSTOMER_REFRESH: Final = "customer_refresh"
"""Value: what to ask for once more, past the cache: a customer id, a customer number, a sealed query."""
CUSTOMER_REVEAL: Final = "customer_reveal"
"""Value: the customer id."""
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
CUSTOMER_BACK: Final = "customer_back"
CUSTOMER_NEXT: Final = "customer_next"
"""Another page of a list. Value of both: see ``page_value``."""
CUSTOMER_READ_AS: Final = "customer_read_as"
"""Value: a query, sealed, that is read another way."""
CUSTOMER_SEARCH: Final = "customer_search"
"""The box that suggests while the user types. Value of an option: the customer id."""
CUSTOMER_TAB_PROFILE: Final = "customer_tab_profile"
CUSTOMER_TAB_CONTACTS: Final = "customer_tab_contacts"
CUSTOMER_TAB_DEVICES: Final = "customer_tab_devices"
CUSTOMER_TAB_WORK_ORDERS: Final = "customer_tab_work_orders"
"""What the modal shows instead. Value of these four: the customer id."""
CUSTOMER_STEPS: Final = "customer_steps"
"""The steps of a work order. Value: see ``steps_of``."""
CUSTOMER_CLEAR: Final = "customer_clear"
"""Clear the recent customers."""
HOME_UNMUTE: Final = "home_unmute"
"""Undo on Home. Value: see ``muted_channel``."""
FIND_CUSTOMER: Final = "find_customer"
"""The global shortcut, the button on Home, and the modal with the input."""
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
_PAGE: Final = re.compile(r"([0-9]{1,6}) (.+)", re.DOTALL)
_STEPS: Final = re.compile("([0-9A-Fa-f-]{32,36}) ([0-9A-Fa-f-]{32,36})")


def menu_value(verb: str, customer_id: str) -> str:
    return f"{verb} {customer_id}"


def menu_choice(value: str) -> tuple[str, str]:
    """The verb and the argument of an option's value; "" for a verb that this version does not know."""
    verb, _, argument = value.partition(" ")
    return (verb, argument.strip()) if verb in _VERBS else ("", "")


def steps_value(customer_id: str, order_id: str) -> str:
    return f"{customer_id} {order_id}"


def steps_of(value: str) -> tuple[str, str] | None:
    """The ids of the customer and of the work order; None for a value that holds none."""
    found = _STEPS.fullmatch(value)
    return (found[1], found[2]) if found else None


def unmute_value(channel: str) -> str:
    """The value of Undo: of the mute of ``channel``, or, if that is "", of the user's own."""
    return f"{_CHANNEL}{channel}" if channel else _PERSON


def muted_channel(value: str) -> str | None:
    """The channel whose mute Undo ends; "" for the user's own, None for a value that this version does not know."""
    if value == _PERSON:
        return ""
    return value.removeprefix(_CHANNEL).strip() or None if value.startswith(_CHANNEL) else None


def page_value(first: int, query: str) -> str:
    return f"{first} {query}"


def page_choice(value: str) -> tuple[int, str]:
    """The place of the page's first customer, and the query; "" for a value that holds none."""
    page = _PAGE.fullmatch(value)
    return (int(page[1]), page[2]) if page else (0, "")
