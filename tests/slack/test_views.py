"""Modals and Home: there at once, filled when the answer is there, and a word to the person whatever goes wrong."""

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import pytest
from starlette.responses import JSONResponse

from bot.domain.inquiry import Asker
from bot.errors import StoreUnavailable
from bot.playground.fake_slack.server import CHANNEL, TEAM, USER, ShownView, StandInSlack
from bot.slack.message import View
from bot.slack.payloads import Interaction, OpenView
from bot.slack.views import Views
from tests.conftest import Logs
from tests.support.block_kit import units
from tests.support.slack_layer import (
    OUTGOING,
    Layer,
    ResponseUrl,
    acknowledging,
    eventually,
    layer,
    modal,
    open_response_url,
    reply,
    section,
)

CONTENT = modal("胡效鑫1", "CF00000179")
IMAGE = {"type": "image", "image_url": "https://p.example.com/1.jpg", "alt_text": "receipt"}


@pytest.fixture(autouse=True)
def _short_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.slack.views.READY_SECONDS", 0.03)


@pytest.fixture
async def parts(slack: StandInSlack) -> AsyncIterator[Layer]:
    async with layer(slack.address) as parts:
        yield parts


@pytest.fixture
def views(parts: Layer) -> Views:
    return Views(parts.api, parts.background, parts.replies, OUTGOING)


@pytest.fixture
async def response_url() -> AsyncIterator[ResponseUrl]:
    async with open_response_url() as taking:
        yield taking


class Making:
    """A view that is made when a test releases it, and what comes of it."""

    def __init__(self, view: View | Exception = CONTENT, ready: bool = True) -> None:
        self.go_on = asyncio.Event()
        self._view = view
        if ready:
            self.go_on.set()

    async def __call__(self) -> View:
        await self.go_on.wait()
        if isinstance(self._view, Exception):
            raise self._view
        return self._view


def loading() -> View:
    return modal("one moment")


def clicked(
    slack: StandInSlack, view: OpenView | None = None, response_url: str = "", asker: Asker | None = None
) -> Interaction:
    """A user clicks: in a message, or in ``view``."""
    return Interaction(reply(response_url, asker or Asker(TEAM, USER, CHANNEL)), slack.new_trigger(USER), "", view)


def as_open(shown: ShownView) -> OpenView:
    """What a click in it says of it."""
    return OpenView(shown.view_id, shown.hash, shown.view["type"], "", {})


async def open_modal(slack: StandInSlack, parts: Layer, view: View) -> ShownView:
    await parts.api.call("views.open", trigger_id=slack.new_trigger(USER), view=view)
    slack.calls.clear()
    return on_top(slack)


def on_top(slack: StandInSlack) -> ShownView:
    shown = slack.modal(USER)
    assert shown is not None
    return shown


def texts_of(view: View) -> list[str]:
    return [block["text"]["text"] for block in view["blocks"] if "text" in block]


def called(slack: StandInSlack) -> list[str]:
    return [method for method, _ in slack.calls]


async def done(parts: Layer) -> None:
    assert await parts.background.drain(2) == 0


# --- Opening ---------------------------------------------------------------------------------------------------------


async def test_view_that_is_ready_is_opened_as_it_is(views: Views, slack: StandInSlack, parts: Layer) -> None:
    views.open(clicked(slack), Making()(), loading)
    await done(parts)
    assert on_top(slack).history == [CONTENT]
    assert called(slack) == ["views.open"]


async def test_view_that_takes_long_is_opened_with_a_waiting_line_and_filled(
    views: Views, slack: StandInSlack, parts: Layer
) -> None:
    making = Making(ready=False)
    views.open(clicked(slack), making(), loading)
    await slack.until(lambda: slack.modal(USER))
    assert texts_of(on_top(slack).view) == ["one moment"]
    making.go_on.set()
    await done(parts)
    assert on_top(slack).history == [loading(), CONTENT]
    assert called(slack) == ["views.open", "views.update"]


