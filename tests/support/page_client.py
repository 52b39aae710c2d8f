"""Visiting the playground's page as a browser does, without one: its address, its verbs, its stream."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any, Final, NamedTuple, TypeVar

import aiohttp
import pytest

from bot.cards.action_ids import CUSTOMER_DETAILS
from bot.playground.asgi_server import loopback
from bot.playground.fake_slack.server import CHANNEL, GUEST, MANAGER, OUTSIDER, USER
from bot.playground.web_app import page_app
from bot.playground.world import World
from bot.playground.world_manager import Keeper
from tests.conftest import Clock
from tests.support.block_kit import elements_of, hold_to_slack
from tests.support.surfaces import DOCUMENTED, FACTORY, link

TIMEOUT_SECONDS: Final = 10.0

Json = dict[str, Any]
T = TypeVar("T")


class Event(NamedTuple):
    """A server-sent event. A comment has the name ""."""

    name: str
    data: Any


class Visitor:
    """One person on the page."""

    def __init__(self, session: aiohttp.ClientSession, address: str, person: str) -> None:
        self._session = session
        self._address = address
        self.person = person

    async def asks(self, verb: str, **asked: Any) -> tuple[int, Json]:
        """The status and the answer."""
        body = {"person": self.person, **asked}
        async with self._session.post(f"{self._address}/do/{verb}", json=body) as answer:
            is_json = answer.content_type == "application/json"
            return answer.status, await answer.json() if is_json else {"text": await answer.text()}

    async def does(self, verb: str, **asked: Any) -> Json:
        """What comes of it."""
        status, answer = await self.asks(verb, **asked)
        assert status == 200, answer
        assert "error" not in answer
        return answer

    async def refusal_of(self, verb: str, **asked: Any) -> str:
        """Why it cannot be done."""
        status, answer = await self.asks(verb, **asked)
        assert status == 200, answer
        words: str = answer["error"]
        return words

    async def says(self, text: str, channel: str = CHANNEL, thread_ts: str = "") -> Json:
        return await self.does("say", channel=channel, text=text, thread_ts=thread_ts)

    async def clicks(self, at: Json, action_id: str, value: str | None, **values: Any) -> Json:
        return await self.does("click", at=at, action_id=action_id, value=value, values=values)

    @asynccontextmanager
    async def stream(self) -> AsyncIterator[AsyncIterator[Event]]:
        """The events as they come."""
        where = f"{self._address}/screen?person={self.person}"
        async with self._session.get(where) as answer:
            assert answer.content_type == "text/event-stream"
            yield _events(answer.content)

    async def sees(self, condition: Callable[[Json], T | None]) -> T:
        """What ``condition`` gives of the screen, once that is true."""
        async with asyncio.timeout(TIMEOUT_SECONDS), self.stream() as events:
            async for event in events:
                if event.name == "screen" and (value := condition(event.data)):
                    return value
        raise AssertionError("the stream has ended")

    async def screen(self) -> Json:
        """As it is now."""
        return await self.sees(lambda screen: screen)

    async def messages(self, channel: str = CHANNEL, *, count: int = 0) -> list[Json]:
        """Of one channel, once there are so many at least."""
        screen = await self.sees(lambda screen: screen if len(screen["messages"][channel]) >= count else None)
        messages: list[Json] = screen["messages"][channel]
        return messages

    async def modal(self, text: str = "") -> Json:
        """The one on top, once it says ``text``."""
        return await self.sees(lambda screen: _saying(screen["modals"][-1:], text))

    async def private_card(self, text: str, channel: str = CHANNEL) -> Json:
        """The last message that this person alone sees, once it says ``text``."""
        return await self.sees(lambda screen: _saying(_private(screen["messages"][channel])[-1:], text))


class Page:
    """The page while it is served."""

    def __init__(self, session: aiohttp.ClientSession, address: str, keeper: Keeper) -> None:
        self.session = session
        self.address = address
        self.keeper = keeper

    @property
    def world(self) -> World:
        assert self.keeper.world is not None
        return self.keeper.world

    def visited_by(self, person: str) -> Visitor:
        return Visitor(self.session, self.address, person)


@asynccontextmanager
async def served(keeper: Keeper) -> AsyncIterator[Page]:
    """The page of a keeper, from before its first world until after its last."""
    async with aiohttp.ClientSession() as session, loopback(page_app(keeper)) as address:
        yield Page(session, address, keeper)


@pytest.fixture(name="page")
async def page_fixture(clock: Clock) -> AsyncIterator[Page]:
    """Whatever the bot sent to Slack, Slack would have taken."""
    async with served(Keeper(clock)) as page, page.keeper.kept():
        yield page
        hold_to_slack(page.world.slack)


@pytest.fixture(name="sales")
def sales_fixture(page: Page) -> Visitor:
    return page.visited_by(USER)


@pytest.fixture(name="manager")
def manager_fixture(page: Page) -> Visitor:
    return page.visited_by(MANAGER)


@pytest.fixture(name="guest")
def guest_fixture(page: Page) -> Visitor:
    return page.visited_by(GUEST)


@pytest.fixture(name="outsider")
def outsider_fixture(page: Page) -> Visitor:
    return page.visited_by(OUTSIDER)


def in_message(message: Json, channel: str = CHANNEL) -> Json:
    return {"in": "message", "channel": channel, "ts": message["ts"]}


def in_view(view: Json) -> Json:
    return {"in": "view", "view": view["id"]}


def values_of(part: Any, action_id: str) -> list[str]:
    """The values of the buttons with this action_id, from top to bottom."""
    return [found["value"] for found in elements_of(part["blocks"]) if found["action_id"] == action_id]


def text_of(part: Any) -> str:
    """All that a message, a view or the like holds."""
    return json.dumps(part, ensure_ascii=False)


async def card_of(visitor: Visitor) -> Json:
    """The first card, which the salesperson alone sees."""
    return await visitor.private_card("胡效鑫1")


async def details_of(visitor: Visitor) -> Json:
    """The modal of the first card."""
    await visitor.clicks(in_message(await card_of(visitor)), CUSTOMER_DETAILS, DOCUMENTED)
    return await visitor.modal("统一社会信用码")


async def linked(visitor: Visitor, customer_id: str = FACTORY, channel: str = CHANNEL) -> Json:
    """A message with a link, once its Work Object is there."""
    await visitor.says(f"看看 {link(customer_id)}", channel)

    def with_entity(screen: Json) -> Json | None:
        last: Json = screen["messages"][channel][-1]
        return last if any(unfurl["entity"] for unfurl in last["unfurls"]) else None

    return await visitor.sees(with_entity)


def flexpane_of(message: Json, channel: str = CHANNEL) -> Json:
    return {"channel": channel, "ts": message["ts"], "url": message["unfurls"][0]["url"]}


def filled(screen: Json) -> Json | None:
    """The open flexpane, once it no longer loads."""
    pane: Json | None = screen["flexpane"]
    return pane if pane and (pane["metadata"] or pane["error"]) else None


async def _events(lines: aiohttp.StreamReader) -> AsyncIterator[Event]:
    name = ""
    async for raw in lines:
        line = raw.decode().rstrip("\n")
        if line.startswith(":"):
            yield Event("", line[1:].strip())
        elif line.startswith("event: "):
            name = line.removeprefix("event: ")
        elif line.startswith("data: "):
            yield Event(name, json.loads(line.removeprefix("data: "), parse_constant=_no_json))


def _no_json(constant: str) -> None:
    raise AssertionError(f"a browser cannot read {constant}")


def _private(messages: list[Json]) -> list[Json]:
    return [message for message in messages if message["only_you"]]


def _saying(parts: list[Json], text: str) -> Json | None:
    return next((part for part in parts if text in text_of(part)), None)
