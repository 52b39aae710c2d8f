"""The stand-in Slack's Web API, as slack_sdk calls it: what it answers, shows and refuses as Slack does."""

import asyncio
from typing import Any

import aiohttp
import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient
from starlette.responses import PlainTextResponse

from bot.playground.fake_slack.server import (
    ARCHIVED_CHANNEL,
    BOT_TOKEN,
    CHANNEL,
    DIRECT_MESSAGE,
    FOREIGN_CHANNEL,
    GUEST,
    MANAGER,
    OTHER_TEAM,
    OUTSIDER,
    PRIVATE_CHANNEL,
    SCOPES,
    SHARED_CHANNEL,
    TEAM,
    USER,
    Flexpane,
    Person,
    StandInSlack,
    Unfurl,
)
from bot.slack.message import Block, Message
from tests.support.fake_bot import SomeBot, client_fixture, some_bot_fixture  # noqa: F401  # fixtures

URL = "https://crm.example.com/customer/1"
REF = {"id": "1", "type": "customer"}
SECTION: Block = {"type": "section", "text": {"type": "mrkdwn", "text": "hello"}}
LONG: Block = {"type": "section", "text": {"type": "mrkdwn", "text": "x" * 3_001}}
ENTITY: dict[str, Any] = {
    "entity_type": "slack#/entities/item",
    "url": URL,
    "external_ref": REF,
    "entity_payload": {"attributes": {"title": {"text": "胡效鑫1"}}},
}
UNFURLED = {**ENTITY, "app_unfurl_url": URL}


async def refusal(client: AsyncWebClient, method: str, **arguments: Any) -> str:
    """The word with which Slack refuses a call."""
    with pytest.raises(SlackApiError) as raised:
        await client.api_call(method, json=arguments)
    word: str = raised.value.response["error"]
    return word


# --- Any method ----------------------------------------------------------------------------------------------------


async def test_every_method_wants_the_bots_token(slack: StandInSlack) -> None:
    stranger = AsyncWebClient(token="xoxb-another", base_url=f"{slack.address}/api/")
    assert await refusal(stranger, "chat.postMessage", channel=CHANNEL, text="hello") == "invalid_auth"
    assert slack.posts[CHANNEL] == []


async def test_method_that_is_not_known_is_refused(client: AsyncWebClient) -> None:
    assert await refusal(client, "chat.shout") == "unknown_method"


async def test_answers_tell_the_granted_scopes(slack: StandInSlack, client: AsyncWebClient) -> None:
    assert (await client.auth_test()).headers["x-oauth-scopes"] == ",".join(SCOPES)
    slack.granted_scopes = ["commands"]
    assert (await client.auth_test()).headers["x-oauth-scopes"] == "commands"


@pytest.mark.parametrize(
    ("method", "arguments", "scope"),
    [
        ("users.info", {"user": USER}, "users:read"),
        ("conversations.info", {"channel": CHANNEL}, "channels:read"),
        ("conversations.info", {"channel": PRIVATE_CHANNEL}, "groups:read"),
        ("chat.postMessage", {"channel": CHANNEL, "text": "hello"}, "chat:write"),
        ("chat.postEphemeral", {"channel": CHANNEL, "user": USER, "text": "hello"}, "chat:write"),
        ("chat.unfurl", {"channel": CHANNEL, "ts": "1", "unfurls": {}}, "links:write"),
    ],
)
async def test_method_needs_its_scope(
    slack: StandInSlack, client: AsyncWebClient, method: str, arguments: dict[str, str], scope: str
) -> None:
    slack.granted_scopes = [granted for granted in SCOPES if granted != scope]
    with pytest.raises(SlackApiError) as raised:
        await client.api_call(method, json=arguments)
    assert raised.value.response["error"] == "missing_scope"
    assert raised.value.response["needed"] == scope


async def test_refusals_come_first_and_one_by_one(slack: StandInSlack, client: AsyncWebClient) -> None:
    slack.refuse["users.info"] = ["fatal_error", PlainTextResponse("<html>", 500)]
    assert await refusal(client, "users.info", user=USER) == "fatal_error"
    with pytest.raises(SlackApiError) as raised:
        await client.users_info(user=USER)
    assert "<html>" in str(raised.value)
    assert (await client.users_info(user=USER))["ok"]
    assert (await client.auth_test())["ok"]


async def test_calls_of_a_method_can_be_held(slack: StandInSlack, client: AsyncWebClient) -> None:
    """They are noted as they come, and answered when they are let go."""
    slack.hold["chat.postMessage"] = asyncio.Event()
    posting = asyncio.create_task(client.chat_postMessage(channel=CHANNEL, text="hello"))
    await slack.until(lambda: slack.asked_for("chat.postMessage"))
    assert slack.posts[CHANNEL] == []
    slack.hold["chat.postMessage"].set()
    await posting
    assert len(slack.posts[CHANNEL]) == 1


