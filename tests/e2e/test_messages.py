"""Customer numbers and ids that people write in a channel, end to end: the card in the thread, and when none comes."""

import asyncio
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from slack_sdk.web.async_client import AsyncWebClient
from starlette.responses import JSONResponse, PlainTextResponse, Response

from bot.cards.action_ids import CUSTOMER_DETAILS, CUSTOMER_MENU, CUSTOMER_SHARE
from bot.domain.preferences import CardOutcome
from bot.playground.fake_crm.server import Fault, SampleCrm
from bot.playground.fake_slack.server import (
    BOT_ID,
    BOT_USER,
    CHANNEL,
    DIRECT_MESSAGE,
    FOREIGN_CHANNEL,
    MANAGER,
    PRIVATE_CHANNEL,
    SHARED_CHANNEL,
    USER,
    Ephemeral,
    InMessage,
    Posted,
    StandInSlack,
)
from bot.server.http import WebProcess
from tests.conftest import Clock, Logs, StartBot
from tests.support.block_kit import assert_slack_takes, elements_of, texts_of, texts_of_view
from tests.support.surfaces import (
    CLINIC,
    DOCUMENTED,
    FACTORY,
    HOTEL,
    NO_DATABASE,
    UNKNOWN,
    digits_in,
    everything_in,
    idle,
    link,
    long_numbers,
    private_values,
    reason,
    why,
)

NUMBER = "CF00000179"
NAME = "胡效鑫1  CF00000179"
COOLDOWN = 1_800


@pytest.fixture
async def known(bot: WebProcess, slack: StandInSlack) -> None:
    """The bot has seen the customer of the documentation, so that it knows the number."""
    await slack.command(DOCUMENTED, user=MANAGER)
    await idle(bot)


async def cards_after(bot: WebProcess, slack: StandInSlack, text: str, **message: Any) -> list[Posted]:
    """What the bot posts in the channel after a message, once nothing more can come."""
    channel = message.get("channel", CHANNEL)
    before = len(slack.posts[channel])
    said = await slack.post_message(text, **message)
    assert said.message is not None
    assert said.message.status == 200
    await idle(bot)
    return slack.posts[channel][before:]


# --- The card -------------------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("known")
@pytest.mark.parametrize(
    "text",
    [
        NUMBER,
        f"{NUMBER} 在催单",
        f"客户{NUMBER}的滤芯到了吗",
        f"（{NUMBER}）。",
        "cf00000179?",
        "ＣＦ０００００１７９",
        f"*{NUMBER}*",
        f"<@{USER}> {NUMBER}",
        DOCUMENTED,
        f"客户{DOCUMENTED}的滤芯",
        DOCUMENTED.upper(),
        DOCUMENTED.replace("-", ""),
    ],
)
async def test_number_or_id_gets_the_channel_card_in_its_thread(
    bot: WebProcess, slack: StandInSlack, text: str
) -> None:
    said = await slack.post_message(text)
    await idle(bot)
    [posted] = slack.posts[CHANNEL]
    assert posted.thread_ts == said.ts
    assert posted.message.text == NAME
    assert [element["action_id"] for element in elements_of(posted.message.blocks)] == [CUSTOMER_MENU, CUSTOMER_DETAILS]
    assert_slack_takes(posted.message)
    [call] = slack.asked_for("chat.postMessage")
    assert (call["unfurl_links"], call["unfurl_media"]) == (False, False)
    assert "reply_broadcast" not in call


@pytest.mark.usefixtures("known")
@pytest.mark.parametrize(
    "text",
    [
        f"{NUMBER}——又报修了",
        f"{NUMBER}—please call",
        f"{NUMBER}-王",
        f"urgent—{NUMBER}",
        f"_{NUMBER}_",
        f"*_{NUMBER}_*",
        f"~{NUMBER}~",
        f"【{NUMBER}_回访】",
        f"工单-{NUMBER}",
        "说" * 5_000 + NUMBER,
    ],
)
async def test_marks_and_dashes_beside_a_number_belong_to_the_text(
    bot: WebProcess, slack: StandInSlack, text: str
) -> None:
    assert await cards_after(bot, slack, text)


