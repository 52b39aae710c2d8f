"""The CRM's answers, as documented and as they may come: what is read from them and what is refused."""

import json
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.crm.envelope import (
    MAX_ERROR_MSG_LENGTH,
    MAX_FIELDS,
    MAX_KEY_LENGTH,
    MAX_PROFILE_LENGTH,
    MAX_VALUE_LENGTH,
    customer_fields,
    result_value,
)
from bot.crm.transport import HttpResponse
from bot.crm.values import readable, text_of
from bot.domain.field_roles import Role
from bot.domain.profile import ProfileField, ShowType
from bot.errors import CrmError, CrmRejected, CrmStatusError, CrmUnauthorized, CrmUnreadable
from bot.playground.fake_crm.server import DOCUMENTED_CUSTOMER, sample_customers

TOKEN = "sample-token-a+b/c=="

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters(exclude_categories=[])),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.text(st.characters(exclude_categories=[])) | st.sampled_from(["Key", "Value"]), inner)
    ),
    max_leaves=6,
)
"""Any JSON value, halves of characters included."""


def answer(body: object, status: int = 200) -> HttpResponse:
    return HttpResponse(status, json.dumps(body).encode())


def error_of(body: object, status: int = 200) -> CrmError:
    with pytest.raises(CrmError) as caught:
        result_value(answer(body, status), [TOKEN])
    return caught.value


def rejected(error_msg: object, code: object = 7) -> str:
    """The ErrorMsg as it is passed on."""
    error = error_of({"ResultCode": code, "ErrorMsg": error_msg})
    assert isinstance(error, CrmRejected)
    return error.error_msg


def rows(*rows: object) -> list[tuple[str, str]]:
    return [(field.key, field.value) for field in customer_fields(list(rows))]


def value_of(value: object) -> str:
    [(_, text)] = rows({"ShowType": 0, "Key": "单选", "Value": value})
    return text


@pytest.mark.parametrize("code", [0, "0", " 0 ", "0\n", -0], ids=repr)
def test_code_zero_is_success_as_number_or_text(code: object) -> None:
    assert result_value(answer({"ResultCode": code, "ErrorMsg": "", "ResultValue": [1]}), []) == [1]


@pytest.mark.parametrize("envelope", [{"ResultCode": 0}, {"ResultCode": 0, "ResultValue": None}], ids=str)
def test_missing_result_value_is_none(envelope: object) -> None:
    assert result_value(answer(envelope), []) is None


def test_bom_and_other_encodings_of_json_are_read() -> None:
    body = '{"ResultCode": 0, "ResultValue": "客户"}'
    for encoding in ("utf-8", "utf-8-sig", "utf-16", "utf-32"):
        assert result_value(HttpResponse(200, body.encode(encoding)), []) == "客户"


NO_ENVELOPES = {
    "nothing": b"",
    "blanks": b"  ",
    "HTML": b"<html><body>Gateway</body></html>",
    "cut JSON": b'{"ResultCode": 0, "ResultV',
    "another encoding": '{"ResultCode": 0, "ErrorMsg": "成功"}'.encode("gbk"),
    "a list": b"[]",
    "null": b"null",
    "a number": b"0",
    "text": b'"0"',
    "nested 20,000 deep": b"[" * 20_000,
    "a number of 5,000 digits": b'{"ResultCode": ' + b"1" * 5_000 + b"}",
    "no code": b'{"ResultValue": []}',
    "a code of null": b'{"ResultCode": null, "ErrorMsg": ""}',
    "a list as code": b'{"ResultCode": [0]}',
    "an object as code": b'{"ResultCode": {"a": 0}}',
    "an empty code": b'{"ResultCode": " ", "ErrorMsg": ""}',
}


@pytest.mark.parametrize("body", NO_ENVELOPES.values(), ids=NO_ENVELOPES.keys())
def test_body_that_is_no_envelope_is_unreadable(body: bytes) -> None:
    with pytest.raises(CrmUnreadable):
        result_value(HttpResponse(200, body), [])


@pytest.mark.parametrize("status", [201, 302, 404, 429, 500, 503])
@pytest.mark.parametrize("body", [b"<html>", b"[]", b'{"ResultCode": 0, "ResultValue": []}', b'{"ErrorMsg": "busy"}'])
def test_bad_status_is_a_failure_whatever_the_body_says(status: int, body: bytes) -> None:
    with pytest.raises(CrmStatusError) as caught:
        result_value(HttpResponse(status, body), [])
    assert (caught.value.status, str(caught.value)) == (status, f"HTTP {status}")


