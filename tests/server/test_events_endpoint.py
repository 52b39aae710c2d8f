"""Events that Slack delivers more than once, end to end: each takes effect once, and none is lost for it."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any, NamedTuple

import pytest
from slack_bolt.app.async_app import AsyncApp

from bot.playground.asgi_server import loopback
from bot.playground.fake_crm.server import SampleCrm
from bot.playground.fake_slack.server import CHANNEL, USER, StandInSlack
from bot.playground.fake_slack.workspace import Links
from bot.playground.settings import playground_settings
from bot.server.http import WebProcess
from tests.conftest import Clock, Logs, StartBot
from tests.support.surfaces import DOCUMENTED, NO_DATABASE, TEMPLATE, idle, link

Event = dict[str, Any]
REF = {"id": DOCUMENTED, "type": "customer"}
WITHOUT_EFFECT = {"user_change", "channel_shared", "channel_unshared"}
"""What is forgotten twice is forgotten."""


class Kind(NamedTuple):
    """An event that has an effect: how it is made, which call is its effect, and which call comes before its claim."""

    make: Callable[[StandInSlack], Event]
    effect: str
    before: str


def message(slack: StandInSlack) -> Event:
    event = {"type": "message", "user": USER, "channel": CHANNEL, "text": DOCUMENTED, "ts": slack.ts()}
    slack.messages[CHANNEL, event["ts"]] = event
    return event


def link_shared(slack: StandInSlack) -> Event:
    links = Links(f"unfurl-{slack.number()}", "conversations_history", CHANNEL, slack.ts(), (link(DOCUMENTED),))
    slack.links.append(links)
    return {
        "type": "link_shared",
        "user": USER,
        "channel": CHANNEL,
        "message_ts": links.ts,
        "links": [{"url": link(DOCUMENTED), "domain": "crm.example.com"}],
        "unfurl_id": links.unfurl_id,
        "source": links.source,
    }


def details_requested(slack: StandInSlack) -> Event:
    return {
        "type": "entity_details_requested",
        "user": USER,
        "entity_url": link(DOCUMENTED),
        "external_ref": REF,
        "trigger_id": slack.new_trigger(USER, (link(DOCUMENTED), REF)),
    }


def home_opened(slack: StandInSlack) -> Event:
    return {"type": "app_home_opened", "user": USER, "channel": "D0HOME", "tab": "home"}


KINDS = {
    "message": Kind(message, "chat.postMessage", "conversations.info"),
    "link_shared": Kind(link_shared, "chat.unfurl", "conversations.info"),
    "entity_details_requested": Kind(details_requested, "entity.presentDetails", "users.info"),
    "app_home_opened": Kind(home_opened, "views.publish", "users.info"),
}
each_kind = pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS.keys())


async def opened(process: WebProcess) -> None:
    """Until its database is open."""
    assert process.bot is not None
    async with asyncio.timeout(5):
        while process.bot.store.trouble:  # noqa: ASYNC110  # there is no event to wait for
            await asyncio.sleep(0.002)


def effects(slack: StandInSlack, kind: Kind) -> int:
    return len(slack.asked_for(kind.effect))


async def test_every_event_that_the_bot_listens_to_is_tested_here(
    monkeypatch: pytest.MonkeyPatch, start_bot: StartBot
) -> None:
    heard: list[str] = []
    listen = AsyncApp.event

    def event(app: AsyncApp, constraint: str, *others: Any) -> Any:
        heard.append(constraint)
        return listen(app, constraint, *others)

    monkeypatch.setattr(AsyncApp, "event", event)
    await start_bot(wait=False)
    assert set(heard) == set(KINDS) | WITHOUT_EFFECT


@each_kind
async def test_event_takes_effect_once(bot: WebProcess, slack: StandInSlack, kind: Kind) -> None:
    assert (await slack.event(kind.make(slack))).status == 200
    await idle(bot)
    assert effects(slack, kind) == 1


@each_kind
async def test_event_that_comes_five_times_at_once_takes_effect_once(
    bot: WebProcess, slack: StandInSlack, kind: Kind
) -> None:
    event = kind.make(slack)
    exchanges = await asyncio.gather(*(slack.event(event, event_id="Ev1") for _ in range(5)))
    assert [exchange.status for exchange in exchanges] == [200] * 5
    await idle(bot)
    assert effects(slack, kind) == 1


@each_kind
async def test_event_that_comes_again_while_it_is_under_way_takes_effect_once(
    bot: WebProcess, slack: StandInSlack, logs: Logs, kind: Kind
) -> None:
    """The work before it is not done twice either: nobody is looked up for the second time."""
    release = slack.hold[kind.before] = asyncio.Event()
    first = await slack.event(kind.make(slack))
    await slack.until(lambda: slack.asked_for(kind.before))
    assert (await slack.redeliver(first)).status == 200
    release.set()
    await idle(bot)
    assert len(logs.lines("customer_lookup")) <= 1
    assert effects(slack, kind) == 1


@each_kind
async def test_event_that_slack_delivers_again_takes_effect_once(
    bot: WebProcess, slack: StandInSlack, clock: Clock, logs: Logs, kind: Kind
) -> None:
    """At once, after a minute and after five more, as Slack does where it has not seen the answer."""
    first = await slack.event(kind.make(slack))
    await idle(bot)
    for retry_num, seconds in ((1, 0), (2, 60), (3, 300)):
        clock.advance(seconds)
        assert (await slack.redeliver(first, retry_num=retry_num)).status == 200
        await idle(bot)
    assert effects(slack, kind) == 1
    assert not [line for line in logs.lines() if "exception" in line]


@each_kind
async def test_retry_of_an_event_that_never_arrived_takes_effect(
    bot: WebProcess, slack: StandInSlack, kind: Kind
) -> None:
    """The header alone says nothing: the first delivery may have been lost."""
    exchange = slack.new_exchange()
    await slack.event({"type": "message", "user": USER, "channel": CHANNEL, "text": "你好", "ts": "1.1"})
    exchange.request = {**(await slack.event({"type": "unheard"})).request, "event": kind.make(slack)}
    exchange.request["event_id"] = "EvLost"
    assert (await slack.redeliver(exchange, retry_num=2)).status == 200
    await idle(bot)
    assert effects(slack, kind) == 1


@pytest.mark.parametrize("kind", [KINDS["link_shared"], KINDS["app_home_opened"]], ids=["link_shared", "home"])
async def test_event_is_remembered_for_fifteen_minutes(
    bot: WebProcess, slack: StandInSlack, clock: Clock, kind: Kind
) -> None:
    first = await slack.event(kind.make(slack))
    await idle(bot)
    clock.advance(899)
    await slack.redeliver(first)
    await idle(bot)
    assert effects(slack, kind) == 1
    clock.advance(61)
    await slack.redeliver(first)
    await idle(bot)
    assert effects(slack, kind) == 2


@each_kind
async def test_other_events_of_the_same_kind_take_effect_too(
    bot: WebProcess, slack: StandInSlack, clock: Clock, kind: Kind
) -> None:
    for _ in range(2):
        await slack.event(kind.make(slack))
        await idle(bot)
        clock.advance(1_801)  # a thread card's cooldown
    assert effects(slack, kind) == 2


@each_kind
async def test_two_processes_on_one_database_give_an_event_one_effect(
    start_bot: StartBot, slack: StandInSlack, database: str, kind: Kind
) -> None:
    """Both receive it, and both are about to send."""
    first = await start_bot(customer_url_template=TEMPLATE)
    address = slack.bot_address
    second = await start_bot(customer_url_template=TEMPLATE, database_url=database)
    release = slack.hold[kind.before] = asyncio.Event()
    delivered = await slack.event(kind.make(slack))
    slack.bot_address = address
    await slack.redeliver(delivered)
    await slack.until(lambda: len(slack.asked_for(kind.before)) == 2)
    release.set()
    await idle(first)
    await idle(second)
    assert effects(slack, kind) == 1


@each_kind
async def test_process_started_anew_does_not_repeat_an_event(
    start_bot: StartBot, slack: StandInSlack, kind: Kind
) -> None:
    first = await start_bot(customer_url_template=TEMPLATE)
    delivered = await slack.event(kind.make(slack))
    await idle(first)
    second = await start_bot(customer_url_template=TEMPLATE)
    await slack.redeliver(delivered)
    await idle(second)
    assert effects(slack, kind) == 1


@pytest.mark.parametrize("name", sorted({*KINDS} - {"entity_details_requested"}))
async def test_process_that_dies_before_its_claim_leaves_the_redelivery_free(
    start_bot: StartBot,
    slack: StandInSlack,
    crm: SampleCrm,
    clock: Clock,
    database: str,
    monkeypatch: pytest.MonkeyPatch,
    name: str,
) -> None:
    """But for the panel, which is claimed at once: its trigger id is void before Slack would deliver again."""
    kind = KINDS[name]
    monkeypatch.setattr("bot.app.DRAIN_SECONDS", 0.0)
    settings = playground_settings(crm.address, slack.address, database_url=database, customer_url_template=TEMPLATE)
    release = slack.hold[kind.before] = asyncio.Event()
    dying = WebProcess(settings, clock)
    async with loopback(dying.asgi_app()) as slack.bot_address:
        await slack.wait_for_bot()
        await opened(dying)
        delivered = await slack.event(kind.make(slack))
        assert delivered.status == 200
        await slack.until(lambda: slack.asked_for(kind.before))
    release.set()
    assert effects(slack, kind) == 0
    bot = await start_bot(customer_url_template=TEMPLATE)
    await slack.redeliver(delivered)
    await idle(bot)
    assert effects(slack, kind) == 1


@pytest.mark.parametrize("kind", [KINDS["entity_details_requested"], KINDS["app_home_opened"]], ids=["panel", "home"])
async def test_without_a_database_the_process_remembers_by_itself(
    start_bot: StartBot, slack: StandInSlack, clock: Clock, kind: Kind
) -> None:
    bot = await start_bot(customer_url_template=TEMPLATE, database_url=NO_DATABASE, database_opens=False)
    first = await slack.event(kind.make(slack))
    await idle(bot)
    for seconds in (0, 60, 300):
        clock.advance(seconds)
        await slack.redeliver(first)
        await idle(bot)
    assert effects(slack, kind) == 1


@each_kind
async def test_database_that_goes_away_does_not_repeat_what_was_done(
    bot: WebProcess, slack: StandInSlack, kind: Kind
) -> None:
    first = await slack.event(kind.make(slack))
    await idle(bot)
    assert bot.bot is not None
    await bot.bot.store.close()
    await slack.redeliver(first)
    await idle(bot)
    assert effects(slack, kind) == 1


async def test_bug_in_one_event_is_logged_with_a_code_and_ends_nothing(
    bot: WebProcess, slack: StandInSlack, logs: Logs, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: Any) -> Coroutine[Any, Any, None]:
        raise RuntimeError("a bug")

    with monkeypatch.context() as patched:
        patched.setattr("handlers.messages.channel_card", broken)
        assert (await slack.event(message(slack))).status == 200
        await idle(bot)
    [line] = logs.lines("event_failed")
    assert line["code"]
    assert "a bug" in line["exception"]
    assert (await slack.event(link_shared(slack))).status == 200
    await idle(bot)
    assert len(slack.asked_for("chat.unfurl")) == 1


@pytest.mark.parametrize("event_type", ["app_mention", "member_joined_channel", "tokens_revoked", "unheard_of"])
async def test_event_that_was_not_asked_for_has_no_effect(
    bot: WebProcess, slack: StandInSlack, crm: SampleCrm, event_type: str
) -> None:
    await slack.event({"type": event_type, "user": USER, "channel": CHANNEL, "text": DOCUMENTED})
    await idle(bot)
    assert not crm.asked
    assert {method for method, _ in slack.calls} == {"auth.test"}
