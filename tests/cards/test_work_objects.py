"""Work Objects: the same customer under a link for everybody, and in the panel for one."""

from typing import Any

import pytest
from hypothesis import given, settings

from bot.cards.work_objects import MAX_FIELDS, flexpane_entity, flexpane_error, unfurl_entity
from bot.domain.inquiry import Audience
from bot.domain.results import Denied, Failure, Invalid, Limit, Limited, NotFound, Refusal, Result, Unavailable
from bot.errors import Trouble
from bot.locales import Texts, texts_in
from bot.privacy.policy_file import policy_in
from tests.support.block_kit import assert_slack_takes_entity
from tests.support.results import FAILURE, ID, SAMPLES, URL, Row, foreign_rows, found, oversized, sample

ZH, EN = texts_in("zh"), texts_in("en")
LANGUAGES = pytest.mark.parametrize("texts", [ZH, EN], ids=["zh", "en"])
CHANNEL = Audience.CHANNEL
IN_MESSAGE = f"{URL}?tab=orders"


def rows_of(entity: dict[str, Any]) -> list[tuple[str, str]]:
    return [(field["label"], field["value"]) for field in entity["entity_payload"]["custom_fields"]]


def test_entity_under_a_link() -> None:
    entity = unfurl_entity(sample(0, CHANNEL, URL), IN_MESSAGE, ZH)
    assert entity["app_unfurl_url"] == IN_MESSAGE
    assert entity["url"] == URL
    assert entity["external_ref"] == {"id": ID, "type": "customer"}
    assert entity["entity_payload"]["attributes"] == {
        "title": {"text": "胡效鑫1"},
        "display_id": "CF00000179",
        "display_type": "客户",
        "product_name": "易售后",
        "metadata_last_modified": 1_700_000_000,
    }
    assert rows_of(entity) == [
        ("客户标签", "普通客户、VIP客户、高级客户"),
        ("所属区域", "北京市-北京市-通州区"),
        ("默认服务网点", "安徽服务商"),
        ("最近服务日期", "2023-03-07"),
    ]
    assert_slack_takes_entity(entity)


def test_entity_under_a_link_has_what_the_operator_lists() -> None:
    policy = policy_in('channel.labels = {"结算方式" = "shown", "内部" = "masked"}')
    rows: list[Row] = [("结算方式", "月结 13800001001"), ("内部", "甲"), ("备注", "乙"), ("所属区域", "浙江省")]
    entity = unfurl_entity(found(*rows, audience=CHANNEL, policy=policy), IN_MESSAGE, ZH)
    assert rows_of(entity) == [("所属区域", "浙江省"), ("结算方式", "月结 138****1001"), ("内部", "****")]


def test_panel_has_every_field_but_name_and_number() -> None:
    entity = flexpane_entity(sample(0, url=URL), IN_MESSAGE, EN)
    assert "app_unfurl_url" not in entity
    assert ("Phone", "18539622352") in rows_of(entity)
    assert ("Tax id", "911****567A") in rows_of(entity)
    assert len(rows_of(entity)) == len([row for row in SAMPLES[0]["rows"] if row["Value"]]) - 2
    assert_slack_takes_entity(entity)


@pytest.mark.parametrize("url", [URL, ""])
def test_card_and_panel_are_of_one_object(url: str) -> None:
    """Slack refuses the panel whose address or reference is another than the card's."""
    card = unfurl_entity(sample(0, CHANNEL, url), IN_MESSAGE, ZH)
    panel = flexpane_entity(sample(0, url=url), card["url"], EN)
    assert (card["url"], card["external_ref"]) == (panel["url"], panel["external_ref"])


def test_pictures_are_counted() -> None:
    for entity in (unfurl_entity(sample(4, CHANNEL), URL, ZH), flexpane_entity(sample(4), URL, ZH)):
        assert rows_of(entity)[-1] == ("回单与签名", "图片 3 张")
        assert "pictures.example.com" not in str(entity)


