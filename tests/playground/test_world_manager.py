"""The playground's worlds: another one after each reset, with nothing of the last, for everybody who looks."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from functools import partial

import aiohttp
import pytest

from bot.playground.fake_crm.server import FAULTS
from bot.playground.fake_slack.server import CHANNEL, GUEST, MANAGER, USER
from bot.playground.settings import playground_settings
from bot.playground.user_actions import Impossible, do
from bot.playground.world_manager import Keeper
from tests.conftest import Clock
from tests.support.page_client import (  # noqa: F401  # fixtures
    Event,
    Json,
    Page,
    Visitor,
    manager_fixture,
    page_fixture,
    sales_fixture,
    served,
    text_of,
)
from tests.support.surfaces import CLINIC, FACTORY, link

WITHIN_SECONDS = 8.0
"""Generously, for a machine that has other things to do: it takes half a second."""


async def of_world(number: int, events: AsyncIterator[Event]) -> tuple[Event, Event]:
    """The first screen of this world, and what comes after it."""
    async for event in events:
        if event.name == "screen" and event.data["world"] == number:
            return event, await anext(events)
    raise AssertionError("the stream has ended")


async def test_reset_gives_another_world_as_at_the_start(sales: Visitor, manager: Visitor) -> None:
    first, theirs = await sales.screen(), await manager.screen()
    await sales.says(f"/customer {FACTORY}")
    await sales.says(f"remember this {link(FACTORY)}")
    await sales.does("home")
    await sales.does("global_shortcut")
    await sales.does("locale", locale="en-US")
    await sales.does("crm", fault="down")
    assert await sales.does("reset") == {}
    again = await sales.screen()
    assert again["world"] == first["world"] + 1
    texts = [[message["text"] for message in screen["messages"][CHANNEL]] for screen in (first, again)]
    assert texts[0] == texts[1]
    assert {**again, "world": 1, "messages": {}} == {**first, "messages": {}}
    assert {**await manager.screen(), "world": 1} == theirs


async def test_every_open_stream_goes_on_in_the_new_world(page: Page, sales: Visitor) -> None:
    """With its screen, and with its traffic from the start."""
    async with asyncio.timeout(WITHIN_SECONDS), AsyncExitStack() as stack:
        people = (USER, USER, MANAGER, GUEST)
        streams = [await stack.enter_async_context(page.visited_by(person).stream()) for person in people]
        for events in streams:
            await of_world(1, events)
        await sales.says("remember this")
        await sales.does("reset")
        for events in streams:
            screen, traffic = await of_world(2, events)
            assert traffic.name == "traffic"
            assert "remember this" not in text_of([screen.data, traffic.data])
        await sales.says("this is new")
        for events in streams:
            async for event in events:
                if event.name == "screen" and "this is new" in text_of(event.data):
                    break


def under_way(page: Page, customer_id: str) -> asyncio.Task[tuple[int, Json]]:
    """A user asks for a customer."""
    command = {"channel": CHANNEL, "text": f"/customer {customer_id}", "thread_ts": ""}
    return asyncio.create_task(page.visited_by(USER).asks("say", **command))


async def test_reset_does_not_wait_for_a_crm_that_hangs(page: Page, sales: Visitor, manager: Visitor) -> None:
    """Requests that wait for it are answered."""
    await sales.does("crm", fault="hang")
    asking = under_way(page, CLINIC)
    await page.world.slack.until(lambda: page.world.crm.asked["GetCustomer"] > 1)
    async with asyncio.timeout(WITHIN_SECONDS):
        await manager.does("reset")
        assert (await asking)[0] == 200
    assert (await sales.screen())["fault"] == "up"
    await sales.says(f"/customer {CLINIC}")
    await sales.private_card(CLINIC)


@pytest.mark.parametrize("fault", FAULTS)
async def test_no_fault_keeps_the_end_waiting(clock: Clock, fault: str) -> None:
    keeper = Keeper(clock)
    async with asyncio.timeout(WITHIN_SECONDS), served(keeper) as page:
        async with keeper.kept() as world:
            await page.visited_by(USER).does("crm", fault=fault)
            asking = under_way(page, FACTORY)
            await world.slack.until(lambda: world.crm.asked["GetCustomer"] > 1)
        assert (await asking)[0] == 200


async def test_resets_at_once_are_one(page: Page, sales: Visitor) -> None:
    async with asyncio.timeout(WITHIN_SECONDS):
        assert await asyncio.gather(*(sales.does("reset") for _ in range(5))) == [{}] * 5
    assert (await sales.screen())["world"] == 2


async def test_what_is_done_in_a_world_that_has_ended_is_reported(page: Page, sales: Visitor) -> None:
    """In the very moment of a reset."""
    before = page.world
    await sales.does("reset")
    for verb, asked in (("home", {}), ("say", {"channel": CHANNEL, "text": "/customer", "thread_ts": ""})):
        with pytest.raises(Impossible, match="ended"):
            await do(before, verb, {"person": USER, **asked})


async def test_request_that_arrives_slowly_is_for_the_world_of_its_end(page: Page, sales: Visitor) -> None:
    """Half of it comes before a reset, and half after it."""
    going_on = asyncio.Event()

    async def slowly() -> AsyncIterator[bytes]:
        body = json.dumps({"person": USER, "channel": CHANNEL, "text": "/customer", "thread_ts": ""}).encode()
        yield body[:20]
        await going_on.wait()
        yield body[20:]

    headers = {"content-type": "application/json"}
    async with aiohttp.ClientSession() as session:
        asking = asyncio.create_task(session.post(f"{page.address}/do/say", data=slowly(), headers=headers))
        await sales.does("reset")
        going_on.set()
        answer = await asking
        assert answer.status == 200
    assert len(await sales.messages(count=3)) == 3


async def test_visitor_before_there_is_a_world_sees_the_first_one(clock: Clock) -> None:
    """A browser is quicker than the servers. What is done before is done then."""
    keeper = Keeper(clock)
    async with served(keeper) as page:
        sales = page.visited_by(USER)
        looking = asyncio.create_task(sales.messages(count=2))
        saying = asyncio.create_task(sales.says("hello"))
        async with keeper.kept():
            assert len(await looking) >= 2
            await saying
            assert (await sales.messages(count=3))[-1]["text"] == "hello"


async def test_streams_end_with_the_playground(clock: Clock) -> None:
    keeper = Keeper(clock)
    async with asyncio.timeout(WITHIN_SECONDS), served(keeper) as page:
        sales = page.visited_by(USER)
        async with AsyncExitStack() as stack:
            async with keeper.kept():
                events = await stack.enter_async_context(sales.stream())
                await of_world(1, events)
            assert {event.name async for event in events} <= {"", "screen", "traffic"}
        assert await sales.refusal_of("say", channel=CHANNEL, text="hello", thread_ts="") == "The playground has ended."
        assert "ended" in await sales.refusal_of("reset")


async def test_world_that_cannot_begin_ends_the_playground_and_its_streams(
    clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """At once, and with the reason."""
    monkeypatch.setattr("bot.playground.world.FIRST_MESSAGE", None)
    keeper = Keeper(clock)
    async with asyncio.timeout(WITHIN_SECONDS), served(keeper) as page, page.visited_by(USER).stream() as events:
        with pytest.raises(TypeError):
            async with keeper.kept():
                raise AssertionError("there is no world")
        assert [event async for event in events] == []


async def test_first_card_is_a_card_on_a_slow_machine_too(clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    """A waiting line comes before it, and is not it."""
    hurried = partial(playground_settings, ack_budget_seconds=0.000_1)
    monkeypatch.setattr("bot.playground.world.playground_settings", hurried)
    async with served(Keeper(clock)) as page, page.keeper.kept() as world:
        assert world.first_card.message.text == "胡效鑫1  CF00000179"
        waiting = (await page.visited_by(USER).messages(count=3))[1]
        assert "正在查询" in waiting["text"]
