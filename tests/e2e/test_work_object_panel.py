"""The panel beside a link, end to end: the private view for the user who opened it, if they are of the company."""

import asyncio
import sqlite3
from collections.abc import Callable
from contextlib import closing
from typing import Any

import pytest
from starlette.responses import JSONResponse, PlainTextResponse, Response

from bot.locales import texts_in
from bot.playground.fake_crm.server import FAULTS, Fault, SampleCrm
from bot.playground.fake_slack.server import (
    BOT_USER,
    CHANNEL,
    MANAGER,
    OUTSIDER,
    SHARED_CHANNEL,
    USER,
    Exchange,
    Flexpane,
    StandInSlack,
)
from bot.playground.fake_slack.workspace import TRIGGER_SECONDS
from bot.server.http import WebProcess
from tests.conftest import Clock, Logs, StartBot
from tests.support.block_kit import assert_slack_takes_entity
from tests.support.surfaces import (
    DOCUMENTED,
    FACTORY,
    NO_DATABASE,
    TEMPLATE,
    UNKNOWN,
    everything_in,
    idle,
    link,
    refusal_in,
)

REF = {"id": DOCUMENTED, "type": "customer"}
PHONE = "18539622352"


async def panel_of(
    bot: WebProcess, slack: StandInSlack, url: str = link(DOCUMENTED), *, user: str = USER, **where: str
) -> Flexpane:
    """The one panel that ``user`` sees after opening it."""
    exchange = await slack.open_flexpane(url, REF, user=user, **where)
    assert exchange.status == 200
    await idle(bot)
    [panel] = slack.flexpanes[user]
    return panel


def metadata_in(panel: Flexpane) -> dict[str, Any]:
    assert panel.error is None
    assert panel.metadata is not None
    return panel.metadata


async def event_of(slack: StandInSlack, **changed: Any) -> Exchange:
    """The event as Slack sends it, with some of it ``changed``."""
    event = {
        "type": "entity_details_requested",
        "user": USER,
        "external_ref": REF,
        "entity_url": link(DOCUMENTED),
        "trigger_id": slack.new_trigger(USER, (link(DOCUMENTED), REF)),
        **changed,
    }
    return await slack.event({name: value for name, value in event.items() if value is not None})


# --- Who sees what --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("posted", [link(DOCUMENTED), f"{link(DOCUMENTED.upper())}?tab=orders"])
async def test_panel_shows_the_private_view_of_the_work_object_under_the_link(
    bot: WebProcess, slack: StandInSlack, posted: str
) -> None:
    """Its url and external_ref are those of the unfurl, or Slack would refuse it."""
    said = await slack.post_message(posted)
    await idle(bot)
    entity = slack.unfurls[said.ts][posted].entity
    assert entity is not None
    assert PHONE not in everything_in(entity)
    await slack.open_flexpane(entity["url"], entity["external_ref"], message_ts=said.ts)
    await idle(bot)
    [panel] = slack.flexpanes[USER]
    metadata = metadata_in(panel)
    assert (metadata["url"], metadata["external_ref"]) == (entity["url"], entity["external_ref"])
    assert PHONE in everything_in(metadata)
    assert "903146517@qq.com" in everything_in(metadata)
    assert "entities" not in metadata
    assert_slack_takes_entity(metadata)
    assert [len(slack.asked_for(method)) for method in ("entity.presentDetails", "chat.unfurl")] == [1, 1]


async def test_account_and_tax_numbers_stay_masked(bot: WebProcess, slack: StandInSlack) -> None:
    metadata = metadata_in(await panel_of(bot, slack))
    assert "911****567A" in everything_in(metadata)
    assert "91110108339719567A" not in everything_in(metadata)


async def test_panel_of_every_customer_is_one_that_slack_takes(
    bot: WebProcess, slack: StandInSlack, crm: SampleCrm, logs: Logs
) -> None:
    for customer_id in crm.customers:
        await slack.open_flexpane(link(customer_id), {"id": customer_id, "type": "customer"})
    await idle(bot)
    assert len(slack.flexpanes[USER]) == len(crm.customers)
    for panel in slack.flexpanes[USER]:
        assert_slack_takes_entity(metadata_in(panel))
    assert not logs.lines("panel_refused")


