"""What people do in the stand-in Slack: it becomes requests as Slack sends them, and only those that Slack sends."""

from typing import Any

import pytest
from slack_sdk.web.async_client import AsyncWebClient
from starlette.responses import PlainTextResponse

from bot.playground.fake_slack.server import (
    BOT_ID,
    BOT_USER,
    CHANNEL,
    COMPOSER,
    DIRECT_MESSAGE,
    FOREIGN_CHANNEL,
    MANAGER,
    OTHER_TEAM,
    OUTSIDER,
    SCOPES,
    SHARED_CHANNEL,
    TEAM,
    USER,
    Ephemeral,
    InFlexpane,
    InMessage,
    OnUnfurl,
    StandInSlack,
)
from bot.slack.message import Block
from tests.playground.test_fake_slack_web_api import ENTITY, REF, UNFURLED, URL
from tests.slack.test_verification import COMMAND, INTERACTIONS
from tests.support.fake_bot import SomeBot, always, client_fixture, some_bot_fixture  # noqa: F401  # fixtures

LABEL = {"type": "plain_text", "text": "Label"}
BUTTON = {"type": "button", "action_id": "customer_refresh", "value": "1", "text": LABEL}
LINK = {"type": "button", "action_id": "customer_open", "url": URL, "text": LABEL}
MENU = {
    "type": "overflow",
    "action_id": "customer_menu",
    "options": [{"text": LABEL, "value": "pin:1"}, {"text": LABEL, "value": "copy:1"}],
}
ACTIONS: Block = {"type": "actions", "block_id": "the actions", "elements": [BUTTON, LINK, MENU]}


# --- Commands and clicks -------------------------------------------------------------------------------------------


async def test_command_says_who_and_where(some_bot: SomeBot, slack: StandInSlack) -> None:
    exchange = await slack.command("CF00000179", user=MANAGER, channel=SHARED_CHANNEL)
    [command] = some_bot.sent
    assert command.keys() <= COMMAND.keys()
    assert (command["user_id"], command["channel_id"], command["team_id"]) == (MANAGER, SHARED_CHANNEL, TEAM)
    assert exchange.request == command


async def test_click_of_another_organisations_member_says_so(some_bot: SomeBot, slack: StandInSlack) -> None:
    """By the person's team alone: the workspace is the bot's."""
    await slack.click("customer_refresh", "1", user=OUTSIDER, at=Ephemeral(SHARED_CHANNEL, "1.000001"))
    [click] = some_bot.sent
    assert (click["user"]["id"], click["user"]["team_id"], click["team"]["id"]) == (OUTSIDER, OTHER_TEAM, TEAM)
    assert (click["channel"]["id"], click["container"]["thread_ts"]) == (SHARED_CHANNEL, "1.000001")
    assert "message" not in click


async def test_click_on_a_message_holds_the_message(
    some_bot: SomeBot, slack: StandInSlack, client: AsyncWebClient
) -> None:
    await client.chat_postMessage(channel=CHANNEL, text="a card", blocks=[ACTIONS])
    [posted] = slack.posts[CHANNEL]
    exchange = await slack.click("customer_refresh", "1", at=InMessage(posted))
    [click] = some_bot.sent
    sample = INTERACTIONS["a button in a message"]
    assert click.keys() <= sample.keys()
    assert click["container"].keys() <= sample["container"].keys()
    assert (click["message"]["text"], click["message"]["blocks"]) == ("a card", [ACTIONS])
    assert (click["message"]["ts"], click["container"]["message_ts"]) == (posted.ts, posted.ts)
    assert click["actions"][0].items() >= {**BUTTON, "block_id": "the actions"}.items()
    assert click["response_url"] == exchange.response_url


async def test_click_on_a_link_has_no_value(some_bot: SomeBot, slack: StandInSlack, client: AsyncWebClient) -> None:
    await client.chat_postMessage(channel=CHANNEL, text="a card", blocks=[ACTIONS])
    await slack.click("customer_open", None, at=InMessage(slack.posts[CHANNEL][0]))
    [action] = some_bot.sent[0]["actions"]
    assert (action["url"], "value" in action) == (URL, False)


