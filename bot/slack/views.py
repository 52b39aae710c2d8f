"""Modals and Home: opened at once, as a trigger id lives for three seconds, and filled when the answer is there."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any, Final

import structlog
from slack_bolt.context.ack.async_ack import AsyncAck

from bot.errors import SlackError, SlackRefused, Trouble
from bot.runtime.logging import new_code
from bot.runtime.tasks import BackgroundTasks
from bot.slack.api import SlackApi
from bot.slack.channel_posts import refuses_content
from bot.slack.deduplication import Claim
from bot.slack.message import Block, View
from bot.slack.modal_updates import TurningModal, TurningModals
from bot.slack.outgoing import Outgoing, guarded
from bot.slack.payloads import Interaction, OpenView
from bot.slack.replies import Replies

READY_SECONDS: Final = 0.1
"""How long a modal waits for its content before it opens with the waiting line: a cached customer is ready."""
PLAIN_TEXT_LENGTH: Final = 3_000
"""As Slack may count at worst: an emoji is two."""
CLOSED: Final = frozenset({"not_found", "view_not_found", "hash_conflict"})
"""What Slack says of a modal that its reader has closed, or that shows something newer."""
_HOME: Final = OpenView("", "", type="home", metadata="", typed={})

log = structlog.get_logger(__name__)

Making = Coroutine[Any, Any, View]
"""A view in the making."""
Call = Callable[..., Coroutine[Any, Any, dict[str, Any]]]
"""How a method of the Web API is called: with repeats or at once."""


class Views:
    """Shows modals and Home."""

    def __init__(self, api: SlackApi, background: BackgroundTasks, replies: Replies, outgoing: Outgoing) -> None:
        self._api = api
        self._background = background
        self._replies = replies
        self._outgoing = outgoing
        self._turning = TurningModals()

    def show(self, interaction: Interaction, view: Making, loading: Callable[[], View]) -> None:
        """Open a modal, on top of the one in which the person clicked if there is one."""
        making = self._start(view, interaction.asker.user)
        self._background.start(self._open(interaction, making, loading))

    def update(self, interaction: Interaction, view: Making) -> None:
        """Replace what the modal or Home shows in which the person clicked: Home, where Slack does not say which."""
        making = self._start(view, interaction.asker.user)
        self._background.start(self._fill(interaction.view or _HOME, making, interaction))

    def turn(self, interaction: Interaction, view: Making, loading: Callable[[], View]) -> None:
        """Replace what the modal shows in which the person clicked, until it is ready by the waiting line.

        Of several clicks the last counts, whichever is ready first.
        """
        assert interaction.view is not None
        making = self._start(view, interaction.asker.user)
        modal = self._turning.of(interaction.view)
        click = modal.click(interaction.view.hash)
        self._background.start(self._turn(modal, click, making, loading, interaction))

    async def answer_submission(
        self, ack: AsyncAck, interaction: Interaction, view: Making, loading: Callable[[], View]
    ) -> None:
        """Answer a submitted modal: in the acknowledgement if the view is ready, else it is filled afterwards."""
        making = self._start(view, interaction.asker.user)
        assert interaction.view is not None
        await asyncio.wait({making}, timeout=READY_SECONDS)
        if making.done():
            await ack(response_action="update", view=making.result())
            return
        await ack(response_action="update", view=loading())
        self._background.start(self._fill_after(interaction, making))

    async def publish(self, user: str, view: Making, claim: Claim) -> None:
        """Show ``user`` this Home, if ``claim`` says that nobody else does."""
        making = self._start(view, user)
        await asyncio.wait({making})
        if await claim():
            try:
                await self._publish(user, making.result())
            except SlackError as error:
                log.error("home_not_published", reason=str(error))

    async def _publish(self, user: str, view: View) -> None:
        """Raises SlackError. An apology is made for modals."""
        view = view if view["type"] == "home" else {"type": "home", "blocks": view["blocks"]}
        await self._in_blocks_or_plain(view, lambda shown: self._api.send("views.publish", user_id=user, view=shown))

    def _start(self, view: Making, user: str) -> asyncio.Task[View]:
        return self._background.start(guarded(self._checked(view, user), self._outgoing.apology_view, user))

    async def _checked(self, view: Making, user: str) -> View:
        return self._outgoing.view(await view, user)

    async def _open(self, interaction: Interaction, making: asyncio.Task[View], loading: Callable[[], View]) -> None:
        method = "views.push" if interaction.modal else "views.open"
        await asyncio.wait({making}, timeout=READY_SECONDS)
        try:
            answer = await self._in_blocks_or_plain(
                making.result() if (ready := making.done()) else loading(),
                lambda shown: self._api.at_once(method, trigger_id=interaction.trigger_id, view=shown),
            )
        except SlackError as error:
            self._say_that_it_failed("view_not_opened", interaction, error)
            return
        if not ready:
            opened = answer.get("view") or {}
            shown = OpenView(str(opened.get("id") or ""), _hash_in(answer), "modal", "", {})
            await self._fill(shown, making, interaction)

    async def _turn(
        self,
        modal: TurningModal,
        click: int,
        making: asyncio.Task[View],
        loading: Callable[[], View],
        interaction: Interaction,
    ) -> None:
        await asyncio.wait({making}, timeout=READY_SECONDS)
        if not making.done():
            await self._wait_in(modal, click, loading())
            await asyncio.wait({making})
        async with modal.changing:
            if modal.is_last(click):
                modal.changed(await self._fill(modal.shown, making, interaction))

    async def _wait_in(self, modal: TurningModal, click: int, waiting_line: View) -> None:
        """Tried once: what it waits for will say what is wrong with the modal."""
        async with modal.changing:
            if not modal.is_last(click):
                return
            try:
                modal.changed(await self._update(modal.shown, waiting_line, self._api.at_once))
            except SlackRefused as error:
                log.info("waiting_line_not_shown", reason=str(error))
            except SlackError as error:
                log.info("waiting_line_not_shown", reason=str(error))
                modal.changed("")

    async def _fill_after(self, interaction: Interaction, making: asyncio.Task[View]) -> None:
        """The acknowledgement has changed the view: its hash is not known."""
        assert interaction.view is not None
        await interaction.reply.acknowledged.wait()
        await self._fill(interaction.view._replace(hash=""), making, interaction)

    async def _fill(self, shown: OpenView, making: asyncio.Task[View], interaction: Interaction) -> str:
        """The hash of what is shown then: that of before where it could not be changed."""
        view = await making
        try:
            if shown.type == "home":
                await self._publish(interaction.asker.user, view)
            else:
                return await self._update(shown, view, self._api.send)
        except SlackError as error:
            if str(error) in CLOSED:
                log.info("view_not_filled", reason=str(error))
            else:
                self._say_that_it_failed("view_not_filled", interaction, error)
        return shown.hash

    async def _update(self, shown: OpenView, view: View, call: Call) -> str:
        """The hash of what is shown then. Raises SlackError."""
        guard = {"hash": shown.hash} if shown.hash else {}
        answer = await self._in_blocks_or_plain(
            view, lambda plain: call("views.update", view_id=shown.view_id, view=plain, **guard)
        )
        return _hash_in(answer)

    async def _in_blocks_or_plain(
        self, view: View, send: Callable[[View], Coroutine[Any, Any, dict[str, Any]]]
    ) -> dict[str, Any]:
        """Send ``view``; where Slack refuses it, without its pictures, and then as plain text. Raises SlackError."""
        for plainer in (_without_pictures, _in_plain_text):
            try:
                return await send(view)
            except SlackRefused as refused:
                if not refuses_content(refused):
                    raise
                log.error("blocks_refused", reason=refused.code)
                view = plainer(view)
        return await send(view)

    def _say_that_it_failed(self, event: str, interaction: Interaction, error: SlackError) -> None:
        """In a message, if there is a place for one. Else in the modal in which the person clicked."""
        code = new_code()
        log.error(event, code=code, reason=str(error))
        user = interaction.asker.user
        if interaction.reply.response_url or interaction.asker.channel:
            self._replies.say(self._outgoing.apology(Trouble.INTERNAL, user, code), interaction.reply)
        elif interaction.modal:
            self._background.start(
                self._apologise_in(interaction.modal, self._outgoing.apology_view(Trouble.INTERNAL, user, code))
            )

    async def _apologise_in(self, modal: OpenView, apology: View) -> None:
        try:
            await self._api.send("views.update", view_id=modal.view_id, view=apology)
        except SlackError as error:
            log.error("apology_not_shown", reason=str(error))


def _hash_in(answer: dict[str, Any]) -> str:
    return str((answer.get("view") or {}).get("hash") or "")


def _without_pictures(view: View) -> View:
    """A picture that Slack cannot fetch fails the whole view; each has a link beside it."""
    return {**view, "blocks": [block for block in view["blocks"] if block["type"] != "image"]}


def _in_plain_text(view: View) -> View:
    whole = "\n".join(_texts(view["blocks"])) or "…"
    text = whole.encode("utf-16-le", "replace")[: 2 * PLAIN_TEXT_LENGTH].decode("utf-16-le", "ignore")
    plain = {key: value for key, value in view.items() if key not in ("blocks", "submit")}
    return {**plain, "blocks": [{"type": "section", "text": {"type": "plain_text", "text": text, "emoji": False}}]}


def _texts(blocks: list[Block]) -> list[str]:
    found = []
    for block in blocks:
        parts = [block.get("text"), *block.get("fields", []), *block.get("elements", [])]
        found += [part["text"] for part in parts if isinstance(part, dict) and isinstance(part.get("text"), str)]
    return found
