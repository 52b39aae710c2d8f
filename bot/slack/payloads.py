"""What handlers read from Slack's payloads, as values."""

import asyncio
from collections.abc import Iterator
from itertools import islice
from typing import Any, Final, NamedTuple

from slack_bolt.context.async_context import AsyncBoltContext

from bot.domain.inquiry import Asker
from bot.domain.mrkdwn import code_and_quotes, written_openly
from bot.domain.query import MAX_TEXT_LENGTH
from bot.privacy.masking import without_codes
from bot.slack.view_state import ViewState, state_in

MAX_TEXTS: Final = 500
"""Texts of one message that are searched."""


class Reply(NamedTuple):
    """Where a private message goes.

    ``acknowledged`` is set once the acknowledgement has been written to the socket. Without a ``response_url`` the
    message is an ephemeral one in the asker's channel, in the thread ``thread_ts`` if that is given.
    """

    asker: Asker
    acknowledged: asyncio.Event
    response_url: str = ""
    thread_ts: str = ""


class OpenView(NamedTuple):
    """The modal or Home in which a user clicked or typed. ``typed`` is their input by block id.

    ``heading`` is the text of its first header, masked again: a customer's name may hold what was revealed.
    """

    view_id: str
    hash: str
    type: str
    metadata: str
    typed: dict[str, str]
    heading: str = ""


class Interaction(NamedTuple):
    """A click, a choice from a menu, a shortcut or a submission. ``value`` is that of the button or option."""

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
        """The state of a modal that this opens: its channel stays that of the first card."""
        return ViewState(channel=self.asker.channel)


def interaction(body: dict[str, Any], context: AsyncBoltContext) -> Interaction:
    """Reads the payload of a click, a shortcut or a submission.

    A modal has no channel: the asker's channel is then that of the first card, whose service network and permissions
    apply.
    """
    view = _open_view(body["view"]) if body.get("view") else None
    container = _object(body, "container")
    in_unfurl = _text(container, "channel_id")  # the only place that names it after a click in an unfurl
    channel = context.channel_id or in_unfurl or (state_in(view.metadata).channel if view else "")
    thread_ts = _text(_object(body, "message"), "thread_ts") or _text(container, "thread_ts")
    asker = Asker(team_of(context), context.user_id or "", channel)
    reply = Reply(asker, context["acknowledged"], body.get("response_url") or "", thread_ts)
    action = (body.get("actions") or [{}])[0]
    value = str(_object(action, "selected_option").get("value") or action.get("value") or "")
    return Interaction(reply, body.get("trigger_id") or "", value, view)


def asker_of(event: dict[str, Any], context: AsyncBoltContext) -> Asker:
    """The user who caused an event, and its channel."""
    return Asker(team_of(context), _text(event, "user"), _text(event, "channel"))


def team_of(context: AsyncBoltContext) -> str:
    """The workspace that the bot is in. On Enterprise Grid payloads name others, or none."""
    authorized = context.authorize_result
    return (authorized.team_id if authorized else None) or context.team_id or ""


def links_in(event: dict[str, Any]) -> tuple[str, ...]:
    """The addresses of a ``link_shared`` event."""
    links = event.get("links")
    return tuple(_text(link, "url") for link in links if isinstance(link, dict)) if isinstance(links, list) else ()


def referenced_id(event: dict[str, Any]) -> str:
    """The customer id that the unfurl of an ``entity_details_requested`` event refers to, whatever its link is now."""
    return _text(_object(event, "external_ref"), "id")


def changed_id(event: dict[str, Any]) -> str:
    """The Slack id in a ``user_change``, ``channel_shared`` or ``channel_unshared`` event."""
    return _text(_object(event, "user"), "id") or _text(event, "channel")


class Written(NamedTuple):
    """A message as its author wrote it, without formatting.

    ``openly`` is what belongs to the message itself, ``set_apart`` its code and quotes, ``elsewhere`` what is in files
    and in forwarded messages. The links in it are in none of them: they belong to the unfurl.
    """

    openly: str
    set_apart: str
    elsewhere: str


