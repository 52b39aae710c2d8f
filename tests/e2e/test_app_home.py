"""App Home, end to end: one's own customers, what is muted, and for whom the page is."""

import asyncio
import re
from typing import Final

import pytest
from starlette.responses import PlainTextResponse, Response

from bot.cards.action_ids import (
    CUSTOMER_CLEAR,
    CUSTOMER_MENU,
    CUSTOMER_PICK,
    CUSTOMER_REFRESH,
    CUSTOMER_SHARE,
    FIND_CUSTOMER,
    HOME_UNMUTE,
)
from bot.playground.fake_crm.server import SampleCrm
from bot.playground.fake_slack.server import (
    CHANNEL,
    FOREIGN_CHANNEL,
    GUEST,
    MANAGER,
    OTHER_TEAM,
    OUTSIDER,
    USER,
    Ephemeral,
    InView,
    ShownView,
    StandInSlack,
)
from bot.server.http import WebProcess
from tests.conftest import Clock, Logs, StartBot
from tests.support.block_kit import as_message, assert_nothing_foreign_acts
from tests.support.modals import (  # noqa: F401  # fixtures
    CODE,
    EN,
    GONE,
    ZH,
    Do,
    element,
    everything_posted,
    hang_fixture,
    home_as_shown,
    home_of,
    hurry_fixture,
    limited,
    modal_of,
    renamed,
    text_of,
    typed,
    values_in,
)
from tests.support.surfaces import (
    CLINIC,
    DOCUMENTED,
    FACTORY,
    HOTEL,
    NO_DATABASE,
    customer_values,
    digits_in,
    idle,
    long_numbers,
    private_values,
)

NAME: Final = "胡效鑫1"
PHONE: Final = "185 3962 2352"


async def see(bot: WebProcess, slack: StandInSlack, *customers: str, user: str = USER) -> None:
    """``user`` looks customers up, one after the other."""
    for customer_id in customers:
        await slack.command(customer_id, user=user)
        await idle(bot)


async def choose(bot: WebProcess, slack: StandInSlack, value: str, user: str = USER, channel: str = CHANNEL) -> None:
    await slack.choose(CUSTOMER_MENU, value, user=user, at=Ephemeral(channel))
    await idle(bot)


async def click(bot: WebProcess, slack: StandInSlack, home: ShownView, action_id: str, value: str) -> ShownView:
    """Home as it is after a click on it."""
    exchange = await slack.click(action_id, value, user=home.user, at=InView(home.view_id))
    await idle(bot)
    assert (exchange.status, exchange.shown) == (200, [])
    return home_as_shown(slack, home.user)


# --- What is on it ---------------------------------------------------------------------------------------------------


async def test_new_persons_home_says_what_there_will_be_and_how_to_begin(
    bot: WebProcess, slack: StandInSlack, crm: SampleCrm
) -> None:
    home = await home_of(bot, slack)
    for text in (ZH.home.greeting, ZH.home.no_pins, ZH.home.no_recents, ZH.home.nothing_muted, *ZH.home.how_lines):
        assert text in text_of(home)
    assert values_in(home, FIND_CUSTOMER) == [FIND_CUSTOMER]
    assert not crm.asked
    assert not everything_posted(slack)


async def test_ones_own_customers_stand_there_the_latest_first(
    bot: WebProcess, slack: StandInSlack, crm: SampleCrm, clock: Clock
) -> None:
    """Pinned ones above. To open the page costs the CRM nothing."""
    for customer_id in (DOCUMENTED, FACTORY, CLINIC, DOCUMENTED):
        clock.advance(1)
        await see(bot, slack, customer_id)
    await choose(bot, slack, f"pin {HOTEL}")
    crm.asked.clear()
    home = await home_of(bot, slack)
    assert values_in(home, CUSTOMER_PICK) == [HOTEL, DOCUMENTED, CLINIC, FACTORY]
    text = text_of(home)
    assert text.index(ZH.modal.pinned) < text.index("三亚屿澜海景酒店") < text.index(ZH.modal.recent) < text.index(NAME)
    assert not crm.asked


