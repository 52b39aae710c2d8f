"""``/customer log``: who has looked a customer up, for admins alone."""

import re
from collections.abc import Mapping
from typing import Any, Final

import pytest

from bot.cards.action_ids import CUSTOMER_SHARE, CUSTOMER_SHARE_CONFIRM
from bot.cards.audit_card import MAX_ENTRIES, audit_card
from bot.cards.components import date
from bot.cards.limits import within_limits
from bot.domain.audit import AuditEntry, AuditLine
from bot.domain.profile import ServiceNetwork
from bot.domain.results import AuditHistory
from bot.locales import Texts, texts_in
from bot.playground.fake_crm.server import Fault, SampleCrm, branches
from bot.playground.fake_slack.server import (
    CHANNEL,
    DIRECT_MESSAGE,
    GUEST,
    MANAGER,
    PRIVATE_CHANNEL,
    USER,
    Ephemeral,
    StandInSlack,
)
from bot.server.http import WebProcess
from bot.slack.message import Message
from tests.conftest import Clock, Logs, StartBot
from tests.support.block_kit import assert_slack_takes
from tests.support.modals import chosen, modal_of
from tests.support.surfaces import DOCUMENTED, FACTORY, NO_DATABASE, TEMPLATE, UNKNOWN, everything_in, idle, link

ZH, EN = texts_in("zh"), texts_in("en")
LANGUAGES = pytest.mark.parametrize("texts", [ZH, EN], ids=["zh", "en"])
NAME: Final = "胡效鑫1  CF00000179"
NOBODY: Final = ZH.audit.none("180")


@pytest.fixture
async def bot(start_bot: StartBot) -> WebProcess:
    return await start_bot(customer_url_template=TEMPLATE, language="zh", admin_users=MANAGER)


async def log(slack: StandInSlack, customer: str, *, user: str = MANAGER, word: str = "log") -> Message:
    """What is answered, to ``user`` alone."""
    exchange = await slack.command(f"{word} {customer}", user=user)
    assert not slack.posts
    return (await exchange.answers(1))[-1]


def entries(card: Message) -> list[str]:
    return [entry for entry in everything_in(card.blocks).splitlines() if "<!date" in entry]


# --- Whom it is for --------------------------------------------------------------------------------------------------


async def test_admin_sees_who_looked_a_customer_up_from_where_and_what_they_saw(
    bot: WebProcess, slack: StandInSlack, clock: Clock
) -> None:
    """The newest first: when in each reader's own time, who, what, and where."""
    began = clock.seconds
    await slack.command(DOCUMENTED)
    clock.advance(60)
    await slack.command(DOCUMENTED, user=GUEST, channel=PRIVATE_CHANNEL)
    clock.advance(60)
    await slack.command("CF00000179", channel=DIRECT_MESSAGE)
    clock.advance(60)
    await slack.click(CUSTOMER_SHARE, DOCUMENTED, at=Ephemeral(PRIVATE_CHANNEL))
    preview = await modal_of(bot, slack)
    assert preview.view["callback_id"] == CUSTOMER_SHARE_CONFIRM
    clock.advance(60)
    await slack.submit(preview.view_id, chosen(CHANNEL))
    await idle(bot)
    slack.posts.clear()
    await slack.command(FACTORY)
    card = await log(slack, DOCUMENTED)
    assert card.text == f"谁查过 {NAME}"
    assert entries(card) == [
        f"{date(began + 240)}  <@{USER}>  ·  *分享给频道*  ·  卡片按钮  ·  <#{CHANNEL}>",
        f"{date(began + 180)}  <@{USER}>  ·  *查询*  ·  卡片按钮  ·  <#{PRIVATE_CHANNEL}>",
        f"{date(began + 120)}  <@{USER}>  ·  *查询*  ·  `/customer`  ·  私信",
        f"{date(began + 60)}  <@{GUEST}>  ·  *查询*  ·  被拒绝  ·  `/customer`  ·  <#{PRIVATE_CHANNEL}>",
        f"{date(began)}  <@{USER}>  ·  *查询*  ·  `/customer`  ·  <#{CHANNEL}>",
    ]
    assert ZH.audit.all(5, "180") in everything_in(card.blocks)


