"""Buttons that show a customer, end to end: Details, Refresh in a message and in a modal, one of several, links."""

import asyncio
from collections.abc import Mapping
from typing import Any

import pytest
from starlette.responses import JSONResponse, PlainTextResponse, Response

from bot.cards.action_ids import (
    CUSTOMER_DETAILS,
    CUSTOMER_OPEN,
    CUSTOMER_PICK,
    CUSTOMER_REFRESH,
    CUSTOMER_SHARE,
    FIND_CUSTOMER,
)
from bot.errors import Trouble
from bot.playground.fake_crm.server import FAULTS, Fault, SampleCrm
from bot.playground.fake_slack.server import (
    CHANNEL,
    DIRECT_MESSAGE,
    FOREIGN_CHANNEL,
    MANAGER,
    SHARED_CHANNEL,
    USER,
    Ephemeral,
    InMessage,
    InView,
    Posted,
    ShownView,
    StandInSlack,
)
from bot.server.http import WebProcess
from tests.conftest import Clock, Logs, StartBot
from tests.support.block_kit import elements_of
from tests.support.modals import (  # noqa: F401  # fixtures
    CODE,
    GONE,
    ZH,
    Do,
    FormerModal,
    element,
    everything_posted,
    expired,
    hang_fixture,
    hurry_fixture,
    limited,
    modal_of,
    only_answer,
    renamed,
    says_no_customer,
    sent_fixture,
    text_of,
)
from tests.support.surfaces import CLINIC, DOCUMENTED, NO_DATABASE, TEMPLATE, UNKNOWN, idle, link

NAME = "胡效鑫1"
PHONE = "185 3962 2352"


async def details(bot: WebProcess, slack: StandInSlack, customer_id: str = DOCUMENTED, user: str = USER) -> ShownView:
    """The details of a customer, opened from a private card."""
    assert (await slack.click(CUSTOMER_DETAILS, customer_id, user=user)).status == 200
    return await modal_of(bot, slack, user)


async def thread_card(bot: WebProcess, slack: StandInSlack) -> Posted:
    """A channel card in the thread of a message."""
    await slack.post_message(DOCUMENTED)
    await idle(bot)
    return slack.posts[CHANNEL][-1]


# --- Details ---------------------------------------------------------------------------------------------------------


async def test_details_of_a_private_card_open_in_a_modal(bot: WebProcess, slack: StandInSlack, crm: SampleCrm) -> None:
    """A customer that was looked up before is there at once, and costs the CRM nothing."""
    [card] = (await slack.command(DOCUMENTED)).shown
    exchange = await slack.click(CUSTOMER_DETAILS, element(card, CUSTOMER_DETAILS)["value"])
    modal = await modal_of(bot, slack)
    assert (exchange.status, exchange.shown) == (200, [])
    assert len(modal.history) == 1
    for text in (NAME, "CF00000179", PHONE, "东郊森林公园-华北树木园", ZH.only_you):
        assert text in text_of(modal)
    assert element(modal, CUSTOMER_OPEN)["url"] == link(DOCUMENTED)
    assert crm.asked["GetCustomer"] == 1
    assert not everything_posted(slack)


async def test_details_of_every_sample_customer_are_what_slack_shows(
    bot: WebProcess, slack: StandInSlack, crm: SampleCrm, logs: Logs
) -> None:
    for customer_id in crm.customers:
        modal = await details(bot, slack, customer_id)
        assert element(modal, CUSTOMER_REFRESH)["value"] == customer_id
    assert not logs.lines("view_over_limits")


async def test_details_open_wherever_the_card_is(bot: WebProcess, slack: StandInSlack) -> None:
    """Only the one who clicked sees them."""
    for place in (
        Ephemeral(),
        Ephemeral(FOREIGN_CHANNEL),
        Ephemeral(SHARED_CHANNEL),
        Ephemeral(DIRECT_MESSAGE),
        Ephemeral(CHANNEL, "1700000000.000001"),
    ):
        slack.modals.clear()
        await slack.click(CUSTOMER_DETAILS, DOCUMENTED, at=place)
        assert PHONE in text_of(await modal_of(bot, slack)), place
        assert list(slack.modals) == [USER]
    assert not everything_posted(slack)


