"""How the process itself is: how long it lives, what it keeps, and what waits in it."""

from importlib.metadata import version

from bot.access.audit_writer import BATCH, MAX_WAITING
from bot.domain.health import Fact, Finding, Part, Span, Word, failed, note, ok
from bot.health.context import HealthContext, LivingProcess


def check_process(context: HealthContext) -> list[Finding]:
    """Before anything is asked for the report's sake: it would be among what waits."""
    release = version("customer-bot")
    process = context.process
    if process is None:
        return [ok(Part.PROCESS, Word.VERSION, version=release)]
    up = Span(context.now() - process.started_at)
    return [*_kept(context, process), ok(Part.PROCESS, Word.UP, version=release, up=up)]


def _kept(context: HealthContext, process: LivingProcess) -> list[Finding]:
    return [
        _cache(process, context.settings.cache_max_entries),
        _crm_queue(context),
        ok(Part.QUEUE, Word.TASKS, tasks=len(process.background)),
        _rows(process.audit_writer.waiting),
    ]


def _cache(process: LivingProcess, most: int) -> Finding:
    shown = process.metrics.cache_results()
    return ok(
        Part.CACHE, Word.CACHE, entries=len(process.cache), most=most, hits=shown["hit"], shown=sum(shown.values())
    )


def _crm_queue(context: HealthContext) -> Finding:
    concurrency = context.crm.concurrency
    facts: dict[str, Fact] = {
        "under_way": concurrency.under_way,
        "at_once": context.settings.crm_concurrency,
        "waiting": concurrency.waiting,
        "most": concurrency.max_waiting,
    }
    if concurrency.waiting >= concurrency.max_waiting:
        return failed(Part.QUEUE, Word.CRM_QUEUE_FULL, **facts)
    if concurrency.waiting:
        return note(Part.QUEUE, Word.CRM_QUEUE_WAITS, **facts)
    return ok(Part.QUEUE, Word.CRM_QUEUE, **facts)


def _rows(waiting: int) -> Finding:
    """More than a batch waits only where the database does not take them."""
    if waiting >= MAX_WAITING:
        return failed(Part.QUEUE, Word.ROWS_DROPPED, rows=waiting)
    if waiting > BATCH:
        return note(Part.QUEUE, Word.ROWS_WAIT, rows=waiting, most=MAX_WAITING)
    return ok(Part.QUEUE, Word.ROWS, rows=waiting)
