"""What the CRM or the database did not answer, as the cards tell it and the log finds it."""

import structlog

from bot.domain.results import Failure
from bot.errors import CrmError, CrmRejected, StoreUnavailable, Trouble
from bot.runtime.logging import new_code

log = structlog.get_logger(__name__)


def report_failure(error: CrmError | StoreUnavailable, **of: str) -> Failure:
    """One log line an incident, under the code that the cards will show. ``of`` says of what: never what was typed."""
    code = new_code()
    if isinstance(error, StoreUnavailable):
        log.warning("store_failed", code=code, reason=str(error), **of)
        return Failure(Trouble.STORE, code, reason=str(error))
    write = log.error if error.trouble is Trouble.REFUSED else log.warning  # a refusal is the administrator's to mend
    write("crm_failed", code=code, trouble=str(error.trouble), kind=type(error).__name__, reason=str(error), **of)
    error_msg = error.error_msg if isinstance(error, CrmRejected) else ""
    return Failure(error.trouble, code, error_msg, str(error))