async def test_details_of_a_channel_card_are_seen_by_the_user_who_clicked(bot: WebProcess, slack: StandInSlack) -> None:
    """In that person's language. The card stays as it was."""
    posted = await thread_card(bot, slack)
    before = posted.message
    exchange = await slack.click(CUSTOMER_DETAILS, DOCUMENTED, user=MANAGER, at=InMessage(posted))
    modal = await modal_of(bot, slack, MANAGER)
    assert PHONE in text_of(modal)
    assert "Phone" in text_of(modal)
    assert slack.modal(USER) is None
    assert (exchange.shown, slack.posts[CHANNEL]) == ([], [posted])
    assert posted.message == before


async def test_modal_opens_with_a_waiting_line_while_the_crm_is_slow(
    bot: WebProcess, slack: StandInSlack, crm: SampleCrm, hang: Do
) -> None:
    """The click is acknowledged before, and the trigger id is used once, in time."""
    hang()
    assert (await slack.click(CUSTOMER_DETAILS, DOCUMENTED)).status == 200
    modal = await slack.until(slack.modal)
    assert ZH.modal.loading in text_of(modal)
    assert elements_of(modal.view["blocks"]) == []
    crm.release()
    filled = await modal_of(bot, slack)
    assert filled is modal
    assert PHONE in text_of(filled)
    assert len(filled.history) == 2
    assert len(slack.asked_for("views.open")) == 1


async def test_click_is_acknowledged_while_slack_itself_is_slow(bot: WebProcess, slack: StandInSlack) -> None:
    slack.hold = {method: asyncio.Event() for method in ("users.info", "views.open")}
    assert (await slack.click(CUSTOMER_DETAILS, DOCUMENTED)).status == 200
    for held in slack.hold.values():
        held.set()
    assert PHONE in text_of(await modal_of(bot, slack))


async def test_modal_that_was_closed_while_it_loaded_stays_closed(
    bot: WebProcess, slack: StandInSlack, crm: SampleCrm, logs: Logs, hang: Do
) -> None:
    hang()
    exchange = await slack.click(CUSTOMER_DETAILS, DOCUMENTED)
    await slack.close((await slack.until(slack.modal)).view_id)
    crm.release()
    await idle(bot)
    assert slack.modal() is None
    assert exchange.shown == []
    assert [(line["level"], line["reason"]) for line in logs.lines("view_not_filled")] == [("info", "not_found")]


async def test_modal_that_shows_something_newer_keeps_it(
    bot: WebProcess, slack: StandInSlack, crm: SampleCrm, logs: Logs, hang: Do
) -> None:
    """Slack guards it by its hash."""
    hang()
    exchange = await slack.click(CUSTOMER_DETAILS, DOCUMENTED)
    modal = await slack.until(slack.modal)
    modal.hash = "newer"
    crm.release()
    await idle(bot)
    assert len(modal.history) == 1
    assert exchange.shown == []
    assert [(line["level"], line["reason"]) for line in logs.lines("view_not_filled")] == [("info", "hash_conflict")]


async def test_two_rapid_clicks_on_details_leave_one_modal(
    bot: WebProcess, slack: StandInSlack, crm: SampleCrm, logs: Logs
) -> None:
    """And cost one CRM request."""
    crm.fault = Fault(delay=0.15)
    exchanges = await asyncio.gather(*(slack.click(CUSTOMER_DETAILS, DOCUMENTED) for _ in range(2)))
    modal = await modal_of(bot, slack)
    assert [exchange.status for exchange in exchanges] == [200, 200]
    assert [exchange.shown for exchange in exchanges] == [[], []]
    assert slack.modals[USER] == [modal]
    assert PHONE in text_of(modal)
    assert crm.asked["GetCustomer"] == 1
    assert {line["level"] for line in logs.lines("view_not_filled")} <= {"info"}


async def test_details_without_the_crm_say_why_and_retry_brings_them(
    bot: WebProcess, slack: StandInSlack, crm: SampleCrm, clock: Clock, logs: Logs
) -> None:
    """In the same modal. The code is that of the log."""
    for fault, trouble in (
        (GONE, Trouble.NO_ANSWER),
        (FAULTS["html"], Trouble.UNREADABLE),
        (FAULTS["cut"], Trouble.UNREADABLE),
        (FAULTS["refused"], Trouble.REFUSED),
    ):
        crm.fault = fault
        clock.advance(100_000)
        modal = await details(bot, slack)
        assert ZH.trouble[trouble] in text_of(modal)
        [code] = CODE.findall(text_of(modal))
        assert logs.lines("customer_lookup")[-1]["code"] == code
        retry = element(modal, CUSTOMER_REFRESH)
        crm.fault = None
        assert (await slack.click(CUSTOMER_REFRESH, retry["value"], at=InView(modal.view_id))).status == 200
        assert await modal_of(bot, slack) is modal
        assert len(slack.modals[USER]) == 1
        assert PHONE in text_of(modal)


