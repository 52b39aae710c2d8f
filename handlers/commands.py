"""The slash command ``/customer``."""

import asyncio
from collections.abc import Coroutine
from typing import Any, Final

from slack_bolt.app.async_app import AsyncApp
from slack_bolt.context.ack.async_ack import AsyncAck
from slack_bolt.context.async_context import AsyncBoltContext

from bot.cards.audit_card import audit_card
from bot.cards.health_card import health_card, health_pending_card
from bot.cards.mute_cards import why_card
from bot.cards.notices import help_card, looking_up_card
from bot.cards.render import result_card
from bot.domain.inquiry import Asker, Inquiry, Surface
from bot.domain.query import normalise
from bot.health.runner import HealthCheck
from bot.inquiries.automatic_cards import AutomaticCards
from bot.inquiries.inquiries import Inquiries
from bot.slack.facade import Slack
from bot.slack.message import Message
from bot.slack.payloads import Reply, team_of
from handlers.responses import answered_card

COMMAND: Final = "/customer"
_ASKS_FOR_HELP: Final = frozenset({"", "help", "?", "帮助"})
_ASKS_WHY: Final = frozenset({"why", "为什么"})
_ASKS_FOR_DOCTOR: Final = frozenset({"doctor", "诊断", "体检"})
_ASKS_FOR_LOG: Final = frozenset({"log", "日志"})
_WORDS: Final = _ASKS_FOR_HELP | _ASKS_WHY | _ASKS_FOR_DOCTOR | _ASKS_FOR_LOG


class _Command:
    def __init__(
        self, inquiries: Inquiries, automatic_cards: AutomaticCards, health_check: HealthCheck, slack: Slack
    ) -> None:
        self._inquiries = inquiries
        self._automatic_cards = automatic_cards
        self._doctor = health_check
        self._slack = slack

    async def handle(self, ack: AsyncAck, command: dict[str, Any], context: AsyncBoltContext) -> None:
        text = command.get("text") or ""
        asker = Asker(team_of(context), command["user_id"], command["channel_id"])
        await self._slack.replies.answer_command(
            ack,
            self._answer(text, asker),
            lambda: self._waiting(text, asker),
            Reply(asker, context["acknowledged"], command["response_url"]),
        )

    def _answer(self, text: str, asker: Asker) -> Coroutine[Any, Any, Message]:
        meant = normalise(text).lower()
        if meant in _ASKS_FOR_HELP:
            return self._help(asker)
        if meant in _ASKS_WHY:
            return self._why(asker)
        if meant in _ASKS_FOR_DOCTOR:
            return self._report(asker)
        customer = _whose_log(text)
        if customer is not None:
            return self._log(customer, asker)
        return answered_card(Inquiry(text, Surface.COMMAND, asker), self._inquiries, self._slack)

    def _waiting(self, text: str, asker: Asker) -> Message:
        texts = self._slack.languages.known(asker.user)
        is_for_doctor = normalise(text).lower() in _ASKS_FOR_DOCTOR
        return health_pending_card(texts) if is_for_doctor else looking_up_card(text, texts)

    async def _help(self, asker: Asker) -> Message:
        return help_card(await self._slack.languages.of(asker.user))

    async def _why(self, asker: Asker) -> Message:
        texts, explanation = await asyncio.gather(
            self._slack.languages.of(asker.user), self._automatic_cards.why(asker)
        )
        return why_card(explanation.last, explanation.mute, texts)

    async def _log(self, customer: str, asker: Asker) -> Message:
        texts, result = await asyncio.gather(
            self._slack.languages.of(asker.user), self._inquiries.accesses(asker, customer)
        )
        return audit_card(result, texts)

    async def _report(self, asker: Asker) -> Message:
        texts, report = await asyncio.gather(self._slack.languages.of(asker.user), self._doctor.report(asker))
        return health_card(report, texts)


class AtOnce:
    """Answers a command where that waits for nobody: most are."""

    def __init__(self, inquiries: Inquiries, slack: Slack) -> None:
        self._inquiries = inquiries
        self._slack = slack

    async def answer(self, body: dict[str, Any], team: str) -> str | None:
        """The JSON of the acknowledgement. ``team`` is the workspace that the bot is in."""
        if body.get("command") != COMMAND:
            return None
        asker = Asker(team, body["user_id"], body["channel_id"])
        inquiry = Inquiry(body.get("text") or "", Surface.COMMAND, asker)
        if not self._inquiries.is_cached(inquiry) or _may_ask_for_more(inquiry.text):
            return None
        return await self._slack.replies.at_once(self._card(inquiry), asker.user)

    async def _card(self, inquiry: Inquiry) -> Message:
        return result_card(await self._inquiries.ask(inquiry), self._slack.languages.known(inquiry.asker.user))


def register(
    app: AsyncApp, inquiries: Inquiries, automatic_cards: AutomaticCards, health_check: HealthCheck, slack: Slack
) -> None:
    app.command(COMMAND)(_Command(inquiries, automatic_cards, health_check, slack).handle)


def _may_ask_for_more(text: str) -> bool:
    """Whether ``text`` may be more than a question for customers: it begins with a word that means something else."""
    word = next(iter(text.split(maxsplit=1)), "")
    return normalise(word).lower() in _WORDS


def _whose_log(text: str) -> str | None:
    """The customer whose access log is asked for; "" where none is named, None where no log is asked for."""
    word, *rest = text.split(maxsplit=1)
    if normalise(word).lower() not in _ASKS_FOR_LOG:
        return None
    return rest[0] if rest else ""
