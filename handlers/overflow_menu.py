"""The menus of cards: copy and pin on a private card, mutes and their undo on a channel card."""

from collections.abc import Awaitable, Callable
from typing import Any

from slack_bolt.app.async_app import AsyncApp
from slack_bolt.context.ack.async_ack import AsyncAck
from slack_bolt.context.async_context import AsyncBoltContext

from bot.cards.action_ids import (
    CUSTOMER_MENU,
    CUSTOMER_MUTE,
    CUSTOMER_PIN,
    MENU_COPY,
    MENU_DETAILS,
    MENU_MUTE_CHANNEL,
    MENU_MUTE_DAY,
    MENU_MUTE_ME,
    MENU_OPEN,
    MENU_PIN,
    menu_choice,
    muted_channel,
)
from bot.cards.copy_card import copy_card
from bot.cards.mute_cards import muted_notice, unmuted_notice
from bot.cards.notices import outdated_card, pin_notice
from bot.cards.render import message_view, result_card
from bot.cards.search_view import loading_view
from bot.domain.inquiry import Inquiry, Surface
from bot.domain.results import Denied, Found
from bot.inquiries.automatic_cards import AutomaticCards
from bot.inquiries.inquiries import Inquiries
from bot.locales import Texts
from bot.slack.facade import Slack
from bot.slack.message import Message, View
from bot.slack.payloads import Interaction, interaction
from handlers.responses import answered_view

Choice = Callable[[Interaction, str, Texts], Awaitable[Message]]
"""What was chosen, done: for whom, with which argument, in which language."""


class _Menu:
    def __init__(self, inquiries: Inquiries, automatic_cards: AutomaticCards, slack: Slack) -> None:
        self._inquiries = inquiries
        self._automatic_cards = automatic_cards
        self._slack = slack
        self._choices: dict[str, Choice] = {
            MENU_COPY: self._copy,
            MENU_PIN: self._toggle_pin,
            MENU_MUTE_DAY: self._mute_channel_for_a_day,
            MENU_MUTE_CHANNEL: self._mute_channel,
            MENU_MUTE_ME: self._mute_person,
        }

    async def handle_menu(self, ack: AsyncAck, body: dict[str, Any], context: AsyncBoltContext) -> None:
        await ack()
        click = interaction(body, context)
        verb, argument = menu_choice(click.value)
        if verb == MENU_DETAILS:
            self._show_details(click, argument)
        elif verb != MENU_OPEN:  # a link, which Slack opens by itself
            self._answer(click, self._choices.get(verb, _outdated), argument)

    async def handle_pin(self, ack: AsyncAck, body: dict[str, Any], context: AsyncBoltContext) -> None:
        await ack()
        click = interaction(body, context)
        self._answer(click, self._toggle_pin, click.value)

    async def handle_undo(self, ack: AsyncAck, body: dict[str, Any], context: AsyncBoltContext) -> None:
        await ack()
        click = interaction(body, context)
        self._answer(click, self._unmute, click.value)

    def _answer(self, click: Interaction, choice: Choice, argument: str) -> None:
        """Beside the message that was clicked, or on top of the modal."""
        if click.view is None:
            self._slack.replies.tell(self._message(click, choice, argument), click.reply)
        else:
            texts = self._slack.languages.known(click.asker.user)
            self._slack.views.show(click, self._view(click, choice, argument), lambda: loading_view(texts, click.state))

    def _show_details(self, click: Interaction, customer_id: str) -> None:
        texts = self._slack.languages.known(click.asker.user)
        inquiry = Inquiry(customer_id, Surface.BUTTON, click.asker)
        making = answered_view(inquiry, click.state, self._inquiries, self._slack)
        self._slack.views.show(click, making, lambda: loading_view(texts, click.state))

    async def _message(self, click: Interaction, choice: Choice, argument: str) -> Message:
        return await self._done(click, choice, argument, await self._slack.languages.of(click.asker.user))

    async def _view(self, click: Interaction, choice: Choice, argument: str) -> View:
        texts = await self._slack.languages.of(click.asker.user)
        return message_view(await self._done(click, choice, argument, texts), texts, click.state)

    async def _done(self, click: Interaction, choice: Choice, argument: str, texts: Texts) -> Message:
        """For whoever may see customers: a mute would keep cards from all the others."""
        denied = await self._inquiries.refusal(click.asker, Surface.BUTTON)
        return result_card(denied, texts) if denied else await choice(click, argument, texts)

    async def _copy(self, click: Interaction, customer_id: str, texts: Texts) -> Message:
        result = await self._inquiries.ask(Inquiry(customer_id, Surface.BUTTON, click.asker))
        return copy_card(result, texts) if isinstance(result, Found) else result_card(result, texts)

    async def _toggle_pin(self, click: Interaction, customer_id: str, texts: Texts) -> Message:
        pinned = await self._inquiries.toggle_pin(click.asker, customer_id)
        if pinned is None:
            return outdated_card(texts)
        if isinstance(pinned, Denied):
            return result_card(pinned, texts)
        customer, is_pinned = pinned
        return pin_notice(customer.name, is_pinned, texts)

    async def _mute_channel_for_a_day(self, click: Interaction, argument: str, texts: Texts) -> Message:
        if not click.asker.channel:
            return await _outdated(click, argument, texts)
        return muted_notice(await self._automatic_cards.mute_channel_for_a_day(click.asker), texts)

    async def _mute_channel(self, click: Interaction, argument: str, texts: Texts) -> Message:
        if not click.asker.channel:
            return await _outdated(click, argument, texts)
        return muted_notice(await self._automatic_cards.mute_channel(click.asker), texts)

    async def _mute_person(self, click: Interaction, _: str, texts: Texts) -> Message:
        return muted_notice(await self._automatic_cards.mute_person(click.asker), texts)

    async def _unmute(self, click: Interaction, value: str, texts: Texts) -> Message:
        channel = muted_channel(value)
        if channel is None:
            return outdated_card(texts)
        return unmuted_notice(await self._automatic_cards.unmute(click.asker, channel), texts)


def register(app: AsyncApp, inquiries: Inquiries, automatic_cards: AutomaticCards, slack: Slack) -> None:
    menu = _Menu(inquiries, automatic_cards, slack)
    app.action(CUSTOMER_MENU)(menu.handle_menu)
    app.action(CUSTOMER_PIN)(menu.handle_pin)
    app.action(CUSTOMER_MUTE)(menu.handle_undo)


async def _outdated(click: Interaction, argument: str, texts: Texts) -> Message:
    """A choice that an older version offered: cards in Slack outlive releases."""
    return outdated_card(texts)