async def test_details_of_an_old_copy_say_how_old_it_is(
    bot: WebProcess, slack: StandInSlack, crm: SampleCrm, clock: Clock
) -> None:
    await slack.command(DOCUMENTED)
    crm.fault = GONE
    clock.advance(600)
    assert "这是 10 分钟前的副本" in text_of(await details(bot, slack))


async def test_details_of_an_unknown_customer_say_so_and_offer_the_input(bot: WebProcess, slack: StandInSlack) -> None:
    modal = await details(bot, slack, UNKNOWN)
    assert ZH.search.not_found["id"] in text_of(modal)
    assert modal.view["callback_id"] == FIND_CUSTOMER


FORMER = (None, "", "nonsense", "\ud800", "x" * 2_000)
"""Values such as no button of this version has."""


@pytest.mark.parametrize("action_id", [CUSTOMER_DETAILS, CUSTOMER_PICK])
async def test_click_on_a_button_of_another_version_gets_an_answer(
    bot: WebProcess, slack: StandInSlack, crm: SampleCrm, action_id: str
) -> None:
    for value in FORMER:
        assert (await slack.click(action_id, value)).status == 200
        assert says_no_customer(text_of(await modal_of(bot, slack))), value
    assert len(slack.asked_for("views.open")) == len(FORMER)
    assert not crm.asked["GetCustomer"]


async def test_without_a_database_details_and_refresh_go_on(start_bot: StartBot, slack: StandInSlack) -> None:
    bot = await start_bot(customer_url_template=TEMPLATE, database_url=NO_DATABASE, database_opens=False)
    modal = await details(bot, slack)
    assert PHONE in text_of(modal)
    await slack.click(CUSTOMER_REFRESH, DOCUMENTED, at=InView(modal.view_id))
    assert PHONE in text_of(await modal_of(bot, slack))
    card = await only_answer(bot, await slack.click(CUSTOMER_REFRESH, DOCUMENTED))
    assert card.text == f"{NAME}  CF00000179"


async def test_access_log_says_who_saw_the_details(bot: WebProcess, slack: StandInSlack, logs: Logs) -> None:
    await details(bot, slack)
    [line] = logs.lines("customer_lookup")
    assert {name: line[name] for name in ("team", "user", "channel", "surface", "customer_id", "outcome")} == {
        "team": "T0PLAY",
        "user": USER,
        "channel": CHANNEL,
        "surface": "button",
        "customer_id": DOCUMENTED,
        "outcome": "found",
    }


# --- What Slack refuses ----------------------------------------------------------------------------------------------


async def test_view_that_slack_refuses_goes_without_its_pictures_and_then_as_text(
    bot: WebProcess, slack: StandInSlack, logs: Logs
) -> None:
    """A picture that Slack cannot fetch costs the picture, and nothing else."""
    assert "image" in [block["type"] for block in (await details(bot, slack, CLINIC)).view["blocks"]]
    for word in ("invalid_arguments", "invalid_blocks", "view_too_large"):
        slack.refuse["views.open"] = [word]
        bare = await details(bot, slack, CLINIC)
        assert "image" not in [block["type"] for block in bare.view["blocks"]]
        assert ZH.customer.pictures in text_of(bare)
        slack.refuse["views.open"] = [word, word]
        plain = await details(bot, slack, CLINIC)
        assert [block["type"] for block in plain.view["blocks"]] == ["section"]
        assert "成都屿禾康复诊所" in text_of(plain)
        assert "138 0000 1002" in text_of(plain)
        assert [line["reason"] for line in logs.lines("blocks_refused")[-3:]] == [word] * 3


async def test_view_that_slack_refuses_to_fill_goes_as_text(
    bot: WebProcess, slack: StandInSlack, crm: SampleCrm, hang: Do
) -> None:
    hang()
    await slack.click(CUSTOMER_DETAILS, DOCUMENTED)
    await slack.until(slack.modal)
    slack.refuse["views.update"] = ["invalid_blocks", "invalid_blocks"]
    crm.release()
    modal = await modal_of(bot, slack)
    assert NAME in text_of(modal)
    assert [block["type"] for block in modal.view["blocks"]] == ["section"]


