"""``/customer doctor``: how the running process is, for admins alone. The checks themselves: ``tests/health``."""

import re
from typing import Any, Final

import pytest
from hypothesis import given

from bot.access.audit_writer import BATCH
from bot.cards.health_card import health_card
from bot.cards.limits import within_limits
from bot.cards.terminal import as_terminal_text
from bot.crm.circuit_breaker import FAILURES
from bot.crm.concurrency import WAITING_EACH
from bot.domain.health import (
    CheckResult,
    Duration,
    Fact,
    Part,
    Phrase,
    Report,
    TextKey,
    Timestamp,
    Verdict,
    failed,
    note,
    ok,
)
from bot.locales import Texts, texts_in
from bot.playground.fake_crm.server import FAULTS, Fault, SampleCrm
from bot.playground.fake_slack.server import GUEST, MANAGER, USER, StandInSlack
from bot.server.http import WebProcess
from bot.slack.message import Message
from tests.conftest import SECRETS, Clock, Logs, StartBot
from tests.support.block_kit import assert_nothing_foreign_acts, assert_slack_takes, foreign_texts
from tests.support.surfaces import DOCUMENTED, NO_DATABASE, TEMPLATE, customer_values, everything_in, idle

ZH, EN = texts_in("zh"), texts_in("en")
LANGUAGES = pytest.mark.parametrize("texts", [ZH, EN], ids=["zh", "en"])
WELL: Final = ZH.health.headline(0, 1)
"""Nothing has failed; there was no sync yet."""


@pytest.fixture
async def bot(start_bot: StartBot) -> WebProcess:
    return await start_bot(**FINE)


FINE: Final[dict[str, Any]] = {"customer_url_template": TEMPLATE, "language": "zh", "admin_users": MANAGER}


async def report(slack: StandInSlack, *, user: str = MANAGER, word: str = "doctor") -> Message:
    """What is answered at last, to ``user`` alone."""
    exchange = await slack.command(word, user=user)
    assert not slack.posts
    return (await exchange.answers(1))[-1]


def lines(card: Message, mark: str = "") -> list[str]:
    """Those with this mark."""
    return [line for line in everything_in(card.blocks).splitlines() if line.startswith(mark or ":")]


def said(word: TextKey, **facts: str) -> str:
    return ZH.health.says[word].format(**facts)


# --- Whom it is for --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("word", ["doctor", " DOCTOR ", "诊断", "体检", "ｄｏｃｔｏｒ"])
async def test_admin_sees_how_everything_is(
    bot: WebProcess, slack: StandInSlack, crm: SampleCrm, clock: Clock, word: str
) -> None:
    """Of this very process: what it has looked up, how long it lives."""
    for _ in range(3):
        await slack.command(DOCUMENTED)
    await idle(bot)
    clock.advance(3 * 3_600)
    card = await report(slack, word=word)
    assert card.text == WELL
    assert not lines(card, ":x:")
    assert len(lines(card, ":warning:")) == 1
    well = "\n".join(lines(card))
    for part in Part:
        assert f"*{ZH.health.part[part]}*" in well
    assert said(TextKey.CACHE, entries="1", most="10,000", hits="2", shown="3") in well
    assert said(TextKey.UP, version="0.1.0", up="3 小时") in well
    assert said(TextKey.CRM_QUEUE, under_way="0", at_once="8") in well
    assert re.search(said(TextKey.ROWS, rows="[0-3]"), well)
    assert said(TextKey.CIRCUITS_CLOSED) in well


async def test_a_word_more_asks_for_a_customer(bot: WebProcess, slack: StandInSlack) -> None:
    assert (await report(slack, word="doctor strange")).text.startswith(ZH.search.not_found["name"])


