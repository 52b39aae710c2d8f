"""Who is in a user group: five minutes' memory, one question however many ask, and a second look at who is missing."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from starlette.responses import JSONResponse

from bot.errors import SlackError
from bot.playground.fake_slack.server import MANAGER, USER, StandInSlack
from bot.slack.usergroups import UserGroups
from tests.conftest import Clock
from tests.support.slack_layer import eventually, layer

GROUP, OTHER = "S0SALES", "S0SERVICE"
LIST = "usergroups.users.list"


@pytest.fixture
async def groups(slack: StandInSlack, clock: Clock) -> AsyncIterator[UserGroups]:
    """Two groups: USER is in one, nobody in the other."""
    slack.usergroups = {GROUP: [USER], OTHER: []}
    async with layer(slack.address) as parts:
        yield UserGroups(parts.api, parts.background, (GROUP, OTHER), clock)


async def test_member_of_one_group_is_found_and_others_are_not(groups: UserGroups, slack: StandInSlack) -> None:
    assert await groups.have(USER)
    assert not await groups.have(MANAGER)
    assert [asked["usergroup"] for asked in slack.asked_for(LIST)] == [GROUP, OTHER]


async def test_list_is_kept_for_five_minutes(groups: UserGroups, slack: StandInSlack, clock: Clock) -> None:
    await groups.have(USER)
    slack.usergroups[GROUP].clear()
    clock.advance(299)
    assert await groups.have(USER)
    assert len(slack.calls) == 2
    clock.advance(1)
    assert not await groups.have(USER)
    assert len(slack.calls) == 4


async def test_who_is_missing_in_a_list_older_than_a_minute_is_looked_for_once_more(
    groups: UserGroups, slack: StandInSlack, clock: Clock
) -> None:
    """So that a user who was added waits for a minute at most; and Slack is asked once a minute at most."""
    assert not await groups.have(MANAGER)
    slack.usergroups[OTHER].append(MANAGER)
    clock.advance(60)
    assert not await groups.have(MANAGER)
    assert len(slack.calls) == 2
    clock.advance(1)
    assert await groups.have(MANAGER)
    assert len(slack.calls) == 4


async def test_all_who_ask_at_once_share_one_question(groups: UserGroups, slack: StandInSlack) -> None:
    release = slack.hold[LIST] = asyncio.Event()
    asking = [asyncio.create_task(groups.have(user)) for user in (USER, MANAGER) * 10]
    await eventually(lambda: len(slack.calls) == 2)
    release.set()
    assert [await one for one in asking] == [True, False] * 10
    assert len(slack.calls) == 2


async def test_one_who_leaves_takes_the_answer_from_nobody(groups: UserGroups, slack: StandInSlack) -> None:
    release = slack.hold[LIST] = asyncio.Event()
    leaving, staying = (asyncio.create_task(groups.have(USER)) for _ in range(2))
    await eventually(lambda: len(slack.calls) == 2)
    leaving.cancel()
    release.set()
    assert await staying


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param("missing_scope", id="no scope"),
        pytest.param("no_such_subteam", id="no such group"),
        pytest.param(JSONResponse({"ok": False, "error": "fatal_error"}, 500), id="HTTP 500"),
        pytest.param(JSONResponse({"ok": True}), id="nobody"),
        pytest.param(JSONResponse({"ok": True, "users": "U0SALES"}), id="a text"),
    ],
)
async def test_without_an_answer_nobody_is_a_member_and_it_is_asked_again(
    groups: UserGroups, slack: StandInSlack, answer: str | JSONResponse
) -> None:
    slack.refuse[LIST] = [answer] * 6
    with pytest.raises(SlackError):
        await groups.have(USER)
    slack.refuse[LIST].clear()
    assert await groups.have(USER)


async def test_list_that_is_too_old_does_not_count_when_slack_does_not_answer(
    groups: UserGroups, slack: StandInSlack, clock: Clock
) -> None:
    await groups.have(USER)
    clock.advance(300)
    slack.refuse[LIST] = ["fatal_error"] * 2
    with pytest.raises(SlackError):
        await groups.have(USER)


async def test_group_that_fails_is_no_matter_to_members_of_another(groups: UserGroups, slack: StandInSlack) -> None:
    slack.usergroups.pop(OTHER)
    assert await groups.have(USER)
    with pytest.raises(SlackError):
        await groups.have(MANAGER)


async def test_list_that_comes_in_pages_is_read_to_its_end(groups: UserGroups, slack: StandInSlack) -> None:
    first = {"ok": True, "users": [USER, 7], "response_metadata": {"next_cursor": "more"}}
    last = {"ok": True, "users": [MANAGER], "response_metadata": {"next_cursor": ""}}
    slack.usergroups.pop(OTHER)
    slack.refuse[LIST] = [JSONResponse(first), JSONResponse(first), JSONResponse(last), JSONResponse(last)]
    assert await groups.have(MANAGER)
    assert [asked.get("cursor") for asked in slack.asked_for(LIST)] == [None, None, "more", "more"]


async def test_list_without_an_end_is_no_answer(groups: UserGroups, slack: StandInSlack) -> None:
    page = {"ok": True, "users": [USER], "response_metadata": {"next_cursor": "more"}}
    slack.refuse[LIST] = [JSONResponse(page) for _ in range(200)]
    with pytest.raises(SlackError):
        await groups.have(USER)
