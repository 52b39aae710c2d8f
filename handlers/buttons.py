"""Buttons on cards that show a customer: Details, Refresh and Retry, one of several or of those suggested, links."""

from dataclasses import replace
from typing import Any

from slack_bolt.app.async_app import AsyncApp
from slack_bolt.context.ack.async_ack import AsyncAck
from slack_bolt.context.async_context import AsyncBoltContext

from bot.cards.action_ids import (
    CUSTOMER_DETAILS,
    CUSTOMER_OPEN,
    CUSTOMER_PICK,
    CUSTOMER_REFRESH,
    CUSTOMER_SEARCH,
)
from bot.cards.search_view import loading_view
from bot.domain.inquiry import Inquiry, Surface
from bot.inquiries.inquiries import Inquiries
from bot.slack.facade import Slack
from bot.slack.message import View
from bot.slack.payloads import Interaction, interaction
from handlers.responses import answered_card, answered_view


class _Actions:
    def __init__(self, inquiries: Inquiries, slack: Slack) -> None:
        self._inquiries = inquiries
        self._slack = slack

    async def handle_details(self, ack: AsyncAck, body: dict[str, Any], context: AsyncBoltContext) -> None:
        """Details, and one of several: every field, in a modal."""
        await ack()
        click = interaction(body, context)
        texts = self._slack.languages.known(click.asker.user)
        self._slack.views.show(click, self._details(click, _inquiry(click)), lambda: loading_view(texts, click.state))

    async def handle_refresh(self, ack: AsyncAck, body: dict[str, Any], context: AsyncBoltContext) -> None:
        """Refresh and Retry: ask the CRM, past the cache, and replace what was clicked."""
        await ack()
        click = interaction(body, context)
        inquiry = replace(_inquiry(click), refresh=True)
        if click.view is not None:
            self._slack.views.update(click, self._details(click, inquiry))
        else:
            self._slack.replies.replace(answered_card(inquiry, self._inquiries, self._slack), click.reply)

    async def handle_link(self, ack: AsyncAck) -> None:
        """Slack opens the link by itself, and warns the person if the click is not acknowledged."""
        await ack()

    async def _details(self, click: Interaction, inquiry: Inquiry) -> View:
        return await answered_view(inquiry, click.state, self._inquiries, self._slack)


def register(app: AsyncApp, inquiries: Inquiries, slack: Slack) -> None:
    actions = _Actions(inquiries, slack)
    app.action(CUSTOMER_REFRESH)(actions.handle_refresh)
    app.action(CUSTOMER_DETAILS)(actions.handle_details)
    app.action(CUSTOMER_PICK)(actions.handle_details)
    app.action(CUSTOMER_SEARCH)(actions.handle_details)
    app.action(CUSTOMER_OPEN)(actions.handle_link)


def _inquiry(click: Interaction) -> Inquiry:
    on_home = click.view is not None and click.modal is None
    return Inquiry(click.value, Surface.HOME if on_home else Surface.BUTTON, click.asker)
