"""What the bot shows on the playground's page, surface by surface, in a real browser."""

import re

import pytest
from playwright.sync_api import expect

from tests.support.browser import EnterPage
from tests.support.browser_steps import (
    NAME,
    PHONE_NUMBER,
    TAX_ID,
    ZH,
    card_of,
    choose_in_menu,
    details_of,
    hear_why,
    last_card,
    modal,
    say,
)
from tests.support.surfaces import DOCUMENTED, link

pytestmark = [pytest.mark.browser, pytest.mark.usefixtures("address")]


# --- Asking -----------------------------------------------------------------------------------------------------------


def test_page_begins_with_a_message_and_a_card_that_only_you_see(enter: EnterPage) -> None:
    page = enter().page
    expect(page.get_by_text("请给 138 0000 1001 回电")).to_be_visible()
    card = last_card(page)
    expect(card).to_contain_text("仅你可见")
    expect(card.get_by_role("heading", name="胡效鑫1")).to_be_visible()
    expect(page.get_by_role("navigation").get_by_role("button")).to_have_text(
        [
            re.compile("general"),
            re.compile("shared"),
            re.compile("without-the-bot"),
            re.compile("manager"),
            re.compile("customer-bot"),
        ]
    )


@pytest.mark.parametrize("typed", ["13800001001", "CF00000201", "lqjmjx", "fang@example.com"])
def test_command_shows_a_card_to_its_asker_alone(enter: EnterPage, typed: str) -> None:
    one, other = enter().page, enter("person=U0MANAGER").page
    card = card_of(one, typed, NAME)
    expect(card.get_by_role("link", name=PHONE_NUMBER)).to_have_attribute("href", "tel:13800001001")
    expect(one.locator("#composer")).to_have_value("")
    say(other, "have you seen this?")
    expect(one.get_by_text("have you seen this?")).to_be_visible()  # so that what can come has come
    expect(other.locator("#main .message")).to_have_count(2)
    expect(other.locator("#slack")).not_to_contain_text(NAME)


def test_list_of_two_of_one_name_opens_either(enter: EnterPage) -> None:
    page = enter().page
    say(page, "/customer 峤砚口腔")
    expect(last_card(page)).to_contain_text("深圳市")
    expect(last_card(page)).to_contain_text("咸阳市")
    last_card(page).get_by_role("button", name=re.compile("CF00000226")).click()
    expect(modal(page)).to_contain_text("渭岚路131号")


def test_what_slack_would_refuse_is_said_and_stays_in_the_box(enter: EnterPage) -> None:
    page = enter().page
    say(page, "/unknown")
    expect(page.get_by_role("alert")).to_contain_text("/unknown is not a valid command.")
    expect(page.locator("#composer")).to_have_value("/unknown")


def test_markup_that_is_typed_is_text(enter: EnterPage) -> None:
    page = enter().page
    say(page, "<img src=x onerror=alert(1)> & *bold*")
    said = page.locator("#main .message", has_text="onerror")
    expect(said.locator(".body")).to_have_text("<img src=x onerror=alert(1)> & bold")
    expect(said.locator("img")).to_have_count(0)


def test_composing_a_character_does_not_send(enter: EnterPage) -> None:
    """Enter ends what an input method composes."""
    page = enter().page
    page.locator("#composer").fill("岚")
    page.evaluate(
        "document.getElementById('composer').dispatchEvent("
        "new KeyboardEvent('keydown', { key: 'Enter', isComposing: true, bubbles: true, cancelable: true }))"
    )
    expect(page.locator("#composer")).to_have_value("岚")


# --- A card's buttons -------------------------------------------------------------------------------------------------


def test_details_show_everything_and_their_tabs_the_rest(enter: EnterPage) -> None:
    page = enter().page
    details = details_of(page, "13800001001", NAME)
    expect(details).to_contain_text("屿川银行杭州西湖支行")
    details.get_by_role("button", name=re.compile("设备")).click()
    expect(details).to_contain_text("CE0000")
    details.get_by_role("button", name=re.compile("工单")).first.click()
    expect(details).to_contain_text("GD0000")
    page.keyboard.press("Escape")
    expect(modal(page)).to_have_count(0)


