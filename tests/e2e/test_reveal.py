"""Reveal, end to end: what is masked in the details, for the user who clicks, counted, logged, and soon gone."""

import sqlite3
from contextlib import closing
from typing import Any, Final

import pytest

from bot.cards.action_ids import (
    CUSTOMER_DETAILS,
    CUSTOMER_MENU,
    CUSTOMER_REFRESH,
    CUSTOMER_REVEAL,
    CUSTOMER_SHARE,
    CUSTOMER_TAB_CONTACTS,
    CUSTOMER_TAB_PROFILE,
)
from bot.cards.channel_card import channel_card, channel_line
from bot.cards.copy_card import copy_card
from bot.cards.profile_card import private_card
from bot.cards.work_objects import flexpane_entity, unfurl_entity
from bot.domain.inquiry import Audience
from bot.domain.results import Found
from bot.errors import Trouble
from bot.playground.fake_crm.server import Fault, SampleCrm
from bot.playground.fake_slack.server import CHANNEL, GUEST, MANAGER, USER, Ephemeral, InView, ShownView, StandInSlack
from bot.server.http import WebProcess
from bot.slack.view_state import state_in
from tests.conftest import Clock, Logs, StartBot
from tests.support.modals import (  # noqa: F401  # a fixture among them
    CODE,
    EN,
    GONE,
    ZH,
    Do,
    FormerModal,
    chosen,
    everything_posted,
    hurry_fixture,
    modal_of,
    renamed,
    text_of,
    values_in,
)
from tests.support.results import sample
from tests.support.surfaces import FACTORY, UNKNOWN, digits_in, everything_in, idle

TAX_ID: Final = "91330106MA00020178"
ACCOUNT: Final = "6222000000000002018"
IN_TEXT: Final = "6222021234567890128"
"""An account in a remark."""
SECRETS: Final = (TAX_ID, ACCOUNT, IN_TEXT)
PLAIN_CUSTOMER: Final = "00000000-2222-4333-8444-555555555555"
"""A customer with nothing to reveal."""


@pytest.fixture(autouse=True)
def _customers(crm: SampleCrm) -> None:
    [remark] = [row for row in crm.customers[FACTORY] if row["Key"] == "备注"]
    remark["Value"] = f"退款账号 {IN_TEXT}，谢谢"
    names = {"客户名称": "测试客户", "客户编号": "CF00000999", "联系电话": "13800001099"}
    crm.customers[PLAIN_CUSTOMER] = [{"Key": key, "Value": value, "ShowType": 0} for key, value in names.items()]


async def details(bot: WebProcess, slack: StandInSlack, customer_id: str = FACTORY, user: str = USER) -> ShownView:
    assert (await slack.click(CUSTOMER_DETAILS, customer_id, user=user, at=Ephemeral(CHANNEL))).status == 200
    return await modal_of(bot, slack, user)


async def click(
    bot: WebProcess, slack: StandInSlack, modal: ShownView, action_id: str, customer_id: str = FACTORY
) -> str:
    """What the modal says after a click in it."""
    assert (await slack.click(action_id, customer_id, user=modal.user, at=InView(modal.view_id))).status == 200
    await idle(bot)
    assert await modal_of(bot, slack, modal.user) is modal
    return text_of(modal)


async def reveal(bot: WebProcess, slack: StandInSlack, modal: ShownView) -> str:
    return await click(bot, slack, modal, CUSTOMER_REVEAL)


def secrets_in(text: Any) -> list[str]:
    """Those that can be read there, however they are written."""
    whole = text if isinstance(text, str) else everything_in(text)
    return [secret for secret in SECRETS if secret in whole or digits_in(secret) in digits_in(whole)]


# --- What it shows ---------------------------------------------------------------------------------------------------


async def test_reveal_shows_everything_in_the_same_modal_and_says_who_learns_of_it(
    bot: WebProcess, slack: StandInSlack
) -> None:
    modal = await details(bot, slack)
    masked = text_of(modal)
    assert secrets_in(masked) == []
    assert ZH.customer.revealed not in masked
    assert values_in(modal, CUSTOMER_REVEAL) == [FACTORY]
    shown = await reveal(bot, slack, modal)
    assert secrets_in(shown) == list(SECRETS)
    assert f"退款账号 {IN_TEXT}，谢谢" in shown
    assert f":unlock: {ZH.customer.revealed}" in shown
    assert "∗∗∗∗" not in shown
    assert values_in(modal, CUSTOMER_REVEAL) == []
    assert slack.modals[USER] == [modal]


