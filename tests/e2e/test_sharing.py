"""Share, end to end: the preview, the confirmation, and everything that keeps a card from being posted."""

import asyncio
from collections.abc import Callable, Iterable
from typing import Any

import pytest
from starlette.responses import JSONResponse, PlainTextResponse, Response

from bot.cards.action_ids import CUSTOMER_DETAILS, CUSTOMER_MENU, CUSTOMER_SHARE, CUSTOMER_SHARE_CONFIRM
from bot.playground.fake_crm.server import SampleCrm
from bot.playground.fake_slack.server import (
    ARCHIVED_CHANNEL,
    CHANNEL,
    DIRECT_MESSAGE,
    FOREIGN_CHANNEL,
    MANAGER,
    PRIVATE_CHANNEL,
    SHARED_CHANNEL,
    USER,
    Ephemeral,
    Exchange,
    InView,
    ShownView,
    StandInSlack,
)
from bot.server.http import WebProcess
from bot.slack.message import Block
from tests.conftest import Clock, Logs, StartBot
from tests.support.block_kit import assert_slack_takes, elements_of, texts_of
from tests.support.modals import (  # noqa: F401  # fixtures
    CODE,
    EN,
    GONE,
    ZH,
    Do,
    assert_values_are_ids,
    chosen,
    everything_posted,
    expired,
    hang_fixture,
    hurry_fixture,
    limited,
    modal_of,
    only_answer,
    renamed,
    says_no_customer,
    submit_again,
    text_of,
)
from tests.support.surfaces import (
    DOCUMENTED,
    FACTORY,
    NO_DATABASE,
    UNKNOWN,
    digits_in,
    everything_in,
    idle,
    long_numbers,
    private_values,
)

NAME = "胡效鑫1"


async def preview(
    bot: WebProcess, slack: StandInSlack, customer_id: str = DOCUMENTED, *, user: str = USER, channel: str = CHANNEL
) -> ShownView:
    """The modal that opens from Share on a private card in ``channel``."""
    exchange = await slack.click(CUSTOMER_SHARE, customer_id, user=user, at=Ephemeral(channel))
    modal = await modal_of(bot, slack, user)
    assert (exchange.status, exchange.shown) == (200, [])
    return modal


async def confirm(
    bot: WebProcess, slack: StandInSlack, modal: ShownView, channel: str | None = CHANNEL, *, user: str = USER
) -> Exchange:
    exchange = await slack.submit(modal.view_id, chosen(channel), user=user)
    assert (exchange.status, exchange.shown) == (200, [])
    assert await modal_of(bot, slack, user) is modal
    return exchange


async def share(bot: WebProcess, slack: StandInSlack, customer_id: str = DOCUMENTED, **where: Any) -> ShownView:
    """Share, and choose the channel in which the card is; the modal as it is afterwards."""
    modal = await preview(bot, slack, customer_id, **where)
    await confirm(bot, slack, modal, **where)
    return modal


def posted_said(channel: str = CHANNEL) -> str:
    return ZH.modal.posted(f"<#{channel}>")


def inert(blocks: Iterable[Block]) -> list[Block]:
    """Blocks without what can be clicked."""
    return [{k: v for k, v in block.items() if k != "accessory"} for block in blocks if block["type"] != "actions"]


# --- The good path ---------------------------------------------------------------------------------------------------


async def test_share_posts_what_the_preview_shows_where_it_says(bot: WebProcess, slack: StandInSlack) -> None:
    """Word for word, but for what can be clicked. The card's own channel is chosen already."""
    modal = await preview(bot, slack)
    assert modal.view["callback_id"] == CUSTOMER_SHARE_CONFIRM
    assert not everything_posted(slack)
    [choice] = [block for block in modal.view["blocks"] if block["type"] == "input"]
    assert choice["element"]["initial_conversation"] == CHANNEL
    assert elements_of(modal.view["blocks"]) == []
    shown = list(modal.view["blocks"])
    await confirm(bot, slack, modal)
    [posted] = slack.posts[CHANNEL]
    card = inert(posted.message.blocks)
    assert any(shown[start : start + len(card)] == card for start in range(len(shown)))
    assert NAME in everything_in(posted.message)
    assert f"<@{USER}>" in everything_in(posted.message)
    assert_slack_takes(posted.message)
    assert posted_said() in text_of(modal)
    assert "submit" not in modal.view
    assert everything_posted(slack) == [posted]


