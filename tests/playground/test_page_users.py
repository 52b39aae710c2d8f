"""Who may do what on the playground's page, and who sees what."""

from typing import Final

import pytest

from bot.cards.action_ids import (
    CUSTOMER_DETAILS,
    CUSTOMER_MENU,
    CUSTOMER_REFRESH,
    CUSTOMER_REVEAL,
    CUSTOMER_SEARCH,
    CUSTOMER_TAB_CONTACTS,
    CUSTOMER_TAB_WORK_ORDERS,
)
from bot.playground.fake_slack.server import (
    BOT_USER,
    CHANNEL,
    DIRECT_MESSAGE,
    FOREIGN_CHANNEL,
    MANAGER,
    PRIVATE_CHANNEL,
    SHARED_CHANNEL,
)
from bot.playground.world import FIRST_MESSAGE
from tests.support.page_client import (  # noqa: F401  # fixtures
    Page,
    Visitor,
    card_of,
    details_of,
    filled,
    flexpane_of,
    guest_fixture,
    in_message,
    in_view,
    linked,
    manager_fixture,
    outsider_fixture,
    page_fixture,
    sales_fixture,
    text_of,
)
from tests.support.surfaces import CLINIC, DOCUMENTED, FACTORY, HOTEL, link, private_values

PHONE: Final = "185 3962 2352"
SOMETHING: Final = (
    ("say", {"channel": CHANNEL, "text": "hello", "thread_ts": ""}),
    ("message_shortcut", {"channel": CHANNEL, "ts": "1700000000.000001"}),
    *((verb, {"locale": "en-US", "fault": "down"}) for verb in ("global_shortcut", "home", "locale", "crm")),
)


async def test_salesperson_finds_a_message_and_a_card_and_others_the_message_alone(
    sales: Visitor, manager: Visitor, guest: Visitor, outsider: Visitor
) -> None:
    message, card = await sales.messages()
    assert (message["text"], message["user"], message["only_you"]) == (FIRST_MESSAGE, MANAGER, False)
    assert (card["text"], card["user"], card["only_you"]) == ("胡效鑫1  CF00000179", BOT_USER, True)
    assert PHONE in text_of(card)
    assert await manager.messages() == await guest.messages() == [message]
    assert list((await outsider.screen())["messages"]) == [SHARED_CHANNEL]
    assert await outsider.messages(SHARED_CHANNEL) == []


async def test_nobody_acts_as_an_unknown_user(page: Page, sales: Visitor) -> None:
    """Nor as the bot, or as a user who has left."""
    before = await sales.screen()
    for person in ("U0BOT", "U0GONE", "U0VISITOR", "nobody", "", None):
        for verb, asked in SOMETHING:
            assert "no such person" in await sales.refusal_of(verb, **asked, person=person)
    assert await sales.screen() == before


@pytest.mark.parametrize("channel", [CHANNEL, FOREIGN_CHANNEL, DIRECT_MESSAGE, PRIVATE_CHANNEL, "C0NOWHERE"])
async def test_nobody_acts_in_a_channel_that_they_do_not_see(sales: Visitor, outsider: Visitor, channel: str) -> None:
    await linked(sales)
    message, card, last = await sales.messages()
    before = await sales.screen()
    click = {"action_id": CUSTOMER_DETAILS, "value": DOCUMENTED, "values": {}}
    for ts in (message["ts"], card["ts"], last["ts"]):
        at = {"in": "message", "channel": channel, "ts": ts}
        under = {"in": "unfurl", "channel": channel, "ts": ts, "url": link(FACTORY)}
        for verb, asked in (
            ("say", {"channel": channel, "text": "hello", "thread_ts": ""}),
            ("say", {"channel": channel, "text": "/customer", "thread_ts": ""}),
            ("click", {"at": at, **click}),
            ("click", {"at": under, **click}),
            ("choose", {"at": under, "action_id": CUSTOMER_MENU, "value": "mute_channel", "values": {}}),
            ("suggest", {"at": at, "action_id": CUSTOMER_SEARCH, "text": "hz"}),
            ("message_shortcut", {"channel": channel, "ts": ts}),
            ("flexpane", {"channel": channel, "ts": ts, "url": link(FACTORY)}),
        ):
            assert "not in that channel" in await outsider.refusal_of(verb, **asked)
    assert await sales.screen() == before


