"""Tasks that outlive a request are kept, drained and, in the end, given up."""

import asyncio
import gc

from bot.runtime.tasks import BackgroundTasks


async def test_work_goes_on_when_nobody_waits_for_it() -> None:
    """Nothing but the background holds the task: it is not collected in the middle."""
    background = BackgroundTasks()
    done = asyncio.Event()

    async def work() -> None:
        await asyncio.sleep(0.01)
        done.set()

    background.start(work())
    gc.collect()
    async with asyncio.timeout(1):
        await done.wait()


async def test_drain_waits_for_what_tasks_start_meanwhile() -> None:
    background = BackgroundTasks()
    finished: list[str] = []

    async def second() -> None:
        await asyncio.sleep(0.01)
        finished.append("second")

    async def first() -> None:
        await asyncio.sleep(0.01)
        background.start(second())
        finished.append("first")

    background.start(first())
    assert await background.drain(1) == 0
    assert finished == ["first", "second"]
    assert len(background) == 0


async def test_drain_gives_up_after_its_time_and_cancels() -> None:
    background = BackgroundTasks()
    task = background.start(asyncio.Event().wait())
    assert await background.drain(0.01) == 1
    assert task.cancelled()
    assert len(background) == 0


async def test_a_failed_task_does_not_stop_the_drain() -> None:
    background = BackgroundTasks()

    async def fail() -> None:
        raise LookupError("expected by the test")

    task = background.start(fail())
    assert await background.drain(1) == 0
    assert isinstance(task.exception(), LookupError)
