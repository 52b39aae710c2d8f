"""The details: every field in its place, pictures with their links, and as much as a modal can hold."""

from typing import Any

import pytest
from hypothesis import given, settings

from bot.cards.details_view import MAX_BODY_BLOCKS, MAX_PICTURES, details_view
from bot.domain.field_roles import Role
from bot.domain.profile import ProfileField
from bot.domain.results import Found
from bot.locales import Texts, texts_in
from bot.slack.message import Block, View
from bot.slack.view_state import ViewState, state_in
from tests.support.block_kit import (
    as_message,
    assert_nothing_foreign_acts,
    assert_slack_takes_view,
    elements_of,
    fields_of,
    texts_of_view,
    values_of,
)
from tests.support.results import DATE, FAILURE, ID, SAMPLES, URL, Row, foreign_rows, found, oversized, sample

ZH, EN = texts_in("zh"), texts_in("en")
LANGUAGES = pytest.mark.parametrize("texts", [ZH, EN], ids=["zh", "en"])
NAME = ("客户名称", "杭州岚峤")


def details(*rows: Row, texts: Texts = ZH, **more: Any) -> View:
    return details_view(found(*rows, **more), texts, ViewState())


def outline(view: View) -> dict[str, list[str]]:
    """The texts under each heading; those above the first are under the name."""
    found_so_far: dict[str, list[str]] = {}
    for block in view["blocks"]:
        if block["type"] == "header":
            texts = found_so_far.setdefault(block["text"]["text"], [])
        elif block["type"] != "actions":
            texts += _texts(block)
    return found_so_far


def _texts(block: Block) -> list[str]:
    parts = [*([block["text"]] if "text" in block else []), *block.get("fields", []), *block.get("elements", [])]
    return [part["text"] for part in parts] or [f"{block['alt_text']} {block['image_url']}"]


def pairs(view: View) -> list[tuple[str, str]]:
    return fields_of(as_message(view))


def test_details_of_the_documented_customer() -> None:
    view = details_view(sample(0, url=URL, failure=FAILURE), ZH, ViewState(channel="C1"))
    assert outline(view) == {
        "胡效鑫1": [
            "CF00000179  ·  `普通客户` `VIP客户` `高级客户`",
            ":warning: 易售后没有回应；这是 2 小时前的副本  ·  代码 E-7F3A",
        ],
        "联系方式": [
            "*联系人*\n胡效鑫1",
            "*联系电话*\n<tel:18539622352|185 3962 2352>",
            "*邮箱*\n<mailto:903146517@qq.com|903146517@qq.com>",
            "*固定电话*\n<tel:0108888888|0108888888>",
        ],
        "地址": [
            "*住所*\n住所",
            "*国家/地区*\n中国",
            "*所属区域*\n北京市-北京市-通州区",
            "*详细地址*\n东郊森林公园-华北树木园",
        ],
        "开票": [
            "*统一社会信用码*\n911∗∗∗∗567A",
            "*发票抬头*\n发票抬头",
            "*开户行*\n开户行",
            "*银行账户*\n∗∗∗∗",
            "*发票类型*\n增值税专用发票",
        ],
        "服务": ["*默认服务网点*\n安徽服务商", "*维护人员*\n我是测试", "*最近服务日期*\n2023-03-07"],
        "其他": [
            "*备注*\n备注",
            "*客户来源*\n展会获取13",
            "*客户等级*\n123",
            "*创建时间*\n2022-01-15",
            f":lock: 仅你可见  ·  易售后  ·  {DATE} 的数据",
        ],
    }
    assert state_in(view["private_metadata"]) == ViewState(ID, "C1")


