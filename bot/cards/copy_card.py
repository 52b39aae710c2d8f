"""A customer as plain text, to paste into a chat or a ticket."""

from typing import Final

from bot.cards import blocks
from bot.cards.components import lock_screen_line, require_audience
from bot.cards.escaping import clean, length, plain
from bot.domain.field_roles import Role
from bot.domain.inquiry import Audience
from bot.domain.results import Found
from bot.locales import Texts
from bot.slack.message import Message

MAX_LENGTH: Final = 2_900
_LABEL_LENGTH: Final = 60
_VALUE_LENGTH: Final = 300
_ROLES: Final = (
    (Role.NAME,),
    (Role.NUMBER,),
    (Role.CONTACT, Role.PHONE, Role.LANDLINE, Role.EMAIL),
    (Role.ADDRESS,),
    (Role.OUTLET,),
    (Role.OWNER,),
    (Role.LAST_SERVICE,),
)
"""What is copied, in this order; contacts stay with their phones. Nothing about money or papers."""


def copy_card(found: Found, texts: Texts) -> Message:
    """One block of "label: value" lines, with the values as the CRM gives them, and nothing else.

    Raises ValueError for a result that was not made for the asker's own card.
    """
    require_audience(Audience.PRIVATE, found)
    copied, fields = "", [field for field in found.profile.fields if clean(field.value)]
    for field in (field for roles in _ROLES for field in fields if field.role in roles):
        label = plain(texts.label(field.key), _LABEL_LENGTH) or texts.unnamed
        line = f"{label}: {plain(field.value, _VALUE_LENGTH)}"
        if length(copied) + length(line) + 3 > MAX_LENGTH:  # whole lines alone: half an address is worse than none
            copied += "\n…"
            break
        copied = f"{copied}\n{line}" if copied else line
    return Message(lock_screen_line(found.profile), [blocks.plain_section(copied or found.profile.customer_id)])