async def test_view_is_opened_on_top_of_the_modal_that_was_clicked(
    views: Views, slack: StandInSlack, parts: Layer
) -> None:
    below = await open_modal(slack, parts, modal("below"))
    making = Making(ready=False)
    views.open(clicked(slack, as_open(below)), making(), loading)
    await slack.until(lambda: len(slack.modals[USER]) == 2)
    making.go_on.set()
    await done(parts)
    assert [shown.view for shown in slack.modals[USER]] == [modal("below"), CONTENT]
    assert called(slack) == ["views.push", "views.update"]


async def test_view_is_opened_before_home_where_that_was_clicked(
    views: Views, slack: StandInSlack, parts: Layer
) -> None:
    views.open(clicked(slack, OpenView("V1", "hash", "home", "", {})), Making()(), loading)
    await done(parts)
    assert called(slack) == ["views.open"]
    assert on_top(slack).view == CONTENT


async def test_modal_that_was_closed_stays_closed(views: Views, slack: StandInSlack, parts: Layer, logs: Logs) -> None:
    making = Making(ready=False)
    views.open(clicked(slack), making(), loading)
    await slack.until(lambda: slack.modal(USER))
    slack.modals[USER].clear()
    making.go_on.set()
    await done(parts)
    assert slack.modal(USER) is None
    assert [(line["level"], line["reason"]) for line in logs.lines("view_not_filled")] == [("info", "not_found")]


async def test_modal_that_shows_something_newer_keeps_it(
    views: Views, slack: StandInSlack, parts: Layer, logs: Logs
) -> None:
    making = Making(ready=False)
    views.open(clicked(slack), making(), loading)
    shown = await slack.until(lambda: slack.modal(USER))
    assert shown is not None
    await parts.api.send("views.update", view_id=shown.view_id, view=modal("newer"))
    making.go_on.set()
    await done(parts)
    assert on_top(slack).view == modal("newer")
    assert [(line["level"], line["reason"]) for line in logs.lines("view_not_filled")] == [("info", "hash_conflict")]


@pytest.mark.parametrize(
    ("trouble", "reason"),
    [
        pytest.param("missing_scope", "missing_scope", id="refused"),
        pytest.param(JSONResponse({}, 500), "HTTP 500", id="HTTP 500"),
        pytest.param("invalid_arguments", "invalid_arguments", id="refused three times"),
    ],
)
async def test_modal_that_cannot_be_filled_is_reported_in_a_message(
    views: Views, slack: StandInSlack, parts: Layer, logs: Logs, trouble: str | JSONResponse, reason: str
) -> None:
    """The waiting line must not be the last word."""
    slack.refuse["views.update"] = [trouble] * 3
    making = Making(ready=False)
    views.open(clicked(slack), making(), loading)
    await slack.until(lambda: slack.modal(USER))
    making.go_on.set()
    await done(parts)
    [line] = logs.lines("view_not_filled")
    assert (line["level"], line["reason"]) == ("error", reason)
    [apology] = slack.ephemerals[CHANNEL, USER]
    assert apology.message.text == f"sorry, {USER}: internal {line['code']}"


async def test_filling_is_tried_again_where_that_may_help(views: Views, slack: StandInSlack, parts: Layer) -> None:
    slack.refuse["views.update"] = [JSONResponse({}, 503)]
    making = Making(ready=False)
    views.open(clicked(slack), making(), loading)
    await slack.until(lambda: slack.modal(USER))
    making.go_on.set()
    await done(parts)
    assert on_top(slack).view == CONTENT


# --- What Slack refuses ----------------------------------------------------------------------------------------------

