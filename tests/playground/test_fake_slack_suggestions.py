"""The box that suggests while one types: what Slack asks the bot, and what it takes for an answer."""

from typing import Any

import pytest
from slack_sdk.web.async_client import AsyncWebClient
from starlette.responses import JSONResponse, Response

from bot.playground.fake_slack.server import APP_ID, MANAGER, TEAM, USER, InView, ShownView, StandInSlack
from bot.slack.message import Block
from tests.playground.test_fake_slack_views import INPUT, LABEL, home, modal, opened
from tests.playground.test_fake_slack_web_api import SECTION
from tests.support.fake_bot import SomeBot, always, client_fixture, some_bot_fixture  # noqa: F401  # fixtures

BOX = {"type": "external_select", "action_id": "customer_search", "placeholder": LABEL, "min_query_length": 1}
BESIDE = {**SECTION, "block_id": "search", "accessory": BOX}
AMONG_BUTTONS = {"type": "actions", "block_id": "search", "elements": [BOX]}
IN_INPUT = {"type": "input", "block_id": "search", "label": LABEL, "element": BOX}

pytestmark = pytest.mark.usefixtures("some_bot")


def option(value: str = "1", text: str = "胡效鑫1", **more: Any) -> Block:
    return {"text": {"type": "plain_text", "text": text}, "value": value, **more}


def group(label: str, *options: Block) -> dict[str, Any]:
    return {"label": {"type": "plain_text", "text": label}, "options": list(options)}


def answer_with(bot: SomeBot, **answer: Any) -> None:
    bot.answer = always(JSONResponse(answer))


@pytest.fixture
async def shown(slack: StandInSlack, client: AsyncWebClient) -> ShownView:
    return await opened(slack, client, modal(BESIDE, private_metadata="some"))


async def test_request_says_who_types_what_where(some_bot: SomeBot, slack: StandInSlack, shown: ShownView) -> None:
    """No trigger id and no response_url: nothing can be opened, and nothing be answered later."""
    answer_with(some_bot, options=[])
    await slack.suggest("customer_search", "hxx", at=InView(shown.view_id))
    assert some_bot.signed == [True, True]
    assert some_bot.sent[-1] == {
        "type": "block_suggestion",
        "token": "",
        "api_app_id": APP_ID,
        "team": {"id": TEAM, "domain": "playground"},
        "user": slack.people[USER].in_payload(),
        "enterprise": None,
        "is_enterprise_install": False,
        "container": {"type": "view", "view_id": shown.view_id},
        "view": shown.as_json(),
        "action_id": "customer_search",
        "block_id": "search",
        "value": "hxx",
    }


@pytest.mark.parametrize("block", [BESIDE, AMONG_BUTTONS, IN_INPUT], ids=["section", "actions", "input"])
async def test_box_may_stand_in_a_section_among_buttons_and_in_an_input(
    some_bot: SomeBot, slack: StandInSlack, client: AsyncWebClient, block: Block
) -> None:
    shown = await opened(slack, client, modal(block, submit=LABEL))
    answer_with(some_bot, options=[option()])
    assert await slack.suggest("customer_search", "h", at=InView(shown.view_id)) == [option()]
    assert some_bot.sent[-1]["block_id"] == "search"


async def test_box_may_stand_on_home(some_bot: SomeBot, slack: StandInSlack, client: AsyncWebClient) -> None:
    await client.views_publish(user_id=USER, view=home(BESIDE))
    answer_with(some_bot, options=[option()])
    await slack.suggest("customer_search", "h", at=InView(slack.homes[USER].view_id))
    assert some_bot.sent[-1]["view"]["type"] == "home"


async def test_what_is_suggested_can_be_chosen(some_bot: SomeBot, slack: StandInSlack, shown: ShownView) -> None:
    answer_with(some_bot, options=[option("1"), option("2", "峤砚口腔门诊部")])
    await slack.suggest("customer_search", "h", at=InView(shown.view_id))
    some_bot.answer = always(Response())
    await slack.choose("customer_search", "2", at=InView(shown.view_id))
    click = some_bot.sent[-1]
    [action] = click["actions"]
    assert (click["type"], click["container"]["view_id"]) == ("block_actions", shown.view_id)
    assert (action["type"], action["block_id"]) == ("external_select", "search")
    assert action["selected_option"] == option("2", "峤砚口腔门诊部")
    assert "value" not in action


async def test_what_is_not_suggested_cannot_be_chosen(some_bot: SomeBot, slack: StandInSlack, shown: ShownView) -> None:
    """Nor can what was suggested before, or to another user."""
    for options in ([option("1")], [option("2")]):
        answer_with(some_bot, options=options)
        await slack.suggest("customer_search", "h", at=InView(shown.view_id))
    for user, value in ((USER, "1"), (MANAGER, "2")):
        with pytest.raises(AssertionError, match="is not suggested"):
            await slack.choose("customer_search", value, user=user, at=InView(shown.view_id))


