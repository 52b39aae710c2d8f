"""The progress of a command on standard error: drawn in a terminal, printed or left out elsewhere."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager


@contextmanager
def progress_bar(description: str) -> Iterator[Callable[[int, int | None], None]]:
    """A bar, in a terminal only. Gives a function that takes what is done, and of how much if that is known."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), disable=not sys.stderr.isatty()) as progress:
        task = progress.add_task(description, total=None)
        yield lambda done, total: progress.update(task, completed=done, total=total)


@contextmanager
def status_line() -> Iterator[Callable[[str, str], None]]:
    """A line that is redrawn. Gives a function that takes a state and its details.

    Outside a terminal a line is printed for each new state only.
    """
    if not sys.stderr.isatty():
        printed = ""

        def print_new_state(state: str, details: str) -> None:
            nonlocal printed
            if state != printed:
                printed = state
                print(f"{state}, {details}", file=sys.stderr, flush=True)  # noqa: T201

        yield print_new_state
        return
    from rich.console import Console
    from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    columns = (SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True)) as progress:
        task = progress.add_task("", total=None)
        yield lambda state, details: progress.update(task, description=f"{state}, {details}")
