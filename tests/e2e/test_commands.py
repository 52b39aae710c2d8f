"""/customer, end to end: signed requests over HTTP to the real process, the sample CRM behind it."""

import asyncio

import pytest
from starlette.responses import PlainTextResponse

from bot.locales import texts_in
from bot.playground.fake_crm.server import FAULTS, Fault, SampleCrm
from bot.playground.fake_slack.server import MANAGER, USER, StandInSlack
from bot.server.http import WebProcess
from bot.slack.message import Message
from tests.conftest import Clock, Logs, StartBot
from tests.support.surfaces import NO_DATABASE

UNKNOWN = "00000000-1111-4222-8333-444444444444"


def card_text(message: Message) -> str:
    return str(message.blocks)


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("{id}", id="the id"),
        pytest.param("  {ID}  ", id="upper case and blanks"),
        pytest.param("“{id}”", id="a phone's quotes"),
        pytest.param("{{{id}}}", id="in braces"),
        pytest.param("<https://crm.example.com/customer/{id}|the customer>", id="a link as Slack sends it"),
        pytest.param("https://crm.example.com/#/detail?customerId={id}&tab=1", id="a link's parameter"),
    ],
)
async def test_customer_is_answered_in_the_http_response(
    bot: WebProcess, slack: StandInSlack, documented: str, text: str
) -> None:
    """A customer that the CRM gives in time comes back in the acknowledgement, and nothing follows it."""
    exchange = await slack.command(text.format(id=documented, ID=documented.upper()))
    assert exchange.status == 200
    assert [message.text for message in exchange.shown] == ["胡效鑫1  CF00000179"]
    assert "185 3962 2352" in card_text(exchange.shown[0])


async def test_slow_customer_follows_through_the_response_url(
    start_bot: StartBot, slack: StandInSlack, crm: SampleCrm, documented: str
) -> None:
    """Past the budget a line is shown that stays true, and then the card, never before the acknowledgement."""
    await start_bot(ack_budget_seconds=0.05)
    crm.fault = Fault(delay=0.15)
    exchange = await slack.command(documented)
    assert [message.text for message in exchange.shown] == [f"正在查询 {documented} · 结果随后送达"]
    shown = await exchange.answers(2)
    assert shown[1].text == "胡效鑫1  CF00000179"
    assert not exchange.overtaken


async def test_cached_customer_costs_no_second_request(
    bot: WebProcess, slack: StandInSlack, crm: SampleCrm, documented: str
) -> None:
    for _ in range(3):
        await slack.command(documented.upper())
    assert crm.asked["GetCustomer"] == 1