async def test_tab_that_fails_keeps_nothing_of_what_was_revealed(
    bot: WebProcess, slack: StandInSlack, crm: SampleCrm
) -> None:
    """Not even in the heading, which the modal itself gives back."""
    id_card = "11010519491231002X"
    crm.add_customers({FACTORY: renamed(crm.customers[FACTORY], f"张三 {id_card}")})
    modal = await details(bot, slack)
    assert id_card not in text_of(modal)
    assert id_card in await reveal(bot, slack, modal)
    crm.fault = Fault(status=404, body=b"gone")
    assert id_card not in await click(bot, slack, modal, CUSTOMER_TAB_CONTACTS)


async def test_there_is_nothing_to_reveal_where_nothing_is_masked(bot: WebProcess, slack: StandInSlack) -> None:
    modal = await details(bot, slack, PLAIN_CUSTOMER)
    assert "测试客户" in text_of(modal)
    assert values_in(modal, CUSTOMER_REVEAL) == []


@pytest.mark.parametrize("way", [CUSTOMER_TAB_PROFILE, CUSTOMER_REFRESH])
async def test_way_back_shows_the_masked_view_again(bot: WebProcess, slack: StandInSlack, way: str) -> None:
    modal = await details(bot, slack)
    masked = text_of(modal)
    await reveal(bot, slack, modal)
    assert await click(bot, slack, modal, way) == masked
    assert values_in(modal, CUSTOMER_REVEAL) == [FACTORY]


async def test_other_tabs_and_back_again_is_masked_too(bot: WebProcess, slack: StandInSlack) -> None:
    modal = await details(bot, slack)
    await reveal(bot, slack, modal)
    assert secrets_in(await click(bot, slack, modal, CUSTOMER_TAB_CONTACTS)) == []
    assert secrets_in(await click(bot, slack, modal, CUSTOMER_TAB_PROFILE)) == []


async def test_button_beside_refresh_is_the_way_back(bot: WebProcess, slack: StandInSlack) -> None:
    modal = await details(bot, slack)
    assert ZH.customer.hide not in everything_in(modal.view)
    await reveal(bot, slack, modal)
    assert values_in(modal, CUSTOMER_TAB_PROFILE) == [FACTORY, FACTORY]
    assert ZH.customer.hide in everything_in(modal.view)


async def test_it_is_gone_when_the_modal_is_closed(bot: WebProcess, slack: StandInSlack) -> None:
    modal = await details(bot, slack)
    await reveal(bot, slack, modal)
    await slack.close(modal.view_id)
    assert secrets_in(text_of(await details(bot, slack))) == []


async def test_nobody_else_sees_it(bot: WebProcess, slack: StandInSlack) -> None:
    """Nothing is posted, and other users' details stay masked."""
    others = await details(bot, slack, user=MANAGER)
    modal = await details(bot, slack)
    await reveal(bot, slack, modal)
    assert not everything_posted(slack)
    assert secrets_in(text_of(others)) == []
    assert secrets_in(await click(bot, slack, others, CUSTOMER_TAB_PROFILE)) == []


async def test_it_is_in_the_language_of_the_user_who_clicks(bot: WebProcess, slack: StandInSlack) -> None:
    modal = await details(bot, slack, user=MANAGER)
    assert "Reveal" in everything_in(modal.view)
    assert EN.customer.revealed in await reveal(bot, slack, modal)


async def test_the_channel_where_it_began_is_kept_and_nothing_else(bot: WebProcess, slack: StandInSlack) -> None:
    """``modal_of`` holds every view to ids alone in metadata and buttons."""
    modal = await details(bot, slack)
    before = modal.view["private_metadata"]
    await reveal(bot, slack, modal)
    assert modal.view["private_metadata"] == before
    assert state_in(before).channel == CHANNEL


