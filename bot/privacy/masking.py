"""Mask phones, mail addresses, account and official numbers, as whole values or inside a text."""

import re
from collections.abc import Callable, Iterable, Iterator
from typing import Final

from bot.domain.field_roles import kind_of_value, protected_role
from bot.domain.normalise import plain_characters
from bot.domain.official_numbers import LONGEST, SHORTEST
from bot.domain.phones import e164

HIDDEN: Final = "****"
"""In place of a value that is hidden completely."""

_NUMBERS_OR_MAIL = re.compile(r"[^\s@]{1,64}@[^\s@]+|\d(?:[ -]?[\dA-Za-z]){5,}|\d(?:[\W_]{0,3}\d){5,}")
_MAY_HOLD_CODES = re.compile(r"[0-9](?:[\W_]{0,12}[0-9A-Za-z]){14}")
_PIECE = re.compile(r"[0-9]+|[A-Za-z]+")
_GAP = re.compile(r"[\W_]{0,12}")
_AROUND_AT = re.compile(r"\s{0,3}@\s{0,3}")
_IN_WORD = r"[^\s,;:、()<>\[\]]"
_WORD_WITH_AT = re.compile(rf"(?<!{_IN_WORD})({_IN_WORD}){_IN_WORD}*@((?:(?!@){_IN_WORD})+)(?!{_IN_WORD})")
"""Its first character, and what follows its last @: a word with several @ may be several addresses."""
_MASKED_MAIL = re.compile(r"\S\*\*\*@(?:[A-Za-z0-9.-]+|[\w.-]+)")
_LONG_NUMBER = re.compile(r"(?<![0-9A-Za-z])CF[0-9]{8}(?![0-9A-Za-z])|\+?\d(?:(?:[^\w*]|_|\*(?!\*))*\d){6,}")
"""With any separators between its digits, but not two asterisks in a row: a number that is masked already stays so."""
_DATE = r"(?:19|20)[0-9]{2}[-/.][0-9]{1,2}[-/.][0-9]{1,2}(?:[ T][0-9]{1,2}:[0-9]{2}(?::[0-9]{2})?)?"
_DATES = re.compile(rf"{_DATE}(?:[\W_]+{_DATE})*")
_MOBILE = re.compile(r"1[3-9][0-9]{9}")
_LETTERS = re.compile("[A-Za-z\u4e00-\u9fff/ -]*")
"""Most labels and names match, and need no further look."""
_DIGITS = re.compile(r"[0-9]+")
_CRM_NUMBER = re.compile(r"CF[0-9]{8}")
"""The documented form of a customer's number, which most have: not a phone, whatever its digits are."""
_ONE_WORD = re.compile(r"[A-Za-z0-9_-]{1,20}")


def mask(value: str) -> str:
    """Enough of ``value`` to recognise it if one knows it, not enough to use it."""
    return _ends(value, 12) if value else value


def redact(text: str) -> str:
    """Free text, such as the CRM's error messages, without numbers and mail addresses."""
    redacted, found = _NUMBERS_OR_MAIL.subn(HIDDEN, plain_characters(text))
    return redacted if found else text


def without_contacts(text: str) -> str:
    """``text`` with mail addresses, phones and other long numbers masked; dates stay."""
    if _LETTERS.fullmatch(text):
        return text
    tidy = plain_characters(text)
    without_mail = tidy
    if "@" in tidy:
        joined = _AROUND_AT.sub("@", tidy)
        masked_mail = _WORD_WITH_AT.sub(r"\1***@\2", joined)
        without_mail = tidy if masked_mail == joined else masked_mail
    numbers = [
        number.span()
        for number in _LONG_NUMBER.finditer(without_mail)
        if not number[0].startswith("CF") and not _DATES.fullmatch(number[0])
    ]
    spans = [*_codes_in(without_mail), *numbers]
    masked = _masked_in(without_mail, spans, lambda number: _ends("".join(filter(str.isalnum, number)), 11))
    return text if masked == tidy else masked


def holds_a_contact(number: str) -> bool:
    """Whether a customer's number, all its digits together, or any run of them is a phone or an account."""
    if e164(number):
        return True
    runs = _DIGITS.findall(number)
    candidates = {number, "".join(runs), *runs}
    return any(_MOBILE.fullmatch(candidate) or kind_of_value(candidate) is not None for candidate in candidates)


def number_without_contacts(number: str) -> str:
    """A customer's number, masked if it is a phone: some tenants number their customers by phone."""
    if _CRM_NUMBER.fullmatch(number) or (_ONE_WORD.fullmatch(number) and not holds_a_contact(number)):
        return number
    return without_contacts(number)


def masked_contact(value: str) -> str:
    """``185****2352``, ``9***@qq.com``; the text around it is left out."""
    if not value:
        return value
    tidy = plain_characters(value)
    if "@" in tidy:
        return "、".join(_MASKED_MAIL.findall(without_contacts(tidy))) or HIDDEN
    return _ends("".join(filter(str.isdecimal, tidy)), 11)


def without_codes(text: str) -> str:
    """``text`` with account, tax and id-card numbers masked; the same object if there are none."""
    if len(text) < SHORTEST:
        return text
    tidy = plain_characters(text)
    masked = _masked_in(tidy, _codes_in(tidy), mask)
    return text if masked == tidy else masked


def _ends(text: str, shortest: int) -> str:
    """The first three and the last four characters; nothing of a text that is shorter than ``shortest``."""
    return f"{text[:3]}****{text[-4:]}" if len(text) >= shortest else HIDDEN


def _masked_in(text: str, spans: Iterable[tuple[int, int]], mask: Callable[[str], str]) -> str:
    """``text`` with ``spans`` masked. Overlapping spans are masked as one, so that no end of any is left over."""
    masked, start, end = "", 0, 0
    for first, last in [*sorted(spans), (len(text), len(text))]:
        if first >= end:
            masked += (mask(text[start:end]) if end else "") + text[end:first]
            start = first
        end = max(end, last)
    return masked


def _codes_in(text: str) -> Iterator[tuple[int, int]]:
    """The spans of account, tax and id-card numbers. Other numbers may touch one: ``1. 6222…``, ``6222… 3 楼``."""
    pieces = [piece.span() for piece in _PIECE.finditer(text)] if _MAY_HOLD_CODES.search(text) else []
    for first, (start, _) in enumerate(pieces):
        code, end, before = "", 0, start
        for begin, stop in pieces[first : first + LONGEST]:
            code += text[begin:stop]
            if len(code) > LONGEST or not _GAP.fullmatch(text, before, begin):
                break
            if len(code) >= SHORTEST and code[2:8].isdecimal() and protected_role(text[start:stop]):
                end = stop
            before = stop
        if end:
            yield start, end
