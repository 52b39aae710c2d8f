"""Both shortcuts and their modal, end to end: customers in any message, one's own customers, and typing."""

import asyncio
import json
from typing import Any, Final

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from starlette.responses import PlainTextResponse, Response

from bot.cards.action_ids import (
    CUSTOMER_PICK,
    CUSTOMER_REFRESH,
    CUSTOMER_SEARCH,
    CUSTOMER_SHARE,
    FIND_CUSTOMER,
    LOOKUP_IN_MESSAGE,
)
from bot.errors import Trouble
from bot.playground.fake_crm.server import FAULTS, SampleCrm
from bot.playground.fake_slack.server import (
    ARCHIVED_CHANNEL,
    BOT_ID,
    BOT_USER,
    CHANNEL,
    DIRECT_MESSAGE,
    FOREIGN_CHANNEL,
    MANAGER,
    PRIVATE_CHANNEL,
    SHARED_CHANNEL,
    USER,
    Exchange,
    InView,
    ShownView,
    StandInSlack,
)
from bot.server.http import WebProcess
from tests.conftest import Clock, Logs, StartBot
from tests.support.block_kit import elements_of, foreign_texts
from tests.support.modals import (  # noqa: F401  # fixtures
    CODE,
    EN,
    GONE,
    ZH,
    Do,
    element,
    everything_posted,
    expired,
    hang_fixture,
    hurry_fixture,
    limited,
    modal_of,
    only_answer,
    renamed,
    submit_again,
    text_of,
    typed,
    values_in,
)
from tests.support.surfaces import CLINIC, DOCUMENTED, FACTORY, HOTEL, NO_DATABASE, UNKNOWN, idle, link

NAME: Final = "胡效鑫1"
PHONE: Final = "185 3962 2352"
FACTORY_NAME: Final = "杭州岚峤精密机械有限公司"


def said(text: str, **others: Any) -> dict[str, Any]:
    """A message as it is in a shortcut's payload."""
    return {"type": "message", "user": MANAGER, "text": text, "ts": "1700000000.000100", **others}


async def looked_up(
    bot: WebProcess, slack: StandInSlack, message: dict[str, Any], *, user: str = USER, channel: str = CHANNEL
) -> ShownView:
    """The modal that comes of the message shortcut."""
    exchange = await slack.message_shortcut(LOOKUP_IN_MESSAGE, message, user=user, channel=channel)
    modal = await modal_of(bot, slack, user)
    assert (exchange.status, exchange.shown) == (200, [])
    assert slack.modals[user] == [modal]
    assert not everything_posted(slack)
    return modal


async def find(bot: WebProcess, slack: StandInSlack, user: str = USER) -> ShownView:
    """The modal that comes of the global shortcut."""
    assert (await slack.global_shortcut(FIND_CUSTOMER, user=user)).status == 200
    return await modal_of(bot, slack, user)


async def type_in(bot: WebProcess, slack: StandInSlack, text: str, user: str = USER) -> ShownView:
    """What the modal shows once ``text`` was typed and sent."""
    modal = await find(bot, slack, user)
    exchange = await slack.submit(modal.view_id, typed(text), user=user)
    assert (exchange.status, exchange.shown) == (200, [])
    assert await modal_of(bot, slack, user) is modal
    return modal


async def see(bot: WebProcess, slack: StandInSlack, *customers: str, user: str = USER) -> None:
    """``user`` looks customers up, one after the other."""
    for customer_id in customers:
        await slack.command(customer_id, user=user)
        await idle(bot)


def has_input(modal: ShownView) -> bool:
    return modal.view.get("callback_id") == FIND_CUSTOMER and "input" in [b["type"] for b in modal.view["blocks"]]


# --- The message shortcut: one customer ------------------------------------------------------------------------------


