"""A customer as the CRM describes one: ordered fields, each with the part that it plays.

What a field is, is decided here once, by its label and by its value (``bot/domain/field_roles.py``), so that neither
cards nor privacy search for Chinese labels.
"""

import re
import sys
from dataclasses import dataclass
from enum import IntEnum
from typing import NamedTuple

from bot.domain.field_roles import IDENTITY, PROTECTED, Role, kind_of_value, role_of_label


class ShowType(IntEnum):
    """How the CRM means a value to be shown (its own numbers)."""

    PLAIN = 0
    RECEIPT_PICTURE = 1
    SERVICE_ITEMS = 2
    PARTS_USED = 3
    PARTS_RETURNED = 4
    SIGNATURE = 5
    TAGS = 6


_ROLE_OF_SHOW_TYPE = {
    ShowType.RECEIPT_PICTURE: Role.PICTURE,
    ShowType.SIGNATURE: Role.PICTURE,
    ShowType.SERVICE_ITEMS: Role.PARTS,
    ShowType.PARTS_USED: Role.PARTS,
    ShowType.PARTS_RETURNED: Role.PARTS,
    ShowType.TAGS: Role.TAGS,
}

_UNTELLING = frozenset({Role.OTHER, Role.REMARK, Role.CONTACT, Role.SOURCE})
"""Labels under which people also type a phone or an address of mail."""

_TAG_SEPARATORS = re.compile(r"[、,，;；\n]")
_LIST_SEPARATORS = re.compile(r"[、\n]")


class ProfileField(NamedTuple):
    """One row of the CRM's answer. ``key`` is the label, ``value`` its text ("" where the CRM gave none)."""

    key: str
    value: str
    show_type: ShowType
    role: Role


@dataclass(frozen=True, slots=True)
class CustomerProfile:
    """A customer: the id that was asked for, and the CRM's fields in the CRM's order, duplicates kept."""

    customer_id: str
    fields: tuple[ProfileField, ...]

    def first(self, role: Role) -> str:
        """The first value that is not empty among the fields of ``role``; "" if there is none."""
        for field in self.fields:
            if field.role is role and field.value:
                return field.value
        return ""

    @property
    def name(self) -> str:
        return self.first(Role.NAME)

    @property
    def number(self) -> str:
        return self.first(Role.NUMBER)

    @property
    def tags(self) -> tuple[str, ...]:
        """The customer's tags, which the CRM joins into one text with 、 (documented for ShowType 6)."""
        return _parts(_TAG_SEPARATORS, self.first(Role.TAGS))

    @property
    def pictures(self) -> tuple[str, ...]:
        """The addresses of receipts and signatures (ShowType 1 and 5)."""
        held = [field for field in self.fields if field.role is Role.PICTURE]
        return tuple(address for field in held for address in pictures_in(field))


class ServiceNetwork(NamedTuple):
    """Whose customers are seen: a service network of the CRM. ``network_id`` is "" for the head office.

    ``network_type`` is 1 for the head office, 2 for an outlet.
    """

    network_id: str
    network_type: int


class CustomerKey(NamedTuple):
    """Under what a customer is cached, joined and remembered. An empty network id is the head office's."""

    network_id: str
    network_type: int
    customer_id: str

    @property
    def network(self) -> ServiceNetwork:
        return ServiceNetwork(self.network_id, self.network_type)


def profile_field(key: str, value: str, show_type: ShowType) -> ProfileField:
    """A field with the part it plays. Labels recur in every profile: they are kept once in memory."""
    return ProfileField(sys.intern(key), value, show_type, role_of(show_type, key, value))


def role_of(show_type: ShowType, key: str, value: str) -> Role:
    """What a field is.

    Its label tells, unless its value is of the kind that has to be protected: an account number in a field
    called 打款信息 is an account number. A name stays a name and a number a number.
    """
    by_label = _ROLE_OF_SHOW_TYPE.get(show_type) or role_of_label(key)
    if not value or by_label in IDENTITY or by_label in PROTECTED:
        return by_label
    by_value = kind_of_value(value)
    if by_value in PROTECTED or (by_value is not None and by_label in _UNTELLING):
        return by_value
    return by_label


def pictures_in(field: ProfileField) -> tuple[str, ...]:
    """The addresses of the pictures in ``field``; empty for a field of another kind."""
    return items_in(field) if field.role is Role.PICTURE else ()


def items_in(field: ProfileField) -> tuple[str, ...]:
    """What the CRM joins with 、 or line breaks in one value: pictures, service items, parts."""
    return _parts(_LIST_SEPARATORS, field.value)


def _parts(separators: re.Pattern[str], value: str) -> tuple[str, ...]:
    return tuple(part for piece in separators.split(value) if (part := piece.strip()))
