"""Whether the CRM responds, how fast, with which token, and which operations have an open circuit."""

import asyncio
import math
import time
from collections.abc import Awaitable, Iterator, Mapping
from typing import Final, TypeVar

from bot.crm.circuit_breaker import CircuitState
from bot.crm.concurrency import crm_deadline
from bot.crm.customer_lists import CustomerLists, ListSource
from bot.crm.session import SERVICE_SPACE, CrmSession
from bot.crm.token import FixedToken
from bot.domain.health import CheckResult, Duration, Part, Phrase, TextKey, failed, note, ok
from bot.errors import CircuitOpen, CrmError, CrmRejected, CrmStatusError, CrmThrottled, CrmUnauthorized, CrmUnreachable
from bot.health.context import NOTABLE_SKEW_SECONDS, HealthContext, compare_clocks
from bot.runtime.metrics import operation_of

ADVICE: Final[Mapping[type[CrmError], str]] = {
    CrmUnreachable: "crm_unreachable",
    CrmStatusError: "crm_unreachable",
    CrmUnauthorized: "crm_refused",
    CrmRejected: "crm_rejected",
    CrmThrottled: "crm_busy",
    CircuitOpen: "crm_resting",
}
"""The phrase that says what to do. The text for a response that cannot be read says so itself."""

T = TypeVar("T")


async def check_crm(context: HealthContext) -> list[CheckResult]:
    """Send two requests at the same time. If the first fails, the second one's error is the same and is left out."""
    crm, began = context.crm, context.now()

    async def response_ms() -> int:
        await crm.token.current()  # fetching a token first would count as the time of the response
        began = time.perf_counter()
        await crm.ask(SERVICE_SPACE, {})  # the cheapest operation that needs a token
        return round((time.perf_counter() - began) * 1000)

    ms, contacts = await asyncio.gather(
        _result_or_error(response_ms(), context),
        _result_or_error(CustomerLists(crm).page(ListSource.CONTACTS, context.settings.service_network, 1), context),
    )
    if isinstance(ms, CrmError):
        results = [_failure(ms, TextKey.CRM_TROUBLE, TextKey.CRM_UNREADABLE, crm)]
    elif isinstance(contacts, CrmError):
        lists = _failure(contacts, TextKey.LISTS_TROUBLE, TextKey.LISTS_UNREADABLE, crm)
        results = [ok(Part.CRM, TextKey.CRM_ANSWERS, ms=ms), lists]
    else:
        results = [ok(Part.CRM, TextKey.CRM_ANSWERS, ms=ms), ok(Part.CRM, TextKey.LISTS_FINE)]
    # The skew that the CRM accepts is not documented. Its signature contains the time, so there has to be a limit.
    limit_seconds = NOTABLE_SKEW_SECONDS if isinstance(ms, CrmUnauthorized) else math.inf
    clock_keys = (TextKey.CRM_CLOCK, TextKey.CRM_CLOCK_OFF, TextKey.CRM_CLOCK_REFUSED)
    clocks = compare_clocks(Part.CRM, crm.clock_skew(since=began), limit_seconds, clock_keys)
    circuits = check_circuits(crm) if context.process else []
    return [*results, *check_token(context), *clocks, *circuits]


async def _result_or_error(request: Awaitable[T], context: HealthContext) -> T | CrmError:
    try:
        async with crm_deadline(context.request_timeout_seconds):
            return await request
    except CrmError as error:
        return error


def _failure(error: CrmError, trouble: TextKey, unreadable: TextKey, crm: CrmSession) -> CheckResult:
    """``trouble`` and ``unreadable`` name the texts for a failed request and for a response that cannot be read."""
    advice = ADVICE.get(type(error))
    if advice is None:
        return failed(Part.CRM, unreadable, reason=str(error))
    opened_by = crm.concurrency.trouble if isinstance(error, CircuitOpen) else ""
    words = error.error_msg if isinstance(error, CrmUnauthorized) else ""
    reason = f"{error}{': ' if words else ''}{words}{'; last: ' if opened_by else ''}{opened_by}"
    return failed(Part.CRM, trouble, reason=reason, advice=Phrase(advice))


def check_token(context: HealthContext) -> Iterator[CheckResult]:
    """No result if there is no valid token: the failed request says why."""
    token, now = context.crm.token, context.now()
    if isinstance(token, FixedToken):
        yield note(Part.CRM, TextKey.TOKEN_BY_HAND)
    elif token.expires_at > now:
        left, renewal = Duration(token.expires_at - now), Duration(max(0.0, token.renews_at - now))
        yield ok(Part.CRM, TextKey.TOKEN_RENEWED, left=left, renewal=renewal)


def check_circuits(crm: CrmSession) -> list[CheckResult]:
    results = []
    for path, breaker in sorted(crm.concurrency.breakers.items()):
        operation = operation_of(path)
        if breaker.state is CircuitState.OPEN:
            rest = Duration(breaker.open_seconds)
            results.append(failed(Part.CRM, TextKey.CIRCUIT_OPEN, operation=operation, rest=rest))
        elif breaker.state is CircuitState.HALF_OPEN:
            results.append(note(Part.CRM, TextKey.CIRCUIT_HALF_OPEN, operation=operation))
    return results or [ok(Part.CRM, TextKey.CIRCUITS_CLOSED)]
