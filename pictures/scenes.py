"""What the README's pictures show: what is done on the playground's page, and which part of it is taken."""

import re
from collections.abc import Callable
from typing import Final, NamedTuple

from playwright.sync_api import Locator, Page, expect

NAME: Final = "杭州岚峤精密机械有限公司"


class Stage(NamedTuple):
    """A page that has just been opened. ``pass_time`` moves everybody's clock, by seconds."""

    page: Page
    pass_time: Callable[[int], None]


class Scene(NamedTuple):
    """``name`` is the file's, ``size`` the window's; ``play`` gives what is to be taken."""

    name: str
    size: tuple[int, int]
    play: Callable[[Stage], Locator]


def _card(stage: Stage) -> Locator:
    """The card of a factory that was asked for by its phone number."""
    _ask(stage, "13800001001")
    card = stage.page.locator("#main .message.private").last
    expect(card.get_by_role("heading", name=NAME)).to_be_visible()
    return card


def _window(stage: Stage) -> Locator:
    _card(stage)
    _look_away(stage)
    return stage.page.locator("#slack")


def _list(stage: Stage) -> Locator:
    _ask(stage, "峤砚口腔")
    shown = stage.page.locator("#main .message.private").last
    expect(shown.get_by_role("button", name=re.compile("CF00000226"))).to_be_visible()
    _look_away(stage)
    return shown


def _details(stage: Stage) -> Locator:
    _card(stage).locator("[data-action-id='customer_details']").click()
    modal = stage.page.get_by_role("dialog")
    expect(modal.get_by_role("heading", name=NAME)).to_be_visible()
    _look_away(stage)
    return modal


def _stale(stage: Stage) -> Locator:
    """Twelve minutes later the CRM is down."""
    card = _card(stage)
    stage.pass_time(12 * 60)
    stage.page.locator("[data-name='crm-down']").click()
    expect(stage.page.locator("[data-name='crm-down']")).to_have_attribute("aria-pressed", "true")
    card.locator("[data-action-id='customer_refresh']").click()
    stale = stage.page.locator("#main .message.private").last
    expect(stale).to_contain_text("副本")
    _look_away(stage)
    return stale


def _ask(stage: Stage, text: str) -> None:
    box = stage.page.locator("#composer")
    box.fill(f"/customer {text}")
    box.press("Enter")


def _look_away(stage: Stage) -> None:
    """Neither the pointer nor the focus marks anything."""
    stage.page.mouse.move(0, 0)
    stage.page.evaluate("document.activeElement.blur()")


SCENES: Final = (
    Scene("card-desk", (1000, 730), _window),
    Scene("card-phone", (390, 915), _window),
    Scene("list", (860, 800), _list),
    Scene("details", (860, 1000), _details),
    Scene("stale", (860, 800), _stale),
)
