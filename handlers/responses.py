"""The customer who was asked for, in the words of the person who asked: as a card, or as a view."""

import asyncio

from bot.cards.render import result_card, result_view
from bot.domain.inquiry import Inquiry
from bot.inquiries.inquiries import Inquiries
from bot.slack.facade import Slack
from bot.slack.message import Message, View
from bot.slack.view_state import ViewState


async def answered_card(inquiry: Inquiry, inquiries: Inquiries, slack: Slack) -> Message:
    texts, result = await asyncio.gather(slack.languages.of(inquiry.asker.user), inquiries.ask(inquiry))
    return result_card(result, texts)


async def answered_view(inquiry: Inquiry, state: ViewState, inquiries: Inquiries, slack: Slack) -> View:
    """``state`` is what the view keeps."""
    texts, result = await asyncio.gather(slack.languages.of(inquiry.asker.user), inquiries.ask(inquiry))
    return result_view(result, texts, state)
