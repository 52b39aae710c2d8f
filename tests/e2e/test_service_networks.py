"""Outlets, end to end: in a channel that is bound to one, whatever is asked is asked of its customers alone.

The sample CRM has two: the factory is a customer of the one in Hangzhou, the clinic of the one in Chengdu.
"""

from typing import Any, Final

import pytest

from bot.cards.action_ids import (
    CUSTOMER_DETAILS,
    CUSTOMER_MENU,
    CUSTOMER_PICK,
    CUSTOMER_READ_AS,
    CUSTOMER_REFRESH,
    CUSTOMER_REVEAL,
    CUSTOMER_SEARCH,
    CUSTOMER_SHARE,
    CUSTOMER_SHARE_CONFIRM,
    CUSTOMER_TAB_CONTACTS,
    CUSTOMER_TAB_DEVICES,
    CUSTOMER_TAB_WORK_ORDERS,
    FIND_CUSTOMER,
    LOOKUP_IN_MESSAGE,
)
from bot.domain.networks import ChannelNetworks
from bot.domain.preferences import CardOutcome
from bot.domain.profile import ServiceNetwork
from bot.locales import texts_in
from bot.playground.fake_crm.server import CHENGDU, FAULTS, HANGZHOU, HEAD_OFFICE, SampleCrm
from bot.playground.fake_slack.server import (
    CHANNEL,
    DIRECT_MESSAGE,
    USER,
    Channel,
    Ephemeral,
    Flexpane,
    InView,
    StandInSlack,
)
from bot.playground.fake_slack.workspace import ShownView
from bot.server.http import WebProcess
from bot.slack.view_state import ViewState, state_in
from tests.conftest import StartBot
from tests.support.modals import FormerModal, chosen, element, modal_of, text_of, typed
from tests.support.surfaces import CLINIC, FACTORY, TEMPLATE, everything_in, idle, link, reason, why

ZH: Final = texts_in("zh")
IN_HANGZHOU, IN_CHENGDU = "C0HANGZHOU", "C0CHENGDU"
FACTORY_NAME, CLINIC_NAME = "杭州岚峤精密机械有限公司", "成都屿禾康复诊所"
REF: Final = {"id": FACTORY, "type": "customer"}


def test_channel_that_is_bound_to_nothing_sees_what_the_settings_say() -> None:
    others, outlet = ServiceNetwork("", 1), ServiceNetwork("outlet", 2)
    networks = ChannelNetworks(others, {"C1": outlet})
    assert networks.of("C1") == outlet
    assert networks.of("C2") == networks.of("D1") == networks.of("") == others


@pytest.fixture
async def bot(start_bot: StartBot, slack: StandInSlack) -> WebProcess:
    for channel in (IN_HANGZHOU, IN_CHENGDU):
        slack.channels[channel] = Channel(channel, channel.lower())
    networks = f"{IN_HANGZHOU}={HANGZHOU}:2, {IN_CHENGDU}={CHENGDU}:2"
    return await start_bot(customer_url_template=TEMPLATE, channel_networks=networks, language="zh")


async def answer_to(bot: WebProcess, slack: StandInSlack, text: str, channel: str) -> str:
    exchange = await slack.command(text, channel=channel)
    await idle(bot)
    return everything_in(exchange.shown)


def networks_asked(crm: SampleCrm) -> set[str]:
    """Of which service networks the CRM was asked, where its operations want to know."""
    return {query["serviceNetworkId"] for query in crm.queries if "serviceNetworkId" in query}


def opened(slack: StandInSlack, channel: str, customer_id: str, *blocks: dict[str, Any], **others: Any) -> str:
    """A modal on the screen whose first card was in ``channel``."""
    view = {"type": "modal", "blocks": list(blocks), "private_metadata": ViewState(customer_id, channel).dump()}
    shown = ShownView(f"V{slack.number():04d}", USER, {**view, **others})
    slack.modals[USER] = [shown]
    return shown.view_id


