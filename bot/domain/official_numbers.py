"""Numbers that can be recognised without their label: of id cards, of companies, of bank cards.

Each function takes the digits and letters alone. Most numbers have a check digit. The old ones of fifteen digits, which
are still on file, are recognised by their place and date, or by the check digit of the organisation in them.
"""

import re
from datetime import date
from typing import Final

from stdnum import luhn
from stdnum.cn import ric, uscc

SHORTEST: Final = 15
"""Characters of a code."""
MOBILE_AND_MORE: Final = re.compile(r"1[3-9][0-9][\W_]*[0-9]{4}[\W_]*[0-9]{4}[\W_]")
"""A phone with other digits behind a sign, which together may look like an old number of fifteen digits."""
SHORTEST_ACCOUNT: Final = 8
"""Digits of an account that is recognised by the word before it."""

_ID_CARD = re.compile(r"[1-9][0-9]{5}((?:19|20)[0-9]{2})([0-9]{2})([0-9]{2})[0-9]{3}[0-9Xx]")
_PROVINCE = r"(?:1[1-5]|2[1-3]|3[1-7]|4[1-6]|5[0-4]|6[1-5]|71|8[12])"
"""The first two digits of GB/T 2260: stdnum's table of places lacks many that were renamed."""
_NEARLY_ID_CARD = re.compile(
    rf"{_PROVINCE}[0-9]{{4}}(?:19[0-9]{{2}}|20[0-2][0-9])(?:(?:0[1-9]|1[0-2])[0-9]{{2}}|[0-9]{{2}}(?:0[1-9]|[12][0-9]|3[01]))"
    r"[0-9]{3}[0-9Xx]"
)
_OLD_ID_CARD = re.compile(rf"{_PROVINCE}[0-9]{{4}}([0-9]{{2}})([0-9]{{2}})([0-9]{{2}})[0-9]{{3}}")
_OLD_TAX_ID = re.compile(rf"{_PROVINCE}[0-9]{{4}}([0-9A-Z]{{8}})([0-9X])")
_WEIGHTS: Final = (3, 7, 9, 10, 5, 8, 4, 2)
_CARD_NUMBER = re.compile(r"(?:6[0-9]{15,18}|5[0-8][0-9]{14,17}|35[0-9]{14}|4[0-9]{15}|9558[0-9]{12,15})")
"""By what issuers' numbers begin with: every tenth number of that length has the check digit of one."""
_OF_REGISTERS = re.compile("[1-9AGNY][1-9]", re.IGNORECASE)
"""Who registers organisations, and their kinds (GB 32100)."""
_CREDIT_CODE = re.compile(rf"(?:1[1-39]|5[1-39]|9[1-39]|[AGNY][1-39]){_PROVINCE}[0-9]{{4}}[0-9A-HJ-NP-Y]{{10}}")
_LETTERS_FOR_DIGITS: Final = str.maketrans("OIlZ", "0112")


def is_id_card(code: str) -> bool:
    """By birth date and check digit; one of fifteen digits (until 1999) by province and birth date.

    stdnum's own check rejects birthplaces that its table lacks.
    """
    if found := _ID_CARD.fullmatch(code):
        return _is_date(found, 0) and ric.calc_check_digit(code) == code[-1].upper()
    found = _OLD_ID_CARD.fullmatch(code)
    return found is not None and _is_date(found, 1900)


def is_tax_id(code: str) -> bool:
    """A unified social credit code, or a tax id from before 2015.

    That was a region with an organisation's code (GB 11714), or the trader's id card with two characters more.
    """
    if len(code) == 18 and _OF_REGISTERS.match(code) and uscc.is_valid(code):
        return True
    found = _OLD_TAX_ID.fullmatch(code.upper())
    if found is None:
        return is_id_card(code[:-2])
    weighted = sum(weight * int(value, 36) for weight, value in zip(_WEIGHTS, found[1], strict=True))
    return "0123456789X"[-weighted % 11] == found[2] or is_id_card(code[:-2])


def seems_id_card(code: str) -> bool:
    """Whether ``code`` looks like an id card with a mistyped digit, be it the check digit or one of the birth date."""
    return _NEARLY_ID_CARD.fullmatch(code) is not None


def seems_credit_code(code: str) -> bool:
    """Whether ``code`` looks like a unified social credit code with a mistyped character, such as O for 0."""
    if len(code) != 18 or code.isdecimal():
        return False
    return _CREDIT_CODE.fullmatch(code.translate(_LETTERS_FOR_DIGITS).upper()) is not None


def is_bank_card(code: str) -> bool:
    """By what it begins with and its check digit."""
    return bool(_CARD_NUMBER.fullmatch(code)) and luhn.is_valid(code)


def _is_date(found: re.Match[str], century: int) -> bool:
    year, month, day = map(int, found.groups())
    try:
        date(century + year, month, day)
    except ValueError:
        return False
    return True
