"""What the stand-in Slack knows and what people see in it: plain state, for the Web API, the people and the tests."""

import asyncio
import itertools
import time
from abc import ABC, abstractmethod
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple

from starlette.responses import Response

from bot.playground.fake_crm.faults import Fault
from bot.playground.fake_slack.exchange import Changes, Exchange, T
from bot.playground.fake_slack.users import APP_ID, BOT_ID, TEAM, USER, some_channels, some_people
from bot.slack.message import Block, Message, View

SCOPES: Final = (
    "commands", "chat:write", "links:read", "links:write", "channels:read", "groups:read", "users:read",
    "channels:history", "groups:history", "usergroups:read",
)  # fmt: skip
TRIGGER_SECONDS: Final = 3.0


class Refused(Exception):
    """What Slack answers instead: its word for it, and what it says more."""

    def __init__(self, word: str, messages: Sequence[str] = (), **more: str) -> None:
        super().__init__(word)
        metadata = {"response_metadata": {"messages": list(messages)}} if messages else {}
        self.answer: dict[str, Any] = {"ok": False, "error": word, **more, **metadata}


class Posted(NamedTuple):
    """A message of the bot's. ``thread_ts`` is "" outside threads."""

    channel: str
    ts: str
    thread_ts: str
    message: Message
    entities: tuple[dict[str, Any], ...] = ()


class Unfurl(NamedTuple):
    """What stands under a link."""

    message: Message
    entity: dict[str, Any] | None = None


@dataclass(frozen=True)
class Flexpane:
    """What the panel beside a Work Object shows: its metadata, or what went wrong. ``url`` is the Work Object's."""

    metadata: dict[str, Any] | None
    error: dict[str, Any] | None
    url: str = field(default="", compare=False)


class Taken(NamedTuple):
    """A call of the Web API that succeeded."""

    method: str
    arguments: dict[str, Any]
    answer: dict[str, Any]


class Links(NamedTuple):
    """The links of one message, as the event to the bot has them."""

    unfurl_id: str
    source: str
    channel: str
    ts: str
    urls: tuple[str, ...]


@dataclass
class ShownView:
    """A modal or Home on a user's screen. ``view`` is as the bot gave it; ``history`` is all that it showed."""

    view_id: str
    user: str
    view: View
    hash: str = ""
    root_view_id: str = ""
    previous_view_id: str | None = None
    history: list[View] = field(default_factory=list)
    values: dict[str, Any] = field(default_factory=dict)
    """What stands in its inputs: by block id, by action id."""
    errors: dict[str, str] = field(default_factory=dict)
    """What the bot found wrong with its inputs: by block id."""

    def as_json(self) -> View:
        frame = {"private_metadata": "", "callback_id": "", "external_id": "", "submit": None, "close": None}
        return {
            **frame,
            **self.view,
            "id": self.view_id,
            "team_id": TEAM,
            "hash": self.hash,
            "root_view_id": self.root_view_id,
            "previous_view_id": self.previous_view_id,
            "state": {"values": self.values},
            "app_id": APP_ID,
            "app_installed_team_id": TEAM,
            "bot_id": BOT_ID,
        }


@dataclass
class Trigger:
    """Leave to show something to ``user``. ``entity`` is the Work Object that was opened: url and external_ref."""

    user: str
    at: float
    entity: tuple[str, dict[str, Any]] | None = None
    used: bool = False