async def test_message_that_names_one_customer_opens_the_details(bot: WebProcess, slack: StandInSlack) -> None:
    """What a user asks about is looked for everywhere, also where no card would come by itself."""
    for text in (
        f"请看 {DOCUMENTED}",
        f"请看 <{link(DOCUMENTED)}>",
        f"<{link(DOCUMENTED)}|胡先生>",
        f"{DOCUMENTED.upper()} 和 {DOCUMENTED}",
        f"`{DOCUMENTED}`",
        f"&gt; {DOCUMENTED}",
        f"tel:18539622352 {DOCUMENTED}",
    ):
        modal = await looked_up(bot, slack, said(text))
        assert PHONE in text_of(modal), text
        assert element(modal, CUSTOMER_REFRESH)["value"] == DOCUMENTED


async def test_message_that_names_a_number_opens_the_details(bot: WebProcess, slack: StandInSlack) -> None:
    await see(bot, slack, DOCUMENTED, user=MANAGER)
    assert PHONE in text_of(await looked_up(bot, slack, said("客户cf00000179？不，是 CF00000179。")))


async def test_customer_that_is_named_by_its_number_and_its_id_is_one(bot: WebProcess, slack: StandInSlack) -> None:
    await see(bot, slack, DOCUMENTED, user=MANAGER)
    for text in (f"CF00000179 {DOCUMENTED}", f"{DOCUMENTED}（CF00000179）", f"<{link(DOCUMENTED)}|CF00000179 没到货>"):
        assert PHONE in text_of(await looked_up(bot, slack, said(text))), text


async def test_the_bots_own_card_leads_to_its_customer(bot: WebProcess, slack: StandInSlack) -> None:
    """Its text has the number, its buttons have the id."""
    await slack.post_message(DOCUMENTED)
    await idle(bot)
    [posted] = slack.posts[CHANNEL]
    message = {"user": BOT_USER, "bot_id": BOT_ID, **slack.messages[CHANNEL, posted.ts], "ts": posted.ts}
    slack.posts.clear()
    assert PHONE in text_of(await looked_up(bot, slack, message))


HIDDEN: dict[str, dict[str, Any]] = {
    "a section": {"blocks": [{"type": "section", "text": {"type": "mrkdwn", "text": f"*客户* {DOCUMENTED}"}}]},
    "a field": {"blocks": [{"type": "section", "fields": [{"type": "plain_text", "text": DOCUMENTED}]}]},
    "a header": {"blocks": [{"type": "header", "text": {"type": "plain_text", "text": DOCUMENTED}}]},
    "rich text": {
        "blocks": [
            {
                "type": "rich_text",
                "elements": [{"type": "rich_text_section", "elements": [{"type": "text", "text": f"看 {DOCUMENTED}"}]}],
            }
        ]
    },
    "a link in rich text": {
        "blocks": [
            {
                "type": "rich_text",
                "elements": [
                    {
                        "type": "rich_text_list",
                        "elements": [
                            {"type": "rich_text_section", "elements": [{"type": "link", "url": link(DOCUMENTED)}]}
                        ],
                    }
                ],
            }
        ]
    },
    "a button": {
        "blocks": [
            {"type": "actions", "elements": [{"type": "button", "action_id": "a", "url": link(DOCUMENTED)}]},
        ]
    },
    "an attachment": {"attachments": [{"fallback": "工单", "text": f"客户 {DOCUMENTED}"}]},
    "an attachment's field": {"attachments": [{"fields": [{"title": "客户", "value": DOCUMENTED, "short": True}]}]},
    "an attachment's title": {"attachments": [{"title": "客户", "title_link": link(DOCUMENTED)}]},
    "an attachment's blocks": {
        "attachments": [{"blocks": [{"type": "section", "text": {"type": "mrkdwn", "text": DOCUMENTED}}]}]
    },
    "a mail's body": {"files": [{"mode": "email", "subject": "报修", "plain_text": f"客户 {DOCUMENTED}"}]},
    "a mail's subject": {"files": [{"mode": "email", "subject": f"报修 {DOCUMENTED}", "plain_text": "见附件"}]},
    "a mail's sender": {"files": [{"from": [{"address": "903146517@qq.com", "name": "胡", "original": "胡"}]}]},
    "a snippet": {"files": [{"mode": "snippet", "preview": f"客户 {DOCUMENTED}"}]},
    "a voice clip": {"files": [{"transcription": {"preview": {"content": f"客户 {DOCUMENTED}"}}}]},
    "a long text": {"text": "说" * 10_000 + DOCUMENTED},
    "italics of a bot": {"blocks": [{"type": "section", "text": {"type": "mrkdwn", "text": f"客户: _{DOCUMENTED}_"}}]},
    "a link that was unfurled": {"attachments": [{"from_url": link(DOCUMENTED), "text": "…"}]},
}


