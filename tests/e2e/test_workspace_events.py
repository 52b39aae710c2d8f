"""What Slack says has changed, end to end: people and shared channels are asked about again."""

import asyncio
from typing import Any

import pytest
from starlette.responses import JSONResponse

from bot.locales import texts_in
from bot.playground.fake_crm.server import Fault, SampleCrm
from bot.playground.fake_slack.server import CHANNEL, FOREIGN_CHANNEL, USER, StandInSlack
from bot.server.http import WebProcess
from tests.conftest import Clock, Logs, StartBot
from tests.processes.test_sync_processes import becomes
from tests.support.surfaces import DOCUMENTED, FACTORY, TEMPLATE, idle, link, refusal_in

ZH = texts_in("zh")
REF = {"id": DOCUMENTED, "type": "customer"}


async def language_of(slack: StandInSlack) -> str:
    [message] = await (await slack.command("help")).answers(1)
    return "en" if "Look up" in message.text else "zh"


async def is_unfurled(bot: WebProcess, slack: StandInSlack, channel: str = CHANNEL) -> bool:
    said = await slack.post_message(link(DOCUMENTED), channel=channel)
    await idle(bot)
    return bool(slack.unfurls[said.ts])


# --- People ---------------------------------------------------------------------------------------------------------


async def test_person_is_asked_about_once_an_hour(bot: WebProcess, slack: StandInSlack, clock: Clock) -> None:
    assert await language_of(slack) == "zh"
    slack.people[USER].locale = "en-US"
    clock.advance(3_599)
    assert await language_of(slack) == "zh"
    clock.advance(2)
    assert await language_of(slack) == "en"
    assert len(slack.asked_for("users.info")) == 2


async def test_person_who_changed_is_asked_about_again(bot: WebProcess, slack: StandInSlack) -> None:
    assert await language_of(slack) == "zh"
    slack.people[USER].locale = "en-US"
    assert (await slack.user_change(USER)).status == 200
    assert await language_of(slack) == "en"


async def test_change_of_another_user_changes_nothing(bot: WebProcess, slack: StandInSlack) -> None:
    await language_of(slack)
    await slack.user_change("U0MANAGER")
    await language_of(slack)
    assert len(slack.asked_for("users.info")) == 1


async def test_person_who_left_the_company_sees_nothing_more(bot: WebProcess, slack: StandInSlack) -> None:
    await slack.open_flexpane(link(DOCUMENTED), REF)
    await idle(bot)
    slack.people[USER].deleted = True
    await slack.user_change(USER)
    await slack.open_flexpane(link(DOCUMENTED), REF)
    await idle(bot)
    [before, after] = slack.flexpanes[USER]
    assert before.metadata is not None
    assert refusal_in(after) == ZH.denied["deactivated"]


async def test_answer_that_was_on_its_way_while_a_person_changed_is_not_kept(
    bot: WebProcess, slack: StandInSlack
) -> None:
    """What Slack said before the change may be wrong for an hour otherwise."""
    before = {"ok": True, "user": {**slack.people[USER].as_json(), "locale": "zh-CN"}}
    slack.refuse["users.info"] = [JSONResponse(before)]
    release = slack.hold["users.info"] = asyncio.Event()
    opening = asyncio.create_task(slack.open_flexpane(link(DOCUMENTED), REF))
    await slack.until(lambda: slack.asked_for("users.info"))
    slack.people[USER].deleted = True
    await slack.user_change(USER)
    release.set()
    await opening
    await idle(bot)
    slack.flexpanes[USER].clear()
    await slack.open_flexpane(link(DOCUMENTED), REF)
    await idle(bot)
    assert [refusal_in(panel) for panel in slack.flexpanes[USER]] == [ZH.denied["deactivated"]]


# --- Channels -------------------------------------------------------------------------------------------------------


async def test_channel_that_is_shared_gets_no_more_cards_and_again_when_it_is_not(
    bot: WebProcess, slack: StandInSlack
) -> None:
    assert await is_unfurled(bot, slack)
    assert (await slack.channel_shared(CHANNEL)).status == 200
    assert not await is_unfurled(bot, slack)
    assert (await slack.channel_unshared(CHANNEL)).status == 200
    assert await is_unfurled(bot, slack)