async def test_others_learn_whom_to_ask_and_nothing_is_checked_for_them(
    bot: WebProcess, slack: StandInSlack, crm: SampleCrm, logs: Logs
) -> None:
    """As with ``/customer log``; the access log has that they tried."""
    asked = len(slack.asked)
    card = await report(slack, user=USER)
    assert card.text.startswith(ZH.denied["not_admin"])
    assert f"<@{MANAGER}>" in everything_in(card.blocks)
    assert (len(slack.asked), not crm.asked) == (asked, True)
    [line] = logs.lines("customer_lookup")
    assert (line["outcome"], line["user"], line["code"] in card.text) == ("denied", USER, True)
    assert not logs.lines("examined")


async def test_without_admins_nobody_sees_it_and_the_card_says_what_to_set(
    start_bot: StartBot, slack: StandInSlack
) -> None:
    await start_bot(language="zh")
    card = await report(slack)
    assert card.text.startswith(ZH.denied["no_admins"])
    assert "ADMIN_USERS" in everything_in(card.blocks)


async def test_guest_is_refused_though_the_settings_name_them(start_bot: StartBot, slack: StandInSlack) -> None:
    await start_bot(**{**FINE, "admin_users": f"{GUEST},{MANAGER}"})
    assert (await report(slack, user=GUEST)).text.startswith(ZH.denied["guest"])


async def test_admin_unknown_to_slack_sees_it_all_the_same(bot: WebProcess, slack: StandInSlack) -> None:
    """It is wanted most when Slack's methods fail. Everybody else is a person unknown."""
    slack.granted_scopes.remove("users:read")
    assert (await report(slack, user=USER)).text.startswith(ZH.denied["unknown_person"])
    card = await report(slack)
    [line] = lines(card, ":x:")
    assert "users:read" in line


async def test_log_has_who_asked_and_what_had_failed(bot: WebProcess, slack: StandInSlack, logs: Logs) -> None:
    slack.auth_answers = ["token_revoked"]
    await report(slack)
    [line] = logs.lines("examined")
    assert (line["user"], line["failed"]) == (MANAGER, ["slack_token"])


# --- What is wrong ---------------------------------------------------------------------------------------------------


async def test_revoked_token_is_reported(bot: WebProcess, slack: StandInSlack) -> None:
    slack.auth_answers = ["token_revoked"]
    card = await report(slack)
    assert card.text == ZH.health.headline(1, 1)
    [line] = lines(card, ":x:")
    assert line == f":x: *Slack*  {said(TextKey.SLACK_TOKEN, answer='token_revoked')}"


async def test_clock_is_named_where_the_crm_refuses_because_of_it(
    bot: WebProcess, slack: StandInSlack, crm: SampleCrm, clock: Clock
) -> None:
    crm.now = lambda: clock() - 3_630
    card = await report(slack)
    assert card.text == ZH.health.headline(2, 1)
    refusal, why = lines(card, ":x:")
    assert "TokenApi: ResultCode 1002" in refusal
    assert said(TextKey.CRM_CLOCK_REFUSED, way="快", span="60 分钟") in why


async def test_open_circuit_is_reported_with_the_last_error(
    bot: WebProcess, slack: StandInSlack, crm: SampleCrm
) -> None:
    """Lookups have met it before: what is still asked, and answers, is well."""
    await slack.command(DOCUMENTED)
    crm.faults["GetCustomer"] = FAULTS["down"]
    for number in range(FAILURES):
        await slack.command(f"00000000-1111-4222-8333-{number:012}")
    card = await report(slack)
    [line] = lines(card, ":x:")
    assert re.search(r"GetCustomer 多次没有回应，[0-2] 秒内不再调用", line)
    assert "毫秒回应" in everything_in(lines(card, ":white_check_mark: *CRM*"))
    crm.fault = FAULTS["down"]
    for _ in range(FAILURES):
        await report(slack)
    assert "last: HTTP 503" in lines(await report(slack), ":x: *CRM*")[0]