async def test_customer_is_found_in_blocks_and_attachments(bot: WebProcess, slack: StandInSlack) -> None:
    """The text of another bot's message may be empty, or may say something else."""
    for name, content in HIDDEN.items():
        for text in ("", None, "新工单"):
            message = {"type": "message", "subtype": "bot_message", "bot_id": "B0OTHER", "text": text, **content}
            assert PHONE in text_of(await looked_up(bot, slack, message)), name


async def test_message_shortcut_works_in_every_channel(bot: WebProcess, slack: StandInSlack) -> None:
    """Whether or not the bot is there: the answer is seen by the one who asked alone."""
    message = said(DOCUMENTED, thread_ts="1699999999.000100")
    for channel in (CHANNEL, FOREIGN_CHANNEL, PRIVATE_CHANNEL, SHARED_CHANNEL, ARCHIVED_CHANNEL, DIRECT_MESSAGE):
        assert PHONE in text_of(await looked_up(bot, slack, message, channel=channel)), channel
    assert list(slack.modals) == [USER]


async def test_message_shortcut_speaks_the_language_of_who_asked(bot: WebProcess, slack: StandInSlack) -> None:
    modal = await looked_up(bot, slack, said(DOCUMENTED), user=MANAGER)
    assert EN.only_you in text_of(modal)


async def test_share_from_a_message_goes_to_the_channel_of_the_message(bot: WebProcess, slack: StandInSlack) -> None:
    modal = await looked_up(bot, slack, said(DOCUMENTED), channel=FOREIGN_CHANNEL)
    await slack.click(CUSTOMER_SHARE, DOCUMENTED, at=InView(modal.view_id))
    [choice] = [block for block in (await modal_of(bot, slack)).view["blocks"] if block["type"] == "input"]
    assert choice["element"]["initial_conversation"] == FOREIGN_CHANNEL


async def test_message_shortcut_opens_with_a_waiting_line_while_the_crm_is_slow(
    bot: WebProcess, slack: StandInSlack, crm: SampleCrm, hang: Do
) -> None:
    hang()
    assert (await slack.message_shortcut(LOOKUP_IN_MESSAGE, said(DOCUMENTED))).status == 200
    modal = await slack.until(slack.modal)
    assert ZH.modal.loading in text_of(modal)
    crm.release()
    assert await modal_of(bot, slack) is modal
    assert PHONE in text_of(modal)
    assert len(modal.history) == 2


async def test_message_shortcut_whose_modal_was_closed_opens_none_again(
    bot: WebProcess, slack: StandInSlack, crm: SampleCrm, hang: Do
) -> None:
    hang()
    exchange = await slack.message_shortcut(LOOKUP_IN_MESSAGE, said(DOCUMENTED))
    await slack.close((await slack.until(slack.modal)).view_id)
    crm.release()
    await idle(bot)
    assert (slack.modal(), exchange.shown) == (None, [])


async def test_message_shortcut_without_the_crm_says_why_and_retry_brings_the_details(
    bot: WebProcess, slack: StandInSlack, crm: SampleCrm
) -> None:
    crm.fault = FAULTS["refused"]
    modal = await looked_up(bot, slack, said(DOCUMENTED))
    assert ZH.trouble[Trouble.REFUSED] in text_of(modal)
    assert CODE.search(text_of(modal))
    crm.fault = None
    await slack.click(CUSTOMER_REFRESH, element(modal, CUSTOMER_REFRESH)["value"], at=InView(modal.view_id))
    assert await modal_of(bot, slack) is modal
    assert PHONE in text_of(modal)


