"""What people do on the page, done in the stand-in Slack."""

import html
from collections.abc import Awaitable, Callable, Mapping
from typing import Final

import aiohttp

from bot.cards.action_ids import FIND_CUSTOMER, LOOKUP_IN_MESSAGE
from bot.playground.fake_crm.server import FAULTS
from bot.playground.fake_slack.exchange import Exchange
from bot.playground.fake_slack.server import Ephemeral, InFlexpane, InMessage, InView, OnUnfurl, Place
from bot.playground.fake_slack.workspace import Refused, Unfurl
from bot.playground.screen import CRM_WORKS, KINDS, MEMBERS, Json
from bot.playground.world import Panel, World

COMMAND: Final = "/customer"
LOCALES: Final = ("zh-CN", "en-US")
NO_MESSAGE: Final = "This message is not there."


class Impossible(Exception):
    """What Slack says to the person instead."""


async def do(world: World, verb: str, asked: Json) -> Json:
    """Do what ``asked["person"]`` wants. Raises Impossible, and KeyError for a request that is none of the page's."""
    try:
        _hold_to_own(world, asked)
        return await _VERBS[verb](world, asked) or {}
    except (AssertionError, Refused) as wrong:  # the stand-in's words for what Slack would not do
        raise Impossible(str(wrong)) from wrong
    except aiohttp.ClientConnectionError as gone:
        raise Impossible("This world has ended meanwhile.") from gone
    finally:
        world.slack.changes.tell()


def _hold_to_own(world: World, asked: Json) -> None:
    """Refuse to act as a person who does not exist, or in a place where they are not."""
    person, at = asked["person"], asked.get("at", {})
    if person not in KINDS:
        raise Impossible("There is no such person.")
    for channel in (part["channel"] for part in (asked, at) if "channel" in part):
        if person not in MEMBERS.get(channel, ()):
            raise Impossible("This person is not in that channel.")
    for view in (part["view"] for part in (asked, at) if "view" in part):
        if world.slack.view(view).user != person:
            raise Impossible("This is somebody else's view.")


async def _say(world: World, asked: Json) -> None:
    text, channel, thread_ts = asked["text"].strip(), asked["channel"], asked["thread_ts"]
    if not text:
        raise Impossible("no_text")
    if not text.startswith("/"):
        if thread_ts:
            _said(world, channel, thread_ts)
        said = html.escape(text, quote=False)  # as Slack's events have it
        await world.slack.post_message(said, user=asked["person"], channel=channel, thread_ts=thread_ts)
        return
    command, _, rest = text.partition(" ")
    if thread_ts:
        raise Impossible(f"{command} is not supported in threads. Sorry!")
    if command != COMMAND:
        raise Impossible(f"{command} is not a valid command.")
    _hold(await world.slack.command(rest.strip(), user=asked["person"], channel=channel))


async def _click(world: World, asked: Json) -> None:
    await _act(world, asked, world.slack.click)


async def _choose(world: World, asked: Json) -> None:
    await _act(world, asked, world.slack.choose)


async def _act(world: World, asked: Json, act: Callable[..., Awaitable[Exchange]]) -> None:
    where = {"user": asked["person"], "at": _place(world, asked), "values": asked["values"]}
    _hold(await act(asked["action_id"], asked["value"], **where))


async def _suggest(world: World, asked: Json) -> Json:
    place = _place(world, asked)
    options = await world.slack.suggest(asked["action_id"], asked["text"], user=asked["person"], at=place)
    return {"options": options}


async def _message_shortcut(world: World, asked: Json) -> None:
    message = _said(world, asked["channel"], asked["ts"])
    where = {"user": asked["person"], "channel": asked["channel"]}
    _hold(await world.slack.message_shortcut(LOOKUP_IN_MESSAGE, message, **where))


async def _global_shortcut(world: World, asked: Json) -> None:
    _hold(await world.slack.global_shortcut(FIND_CUSTOMER, user=asked["person"]))