@pytest.mark.parametrize("body", [b"", b"<html>", b'{"ResultCode": 0, "ResultValue": []}'])
@pytest.mark.parametrize("status", [401, 403])
def test_unauthorised_and_forbidden_are_a_refusal(status: int, body: bytes) -> None:
    with pytest.raises(CrmUnauthorized):
        result_value(HttpResponse(status, body), [])


@pytest.mark.parametrize(
    "error_msg",
    [
        "access_token 无效或已过期",
        "Token expired",
        "INVALID TOKEN",
        "令牌失效",
        "40001 token invalid",
        "1001token无效",
        "错误 13800001001 的 token 无效",
        f"{TOKEN} is no access_token",
        "x" * 3_000 + " token",
        ["access_token"],
        {"detail": "令牌"},
    ],
    ids=lambda error_msg: str(error_msg)[:30],
)
def test_error_msg_that_names_the_token_is_a_refusal(error_msg: object) -> None:
    """Whatever stands around the word (numbers are taken out only of what is passed on), and with any status."""
    for status in (200, 400, 500):
        assert isinstance(error_of({"ResultCode": 1001, "ErrorMsg": error_msg}, status), CrmUnauthorized)


@pytest.mark.parametrize(
    ("code", "shown"),
    [(1, "1"), ("7", "7"), (-1, "-1"), (0.5, "0.5"), ("E_1", "E_1"), (True, "?"), ("客户 王小二 不存在", "?")],
    ids=repr,
)
def test_any_other_code_is_a_rejection(code: object, shown: str) -> None:
    """A sentence in its place may hold a name, and the code goes to the log."""
    error = error_of({"ResultCode": code, "ErrorMsg": "系统忙", "ResultValue": []})
    assert isinstance(error, CrmRejected)
    assert error.error_msg == "系统忙"
    assert str(error) == f"ResultCode {shown}"


@pytest.mark.parametrize("error_msg", [None, "", "  ", [], {}], ids=repr)
def test_rejection_may_say_nothing(error_msg: object) -> None:
    assert rejected(error_msg) == ""


def test_error_msg_is_one_short_line() -> None:
    assert rejected("  系统\n\t忙\u3000请\r\n稍后 ") == "系统 忙 请 稍后"
    assert len(rejected("忙" * 100_000)) == MAX_ERROR_MSG_LENGTH


SCRUBBED = {
    "the secret": TOKEN,
    "the secret as an address holds it": quote(TOKEN, safe=""),
    "the same in lower case": quote(TOKEN, safe="").lower(),
    "a mobile": "13800001001",
    "a mobile in groups": "138 0000 1001",
    "a mobile in full-width digits": "１３８００００１００１",
    "a landline": "010-8888-8888",
    "an address of mail": "zhang.san@example.com",
    "an id card": "11010119900307451X",
    "a credit code": "91110108339719567A",
    "a bank card": "6222021234567890128",
}


@pytest.mark.parametrize("part", SCRUBBED.values(), ids=SCRUBBED.keys())
def test_error_msg_gives_no_secret_and_no_personal_data_away(part: str) -> None:
    """Also where it is cut: no beginning of a secret is left."""
    for frame in ("{}", "客户{}不存在", "客户 {} 不存在", "[{}]", "a" * 195 + " {}"):
        error_msg = rejected(frame.format(part))
        assert part[:9] not in error_msg
        assert "****" in error_msg


def test_refusal_gives_no_secret_and_no_personal_data_away() -> None:
    """Its message goes to the log and to /readyz, the CRM's words to the doctor alone."""
    error = error_of({"ResultCode": 1001, "ErrorMsg": f"客户 王小二 电话 13800001001 的 token {TOKEN} 无效"})
    assert isinstance(error, CrmUnauthorized)
    assert (str(error), error.error_msg) == ("ResultCode 1001", "客户 王小二 电话 **** 的 token **** 无效")


@pytest.mark.parametrize("error_msg", ["忙", "token 无效"], ids=["rejected", "refused"])
@pytest.mark.parametrize("code", [TOKEN, f"E {TOKEN}", "13800001001"], ids=str)
def test_code_gives_no_secret_and_no_personal_data_away(code: object, error_msg: str) -> None:
    text = str(error_of({"ResultCode": code, "ErrorMsg": error_msg}))
    assert "sample" not in text
    assert "1380000" not in text