async def test_modal_that_does_not_open_is_reported_in_a_message(
    bot: WebProcess, slack: StandInSlack, logs: Logs
) -> None:
    """At once: a trigger id lives for three seconds, so nothing is sent with it again."""
    refusals: tuple[Response | str, ...] = (
        "expired_trigger_id",
        "exchanged_trigger_id",
        "internal_error",
        limited("30"),
        PlainTextResponse("oops", 500),
        PlainTextResponse("<html>"),
    )
    for count, refusal in enumerate(refusals, start=1):
        slack.refuse["views.open"] = [refusal]
        message = await only_answer(bot, await slack.click(CUSTOMER_DETAILS, DOCUMENTED))
        assert logs.lines("view_not_opened")[-1]["code"] in str(message.blocks)
        assert NAME not in str(message)
        assert len(slack.asked_for("views.open")) == count
    assert slack.modal() is None


async def test_missing_waiting_line_is_reported_in_a_message(
    bot: WebProcess, slack: StandInSlack, crm: SampleCrm, hang: Do
) -> None:
    """And nothing follows when the answer is there."""
    hang()
    slack.refuse["views.open"] = ["expired_trigger_id"]
    exchange = await slack.click(CUSTOMER_DETAILS, DOCUMENTED)
    await exchange.answers(1)
    crm.release()
    assert ZH.trouble_advice[next(t for t in ZH.trouble if t == "internal")] in str(await only_answer(bot, exchange))
    assert not slack.asked_for("views.update")


async def test_modal_that_does_not_open_on_top_of_a_modal_is_reported_there(
    bot: WebProcess, slack: StandInSlack, logs: Logs
) -> None:
    """There is no message that could be answered: the modal itself says it."""
    modal = await details(bot, slack)
    slack.refuse["views.push"] = ["expired_trigger_id"]
    await slack.click(CUSTOMER_SHARE, DOCUMENTED, at=InView(modal.view_id))
    await idle(bot)
    [line] = logs.lines("view_not_opened")
    shown = [*(text_of(view) for view in modal.history), *(str(one) for one in slack.ephemerals[CHANNEL, USER])]
    assert any(line["code"] in text for text in shown)


@pytest.mark.parametrize("refusal", [limited(), PlainTextResponse("", 503)], ids=["limited", "broken"])
async def test_filling_a_modal_is_tried_again(
    bot: WebProcess, slack: StandInSlack, crm: SampleCrm, refusal: Response, hang: Do
) -> None:
    """After Retry-After: a view that is open has no trigger id that expires."""
    hang()
    slack.refuse["views.update"] = [refusal, refusal]
    await slack.click(CUSTOMER_DETAILS, DOCUMENTED)
    await slack.until(slack.modal)
    crm.release()
    assert PHONE in text_of(await modal_of(bot, slack))
    assert len(slack.asked_for("views.update")) == 3


@pytest.mark.parametrize(
    "refusal",
    [JSONResponse({"ok": False, "error": "internal_error"}), PlainTextResponse("", 503)],
    ids=["refused", "broken"],
)
async def test_waiting_line_that_slack_does_not_let_be_filled_is_not_the_last_word(
    bot: WebProcess, slack: StandInSlack, crm: SampleCrm, refusal: Response, hang: Do
) -> None:
    """A spinner that stays is no answer: the user gets a message."""
    hang()
    exchange = await slack.click(CUSTOMER_DETAILS, DOCUMENTED)
    await slack.until(slack.modal)
    slack.refuse["views.update"] = [refusal] * 9
    crm.release()
    assert CODE.search(str(await only_answer(bot, exchange)))


# --- Refresh in a message --------------------------------------------------------------------------------------------


async def test_card_whose_response_url_has_expired_comes_as_an_ephemeral_message(
    bot: WebProcess, slack: StandInSlack
) -> None:
    for gone in (expired(), PlainTextResponse("used_url", 404), PlainTextResponse("", 410)):
        slack.refusals = [gone]
        slack.ephemerals.clear()
        exchange = await slack.click(CUSTOMER_REFRESH, DOCUMENTED)
        await idle(bot)
        assert (exchange.status, exchange.shown) == (200, [])
        [ephemeral] = slack.ephemerals[CHANNEL, USER]
        assert ephemeral.message.text == f"{NAME}  CF00000179"
        assert ephemeral.message.blocks
    assert not slack.posts[CHANNEL]