async def test_calls_are_noted_with_their_arguments_however_they_are_sent(
    slack: StandInSlack, client: AsyncWebClient
) -> None:
    await client.api_call("users.info", params={"user": USER}, http_verb="GET")
    await client.api_call("users.info", json={"user": USER})
    await client.api_call("chat.postMessage", data={"channel": CHANNEL, "text": "hello", "blocks": "[]"})
    assert slack.calls == [
        ("users.info", {"user": USER}),
        ("users.info", {"user": USER}),
        ("chat.postMessage", {"channel": CHANNEL, "text": "hello", "blocks": []}),
    ]


@pytest.mark.parametrize(("body", "word"), [("{", "invalid_json"), ("[]", "json_not_object")])
async def test_arguments_that_are_no_json_object_are_refused(slack: StandInSlack, body: str, word: str) -> None:
    headers = {"authorization": f"Bearer {BOT_TOKEN}", "content-type": "application/json"}
    async with (
        aiohttp.ClientSession(headers=headers) as session,
        session.post(f"{slack.address}/api/auth.test", data=body) as answer,
    ):
        assert (await answer.json())["error"] == word


# --- People and channels -------------------------------------------------------------------------------------------


async def test_person_is_described_as_slack_does(slack: StandInSlack, client: AsyncWebClient) -> None:
    slack.people["U0NEW"] = Person("U0NEW", "new", enterprise_id="E1", deleted=True)
    people = {user: (await client.users_info(user=user))["user"] for user in (USER, GUEST, OUTSIDER, "U0NEW")}
    assert [people[user]["team_id"] for user in (USER, OUTSIDER)] == [TEAM, OTHER_TEAM]
    assert [people[user]["is_restricted"] for user in (USER, GUEST)] == [False, True]
    assert [people[user].get("is_stranger", False) for user in (USER, OUTSIDER)] == [False, True]
    assert people["U0NEW"]["enterprise_user"]["enterprise_id"] == "E1"
    assert people["U0NEW"]["deleted"]


async def test_locale_comes_when_it_is_asked_for(client: AsyncWebClient) -> None:
    assert "locale" not in (await client.users_info(user=MANAGER))["user"]
    assert (await client.users_info(user=MANAGER, include_locale=True))["user"]["locale"] == "en-US"


async def test_person_whom_slack_does_not_know(client: AsyncWebClient) -> None:
    assert await refusal(client, "users.info", user="U0NOBODY") == "user_not_found"


async def test_channel_is_described_as_slack_does(slack: StandInSlack, client: AsyncWebClient) -> None:
    general = (await client.conversations_info(channel=CHANNEL))["channel"]
    assert (general["is_ext_shared"], general["is_member"], general["is_private"]) == (False, True, False)
    shared = (await client.conversations_info(channel=SHARED_CHANNEL))["channel"]
    assert (shared["is_ext_shared"], shared["is_shared"]) == (True, True)
    assert (await client.conversations_info(channel=FOREIGN_CHANNEL))["channel"]["is_member"] is False
    assert (await client.conversations_info(channel=ARCHIVED_CHANNEL))["channel"]["is_archived"] is True
    slack.channels[CHANNEL].is_pending_ext_shared = True
    assert (await client.conversations_info(channel=CHANNEL))["channel"]["is_pending_ext_shared"] is True


@pytest.mark.parametrize(
    ("channel", "word"),
    [
        ("C0NONE", "channel_not_found"),
        (PRIVATE_CHANNEL, "channel_not_found"),
        (DIRECT_MESSAGE, "missing_scope"),
    ],
)
async def test_channel_that_the_bot_may_not_know(client: AsyncWebClient, channel: str, word: str) -> None:
    assert await refusal(client, "conversations.info", channel=channel) == word


# --- Messages ------------------------------------------------------------------------------------------------------


async def test_message_is_posted_and_seen(slack: StandInSlack, client: AsyncWebClient) -> None:
    first = await client.chat_postMessage(channel=CHANNEL, text="hello", blocks=[SECTION])
    await client.chat_postMessage(channel=CHANNEL, text="a reply", thread_ts=first["ts"])
    posts = slack.posts[CHANNEL]
    assert [posted.message for posted in posts] == [Message("hello", [SECTION]), Message("a reply", [])]
    assert [posted.thread_ts for posted in posts] == ["", posts[0].ts]
    assert first["ts"] == posts[0].ts < posts[1].ts


