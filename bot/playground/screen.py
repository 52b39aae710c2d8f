"""What one person sees of the stand-in Slack, as the page draws it."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from bot.playground.fake_crm.server import FAULTS
from bot.playground.fake_slack.server import (
    CHANNEL,
    DIRECT_MESSAGE,
    FOREIGN_CHANNEL,
    GUEST,
    MANAGER,
    OUTSIDER,
    SHARED_CHANNEL,
    USER,
    Flexpane,
    Posted,
    ShownView,
)
from bot.playground.fake_slack.users import BOT_USER, Channel
from bot.playground.world import World

KINDS: Final[Mapping[str, str]] = {USER: "member", MANAGER: "manager", GUEST: "guest", OUTSIDER: "outsider"}
"""Whom one can be."""
MEMBERS: Final[Mapping[str, tuple[str, ...]]] = {
    CHANNEL: (USER, MANAGER, GUEST),
    SHARED_CHANNEL: (USER, MANAGER, GUEST, OUTSIDER),
    FOREIGN_CHANNEL: (USER, MANAGER),
    DIRECT_MESSAGE: (USER, MANAGER),
}
"""The channels of the page, and who is in them."""
CRM_WORKS: Final = "up"

Json = dict[str, Any]


def screen_of(world: World, person: str) -> Json:
    """Everything that ``person`` sees, in all channels."""
    slack = world.slack
    channels = [slack.channels[channel] for channel, members in MEMBERS.items() if person in members]
    home = slack.homes.get(person)
    return {
        "world": world.number,
        "person": person,
        "people": [_person(world, who) for who in KINDS],
        "names": {person.id: person.name for person in slack.people.values()},
        "channels": [_channel(world, channel, person) for channel in channels],
        "messages": {channel.id: _messages(world, channel.id, person) for channel in channels},
        "modals": [_view(shown) for shown in slack.modals[person]],
        "home": _view(home) if home else None,
        "flexpane": _flexpane(world, person),
        "fault": next((name for name, fault in FAULTS.items() if fault is world.crm.fault), CRM_WORKS),
        "faults": list(FAULTS),
    }


def _person(world: World, who: str) -> Json:
    person = world.slack.people[who]
    return {"id": who, "name": person.name, "kind": KINDS[who], "locale": person.locale}


def _channel(world: World, channel: Channel, person: str) -> Json:
    """A direct message is named after its other members."""
    others = [world.slack.people[member].name for member in MEMBERS[channel.id] if member != person]
    return {
        "id": channel.id,
        "name": ", ".join(others) if channel.is_im else channel.name,
        "is_direct": channel.is_im,
        "is_shared": channel.is_ext_shared,
        "has_bot": channel.is_member,
    }


def _messages(world: World, channel: str, person: str) -> list[Json]:
    private = world.slack.private_messages(channel, person)
    seen = [*_public(world, channel), *(_private(posted) for posted in private)]
    return sorted(seen, key=lambda message: str(message["ts"]))


def _public(world: World, channel: str) -> Iterator[Json]:
    for (where, ts), content in world.slack.messages.items():
        if where == channel:
            author = content["user"]
            yield {
                **_frame(ts, content.get("thread_ts", ""), author),
                "text": content["text"],
                "blocks": content.get("blocks", []),
                "unfurls": _unfurls(world, ts),
            }


def _private(posted: Posted) -> Json:
    message = posted.message
    content = {"text": message.text, "blocks": message.blocks, "unfurls": []}
    return {**_frame(posted.ts, posted.thread_ts, BOT_USER), **content, "only_you": True}


def _frame(ts: str, thread_ts: str, user: str) -> Json:
    return {"ts": ts, "thread_ts": thread_ts, "user": user, "is_bot": user == BOT_USER, "only_you": False}


def _unfurls(world: World, ts: str) -> list[Json]:
    return [
        {"url": url, "text": unfurl.message.text, "blocks": unfurl.message.blocks, "entity": unfurl.entity}
        for url, unfurl in world.slack.unfurls.get(ts, {}).items()
        if unfurl.message.blocks or unfurl.message.text or unfurl.entity  # nothing at all takes it away
    ]


def _view(shown: ShownView) -> Json:
    return {**shown.as_json(), "errors": shown.errors}


def _flexpane(world: World, person: str) -> Json | None:
    panel = world.panels.get(person)
    if panel is None:
        return None
    since = world.slack.flexpanes[person][panel.shown_before :]
    shown = [pane for pane in since if pane.url == panel.url]  # one that was left may still answer
    last = shown[-1] if shown else Flexpane(None, None)
    return {"url": panel.url, "metadata": last.metadata, "error": last.error}
