"""Which channels are internal: asked of conversations.info, and again when Slack says that something changed."""

from collections.abc import Callable
from enum import Enum
from typing import Any, Final

from cachetools import TTLCache

from bot.errors import SlackError
from bot.slack.api import SlackApi

REMEMBERED_SECONDS: Final = 300
REMEMBERED_CHANNELS: Final = 10_000


class ChannelKind(Enum):
    INTERNAL = "internal"
    EXTERNAL = "external"
    """Shared with another organisation, or about to be."""
    UNREADABLE = "unreadable"
    """Slack does not say, or it is no channel but a direct message."""


class Channels:
    """Fails closed: what Slack does not say clearly is not internal. Nothing unclear is remembered."""

    def __init__(self, api: SlackApi, now: Callable[[], float]) -> None:
        self._api = api
        self._changes = 0
        self._kinds: TTLCache[str, ChannelKind] = TTLCache(REMEMBERED_CHANNELS, REMEMBERED_SECONDS, timer=now)

    async def kind(self, channel: str) -> ChannelKind:
        known = self._kinds.get(channel)
        if known is not None:
            return known
        if channel[:1] not in ("C", "G"):
            return ChannelKind.UNREADABLE
        changes = self._changes
        try:
            answer = await self._api.read("conversations.info", channel=channel)
        except SlackError:
            return ChannelKind.UNREADABLE
        kind = _kind(answer.get("channel"))
        if kind is not ChannelKind.UNREADABLE and changes == self._changes:
            self._kinds[channel] = kind
        return kind

    def forget(self, channel: str) -> None:
        """Ask again next time: Slack said that it is shared, or no longer. No answer on its way is kept either.

        None at all, whichever channel it is about: a number to compare does not grow.
        """
        self._changes += 1
        self._kinds.pop(channel, None)


def _kind(channel: Any) -> ChannelKind:
    """https://docs.slack.dev/apis/slack-connect: ``is_shared`` alone may mean that it is shared inside the company."""
    if not isinstance(channel, dict) or channel.get("is_im") or channel.get("is_mpim"):
        return ChannelKind.UNREADABLE
    if channel.get("is_ext_shared") or channel.get("is_pending_ext_shared") or channel.get("pending_shared"):
        return ChannelKind.EXTERNAL
    return ChannelKind.INTERNAL if channel.get("is_ext_shared") is False else ChannelKind.UNREADABLE
