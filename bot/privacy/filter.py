"""What an audience sees of a field, as the field policy says and as masking leaves it."""

from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any, Final, NamedTuple

from bot.domain.field_roles import PROTECTED, Role, kind_of_value
from bot.domain.inquiry import Audience
from bot.domain.normalise import plain_characters
from bot.domain.official_numbers import SHORTEST
from bot.domain.profile import CustomerProfile, ProfileField, pictures_in
from bot.domain.records import RecordRow
from bot.privacy.masking import HIDDEN, mask, masked_contact, number_without_contacts, without_codes, without_contacts
from bot.privacy.policy import BUILT_IN, CONTACTS, FieldPolicy, Visibility

_ROLES_IN_ROWS: Final = {
    "name": Role.CONTACT,
    "telephone": Role.PHONE,
    "mail": Role.EMAIL,
}
_IDS: Final = frozenset({"customer_id", "device_id", "order_id", "number"})
"""What the CRM calls things by: it may look like an account's number, and is none."""
_ONLY_IF_LISTED: Final = frozenset(
    role for role, visibility in BUILT_IN.channel.roles.items() if visibility is Visibility.LEFT_OUT
) - {Role.PICTURE}


class _Eyes(NamedTuple):
    """How what is shown, and what is masked, looks to an audience; and labels, in which people write numbers too."""

    shown: Callable[[ProfileField], str]
    masked: Callable[[ProfileField], str]
    label: Callable[[str], str]
    leaves: Callable[[ProfileField], bool]
    """Whether a field that is shown is so short that it looks as it is: most are."""


def visible_profile(profile: CustomerProfile, audience: Audience, policy: FieldPolicy) -> CustomerProfile:
    """``profile`` as ``audience`` may see it; the same object where nothing had to change."""
    rules = policy.channel if audience is Audience.CHANNEL else policy.private
    eyes = _EYES[audience]
    fields = tuple(
        field if visibility is Visibility.SHOWN and eyes.leaves(field) else _seen(field, visibility, eyes)
        for field in profile.fields
        if (visibility := rules.visibility(field)) is not Visibility.LEFT_OUT or field.role is Role.PICTURE
    )
    return profile if fields == profile.fields else replace(profile, fields=fields)


def listed_fields(profile: CustomerProfile) -> tuple[ProfileField, ...]:
    """Of what a channel sees: the fields with a value that it sees because FIELD_POLICY lists them."""
    return tuple(field for field in profile.fields if field.value and field.role in _ONLY_IF_LISTED)


def private_rows(rows: Iterable[RecordRow], policy: FieldPolicy) -> tuple[RecordRow, ...]:
    """What belongs to a customer as its asker may see it: contacts as the policy says, no account inside a text."""
    return tuple(row._replace(**_private_texts(row, policy)) for row in rows)


def _private_texts(row: NamedTuple, policy: FieldPolicy) -> dict[str, Any]:
    texts = ((name, value) for name, value in row._asdict().items() if isinstance(value, str) and name not in _IDS)
    return {name: _private_cell(text, _ROLES_IN_ROWS.get(name), policy) for name, text in texts}


def _private_cell(text: str, role: Role | None, policy: FieldPolicy) -> str:
    """A cell plays its part as a field does: one that is a phone is a phone, wherever it stands."""
    kind = kind_of_value(text) or role
    visibility = policy.private.roles[kind] if kind else Visibility.SHOWN
    if visibility is Visibility.LEFT_OUT:
        return ""
    if kind and kind not in PROTECTED and visibility is Visibility.MASKED:
        return _masked(kind, text)
    return without_codes(text)


def _seen(field: ProfileField, visibility: Visibility, eyes: _Eyes) -> ProfileField:
    key, value = eyes.label(field.key), _value(field, visibility, eyes)
    return field if key is field.key and value is field.value else field._replace(key=key, value=value)


def _value(field: ProfileField, visibility: Visibility, eyes: _Eyes) -> str:
    if field.role is Role.PICTURE:
        return field.value if visibility is Visibility.SHOWN else "、".join("…" for _ in pictures_in(field))
    return eyes.shown(field) if visibility is Visibility.SHOWN else eyes.masked(field)


def _masked_field(field: ProfileField) -> str:
    return _masked(field.role, field.value)


def _masked(role: Role, value: str) -> str:
    """In the form that is documented for ``role``; of what has none, nothing is told."""
    if role in CONTACTS:
        return masked_contact(value)
    if role in PROTECTED:
        return mask(plain_characters(value))
    return HIDDEN if value else ""


def _private_text(field: ProfileField) -> str:
    """The CRM's own number of a customer may look like an account's, and is none."""
    return field.value if field.role is Role.NUMBER else without_codes(field.value)


def _channel_text(field: ProfileField) -> str:
    return number_without_contacts(field.value) if field.role is Role.NUMBER else without_contacts(field.value)


def _holds_no_code(field: ProfileField) -> bool:
    return len(field.value) < SHORTEST and len(field.key) < SHORTEST


def _as_it_is(field: ProfileField) -> str:
    return field.value


_EYES: Final = {
    Audience.PRIVATE: _Eyes(_private_text, _masked_field, without_codes, _holds_no_code),
    Audience.REVEALED: _Eyes(_as_it_is, _as_it_is, str, lambda _: True),
    Audience.CHANNEL: _Eyes(_channel_text, _masked_field, without_contacts, lambda _: False),
}