async def test_choice_from_a_menu_has_the_option(
    some_bot: SomeBot, slack: StandInSlack, client: AsyncWebClient
) -> None:
    await client.chat_postMessage(channel=CHANNEL, text="a card", blocks=[ACTIONS])
    await slack.choose("customer_menu", "copy:1", at=InMessage(slack.posts[CHANNEL][0]))
    await slack.choose("customer_menu", "pin:1")
    for click, value in zip(some_bot.sent, ("copy:1", "pin:1"), strict=True):
        [action] = click["actions"]
        assert (action["type"], action["selected_option"]["value"], "value" in action) == ("overflow", value, False)
    with pytest.raises(AssertionError, match="can be clicked there"):
        await slack.choose("customer_menu", "dance:1", at=InMessage(slack.posts[CHANNEL][0]))


async def test_click_on_an_unfurl_has_no_message(
    some_bot: SomeBot, slack: StandInSlack, client: AsyncWebClient
) -> None:
    said = await slack.post_message(URL)
    await client.chat_unfurl(channel=CHANNEL, ts=said.ts, unfurls={URL: {"blocks": [ACTIONS]}})
    await slack.click("customer_refresh", "1", at=OnUnfurl(CHANNEL, said.ts, URL))
    click = some_bot.sent[-1]
    container = {"type": "message_attachment", "channel_id": CHANNEL, "message_ts": said.ts, "app_unfurl_url": URL}
    assert click["container"].items() >= container.items()
    assert click["app_unfurl"]["blocks"] == [ACTIONS]
    assert not {"message", "channel"} & click.keys()
    assert "response_url" in click


async def test_click_in_the_flexpane_names_the_work_object(
    some_bot: SomeBot, slack: StandInSlack, client: AsyncWebClient
) -> None:
    opened = await slack.open_flexpane(URL, REF)
    actions = {"primary_actions": [{"action_id": "customer_refresh", "value": "1", "text": "Refresh"}]}
    entity = {**ENTITY, "entity_payload": {**ENTITY["entity_payload"], "actions": actions}}
    trigger_id = opened.request["event"]["trigger_id"]
    with pytest.raises(AssertionError, match="can be clicked there"):
        await slack.click("customer_refresh", "1", at=InFlexpane(URL, REF))
    await client.api_call("entity.presentDetails", json={"trigger_id": trigger_id, "metadata": entity})
    await slack.click("customer_refresh", "1", at=InFlexpane(URL, REF))
    container = some_bot.sent[-1]["container"]
    assert container.items() >= {"type": "entity_detail", "entity_url": URL, "external_ref": REF}.items()


# --- Shortcuts -----------------------------------------------------------------------------------------------------


async def test_message_shortcut_holds_the_message_wherever_it_is(some_bot: SomeBot, slack: StandInSlack) -> None:
    said = await slack.post_message("CF00000179", channel=FOREIGN_CHANNEL, thread_ts="1.000001")
    await slack.message_shortcut("lookup_customer_in_message", said.content, channel=FOREIGN_CHANNEL, user=MANAGER)
    [shortcut] = some_bot.sent
    assert INTERACTIONS["a message shortcut"].keys() <= shortcut.keys()
    assert (shortcut["callback_id"], shortcut["type"]) == ("lookup_customer_in_message", "message_action")
    assert (shortcut["user"]["id"], shortcut["channel"]["id"]) == (MANAGER, FOREIGN_CHANNEL)
    assert (shortcut["message"]["text"], shortcut["message"]["thread_ts"]) == ("CF00000179", "1.000001")
    assert shortcut["message_ts"] == said.ts


async def test_global_shortcut_is_from_nowhere(some_bot: SomeBot, slack: StandInSlack) -> None:
    await slack.global_shortcut("find_customer")
    [shortcut] = some_bot.sent
    assert INTERACTIONS["a global shortcut"].keys() <= shortcut.keys()
    assert not {"channel", "response_url", "message"} & shortcut.keys()


# --- Messages ------------------------------------------------------------------------------------------------------


async def test_message_becomes_an_event(some_bot: SomeBot, slack: StandInSlack) -> None:
    said = await slack.post_message("CF00000179", thread_ts="1.000001")
    [envelope] = some_bot.sent
    assert (envelope["type"], envelope["team_id"], envelope["is_ext_shared_channel"]) == ("event_callback", TEAM, False)
    assert envelope["authorizations"][0]["user_id"] == BOT_USER
    message = {"type": "message", "text": "CF00000179", "user": USER, "channel": CHANNEL, "channel_type": "channel"}
    assert envelope["event"].items() >= {**message, "ts": said.ts, "thread_ts": "1.000001", "team": TEAM}.items()
    assert some_bot.headers[0]["content-type"] == "application/json"
    assert some_bot.signed == [True]
    assert said.message is not None
    assert (said.message.status, said.links) == (200, None)


