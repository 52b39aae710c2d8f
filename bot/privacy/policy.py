"""Who sees which field: the rules as data, the built-in policy, and what no policy may change."""

from collections.abc import Mapping, Set
from enum import StrEnum
from types import MappingProxyType
from typing import Final, NamedTuple

from bot.domain.field_roles import IDENTITY, PROTECTED, Role, plain_label
from bot.domain.profile import ProfileField


class Visibility(StrEnum):
    """How a field is seen; the words of a policy file."""

    SHOWN = "shown"
    MASKED = "masked"
    LEFT_OUT = "left_out"
    """Of pictures, their number is shown."""


CONTACTS: Final = frozenset({Role.PHONE, Role.LANDLINE, Role.EMAIL})
_FOR_CHANNELS: Final = frozenset(
    {Role.NAME, Role.NUMBER, Role.TAGS, Role.LEVEL, Role.REGION, Role.OUTLET, Role.OWNER, Role.LAST_SERVICE}
)


class Floor(NamedTuple):
    """The only visibilities that a policy may give a role, and why. ``reason`` follows the role's name in a message."""

    allowed: Set[Visibility]
    reason: str


class Rules(NamedTuple):
    """What one audience sees. ``roles`` has a rule for every role; ``labels``, keyed by plain label, win over it."""

    roles: Mapping[Role, Visibility]
    floors: Mapping[Role, Floor]
    labels: Mapping[str, Visibility] = MappingProxyType({})

    def visibility(self, field: ProfileField) -> Visibility:
        """The label's rule, unless the field's role has a floor that forbids it: a phone under 结算方式, say."""
        by_label = self.labels.get(plain_label(field.key)) if self.labels else None
        if by_label is None or self.refusal(field.role, by_label):
            return self.roles[field.role]
        return by_label

    def refusal(self, role: Role, visibility: Visibility) -> str:
        """Why ``role`` may not have this visibility; "" if it may."""
        floor = self.floors.get(role)
        return "" if floor is None or visibility in floor.allowed else floor.reason


class FieldPolicy(NamedTuple):
    """The rules for the asker alone and for an internal channel. External channels see nothing of a customer."""

    private: Rules
    channel: Rules


_MASKED_AT_MOST: Final = frozenset({Visibility.MASKED, Visibility.LEFT_OUT})
_PRIVATE_FLOORS: Final = {
    **dict.fromkeys(
        PROTECTED, Floor(_MASKED_AT_MOST, "may only be masked or left_out: Reveal shows it, and writes down to whom")
    ),
    **dict.fromkeys(IDENTITY, Floor({Visibility.SHOWN}, "is always shown: suggestions, pins and recents have it too")),
    Role.PICTURE: Floor({Visibility.SHOWN, Visibility.LEFT_OUT}, "may only be shown or left_out: then it is counted"),
}
_CHANNEL_FLOORS: Final = {
    **dict.fromkeys(
        CONTACTS | PROTECTED, Floor(_MASKED_AT_MOST, "may only be masked or left_out: no channel sees it as it is")
    ),
    Role.PICTURE: Floor({Visibility.LEFT_OUT}, "is always left_out: channels see how many pictures there are"),
}
_PRIVATE: Final = dict.fromkeys(Role, Visibility.SHOWN) | dict.fromkeys(PROTECTED, Visibility.MASKED)
_CHANNEL: Final = {
    **dict.fromkeys(Role, Visibility.LEFT_OUT),
    **dict.fromkeys(_FOR_CHANNELS, Visibility.SHOWN),
    **dict.fromkeys(CONTACTS, Visibility.MASKED),
}
BUILT_IN: Final = FieldPolicy(
    private=Rules(MappingProxyType(_PRIVATE), MappingProxyType(_PRIVATE_FLOORS)),
    channel=Rules(MappingProxyType(_CHANNEL), MappingProxyType(_CHANNEL_FLOORS)),
)
