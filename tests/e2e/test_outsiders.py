"""People of other organisations, end to end: whatever they do, they see no customer.

What they can do is taken from the listeners that the bot registers: a new one is covered by itself.
"""

import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple

import pytest
from slack_bolt.app.async_app import AsyncApp
from starlette.responses import JSONResponse

from bot.cards.action_ids import CUSTOMER_DETAILS, CUSTOMER_MENU, CUSTOMER_REFRESH, CUSTOMER_SHARE
from bot.domain.inquiry import Surface
from bot.playground.fake_crm.server import SampleCrm
from bot.playground.fake_slack.channels import Spot
from bot.playground.fake_slack.server import (
    BOT_ID,
    BOT_USER,
    CHANNEL,
    OTHER_TEAM,
    OUTSIDER,
    SHARED_CHANNEL,
    TEAM,
    USER,
    Ephemeral,
    Exchange,
    Person,
    Place,
    StandInSlack,
)
from bot.playground.fake_slack.signing import as_answer
from bot.playground.fake_slack.workspace import ShownView, Workspace
from bot.server.http import WebProcess
from bot.slack.view_state import ViewState
from tests.conftest import Logs, StartBot
from tests.support.surfaces import (
    CLINIC,
    FACTORY,
    TEMPLATE,
    customer_values,
    everything_in,
    idle,
    link,
    refusal_in,
    why,
)

NOT_FOR_YOU: Final = "你属于其他组织"
SEEN_BEFORE: Final = FACTORY
"""A customer in the bot's cache, whose number it knows: one whom an answer could show at once."""
NEVER_SEEN: Final = CLINIC
"""One whom it would have to ask the CRM for."""
VALUES: Final = (
    SEEN_BEFORE, NEVER_SEEN, "CF00000201", link(NEVER_SEEN), f"copy {SEEN_BEFORE}", f"pin {NEVER_SEEN}",
    f"open {SEEN_BEFORE}", "mute_day", "mute_channel", "mute_me", f"channel {SHARED_CHANNEL}", "person", "nonsense", "",
)  # fmt: skip
"""What a button or an option may carry."""
KINDS: Final = ("action", "command", "event", "options", "shortcut", "view")


class Registered(NamedTuple):
    """A listener: by what it was registered, and for what."""

    kind: str
    constraint: Any


class Spoken(NamedTuple):
    """What an outsider did, and what came back to them."""

    what: str
    exchange: Exchange


@dataclass
class Walk:
    """The bot, what it listens to, and all that it says."""

    bot: WebProcess
    slack: StandInSlack
    crm: SampleCrm
    logs: Logs
    listeners: list[Registered]
    answers: list[dict[str, Any]] = field(default_factory=list)
    """Every acknowledgement, as it was sent."""
    spoken: list[Spoken] = field(default_factory=list)

    def constraints(self, kind: str) -> list[Any]:
        found = [listener.constraint for listener in self.listeners if listener.kind == kind]
        assert found
        return found

    async def does(self, what: str, doing: Awaitable[Exchange]) -> None:
        self.spoken.append(Spoken(what, await doing))

    def assert_nothing_was_shown(self) -> None:
        """Of no customer, to nobody, nowhere; and the CRM was not asked."""
        slack = self.slack
        places = (slack.posts, slack.ephemerals, slack.unfurls, slack.modals, slack.homes, slack.flexpanes)
        seen = everything_in(
            [
                self.answers,
                slack.calls,
                [spoken.exchange.shown for spoken in self.spoken],
                *(list(place.values()) for place in places),
            ]
        )
        assert not [value for value in customer_values() if value in seen]
        assert not self.crm.asked
        assert {spoken.what: spoken.exchange.status for spoken in self.spoken if spoken.exchange.status != 200} == {}
        assert not [line for line in self.logs.lines() if "exception" in line]

    def assert_each_was_refused(self) -> None:
        """Each user who can get a message gets one, which nobody else sees."""
        for spoken in self.spoken:
            refusals = [message.text for message in spoken.exchange.shown]
            if "response_url" in spoken.exchange.request:
                assert len(refusals) == 1, spoken.what
                assert refusals[0].startswith(NOT_FOR_YOU), spoken.what
            else:
                assert refusals == [], spoken.what

    def assert_each_is_in_the_access_log(self) -> None:
        lines = self.logs.lines("customer_lookup")
        assert len(lines) == len(self.spoken)
        assert {line["outcome"] for line in lines} == {"denied"}
        assert {line["user"] for line in lines} == {OUTSIDER}
        assert all(line["code"] for line in lines)