async def test_full_queue_is_reported(start_bot: StartBot, slack: StandInSlack, crm: SampleCrm) -> None:
    """As it was before the report's own requests, which find no place either."""
    process = await start_bot(**FINE, crm_concurrency=1, ack_budget_seconds=0.01)
    await slack.command(DOCUMENTED)
    await idle(process)
    crm.faults["GetCustomer"] = FAULTS["hang"]
    for number in range(1 + WAITING_EACH):
        await slack.command(f"00000000-1111-4222-8333-{number:012}")
    exchange = await slack.command("doctor", user=MANAGER)
    await exchange.arrived.until(lambda: exchange.shown[-1].text != ZH.health.examining)
    card = exchange.shown[-1]
    crm.release()
    await idle(process)
    full = said(TextKey.CRM_QUEUE_FULL, under_way="1", at_once="1", waiting=str(WAITING_EACH), most=str(WAITING_EACH))
    report_text = lines(card, ":x:")
    assert f":x: *队列*  {full}" in report_text
    assert "requests wait already" in report_text[0]


async def test_unavailable_database_is_reported_with_the_rows_that_wait_for_it(
    start_bot: StartBot, slack: StandInSlack
) -> None:
    await start_bot(**FINE, database_url=NO_DATABASE, database_opens=False)
    for _ in range(BATCH + 1):
        await slack.command(DOCUMENTED)
    card = await report(slack)
    reason = "the database cannot be used: unable to open database file"
    assert lines(card, ":x:") == [f":x: *数据库*  {said(TextKey.DATABASE_TROUBLE, reason=reason)}"]
    assert f":warning: *队列*  {said(TextKey.ROWS_WAIT, rows=str(BATCH + 1), most='10,000')}" in lines(card)


async def test_crm_that_is_slow_costs_a_line_while_one_waits_and_then_one_report(
    start_bot: StartBot, slack: StandInSlack, crm: SampleCrm
) -> None:
    """Always one final answer, which replaces what was shown while it was made."""
    process = await start_bot(**FINE, ack_budget_seconds=0.05)
    crm.fault = Fault(delay=0.2)
    exchange = await slack.command("doctor", user=MANAGER)
    await exchange.answers(2)
    await idle(process)
    waiting, card = exchange.shown
    assert waiting.text == ZH.health.examining
    assert card.text == WELL
    assert not exchange.overtaken


async def test_everything_away_at_once_is_still_one_report(
    start_bot: StartBot, slack: StandInSlack, crm: SampleCrm
) -> None:
    process = await start_bot(**FINE, database_url=NO_DATABASE, database_opens=False)
    slack.auth_answers = ["internal_error"]
    slack.refuse["users.info"] = ["fatal_error"] * 10
    crm.fault = FAULTS["down"]
    exchange = await slack.command("doctor", user=MANAGER)
    await idle(process)
    assert exchange.shown[-1].text == ZH.health.headline(3, 0)
    assert [line.split("*")[1] for line in lines(exchange.shown[-1], ":x:")] == ["Slack", "CRM", "数据库"]


async def test_neither_a_secret_nor_a_customer_is_in_it(
    start_bot: StartBot, slack: StandInSlack, crm: SampleCrm, logs: Logs
) -> None:
    """Whatever is wrong; a customer was shown before."""
    url = "postgresql://user:s3cr3t@127.0.0.1:9/name"
    await start_bot(**FINE, database_url=url, database_opens=False)
    await slack.command("0473f7ce-9158-4609-9b02-b92437bdff35")
    cards = [await report(slack)]
    crm.fault = FAULTS["refused"]
    cards.append(await report(slack))
    report_text = everything_in([cards, [str(line) for line in logs.lines("examined")]])
    assert not [secret for secret in (*SECRETS, "s3cr3t", "127.0.0.1") if secret in report_text]
    assert not [value for value in customer_values() if value in report_text]


# --- The card --------------------------------------------------------------------------------------------------------


def made(*results: CheckResult) -> Report:
    return Report(results, 1_700_000_000.0, 0.34)