HARMLESS = [
    "2023-03-07 09:12", "¥12,345.00", "V2.3.1-rc1", "LPR30-20230042", "GD20230101001", "订单 20230422345294",
    "ACF00000179", "CF00000179-1", "fang-cf00000179@example.com", "https://example.com/CF00000179", "13800001001",
    "CF-300 x 2", "SN:CF00000179A",
    "`CF00000179`", "```CF00000179```", "&gt; CF00000179", ":cf00000179:", "CF179", "00000179",
]  # fmt: skip


@pytest.mark.usefixtures("known")
async def test_what_is_no_number_stays_silent(bot: WebProcess, slack: StandInSlack) -> None:
    """Dates, amounts, versions, models, orders, mail addresses, links, code, quotes, emoji, phones."""
    for text in HARMLESS:
        assert await cards_after(bot, slack, text) == [], text


def rich(*elements: dict[str, Any], kind: str = "rich_text_section") -> dict[str, Any]:
    """A message as Slack's own editor writes it."""
    return {"blocks": [{"type": "rich_text", "elements": [{"type": kind, "elements": [*elements]}]}]}


def said(text: str, **style: bool) -> dict[str, Any]:
    return {"type": "text", "text": text, **({"style": style} if style else {})}


@pytest.mark.parametrize(
    ("text", "blocks", "cards"),
    [
        pytest.param(f"it`s {DOCUMENTED} won`t", rich(said(f"it`s {DOCUMENTED} won`t")), 1, id="no code"),
        pytest.param("", rich(said(f"客户 {DOCUMENTED}")), 1, id="no text"),
        pytest.param(DOCUMENTED, rich(said(DOCUMENTED[:9], bold=True), said(DOCUMENTED[9:])), 1, id="half in bold"),
        pytest.param(f"`{DOCUMENTED}`", rich(said(DOCUMENTED, code=True)), 0, id="code"),
        pytest.param(":x:", rich({"type": "emoji", "name": "cf00000179"}), 0, id="an emoji"),
        pytest.param(
            f"&gt; {DOCUMENTED}",
            rich(said(DOCUMENTED), kind="rich_text_quote"),
            0,
            id="a quote",
        ),
    ],
)
async def test_rich_text_says_what_was_meant(
    bot: WebProcess, slack: StandInSlack, text: str, blocks: dict[str, Any], cards: int
) -> None:
    assert len(await cards_after(bot, slack, text, **blocks)) == cards


async def test_message_is_answered_once_whatever_its_events_are(bot: WebProcess, slack: StandInSlack) -> None:
    said = await slack.post_message(DOCUMENTED)
    await idle(bot)
    for _ in range(2):
        await slack.event({**said.content, "channel": CHANNEL, "channel_type": "channel"})
    await idle(bot)
    assert len(slack.asked_for("chat.postMessage")) == 1


async def test_customer_number_pattern_says_what_is_a_number(
    start_bot: StartBot, slack: StandInSlack, crm: SampleCrm
) -> None:
    """Of a tenant whose numbers look like dates and landlines."""
    number = "2023-03-0012"
    fields = [{**row, "Value": number} if row["Key"] == "客户编号" else row for row in crm.customers[DOCUMENTED]]
    crm.add_customers({DOCUMENTED: fields})
    bot = await start_bot(customer_number_pattern=r"[0-9]{4}-[0-9]{2}-[0-9]{4}")
    await slack.command(DOCUMENTED)
    await idle(bot)
    assert await cards_after(bot, slack, f"客户{number}在催单")
    assert not await cards_after(bot, slack, f"{NUMBER} 2023-03-00123")
    [found] = (await slack.command(number)).shown
    assert number in found.text


async def test_card_for_a_reply_goes_into_the_same_thread(bot: WebProcess, slack: StandInSlack) -> None:
    first = await slack.post_message("有人在吗")
    [posted] = await cards_after(bot, slack, DOCUMENTED, thread_ts=first.ts)
    assert posted.thread_ts == first.ts