@pytest.fixture
def listeners(monkeypatch: pytest.MonkeyPatch) -> list[Registered]:
    """What the bot listens to, filled while it starts."""
    registered: list[Registered] = []

    def noting(kind: str, register: Callable[..., Any]) -> Callable[..., Any]:
        def note(app: AsyncApp, constraint: Any, *others: Any) -> Any:
            registered.append(Registered(kind, constraint))
            return register(app, constraint, *others)

        return note

    for kind in KINDS:
        monkeypatch.setattr(AsyncApp, kind, noting(kind, getattr(AsyncApp, kind)))
    return registered


@pytest.fixture
async def walk(
    listeners: list[Registered],
    start_bot: StartBot,
    slack: StandInSlack,
    crm: SampleCrm,
    logs: Logs,
    monkeypatch: pytest.MonkeyPatch,
) -> Walk:
    """The bot knows a customer, whom a member has looked up and pinned; then everything starts afresh."""
    bot = await start_bot(customer_url_template=TEMPLATE)
    await slack.command(SEEN_BEFORE)
    await slack.choose(CUSTOMER_MENU, f"pin {SEEN_BEFORE}")
    await idle(bot)
    assert any(value in everything_in([e.shown for e in slack.exchanges.values()]) for value in customer_values())
    crm.asked.clear()
    slack.calls.clear()
    walk = Walk(bot, slack, crm, logs, listeners)
    post = slack.post

    async def heard(body: bytes, headers: dict[str, str]) -> tuple[int, bytes]:
        status, answer = await post(body, headers)
        walk.answers.append(as_answer(answer))
        return status, answer

    monkeypatch.setattr(slack, "post", heard)
    already = len(logs.lines())
    monkeypatch.setattr(logs, "lines", _from(already, logs.lines))
    return walk


def _from(already: int, lines: Callable[[], list[dict[str, Any]]]) -> Callable[[str | None], list[dict[str, Any]]]:
    def later(event: str | None = None) -> list[dict[str, Any]]:
        return [line for line in lines()[already:] if event is None or line["event"] == event]

    return later


async def test_every_listener_is_walked(walk: Walk) -> None:
    """A listener registered in another of Bolt's ways has to be walked here too."""
    assert walk.bot.bot is not None
    assert len(walk.listeners) == len(walk.bot.bot.bolt._async_listeners)
    assert {listener.kind for listener in walk.listeners} == set(KINDS)


# --- Clicks ---------------------------------------------------------------------------------------------------------


class Anywhere(NamedTuple):
    """A place as Slack names it; anything may have been clicked there."""

    fields: dict[str, Any]
    has_response_url: bool

    def spot(self, workspace: Workspace, user: str) -> Spot:
        return Spot(self.fields, None, self.has_response_url)


def shown_view(kind: str, **others: Any) -> dict[str, Any]:
    """A modal or Home that the bot has shown, to whomever: it names a customer and an internal channel."""
    state = ViewState(SEEN_BEFORE, CHANNEL, Surface.GLOBAL_SHORTCUT)
    return ShownView("V0", OUTSIDER, {"type": kind, "blocks": [], "private_metadata": state.dump(), **others}).as_json()


def places() -> dict[str, Place]:
    message_at = {"message_ts": "1700000000.000100", "channel_id": SHARED_CHANNEL}
    channel = {"id": SHARED_CHANNEL, "name": "shared"}
    message = {"type": "message", "ts": "1700000000.000100", "text": f"{SEEN_BEFORE} {NEVER_SEEN}", "blocks": []}
    on_link = {"is_app_unfurl": True, "app_unfurl_url": link(SEEN_BEFORE)}
    panel = {"entity_url": link(SEEN_BEFORE), "external_ref": {"id": SEEN_BEFORE}, "channel_id": SHARED_CHANNEL}
    return {
        "an ephemeral message": Ephemeral(SHARED_CHANNEL),
        "a thread": Ephemeral(SHARED_CHANNEL, "1700000000.000001"),
        "a message": Anywhere(
            {"container": {"type": "message", **message_at}, "channel": channel, "message": message}, True
        ),
        "an unfurl": Anywhere(
            {"container": {"type": "message_attachment", **message_at, **on_link}, "app_unfurl": on_link}, True
        ),
        "a panel": Anywhere({"container": {"type": "entity_detail", **panel}}, False),
        "a modal": Anywhere({"container": {"type": "view", "view_id": "V0"}, "view": shown_view("modal")}, False),
        "Home": Anywhere({"container": {"type": "view", "view_id": "V0"}, "view": shown_view("home")}, False),
        "nowhere": Anywhere({}, False),
    }


