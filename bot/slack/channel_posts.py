"""What everybody in a channel sees: posts and unfurls, at most once each; and the panel of a Work Object."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

import structlog

from bot.errors import SlackRefused
from bot.slack.api import SlackApi, first_accepted
from bot.slack.channels import ChannelKind, Channels
from bot.slack.message import Message, payloads
from bot.slack.outgoing import Outgoing

NOT_INTERNAL: Final = "channel_is_not_internal"
"""Our own word, among Slack's, for a channel that was shared since the customer was looked up."""

log = structlog.get_logger(__name__)


class ChannelPosts:
    """Nothing is sent to a channel that is no longer internal, however long Slack makes a post wait."""

    def __init__(self, api: SlackApi, channels: Channels, outgoing: Outgoing) -> None:
        self._api = api
        self._channels = channels
        self._outgoing = outgoing

    async def post(self, channel: str, message: Message, thread_ts: str = "") -> None:
        """Post, in a thread if one is given; the text alone where Slack refuses the blocks. Raises SlackError."""
        target: dict[str, Any] = {"channel": channel, "unfurl_links": False, "unfurl_media": False}
        if thread_ts:
            target["thread_ts"] = thread_ts
        await self._post(channel, "chat.postMessage", target, payloads(self._outgoing.limit_message(message)))

    async def unfurl(
        self,
        channel: str,
        target: Mapping[str, str],
        cards: Mapping[str, Message],
        entities: Iterable[dict[str, Any]],
    ) -> None:
        """Put cards under links in ``channel``. ``target`` is ``unfurl_id`` and ``source``, or ``channel`` and ``ts``.

        Where Slack refuses them: without Work Objects, and then the texts alone. Raises SlackError.
        """
        limited = {url: self._outgoing.limit_message(card) for url, card in cards.items()}
        blocks = {url: {"blocks": card.blocks} if card.blocks else {"text": card.text} for url, card in limited.items()}
        fitting = [fit for entity in entities if (fit := self._outgoing.limit_entity(entity)) is not None]
        texts = {url: {"text": card.text} for url, card in cards.items()}
        whole = [{"unfurls": blocks, "metadata": {"entities": fitting}}] if fitting else []
        await self._post(channel, "chat.unfurl", target, iter([*whole, {"unfurls": blocks}, {"unfurls": texts}]))

    async def present(self, trigger_id: str, details: Mapping[str, Any]) -> None:
        """Fill the panel of a Work Object for the user who opened it. Raises SlackError."""
        await self._api.call("entity.presentDetails", trigger_id=trigger_id, **details)

    async def _post(
        self, channel: str, method: str, target: Mapping[str, Any], contents: Iterator[dict[str, Any]]
    ) -> None:
        async def check() -> None:
            if await self._channels.kind(channel) is not ChannelKind.INTERNAL:
                raise SlackRefused(NOT_INTERNAL)

        response = await first_accepted(
            contents, lambda content: self._api.post(method, check, {**target, **content}), log.bind(method=method)
        )
        if response.get("warning"):
            log.warning("slack_warning", method=method, warning=str(response["warning"]))
