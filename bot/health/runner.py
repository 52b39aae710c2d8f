"""The doctor of a process that serves: for admins alone."""

import structlog

from bot.access.audit_log import AuditLog
from bot.access.permissions import SlackPermissions, not_admin
from bot.domain.health import Report, Verdict
from bot.domain.inquiry import Asker, Audience, Inquiry, Surface
from bot.domain.results import Denied, Refusal
from bot.health.context import HealthContext
from bot.health.examination import examine
from bot.runtime.logging import new_code

log = structlog.get_logger(__name__)


class HealthCheck:
    """Examines ``context``, the process itself, for whoever ``access`` knows as an admin."""

    def __init__(self, context: HealthContext, access: SlackPermissions, audit_log: AuditLog) -> None:
        self._patient = context
        self._access = access
        self._audit_log = audit_log

    async def report(self, asker: Asker) -> Report | Denied:
        """How the process is, or why ``asker`` may not know, which is in the access log then."""
        refusal = await self._refusal(asker)
        if refusal is not None:
            denied = Denied(refusal, new_code(), self._access.admins)
            self._audit_log.note(Inquiry("", Surface.COMMAND, asker), None, denied, Audience.PRIVATE, 0)
            return denied
        report = await examine(self._patient)
        words = [str(finding.word) for finding in report.those(Verdict.FAILED)]
        log.info("examined", user=asker.user, failed=words, ms=round(report.seconds * 1000, 1))
        return report

    async def _refusal(self, asker: Asker) -> Refusal | None:
        """An admin whom Slack does not tell of is let in: the settings name them, Slack has signed their id, and the
        report, which says nothing of customers, is wanted most while Slack's methods fail.
        """
        no_admin = not_admin(asker.user, self._access.admins)
        refusal = await self._access.person(asker, Surface.COMMAND)
        if refusal is Refusal.UNKNOWN_PERSON and no_admin is None:
            return None
        return refusal or no_admin
