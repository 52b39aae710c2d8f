"""What people do on the playground's page, and what they and others see then."""

import asyncio
import html
from collections.abc import Callable
from typing import Any, Final

import pytest
from hypothesis import HealthCheck, example, given, settings

from bot.cards.action_ids import (
    CUSTOMER_DETAILS,
    CUSTOMER_MENU,
    CUSTOMER_PICK,
    CUSTOMER_REFRESH,
    CUSTOMER_REVEAL,
    CUSTOMER_SEARCH,
    CUSTOMER_SHARE,
    CUSTOMER_TAB_CONTACTS,
    CUSTOMER_TAB_PROFILE,
    CUSTOMER_TAB_WORK_ORDERS,
)
from bot.playground.keeper import Keeper
from bot.playground.sample_crm import FAULTS, Fault
from bot.playground.stand_in_slack import (
    BOT_USER,
    CHANNEL,
    DIRECT_MESSAGE,
    FOREIGN_CHANNEL,
    MANAGER,
    PRIVATE_CHANNEL,
    SHARED_CHANNEL,
    USER,
)
from bot.playground.world import FIRST_MESSAGE
from tests.blocks import foreign_texts
from tests.conftest import Clock
from tests.page_visitor import (  # noqa: F401  # fixtures
    Json,
    Page,
    Visitor,
    guest_fixture,
    in_message,
    in_view,
    manager_fixture,
    outsider_fixture,
    page_fixture,
    sales_fixture,
    served,
    text_of,
    values_of,
)
from tests.screens import chosen, patience_fixture, typed  # noqa: F401  # a fixture
from tests.surfaces import CLINIC, DOCUMENTED, FACTORY, HOTEL, link, private_values

TAX_ID: Final = "91110108339719567A"
PHONE: Final = "185 3962 2352"
SOMETHING: Final = (
    ("say", {"channel": CHANNEL, "text": "hello", "thread_ts": ""}),
    ("message_shortcut", {"channel": CHANNEL, "ts": "1700000000.000001"}),
    *((verb, {"locale": "en-US", "fault": "down"}) for verb in ("global_shortcut", "home", "locale", "crm")),
)


async def card_of(visitor: Visitor) -> Json:
    """The first card, which the salesperson alone sees."""
    return await visitor.private_card("胡效鑫1")


async def details_of(visitor: Visitor) -> Json:
    """The modal of the first card."""
    await visitor.clicks(in_message(await card_of(visitor)), CUSTOMER_DETAILS, DOCUMENTED)
    return await visitor.modal("统一社会信用码")


async def linked(visitor: Visitor, customer_id: str = FACTORY, channel: str = CHANNEL) -> Json:
    """A message with a link, once its Work Object is there."""
    await visitor.says(f"看看 {link(customer_id)}", channel)

    def with_entity(screen: Json) -> Json | None:
        last: Json = screen["messages"][channel][-1]
        return last if any(unfurl["entity"] for unfurl in last["unfurls"]) else None

    return await visitor.sees(with_entity)


def flexpane_of(message: Json, channel: str = CHANNEL) -> Json:
    return {"channel": channel, "ts": message["ts"], "url": message["unfurls"][0]["url"]}


def filled(screen: Json) -> Json | None:
    """The open flexpane, once it no longer loads."""
    pane: Json | None = screen["flexpane"]
    return pane if pane and (pane["metadata"] or pane["error"]) else None


# --- At the start ----------------------------------------------------------------------------------------------------


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


# --- Commands --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("channel", [CHANNEL, SHARED_CHANNEL, FOREIGN_CHANNEL, DIRECT_MESSAGE])
async def test_answer_of_a_command_is_seen_by_its_asker_alone(sales: Visitor, manager: Visitor, channel: str) -> None:
    theirs = await manager.screen()
    await sales.says(f"/customer {FACTORY}", channel)
    assert "杭州岚峤" in text_of(await sales.private_card("CF00000201", channel))
    assert await manager.screen() == theirs


async def test_documented_customer_is_found_by_each_of_its_identifiers(sales: Visitor) -> None:
    texts = [DOCUMENTED, "CF00000179", "胡效鑫1", "18539622352", "903146517@qq.com", "CE00000154", "LPR30-20230042"]
    for text in texts:
        before = len(await sales.messages())
        await sales.says(f"/customer {text}")
        [card] = (await sales.messages(count=before + 1))[before:]
        assert (text, card["text"]) == (text, "胡效鑫1  CF00000179")


@pytest.mark.parametrize(
    ("text", "places"), [("峤砚口腔门诊部", ["深圳市", "咸阳市"]), ("13800001027", ["乌鲁木齐市", "昌吉市"])]
)
async def test_twins_are_a_list(sales: Visitor, text: str, places: list[str]) -> None:
    """One has the name of another, one the phone of another."""
    await sales.says(f"/customer {text}")
    shown = text_of(await sales.private_card(places[0]))
    assert places[1] in shown