def test_reveal_shows_in_full_what_was_masked(enter: EnterPage) -> None:
    page = enter().page
    details = details_of(page, "13800001001", NAME)
    expect(details).not_to_contain_text(TAX_ID)
    details.get_by_role("button", name=ZH.customer.reveal).click()
    expect(details).to_contain_text(TAX_ID)
    page.keyboard.press("Escape")
    expect(modal(page)).to_have_count(0)
    assert TAX_ID not in page.content()


def test_share_previews_what_everybody_sees_after_it(enter: EnterPage) -> None:
    one, other = enter().page, enter("person=U0MANAGER").page
    card_of(one, "13800001001", NAME).get_by_role("button", name=ZH.customer.share, exact=True).click()
    expect(modal(one)).to_contain_text("频道里的其他人会看到")
    expect(modal(one)).not_to_contain_text(PHONE_NUMBER)
    modal(one).locator("[data-name='modal-submit']").click()
    expect(modal(one)).to_contain_text("已发布")
    for page in (one, other):
        shared = page.locator("#main .message:not(.private)", has_text=NAME)
        expect(shared).to_contain_text("CF00000201")
        expect(shared).not_to_contain_text(PHONE_NUMBER)


def test_stale_card_takes_the_place_of_the_card_when_the_crm_is_down(enter: EnterPage) -> None:
    page = enter().page
    card = card_of(page, "13800001001", NAME)
    page.locator("[data-name='crm-down']").click()
    expect(page.locator("[data-name='crm-down']")).to_have_attribute("aria-pressed", "true")
    count = page.locator("#main .message").count()
    card.get_by_role("button", name=ZH.refresh, exact=True).click()
    expect(last_card(page)).to_contain_text("副本")
    expect(last_card(page)).to_contain_text(re.compile("E-[0-9A-F]{4,}"))
    assert page.locator("#main .message").count() == count
    page.locator("[data-name='crm-up']").click()
    last_card(page).get_by_role("button", name=ZH.refresh, exact=True).click()
    expect(last_card(page)).not_to_contain_text("副本")


def test_slow_crm_has_a_line_first_and_the_card_after_it(enter: EnterPage) -> None:
    page = enter().page
    page.locator("[data-name='crm-slow']").click()
    say(page, "/customer CF00000204")
    expect(page.get_by_text("正在查询")).to_be_visible()
    page.locator("[data-name='crm-up']").click()
    expect(last_card(page).get_by_role("heading")).to_be_visible()


def test_menu_pins_and_home_has_what_was_pinned(enter: EnterPage) -> None:
    page = enter().page
    choose_in_menu(page, card_of(page, "13800001001", NAME), "收藏")
    expect(page.get_by_text(f"已收藏 {NAME}")).to_be_visible()
    page.get_by_role("navigation").get_by_role("button", name="customer-bot").click()
    home = page.locator(".home")
    expect(home.get_by_text(f"{NAME} · CF00000201")).to_have_count(2)  # pinned, and recent
    home.get_by_role("button", name=re.compile(f"打开.*{NAME}|{NAME}")).first.click()
    expect(modal(page).get_by_role("heading", name=NAME)).to_be_visible()


def test_modal_pushed_on_another_leads_back_to_it(enter: EnterPage) -> None:
    page = enter().page
    details = details_of(page, "CF00000179", "胡效鑫1")
    details.get_by_role("button", name=re.compile("工单")).first.click()
    details.locator("[data-action-id='customer_steps']").first.click()
    expect(modal(page)).to_contain_text("派工")
    modal(page).get_by_role("button", name="返回").click()
    expect(modal(page)).to_contain_text("GD00000930")
    page.keyboard.press("Escape")
    expect(modal(page)).to_have_count(0)