def test_what_can_be_done_in_the_details() -> None:
    view = details_view(sample(0, url=URL), ZH, ViewState())
    *tabs, share, refresh, link, menu = elements_of(view["blocks"])
    assert [part["action_id"] for part in (share, refresh, link, menu)] == [
        "customer_share", "customer_refresh", "customer_open", "customer_menu",
    ]  # fmt: skip
    assert link["url"] == URL
    assert values_of(view["blocks"]) == [*[ID] * len(tabs), ID, ID, f"copy {ID}", f"pin {ID}"]
    assert len(elements_of(details(NAME)["blocks"])) == len(tabs) + 3


def test_fields_with_the_same_label_are_all_shown_and_empty_ones_are_not() -> None:
    view = details(NAME, ("联系人", "方经理"), ("联系人", "林会计"), ("单选", ""), ("联系人", "方经理"))
    assert pairs(view) == [("联系人", "方经理"), ("联系人", "林会计"), ("联系人", "方经理")]


def test_services_and_parts_stand_side_by_side_as_lists() -> None:
    view = details(
        NAME,
        ("服务项目", "上门检测、滤芯更换", 2),
        ("使用备件", ["滤芯", "密封圈"], 3),
        ("回收备件", "滤芯", 4),
    )
    [section] = [block for block in view["blocks"] if "fields" in block]
    assert [field["text"] for field in section["fields"]] == [
        "*服务项目*\n• 上门检测\n• 滤芯更换",
        "*使用备件*\n• 滤芯\n• 密封圈",
        "*回收备件*\n• 滤芯",
    ]


def test_long_lists_end_with_how_many_more() -> None:
    view = details(NAME, ("使用备件", "、".join(f"备件{i}" for i in range(23)), 3))
    [(_, shown)] = pairs(view)
    assert shown.split("\n")[-2:] == ["• 备件19", "…另有 3 项"]


def test_long_value_has_the_whole_width_and_its_place() -> None:
    view = details(NAME, ("甲", "1"), ("乙", "值" * 61), ("丙", "3"))
    body = [block for block in view["blocks"] if block["type"] == "section"]
    assert [list(block)[1] for block in body] == ["fields", "text", "fields"]
    assert body[1]["text"]["text"] == f"*乙*\n{'值' * 61}"


@pytest.mark.parametrize("role", ["客户名称", "客户编号"])
def test_name_or_number_that_is_cut_above_is_whole_below(role: str) -> None:
    long = "长" * 151
    growing = "&" * 40
    assert f"*{role}*\n{'&amp;' * 40}" in texts_of_view(details((role, growing)))
    assert f"*{role}*\n{long}" in texts_of_view(details((role, long)))
    assert f"*{role}*\n短" not in texts_of_view(details((role, "短")))


def test_pictures_have_a_link_under_each() -> None:
    view = details(
        NAME,
        ("回单图片", ["https://p.example/1.jpg", "https://p.example/回单 2.jpg"], 1),
        ("客户签名", "https://p.example/3", 5),
    )
    assert outline(view)["回单与签名"][:-1] == [
        "回单图片 1 https://p.example/1.jpg",
        "<https://p.example/1.jpg|打开 回单图片 1>",
        "*回单图片 2*  https://p.example/回单 2.jpg",
        "客户签名 https://p.example/3",
        "<https://p.example/3|打开 客户签名>",
    ]
    assert_slack_takes_view(view)


@pytest.mark.parametrize(
    "address",
    [
        "http://p.example/1",
        "ftp://p.example/1",
        "javascript:alert(1)",
        "//p.example/1",
        "https://",
        "https://localhost/1",
        "https://user:secret@p.example/1",
        "https://slack.com@p.example/1",
        "https://p.example/<!channel>",
        "https://p.example/a|b",
        "https://[::1/",
        "https://p.example/" + "x" * 3_000,
        "/receipts/1.jpg",
        "回单",
    ],
)
def test_what_is_no_safe_address_is_a_text(address: str) -> None:
    view = details(NAME, ("回单图片", address, 1))
    assert not [block for block in view["blocks"] if block["type"] == "image"]
    assert any(text.startswith("*回单图片*  ") for text in texts_of_view(view))
    assert_slack_takes_view(view)
    assert_nothing_foreign_acts(as_message(view))