async def test_message_may_be_a_bots_or_of_a_subtype(some_bot: SomeBot, slack: StandInSlack) -> None:
    await slack.post_message(URL, bot_id=BOT_ID, subtype="bot_message", user=BOT_USER)
    [envelope] = some_bot.sent
    assert (envelope["event"]["bot_id"], envelope["event"]["subtype"]) == (BOT_ID, "bot_message")


@pytest.mark.parametrize("channel", [FOREIGN_CHANNEL, DIRECT_MESSAGE])
async def test_bot_hears_nothing_where_it_is_no_member(some_bot: SomeBot, slack: StandInSlack, channel: str) -> None:
    said = await slack.post_message("CF00000179", channel=channel)
    assert (said.message, await slack.edit_message(said, "CF1"), some_bot.sent) == (None, None, [])


async def test_bot_hears_nothing_without_the_scope(some_bot: SomeBot, slack: StandInSlack) -> None:
    slack.granted_scopes = [scope for scope in SCOPES if scope not in ("channels:history", "links:read")]
    said = await slack.post_message(URL)
    assert (said.message, said.links, some_bot.sent) == (None, None, [])


async def test_private_channel_has_a_scope_of_its_own(some_bot: SomeBot, slack: StandInSlack) -> None:
    slack.channels[CHANNEL].is_private = True
    slack.granted_scopes = ["groups:history"]
    await slack.post_message("CF00000179")
    assert some_bot.sent[0]["event"]["channel_type"] == "group"


async def test_edit_becomes_an_event_of_its_own(some_bot: SomeBot, slack: StandInSlack) -> None:
    said = await slack.post_message("CF1")
    await slack.edit_message(said, "CF2")
    event = some_bot.sent[-1]["event"]
    assert (event["subtype"], event["message"]["text"], event["previous_message"]["text"]) == (
        "message_changed",
        "CF2",
        "CF1",
    )


async def test_event_of_a_shared_channel_says_so(some_bot: SomeBot, slack: StandInSlack) -> None:
    await slack.post_message("CF1", channel=SHARED_CHANNEL, user=OUTSIDER)
    [envelope] = some_bot.sent
    assert (envelope["is_ext_shared_channel"], envelope["event"]["team"]) == (True, OTHER_TEAM)


async def test_event_is_delivered_again_under_its_id(some_bot: SomeBot, slack: StandInSlack) -> None:
    some_bot.answer = always(PlainTextResponse("oops", 500))
    exchange = await slack.event({"type": "user_change", "user": {"id": USER}})
    again = await slack.redeliver(exchange, retry_num=2)
    assert (exchange.status, again.status, again.shown) == (500, 500, [])
    assert some_bot.sent[0] == some_bot.sent[1]
    assert [headers.get("x-slack-retry-num") for headers in some_bot.headers] == [None, "2"]
    assert some_bot.headers[1]["x-slack-retry-reason"] == "http_timeout"
    await slack.event({"type": "user_change", "user": {"id": USER}}, event_id=exchange.request["event_id"])
    assert some_bot.sent[2]["event_id"] == some_bot.sent[0]["event_id"]


