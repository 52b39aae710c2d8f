"""The message shortcut, the global shortcut, and the modal in which one types."""

import asyncio
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import Any, Final

from slack_bolt.app.async_app import AsyncApp
from slack_bolt.context.ack.async_ack import AsyncAck
from slack_bolt.context.async_context import AsyncBoltContext

from bot.cards import action_ids
from bot.cards.modal import loading_view
from bot.cards.render import result_view
from bot.cards.search_view import QUERY, nothing_found_view, pick_view, search_view
from bot.domain.inquiry import Inquiry, Surface
from bot.domain.preferences import SavedCustomers
from bot.domain.query import QueryReader
from bot.domain.results import Denied, Found, Limited, Result, Several
from bot.inquiries.inquiries import Inquiries
from bot.locales import Texts
from bot.slack.facade import Slack
from bot.slack.message import View
from bot.slack.payloads import Interaction, interaction, texts_in
from bot.slack.view_state import ViewState
from handlers.responses import customer_view, on_click, show_modal

MAX_QUERIES: Final = 10
"""How many customers of one message are looked up."""

InputView = Callable[[SavedCustomers | None, Texts, ViewState], View]
"""Made of the person's pinned and recent customers; None: the database is unavailable."""


class _Shortcuts:
    def __init__(self, inquiries: Inquiries, reader: QueryReader, slack: Slack) -> None:
        self._inquiries = inquiries
        self._reader = reader
        self._slack = slack

    async def handle_message_shortcut(self, ack: AsyncAck, body: dict[str, Any], context: AsyncBoltContext) -> None:
        await ack()
        shortcut = interaction(body, context)
        show_modal(self._slack, shortcut, self._customers_in(body["message"], shortcut))

    def handle_find(self, shortcut: Interaction) -> None:
        """The global shortcut, and the button of the same name on Home."""
        show_modal(self._slack, shortcut, self._input_view(shortcut, Surface.GLOBAL_SHORTCUT, search_view))

    async def handle_typed(self, ack: AsyncAck, body: dict[str, Any], context: AsyncBoltContext) -> None:
        submission = interaction(body, context)
        assert submission.view is not None
        texts = self._slack.languages.known(submission.asker.user)
        inquiry = Inquiry(submission.view.typed.get(QUERY, ""), Surface.GLOBAL_SHORTCUT, submission.asker)
        making = customer_view(inquiry, submission, self._inquiries, self._slack)
        await self._slack.views.respond_to_submission(
            ack, submission, making, lambda: loading_view(texts, submission.state)
        )

    async def _customers_in(self, message: dict[str, Any], shortcut: Interaction) -> View:
        """The customers that the message's text, blocks and attachments name, each query once."""
        mentions = [query for text in texts_in(message) for query in self._reader.mentions(text)]
        queries = list({query.identifier: query for query in mentions}.values())
        if not queries:
            return await self._input_view(shortcut, Surface.MESSAGE_SHORTCUT, nothing_found_view)
        texts = await self._slack.languages.of(shortcut.asker.user)
        asked = await asyncio.gather(
            *(
                self._inquiries.ask(Inquiry(query.identifier, Surface.MESSAGE_SHORTCUT, shortcut.asker))
                for query in queries[:MAX_QUERIES]
            )
        )
        results = list(_without_repeats(asked))
        if len(results) == 1:
            return result_view(results[0], texts, shortcut.state)
        return pick_view(results, len(queries) - len(asked), texts, shortcut.state)

    async def _input_view(self, shortcut: Interaction, surface: Surface, view: InputView) -> View:
        """The input, and the person's own customers under it."""
        asker, state = shortcut.asker, shortcut.state
        texts, saved = await asyncio.gather(
            self._slack.languages.of(asker.user), self._inquiries.saved_customers(asker, surface)
        )
        return result_view(saved, texts, state) if isinstance(saved, Denied) else view(saved, texts, state)


def register(app: AsyncApp, inquiries: Inquiries, reader: QueryReader, slack: Slack) -> None:
    shortcuts = _Shortcuts(inquiries, reader, slack)
    app.shortcut({"type": "message_action", "callback_id": action_ids.LOOKUP_IN_MESSAGE})(
        shortcuts.handle_message_shortcut
    )
    app.shortcut({"type": "shortcut", "callback_id": action_ids.FIND_CUSTOMER})(on_click(shortcuts.handle_find))
    app.action(action_ids.FIND_CUSTOMER)(on_click(shortcuts.handle_find))
    app.view(action_ids.FIND_CUSTOMER)(shortcuts.handle_typed)


def _without_repeats(results: Sequence[Result]) -> Iterator[Result]:
    """A customer named by number, id and phone is shown once; so is a refusal, which holds for all readings."""
    seen: set[str] = set()
    refused: set[type[Denied | Limited]] = set()

    def unseen(customers: Sequence[Found]) -> tuple[Found, ...]:
        new = tuple(found for found in customers if found.profile.customer_id not in seen)
        seen.update(found.profile.customer_id for found in new)
        return new

    for result in results:
        match result:
            case Found():
                yield from unseen([result])
            case Several():
                if new := unseen(result.customers):
                    yield replace(result, customers=new, total=result.total - len(result.customers) + len(new))
            case Denied() | Limited():
                if type(result) not in refused:
                    refused.add(type(result))
                    yield result
            case _:
                yield result