async def test_card_that_is_shared_unfurls_nothing_and_stands_outside_of_threads(
    bot: WebProcess, slack: StandInSlack
) -> None:
    await share(bot, slack)
    [call] = slack.asked_for("chat.postMessage")
    assert (call["unfurl_links"], call["unfurl_media"]) == (False, False)
    assert slack.posts[CHANNEL][0].thread_ts == ""


async def test_card_that_is_shared_has_its_details_and_its_menu(bot: WebProcess, slack: StandInSlack) -> None:
    await share(bot, slack)
    [posted] = slack.posts[CHANNEL]
    assert {one["action_id"] for one in elements_of(posted.message.blocks)} == {CUSTOMER_DETAILS, CUSTOMER_MENU}


async def test_share_in_the_details_opens_on_top_and_keeps_the_channel(bot: WebProcess, slack: StandInSlack) -> None:
    """A modal has no channel of its own: it is the one in which the card was."""
    await slack.click(CUSTOMER_DETAILS, DOCUMENTED)
    below = await modal_of(bot, slack)
    await slack.click(CUSTOMER_SHARE, DOCUMENTED, at=InView(below.view_id))
    modal = await modal_of(bot, slack)
    assert slack.modals[USER] == [below, modal]
    [choice] = [block for block in modal.view["blocks"] if block["type"] == "input"]
    assert choice["element"]["initial_conversation"] == CHANNEL
    await confirm(bot, slack, modal)
    assert len(slack.posts[CHANNEL]) == 1
    assert posted_said() in text_of(modal)


async def test_card_goes_to_the_channel_that_was_chosen(bot: WebProcess, slack: StandInSlack) -> None:
    slack.channels[FOREIGN_CHANNEL].is_member = True
    modal = await preview(bot, slack)
    await confirm(bot, slack, modal, FOREIGN_CHANNEL)
    assert len(slack.posts[FOREIGN_CHANNEL]) == 1
    assert everything_posted(slack) == slack.posts[FOREIGN_CHANNEL]
    assert posted_said(FOREIGN_CHANNEL) in text_of(modal)


async def test_private_channel_with_the_bot_is_a_channel_like_others(bot: WebProcess, slack: StandInSlack) -> None:
    slack.channels[PRIVATE_CHANNEL].is_member = True
    await share(bot, slack, channel=PRIVATE_CHANNEL)
    assert len(slack.posts[PRIVATE_CHANNEL]) == 1


async def test_direct_message_is_not_offered_as_where_to_share(bot: WebProcess, slack: StandInSlack) -> None:
    modal = await preview(bot, slack, channel=DIRECT_MESSAGE)
    [choice] = [block for block in modal.view["blocks"] if block["type"] == "input"]
    assert "initial_conversation" not in choice["element"]


async def test_channel_reads_its_own_language_and_the_sharer_theirs(bot: WebProcess, slack: StandInSlack) -> None:
    modal = await preview(bot, slack, user=MANAGER)
    assert EN.modal.share_preview in text_of(modal)
    await confirm(bot, slack, modal, user=MANAGER)
    [posted] = slack.posts[CHANNEL]
    assert ZH.customer.view_details in texts_of(posted.message)
    assert ZH.customer.shared_by(f"<@{MANAGER}>") in texts_of(posted.message)
    assert EN.modal.posted(f"<#{CHANNEL}>") in text_of(modal)