async def test_home_is_each_persons_own(bot: WebProcess, slack: StandInSlack) -> None:
    await see(bot, slack, DOCUMENTED, user=MANAGER)
    await choose(bot, slack, f"pin {CLINIC}", MANAGER)
    await choose(bot, slack, "mute_me", MANAGER)
    await choose(bot, slack, "mute_channel", MANAGER)
    await see(bot, slack, FACTORY)
    mine, managers = await home_of(bot, slack), await home_of(bot, slack, MANAGER)
    assert values_in(mine, CUSTOMER_PICK) == [FACTORY]
    assert ZH.home.nothing_muted in text_of(mine)
    assert values_in(managers, CUSTOMER_PICK) == [CLINIC, DOCUMENTED]
    assert sorted(values_in(managers, HOME_UNMUTE)) == [f"channel {CHANNEL}", "person"]
    assert EN.home.greeting in text_of(managers)


async def test_nothing_but_names_is_on_home_of_any_customer(
    bot: WebProcess, slack: StandInSlack, crm: SampleCrm
) -> None:
    """And nothing in a name formats, mentions or links."""
    customers = [*crm.customers]
    for start in range(0, len(customers), 15):
        await choose(bot, slack, f"pin {customers[start]}")
        await see(bot, slack, *customers[start : start + 15])
        home = await home_of(bot, slack)
        assert_nothing_foreign_acts(as_message({"blocks": _rows(home)}))
        text = text_of(home)
        assert not [number for number in long_numbers() if number in digits_in(text)]
        assert not [value for value in private_values() if value in text]


def _rows(home: ShownView) -> list[dict[str, object]]:
    """The customers, each with its button."""
    blocks = home.view["blocks"]
    return [block for block in blocks if block.get("accessory", {}).get("action_id") == CUSTOMER_PICK]


async def test_phone_in_a_name_is_masked(bot: WebProcess, slack: StandInSlack, crm: SampleCrm) -> None:
    crm.customers[DOCUMENTED] = [{"ShowType": 0, "Key": "客户名称", "Value": "胡先生18539622352"}]
    await see(bot, slack, DOCUMENTED)
    home = await home_of(bot, slack)
    assert re.search(r"胡先生185\W{4}2352", text_of(home))
    assert "18539622352" not in digits_in(text_of(home))


async def test_name_that_changed_changes_on_home(
    bot: WebProcess, slack: StandInSlack, crm: SampleCrm, clock: Clock
) -> None:
    """Pinned and recent, once the person sees the customer again."""
    await see(bot, slack, DOCUMENTED)
    await choose(bot, slack, f"pin {DOCUMENTED}")
    crm.customers[DOCUMENTED] = renamed(crm.customers[DOCUMENTED], "新名字")
    clock.advance(600)
    await see(bot, slack, DOCUMENTED)
    home = await home_of(bot, slack)
    assert text_of(home).count("新名字") == 2
    assert NAME not in text_of(home)


async def test_fullest_home_is_what_slack_shows(
    bot: WebProcess, slack: StandInSlack, crm: SampleCrm, logs: Logs
) -> None:
    """Twenty pinned, twenty recent, and many mutes; what is pinned and what is muted most recently is there."""
    ids = [f"{number:08x}-0000-4000-8000-000000000000" for number in range(21)]
    crm.customers.update({each: renamed(crm.customers[DOCUMENTED], f"{each} " + "长" * 200) for each in ids})
    await asyncio.gather(*(slack.choose(CUSTOMER_MENU, f"pin {each}") for each in ids))
    await idle(bot)
    await see(bot, slack, *ids)
    for number in range(25):
        await slack.choose(CUSTOMER_MENU, "mute_day", at=Ephemeral(f"C{number:04d}"))
    await idle(bot)
    home = await home_of(bot, slack)
    assert len(values_in(home, CUSTOMER_PICK)) == 40
    assert len(values_in(home, HOME_UNMUTE)) == 20
    assert not logs.lines("view_over_limits")


# --- What can be done there ------------------------------------------------------------------------------------------


async def test_customer_on_home_opens_in_a_modal(bot: WebProcess, slack: StandInSlack, logs: Logs) -> None:
    await see(bot, slack, DOCUMENTED)
    home = await home_of(bot, slack)
    await click(bot, slack, home, CUSTOMER_PICK, DOCUMENTED)
    modal = await modal_of(bot, slack)
    assert slack.modals[USER] == [modal]
    assert PHONE in text_of(modal)
    assert len(home.history) == 1
    assert logs.lines("customer_lookup")[-1]["surface"] == "home"


