"""The playground's page without a mouse, without colours, and read aloud."""

from typing import Any, Final

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from tests.support.browser import DESKTOP, PHONE, TIMEOUT_MS, EnterPage
from tests.support.browser_steps import NAME, card_of, last_card, modal, say
from tests.support.surfaces import DOCUMENTED, link

pytestmark = pytest.mark.browser

SERIOUS: Final = ("serious", "critical")


# --- axe-core --------------------------------------------------------------------------------------------------------


def everything(page: Page) -> None:
    """A channel with cards of every kind, a thread, and the panel of what went over the wires."""
    card_of(page, "13800001001", NAME)
    say(page, f"{link(DOCUMENTED)} CF00000204")
    expect(page.locator(".entity-card")).to_be_visible()
    page.locator("#main .replies").last.click()
    expect(page.get_by_role("complementary").locator(".message")).to_have_count(2)


def home(page: Page) -> None:
    page.locator("[data-name='home']").click()
    expect(page.locator(".home h3").first).to_be_visible()


def details(page: Page) -> None:
    last_card(page).locator("[data-action-id='customer_details']").click()
    expect(modal(page).locator("[data-action-id='customer_reveal']")).to_be_visible()


def find(page: Page) -> None:
    page.locator("[data-name='find']").click()
    modal(page).get_by_role("combobox").fill("hxx")
    expect(modal(page).get_by_role("option").first).to_be_visible()


def flexpane(page: Page) -> None:
    say(page, link(DOCUMENTED))
    page.locator(".entity-card").get_by_role("button").first.click()
    expect(page.get_by_role("complementary")).to_contain_text("18539622352")


def failure(page: Page) -> None:
    page.locator("[data-name='crm-down']").click()
    say(page, "/customer CF00000205")
    expect(page.locator("#main .message.private")).to_have_count(2)


@pytest.mark.parametrize("state", [everything, home, details, find, flexpane, failure])
@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_axe_finds_nothing_serious(browser: Browser, address: str, state: Any, dark: bool) -> None:
    scheme: Any = "dark" if dark else "light"
    with browser.new_context(  # its content security policy is left out, as axe-core adds styles of its own
        bypass_csp=True, color_scheme=scheme, viewport={"width": DESKTOP[0], "height": DESKTOP[1]}
    ) as context:
        page = context.new_page()
        page.set_default_timeout(TIMEOUT_MS)
        page.goto(f"{address}/?json=1")
        expect(last_card(page)).to_be_visible()
        state(page)
        assert not _serious(page)


def test_axe_finds_nothing_serious_on_a_phone(browser: Browser, address: str) -> None:
    with browser.new_context(bypass_csp=True, viewport={"width": PHONE[0], "height": PHONE[1]}) as context:
        page = context.new_page()
        page.goto(address)
        expect(last_card(page)).to_be_visible()
        assert not _serious(page)
        last_card(page).locator("[data-action-id='customer_details']").click()
        expect(modal(page)).to_be_visible()
        assert not _serious(page)


def _serious(page: Page) -> list[str]:
    found = Axe().run(page).response["violations"]
    return [
        f"{each['id']} at {[node['target'] for node in each['nodes']]}: {each['help']}"
        for each in found
        if each["impact"] in SERIOUS
    ]


# --- The keyboard alone ----------------------------------------------------------------------------------------------


def press_until(page: Page, key: str, selector: str, most: int = 60) -> None:
    """Press ``key`` until what ``selector`` names has the focus."""
    for _ in range(most):
        page.keyboard.press(key)
        if page.evaluate("(selector) => document.activeElement.matches(selector)", selector):
            return
    raise AssertionError(f"{key} does not lead to {selector}")


def focus_is_somewhere(page: Page) -> bool:
    return bool(page.evaluate("document.activeElement !== document.body && document.activeElement.isConnected"))


def test_command_details_and_back_by_keyboard(enter: EnterPage) -> None:
    page = enter().page
    expect(last_card(page)).to_be_visible()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")  # the link to the message box comes first
    expect(page.locator("#composer")).to_be_focused()
    page.keyboard.type("/cus")
    page.keyboard.press("Tab")  # completes the command
    page.keyboard.type("13800001001")
    page.keyboard.press("Enter")
    expect(last_card(page).get_by_role("heading", name=NAME)).to_be_visible()
    press_until(page, "Shift+Tab", ".message:last-child [data-action-id='customer_details']")
    page.keyboard.press("Enter")
    expect(modal(page).get_by_role("heading", name=NAME)).to_be_visible()
    press_until(page, "Tab", "[data-action-id='customer_reveal']")
    page.keyboard.press("Enter")
    expect(modal(page)).to_contain_text("91330106MA00020178")
    assert focus_is_somewhere(page)
    page.keyboard.press("Escape")
    expect(modal(page)).to_have_count(0)
    assert focus_is_somewhere(page)


def test_menus_by_keyboard(enter: EnterPage) -> None:
    """Arrows go through a menu, Escape leaves it, and the focus is back where it was."""
    page = enter().page
    card = last_card(page)
    card.locator(".overflow").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("menuitem").first).to_be_focused()
    page.keyboard.press("ArrowDown")
    expect(page.get_by_role("menuitem", name="复制为文本")).to_be_focused()
    page.keyboard.press("Escape")
    expect(card.locator(".overflow")).to_be_focused()
    page.keyboard.press("ArrowUp")
    page.keyboard.press("Enter")
    expect(page.get_by_text("已收藏 胡效鑫1")).to_be_visible()


def test_message_shortcut_by_keyboard(enter: EnterPage) -> None:
    page = enter().page
    expect(last_card(page)).to_be_visible()
    page.locator("#composer").focus()
    press_until(page, "Shift+Tab", ".message:first-child .tools .overflow")
    assert page.locator(".message").first.locator(".tools").evaluate("(node) => getComputedStyle(node).opacity") == "1"
    page.keyboard.press("Enter")
    page.keyboard.press("Enter")
    expect(modal(page)).to_contain_text("找到 2 位客户")


def test_suggestions_by_keyboard(enter: EnterPage) -> None:
    page = enter().page
    page.locator("[data-name='find']").focus()
    page.keyboard.press("Enter")
    expect(modal(page)).to_be_visible()
    press_until(page, "Shift+Tab", "[role=combobox]")
    page.keyboard.type("hxx")
    expect(modal(page).get_by_role("option").first).to_be_visible()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(modal(page).get_by_role("heading", name="胡效鑫1")).to_be_visible()
    assert focus_is_somewhere(page)


def test_what_is_behind_a_modal_is_out_of_reach(enter: EnterPage) -> None:
    """But the playground's own controls are not: one may want the CRM to fail just then."""
    page = enter().page
    last_card(page).locator("[data-action-id='customer_details']").click()
    expect(modal(page)).to_be_visible()
    for _ in range(60):
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.closest('#main, #sidebar, #side') === null")
    page.locator("[data-name='crm-down']").click()
    expect(page.locator("[data-name='crm-down']")).to_have_attribute("aria-pressed", "true")
