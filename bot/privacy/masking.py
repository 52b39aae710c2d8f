"""How a value is masked: phones, addresses of mail, accounts and official numbers, whole or inside a text."""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Final

from bot.domain.field_roles import kind_of_value, protected_role
from bot.domain.normalise import e164, plain_characters
from bot.domain.official_numbers import LONGEST, SHORTEST

HIDDEN: Final = "****"
"""For a value of which nothing is told."""

_NUMBERS_OR_MAIL = re.compile(r"[^\s@]{1,64}@[^\s@]+|\d(?:[ -]?[\dA-Za-z]){5,}|\d(?:[\W_]{0,3}\d){5,}")
_MAY_HOLD_CODES = re.compile(r"[0-9](?:[\W_]{0,12}[0-9A-Za-z]){14}")
_PIECE = re.compile(r"[0-9]+|[A-Za-z]+")
_GAP = re.compile(r"[\W_]{0,12}")
_AROUND_AT = re.compile(r"\s{0,3}@\s{0,3}")
_WORD = re.compile(r"[^\s,;:、()<>\[\]]+")
_MASKED_MAIL = re.compile(r"\S\*\*\*@(?:[A-Za-z0-9.-]+|[\w.-]+)")
_LONG_NUMBER = re.compile(r"(?<![0-9A-Za-z])CF[0-9]{8}(?![0-9A-Za-z])|\+?\d(?:(?:[^\w*]|_|\*(?!\*))*\d){6,}")
"""However its digits are set apart. Two asterisks in a row are no separator: what is masked already stays so."""
_DATE = r"(?:19|20)[0-9]{2}[-/.][0-9]{1,2}[-/.][0-9]{1,2}(?:[ T][0-9]{1,2}:[0-9]{2}(?::[0-9]{2})?)?"
_DATES = re.compile(rf"{_DATE}(?:[\W_]+{_DATE})*")
_MOBILE = re.compile(r"1[3-9][0-9]{9}")
_LETTERS = re.compile("[A-Za-z\u4e00-\u9fff/ -]*")
"""Most labels and names hold nothing else: one look tells."""
_DIGITS = re.compile(r"[0-9]+")
_CRM_NUMBER = re.compile(r"CF[0-9]{8}")
"""As the vendor documents them: most are such, and no phone whatever their digits are."""
_ONE_WORD = re.compile(r"[A-Za-z0-9_-]{1,20}")


def mask(value: str) -> str:
    """Enough of ``value`` to recognise it when one knows it, not enough to use it."""
    if not value:
        return value
    return f"{value[:3]}****{value[-4:]}" if len(value) >= 12 else HIDDEN


def redact(text: str) -> str:
    """Free text, such as the CRM's error messages, without the numbers and addresses of mail that it may hold."""
    redacted, found = _NUMBERS_OR_MAIL.subn(HIDDEN, plain_characters(text))
    return redacted if found else text


def without_contacts(text: str) -> str:
    """``text`` with the addresses of mail, the phones and other long numbers in it masked; dates stay."""
    if _LETTERS.fullmatch(text):
        return text
    tidy = plain_characters(text)
    without_mail = _without_mail(tidy)
    masked = _masked_in(without_mail, [*_codes_in(without_mail), *_long_numbers_in(without_mail)], _masked_run)
    return text if masked == tidy else masked


def holds_a_contact(number: str) -> bool:
    """Whether a customer's number, its digits together, or any run of them is a phone or an account."""
    if e164(number):
        return True
    runs = _DIGITS.findall(number)
    candidates = {number, "".join(runs), *runs}
    return any(_MOBILE.fullmatch(candidate) or kind_of_value(candidate) is not None for candidate in candidates)


def number_without_contacts(number: str) -> str:
    """A customer's number. A tenant may number its customers by their phones: such a number is a phone."""
    if _CRM_NUMBER.fullmatch(number) or (_ONE_WORD.fullmatch(number) and not holds_a_contact(number)):
        return number
    return without_contacts(number)


def masked_contact(value: str) -> str:
    """``185****2352``, ``9***@qq.com``; what stands around it is left out."""
    if not value:
        return value
    tidy = plain_characters(value)
    return _masked_mails(tidy) if "@" in tidy else _masked_digits(tidy)


def _masked_mails(text: str) -> str:
    return "、".join(_MASKED_MAIL.findall(without_contacts(text))) or HIDDEN


def _masked_in(text: str, spans: Iterable[tuple[int, int]], mask: Callable[[str], str]) -> str:
    """``text`` with what stands in ``spans`` masked. Those that overlap are one: no end of any is left over."""
    masked, start, end = "", 0, 0
    for first, last in sorted(spans):
        if first >= end:
            masked += mask(text[start:end]) + text[end:first]
            start = first
        end = max(end, last)
    return masked + mask(text[start:end]) + text[end:]


def _long_numbers_in(text: str) -> Iterator[tuple[int, int]]:
    for number in _LONG_NUMBER.finditer(text):
        if not number[0].startswith("CF") and not _DATES.fullmatch(number[0]):
            yield number.span()


def _masked_run(text: str) -> str:
    """A number in a text, by its digits and the letters of a code."""
    run = "".join(character for character in text if character.isalnum())
    return f"{run[:3]}****{run[-4:]}" if len(run) >= 11 else HIDDEN if run else ""


def _masked_digits(text: str) -> str:
    digits = "".join(character for character in text if character.isdecimal())
    return f"{digits[:3]}****{digits[-4:]}" if len(digits) >= 11 else HIDDEN


def _without_mail(text: str) -> str:
    """``text`` with the addresses of mail in it masked, those with blanks around their @ too."""
    if "@" not in text:
        return text
    joined = _AROUND_AT.sub("@", text)
    masked = _WORD.sub(_masked_mail, joined)
    return text if masked == joined else masked


def _masked_mail(word: re.Match[str]) -> str:
    """``z***@qq.com``; of a word with several @, which may be several addresses, no more than that."""
    name, _, domain = word[0].rpartition("@")
    return f"{name[0]}***@{domain}" if name and domain else word[0]


def without_codes(text: str) -> str:
    """``text`` with the account, tax and id-card numbers in it masked; as it was if there are none."""
    if len(text) < SHORTEST:
        return text
    tidy = plain_characters(text)
    if not _MAY_HOLD_CODES.search(tidy):  # nearly all
        return text
    masked = _masked_in(tidy, _codes_in(tidy), mask)
    return text if masked == tidy else masked


def _codes_in(text: str) -> Iterator[tuple[int, int]]:
    """Where codes begin and end. What stands beside one may be a number too: ``1. 6222…``, ``6222… 3 楼``."""
    pieces = [piece.span() for piece in _PIECE.finditer(text)] if _MAY_HOLD_CODES.search(text) else []
    for first, (start, _) in enumerate(pieces):
        if end := _code_end(text, pieces[first : first + LONGEST]):
            yield start, end


def _code_end(text: str, pieces: Sequence[tuple[int, int]]) -> int:
    """Where the code ends that begins with the first of ``pieces``; 0 if none does."""
    start = before = pieces[0][0]
    code, end = "", 0
    for begin, stop in pieces:
        code += text[begin:stop]
        if len(code) > LONGEST or not _GAP.fullmatch(text, before, begin):
            break
        if len(code) >= SHORTEST and code[2:8].isdecimal() and protected_role(text[start:stop]):
            end = stop
        before = stop
    return end
