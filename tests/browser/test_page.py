"""The playground's page itself in a real browser: who looks, in which language, how wide, and what it tells."""

import pytest
from playwright.sync_api import expect

from tests.support.browser import PHONE, EnterPage
from tests.support.browser_steps import NAME, ZH, card_of, details_of, hear_why, last_card, modal, say
from tests.support.surfaces import FACTORY, link

pytestmark = [pytest.mark.browser, pytest.mark.usefixtures("address")]


# --- Who, in which language, how wide ---------------------------------------------------------------------------------


def test_nothing_is_posted_where_another_organisation_reads(enter: EnterPage) -> None:
    inside, outside = enter("channel=C0SHARED").page, enter("person=U0OTHER").page
    expect(outside.get_by_role("navigation").get_by_role("button")).to_have_count(2)  # the channel, and the bot
    say(inside, f"CF00000201 {link(FACTORY)}")
    hear_why(inside, "其他组织")
    expect(outside.locator("#main").get_by_text("CF00000201")).to_be_visible()
    expect(outside.locator("#main .message")).to_have_count(1)
    say(outside, "/customer CF00000201")
    expect(last_card(outside)).to_be_visible()
    expect(outside.locator("#slack")).not_to_contain_text(NAME)


def test_guest_is_refused_with_a_reason(enter: EnterPage) -> None:
    page = enter("person=U0GUEST").page
    say(page, "/customer CF00000201")
    expect(last_card(page)).to_be_visible()
    assert NAME not in page.content()


def test_person_is_switched_with_all_that_they_see(enter: EnterPage) -> None:
    page = enter().page
    expect(last_card(page)).to_be_visible()
    page.get_by_label("我是").select_option("U0MANAGER")
    expect(page.locator("#main .message")).to_have_count(1)
    expect(page.get_by_role("log")).to_have_accessible_name("Messages: #general")  # the manager reads English
    assert "person=U0MANAGER" in page.url
    say(page, "/customer doctor")
    expect(last_card(page)).to_contain_text("Database")


def test_language_is_that_of_the_page_and_of_the_next_card(enter: EnterPage) -> None:
    page = enter().page
    page.get_by_role("button", name="English").click()
    expect(page.locator("html")).to_have_attribute("lang", "en-US")
    card = card_of(page, "13800001001", NAME)
    expect(card.get_by_role("button", name="Details", exact=True)).to_be_visible()
    expect(card).to_contain_text("Only visible to you")


@pytest.mark.parametrize("way", ["a phone", "the switch"])
def test_phone_shows_one_pane_at_a_time_and_one_column_of_fields(enter: EnterPage, way: str) -> None:
    page = (enter("channel=C0GENERAL", PHONE) if way == "a phone" else enter("width=phone")).page
    card = card_of(page, "13800001001", NAME)
    boxes = [field.bounding_box() for field in card.locator(".field").all()[:2]]
    assert boxes[0] is not None
    assert boxes[1] is not None
    assert boxes[0]["x"] == boxes[1]["x"]
    expect(page.get_by_role("navigation")).not_to_be_visible()
    page.get_by_role("button", name="返回").click()
    expect(page.locator("#main")).not_to_be_visible()
    page.get_by_role("navigation").get_by_role("button", name="general").click()
    card.get_by_role("button", name=ZH.customer.details, exact=True).click()
    window, sheet = page.locator("#slack").bounding_box(), modal(page).bounding_box()
    assert window is not None
    assert sheet is not None
    assert abs(window["width"] - sheet["width"]) <= 2
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_reload_shows_the_same(enter: EnterPage) -> None:
    page = enter("width=phone&theme=dark&person=U0MANAGER&channel=D0SALES").page
    expect(page.locator("h1")).to_have_text("sales")
    page.reload()
    expect(page.locator("h1")).to_have_text("sales")
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")


# --- The playground itself --------------------------------------------------------------------------------------------


def test_panel_shows_what_went_over_the_wires(enter: EnterPage) -> None:
    page = enter().page
    page.get_by_role("button", name="JSON").click()
    panel = page.locator("#traffic")
    panel.get_by_role("button", name="清空").click()
    card_of(page, "CF00000201", NAME)
    command = panel.locator(".trip", has_text="/customer").first
    command.locator("summary").click()
    expect(command.locator("pre").first).to_contain_text('"text": "CF00000201"')
    expect(command.locator("pre").last).to_contain_text('"response_type": "ephemeral"')
    panel.get_by_role("button", name="bot → crm").click()
    expect(panel.locator(".trip", has_text="/customer")).to_have_count(0)
    expect(panel.locator(".trip", has_text="GetCustomer").first).to_be_visible()


def test_reset_leaves_nothing_for_anybody(enter: EnterPage) -> None:
    one, other = enter().page, enter("person=U0MANAGER").page
    details_of(one, "13800001001", NAME)
    say(other, "something")
    other.get_by_role("button", name="Reset").click()
    for page, count in ((one, 2), (other, 1)):
        expect(page.locator("#main .message")).to_have_count(count)
        expect(page.get_by_text("something")).to_have_count(0)
    expect(modal(one)).to_have_count(0)
    card_of(one, "13800001001", NAME)


def test_what_one_types_outlives_what_others_do(enter: EnterPage) -> None:
    one, other = enter().page, enter("person=U0MANAGER").page
    one.locator("#composer").fill("half a sen")
    one.locator("#composer").focus()
    say(other, "hello")
    expect(one.get_by_text("hello")).to_be_visible()
    one.keyboard.type("tence")
    expect(one.locator("#composer")).to_have_value("half a sentence")