async def test_what_goes_on_from_it_is_masked(bot: WebProcess, slack: StandInSlack) -> None:
    """Copy as text, and Share's preview and card."""
    modal = await details(bot, slack)
    await reveal(bot, slack, modal)
    await slack.choose(CUSTOMER_MENU, f"copy {FACTORY}", at=InView(modal.view_id))
    copied = await modal_of(bot, slack)
    assert "杭州岚峤" in text_of(copied)
    await slack.close(copied.view_id)
    await slack.click(CUSTOMER_SHARE, FACTORY, at=InView(modal.view_id))
    preview = await modal_of(bot, slack)
    await slack.submit(preview.view_id, chosen(CHANNEL))
    await idle(bot)
    [posted] = slack.posts[CHANNEL]
    for shown in (copied.view, *preview.history, posted.message):
        assert secrets_in(shown) == []


@pytest.mark.parametrize(
    "make",
    [
        lambda found: channel_card([found], ZH),
        lambda found: channel_line(found, ZH),
        lambda found: unfurl_entity(found, "https://crm.example.com", ZH),
        lambda found: flexpane_entity(found, "https://crm.example.com", ZH),
        lambda found: copy_card(found, ZH),
        lambda found: private_card(found, ZH),
    ],
    ids=["channel card", "channel line", "Work Object", "panel", "copy", "private card"],
)
def test_no_other_card_can_be_made_of_it(make: Any) -> None:
    found: Found = sample(1, Audience.REVEALED)
    with pytest.raises(ValueError, match="made for revealed"):
        make(found)


# --- While it is loaded, and where it does not come ------------------------------------------------------------------


async def waiting_for_reveal(
    bot: WebProcess, slack: StandInSlack, crm: SampleCrm, clock: Clock, hurry: Do
) -> ShownView:
    """The details of an old copy, in which Reveal was clicked, while the CRM does not answer."""
    modal = await details(bot, slack)
    clock.advance(1_000)
    crm.fault = Fault(hang=True)
    hurry()
    await slack.click(CUSTOMER_REVEAL, FACTORY, at=InView(modal.view_id))
    await slack.until(lambda: ZH.modal.loading in text_of(modal))
    return modal


async def test_slow_crm_leaves_the_waiting_line_until_it_is_there(
    bot: WebProcess, slack: StandInSlack, crm: SampleCrm, clock: Clock, hurry: Do
) -> None:
    modal = await waiting_for_reveal(bot, slack, crm, clock, hurry)
    crm.release()
    await modal_of(bot, slack)
    assert secrets_in(text_of(modal)) == list(SECRETS)


async def test_modal_that_was_closed_meanwhile_shows_nothing_any_more(
    bot: WebProcess, slack: StandInSlack, crm: SampleCrm, clock: Clock, hurry: Do
) -> None:
    modal = await waiting_for_reveal(bot, slack, crm, clock, hurry)
    await slack.close(modal.view_id)
    crm.release()
    await idle(bot)
    assert slack.modal() is None
    assert not [view for view in modal.history if secrets_in(view)]


async def test_old_copy_is_revealed_with_its_age_when_the_crm_is_silent(
    bot: WebProcess, slack: StandInSlack, crm: SampleCrm, clock: Clock
) -> None:
    modal = await details(bot, slack)
    clock.advance(1_000)
    crm.faults = {"GetCustomer": GONE}
    shown = await reveal(bot, slack, modal)
    assert secrets_in(shown) == list(SECRETS)
    assert ZH.trouble[Trouble.NO_ANSWER] in shown


async def test_without_any_copy_it_says_why_and_the_tabs_stay(
    bot: WebProcess, slack: StandInSlack, crm: SampleCrm, clock: Clock
) -> None:
    modal = await details(bot, slack)
    clock.advance(100_000)
    crm.faults = {"GetCustomer": GONE}
    shown = await reveal(bot, slack, modal)
    assert ZH.trouble[Trouble.NO_ANSWER] in shown
    assert FACTORY in values_in(modal, CUSTOMER_TAB_PROFILE)
    crm.faults = {}
    assert "杭州岚峤" in await click(bot, slack, modal, CUSTOMER_TAB_PROFILE)


async def test_customer_that_is_gone_is_said_to_be_gone(
    bot: WebProcess, slack: StandInSlack, crm: SampleCrm, clock: Clock
) -> None:
    modal = await details(bot, slack)
    clock.advance(1_000)
    del crm.customers[FACTORY]
    assert next(iter(ZH.search.not_found.values())) in await reveal(bot, slack, modal)