@pytest.mark.parametrize("subtype", ["file_share", "thread_broadcast", "me_message"])
async def test_what_people_say_with_a_subtype_gets_its_card(bot: WebProcess, slack: StandInSlack, subtype: str) -> None:
    assert await cards_after(bot, slack, DOCUMENTED, subtype=subtype)


async def test_customers_of_one_message_share_one_card(bot: WebProcess, slack: StandInSlack) -> None:
    [posted] = await cards_after(bot, slack, f"{DOCUMENTED} 和 {FACTORY}，还有 {DOCUMENTED}")
    details = [element for element in elements_of(posted.message.blocks) if element["action_id"] == CUSTOMER_DETAILS]
    assert [element["value"] for element in details] == [DOCUMENTED, FACTORY]
    assert_slack_takes(posted.message)


async def test_at_most_three_customers_of_a_message_get_a_card(
    bot: WebProcess, slack: StandInSlack, crm: SampleCrm
) -> None:
    [posted] = await cards_after(bot, slack, " ".join((DOCUMENTED, FACTORY, CLINIC, HOTEL)))
    details = [element for element in elements_of(posted.message.blocks) if element["action_id"] == CUSTOMER_DETAILS]
    assert [element["value"] for element in details] == [DOCUMENTED, FACTORY, CLINIC]
    assert crm.asked["GetCustomer"] == 3


async def test_unknown_customers_are_left_out_beside_a_known_one(bot: WebProcess, slack: StandInSlack) -> None:
    [posted] = await cards_after(bot, slack, f"{UNKNOWN} CF99999999 {DOCUMENTED}")
    assert posted.message.text == NAME


async def test_details_open_the_private_view_for_who_clicked(bot: WebProcess, slack: StandInSlack) -> None:
    [posted] = await cards_after(bot, slack, DOCUMENTED)
    await slack.click(CUSTOMER_DETAILS, DOCUMENTED, user=MANAGER, at=InMessage(posted))
    await idle(bot)
    modal = slack.modal(MANAGER)
    assert modal is not None
    assert "185 3962 2352" in "\n".join(texts_of_view(modal.view))
    assert slack.modal(USER) is None


async def test_nothing_private_is_in_any_thread_card(bot: WebProcess, slack: StandInSlack, crm: SampleCrm) -> None:
    for customer_id in crm.customers:
        await slack.post_message(customer_id)
    await idle(bot)
    assert len(slack.posts[CHANNEL]) == len(crm.customers)
    for posted in slack.posts[CHANNEL]:
        assert_slack_takes(posted.message)
    texts = "\n".join(everything_in(posted.message) for posted in slack.posts[CHANNEL])
    digits = digits_in(texts)
    assert not [number for number in long_numbers() if number in digits]
    assert not [value for value in private_values() if value in texts]


async def test_access_log_says_whose_message_was_answered(bot: WebProcess, slack: StandInSlack, logs: Logs) -> None:
    await cards_after(bot, slack, f"{DOCUMENTED} 欠款 13900001111")
    [line] = logs.lines("customer_lookup")
    assert {
        name: line[name] for name in ("team", "user", "channel", "surface", "read_as", "customer_id", "outcome")
    } == {
        "team": "T0PLAY",
        "user": "U0SALES",
        "channel": "C0GENERAL",
        "surface": "message",
        "read_as": "id",
        "customer_id": DOCUMENTED,
        "outcome": "found",
    }
    assert "13900001111" not in logs.text


# --- When none comes ------------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("known")
@pytest.mark.parametrize(
    "text",
    [
        pytest.param("明天开会", id="no customer"),
        pytest.param("CF99999999", id="an unknown number"),
        pytest.param(UNKNOWN, id="an unknown id"),
        pytest.param("CF00000179x", id="a number that goes on"),
        pytest.param("XCF00000179", id="a number that began before"),
        pytest.param("CF-00000179", id="a number in another spelling"),
        pytest.param(f"`{NUMBER}`", id="code"),
        pytest.param(f"看 ```SELECT {NUMBER}\n{DOCUMENTED}``` 这里", id="a block of code"),
        pytest.param(f"&gt; {NUMBER} 在催单\n知道了", id="a quote"),
        pytest.param(f"&gt;&gt;&gt; 昨天\n{NUMBER}\n{DOCUMENTED}", id="a quote to the end"),
        pytest.param(f"<mailto:{NUMBER}@example.com|{NUMBER}@example.com>", id="an address of mail"),
        pytest.param(f"<https://elsewhere.example.com/{DOCUMENTED}|{NUMBER}>", id="a link elsewhere"),
        pytest.param(f"https://elsewhere.example.com/{NUMBER}", id="a number in a link"),
        pytest.param("", id="nothing"),
    ],
)
async def test_message_that_names_no_customer_openly_gets_no_card(
    bot: WebProcess, slack: StandInSlack, text: str
) -> None:
    """Not a word: neither in the thread nor to the author."""
    assert not await cards_after(bot, slack, text)
    assert not slack.ephemerals
    assert not slack.asked_for("chat.postMessage")


