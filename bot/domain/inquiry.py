"""What is asked: from where in Slack, by whom, and who will read the result."""

from dataclasses import dataclass
from enum import Enum, StrEnum
from typing import Final, NamedTuple


class Audience(Enum):
    """Who will read a result."""

    PRIVATE = "private"
    """The asker alone."""
    REVEALED = "revealed"
    """The asker alone, who has asked for what is masked otherwise."""
    CHANNEL = "channel"
    """Everybody in an internal channel, and everybody who joins it later."""


class Surface(StrEnum):
    """Where in Slack (or outside of it) an inquiry comes from; the audit log stores these words."""

    COMMAND = "command"
    MESSAGE_SHORTCUT = "message_shortcut"
    GLOBAL_SHORTCUT = "global_shortcut"
    LINK_UNFURL = "link_unfurl"
    MESSAGE = "message"
    BUTTON = "button"
    HOME = "home"
    FLEXPANE = "flexpane"
    CLI = "cli"


class Asker(NamedTuple):
    """Who asks, and where: Slack ids, empty where there is none."""

    team: str = ""
    user: str = ""
    channel: str = ""


CLI_ASKER: Final = Asker()
"""The asker of the command line."""


@dataclass(frozen=True, slots=True)
class Inquiry:
    """A request for customers.

    ``text`` is what was typed, or the value of a button: a customer id or a sealed query. ``refresh`` asks the CRM
    even if the cache has a fresh entry. ``first`` is the position of the first customer wanted of a list, from 0.
    """

    text: str
    surface: Surface
    asker: Asker = CLI_ASKER
    refresh: bool = False
    first: int = 0
