"""Which world there is: the first one, and another after each reset."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from bot.playground.world import World, opened_world


class Keeper:
    """``world`` is None while there is none: at the start, between two, and at the end.

    ``when_over`` is called when there will be no more worlds: at the end, or because one could not begin.
    """

    def __init__(self, now: Callable[[], float] = time.time, when_over: Callable[[], None] = lambda: None) -> None:
        self._now = now
        self._when_over = when_over
        self._number = 0
        self._turn = asyncio.Event()
        """Set when the present world has to end."""
        self._settled = asyncio.Event()
        """Set while there is a world, and after the end."""
        self._ended = False
        self.world: World | None = None

    @asynccontextmanager
    async def kept(self) -> AsyncIterator[World]:
        """Worlds, one after the other, until the end. Gives the first one."""
        keeping = asyncio.create_task(self._keep())
        try:
            if world := await self.present():  # else it could not begin, and the task says why
                yield world
        finally:
            self._ended = True
            self._turn.set()
            await keeping

    async def present(self) -> World | None:
        """The world, once there is one; None at the end."""
        await self._settled.wait()
        return self.world

    async def reset(self) -> World | None:
        """End the present world, if there is one, and give the next; None at the end."""
        if self.world is not None:
            self._settled.clear()
            self._turn.set()
        return await self.present()

    async def _keep(self) -> None:
        try:
            while not self._ended:
                await self._keep_one()
        finally:
            self._settled.set()
            self._when_over()

    async def _keep_one(self) -> None:
        self._turn.clear()
        self._number += 1
        async with opened_world(self._number, self._now) as self.world:
            self._settled.set()
            await self._turn.wait()
            world, self.world = self.world, None
            self._settled.clear()
            world.slack.changes.tell()  # wakes the pages that show this world: they look for the next