class Workspace(ABC):
    """Slack's state. ``now`` is the wall clock, in epoch seconds.

    ``refuse`` holds the next answers of a Web API method: Slack's words, or whole responses. The calls of a method in
    ``hold`` wait for its event. ``fault`` is what happens instead to all that is asked of Slack, posts to a
    response_url included. They are for tests to fill, as are ``people``, ``channels`` and the rest of the first block;
    the second block is for them to read.
    """

    def __init__(self, now: Callable[[], float] = time.time) -> None:
        self.now = now
        self.people = some_people()
        self.channels = some_channels()
        self.usergroups: dict[str, list[str]] = {}
        """The members of user groups, by id."""
        self.enterprise_id = ""
        """The Enterprise Grid organisation that the workspace belongs to."""
        self.granted_scopes = list(SCOPES)
        self.unfurl_domains = {"crm.example.com"}
        self.sends_unfurl_ids = True
        self.refuse: defaultdict[str, list[Response | str]] = defaultdict(list)
        self.hold: dict[str, asyncio.Event] = {}
        self.fault: Fault | None = None

        self.calls: list[tuple[str, dict[str, Any]]] = []
        self.taken: list[Taken] = []
        self.messages: dict[tuple[str, str], dict[str, Any]] = {}
        self.posts: defaultdict[str, list[Posted]] = defaultdict(list)
        self.ephemerals: defaultdict[tuple[str, str], list[Posted]] = defaultdict(list)
        """What the bot sent to one person by itself: by channel, by user."""
        self.answers: defaultdict[tuple[str, str], list[Posted]] = defaultdict(list)
        """What one person sees alone as the answer to a command, a click or a shortcut: by channel, by user."""
        self.links: list[Links] = []
        self.unfurls: defaultdict[str, dict[str, Unfurl]] = defaultdict(dict)
        self.modals: defaultdict[str, list[ShownView]] = defaultdict(list)
        self.homes: dict[str, ShownView] = {}
        self.flexpanes: defaultdict[str, list[Flexpane]] = defaultdict(list)
        self.suggestions: defaultdict[tuple[str, str], list[Block]] = defaultdict(list)
        """What a person sees under a box: by user, by action id."""

        self.address = ""
        self.exchanges: dict[str, Exchange] = {}
        self.submitting: dict[str, Exchange] = {}
        self.triggers: dict[str, Trigger] = {}
        self.changes = Changes()
        self.released = asyncio.Event()
        """Set when Slack closes: requests held by a fault are answered at once."""
        self._numbers = itertools.count(1)

    @abstractmethod
    async def deliver(self, exchange: Exchange, kind: str) -> Exchange:
        """Send ``exchange.request`` to the bot, and show what it answers. ``kind`` is Socket Mode's word."""

    async def until(self, condition: Callable[[], T | None]) -> T:
        """What ``condition`` gives, once that is true. Raises TimeoutError after ANSWER_SECONDS."""
        return await self.changes.until(condition)

    def asked_for(self, method: str) -> list[dict[str, Any]]:
        """The arguments of every call of a Web API method."""
        return [arguments for called, arguments in self.calls if called == method]

    def modal(self, user: str = USER) -> ShownView | None:
        """The modal on top of ``user``'s stack."""
        return self.modals[user][-1] if self.modals[user] else None

    def view(self, view_id: str) -> ShownView:
        """A view that is on a user's screen. Raises Refused."""
        shown = [*itertools.chain.from_iterable(self.modals.values()), *self.homes.values()]
        for view in shown:
            if view.view_id == view_id:
                return view
        raise Refused("not_found")

    def private_messages(self, channel: str, user: str) -> tuple[Posted, ...]:
        """Everything that ``user`` alone sees there."""
        return (*self.answers.get((channel, user), ()), *self.ephemerals.get((channel, user), ()))

    def private_message(self, channel: str, user: str, ts: str) -> Posted | None:
        """What ``user`` alone sees with this timestamp."""
        return next((posted for posted in self.private_messages(channel, user) if posted.ts == ts), None)

    def number(self) -> int:
        return next(self._numbers)

    def ts(self) -> str:
        """A new message timestamp."""
        return f"{int(self.now())}.{self.number():06d}"

    def new_exchange(self) -> Exchange:
        key = str(self.number())
        exchange = self.exchanges[key] = Exchange(response_url=f"{self.address}/response/{key}")
        return exchange

    def new_trigger(self, user: str, entity: tuple[str, dict[str, Any]] | None = None) -> str:
        trigger_id = f"{self.number()}.{TEAM}.trigger"
        self.triggers[trigger_id] = Trigger(user, self.now(), entity)
        return trigger_id

    def exchange_trigger(self, trigger_id: Any) -> Trigger:
        """Use a trigger id, which can be done once, within three seconds. Raises Refused."""
        trigger = self.triggers.get(str(trigger_id))
        if trigger is None:
            raise Refused("invalid_trigger_id")
        if trigger.used:
            raise Refused("exchanged_trigger_id")
        if self.now() - trigger.at > TRIGGER_SECONDS:
            raise Refused("expired_trigger_id")
        trigger.used = True
        return trigger

    def require_scope(self, scope: str) -> None:
        if scope not in self.granted_scopes:
            raise Refused("missing_scope", needed=scope, provided=",".join(self.granted_scopes))
