"""The playground's page in a real browser: the system's Chromium, driven by Playwright."""

import os
import shutil
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Final

import pytest
from anyio.from_thread import start_blocking_portal
from playwright.sync_api import Browser, Page, sync_playwright

from bot.playground.asgi_server import loopback
from bot.playground.web_app import page_app
from bot.playground.world_manager import Keeper

NAMES: Final = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
FLAGS: Final = (
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--font-render-hinting=none", "--lang=zh-CN",
)  # fmt: skip
"""Nothing is asked of the network by the browser itself; as root it has no sandbox."""
MISSING: Final = "no Chromium is installed (Debian: apt-get install chromium)"
DESKTOP: Final = (1280, 860)
PHONE: Final = (390, 844)
TIMEOUT_MS: Final = 10_000


def installed_browser() -> str | None:
    """The path of the system's Chromium."""
    return next((path for name in NAMES if (path := shutil.which(name))), None)


@contextmanager
def launched(path: str) -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=list(FLAGS))
        yield browser
        browser.close()


@contextmanager
def playground(now: Callable[[], float] = time.time) -> Iterator[str]:
    """The address of a page that is served meanwhile, from a thread of its own. ``now`` is its clock."""
    with start_blocking_portal() as portal, portal.wrap_async_context_manager(_served(now)) as address:
        yield address


@asynccontextmanager
async def _served(now: Callable[[], float]) -> AsyncIterator[str]:
    keeper = Keeper(now)
    async with loopback(page_app(keeper)) as address, keeper.kept():
        yield address


@pytest.fixture(name="browser", scope="session")
def browser_fixture() -> Iterator[Browser]:
    path = installed_browser()
    if path is None and os.environ.get("CI"):
        pytest.fail(MISSING)
    if path is None:
        pytest.skip(MISSING)
    with launched(path) as browser:
        yield browser


@pytest.fixture(name="address")
def address_fixture() -> Iterator[str]:
    with playground() as address:
        yield address


class Visitor:
    """A browser window. Whatever the console said, and whatever was asked of another host, is in ``complaints``."""

    def __init__(self, page: Page, address: str) -> None:
        self.page = page
        self.address = address
        self.complaints: list[str] = []
        page.set_default_timeout(TIMEOUT_MS)
        page.on("console", lambda said: self._complain(said.type in ("error", "warning"), said.text))
        page.on("pageerror", lambda error: self._complain(True, str(error)))
        page.on("request", lambda asked: self._complain(not asked.url.startswith(address), asked.url))

    def _complain(self, is_wrong: bool, what: str) -> None:
        if is_wrong:
            self.complaints.append(what)


EnterPage = Callable[..., Visitor]


@pytest.fixture(name="enter")
def enter_fixture(browser: Browser, address: str) -> Iterator[EnterPage]:
    """Opens windows, each as another browser has it; afterwards none may have complained."""
    visitors: list[Visitor] = []

    def enter(query: str = "", size: tuple[int, int] = DESKTOP, dark: bool = False) -> Visitor:
        context = browser.new_context(
            viewport={"width": size[0], "height": size[1]},
            color_scheme="dark" if dark else "light",
            locale="zh-CN",
            timezone_id="Asia/Shanghai",
        )
        visitor = Visitor(context.new_page(), address)
        visitors.append(visitor)
        visitor.page.goto(f"{address}/?{query}")
        return visitor

    yield enter
    complaints = [complaint for visitor in visitors for complaint in visitor.complaints]
    for visitor in visitors:
        visitor.page.context.close()
    assert not complaints
