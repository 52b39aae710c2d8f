"""Slack at fault, on every way to it: what may be repeated is, posts come at most once, and all faults are reported."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, NamedTuple

import aiohttp
import pytest
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.types import Receive, Scope, Send

from bot.cards.action_ids import CUSTOMER_DETAILS, CUSTOMER_REFRESH
from bot.domain.preferences import CardOutcome
from bot.playground.asgi_server import loopback
from bot.playground.fake_crm.server import Fault, SampleCrm
from bot.playground.fake_slack.server import CHANNEL, MANAGER, USER, StandInSlack
from bot.server.http import WebProcess
from tests.conftest import Logs, StartBot
from tests.e2e.test_sharing import confirm, preview
from tests.support.modals import Do, hurry_fixture, text_of  # noqa: F401  # a fixture among them
from tests.support.surfaces import DOCUMENTED, FACTORY, TEMPLATE, everything_in, idle, link, reason, refusal_in

NAME = "杭州岚峤精密机械有限公司"
MAY_BE_POSTED = "可能已经发布"
ATTEMPTS = 3


class _Cut(Response):
    """An answer whose connection ends in the middle: nobody knows what Slack has done."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        head = [(b"content-type", b"application/json"), (b"content-length", b"100")]
        await send({"type": "http.response.start", "status": 200, "headers": head})
        await send({"type": "http.response.body", "body": b'{"ok": true', "more_body": True})


def limited() -> Response:
    return JSONResponse({"ok": False, "error": "ratelimited"}, 429, {"Retry-After": "0"})


def revoked() -> Response:
    return JSONResponse({"ok": False, "error": "token_revoked"})


UNCLEAR: dict[str, Callable[[], Response]] = {
    "500": lambda: JSONResponse({"ok": False, "error": "internal_error"}, 500),
    "503 of a proxy": lambda: PlainTextResponse("<html>", 503, media_type="text/html"),
    "no JSON": lambda: PlainTextResponse("hello"),
    "cut": _Cut,
}
"""Answers after which Slack may have taken what was sent, or not."""


@pytest.fixture
async def bot(start_bot: StartBot) -> WebProcess:
    """Late for every acknowledgement that asks the CRM."""
    return await start_bot(customer_url_template=TEMPLATE, ack_budget_seconds=0.01)


class Users:
    """What people do, and what they saw in the end: "" for nothing."""

    def __init__(self, bot: WebProcess, slack: StandInSlack, crm: SampleCrm, hurry: Do) -> None:
        self._bot = bot
        self._slack = slack
        self._crm = crm
        self._hurry = hurry

    async def name_a_customer(self) -> str:
        await self._slack.post_message(f"see {FACTORY}")
        await idle(self._bot)
        return everything_in([post.message.text for post in self._slack.posts[CHANNEL]])

    async def link_a_customer(self) -> str:
        said = await self._slack.post_message(link(FACTORY))
        await idle(self._bot)
        return everything_in([unfurl.message.blocks for unfurl in self._slack.unfurls[said.ts].values()])

    async def share(self) -> str:
        """The modal in the end."""
        modal = await preview(self._bot, self._slack, FACTORY)
        await confirm(self._bot, self._slack, modal)
        return text_of(modal)

    async def open_panel(self) -> str:
        await self._slack.open_flexpane(link(FACTORY), {"id": FACTORY, "type": "customer"})
        await idle(self._bot)
        return "".join(everything_in(panel.metadata or {}) for panel in self._slack.flexpanes[USER])

    async def open_details(self) -> str:
        """The modal, or what was said beside the card instead."""
        exchange = await self._slack.click(CUSTOMER_DETAILS, FACTORY)
        await idle(self._bot)
        modal = self._slack.modal()
        return text_of(modal) if modal else "".join(message.text for message in exchange.shown)

    async def open_details_slowly(self) -> str:
        """As ``open_details``, where the CRM is slower than a modal waits."""
        self._crm.fault = Fault(delay=0.15)
        self._hurry()
        exchange = await self._slack.click(CUSTOMER_DETAILS, FACTORY)
        await idle(self._bot)
        modal = self._slack.modal()
        return "".join(message.text for message in exchange.shown) or (text_of(modal) if modal else "")

    async def open_home(self) -> str:
        await self._slack.open_home()
        await idle(self._bot)
        home = self._slack.homes.get(USER)
        return text_of(home) if home else ""

    async def refresh(self) -> str:
        """What came through the ``response_url``."""
        exchange = await self._slack.click(CUSTOMER_REFRESH, FACTORY)
        await idle(self._bot)
        return "".join(message.text for message in exchange.shown)

    async def ask_slowly(self) -> str:
        """A card that is too late for its ``response_url``: what came as an ephemeral message instead."""
        self._crm.fault = Fault(delay=0.05)
        exchange = await self._slack.command(FACTORY)
        exchange.uses_left = 0
        await idle(self._bot)
        return "".join(posted.message.text for posted in self._slack.ephemerals[CHANNEL, USER])

    async def ask(self, text: str = FACTORY) -> str:
        exchange = await self._slack.command(text)
        await idle(self._bot)
        return exchange.shown[-1].text


