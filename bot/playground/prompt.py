"""The demo's prompt: what is typed there is done in the stand-in Slack."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Final, NamedTuple

from bot.cards.action_ids import (
    CUSTOMER_CLEAR,
    CUSTOMER_DETAILS,
    CUSTOMER_MENU,
    CUSTOMER_MUTE,
    CUSTOMER_PICK,
    CUSTOMER_REFRESH,
    CUSTOMER_SHARE,
    CUSTOMER_SHARE_CONFIRM,
    FIND_CUSTOMER,
    HOME_UNMUTE,
    LOOKUP_IN_MESSAGE,
    MENU_COPY,
    MENU_MUTE_CHANNEL,
    MENU_MUTE_DAY,
    MENU_MUTE_ME,
    MENU_PIN,
)
from bot.cards.find_view import QUERY
from bot.cards.share_view import CHANNEL as DESTINATION
from bot.playground.sample_crm import DOCUMENTED_CUSTOMER, FAULTS, SampleCrm, sample_customers
from bot.playground.screen import Screen
from bot.playground.stand_in_slack import CHANNEL, MANAGER, InView, StandInSlack

SAY_SECONDS: Final = 1.0
"""How long a card that comes by itself is waited for; a later one is shown when it comes."""
ADVICE: Final = f"""
Type at the prompt:
  /customer …         as in Slack's message box: an id, a link, a number (CF00000179), why, help
  details  share  refresh  copy  pin
                      what can be clicked on the card; after "share", "post" confirms it
  say …               a message in #general, where the bot is: numbers and links get a card
  pause  off  never   the menu of such a card: none here for a day, none here, none for you; "undo" takes it back
  shortcut …          Look up customer, from the menu of a message with this text
  find    find …      Find customer, from anywhere in Slack; with a text it is typed into the modal
  home                the bot's Home; "open 2" opens the second customer there or in a list, "clear" forgets them
or:
  customers           the customers of the sample CRM, and what each one shows
  crm down            make the sample CRM fail ({", ".join(FAULTS)}), and with "crm up" work again
For a start: details · share · post · say https://crm.example.com/customer/{DOCUMENTED_CUSTOMER}
Ctrl-C ends it.

"""


class _Wanted(NamedTuple):
    """What a word clicks: something with one of these ids, and a value that begins so."""

    action_ids: frozenset[str]
    beginning: str = ""


_CLICKS: Final[Mapping[str, _Wanted]] = {
    "details": _Wanted(frozenset({CUSTOMER_DETAILS})),
    "share": _Wanted(frozenset({CUSTOMER_SHARE})),
    "refresh": _Wanted(frozenset({CUSTOMER_REFRESH})),
    "copy": _Wanted(frozenset({CUSTOMER_MENU}), MENU_COPY),
    "pin": _Wanted(frozenset({CUSTOMER_MENU}), MENU_PIN),
    "pause": _Wanted(frozenset({CUSTOMER_MENU}), MENU_MUTE_DAY),
    "off": _Wanted(frozenset({CUSTOMER_MENU}), MENU_MUTE_CHANNEL),
    "never": _Wanted(frozenset({CUSTOMER_MENU}), MENU_MUTE_ME),
    "undo": _Wanted(frozenset({CUSTOMER_MUTE, HOME_UNMUTE})),
    "open": _Wanted(frozenset({CUSTOMER_PICK})),
    "clear": _Wanted(frozenset({CUSTOMER_CLEAR})),
}

Doing = Callable[[str], Awaitable[None]]
"""Does what a word says; the text is what follows the word."""


class Prompt:
    def __init__(self, crm: SampleCrm, slack: StandInSlack, screen: Screen) -> None:
        self._crm = crm
        self._slack = slack
        self._screen = screen
        self._doings: Mapping[str, Doing] = {
            "/customer": self._command,
            "shortcut": self._shortcut,
            "find": self._find,
            "post": self._post,
            "home": self._home,
        }

    async def type(self, line: str) -> None:
        """Do what ``line`` says, and show what comes of it."""
        word, _, rest = line.strip().partition(" ")
        rest = rest.strip()
        if word in self._doings:
            await self._doings[word](rest)
        elif word in _CLICKS:
            await self._click(word, int(rest) if rest.isdecimal() else 1)
        elif word == "say" and rest:
            await self._say(rest)
        elif word == "crm" and rest in (*FAULTS, "up"):
            self._crm.fault = FAULTS.get(rest)
            self._screen.say(f"The sample CRM is now: {rest}\n")
        elif word == "customers":
            self._screen.say("".join(f"{entry['id']}  {entry['shows']}\n" for entry in sample_customers()))
        elif word:
            self._screen.say(f"Not understood: {line.strip()}\n{ADVICE}")

    async def _command(self, text: str) -> None:
        self._screen.close_modals()
        await self._shown(self._slack.command(text))

    async def _shortcut(self, text: str) -> None:
        """Of a message that somebody else wrote."""
        self._screen.close_modals()
        message = {"text": text, "user": MANAGER, "ts": self._slack.ts()}
        await self._shown(self._slack.message_shortcut(LOOKUP_IN_MESSAGE, message))

    async def _find(self, text: str) -> None:
        self._screen.close_modals()
        await self._shown(self._slack.global_shortcut(FIND_CUSTOMER))
        modal = self._slack.modal()
        if modal is not None and text:
            typed = {"type": "plain_text_input", "value": text}
            await self._shown(self._slack.submit(modal.view_id, {QUERY: {QUERY: typed}}))

    async def _home(self, _: str) -> None:
        self._screen.close_modals()
        await self._shown(self._slack.open_home())

    async def _post(self, _: str) -> None:
        """Confirm what Share shows: it goes to the channel that is chosen there, else to #general."""
        modal = self._slack.modal()
        if modal is None or modal.view.get("callback_id") != CUSTOMER_SHARE_CONFIRM:
            self._screen.say('There is nothing to confirm: type "share" first.\n')
            return
        [element] = [block["element"] for block in modal.view["blocks"] if block.get("block_id") == DESTINATION]
        channel = element.get("initial_conversation", CHANNEL)
        chosen = {"type": "conversations_select", "selected_conversation": channel}
        await self._shown(self._slack.submit(modal.view_id, {DESTINATION: {DESTINATION: chosen}}))

    async def _click(self, word: str, number: int) -> None:
        """As a person would: whoever clicks beside a modal has closed it."""
        target = self._screen.find(*_CLICKS[word], number)
        if target is None:
            self._screen.say(f"Nothing that is shown has this to click: {word}\n")
            return
        modal = self._slack.modal()
        if modal is None or target.place != InView(modal.view_id):
            self._screen.close_modals()
        act = self._slack.choose if target.is_option else self._slack.click
        await self._shown(act(target.action_id, target.value, at=target.place))

    async def _say(self, text: str) -> None:
        before = self._screen.look()
        await self._slack.post_message(text)
        try:
            async with asyncio.timeout(SAY_SECONDS):
                await self._screen.wait(before)
        except TimeoutError:
            self._screen.say("No card comes by itself. Type /customer why to hear the reason.\n")

    async def _shown(self, doing: Awaitable[object]) -> None:
        """Do it, and wait until something is shown that was not there before."""
        before = self._screen.look()
        await doing
        try:
            await self._screen.wait(before)
        except TimeoutError:
            self._screen.say("Nothing came back.\n")