async def test_nothing_private_is_in_what_is_shared_of_any_customer(
    bot: WebProcess, slack: StandInSlack, crm: SampleCrm
) -> None:
    """No phone, mail, address or account, in the card or in its preview, in whatever field and spelling."""
    previews = []
    for customer_id in crm.customers:
        modal = await preview(bot, slack, customer_id)
        previews.append(modal.view)
        await confirm(bot, slack, modal)
    assert len(slack.posts[CHANNEL]) == len(crm.customers)
    for posted in slack.posts[CHANNEL]:
        assert_slack_takes(posted.message)
        assert_values_are_ids(posted.message.blocks)
    texts = everything_in([previews, [list(posted.message) for posted in slack.posts[CHANNEL]]])
    digits = digits_in(texts)
    assert not [number for number in long_numbers() if number in digits]
    assert not [value for value in private_values() if value in texts]


async def test_access_log_says_who_shared_where(bot: WebProcess, slack: StandInSlack, logs: Logs) -> None:
    modal = await preview(bot, slack)
    slack.channels[FOREIGN_CHANNEL].is_member = True
    await confirm(bot, slack, modal, FOREIGN_CHANNEL)
    lines = logs.lines("customer_lookup")
    assert [(line["user"], line["channel"], line["outcome"]) for line in lines] == [
        (USER, CHANNEL, "found"),
        (USER, FOREIGN_CHANNEL, "found"),
    ]


# --- Once ------------------------------------------------------------------------------------------------------------


async def test_two_rapid_clicks_on_post_post_once(bot: WebProcess, slack: StandInSlack) -> None:
    modal = await preview(bot, slack)
    both = await asyncio.gather(*(slack.submit(modal.view_id, chosen(CHANNEL)) for _ in range(2)))
    await modal_of(bot, slack)
    assert [exchange.status for exchange in both] == [200, 200]
    assert len(slack.posts[CHANNEL]) == 1
    assert posted_said() in text_of(modal)


async def test_same_submission_once_more_posts_nothing_more(bot: WebProcess, slack: StandInSlack) -> None:
    modal = await preview(bot, slack)
    first = await confirm(bot, slack, modal)
    again = await submit_again(slack, first)
    await idle(bot)
    assert (again.status, again.shown) == (200, [])
    assert len(slack.asked_for("chat.postMessage")) == 1
    assert posted_said() in text_of(modal)


async def test_two_rapid_clicks_on_post_say_posted_only_if_it_is(bot: WebProcess, slack: StandInSlack) -> None:
    """The second click knows no better than the first what came of it."""
    slack.channels[CHANNEL].is_member = False
    modal = await preview(bot, slack)
    await asyncio.gather(*(slack.submit(modal.view_id, chosen(CHANNEL)) for _ in range(2)))
    await modal_of(bot, slack)
    assert not slack.posts[CHANNEL]
    assert ZH.modal.not_posted_advice["not_in_channel"] in text_of(modal)
    assert not [view for view in modal.history if posted_said() in text_of(view)]


async def test_same_submission_once_more_after_a_refusal_does_not_say_posted(
    bot: WebProcess, slack: StandInSlack
) -> None:
    slack.channels[CHANNEL].is_member = False
    modal = await preview(bot, slack)
    first = await confirm(bot, slack, modal)
    await submit_again(slack, first)
    await idle(bot)
    assert not slack.posts[CHANNEL]
    assert posted_said() not in text_of(modal)


async def test_two_clicks_on_post_while_slack_is_slow_post_once(
    bot: WebProcess, slack: StandInSlack, hurry: Do
) -> None:
    """Until Slack has taken it, the modal says that it is being posted."""
    held = slack.hold["chat.postMessage"] = asyncio.Event()
    modal = await preview(bot, slack)
    hurry()
    await asyncio.gather(*(slack.submit(modal.view_id, chosen(CHANNEL)) for _ in range(2)))
    meanwhile = text_of(modal)
    held.set()
    await modal_of(bot, slack)
    assert ZH.modal.posting(f"<#{CHANNEL}>") in meanwhile
    assert len(slack.posts[CHANNEL]) == 1
    assert posted_said() in text_of(modal)