async def test_two_rapid_message_shortcuts_leave_one_modal(
    bot: WebProcess, slack: StandInSlack, crm: SampleCrm
) -> None:
    message = said(DOCUMENTED)
    both = await asyncio.gather(*(slack.message_shortcut(LOOKUP_IN_MESSAGE, message) for _ in range(2)))
    modal = await modal_of(bot, slack)
    assert [(exchange.status, exchange.shown) for exchange in both] == [(200, []), (200, [])]
    assert slack.modals[USER] == [modal]
    assert PHONE in text_of(modal)
    assert crm.asked["GetCustomer"] == 1


async def test_access_log_names_the_shortcut_and_never_the_text(
    bot: WebProcess, slack: StandInSlack, logs: Logs
) -> None:
    await looked_up(bot, slack, said(f"秘密 {DOCUMENTED}"), channel=FOREIGN_CHANNEL)
    [line] = logs.lines("customer_lookup")
    assert (line["surface"], line["read_as"], line["channel"]) == ("message_shortcut", "id", FOREIGN_CHANNEL)
    assert "秘密" not in logs.text


# --- The message shortcut: several, none -----------------------------------------------------------------------------


async def test_message_that_names_several_customers_is_a_list_to_pick_from(
    bot: WebProcess, slack: StandInSlack
) -> None:
    """In the order of the message, each once; picking opens the details on top."""
    text = f"{FACTORY} 和 <{link(DOCUMENTED)}>，还有 {FACTORY.upper()}"
    modal = await looked_up(bot, slack, said(text))
    assert ZH.modal.several(2) in text_of(modal)
    assert values_in(modal, CUSTOMER_PICK) == [FACTORY, DOCUMENTED]
    assert FACTORY_NAME in text_of(modal)
    assert PHONE not in text_of(modal)
    await slack.click(CUSTOMER_PICK, DOCUMENTED, at=InView(modal.view_id))
    assert PHONE in text_of(await modal_of(bot, slack))
    assert len(slack.modals[USER]) == 2


async def test_list_says_which_customers_there_are_not(bot: WebProcess, slack: StandInSlack) -> None:
    await see(bot, slack, DOCUMENTED)
    modal = await looked_up(bot, slack, said(f"CF00000179 {UNKNOWN} CF99999999 {FACTORY}"))
    assert values_in(modal, CUSTOMER_PICK) == [DOCUMENTED, FACTORY]
    assert ZH.modal.not_found(UNKNOWN) in text_of(modal)
    assert ZH.modal.not_found("CF99999999") in text_of(modal)


async def test_list_says_why_the_crm_did_not_answer(bot: WebProcess, slack: StandInSlack, crm: SampleCrm) -> None:
    """Of those that have a copy it is shown."""
    await see(bot, slack, DOCUMENTED)
    crm.fault = GONE
    modal = await looked_up(bot, slack, said(f"{DOCUMENTED} {FACTORY}"))
    assert values_in(modal, CUSTOMER_PICK) == [DOCUMENTED]
    assert FACTORY in text_of(modal)
    assert CODE.search(text_of(modal))


def guids(count: int) -> list[str]:
    return [f"{number:08x}-0000-4000-8000-000000000000" for number in range(count)]


async def test_ten_customers_of_a_message_are_looked_up(bot: WebProcess, slack: StandInSlack, crm: SampleCrm) -> None:
    """The list says how many others there are."""
    ids = guids(40)
    crm.customers.update({each: renamed(crm.customers[DOCUMENTED], f"客户{each[:8]}") for each in ids})
    for count, left_out in ((10, 0), (11, 1), (40, 30)):
        modal = await looked_up(bot, slack, said(" ".join(ids[:count])))
        assert ZH.modal.several(10) in text_of(modal)
        assert values_in(modal, CUSTOMER_PICK) == ids[:10]
        assert (ZH.modal.left_out(left_out) in text_of(modal)) is (left_out > 0)
    assert crm.asked["GetCustomer"] == 10


