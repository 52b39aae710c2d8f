"""How far a command has come, on standard error: drawn where that is a terminal."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager


@contextmanager
def progress_bar(doing: str) -> Iterator[Callable[[int, int | None], None]]:
    """A bar that is told what is done, and of how much if that is known. Elsewhere than in a terminal there is none."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), disable=not sys.stderr.isatty()) as progress:
        task = progress.add_task(doing, total=None)
        yield lambda done, total: progress.update(task, completed=done, total=total)


@contextmanager
def status_line() -> Iterator[Callable[[str, str], None]]:
    """A line that is told the state and its details, and is replaced by the next one.

    Elsewhere than in a terminal a line is printed for each new state, and not for each detail.
    """
    if not sys.stderr.isatty():
        yield _line_for_each_state()
        return
    from rich.console import Console
    from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    columns = (SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True)) as progress:
        task = progress.add_task("", total=None)
        yield lambda state, details: progress.update(task, description=f"{state}, {details}")


def _line_for_each_state() -> Callable[[str, str], None]:
    said: list[str] = []

    def say(state: str, details: str) -> None:
        if said[-1:] != [state]:
            said.append(state)
            print(f"{state}, {details}", file=sys.stderr, flush=True)  # noqa: T201

    return say
