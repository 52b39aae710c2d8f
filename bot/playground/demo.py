"""``customer-bot demo``: the playground's page on this machine, until Ctrl-C."""

import asyncio
import os
import sys
import threading
import webbrowser
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Final

from bot.cards.terminal import as_terminal_text
from bot.playground.asgi_server import loopback
from bot.playground.fake_crm.server import DOCUMENTED_CUSTOMER
from bot.playground.web_app import page_app
from bot.playground.world import World
from bot.playground.world_manager import Keeper
from bot.runtime import STOP_SIGNALS

PROXIES: Final = ("HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy")
"""slack_sdk would send even what stays on this machine to them."""


def run_demo(port: int, show: Callable[[str], object]) -> None:
    """Run until Ctrl-C or SIGTERM. ``port`` is the page's; if it is busy, a free one is taken. ``show`` is given its
    address.
    """
    for name in PROXIES:
        os.environ.pop(name, None)
    asyncio.run(_demo(port, show))


def in_browser(address: str) -> None:
    """Open ``address``, where there is a browser with a window: one of the terminal's would take the terminal."""
    with suppress(webbrowser.Error):
        browser = webbrowser.get()
        if type(browser) is not webbrowser.GenericBrowser:
            browser.open(address)


async def _demo(port: int, show: Callable[[str], object]) -> None:
    with _stop_signal() as stopping:
        keeper = Keeper(when_over=stopping.set)
        async with loopback(page_app(keeper), port) as address:
            _say(f"The playground: {address}\n")
            threading.Thread(target=show, args=(address,), daemon=True).start()  # a browser may take its time
            async with keeper.kept() as world:
                _say(_what_there_is(world))
                await stopping.wait()


@contextmanager
def _stop_signal() -> Iterator[asyncio.Event]:
    """Set by the first signal. Once everything has ended, one more ends the process even if its exit is stuck."""
    stopping = asyncio.Event()
    loop = asyncio.get_running_loop()
    for stop in STOP_SIGNALS:
        loop.add_signal_handler(stop, stopping.set)
    try:
        yield stopping
    finally:
        for stop in STOP_SIGNALS:
            loop.remove_signal_handler(stop)


def _what_there_is(world: World) -> str:
    return (
        f"  sample CRM      {world.crm.address}, {world.customers} customers\n"
        f"  stand-in Slack  {world.slack.address}\n"
        f"  the bot         {world.slack.bot_address}\n\n"
        f"/customer {DOCUMENTED_CUSTOMER}\n{as_terminal_text(world.first_card.message)}\n\n"
        "Ctrl-C ends it, and leaves nothing behind.\n"
    )


def _say(text: str) -> None:
    sys.stdout.write(text)
    sys.stdout.flush()
