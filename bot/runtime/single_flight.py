"""Shares one task among all callers that ask for the same thing while it runs."""

import asyncio
from collections.abc import Callable, Coroutine, Hashable
from typing import Any, Generic, TypeVar

from bot.runtime.tasks import BackgroundTasks

K = TypeVar("K", bound=Hashable)
T = TypeVar("T")


class SingleFlight(Generic[K, T]):
    """The running tasks by key. Cancelling a waiter does not cancel the shared task."""

    def __init__(self, background: BackgroundTasks) -> None:
        self._background = background
        self._tasks: dict[K, asyncio.Task[T]] = {}

    async def join(self, key: K, begin: Callable[[], Coroutine[Any, Any, T]]) -> T:
        """Wait for the task that runs for ``key``, or start ``begin()``. Every waiter gets its exception."""
        task = self._tasks.get(key)
        if task is None:
            task = self._tasks[key] = self._background.start(begin())
            task.add_done_callback(lambda done: self._remove(key, done))
        return await asyncio.shield(task)

    def forget(self, key: K) -> None:
        """Start a new task for later callers; the running one goes on for those that wait for it."""
        self._tasks.pop(key, None)

    def is_current(self, key: K) -> bool:
        """Whether the calling task is the one that later callers would join: false once it has been forgotten."""
        return self._tasks.get(key) is asyncio.current_task()

    def _remove(self, key: K, done: asyncio.Task[T]) -> None:
        if self._tasks.get(key) is done:
            del self._tasks[key]
        if not done.cancelled():
            done.exception()  # all waiters may have been cancelled: asyncio would log it as never retrieved
