"""Modals and Home in the stand-in Slack: what the bot may show, and what its answers to a submission do."""

import asyncio
from typing import Any

import pytest
from slack_sdk.web.async_client import AsyncWebClient
from starlette.responses import JSONResponse, Response

from bot.playground.asgi_server import loopback
from bot.playground.fake_slack.server import (
    BOT_TOKEN,
    MANAGER,
    USER,
    InView,
    ShownView,
    StandInSlack,
)
from bot.slack.message import View
from bot.slack.verification import Payload
from tests.conftest import Clock
from tests.playground.test_fake_slack_web_api import LONG, SECTION, refusal
from tests.support.fake_bot import SomeBot, always, client_fixture, some_bot_fixture  # noqa: F401  # fixtures

LABEL = {"type": "plain_text", "text": "Label"}
TYPED = {"find": {"query": {"type": "plain_text_input", "value": "CF00000179"}}}
INPUT = {
    "type": "input",
    "block_id": "find",
    "label": LABEL,
    "element": {"type": "plain_text_input", "action_id": "query"},
}
BUTTON = {"type": "button", "action_id": "customer_refresh", "value": "1", "text": LABEL}
ACTIONS = {"type": "actions", "block_id": "the actions", "elements": [BUTTON]}


def modal(*blocks: dict[str, Any], **others: Any) -> View:
    return {"type": "modal", "title": LABEL, "blocks": list(blocks or (SECTION,)), **others}


def home(*blocks: dict[str, Any]) -> View:
    return {"type": "home", "blocks": list(blocks or (SECTION,))}


FORM = modal(INPUT, submit=LABEL, private_metadata="some", callback_id="find_customer")


async def trigger(slack: StandInSlack, user: str = USER) -> str:
    trigger_id: str = (await slack.global_shortcut("find_customer", user=user)).request["trigger_id"]
    return trigger_id


async def opened(slack: StandInSlack, client: AsyncWebClient, view: View, method: str = "views.open") -> ShownView:
    await client.api_call(method, json={"trigger_id": await trigger(slack), "view": view})
    shown = slack.modal()
    assert shown is not None
    return shown


pytestmark = pytest.mark.usefixtures("some_bot")


# --- Opening -------------------------------------------------------------------------------------------------------


async def test_modal_opens_for_the_person_whose_trigger_it_is(slack: StandInSlack, client: AsyncWebClient) -> None:
    answer = await client.views_open(trigger_id=await trigger(slack, MANAGER), view=FORM)
    shown = slack.modal(MANAGER)
    assert shown is not None
    assert (shown.view, shown.history, slack.modal(USER)) == (FORM, [FORM], None)
    assert answer["view"]["id"] == answer["view"]["root_view_id"] == shown.view_id
    assert (answer["view"]["hash"], answer["view"]["private_metadata"]) == (shown.hash, "some")


async def test_trigger_id_is_used_once(slack: StandInSlack, client: AsyncWebClient) -> None:
    trigger_id = await trigger(slack)
    await client.views_open(trigger_id=trigger_id, view=FORM)
    assert await refusal(client, "views.open", trigger_id=trigger_id, view=FORM) == "exchanged_trigger_id"


async def test_trigger_id_is_one_of_slacks(client: AsyncWebClient) -> None:
    assert await refusal(client, "views.open", trigger_id="1.2.3", view=FORM) == "invalid_trigger_id"
    assert await refusal(client, "views.open", view=FORM) == "invalid_trigger_id"


@pytest.mark.parametrize(("age", "word"), [(3.0, None), (3.1, "expired_trigger_id")])
async def test_trigger_id_lives_for_three_seconds(clock: Clock, age: float, word: str | None) -> None:
    bot = SomeBot()
    async with StandInSlack(clock).open() as slack, loopback(bot.app) as slack.bot_address:
        client = AsyncWebClient(token=BOT_TOKEN, base_url=f"{slack.address}/api/")
        trigger_id = await trigger(slack)
        clock.advance(age)
        if word is None:
            await client.views_open(trigger_id=trigger_id, view=FORM)
        else:
            assert await refusal(client, "views.open", trigger_id=trigger_id, view=FORM) == word
        assert (slack.modal() is None) == (word is not None)


