"""The stand-in Slack's methods that show something in a conversation: posts, unfurls and the flexpane."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from bot.cards.limits import entity_violations, violations
from bot.playground.fake_slack.users import BOT_ID, BOT_USER, TEAM
from bot.playground.fake_slack.workspace import Flexpane, Links, Posted, Refused, Unfurl, Workspace
from bot.slack.message import Block, Message

MAX_ATTACHMENT_BLOCKS: Final = 20
REFUSED_IN_UNFURLS: Final = frozenset({"rich_text", "external_select"})
ERROR_STATUSES: Final = frozenset(
    {"restricted", "internal_error", "not_found", "custom", "custom_partial_view", "timeout", "edit_error"}
)

Arguments = dict[str, Any]


def message_of(answer: Mapping[str, Any]) -> Message:
    return Message(answer.get("text") or "", answer.get("blocks") or [])


def post_message(workspace: Workspace, arguments: Arguments) -> Arguments:
    """https://docs.slack.dev/reference/methods/chat.postMessage"""
    workspace.require_scope("chat:write")
    channel, message = _writable(workspace, arguments), _message(arguments)
    thread_ts = str(arguments.get("thread_ts") or "")
    if thread_ts and (channel, thread_ts) not in workspace.messages:
        raise Refused("thread_not_found")
    entities, warning = _entities(arguments, None)
    posted = Posted(channel, workspace.ts(), thread_ts, message, tuple(entities))
    workspace.posts[channel].append(posted)
    author = {"user": BOT_USER, "bot_id": BOT_ID, "team": TEAM}
    thread = {"thread_ts": thread_ts} if thread_ts else {}
    content = {"text": message.text, "blocks": message.blocks, **thread}
    workspace.messages[channel, posted.ts] = {"type": "message", **author, "ts": posted.ts, **content}
    return {"channel": channel, "ts": posted.ts, "message": {"text": message.text, "ts": posted.ts}, **warning}


def post_ephemeral(workspace: Workspace, arguments: Arguments) -> Arguments:
    """https://docs.slack.dev/reference/methods/chat.postEphemeral"""
    workspace.require_scope("chat:write")
    channel, message = _writable(workspace, arguments), _message(arguments)
    user = str(arguments.get("user"))
    if user not in workspace.people:
        raise Refused("user_not_in_channel")
    posted = Posted(channel, workspace.ts(), str(arguments.get("thread_ts") or ""), message)
    workspace.ephemerals[channel, user].append(posted)
    return {"message_ts": posted.ts}


def unfurl(workspace: Workspace, arguments: Arguments) -> Arguments:
    """https://docs.slack.dev/reference/methods/chat.unfurl: the links are those of an event, word for word."""
    workspace.require_scope("links:write")
    links = _links(workspace, arguments)
    unfurls = arguments.get("unfurls") or {}
    if not unfurls and not arguments.get("metadata"):
        raise Refused("missing_unfurls")
    if set(unfurls) - set(links.urls):
        raise Refused("cannot_unfurl_url")
    shown = {url: _unfurled(content) for url, content in unfurls.items()}
    entities, warning = _entities(arguments, links)
    workspace.unfurls[links.ts].update({url: Unfurl(message) for url, message in shown.items()})
    for entity in entities:
        url = entity["app_unfurl_url"]
        workspace.unfurls[links.ts][url] = Unfurl(shown.get(url, Message("", [])), entity)
    return warning


def present_details(workspace: Workspace, arguments: Arguments) -> Arguments:
    """https://docs.slack.dev/reference/methods/entity.presentDetails: of the very Work Object that was opened."""
    metadata, error = arguments.get("metadata"), arguments.get("error")
    if not metadata and (not isinstance(error, dict) or error.get("status") not in ERROR_STATUSES):
        raise Refused("invalid_arguments", ["neither metadata nor an error with a known status"])
    if metadata and (wrong := _wrong_with(metadata)):
        raise Refused("invalid_metadata", wrong)
    trigger = workspace.triggers.get(str(arguments.get("trigger_id")))
    if metadata and trigger and trigger.entity != (metadata["url"], metadata["external_ref"]):
        raise Refused("invalid_arguments", ["url or external_ref is not that of the unfurl"])
    opened = workspace.exchange_trigger(arguments.get("trigger_id"))
    url = opened.entity[0] if opened.entity else ""
    workspace.flexpanes[opened.user].append(Flexpane(metadata, error, url))
    return {}