# --- Commands --------------------------------------------------------------------------------------------------------

QUERIES: Final = {
    "an id": FACTORY,
    "a link": link(FACTORY),
    "a number": "CF00000201",
    "a name": "岚峤精密",
    "pinyin": "lanqiao",
    "a phone": "13800001001",
    "a second contact's phone": "13900001201",
    "a second contact's mail address": "zheng@example.com",
    "a serial number": "YQ-2021-0001",
    "a device number": "CE00000201",
}


@pytest.mark.parametrize("query", QUERIES.values(), ids=QUERIES.keys())
async def test_customer_is_found_in_the_outlets_channel_and_with_the_head_office_alone(
    bot: WebProcess, slack: StandInSlack, crm: SampleCrm, query: str
) -> None:
    """Some of the CRM's operations do not ask whose customers are meant: what they name is confirmed as any is.

    Once the others have seen the customer, the cache and the directory know it, and there is still no answer.
    """
    assert FACTORY_NAME not in await answer_to(bot, slack, query, IN_CHENGDU)
    await answer_to(bot, slack, FACTORY, IN_HANGZHOU)
    await answer_to(bot, slack, FACTORY, CHANNEL)
    for channel in (IN_HANGZHOU, CHANNEL, DIRECT_MESSAGE):
        assert FACTORY_NAME in await answer_to(bot, slack, query, channel), channel
    crm.calls.clear()
    assert FACTORY_NAME not in await answer_to(bot, slack, query, IN_CHENGDU)
    assert networks_asked(crm) <= {CHENGDU}


async def test_outlets_channel_is_answered_from_its_own_old_copies_alone(
    bot: WebProcess, slack: StandInSlack, crm: SampleCrm
) -> None:
    for channel in (CHANNEL, IN_HANGZHOU):
        await answer_to(bot, slack, FACTORY, channel)
    crm.fault = FAULTS["refused"]
    assert FACTORY_NAME in await answer_to(bot, slack, FACTORY, IN_HANGZHOU)
    assert FACTORY_NAME not in await answer_to(bot, slack, FACTORY, IN_CHENGDU)


# --- Modals ----------------------------------------------------------------------------------------------------------


async def test_modal_keeps_the_channel_it_was_opened_in(bot: WebProcess, slack: StandInSlack, crm: SampleCrm) -> None:
    """And so does every modal that comes of it, of whatever button."""
    await slack.click(CUSTOMER_DETAILS, FACTORY, at=Ephemeral(IN_HANGZHOU))
    modal = await modal_of(bot, slack)
    assert state_in(modal.view["private_metadata"]).channel == IN_HANGZHOU
    tabs = (CUSTOMER_TAB_CONTACTS, CUSTOMER_TAB_DEVICES, CUSTOMER_TAB_WORK_ORDERS, CUSTOMER_REFRESH, CUSTOMER_REVEAL)
    for action_id in (*tabs, CUSTOMER_PICK, CUSTOMER_DETAILS, CUSTOMER_SHARE):
        at = FormerModal((await modal_of(bot, slack)).view_id)
        await slack.click(action_id, FACTORY, at=at)
        shown = await modal_of(bot, slack)
        assert state_in(shown.view["private_metadata"]).channel == IN_HANGZHOU, action_id
        assert FACTORY_NAME in text_of(shown), action_id
    for choice in (f"details {FACTORY}", f"copy {FACTORY}", f"pin {FACTORY}"):
        await slack.choose(CUSTOMER_MENU, choice, at=FormerModal((await modal_of(bot, slack)).view_id))
        shown = await modal_of(bot, slack)
        assert state_in(shown.view["private_metadata"]).channel == IN_HANGZHOU, choice
        assert FACTORY_NAME in everything_in(shown.view), choice
    assert networks_asked(crm) == {HANGZHOU}


