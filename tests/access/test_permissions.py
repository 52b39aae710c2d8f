"""Who may see customers and where: members of the bot's own organisation, in channels that are known to be internal.

And of those whom the settings name.
"""

import asyncio
from collections.abc import AsyncIterator, Callable

import aiohttp
import pytest
from hypothesis import given
from hypothesis import strategies as st
from slack_sdk.web.async_client import AsyncWebClient
from starlette.responses import JSONResponse

from bot.access.permissions import Allowed, LocalPermissions, SlackPermissions
from bot.domain.inquiry import Surface
from bot.domain.results import Refusal
from bot.playground.fake_slack.server import (
    BOT_TOKEN,
    BOT_USER,
    CHANNEL,
    DEACTIVATED,
    DIRECT_MESSAGE,
    GUEST,
    MANAGER,
    OTHER_TEAM,
    OUTSIDER,
    PENDING_CHANNEL,
    PRIVATE_CHANNEL,
    SHARED_CHANNEL,
    SINGLE_CHANNEL_GUEST,
    TEAM,
    USER,
    StandInSlack,
)
from bot.slack.channels import Channels
from bot.slack.identity import Identity, SlackIdentity
from bot.slack.usergroups import UserGroups
from bot.slack.users import Users
from tests.conftest import Clock
from tests.support.slack_layer import ASKER, layer

ENTERPRISE = "E0PLAY"
COMMAND = Surface.COMMAND
GROUP, OTHER_GROUP = "S0SALES", "S0SERVICE"

MakeAccess = Callable[..., SlackPermissions]


@pytest.fixture
async def identity(slack: StandInSlack) -> SlackIdentity:
    async with aiohttp.ClientSession() as session:
        identity = SlackIdentity(AsyncWebClient(BOT_TOKEN, f"{slack.address}/api", session=session))
        await identity.learn()
    slack.calls.clear()
    return identity


@pytest.fixture
async def make_access(slack: StandInSlack, identity: SlackIdentity, clock: Clock) -> AsyncIterator[MakeAccess]:
    """With what ALLOWED_USERGROUPS and the other settings say."""
    async with layer(slack.address) as parts:

        def make(groups: tuple[str, ...] = (), **allowed: frozenset[str]) -> SlackPermissions:
            usergroups = UserGroups(parts.api, parts.background, groups, clock) if groups else None
            users = Users(parts.api, parts.background, clock)
            channels = Channels(parts.api, parts.background, clock)
            return SlackPermissions(identity, users, channels, usergroups, Allowed(**allowed))  # type: ignore[arg-type]

        yield make


@pytest.fixture
def access(make_access: MakeAccess) -> SlackPermissions:
    return make_access()


def bots_own(enterprise_id: str) -> Identity:
    return Identity(TEAM, enterprise_id, "B0BOT", BOT_USER)


# --- By what a payload says ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("own_enterprise", "team", "enterprise", "is_outsider"),
    [
        pytest.param("", TEAM, None, False, id="the bot's own team"),
        pytest.param("", TEAM, "E0OTHER", False, id="the bot's own team, in an organisation"),
        pytest.param("", OTHER_TEAM, None, True, id="another team"),
        pytest.param("", None, None, True, id="no team"),
        pytest.param("", "", "", True, id="an empty team"),
        pytest.param("", OTHER_TEAM, "", True, id="another team without an organisation"),
        pytest.param(ENTERPRISE, "T0SISTER", ENTERPRISE, False, id="another team of the organisation"),
        pytest.param(ENTERPRISE, None, ENTERPRISE, False, id="the organisation alone"),
        pytest.param(ENTERPRISE, ENTERPRISE, None, False, id="the organisation as a team"),
        pytest.param(ENTERPRISE, TEAM, None, False, id="the bot's own team in its organisation"),
        pytest.param(ENTERPRISE, OTHER_TEAM, "E0OTHER", True, id="another organisation"),
        pytest.param(ENTERPRISE, OTHER_TEAM, None, True, id="a team without the organisation"),
    ],
)
async def test_outsider_is_who_is_of_another_organisation(
    access: SlackPermissions,
    identity: SlackIdentity,
    own_enterprise: str,
    team: str | None,
    enterprise: str | None,
    is_outsider: bool,
) -> None:
    identity.known = bots_own(own_enterprise)
    assert access.is_outsider(team, enterprise) is is_outsider


async def test_everybody_is_an_outsider_to_a_bot_that_does_not_know_itself(
    access: SlackPermissions, identity: SlackIdentity
) -> None:
    identity.known = None
    assert access.is_outsider(TEAM, None)
    assert access.is_outsider(None, None)
    assert await access.refusal(ASKER, COMMAND) is Refusal.OUTSIDER


