"""What an inquiry is: for whose eyes its answer is."""

from enum import Enum


class Audience(Enum):
    """Who will read an answer."""

    PRIVATE = "private"
    """The asker alone."""
    REVEALED = "revealed"
    """The asker alone, who has asked for what is masked otherwise."""
    CHANNEL = "channel"
    """Everybody in an internal channel, and whoever joins it later."""
