"""One piece of work for all who ask for the same thing at once."""

import asyncio
from collections.abc import Callable, Coroutine, Hashable
from typing import Any, Generic, TypeVar

from bot.runtime.tasks import BackgroundTasks

K = TypeVar("K", bound=Hashable)
T = TypeVar("T")


class SingleFlight(Generic[K, T]):
    """What is under way, by what it is for. Who stops waiting does not end it: others wait for it too."""

    def __init__(self, background: BackgroundTasks) -> None:
        self._background = background
        self._under_way: dict[K, asyncio.Task[T]] = {}

    async def join(self, key: K, begin: Callable[[], Coroutine[Any, Any, T]]) -> T:
        """The result of the work for ``key`` that is under way, or of the one that ``begin`` begins."""
        flight = self._under_way.get(key)
        if flight is None:
            flight = self._under_way[key] = self._background.start(begin())
            flight.add_done_callback(lambda _: self._under_way.pop(key))
        return await asyncio.shield(flight)