IDS = st.sampled_from([None, "", TEAM, OTHER_TEAM, ENTERPRISE, "E0OTHER"]) | st.text(max_size=5)


@given(team=IDS, enterprise=IDS, own_enterprise=st.sampled_from(["", ENTERPRISE]))
def test_who_is_no_outsider_names_the_bots_team_or_its_organisation(
    team: str | None, enterprise: str | None, own_enterprise: str
) -> None:
    identity = SlackIdentity(AsyncWebClient())
    identity.known = bots_own(own_enterprise)
    access = SlackPermissions(identity, None, None)  # type: ignore[arg-type]  # nobody is asked
    if not access.is_outsider(team, enterprise):
        assert {team, enterprise} & ({TEAM, own_enterprise} - {""})


# --- By what Slack says of a person ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("user", "refusal"),
    [
        (USER, None),
        (MANAGER, None),
        (GUEST, Refusal.GUEST),
        (SINGLE_CHANNEL_GUEST, Refusal.GUEST),
        (DEACTIVATED, Refusal.DEACTIVATED),
        (OUTSIDER, Refusal.OUTSIDER),
        (BOT_USER, Refusal.NOT_ALLOWED),
        ("U0NEVER", Refusal.UNKNOWN_PERSON),
        ("", Refusal.UNKNOWN_PERSON),
    ],
)
@pytest.mark.parametrize("surface", Surface)
async def test_members_alone_may_ask_whatever_the_surface(
    access: SlackPermissions, user: str, refusal: Refusal | None, surface: Surface
) -> None:
    assert await access.refusal(ASKER._replace(user=user), surface) is refusal


async def test_payload_does_not_vouch_for_a_person(access: SlackPermissions, slack: StandInSlack) -> None:
    """An event's team is the bot's, for every author."""
    assert await access.refusal(ASKER._replace(team=TEAM, user=OUTSIDER), COMMAND) is Refusal.OUTSIDER
    slack.people[MANAGER].team_id = OTHER_TEAM
    assert await access.refusal(ASKER._replace(user=MANAGER), COMMAND) is Refusal.OUTSIDER
    slack.people[USER].is_stranger = True
    assert await access.refusal(ASKER, COMMAND) is Refusal.OUTSIDER


async def test_person_of_the_organisation_may_see_customers(
    access: SlackPermissions, slack: StandInSlack, identity: SlackIdentity
) -> None:
    identity.known = bots_own(ENTERPRISE)
    slack.people[MANAGER].team_id = "T0SISTER"
    slack.people[MANAGER].enterprise_id = ENTERPRISE
    assert await access.refusal(ASKER._replace(user=MANAGER), COMMAND) is None


async def test_person_who_has_left_may_see_nothing(access: SlackPermissions, slack: StandInSlack) -> None:
    slack.people[USER].deleted = True
    assert await access.refusal(ASKER, COMMAND) is Refusal.DEACTIVATED


async def test_person_who_is_known_costs_no_call(access: SlackPermissions, slack: StandInSlack) -> None:
    for _ in range(3):
        assert await access.refusal(ASKER, COMMAND) is None
    assert len(slack.calls) == 1


@pytest.mark.parametrize(
    "answer",
    [
        "missing_scope",
        JSONResponse({"ok": False, "error": "fatal_error"}, 500),
        JSONResponse({"ok": True}),
        JSONResponse({"ok": True, "user": "U0SALES"}),
        JSONResponse([]),
    ],
    ids=["no scope", "HTTP 500", "nobody", "a text", "a list"],
)
async def test_person_of_whom_slack_says_nothing_may_see_nothing(
    access: SlackPermissions, slack: StandInSlack, answer: str | JSONResponse
) -> None:
    slack.refuse["users.info"] = [answer] * 3
    assert await access.refusal(ASKER, COMMAND) is Refusal.UNKNOWN_PERSON