@pytest.mark.parametrize(
    ("view", "word"),
    [
        (None, "invalid_arguments"),
        ({"type": "modal", "title": LABEL}, "invalid_arguments"),
        ({"title": LABEL, "blocks": [SECTION]}, "invalid_arguments"),
        (home(), "invalid_arguments"),
        ({"type": "modal", "blocks": [SECTION]}, "invalid_arguments"),
        (modal(title={"type": "plain_text", "text": "x" * 25}), "invalid_arguments"),
        (modal(close={"type": "plain_text", "text": "x" * 25}), "invalid_arguments"),
        (modal(*[SECTION] * 101), "invalid_arguments"),
        (modal(blocks=[]), "invalid_arguments"),
        (modal(LONG), "invalid_arguments"),
        (modal(INPUT), "invalid_arguments"),
        (modal(private_metadata="x" * 3_001), "invalid_arguments"),
        (modal(callback_id="x" * 256), "invalid_arguments"),
        (modal(*[{**LONG, "text": {"type": "mrkdwn", "text": "x" * 2_990}}] * 85), "view_too_large"),
    ],
)
async def test_view_that_slack_refuses_leaves_the_trigger_id(
    slack: StandInSlack,
    client: AsyncWebClient,
    view: View,
    word: str,
) -> None:
    trigger_id = await trigger(slack)
    assert await refusal(client, "views.open", trigger_id=trigger_id, view=view) == word
    assert slack.modal() is None
    assert (await client.views_open(trigger_id=trigger_id, view=FORM))["ok"]


# --- The stack -----------------------------------------------------------------------------------------------------


async def test_modals_are_stacked_three_deep(slack: StandInSlack, client: AsyncWebClient) -> None:
    root = await opened(slack, client, FORM)
    second = await opened(slack, client, modal(), "views.push")
    third = await opened(slack, client, modal(), "views.push")
    assert slack.modals[USER] == [root, second, third]
    assert (third.root_view_id, third.previous_view_id) == (root.view_id, second.view_id)
    word = await refusal(client, "views.push", trigger_id=await trigger(slack), view=FORM)
    assert (word, len(slack.modals[USER])) == ("push_limit_reached", 3)


async def test_nothing_can_be_pushed_on_top_of_nothing(slack: StandInSlack, client: AsyncWebClient) -> None:
    assert await refusal(client, "views.push", trigger_id=await trigger(slack), view=FORM) == "not_found"


async def test_closing_shows_the_modal_below_and_tells_the_bot_if_it_asked(
    some_bot: SomeBot,
    slack: StandInSlack,
    client: AsyncWebClient,
) -> None:
    root = await opened(slack, client, modal(notify_on_close=True))
    second = await opened(slack, client, modal(), "views.push")
    with pytest.raises(AssertionError, match="not on top"):
        await slack.close(root.view_id)
    assert await slack.close(second.view_id) is None
    assert slack.modal() is root
    assert await slack.close(root.view_id) is not None
    assert slack.modal() is None
    assert (some_bot.sent[-1]["type"], some_bot.sent[-1]["view"]["id"]) == ("view_closed", root.view_id)


async def test_opening_replaces_what_was_open(slack: StandInSlack, client: AsyncWebClient) -> None:
    await opened(slack, client, FORM)
    second = await opened(slack, client, modal())
    assert slack.modals[USER] == [second]


# --- Updating ------------------------------------------------------------------------------------------------------


async def test_update_changes_what_is_shown_and_its_hash(slack: StandInSlack, client: AsyncWebClient) -> None:
    shown = await opened(slack, client, FORM)
    before = shown.hash
    answer = await client.views_update(view_id=shown.view_id, view=modal(), hash=before)
    assert (shown.view, shown.history) == (modal(), [FORM, modal()])
    assert before != shown.hash == answer["view"]["hash"]
    word = await refusal(client, "views.update", view_id=shown.view_id, view=FORM, hash=before)
    assert (word, shown.view) == ("hash_conflict", modal())
    await client.views_update(view_id=shown.view_id, view=FORM)
    assert shown.view == FORM


async def test_update_of_a_closed_or_unknown_modal_is_refused(slack: StandInSlack, client: AsyncWebClient) -> None:
    shown = await opened(slack, client, FORM)
    await slack.close(shown.view_id)
    assert await refusal(client, "views.update", view_id=shown.view_id, view=FORM) == "not_found"
    assert await refusal(client, "views.update", view_id="V9999", view=FORM) == "not_found"
    assert await refusal(client, "views.update", view=FORM) == "invalid_arguments"


