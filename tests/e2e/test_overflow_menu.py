"""The menus of cards, end to end: copy and pin on private cards, mutes and their undo on channel cards."""

import asyncio
import re
from collections.abc import Mapping
from typing import Any

import pytest
from starlette.responses import PlainTextResponse

from bot.cards.action_ids import (
    CUSTOMER_MENU,
    CUSTOMER_MUTE,
    CUSTOMER_PICK,
    CUSTOMER_PIN,
    CUSTOMER_REFRESH,
    HOME_UNMUTE,
)
from bot.playground.fake_crm.server import SampleCrm
from bot.playground.fake_slack.server import (
    CHANNEL,
    FOREIGN_CHANNEL,
    MANAGER,
    USER,
    Ephemeral,
    InMessage,
    InView,
    OnUnfurl,
    Place,
    Posted,
    ShownView,
    StandInSlack,
)
from bot.server.http import WebProcess
from bot.slack.message import Message
from tests.conftest import Clock, Logs, StartBot
from tests.support.block_kit import elements_of, texts_of
from tests.support.modals import (  # noqa: F401  # fixtures
    CODE,
    EN,
    GONE,
    ZH,
    Do,
    FormerModal,
    element,
    everything_posted,
    expired,
    hang_fixture,
    home_of,
    hurry_fixture,
    modal_of,
    only_answer,
    sent_fixture,
    text_of,
    values_in,
)
from tests.support.surfaces import CLINIC, DOCUMENTED, FACTORY, NO_DATABASE, UNKNOWN, idle, link

NAME = "胡效鑫1"
REMEMBERED = f"{NAME} · CF00000179"
COPIED = (
    "客户名称: 胡效鑫1\n客户编号: CF00000179\n联系人: 胡效鑫1\n联系电话: 18539622352\n邮箱: 903146517@qq.com\n"
    "固定电话: 0108888888\n详细地址: 东郊森林公园-华北树木园"
)
MUTES = ("mute_day", "mute_channel", "mute_me")


async def choose(
    bot: WebProcess, slack: StandInSlack, value: str, *, user: str = USER, at: Place | None = None
) -> Message:
    """What is said beside the message in whose menu ``user`` chooses."""
    return await only_answer(bot, await slack.choose(CUSTOMER_MENU, value, user=user, at=at or Ephemeral()))


async def details(bot: WebProcess, slack: StandInSlack) -> ShownView:
    await slack.click("customer_details", DOCUMENTED)
    return await modal_of(bot, slack)


async def choose_in_modal(bot: WebProcess, slack: StandInSlack, below: ShownView, value: str) -> ShownView:
    """What comes on top of the modal in whose menu the person chooses."""
    exchange = await slack.choose(CUSTOMER_MENU, value, at=InView(below.view_id))
    modal = await modal_of(bot, slack)
    assert (exchange.status, exchange.shown) == (200, [])
    assert slack.modals[USER] == [below, modal]
    return modal


async def thread_card(bot: WebProcess, slack: StandInSlack, customer_id: str = DOCUMENTED) -> Posted:
    """A channel card in the thread of a message."""
    await slack.post_message(customer_id)
    await idle(bot)
    return slack.posts[CHANNEL][-1]


async def gets_a_card(bot: WebProcess, slack: StandInSlack, clock: Clock, user: str = USER) -> bool:
    """Whether ``user``'s next message with a customer in the channel gets a card."""
    clock.advance(2_000)
    before = len(slack.posts[CHANNEL])
    await slack.post_message(DOCUMENTED, user=user)
    await idle(bot)
    return len(slack.posts[CHANNEL]) > before


# --- Copy as text ----------------------------------------------------------------------------------------------------


async def test_copy_in_a_message_gives_one_plain_block_beside_it(bot: WebProcess, slack: StandInSlack) -> None:
    """To paste anywhere: no mark-up, nothing of money or papers."""
    [card] = (await slack.command(DOCUMENTED)).shown
    assert f"copy {DOCUMENTED}" in [option["value"] for option in element(card, CUSTOMER_MENU)["options"]]
    message = await choose(bot, slack, f"copy {DOCUMENTED}")
    [block] = message.blocks
    assert block["text"]["type"] == "plain_text"
    assert block["text"]["text"].startswith(COPIED)
    assert "91110108339719567A" not in str(message)
    assert not everything_posted(slack)