REFRESH = {"type": "plain_text", "text": "Refresh", "emoji": False}
BUTTON = {"type": "button", "action_id": "customer_refresh", "value": "CF00000179", "text": REFRESH}
RICH: View = modal(
    submit={"type": "plain_text", "text": "Share", "emoji": False},
    close={"type": "plain_text", "text": "Close", "emoji": False},
    callback_id="customer_share_confirm",
    private_metadata="{}",
) | {
    "blocks": [
        {"type": "header", "text": {"type": "plain_text", "text": "胡效鑫1", "emoji": False}},
        {"type": "section", "fields": [{"type": "mrkdwn", "text": "等级"}, {"type": "mrkdwn", "text": "VIP"}]},
        {"type": "context", "elements": [{"type": "mrkdwn", "text": "CF00000179"}]},
        IMAGE,
        {"type": "divider"},
        section("备注"),
        {"type": "actions", "elements": [BUTTON]},
    ]
}


@pytest.mark.parametrize("word", ["invalid_arguments", "invalid_blocks", "view_too_large"])
async def test_view_that_slack_refuses_goes_without_its_pictures(
    views: Views, slack: StandInSlack, parts: Layer, logs: Logs, word: str
) -> None:
    """A picture that Slack cannot fetch fails the whole view."""
    slack.refuse["views.open"] = [word]
    views.open(clicked(slack), Making(RICH)(), loading)
    await done(parts)
    blocks = slack.asked_for("views.open")[-1]["view"]["blocks"]
    assert blocks == [block for block in RICH["blocks"] if block["type"] != "image"]
    assert [line["reason"] for line in logs.lines("blocks_refused")] == [word]


async def test_view_that_slack_refuses_without_pictures_goes_as_plain_text(
    views: Views, slack: StandInSlack, parts: Layer
) -> None:
    """With nothing to submit: there is nothing left to fill in."""
    slack.refuse["views.open"] = ["invalid_arguments"] * 2
    views.open(clicked(slack), Making(RICH)(), loading)
    await done(parts)
    plain = on_top(slack).view
    assert texts_of(plain) == ["胡效鑫1\n等级\nVIP\nCF00000179\n备注"]
    assert plain["blocks"][0]["text"]["type"] == "plain_text"
    assert {key: value for key, value in plain.items() if key != "blocks"} == {
        key: value for key, value in RICH.items() if key not in ("blocks", "submit")
    }


async def test_plain_text_is_as_much_as_slack_takes(views: Views, slack: StandInSlack, parts: Layer) -> None:
    """However Slack counts: a character beyond the basic plane may be two."""
    for texts in (["x" * 2_000] * 10, ["𠮷" * 1_400] * 10, []):
        slack.refuse["views.open"] = ["invalid_arguments"] * 2
        views.open(clicked(slack), Making(modal(*texts) if texts else {**CONTENT, "blocks": [IMAGE]})(), loading)
        await done(parts)
        [text] = texts_of(on_top(slack).view)
        assert 1 <= units(text) <= 3_000
        slack.modals[USER].clear()


async def test_filling_that_slack_refuses_goes_as_plain_text_too(
    views: Views, slack: StandInSlack, parts: Layer
) -> None:
    slack.refuse["views.update"] = ["invalid_arguments"] * 2
    making = Making(RICH, ready=False)
    views.open(clicked(slack), making(), loading)
    await slack.until(lambda: slack.modal(USER))
    making.go_on.set()
    await done(parts)
    assert texts_of(on_top(slack).view) == ["胡效鑫1\n等级\nVIP\nCF00000179\n备注"]


async def test_view_over_slacks_limits_is_not_sent(views: Views, slack: StandInSlack, parts: Layer) -> None:
    views.open(clicked(slack), Making(modal("x" * 3_001))(), loading)
    await done(parts)
    assert texts_of(on_top(slack).view) == [f"too much for {USER}"]
    assert called(slack) == ["views.open"]


# --- Where no modal comes --------------------------------------------------------------------------------------------

NO_MODAL = {
    "expired": "expired_trigger_id",
    "used": "exchanged_trigger_id",
    "rate limited": JSONResponse({"ok": False, "error": "ratelimited"}, 429, headers={"Retry-After": "1"}),
    "HTTP 500": JSONResponse({}, 500),
    "refused three times": "invalid_arguments",
}


