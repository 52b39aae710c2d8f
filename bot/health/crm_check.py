"""Whether the CRM answers, how fast, with which token, and whether it is asked at all."""

import asyncio
import time
from collections.abc import Iterator, Mapping
from typing import Final

from bot.crm.circuit_breaker import BreakerState
from bot.crm.customer_lists import CustomerLists, ListSource
from bot.crm.deadline import crm_deadline
from bot.crm.session import SERVICE_SPACE, CrmSession
from bot.domain.health import Finding, Part, Phrase, Span, Word, failed, note, ok
from bot.errors import CrmBusy, CrmError, CrmFailed, CrmRefused, CrmRejected, CrmResting, CrmUnreachable
from bot.health.clock import far_apart, spelt
from bot.health.context import INNER, Patient
from bot.runtime.metrics import operation_of

_ADVICE: Final[Mapping[type[CrmError], str]] = {
    CrmUnreachable: "crm_unreachable",
    CrmFailed: "crm_unreachable",
    CrmRefused: "crm_refused",
    CrmRejected: "crm_rejected",
    CrmBusy: "crm_busy",
    CrmResting: "crm_resting",
}
"""What to do. An answer that cannot be read says it by itself."""


async def check_crm(patient: Patient) -> list[Finding]:
    """Two questions side by side. Where the first has no answer, that says all there is to say of the second."""
    began = patient.now()
    answer, lists = await asyncio.gather(_answer(patient), _lists(patient))
    refused = isinstance(answer, CrmRefused)
    if isinstance(answer, Finding):
        said = [answer, lists]
    else:
        said = [_told(answer, Word.CRM_TROUBLE, Word.CRM_UNREADABLE, patient.crm)]
    clock = _clock(patient.crm.clock_skew(since=began), refused=refused)
    return [*said, *_token(patient), *clock, *_asked(patient)]


async def _answer(patient: Patient) -> Finding | CrmError:
    """The cheapest question that wants a token."""
    try:
        async with crm_deadline(patient.patience_seconds * INNER):
            await patient.crm.token.current()  # one that has to be fetched first says nothing of how fast an answer is
            began = time.perf_counter()
            await patient.crm.ask(SERVICE_SPACE, {})
    except CrmError as error:
        return error
    return ok(Part.CRM, Word.CRM_ANSWERS, ms=round((time.perf_counter() - began) * 1000))


async def _lists(patient: Patient) -> Finding:
    """Those which a sync goes through and a search asks: one of them."""
    try:
        async with crm_deadline(patient.patience_seconds * INNER):
            await CustomerLists(patient.crm).page(ListSource.CONTACTS, patient.network, 1)
    except CrmError as error:
        return _told(error, Word.LISTS_TROUBLE, Word.LISTS_UNREADABLE, patient.crm)
    return ok(Part.CRM, Word.LISTS_FINE)


def _told(error: CrmError, trouble: Word, unreadable: Word, crm: CrmSession) -> Finding:
    advice = _ADVICE.get(type(error))
    if advice is None:
        return failed(Part.CRM, unreadable, reason=str(error))
    is_resting = isinstance(error, CrmResting) and crm.gate.trouble  # which is why
    reason = f"{error}; last: {crm.gate.trouble}" if is_resting else str(error)
    return failed(Part.CRM, trouble, reason=reason, advice=Phrase(advice))


def _token(patient: Patient) -> Iterator[Finding]:
    """Nothing of one that could not be had: why not is told already."""
    token = patient.crm.token
    if token.expires_at is None:
        yield note(Part.CRM, Word.TOKEN_BY_HAND)
    elif token.expires_at > patient.now():
        left, renewal = token.expires_at - patient.now(), max(0.0, token.renews_at - patient.now())
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


def _asked(patient: Patient) -> list[Finding]:
    """What is not asked for now, in a process that has been asking."""
    if patient.process is None:
        return []
    return [*_resting(patient.crm)] or [ok(Part.CRM, Word.ALL_ASKED)]


def _resting(crm: CrmSession) -> Iterator[Finding]:
    for path, breaker in sorted(crm.gate.breakers.items()):
        operation = operation_of(path)
        if breaker.state is BreakerState.OPEN:
            yield failed(Part.CRM, Word.RESTS, operation=operation, rest=Span(breaker.rest_seconds))
        elif breaker.state is BreakerState.HALF_OPEN:
            yield note(Part.CRM, Word.TRIED_AGAIN, operation=operation)
