"""What handlers read of Slack's payloads, as values."""

import asyncio
from collections.abc import Iterator
from typing import Any, Final, NamedTuple

from slack_bolt.context.async_context import AsyncBoltContext

from bot.domain.inquiry import Asker
from bot.slack.view_state import ViewState, state_in

MAX_TEXTS: Final = 500
"""Texts of one message that are looked through."""


class Reply(NamedTuple):
    """Where a private answer goes.

    ``acknowledged`` is set once the acknowledgement has been written to the socket. A ``response_url`` of "" leaves
    an ephemeral message in ``channel`` (and the thread ``thread_ts``, if that is given).
    """

    asker: Asker
    acknowledged: asyncio.Event
    response_url: str = ""
    thread_ts: str = ""


class OpenView(NamedTuple):
    """The modal or Home in which somebody clicked or typed, and what they typed, by block id.

    ``heading`` is the text of its first header, as it was sent.
    """

    view_id: str
    hash: str
    type: str
    metadata: str
    typed: dict[str, str]
    heading: str = ""


class Interaction(NamedTuple):
    """A click, a choice from a menu, a shortcut or a submission. ``value`` is the button's, or the option's chosen."""

    reply: Reply
    trigger_id: str
    value: str = ""
    view: OpenView | None = None

    @property
    def asker(self) -> Asker:
        return self.reply.asker

    @property
    def modal(self) -> OpenView | None:
        """The modal it happened in, if it did."""
        return self.view if self.view is not None and self.view.type == "modal" else None

    @property
    def state(self) -> ViewState:
        """For the modal that comes of it: the channel stays the one in which the first card was."""
        return ViewState(channel=self.asker.channel)


def interaction(body: dict[str, Any], context: AsyncBoltContext) -> Interaction:
    """What a person did, from the payload of a click, a shortcut or a submission.

    The asker's channel is that of the first card where it happened in a modal, as a modal has none of its own: whoever
    asks there sees the customers of that channel's service network, and has to be allowed there.
    """
    view = _open_view(body["view"]) if body.get("view") else None
    container = _object(body, "container")
    in_unfurl = _text(container, "channel_id")  # clicks on an unfurl name it there alone
    channel = context.channel_id or in_unfurl or (state_in(view.metadata).channel if view else "")
    thread_ts = _text(_object(body, "message"), "thread_ts") or _text(container, "thread_ts")
    asker = Asker(team_of(context), context.user_id or "", channel)
    reply = Reply(asker, context["acknowledged"], body.get("response_url") or "", thread_ts)
    actions = body.get("actions") or [{}]
    return Interaction(reply, body.get("trigger_id") or "", _value(actions[0]), view)


def asker_of(event: dict[str, Any], context: AsyncBoltContext) -> Asker:
    """Whose doing an event is, and in which channel."""
    return Asker(team_of(context), _text(event, "user"), _text(event, "channel"))


def team_of(context: AsyncBoltContext) -> str:
    """The workspace that the bot is in. On Enterprise Grid payloads name others, or none."""
    authorized = context.authorize_result
    return (authorized.team_id if authorized else None) or context.team_id or ""


def links_in(event: dict[str, Any]) -> tuple[str, ...]:
    """The addresses of a ``link_shared`` event."""
    links = event.get("links")
    return tuple(_text(link, "url") for link in links if isinstance(link, dict)) if isinstance(links, list) else ()


def changed_user(event: dict[str, Any]) -> str:
    """The Slack id of the person of a ``user_change`` event."""
    return _text(_object(event, "user"), "id")


def changed_channel(event: dict[str, Any]) -> str:
    """The Slack id of the channel of a ``channel_shared`` or ``channel_unshared`` event."""
    return _text(event, "channel")


def texts_in(part: Any) -> tuple[str, ...]:
    """Every text of a message, of its blocks and of its attachments, in their order."""
    texts = []
    for text in _texts(part):
        texts.append(text)
        if len(texts) == MAX_TEXTS:
            break
    return tuple(texts)


_TEXT_KEYS: Final = frozenset(
    {"text", "url", "value", "fallback", "pretext", "title", "title_link", "from_url", "footer", "alt_text"}
)


def _texts(part: Any) -> Iterator[str]:
    if isinstance(part, list):
        for item in part:
            yield from _texts(item)
    elif isinstance(part, dict):
        for key, value in part.items():
            if isinstance(value, str):
                if key in _TEXT_KEYS:
                    yield value
            else:
                yield from _texts(value)


def _open_view(view: dict[str, Any]) -> OpenView:
    values = _object(_object(view, "state"), "values")
    typed = {block_id: _typed(elements) for block_id, elements in values.items()}
    return OpenView(
        _text(view, "id"),
        _text(view, "hash"),
        _text(view, "type"),
        _text(view, "private_metadata"),
        typed,
        _heading(view.get("blocks")),
    )


def _heading(blocks: Any) -> str:
    found = [block for block in blocks if isinstance(block, dict)] if isinstance(blocks, list) else []
    return next((_text(_object(block, "text"), "text") for block in found if block.get("type") == "header"), "")


def _typed(elements: Any) -> str:
    """What stands in a block's one input: a text, or the channel chosen."""
    element = next(iter(elements.values()), None) if isinstance(elements, dict) else None
    if not isinstance(element, dict):
        return ""
    return str(element.get("value") or element.get("selected_conversation") or "")


def _value(action: dict[str, Any]) -> str:
    return str(_object(action, "selected_option").get("value") or action.get("value") or "")


def _text(part: dict[str, Any], name: str) -> str:
    value = part.get(name)
    return value if isinstance(value, str) else ""


def _object(part: dict[str, Any], name: str) -> dict[str, Any]:
    value = part.get(name)
    return value if isinstance(value, dict) else {}
