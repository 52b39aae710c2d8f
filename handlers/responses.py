"""The customer who was asked for, in the words of the person who asked: as a card, or as a view."""

import asyncio

from bot.cards.render import answer_card, answer_view
from bot.domain.results import Inquiry
from bot.inquiries.inquiries import Desk
from bot.slack.facade import Slack
from bot.slack.message import Message, View
from bot.slack.view_state import ViewState


async def answered_card(inquiry: Inquiry, desk: Desk, slack: Slack) -> Message:
    texts, answer = await asyncio.gather(slack.languages.of(inquiry.asker.user), desk.ask(inquiry))
    return answer_card(answer, texts)


async def answered_view(inquiry: Inquiry, state: ViewState, desk: Desk, slack: Slack) -> View:
    """``state`` is what the view keeps."""
    texts, answer = await asyncio.gather(slack.languages.of(inquiry.asker.user), desk.ask(inquiry))
    return answer_view(answer, texts, state)
