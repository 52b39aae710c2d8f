"""Whose customers are seen where: an outlet's in a channel that is bound to it, elsewhere those of the settings."""

from collections.abc import Mapping

from bot.domain.profile import ServiceNetwork


class ChannelNetworks:
    """``by_channel`` is CHANNEL_NETWORKS. A convenience, no wall: whoever asks elsewhere sees the ``others``."""

    def __init__(self, others: ServiceNetwork, by_channel: Mapping[str, ServiceNetwork]) -> None:
        self._others = others
        self._by_channel = by_channel

    def of(self, channel: str) -> ServiceNetwork:
        """``channel`` is "" for what has none."""
        return self._by_channel.get(channel, self._others)
