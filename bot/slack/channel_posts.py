"""What everybody in a channel sees: posts, unfurls and the panel of a Work Object. At most once each."""

from collections.abc import Iterable, Mapping
from typing import Any, Final

import structlog

from bot.errors import SlackRefused
from bot.slack.api import SlackApi
from bot.slack.message import Message, payload
from bot.slack.outgoing import Outgoing

_REFUSES_CONTENT: Final = frozenset(
    {
        "invalid_arguments",
        "invalid_attachments",
        "view_too_large",
        "error_processing_metadata",
        "invalid_metadata_format",
    }
)

log = structlog.get_logger(__name__)


class ChannelPosts:
    def __init__(self, api: SlackApi, outgoing: Outgoing) -> None:
        self._api = api
        self._outgoing = outgoing

    async def post(self, channel: str, message: Message, thread_ts: str = "") -> None:
        """Post, in a thread if one is given; the text alone where Slack refuses the blocks. Raises SlackError."""
        message = self._outgoing.message(message)
        where: dict[str, Any] = {"channel": channel, "unfurl_links": False, "unfurl_media": False}
        if thread_ts:
            where["thread_ts"] = thread_ts
        await self._first_taken("chat.postMessage", where, [payload(message), {"text": message.text}])

    async def unfurl(
        self, target: Mapping[str, str], cards: Mapping[str, Message], entities: Iterable[dict[str, Any]]
    ) -> None:
        """Put cards under links. ``target`` is ``unfurl_id`` and ``source``, or ``channel`` and ``ts``.

        Less where Slack refuses: without Work Objects first, then the texts alone. Raises SlackError.
        """
        texts = {url: {"text": card.text} for url, card in cards.items()}
        blocks = {url: _attachment(self._outgoing.message(card)) for url, card in cards.items()}
        fitting = [fit for entity in entities if (fit := self._outgoing.entity(entity)) is not None]
        whole = [{"unfurls": blocks, "metadata": {"entities": fitting}}] if fitting else []
        await self._first_taken("chat.unfurl", target, [*whole, {"unfurls": blocks}, {"unfurls": texts}])

    async def present(self, trigger_id: str, details: Mapping[str, Any]) -> None:
        """Fill the panel of a Work Object, for the one person who opened it. Raises SlackError."""
        await self._api.at_once("entity.presentDetails", trigger_id=trigger_id, **details)

    async def _first_taken(self, method: str, where: Mapping[str, Any], contents: list[dict[str, Any]]) -> None:
        """Send the first of ``contents`` that Slack does not refuse for what it is. Raises SlackError."""
        for content in contents:
            try:
                answer = await self._api.post(method, **where, **content)
            except SlackRefused as refused:
                if not refuses_content(refused) or content is contents[-1]:
                    raise
                log.error("blocks_refused", reason=refused.code, method=method)
                continue
            if answer.get("warning"):
                log.warning("slack_warning", method=method, warning=str(answer["warning"]))
            return


def _attachment(card: Message) -> dict[str, Any]:
    return {"blocks": card.blocks} if card.blocks else {"text": card.text}


def refuses_content(refused: SlackRefused) -> bool:
    """Whether plainer content may pass: ``invalid_blocks``, ``msg_blocks_too_long`` and the like."""
    return "blocks" in refused.code or refused.code in _REFUSES_CONTENT
