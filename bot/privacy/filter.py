"""Customer data as an audience may see it: filtered by the field policy, and masked."""

from collections.abc import Iterable
from dataclasses import replace
from typing import Any, Final

from bot.domain.field_roles import PROTECTED, Role, kind_of_value, names_an_account
from bot.domain.inquiry import Audience
from bot.domain.normalise import plain_characters
from bot.domain.official_numbers import SHORTEST, SHORTEST_ACCOUNT
from bot.domain.profile import CustomerProfile, ProfileField, pictures_in
from bot.domain.records import RecordRow
from bot.privacy.masking import HIDDEN, mask, masked_contact, number_without_contacts, without_codes, without_contacts
from bot.privacy.policy import BUILT_IN, CONTACTS, FieldPolicy, Visibility

_ROLES_IN_ROWS: Final = {"name": Role.CONTACT, "telephone": Role.PHONE, "mail": Role.EMAIL}
_IDS: Final = frozenset({"customer_id", "device_id", "order_id", "number"})
"""The CRM's own numbers, which may look like account numbers but are none."""
_ONLY_IF_LISTED: Final = frozenset(
    role for role, visibility in BUILT_IN.channel.roles.items() if visibility is Visibility.LEFT_OUT
) - {Role.PICTURE}


def visible_profile(profile: CustomerProfile, audience: Audience, policy: FieldPolicy) -> CustomerProfile:
    """``profile`` as ``audience`` may see it; the same object if nothing changes."""
    return _filtered(profile, audience, policy)[0]


def private_view(profile: CustomerProfile, policy: FieldPolicy) -> tuple[CustomerProfile, bool]:
    """``profile`` as the asker alone may see it, and whether Reveal would show more of it."""
    return _filtered(profile, Audience.PRIVATE, policy)


def listed_fields(profile: CustomerProfile) -> tuple[ProfileField, ...]:
    """The fields of a channel's profile that have a value and are there only because FIELD_POLICY lists them."""
    return tuple(field for field in profile.fields if field.value and field.role in _ONLY_IF_LISTED)


def private_rows(rows: Iterable[RecordRow], policy: FieldPolicy) -> tuple[RecordRow, ...]:
    """A customer's records as the asker may see them: contacts as the policy says, account numbers masked."""
    seen = []
    for row in rows:
        texts: dict[str, Any] = {
            name: _private_cell(name, text, policy)
            for name, text in row._asdict().items()
            if isinstance(text, str) and name not in _IDS
        }
        seen.append(row._replace(**texts))
    return tuple(seen)


def _private_cell(name: str, text: str, policy: FieldPolicy) -> str:
    """A cell has a role as a field does: a phone is a phone, whatever column it is in."""
    role = kind_of_value(text) or _ROLES_IN_ROWS.get(name)
    visibility = policy.private.roles[role] if role else Visibility.SHOWN
    if visibility is Visibility.LEFT_OUT:
        return ""
    if role and role not in PROTECTED and visibility is Visibility.MASKED:
        return _masked(role, text)
    return without_codes(text)


def _filtered(profile: CustomerProfile, audience: Audience, policy: FieldPolicy) -> tuple[CustomerProfile, bool]:
    """What ``audience`` sees of ``profile``, and whether anything in it is masked. Hidden pictures are counted."""
    rules = policy.channel if audience is Audience.CHANNEL else policy.private
    fields, is_masked = [], False
    for field in profile.fields:
        visibility = rules.visibility(field)
        if field.role is Role.PICTURE and visibility is not Visibility.SHOWN:
            field = field._replace(value="、".join("…" for _ in pictures_in(field)))
        elif visibility is Visibility.LEFT_OUT:
            continue
        seen = field if audience is Audience.REVEALED else _masked_field(field, visibility, audience)
        is_masked = is_masked or seen is not field
        fields.append(seen)
    filtered = tuple(fields)
    return profile if filtered == profile.fields else replace(profile, fields=filtered), is_masked


def _masked_field(field: ProfileField, visibility: Visibility, audience: Audience) -> ProfileField:
    """``field`` masked as ``visibility`` says, the same object if nothing changes.

    Labels and values that are shown are free text, which may hold account numbers (and, in channels, contacts).
    """
    key, value = field.key, field.value
    is_private = audience is Audience.PRIVATE
    if is_private and visibility is Visibility.SHOWN and len(key) < SHORTEST and len(value) < SHORTEST_ACCOUNT:
        return field  # too short for an account number, as most are
    key = without_codes(key) if is_private else without_contacts(key)
    if visibility is Visibility.MASKED:
        value = _masked(field.role, value)
    elif field.role is Role.NUMBER:
        value = value if is_private else number_without_contacts(value)
    elif field.role is not Role.PICTURE:
        value = without_codes(value, names_an_account(field.key)) if is_private else without_contacts(value)
    return field if key == field.key and value == field.value else field._replace(key=key, value=value)


def _masked(role: Role, value: str) -> str:
    """The masked form documented for ``role``; roles without one are hidden."""
    if role in CONTACTS:
        return masked_contact(value)
    if role in PROTECTED:
        return mask(plain_characters(value))
    return HIDDEN if value else ""
