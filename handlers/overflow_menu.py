"""The menus of cards: copy and pin on a private card, mutes and their undo on a channel card."""

from collections.abc import Awaitable, Callable
from functools import partial

from slack_bolt.app.async_app import AsyncApp

from bot.cards import action_ids
from bot.cards.copy_card import copy_card
from bot.cards.modal import message_view
from bot.cards.notices import muted_notice, outdated_card, pin_notice, unmuted_notice
from bot.cards.render import result_card
from bot.domain.inquiry import Asker, Inquiry, Surface
from bot.domain.preferences import Mute
from bot.domain.results import Denied, Found
from bot.inquiries.automatic_cards import AutomaticCards
from bot.inquiries.inquiries import Inquiries
from bot.locales import Texts
from bot.slack.facade import Slack
from bot.slack.message import Message, View
from bot.slack.payloads import Interaction
from handlers.responses import customer_view, on_click, show_modal

Choice = Callable[[Interaction, str, Texts], Awaitable[Message]]
"""Does what was chosen, with the choice's argument; returns the notice, in the person's language."""


class _Menu:
    def __init__(self, inquiries: Inquiries, automatic_cards: AutomaticCards, slack: Slack) -> None:
        self._inquiries = inquiries
        self._automatic_cards = automatic_cards
        self._slack = slack
        self._choices: dict[str, Choice] = {
            action_ids.MENU_COPY: self.copy,
            action_ids.MENU_PIN: self.toggle_pin,
            action_ids.MENU_MUTE_DAY: partial(self._mute, automatic_cards.mute_channel_for_a_day),
            action_ids.MENU_MUTE_CHANNEL: partial(self._mute, automatic_cards.mute_channel),
            action_ids.MENU_MUTE_ME: self.mute_person,
        }

    def handle_menu(self, click: Interaction) -> None:
        verb, argument = action_ids.menu_choice(click.value)
        if verb == action_ids.MENU_DETAILS:
            inquiry = Inquiry(argument, Surface.BUTTON, click.asker)
            show_modal(self._slack, click, customer_view(inquiry, click, self._inquiries, self._slack))
        elif verb != action_ids.MENU_OPEN:  # a link, which Slack opens by itself
            self._respond(click, self._choices.get(verb, _outdated), argument)

    def handle_pin(self, click: Interaction) -> None:
        self._respond(click, self.toggle_pin, click.value)

    def handle_undo(self, click: Interaction) -> None:
        self._respond(click, self.unmute, click.value)

    def _respond(self, click: Interaction, choice: Choice, argument: str) -> None:
        """Beside the message that was clicked, or on top of the modal."""
        if click.view is None:
            self._slack.replies.respond(self._notice(click, choice, argument), click.reply)
        else:
            show_modal(self._slack, click, self._notice_view(click, choice, argument))

    async def _notice_view(self, click: Interaction, choice: Choice, argument: str) -> View:
        notice = await self._notice(click, choice, argument)
        return message_view(notice, await self._slack.languages.of(click.asker.user), click.state)

    async def _notice(self, click: Interaction, choice: Choice, argument: str) -> Message:
        """Only who may see customers may choose: a mute keeps cards from everybody else in the channel."""
        texts = await self._slack.languages.of(click.asker.user)
        denied = await self._inquiries.refusal(click.asker, Surface.BUTTON)
        return result_card(denied, texts) if denied else await choice(click, argument, texts)

    async def copy(self, click: Interaction, customer_id: str, texts: Texts) -> Message:
        result = await self._inquiries.ask(Inquiry(customer_id, Surface.BUTTON, click.asker))
        return copy_card(result, texts) if isinstance(result, Found) else result_card(result, texts)

    async def toggle_pin(self, click: Interaction, customer_id: str, texts: Texts) -> Message:
        pinned = await self._inquiries.toggle_pin(click.asker, customer_id)
        if pinned is None:
            return outdated_card(texts)
        if isinstance(pinned, Denied):
            return result_card(pinned, texts)
        customer, is_pinned = pinned
        return pin_notice(customer.name, is_pinned, texts)

    async def _mute(
        self, mute: Callable[[Asker], Awaitable[Mute]], click: Interaction, argument: str, texts: Texts
    ) -> Message:
        if not click.asker.channel:
            return outdated_card(texts)
        return muted_notice(await mute(click.asker), texts)

    async def mute_person(self, click: Interaction, argument: str, texts: Texts) -> Message:
        return muted_notice(await self._automatic_cards.mute_person(click.asker), texts)

    async def unmute(self, click: Interaction, value: str, texts: Texts) -> Message:
        channel = action_ids.muted_channel(value)
        if channel is None:
            return outdated_card(texts)
        return unmuted_notice(await self._automatic_cards.unmute(click.asker, channel), texts)


def register(app: AsyncApp, inquiries: Inquiries, automatic_cards: AutomaticCards, slack: Slack) -> None:
    menu = _Menu(inquiries, automatic_cards, slack)
    app.action(action_ids.CUSTOMER_MENU)(on_click(menu.handle_menu))
    app.action(action_ids.CUSTOMER_PIN)(on_click(menu.handle_pin))
    app.action(action_ids.CUSTOMER_MUTE)(on_click(menu.handle_undo))


async def _outdated(click: Interaction, argument: str, texts: Texts) -> Message:
    """A choice that an older version offered: cards in Slack outlive releases."""
    return outdated_card(texts)