async def test_without_a_database_nothing_is_revealed(bot: WebProcess, slack: StandInSlack, logs: Logs) -> None:
    """It could not be counted. The rest of the customer is still there, behind the tabs."""
    modal = await details(bot, slack)
    assert bot.bot is not None
    await bot.bot.store.close()
    shown = await reveal(bot, slack, modal)
    assert secrets_in(shown) == []
    assert ZH.customer.not_revealed in shown
    assert ZH.customer.not_revealed_advice in shown
    [code] = CODE.findall(shown)
    line = logs.lines("customer_lookup")[-1]
    assert {name: line[name] for name in ("audience", "outcome", "code")} == {
        "audience": "revealed",
        "outcome": "unavailable",
        "code": code,
    }
    assert values_in(modal, CUSTOMER_REVEAL) == [FACTORY]
    assert "杭州岚峤" in await click(bot, slack, modal, CUSTOMER_TAB_PROFILE)


# --- How often, by whom, and what is left of it ----------------------------------------------------------------------


async def test_limit_counts_over_two_bots(start_bot: StartBot, slack: StandInSlack, clock: Clock, logs: Logs) -> None:
    """A user who has had as many as an hour allows reads so, and when to come back; then there are more."""
    bots, addresses = [], []
    for _ in range(2):
        bots.append(await start_bot(reveals_per_hour=3))
        addresses.append(slack.bot_address)

    async def reveal_at(number: int, modal: ShownView) -> str:
        slack.bot_address = addresses[number]
        await click(bots[number], slack, modal, CUSTOMER_TAB_PROFILE)
        return await reveal(bots[number], slack, modal)

    modal, others = await details(bots[1], slack), await details(bots[1], slack, user=MANAGER)
    for number in (0, 1, 0):
        assert secrets_in(await reveal_at(number, modal)) == list(SECRETS)
        clock.advance(60)
    for number in (0, 1):
        refused = await reveal_at(number, modal)
        assert secrets_in(refused) == []
        assert ZH.limited["reveals"] in refused
        assert "57 分钟" in refused
        assert logs.lines("customer_lookup")[-1]["outcome"] == "limited"
    assert secrets_in(await reveal_at(1, others)) == list(SECRETS)
    clock.advance(57 * 60)
    assert secrets_in(await reveal_at(1, modal)) == list(SECRETS)


async def test_guest_is_refused(bot: WebProcess, slack: StandInSlack, logs: Logs) -> None:
    """Even with a button of another user's, which they cannot have. It counts for nothing."""
    await slack.click(CUSTOMER_DETAILS, FACTORY, user=GUEST)
    modal = await modal_of(bot, slack, GUEST)
    await slack.click(CUSTOMER_REVEAL, FACTORY, user=GUEST, at=FormerModal(modal.view_id))
    await idle(bot)
    assert not [view for view in modal.history if "杭州岚峤" in everything_in(view)]
    assert ZH.denied["guest"] in text_of(modal)
    line = logs.lines("customer_lookup")[-1]
    assert (line["audience"], line["outcome"], line["user"]) == ("revealed", "denied", GUEST)


@pytest.mark.parametrize("value", [UNKNOWN, "", "nonsense", "sealed nonsense"])
async def test_button_of_another_version_gets_an_answer(bot: WebProcess, slack: StandInSlack, value: str) -> None:
    modal = await details(bot, slack)
    exchange = await slack.click(CUSTOMER_REVEAL, value, at=FormerModal(modal.view_id))
    assert exchange.status == 200
    await idle(bot)
    assert secrets_in(modal.view) == []
    assert text_of(modal)


async def test_access_log_says_that_it_was_revealed_and_nothing_tells_what(
    start_bot: StartBot, slack: StandInSlack, logs: Logs, database: str
) -> None:
    bot = await start_bot()
    modal = await details(bot, slack)
    await reveal(bot, slack, modal)
    line = logs.lines("customer_lookup")[-1]
    assert {name: line[name] for name in ("user", "channel", "surface", "customer_id", "outcome", "audience")} == {
        "user": USER,
        "channel": CHANNEL,
        "surface": "button",
        "customer_id": FACTORY,
        "outcome": "found",
        "audience": "revealed",
    }
    with closing(sqlite3.connect(database.removeprefix("sqlite:///"))) as connection:
        kept = "\n".join(connection.iterdump())
    assert not [secret for secret in SECRETS if secret in kept or secret in logs.text]