async def test_two_rapid_clicks_on_share_post_nothing(bot: WebProcess, slack: StandInSlack) -> None:
    both = await asyncio.gather(*(slack.click(CUSTOMER_SHARE, DOCUMENTED) for _ in range(2)))
    modal = await modal_of(bot, slack)
    assert [exchange.status for exchange in both] == [200, 200]
    assert slack.modals[USER] == [modal]
    assert not everything_posted(slack)


async def test_what_was_shared_can_be_shared_again_on_purpose(bot: WebProcess, slack: StandInSlack) -> None:
    for _ in range(2):
        await share(bot, slack)
    assert len(slack.posts[CHANNEL]) == 2


async def test_without_a_database_two_rapid_clicks_on_post_post_once(start_bot: StartBot, slack: StandInSlack) -> None:
    """Within one process, as then nobody else knows of it."""
    bot = await start_bot(database_url=NO_DATABASE, database_opens=False)
    modal = await preview(bot, slack)
    await asyncio.gather(*(slack.submit(modal.view_id, chosen(CHANNEL)) for _ in range(2)))
    await modal_of(bot, slack)
    assert len(slack.posts[CHANNEL]) == 1
    assert posted_said() in text_of(modal)


# --- Where nothing may be posted -------------------------------------------------------------------------------------


NOWHERE: tuple[tuple[str | None, str], ...] = (
    (SHARED_CHANNEL, ZH.denied_advice["external_channel"]),
    (PRIVATE_CHANNEL, ZH.denied_advice["unreadable_channel"]),
    (DIRECT_MESSAGE, ZH.denied_advice["unreadable_channel"]),
    ("C0NEVER", ZH.denied_advice["unreadable_channel"]),
    (None, ZH.denied_advice["unreadable_channel"]),
    (ARCHIVED_CHANNEL, ZH.modal.not_posted_advice["is_archived"]),
    (FOREIGN_CHANNEL, ZH.modal.not_posted_advice["not_in_channel"]),
)


async def test_where_a_card_may_not_go_nothing_is_posted_and_the_sharer_alone_learns_why(
    bot: WebProcess, slack: StandInSlack
) -> None:
    """What happened, and what to do."""
    for channel, advice in NOWHERE:
        modal = await preview(bot, slack)
        await confirm(bot, slack, modal, channel)
        assert advice in text_of(modal), channel
        assert not everything_posted(slack), channel
    assert list(slack.modals) == [USER]


def pending(slack: StandInSlack) -> None:
    slack.channels[CHANNEL].is_pending_ext_shared = True


def unscoped(slack: StandInSlack) -> None:
    slack.granted_scopes.remove("channels:read")


def silent(slack: StandInSlack) -> None:
    slack.refuse["conversations.info"] = [PlainTextResponse("", 500) for _ in range(3)]


def vague(slack: StandInSlack) -> None:
    slack.refuse["conversations.info"] = [JSONResponse({"ok": True, "channel": {"id": CHANNEL}})]


@pytest.mark.parametrize("change", [pending, unscoped, silent, vague])
async def test_channel_that_is_not_known_to_be_internal_gets_nothing(
    bot: WebProcess,
    slack: StandInSlack,
    monkeypatch: pytest.MonkeyPatch,
    change: Callable[[StandInSlack], None],
) -> None:
    change(slack)
    modal = await share(bot, slack)
    refusal = "external_channel" if change is pending else "unreadable_channel"
    assert ZH.denied[refusal] in text_of(modal)
    assert ZH.denied_advice[refusal] in text_of(modal)
    assert not everything_posted(slack)


