"""What one can call or write to is in no file of the database, whatever has passed through the bot."""

import re
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from bot.app import build_directory
from bot.cards.action_ids import CUSTOMER_TAB_CONTACTS, CUSTOMER_TAB_DEVICES, CUSTOMER_TAB_WORK_ORDERS
from bot.customers.directory.importer import read_customers
from bot.domain.normalise import MAIL
from bot.domain.phones import e164
from bot.playground.fake_crm.server import SampleCrm
from bot.playground.fake_slack.server import StandInSlack
from bot.playground.settings import playground_settings
from bot.server.http import WebProcess
from tests.conftest import Clock
from tests.support.modals import renamed
from tests.support.spreadsheets import HEADER, csv_file
from tests.support.surfaces import CLINIC, digits_in, everything_in, idle, long_numbers

PHONE_IN_A_NAME: Final = "13800009077"
PHONE_OF_A_NAMELESS: Final = "13800009078"


def texts_of(crm: SampleCrm) -> set[str]:
    """Every text of the CRM's customers, contacts, devices, work orders, steps and accounts."""
    everything = (crm.customers, crm.contacts, crm.devices, crm.work_orders, crm.steps, crm.accounts)
    return {text for part in everything for text in everything_in(list(_rows(part))).splitlines()}


def _rows(part: object) -> Iterator[object]:
    yield from part.values() if isinstance(part, dict) else part if isinstance(part, list) else ()


async def test_no_phone_or_mail_is_stored_after_lookups_a_sync_and_an_import(
    bot: WebProcess, slack: StandInSlack, crm: SampleCrm, clock: Clock, database: str, tmp_path: Path
) -> None:
    """Of the whole sample CRM, and of names and numbers that are phones; nor in what SQLite writes ahead."""
    crm.customers[CLINIC] = renamed(crm.customers[CLINIC], f"王先生{PHONE_IN_A_NAME}")
    crm.contacts.append({**crm.contacts[0], "CustomerID": CLINIC, "Name": PHONE_OF_A_NAMELESS})
    texts = texts_of(crm)
    phones = {text for text in texts if e164(text)}
    mails = {mail.lower() for text in texts for mail in re.findall(MAIL, text)}
    assert {len(phones) > 60, len(mails) > 15} == {True}
    for text in sorted(phones | mails | {PHONE_IN_A_NAME}):
        await slack.command(text)
    for action_id in (CUSTOMER_TAB_CONTACTS, CUSTOMER_TAB_DEVICES, CUSTOMER_TAB_WORK_ORDERS):
        await slack.click(action_id, CLINIC)
    await idle(bot)
    customers = [
        (f"a0000000-0000-4000-8000-{row:012d}", text, f"客户{text}", text, text, text)
        for row, text in enumerate(sorted(phones | mails))
    ]
    entries = read_customers(csv_file(tmp_path / "customers.csv", [HEADER, *customers]), lambda *_: None).entries
    async with build_directory(playground_settings(crm.address, database_url=database), clock) as local:
        await local.store.open()
        assert (await local.sync.run()).complete
        await local.directory.keep(local.network, entries)
        assert (await local.directory.stats(local.network)).customers > len(entries) > 80
        path = Path(database.removeprefix("sqlite:///"))
        stored = b"".join(file.read_bytes() for file in path.parent.glob(f"{path.name}*")).decode("utf-8", "replace")
        cells = list(map(digits_in, _every_text(path)))
    numbers = {digits_in(phone) for phone in phones} | long_numbers() | {PHONE_IN_A_NAME, PHONE_OF_A_NAMELESS}
    assert not [number for number in numbers if number in stored]
    assert not [number for number in numbers for cell in cells if number in cell]
    assert not [mail for mail in mails if mail in stored.lower()]


def _every_text(path: Path) -> Iterator[str]:
    """Of every table."""
    connection = sqlite3.connect(path)
    for (table,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall():
        for row in connection.execute(f"SELECT * FROM {table}"):
            yield from (value for value in row if isinstance(value, str))
    connection.close()