async def test_customer_on_home_opens_with_a_waiting_line_while_the_crm_is_slow(
    bot: WebProcess, slack: StandInSlack, crm: SampleCrm, clock: Clock, hang: Do
) -> None:
    await see(bot, slack, DOCUMENTED)
    home = await home_of(bot, slack)
    clock.advance(600)
    hang()
    assert (await slack.click(CUSTOMER_PICK, DOCUMENTED, at=InView(home.view_id))).status == 200
    assert ZH.modal.loading in text_of(await slack.until(slack.modal))
    crm.release()
    assert PHONE in text_of(await modal_of(bot, slack))


async def test_customer_on_home_that_is_gone_is_reported(
    bot: WebProcess, slack: StandInSlack, crm: SampleCrm, clock: Clock
) -> None:
    await see(bot, slack, DOCUMENTED)
    home = await home_of(bot, slack)
    del crm.customers[DOCUMENTED]
    clock.advance(600)
    await click(bot, slack, home, CUSTOMER_PICK, DOCUMENTED)
    assert ZH.search.not_found["id"] in text_of(await modal_of(bot, slack))


async def test_customer_on_home_without_the_crm_has_retry(
    bot: WebProcess, slack: StandInSlack, crm: SampleCrm, clock: Clock
) -> None:
    await see(bot, slack, DOCUMENTED)
    home = await home_of(bot, slack)
    clock.advance(100_000)
    crm.fault = GONE
    await click(bot, slack, home, CUSTOMER_PICK, DOCUMENTED)
    modal = await modal_of(bot, slack)
    assert CODE.search(text_of(modal))
    crm.fault = None
    await slack.click(CUSTOMER_REFRESH, element(modal, CUSTOMER_REFRESH)["value"], at=InView(modal.view_id))
    assert PHONE in text_of(await modal_of(bot, slack))


async def test_share_of_a_customer_from_home_asks_for_the_channel(bot: WebProcess, slack: StandInSlack) -> None:
    """Home is in none."""
    await see(bot, slack, DOCUMENTED)
    home = await home_of(bot, slack)
    await click(bot, slack, home, CUSTOMER_PICK, DOCUMENTED)
    modal = await modal_of(bot, slack)
    await slack.click(CUSTOMER_SHARE, DOCUMENTED, at=InView(modal.view_id))
    [choice] = [block for block in (await modal_of(bot, slack)).view["blocks"] if block["type"] == "input"]
    assert "initial_conversation" not in choice["element"]


async def test_find_on_home_opens_the_input(bot: WebProcess, slack: StandInSlack) -> None:
    home = await home_of(bot, slack)
    await click(bot, slack, home, FIND_CUSTOMER, FIND_CUSTOMER)
    modal = await modal_of(bot, slack)
    assert ZH.modal.input_label in text_of(modal)
    await slack.submit(modal.view_id, typed(DOCUMENTED))
    assert PHONE in text_of(await modal_of(bot, slack))


async def test_clear_empties_the_recent_customers_and_leaves_the_pinned(bot: WebProcess, slack: StandInSlack) -> None:
    """At once, on the page itself; other people's stay."""
    await see(bot, slack, DOCUMENTED, FACTORY)
    await see(bot, slack, CLINIC, user=MANAGER)
    await choose(bot, slack, f"pin {DOCUMENTED}")
    home = await home_of(bot, slack)
    assert element(home, CUSTOMER_CLEAR)["confirm"]["text"]["text"] == ZH.home.clear_question
    cleared = await click(bot, slack, home, CUSTOMER_CLEAR, CUSTOMER_CLEAR)
    assert values_in(cleared, CUSTOMER_PICK) == [DOCUMENTED]
    assert values_in(cleared, CUSTOMER_CLEAR) == []
    assert ZH.home.no_recents in text_of(cleared)
    assert values_in(await home_of(bot, slack, MANAGER), CUSTOMER_PICK) == [CLINIC]