async def test_channel_that_is_shared_after_the_preview_gets_nothing(bot: WebProcess, slack: StandInSlack) -> None:
    await share(bot, slack)
    modal = await preview(bot, slack)
    await slack.channel_shared(CHANNEL)
    await confirm(bot, slack, modal)
    assert len(slack.posts[CHANNEL]) == 1
    assert ZH.denied["external_channel"] in text_of(modal)


async def test_preview_is_private_and_opens_anywhere(bot: WebProcess, slack: StandInSlack) -> None:
    """Also where the card could not be posted: another channel can be chosen."""
    for channel in (SHARED_CHANNEL, FOREIGN_CHANNEL, PRIVATE_CHANNEL, DIRECT_MESSAGE):
        assert NAME in text_of(await preview(bot, slack, channel=channel))
    assert list(slack.modals) == [USER]
    assert not everything_posted(slack)


# --- What Slack refuses ----------------------------------------------------------------------------------------------


async def test_refusal_that_people_can_mend_is_shown_with_what_to_do(bot: WebProcess, slack: StandInSlack) -> None:
    """In one final answer, which cannot be submitted once more."""
    for word in ("not_in_channel", "channel_not_found", "is_archived", "restricted_action"):
        slack.refuse["chat.postMessage"] = [word]
        modal = await share(bot, slack)
        assert ZH.modal.not_posted_advice[word] in text_of(modal)
        assert f"<#{CHANNEL}>" in text_of(modal)
        assert "submit" not in modal.view
    assert not everything_posted(slack)
    assert len(slack.asked_for("chat.postMessage")) == 4


async def test_after_the_bot_was_invited_the_card_can_be_shared(bot: WebProcess, slack: StandInSlack) -> None:
    await share(bot, slack, channel=FOREIGN_CHANNEL)
    slack.channels[FOREIGN_CHANNEL].is_member = True
    modal = await share(bot, slack, channel=FOREIGN_CHANNEL)
    assert posted_said(FOREIGN_CHANNEL) in text_of(modal)
    assert len(slack.posts[FOREIGN_CHANNEL]) == 1


async def test_other_refusals_are_reported_with_slacks_word(bot: WebProcess, slack: StandInSlack) -> None:
    """Nothing that may have arrived is posted again, and where it may have, the user is asked to look first."""
    refusals: tuple[tuple[Response | str, str], ...] = (
        ("account_inactive", "account_inactive"),
        ("internal_error", "internal_error"),
        (PlainTextResponse("", 502), "可能已经发布"),
    )
    for count, (refusal, said) in enumerate(refusals, start=1):
        slack.refuse["chat.postMessage"] = [refusal]
        modal = await share(bot, slack)
        assert said in text_of(modal)
        assert posted_said() not in text_of(modal)
        assert len(slack.asked_for("chat.postMessage")) == count


async def test_card_whose_blocks_slack_refuses_is_posted_as_text(bot: WebProcess, slack: StandInSlack) -> None:
    for word in ("invalid_blocks", "msg_blocks_too_long", "invalid_blocks_format"):
        slack.refuse["chat.postMessage"] = [word]
        modal = await share(bot, slack)
        assert slack.posts[CHANNEL][-1].message == (f"{NAME}  CF00000179", [])
        assert posted_said() in text_of(modal)
    assert len(slack.posts[CHANNEL]) == 3


async def test_post_that_is_limited_is_sent_again_after_retry_after(bot: WebProcess, slack: StandInSlack) -> None:
    """Slack has not taken it: once it does, it is there once."""
    slack.refuse["chat.postMessage"] = [limited(), limited()]
    modal = await share(bot, slack)
    assert len(slack.posts[CHANNEL]) == 1
    assert len(slack.asked_for("chat.postMessage")) == 3
    assert posted_said() in text_of(modal)