async def test_copy_in_a_modal_gives_it_on_top(bot: WebProcess, slack: StandInSlack) -> None:
    below = await details(bot, slack)
    modal = await choose_in_modal(bot, slack, below, f"copy {DOCUMENTED}")
    [block] = modal.view["blocks"]
    assert block["text"]["text"].startswith(COPIED)
    assert len(below.history) == 1
    await slack.close(modal.view_id)
    assert slack.modal() is below


async def test_copy_asks_the_crm_nothing_that_it_has_said_just_now(
    bot: WebProcess, slack: StandInSlack, crm: SampleCrm
) -> None:
    await slack.command(DOCUMENTED)
    await choose(bot, slack, f"copy {DOCUMENTED}")
    assert crm.asked["GetCustomer"] == 1


async def test_copy_has_the_labels_of_its_reader(bot: WebProcess, slack: StandInSlack) -> None:
    message = await choose(bot, slack, f"copy {DOCUMENTED}", user=MANAGER)
    assert "Customer: 胡效鑫1\nCustomer number: CF00000179" in texts_of(message)[-1]


async def test_copy_without_the_crm_says_why_and_offers_retry(
    bot: WebProcess, slack: StandInSlack, crm: SampleCrm
) -> None:
    crm.fault = GONE
    message = await choose(bot, slack, f"copy {DOCUMENTED}")
    assert CODE.search(str(message.blocks))
    retry = element(message, CUSTOMER_REFRESH)
    crm.fault = None
    assert (await only_answer(bot, await slack.click(CUSTOMER_REFRESH, retry["value"]))).text == f"{NAME}  CF00000179"


async def test_copy_in_a_modal_without_the_crm_says_why_and_offers_retry(
    bot: WebProcess, slack: StandInSlack, crm: SampleCrm, clock: Clock
) -> None:
    below = await details(bot, slack)
    crm.fault = GONE
    clock.advance(100_000)
    modal = await choose_in_modal(bot, slack, below, f"copy {DOCUMENTED}")
    assert CODE.search(text_of(modal))
    crm.fault = None
    await slack.click(CUSTOMER_REFRESH, element(modal, CUSTOMER_REFRESH)["value"], at=InView(modal.view_id))
    assert NAME in text_of(await modal_of(bot, slack))


async def test_copy_in_a_modal_waits_with_a_waiting_line(
    bot: WebProcess, slack: StandInSlack, crm: SampleCrm, clock: Clock, hang: Do
) -> None:
    below = await details(bot, slack)
    hang()
    clock.advance(600)
    exchange = await slack.choose(CUSTOMER_MENU, f"copy {DOCUMENTED}", at=InView(below.view_id))
    assert exchange.status == 200
    await slack.until(lambda: len(slack.modals[USER]) == 2)
    assert ZH.modal.loading in text_of(slack.modals[USER][1])
    crm.release()
    assert COPIED in text_of(await modal_of(bot, slack))


async def test_copy_of_a_customer_that_is_gone_says_so(bot: WebProcess, slack: StandInSlack) -> None:
    assert (await choose(bot, slack, f"copy {UNKNOWN}")).text.startswith(ZH.search.not_found["id"])


# --- Pin -------------------------------------------------------------------------------------------------------------


async def test_pin_is_a_toggle_that_says_which(bot: WebProcess, slack: StandInSlack) -> None:
    """What is pinned stands on the person's own Home, and on nobody else's."""
    pinned = await choose(bot, slack, f"pin {DOCUMENTED}")
    assert pinned.text == ZH.pinned(f"*{REMEMBERED}*")
    assert values_in(await home_of(bot, slack), CUSTOMER_PICK) == [DOCUMENTED]
    assert values_in(await home_of(bot, slack, MANAGER), CUSTOMER_PICK) == []
    unpinned = await choose(bot, slack, f"pin {DOCUMENTED}")
    assert unpinned.text == ZH.unpinned(f"*{REMEMBERED}*")
    assert values_in(await home_of(bot, slack), CUSTOMER_PICK) == []


