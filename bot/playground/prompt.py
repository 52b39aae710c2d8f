"""The demo's prompt: what is typed there is done in the stand-in Slack."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Final

from bot.cards.action_ids import CUSTOMER_SEARCH, CUSTOMER_SHARE_CONFIRM, FIND_CUSTOMER, LOOKUP_IN_MESSAGE
from bot.cards.find_view import QUERY
from bot.cards.foreign import bare
from bot.cards.share_view import CHANNEL as DESTINATION
from bot.crm.envelope import customer_fields
from bot.playground.sample_crm import FAULTS, SampleCrm, sample_customers
from bot.playground.screen import Screen
from bot.playground.stand_in_slack import CHANNEL, MANAGER, USER, InView, StandInSlack
from bot.playground.words import ADVICE, CLICKS
from bot.profile import CustomerProfile

SAY_SECONDS: Final = 1.0
"""How long a card that comes by itself is waited for; a later one is shown when it comes."""
NAME_LENGTH: Final = 20
_SEARCH: Final = frozenset({CUSTOMER_SEARCH})

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
            "type": self._type_ahead,
            "choose": self._choose,
            "post": self._post,
            "home": self._home,
        }

    async def type(self, line: str) -> None:
        """Do what ``line`` says, and show what comes of it."""
        word, _, rest = line.strip().partition(" ")
        rest = rest.strip()
        if word in self._doings:
            await self._doings[word](rest)
        elif word in CLICKS:
            await self._click(word, _number(rest))
        elif word == "say" and rest:
            await self._say(rest)
        elif word == "crm" and rest in (*FAULTS, "up"):
            self._crm.fault = FAULTS.get(rest)
            self._screen.say(f"The sample CRM is now: {rest}\n")
        elif word == "customers":
            self._screen.say("".join(f"{_customer(entry)}\n" for entry in sample_customers()))
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

    async def _type_ahead(self, text: str) -> None:
        """Into the box that suggests while one types."""
        box = self._screen.find(_SEARCH)
        if box is None or not text:
            self._screen.say('There is nothing to type into: type "find" first, and then "type hxx".\n')
            return
        options = await self._slack.suggest(CUSTOMER_SEARCH, text, at=box.place)
        lines = [f"{number}  {option['text']['text']}\n" for number, option in enumerate(options, 1)]
        self._screen.say("".join(lines) or "Nothing is suggested.\n")

    async def _choose(self, text: str) -> None:
        box, options = self._screen.find(_SEARCH), self._slack.suggestions[USER, CUSTOMER_SEARCH]
        chosen = options[_number(text) - 1 : _number(text)]
        if box is None or not chosen:
            self._screen.say('There is no such suggestion: "type hxx" makes some.\n')
            return
        await self._shown(self._slack.choose(CUSTOMER_SEARCH, chosen[0]["value"], at=box.place))

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
        target = self._screen.find(*CLICKS[word], number)
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


def _customer(entry: dict[str, Any]) -> str:
    """What can be typed of a customer of the sample CRM, and what it is there for."""
    profile = CustomerProfile(entry["id"], customer_fields(entry["rows"]))
    return f"{profile.number:10}  {bare(profile.name, NAME_LENGTH)}: {entry['shows']} {entry['id']}"


def _number(text: str) -> int:
    """The number that follows a word; 1 for none."""
    return int(text) if text.isdecimal() and int(text) else 1
