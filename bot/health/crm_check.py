"""Whether the CRM answers, how fast, with which token, and whether it is asked at all."""

import asyncio
import time
from collections.abc import Iterator, Mapping
from typing import Final

from bot.crm.circuit_breaker import CircuitState
from bot.crm.customer_lists import CustomerLists, ListSource
from bot.crm.deadline import crm_deadline
from bot.crm.session import SERVICE_SPACE, CrmSession
from bot.domain.health import Finding, Part, Phrase, Span, Word, failed, note, ok
from bot.errors import CircuitOpen, CrmError, CrmRejected, CrmStatusError, CrmThrottled, CrmUnauthorized, CrmUnreachable
from bot.health.clock import far_apart, spelt
from bot.health.context import INNER, HealthContext
from bot.runtime.metrics import operation_of

_ADVICE: Final[Mapping[type[CrmError], str]] = {
    CrmUnreachable: "crm_unreachable",
    CrmStatusError: "crm_unreachable",
    CrmUnauthorized: "crm_refused",
    CrmRejected: "crm_rejected",
    CrmThrottled: "crm_busy",
    CircuitOpen: "crm_resting",
}
"""What to do. An answer that cannot be read says it by itself."""


async def check_crm(context: HealthContext) -> list[Finding]:
    """Two questions side by side. Where the first has no answer, that says all there is to say of the second."""
    began = context.now()
    answer, lists = await asyncio.gather(_answer(context), _lists(context))
    refused = isinstance(answer, CrmUnauthorized)
    if isinstance(answer, Finding):
        said = [answer, lists]
    else:
        said = [_told(answer, Word.CRM_TROUBLE, Word.CRM_UNREADABLE, context.crm)]
    clock = _clock(context.crm.clock_skew(since=began), refused=refused)
    return [*said, *_token(context), *clock, *_asked(context)]


async def _answer(context: HealthContext) -> Finding | CrmError:
    """The cheapest question that wants a token."""
    try:
        async with crm_deadline(context.patience_seconds * INNER):
            await context.crm.token.current()  # one that has to be fetched first says nothing of how fast an answer is
            began = time.perf_counter()
            await context.crm.ask(SERVICE_SPACE, {})
    except CrmError as error:
        return error
    return ok(Part.CRM, Word.CRM_ANSWERS, ms=round((time.perf_counter() - began) * 1000))


async def _lists(context: HealthContext) -> Finding:
    """Those which a sync goes through and a search asks: one of them."""
    try:
        async with crm_deadline(context.patience_seconds * INNER):
            await CustomerLists(context.crm).page(ListSource.CONTACTS, context.network, 1)
    except CrmError as error:
        return _told(error, Word.LISTS_TROUBLE, Word.LISTS_UNREADABLE, context.crm)
    return ok(Part.CRM, Word.LISTS_FINE)


def _told(error: CrmError, trouble: Word, unreadable: Word, crm: CrmSession) -> Finding:
    advice = _ADVICE.get(type(error))
    if advice is None:
        return failed(Part.CRM, unreadable, reason=str(error))
    is_resting = isinstance(error, CircuitOpen) and crm.concurrency.trouble  # which is why
    reason = f"{error}; last: {crm.concurrency.trouble}" if is_resting else str(error)
    return failed(Part.CRM, trouble, reason=reason, advice=Phrase(advice))


def _token(context: HealthContext) -> Iterator[Finding]:
    """Nothing of one that could not be had: why not is told already."""
    token = context.crm.token
    if token.expires_at is None:
        yield note(Part.CRM, Word.TOKEN_BY_HAND)
    elif token.expires_at > context.now():
        left, renewal = token.expires_at - context.now(), max(0.0, token.renews_at - context.now())
        yield ok(Part.CRM, Word.TOKEN_RENEWED, left=Span(left), renewal=Span(renewal))


def _clock(skew: float | None, *, refused: bool) -> Iterator[Finding]:
    """How far apart the CRM lets clocks be is not documented; its signature holds the time, so it has to care."""
    if skew is None:
        return
    if not far_apart(skew):
        yield ok(Part.CRM, Word.CRM_CLOCK)
    elif refused:
        yield failed(Part.CRM, Word.CRM_CLOCK_REFUSED, **spelt(skew))
    else:
        yield note(Part.CRM, Word.CRM_CLOCK_OFF, **spelt(skew))


def _asked(context: HealthContext) -> list[Finding]:
    """What is not asked for now, in a process that has been asking."""
    if context.process is None:
        return []
    return [*_resting(context.crm)] or [ok(Part.CRM, Word.ALL_ASKED)]


def _resting(crm: CrmSession) -> Iterator[Finding]:
    for path, breaker in sorted(crm.concurrency.breakers.items()):
        operation = operation_of(path)
        if breaker.state is CircuitState.OPEN:
            yield failed(Part.CRM, Word.RESTS, operation=operation, rest=Span(breaker.rest_seconds))
        elif breaker.state is CircuitState.HALF_OPEN:
            yield note(Part.CRM, Word.TRIED_AGAIN, operation=operation)
