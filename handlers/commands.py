"""The slash command ``/customer``."""

import asyncio
import re
from collections.abc import Coroutine
from typing import Any, Final

from slack_bolt.app.async_app import AsyncApp
from slack_bolt.context.ack.async_ack import AsyncAck
from slack_bolt.context.async_context import AsyncBoltContext

from bot.cards.audit_card import audit_card
from bot.cards.health_card import health_card, health_pending_card
from bot.cards.notices import help_card, looking_up_card, why_card
from bot.domain.inquiry import Asker, Inquiry, Surface
from bot.domain.normalise import plain_characters
from bot.domain.query import normalise
from bot.health.health_check import HealthCheck
from bot.inquiries.automatic_cards import AutomaticCards
from bot.inquiries.inquiries import Inquiries
from bot.slack.facade import Slack
from bot.slack.message import Message
from bot.slack.payloads import Reply, team_of
from handlers.responses import customer_card

COMMAND: Final = "/customer"
_HELP: Final = frozenset(
    ("", "help", "help me", "h", "usage", "how", "how to", "how to use", "commands",
     "帮助", "使用帮助", "怎么用", "怎么使用", "如何使用", "用法", "使用方法", "使用说明", "说明", "命令", "指令")
)  # fmt: skip
_WHY: Final = frozenset({"why", "why not", "why no card", "为什么", "为啥", "为何", "为什么没有", "为什么没有卡片"})
_DOCTOR: Final = frozenset({"doctor", "诊断", "体检", "自检"})
_LOG: Final = re.compile(r"[\W_]*(?:logs?(?![0-9A-Za-z])|日志(?![^\W0-9A-Za-z]))[\s:.,，。、—–-]*", re.IGNORECASE)
"""What follows this word is a customer; Chinese is written without blanks. 日志公司 is a name."""


class _Command:
    def __init__(
        self, inquiries: Inquiries, automatic_cards: AutomaticCards, health_check: HealthCheck, slack: Slack
    ) -> None:
        self._inquiries = inquiries
        self._automatic_cards = automatic_cards
        self._health_check = health_check
        self._slack = slack

    async def handle(self, ack: AsyncAck, command: dict[str, Any], context: AsyncBoltContext) -> None:
        text = command.get("text") or ""
        asker = Asker(team_of(context), command["user_id"], command["channel_id"])
        meant, spelt = normalise(text).lower(), plain_characters(text)
        log = _LOG.match(spelt)
        card: Coroutine[Any, Any, Message]
        if meant in _HELP | _WHY | _DOCTOR:
            card = self._subcommand(meant, asker)
        elif log:
            card = self._log(spelt[log.end() :], asker)
        else:
            card = customer_card(Inquiry(text, Surface.COMMAND, asker), self._inquiries, self._slack)

        def pending() -> Message:
            texts = self._slack.languages.known(asker.user)
            return health_pending_card(texts) if meant in _DOCTOR else looking_up_card(text, texts)

        reply = Reply(asker, context["acknowledged"], command["response_url"])
        await self._slack.replies.respond_to_command(ack, card, pending, reply)

    async def _subcommand(self, meant: str, asker: Asker) -> Message:
        texts = await self._slack.languages.of(asker.user)
        if meant in _WHY:
            explanation = await self._automatic_cards.why(asker)
            return why_card(explanation.last, explanation.mute, texts)
        if meant in _DOCTOR:
            return health_card(await self._health_check.report(asker), texts)
        return help_card(texts)

    async def _log(self, customer: str, asker: Asker) -> Message:
        texts, result = await asyncio.gather(
            self._slack.languages.of(asker.user), self._inquiries.audit_history(asker, customer)
        )
        return audit_card(result, texts)


def is_subcommand(text: str) -> bool:
    """Whether ``text`` asks for something else than customers."""
    return normalise(text).lower() in _HELP | _WHY | _DOCTOR or _LOG.match(plain_characters(text)) is not None


def register(
    app: AsyncApp, inquiries: Inquiries, automatic_cards: AutomaticCards, health_check: HealthCheck, slack: Slack
) -> None:
    app.command(COMMAND)(_Command(inquiries, automatic_cards, health_check, slack).handle)
