"""``customer-bot doctor``: the checks of ``/customer doctor`` with fresh connections, and a table of who sees what."""

import asyncio
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from typing import Final

import typer
from rich.cells import cell_len

from bot.cli.output import utc_time
from bot.crm.envelope import customer_fields
from bot.crm.session import CrmSession
from bot.crm.transport import CrmTransport
from bot.domain.health import Verdict, describe
from bot.domain.inquiry import Audience
from bot.domain.profile import CustomerProfile
from bot.health.context import HealthContext
from bot.health.health_check import run_checks
from bot.locales import texts_in
from bot.locales.health import HealthTexts
from bot.playground.fake_crm.records import sample_customers
from bot.privacy.filter import visible_profile
from bot.privacy.policy import FieldPolicy
from bot.settings import DoctorSettings
from bot.slack.identity import slack_session, web_client
from bot.store.store import Store

CHECK_TIMEOUT_SECONDS: Final = 30.0
"""Longer than in Slack: the first check may have to create the database's tables."""


async def print_report(settings: DoctorSettings) -> int:
    """Print a line for each result. Returns the exit status: 1 if a check failed."""
    texts = texts_of(settings)
    async with fresh_context(settings) as context:
        report = await run_checks(context)
    for result in report.results:
        line = describe(result, texts, str, utc_time).replace("`", "")
        typer.echo(f"{result.verdict:<6}  {line}")
    return 1 if report.with_verdict(Verdict.FAILED) else 0


def print_visibility(settings: DoctorSettings) -> None:
    """Print who sees what of the sample customer in the vendor's documentation."""
    documented = sample_customers()[0]
    profile = CustomerProfile(documented["id"], customer_fields(documented["rows"]))
    typer.echo(f"\n{texts_of(settings).visibility_heading}\n")
    for line in visibility_table(profile, settings.field_policy):
        typer.echo(line)


def texts_of(settings: DoctorSettings) -> HealthTexts:
    """English, as on any command line, unless LANGUAGE is zh."""
    return texts_in("zh" if settings.language == "zh" else "en").health


@asynccontextmanager
async def fresh_context(settings: DoctorSettings) -> AsyncIterator[HealthContext]:
    """The context of a process that has just started. Closes the connections at the end."""
    transport = CrmTransport(settings.eshouhou_base_url, settings.eshouhou_timeout_seconds)
    crm = CrmSession(transport, settings)
    store = Store(settings.database_url.get_secret_value(), time.time)
    opening = asyncio.create_task(store.open())
    async with slack_session() as session:
        token = settings.slack_bot_token.get_secret_value()
        slack = web_client(settings.slack_api_url, session, token)
        try:
            yield HealthContext(settings, slack, crm, store, time.time, None, CHECK_TIMEOUT_SECONDS)
        finally:
            await store.close()
            await asyncio.gather(opening, return_exceptions=True)
            await transport.close()


def visibility_table(profile: CustomerProfile, policy: FieldPolicy) -> Iterator[str]:
    """The lines of a table: for each field of ``profile`` that has a value, what each audience sees of it."""
    rows = [("", *(audience.value for audience in Audience))]
    for field in profile.fields:
        if field.value:
            views = (visible_profile(CustomerProfile("", (field,)), audience, policy).fields for audience in Audience)
            rows.append((field.key, *(fields[0].value if fields else "-" for fields in views)))
    widths = [max(map(cell_len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        cells = (cell + " " * (width - cell_len(cell)) for cell, width in zip(row, widths, strict=True))
        yield "  ".join(cells).rstrip()
