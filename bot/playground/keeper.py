"""Which world there is: the first one, and another after each reset."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from bot.playground.slack_exchange import Changes
from bot.playground.world import World, opened_world


class Keeper:
    """``world`` is None while there is none: at the start, between two, and at the end."""

    def __init__(self, now: Callable[[], float] = time.time) -> None:
        self._now = now
        self._number = 0
        self._turn = asyncio.Event()
        """Set when the present world has to end."""
        self._changes = Changes()
        self.world: World | None = None
        self.ended = False

    @asynccontextmanager
    async def kept(self) -> AsyncIterator[World]:
        """Worlds, one after the other, until the end. Gives the first one."""
        keeping = asyncio.create_task(self._keep())
        try:
            yield await self._first(keeping)
        finally:
            self.ended = True
            self._turn.set()
            await keeping

    async def present(self) -> World | None:
        """The world, once there is one; None at the end."""
        await self._changes.until(lambda: self.world is not None or self.ended)
        return self.world

    async def reset(self) -> None:
        """End the present world, and wait for the next one."""
        before = self.world
        self._turn.set()
        await self._changes.until(lambda: self.world not in (None, before) or self.ended)

    async def _first(self, keeping: asyncio.Task[None]) -> World:
        waiting = asyncio.create_task(self.present())
        await asyncio.wait({keeping, waiting}, return_when=asyncio.FIRST_COMPLETED)
        if keeping.done():  # it could not begin
            waiting.cancel()
            await keeping
        world = await waiting
        assert world is not None
        return world

    async def _keep(self) -> None:
        while not self.ended:
            self._turn.clear()
            self._number += 1
            async with opened_world(self._number, self._now) as world:
                self._begin(world)
                await self._turn.wait()
                self._begin(None)
                world.slack.changes.tell()  # whoever looks at this one looks for the next

    def _begin(self, world: World | None) -> None:
        self.world = world
        self._changes.tell()
