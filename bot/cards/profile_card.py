"""The private card: one customer, for the asker alone."""

from typing import Final

from bot.cards import blocks
from bot.cards.actions import card_actions
from bot.cards.components import (
    fields_below,
    labelled,
    line,
    lock_screen_line,
    origin,
    picture_count,
    require_audience,
    service_line,
    short,
    tags,
    title,
    warning,
)
from bot.domain.field_roles import Role
from bot.domain.inquiry import Audience
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
    """Name, kind of customer, at most eight fields, devices and work orders, what can be done, the data's age.

    Raises ValueError for a result that was not made for the asker's own card.
    """
    require_audience(Audience.PRIVATE, found)
    profile, read_as = found.profile, found.read_as
    level = short(profile, Role.LEVEL)
    about = line(
        short(profile, Role.NUMBER),
        tags(profile, texts),
        texts.level(level) if level else "",
        short(profile, Role.REGION),
    )
    fields = [field for field in fields_below(profile, _HEAD) if field.role is not Role.PICTURE]
    fields.sort(key=lambda field: _RANKS.get(field.role, _ORDINARY_RANK))
    shown = [labelled(field, texts, VALUE_LENGTH) for field in fields[:MAX_FIELDS]]
    left_out = len(fields) - len(shown)
    footnotes = line(
        f":lock: {texts.only_you}",
        origin(found, texts),
        texts.search.read_as(texts.search.query[read_as]) if read_as and not read_as.names_the_id else "",
        picture_count(profile, texts),
        texts.more_fields(left_out) if left_out else "",
    )
    service = service_line(found.summary, texts)
    card = [
        blocks.header(title(profile)),
        *(blocks.context(text) for text in (about, warning(found, texts)) if text),
        *([blocks.fields(shown)] if shown else []),
        *([blocks.context(service)] if service else []),
        card_actions(found, texts),
        blocks.context(footnotes),
    ]
    return Message(lock_screen_line(profile), card)