@pytest.mark.parametrize("word", ["log", " LOG", "logs", "日志", "日志：", "Log:", "log ", "log\u3000"])
@pytest.mark.parametrize("customer", [DOCUMENTED, DOCUMENTED.upper(), f"<{link(DOCUMENTED)}>", "CF00000179", "胡效鑫1"])
async def test_customer_is_named_by_whatever_finds_it(
    bot: WebProcess, slack: StandInSlack, word: str, customer: str
) -> None:
    await slack.command(DOCUMENTED)
    await idle(bot)
    card = await log(slack, customer, word=word)
    assert (card.text, len(entries(card))) == (f"谁查过 {NAME}", 1)


async def test_log_of_a_customer_who_was_just_looked_up_is_the_log(bot: WebProcess, slack: StandInSlack) -> None:
    """A customer in memory is answered at once, but not instead of what was asked for."""
    for _ in range(2):
        [card] = (await slack.command(DOCUMENTED, user=MANAGER)).shown
    assert card.text == NAME
    assert len(entries(await log(slack, DOCUMENTED))) == 2


async def test_others_learn_whom_to_ask(bot: WebProcess, slack: StandInSlack, crm: SampleCrm, logs: Logs) -> None:
    """Nobody is looked up for them, and the access log has that they tried."""
    card = await log(slack, DOCUMENTED, user=USER)
    assert card.text.startswith(ZH.denied["not_admin"])
    assert f"<@{MANAGER}>" in everything_in(card.blocks)
    assert not crm.asked["GetCustomer"]
    [line] = logs.lines("customer_lookup")
    assert (line["outcome"], line["customer_id"], line["code"] in card.text) == ("denied", DOCUMENTED, True)


async def test_without_admins_nobody_sees_it_and_the_card_says_what_to_set(
    start_bot: StartBot, slack: StandInSlack
) -> None:
    await start_bot(language="zh")
    card = await log(slack, DOCUMENTED)
    assert card.text.startswith(ZH.denied["no_admins"])
    assert "ADMIN_USERS" in everything_in(card.blocks)


async def test_admin_who_may_not_see_customers_sees_no_log(start_bot: StartBot, slack: StandInSlack) -> None:
    await start_bot(language="zh", admin_users=f"{GUEST},{MANAGER}")
    assert (await log(slack, DOCUMENTED, user=GUEST)).text.startswith(ZH.denied["guest"])


# --- What there is to see --------------------------------------------------------------------------------------------


async def test_looking_at_the_log_is_in_the_log(bot: WebProcess, slack: StandInSlack, logs: Logs) -> None:
    assert NOBODY in everything_in((await log(slack, DOCUMENTED)).blocks)
    [line] = logs.lines("customer_lookup")
    assert (line["surface"], line["outcome"], line["customer_id"]) == ("command", "found", DOCUMENTED)
    [entry] = entries(await log(slack, DOCUMENTED))
    assert f"<@{MANAGER}>" in entry


async def test_the_newest_are_shown_and_all_are_counted(start_bot: StartBot, slack: StandInSlack, clock: Clock) -> None:
    await start_bot(language="zh", admin_users=MANAGER, lookups_per_minute=1_000)
    for _ in range(MAX_ENTRIES + 3):
        clock.advance(1)
        await slack.command(DOCUMENTED)
    card = await log(slack, DOCUMENTED)
    assert len(entries(card)) == MAX_ENTRIES
    assert ZH.audit.newest(MAX_ENTRIES, MAX_ENTRIES + 3, "180") in everything_in(card.blocks)
    assert entries(card)[0].startswith(date(clock.seconds))


async def test_what_is_older_than_the_kept_days_is_not_shown(
    start_bot: StartBot, slack: StandInSlack, clock: Clock
) -> None:
    await start_bot(language="zh", admin_users=MANAGER, access_log_days=7)
    await slack.command(DOCUMENTED)
    clock.advance(7 * 86_400)
    assert ZH.audit.none("7") in everything_in((await log(slack, DOCUMENTED)).blocks)


async def test_log_of_two_customers_says_that_one_is_wanted(bot: WebProcess, slack: StandInSlack) -> None:
    [card] = (await slack.command(f"log {DOCUMENTED} {FACTORY}", user=MANAGER)).shown
    assert card.text == ZH.search.invalid["several"]


async def test_several_are_listed_with_what_to_type(bot: WebProcess, slack: StandInSlack, crm: SampleCrm) -> None:
    """Nobody's log is shown for a name that two have."""
    crm.add_customers(branches(2))
    for customer_id in branches(2):
        await slack.command(customer_id)
    card = await log(slack, "屿麦便利店")
    assert "按 *名称* 查找，找到 2 位客户" in everything_in(card.blocks)
    assert ZH.audit.several in everything_in(card.blocks)
    assert not entries(card)


