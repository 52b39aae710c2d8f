"""Remembering what people have looked at: without anybody waiting, and without a queue in the database."""

import asyncio

from bot.domain.inquiry import Asker
from bot.inquiries.saved_customers import Recents
from bot.runtime.tasks import BackgroundTasks
from bot.store.store import Store
from tests.conftest import Clock, Logs
from tests.support.results import found

ASKER = Asker("T0PLAY", "U0SALES", "C0GENERAL")


async def names(store: Store) -> list[str]:
    return [customer.name for customer in (await store.saved_customers.of(ASKER.team, ASKER.user)).recent]


async def test_what_was_seen_last_is_on_top(store: Store) -> None:
    """Also where the database has not kept up yet."""
    background = BackgroundTasks()
    recents = Recents(store, background)
    one, other = found(("客户名称", "甲公司")), found(("客户名称", "乙公司"))
    for answer in (one, other, one):
        recents.note(ASKER, answer)
    await background.drain(1)
    assert (await names(store))[0] == "甲公司"


async def test_many_at_once_are_one_write_at_a_time(store: Store) -> None:
    background = BackgroundTasks()
    recents = Recents(store, background)
    for _ in range(50):
        recents.note(ASKER, found(("客户名称", "甲公司")))
        assert len(background) == 1
    await background.drain(1)
    assert await names(store) == ["甲公司"]
    recents.note(ASKER, found(("客户名称", "甲公司")))
    assert not len(background)


async def test_without_a_database_nothing_is_remembered_and_nothing_waits(clock: Clock, logs: Logs) -> None:
    background = BackgroundTasks()
    recents = Recents(Store("sqlite:///never-opened.db", clock), background)
    recents.note(ASKER, found(("客户名称", "甲公司")))
    await asyncio.sleep(0)
    await background.drain(1)
    assert logs.lines("recents_not_kept")