async def test_event_that_says_that_the_channel_is_shared_is_believed(bot: WebProcess, slack: StandInSlack) -> None:
    """Whatever was known of the channel: the event that it was shared was lost."""
    assert await cards_after(bot, slack, DOCUMENTED)
    slack.channels[CHANNEL].is_ext_shared = True
    assert not await cards_after(bot, slack, FACTORY)
    assert reason(CardOutcome.EXTERNAL_CHANNEL) in (await why(slack)).text


async def test_link_belongs_to_the_unfurl_and_gets_no_thread_card(bot: WebProcess, slack: StandInSlack) -> None:
    said = await slack.post_message(f"请看 {link(DOCUMENTED)}")
    await idle(bot)
    assert not slack.posts[CHANNEL]
    assert list(slack.unfurls[said.ts]) == [link(DOCUMENTED)]
    assert reason(CardOutcome.POSTED) in (await why(slack)).text


@pytest.mark.parametrize(
    "message",
    [
        pytest.param({"bot_id": "B0OTHER"}, id="another bot"),
        pytest.param({"bot_id": "B0OTHER", "subtype": "bot_message", "username": "crm"}, id="a webhook"),
        pytest.param({"subtype": "bot_message"}, id="a bot that names no id"),
        pytest.param({"bot_id": BOT_ID, "user": BOT_USER}, id="itself"),
    ],
)
async def test_messages_of_bots_get_no_card(
    bot: WebProcess, slack: StandInSlack, crm: SampleCrm, message: dict[str, Any]
) -> None:
    """Two bots that answer each other would never end."""
    event = {"type": "message", "user": USER, "channel": CHANNEL, "text": DOCUMENTED, "ts": "1700000000.000001"}
    assert (await slack.event({**event, **message})).status == 200
    await idle(bot)
    assert not slack.posts[CHANNEL]
    assert not crm.asked


async def test_edit_that_adds_a_customer_gets_no_card(bot: WebProcess, slack: StandInSlack) -> None:
    said = await slack.post_message("稍等")
    exchange = await slack.edit_message(said, f"是 {DOCUMENTED}")
    assert exchange is not None
    assert exchange.status == 200
    await idle(bot)
    assert not slack.posts[CHANNEL]


async def test_the_bots_own_card_is_no_message_to_answer(bot: WebProcess, slack: StandInSlack, logs: Logs) -> None:
    """It comes back as an event, and names a customer; nothing of it is logged."""
    [posted] = await cards_after(bot, slack, DOCUMENTED)
    event = {"type": "message", "user": BOT_USER, "bot_id": BOT_ID, "channel": CHANNEL, "ts": posted.ts}
    content = {"text": posted.message.text, "blocks": posted.message.blocks, "thread_ts": posted.thread_ts}
    assert (await slack.event({**event, **content})).status == 200
    await idle(bot)
    assert len(slack.posts[CHANNEL]) == 1
    assert "胡效鑫1" not in logs.text


@pytest.mark.parametrize(
    ("channel", "outcome"),
    [(SHARED_CHANNEL, CardOutcome.EXTERNAL_CHANNEL), (CHANNEL, CardOutcome.EXTERNAL_CHANNEL)],
    ids=["shared", "about to be shared"],
)
async def test_external_channel_gets_no_card(
    bot: WebProcess, slack: StandInSlack, crm: SampleCrm, channel: str, outcome: CardOutcome
) -> None:
    slack.channels[CHANNEL].is_pending_ext_shared = True
    assert not await cards_after(bot, slack, DOCUMENTED, channel=channel)
    assert not crm.asked
    assert reason(outcome) in (await why(slack, channel=channel)).text