async def test_clicks_show_nothing(walk: Walk) -> None:
    """Every button and menu, wherever it may stand, with whatever it may carry."""
    slack = walk.slack
    for action_id in walk.constraints("action"):
        for name, at in places().items():
            what = f"{action_id} on {name}"
            await walk.does(what, slack.click(action_id, SEEN_BEFORE, user=OUTSIDER, at=at))
            await walk.does(what, slack.choose(action_id, f"copy {NEVER_SEEN}", user=OUTSIDER, at=at))
        for value in VALUES:
            what = f"{action_id} with {value!r}"
            await walk.does(what, slack.click(action_id, value, user=OUTSIDER, at=Ephemeral(SHARED_CHANNEL)))
    await idle(walk.bot)
    walk.assert_nothing_was_shown()
    walk.assert_each_was_refused()
    walk.assert_each_is_in_the_access_log()
    assert not slack.calls


async def test_clicks_in_an_internal_channel_show_nothing_either(walk: Walk) -> None:
    """It is the person who matters: the channel may have been shared a moment ago."""
    for action_id in walk.constraints("action"):
        await walk.does(action_id, walk.slack.click(action_id, SEEN_BEFORE, user=OUTSIDER, at=Ephemeral(CHANNEL)))
    await idle(walk.bot)
    walk.assert_nothing_was_shown()
    walk.assert_each_was_refused()


async def test_clicks_change_nothing(walk: Walk) -> None:
    """Nobody else's channel is muted, nobody's mute is undone."""
    slack = walk.slack
    await (await slack.choose(CUSTOMER_MENU, "mute_channel", at=Ephemeral(CHANNEL))).answers(1)
    for action_id in walk.constraints("action"):
        for value in ("mute_channel", "mute_me", f"channel {CHANNEL}"):
            await slack.click(action_id, value, user=OUTSIDER, at=Ephemeral(SHARED_CHANNEL))
            await slack.choose(action_id, value, user=OUTSIDER, at=Ephemeral(SHARED_CHANNEL))
    await idle(walk.bot)
    assert "此频道现在关闭了自动卡片" in (await why(slack, channel=CHANNEL)).text
    assert "关闭" not in (await why(slack, channel=SHARED_CHANNEL)).text


async def test_nobody_is_suggested(walk: Walk) -> None:
    """Whatever is typed, wherever a box may stand; one of us is shown the customer."""
    slack = walk.slack
    for action_id in walk.constraints("options"):
        for name in ("a modal", "Home"):
            ours, theirs = [
                await slack.suggest(action_id, "岚峤精密", user=user, at=places()[name]) for user in (USER, OUTSIDER)
            ]
            assert (len(ours), theirs) == (1, []), name
    await idle(walk.bot)
    assert {line["outcome"] for line in walk.logs.lines("customer_lookup")} == {"denied"}
    assert not slack.calls


async def test_submitted_and_closed_modals_show_nothing(walk: Walk) -> None:
    slack = walk.slack
    for callback_id in map(_callback_id, walk.constraints("view")):
        for typed in (SEEN_BEFORE, "CF00000201", link(NEVER_SEEN), "nonsense", ""):
            inputs = {
                "query": {"query": {"type": "plain_text_input", "value": typed}},
                "channel": {"channel": {"type": "conversations_select", "selected_conversation": CHANNEL}},
            }
            await walk.does(f"{callback_id} with {typed!r}", _submitted(slack, callback_id, inputs))
    await idle(walk.bot)
    walk.assert_nothing_was_shown()
    walk.assert_each_was_refused()
    walk.assert_each_is_in_the_access_log()
    assert not slack.calls


async def _submitted(slack: StandInSlack, callback_id: str, inputs: dict[str, Any]) -> Exchange:
    """A modal of the bot's is on the outsider's screen, however it came there."""
    view = shown_view("modal", callback_id=callback_id, submit={"type": "plain_text", "text": "OK"})
    view["blocks"] = [{"type": "input", "block_id": block_id} for block_id in inputs]
    shown = ShownView(f"V{slack.number():04d}", OUTSIDER, view)
    slack.modals[OUTSIDER] = [shown]
    return await slack.submit(shown.view_id, inputs, user=OUTSIDER)


