"""The slash command ``/customer``."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any, Final

from slack_bolt.app.async_app import AsyncApp
from slack_bolt.context.ack.async_ack import AsyncAck
from slack_bolt.context.async_context import AsyncBoltContext
from slack_bolt.middleware.async_middleware import AsyncMiddleware
from slack_bolt.request.async_request import AsyncBoltRequest
from slack_bolt.response import BoltResponse

from bot.answers import Asker, Inquiry, Surface
from bot.cards.doctor_card import doctor_card, examining_card
from bot.cards.log_card import log_card
from bot.cards.mutes import why_card
from bot.cards.notices import help_card, looking_up_card
from bot.cards.render import answer_card
from bot.desk import Desk
from bot.doctor.doctor import Doctor
from bot.identifiers import normalise
from bot.quiet import Quiet
from bot.slack.message import Message
from bot.slack.payloads import Reply, team_of
from bot.slack.slack import Slack
from handlers.answered import answered_card

COMMAND: Final = "/customer"
_ASKS_FOR_HELP: Final = frozenset({"", "help", "?", "帮助"})
_ASKS_WHY: Final = frozenset({"why", "为什么"})
_ASKS_FOR_DOCTOR: Final = frozenset({"doctor", "诊断", "体检"})
_ASKS_FOR_LOG: Final = frozenset({"log", "日志"})


class _Command:
    def __init__(self, desk: Desk, quiet: Quiet, doctor: Doctor, slack: Slack) -> None:
        self._desk = desk
        self._quiet = quiet
        self._doctor = doctor
        self._slack = slack

    async def handle(self, ack: AsyncAck, command: dict[str, Any], context: AsyncBoltContext) -> None:
        text = command.get("text") or ""
        asker = Asker(team_of(context), command["user_id"], command["channel_id"])
        await self._slack.delivery.answer_command(
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
        return answered_card(Inquiry(text, Surface.COMMAND, asker), self._desk, self._slack)

    def _waiting(self, text: str, asker: Asker) -> Message:
        texts = self._slack.languages.known(asker.user)
        is_for_doctor = normalise(text).lower() in _ASKS_FOR_DOCTOR
        return examining_card(texts) if is_for_doctor else looking_up_card(text, texts)

    async def _help(self, asker: Asker) -> Message:
        return help_card(await self._slack.languages.of(asker.user))

    async def _why(self, asker: Asker) -> Message:
        texts, explanation = await asyncio.gather(self._slack.languages.of(asker.user), self._quiet.why(asker))
        return why_card(explanation.last, explanation.mute, texts)

    async def _log(self, customer: str, asker: Asker) -> Message:
        texts, answer = await asyncio.gather(self._slack.languages.of(asker.user), self._desk.accesses(asker, customer))
        return log_card(answer, texts)

    async def _report(self, asker: Asker) -> Message:
        texts, report = await asyncio.gather(self._slack.languages.of(asker.user), self._doctor.report(asker))
        return doctor_card(report, texts)


class _AtOnce(AsyncMiddleware):
    """Answers a command where that waits for nobody: most are. Looking for a listener and its arguments would take Bolt
    a fifth of the time of the whole answer.
    """

    def __init__(self, desk: Desk, slack: Slack) -> None:
        self._desk = desk
        self._slack = slack

    async def async_process(
        self, *, req: AsyncBoltRequest, resp: BoltResponse, next: Callable[[], Awaitable[BoltResponse]]
    ) -> BoltResponse | None:
        command = req.body
        if command.get("command") != COMMAND:
            return await next()
        asker = Asker(team_of(req.context), command["user_id"], command["channel_id"])
        inquiry = Inquiry(command.get("text") or "", Surface.COMMAND, asker)
        if not self._desk.has_at_hand(inquiry) or not _asks_for_customers(inquiry.text):
            return await next()
        card = self._card(inquiry)
        return BoltResponse(status=200, body=await self._slack.delivery.at_once(card, asker.user))

    async def _card(self, inquiry: Inquiry) -> Message:
        return answer_card(await self._desk.ask(inquiry), self._slack.languages.known(inquiry.asker.user))


def register(app: AsyncApp, desk: Desk, quiet: Quiet, doctor: Doctor, slack: Slack) -> None:
    app.use(_AtOnce(desk, slack))
    app.command(COMMAND)(_Command(desk, quiet, doctor, slack).handle)


def _asks_for_customers(text: str) -> bool:
    meant = normalise(text).lower()
    return meant not in _ASKS_FOR_HELP | _ASKS_WHY | _ASKS_FOR_DOCTOR and _whose_log(text) is None


def _whose_log(text: str) -> str | None:
    """The customer whose access log is asked for; "" where none is named, None where no log is asked for."""
    word, *rest = text.split(maxsplit=1)
    if normalise(word).lower() not in _ASKS_FOR_LOG:
        return None
    return rest[0] if rest else ""