async def test_panel_can_be_opened_in_a_shared_channel_by_one_of_us(bot: WebProcess, slack: StandInSlack) -> None:
    """Nobody else sees it."""
    panel = await panel_of(bot, slack, channel=SHARED_CHANNEL, message_ts="1.1")
    assert PHONE in everything_in(metadata_in(panel))


def outsider(slack: StandInSlack) -> str:
    return OUTSIDER


def stranger(slack: StandInSlack) -> str:
    """Slack's word for a user of another organisation, whatever team it names."""
    slack.people[USER].is_stranger = True
    return USER


def of_another_team(slack: StandInSlack) -> str:
    slack.people[OUTSIDER].is_stranger = False
    return OUTSIDER


def of_another_enterprise(slack: StandInSlack) -> str:
    slack.people[OUTSIDER].is_stranger = False
    slack.people[OUTSIDER].enterprise_id = "E0OTHER"
    return OUTSIDER


def deleted(slack: StandInSlack) -> str:
    slack.people[USER].deleted = True
    return USER


def robot(slack: StandInSlack) -> str:
    slack.people[USER].is_bot = True
    return USER


def unknown(slack: StandInSlack) -> str:
    slack.refuse["users.info"] = ["user_not_found", "user_not_found"]
    return USER


def unscoped(slack: StandInSlack) -> str:
    slack.granted_scopes.remove("users:read")
    return USER


def unreachable(slack: StandInSlack) -> str:
    slack.refuse["users.info"] = [PlainTextResponse("", 503) for _ in range(6)]
    return USER


def vague(slack: StandInSlack) -> str:
    slack.refuse["users.info"] = [JSONResponse({"ok": True, "user": {"id": USER}})]
    return USER


NOT_OURS = (
    outsider,
    stranger,
    of_another_team,
    of_another_enterprise,
    deleted,
    robot,
    unknown,
    unscoped,
    unreachable,
    vague,
)


@pytest.mark.parametrize("who", NOT_OURS)
async def test_user_of_an_unknown_organisation_sees_nothing(
    bot: WebProcess,
    slack: StandInSlack,
    crm: SampleCrm,
    logs: Logs,
    monkeypatch: pytest.MonkeyPatch,
    who: Callable[[StandInSlack], str],
) -> None:
    """Neither of a customer in the cache, nor of one of whom the CRM would have to be asked.

    Events do not say whose organisation their person is of: users.info comes before all else.
    """
    monkeypatch.setattr("bot.slack.api.RETRY_WAIT_SECONDS", 0.01)
    await slack.post_message(link(DOCUMENTED), user=MANAGER)
    await idle(bot)
    user = who(slack)
    for customer_id in (DOCUMENTED, FACTORY):
        await slack.open_flexpane(link(customer_id), {"id": customer_id, "type": "customer"}, user=user)
        await idle(bot)
    said = [refusal_in(panel) for panel in slack.flexpanes[user]]
    assert len(said) == 2
    assert set(said) < set(texts_in("zh").denied.values())
    assert crm.asked["GetCustomer"] == 1
    lines = [line for line in logs.lines("customer_lookup") if line["surface"] == "flexpane"]
    assert [line["outcome"] for line in lines] == ["denied", "denied"]
    assert all(line["code"] for line in lines)


async def test_event_without_a_known_person_shows_nothing(bot: WebProcess, slack: StandInSlack) -> None:
    unknown_users: tuple[Any, ...] = (None, "", "U0NOBODY", {"id": USER})
    for user in unknown_users:
        assert (await event_of(slack, user=user)).status == 200
    await idle(bot)
    unknown = texts_in("zh").denied["unknown_person"]
    assert [refusal_in(panel) for panel in slack.flexpanes[USER]] == [unknown] * len(unknown_users)


