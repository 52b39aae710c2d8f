"""Which field which audience sees."""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from enum import Enum
from typing import Any, Final, NamedTuple

from bot.masking import holds_a_contact, mask, masked_contact, without_codes, without_contacts
from bot.profile import CustomerProfile, ProfileField, Role, pictures_in
from bot.related import RelatedRow


class Audience(Enum):
    """Who will read an answer."""

    PRIVATE = "private"
    """The asker alone."""
    CHANNEL = "channel"
    """Everybody in an internal channel, and whoever joins it later."""


class Visibility(Enum):
    SHOWN = "shown"
    MASKED = "masked"
    COUNTED = "counted"
    """How many there are, and nothing of them."""
    LEFT_OUT = "left_out"


class _Policy(NamedTuple):
    """What an audience sees of each role; ``otherwise`` of a role that is not named."""

    roles: Mapping[Role, Visibility]
    otherwise: Visibility
    mask: Callable[[str], str]
    in_text: Callable[[ProfileField], str]
    """A value that is shown, without what this audience may not see inside it."""


_SENSITIVE = (Role.TAX_ID, Role.BANK_ACCOUNT, Role.ID_CARD)
_CONTACTS = (Role.PHONE, Role.LANDLINE, Role.EMAIL)
_FOR_EVERYBODY = (
    Role.NAME, Role.NUMBER, Role.TAGS, Role.LEVEL, Role.REGION, Role.OUTLET, Role.OWNER, Role.LAST_SERVICE,
)  # fmt: skip

_IDS: Final = frozenset({"customer_id", "device_id", "order_id", "number"})
"""What the CRM calls things by: it may look like an account's number, and is none."""
_ONE_WORD = re.compile(r"[A-Za-z0-9_-]{1,20}")


def view(profile: CustomerProfile, audience: Audience) -> CustomerProfile:
    """``profile`` as ``audience`` may see it; the same object where nothing had to change."""
    policy = _POLICIES[audience]
    fields = tuple(seen for field in profile.fields if (seen := _seen(field, policy)) is not None)
    return profile if fields == profile.fields else replace(profile, fields=fields)


def private_rows(rows: Iterable[RelatedRow]) -> tuple[RelatedRow, ...]:
    """What belongs to a customer as its asker may see it: without accounts and official numbers inside texts."""
    return tuple(row._replace(**_private_texts(row)) for row in rows)


def _private_texts(row: NamedTuple) -> dict[str, Any]:
    texts = ((name, value) for name, value in row._asdict().items() if isinstance(value, str) and name not in _IDS)
    return {name: without_codes(text) for name, text in texts}


def _seen(field: ProfileField, policy: _Policy) -> ProfileField | None:
    match policy.roles.get(field.role, policy.otherwise):
        case Visibility.LEFT_OUT:
            return None
        case Visibility.COUNTED:
            return field._replace(value="、".join("…" for _ in pictures_in(field)))
        case Visibility.MASKED:
            return field._replace(value=policy.mask(field.value))
        case Visibility.SHOWN:
            value = field.value if field.role is Role.PICTURE else policy.in_text(field)
            return field if value is field.value else field._replace(value=value)


def _private_text(field: ProfileField) -> str:
    """The CRM's own number of a customer may look like an account's, and is none."""
    return field.value if field.role is Role.NUMBER else without_codes(field.value)


def _channel_text(field: ProfileField) -> str:
    """A tenant may number its customers by their phones: such a number is a phone."""
    if field.role is Role.NUMBER and _ONE_WORD.fullmatch(field.value) and not holds_a_contact(field.value):
        return field.value
    return without_contacts(field.value)


_POLICIES: Final[Mapping[Audience, _Policy]] = {
    Audience.PRIVATE: _Policy(
        dict.fromkeys(_SENSITIVE, Visibility.MASKED),
        otherwise=Visibility.SHOWN,
        mask=mask,
        in_text=_private_text,
    ),
    Audience.CHANNEL: _Policy(
        {
            **dict.fromkeys(_FOR_EVERYBODY, Visibility.SHOWN),
            **dict.fromkeys(_CONTACTS, Visibility.MASKED),
            Role.PICTURE: Visibility.COUNTED,
        },
        otherwise=Visibility.LEFT_OUT,
        mask=masked_contact,
        in_text=_channel_text,
    ),
}
"""Who sees what. The one place where this is decided."""