async def test_pin_in_a_modal_says_so_on_top(bot: WebProcess, slack: StandInSlack) -> None:
    below = await details(bot, slack)
    modal = await choose_in_modal(bot, slack, below, f"pin {DOCUMENTED}")
    assert ZH.pinned(f"*{REMEMBERED}*") in text_of(modal)
    await slack.close(modal.view_id)
    modal = await choose_in_modal(bot, slack, below, f"pin {DOCUMENTED}")
    assert ZH.unpinned(f"*{REMEMBERED}*") in text_of(modal)


async def test_pin_as_a_button_of_its_own_toggles_too(bot: WebProcess, slack: StandInSlack) -> None:
    message = await only_answer(bot, await slack.click(CUSTOMER_PIN, DOCUMENTED))
    assert message.text == ZH.pinned(f"*{REMEMBERED}*")


async def test_pin_needs_no_crm(bot: WebProcess, slack: StandInSlack, crm: SampleCrm, clock: Clock) -> None:
    """The name is that of the last copy, however old."""
    await slack.command(DOCUMENTED)
    crm.fault = GONE
    clock.advance(600)
    assert (await choose(bot, slack, f"pin {DOCUMENTED}")).text == ZH.pinned(f"*{REMEMBERED}*")
    assert NAME in text_of(await home_of(bot, slack))


async def test_pin_whose_name_was_not_known_gets_it_later(bot: WebProcess, slack: StandInSlack, crm: SampleCrm) -> None:
    """Of a customer that nobody has a copy of while the CRM is down, the id is pinned."""
    crm.fault = GONE
    assert (await choose(bot, slack, f"pin {DOCUMENTED}")).text == ZH.pinned(f"*{DOCUMENTED}*")
    crm.fault = None
    await slack.command(DOCUMENTED)
    await idle(bot)
    assert NAME in text_of(await home_of(bot, slack))


async def test_customer_that_is_gone_can_be_unpinned(bot: WebProcess, slack: StandInSlack, crm: SampleCrm) -> None:
    await choose(bot, slack, f"pin {DOCUMENTED}")
    del crm.customers[DOCUMENTED]
    await only_answer(bot, await slack.click(CUSTOMER_REFRESH, DOCUMENTED))
    await choose(bot, slack, f"pin {DOCUMENTED}")
    assert values_in(await home_of(bot, slack), CUSTOMER_PICK) == []


async def test_what_is_no_customer_cannot_be_pinned(bot: WebProcess, slack: StandInSlack, crm: SampleCrm) -> None:
    """Of a button of another version: there is an answer, the CRM is not asked, and Home stays as it was."""
    for value in ("", "nonsense", f"{DOCUMENTED} {CLINIC}", None):
        message = await only_answer(bot, await slack.click(CUSTOMER_PIN, value))
        assert not message.text.startswith(":pushpin:"), value
    assert not crm.asked["GetCustomer"]
    assert values_in(await home_of(bot, slack), CUSTOMER_PICK) == []


async def test_two_rapid_clicks_on_pin_say_each_what_they_did(bot: WebProcess, slack: StandInSlack) -> None:
    exchanges = await asyncio.gather(*(slack.choose(CUSTOMER_MENU, f"pin {DOCUMENTED}") for _ in range(2)))
    said = {(await only_answer(bot, exchange)).text for exchange in exchanges}
    assert said == {ZH.pinned(f"*{REMEMBERED}*"), ZH.unpinned(f"*{REMEMBERED}*")}
    assert values_in(await home_of(bot, slack), CUSTOMER_PICK) == []


async def test_phone_in_a_name_is_masked_where_the_name_is_kept(
    bot: WebProcess, slack: StandInSlack, crm: SampleCrm
) -> None:
    crm.customers[DOCUMENTED] = [{"ShowType": 0, "Key": "客户名称", "Value": "胡先生18539622352"}]
    assert "18539622352" not in (await choose(bot, slack, f"pin {DOCUMENTED}")).text
    assert "18539622352" not in text_of(await home_of(bot, slack))


# --- Mutes -----------------------------------------------------------------------------------------------------------