async def test_waiting_line_and_its_card_stay_beside_one_another(page: Page, sales: Visitor) -> None:
    """As in Slack, where an acknowledgement cannot be replaced."""
    page.world.crm.fault = Fault(hang=True)
    before = len(await sales.messages())
    await sales.says(f"/customer {HOTEL}")
    [waiting] = (await sales.messages())[before:]
    assert "正在查询" in waiting["text"]
    page.world.crm.release()
    still, card = (await sales.messages(count=before + 2))[before:]
    assert still == waiting
    assert card["only_you"]
    assert card["ts"] > waiting["ts"]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("/customer", "/customer is not supported in threads. Sorry!"),
        ("/remind me", "/remind is not supported in threads. Sorry!"),
    ],
)
async def test_slack_has_no_commands_in_threads(sales: Visitor, text: str, words: str) -> None:
    message, _ = before = await sales.messages()
    assert await sales.is_told("say", channel=CHANNEL, text=text, thread_ts=message["ts"]) == words
    assert await sales.messages() == before


@pytest.mark.parametrize("text", ["/customers", "/remind me", "/", "/CUSTOMER x"])
async def test_slack_knows_no_other_command(sales: Visitor, text: str) -> None:
    before = await sales.messages()
    words = await sales.is_told("say", channel=CHANNEL, text=text, thread_ts="")
    assert words == f"{text.split()[0]} is not a valid command."
    assert await sales.messages() == before


