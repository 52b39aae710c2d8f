"""What people say in the channels of the playground's page, and what comes of it for everybody there."""

import asyncio
import html
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings

from bot.cards.action_ids import (
    CUSTOMER_DETAILS,
    CUSTOMER_MENU,
)
from bot.playground.fake_crm.server import FAULTS
from bot.playground.fake_slack.server import (
    BOT_USER,
    CHANNEL,
    FOREIGN_CHANNEL,
    MANAGER,
    USER,
)
from bot.playground.world_manager import Keeper
from tests.conftest import Clock
from tests.support.block_kit import foreign_texts
from tests.support.page_client import (  # noqa: F401  # fixtures
    Page,
    Visitor,
    card_of,
    filled,
    flexpane_of,
    guest_fixture,
    in_message,
    linked,
    manager_fixture,
    outsider_fixture,
    page_fixture,
    sales_fixture,
    served,
    text_of,
)
from tests.support.surfaces import CLINIC, DOCUMENTED, FACTORY, HOTEL, link

# --- What is said in channels ----------------------------------------------------------------------------------------


async def test_link_gets_a_work_object_that_everybody_in_the_channel_sees(
    sales: Visitor, guest: Visitor, outsider: Visitor
) -> None:
    message = await linked(sales)
    [unfurl] = message["unfurls"]
    assert unfurl["entity"]["entity_payload"]["attributes"]["title"]["text"] == "杭州岚峤精密机械有限公司"
    assert "13800001001" not in text_of(unfurl)
    assert (await guest.messages())[-1] == message
    assert link(FACTORY) not in text_of(await outsider.screen())


async def test_work_object_that_is_muted_goes_for_everybody(sales: Visitor, manager: Visitor) -> None:
    """Its buttons work where it stands."""
    message = await linked(sales)
    at = {"in": "unfurl", "channel": CHANNEL, "ts": message["ts"], "url": link(FACTORY)}
    await manager.does("choose", at=at, action_id=CUSTOMER_MENU, value="mute_channel", values={})
    await manager.private_card("C0GENERAL")
    await sales.clicks(at, CUSTOMER_DETAILS, FACTORY)
    await sales.modal("杭州岚峤")


async def test_flexpane_is_its_openers_alone_loads_first_and_closes(
    page: Page, sales: Visitor, manager: Visitor
) -> None:
    message = await linked(sales)
    theirs = await manager.screen()
    seen: list[Any] = []
    async with sales.stream() as events:
        assert (await anext(events)).name == "screen"
        await sales.does("flexpane", **flexpane_of(message))
        async for event in events:
            if event.name == "screen":
                seen.append(event.data["flexpane"])
                if filled(event.data):
                    break
    assert seen[0] == {"url": link(FACTORY), "metadata": None, "error": None}
    assert "13800001001" in text_of(seen[-1])
    assert await manager.screen() == theirs
    await sales.does("close_flexpane")
    assert (await sales.screen())["flexpane"] is None


async def test_flexpane_that_is_opened_again_loads_again(page: Page, sales: Visitor) -> None:
    message = await linked(sales)
    await sales.does("flexpane", **flexpane_of(message))
    await sales.sees(filled)
    held = page.world.slack.hold["entity.presentDetails"] = asyncio.Event()
    await sales.does("flexpane", **flexpane_of(message))
    assert (await sales.screen())["flexpane"] == {"url": link(FACTORY), "metadata": None, "error": None}
    held.set()
    await sales.sees(filled)


async def test_flexpane_shows_the_work_object_that_was_opened_last(page: Page, sales: Visitor) -> None:
    """The answer for one that was left comes late, and shows nothing."""
    slack = page.world.slack
    left, last = await linked(sales, HOTEL), await linked(sales, FACTORY)
    late = slack.hold["entity.presentDetails"] = asyncio.Event()
    await sales.does("flexpane", **flexpane_of(left))
    await slack.until(lambda: slack.asked_for("entity.presentDetails"))
    del slack.hold["entity.presentDetails"]
    await sales.does("flexpane", **flexpane_of(last))
    shown = await sales.sees(filled)
    late.set()
    await slack.until(lambda: len(slack.flexpanes[USER]) == 2)
    assert (await sales.screen())["flexpane"] == shown
    assert "13800001001" in text_of(shown)


async def test_guest_sees_the_refusal_in_the_flexpane(sales: Visitor, guest: Visitor) -> None:
    await guest.does("flexpane", **flexpane_of(await linked(sales)))
    pane = await guest.sees(filled)
    assert pane["metadata"] is None
    assert "访客不能查看客户" in pane["error"]["custom_title"]
    assert (await sales.screen())["flexpane"] is None