SAID = {
    "mute_day": r"在 <!date\^1700086400\^.*> 之前，<#C0GENERAL> 里任何人的消息和链接都不再自动带出客户卡片。.*",
    "mute_channel": r"从现在起，<#C0GENERAL> 里任何人的消息和链接都不再自动带出客户卡片。.*",
    "mute_me": r"从现在起，你发的消息和链接在任何频道都不再自动带出客户卡片。.*",
}
"""Whose cards stay away, where, and until when."""


@pytest.mark.parametrize("choice", MUTES)
async def test_mute_says_whose_cards_stay_away_and_undo_brings_them_back(
    bot: WebProcess, slack: StandInSlack, clock: Clock, choice: str
) -> None:
    """The card itself stays, and so do look-ups. Nobody else gets a message."""
    posted = await thread_card(bot, slack)
    message = await choose(bot, slack, choice, at=InMessage(posted))
    assert re.fullmatch(f":no_bell: {SAID[choice]}", message.text)
    assert not await gets_a_card(bot, slack, clock)
    assert await gets_a_card(bot, slack, clock, MANAGER) is (choice == "mute_me")
    assert (await slack.command(DOCUMENTED)).shown[0].text == f"{NAME}  CF00000179"
    undo = element(message, CUSTOMER_MUTE)
    undone = await only_answer(bot, await slack.click(CUSTOMER_MUTE, undo["value"]))
    assert undone.text in (
        f":bell: {ZH.automatic_cards.unmuted_channel('<#C0GENERAL>')}",
        f":bell: {ZH.automatic_cards.unmuted_person}",
    )
    assert elements_of(undone.blocks) == []
    assert await gets_a_card(bot, slack, clock)
    assert not slack.ephemerals


async def test_mute_speaks_its_readers_language(bot: WebProcess, slack: StandInSlack) -> None:
    posted = await thread_card(bot, slack)
    message = await choose(bot, slack, "mute_me", user=MANAGER, at=InMessage(posted))
    assert message.text == f":no_bell: {EN.automatic_cards.muted_person}"


async def test_mute_of_one_self_is_nobody_elses(bot: WebProcess, slack: StandInSlack, clock: Clock) -> None:
    posted = await thread_card(bot, slack)
    await choose(bot, slack, "mute_me", user=MANAGER, at=InMessage(posted))
    assert await gets_a_card(bot, slack, clock)
    assert not await gets_a_card(bot, slack, clock, MANAGER)


async def test_pause_ends_by_itself_after_a_day(bot: WebProcess, slack: StandInSlack, clock: Clock) -> None:
    posted = await thread_card(bot, slack)
    await choose(bot, slack, "mute_day", at=InMessage(posted))
    clock.advance(86_400 - 3_000)
    assert not await gets_a_card(bot, slack, clock)
    clock.advance(1_001)
    assert await gets_a_card(bot, slack, clock)


async def test_mute_under_a_link_works_like_one_in_a_thread(bot: WebProcess, slack: StandInSlack, clock: Clock) -> None:
    said = await slack.post_message(link(DOCUMENTED))
    await idle(bot)
    for choice in MUTES:
        message = await choose(bot, slack, choice, at=OnUnfurl(CHANNEL, said.ts, link(DOCUMENTED)))
        assert re.fullmatch(f":no_bell: {SAID[choice]}", re.sub(r"\^[0-9]+\^", "^1700086400^", message.text))
        assert not await gets_a_card(bot, slack, clock)
        await only_answer(bot, await slack.click(CUSTOMER_MUTE, element(message, CUSTOMER_MUTE)["value"]))
        assert await gets_a_card(bot, slack, clock)


async def test_mute_chosen_twice_at_once_is_one_mute(bot: WebProcess, slack: StandInSlack, clock: Clock) -> None:
    """So is an undo. Each click is answered."""
    at = InMessage(await thread_card(bot, slack))
    for choice in MUTES:
        exchanges = await asyncio.gather(*(slack.choose(CUSTOMER_MENU, choice, at=at) for _ in range(2)))
        first, second = [await only_answer(bot, exchange) for exchange in exchanges]
        assert first == second
        assert len(values_in(await home_of(bot, slack), HOME_UNMUTE)) == 1
        undo = element(first, CUSTOMER_MUTE)["value"]
        exchanges = await asyncio.gather(*(slack.click(CUSTOMER_MUTE, undo) for _ in range(2)))
        first, second = [await only_answer(bot, exchange) for exchange in exchanges]
        assert first == second
        assert await gets_a_card(bot, slack, clock)


