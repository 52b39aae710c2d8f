"""Where a user of the stand-in Slack can click, and what Slack's payload says of each place.

https://docs.slack.dev/reference/interaction-payloads/block_actions-payload
"""

from collections.abc import Iterator
from typing import Any, NamedTuple, Protocol

from bot.playground.fake_slack.users import APP_ID, BOT_ID, BOT_USER, CHANNEL, TEAM
from bot.playground.fake_slack.workspace import Posted, Workspace


class Spot(NamedTuple):
    """What a payload says of a place. ``shown`` is what can be clicked there, None where that is not known."""

    fields: dict[str, Any]
    shown: list[Any] | None
    has_response_url: bool


class Place(Protocol):
    """Somewhere that ``user`` can click."""

    def spot(self, workspace: Workspace, user: str) -> Spot: ...


class Ephemeral(NamedTuple):
    """A message that one person sees. Slack does not say what it holds.

    Without the ``message_ts`` of one that is there, it is one of an earlier day: anything may have been clicked there.
    """

    channel: str = CHANNEL
    thread_ts: str = ""
    message_ts: str = "1600000000.000100"

    def spot(self, workspace: Workspace, user: str) -> Spot:
        thread = {"thread_ts": self.thread_ts} if self.thread_ts else {}
        container = {"type": "message", "message_ts": self.message_ts, "channel_id": self.channel, **thread}
        posted = workspace.private_message(self.channel, user, self.message_ts)
        fields = {"container": {**container, "is_ephemeral": True}, "channel": _channel(workspace, self.channel)}
        return Spot(fields, posted.message.blocks if posted else None, True)


class InMessage(NamedTuple):
    """A message that everybody in the channel sees."""

    posted: Posted

    def spot(self, workspace: Workspace, user: str) -> Spot:
        posted = self.posted
        thread = {"thread_ts": posted.thread_ts} if posted.thread_ts else {}
        container = {"type": "message", "message_ts": posted.ts, "channel_id": posted.channel, "is_ephemeral": False}
        message = {"type": "message", "user": BOT_USER, "bot_id": BOT_ID, "app_id": APP_ID, "team": TEAM}
        content = {"ts": posted.ts, "text": posted.message.text, "blocks": posted.message.blocks}
        fields = {
            "container": {**container, **thread},
            "channel": _channel(workspace, posted.channel),
            "message": {**message, **content, **thread},
        }
        return Spot(fields, posted.message.blocks, True)


class InView(NamedTuple):
    """A modal or Home: no channel, and no response_url."""

    view_id: str

    def spot(self, workspace: Workspace, user: str) -> Spot:
        shown = workspace.view(self.view_id)
        fields = {"container": {"type": "view", "view_id": self.view_id}, "view": shown.as_json()}
        return Spot(fields, shown.view["blocks"], False)


class OnUnfurl(NamedTuple):
    """What stands under a link: no message."""

    channel: str
    message_ts: str
    url: str

    def spot(self, workspace: Workspace, user: str) -> Spot:
        unfurl = workspace.unfurls[self.message_ts][self.url]
        link = {"is_app_unfurl": True, "app_unfurl_url": self.url}
        container = {
            "type": "message_attachment",
            "message_ts": self.message_ts,
            "attachment_id": 1,
            "channel_id": self.channel,
            "is_ephemeral": False,
            **link,
        }
        app_unfurl = {"id": 1, "blocks": unfurl.message.blocks, "bot_id": BOT_ID, "app_id": APP_ID, **link}
        return Spot({"container": container, "app_unfurl": app_unfurl}, [*unfurl.message.blocks, unfurl.entity], True)


class InFlexpane(NamedTuple):
    """The panel beside a Work Object."""

    url: str
    external_ref: dict[str, Any]
    channel: str = CHANNEL
    message_ts: str = ""

    def spot(self, workspace: Workspace, user: str) -> Spot:
        container = {
            "type": "entity_detail",
            "entity_url": self.url,
            "external_ref": self.external_ref,
            "app_unfurl_url": self.url,
            "channel_id": self.channel,
            "message_ts": self.message_ts,
        }
        panes = workspace.flexpanes[user]
        return Spot({"container": container}, [panes[-1].metadata, panes[-1].error] if panes else [], False)


def element(spot: Spot, action_id: str, value: str | None) -> dict[str, Any]:
    """The element that is clicked, with its block_id. Raises AssertionError for one that is not there."""
    if spot.shown is None:
        return {}
    for found in _elements(spot.shown, "b1"):
        if found.get("action_id") == action_id and (_is_box(found) or value in _values(found)):
            return found
    raise AssertionError(f"nothing with the action_id {action_id} and the value {value} can be clicked there")


def _is_box(found: dict[str, Any]) -> bool:
    """Whether the bot gives its options while one types: then any may have been given."""
    return found.get("type") == "external_select"


def _elements(part: Any, block_id: str) -> Iterator[dict[str, Any]]:
    if isinstance(part, list):
        for item in part:
            yield from _elements(item, block_id)
    elif isinstance(part, dict):
        block_id = part.get("block_id", block_id)
        if "action_id" in part:
            yield {**part, "block_id": block_id}
        yield from _elements([value for value in part.values() if isinstance(value, dict | list)], block_id)


def _values(found: dict[str, Any]) -> list[str | None]:
    """What a click on an element may carry; what is typed or chosen freely may be anything."""
    return [option.get("value") for option in found["options"]] if "options" in found else [found.get("value")]


def _channel(workspace: Workspace, channel: str) -> dict[str, str]:
    known = workspace.channels.get(channel)
    return {"id": channel, "name": known.name if known else "directmessage"}
