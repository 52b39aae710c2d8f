"""Which channels are internal: conversations.info, cached for five minutes and invalidated by Slack's events."""

from enum import Enum
from typing import Any, Final

from bot.errors import SlackError, SlackUnreachable
from bot.slack.remote_cache import RemoteCache

_OF_OTHERS: Final = (
    "is_ext_shared", "is_pending_ext_shared", "pending_shared", "connected_team_ids", "pending_connected_team_ids",
)  # fmt: skip
"""What names another organisation. One of them is enough, whatever the others say."""


class ChannelKind(Enum):
    INTERNAL = "internal"
    EXTERNAL = "external"
    """Shared with another organisation, or about to be."""
    UNREADABLE = "unreadable"
    """Slack does not say, or it is no channel but a direct message."""


class Channels(RemoteCache[ChannelKind]):
    """Fails closed: a channel is internal only if Slack says so clearly. Unclear answers are not cached."""

    TTL_SECONDS = 300

    async def kind(self, channel: str) -> ChannelKind:
        if channel[:1] not in ("C", "G"):
            return ChannelKind.UNREADABLE
        try:
            return await self._get(channel)
        except SlackError:
            return ChannelKind.UNREADABLE

    def mark_external(self, channel: str) -> None:
        """An event says that the channel is shared with another organisation, whatever Slack said before."""
        self.forget(channel)
        self._keep(channel, ChannelKind.EXTERNAL)

    async def _fetch(self, key: str) -> ChannelKind:
        """``is_shared`` alone may mean inside the company. https://docs.slack.dev/apis/slack-connect"""
        channel = (await self._api.read("conversations.info", channel=key)).get("channel")
        if isinstance(channel, dict) and not (channel.get("is_im") or channel.get("is_mpim")):
            if any(channel.get(flag) for flag in _OF_OTHERS) or _has_other_teams(channel):
                return ChannelKind.EXTERNAL
            if channel.get("is_ext_shared") is False:
                return ChannelKind.INTERNAL
        raise SlackUnreachable("conversations.info without is_ext_shared")


def _has_other_teams(channel: dict[str, Any]) -> bool:
    """Several teams share it, and Slack does not say that they are of one organisation."""
    teams = channel.get("shared_team_ids")
    return isinstance(teams, list) and len(set(map(str, teams))) > 1 and not channel.get("is_org_shared")