def _callback_id(constraint: Any) -> str:
    return str(constraint["callback_id"] if isinstance(constraint, dict) else constraint)


# --- Shortcuts and commands -----------------------------------------------------------------------------------------


async def test_shortcuts_show_nothing(walk: Walk) -> None:
    slack = walk.slack
    message = {"type": "message", "user": USER, "text": f"{SEEN_BEFORE} {NEVER_SEEN} CF00000201", "ts": "1.1"}
    for constraint in walk.constraints("shortcut"):
        callback_id = _callback_id(constraint)
        in_shared = slack.message_shortcut(callback_id, message, user=OUTSIDER, channel=SHARED_CHANNEL)
        await walk.does(f"{callback_id} on a message", in_shared)
        await walk.does(callback_id, slack.global_shortcut(callback_id, user=OUTSIDER))
    await idle(walk.bot)
    walk.assert_nothing_was_shown()
    walk.assert_each_was_refused()
    walk.assert_each_is_in_the_access_log()
    assert not slack.calls


async def test_commands_of_another_team_show_nothing(walk: Walk) -> None:
    """Slack offers commands to the installing team alone. One from elsewhere is refused like a click all the same."""
    for command in walk.constraints("command"):
        for text in (SEEN_BEFORE, "CF00000201", link(NEVER_SEEN), "why", "help", ""):
            await walk.does(f"{command} {text}", _command_of_another_team(walk.slack, command, text))
    await idle(walk.bot)
    walk.assert_nothing_was_shown()
    walk.assert_each_was_refused()
    walk.assert_each_is_in_the_access_log()


async def test_command_of_another_team_is_refused_though_its_answer_is_in_memory(
    bot: WebProcess, slack: StandInSlack, logs: Logs
) -> None:
    """An answer that does not pass through Bolt is refused in the same way."""
    for _ in "12":
        assert SEEN_BEFORE in str((await slack.command(SEEN_BEFORE)).shown)
    exchange = await _command_of_another_team(slack, "/customer", SEEN_BEFORE, USER)
    assert SEEN_BEFORE not in str(exchange.shown)
    assert [line["outcome"] for line in logs.lines("customer_lookup")] == ["found", "found", "denied"]


async def _command_of_another_team(slack: StandInSlack, command: str, text: str, user: str = OUTSIDER) -> Exchange:
    exchange = slack.new_exchange()
    exchange.request = {
        "command": command,
        "text": text,
        "team_id": OTHER_TEAM,
        "user_id": user,
        "channel_id": SHARED_CHANNEL,
        "response_url": exchange.response_url,
        "trigger_id": slack.new_trigger(user),
    }
    return await slack.deliver(exchange, "slash_commands")


# --- Events ---------------------------------------------------------------------------------------------------------


def event_of(slack: StandInSlack, event_type: str) -> dict[str, Any]:
    """An event with all that any kind of event may hold."""
    url, ref = link(SEEN_BEFORE), {"id": SEEN_BEFORE, "type": "customer"}
    return {
        "type": event_type,
        "user": OUTSIDER,
        "user_team": OTHER_TEAM,
        "team": OTHER_TEAM,
        "channel": SHARED_CHANNEL,
        "channel_type": "channel",
        "ts": slack.ts(),
        "message_ts": slack.ts(),
        "text": f"{SEEN_BEFORE} CF00000201 {NEVER_SEEN}",
        "links": [{"url": link(customer_id), "domain": "crm.example.com"} for customer_id in (SEEN_BEFORE, NEVER_SEEN)],
        "unfurl_id": "unfurl-1",
        "source": "conversations_history",
        "tab": "home",
        "entity_url": url,
        "external_ref": ref,
        "trigger_id": slack.new_trigger(OUTSIDER, (url, ref)),
    }


async def test_events_show_nothing(walk: Walk) -> None:
    for event_type in walk.constraints("event"):
        await walk.does(event_type, walk.slack.event(event_of(walk.slack, event_type)))
    await idle(walk.bot)
    walk.assert_nothing_was_shown()
    assert {line["outcome"] for line in walk.logs.lines("customer_lookup")} <= {"denied"}
    assert not walk.slack.posts
    assert not walk.slack.unfurls
    assert not walk.slack.ephemerals


