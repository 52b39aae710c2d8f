"""Modals and Home: opened at once, as a trigger id expires after three seconds, and filled when content is ready."""

import asyncio
from collections.abc import Callable, Coroutine, Iterator
from typing import Any, Final
from weakref import WeakValueDictionary

import structlog
from slack_bolt.context.ack.async_ack import AsyncAck

from bot.errors import SlackError, SlackRefused, Trouble
from bot.runtime.logging import new_code
from bot.runtime.tasks import BackgroundTasks
from bot.slack.api import SlackApi, first_accepted
from bot.slack.deduplication import Claim
from bot.slack.message import View
from bot.slack.outgoing import Outgoing
from bot.slack.payloads import Interaction, OpenView
from bot.slack.replies import Replies

READY_SECONDS: Final = 0.1
"""How long a modal waits for its content before it shows the loading view: a cached customer is ready."""
PLAIN_TEXT_LENGTH: Final = 3_000
"""In UTF-16 code units, the worst way that Slack may count: an emoji is two."""
CLOSED: Final = frozenset({"not_found", "view_not_found", "hash_conflict"})
"""Slack's error codes for a modal that its reader has closed, or that shows something newer."""
_HOME: Final = OpenView("", "", type="home", metadata="", typed={})

log = structlog.get_logger(__name__)

PendingView = Coroutine[Any, Any, View]
Call = Callable[..., Coroutine[Any, Any, dict[str, Any]]]
"""A method of SlackApi."""


class ModalUpdates:
    """The updates of one open modal: the last click wins. It lives as long as any of them is under way.

    Clicks on one state of the modal carry one hash, and Slack accepts only the first update made with it: each further
    one is made with the hash that the last update returned.
    """

    def __init__(self, click: Interaction) -> None:
        self.last_click = click
        self.lock = asyncio.Lock()
        """Held during an update."""
        self.hashes: list[str] = []
        """Of all states so far; "" after an update of unknown outcome, so that the next one is made without a hash."""