async def test_ephemeral_message_is_seen_by_one_person(slack: StandInSlack, client: AsyncWebClient) -> None:
    await client.chat_postEphemeral(channel=CHANNEL, user=MANAGER, text="hello", thread_ts="1.000001")
    [posted] = slack.ephemerals[CHANNEL, MANAGER]
    assert (posted.message.text, posted.thread_ts) == ("hello", "1.000001")
    assert not slack.posts[CHANNEL]
    assert not slack.ephemerals[CHANNEL, USER]


@pytest.mark.parametrize("method", ["chat.postMessage", "chat.postEphemeral"])
@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        ({"channel": "C0NONE"}, "channel_not_found"),
        ({"channel": PRIVATE_CHANNEL}, "channel_not_found"),
        ({"channel": DIRECT_MESSAGE}, "channel_not_found"),
        ({"channel": FOREIGN_CHANNEL}, "not_in_channel"),
        ({"channel": ARCHIVED_CHANNEL}, "is_archived"),
        ({"text": ""}, "no_text"),
        ({"blocks": [LONG]}, "invalid_blocks"),
        ({"blocks": [SECTION] * 51}, "invalid_blocks"),
        ({"blocks": [{**LONG, "text": {"type": "mrkdwn", "text": "x" * 2_900}}] * 5}, "msg_blocks_too_long"),
    ],
)
async def test_message_that_slack_refuses(
    slack: StandInSlack, client: AsyncWebClient, method: str, arguments: dict[str, Any], word: str
) -> None:
    assert await refusal(client, method, **{"channel": CHANNEL, "user": USER, "text": "hello", **arguments}) == word
    assert not any(slack.posts.values())
    assert not any(slack.ephemerals.values())


async def test_refusal_of_blocks_says_why(client: AsyncWebClient) -> None:
    with pytest.raises(SlackApiError) as raised:
        await client.chat_postMessage(channel=CHANNEL, text="hello", blocks=[LONG])
    assert raised.value.response["response_metadata"]["messages"] == ["section of 3001 characters"]


async def test_reply_needs_a_message(client: AsyncWebClient) -> None:
    word = await refusal(client, "chat.postMessage", channel=CHANNEL, text="hello", thread_ts="1.000001")
    assert word == "thread_not_found"


async def test_ephemeral_message_needs_a_person_who_is_there(client: AsyncWebClient) -> None:
    word = await refusal(client, "chat.postEphemeral", channel=CHANNEL, text="hello", user="U0NOBODY")
    assert word == "user_not_in_channel"


async def test_message_may_carry_work_objects(slack: StandInSlack, client: AsyncWebClient) -> None:
    await client.chat_postMessage(channel=CHANNEL, text="hello", metadata={"entities": [ENTITY]})
    assert slack.posts[CHANNEL][0].entities == (ENTITY,)


# --- Unfurls -------------------------------------------------------------------------------------------------------


async def test_unfurl_is_found_by_its_message_or_its_id(
    some_bot: SomeBot,
    slack: StandInSlack,
    client: AsyncWebClient,
) -> None:
    """A later one for the same link takes the place of the first."""
    said = await slack.post_message(f"see {URL}")
    event = some_bot.sent[-1]["event"]
    await client.chat_unfurl(channel=CHANNEL, ts=said.ts, unfurls={URL: {"blocks": [SECTION]}})
    assert slack.unfurls[said.ts] == {URL: Unfurl(Message("", [SECTION]))}
    await client.chat_unfurl(unfurl_id=event["unfurl_id"], source=event["source"], unfurls={URL: {"text": "plain"}})
    assert slack.unfurls[said.ts] == {URL: Unfurl(Message("plain", []))}


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        ({}, "missing_unfurls"),
        ({"channel": None, "unfurls": {URL: {"blocks": [SECTION]}}}, "invalid_arguments"),
        ({"ts": "1.000001", "unfurls": {URL: {"blocks": [SECTION]}}}, "cannot_unfurl_message"),
        ({"channel": None, "unfurl_id": "x", "source": "composer", "unfurls": {URL: {}}}, "invalid_unfurl_id"),
        ({"unfurls": {f"{URL}?": {"blocks": [SECTION]}}}, "cannot_unfurl_url"),
        ({"unfurls": {URL: {"blocks": [LONG]}}}, "invalid_blocks"),
        ({"unfurls": {URL: {"blocks": [SECTION] * 21}}}, "invalid_blocks"),
        ({"unfurls": {URL: {"blocks": [{"type": "rich_text", "elements": []}]}}}, "invalid_blocks"),
    ],
)
async def test_unfurl_that_slack_refuses(
    some_bot: SomeBot,
    slack: StandInSlack,
    client: AsyncWebClient,
    arguments: dict[str, Any],
    word: str,
) -> None:
    said = await slack.post_message(URL)
    assert await refusal(client, "chat.unfurl", **{"channel": CHANNEL, "ts": said.ts, **arguments}) == word
    assert not slack.unfurls[said.ts]


