"""From an answer to a message: always one, and always one that Slack takes."""

import re
from dataclasses import replace

import pytest
from pytest_mock import MockerFixture

from bot.cards import blocks
from bot.cards.limits import MAX_BLOCKS, MAX_VIEW_BLOCKS, entity_within_limits, view_within_limits, within_limits
from bot.cards.modal import notice_view
from bot.cards.render import result_card
from bot.cards.work_objects import unfurl_entity
from bot.domain.inquiry import Audience
from bot.domain.profile import CustomerProfile, ShowType, profile_field
from bot.domain.query import ReadAs
from bot.domain.results import CacheState, Expired, Failure, Found, Invalid, NotFound, Result, Several, Unavailable
from bot.errors import Trouble
from bot.locales import texts_in
from bot.slack.message import Block, Message, View
from tests.conftest import Logs
from tests.support.block_kit import assert_slack_takes, assert_slack_takes_view, buttons_of, texts_of_view

ID = "dc540ce7-5bc5-4275-b8fa-2004eb5839e3"
PROFILE = CustomerProfile(ID, (profile_field("客户名称", "杭州岚峤", ShowType.PLAIN),))
FOUND = Found(PROFILE, 1_700_000_000.0, 0.0, CacheState.HIT)
ZH = texts_in("zh")


@pytest.mark.parametrize(
    ("answer", "text"),
    [
        pytest.param(FOUND, "杭州岚峤", id="found"),
        pytest.param(NotFound(ID, "E-1"), "没有这个 id 的客户 (E-1)", id="not found"),
        pytest.param(Unavailable(ID, Failure(Trouble.NO_ANSWER, "E-2")), "易售后没有回应 (E-2)", id="unavailable"),
        pytest.param(Several(ReadAs.NAME, (FOUND, FOUND), 0, None, 2, False, ""), "找到 2 位客户", id="several"),
        pytest.param(Invalid("x"), "没有读到要查的客户", id="invalid"),
        pytest.param(Expired(), "这个按钮已经过期，请重新输入要查的客户。", id="expired"),
    ],
)
def test_every_kind_of_answer_has_its_card(answer: Result, text: str, logs: Logs) -> None:
    message = result_card(answer, ZH)
    assert message.text == text
    assert message.blocks
    assert_slack_takes(message)
    assert logs.lines() == []


def test_card_within_limits_is_sent_as_it_is() -> None:
    message = Message("text", [blocks.section("x")])
    assert within_limits(message) is message


def test_card_over_limits_becomes_its_text_and_an_error_in_the_log(logs: Logs) -> None:
    """The user reads at least the name; the operator reads what was wrong, and nothing of the customer."""
    too_much = Message("杭州岚峤", [blocks.section("13800001001")] * (MAX_BLOCKS + 1))
    assert within_limits(too_much) == Message("杭州岚峤", [])
    [line] = logs.lines("card_over_limits")
    assert (line["level"], line["violations"]) == ("error", ["51 blocks"])
    assert re.fullmatch("E-[0-9A-F]{4}", line["code"])
    assert "13800001001" not in logs.text


def test_bug_in_a_card_is_answered_with_the_code_of_its_traceback(mocker: MockerFixture, logs: Logs) -> None:
    """One log line an incident; there is no Retry, as the same bug would answer it."""
    mocker.patch("bot.cards.render.private_card", side_effect=ZeroDivisionError("a bug"))
    message = result_card(FOUND, ZH)
    [line] = logs.lines()
    assert (line["event"], line["level"], line["answer"]) == ("card_failed", "error", "Found")
    assert "ZeroDivisionError: a bug" in line["exception"]
    assert message.text == f"机器人内部出错 ({line['code']})"
    assert buttons_of(message) == []
    assert_slack_takes(message)


def modal(*content: Block) -> View:
    return {**notice_view("x", ZH), "blocks": list(content)}


def test_view_within_limits_is_shown_as_it_is(logs: Logs) -> None:
    view = modal(blocks.section("x"))
    assert view_within_limits(view, ZH) is view
    assert logs.lines() == []


@pytest.mark.parametrize("kind", ["modal", "home"])
def test_view_over_limits_becomes_a_sentence_and_an_error_in_the_log(kind: str, logs: Logs) -> None:
    """Nothing of the customer is in the log."""
    content = [blocks.section("13800001001")] * (MAX_VIEW_BLOCKS + 1)
    view = view_within_limits(modal(*content) if kind == "modal" else {"type": "home", "blocks": content}, ZH)
    assert view["type"] == kind
    assert texts_of_view(view)[0] == ZH.modal.too_much
    assert_slack_takes_view(view)
    [line] = logs.lines("view_over_limits")
    assert (line["level"], line["violations"]) == ("error", ["101 blocks"])
    assert "13800001001" not in logs.text


def test_work_object_over_limits_is_none(logs: Logs) -> None:
    """The card under the link does without."""
    entity = unfurl_entity(replace(FOUND, audience=Audience.CHANNEL), "https://x.example", ZH)
    assert entity_within_limits(entity) is entity
    assert logs.lines() == []
    assert entity_within_limits({**entity, "url": ""}) is None
    assert [line["event"] for line in logs.lines()] == ["entity_over_limits"]