SILENT: tuple[dict[str, Any], ...] = (
    said("有人在吗？"),
    said(""),
    said("CF123，订单 550e8400-e29b，2023-03-07 12:30"),
    {"type": "message"},
    {"ts": "1.1", "text": None, "blocks": None, "attachments": None},
)


async def test_message_without_customers_says_what_was_looked_for_and_offers_the_input(
    bot: WebProcess, slack: StandInSlack, crm: SampleCrm
) -> None:
    """With the person's own customers under it. What is typed is answered in the same modal."""
    await see(bot, slack, FACTORY)
    crm.asked.clear()
    for message in SILENT:
        modal = await looked_up(bot, slack, message)
        assert ZH.modal.nothing_found in text_of(modal), message
        assert ZH.modal.looked_for in text_of(modal)
        assert has_input(modal)
        assert values_in(modal, CUSTOMER_PICK) == [FACTORY]
    assert not crm.asked
    assert (await slack.submit(modal.view_id, typed(DOCUMENTED))).status == 200
    assert PHONE in text_of(await modal_of(bot, slack))


# --- What Slack refuses ----------------------------------------------------------------------------------------------


async def test_message_shortcut_that_opens_nothing_is_reported_in_a_message(
    bot: WebProcess, slack: StandInSlack, logs: Logs
) -> None:
    """At once, and not after Retry-After: by then the trigger id is void."""
    refusals: tuple[Response | str, ...] = (
        "expired_trigger_id",
        "exchanged_trigger_id",
        limited("30"),
        PlainTextResponse("", 500),
    )
    for count, refusal in enumerate(refusals, start=1):
        slack.refuse["views.open"] = [refusal]
        message = await only_answer(bot, await slack.message_shortcut(LOOKUP_IN_MESSAGE, said(DOCUMENTED)))
        assert logs.lines("view_not_opened")[-1]["code"] in str(message.blocks)
        assert len(slack.asked_for("views.open")) == count
    assert slack.modal() is None


async def test_message_shortcut_without_any_way_to_answer_is_logged(
    bot: WebProcess, slack: StandInSlack, logs: Logs
) -> None:
    slack.refuse["views.open"] = ["expired_trigger_id"]
    slack.refusals = [expired()]
    await slack.message_shortcut(LOOKUP_IN_MESSAGE, said(DOCUMENTED), channel=FOREIGN_CHANNEL)
    await idle(bot)
    assert [line["reason"] for line in logs.lines("answer_not_delivered")] == ["not_in_channel"]


async def test_global_shortcut_that_opens_nothing_is_logged_with_a_code(
    bot: WebProcess, slack: StandInSlack, logs: Logs
) -> None:
    """There is no message and no channel in which it could be said."""
    slack.refuse["views.open"] = ["expired_trigger_id"]
    assert (await slack.global_shortcut(FIND_CUSTOMER)).status == 200
    await idle(bot)
    [line] = logs.lines("view_not_opened")
    assert CODE.fullmatch(line["code"])
    assert not everything_posted(slack)


async def test_modal_that_slack_refuses_comes_as_text(bot: WebProcess, slack: StandInSlack) -> None:
    for word in ("invalid_arguments", "invalid_blocks", "view_too_large"):
        slack.refuse["views.open"] = [word, word]
        modal = await looked_up(bot, slack, said(f"{DOCUMENTED} {FACTORY}"))
        assert NAME in text_of(modal)
        assert [block["type"] for block in modal.view["blocks"]] == ["section"]


# --- The global shortcut ---------------------------------------------------------------------------------------------


async def test_global_shortcut_opens_the_input_alone_for_who_has_no_customers_yet(
    bot: WebProcess, slack: StandInSlack, crm: SampleCrm
) -> None:
    modal = await find(bot, slack)
    assert has_input(modal)
    assert [one["action_id"] for one in elements_of(modal.view["blocks"])] == [CUSTOMER_SEARCH]
    assert not crm.asked


