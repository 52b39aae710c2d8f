"""Who may see customers and where: members of the bot's own organisation, in channels that are known to be internal."""

from collections.abc import AsyncIterator

import aiohttp
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from slack_sdk.web.async_client import AsyncWebClient
from starlette.responses import JSONResponse

from bot.access import Access, NoSlack
from bot.answers import Refusal
from bot.playground.stand_in_slack import (
    BOT_TOKEN,
    BOT_USER,
    CHANNEL,
    DIRECT_MESSAGE,
    GUEST,
    MANAGER,
    OTHER_TEAM,
    OUTSIDER,
    PRIVATE_CHANNEL,
    SHARED_CHANNEL,
    TEAM,
    USER,
    StandInSlack,
)
from bot.slack.channels import Channels
from bot.slack.identity import Identity, SlackIdentity
from bot.slack.people import People
from tests.conftest import Clock
from tests.slack_layer import ASKER, layer

ENTERPRISE = "E0PLAY"


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.slack.api.RETRY_WAIT_SECONDS", 0.001)


@pytest.fixture
async def identity(slack: StandInSlack) -> SlackIdentity:
    async with aiohttp.ClientSession() as session:
        identity = SlackIdentity(AsyncWebClient(BOT_TOKEN, f"{slack.address}/api", session=session))
        await identity.learn()
    slack.calls.clear()
    return identity


@pytest.fixture
async def access(slack: StandInSlack, identity: SlackIdentity, clock: Clock) -> AsyncIterator[Access]:
    async with layer(slack.address) as parts:
        yield Access(identity, People(parts.api, parts.background, clock), Channels(parts.api, clock))


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
    access: Access,
    identity: SlackIdentity,
    own_enterprise: str,
    team: str | None,
    enterprise: str | None,
    is_outsider: bool,
) -> None:
    identity.known = bots_own(own_enterprise)
    assert access.is_outsider(team, enterprise) is is_outsider


async def test_everybody_is_an_outsider_to_a_bot_that_does_not_know_itself(
    access: Access, identity: SlackIdentity
) -> None:
    identity.known = None
    assert access.is_outsider(TEAM, None)
    assert access.is_outsider(None, None)
    assert await access.person(ASKER) is Refusal.OUTSIDER


IDS = st.sampled_from([None, "", TEAM, OTHER_TEAM, ENTERPRISE, "E0OTHER"]) | st.text(max_size=5)


@given(team=IDS, enterprise=IDS, own_enterprise=st.sampled_from(["", ENTERPRISE]))
@settings(deadline=None)
def test_who_is_no_outsider_names_the_bots_team_or_its_organisation(
    team: str | None, enterprise: str | None, own_enterprise: str
) -> None:
    identity = SlackIdentity(AsyncWebClient())
    identity.known = bots_own(own_enterprise)
    access = Access(identity, None, None)  # type: ignore[arg-type]  # nobody is asked
    if not access.is_outsider(team, enterprise):
        assert {team, enterprise} & ({TEAM, own_enterprise} - {""})


# --- By what Slack says of a person ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("user", "refusal"),
    [
        (USER, None),
        (MANAGER, None),
        (GUEST, None),
        (OUTSIDER, Refusal.OUTSIDER),
        (BOT_USER, Refusal.UNKNOWN_PERSON),
        ("U0NEVER", Refusal.UNKNOWN_PERSON),
        ("", Refusal.UNKNOWN_PERSON),
    ],
)
async def test_person_may_see_what_members_may(access: Access, user: str, refusal: Refusal | None) -> None:
    assert await access.person(ASKER._replace(user=user)) is refusal


async def test_payload_does_not_vouch_for_a_person(access: Access, slack: StandInSlack) -> None:
    """An event's team is the bot's, whoever did it."""
    assert await access.person(ASKER._replace(team=TEAM, user=OUTSIDER)) is Refusal.OUTSIDER
    slack.people[MANAGER].team_id = OTHER_TEAM
    assert await access.person(ASKER._replace(user=MANAGER)) is Refusal.OUTSIDER
    slack.people[USER].is_stranger = True
    assert await access.person(ASKER) is Refusal.OUTSIDER


async def test_person_of_the_organisation_may_see_customers(
    access: Access, slack: StandInSlack, identity: SlackIdentity
) -> None:
    identity.known = bots_own(ENTERPRISE)
    slack.people[MANAGER].team_id = "T0SISTER"
    slack.people[MANAGER].enterprise_id = ENTERPRISE
    assert await access.person(ASKER._replace(user=MANAGER)) is None


async def test_person_who_has_left_may_see_nothing(access: Access, slack: StandInSlack) -> None:
    slack.people[USER].deleted = True
    assert await access.person(ASKER) is Refusal.UNKNOWN_PERSON


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
    access: Access, slack: StandInSlack, answer: str | JSONResponse
) -> None:
    slack.refuse["users.info"] = [answer] * 3
    assert await access.person(ASKER) is Refusal.UNKNOWN_PERSON


# --- Channels --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("channel", "refusal"),
    [
        (CHANNEL, None),
        (SHARED_CHANNEL, Refusal.EXTERNAL_CHANNEL),
        (PRIVATE_CHANNEL, Refusal.UNREADABLE_CHANNEL),
        (DIRECT_MESSAGE, Refusal.UNREADABLE_CHANNEL),
        ("COMPOSER", Refusal.UNREADABLE_CHANNEL),
        ("", Refusal.UNREADABLE_CHANNEL),
    ],
)
async def test_channel_is_shown_customers_if_it_is_internal(
    access: Access, channel: str, refusal: Refusal | None
) -> None:
    assert await access.channel(ASKER._replace(channel=channel)) is refusal


async def test_command_line_sees_everything_and_has_no_channel() -> None:
    assert await NoSlack().person(ASKER) is None
    assert await NoSlack().channel(ASKER) is Refusal.UNREADABLE_CHANNEL