WORDS: Final = ("ids", "host", "bot", "team", "answer", "reason", "scope", "operation", "kind", "version", "code")
COUNTS: Final = (
    *(
        "ms",
        "customers",
        "contacts",
        "entries",
        "most",
        "under_way",
        "at_once",
        "waiting",
        "tasks",
        "rows",
        "hits",
        "shown",
    ),
)
SPANS: Final = ("timeout", "span", "left", "renewal", "rest", "up")
LONGEST: Final[dict[str, Fact]] = {
    **dict.fromkeys(WORDS, "W" * 400),
    **dict.fromkeys(COUNTS, 10**9),
    **dict.fromkeys(SPANS, Duration(1e9)),
    "variable": "ESHOUHOU_BASE_URL",
    "at": Timestamp(1_700_000_000.0),
    "way": Phrase("behind"),
    "use": Phrase("needs users:read"),
    "effect": Phrase("lacks groups:history"),
    "advice": Phrase("crm_refused"),
}
"""The longest that any fact can be."""


@LANGUAGES
@pytest.mark.parametrize("verdict", Verdict)
def test_largest_card_is_within_slacks_limits(texts: Texts, verdict: Verdict) -> None:
    """Whatever is wrong at once; what has no room is counted."""
    results = [CheckResult(verdict, part, word, LONGEST) for word in TextKey for part in (Part.CRM, Part.QUEUE)]
    card = health_card(made(*results), texts)
    assert within_limits(card) == card
    assert_slack_takes(card)
    whole = everything_in(card.blocks)
    shown = whole.count("*CRM*") + whole.count(f"*{texts.health.part[Part.QUEUE]}*")
    assert texts.health.left_out(len(results) - shown) in whole


@LANGUAGES
def test_every_word_can_be_said(texts: Texts) -> None:
    """With the facts that stand in it."""
    for word in TextKey:
        [line] = lines(health_card(made(CheckResult(Verdict.FAILED, Part.CRM, word, LONGEST)), texts), ":x:")
        assert len(line) > len(":x: *CRM*  ")


@LANGUAGES
@given(words=foreign_texts())
def test_foreign_words_do_nothing(texts: Texts, words: str) -> None:
    """What Slack, the CRM and the database say of their trouble."""
    card = health_card(made(failed(Part.CRM, TextKey.LISTS_UNREADABLE, reason=words)), texts)
    assert_slack_takes(card)
    assert_nothing_foreign_acts(card)


def test_what_has_failed_comes_first_then_what_is_to_be_noted_and_the_text_counts() -> None:
    """As an admin reads it on a phone at night: the mark, the part, what is wrong, what to do."""
    card = health_card(
        made(
            ok(Part.SETTINGS, TextKey.SETTINGS_FINE),
            note(Part.SETTINGS, TextKey.NO_LINKS),
            failed(Part.SLACK, TextKey.SLACK_UNREACHABLE, reason="no answer in time"),
            ok(Part.CRM, TextKey.CRM_ANSWERS, ms=41),
            failed(Part.QUEUE, TextKey.ROWS_DROPPED, rows=10_000),
        ),
        EN,
    )
    assert card.text == "Check-up: 2 checks failed, 1 note"
    report_lines = as_terminal_text(card).splitlines()
    assert report_lines[:-1] == [
        "┃ Check-up: 2 checks failed, 1 note",
        "┃ ❌ Slack  Slack cannot be reached (no answer in time): check SLACK_API_URL and the network",
        "┃ ❌ Queues  10,000 rows of the access log wait for the database, and the oldest are dropped; the log has "
        "their lines. Bring the database back",
        "┃ ⚠️  Settings  CUSTOMER_URL_TEMPLATE is not set: links get no cards, and cards have no link",
        "┃ ✅ Settings  no setting contradicts another",
        "┃ ✅ CRM  易售后 answers in 41 ms",
    ]
    assert re.fullmatch(
        r"┃ 🔒 Only you see this  ·  Only admins see this report  ·  .*  ·  took 0\.3 s", report_lines[-1]
    )