@pytest.mark.parametrize("refusal", NO_MODAL.values(), ids=NO_MODAL.keys())
async def test_modal_that_does_not_open_is_reported_in_a_message(
    views: Views, slack: StandInSlack, parts: Layer, logs: Logs, refusal: str | JSONResponse
) -> None:
    """At once, and with the code of the log line."""
    slack.refuse["views.open"] = [refusal] * 3
    async with asyncio.timeout(2.5):
        views.open(clicked(slack), Making()(), loading)
        [apology] = await slack.until(lambda: slack.ephemerals[CHANNEL, USER])
    [line] = logs.lines("view_not_opened")
    assert apology.message.text == f"sorry, {USER}: internal {line['code']}"
    assert line["level"] == "error"
    assert called(slack).count("views.open") == (3 if refusal == "invalid_arguments" else 1)
    assert slack.modal(USER) is None


async def test_modal_that_does_not_open_is_reported_beside_the_message_that_was_clicked(
    views: Views, slack: StandInSlack, parts: Layer, response_url: ResponseUrl
) -> None:
    """Which stays."""
    slack.refuse["views.open"] = ["expired_trigger_id"]
    views.open(clicked(slack, response_url=response_url.address), Making()(), loading)
    await done(parts)
    [apology] = response_url.posted
    assert apology["text"].startswith(f"sorry, {USER}: internal E-")
    assert apology["replace_original"] is False
    assert not slack.ephemerals


async def test_waiting_line_that_cannot_be_shown_is_reported_too(
    views: Views, slack: StandInSlack, parts: Layer
) -> None:
    """The answer, which nobody sees any more, is no reason to send anything else."""
    slack.refuse["views.open"] = ["expired_trigger_id"]
    making = Making(ready=False)
    views.open(clicked(slack), making(), loading)
    await slack.until(lambda: slack.ephemerals[CHANNEL, USER])
    making.go_on.set()
    await done(parts)
    assert called(slack) == ["views.open", "chat.postEphemeral"]


@pytest.mark.parametrize("refusal", ["expired_trigger_id", "push_limit_reached"])
async def test_error_after_a_click_in_a_modal_is_shown_in_that_modal(
    views: Views, slack: StandInSlack, parts: Layer, logs: Logs, refusal: str
) -> None:
    """It has neither a channel nor a response_url."""
    below = await open_modal(slack, parts, modal("below"))
    slack.refuse["views.push"] = [refusal]
    views.open(clicked(slack, as_open(below), asker=Asker(TEAM, USER, "")), Making()(), loading)
    await done(parts)
    [line] = logs.lines("view_not_opened")
    assert (line["level"], line["reason"]) == ("error", refusal)
    assert [texts_of(shown.view) for shown in slack.modals[USER]] == [[f"sorry, {USER}: internal {line['code']}"]]


async def test_apology_that_cannot_be_shown_is_an_error(
    views: Views, slack: StandInSlack, parts: Layer, logs: Logs
) -> None:
    below = await open_modal(slack, parts, modal("below"))
    slack.refuse["views.push"] = ["expired_trigger_id"]
    slack.modals[USER].clear()
    views.open(clicked(slack, as_open(below), asker=Asker(TEAM, USER, "")), Making()(), loading)
    await done(parts)
    assert [line["reason"] for line in logs.lines("apology_not_shown")] == ["not_found"]


async def test_click_without_a_place_gets_no_message(
    views: Views, slack: StandInSlack, parts: Layer, logs: Logs
) -> None:
    """A global shortcut has no channel. The log has it."""
    slack.refuse["views.open"] = ["expired_trigger_id"]
    views.open(clicked(slack, asker=Asker(TEAM, USER, "")), Making()(), loading)
    await done(parts)
    assert called(slack) == ["views.open"]
    assert [line["reason"] for line in logs.lines("view_not_opened")] == ["expired_trigger_id"]