async def _submit(world: World, asked: Json) -> None:
    _hold(await world.slack.submit(asked["view"], asked["values"], user=asked["person"]))


async def _close(world: World, asked: Json) -> None:
    await world.slack.close(asked["view"], user=asked["person"])


async def _home(world: World, asked: Json) -> None:
    await world.slack.open_home(user=asked["person"])


async def _open_flexpane(world: World, asked: Json) -> None:
    channel, ts, url, person = asked["channel"], asked["ts"], asked["url"], asked["person"]
    entity = _unfurl(world, channel, ts, url).entity
    if entity is None:
        raise Impossible("This link has no flexpane.")
    ref = entity["external_ref"]
    world.panels[person] = Panel(channel, ts, url, ref, len(world.slack.flexpanes[person]))
    world.slack.changes.tell()
    await world.slack.open_flexpane(url, ref, user=person, channel=channel, message_ts=ts)


async def _close_flexpane(world: World, asked: Json) -> None:
    world.panels.pop(asked["person"], None)


async def _locale(world: World, asked: Json) -> None:
    if asked["locale"] not in LOCALES:
        raise Impossible("There is no such language here.")
    world.slack.people[asked["person"]].locale = asked["locale"]
    await world.slack.user_change(asked["person"])


async def _crm(world: World, asked: Json) -> None:
    if asked["fault"] not in (CRM_WORKS, *FAULTS):
        raise Impossible("There is no such fault.")
    world.crm.fault = FAULTS.get(asked["fault"])


_VERBS: Final[Mapping[str, Callable[[World, Json], Awaitable[Json | None]]]] = {
    "say": _say,
    "click": _click,
    "choose": _choose,
    "suggest": _suggest,
    "message_shortcut": _message_shortcut,
    "global_shortcut": _global_shortcut,
    "submit": _submit,
    "close": _close,
    "home": _home,
    "flexpane": _open_flexpane,
    "close_flexpane": _close_flexpane,
    "locale": _locale,
    "crm": _crm,
}


def _hold(exchange: Exchange) -> None:
    """Say what Slack says when an app does not answer it."""
    if not exchange.acknowledged:
        raise Impossible("customer-bot failed with the error: operation_timeout")
    if exchange.status != 200:
        raise Impossible("customer-bot failed with the error: dispatch_failed")


def _place(world: World, asked: Json) -> Place:
    at, person = asked["at"], asked["person"]
    match at["in"]:
        case "message":
            return _message(world, person, at["channel"], at["ts"])
        case "view":
            return InView(at["view"])
        case "unfurl":
            _unfurl(world, at["channel"], at["ts"], at["url"])
            return OnUnfurl(at["channel"], at["ts"], at["url"])
        case "flexpane" if person in world.panels:
            panel = world.panels[person]
            return InFlexpane(panel.url, panel.external_ref, panel.channel, panel.ts)
        case _:
            raise Impossible("There is no such place.")


def _message(world: World, person: str, channel: str, ts: str) -> Place:
    private = world.slack.private_message(channel, person, ts)
    if private is not None:
        return Ephemeral(channel, private.thread_ts, ts)
    for posted in world.slack.posts[channel]:
        if posted.ts == ts:
            return InMessage(posted)
    raise Impossible(NO_MESSAGE)


def _said(world: World, channel: str, ts: str) -> Json:
    """A message that everybody in the channel sees."""
    message = world.slack.messages.get((channel, ts))
    if message is None:
        raise Impossible(NO_MESSAGE)
    return message


def _unfurl(world: World, channel: str, ts: str, url: str) -> Unfurl:
    """What stands under a link in a message of that very channel."""
    _said(world, channel, ts)
    unfurl = world.slack.unfurls[ts].get(url)
    if unfurl is None:
        raise Impossible("This link is not there.")
    return unfurl