async def test_ephemeral_message_goes_into_the_thread_in_which_was_clicked(
    bot: WebProcess, slack: StandInSlack
) -> None:
    said = await slack.post_message("有人在吗")
    slack.refusals = [expired()]
    await slack.click(CUSTOMER_REFRESH, DOCUMENTED, at=Ephemeral(CHANNEL, said.ts))
    await idle(bot)
    [ephemeral] = slack.ephemerals[CHANNEL, USER]
    assert ephemeral.thread_ts == said.ts


async def test_answer_that_slack_takes_in_no_way_is_logged(bot: WebProcess, slack: StandInSlack, logs: Logs) -> None:
    """The bot is not in that channel, so it cannot send an ephemeral message there either."""
    slack.refusals = [expired()]
    exchange = await slack.click(CUSTOMER_REFRESH, DOCUMENTED, at=Ephemeral(FOREIGN_CHANNEL))
    await idle(bot)
    assert exchange.shown == []
    assert [line["reason"] for line in logs.lines("answer_not_delivered")] == ["not_in_channel"]
    assert not everything_posted(slack)


async def test_card_whose_blocks_slack_refuses_comes_as_text(bot: WebProcess, slack: StandInSlack) -> None:
    for word in ("invalid_blocks", "msg_blocks_too_long", "invalid_blocks_format"):
        slack.refusals = [PlainTextResponse(word, 400)]
        message = await only_answer(bot, await slack.click(CUSTOMER_REFRESH, DOCUMENTED))
        assert message == (f"{NAME}  CF00000179", [])


async def test_card_that_is_limited_is_sent_again(bot: WebProcess, slack: StandInSlack) -> None:
    slack.refusals = [PlainTextResponse("", 429, {"Retry-After": "0"}), PlainTextResponse("", 503)]
    message = await only_answer(bot, await slack.click(CUSTOMER_REFRESH, DOCUMENTED))
    assert message.text == f"{NAME}  CF00000179"


async def test_refresh_replaces_the_card_that_one_person_sees(
    bot: WebProcess, slack: StandInSlack, sent: list[Mapping[str, Any]]
) -> None:
    await only_answer(bot, await slack.click(CUSTOMER_REFRESH, DOCUMENTED))
    assert [(answer["response_type"], answer["replace_original"]) for answer in sent] == [("ephemeral", True)]


async def test_who_gets_no_modal_keeps_the_card(
    bot: WebProcess, slack: StandInSlack, sent: list[Mapping[str, Any]]
) -> None:
    """In a channel it is everybody's, and what went wrong is one person's."""
    at = InMessage(await thread_card(bot, slack))
    slack.refuse["views.open"] = ["expired_trigger_id"]
    await only_answer(bot, await slack.click(CUSTOMER_DETAILS, DOCUMENTED, at=at))
    assert [(answer["response_type"], answer["replace_original"]) for answer in sent] == [("ephemeral", False)]


async def test_refresh_is_acknowledged_before_the_crm_answers(
    bot: WebProcess, slack: StandInSlack, crm: SampleCrm, hang: Do
) -> None:
    hang()
    exchange = await slack.click(CUSTOMER_REFRESH, DOCUMENTED)
    assert (exchange.status, exchange.shown) == (200, [])
    crm.release()
    assert (await only_answer(bot, exchange)).text == f"{NAME}  CF00000179"


# --- Refresh in a modal ----------------------------------------------------------------------------------------------


async def test_refresh_in_a_modal_asks_past_the_cache_and_replaces_what_it_shows(
    bot: WebProcess, slack: StandInSlack, crm: SampleCrm
) -> None:
    modal = await details(bot, slack)
    crm.customers[DOCUMENTED] = renamed(crm.customers[DOCUMENTED], "新名字")
    exchange = await slack.click(CUSTOMER_REFRESH, DOCUMENTED, at=InView(modal.view_id))
    assert (await modal_of(bot, slack)) is modal
    assert (exchange.status, exchange.shown) == (200, [])
    assert "新名字" in text_of(modal)
    assert NAME not in modal.view["blocks"][0]["text"]["text"]
    assert slack.modals[USER] == [modal]
    assert len(modal.history) == 2