async def test_post_that_is_limited_for_too_long_is_reported(bot: WebProcess, slack: StandInSlack) -> None:
    slack.refuse["chat.postMessage"] = [limited("3600")]
    modal = await share(bot, slack)
    assert not slack.posts[CHANNEL]
    assert ZH.modal.not_posted in text_of(modal)


async def test_preview_that_does_not_open_is_reported_in_a_message(
    bot: WebProcess, slack: StandInSlack, logs: Logs
) -> None:
    refusals: tuple[Response | str, ...] = ("expired_trigger_id", "exchanged_trigger_id", limited("30"))
    for count, refusal in enumerate(refusals, start=1):
        slack.refuse["views.open"] = [refusal]
        message = await only_answer(bot, await slack.click(CUSTOMER_SHARE, DOCUMENTED))
        assert logs.lines("view_not_opened")[-1]["code"] in str(message.blocks)
        assert len(slack.asked_for("views.open")) == count
    assert slack.modal() is None


async def test_preview_that_does_not_open_is_reported_in_an_ephemeral_message_where_the_response_url_is_gone(
    bot: WebProcess, slack: StandInSlack
) -> None:
    slack.refuse["views.open"] = ["expired_trigger_id"]
    slack.refusals = [expired()]
    await slack.click(CUSTOMER_SHARE, DOCUMENTED)
    await idle(bot)
    [ephemeral] = slack.ephemerals[CHANNEL, USER]
    assert CODE.search(str(ephemeral.message))


async def test_preview_that_slack_refuses_comes_as_text(bot: WebProcess, slack: StandInSlack) -> None:
    """Without anything to submit, as the input is gone."""
    slack.refuse["views.open"] = ["invalid_arguments", "invalid_arguments"]
    modal = await preview(bot, slack)
    assert NAME in text_of(modal)
    assert "submit" not in modal.view


async def test_modal_that_was_closed_while_it_posted_is_not_opened_again(
    bot: WebProcess, slack: StandInSlack, logs: Logs, hurry: Do
) -> None:
    """The card is posted all the same: that was confirmed."""
    held = slack.hold["chat.postMessage"] = asyncio.Event()
    modal = await preview(bot, slack)
    hurry()
    await slack.submit(modal.view_id, chosen(CHANNEL))
    await slack.close(modal.view_id)
    held.set()
    await idle(bot)
    assert slack.modal() is None
    assert len(slack.posts[CHANNEL]) == 1
    assert [line["level"] for line in logs.lines("view_not_filled")] == ["info"]


# --- The CRM, the database, other versions ---------------------------------------------------------------------------


async def test_preview_opens_with_a_waiting_line_while_the_crm_is_slow(
    bot: WebProcess, slack: StandInSlack, crm: SampleCrm, hang: Do
) -> None:
    hang()
    assert (await slack.click(CUSTOMER_SHARE, DOCUMENTED)).status == 200
    modal = await slack.until(slack.modal)
    assert ZH.modal.loading in text_of(modal)
    assert "submit" not in modal.view
    crm.release()
    assert await modal_of(bot, slack) is modal
    await confirm(bot, slack, modal)
    assert len(slack.posts[CHANNEL]) == 1


async def test_confirmation_is_acknowledged_while_the_crm_is_slow(
    bot: WebProcess, slack: StandInSlack, crm: SampleCrm, clock: Clock, hang: Do
) -> None:
    modal = await preview(bot, slack)
    hang()
    clock.advance(600)
    assert (await slack.submit(modal.view_id, chosen(CHANNEL))).status == 200
    assert ZH.modal.posting(f"<#{CHANNEL}>") in text_of(modal)
    assert not slack.posts[CHANNEL]
    crm.release()
    await modal_of(bot, slack)
    assert len(slack.posts[CHANNEL]) == 1
    assert len(modal.history) == 3


