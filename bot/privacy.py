"""Which field which audience sees, and how a value is masked."""

import re
from dataclasses import replace
from enum import Enum

from bot.identifiers import plain_characters
from bot.profile import CustomerProfile, ProfileField, Role, is_protected_code


class Audience(Enum):
    """Who will read an answer."""

    PRIVATE = "private"
    """The asker alone."""


class Visibility(Enum):
    SHOWN = "shown"
    MASKED = "masked"


_POLICY: dict[Audience, dict[Role, Visibility]] = {
    Audience.PRIVATE: {
        Role.TAX_ID: Visibility.MASKED,
        Role.BANK_ACCOUNT: Visibility.MASKED,
        Role.ID_CARD: Visibility.MASKED,
    },
}
"""What is not simply shown. The one place where this is decided."""

_NUMBERS_OR_MAIL = re.compile(r"[^\s@]{1,64}@[^\s@]+|\d(?:[ -]?[\dA-Za-z]){5,}|\d(?:[\W_]{0,3}\d){5,}")


_CODE_IN_TEXT = re.compile(r"(?<![0-9])[0-9](?:[\W_]{0,3}[0-9A-Za-z]){14,20}(?![0-9A-Za-z])")
_SHORTEST_CODE = 15
_AS_IT_IS = frozenset({Role.NUMBER, Role.PICTURE})
"""The CRM's own number of a customer, and addresses of pictures, which may look like an account's."""


def view(profile: CustomerProfile, audience: Audience) -> CustomerProfile:
    """``profile`` as ``audience`` may see it; the same object where nothing had to change."""
    rules = _POLICY[audience]
    fields = tuple(_seen(field, rules) for field in profile.fields)
    return profile if fields == profile.fields else replace(profile, fields=fields)


def mask(value: str) -> str:
    """Enough of ``value`` to recognise it when one knows it, not enough to use it."""
    if not value:
        return value
    return f"{value[:3]}****{value[-4:]}" if len(value) >= 12 else "****"


def redact(text: str) -> str:
    """Free text, such as the CRM's error messages, without the numbers and addresses of mail that it may hold."""
    redacted, found = _NUMBERS_OR_MAIL.subn("****", plain_characters(text))
    return redacted if found else text


def _seen(field: ProfileField, rules: dict[Role, Visibility]) -> ProfileField:
    if rules.get(field.role) is Visibility.MASKED:
        return field._replace(value=mask(field.value))
    if len(field.value) < _SHORTEST_CODE or field.role in _AS_IT_IS:
        return field
    return field._replace(value=_without_codes(field.value))


def _without_codes(text: str) -> str:
    """``text`` with the account, tax and id-card numbers in it masked; as it was if there are none."""
    tidy = plain_characters(text)
    masked = _CODE_IN_TEXT.sub(lambda code: mask(code[0]) if is_protected_code(code[0]) else code[0], tidy)
    return text if masked == tidy else masked