async def test_update_is_held_to_the_limits(slack: StandInSlack, client: AsyncWebClient) -> None:
    shown = await opened(slack, client, FORM)
    assert await refusal(client, "views.update", view_id=shown.view_id, view=modal(LONG)) == "invalid_arguments"
    assert await refusal(client, "views.update", view_id=shown.view_id, view=home()) == "invalid_arguments"
    assert shown.view == FORM


# --- Home ----------------------------------------------------------------------------------------------------------


async def test_home_is_published_for_one_person(slack: StandInSlack, client: AsyncWebClient) -> None:
    first = await client.views_publish(user_id=USER, view=home())
    await client.views_publish(user_id=USER, view=home(SECTION, SECTION), hash=first["view"]["hash"])
    assert slack.homes.keys() == {USER}
    assert slack.homes[USER].history == [home(), home(SECTION, SECTION)]
    word = await refusal(client, "views.publish", user_id=USER, view=home(), hash=first["view"]["hash"])
    assert word == "hash_conflict"


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        ({"user_id": "U0NOBODY"}, "user_not_found"),
        ({"view": modal()}, "invalid_arguments"),
        ({"view": home(LONG)}, "invalid_arguments"),
        ({"view": {**home(), "title": LABEL}}, "invalid_arguments"),
    ],
)
async def test_home_that_slack_refuses(
    slack: StandInSlack,
    client: AsyncWebClient,
    arguments: dict[str, Any],
    word: str,
) -> None:
    assert await refusal(client, "views.publish", **{"user_id": USER, "view": home(), **arguments}) == word
    assert not slack.homes


async def test_opening_home_sends_its_event(
    some_bot: SomeBot,
    slack: StandInSlack,
    client: AsyncWebClient,
) -> None:
    await slack.open_home()
    await client.views_publish(user_id=USER, view=home())
    await slack.open_home(tab="messages")
    first, second = (envelope["event"] for envelope in some_bot.sent)
    assert (first["type"], first["user"], first["tab"], "view" in first) == ("app_home_opened", USER, "home", False)
    assert (second["tab"], second["view"]["id"]) == ("messages", slack.homes[USER].view_id)


# --- Clicks and submissions ----------------------------------------------------------------------------------------


async def test_click_in_a_view_has_the_view_and_nowhere_to_answer(
    some_bot: SomeBot,
    slack: StandInSlack,
    client: AsyncWebClient,
) -> None:
    """No channel, no message, no response_url: a trigger id."""
    shown = await opened(slack, client, modal(INPUT, ACTIONS, submit=LABEL, private_metadata="some"))
    await slack.click("customer_refresh", "1", at=InView(shown.view_id), values=TYPED)
    click = some_bot.sent[-1]
    assert not {"channel", "message", "response_url"} & click.keys()
    assert click["container"] == {"type": "view", "view_id": shown.view_id}
    assert (click["view"]["hash"], click["view"]["private_metadata"]) == (shown.hash, "some")
    assert click["view"]["state"] == {"values": TYPED}
    assert click["actions"][0]["block_id"] == "the actions"
    await client.views_push(trigger_id=click["trigger_id"], view=modal())
    assert len(slack.modals[USER]) == 2


async def test_click_on_home(
    some_bot: SomeBot,
    slack: StandInSlack,
    client: AsyncWebClient,
) -> None:
    await client.views_publish(user_id=USER, view=home(ACTIONS))
    await slack.click("customer_refresh", "1", at=InView(slack.homes[USER].view_id))
    assert some_bot.sent[-1]["view"]["type"] == "home"


async def test_what_is_not_shown_cannot_be_clicked_or_typed_into(slack: StandInSlack, client: AsyncWebClient) -> None:
    shown = await opened(slack, client, modal(ACTIONS))
    for action_id, value in (("customer_refresh", "2"), ("customer_details", "1")):
        with pytest.raises(AssertionError, match="can be clicked there"):
            await slack.click(action_id, value, at=InView(shown.view_id))
    with pytest.raises(AssertionError, match="no inputs there"):
        await slack.click("customer_refresh", "1", at=InView(shown.view_id), values=TYPED)
    with pytest.raises(AssertionError, match="nothing to submit it with"):
        await slack.submit(shown.view_id)


