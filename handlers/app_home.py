"""App Home: a person's pinned and recent customers, and the mutes they set."""

import asyncio
from typing import Any

import structlog
from slack_bolt.app.async_app import AsyncApp
from slack_bolt.context.async_context import AsyncBoltContext

from bot.cards import action_ids
from bot.cards.home_view import home_denied_view, home_view
from bot.domain.inquiry import Asker, Surface
from bot.domain.results import Denied
from bot.errors import StoreUnavailable
from bot.inquiries.automatic_cards import AutomaticCards
from bot.inquiries.inquiries import Inquiries
from bot.slack.facade import Slack
from bot.slack.message import View
from bot.slack.payloads import Interaction, asker_of
from handlers.responses import on_click

log = structlog.get_logger(__name__)


class _Home:
    def __init__(self, inquiries: Inquiries, automatic_cards: AutomaticCards, slack: Slack) -> None:
        self._inquiries = inquiries
        self._automatic_cards = automatic_cards
        self._slack = slack

    async def handle_opened(self, body: dict[str, Any], event: dict[str, Any], context: AsyncBoltContext) -> None:
        if event.get("tab") == "home":
            asker = asker_of(event, context)._replace(channel="")
            self._slack.deduplicator.start(
                body["event_id"],
                context["acknowledged"],
                lambda claim: self._slack.views.publish(asker.user, self._view(asker), claim),
            )

    def handle_clear(self, click: Interaction) -> None:
        self._slack.views.update(click, self._cleared(click))

    def handle_unmute(self, click: Interaction) -> None:
        self._slack.views.update(click, self._unmuted(click))

    async def _view(self, asker: Asker) -> View:
        texts, saved, mutes = await asyncio.gather(
            self._slack.languages.of(asker.user),
            self._inquiries.saved_customers(asker, Surface.HOME),
            self._automatic_cards.mutes(asker),
        )
        return home_denied_view(saved, texts) if isinstance(saved, Denied) else home_view(saved, mutes, texts)

    async def _cleared(self, click: Interaction) -> View:
        """While the database is unavailable nothing is cleared, and the page says that it cannot be read."""
        try:
            await self._inquiries.clear_recents(click.asker)
        except StoreUnavailable as error:
            log.warning("recents_not_cleared", reason=str(error))
        return await self._view(click.asker)

    async def _unmuted(self, click: Interaction) -> View:
        channel = action_ids.muted_channel(click.value)
        try:
            if channel is not None and not await self._inquiries.refusal(click.asker, Surface.HOME):
                await self._automatic_cards.unmute(click.asker, channel)
        except StoreUnavailable as error:
            log.warning("mute_not_undone", reason=str(error))
        return await self._view(click.asker)


def register(app: AsyncApp, inquiries: Inquiries, automatic_cards: AutomaticCards, slack: Slack) -> None:
    home = _Home(inquiries, automatic_cards, slack)
    app.event("app_home_opened")(home.handle_opened)
    app.action(action_ids.CUSTOMER_CLEAR)(on_click(home.handle_clear))
    app.action(action_ids.HOME_UNMUTE)(on_click(home.handle_unmute))
