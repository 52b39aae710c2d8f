"""What the end-to-end tests of modals and Home share: looking at people's screens, typing, what Slack may refuse."""

import json
import re
from collections.abc import Callable, Mapping
from typing import Any, Final, NamedTuple

import pytest
from starlette.responses import JSONResponse, PlainTextResponse, Response

from bot.domain.inquiry import Surface
from bot.locales import texts_in
from bot.playground.fake_crm.server import Fault, SampleCrm
from bot.playground.fake_slack.channels import Spot
from bot.playground.fake_slack.chat_api import message_of
from bot.playground.fake_slack.server import USER, Exchange, InView, ShownView, StandInSlack
from bot.playground.fake_slack.workspace import Workspace
from bot.server.http import WebProcess
from bot.slack.message import Block, Message, View
from tests.support.block_kit import assert_slack_takes, assert_slack_takes_view, elements_of, texts_of_view, values_of
from tests.support.surfaces import idle

ZH: Final = texts_in("zh")
EN: Final = texts_in("en")
GONE: Final = Fault(status=404, body=b"gone")
"""A CRM that fails at once: what may pass is asked again, and takes longer."""
NO_CUSTOMER: Final = (*ZH.search.invalid.values(), *ZH.search.not_found.values())
"""What is said of a text that leads to no customer."""
CODE: Final = re.compile(r"\bE-[0-9A-F]{4,}\b")

_GUID: Final = "[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
_SLACK_ID: Final = "[A-Z][A-Z0-9]+"
_OWN_VALUE: Final = re.compile(
    rf"(?:(?:details|copy|pin|open) |{_GUID} )?{_GUID}|CF[0-9]+|mute_day|mute_channel|mute_me|channel {_SLACK_ID}"
    "|person|customer_clear|find_customer|(?:[0-9]+ )?sealed [A-Za-z0-9_=-]+"
)


Do = Callable[[], None]


@pytest.fixture(name="hurry")
def hurry_fixture(monkeypatch: pytest.MonkeyPatch) -> Do:
    """From when it is called on, modals open with the waiting line if their content is not ready soon."""
    return lambda: monkeypatch.setattr("bot.slack.views.READY_SECONDS", 0.01)


@pytest.fixture(name="hang")
def hang_fixture(crm: SampleCrm, hurry: Do) -> Do:
    """From this call on, the CRM answers no request, until it is released."""

    def hang() -> None:
        crm.fault = Fault(hang=True)
        hurry()

    return hang


@pytest.fixture(name="sent")
def sent_fixture(monkeypatch: pytest.MonkeyPatch) -> list[Mapping[str, Any]]:
    """Every message that answers a user, as the bot sent it: who sees it, and whether it replaces what is there."""
    sent: list[Mapping[str, Any]] = []

    def noting(answer: Mapping[str, Any]) -> Message:
        if answer not in sent:
            sent.append(answer)
        return message_of(answer)

    monkeypatch.setattr("bot.playground.fake_slack.server.message_of", noting)
    return sent


class FormerModal(NamedTuple):
    """A modal of an older version of the bot: it may hold any button."""

    view_id: str

    def spot(self, workspace: Workspace, user: str) -> Spot:
        return InView(self.view_id).spot(workspace, user)._replace(shown=None)


def says_no_customer(text: str) -> bool:
    """Whether ``text`` says why there is no customer."""
    return any(words in text for words in NO_CUSTOMER)


def text_of(shown: ShownView | View) -> str:
    """Everything that a modal or Home says."""
    return "\n".join(texts_of_view(shown.view if isinstance(shown, ShownView) else shown))


async def modal_of(bot: WebProcess, slack: StandInSlack, user: str = USER) -> ShownView:
    """The modal on top of ``user``'s screen, once nothing more can come."""
    await idle(bot)
    modal = slack.modal(user)
    assert modal is not None
    for view in modal.history:
        assert_slack_takes_view(view)
        assert_holds_ids_alone(view)
    return modal


async def home_of(bot: WebProcess, slack: StandInSlack, user: str = USER) -> ShownView:
    """What ``user`` finds on the bot's Home."""
    assert (await slack.open_home(user=user)).status == 200
    await idle(bot)
    return home_as_shown(slack, user)


def home_as_shown(slack: StandInSlack, user: str = USER) -> ShownView:
    """Home as it is on the screen."""
    home = slack.homes[user]
    for view in home.history:
        assert_slack_takes_view(view)
        assert_holds_ids_alone(view)
    return home


async def only_answer(bot: WebProcess, exchange: Exchange) -> Message:
    """The one message that came of a click, and nothing after it."""
    assert (exchange.status, exchange.acknowledged) == (200, True)
    await idle(bot)
    [message] = exchange.shown
    assert_slack_takes(message)
    assert_values_are_ids(message.blocks)
    return message


def element(shown: ShownView | Message, action_id: str) -> Block:
    """The one button or menu with this action_id."""
    blocks = shown.view["blocks"] if isinstance(shown, ShownView) else shown.blocks
    [found] = [one for one in elements_of(blocks) if one["action_id"] == action_id]
    return found


def values_in(shown: ShownView, action_id: str) -> list[str]:
    """The values of the buttons with this action_id, from top to bottom."""
    return [one["value"] for one in elements_of(shown.view["blocks"]) if one["action_id"] == action_id]


def assert_holds_ids_alone(view: View) -> None:
    """What Slack hands back, values and metadata, names customers, channels and people by their ids, and no more."""
    assert_values_are_ids(view["blocks"])
    kept = json.loads(view.get("private_metadata") or "{}")
    assert re.fullmatch(f"(?:{_GUID})?", kept.pop("customer_id", ""))
    assert re.fullmatch(f"(?:{_SLACK_ID})?", kept.pop("channel", ""))
    assert kept.pop("surface", Surface.BUTTON) in set(Surface)
    assert kept == {}


def assert_values_are_ids(blocks: list[Block]) -> None:
    """What Slack hands back of clicks names customers, channels and what is to be done, or is sealed, and no more."""
    assert [value for value in values_of(blocks) if not _OWN_VALUE.fullmatch(value)] == []


def typed(text: str) -> dict[str, Any]:
    """``text`` in the input of the modal in which one looks for a customer."""
    return {"query": {"query": {"type": "plain_text_input", "value": text}}}


def chosen(channel: str | None) -> dict[str, Any]:
    """``channel`` in the input of the modal in which one shares."""
    return {"channel": {"channel": {"type": "conversations_select", "selected_conversation": channel}}}


def limited(seconds: str = "0") -> Response:
    """HTTP 429."""
    return JSONResponse({"ok": False, "error": "ratelimited"}, 429, {"Retry-After": seconds})


def expired() -> Response:
    """What Slack says of a response_url after half an hour."""
    return PlainTextResponse("expired_url", 404)


async def submit_again(slack: StandInSlack, submission: Exchange) -> Exchange:
    """The very same submission arrives once more."""
    again = slack.new_exchange()
    again.request = submission.request
    return await slack.deliver(again, "interactive")


def everything_posted(slack: StandInSlack) -> list[Any]:
    """Whatever the bot has shown to more users than one, or to one in a channel."""
    places = [*slack.posts.values(), *slack.unfurls.values(), *slack.ephemerals.values()]
    return [shown for place in places for shown in place]


def renamed(rows: list[dict[str, Any]], name: str) -> list[dict[str, Any]]:
    """A customer of the sample CRM by another name."""
    return [{**row, "Value": name} if row["Key"] == "客户名称" else row for row in rows]
