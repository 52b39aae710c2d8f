"""Rows of the CRM's lists as values, whatever their columns hold; and whether a device is under warranty."""

from datetime import date
from typing import Any, Final

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.crm.envelope import customer_fields, rows_of
from bot.crm.rows import (
    MAX_DESCRIPTION_LENGTH,
    MAX_TEXT_LENGTH,
    contact_in,
    customer_id_in,
    device_in,
    step_in,
    work_order_in,
)
from bot.crm.warranty import day_in_china, described_warranty
from bot.domain.records import Contact, Device, Pending, State, Warranty, WorkOrder, WorkStep
from bot.errors import CrmUnreadable
from tests.support.fake_crm_session import CUSTOMER, json_values

TODAY: Final = date(2023, 3, 7)


def device(**columns: Any) -> Device:
    return device_in(columns, TODAY)


def test_contact_is_read_by_its_columns() -> None:
    row = {
        "CustomerID": CUSTOMER, "CustomerName": "甲公司", "Name": "王工", "Telephone": 13800001001,
        "Mail": "wang@example.com", "Title": None, "IsMain": True,
    }  # fmt: skip
    assert contact_in(row) == Contact(CUSTOMER, "王工", "13800001001", mail="wang@example.com", title="", is_main=True)


def test_device_of_the_list_and_of_the_serial_number_have_different_columns() -> None:
    listed = device(
        ID="D1", CustomerID=CUSTOMER, CustomerName="甲公司", CustomerContact="王工", CustomerTelephone="13800001001",
        Number="CE00000154", SerialNumber1="777777", ProductName="净水器", ProductType="LPR-30", ProductBrand="岚泉",
        WarrantyEnd="2023/3/8 0:00:00",
    )  # fmt: skip
    by_serial_number = device(
        ID="D1", CustomerID=CUSTOMER, CustomerName="甲公司", Contact="王工", Telephone="13800001001",
        SerialNumber="777777", ProductName="净水器", ProductType="LPR-30", GuaranteedState="In",
    )  # fmt: skip
    assert listed == Device(
        "D1", CUSTOMER, "CE00000154", "777777", "净水器", "LPR-30", "岚泉", Warranty.IN, "2023/3/8 0:00:00"
    )
    assert by_serial_number == listed._replace(number="", brand="", warranty_ends="")


def test_work_order_and_step_are_read_by_their_columns() -> None:
    order = {
        "ID": "W1", "CustomerID": CUSTOMER, "CustomerName": "甲公司", "Number": "GD1", "Description": "更换滤芯",
        "CreateTime": "2020/4/29 15:02:11", "State": 5, "PendState": "5", "Contact": "王工", "CustomerPhone": "1",
        "ContactNumber": "", "ProductName": "净水器",
    }  # fmt: skip
    assert work_order_in(order) == WorkOrder(
        "W1", CUSTOMER, "GD1", "更换滤芯", "2020/4/29 15:02:11", State.DISPATCHED, Pending.TAKING, "净水器"
    )
    step = {"ActionName": "派工", "HandedTime": "2020/4/29 16:20:16", "IsTimeOut": "True", "ServiceNetworkName": "ZJ"}
    assert step_in(step) == WorkStep("派工", "", "2020/4/29 16:20:16", is_late=True, deadline="", outlet="ZJ")


@pytest.mark.parametrize(
    "value",
    [CUSTOMER, CUSTOMER.upper(), f"{{{CUSTOMER}}}", CUSTOMER.replace("-", ""), f" {CUSTOMER} "],
    ids=["as documented", "capitals", "braces", "no dashes", "blanks"],
)
def test_customer_id_has_one_spelling(value: str) -> None:
    assert customer_id_in({"CustomerID": value}) == CUSTOMER


@pytest.mark.parametrize(
    "value",
    [None, "", 0, 7, "CF00000179", [CUSTOMER, CUSTOMER], f"{CUSTOMER}0", "00000000-0000-0000-0000-000000000000"],
    ids=str,
)
def test_what_is_no_id_is_no_customer(value: object) -> None:
    assert customer_id_in({"CustomerID": value}) == ""
    assert customer_id_in({"ID": CUSTOMER}) == ""


@pytest.mark.parametrize("value", [8, "8", " 8 "], ids=repr)
def test_state_is_a_number_or_text(value: object) -> None:
    order = work_order_in({"State": value, "PendState": value})
    assert (order.state, order.pending) == (State.IN_SERVICE, Pending.REPORT)


@pytest.mark.parametrize(
    "value",
    [0, None, "", 99, "99", -1, "服务中", True, [8, 8], {}, 8.5, "9" * 5_000],
    ids=lambda value: repr(value)[:9],
)
def test_state_that_is_not_known_is_the_default(value: object) -> None:
    order = work_order_in({"State": value, "PendState": value})
    assert (order.state, order.pending) == (State.DEFAULT, Pending.DEFAULT)


