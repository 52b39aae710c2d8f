"""``customer-bot demo``: the sample CRM, the stand-in Slack and the bot on this machine, and a prompt to type at."""

import asyncio
import io
import os
import signal
import sys
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any, Final

from pydantic_settings import BaseSettings, PydanticBaseSettingsSource

from bot.cards.terminal import as_terminal_text
from bot.playground.loopback import loopback
from bot.playground.sample_crm import (
    APP_ID,
    APP_SECRET,
    DOCUMENTED_CUSTOMER,
    FAULTS,
    SampleCrm,
    sample_customers,
)
from bot.playground.stand_in_slack import BOT_TOKEN, SIGNING_SECRET, StandInSlack
from bot.settings import ServeSettings, Settings
from bot.slack.message import Block, Message
from bot.web import WebProcess

PROMPT: Final = "> "
PROXIES: Final = ("HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy")
"""slack_sdk would send even what stays on this machine to them."""
ADVICE: Final = f"""
Type at the prompt, as in Slack's message box:
  /customer {DOCUMENTED_CUSTOMER}
                      the same once more: this time from the cache
  /customer https://crm.example.com/customer/{DOCUMENTED_CUSTOMER}
                      a link that holds the id
  /customer nonsense  what can be typed
or:
  customers           the customers of the sample CRM, and what each one shows
  refresh             click the button of the last card
  crm down            make the sample CRM fail ({", ".join(FAULTS)}), and with "crm up" work again
Ctrl-C ends it.

"""


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


@asynccontextmanager
async def sample_settings() -> AsyncIterator[Settings]:
    """Settings for a lookup in a sample CRM that runs meanwhile."""
    async with SampleCrm().open() as crm:
        yield playground_settings(crm.address)


class Demo:
    """What is typed at the prompt, done; what a person would see in Slack, printed as it comes."""

    def __init__(self, crm: SampleCrm, slack: StandInSlack) -> None:
        self._crm = crm
        self._slack = slack
        self._last_card: Message | None = None
        self.at_prompt = False
        slack.watch = self._print

    async def type(self, line: str) -> None:
        word, _, rest = line.strip().partition(" ")
        rest = rest.strip()
        if word == "/customer":
            await (await self._slack.command(rest)).answers(1)
        elif word == "refresh":
            await self._click()
        elif word == "crm" and rest in (*FAULTS, "up"):
            self._crm.fault = FAULTS.get(rest)
            _say(f"The sample CRM is now: {rest}\n")
        elif word == "customers":
            _say("".join(f"{entry['id']}  {entry['shows']}\n" for entry in sample_customers()))
        elif word:
            _say(f"Not understood: {line.strip()}\n{ADVICE}")

    async def _click(self) -> None:
        """Click the button of the last card, as a person would."""
        button = self._last_card and _button(self._last_card)
        if button:
            await (await self._slack.click(button["action_id"], button["value"])).answers(1)
        else:
            _say("The last card has no button: type /customer and an id first.\n")

    def _print(self, message: Message) -> None:
        """A card that comes late goes above the prompt that waits already."""
        self._last_card = message
        card = as_terminal_text(message)
        _say(f"\n{card}\n{PROMPT}" if self.at_prompt else f"{card}\n")


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
    async with SampleCrm().open() as crm, StandInSlack().open(port) as slack:
        process = WebProcess(playground_settings(crm.address, slack.address))
        async with loopback(process.asgi_app()) as slack.bot_address:
            _say(f"sample CRM      {crm.address}\n")
            _say(f"stand-in Slack  {slack.address}\n")
            _say(f"the bot         {slack.bot_address}\n\n")
            demo = Demo(crm, slack)
            await slack.wait_for_bot()
            _say(f"{PROMPT}/customer {DOCUMENTED_CUSTOMER}\n")
            await demo.type(f"/customer {DOCUMENTED_CUSTOMER}")
            _say(ADVICE)
            prompting = asyncio.create_task(_prompt(demo))
            await told_to_stop.wait()
            prompting.cancel()
            crm.release()


async def _prompt(demo: Demo) -> None:
    """Do what is typed, line by line. After the last line the demo stays up: its servers can be used from elsewhere."""
    lines: asyncio.Queue[bytes] = asyncio.Queue()
    threading.Thread(target=_read_lines, args=(asyncio.get_running_loop(), lines), daemon=True).start()
    while True:
        _say(PROMPT)
        demo.at_prompt = True
        line = await lines.get()
        demo.at_prompt = False
        if not line:
            _say("\nNothing more can be typed. The demo stays up until Ctrl-C.\n")
            return
        await demo.type(line.decode("utf-8", "replace"))


def _read_lines(loop: asyncio.AbstractEventLoop, lines: asyncio.Queue[bytes]) -> None:
    """Standard input into ``lines``, then an empty one.

    In a thread, as an event loop cannot watch every kind of file; unbuffered, as a buffer's lock would be held when
    the process ends in the middle of a read.
    """
    with suppress(OSError), io.FileIO(0, closefd=False) as stdin:  # OSError: it was closed before the start
        while line := stdin.readline():
            loop.call_soon_threadsafe(lines.put_nowait, line)
    loop.call_soon_threadsafe(lines.put_nowait, b"")


def _button(message: Message) -> Block | None:
    actions = [block for block in message.blocks if block["type"] == "actions"]
    button: Block | None = actions[0]["elements"][0] if actions else None
    return button


def _say(text: str) -> None:
    sys.stdout.write(text)
    sys.stdout.flush()