async def test_nobody_reaches_a_message_by_way_of_another_channel(sales: Visitor, outsider: Visitor) -> None:
    """Timestamps of messages are known, and the outsider is in one channel of both."""
    message, card = await sales.messages()
    await linked(sales, channel=CHANNEL)
    there = {"channel": SHARED_CHANNEL, "ts": (await sales.messages())[-1]["ts"], "url": link(FACTORY)}
    click = {"action_id": CUSTOMER_DETAILS, "value": FACTORY, "values": {}}
    await outsider.refusal_of("flexpane", **there)
    await outsider.refusal_of("click", at={"in": "unfurl", **there}, **click)
    for ts in (message["ts"], card["ts"]):
        await outsider.refusal_of("click", at={"in": "message", "channel": SHARED_CHANNEL, "ts": ts}, **click)
        await outsider.refusal_of("message_shortcut", channel=SHARED_CHANNEL, ts=ts)
        await outsider.refusal_of("say", channel=SHARED_CHANNEL, text="hello", thread_ts=ts)
    screen = await outsider.screen()
    assert (screen["flexpane"], screen["modals"], screen["messages"]) == (None, [], {SHARED_CHANNEL: []})


async def test_nobody_acts_on_anothers_card_or_view(sales: Visitor, manager: Visitor) -> None:
    await sales.does("home")
    home = await sales.sees(lambda screen: screen["home"])
    modal, card = await details_of(sales), await card_of(sales)
    before = await sales.screen()
    click = {"action_id": CUSTOMER_TAB_CONTACTS, "value": DOCUMENTED, "values": {}}
    for view in (modal, home):
        for verb, asked in (
            ("close", {"view": view["id"]}),
            ("submit", {"view": view["id"], "values": {}}),
            ("click", {"at": in_view(view), **click}),
            ("suggest", {"at": in_view(view), "action_id": CUSTOMER_SEARCH, "text": "hz"}),
        ):
            assert "somebody else's" in await manager.refusal_of(verb, **asked)
    click = {"action_id": CUSTOMER_REFRESH, "value": DOCUMENTED, "values": {}}
    assert "not there" in await manager.refusal_of("click", at=in_message(card), **click)
    assert await sales.screen() == before


async def test_screens_of_guests_and_outsiders_hold_nothing_private(
    sales: Visitor, guest: Visitor, outsider: Visitor
) -> None:
    """Whatever the salesperson has looked at, in all the ways there are, and whatever they try themselves."""
    private = private_values()
    seen = ""
    for customer_id in (DOCUMENTED, FACTORY, CLINIC, HOTEL):
        for channel in (CHANNEL, SHARED_CHANNEL):
            await sales.says(f"/customer {customer_id}", channel)
            card = await sales.private_card(customer_id, channel)
            for action_id in (CUSTOMER_DETAILS, CUSTOMER_REFRESH):
                await sales.clicks(in_message(card, channel), action_id, customer_id)
            option = {"action_id": CUSTOMER_MENU, "value": f"copy {customer_id}", "values": {}}
            await sales.does("choose", at=in_message(card, channel), **option)
        modal = await sales.modal(customer_id)
        for action_id in (CUSTOMER_REVEAL, CUSTOMER_TAB_CONTACTS, CUSTOMER_TAB_WORK_ORDERS):
            await sales.asks("click", at=in_view(modal), action_id=action_id, value=customer_id, values={})
        await sales.says(link(customer_id), SHARED_CHANNEL)
        message = await linked(sales, customer_id)
        for visitor in (sales, guest, outsider):
            await visitor.asks("flexpane", **flexpane_of(message))
            await visitor.asks("say", channel=SHARED_CHANNEL, text=f"/customer {customer_id}", thread_ts="")
            await visitor.asks("home")
        await sales.sees(filled)
        seen += text_of(await sales.screen())
        for visitor in (guest, outsider):
            theirs = text_of(await visitor.screen())
            assert [value for value in private if value in theirs] == []
    assert len([value for value in private if value in seen]) > 20
