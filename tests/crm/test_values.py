"""The CRM's values as people read them."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.crm.envelope import customer_fields, result_value
from bot.crm.transport import HttpResponse
from bot.crm.values import readable
from bot.domain.field_roles import Role
from bot.domain.profile import ShowType, pictures_in, profile_field

NOTHING = [
    None, "", " ", "null", "NULL", "None", "undefined", "NaN", "无", "暂无", "N/A", "n/a", "#N/A", "—", "--", "/", "-",
    "0001-01-01", "0001-01-01 00:00:00", "0001-01-01T00:00:00", "0001/1/1 0:00:00", "1900-01-01", "1900/1/1",
    "1970-01-01", "1970-01-01 08:00:00", "1753-01-01", "/Date(-62135596800000)/", "<p></p>", "<br/>",
    "&nbsp;", [], [None], "–", "---", "//", "***", "。", "\u200b", "NA", "N / A", "#REF!", "<null>", "DBNull",
    "[]", "{}", "没有", "暂无数据", "不详", "0000-00-00", "1899-12-30", "1900/1/0",
]  # fmt: skip
WRITTEN_OTHERWISE = {
    "a float": (13800001001.0, "13800001001"),
    "a float in a text": ("13800001001.0", "13800001001"),
    "with two zeros": ("13800001001.00", "13800001001"),
    "an exponent": ("1.3800001001E10", "13800001001"),
    "another exponent": ("1.3800001001e+10", "13800001001"),
    "digits that are lost": ("1.38E+10", "1.38E+10"),
    "a fraction": (0.5, "0.5"),
    "an amount": ("1200.50", "1200.50"),
    "a .NET date": ("/Date(1678147200000)/", "2023-03-07 08:00"),
    "a .NET date at midnight": ("/Date(1678118400000+0800)/", "2023-03-07"),
    "an escaped .NET date": ("\\/Date(1678118400000)\\/", "2023-03-07"),
    "an entity": ("A&amp;B 公司", "A&B 公司"),
    "a number's entity": ("O&#39;Brien", "O'Brien"),
    "a hexadecimal entity": ("O&#x27;Brien", "O'Brien"),
    "entities are read once": ("&amp;lt;", "&lt;"),
    "a lone ampersand": ("A&B&copy=1", "A&B&copy=1"),
    "a break": ("一楼<br/>二楼<BR>三楼", "一楼\n二楼\n三楼"),
    "paragraphs": ("<p>一楼</p><p class='x'>二楼</p>", "一楼\n二楼"),
    "bold": ("<b>急</b>", "急"),
    "no tag": ("a < b > c", "a < b > c"),
    "a name in angle brackets": ("方<fang@example.com>", "方<fang@example.com>"),
    "a word for nothing among others": ("无锡", "无锡"),
    "a date": ("2023-03-07", "2023-03-07"),
    "half a character": ("&#xd800;", "�"),
}
PICTURES = {
    "one": ("https://img.example.test/a.png", ["https://img.example.test/a.png"]),
    "commas": ("https://i.example/a.png,https://i.example/b.png", ["https://i.example/a.png", "https://i.example/b.png"]),
    "semicolons": ("https://i.example/a.png;https://i.example/b.png", ["https://i.example/a.png", "https://i.example/b.png"]),
    "bars": ("https://i.example/a.png|https://i.example/b.png", ["https://i.example/a.png", "https://i.example/b.png"]),
    "blanks": ("https://i.example/a.png https://i.example/b.png", ["https://i.example/a.png", "https://i.example/b.png"]),
    "nothing between": ("https://i.example/a.pnghttps://i.example/b.png", ["https://i.example/a.png", "https://i.example/b.png"]),
    "as the CRM joins": ("https://i.example/a.png、https://i.example/b.png", ["https://i.example/a.png", "https://i.example/b.png"]),
    "a list in JSON": ('["https://i.example/a.png","https://i.example/b.png"]', ["https://i.example/a.png", "https://i.example/b.png"]),
    "a comma of its own": ("https://i.example/a.png?x-oss-process=image/resize,w_100", ["https://i.example/a.png?x-oss-process=image/resize,w_100"]),
    "capitals": ("HTTPS://IMG.EXAMPLE.TEST/A.PNG", ["https://IMG.EXAMPLE.TEST/A.PNG"]),
    "no address": ("receipt-1、receipt-2", ["receipt-1", "receipt-2"]),
}  # fmt: skip
FIELD = {"ShowType": 0, "Key": "客户编号", "Value": "CF00000179"}
SHAPES = {
    "as documented": [FIELD],
    "one row alone": FIELD,
    "camelCase": [{"showType": 0, "key": "客户编号", "value": "CF00000179"}],
    "capitals": [{"SHOWTYPE": "0", "KEY": "客户编号", "VALUE": "CF00000179"}],
    "a list inside an object": {"Rows": [FIELD]},
    "labels and values": {"客户编号": "CF00000179"},
    "a text of JSON": json.dumps([FIELD]),
}


@pytest.mark.parametrize("value", NOTHING, ids=repr)
def test_words_for_nothing_are_nothing(value: object) -> None:
    assert readable(value) == ""


@pytest.mark.parametrize(("value", "text"), WRITTEN_OTHERWISE.values(), ids=WRITTEN_OTHERWISE.keys())
def test_value_is_what_a_person_would_write(value: object, text: str) -> None:
    assert readable(value) == text


@given(
    st.text()
    | st.lists(st.sampled_from(["<br", "/>", "<p>", "&amp;", "&#", "39;", "/Date(", "1", ")/", "null", "\n"])).map(
        "".join
    )
)
def test_any_text_stays_a_text_without_blanks_around_it(text: str) -> None:
    shown = readable(text)
    assert shown == shown.strip()
    shown.encode()


@pytest.mark.parametrize(("value", "urls"), PICTURES.values(), ids=PICTURES.keys())
def test_pictures_of_one_value_are_separated(value: str, urls: list[str]) -> None:
    assert list(pictures_in(profile_field("回单图片", value, ShowType.RECEIPT_PICTURE))) == urls


@pytest.mark.parametrize("value", SHAPES.values(), ids=SHAPES.keys())
def test_customer_is_read_in_every_shape(value: object) -> None:
    for names in (("ResultCode", "ErrorMsg", "ResultValue"), ("resultCode", "errorMsg", "resultValue")):
        body = dict(zip(names, (0, "", value), strict=True))
        [field] = customer_fields(result_value(HttpResponse(200, json.dumps(body).encode()), ()))
        assert (field.key, field.value, field.role) == ("客户编号", "CF00000179", Role.NUMBER)