def written_in(event: dict[str, Any]) -> Written:
    """The text of a message event: of its rich text, where it has one, and else of its mrkdwn.

    mrkdwn does not say what its author meant: the signs of code may be signs (documented for ``text``).
    """
    blocks = event.get("blocks")
    rich = [block for block in blocks if _object_type(block) == "rich_text"] if isinstance(blocks, list) else []
    elsewhere = "\n".join(texts_in([event.get("attachments"), event.get("files")]))
    if not rich:
        text = _text(event, "text")[:MAX_TEXT_LENGTH]
        return Written(written_openly(text), "\n".join(code_and_quotes(text)), elsewhere)
    openly: list[str] = []
    set_apart: list[str] = []
    for block in rich:
        _collect(block, openly, set_apart)
    return Written("".join(openly), "".join(set_apart), elsewhere)


def _collect(part: Any, openly: list[str], set_apart: list[str], depth: int = 0) -> None:
    """Sort the texts of a rich text. Elements of one line touch each other, lines do not."""
    kind = _object_type(part)
    if kind in _SET_APART:
        openly = set_apart
    if kind == "text":
        place = set_apart if _object(part, "style").get("code") else openly
        place.append(_text(part, "text"))
    elif kind in _LINES and depth < _RICH_TEXT_DEPTH:
        elements = part.get("elements")
        for element in elements if isinstance(elements, list) else ():
            _collect(element, openly, set_apart, depth + 1)
        openly.append("\n")
    elif kind:
        openly.append(" ")  # a link, a user, an emoji


_LINES: Final = frozenset(
    {"rich_text", "rich_text_section", "rich_text_list", "rich_text_preformatted", "rich_text_quote"}
)
_RICH_TEXT_DEPTH: Final = 5
"""Documented are three: a rich text, a list in it, and the list's lines."""
_SET_APART: Final = frozenset({"rich_text_preformatted", "rich_text_quote"})


def _object_type(part: Any) -> str:
    return _text(part, "type") if isinstance(part, dict) else ""


def texts_in(part: Any) -> tuple[str, ...]:
    """The texts of a message, its blocks and its attachments, in their order."""
    return tuple(islice(_texts(part), MAX_TEXTS))


_TEXT_KEYS: Final = frozenset(
    {"text", "url", "value", "fallback", "pretext", "title", "title_link", "from_url", "footer", "alt_text",
     "plain_text", "preview_plain_text", "preview", "subject", "address", "original", "content"}
)  # fmt: skip
"""Of texts, of attachments, and of files: a mail to a channel is one, with its subject and its addresses."""


def _texts(part: Any) -> Iterator[str]:
    if isinstance(part, list):
        for item in part:
            yield from _texts(item)
    elif isinstance(part, dict):
        for key, value in part.items():
            if not isinstance(value, str):
                yield from _texts(value)
            elif key in _TEXT_KEYS:
                yield value


def _open_view(view: dict[str, Any]) -> OpenView:
    typed = {}
    for block_id, elements in _object(_object(view, "state"), "values").items():
        # a block has one input: a text, or a select of channels
        element = next(iter(elements.values()), None) if isinstance(elements, dict) else None
        found = element.get("value") or element.get("selected_conversation") if isinstance(element, dict) else None
        typed[block_id] = str(found or "")
    blocks = view.get("blocks")
    headers = (
        _text(_object(block, "text"), "text")
        for block in (blocks if isinstance(blocks, list) else ())
        if isinstance(block, dict) and block.get("type") == "header"
    )
    return OpenView(
        view_id=_text(view, "id"),
        hash=_text(view, "hash"),
        type=_text(view, "type"),
        metadata=_text(view, "private_metadata"),
        typed=typed,
        heading=without_codes(next(headers, "")),
    )


def _text(part: dict[str, Any], name: str) -> str:
    value = part.get(name)
    return value if isinstance(value, str) else ""


def _object(part: dict[str, Any], name: str) -> dict[str, Any]:
    value = part.get(name)
    return value if isinstance(value, dict) else {}
