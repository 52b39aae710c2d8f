"""The response auditor: gets every request that is sent, sees everything that Slack shows, and judges the difference.

A request is answered by what people see at its end: not by a waiting line, and only if that is what was asked for, or
says with a code why it is not. It has to be answered once.
"""

import asyncio
import re
import time
from collections import defaultdict
from collections.abc import Awaitable, Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any, Final, NamedTuple

import aiohttp

from bot.locales import texts_in
from bot.playground.fake_slack.server import Exchange, Said, StandInSlack
from bot.playground.fake_slack.workspace import Taken
from tests.support.surfaces import everything_in

CODE: Final = re.compile(r"\bE-[0-9A-F]{4}\b")
TIMEOUT_SECONDS: Final = 5.0
_LOOK_SECONDS: Final = 0.02
_WAITING: Final = tuple(
    line.partition("|")[0]
    for texts in (texts_in("zh"), texts_in("en"))
    for line in (texts.looking_up("|"), texts.modal.loading, texts.modal.posting("|"))
)
_POSTED: Final = tuple(texts_in(language).modal.posted("|").partition("|")[0] for language in ("zh", "en"))
_TIMED_OUT: Final = "operation_timeout"
_PANEL_TIMED_OUT: Final = "timeout"
"""The panel's own status: its trigger id would not have lasted any longer, and Slack has words for it."""

Key = tuple[str, str]
"""By what an answer is known to belong to a request."""
Line = Mapping[str, Any]
"""Of the log."""


class Kind(Enum):
    """What people do."""

    COMMAND = "a command"
    NOTICE = "help, Home and the like: no customer is asked for"
    CLICK = "a click"
    SHORTCUT = "a shortcut in a message"
    SUBMISSION = "a form"
    SHARE = "a customer for a channel"
    MESSAGE = "a number in a message"
    LINK = "a link in a message"
    PANEL = "the panel beside a card"

    @property
    def comes_by_itself(self) -> bool:
        """Whether nobody waits for an answer: it may be left out, with a reason."""
        return self in (Kind.MESSAGE, Kind.LINK)


@dataclass
class Request:
    """One thing that ``user`` did. ``expected`` is a text of the right answer; "": any answer is one."""

    number: int
    kind: Kind
    user: str
    expected: str
    begins: int
    """How many calls Slack had taken before."""
    ack_seconds: float = 0.0
    exchange: Exchange | None = None
    said: Said | None = None
    failed: str = ""
    """Why Slack could not hand it over."""

    def __str__(self) -> str:
        status = f"HTTP {self.exchange.status}" if self.exchange and self.exchange.status != 200 else ""
        return " ".join(
            filter(None, (f"#{self.number} {self.kind.name} {self.user}", self.expected, self.failed, status))
        )

    @property
    def is_acknowledged(self) -> bool:
        return self.exchange is not None and self.exchange.status == 200


class Verdict(NamedTuple):
    """Requests that went wrong, in words. ``wrong``: the answer neither is the right one nor says why.

    ``unacknowledged``: Slack itself has shown the user that the bot does not answer, or will deliver it again.
    """

    lost: tuple[str, ...] = ()
    doubled: tuple[str, ...] = ()
    wrong: tuple[str, ...] = ()
    unacknowledged: tuple[str, ...] = ()


EACH_ANSWERED_ONCE: Final = Verdict()