async def test_a_hundred_people_asking_at_once_cost_one_crm_request(
    start_bot: StartBot, slack: StandInSlack, crm: SampleCrm, documented: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However long a busy machine takes to ask."""
    monkeypatch.setattr("bot.playground.fake_slack.server.ACK_SECONDS", 20.0)
    await start_bot(ack_budget_seconds=2.5)
    crm.fault = Fault(delay=0.2)
    exchanges = await asyncio.gather(*(slack.command(documented) for _ in range(100)))
    assert {message.text for exchange in exchanges for message in exchange.shown} == {"胡效鑫1  CF00000179"}
    assert [len(exchange.shown) for exchange in exchanges] == [1] * 100
    assert (crm.asked["GetCustomer"], crm.asked["TokenApi"], crm.asked["GetServiceSpace"]) == (1, 1, 1)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "help",
        " HELP ",
        "help!",
        "“help”",
        "帮助",
        "帮助！",
        "？",
        "--help",
        "-h",
        "usage",
        "怎么用",
        "使用帮助？",
        "Help me!",
        "{}",
        "\u202e\x00",
    ],
)
async def test_empty_and_help_say_what_can_be_typed(bot: WebProcess, slack: StandInSlack, text: str) -> None:
    [message] = (await slack.command(text)).shown
    assert "/customer CF00000179" in card_text(message)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        pytest.param("胡", "too_short", id="one character"),
        pytest.param("x" * 3000, "too_long", id="long"),
        pytest.param(" ".join(f"CF0000020{digit}" for digit in range(6)), "several", id="six customers"),
    ],
)
async def test_text_that_is_no_question_says_why_and_costs_no_crm_request(
    bot: WebProcess, slack: StandInSlack, crm: SampleCrm, text: str, why: str
) -> None:
    [message] = (await slack.command(text)).shown
    assert message.text == texts_in("zh").search.invalid[why]
    assert "/customer CF00000179" in card_text(message)
    assert not crm.asked


@pytest.mark.parametrize(
    "text", ["CX0179", "dc540ce7-5bc5-4275-b8fa", "payload", '{"a": 1} x', "' OR 1=1 --", "王 小明"]
)
async def test_text_that_nobody_has_says_as_what_it_was_read(bot: WebProcess, slack: StandInSlack, text: str) -> None:
    """The word "payload" is one of those that Bolt stumbles over."""
    [message] = (await slack.command(text)).shown
    assert message.text.startswith(("没有这个序列号的客户 (E-", "没有这个名称的客户 (E-"))


@pytest.mark.parametrize("text", ["CF00000179", "“cf00000179”", "ＣＦ０００００１７９"])
async def test_number_of_a_customer_that_was_seen_costs_no_crm_request(
    bot: WebProcess, slack: StandInSlack, crm: SampleCrm, documented: str, logs: Logs, text: str
) -> None:
    await slack.command(documented, user=MANAGER)
    crm.asked.clear()
    [message] = (await slack.command(text)).shown
    assert message.text == "胡效鑫1  CF00000179"
    assert not crm.asked["GetCustomer"]
    lines = logs.lines("customer_lookup")
    assert [(line["read_as"], line["customer_id"], line["outcome"]) for line in lines] == [
        ("id", documented, "found"),
        ("number", documented, "found"),
    ]


async def test_number_that_nobody_has_says_what_may_help(bot: WebProcess, slack: StandInSlack, logs: Logs) -> None:
    [message] = (await slack.command("CF99999999")).shown
    assert message.text.startswith("没有这个编号的客户 (E-")
    assert "也可以试试客户的名称或电话" in card_text(message)
    [line] = logs.lines("customer_lookup")
    assert (line["read_as"], line["customer_id"], line["outcome"]) == ("number", None, "not_found")


async def test_without_a_database_ids_are_answered_and_numbers_say_what_may_be_missing(
    start_bot: StartBot, slack: StandInSlack, documented: str, logs: Logs
) -> None:
    await start_bot(database_opens=False, database_url=NO_DATABASE)
    [message] = (await slack.command(documented)).shown
    assert message.text == "胡效鑫1  CF00000179"
    [message] = (await slack.command("CF00000201")).shown
    assert "CF00000201" in card_text(message)
    [message] = (await slack.command("CF99999999")).shown
    assert message.text.startswith("客户目录暂时不可用 (E-")
    assert logs.lines("store_failed")[-1]["code"] in message.text


async def test_what_was_typed_cannot_mention_or_format(bot: WebProcess, slack: StandInSlack) -> None:
    [message] = (await slack.command("<!channel> *x* & <@U1>")).shown
    assert "&lt;!channel&gt; ∗x∗ &amp; &lt;@U1&gt;" in card_text(message)


async def test_unknown_customer_is_not_found_with_a_code_and_remembered(
    bot: WebProcess, slack: StandInSlack, crm: SampleCrm, clock: Clock, logs: Logs
) -> None:
    """The CRM is asked again only after thirty seconds; every answer has its code in the access log."""
    [message] = (await slack.command(UNKNOWN)).shown
    await slack.command(UNKNOWN)
    assert crm.asked["GetCustomer"] == 1
    assert "请核对" in card_text(message)
    assert logs.lines("customer_lookup")[0]["code"] in message.text
    clock.advance(30)
    await slack.command(UNKNOWN)
    assert crm.asked["GetCustomer"] == 2


FAILING = {
    "down": ("易售后没有回应", Fault(status=500, body=b"oops")),
    "HTML": ("易售后的回答无法读取", FAULTS["html"]),
    "truncated JSON": ("易售后的回答无法读取", FAULTS["cut"]),
    "a list": ("易售后的回答无法读取", Fault(body=b"[]")),
    "ResultValue of a wrong shape": ("易售后的回答无法读取", Fault(body=b'{"ResultCode":0,"ResultValue":[1,2]}')),
    "no ResultCode": ("易售后的回答无法读取", Fault(body=b'{"ResultValue":[]}')),
    "an error of its own": ("易售后拒绝了这次查询", Fault(body='{"ResultCode":"7","ErrorMsg":"忙 & <b>"}'.encode())),
    "HTTP 404": ("易售后没有回应", Fault(status=404, body=b"not here")),
    "nested 20,000 deep": ("易售后的回答无法读取", Fault(body=b"[" * 20_000)),
}


@pytest.mark.parametrize(("headline", "fault"), FAILING.values(), ids=FAILING.keys())
async def test_failing_crm_gives_a_card_with_code_and_retry(
    bot: WebProcess, slack: StandInSlack, crm: SampleCrm, documented: str, logs: Logs, headline: str, fault: Fault
) -> None:
    """The person reads what happened and may retry; the operator finds one warning under the same code."""
    crm.fault = fault
    [message] = (await slack.command(documented)).shown
    [warning] = logs.lines("crm_failed")
    assert message.text == f"{headline} ({warning['code']})"
    assert warning["level"] == "warning"
    assert message.blocks[1]["elements"][0]["action_id"] == "customer_refresh"
    crm.fault = None
    [again] = (await slack.command(documented)).shown
    assert again.text == "胡效鑫1  CF00000179"


@pytest.mark.parametrize(("headline", "fault"), FAILING.values(), ids=FAILING.keys())
async def test_failing_crm_gives_the_last_copy_with_its_age(
    bot: WebProcess,
    slack: StandInSlack,
    crm: SampleCrm,
    clock: Clock,
    documented: str,
    logs: Logs,
    headline: str,
    fault: Fault,
) -> None:
    await slack.command(documented)
    clock.advance(3 * 3600)
    crm.fault = fault
    [message] = (await slack.command(documented)).shown
    assert message.text == "胡效鑫1  CF00000179"
    code = logs.lines("crm_failed")[0]["code"]
    assert f":warning: {headline}；这是 3 小时前的副本  ·  代码 {code}" in card_text(message)


async def test_copy_that_is_too_old_is_not_shown(
    bot: WebProcess, slack: StandInSlack, crm: SampleCrm, clock: Clock, documented: str
) -> None:
    await slack.command(documented)
    clock.advance(86_400)
    crm.fault = FAULTS["html"]
    [message] = (await slack.command(documented)).shown
    assert message.text.startswith("易售后的回答无法读取")


async def test_lookup_ends_after_twice_the_request_timeout(
    start_bot: StartBot, slack: StandInSlack, crm: SampleCrm, documented: str
) -> None:
    """Retries and waits included: a CRM that hangs is given up, with a card."""
    await start_bot(ack_budget_seconds=0.01, eshouhou_timeout_seconds=0.1)
    crm.fault = FAULTS["hang"]
    exchange = await slack.command(documented)
    shown = await exchange.answers(2)
    assert shown[1].text.startswith("易售后没有回应")
    assert crm.asked["GetServiceSpace"] <= 2


async def test_crm_that_drips_is_given_up_too(
    start_bot: StartBot, slack: StandInSlack, crm: SampleCrm, documented: str
) -> None:
    """No single byte is late, but the whole is."""
    await start_bot(eshouhou_timeout_seconds=0.1)
    crm.fault = Fault(body=b" " * 100, drip=0.02)
    [message] = (await slack.command(documented)).shown
    assert message.text.startswith("易售后没有回应")


async def test_refused_token_is_renewed_once_and_then_the_admin_is_needed(
    bot: WebProcess, slack: StandInSlack, crm: SampleCrm, documented: str, logs: Logs
) -> None:
    crm.fault = FAULTS["refused"]
    [message] = (await slack.command(documented)).shown
    assert message.text.startswith("机器人对易售后的访问被拒绝")
    assert "请告诉管理员" in card_text(message)
    assert crm.asked["TokenApi"] == 2
    assert [line["level"] for line in logs.lines("crm_failed")] == ["error"]


async def test_token_that_the_crm_forgot_is_renewed_unseen(
    bot: WebProcess, slack: StandInSlack, crm: SampleCrm, documented: str
) -> None:
    await slack.command(UNKNOWN)
    crm.tokens.clear()
    [message] = (await slack.command(documented)).shown
    assert message.text == "胡效鑫1  CF00000179"
    assert crm.asked["TokenApi"] == 2


ENGLISH = "*Service outlet*\\n安徽服务商"
CHINESE = "*默认服务网点*\\n安徽服务商"


@pytest.mark.parametrize(
    ("language", "shown"),
    [("auto", [CHINESE, ENGLISH]), ("en", [ENGLISH, ENGLISH]), ("zh", [CHINESE, CHINESE])],
    ids=["each their own", "English for all", "Chinese for all"],
)
async def test_person_reads_their_own_language_unless_one_is_set(
    start_bot: StartBot, slack: StandInSlack, documented: str, language: str, shown: list[str]
) -> None:
    """Labels that the CRM gives in Chinese are translated, values are not."""
    await start_bot(language=language)
    for user, label in zip((USER, MANAGER), shown, strict=True):
        [message] = (await slack.command(documented, user=user)).shown
        assert label in card_text(message)


async def test_every_sample_customer_has_a_card_that_slack_takes(
    bot: WebProcess, slack: StandInSlack, crm: SampleCrm
) -> None:
    """The stand-in Slack refuses what the real one would; every customer is shown, whatever its rows hold."""
    for customer_id in crm.customers:
        [message] = (await slack.command(customer_id)).shown
        assert message.blocks[0]["type"] == "header", customer_id


async def test_lines_of_one_request_are_found_by_one_id(
    start_bot: StartBot, slack: StandInSlack, crm: SampleCrm, documented: str, logs: Logs
) -> None:
    """The CRM's failure, the lookup's outcome and an answer that could not be delivered: whose they were."""
    await start_bot(ack_budget_seconds=0.01)
    crm.fault = Fault(delay=0.05, body=b"<html>")
    slack.refusals = [PlainTextResponse("invalid_blocks", 400)]
    await (await slack.command(documented)).answers(2)
    await slack.command("胡")
    lines = [line for line in logs.lines() if "request" in line]
    assert [line["event"] for line in lines] == ["crm_failed", "customer_lookup", "blocks_refused", "customer_lookup"]
    assert len({line["request"] for line in lines[:3]}) == 1
    assert lines[3]["request"] != lines[0]["request"]


async def test_access_log_has_one_line_a_lookup_without_what_was_typed(
    bot: WebProcess, slack: StandInSlack, documented: str, logs: Logs
) -> None:
    await slack.command(documented)
    await slack.command("13800001001")
    found, by_phone = logs.lines("customer_lookup")
    assert {name: found[name] for name in ("team", "user", "channel", "surface", "read_as", "customer_id")} == {
        "team": "T0PLAY",
        "user": "U0SALES",
        "channel": "C0GENERAL",
        "surface": "command",
        "read_as": "id",
        "customer_id": documented,
    }
    assert (found["outcome"], found["cache"], found["code"]) == ("found", "miss", None)
    assert found["ms"] > 0
    assert (by_phone["outcome"], by_phone["read_as"]) == ("found", "phone")
    assert "13800001001" not in logs.text
    assert "18539622352" not in logs.text
