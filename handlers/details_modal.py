"""The tabs of a customer's details (contacts, devices, work orders, their steps, the profile), and Reveal."""

import asyncio
from functools import partial

from slack_bolt.app.async_app import AsyncApp

from bot.cards import action_ids
from bot.cards.record_tabs import Tab, records_view, tab_failed_view, tab_loading_view
from bot.cards.render import result_view, reveal_view
from bot.domain.inquiry import Inquiry, Surface
from bot.domain.records import Section
from bot.domain.results import RecordsResult, RelatedRecords, Result, Unavailable
from bot.inquiries.inquiries import Inquiries
from bot.slack.facade import Slack
from bot.slack.message import View
from bot.slack.payloads import Interaction
from bot.slack.views import PendingView
from handlers.responses import on_click


class _DetailsModal:
    def __init__(self, inquiries: Inquiries, slack: Slack) -> None:
        self._inquiries = inquiries
        self._slack = slack

    def handle_tab(self, section: Section | None, click: Interaction) -> None:
        customer_id, order_id = click.value, ""
        if section is Section.STEPS:
            customer_id, order_id = action_ids.steps_of(click.value) or ("", "")
        tab = Tab(customer_id, section, order_id, _heading(click))
        self._show(click, tab, self._tab_view(tab, click))

    def handle_reveal(self, click: Interaction) -> None:
        """Unmasked values stay in view until the person turns to another tab or closes the modal."""
        tab = Tab(click.value, None, heading=_heading(click))
        self._show(click, tab, self._revealed_view(tab, click))

    def _show(self, click: Interaction, tab: Tab, making: PendingView) -> None:
        """Update the modal that was clicked: Slack stacks three modals at most."""
        texts = self._slack.languages.known(click.asker.user)
        show = self._slack.views.switch if click.modal else self._slack.views.open
        show(click, making, lambda: tab_loading_view(tab, texts, click.state))

    async def _tab_view(self, tab: Tab, click: Interaction) -> View:
        texts, result = await asyncio.gather(self._slack.languages.of(click.asker.user), self._ask(tab, click))
        match result:
            case RelatedRecords():
                return records_view(result, texts, click.state)
            case Unavailable():
                return tab_failed_view(tab, result, texts, click.state)
            case _:
                return result_view(result, texts, click.state)

    async def _ask(self, tab: Tab, click: Interaction) -> Result | RecordsResult:
        if tab.section is None:
            return await self._inquiries.ask(Inquiry(tab.customer_id, Surface.BUTTON, click.asker))
        return await self._inquiries.related(click.asker, tab.customer_id, tab.section, tab.order_id)

    async def _revealed_view(self, tab: Tab, click: Interaction) -> View:
        inquiry = Inquiry(tab.customer_id, Surface.BUTTON, click.asker)
        texts, result = await asyncio.gather(
            self._slack.languages.of(click.asker.user), self._inquiries.reveal(inquiry)
        )
        return reveal_view(result, tab, texts, click.state)


def register(app: AsyncApp, inquiries: Inquiries, slack: Slack) -> None:
    modal = _DetailsModal(inquiries, slack)
    tabs = {
        action_ids.CUSTOMER_TAB_PROFILE: None,
        action_ids.CUSTOMER_TAB_CONTACTS: Section.CONTACTS,
        action_ids.CUSTOMER_TAB_DEVICES: Section.DEVICES,
        action_ids.CUSTOMER_TAB_WORK_ORDERS: Section.WORK_ORDERS,
        action_ids.CUSTOMER_STEPS: Section.STEPS,
    }
    for action_id, section in tabs.items():
        app.action(action_id)(on_click(partial(modal.handle_tab, section)))
    app.action(action_ids.CUSTOMER_REVEAL)(on_click(modal.handle_reveal))


def _heading(click: Interaction) -> str:
    return click.view.heading if click.view else ""
