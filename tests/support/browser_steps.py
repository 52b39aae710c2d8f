"""What people do on the playground's page, and what they find there."""

from typing import Final

from playwright.sync_api import Locator, Page, expect

from bot.locales import texts_in

ZH: Final = texts_in("zh")
NAME: Final = "杭州岚峤精密机械有限公司"
TAX_ID: Final = "91330106MA00020178"
PHONE_NUMBER: Final = "138 0000 1001"
"""Of one customer, whose phone number this is."""


def say(page: Page, text: str) -> None:
    box = page.locator("#composer")
    box.fill(text)
    box.press("Enter")


def last_card(page: Page) -> Locator:
    """The last private message."""
    return page.locator("#main .message.private").last


def card_of(page: Page, text: str, name: str) -> Locator:
    """The private card that ``/customer text`` brings."""
    say(page, f"/customer {text}")
    card = last_card(page)
    expect(card.get_by_role("heading", name=name)).to_be_visible()
    return card


def modal(page: Page) -> Locator:
    return page.get_by_role("dialog")


def details_of(page: Page, text: str, name: str) -> Locator:
    card_of(page, text, name).get_by_role("button", name=ZH.customer.details, exact=True).click()
    expect(modal(page).get_by_role("heading", name=name)).to_be_visible()
    return modal(page)


def choose_in_menu(page: Page, around: Locator, option: str) -> None:
    around.get_by_role("button", name="更多操作").last.click()
    page.get_by_role("menuitem", name=option).click()


def hear_why(page: Page, words: str) -> None:
    """Ask ``/customer why`` until it says ``words``: a message is on the page before the bot has heard of it."""
    answers = page.locator("#main .message.private")
    for _ in range(20):
        count = answers.count()
        say(page, "/customer why")
        expect(answers).to_have_count(count + 1)
        if words in answers.last.inner_text():
            return
    raise AssertionError(f"{words} is never said")