async def test_customer_that_was_cleared_comes_back_when_it_is_seen_again(bot: WebProcess, slack: StandInSlack) -> None:
    await see(bot, slack, DOCUMENTED)
    await click(bot, slack, await home_of(bot, slack), CUSTOMER_CLEAR, CUSTOMER_CLEAR)
    await see(bot, slack, DOCUMENTED)
    assert values_in(await home_of(bot, slack), CUSTOMER_PICK) == [DOCUMENTED]


async def test_two_rapid_clicks_on_clear_clear_once_and_for_all(bot: WebProcess, slack: StandInSlack) -> None:
    await see(bot, slack, DOCUMENTED)
    at = InView((await home_of(bot, slack)).view_id)
    both = await asyncio.gather(*(slack.click(CUSTOMER_CLEAR, CUSTOMER_CLEAR, at=at) for _ in range(2)))
    await idle(bot)
    assert [(exchange.status, exchange.shown) for exchange in both] == [(200, []), (200, [])]
    assert values_in(home_as_shown(slack), CUSTOMER_PICK) == []


@pytest.mark.parametrize("now_is", [{"is_guest": True}, {"deleted": True}], ids=["a guest", "deactivated"])
async def test_button_of_a_home_of_before_does_nothing_for_who_may_ask_no_more(
    bot: WebProcess, slack: StandInSlack, now_is: dict[str, bool]
) -> None:
    await choose(bot, slack, "mute_channel")
    home = await home_of(bot, slack)
    for name, value in now_is.items():
        setattr(slack.people[USER], name, value)
    await slack.user_change(USER)
    await click(bot, slack, home, HOME_UNMUTE, f"channel {CHANNEL}")
    await slack.post_message(DOCUMENTED, user=MANAGER)
    await idle(bot)
    assert not slack.posts[CHANNEL]


async def test_mutes_stand_there_and_undo_brings_the_page_up_to_date(
    bot: WebProcess, slack: StandInSlack, clock: Clock
) -> None:
    """Where they hold, until when, and whose they are. Then cards come again."""
    await choose(bot, slack, "mute_channel")
    clock.advance(1)
    await choose(bot, slack, "mute_day", channel=FOREIGN_CHANNEL)
    clock.advance(1)
    await choose(bot, slack, "mute_me")
    home = await home_of(bot, slack)
    assert values_in(home, HOME_UNMUTE) == ["person", f"channel {FOREIGN_CHANNEL}", f"channel {CHANNEL}"]
    assert ZH.automatic_cards.channel_for_good(f"<#{CHANNEL}>") in text_of(home)
    assert f"<#{FOREIGN_CHANNEL}>：到 <!date^1700086401^" in text_of(home)
    home = await click(bot, slack, home, HOME_UNMUTE, "person")
    assert values_in(home, HOME_UNMUTE) == [f"channel {FOREIGN_CHANNEL}", f"channel {CHANNEL}"]
    await slack.post_message(DOCUMENTED)
    await idle(bot)
    assert not slack.posts[CHANNEL]
    home = await click(bot, slack, home, HOME_UNMUTE, f"channel {CHANNEL}")
    assert values_in(home, HOME_UNMUTE) == [f"channel {FOREIGN_CHANNEL}"]
    await slack.post_message(DOCUMENTED)
    await idle(bot)
    assert len(slack.posts[CHANNEL]) == 1


async def test_mute_that_ran_out_is_not_there(bot: WebProcess, slack: StandInSlack, clock: Clock) -> None:
    await choose(bot, slack, "mute_day")
    clock.advance(86_401)
    assert ZH.home.nothing_muted in text_of(await home_of(bot, slack))


async def test_button_of_another_version_brings_the_page_up_to_date(bot: WebProcess, slack: StandInSlack) -> None:
    await choose(bot, slack, "mute_me")
    home = await home_of(bot, slack)
    action = {"type": "button", "action_id": HOME_UNMUTE, "block_id": "b"}
    for value in ("", "nonsense", "channel ", None):
        exchange = slack.new_exchange()
        exchange.request = {
            "type": "block_actions",
            "team": {"id": "T0PLAY"},
            "user": slack.people[USER].in_payload(),
            "container": {"type": "view", "view_id": home.view_id},
            "view": home.as_json(),
            "trigger_id": slack.new_trigger(USER),
            "actions": [action if value is None else {**action, "value": value}],
        }
        before = len(home.history)
        assert (await slack.deliver(exchange, "interactive")).status == 200
        await idle(bot)
        assert len(home.history) == before + 1
        assert values_in(home_as_shown(slack), HOME_UNMUTE) == ["person"]


