"""Taking the pictures: each on a page of its own, at a time that stands still."""

import re
from collections.abc import Iterator
from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

from playwright.sync_api import Browser, Page

from pictures.png import with_description
from pictures.scenes import SCENES, Scene, Stage
from tests.support.browser import TIMEOUT_MS, playground

ZONE: Final = "Asia/Shanghai"
BEGINNING: Final = datetime(2026, 11, 25, 10, 24, tzinfo=ZoneInfo(ZONE)).timestamp()
_CODE: Final = re.compile(r"\bE-[0-9A-F]{4,}")
"""Each failure has another one."""
SCALE: Final = 2
"""Pixels of the picture for one of the page: letters stay sharp on any screen."""


class _Clock:
    def __init__(self) -> None:
        self.seconds = BEGINNING

    def __call__(self) -> float:
        return self.seconds


def taken(browser: Browser) -> Iterator[tuple[str, bytes]]:
    """Each picture's name and PNG file, which says what is shown."""
    for scene in SCENES:
        yield scene.name, take(browser, scene)


def take(browser: Browser, scene: Scene) -> bytes:
    """The PNG file of one scene."""
    clock = _Clock()
    width, height = scene.size
    with (
        playground(clock) as address,
        browser.new_context(
            viewport={"width": width, "height": height},
            device_scale_factor=SCALE,
            color_scheme="light",
            locale="zh-CN",
            timezone_id=ZONE,
            reduced_motion="reduce",
        ) as context,
    ):
        page = context.new_page()
        page.set_default_timeout(TIMEOUT_MS)
        page.clock.set_fixed_time(clock.seconds)
        page.goto(f"{address}/")
        page.locator("#main .message.private").wait_for()
        shown = scene.play(Stage(page, lambda seconds: _pass(clock, page, seconds)))
        return with_description(shown.screenshot(animations="disabled"), _CODE.sub("E-…", shown.aria_snapshot()))


def _pass(clock: _Clock, page: Page, seconds: int) -> None:
    clock.seconds += seconds
    page.clock.set_fixed_time(clock.seconds)
