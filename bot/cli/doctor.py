"""``customer-bot doctor``: the same check-up as ``/customer doctor``, of a fresh look; then who sees which field."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

import aiohttp
import typer
from pydantic import SecretStr
from slack_sdk.web.async_client import AsyncWebClient

from bot.cli.output import moment
from bot.cli.visibility_table import sights
from bot.crm.envelope import customer_fields
from bot.crm.session import CrmSession
from bot.crm.transport import CrmTransport
from bot.domain.health import Verdict, in_words
from bot.domain.profile import CustomerProfile
from bot.health.context import Entrances, HealthContext
from bot.health.examination import examine
from bot.locales import texts_in
from bot.locales.health import DoctorTexts
from bot.playground.fake_crm.records import sample_customers
from bot.settings import DoctorSettings
from bot.store.store import Store

PATIENCE_SECONDS: Final = 30.0
"""For one check. Nobody waits in Slack, and a first look may have to make the database's tables."""


async def print_report(settings: DoctorSettings) -> int:
    """A line for each finding; 1 if one of them is a failure."""
    texts = _texts(settings)
    async with fresh_context(settings) as context:
        report = await examine(context)
    for finding in report.findings:
        said = in_words(finding, texts, str, moment).replace("`", "")
        typer.echo(f"{finding.verdict:<6}  {said}")
    return 1 if report.those(Verdict.FAILED) else 0


def _texts(settings: DoctorSettings) -> DoctorTexts:
    """English, as a command line is, unless LANGUAGE says otherwise."""
    return texts_in("zh" if settings.language == "zh" else "en").doctor


@asynccontextmanager
async def fresh_context(settings: DoctorSettings) -> AsyncIterator[HealthContext]:
    """What the settings lead to, as if a process had just started. In the end connections are closed."""
    transport = CrmTransport(settings.eshouhou_base_url, settings.eshouhou_timeout_seconds)
    store = Store(settings.database_url.get_secret_value(), time.time)
    opening = asyncio.create_task(store.open())
    async with aiohttp.ClientSession() as session:
        slack = _client(settings.slack_bot_token, settings, session)
        crm = CrmSession(transport, settings)
        try:
            network, entrances = settings.service_network, _entrances(settings, session)
            yield HealthContext(settings, slack, crm, network, store, time.time, None, PATIENCE_SECONDS, entrances)
        finally:
            await store.close()
            await asyncio.gather(opening, return_exceptions=True)
            await transport.close()


def _entrances(settings: DoctorSettings, session: aiohttp.ClientSession) -> Entrances:
    token = settings.slack_app_token
    return Entrances(
        is_signed=settings.slack_signing_secret is not None,
        socket=None if token is None else _client(token, settings, session),
    )


def _client(token: SecretStr, settings: DoctorSettings, session: aiohttp.ClientSession) -> AsyncWebClient:
    return AsyncWebClient(token.get_secret_value(), settings.slack_api_url, session=session, retry_handlers=[])


def print_sights(settings: DoctorSettings) -> None:
    """Of the customer in the vendor's documentation, who is nobody's secret."""
    documented = sample_customers()[0]
    profile = CustomerProfile(documented["id"], customer_fields(documented["rows"]))
    typer.echo(f"\n{_texts(settings).sights}\n")
    for line in sights(profile, settings.field_policy):
        typer.echo(line)