async def test_colleague_from_the_same_enterprise_is_one_of_us(start_bot: StartBot, slack: StandInSlack) -> None:
    """On Enterprise Grid one company has many workspaces."""
    answer = {"ok": True, "team_id": "T0PLAY", "enterprise_id": "E0PLAY", "user_id": BOT_USER, "bot_id": "B0BOT"}
    slack.auth_answers = [JSONResponse(answer)]
    bot = await start_bot(customer_url_template=TEMPLATE)
    slack.people[OUTSIDER].is_stranger = False
    slack.people[OUTSIDER].enterprise_id = "E0PLAY"
    assert PHONE in everything_in(metadata_in(await panel_of(bot, slack, user=OUTSIDER)))


# --- Languages ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("user", "label"), [(USER, "联系电话"), (MANAGER, "Phone")])
async def test_panel_is_in_the_readers_language(bot: WebProcess, slack: StandInSlack, user: str, label: str) -> None:
    metadata = metadata_in(await panel_of(bot, slack, user=user))
    assert label in [field["label"] for field in metadata["entity_payload"]["custom_fields"]]


@pytest.mark.parametrize(("locale", "label"), [("en-GB", "Phone"), ("zh-TW", "联系电话"), (None, "联系电话")])
async def test_locale_of_the_event_goes_before_what_is_remembered(
    bot: WebProcess, slack: StandInSlack, locale: str | None, label: str
) -> None:
    assert (await event_of(slack, user_locale=locale)).status == 200
    await idle(bot)
    [panel] = slack.flexpanes[USER]
    assert label in [field["label"] for field in metadata_in(panel)["entity_payload"]["custom_fields"]]


# --- When there is nothing to show ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "url",
    [
        pytest.param("https://crm.example.com/order/7", id="another page"),
        pytest.param(f"https://elsewhere.example.com/customer/{DOCUMENTED}", id="another host"),
    ],
)
async def test_panel_is_found_by_its_reference_when_the_address_has_changed(
    bot: WebProcess, slack: StandInSlack, url: str
) -> None:
    panel = await panel_of(bot, slack, url)
    assert panel.error is None
    assert panel.metadata is not None


async def test_event_that_names_no_customer_is_not_found(bot: WebProcess, slack: StandInSlack) -> None:
    strange: tuple[Any, ...] = (None, 5, [], {}, link(UNKNOWN), "nonsense")
    for url in strange:
        assert (await event_of(slack, entity_url=url, external_ref={"id": "nobody"})).status == 200
    await idle(bot)
    assert slack.flexpanes[USER] == [Flexpane(None, {"status": "not_found"})] * len(strange)


