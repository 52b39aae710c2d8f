"""Tasks that outlive the request which began them, and draining them when the process is told to stop."""

import asyncio
import logging
from collections.abc import Coroutine
from typing import Any, Final, TypeVar

import structlog

ENDING_SECONDS: Final = 0.2
"""For what is just ending when everything has ended."""

log = structlog.get_logger(__name__)

T = TypeVar("T")


class BackgroundTasks:
    """Keeps a reference to every task: asyncio itself holds them weakly and may drop one in the middle."""

    def __init__(self) -> None:
        self._tasks: set[asyncio.Task[Any]] = set()

    def __len__(self) -> int:
        return len(self._tasks)

    def start(self, work: Coroutine[Any, Any, T]) -> asyncio.Task[T]:
        """Run ``work`` to its end, whoever stops waiting for it."""
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    async def drain(self, seconds: float) -> int:
        """Wait until nothing is left, also of what the tasks start meanwhile; then cancel.

        Returns how many tasks were given up after ``seconds``.
        """
        try:
            async with asyncio.timeout(seconds):
                while self._tasks:
                    await asyncio.wait(self._tasks)
        except TimeoutError:
            pass
        given_up = list(self._tasks)
        for task in given_up:
            task.cancel()
        await asyncio.gather(*given_up, return_exceptions=True)
        return len(given_up)


async def log_end() -> None:
    """The last line of a process that ended well: which tasks are left. Any is a bug, which may have cost an answer."""
    others = asyncio.all_tasks() - {asyncio.current_task()}
    if others:
        await asyncio.wait(others, timeout=ENDING_SECONDS)
    left = sorted(_name(task) for task in others if not task.done())
    log.log(logging.ERROR if left else logging.INFO, "ended", tasks_left=left)


def _name(task: asyncio.Task[Any]) -> str:
    """What it runs: a task's own name is only a number."""
    return getattr(task.get_coro(), "__qualname__", task.get_name())