async def test_private_channel_with_the_bot_gets_its_card(bot: WebProcess, slack: StandInSlack) -> None:
    slack.channels[PRIVATE_CHANNEL].is_member = True
    assert await cards_after(bot, slack, DOCUMENTED, channel=PRIVATE_CHANNEL)


async def test_where_the_bot_is_no_member_it_hears_nothing(bot: WebProcess, slack: StandInSlack) -> None:
    for channel in (FOREIGN_CHANNEL, PRIVATE_CHANNEL, DIRECT_MESSAGE):
        said = await slack.post_message(DOCUMENTED, channel=channel)
        assert said.message is None
    await idle(bot)
    assert not slack.posts


async def test_direct_messages_get_no_card_even_if_slack_tells_of_them(
    bot: WebProcess, slack: StandInSlack, crm: SampleCrm
) -> None:
    event = {"type": "message", "user": USER, "channel_type": "im", "text": DOCUMENTED, "ts": "1.1"}
    for channel in (DIRECT_MESSAGE, "G0MPIM", "", None, "nonsense"):
        assert (await slack.event({**event, "channel": channel})).status == 200
    await idle(bot)
    assert not slack.asked_for("chat.postMessage")
    assert not crm.asked


@pytest.mark.parametrize(("choice", "who"), [("mute_channel", USER), ("mute_day", USER), ("mute_me", MANAGER)])
async def test_menu_of_the_card_turns_cards_off(
    bot: WebProcess, slack: StandInSlack, clock: Clock, choice: str, who: str
) -> None:
    """The channel's for everybody, one's own for nobody else; after a day a pause is over."""
    [posted] = await cards_after(bot, slack, DOCUMENTED, user=MANAGER)
    [notice] = await (await slack.choose(CUSTOMER_MENU, choice, user=MANAGER, at=InMessage(posted))).answers(1)
    assert elements_of(notice.blocks)
    assert not await cards_after(bot, slack, FACTORY, user=MANAGER)
    assert bool(await cards_after(bot, slack, CLINIC, user=USER)) is (who == MANAGER)
    clock.advance(86_401)
    assert bool(await cards_after(bot, slack, HOTEL, user=MANAGER)) is (choice == "mute_day")


@pytest.mark.parametrize("choice", ["mute_channel", "mute_me"])
async def test_undo_turns_cards_on_again(bot: WebProcess, slack: StandInSlack, choice: str) -> None:
    [posted] = await cards_after(bot, slack, DOCUMENTED)
    [notice] = await (await slack.choose(CUSTOMER_MENU, choice, at=InMessage(posted))).answers(1)
    assert not await cards_after(bot, slack, FACTORY)
    [undo] = elements_of(notice.blocks)
    await (await slack.click(undo["action_id"], undo["value"])).answers(1)
    assert await cards_after(bot, slack, FACTORY)


async def test_mute_holds_on_enterprise_grid_where_events_name_no_team(bot: WebProcess, slack: StandInSlack) -> None:
    """There ``team_id`` may be null; the authorization says whose the event is."""
    [posted] = await cards_after(bot, slack, DOCUMENTED)
    await (await slack.choose(CUSTOMER_MENU, "mute_channel", at=InMessage(posted))).answers(1)
    said = await slack.post_message("第一条")
    assert said.message is not None
    event = {**said.message.request["event"], "text": FACTORY}
    exchange = slack.new_exchange()
    exchange.request = {**said.message.request, "team_id": None, "event_id": "EvGrid", "event": event}
    assert (await slack.deliver(exchange, "events_api")).status == 200
    await idle(bot)
    assert len(slack.posts[CHANNEL]) == 1