async def test_panel_says_so_before_its_trigger_is_void_when_the_crm_hangs(
    bot: WebProcess, slack: StandInSlack, crm: SampleCrm, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("handlers.unfurls.PANEL_SECONDS", 0.05)
    crm.fault = FAULTS["hang"]
    await slack.open_flexpane(link(DOCUMENTED), REF)
    [panel] = await slack.until(lambda: slack.flexpanes[USER])
    assert panel == Flexpane(None, {"status": "timeout"})
    crm.release()
    await idle(bot)
    assert len(slack.flexpanes[USER]) == 1


async def test_panel_says_so_too_when_slack_does_not_say_who_asks(
    bot: WebProcess, slack: StandInSlack, crm: SampleCrm, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("handlers.unfurls.PANEL_SECONDS", 0.05)
    slack.hold["users.info"] = asyncio.Event()
    await slack.open_flexpane(link(DOCUMENTED), REF)
    [panel] = await slack.until(lambda: slack.flexpanes[USER])
    assert panel == Flexpane(None, {"status": "timeout"})
    assert not crm.asked
    slack.hold["users.info"].set()
    await idle(bot)


async def test_panel_that_ran_out_of_time_is_in_the_access_log(
    bot: WebProcess, slack: StandInSlack, crm: SampleCrm, logs: Logs, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each inquiry has its line."""
    monkeypatch.setattr("handlers.unfurls.PANEL_SECONDS", 0.05)
    crm.fault = FAULTS["hang"]
    await slack.open_flexpane(link(DOCUMENTED), REF)
    await slack.until(lambda: slack.flexpanes[USER])
    crm.release()
    await idle(bot)
    assert [(line["surface"], line["outcome"]) for line in logs.lines("customer_lookup")] == [("flexpane", "found")]


async def test_panel_says_what_is_wrong_with_the_crm(bot: WebProcess, slack: StandInSlack, crm: SampleCrm) -> None:
    crm.fault = Fault(status=404, body=b"gone")
    panel = await panel_of(bot, slack)
    assert panel.metadata is None
    assert panel.error is not None
    assert panel.error["status"] == "custom"
    assert panel.error["custom_title"] == "易售后没有回应"
    assert "E-" in panel.error["custom_message"]


async def test_panel_shows_an_old_copy_with_its_age_while_the_crm_is_down(
    bot: WebProcess, slack: StandInSlack, crm: SampleCrm, clock: Clock
) -> None:
    await slack.post_message(link(DOCUMENTED))
    await idle(bot)
    crm.fault = Fault(status=404, body=b"gone")
    clock.advance(600)
    metadata = metadata_in(await panel_of(bot, slack))
    assert "这是 10 分钟前的副本" in everything_in(metadata)
    assert PHONE in everything_in(metadata)


async def test_panel_needs_no_database(start_bot: StartBot, slack: StandInSlack) -> None:
    bot = await start_bot(customer_url_template=TEMPLATE, database_url=NO_DATABASE, database_opens=False)
    assert PHONE in everything_in(metadata_in(await panel_of(bot, slack)))


async def test_database_that_hangs_does_not_outlast_the_trigger(
    bot: WebProcess, slack: StandInSlack, database: str
) -> None:
    """Another process holds its lock: the panel does not wait for it as long as other things may."""
    holder = sqlite3.connect(database.removeprefix("sqlite:///"), isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    try:
        async with asyncio.timeout(TRIGGER_SECONDS):
            await slack.open_flexpane(link(DOCUMENTED), REF)
            await slack.until(lambda: slack.flexpanes[USER])
    finally:
        holder.close()
    assert PHONE in everything_in(metadata_in(slack.flexpanes[USER][0]))


async def test_database_and_crm_that_are_both_slow_cost_no_more_than_one_of_them(
    bot: WebProcess,
    slack: StandInSlack,
    crm: SampleCrm,
    logs: Logs,
    database: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """One after the other they took the trigger id's three seconds: the claim is made while the CRM is asked."""
    monkeypatch.setattr("bot.slack.deduplication.CLAIM_TIMEOUT_SECONDS", 0.01)
    crm.fault = Fault(delay=0.15)
    with closing(sqlite3.connect(database.removeprefix("sqlite:///"), isolation_level=None)) as holder:
        holder.execute("BEGIN IMMEDIATE")
        await slack.open_flexpane(link(DOCUMENTED), REF)
        await slack.until(lambda: slack.flexpanes[USER])
    events = [line["event"] for line in logs.lines()]
    assert events.index("claimed_in_memory_alone") < events.index("customer_lookup")


@pytest.mark.parametrize(
    "refusal",
    [
        pytest.param("expired_trigger_id", id="too late"),
        pytest.param("invalid_arguments", id="another unfurl"),
        pytest.param(PlainTextResponse("", 500), id="HTTP 500"),
        pytest.param(JSONResponse({"ok": False, "error": "ratelimited"}, 429, {"Retry-After": "0"}), id="limited"),
    ],
)
async def test_trigger_is_not_tried_twice(
    bot: WebProcess, slack: StandInSlack, logs: Logs, refusal: Response | str
) -> None:
    """It lives for three seconds: nothing waits on its path."""
    slack.refuse["entity.presentDetails"] = [refusal]
    await slack.open_flexpane(link(DOCUMENTED), REF)
    await idle(bot)
    assert len(slack.asked_for("entity.presentDetails")) == 1
    assert [line["level"] for line in logs.lines("panel_refused")] == ["error"]


async def test_panel_is_for_its_one_reader(bot: WebProcess, slack: StandInSlack) -> None:
    await panel_of(bot, slack)
    assert set(slack.flexpanes) == {USER}
    assert not slack.posts[CHANNEL]
    assert not slack.unfurls
    assert not slack.ephemerals