async def test_bot_that_does_not_answer_in_time_has_failed(
    page: Page, sales: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.playground.stand_in_slack.ACK_SECONDS", 0.05)
    page.world.crm.fault = Fault(hang=True)
    words = await sales.is_told("say", channel=CHANNEL, text=f"/customer {CLINIC}", thread_ts="")
    assert words == "customer-bot failed with the error: operation_timeout"


# --- Cards -----------------------------------------------------------------------------------------------------------


async def test_refresh_replaces_the_very_card_that_was_clicked(page: Page, sales: Visitor) -> None:
    """In its place, with its timestamp; other cards stay as they are."""
    await sales.says(f"/customer {DOCUMENTED}")
    await sales.says(f"/customer {FACTORY}")
    message, first, second, other = before = await sales.messages()
    page.world.crm.fault = FAULTS["html"]
    await sales.clicks(in_message(first), CUSTOMER_REFRESH, DOCUMENTED)
    after = await sales.sees(lambda screen: _if(screen["messages"][CHANNEL], lambda shown: shown[1] != first))
    assert [shown["ts"] for shown in after] == [shown["ts"] for shown in before]
    assert "易售后的回答无法读取" in text_of(after[1])
    assert [after[0], *after[2:]] == [message, second, other]


async def test_menu_answers_beside_its_card(sales: Visitor) -> None:
    before = await sales.messages()
    chosen_option = {"action_id": CUSTOMER_MENU, "value": f"copy {DOCUMENTED}", "values": {}}
    await sales.does("choose", at=in_message(before[1]), **chosen_option)
    after = await sales.messages(count=3)
    assert after[:2] == before
    assert "18539622352" in text_of(after[2])


async def test_what_is_not_shown_cannot_be_clicked(sales: Visitor) -> None:
    at = in_message(await card_of(sales))
    for action_id, value in ((CUSTOMER_REFRESH, FACTORY), (CUSTOMER_PICK, DOCUMENTED), ("x", None)):
        assert "can be clicked there" in await sales.is_told(
            "click", at=at, action_id=action_id, value=value, values={}
        )


@pytest.mark.parametrize(
    "at",
    [
        {"in": "message", "channel": CHANNEL, "ts": "1.1"},
        {"in": "view", "view": "V9999"},
        {"in": "unfurl", "channel": CHANNEL, "ts": "1.1", "url": link(FACTORY)},
        {"in": "unfurl", "channel": CHANNEL, "ts": "1700000000.000001", "url": link(FACTORY)},
        {"in": "flexpane"},
        {"in": "nowhere"},
    ],
)
async def test_what_is_gone_cannot_be_clicked(sales: Visitor, at: Json) -> None:
    """Another window may show it still."""
    await sales.is_told("click", at=at, action_id=CUSTOMER_DETAILS, value=FACTORY, values={})


# --- Modals ----------------------------------------------------------------------------------------------------------


async def test_details_are_a_modal_of_their_asker(sales: Visitor, manager: Visitor) -> None:
    theirs = await manager.screen()
    modal = await details_of(sales)
    assert (modal["type"], modal["errors"]) == ("modal", {})
    assert await manager.screen() == theirs


async def test_tabs_and_pushes_change_the_modal_and_close_takes_it_away(sales: Visitor) -> None:
    modal = await details_of(sales)
    await sales.clicks(in_view(modal), CUSTOMER_TAB_CONTACTS, DOCUMENTED)
    contacts = await sales.modal("张会计")
    assert (contacts["id"], contacts["hash"] == modal["hash"]) == (modal["id"], False)
    option = {"action_id": CUSTOMER_MENU, "value": f"copy {DOCUMENTED}", "values": {}}
    await sales.clicks(in_view(contacts), CUSTOMER_TAB_PROFILE, DOCUMENTED)
    await sales.does("choose", at=in_view(await sales.modal("统一社会信用码")), **option)
    pushed = await sales.modal("联系电话: 18539622352")
    assert [view["id"] for view in (await sales.screen())["modals"]] == [modal["id"], pushed["id"]]
    assert "not on top" in await sales.is_told("close", view=modal["id"])
    await sales.does("close", view=pushed["id"])
    assert [view["id"] for view in (await sales.screen())["modals"]] == [modal["id"]]
    await sales.does("close", view=modal["id"])
    assert (await sales.screen())["modals"] == []


async def test_reveal_shows_what_is_masked(sales: Visitor) -> None:
    modal = await details_of(sales)
    assert TAX_ID not in text_of(modal)
    await sales.clicks(in_view(modal), CUSTOMER_REVEAL, DOCUMENTED)
    await sales.modal(TAX_ID)


async def test_share_is_posted_for_everybody_in_the_channel(
    sales: Visitor, manager: Visitor, guest: Visitor, outsider: Visitor
) -> None:
    await sales.clicks(in_message(await card_of(sales)), CUSTOMER_SHARE, DOCUMENTED)
    modal = await sales.modal("频道里的其他人会看到")
    await sales.does("submit", view=modal["id"], values=chosen(CHANNEL))
    await sales.modal("已发布到")
    posted = (await manager.messages(count=2))[-1]
    assert (posted["user"], posted["only_you"], posted["thread_ts"]) == (BOT_USER, False, "")
    assert "胡效鑫1" in text_of(posted)
    assert PHONE not in text_of(posted)
    assert (await guest.messages())[-1] == (await sales.messages())[-1] == posted
    assert await outsider.messages(SHARED_CHANNEL) == []


async def test_what_is_wrong_with_an_input_stands_in_the_modal_with_what_was_typed(page: Page, sales: Visitor) -> None:
    await sales.does("global_shortcut")
    shown = in_view(await sales.modal())
    page.world.slack.modals[USER][-1].errors = {"query": "?"}
    box = {"action_id": CUSTOMER_SEARCH, "value": FACTORY, "values": typed("hz")}
    await sales.is_told("choose", at=shown, **box)
    modal = await sales.modal()
    assert (modal["errors"], modal["state"]["values"]) == ({"query": "?"}, typed("hz"))


async def test_modal_without_inputs_cannot_be_submitted(sales: Visitor) -> None:
    modal = await details_of(sales)
    assert "nothing to submit" in await sales.is_told("submit", view=modal["id"], values={})
    await sales.does("home")
    home = await sales.sees(lambda screen: screen["home"])
    assert "not on top" in await sales.is_told("close", view=home["id"])


async def test_find_looks_for_what_was_typed(sales: Visitor) -> None:
    await sales.does("global_shortcut")
    modal = await sales.modal()
    await sales.does("submit", view=modal["id"], values=typed("CF00000179"))
    await sales.modal("统一社会信用码")


async def test_typing_ahead_gives_options_of_which_one_is_chosen(sales: Visitor) -> None:
    """Every customer of the sample CRM is suggested from the start. Too short a text asks nobody."""
    await sales.does("global_shortcut")
    box = {"at": in_view(await sales.modal()), "action_id": CUSTOMER_SEARCH}
    options = (await sales.does("suggest", **box, text="hzl"))["options"]
    assert [option["value"] for option in options] == [FACTORY]
    assert "from 1 characters on" in await sales.is_told("suggest", **box, text="")
    assert (await sales.does("suggest", **box, text="nobody is called so"))["options"] == []
    assert "is not suggested there" in await sales.is_told("choose", **box, value=FACTORY, values={})
    await sales.does("suggest", **box, text="hzl")
    await sales.does("choose", **box, value=FACTORY, values={})
    await sales.modal("杭州岚峤")


async def test_home_is_that_of_the_person(sales: Visitor, manager: Visitor, guest: Visitor) -> None:
    for visitor in (sales, manager, guest):
        assert (await visitor.screen())["home"] is None
        await visitor.does("home")
    assert "胡效鑫1 · CF00000179" in text_of(await sales.sees(lambda screen: screen["home"]))
    for visitor in (manager, guest):
        assert "胡效鑫1" not in text_of(await visitor.sees(lambda screen: screen["home"]))


# --- Shortcuts -------------------------------------------------------------------------------------------------------


async def test_shortcut_of_a_message_with_several_customers_is_a_list(sales: Visitor) -> None:
    message, _ = await sales.messages()
    await sales.does("message_shortcut", channel=CHANNEL, ts=message["ts"])
    modal = await sales.modal("在这条消息里找到 2 位客户")
    await sales.clicks(in_view(modal), CUSTOMER_PICK, values_of(modal, CUSTOMER_PICK)[0])
    await sales.modal("杭州岚峤精密机械有限公司")


async def test_shortcut_works_on_a_message_of_the_bots(sales: Visitor, manager: Visitor) -> None:
    await sales.clicks(in_message(await card_of(sales)), CUSTOMER_SHARE, DOCUMENTED)
    await sales.does("submit", view=(await sales.modal("会看到"))["id"], values=chosen(CHANNEL))
    posted = (await manager.messages(count=2))[-1]
    await manager.does("message_shortcut", channel=CHANNEL, ts=posted["ts"])
    await manager.modal("CF00000179")


async def test_private_messages_have_no_shortcut(sales: Visitor) -> None:
    card = await card_of(sales)
    assert "not there" in await sales.is_told("message_shortcut", channel=CHANNEL, ts=card["ts"])
    assert (await sales.screen())["modals"] == []


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


async def test_guest_is_told_in_the_flexpane(sales: Visitor, guest: Visitor) -> None:
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
    message, _ = await sales.messages()
    await sales.says("好的", thread_ts=message["ts"])
    assert (await sales.messages())[-1]["thread_ts"] == message["ts"]
    for nowhere in ("1.1", (await card_of(sales))["ts"]):
        assert "not there" in await sales.is_told("say", channel=CHANNEL, text="好的", thread_ts=nowhere)
    assert len(await sales.messages()) == 3


@pytest.mark.parametrize("text", ["", "  ", "\n"])
async def test_nobody_says_nothing(sales: Visitor, text: str) -> None:
    before = await sales.messages()
    assert await sales.is_told("say", channel=CHANNEL, text=text, thread_ts="") == "no_text"
    assert await sales.messages() == before


@given(text=foreign_texts(20).map(lambda text: "x" + text.replace("://", "")))
@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
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
    assert "no such language" in await sales.is_told("locale", locale="tlh")


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
    assert "no such fault" in await sales.is_told("crm", fault="sideways")
    assert (await sales.screen())["fault"] == fault
    await guest.does("crm", fault="up")
    assert (await sales.screen())["fault"] == "up"
    await sales.says(f"/customer {CLINIC}")
    assert "无法" not in (await sales.private_card("CF0"))["text"]


# --- Who may do what, and who sees what ------------------------------------------------------------------------------


@pytest.mark.parametrize("person", ["U0BOT", "U0GONE", "U0VISITOR", "nobody", "", "*"])
async def test_nobody_acts_as_somebody_unknown(page: Page, sales: Visitor, person: str) -> None:
    before = await sales.screen()
    stranger = page.visited_by(person)
    for verb, asked in SOMETHING:
        assert "no such person" in await stranger.is_told(verb, **asked)
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
            assert "not in that channel" in await outsider.is_told(verb, **asked)
    assert await sales.screen() == before


async def test_nobody_reaches_a_message_by_way_of_another_channel(sales: Visitor, outsider: Visitor) -> None:
    """Timestamps of messages are known, and the outsider is in one channel of both."""
    message, card = await sales.messages()
    await linked(sales, channel=CHANNEL)
    there = {"channel": SHARED_CHANNEL, "ts": (await sales.messages())[-1]["ts"], "url": link(FACTORY)}
    click = {"action_id": CUSTOMER_DETAILS, "value": FACTORY, "values": {}}
    await outsider.is_told("flexpane", **there)
    await outsider.is_told("click", at={"in": "unfurl", **there}, **click)
    for ts in (message["ts"], card["ts"]):
        await outsider.is_told("click", at={"in": "message", "channel": SHARED_CHANNEL, "ts": ts}, **click)
        await outsider.is_told("message_shortcut", channel=SHARED_CHANNEL, ts=ts)
        await outsider.is_told("say", channel=SHARED_CHANNEL, text="hello", thread_ts=ts)
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
            assert "somebody else's" in await manager.is_told(verb, **asked)
    click = {"action_id": CUSTOMER_REFRESH, "value": DOCUMENTED, "values": {}}
    assert "not there" in await manager.is_told("click", at=in_message(card), **click)
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


def _if(part: Any, is_so: Callable[[Any], bool]) -> Any:
    return part if is_so(part) else None
