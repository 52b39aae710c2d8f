"""Tasks that outlive the request that started them, and draining them."""

import asyncio
import logging
from collections.abc import Coroutine
from typing import Any, Final, TypeVar

import structlog

ENDING_SECONDS: Final = 0.2
"""How long ``log_end`` waits for tasks that are about to end."""

log = structlog.get_logger(__name__)

T = TypeVar("T")


class BackgroundTasks:
    """Keeps a reference to every task: asyncio itself holds them weakly and may drop one in the middle."""

    def __init__(self) -> None:
        self._tasks: set[asyncio.Task[Any]] = set()

    def __len__(self) -> int:
        return len(self._tasks)

    def start(self, work: Coroutine[Any, Any, T]) -> asyncio.Task[T]:
        """Run ``work`` to its end, even if its caller is cancelled."""
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    async def drain(self, seconds: float) -> int:
        """Wait for all tasks, and those that they start, for up to ``seconds``; then cancel the rest.

        Returns how many tasks were cancelled.
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
    """Log ``ended``, the last line of a clean exit. A task in ``tasks_left`` is a bug that may have lost an answer."""
    others = asyncio.all_tasks() - {asyncio.current_task()}
    if others:
        await asyncio.wait(others, timeout=ENDING_SECONDS)
    # a task's own name is only a number; its coroutine's tells what runs
    left = sorted(getattr(task.get_coro(), "__qualname__", task.get_name()) for task in others if not task.done())
    log.log(logging.ERROR if left else logging.INFO, "ended", tasks_left=left)