async def test_without_a_database_no_card_comes(start_bot: StartBot, slack: StandInSlack, crm: SampleCrm) -> None:
    """Nobody can tell then whether cards are wanted here."""
    bot = await start_bot(database_url=NO_DATABASE, database_opens=False)
    assert not await cards_after(bot, slack, DOCUMENTED)
    assert not crm.asked
    assert "数据库" in (await why(slack)).text


async def test_with_the_crm_down_there_is_no_card(bot: WebProcess, slack: StandInSlack, crm: SampleCrm) -> None:
    crm.fault = Fault(status=404, body=b"gone")
    assert not await cards_after(bot, slack, DOCUMENTED)
    assert not slack.ephemerals
    assert reason(CardOutcome.CRM_SILENT) in (await why(slack)).text


async def test_old_copy_says_how_old_it_is(bot: WebProcess, slack: StandInSlack, crm: SampleCrm, clock: Clock) -> None:
    await cards_after(bot, slack, DOCUMENTED)
    crm.fault = Fault(status=404, body=b"gone")
    clock.advance(7_200)
    [posted] = await cards_after(bot, slack, DOCUMENTED)
    assert "这是 2 小时前的副本" in "\n".join(texts_of(posted.message))


# --- The cooldown ---------------------------------------------------------------------------------------------------


async def test_second_card_of_a_customer_waits_for_the_cooldown(
    bot: WebProcess, slack: StandInSlack, clock: Clock
) -> None:
    assert await cards_after(bot, slack, DOCUMENTED)
    clock.advance(COOLDOWN - 1)
    assert not await cards_after(bot, slack, NUMBER, user=MANAGER)
    assert reason(CardOutcome.COOLDOWN) in (await why(slack)).text
    clock.advance(2)
    assert await cards_after(bot, slack, NUMBER)


async def test_cooldown_is_a_setting(start_bot: StartBot, slack: StandInSlack, clock: Clock) -> None:
    bot = await start_bot(thread_card_cooldown_seconds=60)
    assert await cards_after(bot, slack, DOCUMENTED)
    assert not await cards_after(bot, slack, DOCUMENTED)
    clock.advance(61)
    assert await cards_after(bot, slack, DOCUMENTED)


async def test_cooldown_is_of_one_customer_in_one_channel(bot: WebProcess, slack: StandInSlack) -> None:
    slack.channels[FOREIGN_CHANNEL].is_member = True
    assert await cards_after(bot, slack, DOCUMENTED)
    assert await cards_after(bot, slack, DOCUMENTED, channel=FOREIGN_CHANNEL)
    [posted] = await cards_after(bot, slack, f"{DOCUMENTED} {FACTORY}")
    assert posted.message.text == "杭州岚峤精密机械有限公司  CF00000201"


async def test_message_during_the_cooldown_does_not_prolong_it(
    bot: WebProcess, slack: StandInSlack, clock: Clock
) -> None:
    assert await cards_after(bot, slack, DOCUMENTED)
    clock.advance(COOLDOWN - 10)
    assert not await cards_after(bot, slack, DOCUMENTED)
    clock.advance(11)
    assert await cards_after(bot, slack, DOCUMENTED)


async def test_cooldown_outlives_the_process(
    start_bot: StartBot, slack: StandInSlack, clock: Clock, database: str
) -> None:
    assert await cards_after(await start_bot(), slack, DOCUMENTED)
    second = await start_bot(database_url=database)
    assert not await cards_after(second, slack, DOCUMENTED)
    clock.advance(COOLDOWN + 1)
    assert await cards_after(second, slack, DOCUMENTED)


async def test_unfurl_does_not_count_for_the_cooldown(bot: WebProcess, slack: StandInSlack) -> None:
    """Nor does the cooldown count for unfurls."""
    for _ in range(2):
        said = await slack.post_message(link(DOCUMENTED))
        await idle(bot)
        assert slack.unfurls[said.ts]
    assert await cards_after(bot, slack, DOCUMENTED)
    said = await slack.post_message(link(DOCUMENTED))
    await idle(bot)
    assert slack.unfurls[said.ts]