@pytest.fixture
def users(bot: WebProcess, slack: StandInSlack, crm: SampleCrm, hurry: Do) -> Users:
    return Users(bot, slack, crm, hurry)


Act = Callable[[Users], Awaitable[str]]


class Way(NamedTuple):
    """A method of Slack's, what makes the bot call it, and what is seen if all is well."""

    method: str
    act: Act
    seen: str = NAME


POSTS = {
    "card in a thread": Way("chat.postMessage", Users.name_a_customer),
    "share": Way("chat.postMessage", Users.share, "已发布"),
    "card under a link": Way("chat.unfurl", Users.link_a_customer),
}
REPEATED = {
    "ephemeral message": Way("chat.postEphemeral", Users.ask_slowly),
    "modal that is filled": Way("views.update", Users.open_details_slowly),
    "home": Way("views.publish", Users.open_home, "客户"),
    "who somebody is": Way("users.info", Users.ask),
    "where somebody is": Way("conversations.info", Users.name_a_customer),
}
REFUSED = ("card in a thread", "card under a link", "ephemeral message", "home")
"""For which nothing has to be asked or opened first."""
AT_ONCE = {
    "modal": Way("views.open", Users.open_details),
    "panel": Way("entity.presentDetails", Users.open_panel),
}


def ways(table: dict[str, Way]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("way", table.values(), ids=table.keys())


unclear = pytest.mark.parametrize("answer", UNCLEAR.values(), ids=UNCLEAR.keys())


def calls(slack: StandInSlack, way: Way) -> int:
    return len(slack.asked_for(way.method))


def tracebacks(logs: Logs) -> list[dict[str, Any]]:
    """Of bugs of the bot's."""
    return [
        line
        for line in logs.lines()
        if "exception" in line and line["logger"].startswith(("bot", "handlers.middleware", "slack"))
    ]


@ways(POSTS | REPEATED)
async def test_rate_limit_is_waited_for(users: Users, slack: StandInSlack, way: Way) -> None:
    """Slack has not taken what it limits: also what others see is sent again, and is there once."""
    slack.refuse[way.method] = [limited(), limited()]
    assert way.seen in await way.act(users)
    assert calls(slack, way) == ATTEMPTS
    assert len(slack.posts[CHANNEL]) == (way.act in (Users.name_a_customer, Users.share))


@unclear
@ways(REPEATED)
async def test_what_one_person_sees_is_asked_for_and_sent_again(
    users: Users, slack: StandInSlack, way: Way, answer: Callable[[], Response]
) -> None:
    slack.refuse[way.method] = [answer(), answer()]
    assert way.seen in await way.act(users)
    assert calls(slack, way) == ATTEMPTS


@unclear
@ways(POSTS)
async def test_what_others_see_is_not_sent_again_where_slack_may_have_taken_it(
    users: Users, bot: WebProcess, slack: StandInSlack, logs: Logs, way: Way, answer: Callable[[], Response]
) -> None:
    """The sharer reads that it may be there; ``why`` explains automatic cards."""
    slack.refuse[way.method] = [answer()]
    seen = await way.act(users)
    assert calls(slack, way) == 1
    if way.act is Users.share:
        assert MAY_BE_POSTED in seen
        return
    assert seen == ""
    assert reason(CardOutcome.SLACK_REFUSED) in await users.ask("why")
    assert not tracebacks(logs)


@ways(POSTS)
async def test_what_slack_takes_when_nobody_waits_for_it_any_more_is_there_once(
    start_bot: StartBot, slack: StandInSlack, crm: SampleCrm, hurry: Do, monkeypatch: pytest.MonkeyPatch, way: Way
) -> None:
    monkeypatch.setattr("bot.slack.identity.SLACK_TIMEOUT", aiohttp.ClientTimeout(total=0.15))
    bot = await start_bot(customer_url_template=TEMPLATE)
    held = slack.hold[way.method] = asyncio.Event()
    await way.act(Users(bot, slack, crm, hurry))
    held.set()
    await slack.until(lambda: slack.posts[CHANNEL] or slack.unfurls)
    assert calls(slack, way) == 1
    assert len(slack.posts[CHANNEL]) + len(slack.unfurls) == 1


@unclear
@ways(AT_ONCE)
async def test_what_has_a_trigger_id_is_tried_once(
    users: Users, slack: StandInSlack, logs: Logs, way: Way, answer: Callable[[], Response]
) -> None:
    """Where there is a place for it the user gets an error, with a code of the log."""
    slack.refuse[way.method] = [answer()]
    seen = await way.act(users)
    assert calls(slack, way) == 1
    if way.act is Users.open_details:
        [line] = logs.lines("view_not_opened")
        assert line["code"] in seen
    else:
        assert seen == ""
        assert logs.lines("panel_refused")
    assert not tracebacks(logs)


@ways(POSTS | REPEATED | AT_ONCE)
async def test_revoked_token_is_reported_once_and_repeats_nothing(
    users: Users, bot: WebProcess, slack: StandInSlack, logs: Logs, way: Way
) -> None:
    slack.refuse[way.method] = [revoked()] * ATTEMPTS
    await way.act(users)
    assert calls(slack, way) == 1
    assert [line["reason"] for line in logs.lines("slack_refuses_the_token")] == ["token_revoked"]
    assert not tracebacks(logs)


async def test_person_whom_slack_does_not_name_is_refused_with_a_code(
    users: Users, slack: StandInSlack, logs: Logs
) -> None:
    slack.refuse["users.info"] = [revoked()]
    await users.ask()
    [line] = logs.lines("customer_lookup")
    assert (line["outcome"], bool(line["code"])) == ("denied", True)


async def test_panel_of_whom_slack_does_not_name_says_why(users: Users, slack: StandInSlack) -> None:
    slack.refuse["users.info"] = [limited()] * ATTEMPTS
    await users.open_panel()
    assert [bool(refusal_in(panel)) for panel in slack.flexpanes[USER]] == [True]


# --- Through a response_url ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("answer", [limited, UNCLEAR["500"], UNCLEAR["503 of a proxy"], UNCLEAR["cut"]])
async def test_private_answer_is_sent_again(
    users: Users, slack: StandInSlack, logs: Logs, answer: Callable[[], Response]
) -> None:
    slack.refusals = [answer(), answer()]
    assert await users.refresh() == f"{NAME}  CF00000201"
    assert not logs.lines("answer_not_delivered")


async def test_rate_limit_of_a_response_url_is_waited_for_as_long_as_slack_says(
    users: Users, slack: StandInSlack, logs: Logs
) -> None:
    """More than a minute is not: the answer is given up, with a code and nothing of what is in it."""
    slack.refusals = [JSONResponse({}, 429, {"Retry-After": "61"})]
    assert await users.refresh() == ""
    [line] = logs.lines("answer_not_delivered")
    assert (line["level"], line["reason"]) == ("error", "ratelimited")
    assert line["code"].startswith("E-")
    assert NAME not in str(line)


@pytest.mark.parametrize("word", ["expired_url", "used_url"])
async def test_answer_whose_response_url_is_void_comes_as_an_ephemeral_message(
    users: Users, slack: StandInSlack, word: str
) -> None:
    slack.refusals = [PlainTextResponse(word, 404)]
    assert await users.refresh() == ""
    assert [posted.message.text for posted in slack.ephemerals[CHANNEL, USER]] == [f"{NAME}  CF00000201"]


async def test_answer_that_nothing_delivers_is_logged_with_a_code_and_without_its_data(
    users: Users, slack: StandInSlack, logs: Logs
) -> None:
    slack.refusals = [PlainTextResponse("expired_url", 404)]
    slack.refuse["chat.postEphemeral"] = [revoked()]
    assert await users.refresh() == ""
    [line] = logs.lines("answer_not_delivered")
    assert (line["reason"], line["code"][:2]) == ("token_revoked", "E-")
    assert not {NAME, FACTORY} & set(map(str, line.values()))
    assert not tracebacks(logs)


# --- Nobody listens --------------------------------------------------------------------------------------------------


@ways(
    {name: (POSTS | REPEATED)[name] for name in ("card in a thread", "card under a link", "ephemeral message", "home")}
)
async def test_refused_connection_is_tried_again(
    start_bot: StartBot, slack: StandInSlack, crm: SampleCrm, hurry: Do, monkeypatch: pytest.MonkeyPatch, way: Way
) -> None:
    """Slack has not seen the request: what others see is sent again, too, and is there once."""
    monkeypatch.setattr("bot.slack.api.RETRY_WAIT_SECONDS", 0.1)
    app = slack._asgi_app()
    async with loopback(app) as address:
        bot = await start_bot(customer_url_template=TEMPLATE, slack_api_url=f"{address}/api/", ack_budget_seconds=0.01)
        users = Users(bot, slack, crm, hurry)
        await slack.command(DOCUMENTED)  # who it is and where is known from here on
        await slack.post_message(link(DOCUMENTED), user=MANAGER)
        await idle(bot)
    port = int(address.rpartition(":")[2])
    acting = asyncio.ensure_future(way.act(users))
    await asyncio.sleep(0.12)
    async with loopback(app, port) as again:
        assert again == address
        assert way.seen in await acting
    assert len(slack.posts[CHANNEL]) == (way.act is Users.name_a_customer)