@LANGUAGES
def test_old_copy_says_so_first(texts: Texts) -> None:
    warning = f"{texts.stale(texts.trouble[Trouble.NO_ANSWER], texts.age(7_200.0))} (E-7F3A)"
    for entity in (
        unfurl_entity(sample(0, CHANNEL, failure=FAILURE), URL, texts),
        flexpane_entity(sample(0, failure=FAILURE), URL, texts),
    ):
        assert rows_of(entity)[0] == (texts.customer.attention, warning)


def test_fields_with_the_same_label_are_all_there() -> None:
    rows = rows_of(flexpane_entity(found(("联系人", "方经理"), ("联系人", "方经理")), URL, ZH))
    assert rows == [("联系人", "方经理")] * 2


@pytest.mark.parametrize(
    ("rows", "shown"),
    [
        pytest.param([(f"字段{i}", "值", 0) for i in range(MAX_FIELDS + 3)], MAX_FIELDS, id="many"),
        pytest.param([(f"字段{i}", "💎" * 5_000, 0) for i in range(50)], None, id="large"),
    ],
)
def test_what_does_not_fit_is_counted(rows: list[tuple[str, str, int]], shown: int | None) -> None:
    entity = flexpane_entity(oversized(*rows), URL, ZH)
    fields = rows_of(entity)
    assert shown is None or len(fields) == shown + 1
    assert fields[-1] == ("…", f"另有 {len(rows) - len(fields) + 1} 项未显示")
    assert_slack_takes_entity(entity)


@LANGUAGES
@pytest.mark.parametrize("index", range(len(SAMPLES)), ids=lambda index: SAMPLES[index]["shows"])
def test_sample_customer_has_both(index: int, texts: Texts) -> None:
    assert_slack_takes_entity(unfurl_entity(sample(index, CHANNEL, URL), URL, texts))
    assert_slack_takes_entity(flexpane_entity(sample(index, url=URL), URL, texts))


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        pytest.param(NotFound(ID, "E-1"), {"status": "not_found"}, id="not found"),
        pytest.param(Invalid("x"), {"status": "not_found"}, id="no customer's link"),
        pytest.param(
            Denied(Refusal.GUEST, "E-1", ("U0ADMIN",)),
            {
                "status": "custom",
                "custom_title": "Guests cannot see customers",
                "custom_message": "Customers are for full members only. Ask an admin if you need them. (E-1)",
            },
            id="denied",
        ),
        pytest.param(
            Limited(Limit.LOOKUPS, 12.3, "E-1"),
            {
                "status": "custom",
                "custom_title": "That was too many look-ups in one minute",
                "custom_message": "Try again in 13 seconds. (E-1)",
            },
            id="limited",
        ),
        pytest.param(
            Unavailable(ID, Failure(Trouble.REFUSED, "E-1")),
            {
                "status": "custom",
                "custom_title": "The bot's access to 易售后 was refused",
                "custom_message": (
                    "Tell your admin, with the code: 易售后's app id, secret or token needs checking. (E-1)"
                ),
            },
            id="unavailable",
        ),
    ],
)
def test_empty_panel_says_why(answer: Result, error: dict[str, str]) -> None:
    assert flexpane_error(answer, EN) == error


@settings(max_examples=60)
@given(foreign_rows(60))
def test_whatever_the_crm_sends_the_entities_are_whole_and_hold_no_mark_up(rows: list[Row]) -> None:
    for texts in (ZH, EN):
        for entity in (
            unfurl_entity(found(*rows, audience=CHANNEL, url=URL, failure=FAILURE), URL, texts),
            flexpane_entity(found(*rows, url=URL, failure=FAILURE), URL, texts),
        ):
            assert_slack_takes_entity(entity)
            assert not set("<>\n\x00\u202e") & set(str(entity["entity_payload"]))