async def test_later_mute_of_a_channel_replaces_the_earlier(bot: WebProcess, slack: StandInSlack, clock: Clock) -> None:
    at = InMessage(await thread_card(bot, slack))
    await choose(bot, slack, "mute_channel", at=at)
    await choose(bot, slack, "mute_day", at=at, user=MANAGER)
    clock.advance(86_400)
    assert await gets_a_card(bot, slack, clock)


async def test_undo_of_a_channel_works_for_another_user_and_from_elsewhere(
    bot: WebProcess, slack: StandInSlack, clock: Clock
) -> None:
    """Its value says which channel: the notice may be shown in another."""
    at = InMessage(await thread_card(bot, slack))
    undo = element(await choose(bot, slack, "mute_channel", at=at), CUSTOMER_MUTE)["value"]
    await only_answer(bot, await slack.click(CUSTOMER_MUTE, undo, user=MANAGER, at=Ephemeral(FOREIGN_CHANNEL)))
    assert await gets_a_card(bot, slack, clock)


async def test_without_a_database_what_needs_it_says_so(start_bot: StartBot, slack: StandInSlack, logs: Logs) -> None:
    bot = await start_bot(database_url=NO_DATABASE, database_opens=False)
    for choice in (*MUTES, f"pin {DOCUMENTED}"):
        message = await choose(bot, slack, choice)
        assert message.text.startswith(ZH.store)
        assert ZH.store_advice in str(message.blocks)
        assert logs.lines("store_failed")[-1]["code"] in message.text


async def test_without_a_database_undo_says_so_and_copy_goes_on(start_bot: StartBot, slack: StandInSlack) -> None:
    bot = await start_bot(database_url=NO_DATABASE, database_opens=False)
    for value in ("person", f"channel {CHANNEL}"):
        message = await only_answer(bot, await slack.click(CUSTOMER_MUTE, value))
        assert message.text.startswith(ZH.store)
    assert COPIED in str((await choose(bot, slack, f"copy {DOCUMENTED}")).blocks[0]["text"]["text"])


async def test_without_a_database_pin_in_a_modal_says_so(start_bot: StartBot, slack: StandInSlack) -> None:
    bot = await start_bot(database_url=NO_DATABASE, database_opens=False)
    modal = await choose_in_modal(bot, slack, await details(bot, slack), f"pin {DOCUMENTED}")
    assert ZH.store in text_of(modal)


async def test_answers_of_the_menu_stand_beside_the_card_and_are_seen_by_one_person(
    bot: WebProcess, slack: StandInSlack, sent: list[Mapping[str, Any]]
) -> None:
    """A card in a channel is everybody's: what one person chose there neither replaces it nor is shown to others."""
    at = InMessage(await thread_card(bot, slack))
    for choice in MUTES:
        await choose(bot, slack, choice, at=at)
    for choice in (f"copy {DOCUMENTED}", f"pin {DOCUMENTED}", "nonsense"):
        await choose(bot, slack, choice)
    await only_answer(bot, await slack.click(CUSTOMER_MUTE, "person"))
    assert len(sent) == 7
    assert {(answer["response_type"], answer["replace_original"]) for answer in sent} == {("ephemeral", False)}


# --- Links, and the details of one of two links ----------------------------------------------------------------------


async def test_link_in_the_menu_is_acknowledged_and_does_no_more(bot: WebProcess, slack: StandInSlack) -> None:
    """Slack opens the address by itself."""
    [card] = (await slack.command(DOCUMENTED)).shown
    [option] = [option for option in element(card, CUSTOMER_MENU)["options"] if "url" in option]
    assert option["url"] == link(DOCUMENTED)
    await idle(bot)
    slack.calls.clear()
    exchange = await slack.choose(CUSTOMER_MENU, option["value"])
    await idle(bot)
    assert (exchange.status, exchange.shown, slack.calls, slack.modal()) == (200, [], [], None)


