"""Which channels are internal: those that Slack clearly says are, for five minutes."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from starlette.responses import JSONResponse

from bot.playground.fake_slack.server import (
    ARCHIVED_CHANNEL,
    CHANNEL,
    COMPOSER,
    DIRECT_MESSAGE,
    FOREIGN_CHANNEL,
    PRIVATE_CHANNEL,
    SHARED_CHANNEL,
    Channel,
    StandInSlack,
)
from bot.slack.channels import ChannelKind, Channels
from tests.conftest import Clock
from tests.support.slack_layer import eventually, layer

INTERNAL, EXTERNAL, UNREADABLE = ChannelKind.INTERNAL, ChannelKind.EXTERNAL, ChannelKind.UNREADABLE


@pytest.fixture
async def channels(slack: StandInSlack, clock: Clock) -> AsyncIterator[Channels]:
    async with layer(slack.address) as parts:
        yield Channels(parts.api, parts.background, clock)


@pytest.mark.parametrize(
    ("channel", "kind"),
    [
        (CHANNEL, INTERNAL),
        (FOREIGN_CHANNEL, INTERNAL),
        (ARCHIVED_CHANNEL, INTERNAL),
        (SHARED_CHANNEL, EXTERNAL),
        (PRIVATE_CHANNEL, UNREADABLE),
        (DIRECT_MESSAGE, UNREADABLE),
        ("C0NEVER", UNREADABLE),
        (COMPOSER, UNREADABLE),
        ("", UNREADABLE),
        ("U0SALES", UNREADABLE),
    ],
)
async def test_channel_is_what_slack_says(channels: Channels, channel: str, kind: ChannelKind) -> None:
    assert await channels.kind(channel) is kind


async def test_private_channel_with_the_bot_is_internal(channels: Channels, slack: StandInSlack) -> None:
    slack.channels[PRIVATE_CHANNEL].is_member = True
    slack.channels["G0OLD"] = Channel("G0OLD", "old", is_private=True)
    assert await channels.kind(PRIVATE_CHANNEL) is INTERNAL
    assert await channels.kind("G0OLD") is INTERNAL


async def test_channel_that_is_about_to_be_shared_is_external(channels: Channels, slack: StandInSlack) -> None:
    slack.channels[CHANNEL].is_pending_ext_shared = True
    assert await channels.kind(CHANNEL) is EXTERNAL


async def test_nobody_is_asked_about_direct_messages(channels: Channels, slack: StandInSlack) -> None:
    slack.granted_scopes.append("im:read")
    slack.channels[DIRECT_MESSAGE].is_member = True
    assert await channels.kind(DIRECT_MESSAGE) is UNREADABLE
    assert slack.calls == []


async def test_without_the_scope_no_channel_is_internal(channels: Channels, slack: StandInSlack) -> None:
    slack.granted_scopes.remove("channels:read")
    assert await channels.kind(CHANNEL) is UNREADABLE


ODD: dict[str, tuple[Any, ChannelKind]] = {
    "no channel": (None, UNREADABLE),
    "a text": (CHANNEL, UNREADABLE),
    "a list": ([{"is_ext_shared": False}], UNREADABLE),
    "empty": ({}, UNREADABLE),
    "without the word": ({"id": CHANNEL, "is_channel": True, "is_shared": False}, UNREADABLE),
    "null": ({"is_ext_shared": None}, UNREADABLE),
    "a number": ({"is_ext_shared": 0}, UNREADABLE),
    "an empty text": ({"is_ext_shared": ""}, UNREADABLE),
    "a direct message": ({"is_ext_shared": False, "is_im": True}, UNREADABLE),
    "a direct message of several": ({"is_ext_shared": False, "is_mpim": True}, UNREADABLE),
    "shared as a text": ({"is_ext_shared": "true"}, EXTERNAL),
    "pending as a list alone": ({"is_ext_shared": False, "pending_shared": ["T0OTHER"]}, EXTERNAL),
    "connected to others": ({"is_ext_shared": False, "connected_team_ids": ["T0OTHER"]}, EXTERNAL),
    "others are invited": ({"is_ext_shared": False, "pending_connected_team_ids": ["T0OTHER"]}, EXTERNAL),
    "teams of which Slack says nothing": ({"is_ext_shared": False, "shared_team_ids": ["T0PLAY", "T0OTHER"]}, EXTERNAL),
    "teams of one organisation": (
        {"is_ext_shared": False, "is_org_shared": True, "shared_team_ids": ["T0PLAY", "T0SISTER"]},
        INTERNAL,
    ),
    "shared inside the company": (
        {"is_ext_shared": False, "is_shared": True, "is_org_shared": True, "is_pending_ext_shared": False},
        INTERNAL,
    ),
}


@pytest.mark.parametrize(("channel", "kind"), ODD.values(), ids=ODD.keys())
async def test_what_is_not_clearly_internal_is_not(
    channels: Channels, slack: StandInSlack, channel: Any, kind: ChannelKind
) -> None:
    slack.refuse["conversations.info"] = [JSONResponse({"ok": True, "channel": channel})]
    assert await channels.kind(CHANNEL) is kind


MAYBE: st.SearchStrategy[Any] = st.sampled_from([None, True, False, 0, 1, "", "false", [], ["T0OTHER"], {}])
NAMES = st.sampled_from(["is_ext_shared", "is_pending_ext_shared", "pending_shared", "is_im", "is_mpim", "is_channel"])


@given(st.dictionaries(NAMES, MAYBE))
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
async def test_internal_is_said_in_so_many_words(
    channels: Channels, slack: StandInSlack, channel: dict[str, Any]
) -> None:
    slack.refuse["conversations.info"] = [JSONResponse({"ok": True, "channel": channel})]
    kind = await channels.kind(CHANNEL)
    channels.forget(CHANNEL)
    if kind is INTERNAL:
        assert channel["is_ext_shared"] is False
        assert not any(channel.get(name) for name in ("is_pending_ext_shared", "pending_shared", "is_im", "is_mpim"))


@pytest.mark.parametrize(
    "answer",
    [
        "channel_not_found",
        "missing_scope",
        JSONResponse({"ok": False, "error": "fatal_error"}, 500),
        JSONResponse([1]),
        JSONResponse({"ok": False, "error": "ratelimited"}, 429, headers={"Retry-After": "3600"}),
    ],
    ids=["unknown", "no scope", "HTTP 500", "no object", "rate limited"],
)
async def test_without_an_answer_a_channel_is_unreadable_and_asked_about_again(
    channels: Channels, slack: StandInSlack, answer: str | JSONResponse
) -> None:
    slack.refuse["conversations.info"] = [answer] * 3
    assert await channels.kind(CHANNEL) is UNREADABLE
    slack.refuse["conversations.info"] = []
    assert await channels.kind(CHANNEL) is INTERNAL


async def test_unclear_answer_is_not_remembered(channels: Channels, slack: StandInSlack) -> None:
    slack.refuse["conversations.info"] = [JSONResponse({"ok": True, "channel": {}})]
    assert await channels.kind(CHANNEL) is UNREADABLE
    assert await channels.kind(CHANNEL) is INTERNAL


@pytest.mark.parametrize(("channel", "before", "after"), [(CHANNEL, INTERNAL, EXTERNAL)])
async def test_channel_is_remembered_for_five_minutes(
    channels: Channels, slack: StandInSlack, clock: Clock, channel: str, before: ChannelKind, after: ChannelKind
) -> None:
    assert await channels.kind(channel) is before
    slack.channels[channel].is_ext_shared = True
    clock.advance(Channels.TTL_SECONDS - 1)
    assert await channels.kind(channel) is before
    clock.advance(1)
    assert await channels.kind(channel) is after
    assert Channels.TTL_SECONDS == 300


async def test_channel_that_changed_is_asked_about_again(channels: Channels, slack: StandInSlack) -> None:
    assert await channels.kind(CHANNEL) is INTERNAL
    slack.channels[CHANNEL].is_ext_shared = True
    channels.forget(CHANNEL)
    channels.forget("C0NEVER")
    assert await channels.kind(CHANNEL) is EXTERNAL


async def test_answer_from_before_a_change_is_not_kept(channels: Channels, slack: StandInSlack) -> None:
    """Slack's event that the channel is shared came while it was being asked: what it answers may be from before."""
    release = slack.hold["conversations.info"] = asyncio.Event()
    asking = asyncio.create_task(channels.kind(CHANNEL))
    await eventually(lambda: slack.calls)
    channels.forget(CHANNEL)
    release.set()
    await asking
    slack.channels[CHANNEL].is_ext_shared = True
    assert await channels.kind(CHANNEL) is EXTERNAL