async def test_thread_cards_end_with_it_too(bot: WebProcess, slack: StandInSlack) -> None:
    await slack.post_message(DOCUMENTED)
    await idle(bot)
    await slack.channel_shared(CHANNEL)
    await slack.post_message(FACTORY)
    await idle(bot)
    assert len(slack.posts[CHANNEL]) == 1


async def test_sharing_one_channel_changes_no_other(bot: WebProcess, slack: StandInSlack) -> None:
    assert await is_unfurled(bot, slack)
    await slack.channel_shared(FOREIGN_CHANNEL)
    assert await is_unfurled(bot, slack)
    assert len(slack.asked_for("conversations.info")) == 1


async def test_answer_that_was_on_its_way_while_a_channel_was_shared_is_not_kept(
    bot: WebProcess, slack: StandInSlack
) -> None:
    """Or customers would be shown to others for five minutes."""
    before = {"ok": True, "channel": slack.channels[CHANNEL].as_json()}
    slack.refuse["conversations.info"] = [JSONResponse(before)]
    release = slack.hold["conversations.info"] = asyncio.Event()
    posting = asyncio.create_task(slack.post_message(link(FACTORY)))
    await slack.until(lambda: slack.asked_for("conversations.info"))
    await slack.channel_shared(CHANNEL)
    release.set()
    await posting
    await idle(bot)
    assert not await is_unfurled(bot, slack)


async def test_channel_that_is_shared_while_the_crm_is_asked_gets_no_card(
    bot: WebProcess, slack: StandInSlack, crm: SampleCrm, logs: Logs
) -> None:
    """It was internal when the message came. The access log has no card."""
    crm.faults = {"GetCustomer": Fault(hang=True)}
    said = await slack.post_message(f"{link(DOCUMENTED)} {FACTORY}")
    await becomes(lambda: crm.asked["GetCustomer"] == 2)
    await slack.channel_shared(CHANNEL)
    crm.faults = {}
    crm.release()
    await idle(bot)
    assert not slack.unfurls[said.ts]
    assert not slack.posts[CHANNEL]
    assert [line["outcome"] for line in logs.lines("customer_lookup")] == ["denied"] * 2


async def test_change_that_another_process_received_invalidates_here(
    start_bot: StartBot, slack: StandInSlack, logs: Logs, monkeypatch: pytest.MonkeyPatch
) -> None:
    """This one has asked Slack before, and is answered afterwards: nothing is posted now, and nothing later."""
    monkeypatch.setattr("bot.app.POLL_SECONDS", 0.01)
    await start_bot(customer_url_template=TEMPLATE)
    address = slack.bot_address
    asking = await start_bot(customer_url_template=TEMPLATE)
    asking_at = slack.bot_address
    slack.refuse["conversations.info"] = [JSONResponse({"ok": True, "channel": slack.channels[CHANNEL].as_json()})]
    release = slack.hold["conversations.info"] = asyncio.Event()
    said = await slack.post_message(link(FACTORY))
    await slack.until(lambda: slack.asked_for("conversations.info"))
    slack.bot_address = address
    await slack.channel_shared(CHANNEL)
    await slack.until(lambda: len(logs.lines("change_forgotten")) == 3)  # when it is heard, and in each of the two
    slack.bot_address = asking_at
    release.set()
    await idle(asking)
    assert not slack.unfurls[said.ts]
    assert not await is_unfurled(asking, slack)


async def test_odd_changes_are_answered(bot: WebProcess, slack: StandInSlack, logs: Logs) -> None:
    strange: tuple[Any, ...] = (None, "", "nobody", {}, {"id": None}, {"id": "U0"})
    for event_type in ("user_change", "channel_shared", "channel_unshared"):
        for about in strange:
            assert (await slack.event({"type": event_type, "user": about, "channel": about})).status == 200
    await idle(bot)
    assert not [line for line in logs.lines() if "exception" in line]
