"""Which channels are internal: conversations.info, cached for five minutes and invalidated by Slack's events."""

from enum import Enum

from bot.errors import SlackError, SlackUnreachable
from bot.slack.remote_cache import RemoteCache


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

    async def _fetch(self, key: str) -> ChannelKind:
        """``is_shared`` alone may mean inside the company. https://docs.slack.dev/apis/slack-connect"""
        channel = (await self._api.read("conversations.info", channel=key)).get("channel")
        if isinstance(channel, dict) and not (channel.get("is_im") or channel.get("is_mpim")):
            if channel.get("is_ext_shared") or channel.get("is_pending_ext_shared") or channel.get("pending_shared"):
                return ChannelKind.EXTERNAL
            if channel.get("is_ext_shared") is False:
                return ChannelKind.INTERNAL
        raise SlackUnreachable("conversations.info without is_ext_shared")
