"""The message shortcut, the global shortcut, and the modal in which one types."""

import asyncio
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import Any, Final

from slack_bolt.app.async_app import AsyncApp
from slack_bolt.context.ack.async_ack import AsyncAck
from slack_bolt.context.async_context import AsyncBoltContext

from bot.cards.action_ids import FIND_CUSTOMER, LOOKUP_IN_MESSAGE
from bot.cards.render import result_view
from bot.cards.search_view import QUERY, loading_view, nothing_found_view, pick_view, search_view
from bot.domain.inquiry import Inquiry, Surface
from bot.domain.preferences import SavedCustomers
from bot.domain.query import Query, read_mentions
from bot.domain.results import Denied, Found, Limited, Result, Several
from bot.inquiries.inquiries import Inquiries
from bot.locales import Texts
from bot.slack.facade import Slack
from bot.slack.message import View
from bot.slack.payloads import Interaction, interaction, texts_in
from bot.slack.view_state import ViewState
from handlers.responses import answered_view

MAX_READINGS: Final = 10
"""Of one message that are looked up."""

InputView = Callable[[SavedCustomers | None, Texts, ViewState], View]
"""Made of the person's own customers; None: they cannot be read now."""


class _Shortcuts:
    def __init__(self, inquiries: Inquiries, slack: Slack) -> None:
        self._inquiries = inquiries
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
        making = self._input(shortcut, Surface.GLOBAL_SHORTCUT, search_view)
        self._slack.views.show(shortcut, making, lambda: loading_view(texts, shortcut.state))

    async def handle_typed(self, ack: AsyncAck, body: dict[str, Any], context: AsyncBoltContext) -> None:
        submission = interaction(body, context)
        assert submission.view is not None
        texts = self._slack.languages.known(submission.asker.user)
        inquiry = Inquiry(submission.view.typed.get(QUERY, ""), Surface.GLOBAL_SHORTCUT, submission.asker)
        making = answered_view(inquiry, submission.state, self._inquiries, self._slack)
        await self._slack.views.answer_submission(
            ack, submission, making, lambda: loading_view(texts, submission.state)
        )

    async def _found_in(self, message: dict[str, Any], shortcut: Interaction) -> View:
        readings = _customers(message)
        if not readings:
            return await self._input(shortcut, Surface.MESSAGE_SHORTCUT, nothing_found_view)
        texts = await self._slack.languages.of(shortcut.asker.user)
        asked = await asyncio.gather(*(self._ask(query, shortcut) for query in readings[:MAX_READINGS]))
        results = list(_each_once(asked))
        if len(results) == 1:
            return result_view(results[0], texts, shortcut.state)
        return pick_view(results, len(readings) - len(asked), texts, shortcut.state)

    async def _ask(self, query: Query, shortcut: Interaction) -> Result:
        return await self._inquiries.ask(Inquiry(query.identifier, Surface.MESSAGE_SHORTCUT, shortcut.asker))

    async def _input(self, shortcut: Interaction, surface: Surface, view: InputView) -> View:
        """The input, and the person's own customers under it."""
        asker, state = shortcut.asker, shortcut.state
        texts, shelf = await asyncio.gather(self._slack.languages.of(asker.user), self._inquiries.shelf(asker, surface))
        return result_view(shelf, texts, state) if isinstance(shelf, Denied) else view(shelf, texts, state)


def register(app: AsyncApp, inquiries: Inquiries, slack: Slack) -> None:
    shortcuts = _Shortcuts(inquiries, slack)
    app.shortcut({"type": "message_action", "callback_id": LOOKUP_IN_MESSAGE})(shortcuts.handle_message_shortcut)
    app.shortcut({"type": "shortcut", "callback_id": FIND_CUSTOMER})(shortcuts.handle_find)
    app.action(FIND_CUSTOMER)(shortcuts.handle_find)
    app.view(FIND_CUSTOMER)(shortcuts.handle_typed)


def _each_once(results: Sequence[Result]) -> Iterator[Result]:
    """A customer who is named by number and by id, or whose phone is there too, is one; a refusal is one for all."""
    seen: set[str] = set()
    refused: set[type[Denied | Limited]] = set()
    for result in results:
        match result:
            case Found():
                new = _unseen([result], seen)
                yield from new
            case Several():
                new = _unseen(result.customers, seen)
                if new:
                    yield replace(result, customers=new, total=result.total - len(result.customers) + len(new))
            case Denied() | Limited():
                if type(result) not in refused:
                    refused.add(type(result))
                    yield result
            case _:
                yield result


def _unseen(customers: Sequence[Found], seen: set[str]) -> tuple[Found, ...]:
    """Those of ``customers`` who are not among the ``seen``, to whom they are added."""
    new = tuple(found for found in customers if found.profile.customer_id not in seen)
    seen.update(found.profile.customer_id for found in new)
    return new


def _customers(message: dict[str, Any]) -> tuple[Query, ...]:
    """Whatever leads to a customer in a message, in its text, its blocks and its attachments, each once."""
    found: dict[str, Query] = {}
    for text in texts_in(message):
        for query in read_mentions(text):
            found.setdefault(query.identifier, query)
    return tuple(found.values())