# --- Bugs ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("ready", [True, False], ids=["at once", "late"])
async def test_bug_in_a_view_is_reported_with_the_code_of_the_log(
    views: Views, slack: StandInSlack, parts: Layer, logs: Logs, ready: bool
) -> None:
    making = Making(RuntimeError("a bug"), ready)
    views.open(clicked(slack), making(), loading)
    await slack.until(lambda: slack.modal(USER))
    making.go_on.set()
    await done(parts)
    [line] = logs.lines("answer_failed")
    assert texts_of(on_top(slack).view) == [f"sorry, {USER}: internal {line['code']}"]
    assert "RuntimeError: a bug" in line["exception"]


async def test_unavailable_database_is_reported_as_such(
    views: Views, slack: StandInSlack, parts: Layer, logs: Logs
) -> None:
    views.open(clicked(slack), Making(StoreUnavailable("the database is not open yet"))(), loading)
    await done(parts)
    [line] = logs.lines("store_failed")
    assert texts_of(on_top(slack).view) == [f"sorry, {USER}: store {line['code']}"]
    assert (line["level"], line["reason"]) == ("warning", "the database is not open yet")


# --- Changing what is open -------------------------------------------------------------------------------------------


async def test_modal_that_was_clicked_is_replaced(views: Views, slack: StandInSlack, parts: Layer) -> None:
    shown = await open_modal(slack, parts, modal("before"))
    views.update(clicked(slack, as_open(shown)), Making()())
    await done(parts)
    assert on_top(slack).view == CONTENT
    assert len(slack.modals[USER]) == 1


async def test_two_clicks_change_the_modal_once(views: Views, slack: StandInSlack, parts: Layer) -> None:
    """The second was made on a state that is no more."""
    shown = as_open(await open_modal(slack, parts, modal("before")))
    making = Making(modal("second"), ready=False)
    views.update(clicked(slack, shown), making())
    views.update(clicked(slack, shown), Making(modal("first"))())
    await slack.until(lambda: texts_of(on_top(slack).view) == ["first"])
    making.go_on.set()
    await done(parts)
    assert on_top(slack).history == [modal("before"), modal("first")]


async def test_tab_that_is_ready_replaces_what_was_clicked(views: Views, slack: StandInSlack, parts: Layer) -> None:
    """At once, and without another modal on top."""
    shown = await open_modal(slack, parts, modal("before"))
    views.switch(clicked(slack, as_open(shown)), Making()(), loading)
    await done(parts)
    assert on_top(slack).history == [modal("before"), CONTENT]
    assert (len(slack.modals[USER]), called(slack)) == (1, ["views.update"])


async def test_tab_that_takes_long_shows_the_waiting_line_until_it_is_there(
    views: Views, slack: StandInSlack, parts: Layer
) -> None:
    shown = await open_modal(slack, parts, modal("before"))
    making = Making(ready=False)
    views.switch(clicked(slack, as_open(shown)), making(), loading)
    await slack.until(lambda: texts_of(on_top(slack).view) == ["one moment"])
    making.go_on.set()
    await done(parts)
    assert on_top(slack).history == [modal("before"), loading(), CONTENT]


@pytest.mark.parametrize("first_is_ready", ["before", "after"])
@pytest.mark.parametrize("clicked_on", ["what was there before", "the waiting line"])
async def test_of_two_tabs_the_one_clicked_last_is_shown(
    views: Views, slack: StandInSlack, parts: Layer, first_is_ready: str, clicked_on: str
) -> None:
    """Whichever is ready first, and though both clicks may be on one state of the modal."""
    shown = await open_modal(slack, parts, modal("before"))
    on_what_was_there = as_open(shown)
    first, last = Making(modal("first"), ready=False), Making(modal("last"), ready=False)
    views.switch(clicked(slack, on_what_was_there), first(), loading)
    await slack.until(lambda: texts_of(on_top(slack).view) == ["one moment"])
    views.switch(clicked(slack, on_what_was_there if "there" in clicked_on else as_open(shown)), last(), loading)
    for making in (first, last) if first_is_ready == "before" else (last, first):
        making.go_on.set()
        await asyncio.sleep(0.01)
    await done(parts)
    assert on_top(slack).view == modal("last")
    assert modal("first") not in on_top(slack).history