async def test_event_that_is_not_answered_shows_nobody_anything(
    slack: StandInSlack, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.playground.fake_slack.server.ACK_SECONDS", 0.0)
    slack.bot_address = slack.address
    exchange = await slack.event({"type": "user_change", "user": {"id": USER}})
    assert (exchange.status, exchange.acknowledged, exchange.shown) == (0, False, [])


# --- Links ---------------------------------------------------------------------------------------------------------


async def test_links_of_the_bots_domains_become_one_event(some_bot: SomeBot, slack: StandInSlack) -> None:
    """Without the message's text, and in whatever channel."""
    other = "https://eu.crm.example.com:8443/customer/2?a=1&b=2"
    text = f"{URL} <{other.replace('&', '&amp;')}|two> {URL} https://example.com/3 crm.example.com/4"
    said = await slack.post_message(text, channel=FOREIGN_CHANNEL, user=MANAGER, thread_ts="1.000001")
    [envelope] = some_bot.sent
    domain = "crm.example.com"
    expected = {
        "type": "link_shared",
        "user": MANAGER,
        "channel": FOREIGN_CHANNEL,
        "message_ts": said.ts,
        "thread_ts": "1.000001",
        "links": [{"url": URL, "domain": domain}, {"url": other, "domain": domain}],
        "source": "conversations_history",
        "is_bot_user_member": False,
        "user_locale": "en-US",
    }
    assert envelope["event"].items() >= expected.items()
    assert not {"text", "is_unfurl_refresh"} & envelope["event"].keys()
    assert said.content["text"].startswith(f"<{URL}> <https://eu.")


@pytest.mark.parametrize(
    "others", [{"user": OUTSIDER, "channel": SHARED_CHANNEL}, {"bot_id": "B0OTHER"}, {"text": "https://example.com/1"}]
)
async def test_links_of_outsiders_bots_and_other_domains_send_no_event(
    some_bot: SomeBot, slack: StandInSlack, others: dict[str, Any]
) -> None:
    assert (await slack.post_message(**{"text": URL, **others})).links is None


async def test_composer_is_no_channel(some_bot: SomeBot, slack: StandInSlack, client: AsyncWebClient) -> None:
    said = await slack.compose(URL)
    [envelope] = some_bot.sent
    event = envelope["event"]
    assert (event["channel"], event["source"], event["message_ts"]) == (COMPOSER, "composer", said.ts)
    await client.chat_unfurl(unfurl_id=event["unfurl_id"], source="composer", unfurls={URL: {"blocks": [ACTIONS]}})
    assert slack.unfurls[said.ts].keys() == {URL}


async def test_enterprise_organisation_sends_no_unfurl_ids_and_nothing_from_the_composer(
    some_bot: SomeBot, slack: StandInSlack
) -> None:
    slack.sends_unfurl_ids = False
    assert (await slack.compose(URL)).links is None
    said = await slack.post_message(URL)
    assert said.links is not None
    assert not {"unfurl_id", "source"} & said.links.request["event"].keys()


async def test_refresh_is_a_new_event(some_bot: SomeBot, slack: StandInSlack, client: AsyncWebClient) -> None:
    said = await slack.post_message(URL)
    again = await slack.refresh_unfurl(said)
    assert said.links is not None
    assert again is not None
    assert again.request["event_id"] != said.links.request["event_id"]
    assert again.request["event"]["is_unfurl_refresh"] is True
    await client.chat_unfurl(
        unfurl_id=again.request["event"]["unfurl_id"],
        source="conversations_history",
        unfurls={URL: {"blocks": [ACTIONS]}},
        metadata={"entities": [UNFURLED]},
    )
    assert slack.unfurls[said.ts].keys() == {URL}


async def test_opened_flexpane_says_what_was_opened_and_by_whom(some_bot: SomeBot, slack: StandInSlack) -> None:
    await slack.open_flexpane(URL, REF, user=MANAGER, message_ts="1.000001")
    await slack.open_flexpane(URL, REF)
    event, elsewhere = (envelope["event"] for envelope in some_bot.sent)
    expected = {"type": "entity_details_requested", "user": MANAGER, "entity_url": URL, "external_ref": REF}
    assert event.items() >= {**expected, "user_locale": "en-US", "channel": CHANNEL, "app_unfurl_url": URL}.items()
    assert event["trigger_id"] != elsewhere["trigger_id"]
    assert not {"channel", "message_ts"} & elsewhere.keys()


# --- Changes -------------------------------------------------------------------------------------------------------


async def test_changes_send_an_event_to_the_bot(some_bot: SomeBot, slack: StandInSlack) -> None:
    slack.people[USER].locale = "en-GB"
    await slack.user_change(USER)
    await slack.channel_shared(CHANNEL)
    assert slack.channels[CHANNEL].is_ext_shared
    await slack.channel_unshared(CHANNEL)
    assert not slack.channels[CHANNEL].is_ext_shared
    changed, shared, unshared = (envelope["event"] for envelope in some_bot.sent)
    assert (changed["type"], changed["user"]["id"], changed["user"]["locale"]) == ("user_change", USER, "en-GB")
    assert (shared["type"], shared["channel"], shared["connected_team_id"]) == ("channel_shared", CHANNEL, OTHER_TEAM)
    assert (unshared["type"], unshared["channel"]) == ("channel_unshared", CHANNEL)
