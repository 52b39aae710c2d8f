"""Mask phones, mail addresses, account and official numbers, as whole values or inside a text."""

import re
from collections.abc import Callable, Iterable
from typing import Final

from bot.domain.field_roles import kind_of_value
from bot.domain.normalise import plain_characters
from bot.domain.official_numbers import SHORTEST_ACCOUNT
from bot.domain.phones import e164
from bot.privacy.recogniser import Found, Kind, codes_in, private_parts_of

HIDDEN: Final = "****"
"""In place of a value that is hidden completely."""

_NUMBERS_OR_MAIL = re.compile(r"[^\s@]{1,64}@[^\s@]+|\d(?:[ -]?[\dA-Za-z]){5,}|\d(?:[\W_]{0,3}\d){5,}")
_MASKED_MAIL = re.compile(r"\S\*\*\*@(?:[A-Za-z0-9.-]+|[\w.-]+)")
_SIGNS = re.compile(r"[\W_]{0,3}")
_MOBILE = re.compile(r"1[3-9][0-9]{9}")
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
    """``text`` without what a channel must not see: its contacts and other long numbers masked."""
    tidy = plain_characters(text)
    found = private_parts_of(tidy)
    return _masked_in(tidy, _joined(found, tidy), _for_channel) if found else text


def holds_a_contact(number: str) -> bool:
    """Whether a customer's number, all its digits together, or any run of them is a phone or an account."""
    if e164(number):
        return True
    runs = _DIGITS.findall(number)
    candidates = {number, "".join(runs), *runs}
    return any(_MOBILE.fullmatch(candidate) or kind_of_value(candidate) is not None for candidate in candidates)


def number_without_contacts(number: str) -> str:
    """A customer's number, masked if it is a phone: some tenants number their customers by phone."""
    if _CRM_NUMBER.fullmatch(number):
        return number
    if holds_a_contact(number):
        return _ends("".join(filter(str.isalnum, plain_characters(number))), 11)
    return number if _ONE_WORD.fullmatch(number) else without_contacts(number)


def masked_contact(value: str) -> str:
    """``185****2352``, ``9***@qq.com``; the text around it is left out."""
    if not value:
        return value
    tidy = plain_characters(value)
    if "@" in tidy:
        return "、".join(_MASKED_MAIL.findall(without_contacts(tidy))) or HIDDEN
    return _ends("".join(filter(str.isdecimal, tidy)), 11)


def without_codes(text: str, names_an_account: bool = False) -> str:
    """``text`` with account and official numbers masked; the same object if there are none.

    ``names_an_account``: the label of the text does.
    """
    if len(text) < SHORTEST_ACCOUNT:
        return text
    tidy = plain_characters(text)
    found = codes_in(tidy, names_an_account)
    return _masked_in(tidy, found, lambda written, _: mask(written)) if found else text


def _for_channel(written: str, kind: Kind) -> str:
    if kind is Kind.MAIL and "@" in written:
        return f"{written[0]}***@{written.rpartition('@')[2].strip()}"
    if kind in (Kind.MAIL, Kind.NAME):
        return HIDDEN
    return _ends("".join(filter(str.isalnum if kind is Kind.CODE else str.isdecimal, written)), 11)


def _ends(text: str, shortest: int) -> str:
    """The first three and the last four characters; nothing of a text that is shorter than ``shortest``."""
    return f"{text[:3]}****{text[-4:]}" if len(text) >= shortest else HIDDEN


def _joined(found: Iterable[Found], text: str) -> list[Found]:
    """Numbers with signs alone between them as one: what is left of each could be read together."""
    joined: list[Found] = []
    for part in sorted(found):
        before = joined[-1] if joined else None
        are_numbers = before and {before.kind, part.kind} <= {Kind.NUMBER, Kind.CODE}
        if before and are_numbers and _SIGNS.fullmatch(text, before.end, max(before.end, part.start)):
            joined[-1] = before._replace(end=max(before.end, part.end))
        else:
            joined.append(part)
    return joined


def _masked_in(text: str, found: Iterable[Found], mask: Callable[[str, Kind], str]) -> str:
    """``text`` with what was ``found`` masked. What overlaps is masked as one, so that no end of any is left over."""
    whole: list[Found] = []
    for part in sorted(found):
        if whole and part.start < whole[-1].end:
            whole[-1] = whole[-1]._replace(end=max(whole[-1].end, part.end))
        else:
            whole.append(part)
    masked, end = [], 0
    for part in whole:
        masked += [text[end : part.start], mask(text[part.start : part.end], part.kind)]
        end = part.end
    return "".join([*masked, text[end:]])
