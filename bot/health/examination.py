"""All checks, side by side, each bounded by itself: always a report, whatever is broken."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping
from typing import Final

import structlog

from bot.domain.health import Finding, Part, Report, Span, Word, failed
from bot.health.context import HealthContext
from bot.health.crm_check import check_crm
from bot.health.database_check import check_database
from bot.health.entrance_check import check_app_token, check_entrances
from bot.health.process_check import check_process
from bot.health.settings_check import check_settings
from bot.health.slack_check import check_slack
from bot.runtime.logging import new_code

Check = Callable[[HealthContext], Awaitable[list[Finding]]]

log = structlog.get_logger(__name__)


async def _of_the_settings(context: HealthContext) -> list[Finding]:
    return [*check_settings(context.settings), *check_entrances(context.entrances)]


async def _of_slack(context: HealthContext) -> list[Finding]:
    of_the_bot, of_the_app = await asyncio.gather(check_slack(context), check_app_token(context))
    return [*of_the_bot, *of_the_app]


async def _of_the_process(context: HealthContext) -> list[Finding]:
    return check_process(context)


CHECKS: Final[Mapping[Part, Check]] = {
    Part.PROCESS: _of_the_process,  # first: see there
    Part.SETTINGS: _of_the_settings,
    Part.SLACK: _of_slack,
    Part.CRM: check_crm,
    Part.DATABASE: check_database,
}
"""A part that another one's check looks at has none of its own."""


async def examine(context: HealthContext, checks: Mapping[Part, Check] = CHECKS) -> Report:
    """No secret and nothing of a customer is in it."""
    at, began = context.now(), time.perf_counter()
    found = await asyncio.gather(*(_bounded(part, check, context) for part, check in checks.items()))
    findings = sorted((finding for each in found for finding in each), key=lambda finding: _ORDER[finding.part])
    return Report(tuple(findings), at, time.perf_counter() - began)


_ORDER: Final = {part: place for place, part in enumerate(Part)}


async def _bounded(part: Part, check: Check, context: HealthContext) -> list[Finding]:
    """What does not end, or has a bug, is a finding itself."""
    try:
        async with asyncio.timeout(context.patience_seconds):
            return await check(context)
    except TimeoutError:
        return [failed(part, Word.LATE, patience=Span(context.patience_seconds))]
    except Exception:
        code = new_code()
        log.exception("check_failed", code=code, part=str(part))
        return [failed(part, Word.BROKEN, code=code)]