def _writable(workspace: Workspace, arguments: Arguments) -> str:
    channel = workspace.channels.get(str(arguments.get("channel")))
    if channel is None or channel.is_hidden:
        raise Refused("channel_not_found")
    if channel.is_archived:
        raise Refused("is_archived")
    if not channel.is_member:
        raise Refused("not_in_channel")
    return channel.id


def _message(arguments: Arguments) -> Message:
    message = message_of(arguments)
    if not message.text and not message.blocks:
        raise Refused("no_text")
    _hold_to_limits(message)
    return message


def _hold_to_limits(message: Message) -> None:
    found = violations(message)
    if found:
        too_long = all("characters in all" in violation for violation in found)
        raise Refused("msg_blocks_too_long" if too_long else "invalid_blocks", found)


def _links(workspace: Workspace, arguments: Arguments) -> Links:
    by_id = (arguments.get("unfurl_id"), arguments.get("source"))
    by_ts = (arguments.get("channel"), arguments.get("ts"))
    if not all(by_id) and not all(by_ts):
        raise Refused("invalid_arguments", ["neither unfurl_id and source nor channel and ts"])
    for links in workspace.links:
        if by_id == (links.unfurl_id, links.source) or by_ts == (links.channel, links.ts):
            return links
    raise Refused("invalid_unfurl_id" if all(by_id) else "cannot_unfurl_message")


def _unfurled(content: Mapping[str, Any]) -> Message:
    """Blocks, or an attachment's text, which needs no blocks. Nothing at all takes the unfurl away."""
    message = message_of(content)
    refused = REFUSED_IN_UNFURLS.intersection(_types(message.blocks))
    if refused:
        raise Refused("invalid_blocks", [f"{kind} in an unfurl" for kind in sorted(refused)])
    if len(message.blocks) > MAX_ATTACHMENT_BLOCKS:
        raise Refused("invalid_blocks", [f"{len(message.blocks)} blocks"])
    if message.blocks:
        _hold_to_limits(message._replace(text=message.text or "unfurl"))
    return message


def _types(part: Any) -> Iterator[str]:
    if isinstance(part, list):
        for item in part:
            yield from _types(item)
    elif isinstance(part, dict):
        yield str(part.get("type"))
        yield from _types([value for value in part.values() if isinstance(value, dict | list)])


def _entities(arguments: Arguments, links: Links | None) -> tuple[list[Block], dict[str, Any]]:
    """The Work Objects, or none and a warning: Slack drops what it cannot read and answers ``ok``.

    ``links`` are those of an unfurl.
    """
    metadata = arguments.get("metadata")
    if not metadata:
        return [], {}
    entities = metadata.get("entities") if isinstance(metadata, dict) else None
    wrong = [] if isinstance(entities, list) else ["no entities"]
    for entity in entities if isinstance(entities, list) else []:
        wrong += _wrong_with(entity)
        if links and (not isinstance(entity, dict) or entity.get("app_unfurl_url") not in links.urls):
            wrong.append("app_unfurl_url is not the link that was posted")
    if wrong or not isinstance(entities, list):
        return [], {"warning": "invalid_metadata_format", "response_metadata": {"messages": wrong}}
    return entities, {}


def _wrong_with(entity: Any) -> list[str]:
    """https://docs.slack.dev/messaging/work-objects-implementation"""
    part, path = entity, ["entity"]
    for name in ("entity_payload", "attributes", "title"):
        if not isinstance(part, dict):
            break
        part = part.get(name)
        path.append(name)
    if not isinstance(part, dict) or not isinstance(entity.get("external_ref"), dict):
        return [f"{'.'.join(path)} or external_ref is no object"]
    return entity_violations(entity)
