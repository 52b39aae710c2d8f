"""What the directory keeps of a customer: names without contacts in them, hashes, and a text to search in."""

import hashlib
import hmac

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.customers.directory.entries import (
    LONGEST_TEXT,
    contact_hash,
    entry_of,
    key_id,
    record_of,
    stored_number,
    updated,
)
from bot.domain.directory import Entry, Record, distance, row_of, searchable
from bot.domain.profile import CustomerProfile, ShowType, profile_field
from tests.support.surfaces import digits_in

ID = "dc540ce7-5bc5-4275-b8fa-2004eb5839e3"
KEY = b"a key of the tests"
PHONE = "+8613800001001"
MAIL = "li@example.com"

phones = st.integers(10**7, 10**8 - 1).map(lambda tail: f"138{tail}")
separators = st.sampled_from(["", " ", "-", ".", "\u200b", "\u3000", " - "])


def profile(*rows: tuple[str, str]) -> CustomerProfile:
    return CustomerProfile(ID, tuple(profile_field(key, value, ShowType.PLAIN) for key, value in rows))


def search_of(name: str = "", contact: str = "", number: str = "") -> str:
    return row_of(record_of(Entry(ID, number, name, contact), KEY)).search


@pytest.mark.parametrize(
    ("label", "value", "contacts"),
    [
        ("联系电话", "张三13800001001", ["+8613800001001"]),
        ("联系电话", "张三：13800001001", ["+8613800001001"]),
        ("联系电话", "13800001001（张三）", ["+8613800001001"]),
        ("联系电话", "13800001001 13900001002", ["+8613800001001", "+8613900001002"]),
        ("联系电话", "13800001001和13900001002", ["+8613800001001", "+8613900001002"]),
        ("联系电话", "13800001001或13900001002", ["+8613800001001", "+8613900001002"]),
        ("联系电话", "13800001001<br/>13900001002", ["+8613800001001", "+8613900001002"]),
        ("联系电话", "13800001001\\13900001002", ["+8613800001001", "+8613900001002"]),
        ("联系电话", "18412348075-7839", ["+8618412348075"]),
        ("联系电话", "13800001001.0", ["+8613800001001"]),
        ("固定电话", "(0537)-8888 9999-1234", ["+8653788889999"]),
        ("固定电话", "571-88881234", ["+8657188881234"]),
        ("邮箱", "方小姐<fang@example.com>", ["fang@example.com"]),
        ("邮箱", "fang@example.com、Li@Example.com", ["fang@example.com", "li@example.com"]),
        ("备用电话", "张三 13800001001", ["+8613800001001"]),
        ("联系人", "方小姐13800001001", ["+8613800001001"]),
        ("紧急联系方式", "微信同号13800001001", ["+8613800001001"]),
        ("备注", "邻居 13800001001 也报修", []),
        ("客户编号", "2023-03-0012", []),
    ],
)
def test_every_contact_of_a_field_for_contacts_is_found(label: str, value: str, contacts: list[str]) -> None:
    """As it is typed, so that both sides of a comparison agree."""
    entry = entry_of(profile((label, value)))
    assert [*entry.phones, *entry.mails] == contacts


def test_an_entry_is_what_the_profile_says() -> None:
    said = profile(
        ("客户编号", "CF00000179"),
        ("客户名称", "杭州岚峤精密机械"),
        ("联系人", "李工"),
        ("联系人2", "谭会计"),
        ("联系电话", "138 0000 1001、１３８００００１００２"),
        ("固定电话", "0571-88001234"),
        ("备用", "13800001003"),
        ("邮箱", "LI@Example.com；wu@example.com"),
        ("备注", "wang@example.com"),
    )
    assert entry_of(said) == Entry(
        ID,
        "CF00000179",
        "杭州岚峤精密机械",
        "李工、谭会计",
        (PHONE, "+8613800001002", "+8657188001234", "+8613800001003"),
        (MAIL, "wu@example.com", "wang@example.com"),
        is_whole=True,
    )


def test_an_entry_of_a_profile_that_says_nothing_is_empty() -> None:
    nothing = Entry(ID, is_whole=True)
    assert entry_of(profile()) == nothing
    assert entry_of(profile(("联系电话", "无"), ("邮箱", "暂无"))) == nothing


def test_phones_and_mails_are_kept_as_hashes_under_the_key() -> None:
    record = record_of(Entry(ID, phones=(PHONE,), mails=(MAIL,)), KEY)
    assert record.hashes == {hmac.new(KEY, value.encode(), hashlib.sha256).digest() for value in (PHONE, MAIL)}
    assert record.hashes == {contact_hash(KEY, PHONE), contact_hash(KEY, MAIL)}
    assert record.key_id == key_id(KEY)


