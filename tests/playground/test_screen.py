"""The stream of the playground's page: what one person sees, when it changes, and what went over the wires."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from bot.playground.fake_crm.server import Fault
from bot.playground.fake_slack.server import CHANNEL, FOREIGN_CHANNEL, GUEST, MANAGER, OUTSIDER, SHARED_CHANNEL, USER
from tests.support.page_client import (  # noqa: F401  # fixtures
    Event,
    Json,
    Page,
    Visitor,
    guest_fixture,
    manager_fixture,
    outsider_fixture,
    page_fixture,
    sales_fixture,
)
from tests.support.surfaces import CLINIC

FIELDS = {
    "world", "person", "people", "names", "channels", "messages", "modals", "home", "flexpane", "fault", "faults",
}  # fmt: skip


@pytest.fixture
def _short_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    """A sign of life comes soon."""
    monkeypatch.setattr("bot.playground.fake_slack.exchange.ANSWER_SECONDS", 0.05)


async def next_of(name: str, events: AsyncIterator[Event]) -> Event:
    async for event in events:
        if event.name == name:
            return event
    raise AssertionError("the stream has ended")


async def automatic_cards(events: AsyncIterator[Event]) -> bool:
    """Whether the next that comes is a sign of life, and nothing new."""
    return (await anext(events)).name == ""


# --- Screens ---------------------------------------------------------------------------------------------------------


async def test_screen_is_whole_and_says_who_is_where(sales: Visitor, outsider: Visitor) -> None:
    screen = await sales.screen()
    assert set(screen) == FIELDS
    kinds = {person["id"]: (person["name"], person["kind"], person["locale"]) for person in screen["people"]}
    assert kinds == {
        USER: ("sales", "member", "zh-CN"),
        MANAGER: ("manager", "manager", "en-US"),
        GUEST: ("guest", "guest", "zh-CN"),
        OUTSIDER: ("outsider", "outsider", "zh-CN"),
    }
    assert {"U0BOT", *kinds} <= set(screen["names"])
    channels = {channel["id"]: channel for channel in screen["channels"]}
    assert list(channels) == list(screen["messages"])
    assert channels[CHANNEL]["has_bot"]
    assert channels[SHARED_CHANNEL]["is_shared"]
    assert not channels[FOREIGN_CHANNEL]["has_bot"]
    assert [channel["name"] for channel in channels.values() if channel["is_direct"]] == ["manager"]
    assert [channel["id"] for channel in (await outsider.screen())["channels"]] == [SHARED_CHANNEL]


async def test_message_has_every_field_for_every_author(sales: Visitor) -> None:
    await sales.says("CF00000179")
    fields = {"ts", "thread_ts", "user", "is_bot", "only_you", "text", "blocks", "unfurls"}
    messages = await sales.messages(count=4)
    assert all(set(message) == fields for message in messages)
    assert [message["is_bot"] for message in messages] == [False, True, False, True]
    assert [message["ts"] for message in messages] == sorted(message["ts"] for message in messages)


async def test_stream_gives_the_screen_and_the_traffic_at_once(sales: Visitor) -> None:
    async with sales.stream() as events:
        assert [(await anext(events)).name for _ in range(2)] == ["screen", "traffic"]


@pytest.mark.usefixtures("_short_waits")
async def test_without_any_change_a_sign_of_life_comes(page: Page, sales: Visitor) -> None:
    """Also when all that happened is nothing that anybody sees."""
    async with sales.stream() as events:
        await next_of("traffic", events)
        for _ in range(3):
            assert await automatic_cards(events)
            page.world.slack.changes.tell()


@pytest.mark.usefixtures("_short_waits")
async def test_screen_comes_again_when_and_only_when_this_person_sees_a_change(
    page: Page, sales: Visitor, guest: Visitor, outsider: Visitor
) -> None:
    async with sales.stream() as theirs, guest.stream() as mine, outsider.stream() as others:
        before = [await next_of("screen", events) for events in (theirs, mine, others)]
        await sales.says("hello", FOREIGN_CHANNEL)
        after = await next_of("screen", theirs)
        [said] = after.data["messages"][FOREIGN_CHANNEL]
        assert said["text"] == "hello"
        assert {**after.data, "messages": {}} == {**before[0].data, "messages": {}}
        for events in (mine, others):
            assert (await next_of("traffic", events)).data
            assert await automatic_cards(events)
        await sales.does("crm", fault="busy")
        for events in (theirs, mine, others):
            assert (await next_of("screen", events)).data["fault"] == "busy"


async def test_many_may_look_as_the_same_person(sales: Visitor) -> None:
    async with sales.stream() as one, sales.stream() as another:
        assert (await next_of("screen", one)).data == (await next_of("screen", another)).data
        await sales.says("hello")
        assert (await next_of("screen", one)).data == (await next_of("screen", another)).data


async def test_stream_that_was_left_keeps_nobody_busy(page: Page, sales: Visitor, guest: Visitor) -> None:
    """A browser that was closed, or looks as another user."""
    before = len(asyncio.all_tasks())
    for visitor in (sales, guest) * 10:
        async with visitor.stream() as events:
            await anext(events)
    async with asyncio.timeout(5):
        while len(asyncio.all_tasks()) > before + 3:  # noqa: ASYNC110  # there is no event to wait for
            await asyncio.sleep(0.01)


# --- Traffic ---------------------------------------------------------------------------------------------------------


async def trips_until(what: str, events: AsyncIterator[Event]) -> list[Json]:
    """Those that have come until one of this name has its answer."""
    trips: list[Json] = []
    while not any(trip["what"] == what and trip["status"] for trip in trips):
        trips += (await next_of("traffic", events)).data
    return trips


async def test_traffic_begins_with_the_first_inquiry(sales: Visitor) -> None:
    """The directory was filled before, by some forty requests, which nobody asked for."""
    async with sales.stream() as events:
        trips = (await next_of("traffic", events)).data
    assert [trip["what"] for trip in trips if trip["way"] == "slack → bot"] == ["message", "/customer"]
    assert not [trip for trip in trips if "List" in trip["what"] or "PageIndex" in trip["sent"]]
    assert len(trips) < 15


async def test_traffic_holds_requests_and_answers_of_every_wire(sales: Visitor) -> None:
    async with sales.stream() as events:
        await next_of("traffic", events)
        await sales.says(f"/customer {CLINIC}")
        trips = {trip["what"]: trip for trip in await trips_until("/customer", events)}
        await sales.does("home")
        trips |= {trip["what"]: trip for trip in await trips_until("views.publish", events)}
    assert set(trips["/customer"]) == {"id", "at", "way", "what", "sent", "answer", "status"}
    seen = {what: (trips[what]["way"], trips[what]["status"]) for what in ("/customer", "GetCustomer", "views.publish")}
    assert seen == {
        "/customer": ("slack → bot", 200),
        "GetCustomer": ("bot → crm", 200),
        "views.publish": ("bot → slack", 200),
    }
    assert trips["/customer"]["sent"]["text"] == CLINIC
    assert trips["/customer"]["answer"]["blocks"]
    assert trips["GetCustomer"]["sent"]["customerId"] == CLINIC
    assert trips["GetCustomer"]["answer"]["ResultCode"] == "0"
    assert trips["views.publish"]["sent"]["view"]["type"] == "home"
    assert trips["views.publish"]["answer"]["ok"] is True
    assert trips["app_home_opened"]["sent"]["event"]["tab"] == "home"


async def test_request_without_an_answer_comes_first_and_with_it_later(page: Page, sales: Visitor) -> None:
    """Under the same number."""
    page.world.crm.fault = Fault(hang=True)
    async with sales.stream() as events:
        await next_of("traffic", events)
        asking = asyncio.create_task(sales.says(f"/customer {CLINIC}"))
        trips: list[Json] = []
        while not any(trip["what"] == "GetCustomer" for trip in trips):
            trips += (await next_of("traffic", events)).data
        [waiting] = [trip for trip in trips if trip["what"] == "GetCustomer"]
        assert (waiting["status"], waiting["answer"]) == (0, None)
        page.world.crm.release()
        answered = next(trip for trip in await trips_until("GetCustomer", events) if trip["what"] == "GetCustomer")
        await asking
    assert (answered["id"], answered["status"]) == (waiting["id"], 200)
    assert {**answered, "status": 0, "answer": None} == waiting


async def test_traffic_is_in_the_order_of_its_numbers_and_two_hundred_long(page: Page, sales: Visitor) -> None:
    for _ in range(210):
        await page.world.slack.event({"type": "user_change", "user": {"id": "U0GONE"}})
    async with sales.stream() as events:
        trips = (await next_of("traffic", events)).data
    numbers = [trip["id"] for trip in trips]
    assert len(numbers) == 200
    assert numbers == sorted(set(numbers))
    assert trips[-1]["what"] == "user_change"