class Views:
    """Shows modals and Home. Errors of Slack's are logged and shown to the user where there is a place for it."""

    def __init__(self, api: SlackApi, background: BackgroundTasks, replies: Replies, outgoing: Outgoing) -> None:
        self._api = api
        self._background = background
        self._replies = replies
        self._outgoing = outgoing
        self._updates: WeakValueDictionary[str, ModalUpdates] = WeakValueDictionary()

    def open(self, interaction: Interaction, view: PendingView, loading: Callable[[], View]) -> None:
        """Open a modal, on top of the one in which the user clicked if there is one."""
        self._background.start(self._open(interaction, self._build(view, interaction), loading))

    def update(self, interaction: Interaction, view: PendingView) -> None:
        """Replace the modal or Home in which the user clicked: Home, where Slack does not say which."""
        building = self._build(view, interaction)
        self._background.start(self._fill(interaction.view or _HOME, building, interaction))

    def switch(self, interaction: Interaction, view: PendingView, loading: Callable[[], View]) -> None:
        """Replace the content of the modal in which the user clicked, by ``loading`` until it is ready.

        Of several clicks the last one wins, whichever is ready first.
        """
        assert interaction.view is not None
        building = self._build(view, interaction)
        updates = self._updates.setdefault(interaction.view.view_id, ModalUpdates(interaction))
        if interaction.view.hash not in updates.hashes:  # the modal was updated elsewhere
            updates.hashes.append(interaction.view.hash)
        updates.last_click = interaction
        self._background.start(self._switch(interaction, interaction.view, updates, building, loading))

    async def respond_to_submission(
        self, ack: AsyncAck, interaction: Interaction, view: PendingView, loading: Callable[[], View]
    ) -> None:
        """Acknowledge a submitted modal with the view; if it is not ready, with ``loading``, and it is filled later."""
        assert interaction.view is not None
        building = self._build(view, interaction)
        await asyncio.wait({building}, timeout=READY_SECONDS)
        if building.done():
            await ack(response_action="update", view=building.result())
            return
        await ack(response_action="update", view=loading())
        shown = interaction.view._replace(hash="")  # the acknowledgement changes the view, and returns no hash
        self._background.start(self._fill(shown, building, interaction))

    async def publish(self, user: str, view: PendingView, claim: Claim) -> None:
        """Show ``user`` this Home, unless ``claim`` says that another process does."""
        home = await self._outgoing.view(view, user)
        if await claim():
            try:
                await self._publish(user, home)
            except SlackError as error:
                log.error("home_not_published", reason=str(error))

    def _build(self, view: PendingView, interaction: Interaction) -> asyncio.Task[View]:
        return self._background.start(self._outgoing.view(view, interaction.asker.user))

    async def _open(self, interaction: Interaction, building: asyncio.Task[View], loading: Callable[[], View]) -> None:
        method, trigger_id = "views.push" if interaction.modal else "views.open", interaction.trigger_id
        await asyncio.wait({building}, timeout=READY_SECONDS)
        ready = building.done()
        view = building.result() if ready else loading()
        try:
            response = await _send(view, self._api.call, method, trigger_id=trigger_id)
        except SlackError as error:
            await self._report("view_not_opened", interaction, error)
            return
        if not ready:
            view_id = str((response.get("view") or {}).get("id") or "")
            await self._fill(OpenView(view_id, _hash_in(response), "modal", "", {}), building, interaction)

    async def _switch(
        self,
        interaction: Interaction,
        view: OpenView,
        updates: ModalUpdates,
        building: asyncio.Task[View],
        loading: Callable[[], View],
    ) -> None:
        await asyncio.wait({building}, timeout=READY_SECONDS)
        if not building.done():
            async with updates.lock:
                if updates.last_click is interaction:
                    shown = view._replace(hash=updates.hashes[-1])
                    try:  # once: the content that follows is retried, and reports what is wrong with the modal
                        updates.hashes.append(await self._update(shown, loading(), self._api.call))
                    except SlackError as error:
                        log.info("waiting_line_not_shown", reason=str(error))
                        if not isinstance(error, SlackRefused):
                            updates.hashes.append("")
            await asyncio.wait({building})
        async with updates.lock:
            if updates.last_click is interaction:
                shown = view._replace(hash=updates.hashes[-1])
                updates.hashes.append(await self._fill(shown, building, interaction))

    async def _fill(self, shown: OpenView, building: asyncio.Task[View], interaction: Interaction) -> str:
        """Returns the new hash; the old one if the view could not be updated."""
        view = await building
        await interaction.reply.acknowledged.wait()
        try:
            if shown.type == "home":
                await self._publish(interaction.asker.user, view)
            else:
                return await self._update(shown, view, self._api.send)
        except SlackError as error:
            if str(error) in CLOSED:
                log.info("view_not_filled", reason=str(error))
            else:
                await self._report("view_not_filled", interaction, error)
        return shown.hash

    async def _update(self, shown: OpenView, view: View, call: Call) -> str:
        """Returns the new hash. Raises SlackError."""
        only_if = {"hash": shown.hash} if shown.hash else {}
        return _hash_in(await _send(view, call, "views.update", view_id=shown.view_id, **only_if))

    async def _publish(self, user: str, view: View) -> None:
        """Raises SlackError. An apology is built as a modal."""
        home = view if view["type"] == "home" else {"type": "home", "blocks": view["blocks"]}
        await _send(home, self._api.send, "views.publish", user_id=user)

    async def _report(self, event: str, interaction: Interaction, error: SlackError) -> None:
        """Tell the user in a message where one can be sent, else in the modal in which they clicked."""
        code = new_code()
        log.error(event, code=code, reason=str(error))
        user = interaction.asker.user
        if interaction.reply.response_url or interaction.asker.channel:
            self._replies.send(self._outgoing.apology(Trouble.INTERNAL, user, code), interaction.reply)
        elif interaction.modal:
            apology = self._outgoing.apology_view(Trouble.INTERNAL, user, code)
            try:
                await self._api.send("views.update", view_id=interaction.modal.view_id, view=apology)
            except SlackError as failure:
                log.error("apology_not_shown", reason=str(failure))


async def _send(view: View, call: Call, method: str, **arguments: str) -> dict[str, Any]:
    """Send ``view``, plainer where Slack refuses it. Raises SlackError."""
    return await first_accepted(_plainer(view), lambda plain: call(method, view=plain, **arguments), log)


def _hash_in(response: dict[str, Any]) -> str:
    return str((response.get("view") or {}).get("hash") or "")


def _plainer(view: View) -> Iterator[View]:
    """``view``, then without images, then as plain text.

    An image that Slack cannot fetch fails the whole view; each has a link beside it.
    """
    yield view
    yield {**view, "blocks": [block for block in view["blocks"] if block["type"] != "image"]}
    texts = []
    for block in view["blocks"]:
        parts = [block.get("text"), *block.get("fields", []), *block.get("elements", [])]
        texts += [part["text"] for part in parts if isinstance(part, dict) and isinstance(part.get("text"), str)]
    whole = "\n".join(texts) or "…"
    text = whole.encode("utf-16-le", "replace")[: 2 * PLAIN_TEXT_LENGTH].decode("utf-16-le", "ignore")
    section = {"type": "section", "text": {"type": "plain_text", "text": text, "emoji": False}}
    yield {**{key: value for key, value in view.items() if key != "submit"}, "blocks": [section]}
