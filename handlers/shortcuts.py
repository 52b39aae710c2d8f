"""The message shortcut, the global shortcut, and the modal in which one types."""

import asyncio
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import Any, Final

from slack_bolt.app.async_app import AsyncApp
from slack_bolt.context.ack.async_ack import AsyncAck
from slack_bolt.context.async_context import AsyncBoltContext

from bot.cards.action_ids import FIND_CUSTOMER, LOOKUP_IN_MESSAGE
from bot.cards.render import answer_view
from bot.cards.search_view import QUERY, find_view, loading_view, nothing_found_view, pick_view
from bot.domain.preferences import Shelf
from bot.domain.query import Reading, read_mentions
from bot.domain.results import Answer, Denied, Found, Inquiry, Limited, Several, Surface
from bot.inquiries.inquiries import Desk
from bot.locales import Texts
from bot.slack.facade import Slack
from bot.slack.message import View
from bot.slack.payloads import Interaction, interaction, texts_in
from bot.slack.view_state import ViewState
from handlers.responses import answered_view

MAX_READINGS: Final = 10
"""Of one message that are looked up."""

InputView = Callable[[Shelf | None, Texts, ViewState], View]
"""Made of the person's own customers; None: they cannot be read now."""


class _Shortcuts:
    def __init__(self, desk: Desk, slack: Slack) -> None:
        self._desk = desk
        self._slack = slack

    async def handle_message_shortcut(self, ack: AsyncAck, body: dict[str, Any], context: AsyncBoltContext) -> None:
        await ack()
        shortcut = interaction(body, context)
        texts = self._slack.languages.known(shortcut.asker.user)
        making = self._found_in(body["message"], shortcut)
        self._slack.views.show(shortcut, making, lambda: loading_view(texts, shortcut.state))

    async def handle_find(self, ack: AsyncAck, body: dict[str, Any], context: AsyncBoltContext) -> None:
        """The global shortcut, and the button of the same name on Home."""
        await ack()
        shortcut = interaction(body, context)
        texts = self._slack.languages.known(shortcut.asker.user)
        making = self._input(shortcut, Surface.GLOBAL_SHORTCUT, find_view)
        self._slack.views.show(shortcut, making, lambda: loading_view(texts, shortcut.state))

    async def handle_typed(self, ack: AsyncAck, body: dict[str, Any], context: AsyncBoltContext) -> None:
        submission = interaction(body, context)
        assert submission.view is not None
        texts = self._slack.languages.known(submission.asker.user)
        inquiry = Inquiry(submission.view.typed.get(QUERY, ""), Surface.GLOBAL_SHORTCUT, submission.asker)
        making = answered_view(inquiry, submission.state, self._desk, self._slack)
        await self._slack.views.answer_submission(
            ack, submission, making, lambda: loading_view(texts, submission.state)
        )

    async def _found_in(self, message: dict[str, Any], shortcut: Interaction) -> View:
        readings = _customers(message)
        if not readings:
            return await self._input(shortcut, Surface.MESSAGE_SHORTCUT, nothing_found_view)
        texts = await self._slack.languages.of(shortcut.asker.user)
        asked = await asyncio.gather(*(self._ask(reading, shortcut) for reading in readings[:MAX_READINGS]))
        answers = list(_each_once(asked))
        if len(answers) == 1:
            return answer_view(answers[0], texts, shortcut.state)
        return pick_view(answers, len(readings) - len(asked), texts, shortcut.state)

    async def _ask(self, reading: Reading, shortcut: Interaction) -> Answer:
        return await self._desk.ask(Inquiry(reading.identifier, Surface.MESSAGE_SHORTCUT, shortcut.asker))

    async def _input(self, shortcut: Interaction, surface: Surface, view: InputView) -> View:
        """The input, and the person's own customers under it."""
        asker, state = shortcut.asker, shortcut.state
        texts, shelf = await asyncio.gather(self._slack.languages.of(asker.user), self._desk.shelf(asker, surface))
        return answer_view(shelf, texts, state) if isinstance(shelf, Denied) else view(shelf, texts, state)


def register(app: AsyncApp, desk: Desk, slack: Slack) -> None:
    shortcuts = _Shortcuts(desk, slack)
    app.shortcut({"type": "message_action", "callback_id": LOOKUP_IN_MESSAGE})(shortcuts.handle_message_shortcut)
    app.shortcut({"type": "shortcut", "callback_id": FIND_CUSTOMER})(shortcuts.handle_find)
    app.action(FIND_CUSTOMER)(shortcuts.handle_find)
    app.view(FIND_CUSTOMER)(shortcuts.handle_typed)


def _each_once(answers: Sequence[Answer]) -> Iterator[Answer]:
    """A customer who is named by number and by id, or whose phone is there too, is one; a refusal is one for all."""
    seen: set[str] = set()
    refused: set[type[Denied | Limited]] = set()
    for answer in answers:
        match answer:
            case Found():
                new = _unseen([answer], seen)
                yield from new
            case Several():
                new = _unseen(answer.customers, seen)
                if new:
                    yield replace(answer, customers=new, total=answer.total - len(answer.customers) + len(new))
            case Denied() | Limited():
                if type(answer) not in refused:
                    refused.add(type(answer))
                    yield answer
            case _:
                yield answer


def _unseen(customers: Sequence[Found], seen: set[str]) -> tuple[Found, ...]:
    """Those of ``customers`` who are not among the ``seen``, to whom they are added."""
    new = tuple(found for found in customers if found.profile.customer_id not in seen)
    seen.update(found.profile.customer_id for found in new)
    return new


def _customers(message: dict[str, Any]) -> tuple[Reading, ...]:
    """Whatever leads to a customer in a message, in its text, its blocks and its attachments, each once."""
    found: dict[str, Reading] = {}
    for text in texts_in(message):
        for reading in read_mentions(text):
            found.setdefault(reading.identifier, reading)
    return tuple(found.values())