# --- When it is published --------------------------------------------------------------------------------------------


async def test_event_that_is_delivered_again_publishes_nothing_more(bot: WebProcess, slack: StandInSlack) -> None:
    """Neither while it is under way nor after it."""
    held = slack.hold["users.info"] = asyncio.Event()
    event = await slack.open_home()
    again = [await slack.redeliver(event, retry_num=number) for number in (1, 2)]
    held.set()
    await idle(bot)
    again.append(await slack.redeliver(event, retry_num=3))
    await idle(bot)
    assert [exchange.status for exchange in (event, *again)] == [200] * 4
    assert len(slack.asked_for("views.publish")) == 1


async def test_each_time_it_is_opened_it_is_up_to_date(bot: WebProcess, slack: StandInSlack) -> None:
    await home_of(bot, slack)
    await see(bot, slack, DOCUMENTED)
    home = await home_of(bot, slack)
    assert values_in(home, CUSTOMER_PICK) == [DOCUMENTED]
    assert len(home.history) == 2


async def test_messages_tab_publishes_nothing(bot: WebProcess, slack: StandInSlack) -> None:
    assert (await slack.open_home(tab="messages")).status == 200
    await idle(bot)
    assert not slack.asked_for("views.publish")


async def test_opening_is_acknowledged_before_anything_is_asked(bot: WebProcess, slack: StandInSlack) -> None:
    slack.hold = {method: asyncio.Event() for method in ("users.info", "views.publish")}
    assert (await slack.open_home()).status == 200
    for held in slack.hold.values():
        held.set()
    await idle(bot)
    assert ZH.home.greeting in text_of(home_as_shown(slack))


@pytest.mark.parametrize("refusal", [limited(), PlainTextResponse("", 503)], ids=["limited", "broken"])
async def test_home_that_slack_did_not_take_is_published_again(
    bot: WebProcess, slack: StandInSlack, refusal: Response
) -> None:
    """After Retry-After: it has no trigger id."""
    slack.refuse["views.publish"] = [refusal, refusal]
    home = await home_of(bot, slack)
    assert ZH.home.greeting in text_of(home)
    assert len(slack.asked_for("views.publish")) == 3


async def test_home_that_slack_refuses_comes_as_text(bot: WebProcess, slack: StandInSlack) -> None:
    await see(bot, slack, DOCUMENTED)
    slack.refuse["views.publish"] = ["invalid_arguments", "invalid_arguments"]
    home = await home_of(bot, slack)
    assert [block["type"] for block in home.view["blocks"]] == ["section"]
    assert NAME in text_of(home)


async def test_home_that_slack_refuses_for_good_is_logged(bot: WebProcess, slack: StandInSlack, logs: Logs) -> None:
    slack.refuse["views.publish"] = ["not_enabled"]
    assert (await slack.open_home()).status == 200
    await idle(bot)
    assert [line["level"] for line in logs.lines() if line.get("reason") == "not_enabled"] == ["error"]


# --- For whom --------------------------------------------------------------------------------------------------------


async def test_page_of_a_guest_says_that_it_is_for_members(bot: WebProcess, slack: StandInSlack) -> None:
    """Also of one who was a member, and had customers."""
    await see(bot, slack, DOCUMENTED, user=MANAGER)
    slack.people[MANAGER].is_guest = True
    await slack.user_change(MANAGER)
    for user, texts in ((GUEST, ZH), (MANAGER, EN)):
        home = await home_of(bot, slack, user)
        assert values_in(home, CUSTOMER_PICK) == values_in(home, FIND_CUSTOMER) == []
        assert texts.denied["guest"] in text_of(home)


