"""``customer-bot directory …``: fills the directory from the CRM or from a file, and counts what is in it."""

import asyncio
from collections.abc import AsyncIterator, Coroutine, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final, TypeVar

import typer

from bot.cli.output import OPENING_SECONDS, fail, load_quietly, print_values, utc_time
from bot.errors import ImportRefused, StoreUnavailable, SyncInProgress
from bot.runtime import STOP_SIGNALS
from bot.settings import Settings

if TYPE_CHECKING:
    from bot.app import LocalDirectory
    from bot.customers.directory.importer import CustomersRead
    from bot.customers.directory.sync import SyncProgress, SyncReport
    from bot.domain.directory import Entry, Kept

BATCH: Final = 1_000
"""Customers in one transaction."""
SHOWN_ROWS: Final = 20
"""The number of left-out rows that are printed one by one."""
GOES_ON: Final = "the next sync goes on where this one stopped"

T = TypeVar("T")

directory = typer.Typer(help="Fill the directory of customers, and see what is in it.", no_args_is_help=True)


@directory.command("import")
def import_file(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="CSV or XLSX, with 客户id and 客户编号 in its header.")],
) -> None:
    """Add the customers of a file. One that cannot be read to its end changes nothing."""
    from bot.cli.progress import progress_bar
    from bot.customers.directory.importer import read_customers

    settings = load_quietly(Settings)
    try:
        with progress_bar("reading") as update:
            read = read_customers(file, update)
        kept = _run_until_stopped(_keep_in_batches(settings, read.entries))
    except ImportRefused as error:
        fail(str(error), 1)
    except (KeyboardInterrupt, asyncio.CancelledError):
        fail("stopped: nothing was imported", 1)
    _print_import(read, kept)


@directory.command()
def sync() -> None:
    """Add the customers that the CRM's lists name. A sync that was stopped goes on where it was."""
    settings = load_quietly(Settings)

    async def run() -> "SyncReport":
        from bot.cli.progress import status_line

        async with opened_directory(settings) as local:
            with status_line() as show:

                def show_progress(at: "SyncProgress") -> None:
                    source = at.source.replace("_", " ")
                    show(source, f"page {at.page}: {at.seen} customers seen, {at.new} new")

                return await local.sync.run(show_progress)

    try:
        report = _run_until_stopped(run())
    except SyncInProgress as error:
        fail(f"{error}; if that was killed, its turn ends at {utc_time(error.until)}", 1)
    except asyncio.CancelledError:
        typer.echo(f"stopped; {GOES_ON}")
        return
    print_values({"seen": report.seen, "new": report.new, "missing": report.missing})
    if not report.complete:
        fail(f"{report.reason}; {GOES_ON}", 1)


@directory.command()
def stats() -> None:
    """How many customers the directory has, and when it was last in sync with the CRM."""
    settings = load_quietly(Settings)

    async def count() -> dict[str, object]:
        async with opened_directory(settings) as local:
            known = await local.directory.stats(local.network)
            finished_at = await local.store.sync_state.finished_at(local.network)
        return {
            "customers": known.customers,
            "with a number": known.with_number,
            "with a phone or mail": known.with_contacts,
            "phones and mails": known.hashes,
            "last sync": "never" if finished_at is None else utc_time(finished_at),
        }

    try:
        print_values(asyncio.run(count()))
    except StoreUnavailable as error:
        fail(str(error), 1)


@asynccontextmanager
async def opened_directory(settings: Settings) -> "AsyncIterator[LocalDirectory]":
    """The directory with its database open. Ends the command if it cannot be opened."""
    from bot.app import build_directory

    async with build_directory(settings) as local:
        try:
            await asyncio.wait_for(local.store.open(), OPENING_SECONDS)
        except TimeoutError:
            fail(local.store.trouble, 1)
        yield local


async def _keep_in_batches(settings: Settings, entries: "Sequence[Entry]") -> "Kept":
    """Store ``entries``. If it is stopped, the batches that are complete stay stored."""
    from bot.cli.progress import progress_bar
    from bot.domain.directory import Kept

    kept = Kept(0, 0, 0)
    async with opened_directory(settings) as local:
        with progress_bar("writing") as update:
            for start in range(0, len(entries), BATCH):
                update(start, len(entries))
                try:
                    batch = await local.directory.keep(local.network, entries[start : start + BATCH])
                except (StoreUnavailable, asyncio.CancelledError) as error:
                    fail(f"{str(error) or 'stopped'}: {start} rows were imported; run it again", 1)
                kept = Kept(*map(sum, zip(kept, batch, strict=True)))
            update(len(entries), len(entries))
    return kept


def _run_until_stopped(work: Coroutine[Any, Any, T]) -> T:
    """The result of ``work``. SIGTERM and SIGINT cancel it: CancelledError is raised."""

    async def run() -> T:
        task = asyncio.current_task()
        assert task is not None
        for stop in STOP_SIGNALS:
            asyncio.get_running_loop().add_signal_handler(stop, task.cancel)
        return await work

    return asyncio.run(run())


def _print_import(read: "CustomersRead", kept: "Kept") -> None:
    """The numbers of customers, and what was left out of the file."""
    print_values({**kept._asdict(), "left out": len(read.left_out)})
    for row in read.left_out[:SHOWN_ROWS]:
        typer.echo(f"  line {row.line}: {row.reason}")
    if len(read.left_out) > SHOWN_ROWS:
        typer.echo(f"  … and {len(read.left_out) - SHOWN_ROWS} more")
    if read.sheet:
        typer.echo(f"the sheet that was read: {read.sheet}")
    if read.ignored:
        typer.echo(f"columns that were ignored: {', '.join(read.ignored)}")
    if read.not_calculated:
        typer.echo(f"{read.not_calculated} cells have a formula without a value: open the file in Excel and save it")
    if read.unreadable:
        typer.echo(f"{read.unreadable} phones and addresses of mail cannot be read")