async def test_refresh_in_a_modal_with_the_crm_down_shows_the_copy_and_its_age(
    bot: WebProcess, slack: StandInSlack, crm: SampleCrm, clock: Clock
) -> None:
    modal = await details(bot, slack)
    clock.advance(120)
    crm.fault = GONE
    await slack.click(CUSTOMER_REFRESH, DOCUMENTED, at=InView(modal.view_id))
    await modal_of(bot, slack)
    assert "易售后没有回应；这是 2 分钟前的副本" in text_of(modal)
    assert PHONE in text_of(modal)


async def test_refresh_in_a_modal_is_acknowledged_before_the_crm_answers(
    bot: WebProcess, slack: StandInSlack, crm: SampleCrm, hang: Do
) -> None:
    """Meanwhile the modal keeps what it shows."""
    modal = await details(bot, slack)
    hang()
    assert (await slack.click(CUSTOMER_REFRESH, DOCUMENTED, at=InView(modal.view_id))).status == 200
    assert PHONE in text_of(modal)
    crm.release()
    await modal_of(bot, slack)
    assert len(modal.history) == 2


async def test_refresh_of_a_modal_that_was_closed_opens_nothing(
    bot: WebProcess, slack: StandInSlack, crm: SampleCrm, logs: Logs, hang: Do
) -> None:
    modal = await details(bot, slack)
    hang()
    await slack.click(CUSTOMER_REFRESH, DOCUMENTED, at=InView(modal.view_id))
    await slack.close(modal.view_id)
    crm.release()
    await idle(bot)
    assert slack.modal() is None
    assert [line["level"] for line in logs.lines("view_not_filled")] == ["info"]


async def test_two_rapid_clicks_on_refresh_replace_the_modal_once(
    bot: WebProcess, slack: StandInSlack, crm: SampleCrm, logs: Logs
) -> None:
    """The second comes too late for what the first has shown, and both cost one CRM request."""
    modal = await details(bot, slack)
    crm.fault = Fault(delay=0.05)
    at = InView(modal.view_id)
    await asyncio.gather(*(slack.click(CUSTOMER_REFRESH, DOCUMENTED, at=at) for _ in range(2)))
    await modal_of(bot, slack)
    assert len(modal.history) == 2
    assert PHONE in text_of(modal)
    assert crm.asked["GetCustomer"] == 2
    assert [line["level"] for line in logs.lines("view_not_filled")] == ["info"]


async def test_refresh_in_a_modal_of_another_version_gets_an_answer(bot: WebProcess, slack: StandInSlack) -> None:
    for value in FORMER:
        modal = await details(bot, slack)
        assert (await slack.click(CUSTOMER_REFRESH, value, at=FormerModal(modal.view_id))).status == 200
        await modal_of(bot, slack)
        assert says_no_customer(text_of(modal)), value


# --- One of several, and links ---------------------------------------------------------------------------------------


async def test_customer_that_was_picked_opens_on_top_of_the_list(bot: WebProcess, slack: StandInSlack) -> None:
    """Closing it leads back to the list."""
    await slack.command(DOCUMENTED)
    await idle(bot)
    await slack.global_shortcut(FIND_CUSTOMER)
    below = await modal_of(bot, slack)
    assert (await slack.click(CUSTOMER_PICK, DOCUMENTED, at=InView(below.view_id))).status == 200
    modal = await modal_of(bot, slack)
    assert slack.modals[USER] == [below, modal]
    assert PHONE in text_of(modal)
    await slack.close(modal.view_id)
    assert slack.modal() is below


async def test_link_button_is_acknowledged_and_does_no_more(bot: WebProcess, slack: StandInSlack) -> None:
    """Slack opens the address by itself, and shows a warning where nobody acknowledges."""
    modal = await details(bot, slack)
    slack.calls.clear()
    exchange = await slack.click(CUSTOMER_OPEN, None, at=InView(modal.view_id))
    await idle(bot)
    assert (exchange.status, exchange.shown, slack.calls) == (200, [], [])


async def test_without_a_template_there_is_no_link(start_bot: StartBot, slack: StandInSlack) -> None:
    bot = await start_bot()
    modal = await details(bot, slack)
    assert CUSTOMER_OPEN not in [one["action_id"] for one in elements_of(modal.view["blocks"])]
