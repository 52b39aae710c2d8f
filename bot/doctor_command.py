"""``customer-bot doctor``: the same check-up as ``/customer doctor``, of a fresh look; then who sees which field."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

import aiohttp
import typer
from slack_sdk.web.async_client import AsyncWebClient

from bot.command_line import moment
from bot.crm.envelope import customer_fields
from bot.crm.session import CrmSession
from bot.crm.transport import CrmTransport
from bot.doctor.examination import examine
from bot.doctor.patient import Patient
from bot.doctor.sights import sights
from bot.findings import Verdict, in_words
from bot.guards import network_of
from bot.locales import texts_in
from bot.playground.sample_records import sample_customers
from bot.profile import CustomerProfile
from bot.settings import SlackSettings
from bot.store.store import Store

PATIENCE_SECONDS: Final = 30.0
"""For one check. Nobody waits in Slack, and a first look may have to make the database's tables."""


async def print_report(settings: SlackSettings) -> int:
    """A line for each finding; 1 if one of them is a failure."""
    texts = texts_in("zh" if settings.language == "zh" else "en").doctor
    async with fresh_patient(settings) as patient:
        report = await examine(patient)
    for finding in report.findings:
        said = in_words(finding, texts, str, moment).replace("`", "")
        typer.echo(f"{finding.verdict:<6}  {said}")
    return 1 if report.those(Verdict.FAILED) else 0


@asynccontextmanager
async def fresh_patient(settings: SlackSettings) -> AsyncIterator[Patient]:
    """What the settings lead to, as if a process had just started. In the end connections are closed."""
    transport = CrmTransport(settings.eshouhou_base_url, settings.eshouhou_timeout_seconds)
    store = Store(settings.database_url.get_secret_value(), time.time)
    opening = asyncio.create_task(store.open())
    async with aiohttp.ClientSession() as session:
        token = settings.slack_bot_token.get_secret_value()
        slack = AsyncWebClient(token, settings.slack_api_url, session=session, retry_handlers=[])
        crm = CrmSession(transport, settings)
        try:
            yield Patient(settings, slack, crm, network_of(settings), store, time.time, None, PATIENCE_SECONDS)
        finally:
            await store.close()
            await asyncio.gather(opening, return_exceptions=True)
            await transport.close()


def print_sights(settings: SlackSettings) -> None:
    """Of the customer in the vendor's documentation, who is nobody's secret."""
    documented = sample_customers()[0]
    profile = CustomerProfile(documented["id"], customer_fields(documented["rows"]))
    typer.echo("\nWho sees what of the customer in 易售后's documentation (- is left out):\n")
    for line in sights(profile, settings.field_policy):
        typer.echo(line)