async def test_share_does_not_count_for_the_cooldown(bot: WebProcess, slack: StandInSlack) -> None:
    await slack.click(CUSTOMER_SHARE, DOCUMENTED, at=Ephemeral(CHANNEL))
    await idle(bot)
    modal = slack.modal()
    assert modal is not None
    chosen = {"channel": {"channel": {"type": "conversations_select", "selected_conversation": CHANNEL}}}
    await slack.submit(modal.view_id, chosen)
    await idle(bot)
    assert len(slack.posts[CHANNEL]) == 1
    assert await cards_after(bot, slack, DOCUMENTED)


@pytest.mark.parametrize(
    "refusal",
    ["not_in_channel", "channel_not_found", "is_archived", "restricted_action"],
)
async def test_post_that_slack_refuses_leaves_the_customer_free(
    bot: WebProcess, slack: StandInSlack, logs: Logs, refusal: str
) -> None:
    """The next message gets the card; /customer why explains the refused one."""
    slack.refuse["chat.postMessage"] = [refusal]
    assert not await cards_after(bot, slack, DOCUMENTED)
    assert len(slack.asked_for("chat.postMessage")) == 1
    assert [(line["level"], line["reason"]) for line in logs.lines("thread_card_refused")] == [("error", refusal)]
    assert reason(CardOutcome.SLACK_REFUSED) in (await why(slack)).text
    assert await cards_after(bot, slack, DOCUMENTED)