def test_without_a_key_none_are_kept() -> None:
    assert record_of(Entry(ID, phones=(PHONE,), mails=(MAIL,)), None).hashes == frozenset()


def test_an_id_of_a_key_tells_keys_apart_and_not_the_key() -> None:
    assert len({key_id(KEY), key_id(b"another key"), key_id(None)}) == 3
    assert KEY.hex() not in key_id(KEY)


@pytest.mark.parametrize("spelling", ["CF00000179", "cf00000179", " ＣＦ０００００１７９\u200b", "(CF00000179)"])
def test_a_customer_number_is_kept_in_its_one_spelling(spelling: str) -> None:
    assert stored_number(spelling) == "CF00000179"


@pytest.mark.parametrize("number", ["K-0042", "A20240517", "无"])
def test_a_number_of_another_kind_is_kept_as_the_crm_gives_it(number: str) -> None:
    assert stored_number(number) == number


@pytest.mark.parametrize(
    "number",
    [
        "13800001001", "138-0000-1001", "CF13800001001", "1 13800001001", MAIL, "0571-88001234", "0108888888",
        "400-800-1234", "6222000000000002018",
    ],
)  # fmt: skip
def test_a_number_that_is_a_contact_is_not_kept(number: str) -> None:
    assert stored_number(number) == ""


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("胡效鑫 18539622352", "胡效鑫 185****2352"),
        ("李工（li@example.com）", "李工(l***@example.com)"),
        ("王 11010519491231002X", "王 110****002X"),
        ("账号6222000000000002018", "账号622****2018"),
        ("2024-05-17 新客户", "2024-05-17 新客户"),
    ],
)
def test_contacts_inside_a_name_are_masked(name: str, kept: str) -> None:
    record = record_of(Entry(ID, name=name, contact=name), KEY)
    assert (record.name, record.contact) == (kept, kept)


@given(phones, separators, st.text(max_size=20), st.text(max_size=20))
def test_no_phone_is_kept_whatever_stands_around_it(phone: str, between: str, before: str, after: str) -> None:
    """Neither in what is kept nor in what is searched, however it is spelt."""
    spelt = f"{before} {between.join((phone[:3], phone[3:7], phone[7:]))} {after}"
    row = row_of(record_of(Entry(ID, spelt, spelt, spelt, (f"+86{phone}",)), KEY))
    for kept in (row.record.number, row.record.name, row.record.contact, *row.search.splitlines()):
        assert phone not in digits_in(kept)


@given(st.text(max_size=600))
def test_any_text_is_kept_as_a_database_gives_it_back(text: str) -> None:
    record = record_of(Entry(ID, text, text, text), KEY)
    for kept in (record.number, record.name, record.contact):
        assert len(kept) <= LONGEST_TEXT
        assert "\0" not in kept
        kept.encode()
    row = row_of(record)
    assert row.search.startswith("\n")
    assert row.search.endswith("\n")
    assert "\n\n" not in row.search


def test_what_news_leave_out_stays_and_the_rest_is_added_or_changed() -> None:
    known = Record(ID, "CF00000179", "胡效鑫", "胡", frozenset({b"1"}), "key")
    assert updated(known, Record(ID, "", "胡效鑫1", "", frozenset({b"2"}), "key")) == Record(
        ID, "CF00000179", "胡效鑫1", "胡", frozenset({b"1", b"2"}), "key"
    )
    assert updated(known, Record(ID, "", "", "", frozenset(), "key")) == known


@pytest.mark.parametrize(
    "typed",
    ["hxx", "HXX", "ｈｘｘ", "h x x", "h\u200bxx", "hu xiao", "xiaoxin", "效鑫", "胡", "cf000001", "179", "CF-0000"],
)
def test_a_customer_is_found_by_what_people_type(typed: str) -> None:
    assert searchable(typed) in search_of("胡效鑫", number="CF00000179")


@pytest.mark.parametrize("typed", ["lv", "lu", "lü", "LÜ", "lvn", "lün"])
def test_the_letter_of_lü_is_typed_in_any_way(typed: str) -> None:
    assert searchable(typed) in search_of("吕娜")


def test_every_contact_is_found_by_its_beginning() -> None:
    search = search_of("杭州", "李工、谭会计")
    assert distance(search, "tkj") == distance(search, "谭") == distance(search, "lg") == 2


@pytest.mark.parametrize(
    ("wanted", "closeness"),
    [("胡效鑫", 0), ("胡效", 1), ("hx", 2), ("cf", 2), ("方", 2), ("效", 3), ("xx", 3), ("179", 3)],
)
def test_a_name_counts_more_than_its_beginning_and_that_more_than_a_part(wanted: str, closeness: int) -> None:
    assert distance(search_of("胡效鑫", "方工", "CF00000179"), wanted) == closeness
