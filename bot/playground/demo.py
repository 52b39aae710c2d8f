"""``customer-bot demo``: the sample CRM, the stand-in Slack and the bot on this machine, and a prompt to type at."""

import asyncio
import io
import os
import signal
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

from pydantic_settings import BaseSettings, PydanticBaseSettingsSource

from bot.app import build_directory
from bot.playground.loopback import loopback
from bot.playground.prompt import Prompt
from bot.playground.sample_crm import APP_ID, APP_SECRET, DOCUMENTED_CUSTOMER, SampleCrm
from bot.playground.screen import PROMPT, Screen
from bot.playground.stand_in_slack import BOT_TOKEN, SIGNING_SECRET, USER, StandInSlack
from bot.playground.words import ADVICE
from bot.settings import ServeSettings, Settings
from bot.web import WebProcess

PROXIES: Final = ("HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy")
"""slack_sdk would send even what stays on this machine to them."""
SYNC_PACE: Final = 1_000
"""Requests a second: nobody else asks this CRM."""
CUSTOMER_URL_TEMPLATE: Final = "https://crm.example.com/customer/{customer_id}"


class PlaygroundSettings(ServeSettings):
    """Settings that are given, all of them: the environment's own have no say in a playground."""

    @classmethod
    def settings_customise_sources(
        cls, settings_cls: type[BaseSettings], init_settings: PydanticBaseSettingsSource, *_: Any, **__: Any
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        return (init_settings,)


def playground_settings(
    crm_address: str, slack_address: str = "http://127.0.0.1:9", **others: Any
) -> PlaygroundSettings:
    """What connects the bot with the sample CRM and the stand-in Slack. LANGUAGE alone is the environment's."""
    return PlaygroundSettings.model_validate(
        {
            "eshouhou_base_url": crm_address,
            "eshouhou_app_id": APP_ID,
            "eshouhou_app_secret": APP_SECRET,
            "slack_api_url": f"{slack_address}/api",
            "slack_bot_token": BOT_TOKEN,
            "slack_signing_secret": SIGNING_SECRET,
            "language": os.environ.get("LANGUAGE", "auto"),
            **others,
        }
    )


@contextmanager
def _left_nowhere() -> Iterator[dict[str, str]]:
    """What a playground has of its own: links, an admin, and a database that is gone in the end."""
    with TemporaryDirectory(prefix="customer-bot-") as directory:
        yield {
            "customer_url_template": CUSTOMER_URL_TEMPLATE,
            "admin_users": USER,
            "database_url": f"sqlite:///{Path(directory) / 'playground.db'}",
        }


@asynccontextmanager
async def sample_settings() -> AsyncIterator[Settings]:
    """Settings for a lookup in a sample CRM that runs meanwhile."""
    with _left_nowhere() as own:
        async with SampleCrm().open() as crm:
            yield playground_settings(crm.address, **own)


def run_demo(port: int) -> None:
    """Run until Ctrl-C or SIGTERM. ``port`` is the stand-in Slack's; if it is busy, a free one is taken."""
    for name in PROXIES:
        os.environ.pop(name, None)
    asyncio.run(_demo(port))


async def _demo(port: int) -> None:
    told_to_stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for stop in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(stop, told_to_stop.set)
    with _left_nowhere() as own:
        async with SampleCrm().open() as crm, StandInSlack().open(port) as slack:
            settings = playground_settings(crm.address, slack.address, crm_requests_per_second=SYNC_PACE, **own)
            customers = await _filled_directory(settings)
            async with loopback(WebProcess(settings).asgi_app()) as slack.bot_address:
                await _show(crm, slack, customers, told_to_stop)
                crm.release()


async def _filled_directory(settings: Settings) -> int:
    """What ``customer-bot directory sync`` does, so that every customer is suggested at once. How many there are."""
    async with build_directory(settings) as local:
        await local.store.open()
        return (await local.sync.run()).new


async def _show(crm: SampleCrm, slack: StandInSlack, customers: int, told_to_stop: asyncio.Event) -> None:
    screen = Screen(slack)
    prompt = Prompt(crm, slack, screen)
    screen.say(f"sample CRM      {crm.address}\n")
    screen.say(f"stand-in Slack  {slack.address}\n")
    screen.say(f"the bot         {slack.bot_address}\n")
    screen.say(f"its directory   {customers} customers\n\n")
    await slack.wait_for_bot()
    await slack.wait_for_database()  # so that the first customer is among the recent ones
    screen.say(f"{PROMPT}/customer {DOCUMENTED_CUSTOMER}\n")
    await prompt.type(f"/customer {DOCUMENTED_CUSTOMER}")
    screen.say(ADVICE)
    async with asyncio.TaskGroup() as tasks:
        endless = [tasks.create_task(screen.follow()), tasks.create_task(_do_what_is_typed(prompt, screen))]
        await told_to_stop.wait()
        for task in endless:
            task.cancel()


async def _do_what_is_typed(prompt: Prompt, screen: Screen) -> None:
    """Line by line. After the last line the demo stays up: its servers can be used from elsewhere."""
    lines: asyncio.Queue[bytes] = asyncio.Queue()
    threading.Thread(target=_read_lines, args=(asyncio.get_running_loop(), lines), daemon=True).start()
    while True:
        screen.say(PROMPT)
        screen.at_prompt = True
        line = await lines.get()
        screen.at_prompt = False
        if not line:
            screen.say("\nNothing more can be typed. The demo stays up until Ctrl-C.\n")
            return
        await prompt.type(line.decode("utf-8", "replace"))


def _read_lines(loop: asyncio.AbstractEventLoop, lines: asyncio.Queue[bytes]) -> None:
    """Standard input into ``lines``, then an empty one.

    In a thread, as an event loop cannot watch every kind of file; unbuffered, as a buffer's lock would be held when
    the process ends in the middle of a read.
    """
    with suppress(OSError), io.FileIO(0, closefd=False) as stdin:  # OSError: it was closed before the start
        while line := stdin.readline():
            loop.call_soon_threadsafe(lines.put_nowait, line)
    loop.call_soon_threadsafe(lines.put_nowait, b"")