async def test_menu_that_searches_is_refused_in_an_unfurl(
    some_bot: SomeBot,
    slack: StandInSlack,
    client: AsyncWebClient,
) -> None:
    said = await slack.post_message(URL)
    blocks = [{**SECTION, "accessory": {"type": "external_select", "action_id": "customer_search"}}]
    with pytest.raises(SlackApiError, match="external_select in an unfurl"):
        await client.chat_unfurl(channel=CHANNEL, ts=said.ts, unfurls={URL: {"blocks": blocks}})


async def test_work_object_stands_under_its_link(
    some_bot: SomeBot,
    slack: StandInSlack,
    client: AsyncWebClient,
) -> None:
    said = await slack.post_message(URL)
    await client.chat_unfurl(
        channel=CHANNEL, ts=said.ts, unfurls={URL: {"blocks": [SECTION]}}, metadata={"entities": [UNFURLED]}
    )
    assert slack.unfurls[said.ts] == {URL: Unfurl(Message("", [SECTION]), UNFURLED)}


@pytest.mark.parametrize(
    "entity",
    [
        ENTITY,
        "nonsense",
        {**UNFURLED, "app_unfurl_url": f"{URL}?"},
        {**UNFURLED, "entity_type": "slack#/entities/customer"},
        {**UNFURLED, "url": ""},
        {**UNFURLED, "external_ref": {}},
        {**UNFURLED, "external_ref": "1"},
        {**UNFURLED, "entity_payload": {"attributes": {"title": "胡效鑫1"}}},
        {**UNFURLED, "entity_payload": {"attributes": {"title": {"text": ""}}}},
        {**UNFURLED, "entity_payload": {}},
    ],
)
async def test_work_object_that_slack_cannot_read_is_dropped_with_a_warning(
    some_bot: SomeBot,
    slack: StandInSlack,
    client: AsyncWebClient,
    entity: Any,
) -> None:
    said = await slack.post_message(URL)
    unfurls = {URL: {"blocks": [SECTION]}}
    metadata = {"entities": [entity]}
    answer = await client.api_call(
        "chat.unfurl", json={"channel": CHANNEL, "ts": said.ts, "unfurls": unfurls, "metadata": metadata}
    )
    assert (answer["ok"], answer["warning"]) == (True, "invalid_metadata_format")
    assert slack.unfurls[said.ts] == {URL: Unfurl(Message("", [SECTION]))}


# --- The flexpane --------------------------------------------------------------------------------------------------


async def trigger_of_flexpane(slack: StandInSlack) -> str:
    trigger_id: str = (await slack.open_flexpane(URL, REF)).request["event"]["trigger_id"]
    return trigger_id


async def test_flexpane_shows_its_details_or_what_went_wrong(
    some_bot: SomeBot,
    slack: StandInSlack,
    client: AsyncWebClient,
) -> None:
    await client.api_call(
        "entity.presentDetails", json={"trigger_id": await trigger_of_flexpane(slack), "metadata": ENTITY}
    )
    await client.api_call(
        "entity.presentDetails", json={"trigger_id": await trigger_of_flexpane(slack), "error": {"status": "not_found"}}
    )
    assert slack.flexpanes[USER] == [Flexpane(ENTITY, None), Flexpane(None, {"status": "not_found"})]


@pytest.mark.parametrize(
    ("details", "word"),
    [
        ({}, "invalid_arguments"),
        ({"error": {"status": "oops"}}, "invalid_arguments"),
        ({"metadata": {"entities": [ENTITY]}}, "invalid_metadata"),
        ({"metadata": {**ENTITY, "url": f"{URL}?"}}, "invalid_arguments"),
        ({"metadata": {**ENTITY, "external_ref": {"id": "1"}}}, "invalid_arguments"),
    ],
)
async def test_flexpane_refuses_what_is_not_its_work_object(
    some_bot: SomeBot,
    slack: StandInSlack,
    client: AsyncWebClient,
    details: dict[str, Any],
    word: str,
) -> None:
    """After which the trigger id can still be used."""
    trigger_id = await trigger_of_flexpane(slack)
    assert await refusal(client, "entity.presentDetails", trigger_id=trigger_id, **details) == word
    await client.api_call("entity.presentDetails", json={"trigger_id": trigger_id, "metadata": ENTITY})
    assert await refusal(client, "entity.presentDetails", trigger_id=trigger_id, metadata=ENTITY) == (
        "exchanged_trigger_id"
    )