async def test_customer_whom_the_crm_does_not_show_any_more_has_a_log(
    bot: WebProcess, slack: StandInSlack, crm: SampleCrm, clock: Clock
) -> None:
    """By its id, which is all that is known of it. Nor does the CRM have to answer."""
    await slack.command(DOCUMENTED)
    clock.advance(100_000)
    crm.fault = Fault(status=404, body=b"gone")
    card = await log(slack, DOCUMENTED)
    assert card.text == f"谁查过 {DOCUMENTED}"
    assert len(entries(card)) == 1


async def test_customer_whom_nobody_knows_is_not_found(bot: WebProcess, slack: StandInSlack) -> None:
    """Until a user has tried: then that is its log."""
    first = await log(slack, UNKNOWN)
    assert first.text.startswith(ZH.search.not_found["id"])
    [entry] = entries(await log(slack, UNKNOWN))
    assert "没有查到" in entry


async def test_no_customer_is_asked_for(bot: WebProcess, slack: StandInSlack) -> None:
    card = await log(slack, "")
    assert card.blocks
    assert not entries(card)
    assert "/customer log" in everything_in(card.blocks)


async def test_without_a_database_the_card_says_so(start_bot: StartBot, slack: StandInSlack) -> None:
    await start_bot(language="zh", admin_users=MANAGER, database_url=NO_DATABASE, database_opens=False)
    card = await log(slack, DOCUMENTED)
    assert card.text.startswith(ZH.audit.store)
    assert ZH.audit.store_advice in everything_in(card.blocks)


async def test_help_says_that_there_is_a_log(bot: WebProcess, slack: StandInSlack) -> None:
    [message] = (await slack.command("help")).shown
    assert "/customer log" in str(message.blocks)


# --- The card --------------------------------------------------------------------------------------------------------


def history(total: int = 1, **facts: Any) -> AuditHistory:
    line = AuditLine("T1", "U1", "C1", "command", "id", DOCUMENTED, "found", "hit", "private", 1.0, None)
    entry = AuditEntry(1_700_000_000.0, ServiceNetwork("", 1), line._replace(**facts))
    return AuditHistory(DOCUMENTED, 180.0, total, (entry,) * min(total, MAX_ENTRIES), "胡效鑫1", "CF00000179")


@LANGUAGES
def test_largest_card_is_within_slacks_limits(texts: Texts) -> None:
    """With the longest of everything that a row can say."""
    longest = "C" + "0" * 20

    def longest_of(said: Mapping[str, str]) -> str:
        return max(said, key=lambda word: len(said[word]))

    facts = {"audience": longest_of(texts.audit.did), "outcome": longest_of(texts.audit.outcome)}
    card = audit_card(
        history(99_999, user=longest, channel=longest, surface=longest_of(texts.audit.surface), **facts), texts
    )
    assert within_limits(card) == card
    assert_slack_takes(card)
    assert len(entries(card)) == MAX_ENTRIES


@LANGUAGES
def test_words_of_another_version_are_shown_as_they_are(texts: Texts) -> None:
    """And none of them formats."""
    [entry] = entries(
        audit_card(history(surface="fax", outcome="lost", audience="<!everyone>", user="", channel="x"), texts)
    )
    assert re.search(r"…  ·  \*&lt;!everyone&gt;\*  ·  lost  ·  fax$", entry)


def test_english_card() -> None:
    card = audit_card(history(), EN)
    assert card.text == "Who looked up 胡效鑫1  CF00000179"
    assert EN.audit.all(1, "180") == "1 entry in the last 180 days, newest first"
    assert entries(card) == [f"{date(1_700_000_000.0)}  <@U1>  ·  *looked up*  ·  with `/customer`  ·  <#C1>"]
    assert "Only you see this  ·  Only admins see the access log" in everything_in(card.blocks)


@LANGUAGES
def test_name_of_a_customer_cannot_format(texts: Texts) -> None:
    evil = history()
    evil = AuditHistory(evil.customer_id, evil.days, evil.total, evil.newest, "*<!channel>* `a`", "_b_")
    assert "<!channel>" not in everything_in(audit_card(evil, texts).blocks)
    assert "`a`" not in everything_in(audit_card(evil, texts).blocks)