CLICKS: Final = (
    CUSTOMER_DETAILS,
    CUSTOMER_PICK,
    CUSTOMER_REFRESH,
    CUSTOMER_REVEAL,
    CUSTOMER_SHARE,
    CUSTOMER_TAB_CONTACTS,
    CUSTOMER_TAB_DEVICES,
)


@pytest.mark.parametrize("action_id", CLICKS)
async def test_click_in_an_outlets_modal_shows_no_customer_of_another(
    bot: WebProcess, slack: StandInSlack, crm: SampleCrm, action_id: str
) -> None:
    await answer_to(bot, slack, CLINIC, CHANNEL)
    crm.calls.clear()
    await slack.click(action_id, CLINIC, at=FormerModal(opened(slack, IN_HANGZHOU, CLINIC)))
    shown = await modal_of(bot, slack)
    assert CLINIC_NAME not in text_of(shown)
    assert ZH.search.not_found["id"] in text_of(shown)
    assert networks_asked(crm) == {HANGZHOU}


async def test_retry_in_a_modal_asks_the_outlet_again(bot: WebProcess, slack: StandInSlack, crm: SampleCrm) -> None:
    """Also where the menu of a modal could not be answered."""
    await answer_to(bot, slack, FACTORY, CHANNEL)
    crm.fault = FAULTS["refused"]
    await slack.choose(CUSTOMER_MENU, f"copy {FACTORY}", at=FormerModal(opened(slack, IN_HANGZHOU, FACTORY)))
    failed = await modal_of(bot, slack)
    crm.fault = None
    crm.calls.clear()
    retry = element(failed, CUSTOMER_REFRESH)
    await slack.click(CUSTOMER_REFRESH, retry["value"], at=InView(failed.view_id))
    assert FACTORY_NAME in text_of(await modal_of(bot, slack))
    assert networks_asked(crm) == {HANGZHOU}


async def test_what_is_typed_in_an_outlets_modal_is_looked_for_there(
    bot: WebProcess, slack: StandInSlack, crm: SampleCrm
) -> None:
    """By typing, by another reading of it, and while typing."""
    for channel in (CHANNEL, IN_HANGZHOU):
        await answer_to(bot, slack, FACTORY, channel)
    await answer_to(bot, slack, CLINIC, CHANNEL)
    crm.calls.clear()
    box = {"type": "actions", "elements": [{"type": "external_select", "action_id": CUSTOMER_SEARCH}]}
    block = {"type": "input", "block_id": "query"}
    for text, found in (("岚峤精密", True), ("屿禾康复", False)):
        view_id = opened(slack, IN_HANGZHOU, "", box, block, callback_id=FIND_CUSTOMER, submit={})
        suggested = await slack.suggest(CUSTOMER_SEARCH, text, at=InView(view_id))
        assert bool(suggested) is found
        await slack.submit(view_id, typed(text))
        shown = await modal_of(bot, slack)
        assert ((FACTORY_NAME in text_of(shown)) or (CLINIC_NAME in text_of(shown))) is found
        assert state_in(shown.view["private_metadata"]).channel == IN_HANGZHOU
    view_id = opened(slack, IN_HANGZHOU, "", block, callback_id=FIND_CUSTOMER, submit={})
    await slack.submit(view_id, typed("13900009999"))
    other = element(await modal_of(bot, slack), CUSTOMER_READ_AS)
    await slack.click(CUSTOMER_READ_AS, other["value"], at=InView(view_id))
    await idle(bot)
    assert networks_asked(crm) == {HANGZHOU}


async def test_message_shortcut_looks_where_the_message_is(
    bot: WebProcess, slack: StandInSlack, crm: SampleCrm
) -> None:
    message = {"type": "message", "user": USER, "text": f"{FACTORY} {CLINIC}", "ts": "1.1"}
    await slack.message_shortcut(LOOKUP_IN_MESSAGE, message, channel=IN_CHENGDU)
    shown = await modal_of(bot, slack)
    assert CLINIC_NAME in text_of(shown)
    assert FACTORY_NAME not in text_of(shown)
    assert networks_asked(crm) == {CHENGDU}


