"""Nothing leaks: every surface, the whole sample CRM, at DEBUG; then all that others could read is searched.

What is searched: the log with its tracebacks, the values of buttons and options, the metadata of modals, the ``text``
fallbacks of messages (Slack's push notifications), what channels were shown, the metrics, and the file of the database.
"""

import itertools
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pytest

from bot.cards.action_ids import (
    CUSTOMER_DETAILS,
    CUSTOMER_MENU,
    CUSTOMER_PICK,
    CUSTOMER_REFRESH,
    CUSTOMER_REVEAL,
    CUSTOMER_SEARCH,
    CUSTOMER_SHARE,
    CUSTOMER_STEPS,
    CUSTOMER_TAB_CONTACTS,
    CUSTOMER_TAB_DEVICES,
    CUSTOMER_TAB_WORK_ORDERS,
    FIND_CUSTOMER,
    LOOKUP_IN_MESSAGE,
    MENU_COPY,
    MENU_PIN,
    menu_value,
)
from bot.domain.normalise import GUID
from bot.playground.fake_crm.server import FAULTS, SampleCrm
from bot.playground.fake_slack.server import MANAGER, USER, InView, StandInSlack
from bot.server.http import WebProcess
from tests.conftest import SECRETS, Logs, StartBot
from tests.customers.test_directory_contacts import texts_of
from tests.support.modals import typed
from tests.support.prometheus import scrape
from tests.support.surfaces import FACTORY, TEMPLATE, digits_in, everything_in, idle, link, long_numbers

PERSON: Final = "4d9aa6a5-a638-4905-a554-9a6f4820367b"
"""A private person with an id card and a bank card."""
MAIL: Final = re.compile(r"[\w.+-]+@[\w.-]+\.\w+")
_IDS: Final = re.compile(rf"{GUID}|gAAAA[\w-]+", re.IGNORECASE)
"""Ids and sealed queries, whose digits mean nothing."""
_WORD: Final = re.compile(r"[A-Za-z_.]+|[0-9.]+|\+Inf")
"""What a label may say: a word of ours, Slack's or the CRM's; a bucket, a version."""
KEPT_BY_SLACK: Final = frozenset({"value", "private_metadata", "action_id", "block_id", "callback_id"})
"""Keys of what comes back with a click: Slack keeps it, and sends it to every process that answers for the app."""


class Secrets:
    """What nobody but the asker may read."""

    def __init__(self, crm: SampleCrm) -> None:
        texts = {_IDS.sub("", text) for text in texts_of(crm)}
        numbers = {digits_in(found[0]) for text in texts for found in re.finditer(r"\+?\d[\d ()-]{8,}\d", text)}
        dates = re.compile(r"(?:19|20)\d{6}")
        self.numbers = {number for number in numbers | long_numbers() if len(number) >= 10 and not dates.match(number)}
        self.mails = {mail.lower() for text in texts for mail in MAIL.findall(text)}

    def found_in(self, text: str) -> list[str]:
        """Those that stand in ``text``, however their digits are set apart."""
        runs = re.finditer(r"\+?\d(?:[\W_]{0,2}\d){9,}", _IDS.sub("", text))
        digits = [digits_in(found[0]) for found in runs]
        numbers = [number for number in self.numbers for run in digits if number in run]
        return [*numbers, *(mail for mail in self.mails if mail in text.lower())]


async def use_everything(
    bot: WebProcess, slack: StandInSlack, crm: SampleCrm, customer_id: str, words: list[str]
) -> None:
    """Every surface, for one customer whom ``words`` lead to."""
    for word in (customer_id, *words):
        await slack.command(word)
    await slack.message_shortcut(LOOKUP_IN_MESSAGE, {"text": "，".join(words), "user": MANAGER, "ts": slack.ts()})
    await slack.post_message(f"{link(customer_id)} {customer_id}")
    await idle(bot)
    slack.modals[USER].clear()
    for action_id in (CUSTOMER_REFRESH, CUSTOMER_DETAILS, CUSTOMER_PICK):
        await slack.click(action_id, customer_id)
        await idle(bot)
        slack.modals[USER].clear()
    for verb in (MENU_COPY, MENU_PIN):
        await slack.choose(CUSTOMER_MENU, menu_value(verb, customer_id))
    await use_modals(bot, slack, crm, customer_id, words)