def test_address_in_chinese_is_written_as_the_web_writes_it() -> None:
    view = details(NAME, ("回单图片", "https://p.example/回单.jpg?a=1&b=%20", 1))
    [image] = [block for block in view["blocks"] if block["type"] == "image"]
    assert image["image_url"] == "https://p.example/%E5%9B%9E%E5%8D%95.jpg?a=1&b=%20"


def test_more_pictures_are_links_alone() -> None:
    view = details(NAME, ("回单", [f"https://p.example/{i}" for i in range(MAX_PICTURES + 3)], 1))
    images = [block for block in view["blocks"] if block["type"] == "image"]
    links = [text for text in texts_of_view(view) if text.startswith("<https://p.example/")]
    assert (len(images), len(links)) == (MAX_PICTURES, MAX_PICTURES + 3)


@LANGUAGES
@pytest.mark.parametrize(
    "rows",
    [
        pytest.param([(f"字段{i}", "值" * 100, 0) for i in range(300)], id="long ones"),
        pytest.param([(f"字段{i}", f"值{i}", 0) for i in range(2_000)], id="short ones"),
        pytest.param([(f"字段{i}", "💎" * 5_000, 0) for i in range(100)], id="large ones"),
        pytest.param([("图", f"https://p.example/{i}", 1) for i in range(500)], id="pictures"),
        pytest.param([("备件", "、".join(["备件" * 100] * 100), 3)] * 500, id="lists"),
    ],
)
def test_what_does_not_fit_is_counted(rows: list[tuple[str, str, int]], texts: Texts) -> None:
    view = details_view(oversized(*rows), texts, ViewState())
    [left_out] = [text for text in texts_of_view(view) if text.startswith(":warning:")]
    shown = sum(
        len(block.get("fields", [])) or 1
        for block in view["blocks"]
        if block["type"] == "section" or (block["type"] == "context" and "<https" in str(block))
    )
    assert left_out == f":warning: {texts.customer.not_shown(len(rows) - shown)}"
    assert len(view["blocks"]) <= MAX_BODY_BLOCKS + 7
    assert_slack_takes_view(view)


@LANGUAGES
@pytest.mark.parametrize("index", range(len(SAMPLES)), ids=lambda index: SAMPLES[index]["shows"])
def test_sample_customer_has_whole_details(index: int, texts: Texts) -> None:
    customer = sample(index, url=URL)
    view = details_view(customer, texts, ViewState())
    assert_slack_takes_view(view)
    assert_nothing_foreign_acts(as_message(view))
    labelled = [text for text in texts_of_view(view) if text.startswith("*") and "*\n" in text]
    assert len(labelled) == len(_below_the_head(customer))


def _below_the_head(customer: Found) -> list[ProfileField]:
    """What is no picture and has a value, but for the first name, number and tags."""
    fields = [field for field in customer.profile.fields if field.value and field.role is not Role.PICTURE]
    for role in (Role.NAME, Role.NUMBER, Role.TAGS):
        first = next((field for field in fields if field.role is role), None)
        if first and len(first.value) <= 100:
            fields.remove(first)
    return fields


@settings(max_examples=60)
@given(foreign_rows(60))
def test_whatever_the_crm_sends_the_details_are_whole_and_nothing_in_them_acts(rows: list[Row]) -> None:
    customer = found(*rows, url=URL, failure=FAILURE)
    for texts in (ZH, EN):
        view = details_view(customer, texts, ViewState(channel="C1"))
        assert_slack_takes_view(view)
        assert_nothing_foreign_acts(as_message(view))
        assert {ID} == {value.split()[-1] for value in values_of(view["blocks"])}
        assert state_in(view["private_metadata"]) == ViewState(ID, "C1")