async def test_page_of_people_of_other_organisations_says_that_it_is_not_for_them(
    bot: WebProcess, slack: StandInSlack
) -> None:
    """Also where they were members once, and had customers."""
    await see(bot, slack, DOCUMENTED, user=MANAGER)
    slack.people[MANAGER].team_id = OTHER_TEAM
    await slack.user_change(MANAGER)
    for user in (OUTSIDER, MANAGER):
        home = await home_of(bot, slack, user)
        assert values_in(home, FIND_CUSTOMER) == values_in(home, CUSTOMER_PICK) == []
        assert not [value for value in customer_values() if value in text_of(home)]
        assert NAME not in text_of(home)
    assert ZH.denied["outsider"] in text_of(slack.homes[OUTSIDER])


@pytest.mark.parametrize("kind", ["deleted", "is_bot", "is_stranger"])
async def test_page_of_who_is_no_member_any_more_holds_no_customers(
    bot: WebProcess, slack: StandInSlack, kind: str
) -> None:
    await see(bot, slack, DOCUMENTED)
    setattr(slack.people[USER], kind, True)
    await slack.user_change(USER)
    home = await home_of(bot, slack)
    assert values_in(home, CUSTOMER_PICK) == values_in(home, FIND_CUSTOMER) == []
    assert NAME not in text_of(home)


async def test_page_of_whom_slack_says_nothing_holds_no_customers_and_says_why(
    bot: WebProcess, slack: StandInSlack
) -> None:
    """It does not say that they belong to others: that is not known. The next time it may be."""
    await see(bot, slack, DOCUMENTED)
    refusals: tuple[Response | str, ...] = ("missing_scope", "user_not_found", PlainTextResponse("", 503))
    for refusal in refusals:
        await slack.user_change(USER)
        slack.refuse["users.info"] = [refusal] * 9
        home = await home_of(bot, slack)
        assert values_in(home, CUSTOMER_PICK) == []
        assert ZH.denied["outsider"] not in text_of(home)
        assert ZH.denied["unknown_person"] in text_of(home)
        slack.refuse["users.info"].clear()
        assert values_in(await home_of(bot, slack), CUSTOMER_PICK) == [DOCUMENTED]


# --- Without the database, without the CRM ---------------------------------------------------------------------------


async def test_without_a_database_home_says_what_cannot_be_read_and_finds_customers(
    start_bot: StartBot, slack: StandInSlack
) -> None:
    """And is published once, as far as this process knows."""
    bot = await start_bot(database_url=NO_DATABASE, database_opens=False)
    home = await home_of(bot, slack)
    assert ZH.modal.no_saved_customers in text_of(home)
    assert ZH.home.no_mutes in text_of(home)
    assert ZH.home.no_recents not in text_of(home)
    assert values_in(home, CUSTOMER_CLEAR) == []
    event = await slack.open_home()
    await idle(bot)
    await slack.redeliver(event)
    await idle(bot)
    assert len(slack.asked_for("views.publish")) == 2
    await click(bot, slack, home, FIND_CUSTOMER, FIND_CUSTOMER)
    modal = await modal_of(bot, slack)
    await slack.submit(modal.view_id, typed(DOCUMENTED))
    assert PHONE in text_of(await modal_of(bot, slack))


@pytest.mark.parametrize("action_id", [CUSTOMER_CLEAR, HOME_UNMUTE])
async def test_what_a_database_that_went_away_cannot_do_is_not_said_to_be_done(
    bot: WebProcess, slack: StandInSlack, action_id: str
) -> None:
    await see(bot, slack, DOCUMENTED)
    await choose(bot, slack, "mute_me")
    home = await home_of(bot, slack)
    assert bot.bot is not None
    await bot.bot.store.close()
    home = await click(bot, slack, home, action_id, CUSTOMER_CLEAR if action_id == CUSTOMER_CLEAR else "person")
    assert ZH.modal.no_saved_customers in text_of(home)
    assert ZH.home.no_mutes in text_of(home)
    assert ZH.home.no_recents not in text_of(home)
    assert ZH.home.nothing_muted not in text_of(home)


async def test_home_needs_no_crm(bot: WebProcess, slack: StandInSlack, crm: SampleCrm) -> None:
    await see(bot, slack, DOCUMENTED)
    crm.fault = GONE
    crm.asked.clear()
    assert NAME in text_of(await home_of(bot, slack))
    assert not crm.asked