def test_pictures_of_a_customer_are_drawn_without_a_network(enter: EnterPage) -> None:
    page = enter().page
    details = details_of(page, "CF00000204", "苏州砚澄电子元件厂")
    picture = details.locator("img").first
    picture.scroll_into_view_if_needed()
    expect(picture).to_have_js_property("complete", True)
    assert picture.evaluate("(node) => node.naturalWidth") > 0


# --- Shortcuts --------------------------------------------------------------------------------------------------------


def test_shortcut_on_a_message_lists_the_customers_that_it_names(enter: EnterPage) -> None:
    page = enter().page
    message = page.locator("#main .message", has_text="请给 138 0000 1001 回电")
    message.hover()
    choose_in_menu(page, message, "Look up customer")
    expect(modal(page)).to_contain_text("在这条消息里找到 2 位客户")
    modal(page).get_by_role("button", name=re.compile(NAME)).click()
    expect(modal(page).get_by_role("heading", name=NAME)).to_be_visible()


def test_find_suggests_while_one_types_and_opens_whom_one_picks(enter: EnterPage) -> None:
    page = enter().page
    page.get_by_role("button", name="Find customer").click()
    box = modal(page).get_by_role("combobox")
    box.fill("hxx")
    modal(page).get_by_role("option", name="胡效鑫1").click()
    expect(modal(page).get_by_role("heading", name="胡效鑫1")).to_be_visible()


def test_find_takes_what_is_typed_and_says_what_is_wrong_with_it(enter: EnterPage) -> None:
    page = enter().page
    page.get_by_role("button", name="Find customer").click()
    field = modal(page).locator("input.typed")
    field.fill("13911112222")
    field.press("Enter")
    expect(modal(page)).to_contain_text("没有这个电话的客户")


# --- Cards that come by themselves ------------------------------------------------------------------------------------


def test_link_has_a_card_for_everybody_and_a_panel_for_the_user_who_opens_it(enter: EnterPage) -> None:
    one, other = enter().page, enter("person=U0MANAGER").page
    say(one, f"看看 {link(DOCUMENTED)}")
    for page in (one, other):
        expect(page.locator(".entity-card")).to_contain_text("CF00000179")
        expect(page.locator(".entity-card")).not_to_contain_text("18539622352")
    one.locator(".entity-card").get_by_role("button", name="胡效鑫1").click()
    panel = one.get_by_role("complementary")
    expect(panel).to_contain_text("18539622352")
    expect(other.get_by_role("complementary")).to_have_count(0)
    panel.get_by_role("button", name="关闭").click()
    expect(panel).to_have_count(0)


def test_number_has_a_card_in_its_thread_which_can_be_muted_and_unmuted(enter: EnterPage) -> None:
    page = enter().page
    say(page, "CF00000201 又来电话了")
    page.get_by_role("button", name="1 条回复").click()
    thread = page.get_by_role("complementary")
    expect(thread).to_contain_text(NAME)
    card = thread.locator(".message", has_text=NAME)
    card.locator(".accessory").get_by_role("button", name="更多操作").click()
    page.get_by_role("menuitem", name="在此频道关闭").click()
    undo = thread.get_by_role("button", name="撤销")
    expect(undo).to_be_visible()
    say(page, "CF00000204 也来电话了")
    hear_why(page, "关闭")
    expect(page.locator("#main .replies")).to_have_count(1)
    undo.click()
    say(page, "CF00000205 呢？")
    expect(page.locator("#main .replies")).to_have_count(2)


def test_reply_in_a_thread_stays_in_the_thread(enter: EnterPage) -> None:
    page = enter().page
    message = page.locator("#main .message").first
    message.hover()
    message.get_by_role("button", name="在消息列中回复").click()
    box = page.locator("#reply-box")
    box.fill("我来")
    box.press("Enter")
    expect(page.get_by_role("complementary").get_by_text("我来")).to_be_visible()
    expect(page.locator("#main").get_by_text("我来")).to_have_count(0)
    box.fill("/customer 13800001001")
    box.press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("/customer is not supported in threads")