async def test_post_that_never_reached_slack_leaves_the_customer_free(
    bot: WebProcess, slack: StandInSlack, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No connection came about: the card cannot be there."""
    call = AsyncWebClient.api_call

    async def refusing(client: AsyncWebClient, method: str, **request: Any) -> Any:
        if method == "chat.postMessage":
            raise ConnectionRefusedError
        return await call(client, method, **request)

    with monkeypatch.context() as refused:
        refused.setattr(AsyncWebClient, "api_call", refusing)
        assert not await cards_after(bot, slack, DOCUMENTED)
    assert await cards_after(bot, slack, DOCUMENTED)


async def test_text_goes_alone_where_slack_refuses_the_blocks(bot: WebProcess, slack: StandInSlack) -> None:
    slack.refuse["chat.postMessage"] = ["invalid_blocks"]
    [posted] = await cards_after(bot, slack, DOCUMENTED)
    assert (posted.message.text, posted.message.blocks) == (NAME, [])
    assert posted.thread_ts


@pytest.mark.parametrize("refusal", [PlainTextResponse("oops", 500), PlainTextResponse("", 503)], ids=["500", "503"])
async def test_post_that_may_have_arrived_is_not_sent_again(
    bot: WebProcess, slack: StandInSlack, refusal: Response
) -> None:
    slack.refuse["chat.postMessage"] = [refusal]
    assert not await cards_after(bot, slack, DOCUMENTED)
    assert len(slack.asked_for("chat.postMessage")) == 1


async def test_post_that_is_limited_is_sent_again_after_retry_after(bot: WebProcess, slack: StandInSlack) -> None:
    limited = JSONResponse({"ok": False, "error": "ratelimited"}, 429, {"Retry-After": "0"})
    slack.refuse["chat.postMessage"] = [limited, limited]
    assert len(await cards_after(bot, slack, DOCUMENTED)) == 1


async def test_many_messages_at_once_get_one_card(bot: WebProcess, slack: StandInSlack) -> None:
    await asyncio.gather(*(slack.post_message(DOCUMENTED) for _ in range(10)))
    await idle(bot)
    assert len(slack.posts[CHANNEL]) == 1


async def test_two_processes_on_one_database_post_one_card(
    start_bot: StartBot, slack: StandInSlack, database: str
) -> None:
    """Both receive the same event, and both are about to post."""
    first = await start_bot()
    address = slack.bot_address
    second = await start_bot(database_url=database)
    release = slack.hold["conversations.info"] = asyncio.Event()
    said = await slack.post_message(DOCUMENTED)
    assert said.message is not None
    slack.bot_address = address
    await slack.redeliver(said.message)
    await slack.until(lambda: len(slack.asked_for("conversations.info")) == 2)
    release.set()
    await idle(first)
    await idle(second)
    assert len(slack.posts[CHANNEL]) == 1


async def test_two_processes_and_two_messages_post_one_card(
    start_bot: StartBot, slack: StandInSlack, database: str
) -> None:
    """The cooldown is the database's."""
    first = await start_bot()
    address = slack.bot_address
    second = await start_bot(database_url=database)
    release = slack.hold["conversations.info"] = asyncio.Event()
    await slack.post_message(DOCUMENTED)
    slack.bot_address = address
    await slack.post_message(DOCUMENTED)
    await slack.until(lambda: len(slack.asked_for("conversations.info")) == 2)
    release.set()
    await idle(first)
    await idle(second)
    assert len(slack.posts[CHANNEL]) == 1


# --- Whatever Slack sends -------------------------------------------------------------------------------------------

SUBTYPES = (
    "assistant_app_thread", "bot_add", "bot_disable", "bot_enable", "bot_message", "bot_remove", "channel_archive",
    "channel_canvas_updated", "channel_convert_to_private", "channel_convert_to_public", "channel_join",
    "channel_leave", "channel_name", "channel_posting_permissions", "channel_purpose", "channel_topic",
    "channel_unarchive", "document_mention", "ekm_access_denied", "file_comment", "file_mention", "file_share",
    "group_archive", "group_join", "group_leave", "group_name", "group_purpose", "group_topic", "group_unarchive",
    "huddle_thread", "joiner_notification", "me_message", "message_changed", "message_deleted", "message_replied",
    "pinned_item", "reminder_add", "reply_broadcast", "sh_room_created", "tabbed_canvas_updated", "thread_broadcast",
    "unpinned_item",
)  # fmt: skip
"""https://docs.slack.dev/reference/events/message"""
SPOKEN = ("file_share", "thread_broadcast", "me_message")


async def test_every_subtype_is_answered_and_what_nobody_said_gets_no_card(
    bot: WebProcess, slack: StandInSlack, crm: SampleCrm
) -> None:
    """A 404 would bring the same event three times more."""
    message = {"type": "message", "user": USER, "text": DOCUMENTED, "ts": "1700000000.000001"}
    inner = {"message": message, "previous_message": message, "deleted_ts": message["ts"], "inviter": USER}
    for subtype in set(SUBTYPES) - set(SPOKEN):
        assert (await slack.event({**message, **inner, "channel": CHANNEL, "subtype": subtype})).status == 200
    await idle(bot)
    assert not slack.asked_for("chat.postMessage")
    assert not crm.asked


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=10),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)
texts = st.text(max_size=20) | st.sampled_from(
    [
        f"`{DOCUMENTED}`",
        "<",
        "<<>>",
        "`",
        "```",
        "&gt;",
        "&gt;&gt;&gt;",
        "<https://",
        "CF",
        "CF00000000",
        "\ud800",
        "\x00",
    ]
)
objects = st.dictionaries(st.sampled_from(["text", "name", "blocks", "real_name"]), anything, max_size=3)
odd_events = st.fixed_dictionaries(
    {"type": st.just("message")},
    optional={
        "subtype": st.none() | st.text(max_size=10) | st.sampled_from(SUBTYPES),
        "user": st.none() | st.text(max_size=10) | objects | st.just(USER),
        "channel": st.none() | st.text(max_size=10) | objects | st.just(CHANNEL),
        "text": texts | anything,
        "ts": st.none() | st.text(max_size=10),
        "thread_ts": st.none() | st.text(max_size=10),
        "bot_id": st.none() | st.text(max_size=10),
        "message": objects,
        "previous_message": objects,
        "blocks": anything,
        "attachments": anything,
        "files": anything,
        "edited": anything,
        "hidden": anything,
        "channel_type": anything,
        "bot_profile": anything,
    },
)


@settings(max_examples=100, suppress_health_check=list(HealthCheck))
@given(event=odd_events)
async def test_any_event_of_a_message_is_answered(
    bot: WebProcess, slack: StandInSlack, crm: SampleCrm, logs: Logs, event: dict[str, Any]
) -> None:
    """In the shapes that Slack documents, whatever stands in them."""
    assert (await slack.event(event)).status == 200
    await idle(bot)
    assert not slack.posts
    assert not crm.asked
    assert not [line for line in logs.lines() if "exception" in line]