async def test_bare_number_gets_its_card_in_the_messages_thread(sales: Visitor, manager: Visitor) -> None:
    await sales.says("CF00000179 又来电话了")
    said, card = (await manager.messages(count=3))[1:]
    assert (card["thread_ts"], card["user"], card["only_you"]) == (said["ts"], BOT_USER, False)
    assert "胡效鑫1" in text_of(card)
    await manager.clicks(in_message(card), CUSTOMER_DETAILS, DOCUMENTED)
    await manager.modal("CF00000179")


async def test_reply_stands_in_its_thread(sales: Visitor) -> None:
    message, *_ = before = await sales.messages()
    await sales.says("好的", thread_ts=message["ts"])
    assert (await sales.messages())[-1]["thread_ts"] == message["ts"]
    for nowhere in ("1.1", (await card_of(sales))["ts"]):
        assert "not there" in await sales.refusal_of("say", channel=CHANNEL, text="好的", thread_ts=nowhere)
    assert len(await sales.messages()) == len(before) + 1


@pytest.mark.parametrize("text", ["", "  ", "\n"])
async def test_nobody_says_nothing(sales: Visitor, text: str) -> None:
    before = await sales.messages()
    assert await sales.refusal_of("say", channel=CHANNEL, text=text, thread_ts="") == "no_text"
    assert await sales.messages() == before


@given(text=foreign_texts(20).map(lambda text: "x" + text.replace("://", "")))
@settings(max_examples=40, suppress_health_check=list(HealthCheck))
@example(text="<!channel> & <@U0SALES> <https:evil|here> &lt;")
@example(text="*bold*\nand more")
async def test_what_is_typed_is_text(sales: Visitor, text: str) -> None:
    """As in Slack's events: no mention, link or markup of the typist's own making."""
    if (text := text.encode("utf-8", "ignore").decode().strip()) and len(text) < 200:
        await sales.says(text, FOREIGN_CHANNEL)
        said = (await sales.messages(FOREIGN_CHANNEL))[-1]["text"]
        assert not set(said) & set("<>")
        assert html.unescape(said) == html.unescape(html.escape(text))


async def test_link_that_is_typed_is_a_link(sales: Visitor) -> None:
    await sales.says("a & b: https://example.com/?a=1&b=2 <b>", FOREIGN_CHANNEL)
    [said] = await sales.messages(FOREIGN_CHANNEL)
    assert said["text"] == "a &amp; b: <https://example.com/?a=1&amp;b=2> &lt;b&gt;"


@pytest.mark.parametrize("text", ["http://[", "https://[::1", "http://]/x", "https://[crm.example.com]/customer/1"])
async def test_link_that_is_none_is_said_all_the_same(sales: Visitor, text: str) -> None:
    await sales.says(text)
    assert text in (await sales.messages())[-1]["text"]


# --- Languages and the CRM -------------------------------------------------------------------------------------------


async def test_next_answer_is_in_the_language_that_was_chosen(sales: Visitor, manager: Visitor) -> None:
    for locale, label in (("en-US", "Phone"), ("zh-CN", "联系电话"), ("en-US", "Phone")):
        await sales.does("locale", locale=locale)
        before = len(await sales.messages())
        await sales.says(f"/customer {DOCUMENTED}")
        assert f"*{label}*" in text_of((await sales.messages(count=before + 1))[-1])
    people = {person["id"]: person["locale"] for person in (await manager.screen())["people"]}
    assert (people[USER], people[MANAGER]) == ("en-US", "en-US")
    assert "no such language" in await sales.refusal_of("locale", locale="tlh")


@pytest.mark.parametrize("desktop", ["en_US:en", "zh_CN"])
async def test_languages_are_peoples_own_whatever_the_desktop_speaks(
    monkeypatch: pytest.MonkeyPatch, clock: Clock, desktop: str
) -> None:
    monkeypatch.setenv("LANGUAGE", desktop)
    async with served(Keeper(clock)) as page, page.keeper.kept():
        assert "联系电话" in text_of(await card_of(page.visited_by(USER)))
        manager = page.visited_by(MANAGER)
        await manager.says(f"/customer {DOCUMENTED}")
        assert "*Phone*" in text_of(await manager.private_card("CF00000179"))


@pytest.mark.parametrize("fault", FAULTS)
async def test_crm_has_the_fault_that_was_chosen_for_everybody_until_it_is_up(
    page: Page, sales: Visitor, guest: Visitor, fault: str
) -> None:
    assert (await sales.screen())["faults"] == list(FAULTS)
    assert (await sales.screen())["fault"] == "up"
    await sales.does("crm", fault=fault)
    assert (await guest.screen())["fault"] == (await sales.screen())["fault"] == fault
    assert page.world.crm.fault == FAULTS[fault]
    assert "no such fault" in await sales.refusal_of("crm", fault="sideways")
    assert (await sales.screen())["fault"] == fault
    await guest.does("crm", fault="up")
    assert (await sales.screen())["fault"] == "up"
    await sales.says(f"/customer {CLINIC}")
    assert "无法" not in (await sales.private_card("CF0"))["text"]