async def test_ones_own_customers_stand_under_the_input_the_latest_first(
    bot: WebProcess, slack: StandInSlack, clock: Clock
) -> None:
    """Pinned ones above. Seeing one again puts it on top."""
    for customer_id in (DOCUMENTED, FACTORY, CLINIC, DOCUMENTED):
        clock.advance(1)
        await see(bot, slack, customer_id)
    await slack.choose("customer_menu", f"pin {HOTEL}")
    modal = await find(bot, slack)
    assert values_in(modal, CUSTOMER_PICK) == [HOTEL, DOCUMENTED, CLINIC, FACTORY]
    titles = text_of(modal)
    assert titles.index(ZH.modal.pinned) < titles.index("三亚屿澜海景酒店") < titles.index(ZH.modal.recent)


async def test_other_peoples_customers_are_not_among_ones_own(bot: WebProcess, slack: StandInSlack) -> None:
    await see(bot, slack, DOCUMENTED, user=MANAGER)
    await slack.choose("customer_menu", f"pin {CLINIC}", user=MANAGER)
    await see(bot, slack, FACTORY)
    assert values_in(await find(bot, slack), CUSTOMER_PICK) == [FACTORY]
    assert values_in(await find(bot, slack, MANAGER), CUSTOMER_PICK) == [CLINIC, DOCUMENTED]


async def test_every_way_of_seeing_a_customer_is_remembered(bot: WebProcess, slack: StandInSlack, clock: Clock) -> None:
    """What others were shown is not: a channel card is nobody's own."""
    await slack.post_message(HOTEL)
    await idle(bot)
    await slack.click("customer_details", DOCUMENTED)
    await idle(bot)
    clock.advance(1)
    await slack.message_shortcut(LOOKUP_IN_MESSAGE, said(FACTORY))
    await idle(bot)
    clock.advance(1)
    await type_in(bot, slack, CLINIC)
    assert values_in(await find(bot, slack), CUSTOMER_PICK) == [CLINIC, FACTORY, DOCUMENTED]


async def test_only_the_latest_twenty_are_remembered(bot: WebProcess, slack: StandInSlack, crm: SampleCrm) -> None:
    ids = guids(22)
    crm.customers.update({each: renamed(crm.customers[DOCUMENTED], f"客户{each[:8]}") for each in ids})
    await see(bot, slack, *ids)
    assert values_in(await find(bot, slack), CUSTOMER_PICK) == ids[:1:-1]


async def test_without_a_database_the_input_is_there_and_says_what_cannot_be_read(
    start_bot: StartBot, slack: StandInSlack
) -> None:
    bot = await start_bot(database_url=NO_DATABASE, database_opens=False)
    modal = await find(bot, slack)
    assert has_input(modal)
    assert ZH.modal.no_saved_customers in text_of(modal)
    await slack.submit(modal.view_id, typed(DOCUMENTED))
    assert PHONE in text_of(await modal_of(bot, slack))
    modal = await looked_up(bot, slack, said(f"CF00000201 {FACTORY}"))
    assert FACTORY_NAME in text_of(modal)
    modal = await looked_up(bot, slack, said("没有客户"))
    assert ZH.modal.no_saved_customers in text_of(modal)


# --- Typing ----------------------------------------------------------------------------------------------------------


async def test_what_is_typed_is_answered_in_the_same_modal(bot: WebProcess, slack: StandInSlack, logs: Logs) -> None:
    """In the acknowledgement itself, if the customer is known."""
    await see(bot, slack, DOCUMENTED)
    for text in (
        DOCUMENTED,
        f"  {DOCUMENTED.upper()}\n",
        DOCUMENTED.replace("-", ""),
        "CF00000179",
        "ｃｆ０００００１７９",
        link(DOCUMENTED),
        f"<{link(DOCUMENTED)}|客户>",
    ):
        modal = await type_in(bot, slack, text)
        assert PHONE in text_of(modal), text
        assert slack.modals[USER] == [modal]
        assert len(modal.history) == 2
        assert logs.lines("customer_lookup")[-1]["surface"] == "global_shortcut"
    assert not slack.asked_for("views.update")