async def test_last_of_many_rapid_clicks_is_shown(views: Views, slack: StandInSlack, parts: Layer) -> None:
    """All on one state of the modal: Slack takes only one change of it."""
    shown = as_open(await open_modal(slack, parts, modal("before")))
    for number in range(5):
        views.switch(clicked(slack, shown), Making(modal(str(number)))(), loading)
    await done(parts)
    assert on_top(slack).view == modal("4")


async def test_click_while_the_change_before_it_is_on_its_way_comes_after_it(
    views: Views, slack: StandInSlack, parts: Layer
) -> None:
    shown = as_open(await open_modal(slack, parts, modal("before")))
    slack.hold["views.update"] = asyncio.Event()
    views.switch(clicked(slack, shown), Making(modal("first"))(), loading)
    await eventually(lambda: called(slack) == ["views.update"])
    views.switch(clicked(slack, shown), Making(modal("last"))(), loading)
    await asyncio.sleep(0.01)
    slack.hold.pop("views.update").set()
    await done(parts)
    assert on_top(slack).history == [modal("before"), modal("first"), modal("last")]


async def test_tab_clicked_after_a_change_made_elsewhere_is_shown(
    views: Views, slack: StandInSlack, parts: Layer
) -> None:
    """By Refresh, say, or by another process: the click is on what that has left."""
    shown = await open_modal(slack, parts, modal("before"))
    slow = Making(modal("slow"), ready=False)
    views.switch(clicked(slack, as_open(shown)), slow(), loading)
    await slack.until(lambda: texts_of(on_top(slack).view) == ["one moment"])
    await parts.api.send("views.update", view_id=shown.view_id, view=modal("refreshed"))
    views.switch(clicked(slack, as_open(shown)), Making()(), loading)
    slow.go_on.set()
    await done(parts)
    assert on_top(slack).history == [modal("before"), loading(), modal("refreshed"), CONTENT]


@pytest.mark.parametrize("when", ["before the waiting line", "after it"])
async def test_tab_of_a_modal_that_was_changed_elsewhere_leaves_it(
    views: Views, slack: StandInSlack, parts: Layer, logs: Logs, when: str
) -> None:
    shown = await open_modal(slack, parts, modal("before"))
    click, making = clicked(slack, as_open(shown)), Making(ready=False)
    if when == "after it":
        views.switch(click, making(), loading)
        await slack.until(lambda: texts_of(on_top(slack).view) == ["one moment"])
    await parts.api.send("views.update", view_id=shown.view_id, view=modal("newer"))
    if when == "before the waiting line":
        views.switch(click, making(), loading)
        await eventually(lambda: logs.lines("waiting_line_not_shown"))
    making.go_on.set()
    await done(parts)
    assert on_top(slack).view == modal("newer")
    assert [(line["level"], line["reason"]) for line in logs.lines("view_not_filled")] == [("info", "hash_conflict")]


async def test_tab_of_a_modal_that_was_closed_stays_closed(
    views: Views, slack: StandInSlack, parts: Layer, logs: Logs
) -> None:
    shown = as_open(await open_modal(slack, parts, modal("before")))
    making = Making(ready=False)
    views.switch(clicked(slack, shown), making(), loading)
    slack.modals[USER].clear()
    making.go_on.set()
    await done(parts)
    assert slack.modal(USER) is None
    assert {line["level"] for line in logs.lines("view_not_filled")} == {"info"}


