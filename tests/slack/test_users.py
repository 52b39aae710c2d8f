"""Who a person is: one question however many ask, an hour's memory, and no memory of what was no answer."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from starlette.responses import JSONResponse

from bot.errors import SlackError, SlackRefused, SlackUnreachable
from bot.playground.fake_slack.server import GUEST, MANAGER, OUTSIDER, TEAM, USER, StandInSlack
from bot.slack.users import User, Users
from tests.conftest import Clock
from tests.support.slack_layer import eventually, layer


@pytest.fixture
async def users(slack: StandInSlack, clock: Clock) -> AsyncIterator[Users]:
    async with layer(slack.address) as parts:
        yield Users(parts.api, parts.background, clock)


async def test_person_is_what_slack_says(users: Users, slack: StandInSlack) -> None:
    slack.people[MANAGER].enterprise_id = "E0PLAY"
    assert await users.user(USER) == User(TEAM, "", "zh-CN", False, False, False, False)
    assert await users.user(MANAGER) == User(TEAM, "E0PLAY", "en-US", False, False, False, False)
    assert (await users.user(GUEST)).is_guest
    assert (await users.user(OUTSIDER)).is_stranger
    slack.people["U0GONE"] = slack.people[USER].__class__("U0GONE", "gone", deleted=True)
    assert (await users.user("U0GONE")).deleted
    assert (await users.user("U0BOT")).is_bot


async def test_all_who_ask_at_once_share_one_question(users: Users, slack: StandInSlack) -> None:
    release = slack.hold["users.info"] = asyncio.Event()
    asking = [asyncio.create_task(users.user(USER)) for _ in range(20)]
    await eventually(lambda: slack.calls)
    release.set()
    assert len({await one for one in asking}) == 1
    assert len(slack.asked_for("users.info")) == 1


async def test_different_people_are_different_questions(users: Users, slack: StandInSlack) -> None:
    one, other = await asyncio.gather(users.user(USER), users.user(MANAGER))
    assert (one.locale, other.locale) == ("zh-CN", "en-US")


async def test_one_who_leaves_does_not_take_the_answer_from_the_others(users: Users, slack: StandInSlack) -> None:
    release = slack.hold["users.info"] = asyncio.Event()
    leaving, staying = (asyncio.create_task(users.user(USER)) for _ in range(2))
    await eventually(lambda: slack.calls)
    leaving.cancel()
    release.set()
    assert (await staying).team_id == TEAM
    assert len(slack.calls) == 1


async def test_answer_comes_in_although_all_who_asked_have_left(users: Users, slack: StandInSlack) -> None:
    release = slack.hold["users.info"] = asyncio.Event()
    leaving = asyncio.create_task(users.user(USER))
    await eventually(lambda: slack.calls)
    leaving.cancel()
    release.set()
    await eventually(lambda: users.known(USER))
    assert (await users.user(USER)).team_id == TEAM
    assert len(slack.calls) == 1


async def test_person_is_kept_for_an_hour(users: Users, slack: StandInSlack, clock: Clock) -> None:
    assert users.known(USER) is None
    await users.user(USER)
    slack.people[USER].locale = "en-US"
    clock.advance(Users.TTL_SECONDS - 1)
    assert users.known(USER) == await users.user(USER)
    assert (await users.user(USER)).locale == "zh-CN"
    clock.advance(1)
    assert users.known(USER) is None
    assert (await users.user(USER)).locale == "en-US"
    assert Users.TTL_SECONDS == 3_600


async def test_changed_person_is_asked_for_again(users: Users, slack: StandInSlack) -> None:
    await users.user(USER)
    await users.user(MANAGER)
    slack.people[USER].locale = slack.people[MANAGER].locale = "fr-FR"
    users.forget(USER)
    users.forget("U0NEVER")
    assert users.known(USER) is None
    assert (await users.user(USER)).locale == "fr-FR"
    assert (await users.user(MANAGER)).locale == "en-US"


async def test_answer_from_before_a_change_is_not_kept(users: Users, slack: StandInSlack) -> None:
    """Slack's event of the change came while it was being asked: what it answers may be from before."""
    release = slack.hold["users.info"] = asyncio.Event()
    asking = asyncio.create_task(users.user(USER))
    await eventually(lambda: slack.calls)
    users.forget(USER)
    release.set()
    await asking
    slack.people[USER].is_stranger = True
    assert (await users.user(USER)).is_stranger


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        pytest.param("user_not_found", SlackRefused, id="refused"),
        pytest.param(JSONResponse({"ok": False, "error": "fatal_error"}, 500), SlackUnreachable, id="HTTP 500"),
        pytest.param(JSONResponse({"ok": True}), SlackError, id="nobody"),
        pytest.param(JSONResponse({"ok": True, "user": None}), SlackError, id="null"),
        pytest.param(JSONResponse({"ok": True, "user": "U0SALES"}), SlackError, id="a text"),
        pytest.param(JSONResponse({"ok": True, "user": ["U0SALES"]}), SlackError, id="a list"),
        pytest.param(JSONResponse({"ok": True, "user": {}}), SlackError, id="an empty object"),
    ],
)
async def test_no_answer_is_raised_and_not_remembered(
    users: Users, slack: StandInSlack, answer: str | JSONResponse, error: type[SlackError]
) -> None:
    """Not for the hour, that is: all who asked get it."""
    slack.refuse["users.info"] = [answer, answer, answer]
    release = slack.hold["users.info"] = asyncio.Event()
    asking = [asyncio.create_task(users.user(USER)) for _ in range(3)]
    await eventually(lambda: slack.calls)
    release.set()
    assert {type(outcome) for outcome in await asyncio.gather(*asking, return_exceptions=True)} <= {
        error,
        *error.__subclasses__(),
    }
    slack.refuse["users.info"] = []
    assert users.known(USER) is None
    assert (await users.user(USER)).team_id == TEAM


async def test_parts_that_are_no_texts_are_no_reason_to_fail(users: Users, slack: StandInSlack) -> None:
    odd = {"id": USER, "team_id": TEAM, "locale": None, "enterprise_user": "E0", "is_bot": None, "is_restricted": True}
    slack.refuse["users.info"] = [JSONResponse({"ok": True, "user": odd})]
    assert await users.user(USER) == User(TEAM, "", "", False, True, False, False)