async def use_modals(bot: WebProcess, slack: StandInSlack, crm: SampleCrm, customer_id: str, words: list[str]) -> None:
    await slack.click(CUSTOMER_DETAILS, customer_id)
    await idle(bot)
    orders = [str(order["ID"]) for order in crm.work_orders if str(order.get("CustomerID")).lower() == customer_id]
    for action_id, value in (
        (CUSTOMER_REVEAL, customer_id),
        (CUSTOMER_TAB_CONTACTS, customer_id),
        (CUSTOMER_TAB_DEVICES, customer_id),
        (CUSTOMER_TAB_WORK_ORDERS, customer_id),
        *((CUSTOMER_STEPS, f"{customer_id} {order}") for order in orders[:1]),
    ):
        modal = slack.modal()
        if modal is not None and f'"{action_id}"' in json.dumps(modal.view):
            await slack.click(action_id, value, at=InView(modal.view_id))
            await idle(bot)
    slack.modals[USER].clear()
    await slack.click(CUSTOMER_SHARE, customer_id)
    await idle(bot)
    slack.modals[USER].clear()
    for word in words:
        await slack.global_shortcut(FIND_CUSTOMER)
        await idle(bot)
        find = slack.modal()
        if find is not None:
            await slack.suggest(CUSTOMER_SEARCH, word[:20], at=InView(find.view_id))
            await slack.submit(find.view_id, typed(word))
            await idle(bot)
        slack.modals[USER].clear()


def words_for(rows: Any) -> list[str]:
    """What people would type for a customer: number, name, phone, mail address."""
    keys = ("客户编号", "客户名称", "联系电话", "邮箱")
    found = {row["Key"]: row.get("Value") for row in rows if isinstance(row, dict) and row.get("Key") in keys}
    return [str(found[key])[:90] for key in keys if found.get(key)]


def everything_sent(slack: StandInSlack, modals: list[Any]) -> Iterator[Any]:
    for exchange in slack.exchanges.values():
        yield from ({"text": message.text, "blocks": message.blocks} for message in exchange.shown)
        yield exchange.answer
    yield from (arguments for _, arguments in slack.calls)
    yield from modals


def kept_by_slack(part: Any) -> Iterator[str]:
    """Of what was sent: the texts that come back with clicks."""
    if isinstance(part, dict):
        for key, value in part.items():
            if key in KEPT_BY_SLACK and isinstance(value, str):
                yield value
            else:
                yield from kept_by_slack(value)
    elif isinstance(part, list | tuple):
        for item in part:
            yield from kept_by_slack(item)


def fallbacks(slack: StandInSlack) -> Iterator[str]:
    """What a lock screen shows."""
    for exchange in slack.exchanges.values():
        yield from (message.text for message in exchange.shown)
    yield from (str(arguments.get("text") or "") for _, arguments in slack.calls)


@pytest.mark.timeout(180)
async def test_nothing_leaks_from_any_surface(
    start_bot: StartBot, slack: StandInSlack, crm: SampleCrm, logs: Logs, database: str
) -> None:
    bot = await start_bot(
        customer_url_template=TEMPLATE, lookups_per_minute=100_000, reveals_per_hour=100_000, admin_users=USER
    )
    secrets = Secrets(crm)
    assert len(secrets.numbers) > 60
    assert len(secrets.mails) > 15
    everybody = {customer_id: words_for(rows) for customer_id, rows in crm.customers.items() if isinstance(rows, list)}
    for customer_id, words in everybody.items():
        await use_everything(bot, slack, crm, customer_id, words)
    await slack.open_home()
    for text in (f"log {FACTORY}", "why", "help"):
        await slack.command(text)
    for fault in FAULTS.values():
        if not fault.hang and not fault.delay:
            crm.fault = fault
            for word in everybody[PERSON]:
                await slack.command(word)
    await idle(bot)
    written = logs.text
    assert "Traceback" not in written
    assert not [secret for secret in SECRETS if secret in written]
    assert secrets.found_in(re.sub(r'"timestamp": "[^"]*"', "", written)) == []
    kept = list(itertools.chain.from_iterable(kept_by_slack(sent) for sent in everything_sent(slack, [])))
    assert len(kept) > 1_000
    assert [found for value in kept if (found := secrets.found_in(value))] == []
    assert [found for text in fallbacks(slack) if (found := secrets.found_in(text))] == []
    posted = [arguments for method, arguments in slack.calls if method in ("chat.postMessage", "chat.unfurl")]
    assert posted
    assert secrets.found_in(everything_in(json.loads(json.dumps(posted)))) == []
    labels = (await scrape(bot.metrics)).labels()
    assert len(labels) > 30
    assert not [value for _, value in labels if not _WORD.fullmatch(value)]
    words_of_customers = {word for words in everybody.values() for word in words} | {*everybody}
    assert not [value for _, value in labels if value in words_of_customers or value in SECRETS]
    stored = b"".join(file.read_bytes() for file in _files(database)).decode("utf-8", "replace")
    assert not [number for number in secrets.numbers if number in stored]
    assert not [mail for mail in secrets.mails if mail in stored.lower()]


def _files(database: str) -> list[Path]:
    path = Path(database.removeprefix("sqlite:///"))
    return list(path.parent.glob(f"{path.name}*"))
