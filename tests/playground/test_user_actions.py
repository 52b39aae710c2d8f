"""What people do on the playground's page with commands, cards, modals and shortcuts."""

from collections.abc import Callable
from typing import Any, Final

import pytest

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
)
from bot.playground.fake_crm.server import FAULTS, Fault
from bot.playground.fake_slack.server import (
    BOT_USER,
    CHANNEL,
    DIRECT_MESSAGE,
    FOREIGN_CHANNEL,
    SHARED_CHANNEL,
    USER,
)
from tests.support.modals import chosen, typed
from tests.support.page_client import (  # noqa: F401  # fixtures
    Json,
    Page,
    Visitor,
    card_of,
    details_of,
    guest_fixture,
    in_message,
    in_view,
    manager_fixture,
    outsider_fixture,
    page_fixture,
    sales_fixture,
    text_of,
    values_of,
)
from tests.support.surfaces import CLINIC, DOCUMENTED, FACTORY, HOTEL, link

TAX_ID: Final = "91110108339719567A"
PHONE: Final = "185 3962 2352"


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
    message, *_ = before = await sales.messages()
    assert await sales.refusal_of("say", channel=CHANNEL, text=text, thread_ts=message["ts"]) == words
    assert await sales.messages() == before


@pytest.mark.parametrize("text", ["/customers", "/remind me", "/", "/CUSTOMER x"])
async def test_slack_knows_no_other_command(sales: Visitor, text: str) -> None:
    before = await sales.messages()
    words = await sales.refusal_of("say", channel=CHANNEL, text=text, thread_ts="")
    assert words == f"{text.split()[0]} is not a valid command."
    assert await sales.messages() == before


async def test_bot_that_does_not_answer_in_time_has_failed(
    page: Page, sales: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.playground.fake_slack.server.ACK_SECONDS", 0.05)
    page.world.crm.fault = Fault(hang=True)
    words = await sales.refusal_of("say", channel=CHANNEL, text=f"/customer {CLINIC}", thread_ts="")
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
        assert "can be clicked there" in await sales.refusal_of(
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
    await sales.refusal_of("click", at=at, action_id=CUSTOMER_DETAILS, value=FACTORY, values={})


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
    assert "not on top" in await sales.refusal_of("close", view=modal["id"])
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
    await sales.refusal_of("choose", at=shown, **box)
    modal = await sales.modal()
    assert (modal["errors"], modal["state"]["values"]) == ({"query": "?"}, typed("hz"))


async def test_modal_without_inputs_cannot_be_submitted(sales: Visitor) -> None:
    modal = await details_of(sales)
    assert "nothing to submit" in await sales.refusal_of("submit", view=modal["id"], values={})
    await sales.does("home")
    home = await sales.sees(lambda screen: screen["home"])
    assert "not on top" in await sales.refusal_of("close", view=home["id"])


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
    assert "from 1 characters on" in await sales.refusal_of("suggest", **box, text="")
    assert (await sales.does("suggest", **box, text="nobody is called so"))["options"] == []
    assert "is not suggested there" in await sales.refusal_of("choose", **box, value=FACTORY, values={})
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
    message, *_ = await sales.messages()
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
    assert "not there" in await sales.refusal_of("message_shortcut", channel=CHANNEL, ts=card["ts"])
    assert (await sales.screen())["modals"] == []


def _if(part: Any, is_so: Callable[[Any], bool]) -> Any:
    return part if is_so(part) else None