@pytest.mark.parametrize("was_shown", [True, False])
async def test_tab_is_filled_though_nobody_knows_whether_its_waiting_line_is_shown(
    views: Views, slack: StandInSlack, parts: Layer, was_shown: bool
) -> None:
    """The answer was lost on its way. The waiting line is not sent again: it would only hold up the content."""
    shown = await open_modal(slack, parts, modal("before"))
    slack.refuse["views.update"] = [JSONResponse({}, 500)]
    making = Making(ready=False)
    views.switch(clicked(slack, as_open(shown)), making(), loading)
    await eventually(lambda: called(slack) == ["views.update"])
    if was_shown:
        shown.hash = "of the waiting line"
    making.go_on.set()
    await done(parts)
    assert on_top(slack).view == CONTENT
    assert called(slack) == ["views.update", "views.update"]


async def test_tab_that_slack_refuses_goes_as_plain_text(views: Views, slack: StandInSlack, parts: Layer) -> None:
    shown = as_open(await open_modal(slack, parts, modal("before")))
    slack.refuse["views.update"] = ["invalid_arguments"] * 2
    views.switch(clicked(slack, shown), Making(RICH)(), loading)
    await done(parts)
    assert texts_of(on_top(slack).view) == ["胡效鑫1\n等级\nVIP\nCF00000179\n备注"]


async def test_tab_that_cannot_be_shown_is_reported_in_the_modal(
    views: Views, slack: StandInSlack, parts: Layer, logs: Logs
) -> None:
    shown = as_open(await open_modal(slack, parts, modal("before")))
    slack.refuse["views.update"] = ["missing_scope"]
    views.switch(clicked(slack, shown, asker=Asker(TEAM, USER, "")), Making()(), loading)
    await done(parts)
    [line] = logs.lines("view_not_filled")
    assert texts_of(on_top(slack).view) == [f"sorry, {USER}: internal {line['code']}"]


async def test_bug_in_a_tab_is_reported_with_the_code_of_the_log(
    views: Views, slack: StandInSlack, parts: Layer, logs: Logs
) -> None:
    shown = as_open(await open_modal(slack, parts, modal("before")))
    views.switch(clicked(slack, shown), Making(RuntimeError("a bug"))(), loading)
    await done(parts)
    [line] = logs.lines("answer_failed")
    assert texts_of(on_top(slack).view) == [f"sorry, {USER}: internal {line['code']}"]


async def test_modals_in_which_nothing_is_under_way_are_forgotten(
    views: Views, slack: StandInSlack, parts: Layer
) -> None:
    shown = as_open(await open_modal(slack, parts, modal("before")))
    views.switch(clicked(slack, shown), Making()(), loading)
    await done(parts)
    assert len(views._updates) == 0


async def test_home_that_was_clicked_is_replaced(views: Views, slack: StandInSlack, parts: Layer) -> None:
    home = {"type": "home", "blocks": [section("after")]}
    views.update(clicked(slack, OpenView("V1", "hash", "home", "", {})), Making(home)())
    await done(parts)
    assert slack.homes[USER].view == home


# --- Submissions -----------------------------------------------------------------------------------------------------


def submitted(slack: StandInSlack, shown: ShownView, acknowledged: asyncio.Event) -> Interaction:
    return clicked(slack, as_open(shown))._replace(reply=reply()._replace(acknowledged=acknowledged))


def answered(ack: Any) -> dict[str, Any]:
    assert ack.response.status == 200
    answer: dict[str, Any] = json.loads(ack.response.body)
    return answer


async def test_submission_is_answered_with_a_view_that_is_ready(
    views: Views, slack: StandInSlack, parts: Layer
) -> None:
    shown, ack = await open_modal(slack, parts, modal("before")), acknowledging()
    await views.respond_to_submission(ack, submitted(slack, shown, asyncio.Event()), Making()(), loading)
    assert answered(ack) == {"response_action": "update", "view": CONTENT}
    await done(parts)
    assert slack.calls == []