async def test_submission_says_what_was_typed(
    some_bot: SomeBot,
    slack: StandInSlack,
    client: AsyncWebClient,
) -> None:
    shown = await opened(slack, client, FORM)
    await slack.submit(shown.view_id, TYPED)
    submission = some_bot.sent[-1]
    assert (submission["type"], submission["view"]["callback_id"]) == ("view_submission", "find_customer")
    assert submission["view"]["state"]["values"] == TYPED
    assert (submission["response_urls"], "channel" in submission) == ([], False)


@pytest.mark.parametrize(
    ("answer", "left"),
    [
        (Response(), [FORM]),
        (JSONResponse({"response_action": "clear"}), []),
        (JSONResponse({"response_action": "update", "view": modal()}), [FORM, modal()]),
        (JSONResponse({"response_action": "push", "view": modal()}), [FORM, FORM, modal()]),
        (JSONResponse({"response_action": "errors", "errors": {"find": "unknown"}}), [FORM, FORM]),
        (Response(status_code=500), [FORM, FORM]),
    ],
    ids=["nothing", "clear", "update", "push", "errors", "500"],
)
async def test_acknowledgement_of_a_submission_changes_the_stack(
    some_bot: SomeBot,
    slack: StandInSlack,
    client: AsyncWebClient,
    answer: Response,
    left: list[View],
) -> None:
    await opened(slack, client, FORM)
    shown = await opened(slack, client, FORM, "views.push")
    before = shown.hash
    some_bot.answer = always(answer)
    exchange = await slack.submit(shown.view_id, TYPED)
    assert [view.view for view in slack.modals[USER]] == left
    assert exchange.status == answer.status_code
    assert (shown.hash != before) == (left == [FORM, modal()])
    assert bool(shown.errors) == (b"errors" in answer.body)


@pytest.mark.parametrize(
    "answer",
    [
        {"response_action": "update", "view": modal(LONG)},
        {"response_action": "push", "view": home()},
        {"response_action": "errors", "errors": {}},
        {"response_action": "errors", "errors": {"another block": "unknown"}},
        {"response_action": "dance"},
        {"text": "hello"},
    ],
)
async def test_acknowledgement_that_slack_could_not_show_fails_the_test(
    some_bot: SomeBot,
    slack: StandInSlack,
    client: AsyncWebClient,
    answer: dict[str, Any],
) -> None:
    shown = await opened(slack, client, FORM)
    some_bot.answer = always(JSONResponse(answer))
    with pytest.raises(AssertionError, match="Slack would show nothing"):
        await slack.submit(shown.view_id, TYPED)
    assert shown.view == FORM


async def test_what_the_acknowledgement_says_comes_before_an_update(
    some_bot: SomeBot,
    slack: StandInSlack,
    client: AsyncWebClient,
) -> None:
    """The acknowledgement was written first; the update came on another connection and was read first."""
    shown = await opened(slack, client, FORM)
    waiting, filled = modal(SECTION), modal(SECTION, SECTION)
    updating: list[asyncio.Task[Any]] = []

    async def acknowledge(request: Payload) -> Response:
        updating.append(asyncio.create_task(client.views_update(view_id=shown.view_id, view=filled)))
        await slack.until(lambda: slack.asked_for("views.update"))
        return JSONResponse({"response_action": "update", "view": waiting})

    some_bot.answer = acknowledge
    exchange = await slack.submit(shown.view_id, TYPED)
    await updating[0]
    assert (shown.history, exchange.overtaken) == ([FORM, waiting, filled], False)


async def test_update_without_an_acknowledgement_has_overtaken_it(
    some_bot: SomeBot,
    slack: StandInSlack,
    client: AsyncWebClient,
) -> None:
    shown = await opened(slack, client, FORM)

    async def hasty(request: Payload) -> Response:
        await client.views_update(view_id=shown.view_id, view=modal(SECTION, SECTION))
        return JSONResponse({"response_action": "update", "view": modal()})

    some_bot.answer = hasty
    assert (await slack.submit(shown.view_id, TYPED)).overtaken
    assert shown.view == modal()
