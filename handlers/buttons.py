"""Buttons on cards that show a customer: Details, Refresh and Retry, one of several or of those suggested, links."""

from dataclasses import replace

from slack_bolt.app.async_app import AsyncApp
from slack_bolt.context.ack.async_ack import AsyncAck

from bot.cards import action_ids
from bot.domain.inquiry import Inquiry, Surface
from bot.inquiries.inquiries import Inquiries
from bot.slack.facade import Slack
from bot.slack.payloads import Interaction
from handlers.responses import customer_card, customer_view, on_click, show_modal


def register(app: AsyncApp, inquiries: Inquiries, slack: Slack) -> None:
    def handle_details(click: Interaction) -> None:
        """Details, and one of several: every field, in a modal."""
        show_modal(slack, click, customer_view(_inquiry(click), click, inquiries, slack))

    def handle_refresh(click: Interaction) -> None:
        """Refresh and Retry: ask the CRM, past the cache, and replace what was clicked."""
        inquiry = replace(_inquiry(click), refresh=True)
        if click.view is not None:
            slack.views.update(click, customer_view(inquiry, click, inquiries, slack))
        else:
            slack.replies.respond(customer_card(inquiry, inquiries, slack), click.reply, replace_original=True)

    async def handle_link(ack: AsyncAck) -> None:
        """Slack opens the link by itself, and warns the person if the click is not acknowledged."""
        await ack()

    app.action(action_ids.CUSTOMER_REFRESH)(on_click(handle_refresh))
    app.action(action_ids.CUSTOMER_DETAILS)(on_click(handle_details))
    app.action(action_ids.CUSTOMER_PICK)(on_click(handle_details))
    app.action(action_ids.CUSTOMER_SEARCH)(on_click(handle_details))
    app.action(action_ids.CUSTOMER_OPEN)(handle_link)


def _inquiry(click: Interaction) -> Inquiry:
    on_home = click.view is not None and click.modal is None
    return Inquiry(click.value, Surface.HOME if on_home else Surface.BUTTON, click.asker)
