"""The tabs of a customer's details: contacts, devices, work orders, their steps, and back to the profile."""

import asyncio
from typing import Any

from slack_bolt.app.async_app import AsyncApp
from slack_bolt.context.ack.async_ack import AsyncAck
from slack_bolt.context.async_context import AsyncBoltContext

from bot.cards.action_ids import (
    CUSTOMER_STEPS,
    CUSTOMER_TAB_CONTACTS,
    CUSTOMER_TAB_DEVICES,
    CUSTOMER_TAB_PROFILE,
    CUSTOMER_TAB_WORK_ORDERS,
    steps_of,
)
from bot.cards.record_tabs import records_view, tab_failed_view, tab_loading_view
from bot.cards.render import result_view
from bot.cards.tabs import Tab
from bot.domain.inquiry import Asker, Inquiry, Surface
from bot.domain.records import Section
from bot.domain.results import RecordsResult, RelatedRecords, Result, Unavailable
from bot.inquiries.inquiries import Inquiries
from bot.slack.facade import Slack
from bot.slack.message import View
from bot.slack.payloads import Interaction, interaction


class _Tabs:
    def __init__(self, inquiries: Inquiries, slack: Slack) -> None:
        self._inquiries = inquiries
        self._slack = slack

    async def handle_profile(self, ack: AsyncAck, body: dict[str, Any], context: AsyncBoltContext) -> None:
        await ack()
        self._turn_to(None, interaction(body, context))

    async def handle_contacts(self, ack: AsyncAck, body: dict[str, Any], context: AsyncBoltContext) -> None:
        await ack()
        self._turn_to(Section.CONTACTS, interaction(body, context))

    async def handle_devices(self, ack: AsyncAck, body: dict[str, Any], context: AsyncBoltContext) -> None:
        await ack()
        self._turn_to(Section.DEVICES, interaction(body, context))

    async def handle_work_orders(self, ack: AsyncAck, body: dict[str, Any], context: AsyncBoltContext) -> None:
        await ack()
        self._turn_to(Section.WORK_ORDERS, interaction(body, context))

    async def handle_steps(self, ack: AsyncAck, body: dict[str, Any], context: AsyncBoltContext) -> None:
        await ack()
        self._turn_to(Section.STEPS, interaction(body, context))

    def _turn_to(self, section: Section | None, click: Interaction) -> None:
        """In the modal that was clicked: modals on top of one another are few."""
        tab = _tab(section, click)
        texts = self._slack.languages.known(click.asker.user)
        show = self._slack.views.turn if click.modal else self._slack.views.show
        show(click, self._view(tab, click), lambda: tab_loading_view(tab, texts, click.state))

    async def _view(self, tab: Tab, click: Interaction) -> View:
        asker, state = click.asker, click.state
        texts, result = await asyncio.gather(self._slack.languages.of(asker.user), self._ask(tab, asker))
        match result:
            case RelatedRecords():
                return records_view(result, texts, state)
            case Unavailable():
                return tab_failed_view(tab, result, texts, state)
            case _:
                return result_view(result, texts, state)

    async def _ask(self, tab: Tab, asker: Asker) -> Result | RecordsResult:
        if tab.section is None:
            return await self._inquiries.ask(Inquiry(tab.customer_id, Surface.BUTTON, asker))
        return await self._inquiries.related(asker, tab.customer_id, tab.section, tab.order_id)


def register(app: AsyncApp, inquiries: Inquiries, slack: Slack) -> None:
    tabs = _Tabs(inquiries, slack)
    app.action(CUSTOMER_TAB_PROFILE)(tabs.handle_profile)
    app.action(CUSTOMER_TAB_CONTACTS)(tabs.handle_contacts)
    app.action(CUSTOMER_TAB_DEVICES)(tabs.handle_devices)
    app.action(CUSTOMER_TAB_WORK_ORDERS)(tabs.handle_work_orders)
    app.action(CUSTOMER_STEPS)(tabs.handle_steps)


def _tab(section: Section | None, click: Interaction) -> Tab:
    customer_id, order_id = click.value, ""
    if section is Section.STEPS:
        customer_id, order_id = steps_of(click.value) or ("", "")
    return Tab(customer_id, section, order_id, click.view.heading if click.view else "")
