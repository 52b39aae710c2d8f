"""``customer-bot directory …``: filling the directory from the CRM or from a file, and what is in it."""

import asyncio
import signal
from collections.abc import AsyncIterator, Coroutine, Iterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final, TypeVar

import typer

from bot.cli.output import OPENING_SECONDS, fail, load_quietly, moment, print_values
from bot.errors import ImportRefused, StoreUnavailable, SyncInProgress
from bot.settings import Settings

if TYPE_CHECKING:
    from bot.app import LocalDirectory
    from bot.customers.directory.importer import LeftOut
    from bot.customers.directory.sync import SyncProgress, SyncReport
    from bot.domain.directory import Entry, Kept

BATCH: Final = 1_000
"""So many customers are kept in one transaction."""
SHOWN_ROWS: Final = 20
"""So many of the rows that are left out are told one by one."""
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

    loaded = load_quietly(Settings)
    try:
        with progress_bar("reading") as watch:
            read = read_customers(file, watch)
        kept = _run(_import(loaded, read.entries))
    except ImportRefused as error:
        fail(str(error), 1)
    except (KeyboardInterrupt, asyncio.CancelledError):
        fail("stopped: nothing was imported", 1)
    print_values({**kept._asdict(), "left out": len(read.left_out)})
    for line in _left_out(read.left_out):
        typer.echo(line)
    if read.unreadable:
        typer.echo(f"{read.unreadable} phones and addresses of mail cannot be read")


@directory.command()
def sync() -> None:
    """Add the customers that the CRM's lists name. A sync that was stopped goes on where it was."""
    loaded = load_quietly(Settings)
    try:
        report = _run(_sync(loaded))
    except SyncInProgress as error:
        fail(f"{error}; if that was killed, its turn ends at {moment(error.until)}", 1)
    except asyncio.CancelledError:
        typer.echo(f"stopped; {GOES_ON}")
        return
    print_values({"seen": report.seen, "new": report.new, "missing": report.missing})
    if not report.complete:
        fail(f"{report.reason}; {GOES_ON}", 1)


@directory.command()
def stats() -> None:
    """How many customers the directory has, and when it was last in sync with the CRM."""
    loaded = load_quietly(Settings)
    try:
        counts = asyncio.run(_stats(loaded))
    except StoreUnavailable as error:
        fail(str(error), 1)
    print_values(counts)


def _run(work: Coroutine[Any, Any, T]) -> T:
    """What ``work`` comes to. Raises CancelledError when the process is told to stop."""

    async def run() -> T:
        task = asyncio.current_task()
        assert task is not None
        for stop in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().add_signal_handler(stop, task.cancel)
        return await work

    return asyncio.run(run())


@asynccontextmanager
async def opened_directory(loaded: Settings) -> "AsyncIterator[LocalDirectory]":
    """The directory with its database open. Ends the command if it cannot be opened."""
    from bot.app import build_directory

    async with build_directory(loaded) as local:
        try:
            await asyncio.wait_for(local.store.open(), OPENING_SECONDS)
        except TimeoutError:
            fail(local.store.trouble, 1)
        yield local


async def _import(loaded: Settings, entries: "Sequence[Entry]") -> "Kept":
    """Keep ``entries``, a batch at a time: what is done when it has to end is done."""
    from bot.cli.progress import progress_bar
    from bot.domain.directory import Kept

    kept = Kept(0, 0, 0)
    async with opened_directory(loaded) as local:
        with progress_bar("writing") as watch:
            for start in range(0, len(entries), BATCH):
                watch(start, len(entries))
                try:
                    news = await local.directory.keep(local.network, entries[start : start + BATCH])
                except (StoreUnavailable, asyncio.CancelledError) as error:
                    fail(f"{str(error) or 'stopped'}: {start} rows were imported; run it again", 1)
                kept = Kept(*map(sum, zip(kept, news, strict=True)))
            watch(len(entries), len(entries))
    return kept


async def _sync(loaded: Settings) -> "SyncReport":
    from bot.cli.progress import status_line

    async with opened_directory(loaded) as local:
        with status_line() as tell:
            return await local.sync.run(lambda progress: tell(*_in_words(progress)))


def _in_words(progress: "SyncProgress") -> tuple[str, str]:
    """What is gone through, and how far that has come."""
    counts = f"page {progress.page}: {progress.seen} customers seen, {progress.new} new"
    return progress.source.replace("_", " "), counts


async def _stats(loaded: Settings) -> dict[str, object]:
    async with opened_directory(loaded) as local:
        known = await local.directory.stats(local.network)
        finished_at = await local.store.sync_state.finished_at(local.network)
    return {
        "customers": known.customers,
        "with a number": known.with_number,
        "with a phone or mail": known.with_contacts,
        "phones and mails": known.hashes,
        "last sync": "never" if finished_at is None else moment(finished_at),
    }


def _left_out(rows: "Sequence[LeftOut]") -> Iterator[str]:
    for row in rows[:SHOWN_ROWS]:
        yield f"  line {row.line}: {row.reason}"
    if len(rows) > SHOWN_ROWS:
        yield f"  … and {len(rows) - SHOWN_ROWS} more"