async def test_without_the_crm_and_a_copy_there_is_nothing_to_share(
    bot: WebProcess, slack: StandInSlack, crm: SampleCrm
) -> None:
    crm.fault = GONE
    modal = await preview(bot, slack)
    assert CODE.search(text_of(modal))
    assert modal.view.get("callback_id") != CUSTOMER_SHARE_CONFIRM


async def test_old_copy_is_shared_with_its_age(
    bot: WebProcess, slack: StandInSlack, crm: SampleCrm, clock: Clock
) -> None:
    modal = await preview(bot, slack)
    crm.fault = GONE
    clock.advance(600)
    await confirm(bot, slack, modal)
    [posted] = slack.posts[CHANNEL]
    assert "这是 10 分钟前的副本" in everything_in(posted.message)


async def test_customer_that_is_gone_when_it_is_confirmed_is_not_posted(
    bot: WebProcess, slack: StandInSlack, crm: SampleCrm, clock: Clock
) -> None:
    modal = await preview(bot, slack)
    del crm.customers[DOCUMENTED]
    clock.advance(600)
    await confirm(bot, slack, modal)
    assert not everything_posted(slack)
    assert ZH.search.not_found["id"] in text_of(modal)


async def test_crm_that_fails_when_it_is_confirmed_is_reported(
    bot: WebProcess, slack: StandInSlack, crm: SampleCrm, clock: Clock
) -> None:
    modal = await preview(bot, slack)
    crm.fault = GONE
    clock.advance(100_000)
    await confirm(bot, slack, modal)
    assert not everything_posted(slack)
    assert CODE.search(text_of(modal))


async def test_card_is_what_the_crm_says_when_it_is_posted(
    bot: WebProcess, slack: StandInSlack, crm: SampleCrm, clock: Clock
) -> None:
    modal = await preview(bot, slack)
    crm.customers[DOCUMENTED] = renamed(crm.customers[DOCUMENTED], "新名字")
    clock.advance(600)
    await confirm(bot, slack, modal)
    assert "新名字" in slack.posts[CHANNEL][0].message.text


async def test_share_of_what_is_no_customer_gets_an_answer(bot: WebProcess, slack: StandInSlack) -> None:
    for value in (None, "", "nonsense", UNKNOWN, f"{DOCUMENTED} {FACTORY}"):
        await slack.click(CUSTOMER_SHARE, value)
        modal = await modal_of(bot, slack)
        assert says_no_customer(text_of(modal)), value


async def test_confirmation_of_another_version_gets_an_answer_and_posts_nothing(
    bot: WebProcess, slack: StandInSlack
) -> None:
    for metadata in ("", "{}", "nonsense", "[]", '{"customer_id": 5}', '{"customer": "of another version"}'):
        modal = await preview(bot, slack)
        modal.history.clear()
        modal.view = {**modal.view, "private_metadata": metadata}
        assert (await slack.submit(modal.view_id, chosen(CHANNEL))).status == 200
        await modal_of(bot, slack)
        assert ZH.search.invalid["nothing"] in text_of(modal), metadata
    assert not everything_posted(slack)


async def test_confirmation_of_a_version_without_the_input_gets_an_answer(bot: WebProcess, slack: StandInSlack) -> None:
    modal = await preview(bot, slack)
    assert (await slack.submit(modal.view_id)).status == 200
    await modal_of(bot, slack)
    assert ZH.denied["unreadable_channel"] in text_of(modal)
    assert not everything_posted(slack)


async def test_confirmation_to_a_bot_that_is_starting_keeps_the_modal_and_says_so(
    start_bot: StartBot, slack: StandInSlack
) -> None:
    """So that nothing has to be chosen again."""
    modal = await preview(await start_bot(), slack)
    held = slack.hold["auth.test"] = asyncio.Event()
    await start_bot(wait=False)
    await slack.submit(modal.view_id, chosen(CHANNEL))
    held.set()
    assert slack.modal() is modal
    assert modal.errors == {"channel": ZH.starting}
    assert not everything_posted(slack)
