"""Runs all checks at the same time, each with its own timeout, and reports to admins."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping
from typing import Final

import structlog

from bot.access.audit_log import AuditLog
from bot.access.permissions import SlackPermissions, not_admin
from bot.domain.health import CheckResult, Duration, Part, Report, TextKey, Verdict, failed
from bot.domain.inquiry import Asker, Surface
from bot.domain.results import Denied, Refusal
from bot.health.context import HealthContext
from bot.health.crm_check import check_crm
from bot.health.database_check import check_database
from bot.health.local_checks import check_process, check_settings
from bot.health.slack_check import check_slack
from bot.runtime.logging import new_code

Check = Callable[[HealthContext], Awaitable[list[CheckResult]]]

log = structlog.get_logger(__name__)

CHECKS: Final[Mapping[Part, Check]] = {
    Part.PROCESS: check_process,  # first: the requests of the other checks would be in the queues it reports
    Part.SETTINGS: check_settings,
    Part.SLACK: check_slack,
    Part.CRM: check_crm,
    Part.DATABASE: check_database,
}
"""The process check reports on the cache and the queues too, the database check on the directory."""


async def run_checks(context: HealthContext, checks: Mapping[Part, Check] = CHECKS) -> Report:
    """A report, whatever fails: a check that times out or has a bug is a result itself."""

    async def run(part: Part, check: Check) -> list[CheckResult]:
        try:
            async with asyncio.timeout(context.timeout_seconds):
                return await check(context)
        except TimeoutError:
            return [failed(part, TextKey.LATE, timeout=Duration(context.timeout_seconds))]
        except Exception:
            code = new_code()
            log.exception("check_failed", code=code, part=str(part))
            return [failed(part, TextKey.BROKEN, code=code)]

    at, began = context.now(), time.perf_counter()
    found = await asyncio.gather(*(run(part, check) for part, check in checks.items()))
    order = list(Part)
    results = sorted((result for each in found for result in each), key=lambda result: order.index(result.part))
    return Report(tuple(results), at, time.perf_counter() - began)


class HealthCheck:
    """The report of a process that serves Slack, for admins only."""

    def __init__(self, context: HealthContext, permissions: SlackPermissions, audit_log: AuditLog) -> None:
        self._context = context
        self._permissions = permissions
        self._audit_log = audit_log

    async def report(self, asker: Asker) -> Report | Denied:
        """The report, or why ``asker`` may not see it, which the access log records.

        An admin whom Slack cannot identify gets the report: the settings name the user id, Slack has signed it, and
        the report, which says nothing about customers, matters most while Slack's methods fail.
        """
        not_an_admin = not_admin(asker.user, self._permissions.admins)
        refusal = await self._permissions.refusal(asker, Surface.COMMAND)
        if refusal is Refusal.UNKNOWN_PERSON and not_an_admin is None:
            refusal = None
        if refusal := refusal or not_an_admin:
            denied = Denied(refusal, new_code(), self._permissions.admins)
            self._audit_log.note_refusal(asker, Surface.COMMAND, denied)
            return denied
        report = await run_checks(self._context)
        keys = [str(result.key) for result in report.with_verdict(Verdict.FAILED)]
        log.info("examined", user=asker.user, failed=keys, ms=round(report.seconds * 1000, 1))
        return report