@pytest.mark.parametrize(("value", "is_main"), [(True, True), ("true", True), ("1", True), (1, True)])
@pytest.mark.parametrize("negative", [False, None, "False", "0", 0, "", []])
def test_yes_is_written_in_many_ways(value: object, is_main: bool, negative: object) -> None:
    assert contact_in({"IsMain": value}).is_main is is_main
    assert contact_in({"IsMain": negative}).is_main is False


def test_long_values_are_cut() -> None:
    order = work_order_in({"Description": "x" * 10_000, "ProductName": "x" * 10_000})
    assert (len(order.description), len(order.product_name)) == (MAX_DESCRIPTION_LENGTH, MAX_TEXT_LENGTH)
    assert order.product_name.endswith("x…")


STATED: Final = {
    Warranty.IN: [1, "1", "In", "IN"],
    Warranty.OUT: [2, "2", "Out", "out"],
    Warranty.UNKNOWN: [0, "0", None, "", "Default", 3, True, []],
}


@pytest.mark.parametrize(
    ("value", "warranty"), [(value, warranty) for warranty, values in STATED.items() for value in values], ids=str
)
def test_warranty_is_stated_as_number_or_word(value: object, warranty: Warranty) -> None:
    """What is stated counts more than a date."""
    assert device(GuaranteedState=value).warranty is warranty
    dated = device(GuaranteedState=value, WarrantyEnd="2000-01-01").warranty
    assert dated is (Warranty.OUT if warranty is Warranty.UNKNOWN else warranty)


@pytest.mark.parametrize(
    ("ends", "warranty"),
    [
        ("2023-03-08", Warranty.IN),
        ("2023-03-07", Warranty.IN),
        ("2023/3/7 0:00:00", Warranty.IN),
        ("2023-03-07T00:00:00", Warranty.IN),
        ("2023年3月7日", Warranty.IN),
        ("2023-03-06", Warranty.OUT),
        ("2023/3/6 23:59:59", Warranty.OUT),
        ("9999-12-31", Warranty.IN),
        ("0000-13-00", Warranty.UNKNOWN),
        ("2023-02-30", Warranty.UNKNOWN),
        ("2023-03-071", Warranty.UNKNOWN),
        ("三年", Warranty.UNKNOWN),
        ("", Warranty.UNKNOWN),
    ],
)
def test_last_day_of_a_warranty_belongs_to_it(ends: str, warranty: Warranty) -> None:
    read = device(WarrantyEnd=ends)
    assert (read.warranty, read.warranty_ends) == (warranty, ends)


@pytest.mark.parametrize(
    ("rows", "warranty", "ends"),
    [
        ({"保修期限": "无保修", "保修截止日期": ""}, Warranty.OUT, ""),
        ({"保修期限": "无保修", "保修截止日期": "2030-01-01"}, Warranty.OUT, "2030-01-01"),
        ({"保修期限": "全保", "保修截止日期": "2030-01-01"}, Warranty.IN, "2030-01-01"),
        ({"保修期限": "全保", "保修截止日期": "2020-01-01"}, Warranty.OUT, "2020-01-01"),
        ({"保修期限": "全保", "保修截止日期": None}, Warranty.UNKNOWN, ""),
        ({"保修期限": "全保"}, Warranty.UNKNOWN, ""),
        ({"设备编号": "CE00000154"}, Warranty.UNKNOWN, ""),
    ],
)
def test_devices_own_page_tells_its_warranty(rows: dict[str, object], warranty: Warranty, ends: str) -> None:
    fields = customer_fields([{"ShowType": 0, "Key": key, "Value": value} for key, value in rows.items()])
    assert described_warranty(fields, TODAY) == (warranty, ends)


def test_days_are_chinas() -> None:
    """16:00 in Greenwich is midnight there."""
    assert day_in_china(1_678_118_399) == date(2023, 3, 6)
    assert day_in_china(1_678_118_400) == date(2023, 3, 7)


@pytest.mark.parametrize("value", [None, "", [], {}], ids=repr)
def test_nothing_is_no_rows(value: object) -> None:
    assert rows_of(value) == ()


def test_one_row_alone_is_a_list_of_it_and_what_is_no_row_is_left_out() -> None:
    assert rows_of({"ID": "1"}) == rows_of([None, {"ID": "1"}, [], "x", 7]) == ({"ID": "1"},)


@pytest.mark.parametrize("value", ["x", 1, True, [None], [[]], ["x"]], ids=repr)
def test_what_holds_no_row_is_unreadable(value: object) -> None:
    with pytest.raises(CrmUnreadable):
        rows_of(value)


@given(
    st.dictionaries(st.sampled_from(["ID", "CustomerID", "Name", "State", "CreateTime", "WarrantyEnd"]), json_values)
)
@settings(max_examples=200)
def test_any_row_is_read_and_every_text_of_it_is_short_and_can_be_written(row: dict[str, object]) -> None:
    for value in (contact_in(row), device_in(row, TODAY), work_order_in(row), step_in(row)):
        for text in value:
            if isinstance(text, str):
                assert len(text.encode()) <= 4 * MAX_DESCRIPTION_LENGTH