class ResponseAuditor:
    """Of what is sent to ``slack`` through ``send``. One person does one thing after the other; many do at once.

    ``timeout_seconds`` is how long a person waits for an answer before they do something else.
    """

    def __init__(self, slack: StandInSlack, timeout_seconds: float = TIMEOUT_SECONDS) -> None:
        self._slack = slack
        self.timeout_seconds = timeout_seconds
        self._of_user: defaultdict[str, list[Request]] = defaultdict(list)
        self._shown: defaultdict[Key, list[tuple[int, Taken]]] = defaultdict(list)
        self._read = 0
        self.requests: list[Request] = []

    async def send(self, kind: Kind, user: str, expected: str, doing: Awaitable[Exchange | Said | None]) -> Request:
        """Note the request, and have it done. A user who does two things at once makes the account wrong."""
        request = Request(len(self.requests), kind, user, expected, len(self._slack.taken))
        self.requests.append(request)
        self._of_user[user].append(request)
        began = time.perf_counter()
        try:
            done = await doing
        except (aiohttp.ClientError, OSError) as error:
            request.failed = type(error).__name__
            return request
        request.ack_seconds = time.perf_counter() - began
        if isinstance(done, Said):
            request.said = done
            done = done.links if kind is Kind.LINK else done.message
        request.exchange = done
        return request

    def forget(self) -> None:
        """The books begin anew."""
        self.requests.clear()
        self._of_user.clear()

    async def wait(self, seconds: float) -> None:
        """Until each request has an answer; or until the time is over, which the verdict then shows."""
        await self._eventually(lambda: not any(map(self._is_open, self.requests)), seconds)

    async def answered(self, request: Request) -> list[str]:
        """The answers to one request, once there is one, or the timeout is over."""
        await self._eventually(lambda: not self._is_open(request), self.timeout_seconds)
        return self.answers(request)

    async def _eventually(self, condition: Callable[[], bool], seconds: float) -> None:
        """Until ``condition`` holds, or the time is over."""
        ends = time.monotonic() + seconds
        while not condition() and time.monotonic() < ends:  # noqa: ASYNC110  # an answer has many ways to come
            await asyncio.sleep(_LOOK_SECONDS)

    def answers(self, request: Request) -> list[str]:
        """All that people saw of it in the end: every text of each."""
        return [text for text in map(everything_in, self._contents(request)) if not _is_waiting(text)]

    def verdict(self, lines: Iterable[Line]) -> Verdict:
        """After the bot has ended: what is not there now does not come. ``lines`` are those of its log."""
        silent = {line["ts"] for line in lines if line["event"] == "message_noted"}
        answers = {request.number: self.answers(request) for request in self.requests}
        acknowledged = [request for request in self.requests if request.is_acknowledged]
        none = [request for request in acknowledged if not answers[request.number]]
        not_there, too_many = self._shares(answers)
        return Verdict(
            lost=tuple(str(request) for request in [*none, *not_there] if not _is_silent(request, silent)),
            doubled=tuple(
                f"{request}: {answers[request.number]}"
                for request in self.requests
                if len(answers[request.number]) > 1 or request in too_many
            ),
            wrong=tuple(
                f"{request}: {text}"
                for request in self.requests
                for text in answers[request.number]
                if not _is_right(text, request)
            ),
            unacknowledged=tuple(str(request) for request in self.requests if not request.is_acknowledged),
        )

    def _shares(self, answers: Mapping[int, list[str]]) -> tuple[list[Request], list[Request]]:
        """What is in channels, beside the answers to the sharers: shares that are not there, and that are too often.

        A customer whom several people shared is there as often as it was announced, and never more often than asked.
        """
        self._look()
        of_customer: defaultdict[str, list[Request]] = defaultdict(list)
        for request in self.requests:
            if request.kind is Kind.SHARE:
                of_customer[request.expected].append(request)
        not_there, too_many = [], []
        for name, shares in of_customer.items():
            posts = len(self._shown["post", name])
            announced = [share for share in shares if any(map(_says_posted, answers[share.number]))]
            not_there += announced[posts:]
            too_many += shares if posts > len(shares) else []
        return not_there, too_many

    def _is_open(self, request: Request) -> bool:
        """Cards that come by themselves may be left out: nobody can wait for that."""
        return request.is_acknowledged and not request.kind.comes_by_itself and not self.answers(request)

    def _contents(self, request: Request) -> Iterator[Any]:
        """What was shown because of ``request``, in whatever way."""
        if request.exchange is None:
            return
        yield from request.exchange.shown
        answer = request.exchange.answer
        if answer and not request.exchange.shown:
            yield answer
        self._look()
        opened = list(self._calls(request, self._keys(request)))
        views = [("view", call.answer["view"]["id"]) for call in opened if call.method in ("views.open", "views.push")]
        for call in [*opened, *self._calls(request, views)]:
            yield _content(call)

    def _calls(self, request: Request, keys: Iterable[Key]) -> Iterator[Taken]:
        """Those of ``keys``, before the person did something else."""
        later = [other.begins for other in self._of_user[request.user] if other.number > request.number]
        ends = min(later, default=len(self._slack.taken))
        for key in keys:
            of_one_time = key[0] in ("trigger", "thread", "unfurl")
            yield from (call for at, call in self._shown[key] if of_one_time or request.begins <= at < ends)

    def _keys(self, request: Request) -> Iterator[Key]:
        assert request.exchange is not None
        payload = request.exchange.request
        yield "trigger", str(payload.get("trigger_id") or payload.get("event", {}).get("trigger_id"))
        yield "home", request.user
        if not request.kind.comes_by_itself:
            yield "ephemeral", request.user
        if "view" in payload:
            yield "view", str(payload["view"]["id"])
        if request.said is not None:
            yield "thread", request.said.ts
            yield from (("unfurl", links.unfurl_id) for links in self._slack.links if links.ts == request.said.ts)

    def _look(self) -> None:
        """At what Slack has taken since."""
        for at in range(self._read, len(self._slack.taken)):
            call = self._slack.taken[at]
            key = _key(call)
            if key is not None:
                self._shown[key].append((at, call))
        self._read = len(self._slack.taken)


def _key(call: Taken) -> Key | None:
    """Whose answer it is; None: nobody's."""
    arguments = call.arguments
    match call.method:
        case "views.open" | "views.push" | "entity.presentDetails":
            return "trigger", str(arguments["trigger_id"])
        case "views.update":
            return "view", str(arguments["view_id"])
        case "views.publish":
            return "home", str(arguments["user_id"])
        case "chat.postEphemeral":
            return "ephemeral", str(arguments["user"])
        case "chat.postMessage" if arguments.get("thread_ts"):
            return "thread", str(arguments["thread_ts"])
        case "chat.postMessage":
            return "post", str(arguments["text"]).partition("  ")[0]
        case "chat.unfurl":
            return "unfurl", str(arguments["unfurl_id"])
    return None


def _content(call: Taken) -> Any:
    names = ("view", "text", "blocks", "unfurls", "metadata", "error")
    return {name: call.arguments[name] for name in names if name in call.arguments}


def _is_waiting(text: str) -> bool:
    return any(line in text for line in _WAITING)


def _says_posted(text: str) -> bool:
    return any(line in text for line in _POSTED)


def _is_silent(request: Request, silent: Collection[str]) -> bool:
    """Whether the bot meant to leave the card out, and has noted why."""
    return request.kind.comes_by_itself and request.said is not None and request.said.ts in silent


def _is_right(text: str, request: Request) -> bool:
    if request.kind is Kind.PANEL and text == _PANEL_TIMED_OUT:
        return True
    names_it = request.expected in text or request.kind is Kind.SHARE  # what was shared stands in the channel
    return _TIMED_OUT not in text and (names_it or CODE.search(text) is not None)