async def test_details_in_the_menu_of_a_line_open_for_who_chose_them(bot: WebProcess, slack: StandInSlack) -> None:
    said = await slack.post_message(f"{link(DOCUMENTED)} {link(FACTORY)}")
    await idle(bot)
    at = OnUnfurl(CHANNEL, said.ts, link(FACTORY))
    exchange = await slack.choose(CUSTOMER_MENU, f"details {FACTORY}", user=MANAGER, at=at)
    modal = await modal_of(bot, slack, MANAGER)
    assert exchange.shown == []
    assert "杭州岚峤精密机械有限公司" in text_of(modal)
    assert "138 0000 1001" in text_of(modal)
    assert slack.modal(USER) is None


# --- Other versions, and what Slack refuses --------------------------------------------------------------------------

FORMER = ("", "nonsense", f"export {DOCUMENTED}", "mute_week", DOCUMENTED, " ", "\ud800", "x" * 150)
"""Values such as no option of this version has."""


async def test_choice_of_another_version_gets_an_answer(bot: WebProcess, slack: StandInSlack, crm: SampleCrm) -> None:
    for value in FORMER:
        assert (await choose(bot, slack, value)).text == ZH.outdated, value
    assert not crm.asked


async def test_choice_of_another_version_gets_an_answer_in_a_modal(bot: WebProcess, slack: StandInSlack) -> None:
    below = await details(bot, slack)
    for value in FORMER:
        await slack.choose(CUSTOMER_MENU, value, at=FormerModal(below.view_id))
        modal = await modal_of(bot, slack)
        assert slack.modals[USER] == [below, modal]
        assert ZH.outdated in text_of(modal), value
        await slack.close(modal.view_id)


async def test_undo_of_another_version_gets_an_answer(bot: WebProcess, slack: StandInSlack, clock: Clock) -> None:
    """And undoes nothing."""
    await choose(bot, slack, "mute_channel", at=InMessage(await thread_card(bot, slack)))
    for value in ("", "nonsense", "channel", "channel ", "persons", None):
        assert (await only_answer(bot, await slack.click(CUSTOMER_MUTE, value))).text == ZH.outdated, value
    assert not await gets_a_card(bot, slack, clock)


CHOICES = (f"copy {DOCUMENTED}", f"pin {DOCUMENTED}", "mute_channel")


async def test_answer_whose_blocks_slack_refuses_comes_as_text(bot: WebProcess, slack: StandInSlack) -> None:
    for choice in CHOICES:
        slack.refusals = [PlainTextResponse("invalid_blocks", 400)]
        message = await choose(bot, slack, choice)
        assert message.blocks == []
        assert message.text


async def test_answer_whose_response_url_has_expired_comes_as_an_ephemeral_message_in_the_thread(
    bot: WebProcess, slack: StandInSlack
) -> None:
    """Where the card is that was clicked, and to nobody else."""
    posted = await thread_card(bot, slack)
    for choice in CHOICES:
        slack.refusals = [expired()]
        slack.ephemerals.clear()
        at = InMessage(posted) if choice in MUTES else Ephemeral(CHANNEL, posted.thread_ts)
        exchange = await slack.choose(CUSTOMER_MENU, choice, at=at)
        await idle(bot)
        assert exchange.shown == []
        [(where, [ephemeral])] = slack.ephemerals.items()
        assert where == (CHANNEL, USER)
        assert ephemeral.thread_ts == posted.thread_ts
    assert slack.posts[CHANNEL] == [posted]


async def test_modal_that_slack_does_not_push_is_reported_where_it_was_chosen(
    bot: WebProcess, slack: StandInSlack, logs: Logs
) -> None:
    below = await details(bot, slack)
    slack.refuse["views.push"] = ["exchanged_trigger_id"]
    await slack.choose(CUSTOMER_MENU, f"copy {DOCUMENTED}", at=InView(below.view_id))
    await idle(bot)
    assert len(slack.asked_for("views.push")) == 1
    [line] = logs.lines("view_not_opened")
    shown = [*map(text_of, below.history), *map(str, slack.ephemerals[CHANNEL, USER])]
    assert any(line["code"] in text for text in shown)