async def test_submission_is_answered_with_a_waiting_line_and_the_modal_filled_afterwards(
    views: Views, slack: StandInSlack, parts: Layer
) -> None:
    """Not before Slack has the acknowledgement, which would overwrite what it was filled with."""
    shown, ack = await open_modal(slack, parts, modal("before")), acknowledging()
    making, acknowledged = Making(ready=False), asyncio.Event()
    await views.respond_to_submission(ack, submitted(slack, shown, acknowledged), making(), loading)
    assert answered(ack) == {"response_action": "update", "view": loading()}
    making.go_on.set()
    await asyncio.sleep(0.05)
    assert slack.calls == []
    shown.hash = "changed by the acknowledgement"
    acknowledged.set()
    await done(parts)
    assert on_top(slack).view == CONTENT


async def test_bug_in_the_answer_to_a_submission_is_reported(
    views: Views, slack: StandInSlack, parts: Layer, logs: Logs
) -> None:
    shown, ack = await open_modal(slack, parts, modal("before")), acknowledging()
    bug = Making(RuntimeError("a bug"))
    await views.respond_to_submission(ack, submitted(slack, shown, asyncio.Event()), bug(), loading)
    [line] = logs.lines("answer_failed")
    assert texts_of(answered(ack)["view"]) == [f"sorry, {USER}: internal {line['code']}"]


# --- Home ------------------------------------------------------------------------------------------------------------

HOME: View = {"type": "home", "blocks": [section("最近")]}


class Claiming:
    """Says whether the event is the caller's, and how often it was asked."""

    def __init__(self, mine: bool) -> None:
        self.asked = 0
        self._mine = mine

    async def __call__(self) -> bool:
        self.asked += 1
        return self._mine


async def test_home_is_published_by_the_one_who_has_the_event(views: Views, slack: StandInSlack, parts: Layer) -> None:
    mine, anothers = Claiming(True), Claiming(False)
    await views.publish(USER, Making(HOME)(), anothers)
    assert slack.homes == {}
    await views.publish(USER, Making(HOME)(), mine)
    assert slack.homes[USER].history == [HOME]
    assert (mine.asked, anothers.asked) == (1, 1)


async def test_event_is_claimed_when_home_is_ready_and_not_before(
    views: Views, slack: StandInSlack, parts: Layer
) -> None:
    """A process that dies while it makes the page leaves it to another."""
    claim, making = Claiming(True), Making(HOME, ready=False)
    publishing = asyncio.create_task(views.publish(USER, making(), claim))
    await asyncio.sleep(0.05)
    assert claim.asked == 0
    making.go_on.set()
    await publishing
    assert claim.asked == 1
    assert slack.homes[USER].view == HOME


async def test_bug_in_home_is_reported_on_home(views: Views, slack: StandInSlack, parts: Layer, logs: Logs) -> None:
    await views.publish(USER, Making(RuntimeError("a bug"))(), Claiming(True))
    [line] = logs.lines("answer_failed")
    assert slack.homes[USER].view == {
        "type": "home",
        "blocks": [section(f"sorry, {USER}: internal {line['code']}")],
    }


async def test_home_that_slack_refuses_goes_as_plain_text(views: Views, slack: StandInSlack, parts: Layer) -> None:
    slack.refuse["views.publish"] = ["invalid_arguments"] * 2
    await views.publish(USER, Making({"type": "home", "blocks": [*HOME["blocks"], IMAGE]})(), Claiming(True))
    assert texts_of(slack.homes[USER].view) == ["最近"]
    assert [len(asked["view"]["blocks"]) for asked in slack.asked_for("views.publish")] == [2, 1, 1]


async def test_home_that_cannot_be_published_is_an_error(
    views: Views, slack: StandInSlack, parts: Layer, logs: Logs
) -> None:
    slack.refuse["views.publish"] = ["not_enabled"]
    await views.publish(USER, Making(HOME)(), Claiming(True))
    assert [(line["level"], line["reason"]) for line in logs.lines("home_not_published")] == [("error", "not_enabled")]
    await eventually(lambda: len(parts.background) == 0)