async def test_what_names_no_customer_is_said_above_the_input(
    bot: WebProcess, slack: StandInSlack, crm: SampleCrm, logs: Logs
) -> None:
    """So that it can be mended at once."""
    for text, why in (
        (" ", "nothing"),
        (" ".join(f"CF0000020{digit}" for digit in range(6)), "several"),
        ("<!channel>", "nothing"),
        ("胡", "too_short"),
    ):
        modal = await type_in(bot, slack, text)
        assert ZH.search.invalid[why] in text_of(modal), text
        assert has_input(modal)
        assert not crm.asked
    await slack.submit(modal.view_id, typed(DOCUMENTED))
    assert PHONE in text_of(await modal_of(bot, slack))
    assert "胡" not in logs.text


async def test_unknown_customer_is_said_above_the_input(bot: WebProcess, slack: StandInSlack) -> None:
    for text, read_as in ((UNKNOWN, "id"), ("CF99999999", "number"), ("13900009999", "phone"), ("王小明", "name")):
        modal = await type_in(bot, slack, text)
        assert ZH.search.not_found[read_as] in text_of(modal)
        assert has_input(modal)


async def test_without_a_database_a_number_says_so_and_can_be_tried_again(
    start_bot: StartBot, slack: StandInSlack
) -> None:
    """One whose customer was seen meanwhile is known without it."""
    bot = await start_bot(database_url=NO_DATABASE, database_opens=False)
    modal = await type_in(bot, slack, "CF99999999")
    assert CODE.search(text_of(modal))
    await see(bot, slack, DOCUMENTED)
    await slack.click(CUSTOMER_REFRESH, element(modal, CUSTOMER_REFRESH)["value"], at=InView(modal.view_id))
    assert await modal_of(bot, slack) is modal


async def test_typing_without_the_crm_says_why_and_retry_brings_the_details(
    bot: WebProcess, slack: StandInSlack, crm: SampleCrm
) -> None:
    crm.fault = GONE
    modal = await type_in(bot, slack, DOCUMENTED)
    assert CODE.search(text_of(modal))
    assert has_input(modal)
    retry = element(modal, CUSTOMER_REFRESH)["value"]
    await slack.click(CUSTOMER_REFRESH, retry, at=InView(modal.view_id), values=typed(DOCUMENTED))
    await modal_of(bot, slack)
    assert CODE.search(text_of(modal))
    crm.fault = None
    await slack.click(CUSTOMER_REFRESH, retry, at=InView(modal.view_id))
    assert await modal_of(bot, slack) is modal
    assert PHONE in text_of(modal)


async def test_typing_is_acknowledged_while_the_crm_is_slow(
    bot: WebProcess, slack: StandInSlack, crm: SampleCrm, hang: Do
) -> None:
    """With a waiting line, which the answer replaces."""
    modal = await find(bot, slack)
    hang()
    exchange = await slack.submit(modal.view_id, typed(DOCUMENTED))
    assert exchange.status == 200
    assert ZH.modal.loading in text_of(modal)
    crm.release()
    await modal_of(bot, slack)
    assert PHONE in text_of(modal)
    assert len(modal.history) == 3
    assert not exchange.overtaken


async def test_modal_that_was_closed_while_it_looked_up_is_not_opened_again(
    bot: WebProcess, slack: StandInSlack, crm: SampleCrm, logs: Logs, hang: Do
) -> None:
    modal = await find(bot, slack)
    hang()
    await slack.submit(modal.view_id, typed(DOCUMENTED))
    await slack.close(modal.view_id)
    crm.release()
    await idle(bot)
    assert slack.modal() is None
    assert [line["level"] for line in logs.lines("view_not_filled")] == ["info"]


async def test_two_rapid_submissions_end_in_one_answer(bot: WebProcess, slack: StandInSlack, crm: SampleCrm) -> None:
    modal = await find(bot, slack)
    both = await asyncio.gather(*(slack.submit(modal.view_id, typed(DOCUMENTED)) for _ in range(2)))
    await modal_of(bot, slack)
    assert [exchange.status for exchange in both] == [200, 200]
    assert slack.modals[USER] == [modal]
    assert PHONE in text_of(modal)
    assert crm.asked["GetCustomer"] == 1