async def test_groups_are_shown_one_after_the_other(some_bot: SomeBot, slack: StandInSlack, shown: ShownView) -> None:
    answer_with(some_bot, option_groups=[group("recent", option("1")), group("all", option("2"), option("3"))])
    options = await slack.suggest("customer_search", "h", at=InView(shown.view_id))
    assert options == [option("1"), option("2"), option("3")]


async def test_no_results_are_an_answer(some_bot: SomeBot, slack: StandInSlack, shown: ShownView) -> None:
    answer_with(some_bot, options=[])
    assert await slack.suggest("customer_search", "h", at=InView(shown.view_id)) == []


async def test_box_asks_from_its_length_on(some_bot: SomeBot, slack: StandInSlack, client: AsyncWebClient) -> None:
    """From three characters on if it does not say."""
    shown = await opened(slack, client, modal({**BESIDE, "accessory": {**BOX, "min_query_length": 0}}))
    answer_with(some_bot, options=[])
    assert await slack.suggest("customer_search", "", at=InView(shown.view_id)) == []
    some_bot.answer = always(Response())
    asks_late = {name: part for name, part in BOX.items() if name != "min_query_length"}
    shown = await opened(slack, client, modal({**BESIDE, "accessory": asks_late}))
    with pytest.raises(AssertionError, match="from 3 characters on"):
        await slack.suggest("customer_search", "hx", at=InView(shown.view_id))


async def test_where_no_box_is_nothing_can_be_typed(slack: StandInSlack, client: AsyncWebClient) -> None:
    shown = await opened(slack, client, modal(INPUT, submit=LABEL))
    with pytest.raises(AssertionError, match="can be clicked there"):
        await slack.suggest("customer_search", "h", at=InView(shown.view_id))


FITS: dict[str, dict[str, Any]] = {
    "a hundred options": {"options": [option(str(number)) for number in range(100)]},
    "a text of 75": {"options": [option(text="x" * 75)]},
    "a value of 150": {"options": [option("v" * 150)]},
    "a hundred groups": {"option_groups": [group("x", option())] * 100},
}
DOES_NOT_FIT: dict[str, dict[str, Any]] = {
    "101 options": {"options": [option(str(number)) for number in range(101)]},
    "a text of 76": {"options": [option(text="x" * 76)]},
    "a text that is empty": {"options": [option(text="")]},
    "a value of 151": {"options": [option("v" * 151)]},
    "a value that is empty": {"options": [option("")]},
    "one value twice": {"options": [option(), option()]},
    "mrkdwn": {"options": [{**option(), "text": {"type": "mrkdwn", "text": "x"}}]},
    "no list": {"options": {"1": option()}},
    "no objects": {"options": ["1"]},
    "101 groups": {"option_groups": [group("x", option())] * 101},
    "101 options in a group": {"option_groups": [group("x", *(option(str(number)) for number in range(101)))]},
    "a label of 76": {"option_groups": [group("x" * 76, option())]},
    "a group without options": {"option_groups": [{"label": LABEL}]},
    "both": {"options": [], "option_groups": []},
    "neither": {"text": "hello"},
    "nothing": {},
}


@pytest.mark.parametrize("answer", FITS.values(), ids=FITS.keys())
async def test_answer_within_slacks_limits_is_shown(
    some_bot: SomeBot, slack: StandInSlack, shown: ShownView, answer: dict[str, Any]
) -> None:
    answer_with(some_bot, **answer)
    assert await slack.suggest("customer_search", "h", at=InView(shown.view_id))


@pytest.mark.parametrize("answer", DOES_NOT_FIT.values(), ids=DOES_NOT_FIT.keys())
async def test_answer_for_which_slack_shows_an_error_fails_the_test(
    some_bot: SomeBot, slack: StandInSlack, shown: ShownView, answer: dict[str, Any]
) -> None:
    answer_with(some_bot, **answer)
    with pytest.raises(AssertionError):
        await slack.suggest("customer_search", "h", at=InView(shown.view_id))


async def test_answer_that_is_none_fails_the_test(
    some_bot: SomeBot, slack: StandInSlack, shown: ShownView, monkeypatch: pytest.MonkeyPatch
) -> None:
    some_bot.answer = always(Response(status_code=500))
    with pytest.raises(AssertionError, match="is a 500"):
        await slack.suggest("customer_search", "h", at=InView(shown.view_id))
    some_bot.answer = always(Response())
    with pytest.raises(AssertionError, match="neither options"):
        await slack.suggest("customer_search", "h", at=InView(shown.view_id))
    monkeypatch.setattr("bot.playground.fake_slack.server.ACK_SECONDS", 0.0)
    with pytest.raises(AssertionError, match="in time"):
        await slack.suggest("customer_search", "h", at=InView(shown.view_id))
