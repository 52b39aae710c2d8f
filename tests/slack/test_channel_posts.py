"""What everybody in a channel sees: once, within Slack's limits, and less where Slack refuses more."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
from starlette.responses import JSONResponse

from bot.errors import SlackError, SlackRefused, SlackUnreachable
from bot.playground.fake_slack.server import ARCHIVED_CHANNEL, CHANNEL, FOREIGN_CHANNEL, USER, StandInSlack
from bot.playground.fake_slack.workspace import Links
from bot.runtime.tasks import BackgroundTasks
from bot.slack.channel_posts import NOT_INTERNAL, ChannelPosts
from bot.slack.channels import ChannelKind, Channels
from bot.slack.message import Message
from tests.conftest import Clock, Logs
from tests.support.slack_layer import OUTGOING, card, connected, section

URL = "https://crm.example.com/customer/dc540ce7-5bc5-4275-b8fa-2004eb5839e3"
OTHER_URL = "https://crm.example.com/customer/05690412-5229-4a64-bbe5-970f90753f7f"
BY_ID = {"unfurl_id": "unfurl-1", "source": "conversations_history"}
BY_TS = {"channel": CHANNEL, "ts": "1700000000.000100"}
CONTENT = ["invalid_blocks", "msg_blocks_too_long", "invalid_blocks_format", "invalid_attachments", "invalid_arguments"]
"""What Slack says of what is sent; more of its words speak of where it is sent."""
PLACE = ["channel_not_found", "not_in_channel", "is_archived", "thread_not_found", "missing_scope", "ratelimited"]


@pytest.fixture
async def posts(slack: StandInSlack, clock: Clock) -> AsyncIterator[ChannelPosts]:
    slack.links.append(Links(**BY_ID, channel=CHANNEL, ts=BY_TS["ts"], urls=(URL, OTHER_URL)))
    async with connected(slack.address) as api:
        channels = Channels(api, BackgroundTasks(), clock)
        await channels.kind(CHANNEL)
        slack.calls.clear()
        yield ChannelPosts(api, channels, OUTGOING)


def entity(url: str = URL, **others: Any) -> dict[str, Any]:
    return {
        "app_unfurl_url": url,
        "url": url,
        "external_ref": {"id": url[-36:]},
        "entity_type": "slack#/entities/item",
        "entity_payload": {"attributes": {"title": {"text": "胡效鑫1"}}},
        **others,
    }


class SharedMeanwhile:
    """Channels of which one is internal when it is first asked for, and shared from then on."""

    def __init__(self) -> None:
        self._kinds = [ChannelKind.INTERNAL]

    async def kind(self, channel: str) -> ChannelKind:
        return self._kinds.pop() if self._kinds else ChannelKind.EXTERNAL


@pytest.mark.parametrize("method", ["chat.postMessage", "chat.unfurl"])
async def test_nothing_is_sent_once_the_channel_was_shared_while_slack_made_it_wait(
    slack: StandInSlack, method: str
) -> None:
    slack.refuse[method] = [JSONResponse({"ok": False, "error": "ratelimited"}, 429, {"Retry-After": "0"})]
    async with connected(slack.address) as api:
        posts = ChannelPosts(api, SharedMeanwhile(), OUTGOING)  # type: ignore[arg-type]  # the one method that is used
        with pytest.raises(SlackRefused, match=NOT_INTERNAL):
            await (
                posts.post(CHANNEL, card("a"))
                if method == "chat.postMessage"
                else posts.unfurl(CHANNEL, BY_TS, {URL: card("a")}, [])
            )
    assert [called for called, _ in slack.calls] == [method]
    assert not slack.posts[CHANNEL]


# --- Posts -----------------------------------------------------------------------------------------------------------


async def test_card_is_posted_as_it_is(posts: ChannelPosts, slack: StandInSlack) -> None:
    """The links in it get no unfurl of their own."""
    await posts.post(CHANNEL, card("hello"))
    [posted] = slack.posts[CHANNEL]
    assert (posted.message, posted.thread_ts) == (card("hello"), "")
    [arguments] = slack.asked_for("chat.postMessage")
    assert (arguments["unfurl_links"], arguments["unfurl_media"]) == (False, False)


async def test_card_is_posted_in_a_thread(posts: ChannelPosts, slack: StandInSlack) -> None:
    slack.messages[CHANNEL, "1700000000.000100"] = {}
    await posts.post(CHANNEL, card("hello"), "1700000000.000100")
    assert [posted.thread_ts for posted in slack.posts[CHANNEL]] == ["1700000000.000100"]


@pytest.mark.parametrize("word", CONTENT)
async def test_text_is_posted_alone_where_slack_refuses_the_blocks(
    posts: ChannelPosts, slack: StandInSlack, logs: Logs, word: str
) -> None:
    slack.refuse["chat.postMessage"] = [word]
    await posts.post(CHANNEL, card("hello"))
    assert [posted.message for posted in slack.posts[CHANNEL]] == [Message("hello", [])]
    [line] = logs.lines("blocks_refused")
    assert (line["level"], line["reason"], line["method"]) == ("error", word, "chat.postMessage")


@pytest.mark.parametrize("word", PLACE)
async def test_post_that_is_refused_for_another_reason_is_not_tried_in_plain_text(
    posts: ChannelPosts, slack: StandInSlack, logs: Logs, word: str
) -> None:
    slack.refuse["chat.postMessage"] = [word, word]
    with pytest.raises(SlackRefused) as refused:
        await posts.post(CHANNEL, card("hello"))
    assert refused.value.code == word
    assert len(slack.calls) == 1
    assert not logs.lines("blocks_refused")


@pytest.mark.parametrize(
    ("channel", "thread_ts", "word"),
    [
        (FOREIGN_CHANNEL, "", "not_in_channel"),
        (ARCHIVED_CHANNEL, "", "is_archived"),
        ("C0NEVER", "", NOT_INTERNAL),
        (CHANNEL, "1.2", "thread_not_found"),
    ],
)
async def test_place_where_the_bot_cannot_post_is_reported(
    posts: ChannelPosts, slack: StandInSlack, channel: str, thread_ts: str, word: str
) -> None:
    with pytest.raises(SlackRefused, match=word):
        await posts.post(channel, card("hello"), thread_ts)


async def test_text_that_is_refused_too_is_an_error(posts: ChannelPosts, slack: StandInSlack) -> None:
    slack.refuse["chat.postMessage"] = ["invalid_blocks", "invalid_blocks"]
    with pytest.raises(SlackRefused, match="invalid_blocks"):
        await posts.post(CHANNEL, card("hello"))
    assert len(slack.calls) == 2


async def test_post_that_may_have_arrived_is_not_sent_again(posts: ChannelPosts, slack: StandInSlack) -> None:
    slack.refuse["chat.postMessage"] = [JSONResponse({"ok": False, "error": "fatal_error"}, 500)]
    with pytest.raises(SlackUnreachable):
        await posts.post(CHANNEL, card("hello"))
    assert len(slack.calls) == 1


async def test_card_over_slacks_limits_is_posted_as_its_text(
    posts: ChannelPosts, slack: StandInSlack, logs: Logs
) -> None:
    """Slack is not asked whether it takes it."""
    await posts.post(CHANNEL, Message("hello", [section("x" * 3_001)]))
    assert [posted.message for posted in slack.posts[CHANNEL]] == [Message("hello", [])]
    assert len(slack.calls) == 1
    assert logs.lines("card_over_limits")


async def test_slacks_warning_is_logged(posts: ChannelPosts, slack: StandInSlack, logs: Logs) -> None:
    slack.refuse["chat.postMessage"] = [JSONResponse({"ok": True, "warning": "superfluous_charset"})]
    await posts.post(CHANNEL, card("hello"))
    [line] = logs.lines("slack_warning")
    assert (line["level"], line["method"], line["warning"]) == ("warning", "chat.postMessage", "superfluous_charset")


# --- Unfurls ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("target", [BY_ID, BY_TS], ids=["by its id", "by its place"])
async def test_link_is_unfurled(posts: ChannelPosts, slack: StandInSlack, target: dict[str, str]) -> None:
    await posts.unfurl(CHANNEL, target, {URL: card("hello")}, [entity()])
    unfurl = slack.unfurls[BY_TS["ts"]][URL]
    assert unfurl.message.blocks == card("hello").blocks
    assert unfurl.entity == entity()
    assert len(slack.calls) == 1


async def test_each_link_has_its_own_card(posts: ChannelPosts, slack: StandInSlack) -> None:
    await posts.unfurl(CHANNEL, BY_ID, {URL: card("one"), OTHER_URL: Message("other", [])}, [])
    unfurls = slack.unfurls[BY_TS["ts"]]
    assert unfurls[URL].message == Message("", card("one").blocks)
    assert unfurls[OTHER_URL].message == Message("other", [])
    assert "metadata" not in slack.asked_for("chat.unfurl")[0]


@pytest.mark.parametrize("word", ["error_processing_metadata", "invalid_metadata_format", "invalid_arguments"])
async def test_link_is_unfurled_without_work_objects_where_slack_refuses_them(
    posts: ChannelPosts, slack: StandInSlack, logs: Logs, word: str
) -> None:
    slack.refuse["chat.unfurl"] = [word]
    await posts.unfurl(CHANNEL, BY_ID, {URL: card("hello")}, [entity()])
    unfurl = slack.unfurls[BY_TS["ts"]][URL]
    assert (unfurl.message.blocks, unfurl.entity) == (card("hello").blocks, None)
    assert [line["reason"] for line in logs.lines("blocks_refused")] == [word]


@pytest.mark.parametrize("entities", [[entity()], []], ids=["with a Work Object", "without"])
async def test_link_is_unfurled_as_text_where_slack_refuses_the_blocks(
    posts: ChannelPosts, slack: StandInSlack, entities: list[dict[str, Any]]
) -> None:
    slack.refuse["chat.unfurl"] = ["invalid_blocks"] * (1 + len(entities))
    await posts.unfurl(CHANNEL, BY_ID, {URL: card("hello")}, entities)
    unfurl = slack.unfurls[BY_TS["ts"]][URL]
    assert (unfurl.message, unfurl.entity) == (Message("hello", []), None)


async def test_unfurl_that_is_refused_for_another_reason_is_not_tried_with_less(
    posts: ChannelPosts, slack: StandInSlack
) -> None:
    with pytest.raises(SlackRefused, match="cannot_unfurl_url"):
        await posts.unfurl(CHANNEL, BY_ID, {"https://crm.example.com/": card("hello")}, [entity()])
    with pytest.raises(SlackRefused, match="cannot_unfurl_message"):
        await posts.unfurl(CHANNEL, {"channel": CHANNEL, "ts": "1.2"}, {URL: card("hello")}, [entity()])
    assert len(slack.calls) == 2


async def test_unfurl_that_is_refused_whatever_it_holds_is_an_error(posts: ChannelPosts, slack: StandInSlack) -> None:
    slack.refuse["chat.unfurl"] = ["invalid_blocks"] * 3
    with pytest.raises(SlackRefused, match="invalid_blocks"):
        await posts.unfurl(CHANNEL, BY_ID, {URL: card("hello")}, [entity()])
    assert len(slack.calls) == 3


async def test_work_object_that_slack_drops_is_a_warning(posts: ChannelPosts, slack: StandInSlack, logs: Logs) -> None:
    """Slack answers that all is well."""
    await posts.unfurl(CHANNEL, BY_ID, {URL: card("hello")}, [entity(app_unfurl_url="https://crm.example.com/")])
    assert slack.unfurls[BY_TS["ts"]][URL].message.blocks
    assert [line["warning"] for line in logs.lines("slack_warning")] == ["invalid_metadata_format"]


async def test_what_is_over_slacks_limits_is_not_unfurled(posts: ChannelPosts, slack: StandInSlack) -> None:
    too_long = entity(OTHER_URL, entity_payload={"attributes": {"title": {"text": "x" * 256}}})
    cards = {URL: card("hello"), OTHER_URL: Message("other", [section("x" * 3_001)])}
    await posts.unfurl(CHANNEL, BY_ID, cards, [entity(), too_long])
    unfurls = slack.unfurls[BY_TS["ts"]]
    assert (unfurls[URL].message.blocks, unfurls[URL].entity) == (card("hello").blocks, entity())
    assert (unfurls[OTHER_URL].message, unfurls[OTHER_URL].entity) == (Message("other", []), None)
    assert len(slack.calls) == 1


# --- The panel -------------------------------------------------------------------------------------------------------


def opened(slack: StandInSlack) -> str:
    """The trigger id of a user who has opened a Work Object."""
    return slack.new_trigger(USER, (URL, entity()["external_ref"]))


@pytest.mark.parametrize("details", [{"metadata": entity()}, {"error": {"status": "not_found"}}])
async def test_panel_shows_what_it_is_given(posts: ChannelPosts, slack: StandInSlack, details: dict[str, Any]) -> None:
    await posts.present(opened(slack), details)
    [pane] = slack.flexpanes[USER]
    assert (pane.metadata, pane.error) == (details.get("metadata"), details.get("error"))


@pytest.mark.parametrize(
    "refusal",
    [
        pytest.param("invalid_arguments", id="refused"),
        pytest.param("expired_trigger_id", id="too late"),
        pytest.param(JSONResponse({}, 429, headers={"Retry-After": "0"}), id="rate limited"),
        pytest.param(JSONResponse({}, 500), id="HTTP 500"),
    ],
)
async def test_panel_is_filled_at_once_or_not_at_all(
    posts: ChannelPosts, slack: StandInSlack, refusal: str | JSONResponse
) -> None:
    """Its trigger id lives for three seconds."""
    slack.refuse["entity.presentDetails"] = [refusal]
    with pytest.raises(SlackError):
        await posts.present(opened(slack), {"metadata": entity()})
    assert len(slack.calls) == 1