# --- Where there is no channel ---------------------------------------------------------------------------------------


async def test_home_and_its_modals_are_the_head_offices(bot: WebProcess, slack: StandInSlack, crm: SampleCrm) -> None:
    """A convenience, no wall: ALLOWED_CHANNELS is one."""
    await slack.choose(CUSTOMER_MENU, f"pin {FACTORY}", at=Ephemeral(IN_HANGZHOU))
    await idle(bot)
    await slack.open_home()
    await idle(bot)
    crm.calls.clear()
    await slack.click(CUSTOMER_PICK, FACTORY, at=InView(slack.homes[USER].view_id))
    assert FACTORY_NAME in text_of(await modal_of(bot, slack))
    await slack.global_shortcut(FIND_CUSTOMER)
    find = await modal_of(bot, slack)
    await slack.submit(find.view_id, typed(CLINIC))
    assert CLINIC_NAME in text_of(await modal_of(bot, slack))
    assert networks_asked(crm) == {HEAD_OFFICE}


# --- What others see -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("source", "target", "is_posted"),
    [
        pytest.param(IN_CHENGDU, CHANNEL, True, id="out of the outlet's channel"),
        pytest.param(CHANNEL, IN_HANGZHOU, True, id="into another outlet's channel"),
        pytest.param("", IN_HANGZHOU, True, id="from Home into another outlet's channel"),
        pytest.param(IN_HANGZHOU, CHANNEL, False, id="out of another outlet's channel"),
        pytest.param(IN_HANGZHOU, IN_CHENGDU, False, id="from another outlet's channel to its own"),
    ],
)
async def test_share_is_of_the_customers_of_the_channel_where_the_card_was(
    bot: WebProcess, slack: StandInSlack, source: str, target: str, is_posted: bool
) -> None:
    for channel in (CHANNEL, IN_CHENGDU):
        await answer_to(bot, slack, CLINIC, channel)
    block = {"type": "input", "block_id": "channel"}
    view_id = opened(slack, source, CLINIC, block, callback_id=CUSTOMER_SHARE_CONFIRM, submit={})
    await slack.submit(view_id, chosen(target))
    await idle(bot)
    assert (CLINIC_NAME in everything_in(slack.posts[target])) is is_posted


@pytest.mark.parametrize("text", [FACTORY, "CF00000201", link(FACTORY)], ids=["an id", "a number", "a link"])
async def test_cards_that_come_by_themselves_are_of_the_outlets_customers(
    bot: WebProcess, slack: StandInSlack, text: str
) -> None:
    for channel in (CHANNEL, IN_HANGZHOU):
        await answer_to(bot, slack, FACTORY, channel)
    for channel, outcome in ((IN_CHENGDU, CardOutcome.UNKNOWN_CUSTOMER), (IN_HANGZHOU, CardOutcome.POSTED)):
        said = await slack.post_message(text, channel=channel)
        await idle(bot)
        shown = everything_in([slack.posts[channel], slack.unfurls[said.ts]])
        assert (FACTORY_NAME in shown) is (outcome is CardOutcome.POSTED)
        assert reason(outcome) in (await why(slack, channel=channel)).text


async def test_panel_of_a_link_shows_what_its_channel_may_see(bot: WebProcess, slack: StandInSlack) -> None:
    await answer_to(bot, slack, FACTORY, CHANNEL)
    for channel in (IN_CHENGDU, IN_HANGZHOU):
        await slack.open_flexpane(link(FACTORY), REF, channel=channel, message_ts="1.1")
        await idle(bot)
    [there, here] = slack.flexpanes[USER]
    assert there == Flexpane(None, {"status": "not_found"})
    assert FACTORY_NAME in everything_in(here.metadata)