async def test_same_submission_once_more_gets_the_same_answer(bot: WebProcess, slack: StandInSlack) -> None:
    modal = await find(bot, slack)
    first: Exchange = await slack.submit(modal.view_id, typed(DOCUMENTED))
    await modal_of(bot, slack)
    before = modal.view
    assert (await submit_again(slack, first)).status == 200
    await modal_of(bot, slack)
    assert modal.view == before


async def test_modal_keeps_nothing_that_was_typed(bot: WebProcess, slack: StandInSlack) -> None:
    modal = await type_in(bot, slack, "胡效鑫 18539622352 nonsense")
    assert "18539622352" not in modal.view["private_metadata"]


async def test_typing_to_a_bot_that_is_starting_keeps_what_was_typed_and_says_so(
    start_bot: StartBot, slack: StandInSlack
) -> None:
    """An empty acknowledgement would close the modal without a word."""
    modal = await find(await start_bot(), slack)
    held = slack.hold["auth.test"] = asyncio.Event()
    await start_bot(wait=False)
    await slack.submit(modal.view_id, typed(DOCUMENTED))
    held.set()
    assert slack.modal() is modal
    assert modal.errors == {"query": ZH.starting}


async def test_message_shortcut_to_a_bot_that_is_starting_is_answered(start_bot: StartBot, slack: StandInSlack) -> None:
    held = slack.hold["auth.test"] = asyncio.Event()
    await start_bot(wait=False)
    exchange = await slack.message_shortcut(LOOKUP_IN_MESSAGE, said(DOCUMENTED))
    [message] = await exchange.answers(1)
    held.set()
    assert (exchange.status, message.text) == (200, ZH.starting)
    assert slack.modal() is None


# --- Any message -----------------------------------------------------------------------------------------------------

TEXTS = st.sampled_from([DOCUMENTED, link(FACTORY), "CF00000201", f"<{link(CLINIC)}|x>", UNKNOWN]) | foreign_texts(20)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | TEXTS,
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.sampled_from(["text", "url", "value", "elements", "fields"]) | TEXTS, inner, max_size=4)
    ),
    max_leaves=12,
)
MESSAGES = st.fixed_dictionaries(
    {"text": TEXTS | st.none()},
    optional=dict.fromkeys(("blocks", "attachments", "files", "metadata", "reactions", "edited", "root"), JSON),
)
DEEP: Any = json.loads("[" * 400 + f'{{"text": "{DOCUMENTED}"}}' + "]" * 400)


@settings(max_examples=20, suppress_health_check=list(HealthCheck))
@given(message=MESSAGES)
@example(message={"text": DOCUMENTED, "blocks": {"blocks": [None, 5, DOCUMENTED]}})
@example(message={"text": "", "attachments": DEEP})
@example(message={"text": " ".join(guids(300)), "blocks": [{"text": link(DOCUMENTED)}] * 600})
async def test_any_message_gets_exactly_one_modal_with_an_answer(
    bot: WebProcess, slack: StandInSlack, clock: Clock, logs: Logs, message: dict[str, Any]
) -> None:
    """Which Slack shows, and which says either who it is, or what was looked for and an input."""
    clock.advance(3_600)  # or so many unknown customers would be a walk through ids
    slack.calls.clear()
    slack.modals.clear()
    modal = await looked_up(bot, slack, message)
    assert ZH.modal.loading not in text_of(modal)
    named = values_in(modal, CUSTOMER_REFRESH) or values_in(modal, CUSTOMER_PICK)
    assert named or has_input(modal) or ZH.modal.not_found("") in text_of(modal)
    assert len(slack.asked_for("views.open")) == 1
    for bug in ("answer_failed", "inquiry_failed", "view_failed", "view_over_limits", "listener_failed"):
        assert not logs.lines(bug)