async def test_home_and_panel_are_shown_empty(walk: Walk) -> None:
    """They come from events, which do not say whose organisation their person is of."""
    slack = walk.slack
    await slack.open_home(user=OUTSIDER)
    await slack.event(event_of(slack, "entity_details_requested"))
    await idle(walk.bot)
    assert "只对本组织的成员开放" in everything_in(slack.homes[OUTSIDER].view)
    assert len(slack.homes[OUTSIDER].view["blocks"]) == 2
    assert [refusal_in(panel)[: len(NOT_FOR_YOU)] for panel in slack.flexpanes[OUTSIDER]] == [NOT_FOR_YOU]
    lines = walk.logs.lines("customer_lookup")
    assert [(line["surface"], line["outcome"], line["user"]) for line in lines] == [
        ("home", "denied", OUTSIDER),
        ("flexpane", "denied", OUTSIDER),
    ]


async def test_what_an_outsider_writes_in_a_shared_channel_is_denied_in_the_log(walk: Walk) -> None:
    slack = walk.slack
    await slack.post_message(f"{SEEN_BEFORE} {NEVER_SEEN}", user=OUTSIDER, channel=SHARED_CHANNEL)
    await slack.event(event_of(slack, "link_shared"))
    await idle(walk.bot)
    walk.assert_nothing_was_shown()
    lines = walk.logs.lines("customer_lookup")
    assert {(line["surface"], line["outcome"]) for line in lines} == {("message", "denied"), ("link_unfurl", "denied")}


# --- Who is an outsider ---------------------------------------------------------------------------------------------


@dataclass
class Claiming(Person):
    """A user whose payloads say something else of their organisation."""

    claims: dict[str, Any] = field(default_factory=dict)

    def in_payload(self) -> dict[str, Any]:
        return {"id": self.id, "username": self.name, **self.claims}


OUTSIDE: Final[dict[str, dict[str, Any]]] = {
    "no team": {},
    "a team of null": {"team_id": None},
    "an empty team": {"team_id": ""},
    "an empty enterprise": {"team_id": OTHER_TEAM, "enterprise_id": ""},
    "an enterprise of null": {"team_id": None, "enterprise_id": None},
    "another enterprise": {"team_id": OTHER_TEAM, "enterprise_id": "E0OTHER"},
    "the team in another spelling": {"team_id": TEAM.lower()},
}


@pytest.mark.parametrize("claims", OUTSIDE.values(), ids=OUTSIDE.keys())
@pytest.mark.parametrize("enterprise", ["", "E0PLAY"], ids=["workspace", "grid"])
async def test_click_of_a_user_of_no_stated_organisation_is_refused(
    start_bot: StartBot, slack: StandInSlack, crm: SampleCrm, claims: dict[str, Any], enterprise: str
) -> None:
    identity = {"team_id": TEAM, "enterprise_id": enterprise or None, "user_id": BOT_USER, "bot_id": BOT_ID}
    slack.auth_answers = [JSONResponse({"ok": True, **identity})]
    await start_bot()
    slack.people["U0CLAIMS"] = Claiming("U0CLAIMS", "claims", claims=claims)
    for action_id in (CUSTOMER_REFRESH, CUSTOMER_DETAILS, CUSTOMER_SHARE):
        exchange = await slack.click(action_id, SEEN_BEFORE, user="U0CLAIMS")
        [message] = await exchange.answers(1)
        assert message.text.startswith(NOT_FOR_YOU)
    assert not crm.asked
    assert not slack.modals["U0CLAIMS"]


INSIDE: Final[dict[str, dict[str, Any]]] = {
    "the team": {"team_id": TEAM},
    "the enterprise": {"team_id": OTHER_TEAM, "enterprise_id": "E0PLAY"},
    "the enterprise alone": {"enterprise_id": "E0PLAY"},
}


@pytest.mark.parametrize("claims", INSIDE.values(), ids=INSIDE.keys())
async def test_colleague_of_the_same_enterprise_is_one_of_us(
    start_bot: StartBot, slack: StandInSlack, claims: dict[str, Any]
) -> None:
    """On Enterprise Grid one company has many workspaces."""
    identity = {"team_id": TEAM, "enterprise_id": "E0PLAY", "user_id": BOT_USER, "bot_id": BOT_ID}
    slack.auth_answers = [JSONResponse({"ok": True, **identity})]
    await start_bot()
    slack.people["U0CLAIMS"] = Claiming("U0CLAIMS", "claims", claims=claims)
    [message] = await (await slack.click(CUSTOMER_REFRESH, SEEN_BEFORE, user="U0CLAIMS")).answers(1)
    assert "CF00000201" in message.text


