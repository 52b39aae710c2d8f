"""A customer's profile: the CRM's fields in order, each with its role.

The role is decided here once, by label and value (``bot/domain/field_roles.py``), so that neither cards nor privacy
look at Chinese labels.
"""

import re
import sys
from dataclasses import dataclass
from enum import IntEnum
from typing import NamedTuple

from bot.domain.field_roles import IDENTITY, PROTECTED, Role, kind_of_value, role_of_label


class ShowType(IntEnum):
    """The CRM's own codes of how to show a value."""

    PLAIN = 0
    RECEIPT_PICTURE = 1
    SERVICE_ITEMS = 2
    PARTS_USED = 3
    PARTS_RETURNED = 4
    SIGNATURE = 5
    TAGS = 6


_ROLE_OF_SHOW_TYPE = {
    **dict.fromkeys((ShowType.RECEIPT_PICTURE, ShowType.SIGNATURE), Role.PICTURE),
    **dict.fromkeys((ShowType.SERVICE_ITEMS, ShowType.PARTS_USED, ShowType.PARTS_RETURNED), Role.PARTS),
    ShowType.TAGS: Role.TAGS,
}

_CATCH_ALLS = frozenset({Role.OTHER, Role.REMARK, Role.CONTACT, Role.SOURCE})
"""Roles whose fields people also use for a phone or a mail address."""

_TAG_SEPARATORS = re.compile(r"[、,，;；\n]")
_LIST_SEPARATORS = re.compile(r"[、\n]")
_BEFORE_URL = re.compile("(?=https?://)", re.IGNORECASE)
_SCHEME = re.compile("^https?", re.IGNORECASE)
_AROUND_URL = " \t,;|，；[]\"'"
"""Between the URLs of one value, also of a list in JSON. A comma inside a URL belongs to it."""


class ProfileField(NamedTuple):
    """One row of the CRM's response: a label and a text, "" if the CRM gives none."""

    key: str
    value: str
    show_type: ShowType
    role: Role


@dataclass(frozen=True, slots=True)
class CustomerProfile:
    """The requested id, and the CRM's fields in the CRM's order, with duplicates."""

    customer_id: str
    fields: tuple[ProfileField, ...]

    def first(self, role: Role) -> str:
        """The first non-empty value of ``role``; "" if there is none."""
        return next((field.value for field in self.fields if field.role is role and field.value), "")

    @property
    def name(self) -> str:
        return self.first(Role.NAME)

    @property
    def number(self) -> str:
        return self.first(Role.NUMBER)

    @property
    def tags(self) -> tuple[str, ...]:
        """The customer's tags, which the CRM joins with 、 (documented for ShowType 6)."""
        return _parts(_TAG_SEPARATORS, self.first(Role.TAGS))

    @property
    def pictures(self) -> tuple[str, ...]:
        """The URLs of receipts and signatures (ShowType 1 and 5)."""
        return tuple(url for field in self.fields for url in pictures_in(field))


class ServiceNetwork(NamedTuple):
    """A service network of the CRM, which has its own customers.

    ``network_id`` is "" for the head office. ``network_type`` is 1 for the head office, 2 for an outlet.
    """

    network_id: str
    network_type: int


class CustomerKey(NamedTuple):
    """Identifies a customer of a service network."""

    network_id: str
    network_type: int
    customer_id: str

    @property
    def network(self) -> ServiceNetwork:
        return ServiceNetwork(self.network_id, self.network_type)


def profile_field(key: str, value: str, show_type: ShowType) -> ProfileField:
    """A field with its role. The label, which recurs in every profile, is interned."""
    return ProfileField(sys.intern(key), value, show_type, role_of(show_type, key, value))


def role_of(show_type: ShowType, key: str, value: str) -> Role:
    """The role by label, unless the value has to be protected: an account number under 打款信息 is an account number.

    A name stays a name, and a customer number a customer number.
    """
    by_label = _ROLE_OF_SHOW_TYPE.get(show_type) or role_of_label(key)
    if not value or by_label in IDENTITY or by_label in PROTECTED:
        return by_label
    by_value = kind_of_value(value)
    if by_value in PROTECTED or (by_value is not None and by_label in _CATCH_ALLS):
        return by_value
    return by_label


def pictures_in(field: ProfileField) -> tuple[str, ...]:
    """The URLs of the pictures in ``field``, however they are separated; empty for a field of another role."""
    if field.role is not Role.PICTURE:
        return ()
    return tuple(
        part
        for item in items_in(field)
        for piece in _BEFORE_URL.split(item)
        if (part := _SCHEME.sub(lambda scheme: scheme[0].lower(), piece.strip(_AROUND_URL)))
    )


def items_in(field: ProfileField) -> tuple[str, ...]:
    """What the CRM joins with 、 or line breaks in one value: pictures, service items, parts."""
    return _parts(_LIST_SEPARATORS, field.value)


def _parts(separators: re.Pattern[str], value: str) -> tuple[str, ...]:
    return tuple(part for piece in separators.split(value) if (part := piece.strip()))
