"""Who sees which field: the rules as data, as they are built in, and what they may never say."""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Final, NamedTuple

from bot.domain.field_roles import PROTECTED, Role, plain_label
from bot.domain.profile import ProfileField


class Visibility(StrEnum):
    """The words of a policy file."""

    SHOWN = "shown"
    MASKED = "masked"
    LEFT_OUT = "left_out"
    """Of pictures it is told how many there are."""


CONTACTS: Final = frozenset({Role.PHONE, Role.LANDLINE, Role.EMAIL})
_FOR_EVERYBODY: Final = frozenset(
    {Role.NAME, Role.NUMBER, Role.TAGS, Role.LEVEL, Role.REGION, Role.OUTLET, Role.OWNER, Role.LAST_SERVICE}
)


class Floor(NamedTuple):
    """What alone a policy may say of a role, and why: in words that follow the role's name."""

    allowed: frozenset[Visibility]
    reason: str


class Rules(NamedTuple):
    """What one audience sees: ``roles`` has a rule for every role, ``labels`` for plain labels, which go first."""

    roles: Mapping[Role, Visibility]
    floors: Mapping[Role, Floor]
    labels: Mapping[str, Visibility] = MappingProxyType({})

    def visibility(self, field: ProfileField) -> Visibility:
        """A label's rule holds unless its value turns out to be what a floor is for: a phone under 结算方式."""
        if not self.labels:
            return self.roles[field.role]
        by_label = self.labels.get(plain_label(field.key))
        if by_label is None or self.refusal(field.role, by_label):
            return self.roles[field.role]
        return by_label

    def refusal(self, role: Role, visibility: Visibility) -> str:
        """Why ``role`` may not be seen so; "" if it may."""
        floor = self.floors.get(role)
        return "" if floor is None or visibility in floor.allowed else floor.reason


class FieldPolicy(NamedTuple):
    """For the asker alone, and for everybody in an internal channel. Others see nothing of a customer."""

    private: Rules
    channel: Rules


def _built_in(rules: Mapping[Role, Visibility], otherwise: Visibility, floors: Mapping[Role, Floor]) -> Rules:
    roles = {role: rules.get(role, otherwise) for role in Role}
    return Rules(MappingProxyType(roles), MappingProxyType(dict(floors)))


_MASKED_AT_MOST: Final = frozenset({Visibility.MASKED, Visibility.LEFT_OUT})

BUILT_IN: Final = FieldPolicy(
    private=_built_in(
        dict.fromkeys(PROTECTED, Visibility.MASKED),
        Visibility.SHOWN,
        {
            **dict.fromkeys(
                PROTECTED,
                Floor(_MASKED_AT_MOST, "may only be masked or left_out: Reveal shows it, and writes down to whom"),
            ),
            **dict.fromkeys(
                (Role.NAME, Role.NUMBER),
                Floor(frozenset({Visibility.SHOWN}), "is always shown: suggestions, pins and recents have it too"),
            ),
            Role.PICTURE: Floor(
                frozenset({Visibility.SHOWN, Visibility.LEFT_OUT}), "may only be shown or left_out: then it is counted"
            ),
        },
    ),
    channel=_built_in(
        {**dict.fromkeys(_FOR_EVERYBODY, Visibility.SHOWN), **dict.fromkeys(CONTACTS, Visibility.MASKED)},
        Visibility.LEFT_OUT,
        {
            **dict.fromkeys(
                CONTACTS | PROTECTED,
                Floor(_MASKED_AT_MOST, "may only be masked or left_out: no channel sees it as it is"),
            ),
            Role.PICTURE: Floor(
                frozenset({Visibility.LEFT_OUT}), "is always left_out: channels see how many pictures there are"
            ),
        },
    ),
)
