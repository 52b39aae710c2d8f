"""The private card: one customer, for the asker alone."""

from typing import Final

from bot.cards import blocks
from bot.cards.actions import card_actions
from bot.cards.audience import hold_to
from bot.cards.components import labelled, line, lock_screen_line, origin, short, tags, title, warning
from bot.cards.service_line import service_line
from bot.domain.field_roles import Role
from bot.domain.inquiry import Audience
from bot.domain.profile import CustomerProfile, ProfileField
from bot.domain.results import Found
from bot.locales import Texts
from bot.slack.message import Message

MAX_FIELDS: Final = 8
VALUE_LENGTH: Final = 200

_HEAD: Final = (Role.NAME, Role.NUMBER, Role.TAGS, Role.LEVEL, Role.REGION)
"""Shown above the fields: the first of each."""

_RANKS: Final = {
    **dict.fromkeys((Role.CONTACT, Role.PHONE, Role.LANDLINE, Role.EMAIL), 0),
    Role.ADDRESS: 1,
    Role.OUTLET: 2,
    Role.OWNER: 3,
    Role.LAST_SERVICE: 4,
    **dict.fromkeys((Role.COUNTRY, Role.CREATED, Role.REGISTERED_ADDRESS, Role.BANK, Role.INVOICE), 6),
    **dict.fromkeys((Role.TAX_ID, Role.BANK_ACCOUNT, Role.ID_CARD), 7),
}
"""Which fields come first when there are more than fit. Contacts keep the CRM's order, so that each stays with
its phone."""
_ORDINARY_RANK: Final = 5


def private_card(found: Found, texts: Texts) -> Message:
    """Name, what kind of customer, at most eight fields, devices and work orders, what can be done, as of when.

    Raises ValueError for an answer that was not made for the asker's own card.
    """
    hold_to(Audience.PRIVATE, found)
    profile = found.profile
    shown, left_out = _choose(profile)
    card = [blocks.header(title(profile))]
    card.extend(blocks.context(text) for text in (_about(profile, texts), warning(found, texts)) if text)
    if shown:
        card.append(blocks.fields(labelled(field, texts, VALUE_LENGTH) for field in shown))
    if service := service_line(found.summary, texts):
        card.append(blocks.context(service))
    card.append(card_actions(found, texts))
    card.append(blocks.context(_origin(found, left_out, texts)))
    return Message(lock_screen_line(profile), card)


def _choose(profile: CustomerProfile) -> tuple[list[ProfileField], int]:
    """The fields to show, and how many others have a value."""
    head = set(_HEAD)
    rest = []
    for field in profile.fields:
        if not field.value or field.role is Role.PICTURE:
            continue
        if field.role in head:
            head.remove(field.role)
        else:
            rest.append(field)
    rest.sort(key=lambda field: _RANKS.get(field.role, _ORDINARY_RANK))
    return rest[:MAX_FIELDS], len(rest[MAX_FIELDS:])


def _about(profile: CustomerProfile, texts: Texts) -> str:
    """Number, tags, level, region: one line."""
    level = short(profile, Role.LEVEL)
    return line(
        short(profile, Role.NUMBER),
        tags(profile, texts),
        texts.level(level) if level else "",
        short(profile, Role.REGION),
    )


def _origin(found: Found, left_out: int, texts: Texts) -> str:
    """Who sees this, from where and as of when it is, how the question was read, and what is left out."""
    pictures = len(found.profile.pictures)
    return line(
        f":lock: {texts.only_you}",
        origin(found, texts),
        _read_as(found, texts),
        texts.pictures(pictures) if pictures else "",
        texts.more_fields(left_out) if left_out else "",
    )


def _read_as(found: Found, texts: Texts) -> str:
    """Nothing where it cannot have been read otherwise."""
    if found.read_as is None or found.read_as.names_the_id:
        return ""
    return texts.search.read_as(texts.search.query[found.read_as])
