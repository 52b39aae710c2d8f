"""Reveal, in a customer's details: what is masked otherwise, for whoever clicks, until they turn away or close it."""

import asyncio
from typing import Any

from slack_bolt.app.async_app import AsyncApp
from slack_bolt.context.ack.async_ack import AsyncAck
from slack_bolt.context.async_context import AsyncBoltContext

from bot.cards.action_ids import CUSTOMER_REVEAL
from bot.cards.record_tabs import tab_loading_view
from bot.cards.reveal_view import reveal_view
from bot.cards.tabs import Tab
from bot.domain.inquiry import Inquiry, Surface
from bot.inquiries.inquiries import Inquiries
from bot.slack.facade import Slack
from bot.slack.message import View
from bot.slack.payloads import Interaction, interaction


class _Revealing:
    def __init__(self, inquiries: Inquiries, slack: Slack) -> None:
        self._inquiries = inquiries
        self._slack = slack

    async def handle_reveal(self, ack: AsyncAck, body: dict[str, Any], context: AsyncBoltContext) -> None:
        await ack()
        click = interaction(body, context)
        tab = Tab(click.value, None, heading=click.view.heading if click.view else "")
        texts = self._slack.languages.known(click.asker.user)
        show = self._slack.views.turn if click.modal else self._slack.views.show
        show(click, self._view(tab, click), lambda: tab_loading_view(tab, texts, click.state))

    async def _view(self, tab: Tab, click: Interaction) -> View:
        inquiry = Inquiry(tab.customer_id, Surface.BUTTON, click.asker)
        texts, result = await asyncio.gather(
            self._slack.languages.of(click.asker.user), self._inquiries.reveal(inquiry)
        )
        return reveal_view(result, tab, texts, click.state)


def register(app: AsyncApp, inquiries: Inquiries, slack: Slack) -> None:
    revealing = _Revealing(inquiries, slack)
    app.action(CUSTOMER_REVEAL)(revealing.handle_reveal)
