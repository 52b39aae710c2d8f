"""What one person sees of the stand-in Slack, printed as it comes, and kept so that it can be clicked."""

import sys
from collections import Counter
from collections.abc import Hashable, Iterator
from contextlib import suppress
from typing import Any, Final, NamedTuple

from bot.cards.terminal import as_terminal_text, view_as_terminal_text
from bot.playground.stand_in_slack import (
    CHANNEL,
    USER,
    Ephemeral,
    InMessage,
    InView,
    OnUnfurl,
    Place,
    Posted,
    ShownView,
    StandInSlack,
)
from bot.slack.message import Block, Message

PROMPT: Final = "> "


class Target(NamedTuple):
    """Something that can be clicked: a button, or an option of a menu."""

    place: Place
    action_id: str
    value: str
    is_option: bool


class _Shown(NamedTuple):
    place: Place
    blocks: list[Block]


class Screen:
    """Prints what comes for USER. Set ``at_prompt`` while a prompt waits: what comes then goes above it."""

    def __init__(self, slack: StandInSlack) -> None:
        self._slack = slack
        self._shown: list[_Shown] = []
        self._seen: Counter[Hashable] = Counter()
        self.at_prompt = False
        slack.watch = self._show_answer

    def say(self, text: str) -> None:
        sys.stdout.write(f"\n{text}{PROMPT}" if self.at_prompt else text)
        sys.stdout.flush()

    def look(self) -> int:
        """Print what is new. Returns how much was ever shown."""
        for channel, posts in self._slack.posts.items():
            for posted in self._new(channel, posts):
                self._show_card(self._where_posted(posted), posted.message, InMessage(posted))
        for posted in self._new(USER, self._slack.ephemerals[CHANNEL, USER]):
            self._show_answer(posted.message)
        self._look_under_links()
        for view in self._views():
            if self._new(view.view_id, view.history):
                self._show_view(view)
        return len(self._shown)

    async def wait(self, before: int) -> None:
        """Until more was shown than ``before``. Raises TimeoutError."""
        await self._slack.until(lambda: self.look() > before)

    async def follow(self) -> None:
        """Print, for ever, what comes late."""
        while True:
            with suppress(TimeoutError):
                await self.wait(self.look())

    def find(self, action_ids: frozenset[str], beginning: str = "", number: int = 1) -> Target | None:
        """The last thing that was shown with one of these ids, and a value that begins so; there the ``number``-th."""
        for shown in reversed(self._shown):
            targets = [
                target
                for target in _targets(shown)
                if target.action_id in action_ids and target.value.startswith(beginning)
            ]
            if len(targets) >= number and self._is_reachable(shown.place):
                return targets[number - 1]
        return None

    def close_modals(self) -> None:
        self._slack.modals[USER].clear()

    def _views(self) -> list[ShownView]:
        """The modal on top, and Home."""
        home = self._slack.homes.get(USER)
        return [*self._slack.modals[USER][-1:], *([home] if home else [])]

    def _is_reachable(self, place: Place) -> bool:
        """A view can be clicked while it is there, and what it shows now alone."""
        return not isinstance(place, InView) or place.view_id in [view.view_id for view in self._views()]

    def _new(self, key: Hashable, everything: list[Any]) -> list[Any]:
        """What was added to ``everything`` since the last time."""
        new = everything[self._seen[key] :]
        self._seen[key] = len(everything)
        return new

    def _look_under_links(self) -> None:
        for ts, unfurls in self._slack.unfurls.items():
            for url, unfurl in unfurls.items():
                if self._new((ts, url), [unfurl]):
                    place = OnUnfurl(CHANNEL, ts, url)
                    self._show_card(f"For everybody in {self._name(CHANNEL)}, under the link:", unfurl.message, place)

    def _show_view(self, view: ShownView) -> None:
        place = "on the bot's Home" if view.view["type"] == "home" else "in a modal"
        text = view_as_terminal_text(view.view)
        self._show(f"For you alone, {place}:", text, InView(view.view_id), view.view["blocks"])

    def _show_answer(self, message: Message) -> None:
        self._show_card(f"For you alone, in {self._name(CHANNEL)}:", message, Ephemeral())

    def _show_card(self, where: str, message: Message, place: Place) -> None:
        self._show(where, as_terminal_text(message), place, message.blocks)

    def _show(self, where: str, text: str, place: Place, blocks: list[Block]) -> None:
        if isinstance(place, InView):  # it shows this instead of what it showed
            self._shown = [shown if shown.place != place else _Shown(place, []) for shown in self._shown]
        self._shown.append(_Shown(place, blocks))
        self.say(f"{where}\n{text}\n")

    def _where_posted(self, posted: Posted) -> str:
        everybody = f"For everybody in {self._name(posted.channel)}"
        return f"{everybody}, in the message's thread:" if posted.thread_ts else f"{everybody}:"

    def _name(self, channel: str) -> str:
        return f"#{self._slack.channels[channel].name}"


def _targets(shown: _Shown) -> Iterator[Target]:
    """What can be clicked there, in its order."""
    for block in shown.blocks:
        elements = [*block.get("elements", []), *([block["accessory"]] if "accessory" in block else [])]
        for element in elements if block["type"] in ("actions", "section") else []:
            for value in element.get("options", [element]):
                action_id, given = element["action_id"], value.get("value", "")
                yield Target(shown.place, action_id, given, is_option="options" in element)