GRID: Final[dict[str, tuple[Person, bool]]] = {
    "home in a sister workspace": (Person("U0GRID", "grid", team_id=OTHER_TEAM, enterprise_id="E0PLAY"), True),
    "home named by the organisation": (Person("U0GRID", "grid", team_id="E0PLAY", enterprise_id="E0PLAY"), True),
    "home here": (Person("U0GRID", "grid", team_id=TEAM, enterprise_id="E0PLAY"), True),
    "a guest of a sister workspace": (
        Person("U0GRID", "grid", team_id=OTHER_TEAM, enterprise_id="E0PLAY", is_guest=True),
        False,
    ),
    "deactivated": (Person("U0GRID", "grid", team_id=OTHER_TEAM, enterprise_id="E0PLAY", deleted=True), False),
    "another organisation's": (
        Person("U0GRID", "grid", team_id=OTHER_TEAM, enterprise_id="E0OTHER", is_stranger=True),
        False,
    ),
    "another company's": (Person("U0GRID", "grid", team_id=OTHER_TEAM, is_stranger=True), False),
}
"""Slack's payloads name the organisation of the installing team for each of them: users.info says who they are."""


@pytest.mark.parametrize(("person", "is_one_of_us"), GRID.values(), ids=GRID.keys())
async def test_grid_member_is_who_users_info_says(
    start_bot: StartBot, slack: StandInSlack, crm: SampleCrm, person: Person, is_one_of_us: bool
) -> None:
    """On every surface: a command, a card's buttons, both shortcuts, Home and its buttons."""
    identity = {"team_id": TEAM, "enterprise_id": "E0PLAY", "user_id": BOT_USER, "bot_id": BOT_ID}
    slack.auth_answers = [JSONResponse({"ok": True, **identity})]
    slack.enterprise_id = "E0PLAY"
    slack.people[person.id] = person
    bot = await start_bot()
    [card] = await (await slack.command(SEEN_BEFORE, user=person.id)).answers(1)
    [again] = await (await slack.click(CUSTOMER_REFRESH, SEEN_BEFORE, user=person.id)).answers(1)
    assert ["CF00000201" in shown.text for shown in (card, again)] == [is_one_of_us] * 2
    await slack.click(CUSTOMER_DETAILS, SEEN_BEFORE, user=person.id)
    await idle(bot)
    await slack.global_shortcut("find_customer", user=person.id)
    await idle(bot)
    await slack.open_home(user=person.id)
    await idle(bot)
    shown = json.dumps([modal.view for modal in slack.modals[person.id]], ensure_ascii=False)
    assert ("CF00000201" in shown) is is_one_of_us
    assert bool(crm.asked) is is_one_of_us


@pytest.mark.parametrize(("team", "opens"), [(TEAM, True), (OTHER_TEAM, False)])
async def test_shortcut_that_names_no_team_of_its_person_is_of_the_team_it_names(
    start_bot: StartBot, slack: StandInSlack, team: str, opens: bool
) -> None:
    """Only the installing team has shortcuts. Nothing but those is vouched for in this way."""
    bot = await start_bot()
    slack.people["U0CLAIMS"] = Claiming("U0CLAIMS", "claims")
    shortcut = (await slack.global_shortcut("find_customer")).request
    await idle(bot)
    exchange = slack.new_exchange()
    trigger = slack.new_trigger("U0CLAIMS")
    person = slack.people["U0CLAIMS"].in_payload()
    exchange.request = {**shortcut, "team": {"id": team}, "user": person, "trigger_id": trigger}
    await slack.deliver(exchange, "interactive")
    await idle(bot)
    assert bool(slack.modals["U0CLAIMS"]) is opens


async def test_nothing_of_the_outsiders_payload_is_logged(walk: Walk) -> None:
    await walk.slack.click(CUSTOMER_REFRESH, "胡效鑫1 18539622352", user=OUTSIDER, at=Ephemeral(SHARED_CHANNEL))
    await idle(walk.bot)
    assert "18539622352" not in json.dumps(walk.logs.lines(), ensure_ascii=False)
