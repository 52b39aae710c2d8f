"""Which field which audience sees, and how a value is masked."""

import re
from dataclasses import replace
from enum import Enum

from bot.profile import CustomerProfile, ProfileField, Role


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

_NUMBERS_OR_MAIL = re.compile(r"[^\s@]{1,64}@[^\s@]+|\d(?:[ -]?[\dA-Za-z]){5,}")


def view(profile: CustomerProfile, audience: Audience) -> CustomerProfile:
    """``profile`` as ``audience`` may see it; the same object where nothing had to change."""
    rules = _POLICY[audience]
    if not any(field.role in rules for field in profile.fields):
        return profile
    fields = (_seen(field, rules[field.role]) if field.role in rules else field for field in profile.fields)
    return replace(profile, fields=tuple(fields))


def mask(value: str) -> str:
    """Enough of ``value`` to recognise it when one knows it, not enough to use it."""
    if not value:
        return value
    return f"{value[:3]}****{value[-4:]}" if len(value) >= 12 else "****"


def redact(text: str) -> str:
    """Free text, such as the CRM's error messages, without the numbers and addresses of mail that it may hold."""
    return _NUMBERS_OR_MAIL.sub("****", text)


def _seen(field: ProfileField, visibility: Visibility) -> ProfileField:
    return field._replace(value=mask(field.value)) if visibility is Visibility.MASKED else field
