"""One spelling for what can be written in many ways."""

import phonenumbers
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.normalise import canonical_id, folded, mail_address, plain_characters, whole_id
from bot.domain.phones import as_written, e164

ID = "dc540ce7-5bc5-4275-b8fa-2004eb5839e3"
ANY_TEXT = st.text(st.characters(exclude_categories=[]))
NEAR_PHONES = st.text("0123456789+-() .#x转", max_size=24)
NO_PHONE = {
    "nothing": "",
    "signs": "+()-.",
    "a serial number": "777777",
    "a serial number that begins with a date": "2023011501",
    "digits of a customer number": "00000179",
    "a date": "2023-01-15",
    "a landline without its area code": "88881234",
    "a landline without its 0": "57188881234",
    "a short number": "10086",
    "an id card": "110105199001011234",
    "one digit too many": "138000010011",
    "one digit too few": "1380000100",
    "letters": "1380000100a",
    "a phone and words": "电话13800001001",
    "two phones": "13800001001 13800001002",
    "a country that is none": "+999 123 456 789",
    "too short for its country": "+1 415 555",
    "a plus inside": "138+00001001",
    "digits of another script": "١٣٨٠٠٠٠١٠٠١",
    "an area code that is none": "0123456789",
    "blanks without end": "1" + " " * 10_000 + "3800001001",
}


@pytest.mark.parametrize("spelling", [ID, ID.upper(), ID.replace("-", ""), ID.replace("-", "").upper()])
def test_one_customer_has_one_spelling(spelling: str) -> None:
    assert canonical_id(spelling) == ID


@pytest.mark.parametrize("text", NO_PHONE.values(), ids=NO_PHONE.keys())
def test_what_is_no_phone_has_no_e164(text: str) -> None:
    assert e164(text) is None


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("13800001001", "+8613800001001"),
        ("8657188881234", "+8657188881234"),
        ("+860571 8888 1234", "+8657188881234"),
        ("0108888888", "+86108888888"),
        ("010-8888888", "+86108888888"),
        ("+864008001234", "+864008001234"),
        ("13800001001 x12", "+8613800001001"),
        ("13800001001;ext=12", "+8613800001001"),
        ("(0571)88881234-1", "+8657188881234"),
        ("0571 8888123-1", "+865718888123"),
        ("+39 06 698 12345", "+390669812345"),
    ],
)
def test_phone_has_one_spelling(text: str, number: str) -> None:
    assert e164(text) == number


@given(NEAR_PHONES | ANY_TEXT)
def test_phone_in_e164_stays_as_it_is(text: str) -> None:
    number = e164(text)
    assert number is None or (e164(number) == number and number[0] == "+" and number[1:].isdecimal())


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("+8613899991027", "138 9999 1027"),
        ("+8657188881234", "0571 88881234"),
        ("+86108888888", "010 8888888"),
        ("+861088888888", "010 88888888"),
        ("+864008001234", "400 800 1234"),
        ("+16502530000", "+1 650-253-0000"),
        ("CF00000179", "CF00000179"),
        ("+12345678", "+12345678"),
        ("+86 138 and more", "+86 138 and more"),
    ],
)
def test_phone_is_shown_as_people_write_it(text: str, written: str) -> None:
    """And what is no phone as it is."""
    assert as_written(text) == written


@given(NEAR_PHONES | ANY_TEXT)
def test_whatever_is_written_so_is_the_same_phone(text: str) -> None:
    number = e164(text)
    assert number is None or e164(as_written(number)) == number


@given(st.sampled_from(sorted(phonenumbers.SUPPORTED_REGIONS)))
def test_phone_of_every_country_is_known_by_its_code(region: str) -> None:
    example = phonenumbers.example_number(region)
    assert example is not None
    for form in (phonenumbers.PhoneNumberFormat.E164, phonenumbers.PhoneNumberFormat.INTERNATIONAL):
        assert e164(phonenumbers.format_number(example, form)) == phonenumbers.format_number(
            example, phonenumbers.PhoneNumberFormat.E164
        )


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("Zhang.San@Example.COM", "zhang.san@example.com"),
        (" ａ＠example.cn\u200b", "a@example.cn"),
        ("a_b+c%d@mail.example.com", "a_b+c%d@mail.example.com"),
        ("a@b", None),
        ("a b@example.com", None),
        ("a@example.com b@example.com", None),
        ("a@example.com.", None),
        ("@example.com", None),
        ("a@exa_mple.com", None),
        ("张@example.com", None),
        ("a@" + "b." * 130 + "cn", None),
        ("", None),
    ],
)
def test_address_of_mail_has_one_spelling(text: str, address: str | None) -> None:
    assert mail_address(text) == address


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("SN-2023-0001", "sn 2023 0001"),
        ("SN–2023—0001", "ＳＮ２０２３０００１"),
        ("胡 效鑫", "胡\u200b效\u3000鑫"),
        ("Straße", "STRASSE"),
        ("杭州（知觉）", "杭州知觉"),
        ("古丽米热●艾比布力", "古丽米热·艾比布力"),
        ("买买提・吐尔逊", "买买提．吐尔逊"),
        ("O’Brien贸易", "OBrien贸易"),
        ("A.C.M.E.公司", "acme公司"),
        ("AT&T中国", "ATT中国"),
        ("峤硯口腔", "峤砚口腔"),
        ("華東戶外", "华东户外"),
        ("黃河", "黄河"),
        ("⻓江⻢路", "长江马路"),
        ("⼾外", "户外"),
        ("𠮷田", "吉田"),
        ("LPR-30ⅡD", "lpr30iid"),
        ("e\u0301", "É"),
    ],
)
def test_names_and_serial_numbers_are_compared_without_what_is_not_seen_or_said(one: str, other: str) -> None:
    assert folded(one) == folded(other)


def test_letters_and_digits_make_a_difference() -> None:
    assert len({folded(text) for text in ("SN1", "SN2", "N1", "胡", "湖")}) == 5


@given(ANY_TEXT, ANY_TEXT)
def test_folding_is_done_once_and_for_all(text: str, rest: str) -> None:
    assert folded(folded(text)) == folded(text)
    assert folded(f"{text} - {rest}") == folded(f"{text}{rest}") or not f"{text}{rest}".isascii()
    assert not set(folded(text)) & set("-_.·()'& \t\n\u200b\ufeff")


@given(ANY_TEXT)
def test_plain_characters_are_so_once_and_for_all(text: str) -> None:
    assert plain_characters(plain_characters(text)) == plain_characters(text)


@pytest.mark.parametrize(
    ("text", "spelt"),
    [
        ("DC540CE7-5BC5-4275-B8FA-2004EB5839E3", "dc540ce7-5bc5-4275-b8fa-2004eb5839e3"),
        ("{dc540ce75bc54275b8fa2004eb5839e3}", "dc540ce7-5bc5-4275-b8fa-2004eb5839e3"),
        (" ｄｃ540ce7-5bc5-4275-b8fa-2004eb5839e3\u200b", "dc540ce7-5bc5-4275-b8fa-2004eb5839e3"),
        ("00000000-0000-0000-0000-000000000000", ""),
        ("customer dc540ce7-5bc5-4275-b8fa-2004eb5839e3", ""),
        ("CF00000179", ""),
        ("", ""),
    ],
)
def test_whole_id_is_an_id_and_nothing_else(text: str, spelt: str) -> None:
    """The CRM writes nobody as an id of zeros."""
    assert whole_id(text) == spelt
