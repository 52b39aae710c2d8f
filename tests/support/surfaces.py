"""What the end-to-end tests of the surfaces share: customers, waiting until the bot is done, what may not be seen."""

import asyncio
import json
import re
import unicodedata
from typing import Any, Final

from bot.domain.preferences import CardOutcome
from bot.locales import texts_in
from bot.playground.fake_crm.server import sample_customers
from bot.playground.fake_slack.server import CHANNEL, USER, Flexpane, StandInSlack
from bot.server.http import WebProcess
from bot.slack.message import Message

TEMPLATE: Final = "https://crm.example.com/customer/{customer_id}"
DOCUMENTED: Final = "dc540ce7-5bc5-4275-b8fa-2004eb5839e3"
FACTORY: Final = "0473f7ce-9158-4609-9b02-b92437bdff35"
CLINIC: Final = "cd7f38cb-b376-4085-b3db-ca9631319fb0"
HOTEL: Final = "fc3309c0-9c2d-4763-992e-5963253a3a7d"
UNKNOWN: Final = "00000000-1111-4222-8333-444444444444"
NO_DATABASE: Final = "sqlite:////nowhere/at/all.db"

_PUBLIC: Final = frozenset(
    {"客户名称", "客户编号", "客户标签", "客户等级", "所属区域", "默认服务网点", "维护人员", "最近服务日期"}
)
"""What everybody in a channel may see."""
_NO_PHONES: Final = frozenset({"客户编号", "创建时间", "最近服务日期"})
_LONG_NUMBER: Final = re.compile(r"\+?\d(?:[\W_]{0,2}\d){9,}")


def link(customer_id: str) -> str:
    return TEMPLATE.format(customer_id=customer_id)


async def idle(process: WebProcess) -> None:
    """Until nothing is under way any more: what has not come by then does not come."""
    assert process.bot is not None
    async with asyncio.timeout(5):
        while len(process.bot.background):  # noqa: ASYNC110  # there is no event to wait for
            await asyncio.sleep(0.002)


async def why(slack: StandInSlack, *, user: str = USER, channel: str = CHANNEL) -> Message:
    """The answer to ``/customer why``."""
    exchange = await slack.command("why", user=user, channel=channel)
    [message] = await exchange.answers(1)
    return message


def reason(outcome: CardOutcome) -> str:
    """What ``/customer why`` says of it in Chinese."""
    return texts_in("zh").automatic_cards.why[outcome]


def refusal_in(panel: Flexpane) -> str:
    """What a panel that shows no customer says of the reason."""
    assert panel.metadata is None
    assert panel.error is not None
    return str(panel.error.get("custom_title"))


def everything_in(shown: Any) -> str:
    """Every text in ``shown``, at whatever depth, one a line."""
    return "\n".join(_texts(json.loads(json.dumps(shown, default=vars))))


def digits_in(text: str) -> str:
    """The digits, in a row, so that no spelling hides a number."""
    return "".join(character for character in unicodedata.normalize("NFKC", text) if character.isdecimal())


def private_values() -> set[str]:
    """Every value of the sample customers that no channel may see.

    Short ones, which stand in other texts, are left out.
    """
    rows = [row for entry in sample_customers() for row in entry["rows"] if isinstance(row, dict)]
    public = " ".join(str(row.get("Value")) for row in rows if row.get("Key") in _PUBLIC)
    private = {text for row in rows if row.get("Key") not in _PUBLIC for text in _texts(row.get("Value"))}
    return {text for text in private if len(text) > 4 and text not in public}


def long_numbers() -> set[str]:
    """The digits of every phone, account and the like of the sample customers, wherever they stand."""
    rows = [row for entry in sample_customers() for row in entry["rows"] if isinstance(row, dict)]
    texts = [text for row in rows if row.get("Key") not in _NO_PHONES for text in _texts(row.get("Value"))]
    return {digits_in(number[0]) for text in texts for number in _LONG_NUMBER.finditer(_plain(text))}


def customer_values() -> set[str]:
    """Every value of the sample customers, but for the one of the documentation, whom the help texts name."""
    rows = [row for entry in sample_customers()[1:] for row in entry["rows"] if isinstance(row, dict)]
    return {text for row in rows for text in _texts(row.get("Value")) if len(text) > 2}


def _texts(value: Any) -> list[str]:
    if isinstance(value, str):
        return [value]
    if isinstance(value, list):
        return [text for item in value for text in _texts(item)]
    return [text for item in value.values() for text in _texts(item)] if isinstance(value, dict) else []


def _plain(text: str) -> str:
    return unicodedata.normalize("NFKC", text)
