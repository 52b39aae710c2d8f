"""Failures of the CRM or the database: one log line, and the value that cards show."""

import structlog

from bot.domain.results import Failure
from bot.errors import CrmError, CrmRejected, StoreUnavailable, Trouble
from bot.runtime.logging import new_code

log = structlog.get_logger(__name__)


def report_failure(error: CrmError | StoreUnavailable, **context: str) -> Failure:
    """Log ``error`` under a new code, which the cards show too. ``context`` must not hold what was typed."""
    code = new_code()
    if isinstance(error, StoreUnavailable):
        log.warning("store_failed", code=code, reason=str(error), **context)
        return Failure(Trouble.STORE, code, reason=str(error))
    write = log.error if error.trouble is Trouble.REFUSED else log.warning  # the administrator must mend a refusal
    write("crm_failed", code=code, trouble=str(error.trouble), kind=type(error).__name__, reason=str(error), **context)
    return Failure(error.trouble, code, error.error_msg if isinstance(error, CrmRejected) else "", str(error))