def test_halves_of_characters_can_be_written() -> None:
    error = error_of({"ResultCode": "\ud8007", "ErrorMsg": "\ud800忙"})
    assert isinstance(error, CrmRejected)
    assert (str(error), error.error_msg) == ("ResultCode ?", "?忙")


@pytest.mark.parametrize("value", [None, "", [], {}], ids=repr)
def test_empty_result_value_means_no_such_customer(value: object) -> None:
    assert customer_fields(value) == ()


@pytest.mark.parametrize(
    "value",
    ["text", 0, 7, 1.5, True, False, [None], [1, "a", [], None], [{}], [{"ShowType": 0}], {"Name": "x"}],
    ids=repr,
)
def test_result_value_without_any_row_is_unreadable(value: object) -> None:
    with pytest.raises(CrmUnreadable):
        customer_fields(value)


def test_documented_customer_is_read_row_for_row() -> None:
    [customer] = [entry for entry in sample_customers() if entry["id"] == DOCUMENTED_CUSTOMER]
    fields = customer_fields(customer["rows"])
    assert [(field.show_type, field.key, field.value) for field in fields] == [
        (row["ShowType"], row["Key"], row["Value"]) for row in customer["rows"]
    ]
    assert len(fields) == 24


def test_one_object_is_one_row() -> None:
    assert customer_fields({"ShowType": 0, "Key": "客户名称", "Value": "甲"}) == (
        ProfileField("客户名称", "甲", ShowType.PLAIN, Role.NAME),
    )


def test_rows_that_are_no_objects_are_skipped() -> None:
    assert rows(None, {"Key": "a", "Value": "1"}, "b", 2, [], [{"Key": "c"}], True, {}, {"ShowType": 6}) == [("a", "1")]


def test_order_and_duplicates_are_kept() -> None:
    pairs = [("b", "1"), ("a", "2"), ("b", "1"), ("b", "3")]
    assert rows(*({"Key": key, "Value": value} for key, value in pairs)) == pairs


@pytest.mark.parametrize(
    ("row", "pair"),
    [
        pytest.param({"Key": "a"}, ("a", ""), id="no Value"),
        pytest.param({"Key": "a", "Value": None}, ("a", ""), id="a Value of null"),
        pytest.param({"Value": "1"}, ("", "1"), id="no Key"),
        pytest.param({"Key": None, "Value": "1"}, ("", "1"), id="a Key of null"),
        pytest.param({"Key": 7, "Value": "1"}, ("7", "1"), id="a Key that is a number"),
        pytest.param({"Key": " a ", "Value": "\n1 "}, ("a", "1"), id="blanks around both"),
        pytest.param({"Key": "a", "Value": "1", "LabelIDs": [1]}, ("a", "1"), id="more than is documented"),
    ],
)
def test_row_with_a_key_or_a_value_is_a_field(row: object, pair: tuple[str, str]) -> None:
    assert rows(row) == [pair]


@pytest.mark.parametrize(
    ("show_type", "read"),
    [(number, ShowType(number)) for number in range(7)]
    + [(str(number), ShowType(number)) for number in range(7)]
    + [(" 6 ", ShowType.TAGS), ("06", ShowType.TAGS)]
    + [
        (other, ShowType.PLAIN)
        for other in (7, -1, "7", "abc", "", None, True, False, 6.0, 6.5, [6], {"6": 6}, "9" * 5_000)
    ],
    ids=lambda case: repr(case)[:20],
)
def test_show_type_comes_as_number_or_text_and_else_is_plain(show_type: object, read: ShowType) -> None:
    [field] = customer_fields([{"ShowType": show_type, "Key": "单选", "Value": "x"}])
    assert field.show_type is read


def test_missing_show_type_is_plain() -> None:
    assert customer_fields([{"Key": "a"}])[0].show_type is ShowType.PLAIN


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, ""),
        ("", ""),
        ("text", "text"),
        (True, "是"),
        (False, "否"),
        (0, "0"),
        (18539622352, "18539622352"),
        (-1.5, "-1.5"),
        ([], ""),
        (["a", None, "", "b"], "a、b"),
        ([["a", "b"], ["c"]], "a、b、c"),
        ({}, ""),
        ({"名称": "滤芯", "数量": 2}, "名称: 滤芯；数量: 2"),
        ([{"a": 1}, {"b": [2, 3]}], "a: 1、b: 2、3"),
        ([[[["deep"]]]], "deep"),
        ([[[[["too deep"]]]]], "…"),
        ({"a": {"b": {"c": {"d": {"e": 1}}}}}, "a: b: c: d: …"),
    ],
    ids=repr,
)
def test_every_kind_of_json_is_text_for_a_person(value: object, text: str) -> None:
    assert value_of(value) == text


