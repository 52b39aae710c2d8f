"""Which service network's customers a channel sees: its outlet's if it is bound to one, else those of the settings."""

from collections.abc import Mapping

from bot.domain.profile import ServiceNetwork


class ChannelNetworks:
    """``by_channel`` is CHANNEL_NETWORKS. A convenience, not access control: in other channels one sees ``others``."""

    def __init__(self, others: ServiceNetwork, by_channel: Mapping[str, ServiceNetwork]) -> None:
        self._others = others
        self._by_channel = by_channel

    def of(self, channel: str) -> ServiceNetwork:
        """``channel`` is "" for a surface without one."""
        return self._by_channel.get(channel, self._others)
