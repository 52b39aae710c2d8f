"""Who gets no further than the door, whatever is asked for: told by a request alone, and before anything is done."""

from enum import Enum, auto
from typing import Any, Final

from bot.access.permissions import SlackPermissions
from bot.slack.identity import SlackIdentity

_OF_THE_TEAM_ALONE: Final = frozenset({"shortcut", "message_action"})


class Stop(Enum):
    """Why a request goes no further."""

    STARTING = auto()
    """Before Slack has told the bot who it is, it cannot tell who is an outsider either."""
    OUTSIDER = auto()
    """What people of other organisations do arrives from shared channels: no listener hears of it."""


class RequestGuard:
    """Stands before Bolt's listeners and before what is answered without them."""

    def __init__(self, identity: SlackIdentity, access: SlackPermissions) -> None:
        self._identity = identity
        self._access = access

    def stops(self, body: dict[str, Any]) -> Stop | None:
        """Why ``body`` goes no further; None if it may.

        Events do not say whose organisation their person is of: whoever answers them asks Slack.
        """
        if self._identity.known is None:
            return Stop.STARTING
        actor = _actor(body)
        return Stop.OUTSIDER if actor is not None and self._access.is_outsider(*actor) else None


def _actor(body: dict[str, Any]) -> tuple[str | None, str | None] | None:
    """Team and enterprise of whoever acts, as the payload names them; None for an event, which does not.

    Shortcuts need not name it either: only the installing team has them.
    """
    if "command" in body:
        return body.get("team_id"), body.get("enterprise_id")
    user = body.get("user")
    if not isinstance(user, dict):
        return None
    team = body.get("team")
    installed = team.get("id") if isinstance(team, dict) and body.get("type") in _OF_THE_TEAM_ALONE else None
    return user.get("team_id") or installed, user.get("enterprise_id")
