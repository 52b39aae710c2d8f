"""Share: a customer's card is posted to a channel, after a preview and a confirmation."""

import asyncio
from typing import Any, Final

import structlog
from cachetools import LRUCache
from slack_bolt.app.async_app import AsyncApp
from slack_bolt.context.ack.async_ack import AsyncAck
from slack_bolt.context.async_context import AsyncBoltContext

from bot.cards import action_ids
from bot.cards.channel_card import channel_card
from bot.cards.render import result_view
from bot.cards.share_view import CHANNEL, NO_ANSWER, not_shared_view, posting_view, share_view, shared_view
from bot.domain.inquiry import Inquiry, Surface
from bot.domain.results import Found
from bot.errors import SlackError, SlackRefused
from bot.inquiries.inquiries import Inquiries
from bot.slack.facade import Slack
from bot.slack.message import Message, View
from bot.slack.payloads import Interaction, OpenView, interaction
from bot.slack.view_state import state_in
from handlers.responses import on_click, show_modal

REMEMBERED_REFUSALS: Final = 1_000

log = structlog.get_logger(__name__)


class _Sharing:
    def __init__(self, inquiries: Inquiries, slack: Slack) -> None:
        self._inquiries = inquiries
        self._slack = slack
        self._posting: dict[str, asyncio.Future[View]] = {}
        self._refused: LRUCache[str, str] = LRUCache(REMEMBERED_REFUSALS)

    def handle_share(self, click: Interaction) -> None:
        """Show what the others would see, and where."""
        show_modal(self._slack, click, self._preview(click))

    async def handle_confirmation(self, ack: AsyncAck, body: dict[str, Any], context: AsyncBoltContext) -> None:
        submission = interaction(body, context)
        assert submission.view is not None
        channel = submission.view.typed.get(CHANNEL, "")
        texts = self._slack.languages.known(submission.asker.user)
        making = self._post(submission, submission.view, channel)
        await self._slack.views.respond_to_submission(ack, submission, making, lambda: posting_view(channel, texts))

    async def _preview(self, click: Interaction) -> View:
        inquiry = Inquiry(click.value, Surface.BUTTON, click.asker)
        texts, result = await asyncio.gather(
            self._slack.languages.of(click.asker.user), self._inquiries.preview(inquiry)
        )
        if not isinstance(result, Found):
            return result_view(result, texts, click.state)
        state = click.state._replace(customer_id=result.profile.customer_id)
        return share_view(self._card(result, click.asker.user), texts, state)

    async def _post(self, submission: Interaction, view: OpenView, channel: str) -> View:
        """Post and show the outcome. However often the button is pressed, it is one post and one answer."""
        posting = self._posting.get(view.view_id)
        if posting is None:
            posting = self._posting[view.view_id] = asyncio.ensure_future(self._posted(submission, view, channel))
            posting.add_done_callback(lambda _: self._posting.pop(view.view_id))
        return await posting

    async def _posted(self, submission: Interaction, view: OpenView, channel: str) -> View:
        asker = submission.asker
        state = state_in(view.metadata)
        inquiry = Inquiry(state.customer_id, Surface.BUTTON, asker)
        texts, result = await asyncio.gather(
            self._slack.languages.of(asker.user), self._inquiries.share(inquiry, channel)
        )
        if not isinstance(result, Found):
            return result_view(result, texts, state)
        refused = await self._send(view.view_id, channel, self._card(result, asker.user))
        return not_shared_view(refused, channel, texts) if refused else shared_view(channel, texts)

    async def _send(self, view_id: str, channel: str, card: Message) -> str:
        """Why the card is not in the channel, in Slack's word; "" if it is. What Slack refused may be tried again."""
        claim = f"share {view_id}"
        if not await self._slack.deduplicator.claim(claim):
            return self._refused.get(view_id, "")
        try:
            await self._slack.posts.post(channel, card)
        except SlackError as error:
            log.error("share_refused", reason=str(error), channel=channel)
            self._refused[view_id] = _word(error)
            if isinstance(error, SlackRefused):
                await self._slack.deduplicator.release(claim)
            return _word(error)
        return ""

    def _card(self, found: Found, shared_by: str) -> Message:
        return channel_card([found], self._slack.languages.channel, shared_by)


def register(app: AsyncApp, inquiries: Inquiries, slack: Slack) -> None:
    sharing = _Sharing(inquiries, slack)
    app.action(action_ids.CUSTOMER_SHARE)(on_click(sharing.handle_share))
    app.view(action_ids.CUSTOMER_SHARE_CONFIRM)(sharing.handle_confirmation)


def _word(error: SlackError) -> str:
    return error.code if isinstance(error, SlackRefused) else NO_ANSWER