@pytest.mark.parametrize("text", ["\ud800", "a\udfffb", "客户\udc00", "\udc00\ud800"], ids=ascii)
def test_halves_of_characters_become_question_marks(text: str) -> None:
    whole = "".join("?" if "\ud800" <= character <= "\udfff" else character for character in text)
    assert value_of(text) == whole
    assert rows({"Key": text, "Value": {text: [text]}}) == [(whole, f"{whole}: {whole}")]


def test_emoji_that_json_writes_as_two_escapes_stays_whole() -> None:
    body = rb'{"ResultCode": 0, "ResultValue": "\ud83d\ude00"}'
    assert text_of(result_value(HttpResponse(200, body), [])) == "😀"


@pytest.mark.parametrize("length", [MAX_VALUE_LENGTH - 1, MAX_VALUE_LENGTH])
def test_long_value_is_kept_up_to_its_limit(length: int) -> None:
    assert value_of("客" * length) == "客" * length


@pytest.mark.parametrize("length", [MAX_VALUE_LENGTH + 1, 50_000])
def test_value_past_its_limit_is_cut_with_an_ellipsis(length: int) -> None:
    assert value_of("客" * length) == "客" * (MAX_VALUE_LENGTH - 1) + "…"


def test_key_past_its_limit_is_cut_with_an_ellipsis() -> None:
    assert rows({"Key": "k" * 50_000}) == [("k" * (MAX_KEY_LENGTH - 1) + "…", "")]


def writable(text: str) -> bool:
    return text.encode("utf-8", "replace").decode() == text


@given(value=JSON)
def test_any_result_value_is_fields_or_unreadable(value: Any) -> None:
    """Never another error, and always texts that can be written."""
    try:
        fields = customer_fields(value)
    except CrmUnreadable:
        return
    assert all(writable(field.key) and writable(field.value) for field in fields)
    assert all(len(field.key) <= MAX_KEY_LENGTH and len(field.value) <= MAX_VALUE_LENGTH for field in fields)
    assert fields or not value or "[]" in json.dumps(value), "an empty list of rows is no customer, and no error"


@given(
    st.lists(st.fixed_dictionaries({"Key": JSON}, optional={"ShowType": JSON, "Value": JSON}), min_size=1, max_size=3)
)
def test_every_row_with_a_key_is_a_field_whatever_it_holds(rows: list[dict[str, object]]) -> None:
    keys = [text_of(row["Key"]).strip() for row in rows]
    values = [readable(row.get("Value")) for row in rows]
    fields = customer_fields(rows)
    assert [field.key[: MAX_KEY_LENGTH - 1] for field in fields] == [key[: MAX_KEY_LENGTH - 1] for key in keys]
    assert [field.value[: MAX_VALUE_LENGTH - 1] for field in fields] == [
        value[: MAX_VALUE_LENGTH - 1] for value in values
    ]


@given(
    status=st.sampled_from([200, 200, 200, 302, 401, 404, 500]),
    envelope=st.fixed_dictionaries({}, optional={"ResultCode": JSON, "ErrorMsg": JSON, "ResultValue": JSON}) | JSON,
)
def test_any_envelope_is_a_value_or_an_error_that_can_be_logged(status: int, envelope: Any) -> None:
    try:
        result_value(answer(envelope, status), [TOKEN])
    except CrmError as error:
        text = str(error)
    else:
        text = ""
        assert status == 200
    assert writable(text)
    assert len(text) < 2 * MAX_ERROR_MSG_LENGTH


@given(body=st.binary())
def test_random_bytes_are_an_error_of_the_crm(body: bytes) -> None:
    with pytest.raises(CrmError):
        result_value(HttpResponse(200, body), [])


def test_only_so_much_of_a_customer_is_kept() -> None:
    """Rows, and characters of all values together: each lookup looks through them, and memory holds thousands."""
    fields = customer_fields([{"Key": "备注", "Value": "x" * 9_000}] * 2_000)
    assert len(fields) == MAX_FIELDS
    assert sum(len(field.value) for field in fields) <= MAX_PROFILE_LENGTH + MAX_FIELDS
    assert [len(field.value) for field in fields[:6]] == [9_000, 9_000, 9_000, 9_000, 4_000, 1]
    assert fields[4].value.endswith("…")