async def test_slack_that_takes_its_time_is_not_waited_for_and_counts_the_next_time(
    access: SlackPermissions, slack: StandInSlack, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.access.permissions.TIMEOUT_SECONDS", 0.02)
    release = slack.hold["users.info"] = asyncio.Event()
    assert await access.refusal(ASKER, COMMAND) is Refusal.UNKNOWN_PERSON
    release.set()
    monkeypatch.setattr("bot.access.permissions.TIMEOUT_SECONDS", 5)
    assert await access.refusal(ASKER, COMMAND) is None
    assert len(slack.calls) == 1


# --- By what the settings say ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("groups", "users", "may"),
    [
        pytest.param((), frozenset(), {USER, MANAGER}, id="every member"),
        pytest.param((), frozenset({USER}), {USER}, id="users"),
        pytest.param((GROUP,), frozenset(), {USER}, id="a group"),
        pytest.param((OTHER_GROUP,), frozenset({USER}), {USER, MANAGER}, id="a group or users"),
        pytest.param((GROUP, OTHER_GROUP), frozenset(), {USER, MANAGER}, id="one of two groups"),
        pytest.param((), frozenset({"U0ELSE"}), set(), id="somebody else"),
        pytest.param((), frozenset({GUEST, OUTSIDER, DEACTIVATED, BOT_USER}), set(), id="who never may"),
        pytest.param(("S0EMPTY",), frozenset(), set(), id="an empty group"),
    ],
)
async def test_only_who_is_named_may_ask(
    make_access: MakeAccess, slack: StandInSlack, groups: tuple[str, ...], users: frozenset[str], may: set[str]
) -> None:
    everybody = (USER, MANAGER, GUEST, OUTSIDER, DEACTIVATED, BOT_USER)
    slack.usergroups = {GROUP: [USER, GUEST, OUTSIDER, DEACTIVATED], OTHER_GROUP: [MANAGER], "S0EMPTY": []}
    access = make_access(groups, users=users)
    refusals = {user: await access.refusal(ASKER._replace(user=user), COMMAND) for user in everybody}
    assert {user for user, refusal in refusals.items() if refusal is None} == may
    others = [refusals[user] for user in (USER, MANAGER) if user not in may]
    assert others == [Refusal.NOT_ALLOWED] * len(others)
    assert (refusals[GUEST], refusals[OUTSIDER]) == (Refusal.GUEST, Refusal.OUTSIDER)


@pytest.mark.parametrize(
    "answer",
    ["missing_scope", "no_such_subteam", JSONResponse({"ok": True})],
    ids=["no scope", "no group", "no list"],
)
async def test_user_is_refused_while_the_members_of_a_group_are_unknown(
    make_access: MakeAccess, slack: StandInSlack, answer: str | JSONResponse
) -> None:
    """A user who is named in the settings too is not refused."""
    slack.usergroups = {GROUP: [USER, MANAGER]}
    slack.refuse["usergroups.users.list"] = [answer]
    access = make_access((GROUP,), users=frozenset({MANAGER}))
    assert await access.refusal(ASKER._replace(user=MANAGER), COMMAND) is None
    assert await access.refusal(ASKER, COMMAND) is Refusal.UNKNOWN_PERSON
    assert await access.refusal(ASKER, COMMAND) is None


@pytest.mark.parametrize(
    ("channel", "refusal"),
    [(CHANNEL, None), (PRIVATE_CHANNEL, Refusal.NOT_HERE), (DIRECT_MESSAGE, Refusal.NOT_HERE), ("", Refusal.NOT_HERE)],
)
async def test_customers_are_seen_in_the_channels_that_are_named(
    make_access: MakeAccess, channel: str, refusal: Refusal | None
) -> None:
    """Neither elsewhere nor where there is none; nor is anything shown to others there."""
    access = make_access(channels=frozenset({CHANNEL, SHARED_CHANNEL}))
    assert await access.refusal(ASKER._replace(channel=channel), COMMAND) is refusal
    assert await access.channel_refusal(channel) is refusal
    assert await access.channel_refusal(SHARED_CHANNEL) is Refusal.EXTERNAL_CHANNEL
    guest = ASKER._replace(user=GUEST, channel=channel)
    assert await access.refusal(guest, COMMAND) is Refusal.GUEST, "the person counts first"


# --- Channels --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("channel", "refusal"),
    [
        (CHANNEL, None),
        (SHARED_CHANNEL, Refusal.EXTERNAL_CHANNEL),
        (PENDING_CHANNEL, Refusal.EXTERNAL_CHANNEL),
        (PRIVATE_CHANNEL, Refusal.UNREADABLE_CHANNEL),
        (DIRECT_MESSAGE, Refusal.UNREADABLE_CHANNEL),
        ("COMPOSER", Refusal.UNREADABLE_CHANNEL),
        ("", Refusal.UNREADABLE_CHANNEL),
    ],
)
async def test_channel_is_shown_customers_if_it_is_internal(
    access: SlackPermissions, channel: str, refusal: Refusal | None
) -> None:
    assert await access.channel_refusal(channel) is refusal


async def test_command_line_sees_everything_and_has_no_channel() -> None:
    assert await LocalPermissions().refusal(ASKER, Surface.CLI) is None
    assert await LocalPermissions().channel_refusal(CHANNEL) is Refusal.UNREADABLE_CHANNEL
